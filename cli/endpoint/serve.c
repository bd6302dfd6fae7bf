/* Requests of peers: refused, challenged, or answered once. */
#include "parts.h"

#include <string.h>

/* ---- Messages that come again: RFC 7252 section 4.2 ---- */

/* A retransmission is the same bytes from the same peer. All else has to pass the replay window. */
static const endpoint_duplicate *find_duplicate(const endpoint *self, const endpoint_address *peer,
                                                const endpoint_datagram *datagram)
{
    for (size_t i = 0; i < ENDPOINT_DUPLICATES; i++) {
        const endpoint_duplicate *duplicate = &self->duplicates[i];
        if (duplicate->request.size == datagram->size &&
            endpoint_address_equal(&duplicate->peer, peer) &&
            memcmp(duplicate->request.data, datagram->data, datagram->size) == 0) {
            return duplicate;
        }
    }
    return NULL;
}

void endpoint_forget_duplicates(endpoint *self, const endpoint_address *peer)
{
    for (size_t i = 0; i < ENDPOINT_DUPLICATES; i++) {
        if (endpoint_address_equal(&self->duplicates[i].peer, peer)) {
            lwsec_wipe(&self->duplicates[i], sizeof self->duplicates[i]);
        }
    }
}

static void remember(endpoint *self, const endpoint_address *peer, const endpoint_datagram *request,
                     const endpoint_datagram *answer)
{
    endpoint_duplicate *place = &self->duplicates[self->next_duplicate];

    place->peer = *peer;
    place->request = *request;
    place->answer = *answer;
    self->next_duplicate = (self->next_duplicate + 1) % ENDPOINT_DUPLICATES;
}

/* ---- The three kinds of answer ---- */

/* Type and Message ID of an answer: piggybacked for a confirmable request. */
static void address_answer(endpoint *self, const lwsec_coap_message *request,
                           lwsec_coap_message *answer)
{
    const bool confirmable = request->type == LWSEC_COAP_CON;

    answer->type = confirmable ? LWSEC_COAP_ACK : LWSEC_COAP_NON;
    answer->message_id = confirmable ? request->message_id : self->next_message_id++;
    answer->token = request->token;
}

/* An error that nobody can trust, without payload, so that it tells nothing. */
static void refuse(endpoint *self, const endpoint_address *peer, const endpoint_datagram *datagram,
                   lwsec_status status, const lwsec_reason *reason)
{
    endpoint_datagram answer;
    lwsec_buffer out = lwsec_buffer_of(answer.data, sizeof answer.data);

    endpoint_tell_refused(self, peer, datagram, lwsec_why_text(reason->why),
                          lwsec_oscore_error_code(status, reason));
    if (lwsec_oscore_error_message(LWSEC_COAP_UDP, endpoint_view(datagram), status, reason,
                                   self->next_message_id++, 0, &out) == LWSEC_OK) {
        answer.size = out.size;
        endpoint_send(self, peer, &answer, lwsec_bytes_of(NULL, 0));
    }
}

static void challenge(endpoint *self, const endpoint_address *peer,
                      const endpoint_datagram *datagram, lwsec_oscore_request *request)
{
    endpoint_datagram answer;
    lwsec_buffer out = lwsec_buffer_of(answer.data, sizeof answer.data);
    lwsec_reason reason;

    endpoint_tell(self, ENDPOINT_CHALLENGED, peer, lwsec_bytes_of(NULL, 0), datagram);
    const lwsec_status status = lwsec_oscore_challenge(
        self->oscore, request, endpoint_view(datagram), self->next_message_id++, &out, &reason);
    if (status == LWSEC_OK) {
        answer.size = out.size;
        endpoint_send(self, peer, &answer, lwsec_bytes_of(NULL, 0));
        remember(self, peer, datagram, &answer);
    } else {
        endpoint_tell_refused(self, peer, datagram, lwsec_why_text(reason.why), 0);
    }
}

/* The answer that Appendix B.2 has made. */
static void pass_on(endpoint *self, const endpoint_address *peer, const endpoint_datagram *datagram,
                    const lwsec_buffer *made)
{
    endpoint_datagram answer;

    if (made->size > sizeof answer.data) {
        return;
    }
    memcpy(answer.data, made->data, made->size);
    answer.size = made->size;
    endpoint_tell(self, ENDPOINT_CHALLENGED, peer, lwsec_bytes_of(NULL, 0), datagram);
    endpoint_send(self, peer, &answer, lwsec_bytes_of(NULL, 0));
    remember(self, peer, datagram, &answer);
}

static void observe_or_not(endpoint *self, endpoint_incoming *incoming, endpoint_message *answer)
{
    lwsec_coap_option option;
    uint32_t observe = 2;

    if (lwsec_coap_option_find(&incoming->plain, LWSEC_COAP_OBSERVE, &option) &&
        lwsec_coap_option_uint(option.value, &observe) && observe <= 1) {
        endpoint_remove_observer(self, incoming->peer, incoming->plain.token);
    }
    if (observe != 0 || answer->head.code >> 5 != 2 ||
        incoming->plain.token.size > ENDPOINT_TOKEN_SIZE) {
        incoming->topic = 0;
    }
    if (incoming->topic != 0) {
        endpoint_add_observe(self, answer);
    }
}

/* What the program answers to a whole request, or what asks for its next block. */
static void make_answer(endpoint *self, endpoint_incoming *incoming, lwsec_block1_taken *taken,
                        lwsec_block_part *part, endpoint_message *message)
{
    lwsec_reason ignored;

    endpoint_message_init(message, LWSEC_COAP_NOT_FOUND);
    if (endpoint_collect(self, incoming, taken, &ignored) == LWSEC_OK && taken->whole) {
        self->events->serve(self->program, incoming, message);
        if (incoming->plain.code == LWSEC_COAP_GET && message->head.code >> 5 == 2) {
            endpoint_cut(self, &incoming->plain, message, part);
        }
    } else {
        message->head.code = taken->code;
    }
    endpoint_add_part(message, &taken->part);
}

/* The client does not want this answer (RFC 7967): the acknowledgement alone, if it asked for one.
 */
static void keep_silent(endpoint *self, const endpoint_incoming *incoming,
                        const endpoint_datagram *datagram)
{
    const lwsec_coap_message empty = {.type = LWSEC_COAP_ACK,
                                      .message_id = incoming->plain.message_id};
    endpoint_datagram wire;
    lwsec_buffer out = lwsec_buffer_of(wire.data, sizeof wire.data);

    if (incoming->plain.type == LWSEC_COAP_CON &&
        lwsec_coap_encode(LWSEC_COAP_UDP, &empty, NULL, 0, &out, NULL) == LWSEC_OK) {
        wire.size = out.size;
        endpoint_send(self, incoming->peer, &wire, lwsec_bytes_of(NULL, 0));
        remember(self, incoming->peer, datagram, &wire);
    }
}

static void answer(endpoint *self, endpoint_incoming *incoming, const endpoint_datagram *datagram,
                   lwsec_oscore_request *request)
{
    lwsec_block1_taken taken;
    lwsec_block_part part;
    endpoint_message message;
    endpoint_datagram plain;
    endpoint_datagram wire;
    lwsec_buffer out = lwsec_buffer_of(wire.data, sizeof wire.data);
    lwsec_reason reason;

    make_answer(self, incoming, &taken, &part, &message);
    address_answer(self, &incoming->plain, &message.head);
    observe_or_not(self, incoming, &message);
    if (incoming->topic == 0 && lwsec_coap_no_response(&incoming->plain, message.head.code)) {
        keep_silent(self, incoming, datagram);
        return;
    }
    lwsec_status status = endpoint_message_encode(&message, &plain, &reason);
    if (status == LWSEC_OK) {
        status =
            endpoint_protect_answer(self, request, endpoint_view(&plain), false, &out, &reason);
    }
    if (status != LWSEC_OK) {
        endpoint_tell_refused(self, incoming->peer, datagram, lwsec_why_text(reason.why), 0);
        return;
    }
    wire.size = out.size;
    endpoint_send(self, incoming->peer, &wire, endpoint_view(&plain));
    remember(self, incoming->peer, datagram, &wire);
    if (incoming->topic != 0) {
        (void)endpoint_add_observer(self, incoming, request);
    }
}

void endpoint_take_request(endpoint *self, const endpoint_address *peer,
                           const endpoint_datagram *datagram, const lwsec_coap_message *outer)
{
    const endpoint_duplicate *duplicate = find_duplicate(self, peer, datagram);
    uint8_t room[ENDPOINT_DATAGRAM_MAX + 128];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_oscore_request request = {{0}};
    endpoint_incoming incoming = {.peer = peer};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (outer->type != LWSEC_COAP_CON && outer->type != LWSEC_COAP_NON) {
        return; /* no request can be an acknowledgement or a reset */
    }
    if (duplicate != NULL) {
        endpoint_tell(self, ENDPOINT_AGAIN, peer, lwsec_bytes_of(NULL, 0), datagram);
        endpoint_put(self, peer, &duplicate->answer);
        return;
    }
    lwsec_status status =
        endpoint_open_request(self, &request, endpoint_view(datagram), &out, &reason);
    if (status == LWSEC_OK) {
        endpoint_tell(self, ENDPOINT_RECEIVED, peer, lwsec_buffer_bytes(&out), datagram);
        status =
            lwsec_coap_decode(LWSEC_COAP_UDP, lwsec_buffer_bytes(&out), &incoming.plain, &reason);
    }
    if (status == LWSEC_OK) {
        answer(self, &incoming, datagram, &request);
    } else if (status == LWSEC_CHALLENGE && out.size > 0) {
        pass_on(self, peer, datagram, &out);
    } else if (status == LWSEC_CHALLENGE) {
        challenge(self, peer, datagram, &request);
    } else {
        refuse(self, peer, datagram, status, &reason);
    }
    lwsec_wipe(room, sizeof room);
}
