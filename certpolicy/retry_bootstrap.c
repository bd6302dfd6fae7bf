/* Attempts to bootstrap: wanted by Servers that failed, waited for, never given up. */
#include "certpolicy/retry.h"

static uint64_t longest(const lwsec_retry *retry)
{
    return lwsec_retry_seconds(retry->bootstrap_server.longest_wait);
}

/* A count that starts again keeps the first wait: a Server that takes each registration, and then
 * ends it or asks for a bootstrap, would make it run without a pause. */
uint64_t lwsec_retry_bootstrap_wait(const lwsec_retry *retry)
{
    return lwsec_retry_back_off(lwsec_retry_seconds(retry->bootstrap_server.retry_timer),
                                retry->bootstrap.attempt, longest(retry));
}

static bool any_has(const lwsec_retry *retry, uint8_t flag)
{
    for (size_t i = 0; i < retry->count; i++) {
        if ((retry->peers[i].flags & flag) != 0) {
            return true;
        }
    }
    return false;
}

static void wait_for(lwsec_retry *retry, uint64_t deadline)
{
    retry->bootstrap.phase = LWSEC_RETRY_WAITING;
    retry->bootstrap.deadline = deadline;
    retry->dirty = true;
}

/* After the hold-off, and not sooner after the last attempt than if that had failed: Servers that
 * refuse what each bootstrap gives them would make it run without a pause. */
static uint64_t earliest(const lwsec_retry *retry)
{
    const uint64_t held = lwsec_retry_after(retry->last.monotonic,
                                            lwsec_retry_seconds(retry->bootstrap_server.hold_off));
    const uint64_t spaced =
        retry->bootstrap.attempted
            ? lwsec_retry_after(retry->bootstrap.begun, lwsec_retry_bootstrap_wait(retry))
            : 0;

    return held > spaced ? held : spaced;
}

void lwsec_retry_consider_bootstrap(lwsec_retry *retry)
{
    const bool wanted = retry->wanted || any_has(retry, LWSEC_RETRY_WANTS);
    lwsec_retry_peer *peer = &retry->bootstrap;

    if (!retry->has_bootstrap) {
        return;
    }
    if (wanted && peer->phase == LWSEC_RETRY_IDLE) {
        wait_for(retry, earliest(retry));
    } else if (!wanted && peer->phase == LWSEC_RETRY_WAITING) {
        peer->phase = LWSEC_RETRY_IDLE;
        peer->deadline = 0;
        retry->dirty = true;
    }
}

void lwsec_retry_bootstrap_failed(lwsec_retry *retry, bool ends, lwsec_retry_decision *decision)
{
    const uint64_t wait = ends ? longest(retry) : lwsec_retry_bootstrap_wait(retry);
    const uint64_t hold_off = lwsec_retry_seconds(retry->bootstrap_server.hold_off);

    lwsec_retry_describe(retry, &retry->bootstrap, LWSEC_RETRY_AGAIN, decision);
    decision->wait = wait > hold_off ? wait : hold_off;
    wait_for(retry, lwsec_retry_after(retry->last.monotonic, decision->wait));
}

void lwsec_retry_bootstrapped(lwsec_retry *retry, lwsec_retry_decision *decision)
{
    lwsec_retry_describe(retry, &retry->bootstrap, LWSEC_RETRY_BOOTSTRAPPED, decision);
    retry->bootstrap.phase = LWSEC_RETRY_IDLE;
    retry->bootstrap.same = 0;
    retry->wanted = false;
    retry->started = false;
    for (size_t i = 0; i < retry->count; i++) {
        lwsec_retry_peer *peer = &retry->peers[i];
        lwsec_retry_begin_round(peer, 0);
        peer->phase = LWSEC_RETRY_IDLE;
        peer->flags &= LWSEC_RETRY_ASKED;
    }
}

void lwsec_retry_content(lwsec_retry *retry, lwsec_retry_peer *peer)
{
    peer->flags &= (uint8_t) ~(unsigned)(LWSEC_RETRY_WANTS | LWSEC_RETRY_ASKED);
    if (!retry->wanted && !any_has(retry, LWSEC_RETRY_ASKED)) {
        retry->bootstrap.attempt = 0;
    }
}
