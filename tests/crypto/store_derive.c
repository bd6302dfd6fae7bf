/* Derived keys are the same whichever store derives them and whichever one they are put into. */
#include "tests/crypto/groups.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const int32_t hashes[] = {LWSEC_ALG_HMAC_256, LWSEC_ALG_HMAC_384, LWSEC_ALG_HMAC_512};

static lwsec_key make_secret(lwsec_store *store)
{
    return lwsec_test_key(store, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, suite_pattern(24, 1));
}

/* Shows that two keys are one: what the first seals the second opens. */
static void assert_same_key(const suite_state *suite, lwsec_key sealer, lwsec_key opener)
{
    const lwsec_algorithm *aead = suite_aead_of(suite);
    const lwsec_bytes nonce = suite_pattern(aead->nonce_size, 7);
    const lwsec_bytes text = suite_pattern(19, 8);
    uint8_t sealed[19 + 16];
    uint8_t opened[19];

    assert_status(lwsec_key_seal(sealer, nonce, text, text, sealed, sizeof sealed), LWSEC_OK);
    assert_status(lwsec_key_open(opener, nonce, text,
                                 lwsec_bytes_of(sealed, text.size + aead->tag_size), opened,
                                 sizeof opened),
                  LWSEC_OK);
    assert_bytes(lwsec_bytes_of(opened, sizeof opened), text);
}

/* Extract and expand in `from`, with the two results in the stores that are named. */
static lwsec_key derive(const suite_state *suite, lwsec_store *from, int32_t hmac,
                        lwsec_store *prk_store, lwsec_store *key_store, uint32_t usage,
                        lwsec_bytes info)
{
    const lwsec_algorithm *aead = suite_aead_of(suite);
    const lwsec_key_attributes attributes = suite_attributes(aead->id, usage);
    lwsec_key secret = make_secret(from);
    lwsec_key prk = {NULL, 0, 0};
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_extract(secret, hmac, suite_pattern(8, 2), prk_store, &prk), LWSEC_OK);
    assert_status(
        lwsec_key_derive(prk, hmac, info, key_store, &attributes, aead->key_size_max, &key),
        LWSEC_OK);
    if (prk_store != NULL) {
        assert_ptr_equal(prk.store, prk_store);
    }
    if (key_store != NULL) {
        assert_ptr_equal(key.store, key_store);
    }
    assert_status(lwsec_key_destroy(&secret), LWSEC_OK);
    assert_status(lwsec_key_destroy(&prk), LWSEC_OK);
    return key;
}

static bool both_have(const suite_state *suite, int32_t algorithm)
{
    return lwsec_test_store_has(suite->kind, algorithm) &&
           lwsec_test_store_has(suite->other_kind, algorithm);
}

static void test_a_key_derived_here_is_the_one_derived_there(void **state)
{
    const suite_state *suite = *state;
    const lwsec_bytes info = suite_pattern(11, 3);

    suite_skip_without(suite, LWSEC_TEST_CAN_EXTRACT | LWSEC_TEST_CAN_DERIVE);
    for (size_t i = 0; i < COUNT(hashes); i++) {
        if (!both_have(suite, hashes[i])) {
            continue;
        }
        lwsec_key keys[] = {
            derive(suite, suite->store, hashes[i], NULL, NULL, LWSEC_USE_SEAL, info),
            derive(suite, suite->other, hashes[i], NULL, NULL, LWSEC_USE_OPEN, info),
            derive(suite, suite->store, hashes[i], NULL, suite->other, LWSEC_USE_OPEN, info),
            derive(suite, suite->store, hashes[i], suite->other, suite->store, LWSEC_USE_OPEN,
                   info),
        };
        for (size_t j = 1; j < COUNT(keys); j++) {
            assert_same_key(suite, keys[0], keys[j]);
        }
        for (size_t j = 0; j < COUNT(keys); j++) {
            assert_status(lwsec_key_destroy(&keys[j]), LWSEC_OK);
        }
    }
}

static void test_a_long_info_derives_the_same_key_as_well(void **state)
{
    const suite_state *suite = *state;
    const lwsec_bytes info = suite_pattern(256, 3);

    suite_skip_without(suite, LWSEC_TEST_CAN_EXTRACT | LWSEC_TEST_CAN_DERIVE);
    assert_same_key(
        suite, derive(suite, suite->store, LWSEC_ALG_HMAC_256, NULL, NULL, LWSEC_USE_SEAL, info),
        derive(suite, suite->other, LWSEC_ALG_HMAC_256, NULL, NULL, LWSEC_USE_OPEN, info));
}

/* RFC 5869 section 2.2: a salt that is not given is as many zeros as the hash is long. */
static void test_no_salt_is_a_salt_of_zeros(void **state)
{
    const suite_state *suite = *state;
    static const uint8_t zeros[64];
    const lwsec_algorithm *aead = suite_aead_of(suite);
    const lwsec_key_attributes sealer = suite_attributes(aead->id, LWSEC_USE_SEAL);
    const lwsec_key_attributes opener = suite_attributes(aead->id, LWSEC_USE_OPEN);
    const size_t size = aead->key_size_max;
    lwsec_key prk[2];
    lwsec_key keys[2];

    suite_skip_without(suite, LWSEC_TEST_CAN_EXTRACT | LWSEC_TEST_CAN_DERIVE);
    for (size_t i = 0; i < COUNT(hashes); i++) {
        if (!both_have(suite, hashes[i])) {
            continue;
        }
        const lwsec_bytes salt = lwsec_bytes_of(zeros, lwsec_algorithm_find(hashes[i])->tag_size);
        const lwsec_bytes info = lwsec_bytes_of(NULL, 0);
        lwsec_key here = make_secret(suite->store);
        lwsec_key there = make_secret(suite->other);
        assert_status(lwsec_key_extract(here, hashes[i], info, NULL, &prk[0]), LWSEC_OK);
        assert_status(lwsec_key_extract(there, hashes[i], salt, NULL, &prk[1]), LWSEC_OK);
        assert_status(lwsec_key_derive(prk[0], hashes[i], info, NULL, &sealer, size, &keys[0]),
                      LWSEC_OK);
        assert_status(lwsec_key_derive(prk[1], hashes[i], info, NULL, &opener, size, &keys[1]),
                      LWSEC_OK);
        assert_same_key(suite, keys[0], keys[1]);
        assert_status(lwsec_key_destroy(&here), LWSEC_OK);
        assert_status(lwsec_key_destroy(&there), LWSEC_OK);
        for (size_t j = 0; j < 2; j++) {
            assert_status(lwsec_key_destroy(&prk[j]), LWSEC_OK);
            assert_status(lwsec_key_destroy(&keys[j]), LWSEC_OK);
        }
    }
}

static void test_a_hash_that_the_store_lacks_is_unsupported(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *aead = suite_aead_of(suite);
    const lwsec_key_attributes attributes = suite_attributes(aead->id, LWSEC_USE_SEAL);
    const lwsec_key secret = make_secret(suite->store);
    const lwsec_key prk =
        lwsec_test_key(suite->store, LWSEC_ALG_HKDF, LWSEC_USE_DERIVE, suite_pattern(32, 1));
    lwsec_key key = {NULL, 0, 0};

    if (lwsec_test_store_has(suite->kind, LWSEC_ALG_HMAC_384)) {
        skip();
    }
    assert_status(
        lwsec_key_extract(secret, LWSEC_ALG_HMAC_384, lwsec_bytes_of(NULL, 0), NULL, &key),
        LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_derive(prk, LWSEC_ALG_HMAC_384, lwsec_bytes_of(NULL, 0), NULL,
                                   &attributes, aead->key_size_max, &key),
                  LWSEC_UNSUPPORTED);
    assert_null(key.store);
}

static void test_derivations_that_are_not_allowed_make_no_key(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *aead = suite_aead_of(suite);
    const lwsec_key_attributes attributes = suite_attributes(aead->id, LWSEC_USE_SEAL);
    const lwsec_bytes none = lwsec_bytes_of(NULL, 0);
    const lwsec_key secret = make_secret(suite->store);
    const lwsec_key prk =
        lwsec_test_key(suite->store, LWSEC_ALG_HKDF, LWSEC_USE_DERIVE, suite_pattern(32, 1));
    lwsec_key key = {NULL, 0, 0};

    suite_skip_without(suite, LWSEC_TEST_CAN_DERIVE);
    assert_status(lwsec_key_derive(secret, LWSEC_ALG_HMAC_256, none, NULL, &attributes, 32, &key),
                  LWSEC_USAGE);
    assert_status(lwsec_key_extract(prk, LWSEC_ALG_HMAC_256, none, NULL, &key), LWSEC_USAGE);
    assert_status(lwsec_key_derive(prk, LWSEC_ALG_HMAC_256, none, NULL, &attributes, 33, &key),
                  LWSEC_USAGE);
    assert_status(lwsec_key_derive(prk, LWSEC_ALG_HMAC_256, none, NULL, &attributes,
                                   aead->key_size_max - 1U, &key),
                  LWSEC_USAGE);
    assert_status(lwsec_key_derive(prk, LWSEC_ALG_HMAC_256, none, NULL, &attributes, 0, &key),
                  LWSEC_USAGE);
    assert_status(
        lwsec_key_derive(prk, LWSEC_ALG_CHACHA20_POLY1305, none, NULL, &attributes, 32, &key),
        LWSEC_USAGE);
    assert_status(lwsec_key_extract(secret, LWSEC_ALG_AES_CMAC, none, NULL, &key), LWSEC_USAGE);
    assert_null(key.store);
}

static void test_a_full_target_is_a_limit_and_no_key(void **state)
{
    const suite_state *suite = *state;
    const lwsec_key secret = make_secret(suite->store);
    lwsec_key key = {NULL, 0, 0};

    suite_skip_without(suite, LWSEC_TEST_CAN_EXTRACT);
    for (size_t i = 0; i < SUITE_SLOTS; i++) {
        (void)make_secret(suite->other);
    }
    assert_status(
        lwsec_key_extract(secret, LWSEC_ALG_HMAC_256, lwsec_bytes_of(NULL, 0), suite->other, &key),
        LWSEC_LIMIT);
    assert_null(key.store);
}

/* Known answer by `openssl kdf TLS1-PRF` over the premaster secret of RFC 4279. */
static void test_the_master_secret_of_a_psk(void **state)
{
    const suite_state *suite = *state;
    const lwsec_bytes psk = lwsec_test_hex("000102030405060708090a0b0c0d0e0f10111213");
    const lwsec_bytes seed = lwsec_test_hex("6d617374657220736563726574a0a1a2a3");
    const lwsec_bytes expected =
        lwsec_test_hex("1f00307a703147bfdd127bb7e99ca7466cb27cd8909b6011a2035174"
                       "55354af6f92a9c16448127ea93239ee2010e1ae8");
    uint8_t master[48] = {0};

    if (suite_algorithm(suite, LWSEC_KIND_PSK, 0) == NULL) {
        skip();
    }
    const lwsec_key key = lwsec_test_key(suite->store, LWSEC_ALG_PSK, LWSEC_USE_PSK, psk);
    assert_status(lwsec_key_tls12_psk_master(key, LWSEC_ALG_HMAC_256, seed, master, 47),
                  LWSEC_BUFFER);
    assert_status(lwsec_key_tls12_psk_master(key, LWSEC_ALG_HMAC_512, seed, master, 48),
                  LWSEC_USAGE);
    assert_status(
        lwsec_key_tls12_psk_master(make_secret(suite->store), LWSEC_ALG_HMAC_256, seed, master, 48),
        LWSEC_USAGE);
    suite_assert_zeros(master, sizeof master);
    assert_status(lwsec_key_tls12_psk_master(key, LWSEC_ALG_HMAC_256, seed, master, 48), LWSEC_OK);
    assert_bytes(lwsec_bytes_of(master, sizeof master), expected);
}

static const suite_test tests[] = {
    SUITE_KDF_TEST(test_a_key_derived_here_is_the_one_derived_there),
    SUITE_KDF_TEST(test_a_long_info_derives_the_same_key_as_well),
    SUITE_KDF_TEST(test_no_salt_is_a_salt_of_zeros),
    SUITE_KDF_TEST(test_a_hash_that_the_store_lacks_is_unsupported),
    SUITE_KDF_TEST(test_derivations_that_are_not_allowed_make_no_key),
    SUITE_KDF_TEST(test_a_full_target_is_a_limit_and_no_key),
    SUITE_KDF_TEST(test_the_master_secret_of_a_psk),
};

const suite_group suite_derive = {"store-derive", true, tests, COUNT(tests)};
