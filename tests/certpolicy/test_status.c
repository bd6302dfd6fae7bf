/* Revocation: lists, and OCSP responses. */
#include "tests/certpolicy/certificates.h"
#include "tests/certpolicy/engines.h"

/* ---- Lists ---- */

static void test_a_list_tells_who_is_revoked(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    test_check_crls(&check, "crl");
    test_accepts(&check);
    test_check_init(&check, "revoked-server inter", "root");
    test_accepts(&check);
    test_check_crls(&check, "crl");
    test_refuses(&check, LWSEC_WHY_CERT_REVOKED);
    test_check_crls(&check, "crl-empty crl"); /* one of them is enough */
    test_refuses(&check, LWSEC_WHY_CERT_REVOKED);
    LWSEC_COVERS("R-5.2.9.6-01");
}

static void test_a_list_that_cannot_be_used_tells_nothing(void **state)
{
    static const char *const lists[] = {
        "crl-old",     "crl-future",  "crl-forged",        "crl-no-number", "crl-delta",
        "crl-partial", "crl-unknown", "crl-other-issuers", "crl-of-root",   "server"};
    test_check check;

    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        test_check_init(&check, "server inter", "root");
        test_check_crls(&check, lists[i]);
        test_refuses(&check, LWSEC_WHY_CERT_STATUS);
        check.crls[check.check.crl_count++] = test_certificate("crl");
        test_accepts(&check);
    }
    test_check_init(&check, "no-crl-sign-server no-crl-sign", "root");
    test_check_crls(&check, "crl-of-no-crl-sign");
    test_refuses(&check, LWSEC_WHY_CERT_STATUS);
    LWSEC_COVERS("R-5.2.9.6-01");
}

static void test_each_certificate_of_the_path_may_be_revoked(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "revoked-inter-server revoked-inter", "root");
    test_check_crls(&check, "crl-of-revoked-inter");
    test_accepts(&check);
    check.check.policy = LWSEC_CERT_NEED_WHOLE_STATUS;
    test_refuses(&check, LWSEC_WHY_CERT_STATUS);
    check.check.policy = 0;
    test_check_crls(&check, "crl-of-revoked-inter crl-of-root");
    test_refuses(&check, LWSEC_WHY_CERT_REVOKED);
    test_check_init(&check, "server inter", "root");
    test_check_crls(&check, "crl crl-of-root");
    check.check.policy = LWSEC_CERT_NEED_WHOLE_STATUS;
    test_accepts(&check);
    LWSEC_COVERS("R-5.2.9.6-01");
}

static void test_a_status_may_be_asked_for(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    check.check.policy = LWSEC_CERT_NEED_STATUS;
    test_refuses(&check, LWSEC_WHY_CERT_STATUS);
    test_check_crls(&check, "crl");
    test_accepts(&check);
}

static void test_a_list_has_an_age_and_needs_a_clock(void **state)
{
    const uint32_t month = 31 * 24 * 3600;
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    test_check_crls(&check, "crl"); /* of a month before */
    check.check.status_age = month;
    test_accepts(&check);
    check.check.status_age = month - 1;
    test_refuses(&check, LWSEC_WHY_CERT_STATUS);
    check.check.status_age = 0;
    check.check.time.clock = LWSEC_CERT_CLOCK_UNSET;
    check.check.policy = LWSEC_CERT_ALLOW_UNSET_CLOCK;
    test_refuses(&check, LWSEC_WHY_CERT_CLOCK);
}

static void test_lists_hold_for_bare_keys_too(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "revoked-server", "");
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "key inter");
    test_accepts(&check);
    test_check_crls(&check, "crl");
    test_refuses(&check, LWSEC_WHY_CERT_REVOKED);
}

static void test_a_changed_bit_of_a_list_is_seen(void **state)
{
    static uint8_t changed[2048];
    const lwsec_bytes whole = test_certificate("crl");
    test_check check;

    (void)state;
    for (size_t i = 0; i < whole.size; i++) {
        memcpy(changed, whole.data, whole.size);
        changed[i] ^= 1;
        test_check_init(&check, "revoked-server inter", "root");
        test_check_crls(&check, "crl");
        check.crls[0] = lwsec_bytes_of(changed, whole.size);
        test_refuses(&check, LWSEC_WHY_CERT_STATUS);
    }
}

/* ---- OCSP ---- */

static void test_responses(void **state)
{
    static const struct {
        const char *response;
        lwsec_why why;
    } rows[] = {
        {"ocsp-good", LWSEC_WHY_NONE},
        {"ocsp-responder", LWSEC_WHY_NONE},
        {"ocsp-revoked", LWSEC_WHY_CERT_REVOKED},
        {"ocsp-unknown", LWSEC_WHY_CERT_STATUS},
        {"ocsp-old", LWSEC_WHY_CERT_OCSP},
        {"ocsp-future", LWSEC_WHY_CERT_OCSP},
        {"ocsp-no-end", LWSEC_WHY_CERT_OCSP},
        {"ocsp-other", LWSEC_WHY_CERT_OCSP},
        {"ocsp-forged", LWSEC_WHY_CERT_OCSP},
        {"ocsp-responder-no-purpose", LWSEC_WHY_CERT_OCSP},
        {"ocsp-responder-expired", LWSEC_WHY_CERT_OCSP},
        {"ocsp-responder-weak", LWSEC_WHY_CERT_OCSP},
        {"ocsp-server-second", LWSEC_WHY_CERT_OCSP}, /* of another purpose */
        {"ocsp-responder-of-root", LWSEC_WHY_CERT_OCSP},
        {"ocsp-try-later", LWSEC_WHY_CERT_OCSP},
        {"crl", LWSEC_WHY_CERT_OCSP},
    };
    const test_engine *engine;
    lwsec_reason reason;
    test_check check;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        test_check_init(&check, "server inter", "root");
        check.check.ocsp = test_certificate(rows[i].response);
        for (size_t e = 0; (engine = test_engine_at(e)) != NULL; e++) {
            const bool able = lwsec_cert_engine_has_ocsp(engine->get());
            const lwsec_status status = lwsec_cert_verify(engine->get(), &check.check, &reason);
            assert_int_equal(able, strcmp(engine->name, "openssl") == 0);
            assert_status(status, !able                           ? LWSEC_UNSUPPORTED
                                  : rows[i].why == LWSEC_WHY_NONE ? LWSEC_OK
                                                                  : LWSEC_REJECT);
            assert_int_equal(reason.why, able ? rows[i].why : LWSEC_WHY_CERT_OCSP);
        }
    }
    LWSEC_COVERS("R-5.2.9.6-03");
}

/* With the engine that has OCSP, if the build has it. */
static void expect(const test_check *check, lwsec_why why)
{
    const test_engine *engine;
    lwsec_reason reason;

    for (size_t e = 0; (engine = test_engine_at(e)) != NULL; e++) {
        if (lwsec_cert_engine_has_ocsp(engine->get())) {
            assert_status(lwsec_cert_verify(engine->get(), &check->check, &reason),
                          why == LWSEC_WHY_NONE ? LWSEC_OK : LWSEC_REJECT);
            assert_int_equal(reason.why, why);
        }
    }
}

static void test_a_response_has_an_age(void **state)
{
    const uint32_t day = 24 * 3600;
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    check.check.ocsp = test_certificate("ocsp-no-end");
    check.check.status_age = day;
    expect(&check, LWSEC_WHY_NONE);
    check.check.status_age = day - 1;
    expect(&check, LWSEC_WHY_CERT_OCSP);
    check.check.ocsp = test_certificate("ocsp-good");
    expect(&check, LWSEC_WHY_CERT_OCSP);
    check.check.time.clock = LWSEC_CERT_CLOCK_UNSET;
    check.check.policy = LWSEC_CERT_ALLOW_UNSET_CLOCK;
    expect(&check, LWSEC_WHY_CERT_CLOCK);
    LWSEC_COVERS("R-5.2.9.6-03");
}

static void test_a_response_of_a_bare_key_and_with_lists(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "server", "");
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "key inter");
    check.check.ocsp = test_certificate("ocsp-good");
    expect(&check, LWSEC_WHY_NONE);
    test_check_init(&check, "server inter", "root");
    check.check.ocsp = test_certificate("ocsp-good");
    check.check.policy = LWSEC_CERT_NEED_WHOLE_STATUS;
    expect(&check, LWSEC_WHY_CERT_STATUS);
    test_check_crls(&check, "crl-of-root");
    expect(&check, LWSEC_WHY_NONE);
}

static void test_a_changed_bit_of_a_response_is_seen(void **state)
{
    static uint8_t changed[2048];
    const lwsec_bytes whole = test_certificate("ocsp-good");
    const test_engine *engine;
    test_check check;

    (void)state;
    for (size_t i = 0; i < whole.size; i++) {
        memcpy(changed, whole.data, whole.size);
        changed[i] ^= 1;
        test_check_init(&check, "server inter", "root");
        check.check.ocsp = lwsec_bytes_of(changed, whole.size);
        for (size_t e = 0; (engine = test_engine_at(e)) != NULL; e++) {
            assert_true(lwsec_cert_verify(engine->get(), &check.check, NULL) != LWSEC_OK);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_list_tells_who_is_revoked),
        cmocka_unit_test(test_a_list_that_cannot_be_used_tells_nothing),
        cmocka_unit_test(test_each_certificate_of_the_path_may_be_revoked),
        cmocka_unit_test(test_a_status_may_be_asked_for),
        cmocka_unit_test(test_a_list_has_an_age_and_needs_a_clock),
        cmocka_unit_test(test_lists_hold_for_bare_keys_too),
        cmocka_unit_test(test_a_changed_bit_of_a_list_is_seen),
        cmocka_unit_test(test_responses),
        cmocka_unit_test(test_a_response_has_an_age),
        cmocka_unit_test(test_a_response_of_a_bare_key_and_with_lists),
        cmocka_unit_test(test_a_changed_bit_of_a_response_is_seen),
    };

    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
