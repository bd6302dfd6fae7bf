/* The epoch: one number in a process and all its threads, another in every child. */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif

#include "tests/support/test.h"

#include "core/epoch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static void *ask(void *epoch)
{
    *(uint32_t *)epoch = lwsec_epoch();
    return NULL;
}

static uint32_t ask_in_thread(void)
{
    pthread_t thread;
    uint32_t epoch = 0;

    if (pthread_create(&thread, NULL, ask, &epoch) != 0 || pthread_join(thread, NULL) != 0) {
        return 0;
    }
    return epoch;
}

/* Runs `child` in a forked child and gives what it wrote: numbers, as many as `count`. A child does
 * not use cmocka: it says what it saw, and the parent judges. */
static void in_child(void (*child)(int out), uint32_t *seen, size_t count)
{
    int ends[2];
    int status;

    assert_int_equal(pipe(ends), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        child(ends[1]);
        _exit(0);
    }
    assert_int_equal(close(ends[1]), 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(read(ends[0], &seen[i], sizeof seen[i]), sizeof seen[i]);
    }
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void tell(int out, uint32_t epoch)
{
    if (write(out, &epoch, sizeof epoch) != (ssize_t)sizeof epoch) {
        _exit(1);
    }
}

static void test_it_is_the_same_in_every_call_and_never_zero(void **state)
{
    const uint32_t epoch = lwsec_epoch();

    (void)state;
    assert_int_not_equal(epoch, 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(lwsec_epoch(), epoch);
    }
}

static void test_it_is_the_same_in_every_thread(void **state)
{
    pthread_t threads[16];
    uint32_t epochs[16] = {0};

    (void)state;
    for (size_t i = 0; i < 16; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &epochs[i]), 0);
    }
    for (size_t i = 0; i < 16; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(epochs[i], lwsec_epoch());
    }
}

static void ask_twice(int out)
{
    tell(out, lwsec_epoch());
    tell(out, lwsec_epoch());
}

static void test_it_differs_in_a_child(void **state)
{
    const uint32_t parent = lwsec_epoch();
    uint32_t seen[2];

    (void)state;
    in_child(ask_twice, seen, 2);
    assert_int_not_equal(seen[0], 0);
    assert_int_not_equal(seen[0], parent);
    assert_int_equal(seen[1], seen[0]);
    assert_int_equal(lwsec_epoch(), parent); /* the parent stays what it was */
}

static void ask_in_a_thread_first(int out)
{
    tell(out, ask_in_thread());
    tell(out, lwsec_epoch());
}

static void test_it_differs_in_a_child_that_asks_first_in_a_thread(void **state)
{
    uint32_t seen[2];

    (void)state;
    in_child(ask_in_a_thread_first, seen, 2);
    assert_int_not_equal(seen[0], 0);
    assert_int_not_equal(seen[0], lwsec_epoch());
    assert_int_equal(seen[1], seen[0]);
}

static atomic_bool go;

static void *wait_and_ask(void *epoch)
{
    while (!atomic_load(&go)) {
    }
    return ask(epoch);
}

/* Eight threads of a child that all ask first: one value. */
static void ask_in_many_threads_at_once(int out)
{
    pthread_t threads[8];
    uint32_t epochs[8] = {0};

    for (size_t i = 0; i < 8; i++) {
        if (pthread_create(&threads[i], NULL, wait_and_ask, &epochs[i]) != 0) {
            _exit(1);
        }
    }
    atomic_store(&go, true);
    for (size_t i = 0; i < 8; i++) {
        if (pthread_join(threads[i], NULL) != 0) {
            _exit(1);
        }
        tell(out, epochs[i]);
    }
}

static void test_threads_that_race_for_the_first_call_agree(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        uint32_t seen[8];
        in_child(ask_in_many_threads_at_once, seen, 8);
        assert_int_not_equal(seen[0], 0);
        assert_int_not_equal(seen[0], lwsec_epoch());
        for (size_t i = 1; i < 8; i++) {
            assert_int_equal(seen[i], seen[0]);
        }
    }
}

/* Runs a grandchild inside of a child, and passes its epoch on. */
static void ask_in_grandchild(int out)
{
    const pid_t pid = fork();
    int status;

    if (pid == 0) {
        tell(out, lwsec_epoch());
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
        _exit(1);
    }
}

static void ask_and_ask_in_grandchild(int out)
{
    tell(out, lwsec_epoch());
    ask_in_grandchild(out);
    tell(out, lwsec_epoch());
}

static void test_it_differs_in_a_child_of_a_child(void **state)
{
    uint32_t seen[3];

    (void)state;
    in_child(ask_and_ask_in_grandchild, seen, 3);
    assert_int_not_equal(seen[1], 0);
    assert_int_not_equal(seen[1], seen[0]);
    assert_int_not_equal(seen[1], lwsec_epoch());
    assert_int_equal(seen[2], seen[0]);
}

static void test_it_differs_in_a_grandchild_whose_parent_never_asked(void **state)
{
    uint32_t seen[1];

    (void)state;
    in_child(ask_in_grandchild, seen, 1);
    assert_int_not_equal(seen[0], 0);
    assert_int_not_equal(seen[0], lwsec_epoch());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_the_same_in_every_call_and_never_zero),
        cmocka_unit_test(test_it_is_the_same_in_every_thread),
        cmocka_unit_test(test_it_differs_in_a_child),
        cmocka_unit_test(test_it_differs_in_a_child_that_asks_first_in_a_thread),
        cmocka_unit_test(test_threads_that_race_for_the_first_call_agree),
        cmocka_unit_test(test_it_differs_in_a_child_of_a_child),
        cmocka_unit_test(test_it_differs_in_a_grandchild_whose_parent_never_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
