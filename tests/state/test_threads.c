/* Threads that race for the same numbers: each number is accepted once. */
#include "tests/support/test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "tests/state/back_ends.h"

#define THREADS 4U
#define NUMBERS 200U

typedef struct race {
    lwsec_state *handles[2];
    atomic_uint accepted[NUMBERS];
    atomic_uint stored;
    atomic_uint faults;
    atomic_uint next_thread;
} race;

static void note(race *run, lwsec_status status, uint64_t number)
{
    if (status == LWSEC_OK) {
        atomic_fetch_add(&run->accepted[number], 1);
    } else if (status != LWSEC_CONFLICT) {
        atomic_fetch_add(&run->faults, 1);
    }
}

static void *advance_all(void *argument)
{
    race *run = argument;
    lwsec_state *state = run->handles[atomic_fetch_add(&run->next_thread, 1) % 2];
    const lwsec_record record = record_of(LWSEC_RECORD_SMS, 1);

    for (uint64_t number = 0; number < NUMBERS; number++) {
        note(run, lwsec_state_advance(state, &record, number, NULL), number);
    }
    return NULL;
}

/* Forwards in steps, so that threads are in different places of the window. */
static void *accept_all(void *argument)
{
    race *run = argument;
    const unsigned which = atomic_fetch_add(&run->next_thread, 1);
    const lwsec_record record = record_of(LWSEC_RECORD_WINDOW, 1);

    for (uint64_t i = 0; i < NUMBERS; i++) {
        const uint64_t number = (i * 7 + which * 50) % NUMBERS;
        note(run, lwsec_state_window_accept(run->handles[which % 2], &record, number, 1024, NULL),
             number);
    }
    return NULL;
}

/* A count that every thread raises by reading and storing: no raise may be lost. */
static void *count_up(void *argument)
{
    race *run = argument;
    lwsec_state *state = run->handles[atomic_fetch_add(&run->next_thread, 1) % 2];
    const lwsec_record record = record_of(LWSEC_RECORD_ACCOUNT, 1);
    uint32_t count = 0;

    for (unsigned done = 0; done < 50;) {
        lwsec_buffer value = lwsec_buffer_of(&count, sizeof count);
        uint64_t version = 0;
        lwsec_status status = lwsec_state_load(state, &record, &value, &version, NULL);
        count = status == LWSEC_OK ? count + 1 : 1;
        if (status == LWSEC_OK || status == LWSEC_ABSENT) {
            status = lwsec_state_store_if(state, &record, lwsec_bytes_of(&count, sizeof count),
                                          &version, NULL);
        }
        if (status == LWSEC_OK) {
            done++;
            atomic_fetch_add(&run->stored, 1);
        } else if (status != LWSEC_CONFLICT) {
            atomic_fetch_add(&run->faults, 1);
            return NULL;
        }
    }
    return NULL;
}

static void run_threads(race *run, const opened *one, void *(*work)(void *))
{
    pthread_t threads[THREADS];

    memset(run, 0, sizeof *run);
    run->handles[0] = one->state;
    run->handles[1] = one->another;
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, run), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(run->faults, 0);
}

static void over_each_back_end(void (*test)(const opened *))
{
    static opened one;
    static toy_store toy;

    for (size_t i = 0; i < back_end_count; i++) {
        toy_store_open(&toy);
        const lwsec_key key =
            toy_key(&toy.head, LWSEC_ALG_A128GCM, LWSEC_USE_SEAL | LWSEC_USE_OPEN, 1);
        back_end_open(&one, &back_ends[i], key);
        test(&one);
        back_end_close(&one);
    }
}

static void advance_once(const opened *one)
{
    static race run;

    run_threads(&run, one, advance_all);
    for (size_t i = 0; i < NUMBERS; i++) {
        assert_int_equal(run.accepted[i], 1);
    }
}

static void accept_once(const opened *one)
{
    static race run;

    run_threads(&run, one, accept_all);
    for (size_t i = 0; i < NUMBERS; i++) {
        assert_int_equal(run.accepted[i], 1);
    }
}

static void lose_nothing(const opened *one)
{
    static race run;
    const lwsec_record record = record_of(LWSEC_RECORD_ACCOUNT, 1);
    uint32_t count = 0;
    lwsec_buffer value = lwsec_buffer_of(&count, sizeof count);
    uint64_t version = 0;

    run_threads(&run, one, count_up);
    assert_status(lwsec_state_load(one->state, &record, &value, &version, NULL), LWSEC_OK);
    assert_int_equal(count, run.stored);
    assert_int_equal(version, run.stored);
}

static void threads_advance_to_each_number_once(void **state)
{
    (void)state;
    over_each_back_end(advance_once);
}

static void threads_accept_each_number_once(void **state)
{
    (void)state;
    over_each_back_end(accept_once);
}

static void threads_lose_no_change(void **state)
{
    (void)state;
    over_each_back_end(lose_nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_advance_to_each_number_once),
        cmocka_unit_test(threads_accept_each_number_once),
        cmocka_unit_test(threads_lose_no_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
