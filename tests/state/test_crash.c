/* Power cuts lose or tear what was not synced; each record is still the old one or the new one. */
#include "tests/support/test.h"

#include <errno.h>

#include "tests/state/back_ends.h"
#include "tests/state/shim.h"
#include "tests/state/temporary.h"

static const lwsec_record record = {LWSEC_RECORD_ACCOUNT, {1, 2, 3}};

/* What a record is found to be. */
typedef struct found {
    lwsec_status status;
    uint64_t version;
    size_t size;
    uint8_t value[LWSEC_RECORD_MAX];
} found;

#define STEPS_MAX 12U

/* What the library said after each step, and how far the notes were then. */
static found said[STEPS_MAX];
static size_t noted[STEPS_MAX];
static size_t steps;

static uint64_t memory[LWSEC_STATE_DIRECTORY_SIZE / 8];
static lwsec_state *state_at;
static char home[32];
static char path[64];

static void look(lwsec_state *state, found *what)
{
    lwsec_buffer value = lwsec_buffer_of(what->value, sizeof what->value);

    what->version = 0;
    what->status = lwsec_state_load(state, &record, &value, &what->version, NULL);
    what->size = value.size;
}

static bool same(const found *one, const found *other)
{
    return one->status == other->status && one->version == other->version &&
           one->size == other->size && memcmp(one->value, other->value, one->size) == 0;
}

static void open_it(void)
{
    assert_status(lwsec_state_directory_open(memory, sizeof memory, path, &state_at, NULL),
                  LWSEC_OK);
}

/* A folder that the library makes itself, in one that the test may remove. */
static void begin(void)
{
    (void)snprintf(home, sizeof home, "%s", temporary_folder());
    (void)snprintf(path, sizeof path, "%s/records", home);
    steps = 0;
    shim_start();
    open_it();
}

static void end_step(void)
{
    assert_true(steps < STEPS_MAX);
    noted[steps] = shim_events();
    shim_pause();
    look(state_at, &said[steps]);
    shim_go_on();
    steps++;
}

/* What is found in a folder that a power cut left. */
static void look_after_power_cut(const char *left, found *what)
{
    static uint64_t other[LWSEC_STATE_DIRECTORY_SIZE / 8];
    lwsec_state *state = NULL;

    assert_status(lwsec_state_directory_open(other, sizeof other, left, &state, NULL), LWSEC_OK);
    look(state, what);
    lwsec_state_directory_close(&state);
}

/* After `events` events every possible rest must be what was said before, or what is said after. */
static void cut_power_at(size_t events, const found *before, const found *after)
{
    static found left_over;
    char left[64];

    for (unsigned variant = 0;; variant++) {
        const char *parent = temporary_folder();
        (void)snprintf(left, sizeof left, "%s/left", parent);
        const bool more = shim_after_power_cut(events, variant, left);
        if (more) {
            look_after_power_cut(left, &left_over);
            if (!same(&left_over, before) && !same(&left_over, after)) {
                print_error("power cut after event %zu, variant %u: %s, version %u, %zu bytes\n",
                            events, variant, lwsec_status_name(left_over.status),
                            (unsigned)left_over.version, left_over.size);
                fail();
            }
        }
        temporary_remove(parent);
        if (!more) {
            return;
        }
    }
}

static void cut_power_everywhere(void)
{
    shim_pause();
    for (size_t step = 0; step + 1 < steps; step++) {
        cut_power_at(noted[step], &said[step], &said[step]); /* OK was durable */
        for (size_t events = noted[step] + 1; events < noted[step + 1]; events++) {
            cut_power_at(events, &said[step], &said[step + 1]);
        }
    }
    cut_power_at(noted[steps - 1], &said[steps - 1], &said[steps - 1]);
}

static void finish(void)
{
    shim_pause();
    lwsec_state_directory_close(&state_at);
    temporary_remove(home);
}

static void store_step(size_t size, uint8_t filler)
{
    static uint8_t value[LWSEC_RECORD_MAX];
    uint64_t version = said[steps - 1].version;

    memset(value, filler, sizeof value);
    assert_status(
        lwsec_state_store_if(state_at, &record, lwsec_bytes_of(value, size), &version, NULL),
        LWSEC_OK);
    end_step();
}

static void stored_record_is_the_old_or_the_new_one(void **state)
{
    static const size_t sizes[] = {40, 7, LWSEC_RECORD_MAX, 0, 40};
    (void)state;
    begin();

    end_step();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        store_step(sizes[i], (uint8_t)(i + 1));
    }
    assert_int_equal(said[5].version, 5);
    cut_power_everywhere();
    finish();
}

static void taken_record_is_gone_when_its_value_is_given(void **state)
{
    static uint8_t room[64];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    (void)state;
    begin();

    end_step();
    store_step(40, 1);
    assert_status(lwsec_state_take(state_at, &record, &value, NULL), LWSEC_OK);
    end_step();
    assert_int_equal(said[2].status, LWSEC_ABSENT);
    store_step(20, 2);
    assert_status(lwsec_state_erase(state_at, &record, NULL), LWSEC_OK);
    end_step();
    cut_power_everywhere();
    finish();
}

static void counter_is_never_behind_what_was_said(void **state)
{
    static const uint64_t numbers[] = {1, 2, UINT32_MAX, ((uint64_t)1 << 40) - 1};
    (void)state;
    begin();

    end_step();
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_status(lwsec_state_advance(state_at, &record, numbers[i], NULL), LWSEC_OK);
        end_step();
    }
    cut_power_everywhere();
    finish();
}

static void window_remembers_what_was_accepted(void **state)
{
    static const uint64_t numbers[] = {10, 5, 40, 4000, 3999};
    (void)state;
    begin();

    end_step();
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_status(lwsec_state_window_accept(state_at, &record, numbers[i], 32, NULL), LWSEC_OK);
        end_step();
    }
    cut_power_everywhere();
    finish();
}

/*
 * The process is killed at some call of a change, another one opens the directory and reads, then
 * the power fails: what the second process was told must be what the third one finds.
 */
static void what_a_second_process_reads_is_durable(void **state)
{
    static found told;
    (void)state;

    for (size_t call = 0;; call++) {
        begin();
        uint64_t version = 0;
        assert_status(
            lwsec_state_store_if(state_at, &record, lwsec_bytes_of("old", 3), &version, NULL),
            LWSEC_OK);
        shim_fail(call, 1000, EIO); /* as good as killed: nothing reaches the system any more */
        const lwsec_status status =
            lwsec_state_store_if(state_at, &record, lwsec_bytes_of("newer", 5), &version, NULL);
        shim_fail(0, 0, 0);
        lwsec_state_directory_close(&state_at);
        open_it();
        look(state_at, &told);
        assert_int_equal(told.status, LWSEC_OK);
        shim_pause();
        cut_power_at(shim_events(), &told, &told);
        finish();
        if (status == LWSEC_OK) {
            assert_true(call >= 5); /* create, write, sync, rename, sync */
            return;
        }
    }
}

/* Likewise for the process that makes the directory: a lost directory would be lost counters. */
static void what_a_second_process_wrote_outlives_a_killed_maker(void **state)
{
    static found told;
    (void)state;

    for (size_t call = 0; call < 12; call++) {
        lwsec_state *killed = NULL;
        static uint64_t other[LWSEC_STATE_DIRECTORY_SIZE / 8];
        uint64_t version = 0;
        (void)snprintf(home, sizeof home, "%s", temporary_folder());
        (void)snprintf(path, sizeof path, "%s/records", home);
        shim_start();
        shim_fail(call, 1000, EIO);
        if (lwsec_state_directory_open(other, sizeof other, path, &killed, NULL) == LWSEC_OK) {
            lwsec_state_directory_close(&killed);
        }
        shim_fail(0, 0, 0);
        open_it();
        assert_status(
            lwsec_state_store_if(state_at, &record, lwsec_bytes_of("value", 5), &version, NULL),
            LWSEC_OK);
        look(state_at, &told);
        shim_pause();
        cut_power_at(shim_events(), &told, &told);
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_record_is_the_old_or_the_new_one),
        cmocka_unit_test(taken_record_is_gone_when_its_value_is_given),
        cmocka_unit_test(counter_is_never_behind_what_was_said),
        cmocka_unit_test(window_remembers_what_was_accepted),
        cmocka_unit_test(what_a_second_process_reads_is_durable),
        cmocka_unit_test(what_a_second_process_wrote_outlives_a_killed_maker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
