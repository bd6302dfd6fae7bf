/* The inside of a link: exchanges by token, messages by Message ID. */
#ifndef LWSEC_OSCORE_LINK_INSIDE_H
#define LWSEC_OSCORE_LINK_INSIDE_H

#include <lwsec/oscore_link.h>

#include "oscore/rederive.h"
#include "oscore/request.h"

/* RFC 7252 section 4.8.2, in milliseconds: how long a Message ID belongs to one message. */
#define LWSEC_LINK_EXCHANGE_LIFETIME 247000U
#define LWSEC_LINK_NON_LIFETIME 145000U

typedef enum lwsec_link_role {
    LWSEC_LINK_FREE = 0,
    LWSEC_LINK_OURS, /* the stack sent it */
    LWSEC_LINK_PEERS /* it was received */
} lwsec_link_role;

/* One request, until its last response; a registration, until it ends. */
typedef struct lwsec_link_exchange {
    lwsec_oscore_request request;
    lwsec_oscore *context; /* peers: which has opened it; a request object fits no other */
    uint64_t age;          /* the higher, the newer */
    uint64_t until; /* the request may be retransmitted until then; after it, the slot may be taken
                     * although no answer came */
    lwsec_link_role role;
    bool asks_observe; /* the request registers */
    bool cancels;      /* the request ends a registration */
    bool asks_r2;      /* ours: nobody delivers it, as its context is the first of Appendix B.2 */
    bool observed;     /* a response has accepted the registration */
    bool done;         /* nothing comes any more */
    bool idle;         /* a RST came for a notification: its slot may be taken at need */
    bool acknowledged; /* ours: the stack was told that it arrived; peers: the stack sent an ACK */
    bool asked_apart;  /* ours: `message_id` is that of a challenge that wanted an ACK */
    uint8_t echo_retries;
    uint8_t type;
    uint16_t message_id; /* peers: as received; ours: of the last response with its own */
    uint8_t piv[5];      /* peers: what tells a duplicate from another message */
    uint8_t piv_size;
    size_t token_size;
    uint8_t *token;
} lwsec_link_exchange;

/* One message that was sent, in both forms. */
typedef struct lwsec_link_sent {
    lwsec_link_exchange *exchange; /* NULL: it has ended */
    uint64_t age;
    uint64_t until;
    uint64_t resend_at; /* by the link itself */
    uint64_t interval;
    bool used;
    bool done;   /* acknowledged or answered: its slot may be taken */
    bool answer; /* the first response: duplicates of the request get it */
    uint8_t resent;
    uint8_t type;
    uint16_t stack_id;   /* as the stack knows it */
    uint16_t message_id; /* as the peer knows it */
    size_t plain_size;
    size_t wire_size;
    uint8_t *plain;
    uint8_t *wire;
} lwsec_link_sent;

struct lwsec_oscore_link {
    lwsec_oscore *context; /* NULL: those of `rederive` */
    lwsec_oscore_rederive *rederive;
    lwsec_coap_framing framing;
    size_t exchange_count;
    size_t sent_count;
    size_t message_max;
    size_t token_max;
    size_t memory_size;
    size_t room; /* of each message slot, and at least of each buffer of the caller */
    uint64_t next_age;
    uint16_t next_id;
    uint8_t echo_retries;
    lwsec_link_exchange *exchanges;
    lwsec_link_sent *sent;
};

static inline bool lwsec_link_is_request(uint8_t code)
{
    return code != LWSEC_COAP_EMPTY && code >> 5 == 0;
}

/* Empty, or signalling of TCP: never protected (RFC 8613 section 4.2, RFC 8323 section 5). */
static inline bool lwsec_link_passes(uint8_t code)
{
    return code == LWSEC_COAP_EMPTY || code >> 5 == 7;
}

/* Whether a message of this type may have its code: RFC 7252 section 4.3. */
static inline bool lwsec_link_type_fits(const lwsec_oscore_link *link,
                                        const lwsec_coap_message *message)
{
    if (link->framing != LWSEC_COAP_UDP || message->code == LWSEC_COAP_EMPTY) {
        return true;
    }
    return message->type <= LWSEC_COAP_NON ||
           (message->type == LWSEC_COAP_ACK && !lwsec_link_is_request(message->code));
}

/* ---- Contexts ---- */

/* The context for the next request; begins Appendix B.2 where there is none. */
LWSEC_MUST_CHECK lwsec_status lwsec_link_choose(lwsec_oscore_link *link, lwsec_oscore **context,
                                                lwsec_reason *reason);

/* As lwsec_oscore_unprotect_request, and tells by which context. */
LWSEC_MUST_CHECK lwsec_status lwsec_link_open_request(lwsec_oscore_link *link, lwsec_bytes wire,
                                                      lwsec_oscore **context,
                                                      lwsec_oscore_request *request,
                                                      lwsec_buffer *plain, lwsec_reason *reason);

/* As lwsec_oscore_unprotect_response. LWSEC_CHALLENGE: a new context was agreed, and the request
 * has to be made again. */
LWSEC_MUST_CHECK lwsec_status lwsec_link_open_response(lwsec_oscore_link *link, lwsec_bytes wire,
                                                       lwsec_oscore_request *request,
                                                       lwsec_buffer *plain, lwsec_reason *reason);

/* ---- Exchanges ---- */

/* Whether its context was closed, as Appendix B.2 has replaced it: nothing is sent or opened for it
 * any more. */
static inline bool lwsec_link_is_gone(const lwsec_link_exchange *exchange)
{
    const lwsec_request *inside = (const lwsec_request *)&exchange->request;
    return inside->context == NULL || inside->context->life != inside->life;
}

/* The newest exchange with this token that is older than `before`, and not gone; NULL: none. */
lwsec_link_exchange *lwsec_link_find(lwsec_oscore_link *link, lwsec_link_role role,
                                     lwsec_bytes token, uint64_t before);

/* A free slot for a request, or that of an exchange which is over; NULL: there is none. Nothing is
 * changed before lwsec_link_open. */
lwsec_link_exchange *lwsec_link_room(lwsec_oscore_link *link, uint64_t now);

/* Makes an exchange in a slot that lwsec_link_room gave. */
void lwsec_link_open(lwsec_oscore_link *link, lwsec_link_exchange *exchange, lwsec_link_role role,
                     const lwsec_coap_message *request, uint64_t now);

/* Ends an exchange. What it sent is kept for retransmission. */
void lwsec_link_end(lwsec_oscore_link *link, lwsec_link_exchange *exchange);

/* Ends the others with the token of this one, which has taken their place. */
void lwsec_link_end_older(lwsec_oscore_link *link, const lwsec_link_exchange *exchange);

/* Notes from the options of a request what becomes of it. */
void lwsec_link_read_observe(lwsec_link_exchange *exchange, const lwsec_coap_message *request);
bool lwsec_link_is_notification(const lwsec_coap_message *response);

/* ---- Messages ---- */

/* The newest message with this Message ID of the wire or, without `by_wire`, of the stack. ACKs
 * have the peer's Message IDs and are none of them. */
lwsec_link_sent *lwsec_link_sent_find(lwsec_oscore_link *link, bool by_wire, uint16_t message_id,
                                      uint64_t now);

/* The request message of an exchange of ours, or the answer to one of the peer's; NULL: gone. */
lwsec_link_sent *lwsec_link_sent_of(lwsec_oscore_link *link, const lwsec_link_exchange *exchange);

/* As lwsec_link_room, for a message. */
lwsec_link_sent *lwsec_link_sent_room(lwsec_oscore_link *link, uint64_t now);

/* Makes a message slot out of one that lwsec_link_sent_room gave and whose `wire` and `wire_size`
 * are set. */
void lwsec_link_sent_open(lwsec_oscore_link *link, lwsec_link_sent *sent,
                          lwsec_link_exchange *exchange, const lwsec_coap_message *message,
                          uint64_t now);
void lwsec_link_sent_free(lwsec_oscore_link *link, lwsec_link_sent *sent);

/* A Message ID that no message has; the given one if it is free. */
uint16_t lwsec_link_free_id(const lwsec_oscore_link *link, uint16_t wanted, uint64_t now);
/* One of the link's own. */
uint16_t lwsec_link_own_id(lwsec_oscore_link *link, uint64_t now);

/* Writes a Message ID into an encoded message (UDP). */
void lwsec_link_set_id(uint8_t *message, uint16_t message_id);

/* Copies an encoded message into a buffer that has the room. */
void lwsec_link_copy(lwsec_buffer *out, lwsec_bytes bytes);

#endif
