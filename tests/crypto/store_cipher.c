/* CBC, CTR and single blocks: what one store encrypts, every other one decrypts. */
#include "tests/crypto/groups.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define BOTH (LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT)
#define LONGEST 208U

static void skip_without_ciphers(const suite_state *suite)
{
    if (suite_algorithm(suite, LWSEC_KIND_CIPHER, 0) == NULL) {
        skip();
    }
}

static void test_what_one_store_encrypts_the_other_decrypts(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *cipher;
    uint8_t apart[LONGEST];
    uint8_t in_place[LONGEST];

    skip_without_ciphers(suite);
    for (size_t i = 0; (cipher = suite_algorithm(suite, LWSEC_KIND_CIPHER, i)) != NULL; i++) {
        for (size_t size = cipher->key_size_min; size <= cipher->key_size_max; size += 8) {
            const lwsec_bytes raw = suite_pattern(size, 1);
            const lwsec_bytes iv = suite_pattern(cipher->nonce_size, 2);
            lwsec_key here = lwsec_test_key(suite->store, cipher->id, LWSEC_USE_ENCRYPT, raw);
            lwsec_key there = lwsec_test_key(suite->other, cipher->id, LWSEC_USE_DECRYPT, raw);
            for (size_t text = 0; text <= LONGEST; text += cipher->nonce_size) {
                const lwsec_bytes plain = suite_pattern(text, 3);
                memcpy(in_place, plain.data, text);
                assert_status(lwsec_key_cbc(here, LWSEC_ENCRYPT, iv, plain, apart, text), LWSEC_OK);
                assert_status(lwsec_key_cbc(here, LWSEC_ENCRYPT, iv, lwsec_bytes_of(in_place, text),
                                            in_place, text),
                              LWSEC_OK);
                assert_memory_equal(apart, in_place, text);
                assert_status(lwsec_key_cbc(there, LWSEC_DECRYPT, iv, lwsec_bytes_of(apart, text),
                                            apart, text),
                              LWSEC_OK);
                assert_memory_equal(apart, plain.data, text);
            }
            assert_status(lwsec_key_destroy(&here), LWSEC_OK);
            assert_status(lwsec_key_destroy(&there), LWSEC_OK);
        }
    }
}

static void test_counter_mode_runs_both_ways_from_any_counter(void **state)
{
    const suite_state *suite = *state;
    static const char *const counters[] = {
        "00000000000000000000000000000000", "000000000000000000000000ffffffff",
        "0000000000000000ffffffffffffffff", "ffffffffffffffffffffffffffffffff"};
    uint8_t apart[101];
    uint8_t back[101];

    skip_without_ciphers(suite);
    suite_skip_without(suite, LWSEC_TEST_CAN_CTR);
    for (size_t size = 16; size <= 32; size += 8) {
        const lwsec_bytes raw = suite_pattern(size, 1);
        lwsec_key here = lwsec_test_key(suite->store, LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT, raw);
        lwsec_key there = lwsec_test_key(suite->other, LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT, raw);
        for (size_t i = 0; i < COUNT(counters); i++) {
            const lwsec_bytes counter = lwsec_test_hex(counters[i]);
            for (size_t text = 0; text <= sizeof apart; text++) {
                const lwsec_bytes plain = suite_pattern(text, 3);
                assert_status(lwsec_key_ctr(here, counter, plain, apart, text), LWSEC_OK);
                memcpy(back, apart, text);
                assert_status(lwsec_key_ctr(there, counter, lwsec_bytes_of(back, text), back, text),
                              LWSEC_OK);
                assert_memory_equal(back, plain.data, text);
            }
        }
        assert_status(lwsec_key_destroy(&here), LWSEC_OK);
        assert_status(lwsec_key_destroy(&there), LWSEC_OK);
    }
}

/* A block is CBC with a vector of zeros, and CTR's first key stream. */
static void test_blocks_agree_between_stores_and_modes(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *cipher;
    static const uint8_t zeros[16];

    skip_without_ciphers(suite);
    suite_skip_without(suite, LWSEC_TEST_CAN_CTR | LWSEC_TEST_CAN_BLOCK);
    for (size_t i = 0; (cipher = suite_algorithm(suite, LWSEC_KIND_CIPHER, i)) != NULL; i++) {
        const lwsec_bytes block = suite_pattern(cipher->nonce_size, 3);
        lwsec_key here = suite_key(suite->store, cipher, LWSEC_USE_ENCRYPT, 1);
        lwsec_key there = suite_key(suite->other, cipher, LWSEC_USE_ENCRYPT, 1);
        uint8_t one[16];
        uint8_t other[16];

        assert_status(lwsec_key_block(here, block, one, sizeof one), LWSEC_OK);
        assert_status(lwsec_key_cbc(there, LWSEC_ENCRYPT, lwsec_bytes_of(zeros, block.size), block,
                                    other, sizeof other),
                      LWSEC_OK);
        assert_memory_equal(one, other, block.size);
        if (cipher->id == LWSEC_ALG_AES_CBC) {
            assert_status(lwsec_key_ctr(there, block, lwsec_bytes_of(zeros, 16), other, 16),
                          LWSEC_OK);
            assert_memory_equal(one, other, block.size);
        }
        assert_status(lwsec_key_destroy(&here), LWSEC_OK);
        assert_status(lwsec_key_destroy(&there), LWSEC_OK);
    }
}

static void test_two_key_triple_des_is_three_keys_with_the_first_again(void **state)
{
    const suite_state *suite = *state;
    const lwsec_bytes two = lwsec_test_hex("0123456789abcdeffedcba9876543210");
    const lwsec_bytes three = lwsec_test_hex("0123456789abcdeffedcba98765432100123456789abcdef");
    uint8_t one[24];
    uint8_t other[24];

    skip_without_ciphers(suite);
    const lwsec_key here = lwsec_test_key(suite->store, LWSEC_ALG_TDES_CBC, BOTH, two);
    const lwsec_key there = lwsec_test_key(suite->other, LWSEC_ALG_TDES_CBC, BOTH, three);
    assert_status(lwsec_key_cbc(here, LWSEC_ENCRYPT, suite_pattern(8, 2), suite_pattern(24, 3), one,
                                sizeof one),
                  LWSEC_OK);
    assert_status(lwsec_key_cbc(there, LWSEC_ENCRYPT, suite_pattern(8, 2), suite_pattern(24, 3),
                                other, sizeof other),
                  LWSEC_OK);
    assert_memory_equal(one, other, sizeof one);
}

static void test_wrong_sizes_uses_and_directions_are_refused(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *cipher;

    skip_without_ciphers(suite);
    suite_skip_without(suite, LWSEC_TEST_CAN_CTR | LWSEC_TEST_CAN_BLOCK);
    for (size_t i = 0; (cipher = suite_algorithm(suite, LWSEC_KIND_CIPHER, i)) != NULL; i++) {
        const size_t block = cipher->nonce_size;
        const lwsec_bytes iv = suite_pattern(block, 2);
        const lwsec_bytes text = suite_pattern(2 * block, 3);
        const lwsec_bytes part = suite_pattern(2 * block - 1, 3);
        lwsec_key encrypts = suite_key(suite->store, cipher, LWSEC_USE_ENCRYPT, 1);
        lwsec_key decrypts = suite_key(suite->store, cipher, LWSEC_USE_DECRYPT, 1);
        uint8_t out[32] = {0};

        assert_status(lwsec_key_cbc(encrypts, LWSEC_ENCRYPT, iv, part, out, 32), LWSEC_USAGE);
        assert_status(
            lwsec_key_cbc(encrypts, LWSEC_ENCRYPT, suite_pattern(block - 1, 2), text, out, 32),
            LWSEC_USAGE);
        assert_status(lwsec_key_cbc(encrypts, LWSEC_DECRYPT, iv, text, out, 32), LWSEC_USAGE);
        assert_status(lwsec_key_cbc(decrypts, LWSEC_ENCRYPT, iv, text, out, 32), LWSEC_USAGE);
        assert_status(lwsec_key_cbc(encrypts, (lwsec_direction)3, iv, text, out, 32), LWSEC_USAGE);
        assert_status(lwsec_key_cbc(encrypts, LWSEC_ENCRYPT, iv, text, out, 2 * block - 1),
                      LWSEC_BUFFER);
        assert_status(lwsec_key_block(encrypts, part, out, 32), LWSEC_USAGE);
        assert_status(lwsec_key_block(encrypts, iv, out, block - 1), LWSEC_BUFFER);
        assert_status(lwsec_key_block(decrypts, iv, out, 32), LWSEC_USAGE);
        assert_status(lwsec_key_ctr(decrypts, iv, text, out, 32), LWSEC_USAGE);
        assert_status(lwsec_key_ctr(encrypts, suite_pattern(12, 2), text, out, 32), LWSEC_USAGE);
        suite_assert_zeros(out, sizeof out);
        assert_status(lwsec_key_destroy(&encrypts), LWSEC_OK);
        assert_status(lwsec_key_destroy(&decrypts), LWSEC_OK);
    }
}

static const suite_test tests[] = {
    SUITE_KDF_TEST(test_what_one_store_encrypts_the_other_decrypts),
    SUITE_KDF_TEST(test_counter_mode_runs_both_ways_from_any_counter),
    SUITE_KDF_TEST(test_blocks_agree_between_stores_and_modes),
    SUITE_KDF_TEST(test_two_key_triple_des_is_three_keys_with_the_first_again),
    SUITE_KDF_TEST(test_wrong_sizes_uses_and_directions_are_refused),
};

const suite_group suite_cipher = {"store-cipher", true, tests, COUNT(tests)};
