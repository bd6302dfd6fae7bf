/* A process that provisions is killed from outside: what another one finds is whole, and no older
 * than what was told to be in force. */
#include "tests/account/program.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/state/temporary.h"

#define ROUNDS 24

/* Provisions letter after letter and tells each that is in force. */
static void provision_for_ever(const char *path, char letter, int tell)
{
    static program child;

    program_start(&child, path);
    for (;;) {
        program_provision(&child, letter);
        if (write(tell, &letter, 1) != 1) {
            _exit(1);
        }
        letter = letter == 'z' ? 'a' : (char)(letter + 1);
    }
}

static char after(char letter)
{
    return letter == 'z' ? 'a' : (char)(letter + 1);
}

/* Kills the process once it has told so many letters; gives the last one that it told. */
static char kill_after(const char *path, char first, int count)
{
    int ends[2];
    char told = ' ';
    int status = 0;

    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        provision_for_ever(path, first, ends[1]);
    }
    (void)close(ends[1]);
    for (int i = 0; i < count; i++) {
        assert_int_equal(read(ends[0], &told, 1), 1);
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    while (read(ends[0], &told, 1) == 1) { /* told before it was dead */
    }
    (void)close(ends[0]);
    assert_true(WIFSIGNALED(status));
    return told;
}

static void what_a_killed_process_leaves_is_whole(void **state)
{
    static program next;
    char path[64];
    char letter = 'a';
    const char *home = temporary_folder();

    (void)state;
    (void)snprintf(path, sizeof path, "%s/records", home);
    for (int round = 0; round < ROUNDS; round++) {
        const char told = kill_after(path, letter, 1 + round % 3);
        program_start(&next, path);
        const char found = program_look(&next);
        assert_true(found == told || found == after(told));
        program_end(&next);
        letter = after(found);
    }
    temporary_remove(home);
    LWSEC_COVERS("R-6.7-04");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_a_killed_process_leaves_is_whole)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
