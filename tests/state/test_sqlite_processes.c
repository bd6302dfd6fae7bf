/* Processes that write one SQLite file at once, and a kill at any moment. */
#include "tests/support/test.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/state/sqlite_file.h"
#include "tests/state/temporary.h"

#define WRITERS 4U
#define NUMBERS 60U

static const lwsec_record counter = {LWSEC_RECORD_SMS, {4}};
static const lwsec_record record = {LWSEC_RECORD_ACCOUNT, {1}};

static char home[32];
static const char *folder = home;
static sqlite_file file;

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(home, sizeof home, "%s", temporary_folder());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lwsec_state_sqlite_close(&file.state);
    temporary_remove(folder);
    return 0;
}

/* A call that is pending where the file was opened for batches. */
static lwsec_status advance(uint64_t number)
{
    lwsec_status status = lwsec_state_advance(file.state, &counter, number, NULL);

    if (status == LWSEC_PENDING && lwsec_state_poll(file.state) == LWSEC_OK) {
        status = lwsec_state_advance(file.state, &counter, number, NULL);
    }
    return status;
}

/* Tries every number, and tells those that it got. The file is made by whoever comes first. */
static void try_all(int channel, uint32_t calls)
{
    lwsec_why why = LWSEC_WHY_NONE;

    if (sqlite_file_try(&file, folder, calls, &why) != LWSEC_OK) {
        _exit(1);
    }
    for (uint32_t number = 0; number < NUMBERS; number++) {
        const lwsec_status status = advance(number);
        if (status == LWSEC_OK && write(channel, &number, sizeof number) != sizeof number) {
            _exit(2);
        }
        if (status != LWSEC_OK && status != LWSEC_CONFLICT) {
            _exit(3);
        }
    }
    lwsec_state_sqlite_close(&file.state);
    _exit(0);
}

static void processes_get_each_number_once(void **state)
{
    unsigned got[NUMBERS] = {0};
    uint32_t number = 0;
    int channel[2];
    int status = 0;

    (void)state;
    assert_int_equal(pipe(channel), 0);
    for (unsigned i = 0; i < WRITERS; i++) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            try_all(channel[1], i % 2 == 0 ? 0 : SQLITE_FILE_CALLS);
        }
    }
    (void)close(channel[1]);
    while (read(channel[0], &number, sizeof number) == (ssize_t)sizeof number) {
        got[number]++;
    }
    (void)close(channel[0]);
    for (unsigned i = 0; i < WRITERS; i++) {
        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    unsigned sum = 0;
    for (uint32_t i = 0; i < NUMBERS; i++) {
        assert_true(got[i] <= 1);
        sum += got[i];
    }
    assert_int_equal(got[NUMBERS - 1], 1);
    assert_true(sum > 0);
}

/* Advances for ever, and tells each number after the call has answered. */
static void advance_and_tell(int channel, uint32_t calls)
{
    sqlite_file_open(&file, folder, calls);
    for (uint64_t number = counter_of(file.state, &counter) + 1; advance(number) == LWSEC_OK;
         number++) {
        (void)!write(channel, &number, sizeof number);
    }
    _exit(3);
}

/* The last number that a child told before it was killed. */
static uint64_t run_until_killed(long microseconds, uint32_t calls)
{
    int channel[2];
    int status = 0;
    uint64_t told = 0;
    uint64_t last = 0;
    const struct timespec delay = {0, microseconds * 1000};

    assert_int_equal(pipe(channel), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        advance_and_tell(channel[1], calls);
    }
    (void)close(channel[1]);
    assert_int_equal(read(channel[0], &last, sizeof last), sizeof last);
    (void)nanosleep(&delay, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    while (read(channel[0], &told, sizeof told) == (ssize_t)sizeof told) {
        last = told;
    }
    (void)close(channel[0]);
    return last;
}

static void counter_is_never_behind_after_a_kill(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (unsigned kills = 0; kills < 30; kills++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        const uint64_t told =
            run_until_killed((long)(seed >> 33) % 20000, kills % 2 == 0 ? 0 : SQLITE_FILE_CALLS);
        sqlite_file_open(&file, folder, 0);
        const uint64_t found = counter_of(file.state, &counter);
        assert_true(found >= told);
        assert_true(found <= told + 1);
        sqlite_file_close(&file);
    }
}

/* Who is killed with an open transaction locks nobody out. */
static void killed_batch_leaves_no_lock(void **state)
{
    int status = 0;

    (void)state;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        sqlite_file_open(&file, folder, SQLITE_FILE_CALLS);
        if (lwsec_state_advance(file.state, &counter, 9, NULL) == LWSEC_PENDING) {
            (void)kill(getpid(), SIGKILL);
        }
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    sqlite_file_open(&file, folder, 0);
    assert_status(lwsec_state_advance(file.state, &counter, 9, NULL), LWSEC_OK);
}

static int store_until_full(void)
{
    static uint8_t value[LWSEC_RECORD_MAX];
    const struct rlimit limit = {200000, 200000};
    lwsec_record next = record;

    sqlite_file_open(&file, folder, 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        return -1;
    }
    for (uint8_t i = 0; i < 200; i++) {
        uint64_t version = 0;
        next.identity[15] = i;
        memset(value, i, sizeof value);
        const lwsec_status status = lwsec_state_store_if(
            file.state, &next, lwsec_bytes_of(value, sizeof value), &version, NULL);
        if (status != LWSEC_OK) {
            return status == LWSEC_STATE ? i : -1;
        }
    }
    return -1;
}

static void file_that_may_not_grow_loses_nothing(void **state)
{
    static uint8_t room[LWSEC_RECORD_MAX];
    static uint8_t expected[LWSEC_RECORD_MAX];
    lwsec_record next = record;
    int status = 0;

    (void)state;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(store_until_full() & 0xff);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_in_range(WEXITSTATUS(status), 5, 199);
    sqlite_file_open(&file, folder, 0);
    for (int i = 0; i < WEXITSTATUS(status); i++) {
        lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
        uint64_t version = 0;
        next.identity[15] = (uint8_t)i;
        memset(expected, i, sizeof expected);
        assert_status(lwsec_state_load(file.state, &next, &value, &version, NULL), LWSEC_OK);
        assert_bytes(lwsec_buffer_bytes(&value), lwsec_bytes_of(expected, sizeof expected));
    }
    assert_status(lwsec_state_advance(file.state, &counter, 1, NULL), LWSEC_OK);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(processes_get_each_number_once),
        IN_FOLDER(counter_is_never_behind_after_a_kill),
        IN_FOLDER(killed_batch_leaves_no_lock),
        IN_FOLDER(file_that_may_not_grow_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
