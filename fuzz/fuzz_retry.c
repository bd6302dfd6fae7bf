/* Scripts of the retry engine, and, behind an r, its record with a checksum that holds: it neither
 * stops for ever nor runs in circles. */
#include <lwsec/state_memory.h>

#include "cli/retry_script.h"
#include "core/siphash.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 2048
#define RECORD_ROOM 1024
/* A longer one than the library writes stays as it is. */
#define BODY_MAX 500
#define DAY 86400000U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* ---- Scripts ---- */

typedef struct watch {
    uint64_t seconds;
    uint64_t earliest; /* of the next attempt with Server 1 */
} watch;

static void look(void *argument, const retry_line *line)
{
    watch *seen = argument;
    const lwsec_retry_decision *decision = &line->decision;
    char text[RETRY_TEXT_MAX];

    require(line->seconds >= seen->seconds);
    seen->seconds = line->seconds;
    retry_line_text(line, text);
    require(strlen(text) < RETRY_TEXT_MAX - 1);
    if (decision->server != 1) {
        if (decision->action == LWSEC_RETRY_BOOTSTRAPPED) {
            seen->earliest = 0;
        }
        return;
    }
    require(decision->action != LWSEC_RETRY_CONNECT || line->seconds >= seen->earliest);
    if (decision->wait != 0) {
        require(decision->wait != LWSEC_RETRY_NO_DEADLINE); /* not with default resources */
        seen->earliest = line->seconds + decision->wait / 1000U;
    }
}

static void run_script(const uint8_t *data, size_t size)
{
    static char text[TEXT_MAX + 1];
    lwsec_retry_accounts accounts = {.count = 1, .has_bootstrap = true};
    watch seen = {0, 0};
    unsigned line;

    accounts.servers[0] = (lwsec_retry_server){.size = sizeof accounts.servers[0], .id = 1};
    accounts.bootstrap.size = sizeof accounts.bootstrap;
    if (size > TEXT_MAX) {
        return;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    const char *wrong = retry_script_run(text, &accounts, look, &seen, &line);
    require(wrong == NULL || strcmp(wrong, "the engine runs in circles") != 0);
}

/* ---- Records ---- */

typedef struct device {
    lwsec_state *state;
    lwsec_retry_server servers[3];
    lwsec_retry_bootstrap_server bootstrap;
    lwsec_retry_config config;
    lwsec_retry *retry;
    lwsec_retry_time now;
    uint64_t memory[LWSEC_RETRY_SIZE(3) / 8];
    uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(1, RECORD_ROOM) / 8];
} device;

static void settle(device *unit)
{
    lwsec_retry_decision decision;
    unsigned decisions = 0;

    do {
        require(lwsec_retry_next(unit->retry, &unit->now, &decision, NULL) == LWSEC_OK);
        require(decisions++ < 100);
    } while (decision.action != LWSEC_RETRY_NOTHING);
}

static void boot(device *unit)
{
    unit->config = (lwsec_retry_config){.size = sizeof unit->config,
                                        .servers = unit->servers,
                                        .count = 3,
                                        .bootstrap = &unit->bootstrap,
                                        .state = unit->state};
    require(lwsec_retry_init(unit->memory, sizeof unit->memory, &unit->config, &unit->now,
                             &unit->retry, NULL) == LWSEC_OK);
    lwsec_retry_start(unit->retry, &unit->now);
}

static void store(device *unit, const uint8_t *data, size_t size)
{
    static const lwsec_siphash_key key = {{0x6c77736563207265U, 0x747279207265636fU}};
    const lwsec_record record = {LWSEC_RECORD_RETRY, {0}};
    uint64_t version = 0;
    uint8_t value[RECORD_ROOM];

    memcpy(value, data, size);
    const uint64_t check = lwsec_siphash(&key, lwsec_bytes_of(value, size));
    for (unsigned i = 0; i < 8; i++) {
        value[size + i] = (uint8_t)(check >> (8 * (7 - i)));
    }
    require(lwsec_state_store_if(unit->state, &record, lwsec_bytes_of(value, size + 8), &version,
                                 NULL) == LWSEC_OK);
}

/* Whatever it says, within two days somebody is tried, and what is stored then is read again. */
static void run_record(const uint8_t *data, size_t size)
{
    static device unit;

    if (size > BODY_MAX) {
        return;
    }
    unit = (device){.now = {1000, 1700000000, LWSEC_RETRY_CLOCK_TRUSTED}};
    for (size_t i = 0; i < 3; i++) {
        unit.servers[i] = (lwsec_retry_server){.size = sizeof unit.servers[i],
                                               .id = (uint16_t)(i + 1),
                                               .present = i < 2 ? LWSEC_RETRY_HAS_PRIORITY : 0,
                                               .priority = (uint32_t)i};
    }
    unit.bootstrap.size = sizeof unit.bootstrap;
    require(lwsec_state_memory_open(unit.state_memory, sizeof unit.state_memory, 1, RECORD_ROOM,
                                    &unit.state) == LWSEC_OK);
    store(&unit, data, size);
    boot(&unit);
    require(lwsec_retry_get_origin(unit.retry) != LWSEC_RETRY_FRESH);
    for (unsigned i = 0; i < 50; i++) {
        settle(&unit);
        const uint64_t deadline = lwsec_retry_deadline(unit.retry);
        require(deadline > unit.now.monotonic && deadline <= unit.now.monotonic + DAY);
        unit.now.monotonic = deadline;
    }
    lwsec_retry_close(&unit.retry);
    boot(&unit);
    require(lwsec_retry_get_origin(unit.retry) == LWSEC_RETRY_RESTORED);
    lwsec_retry_close(&unit.retry);
    lwsec_state_memory_close(&unit.state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    if (data[0] == 'r') {
        run_record(&data[1], size - 1);
    } else {
        run_script(data, size);
    }
    return 0;
}
