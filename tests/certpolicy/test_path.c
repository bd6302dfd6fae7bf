/* What a path has to keep: times, keys, usage of keys, extensions, constraints, lengths. */
#include "tests/certpolicy/certificates.h"

/* Chain, and NONE or the reason, with this policy, over the intermediate and the root. */
typedef struct row {
    const char *chain;
    lwsec_why why;
    uint32_t policy;
} row;

static void run(const row *rows, size_t count)
{
    test_check check;

    for (size_t i = 0; i < count; i++) {
        test_check_init(&check, rows[i].chain, "root");
        check.check.policy = rows[i].policy;
        if (rows[i].why == LWSEC_WHY_NONE) {
            test_accepts(&check);
        } else {
            test_refuses(&check, rows[i].why);
        }
        /* The same of usage 2 with the root as the anchor. */
        check.check.trust_count = 0;
        test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "root");
        if (rows[i].why == LWSEC_WHY_NONE) {
            test_accepts(&check);
        } else {
            test_refuses(&check, rows[i].why);
        }
    }
}

#define RUN(rows) run(rows, sizeof(rows) / sizeof(rows)[0])

/* ---- Time ---- */

static void test_a_certificate_counts_from_its_first_second_to_its_last(void **state)
{
    const int64_t since = INT64_C(1577836800), until = INT64_C(2208988800); /* 2020, 2040 */
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    check.check.time.seconds = since;
    test_accepts(&check);
    check.check.time.seconds = until;
    test_accepts(&check);
    check.check.time.seconds = since - 1;
    test_refuses(&check, LWSEC_WHY_CERT_TIME);
    check.check.time.seconds = until + 1;
    test_refuses(&check, LWSEC_WHY_CERT_TIME);
    check.check.time.seconds = INT64_MAX;
    test_refuses(&check, LWSEC_WHY_CERT_TIME);
    check.check.time.seconds = INT64_MIN;
    test_refuses(&check, LWSEC_WHY_CERT_TIME);
    LWSEC_COVERS("R-5.2.9.5-01");
}

static void test_the_time_of_each_certificate_counts(void **state)
{
    static const row rows[] = {{"expired-server inter", LWSEC_WHY_CERT_TIME, 0},
                               {"future-server inter", LWSEC_WHY_CERT_TIME, 0}};
    test_check check;

    (void)state;
    RUN(rows);
    test_check_init(&check, "old-root-server", "old-root");
    test_refuses(&check, LWSEC_WHY_CERT_TIME);
}

static void test_an_unset_clock_is_refused_or_allowed_by_policy(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "future-server inter", "root");
    check.check.time.clock = LWSEC_CERT_CLOCK_UNSET;
    test_refuses(&check, LWSEC_WHY_CERT_CLOCK);
    check.check.policy = LWSEC_CERT_ALLOW_UNPROVEN_CLOCK;
    test_refuses(&check, LWSEC_WHY_CERT_CLOCK);
    check.check.policy = LWSEC_CERT_ALLOW_UNSET_CLOCK;
    test_accepts(&check); /* it may be later than we know */
    test_check_init(&check, "expired-server inter", "root");
    check.check.time.clock = LWSEC_CERT_CLOCK_UNSET;
    check.check.policy = LWSEC_CERT_ALLOW_UNSET_CLOCK;
    test_refuses(&check, LWSEC_WHY_CERT_TIME); /* it is not earlier */
    check.check.time.seconds = 0;
    test_accepts(&check);
    LWSEC_COVERS("R-5.2.9.5-01");
}

static void test_an_unproven_clock_counts_by_policy(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    check.check.time.clock = LWSEC_CERT_CLOCK_UNPROVEN;
    test_refuses(&check, LWSEC_WHY_CERT_CLOCK);
    check.check.policy = LWSEC_CERT_ALLOW_UNPROVEN_CLOCK;
    test_accepts(&check);
    test_check_init(&check, "future-server inter", "root");
    check.check.time.clock = LWSEC_CERT_CLOCK_UNPROVEN;
    check.check.policy = LWSEC_CERT_ALLOW_UNPROVEN_CLOCK;
    test_refuses(&check, LWSEC_WHY_CERT_TIME);
    LWSEC_COVERS("R-5.2.9.5-05");
}

/* ---- Keys ---- */

static void test_groups_and_algorithms(void **state)
{
    static const row rows[] = {
        {"server inter", LWSEC_WHY_NONE, 0}, /* secp256r1 */
        {"secp384r1-server inter", LWSEC_WHY_NONE, 0},
        {"secp521r1-server inter", LWSEC_WHY_NONE, 0},
        {"sha384-server inter", LWSEC_WHY_NONE, 0},
        {"secp224r1-server inter", LWSEC_WHY_CERT_KEY, 0},
        {"secp192r1-server inter", LWSEC_WHY_CERT_KEY, LWSEC_CERT_ALLOW_RSA},
        {"secp256k1-server inter", LWSEC_WHY_CERT_KEY, 0},
        {"rsa2048-server inter", LWSEC_WHY_CERT_KEY, 0},
        {"rsa2048-server inter", LWSEC_WHY_NONE, LWSEC_CERT_ALLOW_RSA},
        {"rsa1024-server inter", LWSEC_WHY_CERT_KEY, LWSEC_CERT_ALLOW_RSA},
    };
    test_check check;

    (void)state;
    RUN(rows);
    test_check_init(&check, "rsa-server", "rsa-root");
    test_refuses(&check, LWSEC_WHY_CERT_KEY);
    check.check.policy = LWSEC_CERT_ALLOW_RSA;
    test_accepts(&check);
    LWSEC_COVERS("R-5.2.9.3-03");
    LWSEC_COVERS("R-5.2.9.3-04");
}

/* ---- What keys may be used for ---- */

static void test_key_usage_of_a_server(void **state)
{
    static const row rows[] = {
        {"no-usage-server inter", LWSEC_WHY_NONE, 0},
        {"any-purpose-server inter", LWSEC_WHY_CERT_KEY_USAGE, 0},
        {"client-purpose-server inter", LWSEC_WHY_CERT_KEY_USAGE, 0},
        {"client-ca-server client-ca", LWSEC_WHY_CERT_KEY_USAGE, 0},
    };
    test_check check;

    (void)state;
    RUN(rows);
    test_check_init(&check, "agreement-server inter", "root");
    test_accepts(&check); /* PKIX alone has no handshake */
    test_check_usage(&check, LWSEC_CERT_CA_CONSTRAINT, "root");
    test_refuses(&check, LWSEC_WHY_CERT_KEY_USAGE);
    LWSEC_COVERS("R-5.2.9.3-02");
}

static void test_key_usage_and_name_of_a_client(void **state)
{
    static const struct {
        const char *chain, *name;
        lwsec_why why;
    } rows[] = {
        {"client inter", "urn:dev:os:1", LWSEC_WHY_NONE},
        {"client inter", "urn:dev:os:2", LWSEC_WHY_CERT_REFERENCE},
        {"client inter", "URN:dev:os:1", LWSEC_WHY_CERT_REFERENCE},
        {"client inter", "urn:dev:os:", LWSEC_WHY_CERT_REFERENCE},
        {"client-no-purpose inter", "urn:dev:os:2", LWSEC_WHY_NONE},
        {"client-two-names inter", "urn:dev:os:3", LWSEC_WHY_CERT_REFERENCE},
        {"client-two-names inter", "urn:dev:os:4", LWSEC_WHY_CERT_REFERENCE},
        {"server inter", "server", LWSEC_WHY_CERT_KEY_USAGE},
    };
    test_check check;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        test_check_init(&check, rows[i].chain, "root");
        check.check.role = LWSEC_CERT_OF_CLIENT;
        check.check.reference.kind = LWSEC_CERT_REFERENCE_ENDPOINT;
        check.check.reference.name = lwsec_bytes_of(rows[i].name, strlen(rows[i].name));
        if (rows[i].why == LWSEC_WHY_NONE) {
            test_accepts(&check);
        } else {
            test_refuses(&check, rows[i].why);
        }
    }
    test_check_init(&check, "client inter", "root");
    check.check.reference.kind = LWSEC_CERT_REFERENCE_NONE;
    test_refuses(&check, LWSEC_WHY_CERT_KEY_USAGE); /* a client where a server should be */
    LWSEC_COVERS("R-5.2.9.3-02");
    LWSEC_COVERS("R-5.2.9.3-22");
}

/* ---- Extensions ---- */

static void test_extensions(void **state)
{
    static const row rows[] = {
        {"no-aki-server inter", LWSEC_WHY_CERT_EXTENSION, 0},
        {"no-aki-server inter", LWSEC_WHY_NONE, LWSEC_CERT_ALLOW_NO_KEY_IDS},
        {"critical-server inter", LWSEC_WHY_CERT_EXTENSION, 0},
        {"unknown-server inter", LWSEC_WHY_NONE, 0},
        {"proxy-server inter", LWSEC_WHY_CERT_EXTENSION, 0},
        {"policy-server inter", LWSEC_WHY_NONE, 0},
        {"explicit-server explicit-ca", LWSEC_WHY_CERT_EXTENSION, 0},
    };

    (void)state;
    RUN(rows);
}

static void test_an_issuer_may_be_named_by_its_number(void **state)
{
    static const row rows[] = {{"numbered-server inter", LWSEC_WHY_NONE, 0},
                               {"misnumbered-server inter", LWSEC_WHY_CERT_ANCHOR, 0}};

    (void)state;
    RUN(rows);
}

static void test_a_bare_key_is_not_named_by_a_number(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "numbered-server", "");
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "inter");
    test_accepts(&check);
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "key inter");
    test_refuses(&check, LWSEC_WHY_CERT_SIGNATURE);
}

static void test_names_are_the_same_whatever_their_case_and_blanks(void **state)
{
    static const row rows[] = {{"spaced-server spaced-inter", LWSEC_WHY_NONE, 0},
                               {"cased-server cased-inter", LWSEC_WHY_NONE, 0}};

    (void)state;
    RUN(rows);
}

/* ---- Constraints and lengths ---- */

static void test_name_constraints_hold_for_all_names(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "limited-server limited", "root");
    test_accepts(&check);
    test_check_init(&check, "limited-outside-server limited", "root");
    check.check.reference.name = lwsec_bytes_of("server.elsewhere", 16);
    test_refuses(&check, LWSEC_WHY_CERT_CONSTRAINT);
    test_check_init(&check, "limited-excluded-server limited", "root");
    check.check.reference.name = lwsec_bytes_of("a.bad.example", 13);
    test_refuses(&check, LWSEC_WHY_CERT_CONSTRAINT);
    /* The common name where it stands for a DNS name. */
    test_check_init(&check, "limited-cn-server limited", "root");
    check.check.reference.name = lwsec_bytes_of("server.elsewhere", 16);
    test_refuses(&check, LWSEC_WHY_CERT_REFERENCE);
    check.check.policy = LWSEC_CERT_ALLOW_COMMON_NAME;
    test_refuses(&check, LWSEC_WHY_CERT_CONSTRAINT);
}

static void test_a_ca_limits_the_path_below_it(void **state)
{
    static const row rows[] = {
        {"below-inter-server below-inter inter", LWSEC_WHY_CERT_AUTHORITY, 0},
        {"renewed-inter-server renewed-inter inter", LWSEC_WHY_NONE, 0},
    };
    test_check check;

    (void)state;
    RUN(rows);
    /* A renewal counts as little against what we allow. */
    test_check_init(&check, "renewed-inter-server renewed-inter inter", "root");
    check.check.intermediates = 2;
    test_accepts(&check);
}

static void test_a_path_has_as_many_certificates_as_are_allowed(void **state)
{
    const char *const chain = "deep-server deep3 deep1 deep6 deep2 deep5 deep4"; /* any order */
    test_check check;

    (void)state;
    test_check_init(&check, chain, "root");
    test_refuses(&check, LWSEC_WHY_CERT_LIMIT); /* 4 are the default */
    check.check.intermediates = 1 + 5;
    test_refuses(&check, LWSEC_WHY_CERT_LIMIT);
    check.check.intermediates = 1 + 6;
    test_accepts(&check);
    test_check_init(&check, "deep-server deep3 deep6 deep5 deep4", "root deep2");
    test_accepts(&check);
    test_check_init(&check, "server inter", "root");
    check.check.intermediates = 1;
    test_refuses(&check, LWSEC_WHY_CERT_LIMIT);
}

static void test_what_no_path_needs_is_ignored(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "server critical-server inter expired-server other-root", "other-root");
    check.trust[check.check.trust_count++] = lwsec_bytes_of("no certificate", 14);
    check.trust[check.check.trust_count++] = test_certificate("root");
    check.chain[check.check.chain_count++] = lwsec_bytes_of("\x30\x80", 2);
    test_accepts(&check);
    test_check_init(&check, "server server server", "root");
    test_refuses(&check, LWSEC_WHY_CERT_ANCHOR);
}

static void test_an_end_entity_that_is_trusted_itself_needs_no_path(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "self-signed", "self-signed");
    test_accepts(&check);
    test_check_usage(&check, LWSEC_CERT_SERVICE_CONSTRAINT, "self-signed");
    test_accepts(&check);
    test_check_init(&check, "self-signed", "root");
    test_check_usage(&check, LWSEC_CERT_SERVICE_CONSTRAINT, "self-signed");
    test_refuses(&check, LWSEC_WHY_CERT_ANCHOR);
    test_check_init(&check, "expired-server", "expired-server");
    test_refuses(&check, LWSEC_WHY_CERT_TIME);
}

/* One bit of a signature, or of what is signed, of each certificate of the path. */
static void test_a_changed_bit_is_refused(void **state)
{
    static uint8_t changed[2048];
    test_check check;

    (void)state;
    for (size_t which = 0; which < 2; which++) {
        test_check_init(&check, "server inter", "root");
        const lwsec_bytes whole = check.chain[which];
        memcpy(changed, whole.data, whole.size);
        changed[whole.size - 1] ^= 1;
        check.chain[which] = lwsec_bytes_of(changed, whole.size);
        test_refuses(&check, LWSEC_WHY_CERT_SIGNATURE);
        check.chain[which].size--;
        test_refuses(&check, which == 0 ? LWSEC_WHY_CERT_MALFORMED : LWSEC_WHY_CERT_ANCHOR);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_certificate_counts_from_its_first_second_to_its_last),
        cmocka_unit_test(test_the_time_of_each_certificate_counts),
        cmocka_unit_test(test_an_unset_clock_is_refused_or_allowed_by_policy),
        cmocka_unit_test(test_an_unproven_clock_counts_by_policy),
        cmocka_unit_test(test_groups_and_algorithms),
        cmocka_unit_test(test_key_usage_of_a_server),
        cmocka_unit_test(test_key_usage_and_name_of_a_client),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_an_issuer_may_be_named_by_its_number),
        cmocka_unit_test(test_a_bare_key_is_not_named_by_a_number),
        cmocka_unit_test(test_names_are_the_same_whatever_their_case_and_blanks),
        cmocka_unit_test(test_name_constraints_hold_for_all_names),
        cmocka_unit_test(test_a_ca_limits_the_path_below_it),
        cmocka_unit_test(test_a_path_has_as_many_certificates_as_are_allowed),
        cmocka_unit_test(test_what_no_path_needs_is_ignored),
        cmocka_unit_test(test_an_end_entity_that_is_trusted_itself_needs_no_path),
        cmocka_unit_test(test_a_changed_bit_is_refused),
    };

    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
