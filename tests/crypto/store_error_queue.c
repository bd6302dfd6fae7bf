/* The store on OpenSSL leaves the host's error queue as it was, whether it accepts or refuses. */
#include "tests/crypto/suite.h"

#include <openssl/err.h>

static suite_state of_openssl(void)
{
    suite_state found = {0};

    for (size_t i = 0; (found.kind = lwsec_test_store_at(i)) != NULL; i++) {
        if (strcmp(found.kind->name, "memory-openssl") == 0) {
            return found;
        }
    }
    fail();
    return found;
}

/* The host's own error, which must stay, alone. */
static void push_error(void)
{
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 4711);
}

static void assert_only_that_error(void)
{
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), 4711);
    assert_int_equal(ERR_peek_error(), 0);
}

#define keeps_queue(call, expected)                                                                \
    do {                                                                                           \
        push_error();                                                                              \
        assert_status(call, expected);                                                             \
        assert_only_that_error();                                                                  \
        assert_status(call, expected);                                                             \
        assert_int_equal(ERR_peek_error(), 0);                                                     \
    } while (0)

static void test_sealing_and_opening_leave_the_queue(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *aead;
    uint8_t out[56];

    for (size_t i = 0; (aead = suite_algorithm(suite, LWSEC_KIND_AEAD, i)) != NULL; i++) {
        const lwsec_bytes nonce = suite_pattern(aead->nonce_size, 2);
        const lwsec_bytes text = suite_pattern(40, 3);
        const lwsec_bytes sealed = lwsec_bytes_of(out, 40U + aead->tag_size);
        uint8_t opened[56];
        lwsec_key key = suite_key(suite->store, aead, LWSEC_USE_SEAL | LWSEC_USE_OPEN, 1);
        keeps_queue(lwsec_key_seal(key, nonce, text, text, out, sizeof out), LWSEC_OK);
        keeps_queue(lwsec_key_open(key, nonce, text, sealed, opened, sizeof opened), LWSEC_OK);
        keeps_queue(lwsec_key_open(key, nonce, nonce, sealed, opened, sizeof opened), LWSEC_REJECT);
        assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    }
}

static void test_signing_verifying_and_agreeing_leave_the_queue(void **state)
{
    const suite_state *suite = *state;
    const lwsec_key signer =
        lwsec_test_key(suite->store, LWSEC_ALG_ES256, LWSEC_USE_SIGN, suite_pattern(32, 1));
    const lwsec_key agreer =
        lwsec_test_key(suite->store, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, suite_pattern(32, 1));
    uint8_t points[2][65];
    uint8_t signature[64];
    const lwsec_bytes good = lwsec_bytes_of(points[0], 65);
    const lwsec_bytes bad = lwsec_bytes_of(points[1], 65);
    const lwsec_bytes text = suite_pattern(40, 3);
    lwsec_key shared = {NULL, 0, 0};

    keeps_queue(lwsec_key_public(signer, points[0], 65), LWSEC_OK);
    memcpy(points[1], points[0], 65);
    points[1][40] ^= 1;
    keeps_queue(lwsec_key_sign(signer, text, signature, sizeof signature), LWSEC_OK);
    keeps_queue(
        lwsec_verify(suite->store, LWSEC_ALG_ES256, good, text, lwsec_bytes_of(signature, 64)),
        LWSEC_OK);
    keeps_queue(
        lwsec_verify(suite->store, LWSEC_ALG_ES256, bad, text, lwsec_bytes_of(signature, 64)),
        LWSEC_REJECT);
    signature[3] ^= 1;
    keeps_queue(
        lwsec_verify(suite->store, LWSEC_ALG_ES256, good, text, lwsec_bytes_of(signature, 64)),
        LWSEC_REJECT);
    memset(signature, 0, sizeof signature);
    keeps_queue(
        lwsec_verify(suite->store, LWSEC_ALG_ES256, good, text, lwsec_bytes_of(signature, 64)),
        LWSEC_REJECT);
    keeps_queue(lwsec_key_agree(agreer, good, NULL, &shared), LWSEC_OK);
    keeps_queue(lwsec_key_agree(agreer, bad, NULL, &shared), LWSEC_REJECT);
}

static void test_the_other_operations_leave_the_queue(void **state)
{
    const suite_state *suite = *state;
    const lwsec_bytes raw = suite_pattern(32, 1);
    const lwsec_bytes text = suite_pattern(48, 3);
    const lwsec_key hmac = lwsec_test_key(suite->store, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, raw);
    const lwsec_key cmac = lwsec_test_key(suite->store, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, raw);
    const lwsec_key cipher =
        lwsec_test_key(suite->store, LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT, raw);
    const lwsec_key secret = lwsec_test_key(suite->store, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, raw);
    const lwsec_key_attributes weak = suite_attributes(LWSEC_ALG_TDES_CBC, LWSEC_USE_ENCRYPT);
    static const uint8_t zeros[24];
    lwsec_key key = {NULL, 0, 0};
    uint8_t out[64];

    keeps_queue(lwsec_key_mac(hmac, text, out, sizeof out), LWSEC_OK);
    keeps_queue(lwsec_key_mac(cmac, text, out, sizeof out), LWSEC_OK);
    keeps_queue(lwsec_key_mac_verify(cmac, raw, text), LWSEC_USAGE);
    keeps_queue(lwsec_key_cbc(cipher, LWSEC_ENCRYPT, suite_pattern(16, 4), text, out, sizeof out),
                LWSEC_OK);
    keeps_queue(lwsec_key_ctr(cipher, suite_pattern(16, 4), text, out, sizeof out), LWSEC_OK);
    keeps_queue(lwsec_key_extract(secret, LWSEC_ALG_HMAC_512, text, NULL, &key), LWSEC_OK);
    keeps_queue(lwsec_random(suite->store, out, sizeof out), LWSEC_OK);
    keeps_queue(lwsec_key_import(suite->store, &weak, lwsec_bytes_of(zeros, 24), &key),
                LWSEC_USAGE);
}

static void test_opening_and_closing_a_store_leaves_the_queue(void **state)
{
    suite_state *suite = *state;

    push_error();
    lwsec_test_store_close(suite->kind, suite->store);
    assert_only_that_error();
    push_error();
    suite->store = lwsec_test_store_open(suite->kind, SUITE_SLOTS);
    assert_only_that_error();
}

static int setup(void **state)
{
    static suite_state shared;

    shared = of_openssl();
    shared.store = lwsec_test_store_open(shared.kind, 24);
    *state = &shared;
    return 0;
}

static int teardown(void **state)
{
    suite_state *suite = *state;

    ERR_clear_error();
    lwsec_test_store_close(suite->kind, suite->store);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sealing_and_opening_leave_the_queue, setup, teardown),
        cmocka_unit_test_setup_teardown(test_signing_verifying_and_agreeing_leave_the_queue, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_the_other_operations_leave_the_queue, setup, teardown),
        cmocka_unit_test_setup_teardown(test_opening_and_closing_a_store_leaves_the_queue, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
