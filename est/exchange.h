/* One confirmable request at a time, with its retransmissions: RFC 7252 section 4.2. */
#ifndef LWSEC_EST_EXCHANGE_H
#define LWSEC_EST_EXCHANGE_H

#include <lwsec/est.h>

#define LWSEC_EST_TOKEN_SIZE 4U

/* The present request, and what the next one begins with. */
typedef struct lwsec_est_exchange {
    uint32_t ack_timeout;
    uint32_t answer_timeout;
    uint16_t message_id;
    uint16_t separate_id; /* of the last answer that came in a message of its own */
    bool has_separate;
    uint8_t token[LWSEC_EST_TOKEN_SIZE];
    uint32_t jitter; /* of the first timeout, in 1/256 */
    bool open;       /* an answer is waited for */
    bool due;        /* the request is to be taken */
    bool acknowledged;
    bool ack_due; /* an acknowledgement is to be taken */
    unsigned sent;
    uint32_t timeout;
    uint64_t deadline;
    size_t size;
    uint8_t request[LWSEC_EST_MESSAGE_MAX];
} lwsec_est_exchange;

/* What a message that came is. */
typedef enum lwsec_est_arrival {
    LWSEC_EST_FOREIGN, /* none of this exchange */
    LWSEC_EST_NOTED,   /* an acknowledgement, or an answer that came before */
    LWSEC_EST_RESET,   /* the peer did not take the request */
    LWSEC_EST_ANSWERED
} lwsec_est_arrival;

/* Message IDs, tokens and the first timeout begin with these random bytes. */
#define LWSEC_EST_RANDOM_SIZE 7U
void lwsec_est_exchange_init(lwsec_est_exchange *exchange, uint32_t ack_timeout,
                             uint32_t answer_timeout, const uint8_t random[LWSEC_EST_RANDOM_SIZE]);

/* Makes the next request, with a Message ID and a token of its own, to be taken. */
LWSEC_MUST_CHECK lwsec_status lwsec_est_exchange_send(lwsec_est_exchange *exchange, uint8_t code,
                                                      const lwsec_coap_option *options,
                                                      size_t count, lwsec_bytes payload,
                                                      uint64_t now, lwsec_reason *reason);

/* No answer is waited for any more. */
void lwsec_est_exchange_stop(lwsec_est_exchange *exchange);

/* As lwsec_est_take. */
LWSEC_MUST_CHECK lwsec_status lwsec_est_exchange_take(lwsec_est_exchange *exchange,
                                                      lwsec_buffer *message);

/* Looks at a message. An answer ends the exchange. */
lwsec_est_arrival lwsec_est_exchange_feed(lwsec_est_exchange *exchange,
                                          const lwsec_coap_message *message, uint64_t now);

/* False: nobody has answered, and nothing more is tried. */
bool lwsec_est_exchange_step(lwsec_est_exchange *exchange, uint64_t now);

#endif
