/* What the files of the endpoint share. */
#ifndef ENDPOINT_PARTS_H
#define ENDPOINT_PARTS_H

#include "endpoint.h"

#include <lwsec/key.h>

/* Sends and tells the log. `plain` is empty for what is not protected. */
void endpoint_send(endpoint *self, const endpoint_address *peer, const endpoint_datagram *datagram,
                   lwsec_bytes plain);

/* Sends an Empty message: an acknowledgement or a reset. */
void endpoint_send_empty(endpoint *self, const endpoint_address *peer, uint8_t type,
                         uint16_t message_id);

void endpoint_tell(const endpoint *self, endpoint_moment moment, const endpoint_address *peer,
                   lwsec_bytes plain, const endpoint_datagram *datagram);
void endpoint_tell_refused(const endpoint *self, const endpoint_address *peer,
                           const endpoint_datagram *datagram, const char *reason, uint8_t error);

static inline lwsec_bytes endpoint_view(const endpoint_datagram *datagram)
{
    return lwsec_bytes_of(datagram->data, datagram->size);
}

/* Our requests: exchange.c. */
void endpoint_take_answer(endpoint *self, const endpoint_address *peer,
                          const endpoint_datagram *datagram, const lwsec_coap_message *outer);
void endpoint_take_empty(endpoint *self, const endpoint_address *peer,
                         const lwsec_coap_message *empty);
void endpoint_resend(endpoint *self, int64_t now);
int64_t endpoint_next_resend(const endpoint *self, int64_t until);

/* Requests of peers: serve.c. */
void endpoint_take_request(endpoint *self, const endpoint_address *peer,
                           const endpoint_datagram *datagram, const lwsec_coap_message *outer);

/* Observers: observers.c. */
bool endpoint_add_observer(endpoint *self, const endpoint_incoming *incoming,
                           const lwsec_oscore_request *request);
void endpoint_remove_observer(endpoint *self, const endpoint_address *peer, lwsec_bytes token);
void endpoint_reset_observer(endpoint *self, const endpoint_address *peer, uint16_t message_id);
void endpoint_add_observe(endpoint *self, endpoint_message *message);

#endif
