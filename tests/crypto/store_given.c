/* Keys that are in a store already, which takes no others: a card that was personalised, a token
 * whose keys its own tool makes. Each does what the same key does in the other store. */
#include "tests/crypto/groups.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define POINT 65U
#define THREADS 4
#define ROUNDS 25U

static const lwsec_bytes none = {NULL, 0};
static const size_t sizes[] = {0, 1, 16, 32, 55, 56, 64, 100};

static lwsec_bytes name_of(const lwsec_store_check_key *given)
{
    return lwsec_bytes_of(given->name, strlen(given->name));
}

static bool is_container(const lwsec_store_check_key *given)
{
    return given->secret.size == 0 && given->point.size == 0;
}

/* Key `index` of a kind that has content; NULL at the end. */
static const lwsec_store_check_key *given_at(const suite_state *suite, lwsec_algorithm_kind kind,
                                             size_t index)
{
    for (size_t i = 0; i < suite->kind->given_count; i++) {
        const lwsec_store_check_key *given = &suite->kind->given[i];
        if (!is_container(given) && lwsec_algorithm_find(given->algorithm)->kind == kind &&
            index-- == 0) {
            return given;
        }
    }
    return NULL;
}

static void skip_without(const suite_state *suite, lwsec_algorithm_kind kind)
{
    if (given_at(suite, kind, 0) == NULL) {
        skip();
    }
}

static lwsec_key find(const suite_state *suite, const lwsec_store_check_key *given)
{
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_find(suite->store, name_of(given), &key), LWSEC_OK);
    return key;
}

static lwsec_key same(const suite_state *suite, const lwsec_store_check_key *given)
{
    return lwsec_test_key(suite->other, given->algorithm, given->usage, given->secret);
}

static lwsec_status generate(const suite_state *suite, const lwsec_store_check_key *container,
                             lwsec_key *key)
{
    lwsec_key_attributes attributes = suite_attributes(container->algorithm, container->usage);

    attributes.name = name_of(container);
    return lwsec_key_generate(suite->store, &attributes, 0, key);
}

/* The first container for pairs of an algorithm. */
static const lwsec_store_check_key *container_of(const suite_state *suite, int32_t algorithm)
{
    for (size_t i = 0; i < suite->kind->given_count; i++) {
        const lwsec_store_check_key *given = &suite->kind->given[i];
        if (is_container(given) && given->algorithm == algorithm) {
            return given;
        }
    }
    return NULL;
}

/* ---- What is there ---- */

static void test_each_key_is_there_and_is_for_what_it_should_be(void **state)
{
    const suite_state *suite = *state;

    assert_true(suite->kind->given_count > 0);
    for (size_t i = 0; i < suite->kind->given_count; i++) {
        const lwsec_store_check_key *given = &suite->kind->given[i];
        lwsec_key_description told = {.size = sizeof told};
        if (is_container(given)) {
            continue;
        }
        lwsec_key key = find(suite, given);
        assert_status(lwsec_key_describe(key, &told), LWSEC_OK);
        assert_int_equal(told.algorithm, given->algorithm);
        assert_int_equal(told.usage, given->usage);
        assert_in_range(told.tier, LWSEC_TIER_SEALED, LWSEC_TIER_MIXED);
        assert_status(lwsec_key_release(&key), LWSEC_OK);
    }
}

static bool is_listed(const suite_state *suite, const lwsec_store_check_key *given)
{
    uint8_t room[LWSEC_KEY_NAME_MAX];
    uint8_t before[LWSEC_KEY_NAME_MAX];
    lwsec_buffer name = lwsec_buffer_of(room, sizeof room);
    lwsec_bytes after = lwsec_bytes_of(before, 0);
    bool listed = false;

    while (lwsec_key_next_name(suite->store, after, &name) == LWSEC_OK) {
        const size_t common = name.size < after.size ? name.size : after.size;
        const int order = memcmp(name.data, before, common);
        assert_true(order > 0 || (order == 0 && name.size > after.size)); /* goes on, so it ends */
        listed = listed || (name.size == strlen(given->name) &&
                            memcmp(name.data, given->name, name.size) == 0);
        memcpy(before, name.data, name.size);
        after.size = name.size;
    }
    return listed;
}

static void test_names_are_listed_in_byte_order(void **state)
{
    const suite_state *suite = *state;

    for (size_t i = 0; i < suite->kind->given_count; i++) {
        if (!is_container(&suite->kind->given[i])) {
            assert_true(is_listed(suite, &suite->kind->given[i]));
        }
    }
}

static void test_handles_come_and_go_and_the_key_stays(void **state)
{
    const suite_state *suite = *state;
    const lwsec_store_check_key *given = &suite->kind->given[0];
    lwsec_key keys[SUITE_SLOTS];
    lwsec_key one_more = {NULL, 0, 0};
    lwsec_key_description told = {.size = sizeof told};

    for (size_t i = 0; i < SUITE_SLOTS; i++) {
        keys[i] = find(suite, given);
        assert_true(i == 0 || keys[i].slot != keys[i - 1].slot);
    }
    assert_status(lwsec_key_find(suite->store, name_of(given), &one_more), LWSEC_LIMIT);
    assert_null(one_more.store);
    const lwsec_key old = keys[3];
    assert_status(lwsec_key_release(&keys[3]), LWSEC_OK);
    assert_null(keys[3].store);
    assert_status(lwsec_key_describe(old, &told), LWSEC_USAGE);
    keys[3] = find(suite, given);
    assert_status(lwsec_key_describe(old, &told), LWSEC_USAGE);
    for (size_t i = 0; i < SUITE_SLOTS; i++) {
        assert_status(lwsec_key_release(&keys[i]), LWSEC_OK);
    }
    assert_status(lwsec_key_find(suite->store, suite_pattern(8, 3), &one_more), LWSEC_ABSENT);
    assert_status(lwsec_key_find(suite->store, lwsec_bytes_of(given->name, 1), &one_more),
                  LWSEC_ABSENT); /* a beginning is no name */
}

/* ---- What they do ---- */

static void check_verifies(const suite_state *suite, const uint8_t *point, lwsec_bytes message,
                           const uint8_t *signature)
{
    assert_status(lwsec_verify(suite->other, LWSEC_ALG_ES256, lwsec_bytes_of(point, POINT), message,
                               lwsec_bytes_of(signature, 64)),
                  LWSEC_OK);
}

/* The point that the test knows, not the one that the store tells. */
static void point_of(const suite_state *suite, const lwsec_store_check_key *given,
                     uint8_t point[POINT])
{
    if (given->point.size == POINT) {
        memcpy(point, given->point.data, POINT);
        return;
    }
    lwsec_key key = same(suite, given);
    assert_status(lwsec_key_public(key, point, POINT), LWSEC_OK);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
}

static void test_signatures_verify_elsewhere(void **state)
{
    const suite_state *suite = *state;
    const lwsec_store_check_key *given;
    uint8_t point[POINT], told[POINT], signature[64];

    skip_without(suite, LWSEC_KIND_SIGNATURE);
    for (size_t i = 0; (given = given_at(suite, LWSEC_KIND_SIGNATURE, i)) != NULL; i++) {
        lwsec_key key = find(suite, given);
        point_of(suite, given, point);
        for (size_t size = 0; size < 700; size += 37) {
            const lwsec_bytes message = suite_pattern(size, 9);
            assert_status(lwsec_key_sign(key, message, signature, sizeof signature), LWSEC_OK);
            check_verifies(suite, point, message, signature);
        }
        if ((suite->kind->lacks & LWSEC_TEST_CAN_PUBLIC) == 0) {
            assert_status(lwsec_key_public(key, told, sizeof told), LWSEC_OK);
            assert_memory_equal(told, point, POINT);
        }
        assert_status(lwsec_key_release(&key), LWSEC_OK);
    }
}

/* The digest of "abc" (FIPS 180-2). */
static void test_a_signature_over_a_digest_is_one_over_its_message(void **state)
{
    const suite_state *suite = *state;
    const lwsec_store_check_key *given = given_at(suite, LWSEC_KIND_SIGNATURE, 0);
    const lwsec_bytes digest =
        lwsec_test_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    uint8_t point[POINT], signature[64] = {0};

    suite_skip_without(suite, LWSEC_TEST_CAN_SIGN_DIGEST);
    skip_without(suite, LWSEC_KIND_SIGNATURE);
    const lwsec_key key = find(suite, given);
    assert_status(lwsec_key_sign_digest(key, digest, signature, 63), LWSEC_BUFFER);
    assert_status(lwsec_key_sign_digest(key, lwsec_bytes_of(digest.data, 31), signature, 64),
                  LWSEC_USAGE);
    suite_assert_zeros(signature, sizeof signature);
    assert_status(lwsec_key_sign_digest(key, digest, signature, 64), LWSEC_OK);
    point_of(suite, given, point);
    check_verifies(suite, point, lwsec_bytes_of("abc", 3), signature);
}

/* A key of HMAC out of a pseudorandom key, and what it makes of a text. */
static void mac_of(lwsec_key prk, uint8_t mac[32])
{
    const lwsec_key_attributes hmac = suite_attributes(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);
    lwsec_key key = {NULL, 0, 0};

    assert_status(
        lwsec_key_derive(prk, LWSEC_ALG_HMAC_256, suite_pattern(7, 5), NULL, &hmac, 32, &key),
        LWSEC_OK);
    assert_status(lwsec_key_mac(key, suite_pattern(20, 6), mac, 32), LWSEC_OK);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
}

/* With every target that the store may have: another store, and wherever it puts its own. */
static void test_secrets_are_extracted_as_elsewhere(void **state)
{
    const suite_state *suite = *state;
    lwsec_store *const targets[] = {suite->other, NULL};
    const lwsec_store_check_key *given;
    uint8_t macs[2][32];

    suite_skip_without(suite, LWSEC_TEST_CAN_EXTRACT);
    skip_without(suite, LWSEC_KIND_KDF);
    for (size_t i = 0; (given = given_at(suite, LWSEC_KIND_KDF, i)) != NULL; i++) {
        lwsec_key keys[2] = {find(suite, given), same(suite, given)};
        for (size_t j = 0; j < COUNT(sizes) * COUNT(targets); j++) {
            const lwsec_bytes salt = suite_pattern(sizes[j / COUNT(targets)], 4);
            for (size_t side = 0; side < 2; side++) {
                lwsec_store *target = side == 0 ? targets[j % COUNT(targets)] : NULL;
                lwsec_key prk = {NULL, 0, 0};
                assert_status(lwsec_key_extract(keys[side], LWSEC_ALG_HMAC_256, salt, target, &prk),
                              LWSEC_OK);
                mac_of(prk, macs[side]);
                assert_status(lwsec_key_destroy(&prk), LWSEC_OK);
            }
            assert_memory_equal(macs[0], macs[1], 32);
        }
        assert_status(lwsec_key_release(&keys[0]), LWSEC_OK);
        assert_status(lwsec_key_destroy(&keys[1]), LWSEC_OK);
    }
}

static void test_master_secrets_of_a_psk_are_those_of_elsewhere(void **state)
{
    const suite_state *suite = *state;
    const lwsec_store_check_key *given;
    uint8_t masters[2][48];

    skip_without(suite, LWSEC_KIND_PSK);
    for (size_t i = 0; (given = given_at(suite, LWSEC_KIND_PSK, i)) != NULL; i++) {
        lwsec_key keys[2] = {find(suite, given), same(suite, given)};
        for (size_t j = 1; j < COUNT(sizes); j++) {
            for (size_t side = 0; side < 2; side++) {
                assert_status(lwsec_key_tls12_psk_master(keys[side], LWSEC_ALG_HMAC_256,
                                                         suite_pattern(sizes[j], 8), masters[side],
                                                         sizeof masters[side]),
                              LWSEC_OK);
            }
            assert_memory_equal(masters[0], masters[1], 48);
        }
        assert_status(lwsec_key_tls12_psk_master(keys[0], LWSEC_ALG_HMAC_256, suite_pattern(9, 8),
                                                 masters[0], 47),
                      LWSEC_BUFFER);
        assert_status(lwsec_key_release(&keys[0]), LWSEC_OK);
        assert_status(lwsec_key_destroy(&keys[1]), LWSEC_OK);
    }
}

static void test_macs_are_those_of_elsewhere(void **state)
{
    const suite_state *suite = *state;
    const lwsec_store_check_key *given;
    uint8_t macs[2][64];

    skip_without(suite, LWSEC_KIND_MAC);
    for (size_t i = 0; (given = given_at(suite, LWSEC_KIND_MAC, i)) != NULL; i++) {
        lwsec_key keys[2] = {find(suite, given), same(suite, given)};
        for (size_t size = 0; size < 150; size++) {
            const lwsec_bytes message = suite_pattern(size, 3);
            assert_status(lwsec_key_mac(keys[0], message, macs[0], sizeof macs[0]), LWSEC_OK);
            assert_status(lwsec_key_mac(keys[1], message, macs[1], sizeof macs[1]), LWSEC_OK);
            assert_memory_equal(macs[0], macs[1], lwsec_algorithm_find(given->algorithm)->tag_size);
        }
        assert_status(lwsec_key_release(&keys[0]), LWSEC_OK);
        assert_status(lwsec_key_destroy(&keys[1]), LWSEC_OK);
    }
}

static void test_texts_are_sealed_and_opened_as_elsewhere(void **state)
{
    const suite_state *suite = *state;
    const lwsec_store_check_key *given;
    uint8_t sealed[2][100 + 16];

    skip_without(suite, LWSEC_KIND_AEAD);
    for (size_t i = 0; (given = given_at(suite, LWSEC_KIND_AEAD, i)) != NULL; i++) {
        const lwsec_algorithm *aead = lwsec_algorithm_find(given->algorithm);
        const lwsec_bytes nonce = suite_pattern(aead->nonce_size, 2);
        lwsec_key keys[2] = {find(suite, given), same(suite, given)};
        for (size_t j = 0; j < COUNT(sizes); j++) {
            const lwsec_bytes text = suite_pattern(sizes[j], 3);
            const lwsec_bytes result = {sealed[0], text.size + aead->tag_size};
            for (size_t side = 0; side < 2; side++) {
                assert_status(lwsec_key_seal(keys[side], nonce, text, text, sealed[side],
                                             sizeof sealed[side]),
                              LWSEC_OK);
            }
            assert_memory_equal(sealed[0], sealed[1], result.size);
            sealed[1][0] ^= 1;
            assert_status(lwsec_key_open(keys[0], nonce, text,
                                         lwsec_bytes_of(sealed[1], result.size), sealed[1],
                                         sizeof sealed[1]),
                          LWSEC_REJECT);
            assert_status(lwsec_key_open(keys[0], nonce, text, result, sealed[0], sizeof sealed[0]),
                          LWSEC_OK);
            assert_bytes(lwsec_bytes_of(sealed[0], text.size), text);
        }
        assert_status(lwsec_key_release(&keys[0]), LWSEC_OK);
        assert_status(lwsec_key_destroy(&keys[1]), LWSEC_OK);
    }
}

static void test_texts_are_encrypted_and_decrypted_as_elsewhere(void **state)
{
    const suite_state *suite = *state;
    const lwsec_store_check_key *given;
    uint8_t out[2][96];

    skip_without(suite, LWSEC_KIND_CIPHER);
    for (size_t i = 0; (given = given_at(suite, LWSEC_KIND_CIPHER, i)) != NULL; i++) {
        const size_t block = lwsec_algorithm_find(given->algorithm)->nonce_size;
        const lwsec_bytes iv = suite_pattern(block, 2);
        lwsec_key keys[2] = {find(suite, given), same(suite, given)};
        for (size_t size = block; size <= sizeof out[0]; size += block) {
            const lwsec_bytes text = suite_pattern(size, 3);
            for (size_t side = 0; side < 2; side++) {
                assert_status(
                    lwsec_key_cbc(keys[side], LWSEC_ENCRYPT, iv, text, out[side], sizeof out[side]),
                    LWSEC_OK);
            }
            assert_memory_equal(out[0], out[1], size);
            assert_status(lwsec_key_cbc(keys[0], LWSEC_DECRYPT, iv, lwsec_bytes_of(out[1], size),
                                        out[0], sizeof out[0]),
                          LWSEC_OK);
            assert_bytes(lwsec_bytes_of(out[0], size), text);
        }
        assert_status(lwsec_key_release(&keys[0]), LWSEC_OK);
        assert_status(lwsec_key_destroy(&keys[1]), LWSEC_OK);
    }
}

/* ---- Pairs that the store generates ---- */

static void test_a_generated_pair_signs(void **state)
{
    const suite_state *suite = *state;
    const lwsec_store_check_key *container = container_of(suite, LWSEC_ALG_ES256);
    const lwsec_bytes message = suite_pattern(33, 1);
    uint8_t point[POINT], again[POINT], signature[64];
    lwsec_key key = {NULL, 0, 0};

    if (container == NULL) {
        skip();
    }
    assert_status(generate(suite, container, &key), LWSEC_OK);
    assert_status(lwsec_key_public(key, again, sizeof again), LWSEC_OK);
    assert_status(lwsec_key_sign(key, message, signature, sizeof signature), LWSEC_OK);
    check_verifies(suite, again, message, signature);
    lwsec_key found = find(suite, container);
    assert_status(lwsec_key_public(found, point, sizeof point), LWSEC_OK);
    assert_memory_equal(point, again, POINT);
}

static void test_both_sides_agree_on_the_same_secret(void **state)
{
    const suite_state *suite = *state;
    const lwsec_store_check_key *container = container_of(suite, LWSEC_ALG_ECDH_P256);
    const lwsec_key_attributes pair = suite_attributes(LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE);
    uint8_t points[2][POINT], macs[2][32];

    suite_skip_without(suite, LWSEC_TEST_CAN_AGREE | LWSEC_TEST_CAN_AGREE_OUT);
    if (container == NULL) {
        skip();
    }
    lwsec_key here = {NULL, 0, 0};
    assert_status(generate(suite, container, &here), LWSEC_OK);
    assert_status(lwsec_key_public(here, points[0], POINT), LWSEC_OK);
    for (size_t i = 0; i < 10; i++) {
        lwsec_key there = {NULL, 0, 0}, shared[2], prk[2];
        assert_status(lwsec_key_generate(suite->other, &pair, 0, &there), LWSEC_OK);
        assert_status(lwsec_key_public(there, points[1], POINT), LWSEC_OK);
        assert_status(
            lwsec_key_agree(here, lwsec_bytes_of(points[1], POINT), suite->other, &shared[0]),
            LWSEC_OK);
        assert_status(lwsec_key_agree(there, lwsec_bytes_of(points[0], POINT), NULL, &shared[1]),
                      LWSEC_OK);
        for (size_t side = 0; side < 2; side++) {
            assert_status(
                lwsec_key_extract(shared[side], LWSEC_ALG_HMAC_256, none, NULL, &prk[side]),
                LWSEC_OK);
            mac_of(prk[side], macs[side]);
            assert_status(lwsec_key_destroy(&prk[side]), LWSEC_OK);
            assert_status(lwsec_key_destroy(&shared[side]), LWSEC_OK);
        }
        assert_memory_equal(macs[0], macs[1], 32);
        assert_status(lwsec_key_destroy(&there), LWSEC_OK);
    }
}

static void test_bad_points_are_rejected(void **state)
{
    const suite_state *suite = *state;
    const lwsec_store_check_key *container = container_of(suite, LWSEC_ALG_ECDH_P256);
    uint8_t point[POINT];
    lwsec_key key = {NULL, 0, 0};
    lwsec_key shared = {NULL, 0, 0};

    suite_skip_without(suite, LWSEC_TEST_CAN_AGREE);
    if (container == NULL) {
        skip();
    }
    assert_status(generate(suite, container, &key), LWSEC_OK);
    assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_OK);
    for (size_t i = 0; i < sizeof point; i++) { /* off the curve, or another form */
        point[i] ^= 0x02;
        assert_status(lwsec_key_agree(key, lwsec_bytes_of(point, POINT), suite->other, &shared),
                      LWSEC_REJECT);
        point[i] ^= 0x02;
    }
    memset(&point[1], 0, 64);
    assert_status(lwsec_key_agree(key, lwsec_bytes_of(point, POINT), suite->other, &shared),
                  LWSEC_REJECT);
    memset(&point[1], 0xff, 64);
    assert_status(lwsec_key_agree(key, lwsec_bytes_of(point, POINT), suite->other, &shared),
                  LWSEC_REJECT);
    assert_status(lwsec_key_agree(key, none, suite->other, &shared), LWSEC_REJECT);
    assert_null(shared.store);
}

/* ---- What they do not do ---- */

/* Every use but those that this key has. */
static void check_uses(const suite_state *suite, const lwsec_store_check_key *given)
{
    const lwsec_bytes text = suite_pattern(16, 3);
    const lwsec_key key = find(suite, given);
    const lwsec_key_attributes hmac = suite_attributes(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);
    uint8_t out[65];
    lwsec_key made = {NULL, 0, 0};

    if ((given->usage & LWSEC_USE_SEAL) == 0) {
        assert_status(lwsec_key_seal(key, text, text, text, out, sizeof out), LWSEC_USAGE);
    }
    if ((given->usage & LWSEC_USE_MAC) == 0) {
        assert_status(lwsec_key_mac(key, text, out, sizeof out), LWSEC_USAGE);
    }
    if ((given->usage & LWSEC_USE_ENCRYPT) == 0) {
        assert_status(lwsec_key_cbc(key, LWSEC_ENCRYPT, text, text, out, sizeof out), LWSEC_USAGE);
    }
    if ((given->usage & LWSEC_USE_EXTRACT) == 0) {
        assert_status(lwsec_key_extract(key, LWSEC_ALG_HMAC_256, text, suite->other, &made),
                      LWSEC_USAGE);
    }
    if ((given->usage & LWSEC_USE_DERIVE) == 0) {
        assert_status(
            lwsec_key_derive(key, LWSEC_ALG_HMAC_256, text, suite->other, &hmac, 32, &made),
            LWSEC_USAGE);
    }
    if ((given->usage & LWSEC_USE_SIGN) == 0) {
        assert_status(lwsec_key_sign(key, text, out, sizeof out), LWSEC_USAGE);
    }
    if ((given->usage & LWSEC_USE_PSK) == 0) {
        assert_status(lwsec_key_tls12_psk_master(key, LWSEC_ALG_HMAC_256, text, out, sizeof out),
                      LWSEC_USAGE);
    }
    assert_null(made.store);
}

static void test_a_key_has_one_purpose(void **state)
{
    const suite_state *suite = *state;

    for (size_t i = 0; i < suite->kind->given_count; i++) {
        if (!is_container(&suite->kind->given[i])) {
            check_uses(suite, &suite->kind->given[i]);
        }
    }
}

/* ---- Threads, and a forked child ---- */

/* One key for all threads; what came out is looked at afterwards. */
typedef struct thread_work {
    pthread_t thread;
    lwsec_key key;
    lwsec_bytes text;
    uint8_t out[ROUNDS][64];
    lwsec_status status;
} thread_work;

static void *sign_often(void *argument)
{
    thread_work *work = argument;

    for (size_t i = 0; i < ROUNDS && work->status == LWSEC_OK; i++) {
        work->status = lwsec_key_sign(work->key, work->text, work->out[i], sizeof work->out[i]);
    }
    return NULL;
}

static void test_threads_sign_with_one_key(void **state)
{
    const suite_state *suite = *state;
    const lwsec_store_check_key *given = given_at(suite, LWSEC_KIND_SIGNATURE, 0);
    static thread_work works[THREADS];
    uint8_t point[POINT];

    skip_without(suite, LWSEC_KIND_SIGNATURE);
    const lwsec_key key = find(suite, given);
    point_of(suite, given, point);
    for (size_t i = 0; i < THREADS; i++) {
        works[i].key = key;
        works[i].text = suite_pattern(40 + i, (uint8_t)i);
        works[i].status = LWSEC_OK;
        assert_int_equal(pthread_create(&works[i].thread, NULL, sign_often, &works[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(works[i].thread, NULL), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_status(works[i].status, LWSEC_OK);
        for (size_t j = 0; j < ROUNDS; j++) {
            check_verifies(suite, point, works[i].text, works[i].out[j]);
        }
    }
}

static void test_a_child_can_use_none_of_them(void **state)
{
    const suite_state *suite = *state;
    const lwsec_store_check_key *given = &suite->kind->given[0];
    const lwsec_key key = find(suite, given);
    int status = 0;

    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        uint8_t out[65];
        lwsec_key again = {NULL, 0, 0};
        lwsec_key_description told = {.size = sizeof told};
        const lwsec_status got[] = {
            lwsec_key_find(suite->store, name_of(given), &again),
            lwsec_random(suite->store, out, 16),
            lwsec_key_sign(key, suite_pattern(3, 3), out, sizeof out),
            lwsec_key_mac(key, suite_pattern(3, 3), out, sizeof out),
        };
        int wrong = 0;
        for (size_t i = 0; i < COUNT(got); i++) { /* a use that it has not may be told first */
            wrong |= got[i] == LWSEC_FORKED || (i > 1 && got[i] == LWSEC_USAGE) ? 0 : 1 << i;
        }
        _exit(wrong);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static const suite_test tests[] = {
    SUITE_GIVEN_TEST(test_each_key_is_there_and_is_for_what_it_should_be),
    SUITE_GIVEN_TEST(test_names_are_listed_in_byte_order),
    SUITE_GIVEN_TEST(test_handles_come_and_go_and_the_key_stays),
    SUITE_GIVEN_TEST(test_signatures_verify_elsewhere),
    SUITE_GIVEN_TEST(test_a_signature_over_a_digest_is_one_over_its_message),
    SUITE_GIVEN_TEST(test_secrets_are_extracted_as_elsewhere),
    SUITE_GIVEN_TEST(test_master_secrets_of_a_psk_are_those_of_elsewhere),
    SUITE_GIVEN_TEST(test_macs_are_those_of_elsewhere),
    SUITE_GIVEN_TEST(test_texts_are_sealed_and_opened_as_elsewhere),
    SUITE_GIVEN_TEST(test_texts_are_encrypted_and_decrypted_as_elsewhere),
    SUITE_GIVEN_TEST(test_a_generated_pair_signs),
    SUITE_GIVEN_TEST(test_both_sides_agree_on_the_same_secret),
    SUITE_GIVEN_TEST(test_bad_points_are_rejected),
    SUITE_GIVEN_TEST(test_a_key_has_one_purpose),
    SUITE_GIVEN_TEST(test_threads_sign_with_one_key),
    SUITE_GIVEN_TEST(test_a_child_can_use_none_of_them),
};

const suite_group suite_given = {"store-given", true, tests, COUNT(tests)};
