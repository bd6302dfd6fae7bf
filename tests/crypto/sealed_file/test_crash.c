/* Power cuts and failing calls at every write: the keys are those before a change or after it. */
#include <lwsec/state_memory.h>

#include "tests/crypto/sealed_file/kit.h"

#include <errno.h>

#include "tests/state/shim.h"
#include "tests/state/temporary.h"

#define STEPS_MAX 12U
#define NAMES_SIZE 64U

/* What a store holds: whether it opens, and the names of its keys. */
typedef struct found {
    lwsec_status status;
    char names[NAMES_SIZE];
} found;

static found said[STEPS_MAX];
static size_t noted[STEPS_MAX];
static size_t steps;

/* Keys are kept under a letter, and made of it. */
static void look_at_all(kit *own, char names[NAMES_SIZE])
{
    (void)snprintf(names, NAMES_SIZE, "%s", kit_names(own));
    for (size_t i = 0; names[i] != '\0'; i += names[i + 1] == '\0' ? 1 : 2) {
        const char name[2] = {names[i], '\0'};
        assert_status(kit_look(own, name, (uint8_t)name[0]), LWSEC_OK);
    }
}

static void end_step(kit *own)
{
    assert_true(steps < STEPS_MAX);
    noted[steps] = shim_events();
    said[steps].status = LWSEC_OK;
    shim_pause();
    look_at_all(own, said[steps].names);
    shim_go_on();
    steps++;
}

static void look_after_power_cut(kit *own, const char *left, found *what)
{
    kit other = *own;

    other.memory = malloc(other.size);
    other.store = NULL;
    other.config.path = left;
    other.config.flags = 0;
    what->names[0] = '\0';
    what->status = kit_open(&other);
    if (what->status == LWSEC_OK) {
        look_at_all(&other, what->names);
        kit_close(&other);
    }
    free(other.memory);
}

static bool same(const found *one, const found *other)
{
    return one->status == other->status && strcmp(one->names, other->names) == 0;
}

static void cut_power_at(kit *own, size_t events, const found *before, const found *after)
{
    static found left_over;
    char left[96];

    for (unsigned variant = 0;; variant++) {
        const char *parent = temporary_folder();
        (void)snprintf(left, sizeof left, "%s/left", parent);
        const bool more = shim_after_power_cut(events, variant, left);
        if (more) {
            look_after_power_cut(own, left, &left_over);
            if (!same(&left_over, before) && !same(&left_over, after)) {
                print_error("power cut after event %zu, variant %u: %s with \"%s\"\n", events,
                            variant, lwsec_status_name(left_over.status), left_over.names);
                fail();
            }
        }
        temporary_remove(left);
        temporary_remove(parent);
        if (!more) {
            return;
        }
    }
}

static void cut_power_everywhere(kit *own)
{
    static const found nothing = {LWSEC_ABSENT, ""};

    shim_pause();
    for (size_t events = 0; events < noted[0]; events++) {
        cut_power_at(own, events, &nothing, &said[0]);
    }
    for (size_t step = 0; step < steps; step++) {
        cut_power_at(own, noted[step], &said[step], &said[step]); /* OK was durable */
        for (size_t events = noted[step] + 1; step + 1 < steps && events < noted[step + 1];
             events++) {
            cut_power_at(own, events, &said[step], &said[step + 1]);
        }
    }
}

static void begin(kit *own)
{
    steps = 0;
    shim_start();
    assert_status(kit_open(own), LWSEC_OK);
    end_step(own);
}

static void keys_are_those_before_or_after_a_change(void **state)
{
    kit *own = *state;
    static const char *const names[] = {"m", "a", "z", "n"};

    begin(own);
    for (size_t i = 0; i < 4; i++) {
        assert_status(kit_keep(own, names[i], (uint8_t)names[i][0]), LWSEC_OK);
        end_step(own);
    }
    assert_status(kit_destroy(own, "m"), LWSEC_OK);
    end_step(own);
    assert_status(kit_destroy(own, "z"), LWSEC_OK);
    end_step(own);
    assert_status(kit_keep(own, "m", 'm'), LWSEC_OK);
    end_step(own);
    assert_string_equal(said[steps - 1].names, "a,m,n");
    cut_power_everywhere(own);
}

/* The same where versions are counted: a change that was cut off is no rollback. */
static void a_cut_change_is_no_rollback(void **state)
{
    kit *own = *state;
    static uint64_t memory[LWSEC_STATE_MEMORY_SIZE(2, 64) / 8];
    found left;

    for (size_t call = 0;; call++) {
        (void)kit_end(state);
        (void)kit_begin(state);
        own = *state;
        assert_status(lwsec_state_memory_open(memory, sizeof memory, 2, 64, &own->config.state),
                      LWSEC_OK);
        shim_start();
        assert_status(kit_open(own), LWSEC_OK);
        assert_status(kit_keep(own, "a", 'a'), LWSEC_OK);
        shim_fail(call, 1000, EIO); /* as good as killed: nothing reaches the system any more */
        const lwsec_status status = kit_keep(own, "b", 'b');
        shim_fail(0, 0, 0);
        shim_pause();
        kit_close(own);
        own->config.flags = 0;
        assert_status(kit_open(own), LWSEC_OK);
        look_at_all(own, left.names);
        assert_true(strcmp(left.names, "a,b") == 0 ||
                    (status != LWSEC_OK && strcmp(left.names, "a") == 0));
        kit_close(own);
        assert_status(kit_open(own), LWSEC_OK); /* and is counted now */
        kit_close(own);
        lwsec_state_memory_close(&own->config.state);
        own->config.state = NULL;
        if (status == LWSEC_OK) {
            assert_true(call >= 5); /* create, write, sync, rename, sync */
            return;
        }
    }
}

/* One call of a change fails: the answer is a failure, and the store goes on or says that it does
 * not know. */
static void a_failing_medium_loses_nothing(void **state)
{
    kit *own = *state;
    static const int errors[] = {EIO, ENOSPC, EACCES};

    for (size_t call = 0; call < 8; call++) {
        for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
            (void)kit_end(state);
            (void)kit_begin(state);
            own = *state;
            shim_start();
            assert_status(kit_open(own), LWSEC_OK);
            assert_status(kit_keep(own, "a", 'a'), LWSEC_OK);
            shim_fail(call, 1, errors[i]);
            const lwsec_status status = kit_keep(own, "b", 'b');
            shim_fail(0, 0, 0);
            shim_pause();
            assert_true(status == LWSEC_OK || status == LWSEC_ENGINE);
            const lwsec_status looked = kit_look(own, "a", 'a');
            assert_true(looked == LWSEC_OK || (status != LWSEC_OK && looked == LWSEC_ENGINE));
            if (looked == LWSEC_OK) { /* what the store says now holds in its next life */
                char names[NAMES_SIZE], again[NAMES_SIZE];
                look_at_all(own, names);
                kit_reopen(own);
                look_at_all(own, again);
                assert_string_equal(names, again);
                assert_string_equal(names, status == LWSEC_OK ? "a,b" : "a");
            }
        }
    }
}

static void short_and_interrupted_writes_are_finished(void **state)
{
    kit *own = *state;
    char names[NAMES_SIZE];

    shim_start();
    shim_write_at_most(7);
    shim_interrupt(true);
    assert_status(kit_open(own), LWSEC_OK);
    assert_status(kit_keep(own, "a", 'a'), LWSEC_OK);
    assert_status(kit_keep(own, "b", 'b'), LWSEC_OK);
    shim_pause();
    kit_reopen(own);
    look_at_all(own, names);
    assert_string_equal(names, "a,b");
}

/* A process is killed at some call, another one opens the store, then the power fails: what the
 * second one was told must be what the third one finds. */
static void what_a_second_process_reads_is_durable(void **state)
{
    kit *own = *state;
    found told = {LWSEC_OK, ""};

    for (size_t call = 0;; call++) {
        (void)kit_end(state);
        (void)kit_begin(state);
        own = *state;
        shim_start();
        assert_status(kit_open(own), LWSEC_OK);
        assert_status(kit_keep(own, "a", 'a'), LWSEC_OK);
        shim_fail(call, 1000, EIO);
        const lwsec_status status = kit_keep(own, "b", 'b');
        shim_fail(0, 0, 0);
        kit_close(own);
        assert_status(kit_open(own), LWSEC_OK);
        shim_pause();
        look_at_all(own, told.names);
        cut_power_at(own, shim_events(), &told, &told);
        if (status == LWSEC_OK) {
            return;
        }
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, kit_begin, kit_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_are_those_before_or_after_a_change),
        TEST(a_cut_change_is_no_rollback),
        TEST(a_failing_medium_loses_nothing),
        TEST(short_and_interrupted_writes_are_finished),
        TEST(what_a_second_process_reads_is_durable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
