/* What one store authenticates, every other one verifies. */
#include "tests/crypto/groups.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Around the blocks of hashes and ciphers, and around what a store takes in one piece. */
static const size_t message_sizes[] = {0,  1,   15,  16,  17,  31,  32,  55,  56,  63,  64,
                                       65, 128, 256, 257, 272, 273, 288, 528, 529, 1000};

static void test_stores_compute_the_same_mac_of_any_size(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *algorithm;
    size_t index = 0;

    while ((algorithm = suite_algorithm(suite, LWSEC_KIND_MAC, index++)) != NULL) {
        lwsec_key here = suite_key(suite->store, algorithm, LWSEC_USE_MAC, 1);
        lwsec_key there = suite_key(suite->other, algorithm, LWSEC_USE_MAC, 1);
        for (size_t i = 0; i < COUNT(message_sizes); i++) {
            const lwsec_bytes message = suite_pattern(message_sizes[i], 2);
            uint8_t mac[64];
            assert_status(lwsec_key_mac(here, message, mac, sizeof mac), LWSEC_OK);
            for (size_t cut = 4; cut <= algorithm->tag_size; cut++) {
                assert_status(lwsec_key_mac_verify(there, message, lwsec_bytes_of(mac, cut)),
                              LWSEC_OK);
            }
        }
        assert_status(lwsec_key_destroy(&here), LWSEC_OK);
        assert_status(lwsec_key_destroy(&there), LWSEC_OK);
    }
    assert_true(index > 1);
}

static void test_keys_of_all_sizes_give_the_same_mac(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *algorithm;

    for (size_t i = 0; (algorithm = suite_algorithm(suite, LWSEC_KIND_MAC, i)) != NULL; i++) {
        const size_t step = algorithm->id == LWSEC_ALG_AES_CMAC ? 8 : 1;
        for (size_t size = algorithm->key_size_min; size <= algorithm->key_size_max; size += step) {
            const lwsec_bytes raw = suite_pattern(size, 3);
            lwsec_key here = lwsec_test_key(suite->store, algorithm->id, LWSEC_USE_MAC, raw);
            lwsec_key there = lwsec_test_key(suite->other, algorithm->id, LWSEC_USE_MAC, raw);
            uint8_t mac[64];
            assert_status(lwsec_key_mac(here, suite_pattern(40, 4), mac, sizeof mac), LWSEC_OK);
            assert_status(lwsec_key_mac_verify(there, suite_pattern(40, 4),
                                               lwsec_bytes_of(mac, algorithm->tag_size)),
                          LWSEC_OK);
            assert_status(lwsec_key_destroy(&here), LWSEC_OK);
            assert_status(lwsec_key_destroy(&there), LWSEC_OK);
        }
    }
}

static void test_each_bit_of_mac_and_message_counts(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *algorithm;

    for (size_t i = 0; (algorithm = suite_algorithm(suite, LWSEC_KIND_MAC, i)) != NULL; i++) {
        lwsec_key here = suite_key(suite->store, algorithm, LWSEC_USE_MAC, 1);
        lwsec_key there = suite_key(suite->other, algorithm, LWSEC_USE_MAC, 1);
        uint8_t message[33];
        uint8_t mac[64];

        memcpy(message, suite_pattern(sizeof message, 2).data, sizeof message);
        const lwsec_bytes whole = lwsec_bytes_of(mac, algorithm->tag_size);
        assert_status(lwsec_key_mac(here, lwsec_bytes_of(message, sizeof message), mac, sizeof mac),
                      LWSEC_OK);
        for (size_t bit = 0; bit < 8U * algorithm->tag_size; bit++) {
            mac[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_status(
                lwsec_key_mac_verify(there, lwsec_bytes_of(message, sizeof message), whole),
                LWSEC_REJECT);
            mac[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        for (size_t at = 0; at < sizeof message; at++) {
            message[at] ^= 0x10;
            assert_status(
                lwsec_key_mac_verify(there, lwsec_bytes_of(message, sizeof message), whole),
                LWSEC_REJECT);
            message[at] ^= 0x10;
            assert_status(lwsec_key_mac_verify(there, lwsec_bytes_of(message, at), whole),
                          LWSEC_REJECT);
        }
        assert_status(lwsec_key_destroy(&here), LWSEC_OK);
        assert_status(lwsec_key_destroy(&there), LWSEC_OK);
    }
}

static void test_a_mac_of_less_than_four_bytes_or_more_than_all_is_no_mac(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *algorithm;

    for (size_t i = 0; (algorithm = suite_algorithm(suite, LWSEC_KIND_MAC, i)) != NULL; i++) {
        lwsec_key key = suite_key(suite->store, algorithm, LWSEC_USE_MAC, 1);
        uint8_t mac[65] = {0};

        assert_status(lwsec_key_mac(key, suite_pattern(5, 2), mac, algorithm->tag_size - 1U),
                      LWSEC_BUFFER);
        suite_assert_zeros(mac, sizeof mac);
        assert_status(lwsec_key_mac(key, suite_pattern(5, 2), mac, algorithm->tag_size), LWSEC_OK);
        assert_status(lwsec_key_mac_verify(key, suite_pattern(5, 2), lwsec_bytes_of(mac, 3)),
                      LWSEC_USAGE);
        assert_status(lwsec_key_mac_verify(key, suite_pattern(5, 2),
                                           lwsec_bytes_of(mac, algorithm->tag_size + 1U)),
                      LWSEC_USAGE);
        assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    }
}

static const suite_test tests[] = {
    SUITE_KDF_TEST(test_stores_compute_the_same_mac_of_any_size),
    SUITE_KDF_TEST(test_keys_of_all_sizes_give_the_same_mac),
    SUITE_KDF_TEST(test_each_bit_of_mac_and_message_counts),
    SUITE_KDF_TEST(test_a_mac_of_less_than_four_bytes_or_more_than_all_is_no_mac),
};

const suite_group suite_mac = {"store-mac", true, tests, COUNT(tests)};
