/* Peers that observe something here: RFC 7641 section 4. */
#include "parts.h"

#include <string.h>

static bool is(const endpoint_observer *observer, const endpoint_address *peer, lwsec_bytes token)
{
    return observer->topic != 0 && endpoint_address_equal(&observer->peer, peer) &&
           observer->token_size == token.size &&
           (token.size == 0 || memcmp(observer->token, token.data, token.size) == 0);
}

static void forget(endpoint_observer *observer)
{
    lwsec_wipe(observer, sizeof *observer);
}

void endpoint_remove_observer(endpoint *self, const endpoint_address *peer, lwsec_bytes token)
{
    for (size_t i = 0; i < ENDPOINT_OBSERVERS; i++) {
        if (is(&self->observers[i], peer, token)) {
            forget(&self->observers[i]);
        }
    }
}

void endpoint_forget_observers(endpoint *self, const endpoint_address *peer)
{
    for (size_t i = 0; i < ENDPOINT_OBSERVERS; i++) {
        if (endpoint_address_equal(&self->observers[i].peer, peer)) {
            forget(&self->observers[i]);
        }
    }
}

void endpoint_reset_observer(endpoint *self, const endpoint_address *peer, uint16_t message_id)
{
    for (size_t i = 0; i < ENDPOINT_OBSERVERS; i++) {
        endpoint_observer *observer = &self->observers[i];
        if (observer->topic != 0 && observer->message_id == message_id &&
            endpoint_address_equal(&observer->peer, peer)) {
            forget(observer);
        }
    }
}

/* A free place, or that of the oldest registration: a peer that went away never cancels. */
static endpoint_observer *choose_place(endpoint *self)
{
    endpoint_observer *oldest = &self->observers[0];

    for (size_t i = 0; i < ENDPOINT_OBSERVERS; i++) {
        endpoint_observer *observer = &self->observers[i];
        if (observer->topic == 0) {
            return observer;
        }
        if (observer->since < oldest->since) {
            oldest = observer;
        }
    }
    return oldest;
}

bool endpoint_add_observer(endpoint *self, const endpoint_incoming *incoming,
                           const lwsec_oscore_request *request)
{
    const lwsec_bytes token = incoming->plain.token;

    if (token.size > ENDPOINT_TOKEN_SIZE) {
        return false;
    }
    endpoint_observer *place = choose_place(self);
    memset(place, 0, sizeof *place);
    place->topic = incoming->topic;
    place->peer = *incoming->peer;
    place->token_size = token.size;
    if (token.size > 0) {
        memcpy(place->token, token.data, token.size);
    }
    place->request = *request;
    place->since = endpoint_now();
    return true;
}

void endpoint_add_observe(endpoint *self, endpoint_message *message)
{
    self->observe_sequence = (self->observe_sequence + 1U) & 0xffffffU;
    endpoint_message_add_uint(message, LWSEC_COAP_OBSERVE, self->observe_sequence);
}

bool endpoint_observed(const endpoint *self, unsigned topic)
{
    for (size_t i = 0; i < ENDPOINT_OBSERVERS; i++) {
        if (self->observers[i].topic == topic) {
            return true;
        }
    }
    return false;
}

static void notify(endpoint *self, endpoint_observer *observer, endpoint_message *message)
{
    const lwsec_coap_message no_request = {.code = LWSEC_COAP_GET};
    lwsec_block_part part;
    endpoint_datagram plain;
    endpoint_datagram wire;
    lwsec_buffer out = lwsec_buffer_of(wire.data, sizeof wire.data);
    lwsec_reason reason;

    endpoint_cut(self, &no_request, message, &part); /* its first block */
    message->head.type = LWSEC_COAP_NON;
    message->head.message_id = self->next_message_id++;
    message->head.token = lwsec_bytes_of(observer->token, observer->token_size);
    lwsec_status status = endpoint_message_encode(message, &plain, &reason);
    if (status == LWSEC_OK) {
        status = endpoint_protect_answer(self, &observer->request, endpoint_view(&plain), true,
                                         &out, &reason);
    }
    if (status == LWSEC_OK) {
        wire.size = out.size;
        observer->message_id = message->head.message_id;
        endpoint_send(self, &observer->peer, &wire, endpoint_view(&plain));
    }
}

void endpoint_notify(endpoint *self, unsigned topic, const endpoint_message *message)
{
    const bool success = message->head.code >> 5 == 2;

    for (size_t i = 0; i < ENDPOINT_OBSERVERS; i++) {
        endpoint_observer *observer = &self->observers[i];
        endpoint_message copy = *message;
        if (observer->topic != topic) {
            continue;
        }
        if (success) {
            endpoint_add_observe(self, &copy);
        }
        notify(self, observer, &copy);
        if (!success) {
            forget(observer);
        }
    }
}
