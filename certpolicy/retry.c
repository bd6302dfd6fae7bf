/* The retry engine: how it is made, its time, its start. */
#include "certpolicy/retry.h"

#include "core/reason.h"

#include <string.h>

#define DEFAULT_COUNT 5U
#define DEFAULT_TIMER 60U
#define DEFAULT_SEQUENCE_DELAY 86400U
#define DEFAULT_SEQUENCE_COUNT 1U
#define DEFAULT_SAME_ALERT 3U
#define DEFAULT_ATTEMPT_LIMIT 600U
#define SERVER_ID_MAX 65534U

_Static_assert(sizeof(lwsec_retry) <= 256 + 128, "LWSEC_RETRY_SIZE");
_Static_assert(sizeof(lwsec_retry_peer) <= 128, "LWSEC_RETRY_SIZE");

size_t lwsec_retry_size(size_t servers)
{
    return servers > LWSEC_RETRY_SERVERS_MAX
               ? 0
               : sizeof(lwsec_retry) + servers * sizeof(lwsec_retry_peer);
}

/* ---- The configuration ---- */

static uint32_t number_or(const lwsec_retry_server *server, uint32_t has, uint32_t value,
                          uint32_t absent)
{
    if ((server->present & has) == 0) {
        return absent;
    }
    return value;
}

static uint32_t at_least_one(uint32_t value)
{
    return value > 0 ? value : 1;
}

/* R-5.2.10-07, R-5.2.10-10: the resources of the Server object, or their defaults. A value of zero
 * that would make it try without end is one. */
static lwsec_retry_server settled(const lwsec_retry_server *given)
{
    lwsec_retry_server server = *given;

    server.initial_delay = number_or(given, LWSEC_RETRY_HAS_INITIAL_DELAY, given->initial_delay, 0);
    server.failure_block =
        (given->present & LWSEC_RETRY_HAS_FAILURE_BLOCK) != 0 && given->failure_block;
    server.bootstrap_on_failure =
        (given->present & LWSEC_RETRY_HAS_BOOTSTRAP) == 0 || given->bootstrap_on_failure;
    server.retry_count =
        at_least_one(number_or(given, LWSEC_RETRY_HAS_COUNT, given->retry_count, DEFAULT_COUNT));
    server.retry_timer =
        at_least_one(number_or(given, LWSEC_RETRY_HAS_TIMER, given->retry_timer, DEFAULT_TIMER));
    server.sequence_delay = at_least_one(number_or(given, LWSEC_RETRY_HAS_SEQUENCE_DELAY,
                                                   given->sequence_delay, DEFAULT_SEQUENCE_DELAY));
    server.sequence_retry_count =
        at_least_one(number_or(given, LWSEC_RETRY_HAS_SEQUENCE_COUNT, given->sequence_retry_count,
                               DEFAULT_SEQUENCE_COUNT));
    return server;
}

static bool has_earlier(const lwsec_retry_config *config, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (config->servers[i].id == config->servers[index].id) {
            return true;
        }
    }
    return false;
}

static bool servers_fit(const lwsec_retry_config *config)
{
    for (size_t i = 0; i < config->count; i++) {
        const lwsec_retry_server *server = &config->servers[i];
        if (server->size != sizeof *server || server->id == LWSEC_RETRY_BOOTSTRAP_ID ||
            server->id > SERVER_ID_MAX || has_earlier(config, i)) {
            return false;
        }
    }
    return true;
}

static bool fits(const lwsec_retry_config *config)
{
    if (config->size != sizeof *config || config->count > LWSEC_RETRY_SERVERS_MAX ||
        (config->count > 0 && config->servers == NULL)) {
        return false;
    }
    if (config->bootstrap == NULL ? config->count == 0
                                  : config->bootstrap->size != sizeof *config->bootstrap) {
        return false;
    }
    return servers_fit(config);
}

static uint32_t value_or(uint32_t value, uint32_t absent)
{
    return value > 0 ? value : absent;
}

static void take_config(lwsec_retry *retry, const lwsec_retry_config *config)
{
    retry->has_bootstrap = config->bootstrap != NULL;
    if (config->bootstrap != NULL) {
        lwsec_retry_bootstrap_server *server = &retry->bootstrap_server;
        *server = *config->bootstrap;
        server->retry_timer = value_or(server->retry_timer, DEFAULT_TIMER);
        server->longest_wait = value_or(server->longest_wait, DEFAULT_SEQUENCE_DELAY);
    }
    retry->bootstrap.sequence = 1;
    retry->same_alert = value_or(config->same_alert, DEFAULT_SAME_ALERT);
    retry->attempt_limit =
        lwsec_retry_seconds(value_or(config->attempt_limit, DEFAULT_ATTEMPT_LIMIT));
    retry->state = config->state;
    retry->record.kind = LWSEC_RECORD_RETRY;
    memcpy(retry->record.identity, config->identity, sizeof retry->record.identity);
    retry->count = config->count;
    for (size_t i = 0; i < config->count; i++) {
        retry->peers[i].server = settled(&config->servers[i]);
        retry->peers[i].sequence = 1;
    }
    lwsec_retry_sort(retry);
}

lwsec_status lwsec_retry_init(void *memory, size_t size, const lwsec_retry_config *config,
                              const lwsec_retry_time *now, lwsec_retry **retry,
                              lwsec_reason *reason)
{
    if (memory == NULL || config == NULL || now == NULL || retry == NULL) {
        return LWSEC_USAGE;
    }
    *retry = NULL;
    if (!fits(config) || (uintptr_t)memory % sizeof(uint64_t) != 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (size < lwsec_retry_size(config->count)) {
        return LWSEC_BUFFER;
    }
    lwsec_retry *made = memory;
    memset(made, 0, lwsec_retry_size(config->count));
    take_config(made, config);
    made->last = *now;
    made->stored = *now;
    const lwsec_status status = lwsec_retry_restore(made, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    *retry = made;
    return lwsec_accept(reason);
}

void lwsec_retry_close(lwsec_retry **retry)
{
    if (retry != NULL && *retry != NULL) {
        lwsec_wipe(*retry, lwsec_retry_size((*retry)->count));
        *retry = NULL;
    }
}

lwsec_retry_origin lwsec_retry_get_origin(const lwsec_retry *retry)
{
    return retry->origin;
}

/* ---- Time ---- */

static uint64_t moved_back(uint64_t time, uint64_t by)
{
    return time > by ? time - by : 0;
}

static void move_back(lwsec_retry_peer *peer, uint64_t by)
{
    peer->deadline = moved_back(peer->deadline, by);
    peer->begun = moved_back(peer->begun, by);
}

void lwsec_retry_take_time(lwsec_retry *retry, const lwsec_retry_time *now)
{
    if (now->monotonic < retry->last.monotonic) {
        const uint64_t by = retry->last.monotonic - now->monotonic;
        move_back(&retry->bootstrap, by);
        for (size_t i = 0; i < retry->count; i++) {
            move_back(&retry->peers[i], by);
        }
        move_back(&retry->before, by);
        retry->stored.monotonic = moved_back(retry->stored.monotonic, by);
    }
    retry->last = *now;
}

/* ---- Start ---- */

void lwsec_retry_start(lwsec_retry *retry, const lwsec_retry_time *now)
{
    lwsec_retry_take_time(retry, now);
    if (retry->started) {
        return;
    }
    retry->started = true;
    retry->wanted = retry->wanted || retry->count == 0;
    retry->dirty = true;
}

lwsec_status lwsec_retry_bootstrap(lwsec_retry *retry, const lwsec_retry_time *now)
{
    lwsec_retry_take_time(retry, now);
    if (!retry->has_bootstrap) {
        return LWSEC_ABSENT;
    }
    retry->wanted = true;
    retry->dirty = true;
    return LWSEC_OK;
}
