/* Batches over SQLite: what is pending, when it is answered, and how much may be in flight. */
#include "tests/support/test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "tests/state/back_ends.h"
#include "tests/state/sqlite_file.h"
#include "tests/state/temporary.h"

static const lwsec_record record = {LWSEC_RECORD_ACCOUNT, {1, 2, 3}};
static const lwsec_record counter = {LWSEC_RECORD_SMS, {4}};
static const lwsec_record window = {LWSEC_RECORD_WINDOW, {5}};

static char home[32];
static const char *folder = home;
static sqlite_file file;
static sqlite_file other; /* sees what is in the file */

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(home, sizeof home, "%s", temporary_folder());
    sqlite_file_open(&file, folder, SQLITE_FILE_CALLS);
    sqlite_file_open(&other, folder, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lwsec_state_sqlite_close(&file.state);
    lwsec_state_sqlite_close(&other.state);
    temporary_remove(folder);
    return 0;
}

static void poll_now(void)
{
    assert_status(lwsec_state_poll(file.state), LWSEC_OK);
}

static void store_durable(const lwsec_record *into, const char *text)
{
    uint64_t version = 0;

    assert_status(store_text(file.state, into, text, &version), LWSEC_PENDING);
    poll_now();
    assert_status(store_text(file.state, into, text, &version), LWSEC_OK);
    assert_int_equal(version, 1);
}

static void nothing_is_seen_before_the_poll(void **state)
{
    uint8_t room[64];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    uint64_t found = 9;

    (void)state;
    for (unsigned i = 0; i < 3; i++) { /* also not by asking again and again */
        assert_status(store_text(file.state, &record, "one", &version), LWSEC_PENDING);
        assert_int_equal(version, 0);
    }
    assert_status(lwsec_state_load(file.state, &record, &value, &found, NULL), LWSEC_PENDING);
    assert_int_equal(value.size, 0);
    assert_text(other.state, &record, NULL);
    poll_now();
    assert_text(other.state, &record, "one");
    assert_text(file.state, &record, "one");
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_OK);
    assert_int_equal(version, 1);
}

static void each_answer_is_given_once(void **state)
{
    uint8_t room[16];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;

    (void)state;
    store_durable(&record, "one");
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_CONFLICT);
    assert_status(lwsec_state_advance(file.state, &counter, 7, NULL), LWSEC_PENDING);
    assert_status(lwsec_state_window_accept(file.state, &window, 7, 32, NULL), LWSEC_PENDING);
    assert_status(lwsec_state_take(file.state, &record, &value, NULL), LWSEC_PENDING);
    assert_int_equal(value.size, 0);
    poll_now();
    assert_status(lwsec_state_advance(file.state, &counter, 7, NULL), LWSEC_OK);
    assert_status(lwsec_state_advance(file.state, &counter, 7, NULL), LWSEC_CONFLICT);
    assert_status(lwsec_state_window_accept(file.state, &window, 7, 32, NULL), LWSEC_OK);
    assert_status(lwsec_state_window_accept(file.state, &window, 7, 32, NULL), LWSEC_CONFLICT);
    lwsec_buffer small = lwsec_buffer_of(room, 2);
    assert_status(lwsec_state_take(file.state, &record, &small, NULL), LWSEC_BUFFER);
    assert_status(lwsec_state_take(file.state, &record, &value, NULL), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&value), lwsec_bytes_of("one", 3));
    assert_status(lwsec_state_take(file.state, &record, &value, NULL), LWSEC_ABSENT);
    assert_status(lwsec_state_erase(file.state, &counter, NULL), LWSEC_PENDING);
    poll_now();
    assert_status(lwsec_state_erase(file.state, &counter, NULL), LWSEC_OK);
    assert_status(lwsec_state_erase(file.state, &counter, NULL), LWSEC_ABSENT);
}

static void another_call_for_a_pending_record_waits_for_what_is_durable(void **state)
{
    uint64_t version = 0;

    (void)state;
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_PENDING);
    assert_status(store_text(file.state, &record, "two", &version), LWSEC_PENDING);
    assert_status(lwsec_state_erase(file.state, &record, NULL), LWSEC_PENDING);
    poll_now();
    assert_status(store_text(file.state, &record, "two", &version), LWSEC_CONFLICT);
    assert_int_equal(version, 0);
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_OK);
    assert_text(other.state, &record, "one");
}

static void refusals_are_answered_at_once_and_hold_no_lock(void **state)
{
    uint8_t room[16];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 5;

    (void)state;
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_CONFLICT);
    assert_status(lwsec_state_take(file.state, &record, &value, NULL), LWSEC_ABSENT);
    assert_status(lwsec_state_erase(file.state, &record, NULL), LWSEC_ABSENT);
    assert_status(lwsec_state_advance(other.state, &counter, 1, NULL), LWSEC_OK);
    /* One that refuses takes nothing from those that wait. */
    assert_status(lwsec_state_advance(file.state, &counter, 2, NULL), LWSEC_PENDING);
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_CONFLICT);
    poll_now();
    assert_status(lwsec_state_advance(file.state, &counter, 2, NULL), LWSEC_OK);
    assert_true(counter_of(other.state, &counter) == 2);
}

static void calls_in_flight_are_bounded(void **state)
{
    lwsec_reason reason;

    (void)state;
    for (unsigned i = 0; i < SQLITE_FILE_CALLS; i++) {
        const lwsec_record one = record_of(LWSEC_RECORD_SMS, (uint8_t)(i + 10));
        assert_status(lwsec_state_advance(file.state, &one, 3, NULL), LWSEC_PENDING);
    }
    const lwsec_record last = record_of(LWSEC_RECORD_SMS, 99);
    for (unsigned i = 0; i < 2; i++) { /* before the poll, and after it until one is fetched */
        assert_status(lwsec_state_advance(file.state, &last, 3, &reason), LWSEC_STATE);
        assert_int_equal(reason.why, LWSEC_WHY_STATE_FULL);
        poll_now();
    }
    assert_true(counter_of(other.state, &last) == UINT64_MAX);
    for (unsigned i = 0; i < SQLITE_FILE_CALLS; i++) {
        const lwsec_record one = record_of(LWSEC_RECORD_SMS, (uint8_t)(i + 10));
        assert_status(lwsec_state_advance(file.state, &one, 3, NULL), LWSEC_OK);
        assert_true(counter_of(other.state, &one) == 3);
    }
    assert_status(lwsec_state_advance(file.state, &last, 3, NULL), LWSEC_PENDING);
    poll_now();
    assert_status(lwsec_state_advance(file.state, &last, 3, NULL), LWSEC_OK);
}

static void answers_that_nobody_fetches_give_their_places_up(void **state)
{
    lwsec_reason reason;
    unsigned refused = 0;

    (void)state;
    for (unsigned i = 0; i < 10 * SQLITE_FILE_CALLS; i++) {
        const lwsec_record one = record_of(LWSEC_RECORD_SMS, (uint8_t)i);
        lwsec_status status = lwsec_state_advance(file.state, &one, 3, &reason);
        if (status == LWSEC_STATE) {
            assert_int_equal(reason.why, LWSEC_WHY_STATE_FULL);
            status = lwsec_state_advance(file.state, &one, 3, NULL);
            refused++;
        }
        assert_status(status, LWSEC_PENDING);
        if (i % SQLITE_FILE_CALLS == SQLITE_FILE_CALLS - 1) {
            poll_now(); /* and forget all of them */
        }
    }
    assert_in_range(refused, 1, 10);
    /* The last ones have their places; the first is answered as of now. */
    const lwsec_record last = record_of(LWSEC_RECORD_SMS, 10 * SQLITE_FILE_CALLS - 1);
    assert_status(lwsec_state_advance(file.state, &last, 3, NULL), LWSEC_OK);
    const lwsec_record first = record_of(LWSEC_RECORD_SMS, 0);
    assert_status(lwsec_state_advance(file.state, &first, 3, NULL), LWSEC_CONFLICT);
}

static void what_was_not_polled_is_not_done(void **state)
{
    uint64_t version = 0;

    (void)state;
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_PENDING);
    sqlite_file_close(&file);
    assert_text(other.state, &record, NULL);
    assert_status(store_text(other.state, &record, "two", &version), LWSEC_OK);
}

/* An answer that nobody came for says nothing about a record that has begun anew. */
static void forgotten_answer_does_not_outlive_its_record(void **state)
{
    uint64_t version = 0;

    (void)state;
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_PENDING);
    poll_now();
    assert_status(lwsec_state_erase(file.state, &record, NULL), LWSEC_PENDING);
    poll_now();
    assert_status(lwsec_state_erase(file.state, &record, NULL), LWSEC_OK);
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_PENDING);
    assert_text(other.state, &record, NULL);
    poll_now();
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_OK);
    assert_text(other.state, &record, "one");
}

static void poll_without_anything_pending_is_fine(void **state)
{
    (void)state;
    poll_now();
    assert_status(lwsec_state_poll(other.state), LWSEC_OK);
}

#define THREADS 4U
#define ROUNDS 100U

static atomic_uint wrong;

/* Each thread has its own counter; each number is durable when it answers. */
static void *advance_own(void *argument)
{
    const lwsec_record own = record_of(LWSEC_RECORD_SMS, *(const uint8_t *)argument);

    for (uint64_t number = 1; number <= ROUNDS; number++) {
        lwsec_status status = lwsec_state_advance(file.state, &own, number, NULL);
        while (status == LWSEC_PENDING) {
            if (lwsec_state_poll(file.state) != LWSEC_OK) {
                break;
            }
            status = lwsec_state_advance(file.state, &own, number, NULL);
        }
        if (status != LWSEC_OK) {
            (void)atomic_fetch_add(&wrong, 1);
        }
    }
    return NULL;
}

static void threads_get_their_own_answers(void **state)
{
    static uint8_t fillers[THREADS];
    pthread_t threads[THREADS];

    (void)state;
    atomic_store(&wrong, 0);
    for (unsigned i = 0; i < THREADS; i++) {
        fillers[i] = (uint8_t)(i + 1);
        assert_int_equal(pthread_create(&threads[i], NULL, advance_own, &fillers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(atomic_load(&wrong), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        const lwsec_record own = record_of(LWSEC_RECORD_SMS, fillers[i]);
        assert_true(counter_of(other.state, &own) == ROUNDS);
    }
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(nothing_is_seen_before_the_poll),
        IN_FOLDER(each_answer_is_given_once),
        IN_FOLDER(another_call_for_a_pending_record_waits_for_what_is_durable),
        IN_FOLDER(refusals_are_answered_at_once_and_hold_no_lock),
        IN_FOLDER(calls_in_flight_are_bounded),
        IN_FOLDER(answers_that_nobody_fetches_give_their_places_up),
        IN_FOLDER(what_was_not_polled_is_not_done),
        IN_FOLDER(forgotten_answer_does_not_outlive_its_record),
        IN_FOLDER(poll_without_anything_pending_is_fine),
        IN_FOLDER(threads_get_their_own_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
