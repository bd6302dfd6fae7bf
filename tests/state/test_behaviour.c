/* What every back end does, over each of them. */
#include "tests/support/test.h"

#include "tests/state/back_ends.h"
#include "tests/state/temporary.h"

#ifdef LWSEC_TEST_OPENSSL
#include <lwsec/memory_openssl.h>
#endif

static const back_end *which; /* the back end under test */
static lwsec_key sealing_key;

static int set_up(void **state)
{
    static opened one;

    back_end_open(&one, which, sealing_key);
    *state = &one;
    return 0;
}

static int tear_down(void **state)
{
    back_end_close(*state);
    return 0;
}

static lwsec_bytes pattern(size_t size, uint8_t seed)
{
    static uint8_t bytes[LWSEC_RECORD_MAX + 1];

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(seed + i * 7);
    }
    return lwsec_bytes_of(bytes, size);
}

static void store_new(lwsec_state *state, lwsec_record record, lwsec_bytes value)
{
    uint64_t version = 0;

    assert_status(lwsec_state_store_if(state, &record, value, &version, NULL), LWSEC_OK);
    assert_int_equal(version, 1);
}

static void assert_holds(lwsec_state *state, lwsec_record record, lwsec_bytes expected,
                         uint64_t expected_version)
{
    uint8_t room[LWSEC_RECORD_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;

    assert_status(lwsec_state_load(state, &record, &value, &version, NULL), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&value), expected);
    assert_int_equal(version, expected_version);
}

static void assert_absent(lwsec_state *state, lwsec_record record)
{
    uint8_t room[16];
    lwsec_buffer value = {room, sizeof room, 9};
    uint64_t version = 99;

    assert_status(lwsec_state_load(state, &record, &value, &version, NULL), LWSEC_ABSENT);
    assert_int_equal(version, 0);
    assert_int_equal(value.size, 0);
}

static void absent_record_has_version_zero(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_OSCORE, 1);
    uint8_t room[16];
    lwsec_buffer value = {room, sizeof room, 9};
    lwsec_reason reason;

    assert_absent(one->state, record);
    assert_status(lwsec_state_take(one->state, &record, &value, &reason), LWSEC_ABSENT);
    assert_int_equal(value.size, 0);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
    assert_status(lwsec_state_erase(one->state, &record, &reason), LWSEC_ABSENT);
}

static void what_was_stored_is_loaded(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_OSCORE, 1);
    uint64_t version = 0;

    store_new(one->state, record, pattern(20, 1));
    assert_holds(one->state, record, pattern(20, 1), 1);
    version = 1;
    assert_status(lwsec_state_store_if(one->state, &record, pattern(7, 2), &version, NULL),
                  LWSEC_OK);
    assert_int_equal(version, 2);
    assert_holds(one->state, record, pattern(7, 2), 2);
}

static void store_with_another_version_conflicts(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_OSCORE, 1);
    lwsec_reason reason = {LWSEC_WHY_STATE_IO, 5};
    uint64_t version = 1;

    assert_status(lwsec_state_store_if(one->state, &record, pattern(8, 1), &version, &reason),
                  LWSEC_CONFLICT);
    assert_int_equal(version, 1);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
    assert_absent(one->state, record);

    store_new(one->state, record, pattern(8, 1));
    for (uint64_t wrong = 0; wrong < 4; wrong++) {
        version = wrong;
        if (wrong != 1) {
            assert_status(lwsec_state_store_if(one->state, &record, pattern(8, 2), &version, NULL),
                          LWSEC_CONFLICT);
            assert_int_equal(version, wrong);
        }
    }
    assert_holds(one->state, record, pattern(8, 1), 1);
}

static void records_are_told_apart_by_kind_and_identity(void **state)
{
    const opened *one = *state;
    lwsec_record record = record_of(LWSEC_RECORD_OSCORE, 1);

    store_new(one->state, record, pattern(8, 1));
    record.kind = LWSEC_RECORD_ACCOUNT;
    assert_absent(one->state, record);
    record = record_of(LWSEC_RECORD_OSCORE, 1);
    record.identity[15] ^= 1;
    assert_absent(one->state, record);
    record = record_of(LWSEC_RECORD_OSCORE, 1);
    record.identity[0] ^= 0x10;
    store_new(one->state, record, pattern(8, 2));
    assert_holds(one->state, record_of(LWSEC_RECORD_OSCORE, 1), pattern(8, 1), 1);
}

static void value_sizes_from_nothing_to_the_longest(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_ACCOUNT, 1);
    uint64_t version = 0;
    lwsec_reason reason;

    store_new(one->state, record, lwsec_bytes_of(NULL, 0));
    assert_holds(one->state, record, lwsec_bytes_of(NULL, 0), 1);
    lwsec_buffer nothing = lwsec_buffer_of(NULL, 0);
    assert_status(lwsec_state_load(one->state, &record, &nothing, &version, NULL), LWSEC_OK);
    assert_status(
        lwsec_state_store_if(one->state, &record, pattern(one->value_max, 3), &version, NULL),
        LWSEC_OK);
    assert_holds(one->state, record, pattern(one->value_max, 3), 2);
    assert_status(lwsec_state_store_if(one->state, &record, pattern(one->value_max + 1, 4),
                                       &version, &reason),
                  LWSEC_USAGE);
    assert_int_equal(reason.why, LWSEC_WHY_TOO_LONG);
    assert_int_equal(version, 2);
    assert_holds(one->state, record, pattern(one->value_max, 3), 2);
}

static void buffer_that_is_too_small_changes_nothing(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_ACCOUNT, 1);
    uint8_t room[20];
    uint64_t version = 77;
    lwsec_reason reason;

    store_new(one->state, record, pattern(20, 1));
    for (size_t capacity = 0; capacity < 20; capacity++) {
        lwsec_buffer value = {room, capacity, 5};
        assert_status(lwsec_state_load(one->state, &record, &value, &version, &reason),
                      LWSEC_BUFFER);
        assert_int_equal(reason.why, LWSEC_WHY_OUTPUT_FULL);
        assert_int_equal(value.size, 0);
        assert_int_equal(version, 77);
        assert_status(lwsec_state_take(one->state, &record, &value, NULL), LWSEC_BUFFER);
    }
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    assert_status(lwsec_state_take(one->state, &record, &value, NULL), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&value), pattern(20, 1));
}

static void record_is_taken_once(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_ACCOUNT, 1);
    uint8_t room[64];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);

    store_new(one->state, record, pattern(20, 1));
    assert_status(lwsec_state_take(one->state, &record, &value, NULL), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&value), pattern(20, 1));
    assert_status(lwsec_state_take(one->another, &record, &value, NULL), LWSEC_ABSENT);
    assert_int_equal(value.size, 0);
    assert_absent(one->state, record);
    store_new(one->state, record, pattern(20, 2));
}

static void erased_record_is_gone(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_ACCOUNT, 1);

    store_new(one->state, record, pattern(20, 1));
    store_new(one->state, record_of(LWSEC_RECORD_ACCOUNT, 2), pattern(20, 2));
    assert_status(lwsec_state_erase(one->state, &record, NULL), LWSEC_OK);
    assert_absent(one->state, record);
    assert_status(lwsec_state_erase(one->state, &record, NULL), LWSEC_ABSENT);
    assert_holds(one->state, record_of(LWSEC_RECORD_ACCOUNT, 2), pattern(20, 2), 1);
}

static void counter_only_goes_up(void **state)
{
    static const uint64_t rising[] = {
        0, 1, 2, 255, 256, UINT32_MAX, (uint64_t)1 << 32, ((uint64_t)1 << 40) - 1, UINT64_MAX};
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_SMS, 1);

    for (size_t i = 0; i < sizeof rising / sizeof rising[0]; i++) {
        assert_status(lwsec_state_advance(one->state, &record, rising[i], NULL), LWSEC_OK);
        for (size_t j = 0; j <= i; j++) {
            assert_status(lwsec_state_advance(one->another, &record, rising[j], NULL),
                          LWSEC_CONFLICT);
        }
    }
    assert_holds(one->state, record, lwsec_test_hex("ffffffffffffffff"), 9);
}

static void counter_is_read_as_a_big_endian_number(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_SMS, 1);

    assert_status(lwsec_state_advance(one->state, &record, 0x0102030405U, NULL), LWSEC_OK);
    assert_holds(one->state, record, lwsec_test_hex("0000000102030405"), 1);
}

static void counter_of_another_shape_is_refused(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_SMS, 1);
    lwsec_reason reason;

    for (size_t size = 0; size < 20; size += size == 7 ? 2 : 1) {
        uint64_t version = 0;
        assert_status(lwsec_state_store_if(one->state, &record, pattern(size, 1), &version, NULL),
                      LWSEC_OK);
        assert_status(lwsec_state_advance(one->state, &record, UINT64_MAX, &reason), LWSEC_STATE);
        assert_int_equal(reason.why, LWSEC_WHY_STATE_FOREIGN);
        assert_holds(one->state, record, pattern(size, 1), 1);
        assert_status(lwsec_state_erase(one->state, &record, NULL), LWSEC_OK);
    }
}

static void window_accepts_each_number_once(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_WINDOW, 1);
    static const struct {
        uint64_t number;
        lwsec_status expected;
    } steps[] = {
        {10, LWSEC_OK},       {5, LWSEC_OK},   {10, LWSEC_CONFLICT},  {5, LWSEC_CONFLICT},
        {9, LWSEC_OK},        {40, LWSEC_OK},  {8, LWSEC_CONFLICT},   {9, LWSEC_CONFLICT},
        {10, LWSEC_CONFLICT}, {11, LWSEC_OK},  {300, LWSEC_OK},       {268, LWSEC_CONFLICT},
        {269, LWSEC_OK},      {301, LWSEC_OK}, {269, LWSEC_CONFLICT}, {0, LWSEC_CONFLICT},
    };

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        lwsec_state *handle = i % 2 == 0 ? one->state : one->another;
        assert_status(lwsec_state_window_accept(handle, &record, steps[i].number, 32, NULL),
                      steps[i].expected);
    }
}

static void window_of_another_size_is_refused(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_WINDOW, 1);
    lwsec_reason reason;

    assert_status(lwsec_state_window_accept(one->state, &record, 5, 32, NULL), LWSEC_OK);
    assert_status(lwsec_state_window_accept(one->state, &record, 6, 33, &reason), LWSEC_USAGE);
    assert_int_equal(reason.why, LWSEC_WHY_OSCORE_WINDOW);
    assert_status(lwsec_state_window_accept(one->state, &record, 6, 0, &reason), LWSEC_USAGE);
    assert_int_equal(reason.why, LWSEC_WHY_OSCORE_WINDOW);
    assert_status(lwsec_state_window_accept(one->state, &record, 6, 1025, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_window_accept(one->state, &record, 6, 32, NULL), LWSEC_OK);
}

static void window_of_another_shape_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "0000000000000005",
        "00000000000000050000000800000000",                   /* no bits */
        "000000000000000500000008000000000000000000000000",   /* the highest is not marked */
        "000000000000000500000008000000010000000000000020",   /* not zeros where zeros belong */
        "000000000000000500000000000000000000000000000020",   /* size 0 */
        "000000000000000500000401000000000000000000000020",   /* size 1025 */
        "00000000000000050000000800000000000000000000002000", /* a byte too many */
        "00000000000000050000000800000000000000000000000020", /* and elsewhere */
    };
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_WINDOW, 1);
    lwsec_reason reason;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        store_new(one->state, record, lwsec_test_hex(wrong[i]));
        assert_status(lwsec_state_window_accept(one->state, &record, 6, 8, &reason), LWSEC_STATE);
        assert_int_equal(reason.why, LWSEC_WHY_STATE_FOREIGN);
        assert_status(lwsec_state_erase(one->state, &record, NULL), LWSEC_OK);
    }
    store_new(one->state, record,
              lwsec_test_hex("000000000000000500000008000000000000000000000020"));
    assert_status(lwsec_state_window_accept(one->state, &record, 6, 8, NULL), LWSEC_OK);
    assert_status(lwsec_state_window_accept(one->state, &record, 5, 8, NULL), LWSEC_CONFLICT);
}

static void secret_kinds_need_sealing(void **state)
{
    static const uint32_t kinds[] = {LWSEC_RECORD_ASSOCIATION, LWSEC_RECORD_TICKET,
                                     LWSEC_RECORD_SECRET, 0x80008000U};
    const opened *one = *state;
    const bool refused = which->medium != IN_MEMORY && !which->sealed;
    uint8_t room[64];
    lwsec_reason reason;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const lwsec_record record = record_of(kinds[i], 1);
        lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
        uint64_t version = 0;
        if (!refused) {
            store_new(one->state, record, pattern(20, 1));
            assert_holds(one->state, record, pattern(20, 1), 1);
            assert_status(lwsec_state_take(one->state, &record, &value, NULL), LWSEC_OK);
            continue;
        }
        assert_status(lwsec_state_store_if(one->state, &record, pattern(20, 1), &version, &reason),
                      LWSEC_STATE);
        assert_int_equal(reason.why, LWSEC_WHY_STATE_SEALING);
        assert_status(lwsec_state_load(one->state, &record, &value, &version, &reason),
                      LWSEC_STATE);
        assert_int_equal(reason.why, LWSEC_WHY_STATE_SEALING);
        assert_status(lwsec_state_take(one->state, &record, &value, NULL), LWSEC_STATE);
        assert_status(lwsec_state_erase(one->state, &record, NULL), LWSEC_STATE);
    }
}

static void secret_kinds_are_no_counters(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_TICKET, 1);

    assert_int_not_equal(lwsec_state_advance(one->state, &record, 1, NULL), LWSEC_OK);
    assert_int_not_equal(lwsec_state_window_accept(one->state, &record, 1, 32, NULL), LWSEC_OK);
    if (which->sealed || which->medium == IN_MEMORY) {
        assert_absent(one->state, record);
        assert_status(lwsec_state_advance(one->state, &record, 1, NULL), LWSEC_USAGE);
    }
}

static void second_handle_sees_what_the_first_wrote(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_ACCOUNT, 1);
    uint64_t first = 0;
    uint64_t second = 0;

    store_new(one->state, record, pattern(20, 1));
    assert_holds(one->another, record, pattern(20, 1), 1);
    first = second = 1;
    assert_status(lwsec_state_store_if(one->another, &record, pattern(20, 2), &second, NULL),
                  LWSEC_OK);
    assert_status(lwsec_state_store_if(one->state, &record, pattern(20, 3), &first, NULL),
                  LWSEC_CONFLICT);
    assert_holds(one->state, record, pattern(20, 2), 2);
}

static void nothing_is_ever_pending(void **state)
{
    const opened *one = *state;

    assert_status(lwsec_state_poll(one->state), LWSEC_OK);
    assert_false(lwsec_state_rollback_protected(one->state));
}

static void missing_arguments_are_refused(void **state)
{
    const opened *one = *state;
    const lwsec_record record = record_of(LWSEC_RECORD_ACCOUNT, 1);
    uint8_t room[8];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    lwsec_buffer no_room = {NULL, 8, 0};
    uint64_t version = 0;

    assert_status(lwsec_state_load(NULL, &record, &value, &version, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_load(one->state, NULL, &value, &version, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_load(one->state, &record, NULL, &version, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_load(one->state, &record, &value, NULL, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_load(one->state, &record, &no_room, &version, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_take(one->state, &record, NULL, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_take(one->state, &record, &no_room, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_store_if(one->state, &record, pattern(1, 1), NULL, NULL),
                  LWSEC_USAGE);
    assert_status(
        lwsec_state_store_if(one->state, &record, lwsec_bytes_of(NULL, 1), &version, NULL),
        LWSEC_USAGE);
    assert_status(lwsec_state_store_if(NULL, &record, pattern(1, 1), &version, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_advance(NULL, &record, 1, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_window_accept(one->state, NULL, 1, 32, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_erase(one->state, NULL, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_poll(NULL), LWSEC_USAGE);
    assert_false(lwsec_state_rollback_protected(NULL));
    assert_absent(one->state, record);
}

#define OVER_EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    OVER_EACH(absent_record_has_version_zero),
    OVER_EACH(what_was_stored_is_loaded),
    OVER_EACH(store_with_another_version_conflicts),
    OVER_EACH(records_are_told_apart_by_kind_and_identity),
    OVER_EACH(value_sizes_from_nothing_to_the_longest),
    OVER_EACH(buffer_that_is_too_small_changes_nothing),
    OVER_EACH(record_is_taken_once),
    OVER_EACH(erased_record_is_gone),
    OVER_EACH(counter_only_goes_up),
    OVER_EACH(counter_is_read_as_a_big_endian_number),
    OVER_EACH(counter_of_another_shape_is_refused),
    OVER_EACH(window_accepts_each_number_once),
    OVER_EACH(window_of_another_size_is_refused),
    OVER_EACH(window_of_another_shape_is_refused),
    OVER_EACH(secret_kinds_need_sealing),
    OVER_EACH(secret_kinds_are_no_counters),
    OVER_EACH(second_handle_sees_what_the_first_wrote),
    OVER_EACH(nothing_is_ever_pending),
    OVER_EACH(missing_arguments_are_refused),
};

int main(void)
{
    const uint32_t usage = LWSEC_USE_SEAL | LWSEC_USE_OPEN;
    int failed = 0;
#ifdef LWSEC_TEST_OPENSSL
    static uint64_t memory[LWSEC_MEMORY_OPENSSL_SIZE(4) / 8];
    lwsec_store *store = NULL;
    if (lwsec_memory_openssl_open(memory, sizeof memory, 4, &store) != LWSEC_OK) {
        return 1;
    }
    sealing_key = toy_key(store, LWSEC_ALG_A256GCM, usage, 7);
#else
    static toy_store toy;
    toy_store_open(&toy);
    sealing_key = toy_key(&toy.head, LWSEC_ALG_A256GCM, usage, 7);
#endif
    for (size_t i = 0; i < back_end_count; i++) {
        which = &back_ends[i];
        (void)printf("== %s\n", which->name);
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed;
}
