/* What follows from a failed attempt: sequences and their waits. Core 6.2.1. */
#include "certpolicy/retry.h"

#define LONGEST_BACK_OFF ((uint64_t)UINT32_MAX * 1000U)
#define DAY 86400000U

/* R-5.2.10-09: exponential back-off. */
uint64_t lwsec_retry_back_off(uint64_t timer, uint32_t n, uint64_t longest)
{
    uint64_t wait = timer;

    for (uint32_t i = 1; i < n && wait < longest; i++) {
        wait = 2 * wait;
    }
    return wait < longest ? wait : longest;
}

uint64_t lwsec_retry_wait_after(const lwsec_retry_server *server, uint32_t n)
{
    return lwsec_retry_back_off(lwsec_retry_seconds(server->retry_timer), n, LONGEST_BACK_OFF);
}

uint64_t lwsec_retry_longest(const lwsec_retry_server *server)
{
    const uint32_t last = server->retry_count > 1 ? server->retry_count - 1 : 1;
    const uint64_t back_off =
        lwsec_retry_back_off(lwsec_retry_seconds(server->retry_timer), last, DAY);
    const uint64_t delay = server->sequence_delay == LWSEC_RETRY_NEVER
                               ? 0
                               : lwsec_retry_seconds(server->sequence_delay);

    return back_off > delay ? back_off : delay;
}

void lwsec_retry_describe(const lwsec_retry *retry, const lwsec_retry_peer *peer,
                          lwsec_retry_action action, lwsec_retry_decision *decision)
{
    const bool bootstrapping = peer == &retry->bootstrap;
    const lwsec_retry_decision described = {
        .action = action,
        .server = bootstrapping ? LWSEC_RETRY_BOOTSTRAP_ID : peer->server.id,
        .attempt = peer->attempt,
        .attempts = bootstrapping ? 0 : peer->server.retry_count,
        .sequence = bootstrapping ? 0 : peer->sequence,
        .sequences = bootstrapping ? 0 : peer->server.sequence_retry_count,
    };

    *decision = described;
}

static void wait_until(lwsec_retry_peer *peer, uint64_t deadline)
{
    peer->phase = LWSEC_RETRY_WAITING;
    peer->deadline = deadline;
}

void lwsec_retry_begin_round(lwsec_retry_peer *peer, uint64_t deadline)
{
    peer->attempt = 0;
    peer->sequence = 1;
    peer->same = 0;
    wait_until(peer, deadline);
}

/* R-5.2.10-08: beyond the limit of attempts it falls back to bootstrapping, where that is allowed;
 * and it goes on as the other resources say. */
static void fail_registration(lwsec_retry *retry, lwsec_retry_peer *peer,
                              lwsec_retry_decision *decision)
{
    const lwsec_retry_server *server = &peer->server;

    lwsec_retry_describe(retry, peer, LWSEC_RETRY_FAILED, decision);
    if (server->bootstrap_on_failure && retry->has_bootstrap) {
        peer->flags |= LWSEC_RETRY_WANTS | LWSEC_RETRY_ASKED;
    }
    if (!server->failure_block) {
        peer->flags |= LWSEC_RETRY_PASSED;
    }
    if (server->sequence_delay == LWSEC_RETRY_NEVER) {
        peer->phase = LWSEC_RETRY_STOPPED;
        decision->wait = LWSEC_RETRY_NO_DEADLINE;
        return;
    }
    decision->wait = lwsec_retry_seconds(server->sequence_delay);
    lwsec_retry_begin_round(peer, lwsec_retry_after(retry->last.monotonic, decision->wait));
}

/* R-5.2.10-07: the resources of the Server object say what comes next. */
void lwsec_retry_failed_attempt(lwsec_retry *retry, lwsec_retry_peer *peer, bool ends,
                                lwsec_retry_decision *decision)
{
    const lwsec_retry_server *server = &peer->server;
    const uint64_t now = retry->last.monotonic;

    if (!ends && peer->attempt < server->retry_count) {
        lwsec_retry_describe(retry, peer, LWSEC_RETRY_AGAIN, decision);
        decision->wait = lwsec_retry_wait_after(server, peer->attempt);
        wait_until(peer, lwsec_retry_after(now, decision->wait));
        return;
    }
    if (!ends && peer->sequence < server->sequence_retry_count &&
        server->sequence_delay != LWSEC_RETRY_NEVER) {
        lwsec_retry_describe(retry, peer, LWSEC_RETRY_NEXT_SEQUENCE, decision);
        decision->wait = lwsec_retry_seconds(server->sequence_delay);
        peer->sequence++;
        peer->attempt = 0;
        wait_until(peer, lwsec_retry_after(now, decision->wait));
        return;
    }
    fail_registration(retry, peer, decision);
}
