/* What is reported to the retry engine: outcomes of attempts, registrations that are gone. */
#include "certpolicy/retry.h"

#define CLASS_OF(code) ((unsigned)(code) >> 5)
#define CODE(class, detail) ((class) << 5 | (detail))

static bool outcome_fits(const lwsec_retry_outcome *outcome)
{
    if (outcome->size != sizeof *outcome) {
        return false;
    }
    switch (outcome->event) {
    case LWSEC_RETRY_RESPONSE: return CLASS_OF(outcome->code) == 4 || CLASS_OF(outcome->code) == 5;
    case LWSEC_RETRY_SUCCESS:
    case LWSEC_RETRY_ALERT:
    case LWSEC_RETRY_TIMEOUT:
    case LWSEC_RETRY_LOST:
    case LWSEC_RETRY_RENEWED:
    case LWSEC_RETRY_MOVED: return true;
    }
    return false;
}

/* R-6.x-adj-03, R-6.x-adj-04: what concerns a registration that stands, and no attempt. */
static bool is_of_registration(lwsec_retry_event event)
{
    return event == LWSEC_RETRY_RENEWED || event == LWSEC_RETRY_MOVED;
}

/* A refusal that the same request will meet again: not of timing, size or number. */
static bool rejects(uint8_t code)
{
    return CLASS_OF(code) == 4 && code != CODE(4U, 8U) && code != CODE(4U, 13U) &&
           code != CODE(4U, 29U);
}

/* Whether the alert ends the sequence; counts those in a row that nobody vouches for. */
static bool alert_ends(const lwsec_retry *retry, lwsec_retry_peer *peer, const lwsec_alert *alert)
{
    const lwsec_alert_effect effect = lwsec_alert_judge(alert);

    if (effect != LWSEC_ALERT_DOUBTFUL) {
        peer->same = 0;
        return effect == LWSEC_ALERT_ENDS;
    }
    if (peer->same == 0 || peer->alert != alert->number) {
        peer->alert = alert->number;
        peer->same = 0;
    }
    if (peer->same < UINT8_MAX) {
        peer->same++;
    }
    return peer->same >= retry->same_alert;
}

/* R-5.2.10-04, R-5.2.10-05: whether what came of an attempt leaves no use in another one.
 * R-5.2.9.6-02: as a certificate that was refused, a revoked one too. */
static bool ends(const lwsec_retry *retry, lwsec_retry_peer *peer,
                 const lwsec_retry_outcome *outcome)
{
    if (outcome->event == LWSEC_RETRY_ALERT) {
        return alert_ends(retry, peer, &outcome->alert);
    }
    peer->same = 0;
    return outcome->event == LWSEC_RETRY_RESPONSE && rejects(outcome->code) &&
           peer != &retry->bootstrap && peer->server.bootstrap_on_failure && retry->has_bootstrap;
}

static void registered(lwsec_retry *retry, lwsec_retry_peer *peer, lwsec_retry_decision *decision)
{
    lwsec_retry_describe(retry, peer, LWSEC_RETRY_REGISTERED, decision);
    peer->phase = LWSEC_RETRY_STANDING;
    peer->flags |= LWSEC_RETRY_PASSED | LWSEC_RETRY_ONCE;
    peer->attempt = 0;
    peer->sequence = 1;
    peer->same = 0;
    lwsec_retry_content(retry, peer);
}

static void attempt_ended(lwsec_retry *retry, lwsec_retry_peer *peer,
                          const lwsec_retry_outcome *outcome, lwsec_retry_decision *decision)
{
    const bool bootstrapping = peer == &retry->bootstrap;

    if (outcome->event == LWSEC_RETRY_SUCCESS) {
        if (bootstrapping) {
            lwsec_retry_bootstrapped(retry, decision);
        } else {
            registered(retry, peer, decision);
        }
        return;
    }
    const bool over = ends(retry, peer, outcome);
    if (bootstrapping) {
        lwsec_retry_bootstrap_failed(retry, over, decision);
    } else {
        lwsec_retry_failed_attempt(retry, peer, over, decision);
    }
}

/* It is registered anew at once, but a peer that takes and drops registrations is not hurried. */
static void lost(lwsec_retry *retry, lwsec_retry_peer *peer, lwsec_retry_decision *decision)
{
    const uint64_t earliest =
        lwsec_retry_after(peer->begun, lwsec_retry_seconds(peer->server.retry_timer));
    const uint64_t now = retry->last.monotonic;

    lwsec_retry_describe(retry, peer, LWSEC_RETRY_AGAIN, decision);
    lwsec_retry_begin_round(peer, earliest > now ? earliest : now);
    decision->wait = peer->deadline - now;
}

static void registration_ended(lwsec_retry *retry, lwsec_retry_peer *peer,
                               const lwsec_retry_outcome *outcome, lwsec_retry_decision *decision)
{
    if (outcome->event == LWSEC_RETRY_ALERT &&
        lwsec_alert_judge(&outcome->alert) == LWSEC_ALERT_ENDS) {
        lwsec_retry_failed_attempt(retry, peer, true, decision);
    } else if (outcome->event != LWSEC_RETRY_SUCCESS) {
        lost(retry, peer, decision);
    }
}

static lwsec_retry_peer *find(lwsec_retry *retry, uint16_t server)
{
    if (server == LWSEC_RETRY_BOOTSTRAP_ID) {
        return retry->has_bootstrap ? &retry->bootstrap : NULL;
    }
    for (size_t i = 0; i < retry->count; i++) {
        if (retry->peers[i].server.id == server) {
            return &retry->peers[i];
        }
    }
    return NULL;
}

lwsec_status lwsec_retry_report(lwsec_retry *retry, const lwsec_retry_time *now, uint16_t server,
                                const lwsec_retry_outcome *outcome, lwsec_retry_decision *decision)
{
    if (!outcome_fits(outcome)) {
        return LWSEC_USAGE;
    }
    lwsec_retry_peer *peer = find(retry, server);
    if (peer == NULL) {
        return LWSEC_ABSENT;
    }
    lwsec_retry_take_time(retry, now);
    lwsec_retry_describe(retry, peer, LWSEC_RETRY_IGNORED, decision);
    /* An attempt that is not given out yet has no outcome. */
    if (peer == retry->owed) {
        return LWSEC_OK;
    }
    if (peer->phase == LWSEC_RETRY_TRYING && !is_of_registration(outcome->event)) {
        attempt_ended(retry, peer, outcome, decision);
    } else if (peer->phase == LWSEC_RETRY_STANDING) {
        registration_ended(retry, peer, outcome, decision);
    }
    if (decision->action != LWSEC_RETRY_IGNORED) {
        decision->has_alert = outcome->event == LWSEC_RETRY_ALERT && !outcome->alert.sent &&
                              server != LWSEC_RETRY_BOOTSTRAP_ID;
        decision->alert = decision->has_alert ? outcome->alert.number : 0;
        retry->dirty = true;
    }
    return LWSEC_OK;
}
