/* Every status has its name and every reason its text. */
#include "tests/support/test.h"

#define STATUS(value)                                                                              \
    {                                                                                              \
        value, #value                                                                              \
    }

static void test_every_status_has_its_own_name(void **state)
{
    static const struct {
        lwsec_status status;
        const char *name;
    } statuses[] = {
        STATUS(LWSEC_OK),         STATUS(LWSEC_REPLAY),      STATUS(LWSEC_CHALLENGE),
        STATUS(LWSEC_REJECT),     STATUS(LWSEC_PENDING),     STATUS(LWSEC_LIMIT),
        STATUS(LWSEC_NEED_REKEY), STATUS(LWSEC_UNSUPPORTED), STATUS(LWSEC_CONFLICT),
        STATUS(LWSEC_ABSENT),     STATUS(LWSEC_USAGE),       STATUS(LWSEC_BUFFER),
        STATUS(LWSEC_STATE),      STATUS(LWSEC_ENGINE),      STATUS(LWSEC_FORKED),
    };
    size_t named = 0;

    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        assert_string_equal(lwsec_status_name(statuses[i].status), statuses[i].name);
    }
    /* A status added later must be added above too. */
    for (int value = -1000; value <= 1000; value++) {
        named += strcmp(lwsec_status_name((lwsec_status)value), "unknown status") != 0;
    }
    assert_int_equal(named, sizeof statuses / sizeof statuses[0]);
}

static void test_an_unknown_status_says_so(void **state)
{
    (void)state;
    assert_string_equal(lwsec_status_name((lwsec_status)77), "unknown status");
    assert_string_equal(lwsec_status_name((lwsec_status)-77), "unknown status");
}

static bool why_known(int why)
{
    return strcmp(lwsec_why_text((lwsec_why)why), "unknown reason") != 0;
}

/* How many reasons there are: they are numbered without a gap. */
static int why_count(void)
{
    int count = 0;

    while (why_known(count)) {
        count++;
    }
    return count;
}

static void test_every_reason_has_a_text_of_its_own(void **state)
{
    const int count = why_count();

    (void)state;
    assert_true(count > LWSEC_WHY_FORKED);
    for (int one = 0; one < count; one++) {
        assert_true(strlen(lwsec_why_text((lwsec_why)one)) > 0);
        assert_null(strchr(lwsec_why_text((lwsec_why)one), '\n'));
        for (int other = 0; other < one; other++) {
            assert_string_not_equal(lwsec_why_text((lwsec_why)one),
                                    lwsec_why_text((lwsec_why)other));
        }
    }
}

static void test_an_unknown_reason_says_so(void **state)
{
    (void)state;
    assert_false(why_known(-1));
    for (int why = why_count(); why < 2000; why++) {
        assert_false(why_known(why));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_status_has_its_own_name),
        cmocka_unit_test(test_an_unknown_status_says_so),
        cmocka_unit_test(test_every_reason_has_a_text_of_its_own),
        cmocka_unit_test(test_an_unknown_reason_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
