/* What is nearly good: signatures, keys, responders, lists and names that are to be refused. */
#include "tests/certpolicy/certificates.h"
#include "tests/certpolicy/engines.h"

#include "certpolicy/der_certificate.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- Signatures and keys ---- */

/* The same numbers in other bytes would be the same signature to a tolerant engine. */
static void test_a_signature_has_one_encoding(void **state)
{
    static const char *const others[] = {"signed-long-integer", "signed-negative",
                                         "signed-long-length", "signed-more-behind"};
    test_check check;

    (void)state;
    test_check_init(&check, "signed-server doubtful-inter", "doubtful-root");
    test_accepts(&check);
    for (size_t i = 0; i < COUNT(others); i++) {
        check.chain[0] = test_certificate(others[i]);
        test_refuses(&check, LWSEC_WHY_CERT_SIGNATURE);
    }
}

static void test_an_rsa_exponent_is_neither_one_nor_long(void **state)
{
    (void)state;
    assert_int_equal(lwsec_der_key_kind(test_certificate("rsa-exponent-three")),
                     LWSEC_CERT_ALGORITHM_RSA);
    assert_int_equal(lwsec_der_key_kind(test_certificate("rsa-exponent-one")),
                     LWSEC_CERT_ALGORITHM_NONE);
    assert_int_equal(lwsec_der_key_kind(test_certificate("rsa-exponent-long")),
                     LWSEC_CERT_ALGORITHM_NONE);
}

/* A CA that may certify and not sign is no server of LwM2M. */
static void test_a_ca_signs_a_handshake_only_if_it_may(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "authority-server doubtful-inter", "doubtful-root");
    test_accepts(&check);
    test_check_usage(&check, LWSEC_CERT_SERVICE_CONSTRAINT, "authority-server");
    test_refuses(&check, LWSEC_WHY_CERT_KEY_USAGE);
    test_check_usage(&check, LWSEC_CERT_CA_CONSTRAINT, "doubtful-inter");
    test_refuses(&check, LWSEC_WHY_CERT_KEY_USAGE);
    test_check_usage(&check, LWSEC_CERT_TRUST_ANCHOR, "doubtful-root");
    test_refuses(&check, LWSEC_WHY_CERT_KEY_USAGE);
    LWSEC_COVERS("R-5.2.9.3-02");
}

/* ---- Paths ---- */

/* RFC 5280 section 6.1: or an engine takes the certificate for its own, trusted issuer and leaves
 * its signature alone. */
static void test_a_certificate_stands_once_in_a_path(void **state)
{
    static uint8_t twin[2048], again[2048];
    const lwsec_bytes whole = test_certificate("twin");
    lwsec_cert_view view;
    test_check check;

    (void)state;
    /* No identifier of its key: 04 14 becomes an extension that nobody knows. */
    memcpy(twin, whole.data, whole.size);
    for (size_t i = 0; i + 5 < whole.size; i++) {
        if (memcmp(&twin[i], "\x06\x03\x55\x1d\x0e", 5) == 0) {
            twin[i + 4] = 0x7f;
        }
    }
    memcpy(again, twin, whole.size);
    test_check_init(&check, "twin twin", "");
    check.chain[0] = lwsec_bytes_of(twin, whole.size);
    check.chain[1] = lwsec_bytes_of(again, whole.size);
    assert_status(lwsec_cert_view_read(check.chain[0], &view, NULL), LWSEC_OK);
    check.check.policy = LWSEC_CERT_ALLOW_NO_KEY_IDS;
    check.check.usage = LWSEC_CERT_TRUST_ANCHOR;
    check.check.association = view.key;
    test_refuses(&check, LWSEC_WHY_CERT_SIGNATURE);
    check.check.association = check.chain[1];
    test_refuses(&check, LWSEC_WHY_CERT_ANCHOR);
}

/* ---- Status ---- */

static void test_who_is_trusted_itself_may_be_revoked(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "revoked-server inter", "revoked-server root");
    test_accepts(&check);
    test_check_crls(&check, "crl");
    test_refuses(&check, LWSEC_WHY_CERT_STATUS);
    test_check_init(&check, "server inter", "server root");
    test_check_crls(&check, "crl");
    test_accepts(&check); /* over the intermediate, whose list it is */
    test_check_init(&check, "server", "server");
    test_check_crls(&check, "crl");
    test_refuses(&check, LWSEC_WHY_CERT_STATUS);
    LWSEC_COVERS("R-5.2.9.6-01");
}

/* An old list does not tell that somebody is good; who was revoked remains so. */
static void test_who_was_revoked_remains_so(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "doubtful-server doubtful-inter", "doubtful-root");
    test_check_crls(&check, "list-inter");
    test_accepts(&check);
    test_check_crls(&check, "list-inter list-past-inter");
    test_refuses(&check, LWSEC_WHY_CERT_REVOKED);
    test_check_crls(&check, "list-inter list-past-inter list-root"); /* taken back since */
    test_accepts(&check);
    test_check_crls(&check, "list-inter list-root-older");
    test_accepts(&check);
    test_check_crls(&check, "list-inter list-past-inter list-root-older"); /* revoked since */
    test_refuses(&check, LWSEC_WHY_CERT_REVOKED);
    test_check_crls(&check, "list-past-server");
    test_refuses(&check, LWSEC_WHY_CERT_REVOKED);
    LWSEC_COVERS("R-5.2.9.6-01");
}

/* A list for some certificates or some reasons, or of what is new, is silent on others, and tells
 * who is revoked. */
static void test_who_is_on_a_partial_list_is_revoked(void **state)
{
    test_check check;

    (void)state;
    test_check_init(&check, "doubtful-server doubtful-inter", "doubtful-root");
    test_check_crls(&check, "list-inter list-of-reasons");
    test_refuses(&check, LWSEC_WHY_CERT_REVOKED);
    test_check_crls(&check, "list-inter list-of-cas");
    test_refuses(&check, LWSEC_WHY_CERT_REVOKED);
    test_check_crls(&check, "list-inter list-delta");
    test_refuses(&check, LWSEC_WHY_CERT_REVOKED);
    test_check_crls(&check,
                    "list-inter list-indirect list-taken-back"); /* of others, and no more */
    test_accepts(&check);
    test_check_crls(&check, "list-taken-back list-of-reasons-empty");
    test_refuses(&check, LWSEC_WHY_CERT_STATUS);
    LWSEC_COVERS("R-5.2.9.6-01");
}

static void expect_response(const char *response, uint32_t policy, lwsec_why why)
{
    const test_engine *engine;
    lwsec_reason reason;
    test_check check;

    test_check_init(&check, "doubtful-server doubtful-inter", "doubtful-root");
    check.check.ocsp = test_certificate(response);
    check.check.policy = policy;
    for (size_t e = 0; (engine = test_engine_at(e)) != NULL; e++) {
        if (lwsec_cert_engine_has_ocsp(engine->get())) {
            assert_status(lwsec_cert_verify(engine->get(), &check.check, &reason),
                          why == LWSEC_WHY_NONE ? LWSEC_OK : LWSEC_REJECT);
            assert_int_equal(reason.why, why);
        }
    }
}

/* A weak responder says "good" for whoever breaks its key. */
static void test_a_responder_keeps_the_rules_of_certificates(void **state)
{
    static const char *const weak[] = {"response-rsa1024", "response-secp192r1", "response-sha1",
                                       "response-agreement"};

    (void)state;
    expect_response("response-sound", 0, LWSEC_WHY_NONE);
    expect_response("response-rsa2048", LWSEC_CERT_ALLOW_RSA, LWSEC_WHY_NONE);
    expect_response("response-rsa2048", 0, LWSEC_WHY_CERT_OCSP);
    for (size_t i = 0; i < COUNT(weak); i++) {
        expect_response(weak[i], LWSEC_CERT_ALLOW_RSA, LWSEC_WHY_CERT_OCSP);
    }
    LWSEC_COVERS("R-5.2.9.6-03");
}

/* RFC 6960 section 4.4: as in certificates, what is critical and not known is not passed over. */
static void test_a_response_has_no_critical_extension(void **state)
{
    (void)state;
    expect_response("response-unknown", 0, LWSEC_WHY_NONE);
    expect_response("response-critical", 0, LWSEC_WHY_CERT_OCSP);
    LWSEC_COVERS("R-5.2.9.6-03");
}

/* ---- Names ---- */

/* An excluded name in another kind of string is still that name. */
static void test_no_string_avoids_an_excluded_name(void **state)
{
    static const char *const names[] = {"barred-UTF8String", "barred-PrintableString",
                                        "barred-BMPString", "barred-UniversalString",
                                        "barred-T61String"};
    test_check check;

    (void)state;
    test_check_init(&check, "not-barred bars", "doubtful-root");
    test_accepts(&check);
    for (size_t i = 0; i < COUNT(names); i++) {
        check.chain[0] = test_certificate(names[i]);
        test_refuses(&check, LWSEC_WHY_CERT_CONSTRAINT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_signature_has_one_encoding),
        cmocka_unit_test(test_an_rsa_exponent_is_neither_one_nor_long),
        cmocka_unit_test(test_a_ca_signs_a_handshake_only_if_it_may),
        cmocka_unit_test(test_a_certificate_stands_once_in_a_path),
        cmocka_unit_test(test_who_is_trusted_itself_may_be_revoked),
        cmocka_unit_test(test_who_was_revoked_remains_so),
        cmocka_unit_test(test_who_is_on_a_partial_list_is_revoked),
        cmocka_unit_test(test_a_responder_keeps_the_rules_of_certificates),
        cmocka_unit_test(test_a_response_has_no_critical_extension),
        cmocka_unit_test(test_no_string_avoids_an_excluded_name),
    };

    return cmocka_run_group_tests_name("doubtful", tests, NULL, NULL);
}
