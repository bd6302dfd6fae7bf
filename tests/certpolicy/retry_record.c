/* The record of the retry engine: every damage refused, slow and failing states, no clock. */
#include "tests/support/test.h"

#include <lwsec/retry.h>
#include <lwsec/state_memory.h>

#include "core/siphash.h"
#include "tests/oscore/faulty_state.h"

#define ROOM 1024U
#define HEAD_SIZE 11U
#define PEER_SIZE 29U

static const lwsec_record record = {LWSEC_RECORD_RETRY, {9}};

/* A device with one Server, whose first attempt has failed at second 10, and its state. */
typedef struct device {
    lwsec_state *state;
    faulty_state faulty;
    lwsec_retry_server server;
    lwsec_retry_bootstrap_server bootstrap;
    lwsec_retry_config config;
    lwsec_retry *retry;
    uint64_t memory[LWSEC_RETRY_SIZE(1) / 8];
    uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(2, ROOM) / 8];
} device;

static device unit;

static lwsec_retry_time at(uint64_t seconds)
{
    const lwsec_retry_time now = {seconds * 1000U, 1000000 + seconds, LWSEC_RETRY_CLOCK_TRUSTED};

    return now;
}

static lwsec_status boot(uint64_t seconds)
{
    const lwsec_retry_time now = at(seconds);

    lwsec_retry_close(&unit.retry);
    return lwsec_retry_init(unit.memory, sizeof unit.memory, &unit.config, &now, &unit.retry, NULL);
}

static lwsec_status next(uint64_t seconds, lwsec_retry_action *action)
{
    const lwsec_retry_time now = at(seconds);
    lwsec_retry_decision decision;

    const lwsec_status status = lwsec_retry_next(unit.retry, &now, &decision, NULL);
    *action = decision.action;
    return status;
}

static void does(uint64_t seconds, lwsec_retry_action expected)
{
    lwsec_retry_action action;

    assert_status(next(seconds, &action), LWSEC_OK);
    assert_int_equal(action, expected);
}

static void report(uint64_t seconds, lwsec_retry_event event, lwsec_retry_action expected)
{
    const lwsec_retry_time now = at(seconds);
    const lwsec_retry_outcome what = {.size = sizeof what, .event = event};
    lwsec_retry_decision decision;

    assert_status(lwsec_retry_report(unit.retry, &now, 1, &what, &decision), LWSEC_OK);
    assert_int_equal(decision.action, expected);
}

static int prepare(void **state)
{
    const lwsec_retry_time now = at(10);

    (void)state;
    unit = (device){.server = {.size = sizeof unit.server, .id = 1}};
    unit.bootstrap.size = sizeof unit.bootstrap;
    assert_status(
        lwsec_state_memory_open(unit.state_memory, sizeof unit.state_memory, 2, ROOM, &unit.state),
        LWSEC_OK);
    faulty_state_open(&unit.faulty, unit.state);
    unit.config = (lwsec_retry_config){.size = sizeof unit.config,
                                       .servers = &unit.server,
                                       .count = 1,
                                       .bootstrap = &unit.bootstrap,
                                       .state = &unit.faulty.head,
                                       .identity = {9}};
    assert_status(boot(10), LWSEC_OK);
    lwsec_retry_start(unit.retry, &now);
    does(10, LWSEC_RETRY_CONNECT);
    report(10, LWSEC_RETRY_TIMEOUT, LWSEC_RETRY_AGAIN);
    does(10, LWSEC_RETRY_NOTHING);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    lwsec_retry_close(&unit.retry);
    lwsec_state_memory_close(&unit.state);
    return 0;
}

/* ---- What the record holds ---- */

static size_t load(uint8_t room[ROOM])
{
    lwsec_buffer value = lwsec_buffer_of(room, ROOM);
    uint64_t version;

    assert_status(lwsec_state_load(unit.state, &record, &value, &version, NULL), LWSEC_OK);
    return value.size;
}

static void store(const uint8_t *value, size_t size)
{
    uint8_t room[ROOM];
    lwsec_buffer old = lwsec_buffer_of(room, sizeof room);
    uint64_t version;

    assert_status(lwsec_state_load(unit.state, &record, &old, &version, NULL), LWSEC_OK);
    assert_status(
        lwsec_state_store_if(unit.state, &record, lwsec_bytes_of(value, size), &version, NULL),
        LWSEC_OK);
}

/* A record that is refused: a day without an attempt, and a bootstrap not sooner. */
static void assert_strict(const char *what, size_t where)
{
    assert_status(boot(10), LWSEC_OK);
    if (lwsec_retry_get_origin(unit.retry) != LWSEC_RETRY_REFUSED) {
        print_error("%s %zu is not refused\n", what, where);
        fail();
    }
    does(10, LWSEC_RETRY_NOTHING);
    does(10 + 86400 - 1, LWSEC_RETRY_NOTHING);
    does(10 + 86400, LWSEC_RETRY_CONNECT);
}

static void every_changed_bit_is_noticed(void **state)
{
    uint8_t good[ROOM];
    uint8_t bad[ROOM];
    const size_t size = load(good);

    (void)state;
    assert_int_equal(size, HEAD_SIZE + PEER_SIZE + 1 + 2 + PEER_SIZE + 8);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        memcpy(bad, good, size);
        bad[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        store(bad, size);
        assert_strict("bit", bit);
    }
    store(good, size);
    assert_status(boot(10), LWSEC_OK);
    assert_int_equal(lwsec_retry_get_origin(unit.retry), LWSEC_RETRY_RESTORED);
}

static void every_other_length_is_noticed(void **state)
{
    uint8_t good[ROOM] = {0};
    const size_t size = load(good);

    (void)state;
    for (size_t cut = 0; cut < size; cut++) {
        store(good, cut);
        assert_strict("length", cut);
    }
    for (size_t more = size + 1; more <= ROOM; more += 7) {
        store(good, more);
        assert_status(boot(10), LWSEC_OK);
        assert_int_equal(lwsec_retry_get_origin(unit.retry), LWSEC_RETRY_REFUSED);
    }
}

/* Whoever writes records with a good checksum still writes values that there are. */
static void values_that_there_are_not_are_refused(void **state)
{
    static const lwsec_siphash_key key = {{0x6c77736563207265U, 0x747279207265636fU}};
    const size_t peer = HEAD_SIZE + PEER_SIZE + 3;
    const struct {
        size_t offset;
        uint8_t value;
    } bad[] = {{0, 0},
               {0, 2},
               {1, 4},
               {2, 3},
               {peer, 5},
               {peer + 1, 16},
               {HEAD_SIZE, 5},
               {peer + 11, 0}, /* sequence 0 */
               {peer + 28, 2}, /* attempted: no truth value */
               {HEAD_SIZE + PEER_SIZE, 0},
               {HEAD_SIZE + PEER_SIZE, 2}};
    uint8_t good[ROOM];
    uint8_t room[ROOM];
    const size_t size = load(good);

    (void)state;
    for (size_t i = 0; i <= sizeof bad / sizeof bad[0]; i++) {
        memcpy(room, good, size);
        if (i > 0) {
            assert_int_not_equal(room[bad[i - 1].offset], bad[i - 1].value);
            room[bad[i - 1].offset] = bad[i - 1].value;
        }
        const uint64_t check = lwsec_siphash(&key, lwsec_bytes_of(room, size - 8));
        for (unsigned byte = 0; byte < 8; byte++) {
            room[size - 8 + byte] = (uint8_t)(check >> (8 * (7 - byte)));
        }
        store(room, size);
        if (i > 0) {
            assert_strict("value", i - 1);
        } else { /* the test knows the checksum */
            assert_memory_equal(room, good, size);
        }
    }
}

/* ---- What is made of it ---- */

static void a_wait_goes_on(void **state)
{
    (void)state;
    assert_status(boot(10), LWSEC_OK);
    assert_int_equal(lwsec_retry_get_origin(unit.retry), LWSEC_RETRY_RESTORED);
    does(69, LWSEC_RETRY_NOTHING);
    does(70, LWSEC_RETRY_CONNECT);
    report(70, LWSEC_RETRY_TIMEOUT, LWSEC_RETRY_AGAIN);
    assert_int_equal(lwsec_retry_deadline(unit.retry), 190000); /* the second one: 120 s */
    LWSEC_COVERS("R-5.2.10-09");
}

/* An attempt is stored before it is given out, so a device that dies of each attempt waits. */
static void an_attempt_is_stored_before_it_is_made(void **state)
{
    uint64_t now = 70;

    (void)state;
    for (uint64_t wait = 120; wait <= 480; wait *= 2) {
        does(now, LWSEC_RETRY_CONNECT);
        assert_status(boot(now), LWSEC_OK);
        does(now + wait - 1, LWSEC_RETRY_NOTHING);
        now += wait;
    }
    does(now, LWSEC_RETRY_CONNECT);
}

static void another_server_is_new(void **state)
{
    const lwsec_retry_time now = at(20);

    (void)state;
    unit.server.id = 2;
    assert_status(boot(20), LWSEC_OK);
    lwsec_retry_start(unit.retry, &now);
    does(20, LWSEC_RETRY_CONNECT);
}

/* A wait is not longer than the resources allow now. */
static void shorter_resources_shorten_a_wait(void **state)
{
    (void)state;
    unit.server.present =
        LWSEC_RETRY_HAS_TIMER | LWSEC_RETRY_HAS_COUNT | LWSEC_RETRY_HAS_SEQUENCE_DELAY;
    unit.server.retry_timer = 5;
    unit.server.retry_count = 1;
    unit.server.sequence_delay = 7;
    assert_status(boot(10), LWSEC_OK);
    does(16, LWSEC_RETRY_NOTHING);
    does(17, LWSEC_RETRY_CONNECT);
}

/* What a client does that was bootstrapped: an engine for the new accounts, with the same record.
 * The Server is tried at once; if it refuses them too, the next bootstrap is not. */
static void new_accounts_begin_anew_but_bootstraps_are_spaced(void **state)
{
    const lwsec_retry_time done = at(75);
    const lwsec_retry_outcome success = {.size = sizeof success, .event = LWSEC_RETRY_SUCCESS};
    lwsec_retry_decision decision;

    (void)state;
    assert_status(lwsec_retry_bootstrap(unit.retry, &done), LWSEC_OK);
    does(70, LWSEC_RETRY_BOOTSTRAP);
    assert_status(
        lwsec_retry_report(unit.retry, &done, LWSEC_RETRY_BOOTSTRAP_ID, &success, &decision),
        LWSEC_OK);
    assert_int_equal(decision.action, LWSEC_RETRY_BOOTSTRAPPED);
    does(75, LWSEC_RETRY_NOTHING); /* not started: only stored */
    assert_true(lwsec_retry_deadline(unit.retry) == LWSEC_RETRY_NO_DEADLINE);

    assert_status(boot(75), LWSEC_OK);
    does(75, LWSEC_RETRY_NOTHING);
    lwsec_retry_start(unit.retry, &done);
    does(75, LWSEC_RETRY_CONNECT);
    const lwsec_retry_outcome refused = {
        .size = sizeof refused, .event = LWSEC_RETRY_RESPONSE, .code = 0x83};
    assert_status(lwsec_retry_report(unit.retry, &done, 1, &refused, &decision), LWSEC_OK);
    assert_int_equal(decision.action, LWSEC_RETRY_FAILED);
    does(75, LWSEC_RETRY_NOTHING);
    assert_int_equal(lwsec_retry_deadline(unit.retry), 130000); /* 60 s after the last one began */
    LWSEC_COVERS("R-5.2.10-08");
}

/* A doubted clock does not shorten a wait; nor does one that went back. */
static void only_a_trusted_clock_tells_of_time_off(void **state)
{
    const struct {
        uint64_t wall;
        lwsec_retry_trust trust;
        uint64_t left; /* of 60 seconds */
    } cases[] = {{1000010 + 31, LWSEC_RETRY_CLOCK_TRUSTED, 30},
                 {1000010 + 31, LWSEC_RETRY_CLOCK_DOUBTED, 60},
                 {1000010 + 31, LWSEC_RETRY_CLOCK_UNSET, 60},
                 {1000010 + 1, LWSEC_RETRY_CLOCK_TRUSTED, 60},
                 {1000010, LWSEC_RETRY_CLOCK_TRUSTED, 60},
                 {5, LWSEC_RETRY_CLOCK_TRUSTED, 60},
                 {UINT64_MAX, LWSEC_RETRY_CLOCK_TRUSTED, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const lwsec_retry_time now = {0, cases[i].wall, cases[i].trust};
        lwsec_retry_close(&unit.retry);
        assert_status(lwsec_retry_init(unit.memory, sizeof unit.memory, &unit.config, &now,
                                       &unit.retry, NULL),
                      LWSEC_OK);
        assert_int_equal(lwsec_retry_deadline(unit.retry), cases[i].left * 1000U);
    }
}

/* A device without a clock that is reset each two hours still comes to the end of a day's wait. */
static void resets_do_not_make_a_wait_endless(void **state)
{
    const lwsec_retry_outcome fail_alert = {.size = sizeof fail_alert,
                                            .event = LWSEC_RETRY_ALERT,
                                            .alert = {.number = 48, .sent = true}};
    const lwsec_retry_time failing = {70000, 0, LWSEC_RETRY_CLOCK_UNSET};
    lwsec_retry_decision decision;
    unsigned resets = 0;

    (void)state;
    unit.config.bootstrap = NULL;
    assert_status(boot(10), LWSEC_OK);
    does(70, LWSEC_RETRY_CONNECT);
    assert_status(lwsec_retry_report(unit.retry, &failing, 1, &fail_alert, &decision), LWSEC_OK);
    assert_int_equal(decision.action, LWSEC_RETRY_FAILED);
    assert_status(lwsec_retry_next(unit.retry, &failing, &decision, NULL), LWSEC_OK);
    do {
        lwsec_retry_time now = {0, 0, LWSEC_RETRY_CLOCK_UNSET};
        lwsec_retry_close(&unit.retry);
        assert_status(lwsec_retry_init(unit.memory, sizeof unit.memory, &unit.config, &now,
                                       &unit.retry, NULL),
                      LWSEC_OK);
        do {
            assert_status(lwsec_retry_next(unit.retry, &now, &decision, NULL), LWSEC_OK);
            now.monotonic = lwsec_retry_deadline(unit.retry);
        } while (decision.action != LWSEC_RETRY_CONNECT && now.monotonic <= 7200000U);
    } while (decision.action != LWSEC_RETRY_CONNECT && ++resets < 100);
    assert_int_equal(decision.action, LWSEC_RETRY_CONNECT);
    assert_in_range(resets, 11, 13);
}

/* ---- States that fail ---- */

static void a_slow_state_is_waited_for(void **state)
{
    lwsec_retry_action action;

    (void)state;
    faulty_state_fail(&unit.faulty, 2, LWSEC_PENDING);
    assert_status(next(70, &action), LWSEC_PENDING);
    assert_int_equal(action, LWSEC_RETRY_NOTHING);
    report(71, LWSEC_RETRY_SUCCESS, LWSEC_RETRY_IGNORED); /* of what is not given out yet */
    assert_status(next(71, &action), LWSEC_PENDING);
    does(72, LWSEC_RETRY_CONNECT);
    report(73, LWSEC_RETRY_SUCCESS, LWSEC_RETRY_REGISTERED);
    does(73, LWSEC_RETRY_NOTHING);

    faulty_state_fail(&unit.faulty, 1, LWSEC_PENDING);
    assert_status(boot(80), LWSEC_PENDING);
    assert_null(unit.retry);
    assert_status(boot(80), LWSEC_OK);
}

static void a_failing_state_gives_no_attempt_out(void **state)
{
    lwsec_retry_action action;

    (void)state;
    faulty_state_fail(&unit.faulty, 1, LWSEC_STATE);
    assert_status(next(70, &action), LWSEC_STATE);
    assert_int_equal(action, LWSEC_RETRY_NOTHING);
    does(70, LWSEC_RETRY_CONNECT); /* the second attempt, not the third */
    report(70, LWSEC_RETRY_TIMEOUT, LWSEC_RETRY_AGAIN);
    assert_int_equal(lwsec_retry_deadline(unit.retry), 190000);

    faulty_state_fail(&unit.faulty, 1, LWSEC_STATE);
    assert_status(boot(80), LWSEC_STATE);
    assert_null(unit.retry);
}

/* An attempt that cannot be stored is due as it was, also where the clock went back meanwhile. */
static void a_clock_goes_back_while_the_state_is_slow(void **state)
{
    lwsec_retry_action action;

    (void)state;
    faulty_state_fail(&unit.faulty, 1, LWSEC_PENDING);
    assert_status(next(70, &action), LWSEC_PENDING);
    faulty_state_fail(&unit.faulty, 1, LWSEC_STATE);
    assert_status(next(5, &action), LWSEC_STATE);
    does(5, LWSEC_RETRY_CONNECT);
}

/* Somebody else wrote the record: the engine looks which version stands, and goes on. */
static void a_conflict_ends(void **state)
{
    lwsec_retry_action action;
    uint8_t value[ROOM];
    const size_t size = load(value);

    (void)state;
    store(value, size);
    assert_status(next(70, &action), LWSEC_CONFLICT);
    does(70, LWSEC_RETRY_CONNECT);
}

/* A record of a back end that cannot be read: it stays, and the engine does without. */
static lwsec_status torn(lwsec_state *state, const lwsec_record *asked, lwsec_buffer *value,
                         uint64_t *version, lwsec_reason *reason)
{
    (void)state;
    (void)asked;
    (void)value;
    (void)version;
    reason->why = LWSEC_WHY_STATE_TORN;
    return LWSEC_STATE;
}

static void a_torn_record_is_left_alone(void **state)
{
    lwsec_state_ops ops = *unit.faulty.head.ops;
    lwsec_state head;

    (void)state;
    ops.load = torn;
    assert_status(lwsec_state_init(&head, &ops), LWSEC_OK);
    unit.config.state = &head;
    assert_strict("torn", 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, finish)
    const struct CMUnitTest tests[] = {
        TEST(every_changed_bit_is_noticed),
        TEST(every_other_length_is_noticed),
        TEST(values_that_there_are_not_are_refused),
        TEST(a_wait_goes_on),
        TEST(an_attempt_is_stored_before_it_is_made),
        TEST(another_server_is_new),
        TEST(shorter_resources_shorten_a_wait),
        TEST(new_accounts_begin_anew_but_bootstraps_are_spaced),
        TEST(only_a_trusted_clock_tells_of_time_off),
        TEST(resets_do_not_make_a_wait_endless),
        TEST(a_slow_state_is_waited_for),
        TEST(a_failing_state_gives_no_attempt_out),
        TEST(a_clock_goes_back_while_the_state_is_slow),
        TEST(a_conflict_ends),
        TEST(a_torn_record_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
