/* Certificate usage 0 to 3: what has to match, and which anchors and names count. */
#include "tests/certpolicy/certificates.h"
#include "tests/certpolicy/engines.h"

#include "certpolicy/engine.h"

/* ---- Usage 0 ---- */

static void test_usage_0_needs_a_matching_ca_on_a_trusted_path(void **state)
{
    static const char *const matching[] = {"root", "inter", "key root", "key inter"};
    static const char *const other[] = {"other-root", "key other-root", "server", "key server"};
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    for (size_t i = 0; i < 4; i++) {
        test_check_usage(&check, LWSEC_CERT_CA_CONSTRAINT, matching[i]);
        test_accepts(&check);
        test_check_usage(&check, LWSEC_CERT_CA_CONSTRAINT, other[i]);
        test_refuses(&check, LWSEC_WHY_CERT_ASSOCIATION);
    }
    LWSEC_COVERS("R-5.2.9.7-02");
    LWSEC_COVERS("R-5.2.9.7-04");
}

static void test_usage_0_and_1_fail_without_a_trust_store(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "");
    test_check_usage(&check, LWSEC_CERT_CA_CONSTRAINT, "inter");
    test_refuses(&check, LWSEC_WHY_CERT_ANCHOR);
    test_check_usage(&check, LWSEC_CERT_SERVICE_CONSTRAINT, "server");
    test_refuses(&check, LWSEC_WHY_CERT_ANCHOR);
    test_check_init(&check, "server inter", "other-root");
    test_check_usage(&check, LWSEC_CERT_CA_CONSTRAINT, "root");
    test_refuses(&check, LWSEC_WHY_CERT_ANCHOR);
    test_check_usage(&check, LWSEC_CERT_SERVICE_CONSTRAINT, "server");
    test_refuses(&check, LWSEC_WHY_CERT_ANCHOR);
    LWSEC_COVERS("R-5.2.9.7-03");
    LWSEC_COVERS("R-5.2.9.7-07");
}

static void test_an_anchor_needs_no_basic_constraints_for_usage_0_and_2(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "plain-server", "plain-root");
    test_refuses(&check, LWSEC_WHY_CERT_AUTHORITY); /* PKIX */
    test_check_usage(&check, LWSEC_CERT_CA_CONSTRAINT, "plain-root");
    test_accepts(&check);
    test_check_usage(&check, LWSEC_CERT_SERVICE_CONSTRAINT, "plain-server");
    test_refuses(&check, LWSEC_WHY_CERT_AUTHORITY);
    test_check_init(&check, "plain-server", "");
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "plain-root");
    test_accepts(&check);
    /* In the middle of a path it does, and as an anchor it does not. */
    test_check_init(&check, "plain-inter-server plain-inter", "root");
    test_check_usage(&check, LWSEC_CERT_CA_CONSTRAINT, "plain-inter");
    test_refuses(&check, LWSEC_WHY_CERT_AUTHORITY);
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "plain-inter");
    test_accepts(&check);
    LWSEC_COVERS("R-5.2.9.7-05");
}

static void test_what_says_that_it_is_no_ca_is_no_anchor(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "not-ca-server", "");
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "not-ca");
    test_refuses(&check, LWSEC_WHY_CERT_AUTHORITY);
    test_check_init(&check, "no-sign-server", "");
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "no-sign-root");
    test_refuses(&check, LWSEC_WHY_CERT_KEY_USAGE);
    LWSEC_COVERS("R-5.2.9.7-10");
}

/* ---- Usage 1 ---- */

static void test_usage_1_needs_the_end_entity_and_a_path(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    test_check_usage(&check, LWSEC_CERT_SERVICE_CONSTRAINT, "server");
    test_accepts(&check);
    test_check_usage(&check, LWSEC_CERT_SERVICE_CONSTRAINT, "key server");
    test_accepts(&check);
    test_check_usage(&check, LWSEC_CERT_SERVICE_CONSTRAINT, "server-second");
    test_refuses(&check, LWSEC_WHY_CERT_ASSOCIATION);
    test_check_usage(&check, LWSEC_CERT_SERVICE_CONSTRAINT, "inter");
    test_refuses(&check, LWSEC_WHY_CERT_ASSOCIATION);
    /* A match does not replace the name (T-09). */
    test_check_usage(&check, LWSEC_CERT_SERVICE_CONSTRAINT, "server");
    check.check.reference.name = lwsec_bytes_of("wrong.example", 13);
    test_refuses(&check, LWSEC_WHY_CERT_REFERENCE);
    LWSEC_COVERS("R-5.2.9.7-06");
    LWSEC_COVERS("R-5.2.9.7-08");
}

/* ---- Usage 2 ---- */

static void test_usage_2_takes_what_matches_as_the_only_anchor(void **state)
{
    static const char *const matching[] = {"root", "key root", "inter", "key inter"};
    test_check check;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        test_check_init(&check, "server inter", "");
        test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, matching[i]);
        test_accepts(&check);
        check.check.reference.name = lwsec_bytes_of("wrong.example", 13);
        test_refuses(&check, LWSEC_WHY_CERT_REFERENCE);
    }
    test_check_init(&check, "server inter", "root");
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "other-root");
    test_refuses(&check, LWSEC_WHY_CERT_ANCHOR);
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "key other-root");
    test_refuses(&check, LWSEC_WHY_CERT_SIGNATURE);
    LWSEC_COVERS("R-5.2.9.7-09");
    LWSEC_COVERS("R-5.2.9.7-10");
}

static void test_the_end_entity_is_not_its_own_anchor_for_usage_2(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "server");
    test_refuses(&check, LWSEC_WHY_CERT_ANCHOR);
    test_check_init(&check, "self-signed", "");
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "self-signed");
    assert_true(check.check.chain_count == 1);
    test_refuses(&check, LWSEC_WHY_CERT_ANCHOR);
    LWSEC_COVERS("R-5.2.9.7-09");
}

static void test_a_bare_key_of_rsa_is_an_anchor_where_rsa_is_allowed(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "rsa-server", "");
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "key rsa-root");
    test_refuses(&check, LWSEC_WHY_CERT_KEY);
    check.check.policy = LWSEC_CERT_ALLOW_RSA;
    test_accepts(&check);
    LWSEC_COVERS("R-5.2.9.7-10");
}

/* ---- Usage 3 ---- */

static void test_usage_3_needs_the_end_entity_and_nothing_else(void **state)
{
    static const char *const servers[] = {"server", "expired-server", "self-signed",
                                          "critical-server", "client-purpose-server"};
    test_check check;
    char key[64];

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        test_check_init(&check, servers[i], "");
        check.check.reference.kind = LWSEC_CERT_REFERENCE_ABSENT;
        check.check.time.clock = LWSEC_CERT_CLOCK_UNSET;
        test_check_usage(&check, LWSEC_CERT_DOMAIN_ISSUED, servers[i]);
        test_accepts(&check);
        (void)snprintf(key, sizeof key, "key %s", servers[i]);
        test_check_usage(&check, LWSEC_CERT_DOMAIN_ISSUED, key);
        test_accepts(&check);
    }
    LWSEC_COVERS("R-5.2.9.7-11");
    LWSEC_COVERS("R-5.2.9.7-12");
    LWSEC_COVERS("R-5.2.9.3-24");
}

static void test_usage_3_is_never_widened(void **state)
{
    static const char *const other[] = {"server-second", "root", "inter", "key root", "key inter"};
    test_check check;

    (void)state;
    test_check_init(&check, "server inter root", "root inter server");
    for (size_t i = 0; i < 5; i++) {
        test_check_usage(&check, LWSEC_CERT_DOMAIN_ISSUED, other[i]);
        test_refuses(&check, LWSEC_WHY_CERT_ASSOCIATION); /* T-08: an anchor never matches */
    }
    LWSEC_COVERS("R-5.2.9.7-11");
}

static void test_usage_3_does_not_take_a_weak_group(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "secp224r1-server", "");
    test_check_usage(&check, LWSEC_CERT_DOMAIN_ISSUED, "secp224r1-server");
    test_refuses(&check, LWSEC_WHY_CERT_KEY);
    LWSEC_COVERS("R-5.2.9.3-04");
}

/* ---- Matching types ---- */

static void check_matching(lwsec_cert_usage usage, const char *what, bool key)
{
    static const uint16_t bits[] = {0, 256, 384, 512};
    const lwsec_bytes data = key ? test_certificate_key(what) : test_certificate(what);
    uint8_t digest[LWSEC_CERT_DIGEST_MAX];
    test_check check;

    for (int matching = 1; matching <= 3; matching++) {
        test_check_init(&check, "server inter root", "root");
        assert_true(test_engine_at(0)->get()->digest(bits[matching], data, digest));
        check.check.usage = usage;
        check.check.matching = (lwsec_cert_matching)matching;
        check.check.association = lwsec_bytes_of(digest, bits[matching] / 8U);
        test_accepts(&check);
        check.check.matching = (lwsec_cert_matching)(matching % 3 + 1);
        check.check.association.size--;
        test_refuses(&check, usage == LWSEC_CERT_TRUST_ANCHOR ? LWSEC_WHY_CERT_ANCHOR
                                                              : LWSEC_WHY_CERT_ASSOCIATION);
        check.check.matching = (lwsec_cert_matching)matching;
        test_refuses(&check, usage == LWSEC_CERT_TRUST_ANCHOR ? LWSEC_WHY_CERT_ANCHOR
                                                              : LWSEC_WHY_CERT_ASSOCIATION);
        check.check.association.size++;
        digest[bits[matching] / 8 - 1] ^= 1;
        test_refuses(&check, usage == LWSEC_CERT_TRUST_ANCHOR ? LWSEC_WHY_CERT_ANCHOR
                                                              : LWSEC_WHY_CERT_ASSOCIATION);
    }
}

static void test_digests_of_certificates_and_keys_match(void **state)
{
    (void)state;
    for (int key = 0; key <= 1; key++) {
        check_matching(LWSEC_CERT_CA_CONSTRAINT, "inter", key == 1);
        check_matching(LWSEC_CERT_CA_CONSTRAINT, "root", key == 1);
        check_matching(LWSEC_CERT_SERVICE_CONSTRAINT, "server", key == 1);
        check_matching(LWSEC_CERT_TRUST_ANCHOR, "root", key == 1);
        check_matching(LWSEC_CERT_TRUST_ANCHOR, "inter", key == 1);
        check_matching(LWSEC_CERT_DOMAIN_ISSUED, "server", key == 1);
    }
    LWSEC_COVERS("R-5.2.9.7-13");
}

static void test_the_certificate_itself_is_no_digest(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    test_check_usage(&check, LWSEC_CERT_DOMAIN_ISSUED, "server");
    check.check.matching = LWSEC_CERT_SHA256;
    test_refuses(&check, LWSEC_WHY_CERT_ASSOCIATION);
    LWSEC_COVERS("R-5.2.9.7-13");
}

/* ---- Values that are not known ---- */

static void test_a_zeroed_check_says_nothing(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    test_check_usage(&check, LWSEC_CERT_CA_CONSTRAINT, "root");
    check.check.reference.kind = LWSEC_CERT_REFERENCE_ABSENT;
    test_refuses(&check, LWSEC_WHY_CERT_REFERENCE);
    test_check_init(&check, "server inter", "root");
    check.check.time.clock = LWSEC_CERT_CLOCK_UNSET;
    test_refuses(&check, LWSEC_WHY_CERT_CLOCK);
}

static void refuse_config(test_check *check, void *field, size_t size, unsigned value)
{
    uint8_t before[sizeof(lwsec_bytes)];

    memcpy(before, field, size);
    memset(field, 0, size);
    memcpy(field, &value, sizeof value < size ? sizeof value : size);
    test_refuses(check, LWSEC_WHY_CONFIG);
    memcpy(field, before, size);
}

static void test_unknown_values_are_a_fault_of_the_caller(void **state)
{
    test_check check;
    lwsec_cert_check *c = &check.check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    test_accepts(&check);
    refuse_config(&check, &c->size, sizeof c->size, 8);
    refuse_config(&check, &c->usage, sizeof c->usage, 4);
    refuse_config(&check, &c->usage, sizeof c->usage, 0); /* without an association */
    refuse_config(&check, &c->matching, sizeof c->matching, 4);
    refuse_config(&check, &c->role, sizeof c->role, 2);
    refuse_config(&check, &c->policy, sizeof c->policy, 1U << 7);
    refuse_config(&check, &c->chain_count, sizeof c->chain_count, 0);
    refuse_config(&check, &c->time.clock, sizeof c->time.clock, 3);
    refuse_config(&check, &c->reference.kind, sizeof c->reference.kind, 5);
    refuse_config(&check, &c->reference.kind, sizeof c->reference.kind, LWSEC_CERT_REFERENCE_IP);
    c->association = test_certificate("root");
    test_refuses(&check, LWSEC_WHY_CONFIG); /* PKIX has none */
}

static void test_refusals_name_their_alert(void **state)
{
    static const struct {
        lwsec_why why;
        uint8_t alert;
    } rows[] = {
        {LWSEC_WHY_CERT_MALFORMED, 42},  {LWSEC_WHY_CERT_SIGNATURE, 42},
        {LWSEC_WHY_CERT_REFERENCE, 42},  {LWSEC_WHY_CERT_ASSOCIATION, 42},
        {LWSEC_WHY_CERT_LIMIT, 42},      {LWSEC_WHY_CERT_KEY, 43},
        {LWSEC_WHY_CERT_KEY_USAGE, 43},  {LWSEC_WHY_CERT_REVOKED, 44},
        {LWSEC_WHY_CERT_TIME, 45},       {LWSEC_WHY_CERT_EXTENSION, 46},
        {LWSEC_WHY_CERT_CONSTRAINT, 46}, {LWSEC_WHY_CERT_CLOCK, 46},
        {LWSEC_WHY_CERT_STATUS, 46},     {LWSEC_WHY_CERT_AUTHORITY, 48},
        {LWSEC_WHY_CERT_ANCHOR, 48},     {LWSEC_WHY_CERT_OCSP, 113},
        {LWSEC_WHY_CONFIG, 80},          {LWSEC_WHY_NONE, 80},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(lwsec_cert_alert(rows[i].why), rows[i].alert);
    }
    LWSEC_COVERS("R-5.2.9.4-05");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usage_0_needs_a_matching_ca_on_a_trusted_path),
        cmocka_unit_test(test_usage_0_and_1_fail_without_a_trust_store),
        cmocka_unit_test(test_an_anchor_needs_no_basic_constraints_for_usage_0_and_2),
        cmocka_unit_test(test_what_says_that_it_is_no_ca_is_no_anchor),
        cmocka_unit_test(test_usage_1_needs_the_end_entity_and_a_path),
        cmocka_unit_test(test_usage_2_takes_what_matches_as_the_only_anchor),
        cmocka_unit_test(test_the_end_entity_is_not_its_own_anchor_for_usage_2),
        cmocka_unit_test(test_a_bare_key_of_rsa_is_an_anchor_where_rsa_is_allowed),
        cmocka_unit_test(test_usage_3_needs_the_end_entity_and_nothing_else),
        cmocka_unit_test(test_usage_3_is_never_widened),
        cmocka_unit_test(test_usage_3_does_not_take_a_weak_group),
        cmocka_unit_test(test_digests_of_certificates_and_keys_match),
        cmocka_unit_test(test_the_certificate_itself_is_no_digest),
        cmocka_unit_test(test_a_zeroed_check_says_nothing),
        cmocka_unit_test(test_unknown_values_are_a_fault_of_the_caller),
        cmocka_unit_test(test_refusals_name_their_alert),
    };

    return cmocka_run_group_tests_name("usage", tests, NULL, NULL);
}
