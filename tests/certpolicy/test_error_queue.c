/* OpenSSL's error queue belongs to the host: a check leaves it as it was found. */
#include "tests/certpolicy/certificates.h"

#include <lwsec/cert_openssl.h>

#include <openssl/err.h>

static void check_queue(test_check *check)
{
    lwsec_reason reason;

    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 77);
    assert_true(lwsec_cert_verify(lwsec_cert_openssl(), &check->check, &reason) >= LWSEC_OK);
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), 77);
    assert_int_equal(ERR_get_error(), 0);
    assert_true(lwsec_cert_verify(lwsec_cert_openssl(), &check->check, &reason) >= LWSEC_OK);
    assert_int_equal(ERR_get_error(), 0);
}

static void test_the_queue_is_left_as_found(void **state)
{
    static const char *const responses[] = {"ocsp-good", "ocsp-forged", "ocsp-responder", "crl"};
    static uint8_t changed[2048];
    test_check check;

    (void)state;
    test_check_init(&check, "server inter", "root");
    check_queue(&check);
    for (size_t i = 0; i < sizeof responses / sizeof responses[0]; i++) {
        check.check.ocsp = test_certificate(responses[i]);
        check_queue(&check);
    }
    test_check_init(&check, "server inter", "root");
    test_check_crls(&check, "crl-forged crl");
    check_queue(&check);
    memcpy(changed, check.chain[0].data, check.chain[0].size);
    changed[check.chain[0].size - 1] ^= 1;
    check.chain[0].data = changed;
    check_queue(&check);
    /* A key that is no point of its group. */
    const lwsec_bytes key = test_certificate_key("server");
    for (size_t i = 0; i + key.size <= check.chain[0].size; i++) {
        if (memcmp(&changed[i], key.data, key.size) == 0) {
            changed[i + key.size - 1] ^= 1;
        }
    }
    check.check.usage = LWSEC_CERT_DOMAIN_ISSUED;
    check.check.association = check.chain[0];
    check.check.crl_count = 0;
    check_queue(&check);
    test_refuses(&check, LWSEC_WHY_CERT_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_queue_is_left_as_found),
    };

    return cmocka_run_group_tests_name("error-queue", tests, NULL, NULL);
}
