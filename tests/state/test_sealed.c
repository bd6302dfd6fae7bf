/* The sealing wrapper: values are sealed, bound to their place, and refused elsewhere. */
#include "tests/support/test.h"

#include "tests/state/back_ends.h"

#define USAGE_BOTH (LWSEC_USE_SEAL | LWSEC_USE_OPEN)
#define OVERHEAD (1U + 8U + 12U + 16U)
#define SECRET "the master secret of somebody"

static toy_store toy;
static lwsec_key key;
static lwsec_state *inner;
static lwsec_state *sealed;
static const lwsec_record ticket = {LWSEC_RECORD_TICKET, {1, 2, 3}};

static lwsec_status open_wrapper(lwsec_key with, lwsec_state **made)
{
    static uint64_t memory[2][LWSEC_STATE_SEALED_SIZE / 8];
    static unsigned next;

    return lwsec_state_sealed_open(memory[next++ % 2], sizeof memory[0], inner, with, made);
}

static int set_up(void **state)
{
    static uint64_t memory[LWSEC_STATE_MEMORY_SIZE(4, LWSEC_RECORD_MAX) / 8];

    (void)state;
    toy_store_open(&toy);
    key = toy_key(&toy.head, LWSEC_ALG_A128GCM, USAGE_BOTH, 7);
    assert_status(lwsec_state_memory_open(memory, sizeof memory, 4, LWSEC_RECORD_MAX, &inner),
                  LWSEC_OK);
    assert_status(open_wrapper(key, &sealed), LWSEC_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lwsec_state_sealed_close(&sealed);
    lwsec_state_memory_close(&inner);
    return 0;
}

static void store(lwsec_state *into, const lwsec_record *record, const char *text, uint64_t version)
{
    assert_status(
        lwsec_state_store_if(into, record, lwsec_bytes_of(text, strlen(text)), &version, NULL),
        LWSEC_OK);
}

/* What the back end under the wrapper holds. */
static lwsec_buffer stored_bytes(const lwsec_record *record, uint64_t *version)
{
    static uint8_t room[2][LWSEC_RECORD_MAX];
    static unsigned next;
    lwsec_buffer stored = lwsec_buffer_of(room[next++ % 2], LWSEC_RECORD_MAX);

    assert_status(lwsec_state_load(inner, record, &stored, version, NULL), LWSEC_OK);
    return stored;
}

static void put_bytes(const lwsec_record *record, lwsec_bytes value, uint64_t version)
{
    assert_status(lwsec_state_store_if(inner, record, value, &version, NULL), LWSEC_OK);
}

static void assert_does_not_open(const lwsec_record *record)
{
    uint8_t room[LWSEC_RECORD_MAX] = {0};
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 77;
    lwsec_reason reason;

    assert_status(lwsec_state_load(sealed, record, &value, &version, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_SEALING);
    assert_int_equal(value.size, 0);
    assert_int_equal(version, 77);
    assert_status(lwsec_state_take(sealed, record, &value, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_SEALING);
    assert_int_equal(value.size, 0);
    (void)stored_bytes(record, &version); /* it stays where it is */
}

static void stored_value_is_sealed_and_as_long_as_documented(void **state)
{
    static const uint32_t kinds[] = {LWSEC_RECORD_TICKET, LWSEC_RECORD_ACCOUNT};
    (void)state;
    uint64_t version = 0;

    for (size_t i = 0; i < 2; i++) {
        const lwsec_record record = record_of(kinds[i], 1);
        store(sealed, &record, SECRET, 0);
        const lwsec_buffer stored = stored_bytes(&record, &version);
        assert_int_equal(stored.size, strlen(SECRET) + OVERHEAD);
        assert_null(memmem(stored.data, stored.size, SECRET, 4));
        assert_int_equal(version, 1);
    }
}

static void nonce_is_another_each_time(void **state)
{
    (void)state;
    uint64_t version = 0;

    store(sealed, &ticket, SECRET, 0);
    const lwsec_buffer first = stored_bytes(&ticket, &version);
    store(sealed, &ticket, SECRET, 1);
    const lwsec_buffer second = stored_bytes(&ticket, &version);
    assert_memory_not_equal(&first.data[9], &second.data[9], 12);
}

static void every_changed_byte_is_refused(void **state)
{
    (void)state;
    uint64_t version = 0;

    store(sealed, &ticket, SECRET, 0);
    const lwsec_buffer stored = stored_bytes(&ticket, &version);
    for (size_t i = 0; i < stored.size; i++) {
        assert_status(lwsec_state_erase(inner, &ticket, NULL), LWSEC_OK);
        stored.data[i] ^= 0x40;
        put_bytes(&ticket, lwsec_buffer_bytes(&stored), 0);
        stored.data[i] ^= 0x40;
        assert_does_not_open(&ticket);
    }
}

static void every_other_length_is_refused(void **state)
{
    (void)state;
    uint64_t version = 0;

    store(sealed, &ticket, "short", 0);
    const lwsec_buffer stored = stored_bytes(&ticket, &version);
    for (size_t size = 0; size <= stored.size + 2; size++) {
        if (size != stored.size) {
            assert_status(lwsec_state_erase(inner, &ticket, NULL), LWSEC_OK);
            put_bytes(&ticket, lwsec_bytes_of(stored.data, size), 0);
            assert_does_not_open(&ticket);
        }
    }
}

static void sealed_value_under_another_name_is_refused(void **state)
{
    (void)state;
    uint64_t version = 0;
    lwsec_record other = ticket;

    store(sealed, &ticket, SECRET, 0);
    const lwsec_buffer stored = stored_bytes(&ticket, &version);
    other.kind = LWSEC_RECORD_ASSOCIATION;
    put_bytes(&other, lwsec_buffer_bytes(&stored), 0);
    assert_does_not_open(&other);
    other = ticket;
    other.identity[15] ^= 1;
    put_bytes(&other, lwsec_buffer_bytes(&stored), 0);
    assert_does_not_open(&other);
}

static void sealed_value_under_another_version_is_refused(void **state)
{
    (void)state;
    uint64_t version = 0;

    store(sealed, &ticket, "old", 0);
    const lwsec_buffer old = stored_bytes(&ticket, &version);
    store(sealed, &ticket, "new", 1);
    put_bytes(&ticket, lwsec_buffer_bytes(&old), 2);
    assert_does_not_open(&ticket);
    old.data[8] = 3; /* claims the version that it has now */
    put_bytes(&ticket, lwsec_buffer_bytes(&old), 3);
    assert_does_not_open(&ticket);
}

static void value_that_was_never_sealed_is_refused(void **state)
{
    (void)state;
    const lwsec_record account = record_of(LWSEC_RECORD_ACCOUNT, 1);

    store(inner, &account, "settings that nobody sealed, of a fair length", 0);
    assert_does_not_open(&account);
    assert_status(lwsec_state_erase(inner, &account, NULL), LWSEC_OK);
    assert_status(lwsec_state_advance(inner, &account, 5, NULL), LWSEC_OK);
    assert_does_not_open(&account);
}

static void another_key_does_not_open(void **state)
{
    (void)state;
    lwsec_state *other = NULL;
    uint8_t room[64];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    lwsec_reason reason;

    store(sealed, &ticket, SECRET, 0);
    assert_status(open_wrapper(toy_key(&toy.head, LWSEC_ALG_A128GCM, USAGE_BOTH, 8), &other),
                  LWSEC_OK);
    assert_status(lwsec_state_load(other, &ticket, &value, &version, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_SEALING);
    lwsec_state_sealed_close(&other);
}

static void destroyed_key_makes_everything_unreadable(void **state)
{
    (void)state;
    uint8_t room[64];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    lwsec_reason reason;

    store(sealed, &ticket, SECRET, 0);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    assert_status(lwsec_state_load(sealed, &ticket, &value, &version, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_KEY_GONE);
    assert_status(lwsec_state_take(sealed, &ticket, &value, NULL), LWSEC_STATE);
    version = 1;
    assert_status(lwsec_state_store_if(sealed, &ticket, lwsec_bytes_of("x", 1), &version, &reason),
                  LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_KEY_GONE);
    (void)stored_bytes(&ticket, &version);
    assert_int_equal(version, 1);
}

static void failing_key_store_stores_nothing(void **state)
{
    static const struct {
        lwsec_status answer;
        lwsec_status expected;
        lwsec_why why;
    } faults[] = {
        {LWSEC_ENGINE, LWSEC_STATE, LWSEC_WHY_KEY_STORE},
        {LWSEC_PENDING, LWSEC_STATE, LWSEC_WHY_KEY_STORE},
        {LWSEC_UNSUPPORTED, LWSEC_STATE, LWSEC_WHY_KEY_STORE},
        {LWSEC_LIMIT, LWSEC_STATE, LWSEC_WHY_KEY_LIMIT},
        {LWSEC_FORKED, LWSEC_FORKED, LWSEC_WHY_FORKED},
    };
    (void)state;
    uint8_t room[64];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;
    uint64_t version;

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        for (int which = 0; which < 2; which++) {
            toy.seal_answer = which == 0 ? faults[i].answer : LWSEC_OK;
            toy.random_answer = which == 1 ? faults[i].answer : LWSEC_OK;
            version = 0;
            assert_status(
                lwsec_state_store_if(sealed, &ticket, lwsec_bytes_of("x", 1), &version, &reason),
                faults[i].expected);
            assert_int_equal(reason.why, faults[i].why);
            assert_int_equal(version, 0);
            assert_status(lwsec_state_load(inner, &ticket, &value, &version, NULL), LWSEC_ABSENT);
        }
    }
}

static void key_without_random_nonces_is_refused(void **state)
{
    (void)state;
    lwsec_state *made = NULL;
    const lwsec_key none = {NULL, 0, 0};
    lwsec_key gone;

    assert_status(open_wrapper(none, &made), LWSEC_USAGE);
    assert_status(
        open_wrapper(toy_key(&toy.head, LWSEC_ALG_AES_CCM_64_64_128, USAGE_BOTH, 1), &made),
        LWSEC_USAGE); /* a nonce of 7 bytes repeats too soon */
    toy_store_open(&toy);
    assert_status(open_wrapper(toy_key(&toy.head, LWSEC_ALG_A128GCM, LWSEC_USE_SEAL, 1), &made),
                  LWSEC_USAGE);
    assert_status(open_wrapper(toy_key(&toy.head, LWSEC_ALG_A128GCM, LWSEC_USE_OPEN, 1), &made),
                  LWSEC_USAGE);
    assert_status(open_wrapper(toy_key(&toy.head, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, 1), &made),
                  LWSEC_USAGE);
    key = toy_key(&toy.head, LWSEC_ALG_A128GCM, USAGE_BOTH, 1);
    gone = key;
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    assert_status(open_wrapper(gone, &made), LWSEC_USAGE);
    assert_null(made);
}

static void nonce_of_13_and_tag_of_8_bytes_work(void **state)
{
    (void)state;
    lwsec_state *made = NULL;
    uint8_t room[64];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    const lwsec_key ccm = toy_key(&toy.head, LWSEC_ALG_AES_CCM_16_64_128, USAGE_BOTH, 1);

    assert_status(open_wrapper(ccm, &made), LWSEC_OK);
    store(made, &ticket, SECRET, 0);
    assert_int_equal(stored_bytes(&ticket, &version).size, strlen(SECRET) + 1 + 8 + 13 + 8);
    assert_status(lwsec_state_load(made, &ticket, &value, &version, NULL), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&value), lwsec_bytes_of(SECRET, strlen(SECRET)));
    lwsec_state_sealed_close(&made);
}

static void memory_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    static uint64_t memory[LWSEC_STATE_SEALED_SIZE / 8 + 1];
    lwsec_state *made = NULL;

    assert_status(lwsec_state_sealed_open(memory, lwsec_state_sealed_size() - 1, inner, key, &made),
                  LWSEC_BUFFER);
    assert_status(lwsec_state_sealed_open(NULL, sizeof memory, inner, key, &made), LWSEC_USAGE);
    assert_status(lwsec_state_sealed_open(memory, sizeof memory, NULL, key, &made), LWSEC_USAGE);
    assert_status(lwsec_state_sealed_open(memory, sizeof memory, inner, key, NULL), LWSEC_USAGE);
    assert_status(
        lwsec_state_sealed_open((uint8_t *)memory + 4, sizeof memory - 4, inner, key, &made),
        LWSEC_USAGE);
    assert_null(made);
    inner->epoch ^= 1U;
    assert_status(lwsec_state_sealed_open(memory, sizeof memory, inner, key, &made), LWSEC_FORKED);
    inner->epoch ^= 1U;
    lwsec_state_sealed_close(&made);
    lwsec_state_sealed_close(NULL);
}

/* A back end that counts versions in its own way would make records that never open again. */
static lwsec_status skip_store_if(lwsec_state *state, const lwsec_record *record, lwsec_bytes value,
                                  uint64_t *version, lwsec_reason *reason)
{
    (void)state;
    (void)record;
    (void)value;
    (void)reason;
    *version += 10;
    return LWSEC_OK;
}

static void back_end_that_skips_versions_is_noticed(void **state)
{
    (void)state;
    const lwsec_state_ops *ops = inner->ops;
    lwsec_state_ops skipping = *ops;
    uint64_t version = 0;
    lwsec_reason reason;

    skipping.store_if = skip_store_if;
    inner->ops = &skipping;
    assert_status(lwsec_state_store_if(sealed, &ticket, lwsec_bytes_of("x", 1), &version, &reason),
                  LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_SEALING);
    inner->ops = ops;
}

/* Somebody writes to the back end between the look and the take. */
static const lwsec_state_ops *true_ops;
static lwsec_bytes replacement;

static lwsec_status racing_take(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                                lwsec_reason *reason)
{
    uint64_t version = 1;

    assert_status(true_ops->store_if(state, record, replacement, &version, reason), LWSEC_OK);
    return true_ops->take(state, record, value, reason);
}

static void what_was_exchanged_before_the_take_is_refused(void **state)
{
    (void)state;
    lwsec_state_ops racing = *inner->ops;
    uint8_t room[64] = {0};
    static const uint8_t zeros[64];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;

    store(sealed, &ticket, SECRET, 0);
    replacement = lwsec_bytes_of("something that nobody has sealed at all", 39);
    true_ops = inner->ops;
    racing.take = racing_take;
    inner->ops = &racing;
    assert_status(lwsec_state_take(sealed, &ticket, &value, &reason), LWSEC_STATE);
    assert_int_equal(reason.why, LWSEC_WHY_STATE_SEALING);
    assert_memory_equal(room, zeros, sizeof room); /* the first look leaves nothing behind */
    inner->ops = true_ops;
}

static void protection_against_rollback_is_that_of_the_back_end(void **state)
{
    (void)state;
    const lwsec_state_ops *ops = inner->ops;
    lwsec_state_ops protecting = *ops;
    lwsec_state *made = NULL;

    protecting.rollback_protected = true;
    inner->ops = &protecting;
    assert_status(open_wrapper(key, &made), LWSEC_OK);
    assert_true(lwsec_state_rollback_protected(made));
    assert_false(lwsec_state_rollback_protected(sealed));
    lwsec_state_sealed_close(&made);
    inner->ops = ops;
}

#define WRAPPED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WRAPPED(stored_value_is_sealed_and_as_long_as_documented),
        WRAPPED(nonce_is_another_each_time),
        WRAPPED(every_changed_byte_is_refused),
        WRAPPED(every_other_length_is_refused),
        WRAPPED(sealed_value_under_another_name_is_refused),
        WRAPPED(sealed_value_under_another_version_is_refused),
        WRAPPED(value_that_was_never_sealed_is_refused),
        WRAPPED(another_key_does_not_open),
        WRAPPED(destroyed_key_makes_everything_unreadable),
        WRAPPED(failing_key_store_stores_nothing),
        WRAPPED(key_without_random_nonces_is_refused),
        WRAPPED(nonce_of_13_and_tag_of_8_bytes_work),
        WRAPPED(memory_that_does_not_fit_is_refused),
        WRAPPED(back_end_that_skips_versions_is_noticed),
        WRAPPED(what_was_exchanged_before_the_take_is_refused),
        WRAPPED(protection_against_rollback_is_that_of_the_back_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
