/* One confirmable request at a time, with its retransmissions: RFC 7252 section 4.2. */
#include "est/exchange.h"

#include "core/reader.h"
#include "core/reason.h"

#include <string.h>

#define MAX_RETRANSMIT 4U
/* ACK_RANDOM_FACTOR 1.5, in 1/256. */
#define FACTOR_ONE 256U
#define FACTOR_RANGE 128U

void lwsec_est_exchange_init(lwsec_est_exchange *exchange, uint32_t ack_timeout,
                             uint32_t answer_timeout, const uint8_t random[LWSEC_EST_RANDOM_SIZE])
{
    lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(random, LWSEC_EST_RANDOM_SIZE));

    memset(exchange, 0, sizeof *exchange);
    exchange->ack_timeout = ack_timeout;
    exchange->answer_timeout = answer_timeout;
    exchange->message_id = (uint16_t)lwsec_reader_uint(&reader, 2);
    exchange->jitter = FACTOR_ONE + lwsec_reader_u8(&reader) % FACTOR_RANGE;
    memcpy(exchange->token, lwsec_reader_rest(&reader).data, LWSEC_EST_TOKEN_SIZE);
    exchange->deadline = UINT64_MAX;
}

/* The next token: none comes twice in one enrolment. */
static void count_up(uint8_t token[LWSEC_EST_TOKEN_SIZE])
{
    for (size_t i = LWSEC_EST_TOKEN_SIZE; i > 0; i--) {
        if (++token[i - 1] != 0) {
            return;
        }
    }
}

lwsec_status lwsec_est_exchange_send(lwsec_est_exchange *exchange, uint8_t code,
                                     const lwsec_coap_option *options, size_t count,
                                     lwsec_bytes payload, uint64_t now, lwsec_reason *reason)
{
    lwsec_buffer room = lwsec_buffer_of(exchange->request, sizeof exchange->request);

    exchange->message_id++;
    count_up(exchange->token);
    const lwsec_coap_message head = {.type = LWSEC_COAP_CON,
                                     .code = code,
                                     .message_id = exchange->message_id,
                                     .token = {exchange->token, LWSEC_EST_TOKEN_SIZE},
                                     .payload = payload};
    const lwsec_status status =
        lwsec_coap_encode(LWSEC_COAP_UDP, &head, options, count, &room, reason);
    exchange->size = room.size;
    exchange->open = status == LWSEC_OK;
    exchange->due = exchange->open;
    exchange->acknowledged = false;
    exchange->sent = 0;
    exchange->timeout = (uint32_t)((uint64_t)exchange->ack_timeout * exchange->jitter / FACTOR_ONE);
    exchange->deadline = exchange->open ? now + exchange->timeout : UINT64_MAX;
    return status;
}

void lwsec_est_exchange_stop(lwsec_est_exchange *exchange)
{
    exchange->open = false;
    exchange->due = false;
    exchange->deadline = UINT64_MAX;
}

static lwsec_status take_acknowledgement(lwsec_est_exchange *exchange, lwsec_buffer *message)
{
    const lwsec_coap_message empty = {.type = LWSEC_COAP_ACK, .message_id = exchange->separate_id};
    const lwsec_status status = lwsec_coap_encode(LWSEC_COAP_UDP, &empty, NULL, 0, message, NULL);

    exchange->ack_due = status != LWSEC_OK;
    return status;
}

lwsec_status lwsec_est_exchange_take(lwsec_est_exchange *exchange, lwsec_buffer *message)
{
    message->size = 0;
    if (exchange->ack_due) {
        return take_acknowledgement(exchange, message);
    }
    if (!exchange->due) {
        return LWSEC_ABSENT;
    }
    if (message->capacity < exchange->size) {
        return LWSEC_BUFFER;
    }
    memcpy(message->data, exchange->request, exchange->size);
    message->size = exchange->size;
    exchange->due = false;
    return LWSEC_OK;
}

/* ---- What comes ---- */

static bool has_token(const lwsec_est_exchange *exchange, const lwsec_coap_message *message)
{
    return lwsec_equal_secret(message->token,
                              lwsec_bytes_of(exchange->token, LWSEC_EST_TOKEN_SIZE));
}

static lwsec_est_arrival acknowledge(lwsec_est_exchange *exchange, uint64_t now)
{
    if (!exchange->acknowledged) {
        exchange->acknowledged = true;
        exchange->due = false;
        exchange->deadline = now + exchange->answer_timeout;
    }
    return LWSEC_EST_NOTED;
}

static lwsec_est_arrival answer(lwsec_est_exchange *exchange)
{
    lwsec_est_exchange_stop(exchange);
    return LWSEC_EST_ANSWERED;
}

/* In a message of its own: RFC 7252 section 5.2.2, RFC 9148 section 4.7. */
static lwsec_est_arrival take_separate(lwsec_est_exchange *exchange,
                                       const lwsec_coap_message *message)
{
    const bool confirmable = message->type == LWSEC_COAP_CON;

    if (confirmable && exchange->has_separate && message->message_id == exchange->separate_id) {
        exchange->ack_due = true; /* ours was lost */
        return LWSEC_EST_NOTED;
    }
    if (!exchange->open || !has_token(exchange, message)) {
        return LWSEC_EST_FOREIGN;
    }
    if (confirmable) {
        exchange->has_separate = true;
        exchange->separate_id = message->message_id;
        exchange->ack_due = true;
    }
    return answer(exchange);
}

lwsec_est_arrival lwsec_est_exchange_feed(lwsec_est_exchange *exchange,
                                          const lwsec_coap_message *message, uint64_t now)
{
    const bool response = message->code >> 5 >= 2;
    const bool ours = exchange->open && message->message_id == exchange->message_id;

    switch (message->type) {
    case LWSEC_COAP_RST: return ours ? LWSEC_EST_RESET : LWSEC_EST_FOREIGN;
    case LWSEC_COAP_ACK:
        if (ours && message->code == LWSEC_COAP_EMPTY) {
            return acknowledge(exchange, now);
        }
        return ours && response && has_token(exchange, message) ? answer(exchange)
                                                                : LWSEC_EST_FOREIGN;
    default: return response ? take_separate(exchange, message) : LWSEC_EST_FOREIGN;
    }
}

bool lwsec_est_exchange_step(lwsec_est_exchange *exchange, uint64_t now)
{
    if (!exchange->open || now < exchange->deadline) {
        return true;
    }
    if (exchange->acknowledged || exchange->sent == MAX_RETRANSMIT) {
        return false;
    }
    exchange->sent++;
    exchange->due = true;
    exchange->timeout *= 2;
    exchange->deadline = now + exchange->timeout;
    return true;
}
