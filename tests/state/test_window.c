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

static bool window_accept(lwsec_shared_window *window, uint64_t number)
{
    const bool fresh = lwsec_shared_window_fresh(window, number);

    if (fresh) {
        lwsec_shared_window_mark(window, number);
    }
    return fresh;
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
        lwsec_shared_window window = lwsec_shared_window_of(size);
        model seen = {.count = 0};
        size_t rest = sequence;
        for (size_t step = 0; step < length; step++) {
            const uint64_t number = numbers[rest % count];
            rest /= count;
            assert_int_equal(window_accept(&window, number), model_accept(&seen, number, size));
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
                                     ((uint64_t)1 << 40) - 1 - 2048, UINT64_MAX - 2049};
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
    static const uint64_t ends[] = {0, 1, (uint64_t)1 << 32, ((uint64_t)1 << 40) - 1, UINT64_MAX};
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
        lwsec_shared_window window = lwsec_shared_window_of(sizes[i]);
        uint64_t around = ((uint64_t)1 << 32) - 2000;
        seen.count = 0;
        for (int step = 0; step < 3000; step++) {
            const uint64_t reach = 2 * (uint64_t)sizes[i] + 3;
            const uint64_t number = around + next_random(&seed) % reach - sizes[i];
            assert_int_equal(window_accept(&window, number), model_accept(&seen, number, sizes[i]));
            if (step % 3 == 0) {
                around += next_random(&seed) % 4;
            }
        }
    }
}

/* Through the value of the record and back at every step, as a back end does it. */
static void window_survives_its_record(void **state)
{
    uint64_t seed = 2;
    (void)state;

    for (size_t i = 0; i < SIZES; i++) {
        static model seen;
        uint8_t room[2][LWSEC_SHARED_WINDOW_VALUE_MAX];
        lwsec_bytes old = {NULL, 0};
        seen.count = 0;
        for (size_t step = 0; step < 1500; step++) {
            lwsec_buffer next = lwsec_buffer_of(room[step % 2], sizeof room[0]);
            const uint64_t number = step / 2 + next_random(&seed) % (sizes[i] + 2);
            const lwsec_status status =
                lwsec_shared_window_accept(old, number, sizes[i], &next, NULL);
            assert_int_equal(status,
                             model_accept(&seen, number, sizes[i]) ? LWSEC_OK : LWSEC_CONFLICT);
            if (status == LWSEC_OK) {
                old = lwsec_buffer_bytes(&next);
            } else {
                memset(next.data, 0xee, next.capacity);
                memcpy(room[step % 2], old.data, old.size);
                old.data = room[step % 2];
            }
            assert_int_equal(old.size, 16 + (sizes[i] + 63) / 64 * 8);
        }
    }
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
        cmocka_unit_test(window_survives_its_record),
        cmocka_unit_test(record_that_has_no_room_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
