/* Wycheproof's cases over every store. They are not part of lwsec: LWSEC_WYCHEPROOF names the
 * folder with its JSON files; without it the tests are skipped.
 */
#include "tests/crypto/suite.h"

#include <jansson.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Checks one case and says whether it is one that lwsec's algorithms can meet. */
typedef bool (*check_case)(const suite_state *suite, const json_t *group, const json_t *test,
                           int32_t hash);

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    assert_non_null(text);
    return text;
}

/* Decoded into memory of this case, which `forget` gives back. */
static uint8_t decoded[1 << 20];
static size_t decoded_size;

static lwsec_bytes bytes_of(const json_t *object, const char *key)
{
    const char *text = text_of(object, key);
    const size_t size = strlen(text) / 2;
    uint8_t *bytes = &decoded[decoded_size];

    assert_true(size <= sizeof decoded - decoded_size);
    for (size_t i = 0; i < size; i++) {
        unsigned byte;
        assert_int_equal(sscanf(&text[2 * i], "%2x", &byte), 1);
        bytes[i] = (uint8_t)byte;
    }
    decoded_size += size;
    return lwsec_bytes_of(bytes, size);
}

static size_t number_of(const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);

    assert_true(json_is_integer(number));
    return (size_t)json_integer_value(number);
}

static bool is_valid(const json_t *test)
{
    return strcmp(text_of(test, "result"), "valid") == 0;
}

/* "acceptable" leaves the answer to the implementation, so it shows nothing. */
static bool is_acceptable(const json_t *test)
{
    return strcmp(text_of(test, "result"), "acceptable") == 0;
}

/* Where a case fails, its number tells which. */
static void assert_case(const json_t *test, lwsec_status got, lwsec_status expected)
{
    if (got != expected) {
        print_error("case %zu, \"%s\": %s\n", number_of(test, "tcId"), text_of(test, "comment"),
                    lwsec_status_name(got));
    }
    assert_int_equal(got, expected);
}

/* Runs a file's cases; returns how many were checked. */
static size_t run_file(const suite_state *suite, const char *file, check_case check, int32_t hash)
{
    const char *folder = getenv("LWSEC_WYCHEPROOF");
    char path[512];
    json_error_t error;
    size_t checked = 0;
    size_t i;
    size_t j;
    json_t *group;
    json_t *test;

    (void)snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : LWSEC_TEST_WYCHEPROOF,
                   file);
    json_t *root = json_load_file(path, 0, &error);
    if (root == NULL) {
        print_message("%s is not there: skipped\n", path);
        skip();
    }
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            decoded_size = 0;
            checked += check(suite, group, test, hash) ? 1 : 0;
        }
    }
    json_decref(root);
    print_message("%s: %zu cases\n", file, checked);
    return checked;
}

static const lwsec_algorithm *find_aead(const suite_state *suite, const json_t *group,
                                        const char *name)
{
    const lwsec_algorithm *aead;

    for (size_t i = 0; (aead = suite_algorithm(suite, LWSEC_KIND_AEAD, i)) != NULL; i++) {
        if (strstr(aead->name, name) != NULL &&
            aead->key_size_max * 8U == number_of(group, "keySize") &&
            aead->nonce_size * 8U == number_of(group, "ivSize") &&
            aead->tag_size * 8U == number_of(group, "tagSize")) {
            return aead;
        }
    }
    return NULL;
}

static bool check_aead(const suite_state *suite, const json_t *group, const json_t *test,
                       const char *name)
{
    const lwsec_algorithm *aead = find_aead(suite, group, name);
    static uint8_t sealed[4096];
    static uint8_t out[4096];

    if (aead == NULL) {
        return false;
    }
    const lwsec_bytes nonce = bytes_of(test, "iv");
    const lwsec_bytes aad = bytes_of(test, "aad");
    const lwsec_bytes text = bytes_of(test, "msg");
    const lwsec_bytes ciphertext = bytes_of(test, "ct");
    const lwsec_bytes tag = bytes_of(test, "tag");
    const size_t size = ciphertext.size + tag.size;
    lwsec_key key = lwsec_test_key(suite->store, aead->id, LWSEC_USE_SEAL | LWSEC_USE_OPEN,
                                   bytes_of(test, "key"));

    assert_true(size <= sizeof sealed);
    (void)memmove(sealed, ciphertext.data, ciphertext.size);
    (void)memmove(&sealed[ciphertext.size], tag.data, tag.size);
    memset(out, 0xa5, sizeof out);
    assert_case(test,
                lwsec_key_open(key, nonce, aad, lwsec_bytes_of(sealed, size), out, sizeof out),
                is_valid(test) ? LWSEC_OK : LWSEC_REJECT);
    if (is_valid(test)) {
        assert_bytes(lwsec_bytes_of(out, ciphertext.size), text);
        assert_case(test, lwsec_key_seal(key, nonce, aad, text, out, sizeof out), LWSEC_OK);
        assert_memory_equal(out, sealed, size);
    } else {
        suite_assert_zeros(out, ciphertext.size);
    }
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    return true;
}

static bool check_ccm(const suite_state *suite, const json_t *group, const json_t *test,
                      int32_t hash)
{
    (void)hash;
    return check_aead(suite, group, test, "CCM");
}

static bool check_gcm(const suite_state *suite, const json_t *group, const json_t *test,
                      int32_t hash)
{
    (void)hash;
    return check_aead(suite, group, test, "GCM");
}

static bool check_chacha(const suite_state *suite, const json_t *group, const json_t *test,
                         int32_t hash)
{
    (void)hash;
    return check_aead(suite, group, test, "ChaCha20");
}

static bool check_mac(const suite_state *suite, const json_t *group, const json_t *test,
                      int32_t algorithm)
{
    const lwsec_key_attributes attributes = suite_attributes(algorithm, LWSEC_USE_MAC);
    const lwsec_bytes raw = bytes_of(test, "key");
    lwsec_key key = {NULL, 0, 0};

    (void)group;
    if (!lwsec_test_store_has(suite->kind, algorithm)) {
        return false;
    }
    const lwsec_status status = lwsec_key_import(suite->store, &attributes, raw, &key);
    if (status != LWSEC_OK) { /* a key of a size that AES does not have */
        assert_case(test, status, LWSEC_USAGE);
        assert_false(is_valid(test));
        return true;
    }
    assert_case(test, lwsec_key_mac_verify(key, bytes_of(test, "msg"), bytes_of(test, "tag")),
                is_valid(test) ? LWSEC_OK : LWSEC_REJECT);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    return true;
}

/* No key leaves the store: the derived one shows by the MAC that it makes. */
static void assert_same_mac(const json_t *test, lwsec_key one, lwsec_key other)
{
    uint8_t mac[32];

    assert_status(lwsec_key_mac(one, lwsec_bytes_of("same", 4), mac, sizeof mac), LWSEC_OK);
    assert_case(
        test,
        lwsec_key_mac_verify(other, lwsec_bytes_of("same", 4), lwsec_bytes_of(mac, sizeof mac)),
        LWSEC_OK);
}

static lwsec_key expand(lwsec_key prk, int32_t hash, lwsec_bytes info, size_t size)
{
    const lwsec_key_attributes attributes = suite_attributes(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_derive(prk, hash, info, NULL, &attributes, size, &key), LWSEC_OK);
    return key;
}

/* lwsec derives one hash length at most, so of a longer result the beginning is compared. */
static bool check_hkdf(const suite_state *suite, const json_t *group, const json_t *test,
                       int32_t hash)
{
    const size_t hash_size = lwsec_algorithm_find(hash)->tag_size;
    const lwsec_bytes okm = bytes_of(test, "okm");
    const size_t size = okm.size < hash_size ? okm.size : hash_size;
    lwsec_key prk = {NULL, 0, 0};

    (void)group;
    if (!lwsec_test_store_has(suite->kind, hash) || !is_valid(test) || size == 0) {
        return false;
    }
    lwsec_key secret =
        lwsec_test_key(suite->store, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, bytes_of(test, "ikm"));
    lwsec_key expected = lwsec_test_key(suite->store, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC,
                                        lwsec_bytes_of(okm.data, size));
    assert_status(lwsec_key_extract(secret, hash, bytes_of(test, "salt"), NULL, &prk), LWSEC_OK);
    lwsec_key derived = expand(prk, hash, bytes_of(test, "info"), size);
    assert_same_mac(test, expected, derived);
    lwsec_key *keys[] = {&secret, &expected, &prk, &derived};
    for (size_t i = 0; i < COUNT(keys); i++) {
        assert_status(lwsec_key_destroy(keys[i]), LWSEC_OK);
    }
    return true;
}

static bool check_ecdsa(const suite_state *suite, const json_t *group, const json_t *test,
                        int32_t hash)
{
    const lwsec_bytes point = bytes_of(json_object_get(group, "publicKey"), "uncompressed");

    (void)hash;
    if (!lwsec_test_store_has(suite->kind, LWSEC_ALG_ES256) || is_acceptable(test)) {
        return false;
    }
    assert_case(test,
                lwsec_verify(suite->store, LWSEC_ALG_ES256, point, bytes_of(test, "msg"),
                             bytes_of(test, "sig")),
                is_valid(test) ? LWSEC_OK : LWSEC_REJECT);
    return true;
}

/* A private key there is a number: with zeros in front, or without any. */
static bool read_scalar(const json_t *test, uint8_t scalar[32])
{
    const lwsec_bytes number = bytes_of(test, "private");
    size_t zeros = 0;

    while (zeros < number.size && number.data[zeros] == 0) {
        zeros++;
    }
    const size_t size = number.size - zeros;
    if (size > 32) {
        return false;
    }
    memset(scalar, 0, 32);
    (void)memmove(&scalar[32 - size], &number.data[zeros], size);
    return true;
}

static bool check_ecdh(const suite_state *suite, const json_t *group, const json_t *test,
                       int32_t hash)
{
    const lwsec_bytes peer = bytes_of(test, "public");
    const lwsec_bytes none = lwsec_bytes_of(NULL, 0);
    uint8_t scalar[32];
    lwsec_key keys[7] = {{NULL, 0, 0}};

    (void)group;
    (void)hash;
    /* Compressed points are right there and refused here: RFC 7252 and 7925 know the other form
     * only. */
    if (!lwsec_test_store_has(suite->kind, LWSEC_ALG_ECDH_P256) || is_acceptable(test) ||
        (is_valid(test) && peer.size != 65) || !read_scalar(test, scalar)) {
        return false;
    }
    keys[0] = lwsec_test_key(suite->store, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE,
                             lwsec_bytes_of(scalar, sizeof scalar));
    assert_case(test, lwsec_key_agree(keys[0], peer, NULL, &keys[1]),
                is_valid(test) ? LWSEC_OK : LWSEC_REJECT);
    if (is_valid(test)) {
        keys[2] = lwsec_test_key(suite->store, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT,
                                 bytes_of(test, "shared"));
        for (size_t i = 1; i <= 2; i++) {
            assert_status(lwsec_key_extract(keys[i], LWSEC_ALG_HMAC_256, none, NULL, &keys[i + 2]),
                          LWSEC_OK);
            keys[i + 4] = expand(keys[i + 2], LWSEC_ALG_HMAC_256, none, 32);
        }
        assert_same_mac(test, keys[5], keys[6]);
    }
    for (size_t i = 0; i < COUNT(keys); i++) {
        assert_status(lwsec_key_destroy(&keys[i]), LWSEC_OK);
    }
    return true;
}

/* Fails when fewer cases ran than there are known to be: a reader that finds nothing passes
 * nothing. */
static void run(void **state, const char *file, check_case check, int32_t algorithm, size_t minimum)
{
    const suite_state *suite = *state;

    if (!lwsec_test_store_has(suite->kind, algorithm)) {
        skip();
    }
    assert_in_range(run_file(suite, file, check, algorithm), minimum, 10000);
}

static void test_aes_ccm(void **state)
{
    run(state, "aes_ccm_test.json", check_ccm, LWSEC_ALG_AES_CCM_16_64_128, 24);
}

static void test_aes_gcm(void **state)
{
    run(state, "aes_gcm_test.json", check_gcm, LWSEC_ALG_A256GCM, 66);
}

static void test_chacha20_poly1305(void **state)
{
    run(state, "chacha20_poly1305_test.json", check_chacha, LWSEC_ALG_CHACHA20_POLY1305, 316);
}

static void test_aes_cmac(void **state)
{
    run(state, "aes_cmac_test.json", check_mac, LWSEC_ALG_AES_CMAC, 311);
}

static void test_hmac_sha256(void **state)
{
    run(state, "hmac_sha256_test.json", check_mac, LWSEC_ALG_HMAC_256, 174);
}

static void test_hkdf_sha256(void **state)
{
    run(state, "hkdf_sha256_test.json", check_hkdf, LWSEC_ALG_HMAC_256, 83);
}

static void test_hkdf_sha384(void **state)
{
    run(state, "hkdf_sha384_test.json", check_hkdf, LWSEC_ALG_HMAC_384, 80);
}

static void test_hkdf_sha512(void **state)
{
    run(state, "hkdf_sha512_test.json", check_hkdf, LWSEC_ALG_HMAC_512, 80);
}

static void test_ecdsa_p256(void **state)
{
    run(state, "ecdsa_secp256r1_sha256_p1363_test.json", check_ecdsa, LWSEC_ALG_ES256, 262);
}

static void test_ecdh_p256(void **state)
{
    run(state, "ecdh_secp256r1_ecpoint_test.json", check_ecdh, LWSEC_ALG_ECDH_P256, 354);
}

int main(void)
{
    const suite_test tests[] = {
        SUITE_TEST(test_aes_ccm),           SUITE_TEST(test_aes_gcm),
        SUITE_TEST(test_chacha20_poly1305), SUITE_TEST(test_aes_cmac),
        SUITE_TEST(test_hmac_sha256),       SUITE_TEST(test_hkdf_sha256),
        SUITE_TEST(test_hkdf_sha384),       SUITE_TEST(test_hkdf_sha512),
        SUITE_TEST(test_ecdsa_p256),        SUITE_TEST(test_ecdh_p256),
    };
    return suite_run_each("wycheproof", tests, COUNT(tests));
}
