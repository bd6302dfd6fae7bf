/* Whatever happens, in whatever order: the retry engine neither stops where it should not nor
 * hurries.
 */
#include "tests/support/test.h"

#include "tests/certpolicy/retry_world.h"

#define CASES 4000U
#define STEPS 120U

/* What the test knows of one Server, from what it saw and from the resources. */
typedef struct knowledge {
    lwsec_retry_server server; /* with defaults */
    bool open;                 /* an attempt is going on */
    bool registered;
    bool stopped;
    bool passed;       /* registered, or failed without blocking, in this run */
    uint32_t failures; /* in this sequence, or one more while an attempt is open */
    uint64_t begun;
    uint64_t earliest; /* of the next attempt */
} knowledge;

typedef struct observer {
    world device;
    knowledge known[WORLD_SERVERS + 1]; /* by Short Server ID; 0 the Bootstrap-Server */
    uint64_t seed;
    unsigned attempts;
    bool started;
} observer;

static void complain(const observer *watch, const char *what, uint16_t server)
{
    print_error("seed %llu, server %u: %s\n", (unsigned long long)watch->seed, server, what);
    fail();
}

static lwsec_retry_server with_defaults(lwsec_retry_server server)
{
    const uint32_t has = server.present;

    server.failure_block = (has & LWSEC_RETRY_HAS_FAILURE_BLOCK) != 0 && server.failure_block;
    server.bootstrap_on_failure =
        (has & LWSEC_RETRY_HAS_BOOTSTRAP) == 0 || server.bootstrap_on_failure;
    server.retry_count = (has & LWSEC_RETRY_HAS_COUNT) != 0 ? server.retry_count : 5;
    server.retry_timer = (has & LWSEC_RETRY_HAS_TIMER) != 0 ? server.retry_timer : 60;
    server.sequence_delay =
        (has & LWSEC_RETRY_HAS_SEQUENCE_DELAY) != 0 ? server.sequence_delay : 86400;
    return server;
}

/* ---- What must hold for each decision ---- */

static uint64_t back_off(const knowledge *known)
{
    return ((uint64_t)known->server.retry_timer * 1000U) << (known->failures - 1);
}

static void begins(observer *watch, const lwsec_retry_decision *decision)
{
    knowledge *known = &watch->known[decision->server];

    watch->attempts++;
    if (known->open || known->registered || known->stopped) {
        complain(watch, "an attempt where there should be none", decision->server);
    }
    if (watch->device.now < known->earliest) {
        complain(watch, "an attempt too early", decision->server);
    }
    for (unsigned i = 0; i <= WORLD_SERVERS; i++) {
        if (watch->known[i].open && (i == 0 || decision->server == 0)) {
            complain(watch, "an attempt beside one to bootstrap", decision->server);
        }
    }
    known->open = true;
    known->failures++;
    known->begun = watch->device.now;
}

/* A Server's attempt failed. Whether that is the end of a sequence is the engine's to say, but
 * never that it is not. */
static void fails(observer *watch, knowledge *known, lwsec_retry_action action, uint16_t server)
{
    const bool is_last = known->failures >= known->server.retry_count;
    uint64_t wait;

    known->open = false;
    known->registered = false;
    if (action == LWSEC_RETRY_AGAIN) {
        wait = back_off(known);
        if (is_last) {
            complain(watch, "more attempts than the retry count", server);
        }
    } else {
        wait = (uint64_t)known->server.sequence_delay * 1000U;
        known->failures = 0;
        known->stopped = known->server.sequence_delay == LWSEC_RETRY_NEVER;
        known->passed =
            known->passed || (action == LWSEC_RETRY_FAILED && !known->server.failure_block);
    }
    known->earliest = watch->device.now + wait;
}

static void bootstrap_fails(observer *watch)
{
    knowledge *known = &watch->known[0];
    const lwsec_retry_bootstrap_server *server = &watch->device.bootstrap;
    const uint64_t doubled =
        known->failures < 20 ? (uint64_t)server->retry_timer << (known->failures - 1) : UINT32_MAX;

    known->open = false;
    known->earliest = watch->device.now +
                      1000U * (doubled < server->longest_wait ? doubled : server->longest_wait);
}

static void bootstrapped(observer *watch)
{
    const uint64_t now = watch->device.now;

    watch->known[0].open = false;
    /* If it is wanted again at once, it is not sooner than if it had failed. */
    watch->known[0].earliest = watch->known[0].begun + 1000U * watch->device.bootstrap.retry_timer;
    for (unsigned i = 1; i <= WORLD_SERVERS; i++) {
        const lwsec_retry_server server = watch->known[i].server;
        watch->known[i] = (knowledge){.server = server, .earliest = now};
    }
    watch->started = false;
}

static void loses(observer *watch, knowledge *known)
{
    const uint64_t spaced = known->begun + (uint64_t)known->server.retry_timer * 1000U;

    known->registered = false;
    known->failures = 0;
    known->earliest = spaced > watch->device.now ? spaced : watch->device.now;
}

static void registers(observer *watch, knowledge *known)
{
    known->open = false;
    known->registered = true;
    known->passed = true;
    known->failures = 0;
    known->earliest = watch->device.now;
    watch->known[0].failures = 0; /* it may be so: when it is, depends on who wanted it */
    watch->known[0].earliest =
        watch->known[0].begun > 0
            ? watch->known[0].begun + 1000U * watch->device.bootstrap.retry_timer
            : 0;
}

static void observe(observer *watch, const lwsec_retry_decision *decision)
{
    knowledge *known = &watch->known[decision->server];

    switch (decision->action) {
    case LWSEC_RETRY_CONNECT:
    case LWSEC_RETRY_BOOTSTRAP: begins(watch, decision); break;
    case LWSEC_RETRY_REGISTERED: registers(watch, known); break;
    case LWSEC_RETRY_BOOTSTRAPPED: bootstrapped(watch); break;
    case LWSEC_RETRY_AGAIN:
    case LWSEC_RETRY_NEXT_SEQUENCE:
    case LWSEC_RETRY_FAILED:
        if (decision->server == 0) {
            bootstrap_fails(watch);
        } else if (known->registered && decision->action == LWSEC_RETRY_AGAIN) {
            loses(watch, known);
        } else {
            fails(watch, known, decision->action, decision->server);
        }
        break;
    default: break;
    }
}

/* ---- What must hold at rest ---- */

/* Whether a Server rests for a reason: it is registered, has stopped, or stands behind one. */
static bool may_rest(const observer *watch, unsigned id)
{
    const knowledge *known = &watch->known[id];

    if (known->registered || known->stopped) {
        return true;
    }
    if ((known->server.present & LWSEC_RETRY_HAS_PRIORITY) == 0) {
        return false;
    }
    for (unsigned i = 1; i <= watch->device.config.count; i++) {
        const knowledge *other = &watch->known[i];
        if ((other->server.present & LWSEC_RETRY_HAS_PRIORITY) != 0 &&
            other->server.priority <= known->server.priority && i != id && !other->passed) {
            return true;
        }
    }
    return false;
}

static void settle(observer *watch)
{
    const lwsec_retry_time now = world_time(&watch->device);
    lwsec_retry_decision decision;
    unsigned decisions = 0;

    do {
        assert_status(lwsec_retry_next(watch->device.retry, &now, &decision, NULL), LWSEC_OK);
        observe(watch, &decision);
        if (decisions++ > 100) {
            complain(watch, "decisions without end", decision.server);
        }
    } while (decision.action != LWSEC_RETRY_NOTHING);

    const uint64_t deadline = lwsec_retry_deadline(watch->device.retry);
    if (deadline <= now.monotonic) {
        complain(watch, "a deadline that is over", 0);
    }
    for (unsigned i = 1; i <= watch->device.config.count && watch->started; i++) {
        if (deadline == LWSEC_RETRY_NO_DEADLINE && !may_rest(watch, i)) {
            complain(watch, "stopped for ever", (uint16_t)i);
        }
    }
}

/* ---- What happens ---- */

static void start(observer *watch)
{
    const lwsec_retry_time now = world_time(&watch->device);

    lwsec_retry_start(watch->device.retry, &now);
    watch->started = true;
}

static void pass_time(observer *watch)
{
    world *device = &watch->device;
    const uint64_t deadline = lwsec_retry_deadline(device->retry);
    const uint64_t now = device->now - device->base;
    const uint32_t choice = world_random(device, 4);

    if (deadline == LWSEC_RETRY_NO_DEADLINE || choice == 0) {
        device->now += world_random(device, 100000);
    } else if (choice == 1) {
        device->now += world_random(
            device, (uint32_t)(deadline - now < 86400000U ? deadline - now : 86400000U) + 1);
    } else {
        device->now += deadline - now + (choice == 2 ? 0 : world_random(device, 3000));
    }
}

static void report(observer *watch)
{
    static const uint8_t codes[] = {0x80, 0x83, 0x9d, 0xa3};
    static const uint8_t alerts[] = {0, 20, 40, 42, 48, 112, 115, 200};
    world *device = &watch->device;
    const uint16_t server = (uint16_t)world_random(device, (uint32_t)device->config.count + 1);
    const lwsec_retry_time now = world_time(device);
    lwsec_retry_outcome what = {.size = sizeof what};
    lwsec_retry_decision decision;

    what.event = (lwsec_retry_event)(1 + world_random(device, 7));
    if (what.event == LWSEC_RETRY_SUCCESS && world_random(device, 3) > 0) {
        what.event = LWSEC_RETRY_ALERT; /* most attempts fail */
    }
    what.code = codes[world_random(device, 4)];
    what.alert.number = alerts[world_random(device, 8)];
    what.alert.sent = world_random(device, 4) == 0;
    what.alert.authenticated = world_random(device, 4) == 0;
    const lwsec_status status = lwsec_retry_report(device->retry, &now, server, &what, &decision);
    if (server == 0 && device->config.bootstrap == NULL) {
        assert_status(status, LWSEC_ABSENT);
        return;
    }
    assert_status(status, LWSEC_OK);
    if (decision.has_alert != (decision.action != LWSEC_RETRY_IGNORED && server != 0 &&
                               what.event == LWSEC_RETRY_ALERT && !what.alert.sent)) {
        complain(watch, "an alert code that should not, or should be written", server);
    }
    observe(watch, &decision);
    if (decision.action == LWSEC_RETRY_BOOTSTRAPPED) {
        settle(watch); /* stores it */
        start(watch);
    }
}

/* The engine begins again with what it stored; the test knows what that must lead to at least. */
static void reset(observer *watch, bool damage)
{
    world *device = &watch->device;

    world_reset(device, world_random(device, 200000), damage);
    const bool refused = lwsec_retry_get_origin(device->retry) == LWSEC_RETRY_REFUSED;
    assert_true(!refused || damage);
    for (uint16_t i = 0; i <= device->config.count; i++) {
        knowledge *known = &watch->known[i];
        if (i == 0 && known->open) {
            bootstrap_fails(watch);
        } else if (known->open) {
            fails(watch, known,
                  known->failures < known->server.retry_count ? LWSEC_RETRY_AGAIN
                                                              : LWSEC_RETRY_FAILED,
                  i);
            known->passed = false; /* only if it was not its last sequence; a bound is enough */
        } else if (known->registered) {
            known->registered = false;
            known->passed = false;
        }
        if (known->stopped) { /* it begins again */
            known->stopped = false;
            known->earliest = device->now + 1000U * (uint64_t)known->server.retry_timer;
        }
        if (known->failures > 0 && refused) {
            known->failures = 0;
        }
    }
    start(watch);
}

static void step(observer *watch)
{
    world *device = &watch->device;
    const lwsec_retry_time now = world_time(device);

    switch (world_random(device, 16)) {
    case 0: reset(watch, false); break;
    case 1: reset(watch, world_random(device, 4) == 0); break;
    case 2: device->trust = (lwsec_retry_trust)world_random(device, 3); break;
    case 3: device->lie = world_random(device, 1000000); break;
    case 4:
        assert_status(lwsec_retry_bootstrap(device->retry, &now),
                      device->config.bootstrap != NULL ? LWSEC_OK : LWSEC_ABSENT);
        break;
    case 5: /* the monotonic clock goes back */
        device->base += world_random(device, (uint32_t)(device->now - device->base) / 2 + 1);
        break;
    case 6:
    case 7:
    case 8:
    case 9:
    case 10: report(watch); break;
    default: pass_time(watch); break;
    }
    settle(watch);
}

/* From here on nothing is reported: if it may not rest, it goes on by itself. */
static void goes_on(observer *watch)
{
    world *device = &watch->device;
    const unsigned before = watch->attempts;

    for (unsigned i = 0; i < 2000 && watch->attempts == before; i++) {
        const uint64_t deadline = lwsec_retry_deadline(device->retry);
        if (deadline == LWSEC_RETRY_NO_DEADLINE) {
            return; /* `settle` has looked whether it may */
        }
        device->now = device->base + deadline;
        settle(watch);
    }
    if (watch->attempts == before) {
        complain(watch, "deadlines, but never an attempt", 0);
    }
}

static void run_case(uint64_t seed)
{
    static observer watch;

    watch = (observer){.seed = seed};
    world_open(&watch.device, seed);
    for (size_t i = 0; i < watch.device.config.count; i++) {
        watch.known[i + 1].server = with_defaults(watch.device.servers[i]);
    }
    start(&watch);
    settle(&watch);
    for (unsigned i = 0; i < STEPS; i++) {
        step(&watch);
    }
    goes_on(&watch);
    world_close(&watch.device);
}

static void no_events_stop_it_or_hurry_it(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= CASES; seed++) {
        run_case(seed);
    }
    LWSEC_COVERS("R-5.2.10-07");
    LWSEC_COVERS("R-5.2.10-09");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_events_stop_it_or_hurry_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
