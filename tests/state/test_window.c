/* The shared replay window against a model that remembers every number. */
#include "tests/support/test.h"

#include "state/shared_window.h"

#define HISTORY_MAX 4096U

/* The definition, as slow as it is plain: accepted if never accepted before and not below the
 * window. */
typedef struct model {
    uint64_t accepted[HISTORY_MAX];
    size_t count;
} model;

static bool model_accept(model *seen, uint64_t number, uint32_t size)
{
    uint64_t highest = 0;

    for (size_t i = 0; i < seen->count; i++) {
        if (seen->accepted[i] == number) {
            return false;
        }
        highest = seen->accepted[i] > highest ? seen->accepted[i] : highest;
    }
    if (seen->count > 0 && number < highest && highest - number > size - 1) {
        return false;
    }
    assert_true(seen->count < HISTORY_MAX);
    seen->accepted[seen->count++] = number;
    return true;
}

/* A window that lives in its record alone, as back ends keep it. */
typedef struct recorded {
    uint8_t room[2][LWSEC_SHARED_WINDOW_VALUE_MAX];
    lwsec_bytes value; /* NULL data: no record yet */
    unsigned next;     /* which room is free */
} recorded;

static void recorded_reset(recorded *window)
{
    window->value = lwsec_bytes_of(NULL, 0);
    window->next = 0;
}

static bool window_accept(recorded *window, uint64_t number, uint32_t size)
{
    lwsec_buffer next = lwsec_buffer_of(window->room[window->next], sizeof window->room[0]);
    const lwsec_status status =
        lwsec_shared_window_accept(window->value, number, size, &next, NULL);

    if (status == LWSEC_OK) {
        window->value = lwsec_buffer_bytes(&next);
        window->next ^= 1U;
    }
    assert_true(status == LWSEC_OK || status == LWSEC_CONFLICT);
    return status == LWSEC_OK;
}

static const uint32_t sizes[] = {1, 2, 3, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1023, 1024};
#define SIZES (sizeof sizes / sizeof sizes[0])

/* Runs all sequences of `length` numbers out of `numbers`. */
static void all_sequences(const uint64_t *numbers, size_t count, size_t length, uint32_t size)
{
    size_t total = 1;

    for (size_t i = 0; i < length; i++) {
        total *= count;
    }
    for (size_t sequence = 0; sequence < total; sequence++) {
        static recorded window;
        static model seen;
        recorded_reset(&window);
        seen.count = 0;
        size_t rest = sequence;
        for (size_t step = 0; step < length; step++) {
            const uint64_t number = numbers[rest % count];
            rest /= count;
            assert_int_equal(window_accept(&window, number, size),
                             model_accept(&seen, number, size));
        }
    }
}

static void every_short_sequence_agrees_with_the_model(void **state)
{
    (void)state;
    static const uint64_t near[] = {0, 1, 2, 3, 4, 5, 6, 7};

    for (uint32_t size = 1; size <= 9; size++) {
        all_sequences(near, 8, 5, size);
    }
}

/* The places where an implementation slips: the edges of the window, and jumps by about its size.
 */
static void every_short_sequence_of_edges_agrees_with_the_model(void **state)
{
    static const uint64_t bases[] = {1024, UINT32_MAX, (uint64_t)1 << 32,
                                     ((uint64_t)1 << 40) - 1 - 2048, UINT64_MAX - 2050};
    (void)state;

    for (size_t i = 0; i < SIZES; i++) {
        for (size_t j = 0; j < sizeof bases / sizeof bases[0]; j++) {
            const uint64_t base = bases[j];
            const uint64_t size = sizes[i];
            const uint64_t numbers[] = {base - size,     base - size + 1, base,           base + 1,
                                        base + size - 1, base + size,     base + size + 1};
            all_sequences(numbers, 7, 4, sizes[i]);
        }
    }
}

static void numbers_at_the_ends_are_accepted_once(void **state)
{
    static const uint64_t ends[] = {0, 1, (uint64_t)1 << 32, ((uint64_t)1 << 40) - 1,
                                    UINT64_MAX - 1};
    (void)state;

    for (size_t i = 0; i < SIZES; i++) {
        all_sequences(ends, 5, 4, sizes[i]);
    }
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return *seed >> 33;
}

static void long_random_sequences_agree_with_the_model(void **state)
{
    uint64_t seed = 1;
    (void)state;

    for (size_t i = 0; i < SIZES; i++) {
        static model seen;
        static recorded window;
        recorded_reset(&window);
        uint64_t around = ((uint64_t)1 << 32) - 2000;
        seen.count = 0;
        for (int step = 0; step < 3000; step++) {
            const uint64_t reach = 2 * (uint64_t)sizes[i] + 3;
            const uint64_t number = around + next_random(&seed) % reach - sizes[i];
            assert_int_equal(window_accept(&window, number, sizes[i]),
                             model_accept(&seen, number, sizes[i]));
            if (step % 3 == 0) {
                around += next_random(&seed) % 4;
            }
        }
    }
}

/* After a restart, the number and all below it are refused, all above it accepted once. */
static void a_restarted_window_has_its_number_as_lower_limit(void **state)
{
    (void)state;

    for (size_t i = 0; i < SIZES; i++) {
        static recorded window;
        lwsec_buffer made = lwsec_buffer_of(window.room[0], sizeof window.room[0]);
        assert_status(lwsec_shared_window_restart(5000, sizes[i], &made), LWSEC_OK);
        window.value = lwsec_buffer_bytes(&made);
        window.next = 1;
        for (uint64_t number = 5000 - sizes[i]; number <= 5000; number++) {
            assert_false(window_accept(&window, number, sizes[i]));
        }
        assert_true(window_accept(&window, 5001, sizes[i]));
        assert_false(window_accept(&window, 5001, sizes[i]));
        assert_true(window_accept(&window, 5001 + sizes[i], sizes[i]));
    }
}

static void a_record_of_another_size_is_refused(void **state)
{
    static recorded window;
    lwsec_buffer next = lwsec_buffer_of(window.room[1], sizeof window.room[1]);
    (void)state;

    recorded_reset(&window);
    assert_true(window_accept(&window, 7, 64));
    assert_status(lwsec_shared_window_accept(window.value, 8, 32, &next, NULL), LWSEC_USAGE);
}

static void record_that_has_no_room_is_refused(void **state)
{
    (void)state;
    uint8_t room[24];

    for (size_t capacity = 0; capacity < 24; capacity++) {
        lwsec_buffer next = lwsec_buffer_of(room, capacity);
        assert_status(lwsec_shared_window_accept(lwsec_bytes_of(NULL, 0), 1, 64, &next, NULL),
                      LWSEC_BUFFER);
    }
    lwsec_buffer next = lwsec_buffer_of(room, sizeof room);
    assert_status(lwsec_shared_window_accept(lwsec_bytes_of(NULL, 0), 1, 64, &next, NULL),
                  LWSEC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_sequence_agrees_with_the_model),
        cmocka_unit_test(every_short_sequence_of_edges_agrees_with_the_model),
        cmocka_unit_test(numbers_at_the_ends_are_accepted_once),
        cmocka_unit_test(long_random_sequences_agree_with_the_model),
        cmocka_unit_test(a_restarted_window_has_its_number_as_lower_limit),
        cmocka_unit_test(a_record_of_another_size_is_refused),
        cmocka_unit_test(record_that_has_no_room_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
