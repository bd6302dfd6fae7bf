/* Responses of a peer in KUDOS. */
#include "oscore/kudos.h"

#include "core/reason.h"
#include "oscore/request.h"

/* A response to our request by other keys than the request's: it has a number of its own, and what
 * binds it is the number of the request. */
static lwsec_status verify(lwsec_oscore *context, const lwsec_request *asked, lwsec_bytes wire,
                           lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_oscore_request request;

    lwsec_request_open(&request, context, asked->number, LWSEC_REQUEST_OURS);
    return lwsec_oscore_unprotect_response(context, &request, wire, out, reason);
}

/* To our divergent request. As for requests, the offer may be one of a divergent message that has
 * not come. */
static lwsec_status take_convergent(lwsec_oscore_kudos *kudos, const lwsec_request *asked,
                                    lwsec_oscore_offer peers, lwsec_bytes wire, lwsec_buffer *out,
                                    lwsec_reason *reason)
{
    lwsec_status status = LWSEC_REJECT;

    if (kudos->next.context != NULL) {
        return verify(kudos->next.context, asked, wire, out, reason);
    }
    for (int attempt = 0; attempt < 2 && status == LWSEC_REJECT; attempt++) {
        lwsec_oscore_updated candidate = {NULL, {NULL, 0, 0}};
        status = lwsec_oscore_update(kudos, &peers, &candidate, reason);
        if (status == LWSEC_OK) {
            status = verify(candidate.context, asked, wire, out, reason);
            if (status == LWSEC_OK) {
                kudos->next = candidate;
                return LWSEC_OK;
            }
            lwsec_oscore_kudos_drop_step(kudos, &candidate);
        }
        peers.data[0] &= (uint8_t)~LWSEC_OSCORE_KUDOS_CONVERGENT;
    }
    return status;
}

/* To a request by `from`, whose number is not used again with it: with forward secrecy, the secret
 * of CTX_TEMP is its alone, and the response cannot be old. If it is the next context, the peer has
 * confirmed it, and begins again. */
static lwsec_status take_divergent(lwsec_oscore_kudos *kudos, const lwsec_request *asked,
                                   const lwsec_oscore_updated *from,
                                   const lwsec_oscore_offer *peers, lwsec_bytes wire,
                                   lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_oscore_kudos_step step;
    lwsec_oscore_updated temp = {NULL, {NULL, 0, 0}};

    lwsec_status status = lwsec_oscore_update_step(kudos, from, peers, &step, &temp, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = verify(temp.context, asked, wire, out, reason);
    lwsec_oscore_kudos_drop_step(kudos, &temp);
    if (status == LWSEC_OK && from == &kudos->next) {
        lwsec_oscore_kudos_adopt(kudos);
    }
    if (status == LWSEC_OK) {
        status = lwsec_oscore_kudos_make_next(kudos, peers, reason);
    }
    if (status == LWSEC_OK && kudos->mode == LWSEC_OSCORE_KUDOS_BOOTSTRAP) {
        status = lwsec_refuse(LWSEC_CHALLENGE, LWSEC_WHY_OSCORE_REDERIVED, 0, reason);
    }
    if (status != LWSEC_OK) {
        lwsec_wipe(out->data, out->size);
        out->size = 0;
    }
    return status;
}

/* The request is one of ours, by the context of its kind. */
static bool asked_by(const lwsec_request *asked, const lwsec_oscore_updated *made)
{
    return made->context != NULL && lwsec_request_is(asked, made->context, LWSEC_REQUEST_OURS);
}

/* What a divergent response is judged by; NULL: none was asked for. A bootstrap secret is the same
 * for all contexts and confirms none. */
static const lwsec_oscore_updated *base_of(const lwsec_oscore_kudos *kudos,
                                           const lwsec_request *asked)
{
    if (asked_by(asked, &kudos->next)) {
        return kudos->mode != LWSEC_OSCORE_KUDOS_BOOTSTRAP ? &kudos->next : NULL;
    }
    const bool pending = kudos->next.context != NULL;
    return !pending && asked_by(asked, &kudos->current) ? &kudos->current : NULL;
}

static lwsec_status take(lwsec_oscore_kudos *kudos, lwsec_oscore_request *request,
                         const lwsec_oscore_kudos_option *option, lwsec_bytes wire,
                         lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_request *asked = lwsec_request_inside(request);
    const bool is_kudos = option->nonce.data != NULL;
    const bool convergent = is_kudos && (option->x & LWSEC_OSCORE_KUDOS_CONVERGENT) != 0;
    lwsec_status status;

    if (asked_by(asked, &kudos->temp) && convergent) {
        status = take_convergent(kudos, asked, lwsec_oscore_offer_of(option), wire, out, reason);
        if (status == LWSEC_OK) {
            lwsec_oscore_kudos_adopt(kudos);
            lwsec_request_clear(request);
        }
        return status;
    }
    if (asked_by(asked, &kudos->next) && convergent == is_kudos) {
        status = lwsec_oscore_unprotect_response(kudos->next.context, request, wire, out, reason);
        if (status == LWSEC_OK) {
            lwsec_oscore_kudos_adopt(kudos);
        }
        return status;
    }
    if (asked_by(asked, &kudos->current) && convergent == is_kudos) {
        return lwsec_oscore_unprotect_response(kudos->current.context, request, wire, out, reason);
    }
    const lwsec_oscore_updated *from = base_of(kudos, asked);
    if (is_kudos && !convergent && from != NULL) {
        const lwsec_oscore_offer peers = lwsec_oscore_offer_of(option);
        status = take_divergent(kudos, asked, from, &peers, wire, out, reason);
        if (status == LWSEC_OK || status == LWSEC_CHALLENGE) {
            lwsec_request_clear(request);
        }
        return status;
    }
    return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_NOT_ASKED, 0, reason);
}

lwsec_status lwsec_oscore_kudos_response(lwsec_oscore_kudos *kudos, lwsec_oscore_request *request,
                                         lwsec_bytes wire, lwsec_buffer *out, lwsec_reason *reason)
{
    const lwsec_request *asked = lwsec_request_inside(request);
    lwsec_oscore_kudos_option option;

    out->size = 0;
    if (!asked_by(asked, &kudos->temp) && !asked_by(asked, &kudos->next) &&
        !asked_by(asked, &kudos->current)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_OSCORE_REQUEST_USED, 0, reason);
    }
    const lwsec_status status =
        lwsec_oscore_kudos_peek(kudos->inputs.framing, wire, &option, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (option.nonce.data != NULL && !lwsec_oscore_kudos_mode_fits(kudos, option.x)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_NOT_ASKED, 0, reason);
    }
    return take(kudos, request, &option, wire, out, reason);
}
