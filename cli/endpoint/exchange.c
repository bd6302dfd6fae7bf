/* Our requests: sending them again, taking their answers, proving freshness. */
#include "parts.h"

#include <lwsec/coap_echo.h>

#include <string.h>

/* RFC 7252 section 4.8: ACK_TIMEOUT, the half of it that is random, MAX_RETRANSMIT. */
#define ACK_TIMEOUT 2000
#define ACK_RANDOM_SPAN 1000
#define MAX_RETRANSMIT 4U

/* ---- Sending ---- */

static lwsec_status start_timer(endpoint *self, endpoint_exchange *exchange)
{
    uint8_t random[2] = {0};
    const lwsec_status status = lwsec_random(self->store, random, sizeof random);

    exchange->interval =
        ACK_TIMEOUT + (int64_t)(random[0] << 8 | random[1]) * ACK_RANDOM_SPAN / 0xffff;
    exchange->resend_at = endpoint_now() + exchange->interval;
    exchange->resent = 0;
    exchange->acknowledged = false;
    return status;
}

/* Protects a request with a new number and sends it. */
static lwsec_status send_plain(endpoint *self, endpoint_exchange *exchange,
                               const endpoint_datagram *plain, uint16_t message_id,
                               lwsec_reason *reason)
{
    lwsec_buffer out = lwsec_buffer_of(exchange->wire.data, sizeof exchange->wire.data);
    lwsec_status status =
        endpoint_protect_request(self, endpoint_view(plain), &exchange->request, &out, reason);

    if (status == LWSEC_OK) {
        status = start_timer(self, exchange);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    exchange->message_id = message_id;
    exchange->plain = *plain;
    exchange->wire.size = out.size;
    endpoint_send(self, &exchange->peer, &exchange->wire, endpoint_view(&exchange->plain));
    return LWSEC_OK;
}

/* Gives the message a Message ID and sends it. */
static lwsec_status send_message(endpoint *self, endpoint_exchange *exchange,
                                 endpoint_message *message, lwsec_reason *reason)
{
    endpoint_datagram plain;

    message->head.type = LWSEC_COAP_CON;
    message->head.message_id = self->next_message_id++;
    const lwsec_status status = endpoint_message_encode(message, &plain, reason);
    return status == LWSEC_OK ? send_plain(self, exchange, &plain, message->head.message_id, reason)
                              : status;
}

/* Sends the message with the next payload, and the options of its block. */
static lwsec_status send_block(endpoint *self, endpoint_exchange *exchange,
                               endpoint_message *message, lwsec_reason *reason)
{
    endpoint_parts parts;
    const lwsec_status status = endpoint_add_blocks(exchange, message, &parts, reason);

    return status == LWSEC_OK ? send_message(self, exchange, message, reason) : status;
}

static endpoint_exchange *free_exchange(endpoint *self)
{
    for (size_t i = 0; i < ENDPOINT_EXCHANGES; i++) {
        if (!self->exchanges[i].open) {
            return &self->exchanges[i];
        }
    }
    return NULL;
}

lwsec_status endpoint_ask(endpoint *self, const endpoint_address *peer, endpoint_message *message,
                          const endpoint_exchange *token_of, endpoint_exchange **exchange,
                          lwsec_reason *reason)
{
    endpoint_exchange *made = free_exchange(self);
    lwsec_status status = LWSEC_OK;

    reason->why = LWSEC_WHY_NONE;
    if (made == NULL) {
        return LWSEC_LIMIT;
    }
    memset(made, 0, sizeof *made);
    if (token_of != NULL) {
        memcpy(made->token, token_of->token, sizeof made->token);
    } else {
        status = lwsec_random(self->store, made->token, sizeof made->token);
    }
    made->peer = *peer;
    message->head.token = lwsec_bytes_of(made->token, sizeof made->token);
    if (status == LWSEC_OK) {
        status = endpoint_begin_blocks(self, made, message, reason);
    }
    if (status == LWSEC_OK) {
        status = send_block(self, made, message, reason);
    }
    made->open = status == LWSEC_OK;
    if (!made->open) {
        lwsec_request_tag_end(&made->tag);
    }
    *exchange = made;
    return status;
}

void endpoint_forget(endpoint_exchange *exchange)
{
    lwsec_request_tag_end(&exchange->tag);
    lwsec_wipe(exchange, sizeof *exchange);
}

static void fail(endpoint *self, endpoint_exchange *exchange, const char *why)
{
    self->events->failed(self->program, exchange, why);
    endpoint_forget(exchange);
}

void endpoint_forget_exchanges(endpoint *self, const endpoint_address *peer)
{
    for (size_t i = 0; i < ENDPOINT_EXCHANGES; i++) {
        if (self->exchanges[i].open && endpoint_address_equal(&self->exchanges[i].peer, peer)) {
            fail(self, &self->exchanges[i], "the session is over");
        }
    }
}

/* ---- Sending again ---- */

static bool is_due(const endpoint_exchange *exchange, int64_t now)
{
    return exchange->open && !exchange->acknowledged && exchange->resend_at <= now;
}

void endpoint_resend(endpoint *self, int64_t now)
{
    for (size_t i = 0; i < ENDPOINT_EXCHANGES; i++) {
        endpoint_exchange *exchange = &self->exchanges[i];
        if (!is_due(exchange, now)) {
            continue;
        }
        if (exchange->resent == MAX_RETRANSMIT) {
            fail(self, exchange, exchange->refused != NULL ? exchange->refused : "no answer came");
            continue;
        }
        exchange->resent++;
        exchange->interval *= 2;
        exchange->resend_at = now + exchange->interval;
        endpoint_send(self, &exchange->peer, &exchange->wire, endpoint_view(&exchange->plain));
    }
}

int64_t endpoint_next_resend(const endpoint *self, int64_t until)
{
    for (size_t i = 0; i < ENDPOINT_EXCHANGES; i++) {
        const endpoint_exchange *exchange = &self->exchanges[i];
        if (exchange->open && !exchange->acknowledged && exchange->resend_at < until) {
            until = exchange->resend_at;
        }
    }
    return until;
}

/* ---- Taking answers ---- */

/* An observation and its cancelling share a token. Notifications have Observe outside as well. */
static endpoint_exchange *find(endpoint *self, const endpoint_address *peer,
                               const lwsec_coap_message *outer)
{
    lwsec_coap_option observe;
    const bool notification = lwsec_coap_option_find(outer, LWSEC_COAP_OBSERVE, &observe);
    endpoint_exchange *found = NULL;

    for (size_t i = 0; i < ENDPOINT_EXCHANGES; i++) {
        endpoint_exchange *exchange = &self->exchanges[i];
        if (exchange->open && endpoint_address_equal(&exchange->peer, peer) &&
            outer->token.size == sizeof exchange->token &&
            memcmp(outer->token.data, exchange->token, sizeof exchange->token) == 0 &&
            (found == NULL || exchange->observing == notification)) {
            found = exchange;
        }
    }
    return found;
}

/* Answers a challenge, once: the same request, with its Echo value. */
static bool prove_freshness(endpoint *self, endpoint_exchange *exchange, lwsec_bytes answer)
{
    endpoint_datagram plain;
    lwsec_buffer out = lwsec_buffer_of(plain.data, sizeof plain.data);
    lwsec_reason reason;

    if (exchange->proven ||
        lwsec_coap_echo_retry(LWSEC_COAP_UDP, endpoint_view(&exchange->plain), answer,
                              self->next_message_id, &out, &reason) != LWSEC_OK) {
        return false;
    }
    plain.size = out.size;
    exchange->proven = true;
    return send_plain(self, exchange, &plain, self->next_message_id++, &reason) == LWSEC_OK;
}

/* A new context was agreed: the same request again, with it (RFC 8613 Appendix B.2, step 3). */
static bool ask_again(endpoint *self, endpoint_exchange *exchange)
{
    lwsec_coap_message request;
    endpoint_message message;
    lwsec_reason reason;

    if (lwsec_coap_decode(LWSEC_COAP_UDP, endpoint_view(&exchange->plain), &request, &reason) !=
        LWSEC_OK) {
        return false;
    }
    endpoint_message_from(&message, &request);
    return send_message(self, exchange, &message, &reason) == LWSEC_OK;
}

static lwsec_status ask_for_next(endpoint *self, endpoint_exchange *exchange, lwsec_reason *reason)
{
    const endpoint_datagram last = exchange->plain;
    lwsec_coap_message request;
    endpoint_message message;

    const lwsec_status status =
        lwsec_coap_decode(LWSEC_COAP_UDP, endpoint_view(&last), &request, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    endpoint_next_request(exchange, &request, &message);
    return send_block(self, exchange, &message, reason);
}

/* Whether the answer is whole; otherwise the next request is on its way, or the exchange failed. A
 * notification is whole: what asked for the rest would take the place of the registration. */
static bool whole(endpoint *self, endpoint_exchange *exchange, lwsec_coap_message *answer)
{
    lwsec_block_step step = LWSEC_BLOCK_DONE;
    lwsec_block block = {0, 0, false};
    lwsec_reason reason;

    if (exchange->observing) {
        if (lwsec_block_find(answer, LWSEC_COAP_BLOCK2, &block, &reason) == LWSEC_OK &&
            block.more) {
            fail(self, exchange, "a notification that comes in blocks");
            return false;
        }
        lwsec_request_tag_end(&exchange->tag);
        return true;
    }
    lwsec_status status = endpoint_take_blocks(exchange, answer, &step, &reason);
    if (status == LWSEC_OK && step == LWSEC_BLOCK_NEXT) {
        status = ask_for_next(self, exchange, &reason);
    }
    if (status != LWSEC_OK) {
        fail(self, exchange, lwsec_why_text(reason.why));
    }
    return status == LWSEC_OK && step == LWSEC_BLOCK_DONE;
}

static void take_protected(endpoint *self, endpoint_exchange *exchange, lwsec_coap_message *answer)
{
    lwsec_coap_option observe;

    exchange->observing = lwsec_coap_option_find(answer, LWSEC_COAP_OBSERVE, &observe);
    if (!whole(self, exchange, answer)) {
        return;
    }
    self->events->answer(self->program, exchange, answer);
    if (exchange->open && !exchange->observing) {
        endpoint_forget(exchange);
    }
}

/* A refused answer proves nothing: the real one may still come. Only an error that may stand
 * unprotected (RFC 8613 section 8.4) ends the wait. */
static void refuse(endpoint *self, endpoint_exchange *exchange, const endpoint_datagram *datagram,
                   const lwsec_coap_message *outer, lwsec_why why)
{
    const char *text = lwsec_why_text(why);

    endpoint_tell_refused(self, &exchange->peer, datagram, text, 0);
    exchange->refused = text;
    if (why == LWSEC_WHY_OSCORE_UNPROTECTED && lwsec_oscore_plain_error(outer->code)) {
        fail(self, exchange, "the peer answered with an unprotected error");
    }
}

void endpoint_take_answer(endpoint *self, const endpoint_address *peer,
                          const endpoint_datagram *datagram, const lwsec_coap_message *outer)
{
    endpoint_exchange *exchange = find(self, peer, outer);
    uint8_t room[ENDPOINT_DATAGRAM_MAX + 8];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_coap_message answer;
    lwsec_reason reason;

    if (exchange == NULL) {
        if (outer->type != LWSEC_COAP_ACK) {
            /* Nobody waits for it: a server that notifies learns that it may stop. */
            endpoint_send_empty(self, peer, LWSEC_COAP_RST, outer->message_id);
        }
        return;
    }
    if (outer->type == LWSEC_COAP_ACK && outer->message_id != exchange->message_id) {
        return;
    }
    lwsec_status status =
        endpoint_open_answer(self, &exchange->request, endpoint_view(datagram), &out, &reason);
    if (outer->type == LWSEC_COAP_CON &&
        (status == LWSEC_OK || status == LWSEC_REPLAY || status == LWSEC_CHALLENGE)) {
        endpoint_send_empty(self, peer, LWSEC_COAP_ACK, outer->message_id);
    }
    if (status == LWSEC_CHALLENGE && ask_again(self, exchange)) {
        return;
    }
    if (status == LWSEC_OK) {
        exchange->acknowledged = true;
        endpoint_tell(self, ENDPOINT_RECEIVED, peer, lwsec_buffer_bytes(&out), datagram);
        status = lwsec_coap_decode(LWSEC_COAP_UDP, lwsec_buffer_bytes(&out), &answer, &reason);
    }
    if (status == LWSEC_OK && !prove_freshness(self, exchange, lwsec_buffer_bytes(&out))) {
        take_protected(self, exchange, &answer);
    } else if (status != LWSEC_OK) {
        refuse(self, exchange, datagram, outer, reason.why);
    }
    lwsec_wipe(room, sizeof room);
}

void endpoint_take_empty(endpoint *self, const endpoint_address *peer,
                         const lwsec_coap_message *empty)
{
    if (empty->type == LWSEC_COAP_CON) {
        endpoint_send_empty(self, peer, LWSEC_COAP_RST, empty->message_id); /* a CoAP ping */
        return;
    }
    for (size_t i = 0; i < ENDPOINT_EXCHANGES; i++) {
        endpoint_exchange *exchange = &self->exchanges[i];
        if (!exchange->open || exchange->message_id != empty->message_id ||
            !endpoint_address_equal(&exchange->peer, peer)) {
            continue;
        }
        if (empty->type == LWSEC_COAP_ACK) {
            exchange->acknowledged = true;
        } else if (empty->type == LWSEC_COAP_RST) {
            fail(self, exchange, "the peer reset the exchange");
        }
    }
    if (empty->type == LWSEC_COAP_RST) {
        endpoint_reset_observer(self, peer, empty->message_id);
    }
}
