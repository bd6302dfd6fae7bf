/* Opening a store with threads, and the names of kept keys; many operations from two threads. */
#include "tests/worker/gate.h"

#include <pthread.h>
#include <stdatomic.h>

static gate on;

static int set_up(void **state)
{
    (void)state;
    gate_begin(&on, 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    gate_end(&on);
    return 0;
}

static uint64_t memory[LWSEC_WORKER_SIZE(2, 1, 256) / 8 + 1];

static lwsec_worker_config good(void)
{
    const lwsec_worker_config config = {
        .size = sizeof config, .inner = on.inner, .threads = 1, .jobs = 1, .room = 256};
    return config;
}

static void refuse(lwsec_worker_config config, lwsec_status expected)
{
    lwsec_store *store = NULL;

    assert_status(lwsec_worker_open(memory, sizeof memory, 2, &config, &store), expected);
    assert_null(store);
}

static void what_a_configuration_cannot_say(void **state)
{
    lwsec_worker_config config = good();
    lwsec_store *store = NULL;

    (void)state;
    config.size--;
    refuse(config, LWSEC_USAGE);
    config = good();
    config.inner = NULL;
    refuse(config, LWSEC_USAGE);
    config = good();
    config.threads = 0;
    refuse(config, LWSEC_USAGE);
    config.threads = LWSEC_WORKER_THREADS_MAX + 1;
    refuse(config, LWSEC_USAGE);
    config = good();
    config.jobs = 0;
    refuse(config, LWSEC_USAGE);
    config.jobs = UINT32_MAX;
    refuse(config, LWSEC_BUFFER);
    config = good();
    config.room = 255;
    refuse(config, LWSEC_USAGE);
    config.room = SIZE_MAX;
    refuse(config, LWSEC_BUFFER);
    config = good();
    assert_status(lwsec_worker_open(memory, sizeof memory, 0, &config, &store), LWSEC_USAGE);
    assert_status(lwsec_worker_open(memory, lwsec_worker_size(2, 1, 256) - 1, 2, &config, &store),
                  LWSEC_BUFFER);
    assert_status(lwsec_worker_open((uint8_t *)memory + 4, sizeof memory - 4, 2, &config, &store),
                  LWSEC_USAGE);
    assert_null(store);
    assert_status(lwsec_worker_open(memory, lwsec_worker_size(2, 1, 256), 2, &config, &store),
                  LWSEC_OK);
    lwsec_worker_close(&store);
    lwsec_worker_close(&store); /* once more: nothing */
}

/* Without `ready`, polling alone. */
static void it_works_without_a_callback(void **state)
{
    const lwsec_worker_config config = good();
    lwsec_store *store = NULL;
    uint8_t mac[32];

    (void)state;
    assert_status(lwsec_worker_open(memory, sizeof memory, 2, &config, &store), LWSEC_OK);
    const lwsec_key key = gate_import(store, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32);
    assert_status(lwsec_key_mac(key, lwsec_bytes_of(gate_bytes, 5), mac, sizeof mac),
                  LWSEC_PENDING);
    lwsec_status status;
    do {
        status = lwsec_key_poll(key);
    } while (status == LWSEC_PENDING);
    assert_status(status, LWSEC_OK);
    lwsec_worker_close(&store);
}

/* ---- Many operations ---- */

#define OPERATIONS 3000U

typedef struct loop {
    pthread_t thread;
    lwsec_key keys[2];
    unsigned answered, wrong;
} loop;

/* Each tenth is given up, sometimes before it begins, sometimes after. */
static void run_one(loop *self, unsigned i)
{
    const lwsec_key key = self->keys[i % 2];
    uint8_t mac[32];
    lwsec_status status;

    do { /* LWSEC_LIMIT: what was given up still runs */
        status = lwsec_key_mac(key, lwsec_bytes_of(gate_bytes, i % 64), mac, sizeof mac);
    } while (status == LWSEC_LIMIT);
    if (status == LWSEC_PENDING && i % 10 == 9) {
        self->wrong += lwsec_key_cancel(key) == LWSEC_OK ? 0 : 1;
        return;
    }
    while (status == LWSEC_PENDING) {
        status = lwsec_key_poll(key);
    }
    self->answered += status == LWSEC_OK ? 1 : 0;
    self->wrong += status == LWSEC_OK ? 0 : 1;
}

static void *run_loop(void *argument)
{
    loop *self = argument;

    for (unsigned i = 0; i < OPERATIONS; i++) {
        run_one(self, i);
    }
    return NULL;
}

static void two_loops_share_a_store(void **state)
{
    loop loops[2] = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < 2; k++) {
            loops[i].keys[k] = gate_import(on.worker, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32);
        }
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&loops[i].thread, NULL, run_loop, &loops[i]), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(loops[i].thread, NULL), 0);
        assert_int_equal(loops[i].wrong, 0);
        assert_int_equal(loops[i].answered, OPERATIONS / 10 * 9);
    }
}

#define GATE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        GATE_TEST(what_a_configuration_cannot_say),
        GATE_TEST(it_works_without_a_callback),
        GATE_TEST(two_loops_share_a_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
