/* What a store must not open: anything that differs in a single bit, and what it leaves behind
 * then. */
#include "tests/crypto/groups.h"

#define TEXT 33U
#define AAD 21U
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A sealed message with all that is needed to open it; each test spoils one thing. */
typedef struct sealed_message {
    const lwsec_algorithm *algorithm;
    lwsec_key key;
    uint8_t nonce[13];
    uint8_t aad[AAD];
    uint8_t sealed[TEXT + 16];
    size_t size;
} sealed_message;

static sealed_message make_message(const suite_state *suite, const lwsec_algorithm *algorithm)
{
    sealed_message made = {.algorithm = algorithm, .size = TEXT + algorithm->tag_size};

    made.key = suite_key(suite->store, algorithm, LWSEC_USE_SEAL | LWSEC_USE_OPEN, 1);
    memcpy(made.nonce, suite_pattern(sizeof made.nonce, 2).data, sizeof made.nonce);
    memcpy(made.aad, suite_pattern(AAD, 3).data, AAD);
    assert_status(lwsec_key_seal(made.key, lwsec_bytes_of(made.nonce, algorithm->nonce_size),
                                 lwsec_bytes_of(made.aad, AAD), suite_pattern(TEXT, 4), made.sealed,
                                 sizeof made.sealed),
                  LWSEC_OK);
    return made;
}

static lwsec_status open_message(const sealed_message *message, uint8_t *out)
{
    return lwsec_key_open(message->key,
                          lwsec_bytes_of(message->nonce, message->algorithm->nonce_size),
                          lwsec_bytes_of(message->aad, AAD),
                          lwsec_bytes_of(message->sealed, message->size), out, TEXT);
}

static void assert_rejected(const sealed_message *message)
{
    uint8_t out[TEXT];

    memset(out, 0xa5, sizeof out);
    assert_status(open_message(message, out), LWSEC_REJECT);
    suite_assert_zeros(out, sizeof out);
}

static void assert_opens(const sealed_message *message)
{
    uint8_t out[TEXT];

    assert_status(open_message(message, out), LWSEC_OK);
    assert_bytes(lwsec_bytes_of(out, TEXT), suite_pattern(TEXT, 4));
}

/* Runs over every AEAD that the store has. */
static void for_each_aead(void **state, void (*check)(const suite_state *, sealed_message *))
{
    const suite_state *suite = *state;
    const lwsec_algorithm *algorithm;
    size_t index = 0;

    (void)suite_aead_of(suite); /* or none */
    while ((algorithm = suite_algorithm(suite, LWSEC_KIND_AEAD, index++)) != NULL) {
        sealed_message message = make_message(suite, algorithm);
        check(suite, &message);
        assert_opens(&message); /* a refusal must not spoil the next message */
        assert_status(lwsec_key_destroy(&message.key), LWSEC_OK);
    }
    assert_true(index > 1);
}

static void spoil_ciphertext(const suite_state *suite, sealed_message *message)
{
    (void)suite;
    for (size_t bit = 0; bit < 8 * message->size; bit++) {
        message->sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_rejected(message);
        message->sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void test_each_bit_of_ciphertext_and_tag_counts(void **state)
{
    for_each_aead(state, spoil_ciphertext);
}

static void spoil_nonce(const suite_state *suite, sealed_message *message)
{
    (void)suite;
    for (size_t i = 0; i < message->algorithm->nonce_size; i++) {
        message->nonce[i] ^= 0x80;
        assert_rejected(message);
        message->nonce[i] ^= 0x80;
    }
}

static void test_each_byte_of_the_nonce_counts(void **state)
{
    for_each_aead(state, spoil_nonce);
}

static void spoil_aad(const suite_state *suite, sealed_message *message)
{
    uint8_t out[TEXT];

    (void)suite;
    for (size_t i = 0; i < AAD; i++) {
        message->aad[i] ^= 0x01;
        assert_rejected(message);
        message->aad[i] ^= 0x01;
        assert_status(lwsec_key_open(message->key,
                                     lwsec_bytes_of(message->nonce, message->algorithm->nonce_size),
                                     lwsec_bytes_of(message->aad, i),
                                     lwsec_bytes_of(message->sealed, message->size), out, TEXT),
                      LWSEC_REJECT);
        suite_assert_zeros(out, sizeof out);
    }
}

static void test_each_byte_of_the_additional_data_and_its_length_count(void **state)
{
    for_each_aead(state, spoil_aad);
}

static void truncate_message(const suite_state *suite, sealed_message *message)
{
    const size_t whole = message->size;
    uint8_t out[TEXT];

    (void)suite;
    for (size_t size = 0; size < whole; size++) {
        memset(out, 0xa5, sizeof out);
        message->size = size;
        assert_status(open_message(message, out), LWSEC_REJECT);
        if (size >= message->algorithm->tag_size) {
            suite_assert_zeros(out, size - message->algorithm->tag_size);
        }
    }
    message->size = whole;
}

static void test_a_shorter_ciphertext_is_rejected(void **state)
{
    for_each_aead(state, truncate_message);
}

static void open_in_place(const suite_state *suite, sealed_message *original)
{
    sealed_message copy = *original;

    (void)suite;
    copy.sealed[copy.size - 1] ^= 0x01;
    assert_status(open_message(&copy, copy.sealed), LWSEC_REJECT);
    suite_assert_zeros(copy.sealed, TEXT);
}

static void test_a_failed_open_in_place_leaves_zeros(void **state)
{
    for_each_aead(state, open_in_place);
}

static void open_with_other_key(const suite_state *suite, sealed_message *original)
{
    sealed_message other = *original;

    other.key = suite_key(suite->store, other.algorithm, LWSEC_USE_OPEN, 9);
    assert_rejected(&other);
    assert_status(lwsec_key_destroy(&other.key), LWSEC_OK);
}

static void test_another_key_opens_nothing(void **state)
{
    for_each_aead(state, open_with_other_key);
}

/* An empty text is all tag: engines treat it as a case of its own. */
static void spoil_empty(const suite_state *suite, sealed_message *message)
{
    const lwsec_bytes nonce = lwsec_bytes_of(message->nonce, message->algorithm->nonce_size);
    const size_t tag_size = message->algorithm->tag_size;
    const lwsec_bytes none = lwsec_bytes_of(NULL, 0);
    uint8_t tag[16];

    (void)suite;
    assert_status(lwsec_key_seal(message->key, nonce, none, none, tag, sizeof tag), LWSEC_OK);
    assert_status(lwsec_key_open(message->key, nonce, none, lwsec_bytes_of(tag, tag_size), NULL, 0),
                  LWSEC_OK);
    for (size_t bit = 0; bit < 8 * tag_size; bit++) {
        tag[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_status(
            lwsec_key_open(message->key, nonce, none, lwsec_bytes_of(tag, tag_size), NULL, 0),
            LWSEC_REJECT);
        tag[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_status(lwsec_key_open(message->key, nonce, suite_pattern(AAD, 3),
                                 lwsec_bytes_of(tag, tag_size), NULL, 0),
                  LWSEC_REJECT);
}

static void test_the_tag_of_an_empty_text_counts_as_well(void **state)
{
    for_each_aead(state, spoil_empty);
}

static void use_wrong_sizes(const suite_state *suite, sealed_message *message)
{
    const size_t nonce_size = message->algorithm->nonce_size;
    const lwsec_bytes aad = lwsec_bytes_of(message->aad, AAD);
    const lwsec_bytes text = suite_pattern(TEXT, 4);
    uint8_t out[TEXT + 16];

    (void)suite;
    memset(out, 0xa5, sizeof out);
    for (size_t size = 0; size <= 16; size++) {
        const lwsec_bytes nonce = suite_pattern(size, 2);
        if (size != nonce_size) {
            assert_status(lwsec_key_seal(message->key, nonce, aad, text, out, sizeof out),
                          LWSEC_USAGE);
            assert_status(lwsec_key_open(message->key, nonce, aad,
                                         lwsec_bytes_of(message->sealed, message->size), out,
                                         sizeof out),
                          LWSEC_USAGE);
        }
    }
    const lwsec_bytes nonce = lwsec_bytes_of(message->nonce, nonce_size);
    assert_status(lwsec_key_seal(message->key, nonce, aad, text, out, message->size - 1),
                  LWSEC_BUFFER);
    assert_status(lwsec_key_open(message->key, nonce, aad,
                                 lwsec_bytes_of(message->sealed, message->size), out, TEXT - 1),
                  LWSEC_BUFFER);
    for (size_t i = 0; i < sizeof out; i++) {
        assert_int_equal(out[i], 0xa5);
    }
}

static void test_wrong_nonce_sizes_and_short_buffers_write_nothing(void **state)
{
    for_each_aead(state, use_wrong_sizes);
}

static void test_a_key_seals_nothing_that_it_may_only_open(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *algorithm;
    uint8_t out[TEXT + 16];

    for (size_t i = 0; (algorithm = suite_algorithm(suite, LWSEC_KIND_AEAD, i)) != NULL; i++) {
        const lwsec_bytes nonce = suite_pattern(algorithm->nonce_size, 2);
        const lwsec_bytes text = suite_pattern(TEXT, 4);
        lwsec_key opener = suite_key(suite->store, algorithm, LWSEC_USE_OPEN, 1);
        lwsec_key sealer = suite_key(suite->store, algorithm, LWSEC_USE_SEAL, 1);
        assert_status(lwsec_key_seal(opener, nonce, text, text, out, sizeof out), LWSEC_USAGE);
        assert_status(lwsec_key_open(sealer, nonce, text, text, out, sizeof out), LWSEC_USAGE);
        assert_status(lwsec_key_mac(sealer, text, out, sizeof out), LWSEC_USAGE);
        assert_status(lwsec_key_sign(sealer, text, out, sizeof out), LWSEC_USAGE);
        assert_status(lwsec_key_public(sealer, out, sizeof out), LWSEC_USAGE);
        assert_status(lwsec_key_destroy(&opener), LWSEC_OK);
        assert_status(lwsec_key_destroy(&sealer), LWSEC_OK);
    }
}

static const suite_test tests[] = {
    SUITE_TEST(test_each_bit_of_ciphertext_and_tag_counts),
    SUITE_TEST(test_each_byte_of_the_nonce_counts),
    SUITE_TEST(test_each_byte_of_the_additional_data_and_its_length_count),
    SUITE_TEST(test_a_shorter_ciphertext_is_rejected),
    SUITE_TEST(test_a_failed_open_in_place_leaves_zeros),
    SUITE_TEST(test_another_key_opens_nothing),
    SUITE_TEST(test_the_tag_of_an_empty_text_counts_as_well),
    SUITE_TEST(test_wrong_nonce_sizes_and_short_buffers_write_nothing),
    SUITE_TEST(test_a_key_seals_nothing_that_it_may_only_open),
};

const suite_group suite_aead_refusals = {"store-aead-refusals", false, tests, COUNT(tests)};
