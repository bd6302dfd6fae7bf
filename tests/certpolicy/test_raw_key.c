/* Raw public keys: exactly one of those that are stored, and none on a small group. */
#include "tests/certpolicy/certificates.h"

#include <lwsec/raw_key.h>

static lwsec_bytes presented;

static void refuses(const lwsec_bytes *stored, size_t count, lwsec_why why)
{
    lwsec_reason reason;
    size_t which = 77;

    assert_status(lwsec_raw_key_verify(presented, stored, count, &which, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, why);
    assert_int_equal(which, 77);
}

static void test_a_client_takes_the_key_that_is_stored(void **state)
{
    const lwsec_bytes stored = test_certificate_key("server");
    lwsec_reason reason;

    (void)state;
    presented = stored;
    assert_status(lwsec_raw_key_verify(presented, &stored, 1, NULL, &reason), LWSEC_OK);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
    presented = test_certificate_key("server-second");
    refuses(&stored, 1, LWSEC_WHY_CERT_ASSOCIATION);
    refuses(NULL, 0, LWSEC_WHY_CERT_ASSOCIATION);
    LWSEC_COVERS("R-5.2.9.2-13");
}

static void test_a_server_finds_the_client_among_its_own(void **state)
{
    const lwsec_bytes stored[] = {test_certificate_key("client"), test_certificate_key("inter"),
                                  test_certificate_key("client-no-purpose")};
    size_t which = 77;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_status(lwsec_raw_key_verify(stored[i], stored, 3, &which, NULL), LWSEC_OK);
        assert_int_equal(which, i);
    }
    presented = stored[2];
    refuses(stored, 2, LWSEC_WHY_CERT_ASSOCIATION);
    LWSEC_COVERS("R-5.2.9.2-15");
    LWSEC_COVERS("R-5.2.9.2-16");
}

/* Each bit of a key counts: it is malformed then, on no group that is allowed, or another key. */
static void test_a_changed_bit_is_another_key(void **state)
{
    const lwsec_bytes stored = test_certificate_key("client");
    uint8_t changed[128];
    lwsec_reason reason;

    (void)state;
    assert_true(stored.size <= sizeof changed);
    for (size_t bit = 0; bit < 8 * stored.size; bit++) {
        memcpy(changed, stored.data, stored.size);
        changed[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_status(
            lwsec_raw_key_verify(lwsec_bytes_of(changed, stored.size), &stored, 1, NULL, &reason),
            LWSEC_REJECT);
        assert_true(reason.why >= LWSEC_WHY_CERT_MALFORMED);
    }
    presented = lwsec_bytes_of(stored.data, stored.size - 1);
    refuses(&stored, 1, LWSEC_WHY_CERT_MALFORMED);
    LWSEC_COVERS("R-5.2.9.2-16");
}

static void test_what_is_no_key_is_refused_though_it_is_stored(void **state)
{
    static const struct {
        const char *name;
        lwsec_why why;
    } rows[] = {{"secp224r1-server", LWSEC_WHY_CERT_KEY}, {"secp192r1-server", LWSEC_WHY_CERT_KEY},
                {"secp256k1-server", LWSEC_WHY_CERT_KEY}, {"rsa2048-server", LWSEC_WHY_CERT_KEY},
                {"secp384r1-server", LWSEC_WHY_NONE},     {"secp521r1-server", LWSEC_WHY_NONE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        presented = test_certificate_key(rows[i].name);
        if (rows[i].why == LWSEC_WHY_NONE) {
            assert_status(lwsec_raw_key_verify(presented, &presented, 1, NULL, NULL), LWSEC_OK);
        } else {
            refuses(&presented, 1, rows[i].why);
        }
    }
    presented = test_certificate("server");
    refuses(&presented, 1, LWSEC_WHY_CERT_MALFORMED);
    presented = lwsec_bytes_of(NULL, 0);
    refuses(&presented, 1, LWSEC_WHY_CERT_MALFORMED);
    LWSEC_COVERS("R-5.2.3-03");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_client_takes_the_key_that_is_stored),
        cmocka_unit_test(test_a_server_finds_the_client_among_its_own),
        cmocka_unit_test(test_a_changed_bit_is_another_key),
        cmocka_unit_test(test_what_is_no_key_is_refused_though_it_is_stored),
    };

    return cmocka_run_group_tests_name("raw_key", tests, NULL, NULL);
}
