/* A small CoAP endpoint over UDP with DTLS, OSCORE, or both: asks, answers, observes. RFC 7252,
 * 7641, 8613, 9175. */
#ifndef ENDPOINT_ENDPOINT_H
#define ENDPOINT_ENDPOINT_H

#include <lwsec/coap_block.h>
#include <lwsec/oscore.h>

#include "agreement.h"
#include "message.h"
#include "sessions.h"

/*
 * One socket, and one security context or DTLS sessions, or that context within them; both roles.
 * It shows how a program puts lwsec under its messages, and serves the lwsec program and the
 * examples. All memory is here; the caller's loop calls endpoint_wait. Large bodies go by inner
 * block-wise transfer: an observer asks for the rest of a large notification by itself. Left out of
 * CoAP: congestion control, confirmable notifications, large answers to anything but GET.
 */

#define ENDPOINT_EXCHANGES 4U   /* requests of ours that wait for an answer */
#define ENDPOINT_OBSERVERS 8U   /* registrations of peers */
#define ENDPOINT_DUPLICATES 16U /* messages that may come again */
#define ENDPOINT_TOKEN_SIZE 8U
#define ENDPOINT_BODY_MAX 16384U /* of a body in blocks */
#define ENDPOINT_BODIES 4U       /* that come from peers at a time */
#define ENDPOINT_KEY_MAX 512U    /* peer and options of one of them */

/* A request of ours, until its last answer. */
typedef struct endpoint_exchange {
    bool open;
    bool acknowledged; /* no need to send it again */
    bool observing;    /* a registration that was accepted: more answers come */
    bool proven;       /* it was challenged, and repeated with the Echo option */
    endpoint_address peer;
    uint8_t token[ENDPOINT_TOKEN_SIZE];
    uint16_t message_id;
    endpoint_datagram plain; /* to repeat it with an Echo option */
    endpoint_datagram wire;  /* to send the same bytes again */
    lwsec_oscore_request request;
    int64_t resend_at;
    int64_t interval;
    unsigned resent;
    const char *refused; /* why the last answer was refused; NULL: none was */
    lwsec_block1_send sending;
    lwsec_block2_receive receiving;
    lwsec_request_tag tag;
    uint8_t body[ENDPOINT_BODY_MAX]; /* of the answer */
} endpoint_exchange;

/* A request of a peer. */
typedef struct endpoint_incoming {
    const endpoint_address *peer;
    lwsec_coap_message plain;
    /* Set by who answers: this registration (Observe 0) is accepted for what has this number. */
    unsigned topic;
} endpoint_incoming;

typedef enum endpoint_moment {
    ENDPOINT_SENT,
    ENDPOINT_RECEIVED,   /* and accepted */
    ENDPOINT_CHALLENGED, /* authentic, but not known to be fresh */
    ENDPOINT_REFUSED,
    ENDPOINT_AGAIN /* received again: the same answer was sent again */
} endpoint_moment;

/* Something that happened, for logs. */
typedef struct endpoint_trace {
    endpoint_moment moment;
    const endpoint_address *peer;
    lwsec_bytes plain; /* empty when refused, and for messages that are never protected */
    lwsec_bytes wire;
    const char *reason; /* of a refusal */
    uint8_t error;      /* code of the unprotected error that answers a refused request; 0: none */
} endpoint_trace;

/* What the program is told. Any but `failed` may be NULL where it cannot happen or is of no
 * interest. */
typedef struct endpoint_events {
    void (*trace)(void *program, const endpoint_trace *trace);
    /* A protected answer. The exchange is closed afterwards unless it is observing. */
    void (*answer)(void *program, endpoint_exchange *exchange, const lwsec_coap_message *answer);
    /* No answer will come. The exchange is closed afterwards. */
    void (*failed)(void *program, endpoint_exchange *exchange, const char *why);
    /* Of a DTLS session. */
    void (*session)(void *program, const endpoint_session *session, const lwsec_dtls_event *event);
    /* Fills in the code, options and payload of the answer to an accepted request. */
    void (*serve)(void *program, endpoint_incoming *request, endpoint_message *answer);
} endpoint_events;

typedef struct endpoint_observer {
    unsigned topic; /* 0: free */
    endpoint_address peer;
    uint8_t token[ENDPOINT_TOKEN_SIZE];
    size_t token_size;
    uint16_t message_id; /* of the last notification: a Reset names it */
    lwsec_oscore_request request;
    int64_t since;
} endpoint_observer;

typedef struct endpoint_duplicate {
    endpoint_address peer;
    endpoint_datagram request;
    endpoint_datagram answer;
} endpoint_duplicate;

typedef struct endpoint {
    int socket;
    endpoint_sessions *sessions;  /* NULL: datagrams are CoAP messages */
    lwsec_oscore *oscore;         /* NULL, with sessions: they alone protect */
    endpoint_agreement agreement; /* set by the program after endpoint_init, where it is wanted */
    lwsec_store *store;           /* lends random numbers */
    const endpoint_events *events;
    void *program;
    uint16_t next_message_id;
    uint32_t observe_sequence;
    endpoint_exchange exchanges[ENDPOINT_EXCHANGES];
    endpoint_observer observers[ENDPOINT_OBSERVERS];
    endpoint_duplicate duplicates[ENDPOINT_DUPLICATES];
    size_t next_duplicate;
    uint8_t szx; /* of the largest blocks */
    lwsec_request_tags tags;
    lwsec_block1_receiver *bodies;
    uint64_t bodies_memory[LWSEC_BLOCK1_RECEIVER_SIZE(ENDPOINT_BODIES, ENDPOINT_BODY_MAX,
                                                      ENDPOINT_KEY_MAX) /
                           8];
} endpoint;

/* Makes an endpoint of what the caller has opened. */
lwsec_status endpoint_init(endpoint *self, int socket, lwsec_oscore *oscore, lwsec_store *store,
                           const endpoint_events *events, void *program);

/* Puts DTLS below: `sessions` is opened over the socket, and closed with the endpoint. */
lwsec_status endpoint_secure(endpoint *self, endpoint_sessions *sessions,
                             const lwsec_dtls_endpoint *dtls, bool server, lwsec_reason *reason);

/* The largest block: a power of two from 16 to 1024 bytes, which it is at first. False for another
 * one. Before anything is asked or answered. */
bool endpoint_set_block_size(endpoint *self, uint64_t size);

/* Wipes what it holds; closes the socket. */
void endpoint_close(endpoint *self);

/*
 * Waits until `until` (of endpoint_now), until something happened on the socket, or until
 * `other_file` can be read
 * (-1: none): then the answer is true. Handles what came and sends again what is due.
 */
bool endpoint_wait(endpoint *self, int64_t until, int other_file);

/*
 * Sends a confirmable request. Its token is made here, unless `token_of` is an exchange whose token
 * goes on: to cancel an observation. A payload larger than a block stays until the exchange is
 * closed. LWSEC_LIMIT: too many exchanges are open. Otherwise as
 * encoding and protecting answer.
 */
lwsec_status endpoint_ask(endpoint *self, const endpoint_address *peer, endpoint_message *message,
                          const endpoint_exchange *token_of, endpoint_exchange **exchange,
                          lwsec_reason *reason);

/* Waits for no more answers. */
void endpoint_forget(endpoint_exchange *exchange);

/* Sends code, options and payload to all observers of a topic; one that is no success ends them. */
void endpoint_notify(endpoint *self, unsigned topic, const endpoint_message *message);

/* Whether anybody observes the topic. */
bool endpoint_observed(const endpoint *self, unsigned topic);

#endif
