/* A medium that refuses: every failure is told, and the old record stays. */
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/state/back_ends.h"
#include "tests/state/shim.h"
#include "tests/state/temporary.h"

static const lwsec_record record = {LWSEC_RECORD_ACCOUNT, {1}};
static const lwsec_record counter = {LWSEC_RECORD_SMS, {1}};
static const lwsec_record window = {LWSEC_RECORD_WINDOW, {1}};

static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
static lwsec_state *medium;
static const char *path;

static lwsec_status open_medium(lwsec_why *why)
{
    lwsec_reason reason;
    const lwsec_status status =
        lwsec_state_directory_open(memory, sizeof memory, path, &medium, &reason);

    *why = reason.why;
    return status;
}

static int set_up(void **state)
{
    lwsec_why why;
    uint64_t version = 0;

    (void)state;
    path = temporary_folder();
    shim_start();
    assert_status(open_medium(&why), LWSEC_OK);
    assert_status(lwsec_state_store_if(medium, &record, lwsec_bytes_of("old", 3), &version, NULL),
                  LWSEC_OK);
    assert_status(lwsec_state_advance(medium, &counter, 5, NULL), LWSEC_OK);
    assert_status(lwsec_state_window_accept(medium, &window, 5, 32, NULL), LWSEC_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    shim_pause();
    lwsec_state_directory_close(&medium);
    temporary_remove(path);
    return 0;
}

/* The value of the record is `text`, or there is none if that is NULL. */
static bool holds(const char *text)
{
    uint8_t room[LWSEC_RECORD_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    const lwsec_status status = lwsec_state_load(medium, &record, &value, &version, NULL);

    if (text == NULL) {
        return status == LWSEC_ABSENT;
    }
    return status == LWSEC_OK && value.size == strlen(text) && memcmp(room, text, value.size) == 0;
}

static lwsec_status store_newer(lwsec_why *why)
{
    uint64_t version = 1;
    lwsec_reason reason;
    const lwsec_status status =
        lwsec_state_store_if(medium, &record, lwsec_bytes_of("newer", 5), &version, &reason);

    *why = reason.why;
    return version == (status == LWSEC_OK ? 2U : 1U) ? status : LWSEC_ENGINE;
}

static lwsec_status take_it(lwsec_why *why)
{
    uint8_t room[16];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;
    const lwsec_status status = lwsec_state_take(medium, &record, &value, &reason);

    *why = reason.why;
    return (value.size == 0) == (status != LWSEC_OK) ? status : LWSEC_ENGINE;
}

static lwsec_status erase_it(lwsec_why *why)
{
    lwsec_reason reason;
    const lwsec_status status = lwsec_state_erase(medium, &record, &reason);

    *why = reason.why;
    return status;
}

static void reopen(void)
{
    lwsec_why why;

    lwsec_state_directory_close(&medium);
    assert_status(open_medium(&why), LWSEC_OK);
    assert_false(file_exists(path, "new"));
}

/* Lets the first, the second, ... call of a change fail, until there are no more calls. */
static void fail_each_call(lwsec_status (*change)(lwsec_why *), const char *after, int error)
{
    lwsec_why why;

    for (size_t call = 0;; call++) {
        assert_true(holds("old"));
        shim_fail(call, 1, error);
        const lwsec_status status = change(&why);
        const bool failed = shim_calls() > call;
        shim_fail(0, 0, 0);
        if (!failed) {
            assert_status(status, LWSEC_OK);
            assert_true(call >= 3);
            assert_true(holds(after));
            return;
        }
        assert_status(status, LWSEC_STATE);
        assert_int_equal(why, LWSEC_WHY_STATE_IO);
        reopen();
        if (!holds("old")) { /* the last sync failed: it may be there, and was not promised */
            assert_true(holds(after));
            (void)tear_down(NULL);
            (void)set_up(NULL);
        }
    }
}

static void every_failing_call_of_a_store_is_told(void **state)
{
    (void)state;
    fail_each_call(store_newer, "newer", EIO);
}

static void full_medium_at_any_call_of_a_store_is_told(void **state)
{
    (void)state;
    fail_each_call(store_newer, "newer", ENOSPC);
}

static void every_failing_call_of_a_take_is_told(void **state)
{
    (void)state;
    fail_each_call(take_it, NULL, EIO);
}

static void every_failing_call_of_an_erase_is_told(void **state)
{
    (void)state;
    fail_each_call(erase_it, NULL, EROFS);
}

static void every_failing_call_of_opening_is_told(void **state)
{
    lwsec_why why;

    (void)state;
    lwsec_state_directory_close(&medium);
    temporary_remove(path);
    for (size_t call = 1;; call++) { /* 0 is mkdir, which may fail: the folder may be there */
        shim_fail(call, 1, EIO);
        const lwsec_status status = open_medium(&why);
        const bool failed = shim_calls() > call;
        shim_fail(0, 0, 0);
        if (!failed) {
            assert_status(status, LWSEC_OK);
            assert_true(call > 5);
            return;
        }
        assert_status(status, LWSEC_STATE);
        assert_int_equal(why, LWSEC_WHY_STATE_IO);
        assert_null(medium);
        temporary_remove(path);
    }
}

/* The change is visible to us and perhaps not on the medium: to answer from it would promise it. */
static void nothing_is_answered_after_a_failed_sync_of_the_folder(void **state)
{
    lwsec_why why;
    uint8_t room[64];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;

    (void)state;
    assert_status(store_newer(&why), LWSEC_OK);
    shim_fail(6, 1, EIO); /* load: 1 call; discard, create, write, sync, rename; then this */
    version = 2;
    assert_status(
        lwsec_state_store_if(medium, &record, lwsec_bytes_of("newest", 6), &version, NULL),
        LWSEC_STATE);
    assert_int_equal(shim_calls(), 7);
    shim_fail(0, 0, 0);
    assert_status(lwsec_state_load(medium, &record, &value, &version, NULL), LWSEC_STATE);
    assert_status(lwsec_state_advance(medium, &counter, 100, NULL), LWSEC_STATE);
    assert_status(lwsec_state_erase(medium, &counter, NULL), LWSEC_STATE);
    reopen();
    assert_true(holds("newest"));
}

static void failed_cleaning_up_does_not_block_the_next_store(void **state)
{
    lwsec_why why;

    (void)state;
    shim_fail(3, 100, EIO); /* from the first write on, so that the new file stays behind */
    assert_status(store_newer(&why), LWSEC_STATE);
    shim_fail(0, 0, 0);
    assert_true(file_exists(path, "new"));
    assert_status(store_newer(&why), LWSEC_OK);
    assert_true(holds("newer"));
}

static void short_writes_are_finished(void **state)
{
    lwsec_why why;

    (void)state;
    shim_write_at_most(7);
    assert_status(store_newer(&why), LWSEC_OK);
    assert_true(holds("newer"));
}

static void interrupted_calls_are_repeated(void **state)
{
    lwsec_why why;

    (void)state;
    shim_interrupt(true);
    shim_write_at_most(10);
    assert_status(store_newer(&why), LWSEC_OK);
    assert_status(lwsec_state_advance(medium, &counter, 6, NULL), LWSEC_OK);
    assert_true(holds("newer"));
}

static void file_size_limit_keeps_the_old_record(void **state)
{
    struct rlimit before;
    lwsec_why why;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    for (rlim_t limit = 0; limit < 44; limit += 11) { /* "newer" takes 44 bytes */
        const struct rlimit low = {limit, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
        const lwsec_status status = store_newer(&why);
        const lwsec_status advanced = lwsec_state_advance(medium, &counter, 6, NULL);
        const lwsec_status accepted = lwsec_state_window_accept(medium, &window, 6, 32, NULL);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_status(status, LWSEC_STATE);
        assert_int_equal(why, LWSEC_WHY_STATE_IO);
        assert_status(advanced, LWSEC_STATE);
        assert_status(accepted, LWSEC_STATE);
        assert_true(holds("old"));
        assert_false(file_exists(path, "new"));
    }
    (void)signal(SIGXFSZ, handler);
    assert_status(store_newer(&why), LWSEC_OK);
    assert_status(lwsec_state_advance(medium, &counter, 6, NULL), LWSEC_OK);
}

/* ---- With a file system or rights of its own: in a child ---- */

#define NOT_PERMITTED 255
/* In a child no assertion may jump: it answers the line instead. */
#define NEED(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            return __LINE__ % 250 + 1;                                                             \
        }                                                                                          \
    } while (0)

static bool say(const char *file, const char *text)
{
    const int opened_file = open(file, O_WRONLY | O_CLOEXEC);
    const bool said = opened_file >= 0 && write(opened_file, text, strlen(text)) > 0;

    if (opened_file >= 0) {
        (void)close(opened_file);
    }
    return said;
}

/* Without root: a name space in which we are root, and nobody else is anybody. */
static bool own_mounts(void)
{
    char users[32];
    char groups[32];

    (void)snprintf(users, sizeof users, "0 %u 1", (unsigned)geteuid());
    (void)snprintf(groups, sizeof groups, "0 %u 1", (unsigned)getegid());
    if (geteuid() == 0) {
        return unshare(CLONE_NEWNS) == 0;
    }
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && say("/proc/self/uid_map", users) &&
           say("/proc/self/setgroups", "deny") && say("/proc/self/gid_map", groups);
}

static bool small_file_system(void)
{
    return own_mounts() && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", path, "tmpfs", 0, "size=16k,mode=0700") == 0;
}

static int full_file_system(void)
{
    static uint8_t filler[4096];
    lwsec_why why;
    uint64_t version = 0;

    if (!small_file_system()) {
        return NOT_PERMITTED;
    }
    NEED(open_medium(&why) == LWSEC_OK);
    NEED(lwsec_state_store_if(medium, &record, lwsec_bytes_of("old", 3), &version, NULL) ==
         LWSEC_OK);
    NEED(lwsec_state_advance(medium, &counter, 5, NULL) == LWSEC_OK);
    NEED(chdir(path) == 0);
    const int file = open("filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    NEED(file >= 0);
    while (write(file, filler, sizeof filler) > 0) {
    }
    NEED(errno == ENOSPC);
    NEED(store_newer(&why) == LWSEC_STATE && why == LWSEC_WHY_STATE_IO);
    NEED(lwsec_state_advance(medium, &counter, 6, NULL) == LWSEC_STATE);
    NEED(holds("old"));
    NEED(ftruncate(file, 0) == 0);
    NEED(store_newer(&why) == LWSEC_OK);
    NEED(lwsec_state_advance(medium, &counter, 6, NULL) == LWSEC_OK);
    NEED(holds("newer"));
    return 0;
}

static int read_only_file_system(void)
{
    lwsec_why why;
    uint64_t version = 0;
    const unsigned long change = MS_REMOUNT | MS_BIND;

    if (!small_file_system()) {
        return NOT_PERMITTED;
    }
    NEED(open_medium(&why) == LWSEC_OK);
    NEED(lwsec_state_store_if(medium, &record, lwsec_bytes_of("old", 3), &version, NULL) ==
         LWSEC_OK);
    lwsec_state_directory_close(&medium);
    NEED(mount(NULL, path, NULL, change | MS_RDONLY, NULL) == 0);
    NEED(open_medium(&why) == LWSEC_STATE && why == LWSEC_WHY_STATE_IO);
    NEED(mount(NULL, path, NULL, change, NULL) == 0);
    NEED(open_medium(&why) == LWSEC_OK);
    NEED(holds("old"));
    return 0;
}

/* Takes the right to write away while the directory is open. Root loses it with its name only. */
static bool lose_the_right_to_write(void)
{
    if (geteuid() != 0) {
        return chmod(path, 0500) == 0;
    }
    return chmod(path, 0755) == 0 && chdir(path) == 0 &&
           chmod("00000004-01000000000000000000000000000000", 0644) == 0 && setgid(65534) == 0 &&
           setuid(65534) == 0;
}

static int folder_without_the_right_to_write(void)
{
    lwsec_why why;
    uint64_t version = 0;

    NEED(open_medium(&why) == LWSEC_OK);
    NEED(lwsec_state_store_if(medium, &record, lwsec_bytes_of("old", 3), &version, NULL) ==
         LWSEC_OK);
    NEED(lose_the_right_to_write());
    NEED(store_newer(&why) == LWSEC_STATE && why == LWSEC_WHY_STATE_IO);
    NEED(take_it(&why) == LWSEC_STATE && why == LWSEC_WHY_STATE_IO);
    NEED(erase_it(&why) == LWSEC_STATE && why == LWSEC_WHY_STATE_IO);
    NEED(lwsec_state_advance(medium, &counter, 6, NULL) == LWSEC_STATE);
    NEED(holds("old"));
    return 0;
}

static void in_child(int (*body)(void))
{
    int status = 0;

    path = temporary_folder();
    shim_pause();
    (void)fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(body());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    temporary_remove(path);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NOT_PERMITTED) {
        print_message("no file system of our own is permitted here: not tested\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void full_file_system_keeps_the_old_record(void **state)
{
    (void)state;
    in_child(full_file_system);
}

static void read_only_file_system_keeps_the_old_record(void **state)
{
    (void)state;
    in_child(read_only_file_system);
}

static void folder_without_the_right_to_write_keeps_the_old_record(void **state)
{
    (void)state;
    in_child(folder_without_the_right_to_write);
}

#define PREPARED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PREPARED(every_failing_call_of_a_store_is_told),
        PREPARED(full_medium_at_any_call_of_a_store_is_told),
        PREPARED(every_failing_call_of_a_take_is_told),
        PREPARED(every_failing_call_of_an_erase_is_told),
        PREPARED(every_failing_call_of_opening_is_told),
        PREPARED(nothing_is_answered_after_a_failed_sync_of_the_folder),
        PREPARED(failed_cleaning_up_does_not_block_the_next_store),
        PREPARED(short_writes_are_finished),
        PREPARED(interrupted_calls_are_repeated),
        PREPARED(file_size_limit_keeps_the_old_record),
        cmocka_unit_test(folder_without_the_right_to_write_keeps_the_old_record),
        cmocka_unit_test(full_file_system_keeps_the_old_record),
        cmocka_unit_test(read_only_file_system_keeps_the_old_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
