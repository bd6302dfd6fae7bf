/* P-256: what one store signs every other one verifies, both sides agree, and no bad point is
 * taken. */
#include "tests/crypto/groups.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const lwsec_bytes none = {NULL, 0};

static void skip_without_p256(const suite_state *suite)
{
    if (suite_algorithm(suite, LWSEC_KIND_SIGNATURE, 0) == NULL) {
        skip();
    }
}

static lwsec_key make_pair(lwsec_store *store, int32_t algorithm, uint32_t usage, uint8_t seed)
{
    return lwsec_test_key(store, algorithm, usage, suite_pattern(32, seed));
}

/* The public half of the key of `seed`: some stores can tell it of keys alone that they made. */
static void tell_point(const suite_state *suite, lwsec_key key, uint8_t seed, uint8_t point[65])
{
    if ((suite->kind->lacks & LWSEC_TEST_CAN_PUBLIC) == 0) {
        assert_status(lwsec_key_public(key, point, 65), LWSEC_OK);
        return;
    }
    lwsec_key twin = make_pair(suite->other, LWSEC_ALG_ES256, LWSEC_USE_SIGN, seed);
    assert_status(lwsec_key_public(key, point, 65), LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_public(twin, point, 65), LWSEC_OK);
    assert_status(lwsec_key_destroy(&twin), LWSEC_OK);
}

static void test_what_one_store_signs_the_other_verifies(void **state)
{
    const suite_state *suite = *state;
    static const size_t sizes[] = {0, 1, 32, 64, 1000};
    uint8_t point[65];
    uint8_t signature[64];

    skip_without_p256(suite);
    suite_skip_without(suite, LWSEC_TEST_CAN_VERIFY);
    for (uint8_t seed = 1; seed <= 4; seed++) {
        lwsec_key key = make_pair(suite->store, LWSEC_ALG_ES256, LWSEC_USE_SIGN, seed);
        tell_point(suite, key, seed, point);
        for (size_t i = 0; i < COUNT(sizes); i++) {
            const lwsec_bytes message = suite_pattern(sizes[i], 9);
            assert_status(lwsec_key_sign(key, message, signature, sizeof signature), LWSEC_OK);
            assert_status(lwsec_verify(suite->other, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65),
                                       message, lwsec_bytes_of(signature, 64)),
                          LWSEC_OK);
        }
        assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    }
}

/* Leading zeros of r and s must stay: one in 128 signatures has one. */
static void test_a_signature_always_has_64_bytes(void **state)
{
    const suite_state *suite = *state;
    size_t with_zero = 0;
    uint8_t point[65];
    uint8_t signature[64];

    skip_without_p256(suite);
    suite_skip_without(suite, LWSEC_TEST_CAN_VERIFY);
    const lwsec_key key = make_pair(suite->store, LWSEC_ALG_ES256, LWSEC_USE_SIGN, 1);
    tell_point(suite, key, 1, point);
    for (uint32_t i = 0; i < 20000 && with_zero < 2; i++) {
        const lwsec_bytes message = lwsec_bytes_of(&i, sizeof i);
        assert_status(lwsec_key_sign(key, message, signature, sizeof signature), LWSEC_OK);
        if (signature[0] == 0 || signature[32] == 0) {
            with_zero++;
            assert_status(lwsec_verify(suite->other, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65),
                                       message, lwsec_bytes_of(signature, 64)),
                          LWSEC_OK);
        }
    }
    assert_int_equal(with_zero, 2);
}

static void test_each_byte_of_signature_message_and_point_counts(void **state)
{
    const suite_state *suite = *state;
    uint8_t point[65];
    uint8_t signature[64];
    uint8_t message[20];

    skip_without_p256(suite);
    suite_skip_without(suite, LWSEC_TEST_CAN_VERIFY);
    const lwsec_key key = make_pair(suite->store, LWSEC_ALG_ES256, LWSEC_USE_SIGN, 1);
    memcpy(message, suite_pattern(sizeof message, 9).data, sizeof message);
    tell_point(suite, key, 1, point);
    assert_status(lwsec_key_sign(key, lwsec_bytes_of(message, sizeof message), signature, 64),
                  LWSEC_OK);

    struct {
        uint8_t *bytes;
        size_t size;
    } parts[] = {{signature, sizeof signature}, {message, sizeof message}, {point, sizeof point}};
    for (size_t part = 0; part < COUNT(parts); part++) {
        for (size_t i = 0; i < parts[part].size; i++) {
            parts[part].bytes[i] ^= 0x01;
            assert_status(lwsec_verify(suite->other, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65),
                                       lwsec_bytes_of(message, sizeof message),
                                       lwsec_bytes_of(signature, 64)),
                          LWSEC_REJECT);
            parts[part].bytes[i] ^= 0x01;
        }
    }
    assert_status(lwsec_verify(suite->other, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65),
                               lwsec_bytes_of(message, sizeof message),
                               lwsec_bytes_of(signature, 63)),
                  LWSEC_REJECT);
    assert_status(lwsec_verify(suite->other, LWSEC_ALG_ES256, lwsec_bytes_of(point, 64),
                               lwsec_bytes_of(message, sizeof message),
                               lwsec_bytes_of(signature, 64)),
                  LWSEC_REJECT);
    assert_status(lwsec_verify(suite->other, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65),
                               lwsec_bytes_of(message, sizeof message), none),
                  LWSEC_REJECT);
}

/* r and s of 0, n and more: the signatures that a careless verifier takes for any message. */
static void test_signatures_out_of_range_are_rejected(void **state)
{
    const suite_state *suite = *state;
    static const char *const numbers[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0000000000000000000000000000000000000000000000000000000000000001"};
    uint8_t point[65];
    uint8_t signature[64];

    skip_without_p256(suite);
    suite_skip_without(suite, LWSEC_TEST_CAN_VERIFY);
    const lwsec_key key = make_pair(suite->store, LWSEC_ALG_ES256, LWSEC_USE_SIGN, 1);
    tell_point(suite, key, 1, point);
    for (size_t r = 0; r < COUNT(numbers); r++) {
        for (size_t s = 0; s < COUNT(numbers); s++) {
            memcpy(signature, lwsec_test_hex(numbers[r]).data, 32);
            memcpy(&signature[32], lwsec_test_hex(numbers[s]).data, 32);
            assert_status(lwsec_verify(suite->other, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65),
                                       suite_pattern(8, 9), lwsec_bytes_of(signature, 64)),
                          LWSEC_REJECT);
        }
    }
}

/* An AEAD key out of a shared secret. */
static lwsec_key key_of(const suite_state *suite, lwsec_key shared, uint32_t usage)
{
    const lwsec_algorithm *aead = suite_aead_of(suite);
    const lwsec_key_attributes attributes = suite_attributes(aead->id, usage);
    lwsec_key prk = {NULL, 0, 0};
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_extract(shared, LWSEC_ALG_HMAC_256, none, NULL, &prk), LWSEC_OK);
    assert_status(lwsec_key_derive(prk, LWSEC_ALG_HMAC_256, none, NULL, &attributes,
                                   aead->key_size_max, &key),
                  LWSEC_OK);
    return key;
}

static void test_both_sides_agree_on_the_same_secret(void **state)
{
    const suite_state *suite = *state;
    const suite_state turned = {suite->other_kind, suite->kind, suite->other, suite->store};
    const lwsec_algorithm *aead = suite_aead_of(suite);
    const lwsec_bytes nonce = suite_pattern(aead->nonce_size, 7);
    const lwsec_bytes text = suite_pattern(19, 8);
    uint8_t here_point[65];
    uint8_t there_point[65];
    uint8_t sealed[19 + 16];
    lwsec_key shared[2];

    skip_without_p256(suite);
    suite_skip_without(suite,
                       LWSEC_TEST_CAN_AGREE | LWSEC_TEST_CAN_EXTRACT | LWSEC_TEST_CAN_DERIVE);
    const lwsec_key here = make_pair(suite->store, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, 1);
    const lwsec_key there = make_pair(suite->other, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, 2);
    tell_point(suite, here, 1, here_point);
    tell_point(&turned, there, 2, there_point);
    const bool cross =
        ((suite->kind->lacks | suite->other_kind->lacks) & LWSEC_TEST_CAN_AGREE_OUT) == 0;
    assert_status(lwsec_key_agree(here, lwsec_bytes_of(there_point, 65),
                                  cross ? suite->other : suite->store, &shared[0]),
                  LWSEC_OK);
    assert_status(lwsec_key_agree(there, lwsec_bytes_of(here_point, 65),
                                  cross ? suite->store : suite->other, &shared[1]),
                  LWSEC_OK);
    assert_status(lwsec_key_seal(key_of(suite, shared[0], LWSEC_USE_SEAL), nonce, none, text,
                                 sealed, sizeof sealed),
                  LWSEC_OK);
    assert_status(lwsec_key_open(key_of(suite, shared[1], LWSEC_USE_OPEN), nonce, none,
                                 lwsec_bytes_of(sealed, text.size + aead->tag_size), sealed,
                                 sizeof sealed),
                  LWSEC_OK);
    assert_memory_equal(sealed, text.data, text.size);
}

static void test_bad_points_are_rejected(void **state)
{
    const suite_state *suite = *state;
    uint8_t point[65];
    lwsec_key shared = {NULL, 0, 0};

    skip_without_p256(suite);
    suite_skip_without(suite, LWSEC_TEST_CAN_AGREE);
    const lwsec_key key = make_pair(suite->store, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, 1);
    tell_point(suite, key, 1, point);
    for (size_t i = 0; i < sizeof point; i++) { /* off the curve, or another form */
        point[i] ^= 0x02;
        assert_status(lwsec_key_agree(key, lwsec_bytes_of(point, 65), NULL, &shared), LWSEC_REJECT);
        point[i] ^= 0x02;
    }
    memset(&point[1], 0, 64); /* (0, 0) stands for infinity in some codes */
    assert_status(lwsec_key_agree(key, lwsec_bytes_of(point, 65), NULL, &shared), LWSEC_REJECT);
    memset(&point[1], 0xff, 64); /* coordinates past the field */
    assert_status(lwsec_key_agree(key, lwsec_bytes_of(point, 65), NULL, &shared), LWSEC_REJECT);
    point[0] = 0; /* infinity as the standard writes it */
    assert_status(lwsec_key_agree(key, lwsec_bytes_of(point, 1), NULL, &shared), LWSEC_REJECT);
    assert_status(lwsec_key_agree(key, lwsec_bytes_of(point, 65), NULL, &shared), LWSEC_REJECT);
    assert_status(lwsec_key_agree(key, none, NULL, &shared), LWSEC_REJECT);
    assert_null(shared.store);
}

/* The digest of "abc" (FIPS 180-2). */
static void test_a_signature_over_a_digest_is_one_over_its_message(void **state)
{
    const suite_state *suite = *state;
    const lwsec_bytes digest =
        lwsec_test_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    uint8_t signature[64] = {0};
    uint8_t point[65];

    skip_without_p256(suite);
    suite_skip_without(suite, LWSEC_TEST_CAN_VERIFY | LWSEC_TEST_CAN_SIGN_DIGEST);
    const lwsec_key key = make_pair(suite->store, LWSEC_ALG_ES256, LWSEC_USE_SIGN, 5);
    tell_point(suite, key, 5, point);
    assert_status(lwsec_key_sign_digest(key, digest, signature, 63), LWSEC_BUFFER);
    assert_status(lwsec_key_sign_digest(key, lwsec_bytes_of(digest.data, 31), signature, 64),
                  LWSEC_USAGE);
    suite_assert_zeros(signature, sizeof signature);
    assert_status(lwsec_key_sign_digest(key, digest, signature, 64), LWSEC_OK);
    assert_status(lwsec_verify(suite->other, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65),
                               lwsec_bytes_of("abc", 3), lwsec_bytes_of(signature, 64)),
                  LWSEC_OK);
    const lwsec_key agreer = make_pair(suite->store, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, 1);
    assert_status(lwsec_key_sign_digest(agreer, digest, signature, 64), LWSEC_USAGE);
}

static void test_a_key_has_one_purpose_and_its_outputs_need_room(void **state)
{
    const suite_state *suite = *state;
    uint8_t out[65] = {0};
    uint8_t point[65];
    lwsec_key shared = {NULL, 0, 0};

    skip_without_p256(suite);
    const lwsec_key signer = make_pair(suite->store, LWSEC_ALG_ES256, LWSEC_USE_SIGN, 1);
    const lwsec_key agreer = make_pair(suite->store, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, 1);
    tell_point(suite, agreer, 1, point);
    assert_status(lwsec_key_sign(agreer, none, out, sizeof out), LWSEC_USAGE);
    assert_status(lwsec_key_agree(signer, lwsec_bytes_of(point, 65), NULL, &shared), LWSEC_USAGE);
    assert_status(lwsec_key_sign(signer, none, out, 63), LWSEC_BUFFER);
    assert_status(lwsec_key_public(signer, out, 64), LWSEC_BUFFER);
    assert_status(lwsec_verify(suite->store, LWSEC_ALG_ECDH_P256, lwsec_bytes_of(point, 65), none,
                               lwsec_bytes_of(out, 64)),
                  LWSEC_USAGE);
    suite_assert_zeros(out, sizeof out);
    assert_null(shared.store);
}

static const suite_test tests[] = {
    SUITE_KDF_TEST(test_what_one_store_signs_the_other_verifies),
    SUITE_KDF_TEST(test_a_signature_always_has_64_bytes),
    SUITE_KDF_TEST(test_a_signature_over_a_digest_is_one_over_its_message),
    SUITE_KDF_TEST(test_each_byte_of_signature_message_and_point_counts),
    SUITE_KDF_TEST(test_signatures_out_of_range_are_rejected),
    SUITE_KDF_TEST(test_both_sides_agree_on_the_same_secret),
    SUITE_KDF_TEST(test_bad_points_are_rejected),
    SUITE_KDF_TEST(test_a_key_has_one_purpose_and_its_outputs_need_room),
};

const suite_group suite_p256 = {"store-p256", true, tests, COUNT(tests)};
