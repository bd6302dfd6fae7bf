/* Contracts of the retry engine: configurations, reports, clocks, waits that do not overflow. */
#include "tests/support/test.h"

#include <lwsec/retry.h>

static uint64_t memory[LWSEC_RETRY_SIZE(LWSEC_RETRY_SERVERS_MAX) / 8];

static lwsec_retry_server server_of(uint16_t id)
{
    const lwsec_retry_server server = {.size = sizeof server, .id = id};

    return server;
}

static lwsec_retry_time at(uint64_t seconds)
{
    const lwsec_retry_time now = {seconds * 1000U, 0, LWSEC_RETRY_CLOCK_UNSET};

    return now;
}

static lwsec_status init_with(const lwsec_retry_config *config, lwsec_retry **retry)
{
    const lwsec_retry_time now = at(0);

    return lwsec_retry_init(memory, sizeof memory, config, &now, retry, NULL);
}

static lwsec_retry *engine_of(const lwsec_retry_config *config)
{
    const lwsec_retry_time now = at(0);
    lwsec_retry *retry = NULL;

    assert_status(init_with(config, &retry), LWSEC_OK);
    assert_int_equal(lwsec_retry_get_origin(retry), LWSEC_RETRY_FRESH);
    lwsec_retry_start(retry, &now);
    return retry;
}

static lwsec_retry_decision next_at(lwsec_retry *retry, uint64_t seconds)
{
    const lwsec_retry_time now = at(seconds);
    lwsec_retry_decision decision;

    assert_status(lwsec_retry_next(retry, &now, &decision, NULL), LWSEC_OK);
    return decision;
}

static lwsec_retry_decision report_at(lwsec_retry *retry, uint64_t seconds, uint16_t server,
                                      lwsec_retry_outcome what)
{
    const lwsec_retry_time now = at(seconds);
    lwsec_retry_decision decision;

    what.size = sizeof what;
    assert_status(lwsec_retry_report(retry, &now, server, &what, &decision), LWSEC_OK);
    return decision;
}

static const lwsec_retry_outcome timeout = {.event = LWSEC_RETRY_TIMEOUT};

/* ---- Configurations ---- */

static void refuses(const lwsec_retry_config *config)
{
    lwsec_retry *retry = (lwsec_retry *)(void *)memory;
    lwsec_reason reason;
    const lwsec_retry_time now = at(0);

    assert_status(lwsec_retry_init(memory, sizeof memory, config, &now, &retry, &reason),
                  LWSEC_USAGE);
    assert_int_equal(reason.why, LWSEC_WHY_CONFIG);
    assert_null(retry);
}

static void wrong_configurations_are_refused(void **state)
{
    const lwsec_retry_bootstrap_server bootstrap = {.size = sizeof bootstrap};
    lwsec_retry_bootstrap_server odd = bootstrap;
    lwsec_retry_server servers[] = {server_of(1), server_of(2), server_of(1)};
    lwsec_retry_config config = {.size = sizeof config, .servers = servers, .count = 3};
    lwsec_retry *retry = NULL;
    const lwsec_retry_time now = at(0);

    (void)state;
    refuses(&config); /* two of one ID */
    config.count = 2;
    config.size--;
    refuses(&config);
    config.size++;
    servers[1].size--;
    refuses(&config);
    servers[1] = server_of(0);
    refuses(&config);
    servers[1] = server_of(65535);
    refuses(&config);
    servers[1] = server_of(65534);
    config.count = LWSEC_RETRY_SERVERS_MAX + 1;
    refuses(&config);
    config.count = 0;
    refuses(&config); /* nobody to connect to */
    odd.size++;
    config.bootstrap = &odd;
    refuses(&config);
    config.bootstrap = &bootstrap;
    assert_status(init_with(&config, &retry), LWSEC_OK);
    config.count = 2;
    config.servers = NULL;
    refuses(&config);
    config.servers = servers;
    assert_status(lwsec_retry_init(memory, lwsec_retry_size(2) - 1, &config, &now, &retry, NULL),
                  LWSEC_BUFFER);
    assert_status(
        lwsec_retry_init((uint8_t *)memory + 1, sizeof memory - 1, &config, &now, &retry, NULL),
        LWSEC_USAGE);
    assert_status(lwsec_retry_init(NULL, sizeof memory, &config, &now, &retry, NULL), LWSEC_USAGE);
    assert_status(lwsec_retry_init(memory, lwsec_retry_size(2), &config, &now, &retry, NULL),
                  LWSEC_OK);
}

static void the_macro_is_enough(void **state)
{
    (void)state;
    for (size_t i = 0; i <= LWSEC_RETRY_SERVERS_MAX; i++) {
        assert_true(lwsec_retry_size(i) > 0 && lwsec_retry_size(i) <= LWSEC_RETRY_SIZE(i));
    }
    assert_int_equal(lwsec_retry_size(LWSEC_RETRY_SERVERS_MAX + 1), 0);
}

/* Zeroed resources that are not marked as present have the defaults of the specification. */
static void absent_resources_have_their_defaults(void **state)
{
    const lwsec_retry_server server = server_of(7);
    const lwsec_retry_config config = {.size = sizeof config, .servers = &server, .count = 1};
    lwsec_retry *retry = engine_of(&config);
    const uint64_t begins[] = {0, 60, 180, 420, 900};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        if (i > 0) {
            assert_int_equal(lwsec_retry_deadline(retry), begins[i] * 1000U);
            assert_int_equal(next_at(retry, begins[i] - 1).action, LWSEC_RETRY_NOTHING);
        }
        assert_int_equal(next_at(retry, begins[i]).action, LWSEC_RETRY_CONNECT);
        const lwsec_retry_decision decision = report_at(retry, begins[i], 7, timeout);
        assert_int_equal(decision.action, i < 4 ? LWSEC_RETRY_AGAIN : LWSEC_RETRY_FAILED);
        assert_int_equal(decision.attempt, i + 1);
    }
    assert_int_equal(lwsec_retry_deadline(retry), (900 + 86400) * 1000U);
    LWSEC_COVERS("R-5.2.10-07");
    LWSEC_COVERS("R-5.2.10-09");
}

/* ---- Reports ---- */

static void reports_that_say_nothing_are_refused(void **state)
{
    const lwsec_retry_server server = server_of(1);
    const lwsec_retry_config config = {.size = sizeof config, .servers = &server, .count = 1};
    const lwsec_retry_time now = at(0);
    lwsec_retry *retry = engine_of(&config);
    lwsec_retry_outcome what = {.size = sizeof what, .event = LWSEC_RETRY_TIMEOUT};
    const uint8_t codes[] = {0, 1, 0x41, 0x5f, 0x60, 0x7f, 0xc0, 0xff};
    lwsec_retry_decision decision;

    (void)state;
    assert_int_equal(next_at(retry, 0).action, LWSEC_RETRY_CONNECT);
    assert_status(lwsec_retry_report(retry, &now, 2, &what, &decision), LWSEC_ABSENT);
    assert_status(lwsec_retry_report(retry, &now, 0, &what, &decision), LWSEC_ABSENT);
    assert_status(lwsec_retry_bootstrap(retry, &now), LWSEC_ABSENT);
    what.size--;
    assert_status(lwsec_retry_report(retry, &now, 1, &what, &decision), LWSEC_USAGE);
    what.size++;
    what.event = (lwsec_retry_event)0;
    assert_status(lwsec_retry_report(retry, &now, 1, &what, &decision), LWSEC_USAGE);
    what.event = (lwsec_retry_event)(LWSEC_RETRY_MOVED + 1);
    assert_status(lwsec_retry_report(retry, &now, 1, &what, &decision), LWSEC_USAGE);
    what.event = LWSEC_RETRY_RESPONSE;
    for (size_t i = 0; i < sizeof codes; i++) {
        what.code = codes[i];
        assert_status(lwsec_retry_report(retry, &now, 1, &what, &decision), LWSEC_USAGE);
    }
    /* The attempt still goes on. */
    assert_int_equal(report_at(retry, 1, 1, timeout).action, LWSEC_RETRY_AGAIN);
    assert_int_equal(report_at(retry, 1, 1, timeout).action, LWSEC_RETRY_IGNORED);
}

/* Registered at 1 s, and told of `event` at `when`: when the next Register is due. */
static void expect_register_again(lwsec_retry_event event, uint64_t when, uint64_t due)
{
    const lwsec_retry_server server = server_of(1);
    const lwsec_retry_config config = {.size = sizeof config, .servers = &server, .count = 1};
    lwsec_retry *retry = engine_of(&config);
    const lwsec_retry_outcome registered = {.event = LWSEC_RETRY_SUCCESS};
    const lwsec_retry_outcome told = {.event = event};

    assert_int_equal(next_at(retry, 0).action, LWSEC_RETRY_CONNECT);
    /* The handshake that an attempt begins with is no reason for another one. */
    assert_int_equal(report_at(retry, 0, 1, told).action, LWSEC_RETRY_IGNORED);
    assert_int_equal(report_at(retry, 1, 1, registered).action, LWSEC_RETRY_REGISTERED);
    assert_true(lwsec_retry_deadline(retry) == LWSEC_RETRY_NO_DEADLINE);
    assert_int_equal(report_at(retry, when, 1, told).action, LWSEC_RETRY_AGAIN);
    if (due > when) {
        assert_int_equal(next_at(retry, due - 1).action, LWSEC_RETRY_NOTHING);
    }
    assert_int_equal(next_at(retry, due).action, LWSEC_RETRY_CONNECT);
    assert_int_equal(report_at(retry, due, 1, told).action, LWSEC_RETRY_IGNORED);
    assert_int_equal(report_at(retry, due, 1, timeout).action, LWSEC_RETRY_AGAIN);
    assert_int_equal(report_at(retry, due, 1, told).action, LWSEC_RETRY_IGNORED); /* it waits */
}

static void a_new_context_or_address_wants_a_new_registration(void **state)
{
    (void)state;
    expect_register_again(LWSEC_RETRY_RENEWED, 5000, 5000);
    expect_register_again(LWSEC_RETRY_RENEWED, 10, 60);
    expect_register_again(LWSEC_RETRY_MOVED, 5000, 5000);
    expect_register_again(LWSEC_RETRY_MOVED, 10, 60);
    LWSEC_COVERS("R-6.x-adj-03");
    LWSEC_COVERS("R-6.x-adj-04");
}

static void before_the_start_nothing_is_done(void **state)
{
    const lwsec_retry_server server = server_of(1);
    const lwsec_retry_config config = {.size = sizeof config, .servers = &server, .count = 1};
    lwsec_retry *retry = NULL;

    (void)state;
    assert_status(init_with(&config, &retry), LWSEC_OK);
    assert_int_equal(next_at(retry, 0).action, LWSEC_RETRY_NOTHING);
    assert_true(lwsec_retry_deadline(retry) == LWSEC_RETRY_NO_DEADLINE);
    assert_int_equal(report_at(retry, 1, 1, timeout).action, LWSEC_RETRY_IGNORED);
    lwsec_retry_close(&retry);
    assert_null(retry);
    lwsec_retry_close(&retry);
}

/* A second start does not shorten a wait. */
static void a_start_is_made_once(void **state)
{
    const lwsec_retry_server server = server_of(1);
    const lwsec_retry_config config = {.size = sizeof config, .servers = &server, .count = 1};
    const lwsec_retry_time later = at(30);
    lwsec_retry *retry = engine_of(&config);

    (void)state;
    assert_int_equal(next_at(retry, 0).action, LWSEC_RETRY_CONNECT);
    assert_int_equal(report_at(retry, 0, 1, timeout).action, LWSEC_RETRY_AGAIN);
    lwsec_retry_start(retry, &later);
    assert_int_equal(next_at(retry, 59).action, LWSEC_RETRY_NOTHING);
    assert_int_equal(next_at(retry, 60).action, LWSEC_RETRY_CONNECT);
}

/* How many times the same FAIL has to come is a parameter. */
static void one_fail_may_be_enough(void **state)
{
    const lwsec_retry_server server = server_of(1);
    const lwsec_retry_config config = {
        .size = sizeof config, .servers = &server, .count = 1, .same_alert = 1};
    const lwsec_retry_outcome alert = {.event = LWSEC_RETRY_ALERT, .alert = {.number = 48}};
    lwsec_retry *retry = engine_of(&config);

    (void)state;
    assert_int_equal(next_at(retry, 0).action, LWSEC_RETRY_CONNECT);
    const lwsec_retry_decision decision = report_at(retry, 1, 1, alert);
    assert_int_equal(decision.action, LWSEC_RETRY_FAILED);
    assert_true(decision.has_alert && decision.alert == 48);
    LWSEC_COVERS("R-5.2.10-04");
}

static void silence_is_a_failure_in_time(void **state)
{
    const lwsec_retry_server server = server_of(1);
    const lwsec_retry_config config = {
        .size = sizeof config, .servers = &server, .count = 1, .attempt_limit = 20};
    lwsec_retry *retry = engine_of(&config);

    (void)state;
    assert_int_equal(next_at(retry, 0).action, LWSEC_RETRY_CONNECT);
    assert_int_equal(lwsec_retry_deadline(retry), 20000);
    assert_int_equal(next_at(retry, 19).action, LWSEC_RETRY_NOTHING);
    assert_int_equal(next_at(retry, 20).action, LWSEC_RETRY_AGAIN);
    assert_int_equal(lwsec_retry_deadline(retry), 80000);
}

/* ---- Time ---- */

/* What is left of a wait stays, neither more nor less. */
static void a_clock_that_goes_back_stands_still(void **state)
{
    const lwsec_retry_server server = server_of(1);
    const lwsec_retry_config config = {.size = sizeof config, .servers = &server, .count = 1};
    lwsec_retry *retry = engine_of(&config);

    (void)state;
    assert_int_equal(next_at(retry, 1000000).action, LWSEC_RETRY_CONNECT);
    assert_int_equal(report_at(retry, 1000000, 1, timeout).action, LWSEC_RETRY_AGAIN);
    assert_int_equal(next_at(retry, 1000050).action, LWSEC_RETRY_NOTHING);
    assert_int_equal(next_at(retry, 20).action, LWSEC_RETRY_NOTHING);
    assert_int_equal(lwsec_retry_deadline(retry), 30000);
    assert_int_equal(next_at(retry, 29).action, LWSEC_RETRY_NOTHING);
    assert_int_equal(next_at(retry, 30).action, LWSEC_RETRY_CONNECT);
}

/* Doubling ends at the highest number of seconds; sums end before "no deadline". */
static void long_waits_do_not_wrap(void **state)
{
    lwsec_retry_server server = server_of(1);
    const lwsec_retry_config config = {.size = sizeof config, .servers = &server, .count = 1};
    uint64_t last = 0;
    uint64_t now = 0;

    (void)state;
    server.present = LWSEC_RETRY_HAS_COUNT | LWSEC_RETRY_HAS_TIMER;
    server.retry_count = UINT32_MAX;
    server.retry_timer = 3000000000U;
    lwsec_retry *retry = engine_of(&config);
    for (unsigned i = 0; i < 80; i++) {
        assert_int_equal(next_at(retry, now).action, LWSEC_RETRY_CONNECT);
        const lwsec_retry_decision decision = report_at(retry, now, 1, timeout);
        assert_int_equal(decision.action, LWSEC_RETRY_AGAIN);
        assert_true(decision.wait >= last && decision.wait <= (uint64_t)UINT32_MAX * 1000U);
        last = decision.wait;
        now += last / 1000U;
    }
    assert_true(last == (uint64_t)UINT32_MAX * 1000U);

    const lwsec_retry_time end = {UINT64_MAX - 1, 0, LWSEC_RETRY_CLOCK_UNSET};
    lwsec_retry_decision decision;
    assert_status(lwsec_retry_next(retry, &end, &decision, NULL), LWSEC_OK);
    assert_int_equal(decision.action, LWSEC_RETRY_CONNECT);
    assert_true(lwsec_retry_deadline(retry) == UINT64_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_configurations_are_refused),
        cmocka_unit_test(the_macro_is_enough),
        cmocka_unit_test(absent_resources_have_their_defaults),
        cmocka_unit_test(reports_that_say_nothing_are_refused),
        cmocka_unit_test(a_new_context_or_address_wants_a_new_registration),
        cmocka_unit_test(before_the_start_nothing_is_done),
        cmocka_unit_test(a_start_is_made_once),
        cmocka_unit_test(one_fail_may_be_enough),
        cmocka_unit_test(silence_is_a_failure_in_time),
        cmocka_unit_test(a_clock_that_goes_back_stands_still),
        cmocka_unit_test(long_waits_do_not_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
