/* Requests of a peer in KUDOS: divergent, convergent, and others. */
#include "oscore/kudos.h"

#include "coap/option.h"
#include "core/reason.h"
#include "oscore/protect.h"

#include <string.h>

/* Whether it verified, be it fresh or not: that is enough to confirm a key. */
static bool authentic(lwsec_status status)
{
    return status == LWSEC_OK || status == LWSEC_CHALLENGE;
}

/* ---- Divergent: the peer offers a nonce ---- */

static bool next_is(lwsec_coap_walk *walk, const char *text)
{
    lwsec_coap_option option;

    while (lwsec_coap_options_next(walk, &option)) {
        if (option.number == LWSEC_COAP_URI_PATH) {
            return lwsec_equal_secret(option.value, lwsec_bytes_of(text, strlen(text)));
        }
    }
    return false;
}

static bool for_kudos(const lwsec_coap_message *plain)
{
    lwsec_coap_walk walk = lwsec_coap_options(plain);
    lwsec_coap_option option;

    if (!next_is(&walk, ".well-known") || !next_is(&walk, "kudos")) {
        return false;
    }
    while (lwsec_coap_options_next(&walk, &option)) {
        if (option.number == LWSEC_COAP_URI_PATH) {
            return false;
        }
    }
    return true;
}

/* What is said by a divergent request, after it is verified. Its content goes no further. */
typedef struct divergent {
    uint64_t number;
    bool for_kudos;
} divergent;

static lwsec_status verify(lwsec_oscore_kudos *kudos, const lwsec_oscore_updated *from,
                           const lwsec_oscore_offer *peers, lwsec_bytes wire, lwsec_buffer *out,
                           divergent *said, lwsec_reason *reason)
{
    lwsec_oscore_kudos_step step;
    lwsec_oscore_updated temp = {NULL, {NULL, 0, 0}};
    lwsec_oscore_request request;
    lwsec_coap_message plain;

    lwsec_status status = lwsec_oscore_update_step(kudos, from, peers, &step, &temp, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_oscore_unprotect_request(temp.context, wire, &request, out, reason);
    if (status == LWSEC_OK) {
        status = lwsec_coap_decode(kudos->inputs.framing, lwsec_buffer_bytes(out), &plain, reason);
    }
    if (status == LWSEC_OK) {
        said->number = lwsec_request_inside(&request)->number;
        said->for_kudos = for_kudos(&plain);
    }
    lwsec_wipe(out->data, out->size);
    out->size = 0;
    lwsec_oscore_kudos_drop_step(kudos, &temp);
    return status;
}

/* By the new context, with a number of its own: the request was under other keys. */
static lwsec_status answer(lwsec_oscore *next, const divergent *said, lwsec_bytes wire,
                           uint16_t message_id, lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_oscore_request request;
    lwsec_coap_message received;
    uint8_t room[LWSEC_ECHO_SIZE + 5U];
    lwsec_writer options = lwsec_writer_of(room, sizeof room);
    const lwsec_coap_option echo = {LWSEC_COAP_ECHO, lwsec_oscore_life(next)};

    const lwsec_status status = lwsec_coap_decode(next->framing, wire, &received, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (!said->for_kudos) {
        lwsec_coap_write_option(&options, 0, &echo);
    }
    const bool confirmable = received.type == LWSEC_COAP_CON;
    const lwsec_coap_message plain = {
        .type = confirmable ? LWSEC_COAP_ACK : LWSEC_COAP_NON,
        .code = said->for_kudos ? LWSEC_COAP_CHANGED : LWSEC_COAP_UNAUTHORIZED,
        .message_id = confirmable ? received.message_id : message_id,
        .token = received.token,
        .options = lwsec_bytes_of(room, options.size),
    };
    lwsec_request_open(&request, next, said->number, LWSEC_REQUEST_PEERS);
    return lwsec_oscore_protect_parsed(next, lwsec_request_inside(&request), &plain, 0, true, out,
                                       reason);
}

/* By CTX_OLD, or, while PENDING, by CTX_NEW: then the peer has confirmed it and begins again. In
 * BOOTSTRAP mode both are the same. */
static lwsec_status find_base(lwsec_oscore_kudos *kudos, const lwsec_oscore_offer *peers,
                              lwsec_bytes wire, lwsec_buffer *out, divergent *said,
                              lwsec_reason *reason)
{
    const lwsec_status status = verify(kudos, &kudos->current, peers, wire, out, said, reason);

    if (status != LWSEC_REJECT || kudos->next.context == NULL ||
        kudos->mode == LWSEC_OSCORE_KUDOS_BOOTSTRAP) {
        return status;
    }
    const lwsec_status by_new = verify(kudos, &kudos->next, peers, wire, out, said, reason);
    if (by_new == LWSEC_OK) {
        lwsec_oscore_kudos_adopt(kudos);
    }
    return by_new;
}

static lwsec_status take_divergent(lwsec_oscore_kudos *kudos, const lwsec_oscore_offer *peers,
                                   lwsec_bytes wire, uint16_t message_id, lwsec_buffer *out,
                                   lwsec_reason *reason)
{
    divergent said = {0, false};

    lwsec_status status = find_base(kudos, peers, wire, out, &said, reason);
    /* The same offer again, or a replay of it: the next context stays as it is. */
    const bool again =
        kudos->next.context != NULL && lwsec_oscore_offer_equal(&kudos->peers, peers);
    if (status == LWSEC_OK && !again) {
        status = lwsec_oscore_kudos_make_next(kudos, peers, reason);
    }
    if (status == LWSEC_OK) {
        status = answer(kudos->next.context, &said, wire, message_id, out, reason);
    }
    return status == LWSEC_OK ? lwsec_refuse(LWSEC_CHALLENGE, LWSEC_WHY_OSCORE_REDERIVED, 0, reason)
                              : status;
}

/* ---- Convergent: by the new context ---- */

/* The peer answers our offer by a request. It may have made the same offer in a divergent message
 * before, which has not come. */
static lwsec_status take_convergent(lwsec_oscore_kudos *kudos, lwsec_oscore_offer peers,
                                    lwsec_bytes wire, lwsec_oscore_request *request,
                                    lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_status status = LWSEC_REJECT;

    for (int attempt = 0; attempt < 2 && status == LWSEC_REJECT; attempt++) {
        lwsec_oscore_updated candidate = {NULL, {NULL, 0, 0}};
        status = lwsec_oscore_update(kudos, &peers, &candidate, reason);
        if (status == LWSEC_OK) {
            status = lwsec_oscore_unprotect_request(candidate.context, wire, request, out, reason);
            if (authentic(status)) {
                kudos->next = candidate;
                return status;
            }
            lwsec_oscore_kudos_drop_step(kudos, &candidate);
        }
        peers.data[0] &= (uint8_t)~LWSEC_OSCORE_KUDOS_CONVERGENT;
    }
    return status;
}

static lwsec_status take_by_next(lwsec_oscore_kudos *kudos, lwsec_bytes wire,
                                 lwsec_oscore **context, lwsec_oscore_request *request,
                                 lwsec_buffer *out, lwsec_reason *reason)
{
    const lwsec_status status =
        lwsec_oscore_unprotect_request(kudos->next.context, wire, request, out, reason);

    *context = kudos->next.context;
    if (authentic(status)) {
        lwsec_oscore_kudos_adopt(kudos);
    }
    return status;
}

/* ---- By the present context ---- */

/* While BUSY, the response will be divergent: by CTX_TEMP, with a number of its own. In BOOTSTRAP
 * mode such a response could be replayed to a later request with this number: there is none. */
static lwsec_status take_by_current(lwsec_oscore_kudos *kudos, lwsec_bytes wire,
                                    lwsec_oscore **context, lwsec_oscore_request *request,
                                    lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_oscore *temp = kudos->abandoned ? NULL : kudos->temp.context;

    if (kudos->current.context == NULL) {
        return lwsec_refuse(LWSEC_NEED_REKEY, LWSEC_WHY_OSCORE_NO_RECORD, 0, reason);
    }
    if (temp != NULL && kudos->mode == LWSEC_OSCORE_KUDOS_BOOTSTRAP) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_NOT_ASKED, 0, reason);
    }
    *context = kudos->current.context;
    const lwsec_status status =
        lwsec_oscore_unprotect_request(*context, wire, request, out, reason);
    if (authentic(status) && temp != NULL) {
        const lwsec_request *inside = lwsec_request_inside(request);
        *context = temp;
        lwsec_request_open(request, temp, inside->number,
                           inside->flags & ~(uint32_t)LWSEC_REQUEST_NONCE);
    }
    return status;
}

lwsec_status lwsec_oscore_kudos_incoming(lwsec_oscore_kudos *kudos, lwsec_bytes wire,
                                         uint16_t message_id, lwsec_oscore **context,
                                         lwsec_oscore_request *request, lwsec_buffer *out,
                                         lwsec_reason *reason)
{
    lwsec_oscore_kudos_option option;

    *context = NULL;
    out->size = 0;
    lwsec_request_clear(request);
    lwsec_status status = lwsec_oscore_kudos_peek(kudos->inputs.framing, wire, &option, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    const bool is_kudos = option.nonce.data != NULL;
    if (is_kudos && !lwsec_oscore_kudos_mode_fits(kudos, option.x)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_NOT_ASKED, 0, reason);
    }
    if (is_kudos && (option.x & LWSEC_OSCORE_KUDOS_CONVERGENT) == 0) {
        const lwsec_oscore_offer peers = lwsec_oscore_offer_of(&option);
        return take_divergent(kudos, &peers, wire, message_id, out, reason);
    }
    if (kudos->next.context != NULL) {
        return take_by_next(kudos, wire, context, request, out, reason);
    }
    if (is_kudos && kudos->temp.context != NULL) {
        status = take_convergent(kudos, lwsec_oscore_offer_of(&option), wire, request, out, reason);
        if (authentic(status)) {
            lwsec_oscore_kudos_adopt(kudos);
            *context = kudos->current.context;
        }
        if (status != LWSEC_REJECT) {
            return status;
        }
        /* Or the peer has not heard yet that the run before is confirmed. */
    }
    return take_by_current(kudos, wire, context, request, out, reason);
}
