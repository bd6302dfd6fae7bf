/* Two threads, 100,000 operations, on the token of the environment: each gives what it gives alone.
 * The fake token ends the program where two threads are in one session. */
#include "tests/support/test.h"
#include "tests/tokens/environment.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 2
#define OPERATIONS 50000U /* of each */
#define TEXT 50U
#define SLOTS 16U

static const uint8_t bytes[64] = "what two threads seal, authenticate and open again and again...";

typedef struct shared {
    lwsec_store *store;
    lwsec_key aead;
    lwsec_key mac;
    uint8_t sealed[TEXT + 8];
    uint8_t right_mac[32];
    _Atomic unsigned done;
    _Atomic unsigned wrong;
} shared;

static bool seal_once(const shared *task)
{
    uint8_t out[TEXT + 8];

    return lwsec_key_seal(task->aead, lwsec_bytes_of(bytes, 13), lwsec_bytes_of(bytes, 20),
                          lwsec_bytes_of(bytes, TEXT), out, sizeof out) == LWSEC_OK &&
           memcmp(out, task->sealed, sizeof out) == 0;
}

static bool open_once(const shared *task)
{
    uint8_t out[TEXT];

    return lwsec_key_open(task->aead, lwsec_bytes_of(bytes, 13), lwsec_bytes_of(bytes, 20),
                          lwsec_bytes_of(task->sealed, sizeof task->sealed), out,
                          sizeof out) == LWSEC_OK &&
           memcmp(out, bytes, TEXT) == 0;
}

static bool mac_once(const shared *task)
{
    uint8_t out[32];

    return lwsec_key_mac(task->mac, lwsec_bytes_of(bytes, TEXT), out, sizeof out) == LWSEC_OK &&
           memcmp(out, task->right_mac, sizeof out) == 0;
}

/* A key of one thread alone comes and goes. */
static bool make_once(const shared *task)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};

    return lwsec_key_import(task->store, &attributes, lwsec_bytes_of(bytes, 32), &key) ==
               LWSEC_OK &&
           lwsec_key_destroy(&key) == LWSEC_OK;
}

static void *work(void *argument)
{
    shared *task = argument;

    for (unsigned i = 0; i < OPERATIONS; i++) {
        const bool right = i % 100 == 99 ? make_once(task)
                           : i % 3 == 0  ? seal_once(task)
                           : i % 3 == 1  ? open_once(task)
                                         : mac_once(task);
        atomic_fetch_add(&task->done, 1);
        atomic_fetch_add(&task->wrong, right ? 0 : 1);
    }
    return NULL;
}

static lwsec_key import(lwsec_store *store, int32_t algorithm, uint32_t usage, size_t size)
{
    const lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_import(store, &attributes, lwsec_bytes_of(bytes, size), &key),
                  LWSEC_OK);
    return key;
}

static void test_two_threads_do_100000_operations(void **state)
{
    shared task = {.done = 0};
    pthread_t threads[THREADS];

    (void)state;
    assert_status(token_open(SLOTS, &task.store), LWSEC_OK);
    task.aead = import(task.store, LWSEC_ALG_AES_CCM_16_64_128,
                       LWSEC_USE_SEAL | LWSEC_USE_OPEN | LWSEC_USE_PAST_LIMITS, 16);
    task.mac = import(task.store, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32);
    assert_status(lwsec_key_seal(task.aead, lwsec_bytes_of(bytes, 13), lwsec_bytes_of(bytes, 20),
                                 lwsec_bytes_of(bytes, TEXT), task.sealed, sizeof task.sealed),
                  LWSEC_OK);
    assert_status(lwsec_key_mac(task.mac, lwsec_bytes_of(bytes, TEXT), task.right_mac, 32),
                  LWSEC_OK);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, &task), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(task.done, THREADS * OPERATIONS);
    assert_int_equal(task.wrong, 0);
    token_close(&task.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_threads_do_100000_operations),
    };
    return cmocka_run_group_tests_name("token-threads", tests, NULL, NULL);
}
