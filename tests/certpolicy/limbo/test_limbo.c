/* x509-limbo over every engine: each verdict is the suite's, or listed with its reason. */
#include "tests/certpolicy/engines.h"
#include "tests/certpolicy/limbo/limbo.h"

/* What one engine reached. */
typedef struct score {
    const test_engine *engine;
    limbo_deviations *deviations;
    unsigned core, core_as_expected, core_wrongly_accepted;
    unsigned all, all_as_expected;
    unsigned not_listed;
} score;

static void judge(const limbo_case *one, void *argument)
{
    score *reached = argument;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_cert_verify(reached->engine->get(), &one->check, &reason);
    const bool accepted = status == LWSEC_OK;
    const char *what = limbo_deviation(reached->deviations, one->id, reached->engine->name);
    const char *usual = one->expected ? "accepted" : "refused";
    const char *found = accepted ? "accepted" : "refused";

    assert_true(status == LWSEC_OK || status == LWSEC_REJECT);
    if (strcmp(found, what != NULL ? what : usual) != 0 ||
        (what != NULL && strcmp(what, usual) == 0)) {
        print_error("%s: %s is %s: %s\n", reached->engine->name, one->id, found,
                    lwsec_why_text(reason.why));
        reached->not_listed++;
    }
    reached->all++;
    reached->all_as_expected += accepted == one->expected ? 1U : 0U;
    if (one->core) {
        reached->core++;
        reached->core_as_expected += accepted == one->expected ? 1U : 0U;
        reached->core_wrongly_accepted += accepted && !one->expected ? 1U : 0U;
    }
}

static void run(const test_engine *engine, unsigned core_min, unsigned all_min)
{
    score reached = {.engine = engine, .deviations = limbo_deviations_read("expectations.txt")};

    (void)limbo_each("SERVER", judge, &reached);
    print_message("%s: core %u of %u, %u wrongly accepted; all %u of %u\n", engine->name,
                  reached.core_as_expected, reached.core, reached.core_wrongly_accepted,
                  reached.all_as_expected, reached.all);
    assert_int_equal(reached.not_listed, 0);
    assert_int_equal(reached.core, 137);
    assert_int_equal(reached.all, 197);
    assert_true(reached.core_as_expected >= core_min);
    assert_int_equal(reached.core_wrongly_accepted, 0);
    limbo_deviations_end(reached.deviations, engine->name);
    assert_true(reached.all_as_expected >= all_min);
}

static void test_each_verdict_is_the_suites_or_listed(void **state)
{
    const test_engine *engine;

    (void)state;
    for (size_t i = 0; (engine = test_engine_at(i)) != NULL; i++) {
        run(engine, strcmp(engine->name, "openssl") == 0 ? 136 : 135, 170);
    }
}

/* Both engines of a build give the same verdict and the same alert, or the line says "mbedtls". */
static void compare(const limbo_case *one, void *argument)
{
    limbo_deviations *deviations = argument;
    const test_engine *first = test_engine_at(0), *engine;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0}, other;
    const lwsec_status status = lwsec_cert_verify(first->get(), &one->check, &reason);

    for (size_t i = 1; (engine = test_engine_at(i)) != NULL; i++) {
        const lwsec_status second = lwsec_cert_verify(engine->get(), &one->check, &other);
        if (status == LWSEC_REJECT) {
            assert_int_equal(second, LWSEC_REJECT);
        }
        if (second != status) {
            assert_non_null(limbo_deviation(deviations, one->id, engine->name));
        } else if (lwsec_cert_alert(other.why) != lwsec_cert_alert(reason.why)) {
            fail_msg("%s: %s, or %s", one->id, lwsec_why_text(reason.why),
                     lwsec_why_text(other.why));
        }
    }
}

static void test_engines_differ_where_it_is_listed_alone(void **state)
{
    (void)state;
    (void)limbo_each("SERVER", compare, limbo_deviations_read("expectations.txt"));
}

/* Constraints of mail addresses, which have cases of clients alone. */
static void test_constraints_of_mail_addresses(void **state)
{
    const test_engine *engine;

    (void)state;
    for (size_t i = 0; (engine = test_engine_at(i)) != NULL; i++) {
        score reached = {.engine = engine, .deviations = limbo_deviations_read("expectations.txt")};
        (void)limbo_each("CLIENT", judge, &reached);
        assert_int_equal(reached.not_listed, 0);
        assert_int_equal(reached.all, 10);
        assert_int_equal(reached.all_as_expected, 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_verdict_is_the_suites_or_listed),
        cmocka_unit_test(test_constraints_of_mail_addresses),
        cmocka_unit_test(test_engines_differ_where_it_is_listed_alone),
    };

    return cmocka_run_group_tests_name("limbo", tests, NULL, NULL);
}
