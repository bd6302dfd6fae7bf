/* From the stack to the wire. */
#include "oscore/link.h"

#include "core/reason.h"

#include <string.h>

/* A stack that acknowledges a request, or rejects a notification. It speaks for itself: this is no
 * word of the network. */
static void note_empty(lwsec_oscore_link *link, const lwsec_coap_message *empty, uint64_t now)
{
    for (size_t i = 0; i < link->exchange_count; i++) {
        lwsec_link_exchange *exchange = &link->exchanges[i];
        if (exchange->message_id != empty->message_id) {
            continue;
        }
        if (empty->type == LWSEC_COAP_ACK && exchange->role == LWSEC_LINK_PEERS &&
            exchange->until > now) {
            exchange->acknowledged = true;
        }
        if (empty->type == LWSEC_COAP_RST && exchange->role == LWSEC_LINK_OURS &&
            exchange->observed) {
            exchange->idle = true;
        }
    }
}

/* A request that nobody has delivered, and nobody will, as its context has ended: another one has
 * brought R2. It may be made anew. */
static bool is_void(const lwsec_link_exchange *exchange)
{
    return exchange != NULL && exchange->asks_r2 && lwsec_link_is_gone(exchange);
}

/* A retransmission is the same bytes: only a new message takes a number (RFC 8613 section 8.1). */
static bool send_again(lwsec_oscore_link *link, const lwsec_coap_message *message,
                       lwsec_bytes plain, uint64_t now, lwsec_buffer *out)
{
    const lwsec_link_sent *newest = NULL;

    for (size_t i = 0; i < link->sent_count && link->framing == LWSEC_COAP_UDP; i++) {
        const lwsec_link_sent *sent = &link->sent[i];
        if (sent->used && sent->until > now && sent->type == message->type &&
            !is_void(sent->exchange) && (newest == NULL || sent->age > newest->age) &&
            lwsec_equal_secret(lwsec_bytes_of(sent->plain, sent->plain_size), plain)) {
            newest = sent;
        }
    }
    if (newest != NULL) {
        lwsec_link_copy(out, lwsec_bytes_of(newest->wire, newest->wire_size));
    }
    return newest != NULL;
}

/* Keeps a message that is protected in the slot's `wire`, and gives it out. */
static void keep(lwsec_oscore_link *link, lwsec_link_sent *sent, lwsec_link_exchange *exchange,
                 const lwsec_coap_message *message, lwsec_bytes plain, size_t wire_size,
                 uint64_t now, lwsec_buffer *out)
{
    const uint16_t message_id = message->type == LWSEC_COAP_ACK
                                    ? message->message_id
                                    : lwsec_link_free_id(link, message->message_id, now);

    lwsec_link_sent_open(link, sent, exchange, message, now);
    memcpy(sent->plain, plain.data, plain.size);
    sent->plain_size = plain.size;
    sent->wire_size = wire_size;
    if (link->framing == LWSEC_COAP_UDP) {
        sent->message_id = message_id;
        lwsec_link_set_id(sent->wire, message_id);
    }
    lwsec_link_copy(out, lwsec_bytes_of(sent->wire, wire_size));
}

/* ---- Requests ---- */

/* A token that is used again: what stood under it goes, but a registration stays until its renewal
 * or cancellation is answered (RFC 7641 section 3.3.1). */
static void end_replaced(lwsec_oscore_link *link, const lwsec_link_exchange *exchange)
{
    const lwsec_bytes token = lwsec_bytes_of(exchange->token, exchange->token_size);
    uint64_t before = exchange->age;
    lwsec_link_exchange *older;

    while ((older = lwsec_link_find(link, exchange->role, token, before)) != NULL) {
        before = older->age;
        if (!older->observed || (!exchange->asks_observe && !exchange->cancels)) {
            lwsec_link_end(link, older);
        }
    }
}

static lwsec_status send_request(lwsec_oscore_link *link, const lwsec_coap_message *message,
                                 lwsec_bytes plain, uint64_t now, lwsec_buffer *out,
                                 lwsec_reason *reason)
{
    lwsec_link_exchange *exchange = lwsec_link_room(link, now);
    lwsec_link_sent *sent = lwsec_link_sent_room(link, now);
    lwsec_oscore_request request = {{0}};
    lwsec_oscore *context;

    if (exchange == NULL || sent == NULL) {
        return lwsec_refuse(LWSEC_LIMIT, LWSEC_WHY_LINK_FULL, 0, reason);
    }
    lwsec_link_sent_free(link, sent);
    lwsec_buffer wire = lwsec_buffer_of(sent->wire, link->room);
    lwsec_status status = lwsec_link_choose(link, &context, reason);
    if (status == LWSEC_OK) {
        status = lwsec_oscore_protect_request(context, plain, &request, &wire, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_link_open(link, exchange, LWSEC_LINK_OURS, message, now);
    exchange->request = request;
    exchange->asks_r2 = link->rederive != NULL && lwsec_oscore_rederive_asks(link->rederive);
    exchange->message_id = 0;
    lwsec_link_read_observe(exchange, message);
    end_replaced(link, exchange);
    keep(link, sent, exchange, message, plain, wire.size, now, out);
    return LWSEC_OK;
}

/* ---- Responses ---- */

/* The request that a response is for. A notification belongs to the newest registration with its
 * token; one whose registration has ended belongs to none. */
static lwsec_link_exchange *find_answered(lwsec_oscore_link *link,
                                          const lwsec_coap_message *message, bool notification)
{
    uint64_t before = UINT64_MAX;
    lwsec_link_exchange *exchange;

    while ((exchange = lwsec_link_find(link, LWSEC_LINK_PEERS, message->token, before)) != NULL) {
        const bool other_ack = link->framing == LWSEC_COAP_UDP && message->type == LWSEC_COAP_ACK &&
                               exchange->message_id != message->message_id;
        if (!exchange->done && !other_ack && (!notification || exchange->asks_observe)) {
            return exchange;
        }
        before = exchange->age;
    }
    return NULL;
}

/* Whether an ACK answers a request that has no answer yet: a peer that has restarted may use the
 * Message ID and token of an earlier one again, and the answers may look alike. */
static bool answers_first(lwsec_oscore_link *link, const lwsec_coap_message *message)
{
    if (message->type != LWSEC_COAP_ACK || lwsec_link_is_request(message->code)) {
        return false;
    }
    const lwsec_link_exchange *exchange =
        find_answered(link, message, lwsec_link_is_notification(message));
    return exchange != NULL && !exchange->observed;
}

/* What a response that was sent means for its request: true if it is the first. */
static bool note_response(lwsec_oscore_link *link, lwsec_link_exchange *exchange, bool notification)
{
    const bool first = !exchange->observed;

    if (first && (exchange->asks_observe || exchange->cancels)) {
        lwsec_link_end_older(link, exchange);
    }
    exchange->observed = notification;
    exchange->done = !notification;
    exchange->idle = false;
    return first;
}

/* RFC 8613 section 8.3. Over TCP nothing comes twice, and nothing is kept. */
static lwsec_status send_response(lwsec_oscore_link *link, const lwsec_coap_message *message,
                                  lwsec_bytes plain, uint64_t now, lwsec_buffer *out,
                                  lwsec_reason *reason)
{
    const bool notification = lwsec_link_is_notification(message);
    lwsec_link_exchange *exchange = find_answered(link, message, notification);

    if (exchange == NULL) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_OSCORE_REQUEST_USED, 0, reason);
    }
    if (link->framing == LWSEC_COAP_TCP) {
        const lwsec_status sent = lwsec_oscore_protect_response(
            exchange->context, &exchange->request, plain, false, out, reason);
        if (sent == LWSEC_OK) {
            note_response(link, exchange, notification);
        }
        return sent;
    }
    lwsec_link_sent *sent = lwsec_link_sent_room(link, now);
    if (sent == NULL) {
        return lwsec_refuse(LWSEC_LIMIT, LWSEC_WHY_LINK_FULL, 0, reason);
    }
    lwsec_link_sent_free(link, sent);
    lwsec_buffer wire = lwsec_buffer_of(sent->wire, link->room);
    const lwsec_status status = lwsec_oscore_protect_response(exchange->context, &exchange->request,
                                                              plain, false, &wire, reason);
    if (status == LWSEC_OK) {
        const bool first = note_response(link, exchange, notification);
        keep(link, sent, exchange, message, plain, wire.size, now, out);
        sent->answer = first;
    }
    return status;
}

lwsec_status lwsec_oscore_link_send(lwsec_oscore_link *link, lwsec_bytes plain, uint64_t now,
                                    lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_coap_message message;

    out->size = 0;
    if (out->capacity < link->room) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    const lwsec_status status = lwsec_coap_decode(link->framing, plain, &message, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (plain.size > link->message_max || message.token.size > link->token_max) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    if (!lwsec_link_type_fits(link, &message)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_CODE, 0, reason);
    }
    if (lwsec_link_passes(message.code)) {
        note_empty(link, &message, now);
        lwsec_link_copy(out, plain);
        return lwsec_accept(reason);
    }
    if (!answers_first(link, &message) && send_again(link, &message, plain, now, out)) {
        return lwsec_accept(reason);
    }
    return lwsec_link_is_request(message.code)
               ? send_request(link, &message, plain, now, out, reason)
               : send_response(link, &message, plain, now, out, reason);
}
