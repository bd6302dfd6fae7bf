/* OpenSSL allocates when a key is created, not when a message is sealed, opened or encrypted. */
#include "tests/crypto/suite.h"

#include <openssl/crypto.h>

static size_t allocations;

static void *count_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    allocations++;
    return malloc(size);
}

static void *count_realloc(void *memory, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    allocations++;
    return realloc(memory, size);
}

static void count_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

static const lwsec_test_store *kind_of_openssl(void)
{
    const lwsec_test_store *kind;

    for (size_t i = 0; (kind = lwsec_test_store_at(i)) != NULL; i++) {
        if (strcmp(kind->name, "memory-openssl") == 0) {
            return kind;
        }
    }
    fail();
    return NULL;
}

static int setup(void **state)
{
    static suite_state suite;

    suite.kind = kind_of_openssl();
    suite.store = lwsec_test_store_open(suite.kind, SUITE_SLOTS);
    *state = &suite;
    return 0;
}

static int teardown(void **state)
{
    suite_state *suite = *state;

    lwsec_test_store_close(suite->kind, suite->store);
    return 0;
}

/* Seals, opens, and refuses one message. */
static void exchange(lwsec_key key, const lwsec_algorithm *aead)
{
    const lwsec_bytes nonce = suite_pattern(aead->nonce_size, 2);
    const lwsec_bytes text = suite_pattern(40, 3);
    uint8_t sealed[56];
    uint8_t opened[40];

    assert_status(lwsec_key_seal(key, nonce, text, text, sealed, sizeof sealed), LWSEC_OK);
    assert_status(lwsec_key_open(key, nonce, text, lwsec_bytes_of(sealed, 40U + aead->tag_size),
                                 opened, sizeof opened),
                  LWSEC_OK);
    assert_status(lwsec_key_open(key, nonce, nonce, lwsec_bytes_of(sealed, 40U + aead->tag_size),
                                 opened, sizeof opened),
                  LWSEC_REJECT);
}

static void test_a_message_is_sealed_opened_and_refused_without_allocating(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *aead;

    for (size_t i = 0; (aead = suite_algorithm(suite, LWSEC_KIND_AEAD, i)) != NULL; i++) {
        lwsec_key key = suite_key(suite->store, aead, LWSEC_USE_SEAL | LWSEC_USE_OPEN, 1);
        exchange(key, aead); /* the thread's error queue is made when it is used first */
        allocations = 0;
        for (size_t message = 0; message < 10; message++) {
            exchange(key, aead);
        }
        assert_int_equal(allocations, 0);
        assert_status(lwsec_key_destroy(&key), LWSEC_OK);
        assert_int_equal(allocations, 0);
    }
}

static void test_a_text_is_encrypted_without_allocating(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *cipher;
    uint8_t out[48];

    for (size_t i = 0; (cipher = suite_algorithm(suite, LWSEC_KIND_CIPHER, i)) != NULL; i++) {
        const lwsec_bytes iv = suite_pattern(cipher->nonce_size, 2);
        const lwsec_bytes text = suite_pattern(sizeof out, 3);
        const lwsec_key key =
            suite_key(suite->store, cipher, LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT, 1);
        allocations = 0;
        assert_status(lwsec_key_cbc(key, LWSEC_ENCRYPT, iv, text, out, sizeof out), LWSEC_OK);
        assert_status(lwsec_key_cbc(key, LWSEC_DECRYPT, iv, text, out, sizeof out), LWSEC_OK);
        assert_status(lwsec_key_block(key, iv, out, sizeof out), LWSEC_OK);
        if (cipher->id == LWSEC_ALG_AES_CBC) {
            assert_status(lwsec_key_ctr(key, iv, text, out, sizeof out), LWSEC_OK);
        }
        assert_int_equal(allocations, 0);
    }
}

static void test_the_count_sees_what_is_allocated(void **state)
{
    const suite_state *suite = *state;

    allocations = 0;
    (void)suite_key(suite->store, suite_algorithm(suite, LWSEC_KIND_AEAD, 0), LWSEC_USE_SEAL, 1);
    assert_true(allocations > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_a_message_is_sealed_opened_and_refused_without_allocating, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_text_is_encrypted_without_allocating, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_the_count_sees_what_is_allocated, setup, teardown),
    };

    if (CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free) != 1) {
        return 1; /* OpenSSL has allocated before: nothing could be counted */
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
