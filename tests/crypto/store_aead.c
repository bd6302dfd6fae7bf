/* What one store seals, every other one opens, whatever the sizes. */
#include "tests/crypto/groups.h"

static const size_t text_sizes[] = {0, 1, 15, 16, 17, 64, 1024};
static const size_t aad_sizes[] = {0, 1, 14, 15, 16, 26, 64};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* One message, out of place and in place on both sides. */
static void exchange(lwsec_key sender, lwsec_key recipient, const lwsec_algorithm *algorithm,
                     lwsec_bytes aad, lwsec_bytes text)
{
    const lwsec_bytes nonce = suite_pattern(algorithm->nonce_size, (uint8_t)(text.size + aad.size));
    const size_t sealed_size = text.size + algorithm->tag_size;
    uint8_t apart[1024 + 16];
    uint8_t in_place[1024 + 16];
    uint8_t opened[1024];

    assert_status(lwsec_key_seal(sender, nonce, aad, text, apart, sealed_size), LWSEC_OK);
    if (text.size > 0) {
        memcpy(in_place, text.data, text.size);
    }
    assert_status(lwsec_key_seal(sender, nonce, aad, lwsec_bytes_of(in_place, text.size), in_place,
                                 sealed_size),
                  LWSEC_OK);
    assert_memory_equal(apart, in_place, sealed_size);

    assert_status(lwsec_key_open(recipient, nonce, aad, lwsec_bytes_of(apart, sealed_size), opened,
                                 text.size),
                  LWSEC_OK);
    assert_bytes(lwsec_bytes_of(opened, text.size), text);
    assert_status(lwsec_key_open(recipient, nonce, aad, lwsec_bytes_of(in_place, sealed_size),
                                 in_place, text.size),
                  LWSEC_OK);
    assert_bytes(lwsec_bytes_of(in_place, text.size), text);
}

static void test_what_one_store_seals_the_other_opens(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *algorithm;
    size_t index = 0;

    (void)suite_aead_of(suite); /* or none that both have */
    while ((algorithm = suite_algorithm(suite, LWSEC_KIND_AEAD, index++)) != NULL) {
        lwsec_key sender = suite_key(suite->store, algorithm, LWSEC_USE_SEAL, 1);
        lwsec_key recipient = suite_key(suite->other, algorithm, LWSEC_USE_OPEN, 1);

        for (size_t i = 0; i < COUNT(text_sizes); i++) {
            for (size_t j = 0; j < COUNT(aad_sizes); j++) {
                exchange(sender, recipient, algorithm, suite_pattern(aad_sizes[j], 2),
                         suite_pattern(text_sizes[i], 3));
            }
        }
        assert_status(lwsec_key_destroy(&sender), LWSEC_OK);
        assert_status(lwsec_key_destroy(&recipient), LWSEC_OK);
    }
    assert_true(index > 1);
}

static void test_stores_make_the_same_ciphertext(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *algorithm;
    uint8_t one[80];
    uint8_t other[80];

    for (size_t i = 0; (algorithm = suite_algorithm(suite, LWSEC_KIND_AEAD, i)) != NULL; i++) {
        const lwsec_bytes nonce = suite_pattern(algorithm->nonce_size, 4);
        lwsec_key here = suite_key(suite->store, algorithm, LWSEC_USE_SEAL, 1);
        lwsec_key there = suite_key(suite->other, algorithm, LWSEC_USE_SEAL, 1);

        assert_status(
            lwsec_key_seal(here, nonce, suite_pattern(9, 5), suite_pattern(64, 6), one, sizeof one),
            LWSEC_OK);
        assert_status(lwsec_key_seal(there, nonce, suite_pattern(9, 5), suite_pattern(64, 6), other,
                                     sizeof other),
                      LWSEC_OK);
        assert_memory_equal(one, other, 64U + algorithm->tag_size);
        assert_status(lwsec_key_destroy(&here), LWSEC_OK);
        assert_status(lwsec_key_destroy(&there), LWSEC_OK);
    }
}

/* The longest text that a CCM nonce of 13 bytes leaves room for, and one byte more. */
static void test_a_text_longer_than_its_length_field_is_never_sealed(void **state)
{
    const suite_state *suite = *state;
    static uint8_t sealed[65536 + 8];
    static uint8_t opened[65535];

    if (!lwsec_test_store_has(suite->kind, LWSEC_ALG_AES_CCM_16_64_128) ||
        !lwsec_test_store_has(suite->other_kind, LWSEC_ALG_AES_CCM_16_64_128)) {
        skip();
    }
    const lwsec_algorithm *ccm = lwsec_algorithm_find(LWSEC_ALG_AES_CCM_16_64_128);
    const lwsec_bytes nonce = suite_pattern(13, 1);
    const lwsec_bytes none = lwsec_bytes_of(NULL, 0);
    const lwsec_key sender = suite_key(suite->store, ccm, LWSEC_USE_SEAL, 1);
    const lwsec_key recipient = suite_key(suite->other, ccm, LWSEC_USE_OPEN, 1);

    const lwsec_bytes longest = suite_pattern(65535, 2);
    assert_status(lwsec_key_seal(sender, nonce, none, longest, sealed, sizeof sealed), LWSEC_OK);
    assert_status(lwsec_key_open(recipient, nonce, none, lwsec_bytes_of(sealed, 65535 + 8), opened,
                                 sizeof opened),
                  LWSEC_OK);
    assert_memory_equal(opened, longest.data, sizeof opened);

    memset(sealed, 0xa5, sizeof sealed);
    assert_status(
        lwsec_key_seal(sender, nonce, none, suite_pattern(65536, 2), sealed, sizeof sealed),
        LWSEC_USAGE);
    for (size_t i = 0; i < sizeof sealed; i++) {
        assert_int_equal(sealed[i], 0xa5);
    }
    assert_status(lwsec_key_open(recipient, nonce, none, lwsec_bytes_of(sealed, sizeof sealed),
                                 sealed, sizeof sealed),
                  LWSEC_REJECT);
}

static const suite_test tests[] = {
    SUITE_TEST(test_what_one_store_seals_the_other_opens),
    SUITE_TEST(test_stores_make_the_same_ciphertext),
    SUITE_TEST(test_a_text_longer_than_its_length_field_is_never_sealed),
};

const suite_group suite_aead = {"store-aead", true, tests, COUNT(tests)};
