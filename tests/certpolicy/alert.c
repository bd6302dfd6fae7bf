/* All 256 alerts, sent and received, against a table that was written from the specification. */
#include "tests/support/test.h"

#include <lwsec/alert.h>

typedef struct expectation {
    unsigned first;
    unsigned last;
    char name[48];
    char advice[12];
    char sent[12];
    char received[12];
    char authenticated[12];
    char out_of_scope[12];
} expectation;

static const char *effect_name(lwsec_alert_effect effect)
{
    switch (effect) {
    case LWSEC_ALERT_COUNTS: return "counts";
    case LWSEC_ALERT_DOUBTFUL: return "doubtful";
    case LWSEC_ALERT_ENDS: return "ends";
    }
    return "?";
}

static void check_effect(lwsec_alert alert, const char *expected)
{
    if (strcmp(effect_name(lwsec_alert_judge(&alert)), expected) != 0) {
        print_error("alert %u, sent %d, authenticated %d, out of scope %d: %s instead of %s\n",
                    alert.number, alert.sent, alert.authenticated, alert.out_of_scope,
                    effect_name(lwsec_alert_judge(&alert)), expected);
        fail();
    }
}

static void check_number(uint8_t number, const expectation *expected)
{
    const lwsec_alert_row *row = lwsec_alert_find(number);

    assert_string_equal(row->name, expected->name);
    assert_string_equal(lwsec_alert_advice_name(row->advice), expected->advice);
    /* What is ours is final, whatever else is said of it. */
    for (unsigned bits = 0; bits < 4; bits++) {
        check_effect((lwsec_alert){number, true, (bits & 1U) != 0, (bits & 2U) != 0},
                     expected->sent);
    }
    check_effect((lwsec_alert){number, false, false, false}, expected->received);
    check_effect((lwsec_alert){number, false, true, false}, expected->authenticated);
    check_effect((lwsec_alert){number, false, false, true}, expected->out_of_scope);
}

static bool read_expectation(FILE *file, expectation *expected)
{
    char line[256];

    do {
        if (fgets(line, sizeof line, file) == NULL) {
            return false;
        }
    } while (line[0] == '#');
    char numbers[12];
    assert_int_equal(sscanf(line, "%11s\t%47s\t%11s\t%11s\t%11s\t%11s\t%11s", numbers,
                            expected->name, expected->advice, expected->sent, expected->received,
                            expected->authenticated, expected->out_of_scope),
                     7);
    const int read = sscanf(numbers, "%u-%u", &expected->first, &expected->last);
    assert_true(read == 1 || read == 2);
    if (read == 1) {
        expected->last = expected->first;
    }
    assert_true(expected->last <= 255);
    return true;
}

static void every_number_is_judged_as_the_specification_says(void **state)
{
    FILE *file = fopen(ALERT_EXPECTED, "r");
    expectation expected;
    unsigned next = 0;

    (void)state;
    assert_non_null(file);
    while (read_expectation(file, &expected)) {
        assert_int_equal(expected.first, next); /* each number once */
        for (; next <= expected.last; next++) {
            check_number((uint8_t)next, &expected);
        }
    }
    (void)fclose(file);
    assert_int_equal(next, 256);
    LWSEC_COVERS("R-5.2.10-01");
    LWSEC_COVERS("R-5.2.10-02");
    LWSEC_COVERS("R-5.2.10-03");
    LWSEC_COVERS("R-5.2.10-06");
}

/* An alert that was received by nobody knows whom is never the end by itself. */
static void nothing_unauthenticated_ends_a_sequence(void **state)
{
    (void)state;
    for (unsigned number = 0; number < 256; number++) {
        const lwsec_alert plain = {.number = (uint8_t)number};
        const lwsec_alert foreign = {.number = (uint8_t)number, .out_of_scope = true};
        assert_int_not_equal(lwsec_alert_judge(&plain), LWSEC_ALERT_ENDS);
        assert_int_not_equal(lwsec_alert_judge(&foreign), LWSEC_ALERT_ENDS);
    }
}

static void the_table_of_the_specification_has_thirty_rows(void **state)
{
    unsigned listed = 0;
    unsigned named = 0;

    (void)state;
    for (unsigned number = 0; number < 256; number++) {
        const lwsec_alert_row *row = lwsec_alert_find((uint8_t)number);
        listed += row->listed ? 1 : 0;
        named += strcmp(row->name, "unknown") != 0 ? 1 : 0;
        assert_true(row->advice != LWSEC_ALERT_IGNORE || row->listed);
    }
    assert_int_equal(listed, 30);
    assert_int_equal(named, 37);
    assert_string_equal(lwsec_alert_advice_name((lwsec_alert_advice)0), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_judged_as_the_specification_says),
        cmocka_unit_test(nothing_unauthenticated_ends_a_sequence),
        cmocka_unit_test(the_table_of_the_specification_has_thirty_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
