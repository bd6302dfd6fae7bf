/* The life of keys in a store: which are taken, how many, for how long, and that nothing of them
 * stays. */
#include "tests/crypto/groups.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static lwsec_status import(const suite_state *suite, int32_t algorithm, uint32_t usage,
                           lwsec_bytes raw)
{
    const lwsec_key_attributes attributes = suite_attributes(algorithm, usage);
    lwsec_key key = {NULL, 0, 0};
    const lwsec_status status = lwsec_key_import(suite->store, &attributes, raw, &key);

    if (status == LWSEC_OK) {
        assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    }
    return status;
}

/* A use that the algorithm can have. */
static uint32_t usage_of(const lwsec_algorithm *algorithm)
{
    static const uint32_t usages[] = {0,
                                      LWSEC_USE_SEAL | LWSEC_USE_OPEN,
                                      LWSEC_USE_MAC,
                                      LWSEC_USE_EXTRACT | LWSEC_USE_DERIVE,
                                      LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT,
                                      LWSEC_USE_SIGN,
                                      LWSEC_USE_AGREE,
                                      LWSEC_USE_PSK};
    return usages[algorithm->kind];
}

static void test_a_store_has_exactly_the_algorithms_that_it_should(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *algorithm;

    for (size_t i = 0; (algorithm = lwsec_algorithm_at(i)) != NULL; i++) {
        const bool has = lwsec_test_store_has(suite->kind, algorithm->id);
        assert_status(import(suite, algorithm->id, usage_of(algorithm),
                             suite_pattern(algorithm->key_size_max, 1)),
                      has ? LWSEC_OK : LWSEC_UNSUPPORTED);
    }
    assert_status(import(suite, 0, LWSEC_USE_SEAL, suite_pattern(16, 1)), LWSEC_USAGE);
    assert_status(import(suite, 4711, LWSEC_USE_SEAL, suite_pattern(16, 1)), LWSEC_USAGE);
}

static bool size_is_right(const lwsec_algorithm *algorithm, size_t size)
{
    const bool cipher = algorithm->kind == LWSEC_KIND_CIPHER || algorithm->id == LWSEC_ALG_AES_CMAC;

    return size >= algorithm->key_size_min && size <= algorithm->key_size_max &&
           (!cipher || size % 8 == 0);
}

static void test_keys_of_other_sizes_are_refused(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *algorithm;

    for (size_t i = 0; (algorithm = lwsec_algorithm_at(i)) != NULL; i++) {
        if (!lwsec_test_store_has(suite->kind, algorithm->id)) {
            continue;
        }
        for (size_t size = 0; size <= 256; size++) {
            const bool right = size_is_right(algorithm, size);
            assert_status(import(suite, algorithm->id, usage_of(algorithm), suite_pattern(size, 1)),
                          right ? LWSEC_OK : LWSEC_USAGE);
        }
    }
}

static void test_uses_that_an_algorithm_cannot_have_are_refused(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *algorithm;

    for (size_t i = 0; (algorithm = lwsec_algorithm_at(i)) != NULL; i++) {
        const lwsec_bytes raw = suite_pattern(algorithm->key_size_max, 1);
        assert_status(import(suite, algorithm->id, 0, raw), LWSEC_USAGE);
        for (uint32_t bit = 0; bit < 32; bit++) {
            const uint32_t use = (uint32_t)1 << bit;
            if ((usage_of(algorithm) & use) == 0) {
                assert_status(import(suite, algorithm->id, use, raw), LWSEC_USAGE);
                if (use == LWSEC_USE_PAST_LIMITS && algorithm->kind == LWSEC_KIND_AEAD) {
                    continue; /* fits beside the others, and is no use of its own */
                }
                assert_status(import(suite, algorithm->id, usage_of(algorithm) | use, raw),
                              LWSEC_USAGE);
            }
        }
    }
}

static void test_triple_des_that_is_single_des_is_refused(void **state)
{
    const suite_state *suite = *state;
    static const char *const weak[] = {
        "0123456789abcdef0123456789abcdef",                 /* K1 = K2 */
        "0123456789abcdef0022446688aaccee",                 /* K1 = K2 but for parity */
        "0123456789abcdef0123456789abcdeffedcba9876543210", /* K1 = K2 */
        "fedcba98765432100123456789abcdef0123456789abcdef", /* K2 = K3 */
        "fedcba98765432100123456789abcdef0022456789abcdee", /* K2 = K3 but for parity */
        "0123456789abcdef0123456789abcdef0123456789abcdef"};
    const uint32_t usage = LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT;

    if (!lwsec_test_store_has(suite->kind, LWSEC_ALG_TDES_CBC)) {
        skip();
    }
    for (size_t i = 0; i < COUNT(weak); i++) {
        assert_status(import(suite, LWSEC_ALG_TDES_CBC, usage, lwsec_test_hex(weak[i])),
                      LWSEC_USAGE);
    }
    /* K1 = K3 is triple DES with two keys, and one bit apart is not the same key. */
    assert_status(import(suite, LWSEC_ALG_TDES_CBC, usage,
                         lwsec_test_hex("0123456789abcdeffedcba98765432100123456789abcdef")),
                  LWSEC_OK);
    assert_status(import(suite, LWSEC_ALG_TDES_CBC, usage,
                         lwsec_test_hex("0123456789abcdef0123456789abcded")),
                  LWSEC_OK);
}

static void test_private_keys_outside_of_the_curves_order_are_refused(void **state)
{
    const suite_state *suite = *state;
    static const char *const wrong[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", /* n */
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552",
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", /* p */
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};
    static const char *const right[] = {
        "0000000000000000000000000000000000000000000000000000000000000001",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"};

    if (!lwsec_test_store_has(suite->kind, LWSEC_ALG_ES256)) {
        skip();
    }
    for (size_t i = 0; i < COUNT(wrong); i++) {
        const lwsec_bytes scalar = lwsec_test_hex(wrong[i]);
        assert_status(import(suite, LWSEC_ALG_ES256, LWSEC_USE_SIGN, scalar), LWSEC_USAGE);
        assert_status(import(suite, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, scalar), LWSEC_USAGE);
    }
    for (size_t i = 0; i < COUNT(right); i++) {
        const lwsec_bytes scalar = lwsec_test_hex(right[i]);
        assert_status(import(suite, LWSEC_ALG_ES256, LWSEC_USE_SIGN, scalar), LWSEC_OK);
        assert_status(import(suite, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, scalar), LWSEC_OK);
    }
}

static void test_a_full_store_takes_a_key_again_when_one_is_gone(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *aead = suite_aead_of(suite);
    const lwsec_key_attributes attributes = suite_attributes(aead->id, LWSEC_USE_SEAL);
    const lwsec_bytes raw = suite_pattern(aead->key_size_max, 1);
    lwsec_key keys[SUITE_SLOTS];
    lwsec_key one_more = {NULL, 0, 0};

    for (size_t i = 0; i < SUITE_SLOTS; i++) {
        keys[i] = suite_key(suite->store, aead, LWSEC_USE_SEAL, 1);
    }
    assert_status(lwsec_key_import(suite->store, &attributes, raw, &one_more), LWSEC_LIMIT);
    assert_null(one_more.store);
    assert_status(lwsec_key_destroy(&keys[7]), LWSEC_OK);
    assert_status(lwsec_key_import(suite->store, &attributes, raw, &one_more), LWSEC_OK);
    assert_status(lwsec_key_import(suite->store, &attributes, raw, &keys[7]), LWSEC_LIMIT);
}

/* A refused import must not keep its slot, however often it happens. */
static void test_refused_keys_take_no_room(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *aead = suite_aead_of(suite);
    const lwsec_algorithm *algorithm;

    for (size_t i = 0; i < 2 * SUITE_SLOTS; i++) {
        for (size_t j = 0; (algorithm = lwsec_algorithm_at(j)) != NULL; j++) {
            static const uint8_t zeros[255];
            const lwsec_bytes raw = lwsec_bytes_of(zeros, algorithm->key_size_max);
            (void)import(suite, algorithm->id, usage_of(algorithm), raw);
        }
    }
    for (size_t i = 0; i < SUITE_SLOTS; i++) {
        (void)suite_key(suite->store, aead, LWSEC_USE_SEAL, 1);
    }
}

static void test_a_destroyed_key_does_nothing_and_neither_does_its_successor_for_it(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *aead = suite_aead_of(suite);
    const lwsec_bytes nonce = suite_pattern(aead->nonce_size, 2);
    const lwsec_bytes text = suite_pattern(20, 3);
    lwsec_key_description description = {.size = sizeof description};
    uint8_t out[64];

    lwsec_key key = suite_key(suite->store, aead, LWSEC_USE_SEAL, 1);
    lwsec_key old = key;
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    assert_null(key.store);
    for (size_t i = 0; i < SUITE_SLOTS; i++) {
        (void)suite_key(suite->store, aead, LWSEC_USE_SEAL, 1);
        assert_status(lwsec_key_seal(old, nonce, text, text, out, sizeof out), LWSEC_USAGE);
    }
    assert_status(lwsec_key_describe(old, &description), LWSEC_USAGE);
    assert_status(lwsec_key_raise_uses(old, 1, 1), LWSEC_USAGE);
    assert_status(lwsec_key_destroy(&old), LWSEC_USAGE);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK); /* all zeros: nothing to do */
}

static void test_a_description_counts_seals_and_failed_opens(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *aead = suite_aead_of(suite);
    const lwsec_bytes nonce = suite_pattern(aead->nonce_size, 2);
    const lwsec_bytes text = suite_pattern(20, 3);
    const lwsec_key key = suite_key(suite->store, aead, LWSEC_USE_SEAL | LWSEC_USE_OPEN, 1);
    lwsec_key_description told = {.size = sizeof told};
    uint8_t out[64];

    for (uint32_t i = 0; i < 3; i++) {
        assert_status(lwsec_key_seal(key, nonce, text, text, out, sizeof out), LWSEC_OK);
    }
    assert_status(lwsec_key_open(key, nonce, text, lwsec_bytes_of(out, 20U + aead->tag_size), out,
                                 sizeof out),
                  LWSEC_OK);
    assert_status(lwsec_key_open(key, nonce, text, text, out, sizeof out), LWSEC_REJECT);
    assert_status(lwsec_key_seal(key, nonce, text, text, out, 1), LWSEC_BUFFER);
    assert_status(lwsec_key_describe(key, &told), LWSEC_OK);
    assert_int_equal(told.algorithm, aead->id);
    assert_int_equal(told.usage, LWSEC_USE_SEAL | LWSEC_USE_OPEN);
    assert_in_range(told.tier, LWSEC_TIER_MEMORY, LWSEC_TIER_MIXED);
    assert_true(suite->kind->size == NULL || told.tier == LWSEC_TIER_MEMORY);
    assert_int_equal(told.seals, 3);
    assert_int_equal(told.failed_opens, 1);
    assert_int_equal(told.seal_limit, aead->seal_limit);
    assert_int_equal(told.open_limit, aead->open_limit);
}

static void test_the_last_seal_and_the_last_failed_open_are_the_last(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *aead;
    uint8_t out[64];

    for (size_t i = 0; (aead = suite_algorithm(suite, LWSEC_KIND_AEAD, i)) != NULL; i++) {
        const lwsec_bytes nonce = suite_pattern(aead->nonce_size, 2);
        const lwsec_bytes text = suite_pattern(20, 3);
        lwsec_key key = suite_key(suite->store, aead, LWSEC_USE_SEAL | LWSEC_USE_OPEN, 1);

        assert_status(lwsec_key_raise_uses(key, aead->seal_limit - 1, aead->open_limit - 1),
                      LWSEC_OK);
        assert_status(lwsec_key_raise_uses(key, 1, 1), LWSEC_OK); /* never goes down */
        assert_status(lwsec_key_seal(key, nonce, text, text, out, sizeof out), LWSEC_OK);
        const lwsec_bytes sealed = lwsec_bytes_of(out, 20U + aead->tag_size);
        uint8_t opened[20];
        assert_status(lwsec_key_open(key, nonce, text, sealed, opened, sizeof opened), LWSEC_OK);
        assert_status(lwsec_key_open(key, nonce, text, text, opened, sizeof opened), LWSEC_REJECT);
        assert_status(lwsec_key_open(key, nonce, text, sealed, opened, sizeof opened), LWSEC_LIMIT);
        assert_status(lwsec_key_seal(key, nonce, text, text, out, sizeof out), LWSEC_LIMIT);
        assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    }
}

static void test_two_generated_keys_differ(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *aead;

    suite_skip_without(suite, LWSEC_TEST_CAN_GENERATE);
    for (size_t i = 0; (aead = suite_algorithm(suite, LWSEC_KIND_AEAD, i)) != NULL; i++) {
        const lwsec_key_attributes attributes = suite_attributes(aead->id, LWSEC_USE_SEAL);
        const lwsec_bytes nonce = suite_pattern(aead->nonce_size, 2);
        const lwsec_bytes text = suite_pattern(20, 3);
        uint8_t sealed[2][36];
        for (size_t j = 0; j < 2; j++) {
            lwsec_key key = {NULL, 0, 0};
            assert_status(lwsec_key_generate(suite->store, &attributes, 0, &key), LWSEC_OK);
            assert_status(lwsec_key_seal(key, nonce, text, text, sealed[j], sizeof sealed[j]),
                          LWSEC_OK);
            assert_status(lwsec_key_destroy(&key), LWSEC_OK);
        }
        assert_memory_not_equal(sealed[0], sealed[1], 20);
    }
    LWSEC_COVERS("R-5.2.9.1-12");
}

static void test_two_generated_pairs_differ(void **state)
{
    const suite_state *suite = *state;
    const lwsec_key_attributes attributes = suite_attributes(LWSEC_ALG_ES256, LWSEC_USE_SIGN);
    uint8_t point[2][65];
    lwsec_key key = {NULL, 0, 0};

    suite_skip_without(suite, LWSEC_TEST_CAN_GENERATE_PAIR);
    if (!lwsec_test_store_has(suite->kind, LWSEC_ALG_ES256)) {
        assert_status(lwsec_key_generate(suite->store, &attributes, 0, &key), LWSEC_UNSUPPORTED);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        assert_status(lwsec_key_generate(suite->store, &attributes, 0, &key), LWSEC_OK);
        assert_status(lwsec_key_public(key, point[i], sizeof point[i]), LWSEC_OK);
        assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    }
    assert_memory_not_equal(&point[0][1], &point[1][1], 32);
    LWSEC_COVERS("R-5.2.4-16");
}

/* A token may refuse to make a secret shorter than a hash, or triple DES of two keys. */
static bool is_weak(const suite_state *suite, const lwsec_algorithm *algorithm, size_t size)
{
    const bool hash = algorithm->kind == LWSEC_KIND_KDF ||
                      (algorithm->kind == LWSEC_KIND_MAC && algorithm->id != LWSEC_ALG_AES_CMAC);

    return suite->kind->size == NULL && size != 0 &&
           ((hash && size < 64) || (algorithm->id == LWSEC_ALG_TDES_CBC && size == 16));
}

static void test_every_algorithm_can_be_generated_in_every_size(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *algorithm;

    suite_skip_without(suite, LWSEC_TEST_CAN_GENERATE);
    for (size_t i = 0; (algorithm = lwsec_algorithm_at(i)) != NULL; i++) {
        const lwsec_key_attributes attributes =
            suite_attributes(algorithm->id, usage_of(algorithm));
        const bool lacks = algorithm->kind == LWSEC_KIND_PSK &&
                           (suite->kind->lacks & LWSEC_TEST_CAN_GENERATE_PSK) != 0;
        const bool has = lwsec_test_store_has(suite->kind, algorithm->id) && !lacks;
        for (size_t size = 0; size <= 256; size++) {
            const bool right = size == 0 || size_is_right(algorithm, size);
            lwsec_key key = {NULL, 0, 0};
            const lwsec_status status = lwsec_key_generate(suite->store, &attributes, size, &key);
            if (status == LWSEC_UNSUPPORTED && is_weak(suite, algorithm, size)) {
                continue;
            }
            assert_status(status, !right ? LWSEC_USAGE : has ? LWSEC_OK : LWSEC_UNSUPPORTED);
            assert_status(lwsec_key_destroy(&key), LWSEC_OK);
        }
    }
}

static void test_random_bytes_do_not_repeat(void **state)
{
    const suite_state *suite = *state;
    static uint8_t drawn[2][5000]; /* more than an engine gives at once */

    suite_skip_without(suite, LWSEC_TEST_CAN_RANDOM);
    assert_status(lwsec_random(suite->store, drawn[0], sizeof drawn[0]), LWSEC_OK);
    assert_status(lwsec_random(suite->store, drawn[1], sizeof drawn[1]), LWSEC_OK);
    for (size_t at = 0; at + 16 <= sizeof drawn[0]; at += 8) {
        assert_memory_not_equal(&drawn[0][at], &drawn[1][at], 16);
        assert_memory_not_equal(&drawn[0][at], &drawn[0][(at + 16) % 4096], 16);
    }
    assert_status(lwsec_random(suite->store, drawn[0], 0), LWSEC_OK);
    LWSEC_COVERS("R-5.2.4-16");
    LWSEC_COVERS("R-5.2.9.1-12");
}

static bool holds(const uint8_t *memory, size_t size, lwsec_bytes secret)
{
    for (size_t at = 0; at + secret.size <= size; at++) {
        if (memcmp(&memory[at], secret.data, secret.size) == 0) {
            return true;
        }
    }
    return false;
}

/* The longest key that the store takes. */
static lwsec_key longest_key(const suite_state *suite, lwsec_store *store, lwsec_bytes *secret)
{
    const bool kdf = lwsec_test_store_has(suite->kind, LWSEC_ALG_HKDF);

    *secret = suite_pattern(kdf ? 255 : 32, 77);
    return kdf ? lwsec_test_key(store, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, *secret)
               : lwsec_test_key(store, LWSEC_ALG_CHACHA20_POLY1305, LWSEC_USE_SEAL, *secret);
}

static void test_nothing_of_a_key_stays_in_the_stores_memory(void **state)
{
    const suite_state *suite = *state;
    lwsec_bytes secret;
    const size_t size = suite->kind->size(2);
    uint8_t *memory = malloc(size);
    lwsec_store *store = NULL;

    assert_status(suite->kind->open(memory, size, 2, &store), LWSEC_OK);
    lwsec_key destroyed = longest_key(suite, store, &secret);
    assert_true(holds(memory, size, secret)); /* the search finds what is there */
    assert_status(lwsec_key_destroy(&destroyed), LWSEC_OK);
    assert_false(holds(memory, size, secret));
    (void)longest_key(suite, store, &secret);
    suite->kind->close(&store);
    suite_assert_zeros(memory, size);
    free(memory);
}

static void test_the_size_macro_and_the_size_function_agree(void **state)
{
    const suite_state *suite = *state;

    assert_int_equal(suite->kind->size(3), suite->kind->macro_size_of_3);
    assert_int_equal(suite->kind->size(4) - suite->kind->size(3),
                     suite->kind->size(3) - suite->kind->size(2));
}

static void test_memory_that_does_not_do_is_refused(void **state)
{
    const suite_state *suite = *state;
    static uint64_t room[1024];
    const size_t size = suite->kind->size(3);
    lwsec_store *store = NULL;

    assert_true(size + 1 <= sizeof room);
    memset(room, 0xa5, sizeof room);
    assert_status(suite->kind->open(room, size - 1, 3, &store), LWSEC_BUFFER);
    assert_status(suite->kind->open(room, 0, 3, &store), LWSEC_BUFFER);
    assert_status(suite->kind->open(room, sizeof room, 0, &store), LWSEC_USAGE);
    assert_status(suite->kind->open(NULL, sizeof room, 3, &store), LWSEC_USAGE);
    assert_status(suite->kind->open((uint8_t *)room + 1, size, 3, &store), LWSEC_USAGE);
    assert_status(suite->kind->open((uint8_t *)room + 4, size, 3, &store), LWSEC_USAGE);
    assert_status(suite->kind->open(room, size, UINT32_MAX, &store), LWSEC_BUFFER);
    assert_null(store);
    for (size_t i = 0; i < sizeof room; i++) {
        assert_int_equal(((uint8_t *)room)[i], 0xa5);
    }
}

static void test_a_store_stays_inside_the_memory_that_it_asked_for(void **state)
{
    const suite_state *suite = *state;
    static uint64_t room[1024];
    const size_t size = suite->kind->size(3);
    lwsec_store *store = NULL;
    lwsec_bytes secret;

    memset(room, 0xa5, sizeof room);
    assert_status(suite->kind->open(room, size, 3, &store), LWSEC_OK);
    for (size_t i = 0; i < 3; i++) {
        (void)longest_key(suite, store, &secret);
    }
    suite->kind->close(&store);
    for (size_t i = size; i < sizeof room; i++) {
        assert_int_equal(((uint8_t *)room)[i], 0xa5);
    }
}

static void test_closing_nothing_does_nothing(void **state)
{
    const suite_state *suite = *state;
    lwsec_store *none = NULL;

    suite->kind->close(NULL);
    suite->kind->close(&none);
    assert_null(none);
}

static const suite_test tests[] = {
    SUITE_ANY_TEST(test_a_store_has_exactly_the_algorithms_that_it_should),
    SUITE_TEST(test_keys_of_other_sizes_are_refused),
    SUITE_TEST(test_uses_that_an_algorithm_cannot_have_are_refused),
    SUITE_TEST(test_triple_des_that_is_single_des_is_refused),
    SUITE_TEST(test_private_keys_outside_of_the_curves_order_are_refused),
    SUITE_TEST(test_a_full_store_takes_a_key_again_when_one_is_gone),
    SUITE_TEST(test_refused_keys_take_no_room),
    SUITE_TEST(test_a_destroyed_key_does_nothing_and_neither_does_its_successor_for_it),
    SUITE_TEST(test_a_description_counts_seals_and_failed_opens),
    SUITE_TEST(test_the_last_seal_and_the_last_failed_open_are_the_last),
    SUITE_TEST(test_two_generated_keys_differ),
    SUITE_TEST(test_two_generated_pairs_differ),
    SUITE_TEST(test_every_algorithm_can_be_generated_in_every_size),
    SUITE_ANY_TEST(test_random_bytes_do_not_repeat),
    SUITE_MEMORY_TEST(test_nothing_of_a_key_stays_in_the_stores_memory),
    SUITE_MEMORY_TEST(test_the_size_macro_and_the_size_function_agree),
    SUITE_MEMORY_TEST(test_memory_that_does_not_do_is_refused),
    SUITE_MEMORY_TEST(test_a_store_stays_inside_the_memory_that_it_asked_for),
    SUITE_MEMORY_TEST(test_closing_nothing_does_nothing),
};

const suite_group suite_keys = {"store-keys", false, tests, COUNT(tests)};
