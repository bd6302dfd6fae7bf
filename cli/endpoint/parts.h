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

/* A datagram goes out, within a DTLS session where there are any. */
void endpoint_put(endpoint *self, const endpoint_address *peer, const endpoint_datagram *datagram);

/* Under the security context, or as they are where DTLS alone protects: protect.c. */
lwsec_status endpoint_protect_request(endpoint *self, lwsec_bytes plain,
                                      lwsec_oscore_request *request, lwsec_buffer *out,
                                      lwsec_reason *reason);
lwsec_status endpoint_protect_answer(endpoint *self, lwsec_oscore_request *request,
                                     lwsec_bytes plain, bool own_number, lwsec_buffer *out,
                                     lwsec_reason *reason);
lwsec_status endpoint_copy(lwsec_bytes from, lwsec_buffer *out, lwsec_reason *reason);

/* The session with a peer is over: nothing of it is for the next one from its address. */
void endpoint_forget_peer(endpoint *self, const endpoint_address *peer);
void endpoint_forget_exchanges(endpoint *self, const endpoint_address *peer);  /* exchange.c */
void endpoint_forget_duplicates(endpoint *self, const endpoint_address *peer); /* serve.c */
void endpoint_forget_observers(endpoint *self, const endpoint_address *peer);  /* observers.c */

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

/* Large bodies: blocks.c. */

/* What is added to a request: of its own body, and of the answer's. Not copied. */
typedef struct endpoint_parts {
    lwsec_block_part request;
    lwsec_block_part answer;
} endpoint_parts;

lwsec_status endpoint_init_blocks(endpoint *self);
/* Prepares the exchange for this request and its answer. */
lwsec_status endpoint_begin_blocks(endpoint *self, endpoint_exchange *exchange,
                                   const endpoint_message *message, lwsec_reason *reason);
/* The next payload and its options. `parts` holds them until the message is encoded. */
lwsec_status endpoint_add_blocks(endpoint_exchange *exchange, endpoint_message *message,
                                 endpoint_parts *parts, lwsec_reason *reason);
/* Begins the request after `last`. */
void endpoint_next_request(const endpoint_exchange *exchange, const lwsec_coap_message *last,
                           endpoint_message *message);
/* Takes an answer. On LWSEC_BLOCK_DONE its payload becomes the whole body. */
lwsec_status endpoint_take_blocks(endpoint_exchange *exchange, lwsec_coap_message *answer,
                                  lwsec_block_step *step, lwsec_reason *reason);
/* Takes a request. If it is whole, its payload becomes the whole body. */
lwsec_status endpoint_collect(endpoint *self, endpoint_incoming *incoming,
                              lwsec_block1_taken *taken, lwsec_reason *reason);
/* Leaves of a large payload the block that was asked for. `part` holds it until the message is
 * encoded. */
void endpoint_cut(const endpoint *self, const lwsec_coap_message *request, endpoint_message *answer,
                  lwsec_block_part *part);
void endpoint_add_part(endpoint_message *message, const lwsec_block_part *part);

/* Observers: observers.c. */
bool endpoint_add_observer(endpoint *self, const endpoint_incoming *incoming,
                           const lwsec_oscore_request *request);
void endpoint_remove_observer(endpoint *self, const endpoint_address *peer, lwsec_bytes token);
void endpoint_reset_observer(endpoint *self, const endpoint_address *peer, uint16_t message_id);
void endpoint_add_observe(endpoint *self, endpoint_message *message);

#endif
