/* Many threads use one key at once, and each gets the result that one thread alone gets. */
#include "tests/crypto/groups.h"

#include <pthread.h>
#include <stdatomic.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define THREADS 8
#define ROUNDS 400
#define TEXT 208U /* whole blocks, and long enough that threads meet inside of a cipher */

/* What the threads share: the key, the results that are right, and how many were not. */
typedef struct shared_task {
    const lwsec_algorithm *algorithm;
    lwsec_key key;
    lwsec_bytes text;
    uint8_t right[THREADS][TEXT + 16]; /* thread by thread: each has its own nonce */
    size_t right_size;
    _Atomic unsigned next_thread;
    _Atomic unsigned wrong;
    bool (*once)(const struct shared_task *task, unsigned thread, uint8_t *out);
} shared_task;

static lwsec_bytes nonce_of(const shared_task *task, unsigned thread, uint8_t nonce[16])
{
    memset(nonce, 0, 16);
    nonce[0] = (uint8_t)thread;
    return lwsec_bytes_of(nonce, task->algorithm->nonce_size);
}

static void *work(void *argument)
{
    shared_task *task = argument;
    const unsigned thread = atomic_fetch_add(&task->next_thread, 1);
    uint8_t out[TEXT + 16];

    for (unsigned i = 0; i < ROUNDS; i++) {
        memset(out, 0xa5, sizeof out);
        if (!task->once(task, thread, out) ||
            memcmp(out, task->right[thread], task->right_size) != 0) {
            atomic_fetch_add(&task->wrong, 1);
        }
    }
    return NULL;
}

/* The right results are those of one thread, beforehand; they differ from each other. */
static void run_threads(shared_task *task)
{
    pthread_t threads[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        assert_true(task->once(task, i, task->right[i]));
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, task), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(task->wrong, 0);
}

static bool seal_once(const shared_task *task, unsigned thread, uint8_t *out)
{
    uint8_t nonce[16];

    return lwsec_key_seal(task->key, nonce_of(task, thread, nonce), lwsec_bytes_of(NULL, 0),
                          task->text, out, TEXT + 16) == LWSEC_OK;
}

static bool seal_and_open_once(const shared_task *task, unsigned thread, uint8_t *out)
{
    const lwsec_bytes sealed = lwsec_bytes_of(out, TEXT + task->algorithm->tag_size);
    uint8_t nonce_bytes[16];
    const lwsec_bytes nonce = nonce_of(task, thread, nonce_bytes);

    if (!seal_once(task, thread, out) ||
        lwsec_key_open(task->key, nonce, lwsec_bytes_of(NULL, 0), sealed, out, TEXT) != LWSEC_OK) {
        return false;
    }
    return memcmp(out, task->text.data, TEXT) == 0;
}

static bool mac_once(const shared_task *task, unsigned thread, uint8_t *out)
{
    return lwsec_key_mac(task->key, lwsec_bytes_of(task->text.data, TEXT - thread), out, 64) ==
           LWSEC_OK;
}

static bool encrypt_once(const shared_task *task, unsigned thread, uint8_t *out)
{
    uint8_t iv[16];

    return lwsec_key_cbc(task->key, LWSEC_ENCRYPT, nonce_of(task, thread, iv), task->text, out,
                         TEXT) == LWSEC_OK;
}

static void run_each(void **state, lwsec_algorithm_kind kind, uint32_t usage,
                     bool (*once)(const shared_task *, unsigned, uint8_t *), size_t right_size)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *algorithm;

    for (size_t i = 0; (algorithm = suite_algorithm(suite, kind, i)) != NULL; i++) {
        shared_task task = {.algorithm = algorithm,
                            .key = suite_key(suite->store, algorithm, usage, 1),
                            .text = suite_pattern(TEXT, 2),
                            .right_size = right_size != 0 ? right_size : algorithm->tag_size,
                            .once = once};
        run_threads(&task);
        assert_status(lwsec_key_destroy(&task.key), LWSEC_OK);
    }
}

static void test_threads_seal_with_one_key(void **state)
{
    run_each(state, LWSEC_KIND_AEAD, LWSEC_USE_SEAL, seal_once, TEXT + 8);
}

static void test_threads_seal_and_open_with_one_key(void **state)
{
    run_each(state, LWSEC_KIND_AEAD, LWSEC_USE_SEAL | LWSEC_USE_OPEN, seal_and_open_once, TEXT);
}

static void test_threads_authenticate_with_one_key(void **state)
{
    run_each(state, LWSEC_KIND_MAC, LWSEC_USE_MAC, mac_once, 0);
}

static void test_threads_encrypt_with_one_key(void **state)
{
    run_each(state, LWSEC_KIND_CIPHER, LWSEC_USE_ENCRYPT, encrypt_once, TEXT);
}

/* Threads that make, use and destroy keys of their own in one store. */
static void *make_and_destroy(void *argument)
{
    shared_task *task = argument;
    const lwsec_bytes raw = lwsec_bytes_of(task->text.data, task->algorithm->key_size_max);
    const lwsec_key_attributes attributes = suite_attributes(task->algorithm->id, LWSEC_USE_SEAL);
    uint8_t random[8];

    for (unsigned i = 0; i < ROUNDS; i++) {
        lwsec_key key = {NULL, 0, 0};
        if (lwsec_key_import(task->key.store, &attributes, raw, &key) != LWSEC_OK ||
            lwsec_key_destroy(&key) != LWSEC_OK ||
            lwsec_random(task->key.store, random, sizeof random) != LWSEC_OK) {
            atomic_fetch_add(&task->wrong, 1);
        }
    }
    return NULL;
}

static void test_threads_make_and_destroy_keys_of_one_store(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *aead = suite_aead_of(suite);
    shared_task task = {.algorithm = aead,
                        .key = suite_key(suite->store, aead, LWSEC_USE_SEAL, 1),
                        .text = suite_pattern(TEXT, 2)};
    pthread_t threads[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, make_and_destroy, &task), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(task.wrong, 0);
}

static void *sign_and_verify(void *argument)
{
    shared_task *task = argument;
    uint8_t signature[64];
    uint8_t point[65];

    for (unsigned i = 0; i < 20; i++) {
        if (lwsec_key_public(task->key, point, sizeof point) != LWSEC_OK ||
            lwsec_key_sign(task->key, task->text, signature, sizeof signature) != LWSEC_OK ||
            lwsec_verify(task->key.store, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65), task->text,
                         lwsec_bytes_of(signature, 64)) != LWSEC_OK) {
            atomic_fetch_add(&task->wrong, 1);
        }
    }
    return NULL;
}

static void test_threads_sign_with_one_key(void **state)
{
    const suite_state *suite = *state;
    const lwsec_algorithm *es256 = suite_algorithm(suite, LWSEC_KIND_SIGNATURE, 0);
    pthread_t threads[THREADS];

    if (es256 == NULL) {
        skip();
    }
    suite_skip_without(suite, LWSEC_TEST_CAN_VERIFY);
    shared_task task = {.algorithm = es256,
                        .key = suite_pair(suite, LWSEC_ALG_ES256, LWSEC_USE_SIGN, 1),
                        .text = suite_pattern(TEXT, 2)};
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, sign_and_verify, &task), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(task.wrong, 0);
}

static const suite_test tests[] = {
    SUITE_TEST(test_threads_seal_with_one_key),
    SUITE_TEST(test_threads_seal_and_open_with_one_key),
    SUITE_TEST(test_threads_authenticate_with_one_key),
    SUITE_TEST(test_threads_encrypt_with_one_key),
    SUITE_TEST(test_threads_make_and_destroy_keys_of_one_store),
    SUITE_TEST(test_threads_sign_with_one_key),
};

const suite_group suite_threads = {"store-threads", false, tests, COUNT(tests)};
