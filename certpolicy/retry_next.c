/* What is to be done now, and when to ask again. */
#include "certpolicy/retry.h"

#include "core/reason.h"

static bool any_is(const lwsec_retry *retry, lwsec_retry_phase phase)
{
    for (size_t i = 0; i < retry->count; i++) {
        if (retry->peers[i].phase == phase) {
            return true;
        }
    }
    return false;
}

static bool is_due(const lwsec_retry *retry, const lwsec_retry_peer *peer, lwsec_retry_phase phase)
{
    return peer->phase == phase && peer->deadline <= retry->last.monotonic;
}

/* While there is an attempt to bootstrap, or one waits for others to end, no other one begins. */
static bool is_held(const lwsec_retry *retry)
{
    return retry->bootstrap.phase == LWSEC_RETRY_TRYING ||
           is_due(retry, &retry->bootstrap, LWSEC_RETRY_WAITING);
}

static lwsec_retry_peer *find_due(lwsec_retry *retry, lwsec_retry_phase phase)
{
    for (size_t i = 0; i < retry->count; i++) {
        if (is_due(retry, &retry->peers[i], phase)) {
            return &retry->peers[i];
        }
    }
    return NULL;
}

/* An attempt of which nothing was heard. */
static bool expire(lwsec_retry *retry, lwsec_retry_decision *decision)
{
    lwsec_retry_peer *peer = find_due(retry, LWSEC_RETRY_TRYING);

    if (is_due(retry, &retry->bootstrap, LWSEC_RETRY_TRYING)) {
        retry->bootstrap.same = 0;
        lwsec_retry_bootstrap_failed(retry, false, decision);
    } else if (peer != NULL) {
        peer->same = 0;
        lwsec_retry_failed_attempt(retry, peer, false, decision);
    } else {
        return false;
    }
    retry->dirty = true;
    return true;
}

static lwsec_retry_peer *choose(lwsec_retry *retry)
{
    if (is_due(retry, &retry->bootstrap, LWSEC_RETRY_WAITING)) {
        return any_is(retry, LWSEC_RETRY_TRYING) ? NULL : &retry->bootstrap;
    }
    return is_held(retry) ? NULL : find_due(retry, LWSEC_RETRY_WAITING);
}

static void begin(lwsec_retry *retry, lwsec_retry_peer *peer)
{
    const uint64_t now = retry->last.monotonic;

    retry->before = *peer;
    retry->owed = peer;
    peer->phase = LWSEC_RETRY_TRYING;
    peer->attempt += peer->attempt < UINT32_MAX ? 1 : 0;
    peer->begun = now;
    peer->attempted = true;
    peer->deadline = lwsec_retry_after(now, retry->attempt_limit);
    retry->dirty = true;
}

/* Gives out the attempt that was begun, once it is stored. */
static lwsec_status give_out(lwsec_retry *retry, lwsec_retry_decision *decision,
                             lwsec_reason *reason)
{
    const lwsec_status status = lwsec_retry_store(retry, reason);

    if (status == LWSEC_OK) {
        lwsec_retry_describe(retry, retry->owed,
                             retry->owed == &retry->bootstrap ? LWSEC_RETRY_BOOTSTRAP
                                                              : LWSEC_RETRY_CONNECT,
                             decision);
        retry->owed = NULL;
    } else if (status != LWSEC_PENDING) {
        *retry->owed = retry->before;
        retry->owed = NULL;
    }
    return status;
}

lwsec_status lwsec_retry_next(lwsec_retry *retry, const lwsec_retry_time *now,
                              lwsec_retry_decision *decision, lwsec_reason *reason)
{
    uint64_t checkpoint;

    lwsec_retry_take_time(retry, now);
    lwsec_retry_describe(retry, &retry->bootstrap, LWSEC_RETRY_NOTHING, decision);
    if (retry->owed == NULL) {
        if (expire(retry, decision)) {
            return lwsec_accept(reason);
        }
        lwsec_retry_release(retry);
        lwsec_retry_consider_bootstrap(retry);
        lwsec_retry_peer *peer = choose(retry);
        if (peer != NULL) {
            begin(retry, peer);
        }
    }
    if (retry->owed != NULL) {
        return give_out(retry, decision, reason);
    }
    if (lwsec_retry_keeps_waiting(retry, &checkpoint) && checkpoint <= retry->last.monotonic) {
        retry->dirty = true;
    }
    return lwsec_retry_store(retry, reason);
}

static void take_earlier(uint64_t *earliest, uint64_t deadline)
{
    if (deadline < *earliest) {
        *earliest = deadline;
    }
}

uint64_t lwsec_retry_deadline(const lwsec_retry *retry)
{
    uint64_t earliest = LWSEC_RETRY_NO_DEADLINE;
    uint64_t checkpoint;
    const bool held = is_held(retry);

    for (size_t i = 0; i < retry->count; i++) {
        const lwsec_retry_peer *peer = &retry->peers[i];
        if (peer->phase == LWSEC_RETRY_TRYING || (peer->phase == LWSEC_RETRY_WAITING && !held)) {
            take_earlier(&earliest, peer->deadline);
        }
    }
    if (retry->bootstrap.phase == LWSEC_RETRY_TRYING ||
        (retry->bootstrap.phase == LWSEC_RETRY_WAITING &&
         !(held && any_is(retry, LWSEC_RETRY_TRYING)))) {
        take_earlier(&earliest, retry->bootstrap.deadline);
    }
    if (lwsec_retry_keeps_waiting(retry, &checkpoint)) {
        take_earlier(&earliest, checkpoint);
    }
    return earliest;
}
