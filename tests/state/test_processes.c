/* Processes that share a directory: the lock, forks, and a kill at any moment. */
#include "tests/support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/state/back_ends.h"
#include "tests/state/temporary.h"

static const lwsec_record counter = {LWSEC_RECORD_SMS, {1}};
static const char *path;

static int set_up(void **state)
{
    (void)state;
    path = temporary_folder();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temporary_remove(path);
    return 0;
}

static lwsec_status open_at(uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8], lwsec_state **made,
                            lwsec_why *why)
{
    lwsec_reason reason;
    const lwsec_status status =
        lwsec_state_directory_open(memory, LWSEC_STATE_DIRECTORY_SIZE, path, made, &reason);
    *why = reason.why;
    return status;
}

/* Whether somebody holds the directory, as a stranger sees it. */
static bool is_locked(void)
{
    static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    lwsec_state *made = NULL;
    lwsec_why why;
    const lwsec_status status = open_at(memory, &made, &why);

    if (status == LWSEC_OK) {
        lwsec_state_directory_close(&made);
        return false;
    }
    assert_status(status, LWSEC_STATE);
    assert_int_equal(why, LWSEC_WHY_STATE_LOCKED);
    return true;
}

/* Runs `body` in a child, which exits with what it answers; waits for it. */
static int in_child(int (*body)(void))
{
    int status = 0;
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        _exit(body());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void second_opening_in_one_process_is_locked_out(void **state)
{
    static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    lwsec_state *first = NULL;
    lwsec_why why;

    (void)state;
    assert_status(open_at(memory, &first, &why), LWSEC_OK);
    assert_true(is_locked());
    assert_true(is_locked()); /* a refused opening takes nothing away */
    assert_status(lwsec_state_advance(first, &counter, 1, NULL), LWSEC_OK);
    lwsec_state_directory_close(&first);
    assert_false(is_locked());
}

/* A child that opens the directory, says so through the pipe, and waits to be killed. */
static pid_t start_holder(void)
{
    int channel[2];
    char ready = 0;

    assert_int_equal(pipe(channel), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
        lwsec_state *held = NULL;
        lwsec_why why;
        ready = open_at(memory, &held, &why) == LWSEC_OK ? 'y' : 'n';
        (void)!write(channel[1], &ready, 1);
        for (;;) {
            (void)pause();
        }
    }
    assert_int_equal(read(channel[0], &ready, 1), 1);
    (void)close(channel[0]);
    (void)close(channel[1]);
    assert_int_equal(ready, 'y');
    return child;
}

static void kill_and_wait(pid_t child)
{
    int status = 0;

    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void second_process_is_locked_out_until_the_first_is_killed(void **state)
{
    (void)state;
    const pid_t holder = start_holder();

    assert_true(is_locked());
    kill_and_wait(holder);
    assert_false(is_locked());
}

static opened shared;

static int call_everything(void)
{
    const lwsec_record record = record_of(LWSEC_RECORD_ACCOUNT, 1);
    uint8_t room[16];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    lwsec_state *state = shared.state;
    int refused = 0;

    refused += lwsec_state_load(state, &record, &value, &version, NULL) == LWSEC_FORKED;
    refused += lwsec_state_store_if(state, &record, lwsec_bytes_of("x", 1), &version, NULL) ==
               LWSEC_FORKED;
    refused += lwsec_state_take(state, &record, &value, NULL) == LWSEC_FORKED;
    refused += lwsec_state_advance(state, &counter, 100, NULL) == LWSEC_FORKED;
    refused += lwsec_state_window_accept(state, &counter, 100, 32, NULL) == LWSEC_FORKED;
    refused += lwsec_state_erase(state, &counter, NULL) == LWSEC_FORKED;
    refused += lwsec_state_poll(state) == LWSEC_FORKED;
    back_end_release(&shared); /* must not hang, nor hurt the parent */
    return refused;
}

static void forked_child_is_refused_by_every_back_end(void **state)
{
    static toy_store toy;

    (void)state;
    for (size_t i = 0; i < back_end_count; i++) {
        toy_store_open(&toy);
        const lwsec_key key =
            toy_key(&toy.head, LWSEC_ALG_A128GCM, LWSEC_USE_SEAL | LWSEC_USE_OPEN, 1);
        back_end_open(&shared, &back_ends[i], key);
        assert_status(lwsec_state_advance(shared.state, &counter, 5, NULL), LWSEC_OK);
        assert_int_equal(in_child(call_everything), 7);
        assert_status(lwsec_state_advance(shared.state, &counter, 6, NULL), LWSEC_OK);
        back_end_close(&shared);
    }
}

static lwsec_state *held;

static int close_then_open(void)
{
    lwsec_state_directory_close(&held);
    return is_locked() ? 1 : 0;
}

static int open_again(void)
{
    return is_locked() ? 1 : 0;
}

static void forked_child_cannot_release_or_take_the_lock(void **state)
{
    static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    lwsec_why why;

    (void)state;
    assert_status(open_at(memory, &held, &why), LWSEC_OK);
    assert_int_equal(in_child(open_again), 1);
    assert_int_equal(in_child(close_then_open), 1);
    assert_true(is_locked());
    assert_status(lwsec_state_advance(held, &counter, 1, NULL), LWSEC_OK);
    lwsec_state_directory_close(&held);
}

static void closing_releases_the_lock_while_a_forked_child_lives(void **state)
{
    static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    lwsec_why why;

    (void)state;
    assert_status(open_at(memory, &held, &why), LWSEC_OK);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (;;) {
            (void)pause();
        }
    }
    lwsec_state_directory_close(&held);
    assert_false(is_locked());
    kill_and_wait(child);
}

static int open_and_count(void)
{
    static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    lwsec_why why;

    lwsec_state_directory_close(&held);
    return open_at(memory, &held, &why) == LWSEC_OK &&
                   lwsec_state_advance(held, &counter, 9, NULL) == LWSEC_OK
               ? 0
               : 1;
}

static void forked_child_may_open_for_itself_after_the_parent_closed(void **state)
{
    static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    lwsec_why why;

    (void)state;
    assert_status(open_at(memory, &held, &why), LWSEC_OK);
    lwsec_state_directory_close(&held);
    assert_int_equal(in_child(open_and_count), 0);
    assert_status(open_at(memory, &held, &why), LWSEC_OK);
    assert_status(lwsec_state_advance(held, &counter, 9, NULL), LWSEC_CONFLICT);
    lwsec_state_directory_close(&held);
}

/* Advances from `from` on for ever and says each number after the call has returned. */
static void advance_and_tell(int channel, uint64_t from)
{
    static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    lwsec_state *made = NULL;
    lwsec_why why;

    if (open_at(memory, &made, &why) != LWSEC_OK) {
        _exit(2);
    }
    for (uint64_t number = from; lwsec_state_advance(made, &counter, number, NULL) == LWSEC_OK;
         number++) {
        (void)!write(channel, &number, sizeof number);
    }
    _exit(3);
}

/* The last number that the child told before it was killed; `last` if it came to none. `started`:
 * the time counts from its first number on, however busy the machine is. */
static uint64_t run_until_killed(uint64_t last, long microseconds, bool started)
{
    int channel[2];
    uint64_t told;
    const struct timespec delay = {0, microseconds * 1000};

    assert_int_equal(pipe(channel), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        advance_and_tell(channel[1], last + 1);
    }
    (void)close(channel[1]);
    if (started) {
        assert_int_equal(read(channel[0], &told, sizeof told), sizeof told);
        last = told;
    }
    (void)nanosleep(&delay, NULL);
    kill_and_wait(child);
    while (read(channel[0], &told, sizeof told) == (ssize_t)sizeof told) {
        last = told;
    }
    (void)close(channel[0]);
    return last;
}

static uint64_t counter_now(void)
{
    static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    uint8_t room[8];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    lwsec_state *made = NULL;
    lwsec_why why;
    uint64_t version = 0;
    uint64_t number = 0;

    assert_status(open_at(memory, &made, &why), LWSEC_OK);
    const lwsec_status status = lwsec_state_load(made, &counter, &value, &version, NULL);
    assert_true(status == LWSEC_OK || status == LWSEC_ABSENT);
    for (size_t i = 0; i < value.size; i++) {
        number = number << 8 | room[i];
    }
    lwsec_state_directory_close(&made);
    return number;
}

static void counter_is_never_behind_after_a_kill(void **state)
{
    uint64_t last = 0;
    uint64_t seed = 3;
    unsigned progressed = 0;

    (void)state;
    for (int kills = 0; kills < 50; kills++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        const uint64_t told =
            run_until_killed(last, 1000 + (long)(seed >> 33) % 40000, kills % 2 == 0);
        const uint64_t found = counter_now();
        assert_true(found >= told);
        assert_true(found <= told + 1);
        progressed += told > last;
        last = found;
    }
    assert_true(progressed >= 25); /* otherwise the test has shown nothing */
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(second_opening_in_one_process_is_locked_out),
        IN_FOLDER(second_process_is_locked_out_until_the_first_is_killed),
        IN_FOLDER(forked_child_is_refused_by_every_back_end),
        IN_FOLDER(forked_child_cannot_release_or_take_the_lock),
        IN_FOLDER(closing_releases_the_lock_while_a_forked_child_lives),
        IN_FOLDER(forked_child_may_open_for_itself_after_the_parent_closed),
        IN_FOLDER(counter_is_never_behind_after_a_kill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
