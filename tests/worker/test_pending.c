/* A store with threads: how much is pending, what is given up, and how it ends. */
#include "tests/worker/gate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static gate on;
static lwsec_key keys[5];

static int set_up(void **state)
{
    (void)state;
    gate_begin(&on, 1);
    for (size_t i = 0; i < 5; i++) {
        keys[i] = gate_import(on.worker, LWSEC_ALG_AES_CCM_16_64_128,
                              LWSEC_USE_SEAL | LWSEC_USE_OPEN, 16);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    gate_end(&on);
    return 0;
}

static lwsec_bytes some(size_t size)
{
    return lwsec_bytes_of(gate_bytes, size);
}

#define TEXT 50U

static lwsec_status seal(lwsec_key key, uint8_t out[TEXT + 8])
{
    return lwsec_key_seal(key, some(13), some(20), some(TEXT), out, TEXT + 8);
}

static uint32_t seals_of(lwsec_key key)
{
    lwsec_key_description description = {.size = sizeof description};

    assert_status(lwsec_key_describe(key, &description), LWSEC_OK);
    return description.seals;
}

static void no_more_are_pending_than_there_is_room_for(void **state)
{
    uint8_t out[5][TEXT + 8];

    (void)state;
    gate_close();
    for (size_t i = 0; i < GATE_JOBS; i++) {
        assert_status(seal(keys[i], out[i]), LWSEC_PENDING);
    }
    assert_status(seal(keys[3], out[3]), LWSEC_LIMIT);
    assert_status(seal(keys[0], out[3]), LWSEC_LIMIT);
    assert_int_equal(seals_of(keys[3]), 0);
    assert_int_equal(seals_of(keys[0]), 1);
    gate_open();
    for (size_t i = 0; i < GATE_JOBS; i++) {
        gate_await_ready();
    }
    assert_status(seal(keys[3], out[3]), LWSEC_LIMIT); /* done, but nobody has polled */
    assert_status(lwsec_key_poll(keys[1]), LWSEC_OK);
    assert_status(gate_finish(keys[3], seal(keys[3], out[3])), LWSEC_OK);
    assert_int_equal(seals_of(keys[3]), 1);
}

/* Nonce, additional data, text, text again and tag. */
static void an_operation_needs_room(void **state)
{
    uint8_t big[256] = {0};
    uint8_t out[256];
    const size_t most = (GATE_ROOM - 13 - 8) / 2;

    (void)state;
    assert_status(lwsec_key_seal(keys[0], some(13), lwsec_bytes_of(NULL, 0),
                                 lwsec_bytes_of(big, most + 1), out, sizeof out),
                  LWSEC_BUFFER);
    assert_status(lwsec_key_poll(keys[0]), LWSEC_USAGE);
    assert_status(gate_finish(keys[0], lwsec_key_seal(keys[0], some(13), lwsec_bytes_of(NULL, 0),
                                                      lwsec_bytes_of(big, most), out, sizeof out)),
                  LWSEC_OK);
}

static void the_loop_is_told_which_are_done_in_order_and_once(void **state)
{
    uint8_t out[3][TEXT + 8];
    lwsec_key key = {NULL, 0, 0};

    (void)state;
    gate_close();
    assert_status(seal(keys[2], out[0]), LWSEC_PENDING);
    assert_status(seal(keys[0], out[1]), LWSEC_PENDING);
    assert_status(seal(keys[1], out[2]), LWSEC_PENDING);
    assert_status(lwsec_worker_next_ready(on.worker, &key), LWSEC_ABSENT);
    gate_open();
    for (size_t i = 0; i < 3; i++) {
        gate_await_ready();
    }
    const size_t order[3] = {2, 0, 1};
    for (size_t i = 0; i < 3; i++) {
        assert_status(lwsec_worker_next_ready(on.worker, &key), LWSEC_OK);
        assert_memory_equal(&key, &keys[order[i]], sizeof key);
        assert_status(lwsec_key_poll(key), LWSEC_OK);
    }
    assert_status(lwsec_worker_next_ready(on.worker, &key), LWSEC_ABSENT);
}

/* While the operation stands before the closed gate: cancelling does not wait for it. */
static void what_runs_is_cancelled_without_waiting(void **state)
{
    uint8_t first[TEXT + 8], second[TEXT + 8], untouched[TEXT + 8];

    (void)state;
    memset(first, 0xa5, sizeof first);
    memset(untouched, 0xa5, sizeof untouched);
    gate_close();
    assert_status(seal(keys[0], first), LWSEC_PENDING);
    gate_await_entered(1);
    assert_status(lwsec_key_cancel(keys[0]), LWSEC_OK);
    assert_status(lwsec_key_poll(keys[0]), LWSEC_USAGE);
    assert_status(seal(keys[0], second), LWSEC_PENDING); /* the key is free at once */
    gate_open();
    gate_await_ready();
    assert_status(lwsec_key_poll(keys[0]), LWSEC_OK);
    assert_int_equal(gate_left(), 2);
    assert_int_equal(gate_ready_calls(), 1); /* nobody waits for the first */
    assert_memory_equal(first, untouched, sizeof first);
    assert_false(gate_memory_holds(some(TEXT)));
    assert_false(gate_memory_holds(lwsec_bytes_of(second, sizeof second)));
}

static void what_waits_or_is_done_is_cancelled_and_wiped(void **state)
{
    uint8_t out[TEXT + 8], untouched[TEXT + 8], waits[TEXT + 8];

    (void)state;
    memset(untouched, 0xa5, sizeof untouched);
    memset(out, 0xa5, sizeof out);
    memset(waits, 0xa5, sizeof waits);
    gate_close();
    assert_status(seal(keys[0], out), LWSEC_PENDING);
    gate_await_entered(1);
    assert_status(seal(keys[1], waits), LWSEC_PENDING);
    assert_status(lwsec_key_cancel(keys[1]), LWSEC_OK);
    gate_open();
    gate_await_ready();
    assert_true(gate_memory_holds(some(TEXT)));
    assert_status(lwsec_key_cancel(keys[0]), LWSEC_OK);
    assert_false(gate_memory_holds(some(TEXT)));
    assert_int_equal(gate_left(), 1); /* the second was never begun */
    assert_memory_equal(out, untouched, sizeof out);
    assert_memory_equal(waits, untouched, sizeof waits);
    assert_int_equal(seals_of(keys[1]), 1);
}

static void *open_gate(void *argument)
{
    (void)argument;
    gate_open();
    return NULL;
}

/* The key under it may not go while a thread uses it. */
static void a_key_goes_when_its_operation_has_ended(void **state)
{
    uint8_t out[TEXT + 8];
    pthread_t opener;

    (void)state;
    gate_close();
    assert_status(seal(keys[0], out), LWSEC_PENDING);
    gate_await_entered(1);
    assert_int_equal(gate_left(), 0);
    assert_int_equal(pthread_create(&opener, NULL, open_gate, NULL), 0);
    assert_status(lwsec_key_destroy(&keys[0]), LWSEC_OK);
    assert_int_equal(gate_left(), 1);
    assert_int_equal(pthread_join(opener, NULL), 0);
}

/* What was not begun is not begun any more; what runs ends first. */
static void closing_ends_all(void **state)
{
    uint8_t out[3][TEXT + 8];
    pthread_t opener;

    (void)state;
    gate_close();
    assert_status(seal(keys[0], out[0]), LWSEC_PENDING);
    gate_await_entered(1);
    assert_status(seal(keys[1], out[1]), LWSEC_PENDING);
    assert_status(lwsec_key_cancel(keys[1]), LWSEC_OK);
    assert_status(seal(keys[2], out[2]), LWSEC_PENDING);
    assert_int_equal(pthread_create(&opener, NULL, open_gate, NULL), 0);
    lwsec_worker_close(&on.worker);
    assert_null(on.worker);
    assert_true(gate_left() >= 1);
    assert_int_equal(pthread_join(opener, NULL), 0);
    assert_false(gate_memory_holds(some(TEXT)));
    /* Every key of it went: the store under it has all its slots again. */
    for (size_t i = 0; i < GATE_SLOTS; i++) {
        (void)gate_import(on.inner, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32);
    }
}

/* A child has a copy of the memory and none of the threads. */
static bool child_is_refused(void)
{
    uint8_t out[TEXT + 8];
    lwsec_key key;
    const bool refused = lwsec_key_poll(keys[0]) == LWSEC_FORKED &&
                         lwsec_key_cancel(keys[0]) == LWSEC_FORKED &&
                         seal(keys[1], out) == LWSEC_FORKED &&
                         lwsec_worker_next_ready(on.worker, &key) == LWSEC_FORKED;

    lwsec_worker_close(&on.worker); /* returns */
    return refused && on.worker == NULL;
}

static void a_child_uses_nothing_and_may_close(void **state)
{
    uint8_t out[TEXT + 8];
    int status = 0;

    (void)state;
    gate_close();
    assert_status(seal(keys[0], out), LWSEC_PENDING);
    gate_await_entered(1);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(child_is_refused() ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    gate_open();
    gate_await_ready();
    assert_status(lwsec_key_poll(keys[0]), LWSEC_OK);
}

#define GATE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        GATE_TEST(no_more_are_pending_than_there_is_room_for),
        GATE_TEST(an_operation_needs_room),
        GATE_TEST(the_loop_is_told_which_are_done_in_order_and_once),
        GATE_TEST(what_runs_is_cancelled_without_waiting),
        GATE_TEST(what_waits_or_is_done_is_cancelled_and_wiped),
        GATE_TEST(a_key_goes_when_its_operation_has_ended),
        GATE_TEST(closing_ends_all),
        GATE_TEST(a_child_uses_nothing_and_may_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
