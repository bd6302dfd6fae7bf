/* Scripts of events, run through the retry engine with virtual time. */
#include "retry_script.h"

#include "retry_words.h"

#include <lwsec/state_memory.h>

#include <string.h>

#define SECONDS_MAX 1000000000U
#define WALL_AT_START 1700000000U
#define RECORD_ROOM 1024
/* More decisions than this at one time would be an engine that runs in circles. */
#define DECISIONS_MAX 1000

static const char unknown_event[] = "there is no such event";

typedef struct runner {
    const lwsec_retry_accounts *accounts;
    retry_emit emit;
    void *argument;
    lwsec_retry *retry;
    lwsec_state *state;
    lwsec_retry_trust trust;
    uint64_t now;                               /* seconds of the script */
    uint64_t boot;                              /* when the device started last */
    uint16_t open[LWSEC_RETRY_SERVERS_MAX + 1]; /* attempts that are going on */
    size_t open_count;
    uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(1, RECORD_ROOM) / 8];
    uint64_t memory[LWSEC_RETRY_SIZE(LWSEC_RETRY_SERVERS_MAX) / 8];
} runner;

/* ---- The engine ---- */

static lwsec_retry_time time_of(const runner *run)
{
    const lwsec_retry_time now = {(run->now - run->boot) * 1000U, WALL_AT_START + run->now,
                                  run->trust};

    return now;
}

static void close_attempt(runner *run, uint16_t server)
{
    for (size_t i = 0; i < run->open_count; i++) {
        if (run->open[i] == server) {
            run->open[i] = run->open[--run->open_count];
            return;
        }
    }
}

static void tell(runner *run, const lwsec_retry_decision *decision)
{
    const retry_line line = {run->now, *decision};

    if (decision->action == LWSEC_RETRY_CONNECT || decision->action == LWSEC_RETRY_BOOTSTRAP) {
        run->open[run->open_count++] = decision->server;
    } else if (decision->action != LWSEC_RETRY_IGNORED) {
        close_attempt(run, decision->server);
    }
    run->emit(run->argument, &line);
}

/* All that is to be done at this time. */
static const char *settle(runner *run)
{
    const lwsec_retry_time now = time_of(run);

    for (unsigned i = 0; i < DECISIONS_MAX; i++) {
        lwsec_retry_decision decision;
        if (lwsec_retry_next(run->retry, &now, &decision, NULL) != LWSEC_OK) {
            return "the engine failed";
        }
        if (decision.action == LWSEC_RETRY_NOTHING) {
            return NULL;
        }
        tell(run, &decision);
    }
    return "the engine runs in circles";
}

static const char *run_until(runner *run, uint64_t seconds)
{
    const char *wrong = NULL;

    while (wrong == NULL) {
        const uint64_t deadline = lwsec_retry_deadline(run->retry) / 1000U;
        if (deadline > SECONDS_MAX || run->boot + deadline > seconds) {
            break;
        }
        run->now = run->boot + deadline;
        wrong = settle(run);
    }
    run->now = seconds;
    return wrong;
}

static const char *make_engine(runner *run)
{
    lwsec_retry_config config = {.size = sizeof config,
                                 .servers = run->accounts->servers,
                                 .count = run->accounts->count,
                                 .state = run->state};
    const lwsec_retry_time now = time_of(run);

    if (run->accounts->has_bootstrap) {
        config.bootstrap = &run->accounts->bootstrap;
    }
    run->open_count = 0;
    return lwsec_retry_init(run->memory, sizeof run->memory, &config, &now, &run->retry, NULL) ==
                   LWSEC_OK
               ? NULL
               : "nobody to register with, or two Servers of one ID; see account check";
}

static const char *reset(runner *run)
{
    lwsec_retry_close(&run->retry);
    run->boot = run->now;
    return make_engine(run);
}

/* ---- Events ---- */

static const char *read_alert(const retry_words *line, lwsec_retry_outcome *report)
{
    uint64_t number;

    if (line->count < 4 || line->count > 5 ||
        !retry_words_number(line->items[3], UINT8_MAX, &number)) {
        return "an alert has a number up to 255";
    }
    report->event = LWSEC_RETRY_ALERT;
    report->alert.number = (uint8_t)number;
    report->alert.sent = retry_words_is(line, 4, "sent");
    report->alert.authenticated = retry_words_is(line, 4, "authenticated");
    return line->count == 4 || report->alert.sent || report->alert.authenticated
               ? NULL
               : "an alert is sent or authenticated, or nothing is said of it";
}

static const char *read_response(const retry_words *line, lwsec_retry_outcome *report)
{
    const char *code = line->count == 4 ? line->items[3] : "";
    uint64_t detail;

    if ((code[0] != '4' && code[0] != '5') || code[1] != '.' || strlen(code) != 4 ||
        !retry_words_number(&code[2], 31, &detail)) {
        return "a response has a code from 4.00 to 5.31";
    }
    report->event = LWSEC_RETRY_RESPONSE;
    report->code = (uint8_t)((unsigned)(code[0] - '0') << 5 | (unsigned)detail);
    return NULL;
}

static const char *read_report(const retry_words *line, lwsec_retry_outcome *report)
{
    if (retry_words_is(line, 2, "alert")) {
        return read_alert(line, report);
    }
    if (retry_words_is(line, 2, "response")) {
        return read_response(line, report);
    }
    if (retry_words_is(line, 2, "registered") || retry_words_is(line, 2, "bootstrapped")) {
        report->event = LWSEC_RETRY_SUCCESS;
    } else if (retry_words_is(line, 2, "timeout")) {
        report->event = LWSEC_RETRY_TIMEOUT;
    } else if (retry_words_is(line, 2, "lost")) {
        report->event = LWSEC_RETRY_LOST;
    } else if (retry_words_is(line, 2, "renewed")) {
        report->event = LWSEC_RETRY_RENEWED;
    } else if (retry_words_is(line, 2, "moved")) {
        report->event = LWSEC_RETRY_MOVED;
    } else {
        return unknown_event;
    }
    return line->count == 3 ? NULL : unknown_event;
}

/* Of a registration that stands, not of an attempt. */
static bool is_of_registration(lwsec_retry_event event)
{
    return event == LWSEC_RETRY_LOST || event == LWSEC_RETRY_RENEWED || event == LWSEC_RETRY_MOVED;
}

/* Whose event it is. */
static const char *choose(const runner *run, const retry_words *line, lwsec_retry_event event,
                          const uint64_t *given, uint16_t *server)
{
    if (given != NULL) {
        *server = (uint16_t)*given;
    } else if (retry_words_is(line, 2, "bootstrapped")) {
        *server = LWSEC_RETRY_BOOTSTRAP_ID;
    } else if (run->open_count == 1 && !is_of_registration(event)) {
        *server = run->open[0];
    } else if (run->accounts->count == 1) {
        *server = run->accounts->servers[0].id;
    } else {
        return "server=SSID is needed here";
    }
    return NULL;
}

static const char *report(runner *run, const retry_words *line, const uint64_t *given)
{
    lwsec_retry_outcome what = {.size = sizeof what};
    const lwsec_retry_time now = time_of(run);
    lwsec_retry_decision decision;
    uint16_t server = 0;

    const char *wrong = read_report(line, &what);
    if (wrong == NULL) {
        wrong = choose(run, line, what.event, given, &server);
    }
    if (wrong != NULL) {
        return wrong;
    }
    if (lwsec_retry_report(run->retry, &now, server, &what, &decision) != LWSEC_OK) {
        return "there is no such server";
    }
    tell(run, &decision);
    if (decision.action == LWSEC_RETRY_BOOTSTRAPPED) {
        lwsec_retry_start(run->retry, &now); /* with the accounts that it has */
    }
    return NULL;
}

static const char *set_clock(runner *run, const retry_words *line)
{
    static const char *const names[] = {"unset", "doubted", "trusted"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (retry_words_is(line, 3, names[i]) && line->count == 4) {
            run->trust = (lwsec_retry_trust)i;
            return NULL;
        }
    }
    return "a clock is trusted, doubted or unset";
}

static const char *act(runner *run, const retry_words *line, const uint64_t *given)
{
    const lwsec_retry_time now = time_of(run);
    const bool alone = line->count == 3 && given == NULL;

    if (alone && retry_words_is(line, 2, "start")) {
        lwsec_retry_start(run->retry, &now);
        return NULL;
    }
    if (alone && retry_words_is(line, 2, "bootstrap")) {
        return lwsec_retry_bootstrap(run->retry, &now) == LWSEC_OK ? NULL
                                                                   : "there is no such server";
    }
    if (alone && retry_words_is(line, 2, "reset")) {
        return reset(run);
    }
    if (given == NULL && retry_words_is(line, 2, "clock")) {
        return set_clock(run, line);
    }
    return report(run, line, given);
}

/* ---- Lines ---- */

/* Takes `server=SSID` off the end. */
static const char *take_server(retry_words *line, uint64_t *number, const uint64_t **given)
{
    static const char name[] = "server=";
    const char *last = line->items[line->count - 1];

    *given = NULL;
    if (strncmp(last, name, sizeof name - 1) != 0) {
        return NULL;
    }
    if (!retry_words_number(&last[sizeof name - 1], UINT16_MAX, number)) {
        return "a server has a number up to 65535";
    }
    *given = number;
    line->count--;
    return NULL;
}

/* Runs the clock up to the event, and then what follows from it. */
static const char *run_line(runner *run, retry_words *line, bool *ended)
{
    const uint64_t *given;
    uint64_t seconds;
    uint64_t server;

    const char *wrong = take_server(line, &server, &given);
    if (wrong != NULL) {
        return wrong;
    }
    if (line->count < 3 || !retry_words_is(line, 0, "at") ||
        !retry_words_number(line->items[1], SECONDS_MAX, &seconds)) {
        return "is not: at SECONDS EVENT";
    }
    if (seconds < run->now) {
        return "earlier than the event before";
    }
    wrong = run_until(run, seconds);
    *ended = retry_words_is(line, 2, "end");
    if (wrong == NULL && !*ended) {
        wrong = act(run, line, given);
        wrong = wrong == NULL ? settle(run) : wrong;
    }
    return wrong;
}

static const char *run_lines(runner *run, const char *text, unsigned *number)
{
    bool ended = false;

    while (*text != '\0') {
        const size_t size = strcspn(text, "\n");
        retry_words line;

        ++*number;
        if (!retry_words_split(text, size, &line)) {
            return "the line is too long";
        }
        if (line.count > 0) {
            const char *wrong = ended ? "an event after the end" : run_line(run, &line, &ended);
            if (wrong != NULL) {
                return wrong;
            }
        }
        text += size + (text[size] == '\n' ? 1 : 0);
    }
    return NULL;
}

const char *retry_script_run(const char *text, const lwsec_retry_accounts *accounts,
                             retry_emit emit, void *argument, unsigned *number)
{
    runner run = {.accounts = accounts,
                  .emit = emit,
                  .argument = argument,
                  .trust = LWSEC_RETRY_CLOCK_TRUSTED};

    *number = 0;
    if (lwsec_state_memory_open(run.state_memory, sizeof run.state_memory, 1, RECORD_ROOM,
                                &run.state) != LWSEC_OK) {
        return "out of memory";
    }
    const char *wrong = make_engine(&run);
    if (wrong == NULL) {
        wrong = run_lines(&run, text, number);
    }
    lwsec_retry_close(&run.retry);
    lwsec_state_memory_close(&run.state);
    return wrong;
}
