/* Power cuts over SQLite: what was answered is there, whatever was not synced is lost. */
#include "tests/support/test.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/state/power.h"
#include "tests/state/sqlite_file.h"
#include "tests/state/temporary.h"

static const lwsec_record record = {LWSEC_RECORD_ACCOUNT, {1, 2, 3}};
static const lwsec_record counter = {LWSEC_RECORD_SMS, {4}};
static const lwsec_record window = {LWSEC_RECORD_WINDOW, {5}};

static char home[32];
static const char *folder = home;
static sqlite_file file;

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(home, sizeof home, "%s", temporary_folder());
    power_start();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lwsec_state_sqlite_close(&file.state);
    temporary_remove(folder);
    return 0;
}

/* What a power cut now leaves of the three records. */
static void assert_left(const char *text, uint64_t number, lwsec_status window_of_7)
{
    const char *left = power_cut();
    static sqlite_file other;

    power_pause(true);
    sqlite_file_open(&other, left, 0);
    assert_text(other.state, &record, text);
    assert_true(counter_of(other.state, &counter) == number);
    assert_status(lwsec_state_window_accept(other.state, &window, 7, 32, NULL), window_of_7);
    sqlite_file_close(&other);
    power_pause(false);
    temporary_remove(left);
}

static void what_was_answered_outlives_a_power_cut(void **state)
{
    uint8_t room[16];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;

    (void)state;
    sqlite_file_open(&file, folder, 0);
    assert_left(NULL, UINT64_MAX, LWSEC_OK);
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_OK);
    assert_left("one", UINT64_MAX, LWSEC_OK);
    assert_status(lwsec_state_advance(file.state, &counter, 3, NULL), LWSEC_OK);
    assert_left("one", 3, LWSEC_OK);
    assert_status(store_text(file.state, &record, "two", &version), LWSEC_OK);
    assert_status(lwsec_state_window_accept(file.state, &window, 7, 32, NULL), LWSEC_OK);
    assert_left("two", 3, LWSEC_CONFLICT);
    assert_status(lwsec_state_take(file.state, &record, &value, NULL), LWSEC_OK);
    assert_left(NULL, 3, LWSEC_CONFLICT);
    assert_status(lwsec_state_erase(file.state, &counter, NULL), LWSEC_OK);
    assert_left(NULL, UINT64_MAX, LWSEC_CONFLICT);
}

/* Far enough that the log is copied to the file and begun again several times. */
static void counter_is_never_behind_over_checkpoints(void **state)
{
    (void)state;
    sqlite_file_open(&file, folder, 0);
    for (uint64_t number = 1; number <= 1200; number++) {
        assert_status(lwsec_state_advance(file.state, &counter, number, NULL), LWSEC_OK);
        if (number % 100 == 0 || number > 1190) {
            assert_left(NULL, number, LWSEC_OK);
        }
    }
    sqlite_file_close(&file);
    assert_left(NULL, 1200, LWSEC_OK);
}

static void batch_is_durable_when_its_calls_answer_and_not_before(void **state)
{
    uint64_t version = 0;

    (void)state;
    sqlite_file_open(&file, folder, SQLITE_FILE_CALLS);
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_PENDING);
    assert_status(lwsec_state_advance(file.state, &counter, 3, NULL), LWSEC_PENDING);
    assert_status(lwsec_state_window_accept(file.state, &window, 7, 32, NULL), LWSEC_PENDING);
    assert_left(NULL, UINT64_MAX, LWSEC_OK);
    assert_status(lwsec_state_poll(file.state), LWSEC_OK);
    assert_left("one", 3, LWSEC_CONFLICT);
    assert_status(lwsec_state_advance(file.state, &counter, 3, NULL), LWSEC_OK);
    assert_status(lwsec_state_advance(file.state, &counter, 3, NULL), LWSEC_CONFLICT);
}

/* The process is killed at a sync; another one opens and reads, then the power fails: what the
 * second was told must be what the third finds. */
static void what_a_second_process_reads_is_durable(void **state)
{
    int status = 0;
    int n = 0;

    (void)state;
    sqlite_file_open(&file, folder, 0);
    assert_status(lwsec_state_advance(file.state, &counter, 1, NULL), LWSEC_OK);
    sqlite_file_close(&file);
    for (bool killed = true; killed; n++) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            power_kill_at(n);
            sqlite_file_open(&file, folder, 0);
            const uint64_t next = counter_of(file.state, &counter) + 1;
            _exit(lwsec_state_advance(file.state, &counter, next, NULL) == LWSEC_OK ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 1);
        killed = WEXITSTATUS(status) == 9;
        sqlite_file_open(&file, folder, 0);
        const uint64_t told = counter_of(file.state, &counter);
        assert_left(NULL, told, LWSEC_OK);
        sqlite_file_close(&file);
    }
    assert_true(n > 3); /* it was killed while opening, and while storing */
}

/* Likewise for the process that makes the file: a lost file would be lost counters. */
static void what_a_second_process_wrote_outlives_a_killed_maker(void **state)
{
    int status = 0;
    bool killed = true;

    (void)state;
    for (int n = 0; killed; n++) {
        const char *place = temporary_folder();
        power_start();
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            power_kill_at(n);
            sqlite_file_open(&file, place, 0);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        killed = WEXITSTATUS(status) == 9;
        assert_true(killed || n > 2);
        sqlite_file_open(&file, place, 0);
        assert_status(lwsec_state_advance(file.state, &counter, 5, NULL), LWSEC_OK);
        assert_left(NULL, 5, LWSEC_OK);
        sqlite_file_close(&file);
        temporary_remove(place);
    }
}

static void failed_sync_is_not_answered_ok_and_trusted_no_more(void **state)
{
    uint8_t room[16];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    lwsec_reason reason;

    (void)state;
    sqlite_file_open(&file, folder, 0);
    assert_status(store_text(file.state, &record, "old", &version), LWSEC_OK);
    power_fail_from(0);
    assert_status(store_text(file.state, &record, "new", &version), LWSEC_STATE);
    assert_true(power_was_reached());
    assert_int_equal(version, 1);
    power_fail_from(-1);
    assert_status(lwsec_state_load(file.state, &record, &value, &version, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_IO);
    assert_status(lwsec_state_advance(file.state, &counter, 1, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_IO);
    sqlite_file_close(&file);
    sqlite_file_open(&file, folder, 0);
    assert_text(file.state, &record, "old");
    assert_left("old", UINT64_MAX, LWSEC_OK);
}

static void failed_commit_answers_each_call_of_the_batch(void **state)
{
    uint64_t version = 0;
    lwsec_reason reason;

    (void)state;
    sqlite_file_open(&file, folder, SQLITE_FILE_CALLS);
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_PENDING);
    assert_status(lwsec_state_advance(file.state, &counter, 3, NULL), LWSEC_PENDING);
    assert_status(lwsec_state_window_accept(file.state, &window, 7, 32, NULL), LWSEC_PENDING);
    power_fail_from(0);
    assert_status(lwsec_state_poll(file.state), LWSEC_OK);
    assert_true(power_was_reached());
    power_fail_from(-1);
    assert_status(store_text(file.state, &record, "one", &version), LWSEC_STATE);
    assert_int_equal(version, 0);
    assert_status(lwsec_state_advance(file.state, &counter, 3, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_IO);
    assert_status(lwsec_state_window_accept(file.state, &window, 7, 32, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_IO);
    sqlite_file_close(&file);
    /* Nobody knows what the medium holds: all of the batch, or nothing of it. */
    sqlite_file_open(&file, folder, 0);
    const bool held = counter_of(file.state, &counter) == 3;
    assert_text(file.state, &record, held ? "one" : NULL);
    assert_status(lwsec_state_window_accept(file.state, &window, 7, 32, NULL),
                  held ? LWSEC_CONFLICT : LWSEC_OK);
}

#define THREADS 4U

static void *advance_once(void *argument)
{
    lwsec_record own = counter;

    own.identity[1] = *(const uint8_t *)argument;
    return lwsec_state_advance(file.state, &own, 3, NULL) == LWSEC_PENDING ? argument : NULL;
}

/* The calls of several threads become durable by one sync. */
static void threads_share_one_sync(void **state)
{
    static uint8_t fillers[THREADS];
    pthread_t threads[THREADS];

    (void)state;
    sqlite_file_open(&file, folder, SQLITE_FILE_CALLS);
    assert_status(lwsec_state_advance(file.state, &counter, 1, NULL), LWSEC_PENDING);
    assert_status(lwsec_state_poll(file.state), LWSEC_OK); /* the log is begun */
    const unsigned before = power_syncs();
    for (unsigned i = 0; i < THREADS; i++) {
        fillers[i] = (uint8_t)(i + 1);
        assert_int_equal(pthread_create(&threads[i], NULL, advance_once, &fillers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        void *pending = NULL;
        assert_int_equal(pthread_join(threads[i], &pending), 0);
        assert_non_null(pending);
    }
    assert_int_equal(power_syncs(), before);
    assert_status(lwsec_state_poll(file.state), LWSEC_OK);
    assert_int_equal(power_syncs(), before + 1);
    for (unsigned i = 0; i < THREADS; i++) {
        lwsec_record own = counter;
        own.identity[1] = fillers[i];
        assert_status(lwsec_state_advance(file.state, &own, 3, NULL), LWSEC_OK);
    }
    assert_int_equal(power_syncs(), before + 1);
}

static void full_medium_refuses_and_goes_on_when_there_is_room(void **state)
{
    uint64_t version = 0;
    lwsec_reason reason;

    (void)state;
    sqlite_file_open(&file, folder, 0);
    assert_status(store_text(file.state, &record, "old", &version), LWSEC_OK);
    power_fill(true);
    assert_status(lwsec_state_advance(file.state, &counter, 3, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_FULL);
    assert_status(store_text(file.state, &record, "new", &version), LWSEC_STATE);
    assert_text(file.state, &record, "old");
    power_fill(false);
    assert_left("old", UINT64_MAX, LWSEC_OK);
    assert_status(store_text(file.state, &record, "new", &version), LWSEC_OK);
    assert_left("new", UINT64_MAX, LWSEC_OK);
}

static void full_medium_refuses_each_call_of_the_batch(void **state)
{
    lwsec_reason reason;

    (void)state;
    sqlite_file_open(&file, folder, SQLITE_FILE_CALLS);
    assert_status(lwsec_state_advance(file.state, &counter, 3, NULL), LWSEC_PENDING);
    assert_status(lwsec_state_window_accept(file.state, &window, 7, 32, NULL), LWSEC_PENDING);
    power_fill(true);
    assert_status(lwsec_state_poll(file.state), LWSEC_OK);
    power_fill(false);
    assert_status(lwsec_state_advance(file.state, &counter, 3, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_FULL);
    assert_status(lwsec_state_window_accept(file.state, &window, 7, 32, NULL), LWSEC_STATE);
    assert_true(counter_of(file.state, &counter) == UINT64_MAX);
    assert_status(lwsec_state_advance(file.state, &counter, 3, NULL), LWSEC_PENDING);
    assert_status(lwsec_state_poll(file.state), LWSEC_OK);
    assert_status(lwsec_state_advance(file.state, &counter, 3, NULL), LWSEC_OK);
}

static void file_is_not_opened_when_a_sync_fails(void **state)
{
    lwsec_why why = LWSEC_WHY_NONE;
    int n = 0;

    (void)state;
    for (;; n++) {
        const char *place = temporary_folder();
        power_start();
        power_fail_from(n);
        const lwsec_status status = sqlite_file_try(&file, place, 0, &why);
        const bool reached = power_was_reached();
        power_fail_from(-1);
        lwsec_state_sqlite_close(&file.state);
        temporary_remove(place);
        if (!reached) {
            assert_status(status, LWSEC_OK);
            break;
        }
        assert_status(status, LWSEC_STATE);
        assert_int_equal(why, LWSEC_WHY_STATE_IO);
    }
    assert_true(n > 2);
    power_start();
    power_fail_folders(true);
    assert_status(sqlite_file_try(&file, folder, 0, &why), LWSEC_STATE);
    assert_int_equal(why, LWSEC_WHY_STATE_IO);
    power_fail_folders(false);
    sqlite_file_open(&file, folder, 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(what_was_answered_outlives_a_power_cut),
        IN_FOLDER(counter_is_never_behind_over_checkpoints),
        IN_FOLDER(batch_is_durable_when_its_calls_answer_and_not_before),
        IN_FOLDER(what_a_second_process_reads_is_durable),
        IN_FOLDER(what_a_second_process_wrote_outlives_a_killed_maker),
        IN_FOLDER(failed_sync_is_not_answered_ok_and_trusted_no_more),
        IN_FOLDER(failed_commit_answers_each_call_of_the_batch),
        IN_FOLDER(threads_share_one_sync),
        IN_FOLDER(full_medium_refuses_and_goes_on_when_there_is_room),
        IN_FOLDER(full_medium_refuses_each_call_of_the_batch),
        IN_FOLDER(file_is_not_opened_when_a_sync_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
