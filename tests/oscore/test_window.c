/* The replay window against a model that remembers everything. */
#include "tests/support/test.h"

#include "core/window.h"

#define SIZE_MAX_TESTED 1024U
#define MODEL_MAX 4096U

/* What RFC 8613 section 7.4 asks for, with no regard to cost. */
typedef struct model {
    uint64_t seen[MODEL_MAX];
    size_t count;
    uint64_t highest;
    uint64_t floor; /* numbers up to here are refused; 0 with floor_set false: none */
    bool floor_set;
    uint32_t size;
} model;

static bool model_allows(const model *expected, uint64_t number)
{
    if (expected->floor_set && number <= expected->floor) {
        return false;
    }
    if (expected->count > 0 && number < expected->highest &&
        expected->highest - number >= expected->size) {
        return false;
    }
    for (size_t i = 0; i < expected->count; i++) {
        if (expected->seen[i] == number) {
            return false;
        }
    }
    return true;
}

static void model_accept(model *expected, uint64_t number)
{
    assert_true(expected->count < MODEL_MAX);
    expected->seen[expected->count++] = number;
    if (number > expected->highest) {
        expected->highest = number;
    }
}

static void model_restart(model *expected, uint64_t number)
{
    expected->count = 0;
    expected->highest = number;
    expected->floor = number;
    expected->floor_set = true;
    model_accept(expected, number);
}

/* A window in memory of exactly its size, so that a sanitizer sees one word too far. */
typedef struct tested {
    lwsec_window window;
    model expected;
} tested;

/* Numbers in the ring of bits: a power of two of whole words. */
static uint32_t ring(uint32_t size)
{
    uint32_t numbers = 64;

    while (numbers < size) {
        numbers *= 2;
    }
    return numbers;
}

static void tested_open(tested *both, uint32_t size)
{
    memset(both, 0, sizeof *both);
    both->expected.size = size;
    both->window.size = (uint16_t)size;
    both->window.words = (uint16_t)(ring(size) / 64);
    both->window.bits = calloc(both->window.words, sizeof(uint64_t));
    assert_non_null(both->window.bits);
}

static void tested_close(tested *both)
{
    free(both->window.bits);
}

static void tested_reset(tested *both)
{
    memset(both->window.bits, 0, both->window.words * sizeof(uint64_t));
    both->window.next = 0;
    both->expected.count = 0;
    both->expected.highest = 0;
    both->expected.floor_set = false;
}

static void offer(tested *both, uint64_t number)
{
    const bool allowed = lwsec_window_peek(&both->window, number);

    if (allowed != model_allows(&both->expected, number)) {
        print_error("size %u: number %llu was %s, the highest is %llu\n", both->expected.size,
                    (unsigned long long)number, allowed ? "accepted" : "refused",
                    (unsigned long long)both->expected.highest);
        fail();
    }
    if (allowed) {
        lwsec_window_commit(&both->window, number);
        model_accept(&both->expected, number);
    }
}

static const uint32_t sizes[] = {1, 2, 3, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1023, 1024};
#define SIZES (sizeof sizes / sizeof sizes[0])

/* ---- Every short sequence ---- */

/* All sequences of `length` numbers out of `numbers`, by counting in that base. */
static void every_sequence(tested *both, const uint64_t *numbers, unsigned base, unsigned length)
{
    unsigned long total = 1;

    for (unsigned i = 0; i < length; i++) {
        total *= base;
    }
    for (unsigned long sequence = 0; sequence < total; sequence++) {
        unsigned long rest = sequence;
        tested_reset(both);
        for (unsigned i = 0; i < length; i++) {
            offer(both, numbers[rest % base]);
            rest /= base;
        }
    }
}

static void every_sequence_of_small_numbers_is_judged_as_by_the_model(void **state)
{
    static const uint64_t numbers[] = {0, 1, 2, 3, 4, 5, 6};
    tested both;

    (void)state;
    for (uint32_t size = 1; size <= 5; size++) {
        tested_open(&both, size);
        every_sequence(&both, numbers, 7, 6);
        tested_close(&both);
    }
}

/* Numbers at both edges of the window and of its ring, around a start that is anywhere. */
static void every_sequence_around_the_edges(uint64_t start)
{
    tested both;

    for (size_t i = 0; i < SIZES; i++) {
        const uint64_t size = sizes[i];
        const uint64_t numbers[] = {start,        start + 1,        start + size - 1,
                                    start + size, start + 2 * size, start + ring(sizes[i])};
        tested_open(&both, sizes[i]);
        every_sequence(&both, numbers, 6, 5);
        tested_close(&both);
    }
}

static void every_sequence_around_the_edges_of_a_window_is_judged_as_by_the_model(void **state)
{
    (void)state;
    every_sequence_around_the_edges(0);
    every_sequence_around_the_edges(1000);
}

static void numbers_near_two_to_the_32_are_judged_as_by_the_model(void **state)
{
    (void)state;
    every_sequence_around_the_edges((UINT64_C(1) << 32) - 2);
    every_sequence_around_the_edges((UINT64_C(1) << 32) - 64);
}

static void numbers_near_the_last_one_are_judged_as_by_the_model(void **state)
{
    (void)state;
    every_sequence_around_the_edges((UINT64_C(1) << 40) - 2050);
    every_sequence_around_the_edges((UINT64_C(1) << 40) - 3);
}

/* ---- Long sequences ---- */

static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Mostly near the highest number, sometimes far behind or far ahead. */
static uint64_t random_number(const model *expected, uint64_t *seed)
{
    const uint64_t kind = random_next(seed) % 16;
    const uint64_t back = random_next(seed) % (2 * expected->size + 2);

    if (kind == 0) {
        return expected->highest + random_next(seed) % (4 * expected->size);
    }
    if (kind < 6) {
        return expected->highest + random_next(seed) % 4;
    }
    return expected->highest > back ? expected->highest - back : back;
}

static void long_random_sequences_are_judged_as_by_the_model(void **state)
{
    uint64_t seed = UINT64_C(0x853c49e6748fea9b);
    tested both;

    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        tested_open(&both, sizes[i]);
        for (unsigned n = 0; n < MODEL_MAX - 1; n++) {
            offer(&both, random_number(&both.expected, &seed));
        }
        tested_close(&both);
    }
}

/* ---- What users met elsewhere ---- */

static void a_replay_is_refused_also_behind_an_older_number(void **state)
{
    tested both;

    (void)state;
    tested_open(&both, 32);
    offer(&both, 10);
    offer(&both, 5);
    assert_false(lwsec_window_peek(&both.window, 10));
    assert_false(lwsec_window_peek(&both.window, 5));
    assert_true(lwsec_window_peek(&both.window, 9));
    offer(&both, 40);
    assert_false(lwsec_window_peek(&both.window, 8));
    assert_true(lwsec_window_peek(&both.window, 9));
    tested_close(&both);
}

static void replays_are_refused_past_number_255(void **state)
{
    tested both;

    (void)state;
    tested_open(&both, 32);
    for (uint64_t number = 0; number < 700; number++) {
        offer(&both, number);
        assert_false(lwsec_window_peek(&both.window, number));
    }
    tested_close(&both);
}

static void peeking_changes_nothing(void **state)
{
    tested both;

    (void)state;
    tested_open(&both, 64);
    offer(&both, 3);
    assert_true(lwsec_window_peek(&both.window, 300));
    assert_true(lwsec_window_peek(&both.window, (UINT64_C(1) << 40) - 1));
    assert_int_equal(both.window.next, 4);
    assert_true(lwsec_window_peek(&both.window, 1));
    tested_close(&both);
}

static void after_a_restart_only_higher_numbers_are_accepted(void **state)
{
    tested both;

    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        tested_open(&both, sizes[i]);
        offer(&both, 2);
        lwsec_window_restart(&both.window, 5000);
        model_restart(&both.expected, 5000);
        for (uint64_t number = 5000 + 2 * SIZE_MAX_TESTED; number-- > 3500;) {
            offer(&both, number);
        }
        tested_close(&both);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sequence_of_small_numbers_is_judged_as_by_the_model),
        cmocka_unit_test(every_sequence_around_the_edges_of_a_window_is_judged_as_by_the_model),
        cmocka_unit_test(numbers_near_two_to_the_32_are_judged_as_by_the_model),
        cmocka_unit_test(numbers_near_the_last_one_are_judged_as_by_the_model),
        cmocka_unit_test(long_random_sequences_are_judged_as_by_the_model),
        cmocka_unit_test(a_replay_is_refused_also_behind_an_older_number),
        cmocka_unit_test(replays_are_refused_past_number_255),
        cmocka_unit_test(peeking_changes_nothing),
        cmocka_unit_test(after_a_restart_only_higher_numbers_are_accepted),
    };
    return cmocka_run_group_tests_name("oscore-window", tests, NULL, NULL);
}
