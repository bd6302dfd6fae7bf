/* Every store gives the answers that the standards print. */
#include "tests/crypto/groups.h"
#include "tests/support/vector_file.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* One algorithm at a time and its records: false where the store does not have it. */
static bool algorithm_of(const suite_state *suite, const lwsec_vector *vector, int32_t *algorithm)
{
    *algorithm = (int32_t)lwsec_vector_number(vector, "algorithm");
    assert_non_null(lwsec_algorithm_find(*algorithm));
    return lwsec_test_store_has(suite->kind, *algorithm);
}

static bool lacks(const suite_state *suite, uint32_t operations)
{
    return (suite->kind->lacks & operations) != 0;
}

static void check_aead(const lwsec_vector *vector, void *argument)
{
    const suite_state *suite = argument;
    const lwsec_bytes nonce = lwsec_vector_bytes(vector, "nonce");
    const lwsec_bytes aad = lwsec_vector_bytes(vector, "aad");
    const lwsec_bytes plaintext = lwsec_vector_bytes(vector, "plaintext");
    const lwsec_bytes ciphertext = lwsec_vector_bytes(vector, "ciphertext");
    uint8_t out[256];
    int32_t algorithm;

    if (!algorithm_of(suite, vector, &algorithm)) {
        return;
    }
    lwsec_key key = lwsec_test_key(suite->store, algorithm, LWSEC_USE_SEAL | LWSEC_USE_OPEN,
                                   lwsec_vector_bytes(vector, "key"));
    assert_status(lwsec_key_seal(key, nonce, aad, plaintext, out, sizeof out), LWSEC_OK);
    assert_bytes(lwsec_bytes_of(out, ciphertext.size), ciphertext);
    assert_status(lwsec_key_open(key, nonce, aad, ciphertext, out, sizeof out), LWSEC_OK);
    assert_bytes(lwsec_bytes_of(out, plaintext.size), plaintext);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
}

static void test_aeads(void **state)
{
    assert_int_equal(lwsec_vector_each("aead.txt", check_aead, *state), 5);
}

static void check_mac(const lwsec_vector *vector, void *argument)
{
    const suite_state *suite = argument;
    const lwsec_bytes expected = lwsec_vector_bytes(vector, "mac");
    uint8_t mac[64];
    int32_t algorithm;

    if (!algorithm_of(suite, vector, &algorithm)) {
        return;
    }
    lwsec_key key =
        lwsec_test_key(suite->store, algorithm, LWSEC_USE_MAC, lwsec_vector_bytes(vector, "key"));
    assert_status(lwsec_key_mac(key, lwsec_vector_bytes(vector, "message"), mac, sizeof mac),
                  LWSEC_OK);
    assert_bytes(lwsec_bytes_of(mac, expected.size), expected);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
}

static void test_macs(void **state)
{
    assert_int_equal(lwsec_vector_each("mac.txt", check_mac, *state), 32);
}

static void check_cipher(const lwsec_vector *vector, void *argument)
{
    const suite_state *suite = argument;
    const lwsec_bytes iv = lwsec_vector_bytes(vector, "iv");
    const lwsec_bytes plaintext = lwsec_vector_bytes(vector, "plaintext");
    const lwsec_bytes ciphertext = lwsec_vector_bytes(vector, "ciphertext");
    const char *mode = lwsec_vector_text(vector, "mode");
    uint8_t out[64];
    int32_t algorithm;

    if (!algorithm_of(suite, vector, &algorithm) ||
        (strcmp(mode, "ctr") == 0 && lacks(suite, LWSEC_TEST_CAN_CTR)) ||
        (strcmp(mode, "block") == 0 && lacks(suite, LWSEC_TEST_CAN_BLOCK))) {
        return;
    }
    lwsec_key key = lwsec_test_key(suite->store, algorithm, LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT,
                                   lwsec_vector_bytes(vector, "key"));
    if (strcmp(mode, "cbc") == 0) {
        assert_status(lwsec_key_cbc(key, LWSEC_DECRYPT, iv, ciphertext, out, sizeof out), LWSEC_OK);
        assert_bytes(lwsec_bytes_of(out, plaintext.size), plaintext);
        assert_status(lwsec_key_cbc(key, LWSEC_ENCRYPT, iv, plaintext, out, sizeof out), LWSEC_OK);
    } else if (strcmp(mode, "ctr") == 0) {
        assert_status(lwsec_key_ctr(key, iv, plaintext, out, sizeof out), LWSEC_OK);
    } else {
        assert_string_equal(mode, "block");
        assert_status(lwsec_key_block(key, plaintext, out, sizeof out), LWSEC_OK);
    }
    assert_bytes(lwsec_bytes_of(out, ciphertext.size), ciphertext);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
}

static void test_ciphers(void **state)
{
    assert_int_equal(lwsec_vector_each("cipher.txt", check_cipher, *state), 13);
}

/* The store gives no derived key out: the one that the standard prints shows by what it seals. */
static void check_hkdf(const lwsec_vector *vector, void *argument)
{
    const suite_state *suite = argument;
    const int32_t hmac = (int32_t)lwsec_vector_number(vector, "hmac");
    const lwsec_bytes okm = lwsec_vector_bytes(vector, "okm");
    const lwsec_key_attributes attributes = suite_attributes(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);
    lwsec_key prk = {NULL, 0, 0};
    lwsec_key derived = {NULL, 0, 0};
    uint8_t mac[32];

    if (!lwsec_test_store_has(suite->kind, hmac) ||
        !lwsec_test_store_has(suite->kind, LWSEC_ALG_HKDF) ||
        lacks(suite, LWSEC_TEST_CAN_EXTRACT | LWSEC_TEST_CAN_DERIVE)) {
        return;
    }
    const size_t size = okm.size < lwsec_algorithm_find(hmac)->tag_size
                            ? okm.size
                            : lwsec_algorithm_find(hmac)->tag_size;
    lwsec_key secret = lwsec_test_key(suite->store, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT,
                                      lwsec_vector_bytes(vector, "ikm"));
    lwsec_key printed = lwsec_test_key(suite->store, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC,
                                       lwsec_bytes_of(okm.data, size));
    assert_status(lwsec_key_extract(secret, hmac, lwsec_vector_bytes(vector, "salt"), NULL, &prk),
                  LWSEC_OK);
    assert_status(lwsec_key_derive(prk, hmac, lwsec_vector_bytes(vector, "info"), NULL, &attributes,
                                   size, &derived),
                  LWSEC_OK);
    assert_status(lwsec_key_mac(printed, okm, mac, sizeof mac), LWSEC_OK);
    assert_status(lwsec_key_mac_verify(derived, okm, lwsec_bytes_of(mac, sizeof mac)), LWSEC_OK);
    lwsec_key *keys[] = {&secret, &printed, &prk, &derived};
    for (size_t i = 0; i < COUNT(keys); i++) {
        assert_status(lwsec_key_destroy(keys[i]), LWSEC_OK);
    }
}

static void test_derivations(void **state)
{
    assert_int_equal(lwsec_vector_each("hkdf.txt", check_hkdf, *state), 3);
}

static void check_ecdsa(const lwsec_vector *vector, void *argument)
{
    const suite_state *suite = argument;
    const lwsec_bytes point = lwsec_vector_bytes(vector, "public");
    const lwsec_bytes message = lwsec_vector_bytes(vector, "message");
    const lwsec_bytes signature = lwsec_vector_bytes(vector, "signature");
    uint8_t out[65];

    if (!lwsec_test_store_has(suite->kind, LWSEC_ALG_ES256)) {
        return;
    }
    lwsec_key key = lwsec_test_key(suite->store, LWSEC_ALG_ES256, LWSEC_USE_SIGN,
                                   lwsec_vector_bytes(vector, "private"));
    if (!lacks(suite, LWSEC_TEST_CAN_PUBLIC)) {
        assert_status(lwsec_key_public(key, out, sizeof out), LWSEC_OK);
        assert_bytes(lwsec_bytes_of(out, 65), point);
    }
    if (!lacks(suite, LWSEC_TEST_CAN_VERIFY)) {
        assert_status(lwsec_verify(suite->store, LWSEC_ALG_ES256, point, message, signature),
                      LWSEC_OK);
    }
    if (strcmp(suite->kind->name, "memory-mbedtls") == 0) { /* the one whose nonce is RFC 6979's */
        assert_status(lwsec_key_sign(key, message, out, sizeof out), LWSEC_OK);
        assert_bytes(lwsec_bytes_of(out, 64), signature);
    }
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
}

static void test_signatures(void **state)
{
    assert_int_equal(lwsec_vector_each("ecdsa.txt", check_ecdsa, *state), 2);
}

static void check_ecdh(const lwsec_vector *vector, void *argument)
{
    const suite_state *suite = argument;
    lwsec_key shared = {NULL, 0, 0};
    lwsec_key prk[2];
    const lwsec_bytes none = lwsec_bytes_of(NULL, 0);
    const lwsec_key_attributes attributes = suite_attributes(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);
    lwsec_key derived[2];
    uint8_t mac[32];

    if (!lwsec_test_store_has(suite->kind, LWSEC_ALG_ECDH_P256) ||
        lacks(suite, LWSEC_TEST_CAN_AGREE | LWSEC_TEST_CAN_EXTRACT | LWSEC_TEST_CAN_DERIVE)) {
        return;
    }
    lwsec_key own = lwsec_test_key(suite->store, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE,
                                   lwsec_vector_bytes(vector, "private"));
    lwsec_key printed = lwsec_test_key(suite->store, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT,
                                       lwsec_vector_bytes(vector, "shared"));
    assert_status(lwsec_key_agree(own, lwsec_vector_bytes(vector, "peer"), NULL, &shared),
                  LWSEC_OK);
    assert_status(lwsec_key_extract(printed, LWSEC_ALG_HMAC_256, none, NULL, &prk[0]), LWSEC_OK);
    assert_status(lwsec_key_extract(shared, LWSEC_ALG_HMAC_256, none, NULL, &prk[1]), LWSEC_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_status(
            lwsec_key_derive(prk[i], LWSEC_ALG_HMAC_256, none, NULL, &attributes, 32, &derived[i]),
            LWSEC_OK);
    }
    assert_status(lwsec_key_mac(derived[0], none, mac, sizeof mac), LWSEC_OK);
    assert_status(lwsec_key_mac_verify(derived[1], none, lwsec_bytes_of(mac, sizeof mac)),
                  LWSEC_OK);
    lwsec_key *keys[] = {&own, &printed, &shared, &prk[0], &prk[1], &derived[0], &derived[1]};
    for (size_t i = 0; i < COUNT(keys); i++) {
        assert_status(lwsec_key_destroy(keys[i]), LWSEC_OK);
    }
}

static void test_agreements(void **state)
{
    assert_int_equal(lwsec_vector_each("ecdh.txt", check_ecdh, *state), 2);
}

static const suite_test tests[] = {
    SUITE_TEST(test_aeads),       SUITE_TEST(test_macs),       SUITE_TEST(test_ciphers),
    SUITE_TEST(test_derivations), SUITE_TEST(test_signatures), SUITE_TEST(test_agreements),
};

const suite_group suite_known_answers = {"known-answers", false, tests, COUNT(tests)};
