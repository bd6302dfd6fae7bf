/* From the wire to the stack. */
#include "oscore/link.h"

#include "core/reason.h"
#include "state/finish.h"

#include <string.h>

/* RFC 7252 section 4.8: ACK_TIMEOUT times ACK_RANDOM_FACTOR, in milliseconds. The link draws no
 * random number and takes the longest. */
#define RESEND_INTERVAL 3000U

/* A datagram on its way in, and where its parts go. */
typedef struct incoming {
    lwsec_bytes wire;
    lwsec_coap_message outer;
    uint64_t now;
    lwsec_oscore_link_event *event;
    lwsec_buffer *plain;
    lwsec_buffer *reply;
    lwsec_oscore *context; /* which has opened a request */
} incoming;

static void reply_empty(const lwsec_oscore_link *link, const incoming *in, uint8_t type)
{
    if (link->framing == LWSEC_COAP_UDP) {
        in->reply->data[0] = (uint8_t)(1U << 6 | (unsigned)type << 4);
        in->reply->data[1] = LWSEC_COAP_EMPTY;
        lwsec_link_set_id(in->reply->data, in->outer.message_id);
        in->reply->size = 4;
    }
}

static bool wants_ack(const lwsec_oscore_link *link, const incoming *in)
{
    return link->framing == LWSEC_COAP_UDP && in->outer.type == LWSEC_COAP_CON;
}

/* ---- Empty and signalling messages ---- */

/* ACK and RST are not protected, and whoever sees a Message ID can forge them: they stop
 * retransmission, which the stack does in any case, and end nothing. */
static void note_empty(lwsec_link_sent *sent, uint8_t type)
{
    sent->resend_at = LWSEC_OSCORE_LINK_NEVER;
    if (sent->exchange == NULL || sent->exchange->role == LWSEC_LINK_PEERS) {
        sent->done = true;
    } else if (type == LWSEC_COAP_ACK) {
        sent->exchange->acknowledged = true;
    }
    if (type == LWSEC_COAP_RST && sent->exchange != NULL && sent->exchange->observed) {
        sent->exchange->idle = true;
    }
}

static lwsec_status take_empty(lwsec_oscore_link *link, const incoming *in, lwsec_reason *reason)
{
    const bool answers = link->framing == LWSEC_COAP_UDP && in->outer.type >= LWSEC_COAP_ACK;
    const uint16_t id = in->outer.message_id;

    if (answers) {
        lwsec_link_sent *sent = lwsec_link_sent_find(link, true, id, in->now);
        if (sent == NULL && lwsec_link_sent_find(link, false, id, in->now) != NULL) {
            return lwsec_accept(reason); /* of a request that was made again under another ID */
        }
        lwsec_link_copy(in->plain, in->wire);
        if (sent != NULL) {
            lwsec_link_set_id(in->plain->data, sent->stack_id);
            note_empty(sent, in->outer.type);
        }
    } else {
        lwsec_link_copy(in->plain, in->wire);
    }
    *in->event = LWSEC_OSCORE_LINK_MESSAGE;
    return lwsec_accept(reason);
}

/* ---- Requests of the peer ---- */

static bool is_duplicate(const lwsec_link_exchange *exchange, const incoming *in, lwsec_bytes piv)
{
    return exchange->role == LWSEC_LINK_PEERS && exchange->until > in->now &&
           !lwsec_link_is_gone(exchange) && exchange->message_id == in->outer.message_id &&
           piv.size > 0 &&
           lwsec_equal_secret(lwsec_bytes_of(exchange->piv, exchange->piv_size), piv);
}

/* Whether it came before: then it gets the answer that it got, if there was one. */
static bool answer_again(lwsec_oscore_link *link, const incoming *in, lwsec_bytes piv)
{
    for (size_t i = 0; i < link->exchange_count; i++) {
        const lwsec_link_exchange *exchange = &link->exchanges[i];
        if (link->framing != LWSEC_COAP_UDP || !is_duplicate(exchange, in, piv)) {
            continue;
        }
        const lwsec_link_sent *answer = lwsec_link_sent_of(link, exchange);
        if (answer != NULL) {
            lwsec_link_copy(in->reply, lwsec_bytes_of(answer->wire, answer->wire_size));
        } else if (exchange->acknowledged) {
            reply_empty(link, in, LWSEC_COAP_ACK);
        }
        return true;
    }
    return false;
}

static void open_peers(lwsec_oscore_link *link, lwsec_link_exchange *exchange, const incoming *in,
                       const lwsec_oscore_request *request, lwsec_bytes piv)
{
    lwsec_link_open(link, exchange, LWSEC_LINK_PEERS, &in->outer, in->now);
    exchange->request = *request;
    exchange->context = in->context;
    exchange->piv_size = (uint8_t)piv.size;
    if (piv.size > 0 && piv.size <= sizeof exchange->piv) {
        memcpy(exchange->piv, piv.data, piv.size);
    }
}

/* R-5.5.3-12. The challenge is kept: a duplicate gets it again. A slow state is waited for, here
 * and in send_instead: the same datagram once more would be a replay. */
static lwsec_status challenge(lwsec_oscore_link *link, const incoming *in,
                              lwsec_link_exchange *exchange, lwsec_link_sent *sent,
                              lwsec_oscore_request *request, lwsec_bytes piv, lwsec_reason *reason)
{
    lwsec_coap_message answer = in->outer;

    if (in->outer.type != LWSEC_COAP_CON) {
        answer.message_id = lwsec_link_own_id(link, in->now);
    }
    answer.type = in->outer.type == LWSEC_COAP_CON ? LWSEC_COAP_ACK : LWSEC_COAP_NON;
    lwsec_status status;
    do {
        status = lwsec_oscore_challenge(in->context, request, in->wire, answer.message_id,
                                        in->reply, reason);
    } while (lwsec_state_finish(in->context->state, status));
    if (status != LWSEC_OK) {
        return status;
    }
    if (link->framing == LWSEC_COAP_UDP) {
        open_peers(link, exchange, in, request, piv);
        exchange->done = true;
        lwsec_link_sent_free(link, sent);
        lwsec_link_sent_open(link, sent, exchange, &answer, in->now);
        memcpy(sent->wire, in->reply->data, in->reply->size);
        sent->wire_size = in->reply->size;
        sent->answer = true;
    }
    return lwsec_refuse(LWSEC_CHALLENGE, LWSEC_WHY_OSCORE_NOT_FRESH, 0, reason);
}

static lwsec_status take_request(lwsec_oscore_link *link, incoming *in, lwsec_reason *reason)
{
    lwsec_oscore_option option;
    lwsec_oscore_request request = {{0}};
    lwsec_coap_message inner;

    lwsec_status status = lwsec_oscore_peek(link->framing, in->wire, &option, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (!option.present) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_UNPROTECTED, 0, reason);
    }
    if (in->outer.token.size > link->token_max) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    if (answer_again(link, in, option.partial_iv)) {
        return lwsec_accept(reason);
    }
    lwsec_link_exchange *exchange = lwsec_link_room(link, in->now);
    lwsec_link_sent *sent = lwsec_link_sent_room(link, in->now);
    if (exchange == NULL || sent == NULL) {
        return lwsec_refuse(LWSEC_LIMIT, LWSEC_WHY_LINK_FULL, 0, reason);
    }
    status = lwsec_link_open_request(link, in->wire, &in->context, &request, in->plain, reason);
    if (status == LWSEC_CHALLENGE) {
        return challenge(link, in, exchange, sent, &request, option.partial_iv, reason);
    }
    if (status == LWSEC_OK) {
        status = lwsec_coap_decode(link->framing, lwsec_buffer_bytes(in->plain), &inner, reason);
    }
    if (status != LWSEC_OK) {
        in->plain->size = 0;
        return status;
    }
    open_peers(link, exchange, in, &request, option.partial_iv);
    lwsec_link_read_observe(exchange, &inner);
    if (exchange->cancels) {
        lwsec_link_end_older(link, exchange);
    }
    *in->event = LWSEC_OSCORE_LINK_MESSAGE;
    return LWSEC_OK;
}

/* ---- Responses ---- */

/* RFC 8613 section 8.4: an error that nobody has authenticated. Code and token are all of it. */
static lwsec_status show_plain_error(const lwsec_oscore_link *link, const incoming *in,
                                     const lwsec_link_sent *sent, lwsec_reason *reason)
{
    lwsec_coap_message error = in->outer;

    error.options = lwsec_bytes_of(NULL, 0);
    error.payload = lwsec_bytes_of(NULL, 0);
    if (error.type == LWSEC_COAP_ACK && sent != NULL) {
        error.message_id = sent->stack_id;
    }
    const lwsec_status status =
        lwsec_coap_encode(link->framing, &error, NULL, 0, in->plain, reason);
    if (status == LWSEC_OK) {
        *in->event = LWSEC_OSCORE_LINK_PLAIN_ERROR;
    }
    return status;
}

/* The stack's timer sends the request again, under its own Message ID; where the stack was told
 * that the first one arrived, the link does. A challenge that wants an ACK gets it first. */
static void plan(const lwsec_oscore_link *link, const incoming *in,
                 const lwsec_link_exchange *exchange, lwsec_link_sent *sent)
{
    if (link->framing != LWSEC_COAP_UDP) {
        return;
    }
    sent->interval = RESEND_INTERVAL;
    sent->resent = 0;
    if (wants_ack(link, in)) {
        reply_empty(link, in, LWSEC_COAP_ACK);
        sent->resend_at = in->now;
    } else if (exchange->acknowledged && sent->type == LWSEC_COAP_CON) {
        sent->resend_at = in->now + RESEND_INTERVAL;
        sent->interval *= 2;
        sent->resent = 1;
    }
}

/* Protects the plain request that stands in `reply` as a new one, in the place of the one that was
 * sent. The stack does not hear of it. False: it cannot be sent. */
static bool send_instead(lwsec_oscore_link *link, const incoming *in, lwsec_link_exchange *exchange,
                         lwsec_link_sent *sent, uint16_t message_id)
{
    lwsec_buffer wire = lwsec_buffer_of(sent->wire, link->room);
    lwsec_oscore_request request = {{0}};
    lwsec_oscore *context;

    lwsec_status status = lwsec_link_choose(link, &context, NULL);
    if (status == LWSEC_OK) {
        do {
            status = lwsec_oscore_protect_request(context, lwsec_buffer_bytes(in->reply), &request,
                                                  &wire, NULL);
        } while (lwsec_state_finish(context->state, status));
    }
    lwsec_wipe(in->reply->data, in->reply->size);
    in->reply->size = 0;
    if (status != LWSEC_OK) {
        return false;
    }
    exchange->request = request;
    exchange->asks_r2 = link->rederive != NULL && lwsec_oscore_rederive_asks(link->rederive);
    exchange->asked_apart = wants_ack(link, in);
    exchange->message_id = in->outer.message_id;
    exchange->until = in->now + LWSEC_LINK_EXCHANGE_LIFETIME;
    sent->until = exchange->until;
    sent->message_id = message_id;
    sent->wire_size = wire.size;
    lwsec_link_copy(in->reply, lwsec_buffer_bytes(&wire));
    plan(link, in, exchange, sent);
    return true;
}

/* R-5.7-03: the same request with the Echo value of the challenge. False: the response goes to the
 * stack. */
static bool prove_freshness(lwsec_oscore_link *link, const incoming *in,
                            lwsec_link_exchange *exchange)
{
    lwsec_link_sent *sent = lwsec_link_sent_of(link, exchange);

    if (sent == NULL || exchange->observed || exchange->echo_retries >= link->echo_retries) {
        return false;
    }
    const uint16_t message_id = lwsec_link_own_id(link, in->now);
    if (lwsec_coap_echo_retry(link->framing, lwsec_bytes_of(sent->plain, sent->plain_size),
                              lwsec_buffer_bytes(in->plain), message_id, in->reply,
                              NULL) != LWSEC_OK) {
        in->reply->size = 0;
        return false;
    }
    if (!send_instead(link, in, exchange, sent, message_id)) {
        return false;
    }
    exchange->echo_retries++;
    return true;
}

/* R-5.5.3-10: a new context was agreed, and the same request goes by it. */
static bool ask_anew(lwsec_oscore_link *link, const incoming *in, lwsec_link_exchange *exchange)
{
    lwsec_link_sent *sent = lwsec_link_sent_of(link, exchange);

    if (sent == NULL || exchange->observed) {
        return false;
    }
    const uint16_t message_id = lwsec_link_own_id(link, in->now);
    lwsec_link_copy(in->reply, lwsec_bytes_of(sent->plain, sent->plain_size));
    if (link->framing == LWSEC_COAP_UDP) {
        lwsec_link_set_id(in->reply->data, message_id);
    }
    return send_instead(link, in, exchange, sent, message_id);
}

/* What an accepted response means for its request. */
static void note_response(lwsec_oscore_link *link, const incoming *in,
                          lwsec_link_exchange *exchange, lwsec_link_sent *sent,
                          const lwsec_coap_message *response)
{
    const bool notification = exchange->asks_observe && lwsec_link_is_notification(response);

    if (!exchange->observed && (exchange->asks_observe || exchange->cancels)) {
        lwsec_link_end_older(link, exchange);
    }
    exchange->observed = notification;
    exchange->done = !notification;
    exchange->asked_apart = false;
    exchange->message_id = in->outer.message_id;
    if (sent != NULL) {
        sent->done = true;
        sent->resend_at = LWSEC_OSCORE_LINK_NEVER;
    }
}

static lwsec_status deliver(lwsec_oscore_link *link, const incoming *in,
                            lwsec_link_exchange *exchange, lwsec_reason *reason)
{
    lwsec_link_sent *sent = lwsec_link_sent_of(link, exchange);
    lwsec_coap_message response;

    if (prove_freshness(link, in, exchange)) {
        lwsec_wipe(in->plain->data, in->plain->size);
        in->plain->size = 0;
        return lwsec_accept(reason);
    }
    const lwsec_status status =
        lwsec_coap_decode(link->framing, lwsec_buffer_bytes(in->plain), &response, reason);
    if (status != LWSEC_OK) {
        in->plain->size = 0;
        return status;
    }
    note_response(link, in, exchange, sent, &response);
    if (link->framing == LWSEC_COAP_UDP && in->outer.type == LWSEC_COAP_ACK && sent != NULL) {
        lwsec_link_set_id(in->plain->data, sent->stack_id);
    }
    *in->event = LWSEC_OSCORE_LINK_MESSAGE;
    return lwsec_accept(reason);
}

/* Opens a response as one to this request. */
static lwsec_status open_response(lwsec_oscore_link *link, const incoming *in,
                                  lwsec_link_exchange *exchange, lwsec_reason *reason)
{
    lwsec_reason why = {LWSEC_WHY_NONE, 0};

    if (exchange->asked_apart && wants_ack(link, in) &&
        in->outer.message_id == exchange->message_id) {
        reply_empty(link, in, LWSEC_COAP_ACK); /* of the challenge: its ACK was lost */
        return lwsec_refuse(LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY, 0, reason);
    }
    const lwsec_status status =
        lwsec_link_open_response(link, in->wire, &exchange->request, in->plain, &why);

    if (status == LWSEC_OK) {
        return deliver(link, in, exchange, reason);
    }
    if (status == LWSEC_CHALLENGE && ask_anew(link, in, exchange)) {
        return lwsec_accept(reason);
    }
    if (status == LWSEC_REPLAY && wants_ack(link, in)) {
        reply_empty(link, in, LWSEC_COAP_ACK); /* the stack has it: its ACK was lost */
    }
    if (status == LWSEC_REJECT && why.why == LWSEC_WHY_OSCORE_UNPROTECTED && !exchange->done &&
        lwsec_oscore_plain_error(in->outer.code)) {
        return show_plain_error(link, in, lwsec_link_sent_of(link, exchange), reason);
    }
    return lwsec_refuse(status, why.why, why.offset, reason);
}

/* The next request, older than `before`, that a response may be for. A piggybacked one names it by
 * its Message ID: what came before the request was made again is not opened. */
static lwsec_link_exchange *next_candidate(lwsec_oscore_link *link, const incoming *in,
                                           uint64_t before)
{
    const bool piggybacked = link->framing == LWSEC_COAP_UDP && in->outer.type == LWSEC_COAP_ACK;
    const bool observed = lwsec_link_is_notification(&in->outer);
    lwsec_link_exchange *exchange;

    while ((exchange = lwsec_link_find(link, LWSEC_LINK_OURS, in->outer.token, before)) != NULL) {
        const lwsec_link_sent *sent = lwsec_link_sent_of(link, exchange);
        const bool its_ack = sent != NULL && sent->message_id == in->outer.message_id;
        if ((!piggybacked || its_ack) && (!observed || exchange->asks_observe)) {
            return exchange;
        }
        before = exchange->age;
    }
    return NULL;
}

/* Under the token of a registration stand its renewal and its cancellation too: nonce and AAD tell
 * which of them a response is for. */
static lwsec_status take_response(lwsec_oscore_link *link, const incoming *in, lwsec_reason *reason)
{
    lwsec_reason why = {LWSEC_WHY_OSCORE_REQUEST_USED, 0};
    lwsec_status status = LWSEC_REJECT;
    uint64_t before = UINT64_MAX;
    lwsec_link_exchange *exchange;

    while ((exchange = next_candidate(link, in, before)) != NULL) {
        before = exchange->age;
        status = open_response(link, in, exchange, &why);
        if (status != LWSEC_REJECT || why.why != LWSEC_WHY_OSCORE_TAG) {
            break;
        }
    }
    if (before == UINT64_MAX && in->outer.type <= LWSEC_COAP_NON) {
        reply_empty(link, in, LWSEC_COAP_RST); /* RFC 7252 section 4.2, RFC 7641 section 3.6 */
    }
    return lwsec_refuse(status, why.why, why.offset, reason);
}

lwsec_status lwsec_oscore_link_receive(lwsec_oscore_link *link, lwsec_bytes wire, uint64_t now,
                                       lwsec_oscore_link_event *event, lwsec_buffer *plain,
                                       lwsec_buffer *reply, lwsec_reason *reason)
{
    incoming in = {.wire = wire, .now = now, .event = event, .plain = plain, .reply = reply};

    *event = LWSEC_OSCORE_LINK_NOTHING;
    plain->size = 0;
    reply->size = 0;
    if (plain->capacity < link->room || reply->capacity < link->room) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    const lwsec_status status = lwsec_coap_decode(link->framing, wire, &in.outer, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (wire.size > link->room - 8U) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    if (!lwsec_link_type_fits(link, &in.outer)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_CODE, 0, reason);
    }
    if (lwsec_link_passes(in.outer.code)) {
        return take_empty(link, &in, reason);
    }
    return lwsec_link_is_request(in.outer.code) ? take_request(link, &in, reason)
                                                : take_response(link, &in, reason);
}
