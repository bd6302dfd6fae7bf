/* What the core checks before a back end is called, and how states are opened. */
#include "tests/support/test.h"

#include "core/epoch.h"
#include "tests/state/back_ends.h"

/* A back end that counts its calls and answers what it is told. */
typedef struct probe {
    lwsec_state head;
    lwsec_status answer;
    int calls;
} probe;

static lwsec_status probe_call(lwsec_state *state, lwsec_reason *reason)
{
    probe *called = (probe *)state;

    assert_non_null(reason);
    called->calls++;
    return called->answer;
}

static lwsec_status probe_load(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                               uint64_t *version, lwsec_reason *reason)
{
    (void)record;
    value->size = 1; /* even when it fails: the core tidies up */
    *version = 5;
    return probe_call(state, reason);
}

static lwsec_status probe_store_if(lwsec_state *state, const lwsec_record *record,
                                   lwsec_bytes value, uint64_t *version, lwsec_reason *reason)
{
    (void)record;
    (void)value;
    (void)version;
    return probe_call(state, reason);
}

static lwsec_status probe_take(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                               lwsec_reason *reason)
{
    (void)record;
    value->size = 1;
    return probe_call(state, reason);
}

static lwsec_status probe_advance(lwsec_state *state, const lwsec_record *record, uint64_t to,
                                  lwsec_reason *reason)
{
    (void)record;
    (void)to;
    return probe_call(state, reason);
}

static lwsec_status probe_window(lwsec_state *state, const lwsec_record *record, uint64_t number,
                                 uint32_t window, lwsec_reason *reason)
{
    (void)record;
    (void)number;
    (void)window;
    return probe_call(state, reason);
}

static lwsec_status probe_erase(lwsec_state *state, const lwsec_record *record,
                                lwsec_reason *reason)
{
    (void)record;
    return probe_call(state, reason);
}

static lwsec_status probe_poll(lwsec_state *state)
{
    lwsec_reason reason;
    return probe_call(state, &reason);
}

static const lwsec_state_ops probe_ops = {LWSEC_STATE_ABI, sizeof(lwsec_state_ops),
                                          "probe",         true,
                                          false,           probe_load,
                                          probe_store_if,  probe_take,
                                          probe_advance,   probe_window,
                                          probe_erase,     NULL};

static void incomplete_back_end_is_refused(void **state)
{
    (void)state;
    probe one = {.answer = LWSEC_OK};
    lwsec_state_ops ops = probe_ops;

    assert_status(lwsec_state_init(NULL, &ops), LWSEC_USAGE);
    assert_status(lwsec_state_init(&one.head, NULL), LWSEC_USAGE);
#define REFUSED(change, undo)                                                                      \
    change;                                                                                        \
    assert_status(lwsec_state_init(&one.head, &ops), LWSEC_USAGE);                                 \
    undo
    REFUSED(ops.abi++, ops.abi--);
    REFUSED(ops.size--, ops.size++);
    REFUSED(ops.load = NULL, ops.load = probe_load);
    REFUSED(ops.store_if = NULL, ops.store_if = probe_store_if);
    REFUSED(ops.take = NULL, ops.take = probe_take);
    REFUSED(ops.advance = NULL, ops.advance = probe_advance);
    REFUSED(ops.window_accept = NULL, ops.window_accept = probe_window);
    REFUSED(ops.erase = NULL, ops.erase = probe_erase);
#undef REFUSED
    ops.size += 8; /* a newer one that has more entries */
    assert_status(lwsec_state_init(&one.head, &ops), LWSEC_OK);
    assert_true(lwsec_state_rollback_protected(&one.head));
}

static void poll_may_be_left_out(void **state)
{
    (void)state;
    probe one = {.answer = LWSEC_PENDING};
    lwsec_state_ops ops = probe_ops;

    assert_status(lwsec_state_init(&one.head, &ops), LWSEC_OK);
    assert_status(lwsec_state_poll(&one.head), LWSEC_OK);
    ops.poll = probe_poll;
    assert_status(lwsec_state_poll(&one.head), LWSEC_PENDING);
    assert_int_equal(one.calls, 1);
}

static void answers_pass_and_outputs_do_only_with_ok(void **state)
{
    static const lwsec_status answers[] = {LWSEC_OK,     LWSEC_PENDING, LWSEC_CONFLICT,
                                           LWSEC_ABSENT, LWSEC_BUFFER,  LWSEC_STATE};
    (void)state;
    probe one = {.answer = LWSEC_OK};
    const lwsec_record record = record_of(LWSEC_RECORD_ACCOUNT, 1);
    uint8_t room[4];

    assert_status(lwsec_state_init(&one.head, &probe_ops), LWSEC_OK);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        lwsec_buffer value = {room, sizeof room, 3};
        uint64_t version = 77;
        const lwsec_status answer = answers[i];
        one.answer = answer;
        assert_status(lwsec_state_load(&one.head, &record, &value, &version, NULL), answer);
        assert_int_equal(value.size, answer == LWSEC_OK ? 1 : 0);
        assert_int_equal(version, answer == LWSEC_OK ? 5 : answer == LWSEC_ABSENT ? 0 : 77);
        assert_status(lwsec_state_take(&one.head, &record, &value, NULL), answer);
        assert_int_equal(value.size, answer == LWSEC_OK ? 1 : 0);
        assert_status(lwsec_state_erase(&one.head, &record, NULL), answer);
        assert_status(lwsec_state_advance(&one.head, &record, 1, NULL), answer);
        assert_status(lwsec_state_window_accept(&one.head, &record, 1, 1, NULL), answer);
    }
}

static void another_process_is_refused_before_the_back_end_is_called(void **state)
{
    (void)state;
    probe one = {.answer = LWSEC_OK};
    const lwsec_record record = record_of(LWSEC_RECORD_ACCOUNT, 1);
    uint8_t room[4];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;
    uint64_t version = 0;

    assert_status(lwsec_state_init(&one.head, &probe_ops), LWSEC_OK);
    one.head.epoch ^= 1U;
    assert_status(lwsec_state_load(&one.head, &record, &value, &version, &reason), LWSEC_FORKED);
    assert_int_equal(reason.why, LWSEC_WHY_FORKED);
    assert_status(
        lwsec_state_store_if(&one.head, &record, lwsec_bytes_of(room, 4), &version, &reason),
        LWSEC_FORKED);
    assert_status(lwsec_state_take(&one.head, &record, &value, &reason), LWSEC_FORKED);
    assert_status(lwsec_state_advance(&one.head, &record, 1, &reason), LWSEC_FORKED);
    assert_status(lwsec_state_window_accept(&one.head, &record, 1, 32, &reason), LWSEC_FORKED);
    assert_status(lwsec_state_erase(&one.head, &record, &reason), LWSEC_FORKED);
    assert_status(lwsec_state_poll(&one.head), LWSEC_FORKED);
    assert_int_equal(one.calls, 0);
}

static void secret_kinds_do_not_reach_a_back_end_that_does_not_seal(void **state)
{
    (void)state;
    probe one = {.answer = LWSEC_OK};
    lwsec_state_ops ops = probe_ops;
    const lwsec_record record = record_of(LWSEC_RECORD_TICKET, 1);
    uint64_t version = 0;

    assert_status(lwsec_state_init(&one.head, &ops), LWSEC_OK);
    assert_status(lwsec_state_store_if(&one.head, &record, lwsec_bytes_of("x", 1), &version, NULL),
                  LWSEC_STATE);
    assert_status(lwsec_state_erase(&one.head, &record, NULL), LWSEC_STATE);
    assert_int_equal(one.calls, 0);
    ops.seals = true;
    assert_status(lwsec_state_store_if(&one.head, &record, lwsec_bytes_of("x", 1), &version, NULL),
                  LWSEC_OK);
    assert_status(lwsec_state_advance(&one.head, &record, 1, NULL), LWSEC_USAGE);
    assert_status(lwsec_state_window_accept(&one.head, &record, 1, 1, NULL), LWSEC_USAGE);
    assert_int_equal(one.calls, 1);
}

static void sizes_as_macro_and_as_function_agree(void **state)
{
    static const uint32_t counts[] = {1, 2, 3, 17, 1000};
    static const uint32_t values[] = {0, 1, 7, 8, 9, 144, 4095, 4096};
    (void)state;

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        for (size_t j = 0; j < sizeof values / sizeof values[0]; j++) {
            assert_int_equal(LWSEC_STATE_MEMORY_SIZE(counts[i], values[j]),
                             lwsec_state_memory_size(counts[i], values[j]));
        }
    }
    assert_true(LWSEC_STATE_DIRECTORY_SIZE >= lwsec_state_directory_size());
    assert_true(LWSEC_STATE_SEALED_SIZE >= lwsec_state_sealed_size());
}

static void memory_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    static uint64_t memory[LWSEC_STATE_MEMORY_SIZE(2, 20) / 8 + 1];
    const size_t size = LWSEC_STATE_MEMORY_SIZE(2, 20);
    lwsec_state *made = NULL;

    assert_status(lwsec_state_memory_open(memory, size - 1, 2, 20, &made), LWSEC_BUFFER);
    assert_status(lwsec_state_memory_open(memory, 0, 2, 20, &made), LWSEC_BUFFER);
    assert_status(lwsec_state_memory_open(memory, size, UINT32_MAX, 20, &made), LWSEC_BUFFER);
    assert_status(lwsec_state_memory_open(memory, size, 0, 20, &made), LWSEC_USAGE);
    assert_status(lwsec_state_memory_open(memory, size, 1, LWSEC_RECORD_MAX + 1, &made),
                  LWSEC_USAGE);
    assert_status(lwsec_state_memory_open(NULL, size, 2, 20, &made), LWSEC_USAGE);
    assert_status(lwsec_state_memory_open(memory, size, 2, 20, NULL), LWSEC_USAGE);
    for (size_t shift = 1; shift < 8; shift++) {
        assert_status(lwsec_state_memory_open((uint8_t *)memory + shift, size, 2, 20, &made),
                      LWSEC_USAGE);
    }
    assert_null(made);
    assert_status(lwsec_state_memory_open(memory, size, 2, 20, &made), LWSEC_OK);
    lwsec_state_memory_close(&made);
    assert_null(made);
    lwsec_state_memory_close(&made);
    lwsec_state_memory_close(NULL);
}

static void full_memory_refuses_and_keeps_what_it_has(void **state)
{
    (void)state;
    static uint64_t memory[LWSEC_STATE_MEMORY_SIZE(2, 20) / 8];
    const lwsec_record records[] = {record_of(1, 1), record_of(1, 2), record_of(1, 3)};
    uint8_t long_value[21] = {0};
    lwsec_state *made = NULL;
    lwsec_reason reason;
    uint64_t version = 0;

    assert_status(lwsec_state_memory_open(memory, sizeof memory, 2, 20, &made), LWSEC_OK);
    assert_status(
        lwsec_state_store_if(made, &records[0], lwsec_bytes_of(long_value, 21), &version, &reason),
        LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_FULL);
    assert_status(lwsec_state_window_accept(made, &records[0], 1, 65, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_FULL);
    assert_status(lwsec_state_advance(made, &records[0], 1, NULL), LWSEC_OK);
    assert_status(lwsec_state_advance(made, &records[1], 1, NULL), LWSEC_OK);
    assert_status(lwsec_state_advance(made, &records[2], 1, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_FULL);
    assert_status(lwsec_state_advance(made, &records[0], 1, NULL), LWSEC_CONFLICT);
    assert_status(lwsec_state_erase(made, &records[1], NULL), LWSEC_OK);
    assert_status(lwsec_state_advance(made, &records[2], 1, NULL), LWSEC_OK);
    lwsec_state_memory_close(&made);
}

static void nothing_is_left_in_memory_after_it_is_taken_or_closed(void **state)
{
    (void)state;
    static uint64_t memory[LWSEC_STATE_MEMORY_SIZE(2, 24) / 8];
    static const char secret[] = "a secret of 24 bytes....";
    const lwsec_record record = record_of(LWSEC_RECORD_TICKET, 1);
    uint8_t room[24];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    lwsec_state *made = NULL;
    uint64_t version = 0;

    assert_status(lwsec_state_memory_open(memory, sizeof memory, 2, 24, &made), LWSEC_OK);
    for (int round = 0; round < 2; round++) {
        version = 0;
        assert_status(
            lwsec_state_store_if(made, &record, lwsec_bytes_of(secret, 24), &version, NULL),
            LWSEC_OK);
        assert_non_null(memmem(memory, sizeof memory, secret, 24));
        if (round == 0) {
            assert_status(lwsec_state_take(made, &record, &value, NULL), LWSEC_OK);
        } else {
            lwsec_state_memory_close(&made);
        }
        assert_null(memmem(memory, sizeof memory, secret, 8));
        assert_null(memmem(memory, sizeof memory, &secret[16], 8));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(incomplete_back_end_is_refused),
        cmocka_unit_test(poll_may_be_left_out),
        cmocka_unit_test(answers_pass_and_outputs_do_only_with_ok),
        cmocka_unit_test(another_process_is_refused_before_the_back_end_is_called),
        cmocka_unit_test(secret_kinds_do_not_reach_a_back_end_that_does_not_seal),
        cmocka_unit_test(sizes_as_macro_and_as_function_agree),
        cmocka_unit_test(memory_that_does_not_fit_is_refused),
        cmocka_unit_test(full_memory_refuses_and_keeps_what_it_has),
        cmocka_unit_test(nothing_is_left_in_memory_after_it_is_taken_or_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
