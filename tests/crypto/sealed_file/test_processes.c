/* Processes that share a sealed file: the lock, forks, and kills at any moment. */
#include "crypto/sealed_file/store.h"
#include "tests/crypto/sealed_file/kit.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A second opening, with memory of its own. */
static lwsec_why second_opening(kit *own)
{
    kit other = *own;

    other.memory = malloc(other.size);
    other.store = NULL;
    const lwsec_status status = kit_open(&other);
    if (status == LWSEC_OK) {
        kit_close(&other);
    }
    free(other.memory);
    return status == LWSEC_OK ? LWSEC_WHY_NONE : other.reason.why;
}

static int in_child(kit *own, int (*body)(kit *own))
{
    int status = 0;
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        _exit(body(own));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int opens(kit *own)
{
    /* A child's own inner store: that of the parent does not serve it. */
    own->inner = lwsec_test_store_open(lwsec_test_store_at(0), KIT_SLOTS + 2);
    own->config.inner = own->inner;
    return (int)second_opening(own);
}

static void a_second_opening_is_locked_out(void **state)
{
    kit *own = *state;

    assert_status(kit_open(own), LWSEC_OK);
    assert_int_equal(second_opening(own), LWSEC_WHY_STATE_LOCKED);
    assert_int_equal(in_child(own, opens), LWSEC_WHY_STATE_LOCKED);
    kit_close(own);
    assert_int_equal(in_child(own, opens), LWSEC_WHY_NONE);
    assert_int_equal(second_opening(own), LWSEC_WHY_NONE);
}

static int uses_the_parents(kit *own)
{
    const lwsec_key_attributes attributes = kit_named("c", LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);
    lwsec_key key = {NULL, 0, 0};
    lwsec_buffer name = lwsec_buffer_of((uint8_t[LWSEC_KEY_NAME_MAX]){0}, LWSEC_KEY_NAME_MAX);
    const lwsec_bytes raw = own->config.raw;
    bool refused = true;

    refused &= lwsec_key_find(own->store, lwsec_bytes_of("a", 1), &key) == LWSEC_FORKED;
    refused &= lwsec_key_import(own->store, &attributes, raw, &key) == LWSEC_FORKED;
    refused &= lwsec_key_generate(own->store, &attributes, 32, &key) == LWSEC_FORKED;
    refused &= lwsec_key_next_name(own->store, raw, &name) == LWSEC_FORKED;
    refused &=
        kit_open(&(kit){.memory = own->memory, .size = 0, .config = own->config}) == LWSEC_BUFFER;
    kit other = *own;
    other.memory = malloc(other.size);
    other.store = NULL;
    refused &= kit_open(&other) == LWSEC_FORKED; /* the inner store is the parent's */
    lwsec_sealed_file_close(&own->store);        /* leaves the lock to the parent */
    return refused ? 0 : 1;
}

static void a_child_cannot_use_its_parents_store(void **state)
{
    kit *own = *state;

    assert_status(kit_open(own), LWSEC_OK);
    assert_status(kit_keep(own, "a", 1), LWSEC_OK);
    assert_int_equal(in_child(own, uses_the_parents), 0);
    assert_int_equal(second_opening(own), LWSEC_WHY_STATE_LOCKED);
    assert_status(kit_look(own, "a", 1), LWSEC_OK);
    assert_status(kit_keep(own, "b", 2), LWSEC_OK);
}

/* A handle that the child inherited is no way to the parent's file. */
static void a_child_cannot_destroy_its_parents_key(void **state)
{
    kit *own = *state;
    lwsec_key kept = {NULL, 0, 0};
    int status = 0;

    assert_status(kit_open(own), LWSEC_OK);
    assert_status(kit_keep(own, "a", 1), LWSEC_OK);
    assert_status(lwsec_key_find(own->store, lwsec_bytes_of("a", 1), &kept), LWSEC_OK);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        lwsec_key copy = kept;
        const bool refused = lwsec_key_destroy(&kept) == LWSEC_FORKED;
        const bool gone = kept.store == NULL && lwsec_key_release(&copy) == LWSEC_USAGE;
        _exit((refused ? 0 : 1) | (gone ? 0 : 2));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_status(lwsec_key_release(&kept), LWSEC_OK);
    kit_reopen(own);
    assert_status(kit_look(own, "a", 1), LWSEC_OK);
}

/* The other thread of the parent is in the store when the process forks: in the child it never
 * comes out again, and closing does not wait for it. */
static void a_child_closes_a_store_that_was_in_use(void **state)
{
    kit *own = *state;
    lwsec_key kept = {NULL, 0, 0};
    int status = 0;

    assert_status(kit_open(own), LWSEC_OK);
    assert_status(kit_keep(own, "a", 1), LWSEC_OK);
    assert_status(lwsec_key_find(own->store, lwsec_bytes_of("a", 1), &kept), LWSEC_OK);
    lwsec_sealed_store *inside = lwsec_sealed_store_of(own->store);
    lwsec_lock_take(&inside->lock);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)alarm(10); /* a child that waits is ended */
        lwsec_sealed_file_close(&own->store);
        _exit(own->store == NULL ? 0 : 1);
    }
    lwsec_lock_release(&inside->lock);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_status(lwsec_key_release(&kept), LWSEC_OK);
}

/* ---- SIGKILL ---- */

/* Keeps and destroys keys for ever, and says through `out` what is done. */
static void work(kit *own, int out)
{
    uint8_t said[2];

    own->inner = lwsec_test_store_open(lwsec_test_store_at(0), KIT_SLOTS + 2);
    own->config.inner = own->inner;
    own->config.flags = LWSEC_SEALED_FILE_CREATE;
    if (kit_open(own) != LWSEC_OK) {
        _exit(1);
    }
    for (unsigned i = 0;; i++) {
        const char name[2] = {(char)('a' + i % 3), '\0'};
        (void)kit_destroy(own, name);
        said[0] = (uint8_t)name[0];
        said[1] = 0;
        if (write(out, said, 2) != 2) {
            _exit(1);
        }
        if (kit_keep(own, name, (uint8_t)(1 + i % 250)) != LWSEC_OK) {
            _exit(1);
        }
        said[1] = (uint8_t)(1 + i % 250);
        if (write(out, said, 2) != 2) {
            _exit(1);
        }
    }
}

/* What the child has said last: each key's filler, 0: destroyed, and which key came last. */
static size_t follow(int in, uint8_t fillers[3])
{
    uint8_t said[2];
    size_t last = 3;

    memset(fillers, 0, 3);
    while (read(in, said, 2) == 2) {
        last = (size_t)(said[0] - 'a');
        fillers[last] = said[1];
    }
    return last;
}

/* The key that was being changed when the process died is of its old life or of its new one. */
static void check(kit *own, const uint8_t fillers[3], size_t last)
{
    for (size_t i = 0; i < 3; i++) {
        const char name[2] = {(char)('a' + i), '\0'};
        const size_t under_change = last == 3 ? 0 : fillers[last] != 0 ? (last + 1) % 3 : last;
        const lwsec_status status = kit_destroy(own, name);
        if (i != under_change) {
            assert_status(status, fillers[i] != 0 ? LWSEC_OK : LWSEC_ABSENT);
        } else {
            assert_true(status == LWSEC_OK || status == LWSEC_ABSENT);
        }
    }
    assert_string_equal(kit_names(own), "");
}

static void a_kill_at_any_moment_leaves_a_whole_file(void **state)
{
    kit *own = *state;
    uint8_t fillers[3];
    int ends[2];

    for (unsigned round = 0; round < 40; round++) {
        assert_int_equal(pipe(ends), 0);
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)close(ends[0]);
            work(own, ends[1]);
        }
        (void)close(ends[1]);
        const struct timespec a_while = {0, 1000L * (2000 + (long)round * 373 % 9000)};
        (void)nanosleep(&a_while, NULL);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        const size_t last = follow(ends[0], fillers);
        (void)close(ends[0]);
        own->config.flags = LWSEC_SEALED_FILE_CREATE; /* it may have died before it made one */
        assert_status(kit_open(own), LWSEC_OK);
        check(own, fillers, last);
        kit_close(own);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, kit_begin, kit_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_second_opening_is_locked_out),
        TEST(a_child_cannot_use_its_parents_store),
        TEST(a_child_cannot_destroy_its_parents_key),
        TEST(a_child_closes_a_store_that_was_in_use),
        TEST(a_kill_at_any_moment_leaves_a_whole_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
