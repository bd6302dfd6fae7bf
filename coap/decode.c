/* Messages from the wire: RFC 7252 section 3, RFC 8323 section 3.2, RFC 8974 section 2.1. */
#include "coap/option.h"
#include "core/reason.h"

bool lwsec_coap_code_valid(lwsec_coap_framing framing, uint8_t code)
{
    switch (code >> 5) {
    case 0:
    case 2:
    case 4:
    case 5: return true;
    case 7: return framing == LWSEC_COAP_TCP; /* RFC 8323 section 5: signalling */
    default: return false;                    /* RFC 7252 section 3: reserved */
    }
}

uint64_t lwsec_coap_read_body(lwsec_reader *reader, lwsec_coap_message *message)
{
    const size_t begin = reader->position;
    uint32_t number = 0;
    uint64_t seen = 0;

    while (lwsec_coap_at_option(reader)) {
        number = lwsec_coap_read_option(reader, number).number;
        seen |= number < 64 ? UINT64_C(1) << number : 0;
    }
    message->options = lwsec_reader_since(reader, begin);
    if (lwsec_reader_left(reader) > 0) {
        (void)lwsec_reader_u8(reader); /* the marker */
        message->payload = lwsec_reader_rest(reader);
        if (message->payload.size == 0) {
            /* RFC 7252 section 3: MUST be processed as a message format error. */
            lwsec_reader_fail(reader, LWSEC_WHY_COAP_MARKER);
        }
    }
    return seen;
}

/* `lengths` is not 0 if the first byte announces a token or, for TCP, anything after the header. */
static void check_code(lwsec_reader *reader, lwsec_coap_framing framing, uint8_t code,
                       unsigned lengths)
{
    if (!lwsec_coap_code_valid(framing, code)) {
        lwsec_reader_fail(reader, LWSEC_WHY_COAP_CODE);
    }
    /* RFC 7252 section 4.1: an Empty message ends with its header. */
    if (code == LWSEC_COAP_EMPTY && (lengths != 0 || lwsec_reader_left(reader) > 0)) {
        lwsec_reader_fail(reader, LWSEC_WHY_COAP_EMPTY);
    }
}

static void read_token(lwsec_reader *reader, unsigned nibble, lwsec_coap_message *message)
{
    message->token = lwsec_reader_take(
        reader, lwsec_coap_read_extended(reader, nibble, LWSEC_WHY_COAP_TOKEN_LENGTH));
}

static uint64_t read_udp(lwsec_reader *reader, lwsec_coap_message *message)
{
    const lwsec_bytes header = lwsec_reader_take(reader, 4);

    if (lwsec_reader_failed(reader)) {
        return 0;
    }
    if (header.data[0] >> 6 != 1) {
        lwsec_reader_fail(reader, LWSEC_WHY_COAP_VERSION);
    }
    message->type = header.data[0] >> 4 & 3U;
    message->code = header.data[1];
    message->message_id = (uint16_t)(header.data[2] << 8 | header.data[3]);
    check_code(reader, LWSEC_COAP_UDP, message->code, header.data[0] & 0x0fU);
    read_token(reader, header.data[0] & 0x0fU, message);
    return lwsec_coap_read_body(reader, message);
}

/* Like an extended number, but 15 stands for four bytes: RFC 8323 section 3.2. */
static uint64_t read_tcp_length(lwsec_reader *reader, unsigned nibble)
{
    if (nibble == 15) {
        return UINT64_C(65805) + lwsec_reader_uint(reader, 4);
    }
    return lwsec_coap_read_extended(reader, nibble, LWSEC_WHY_TOO_LONG);
}

static uint64_t read_tcp(lwsec_reader *reader, lwsec_coap_message *message)
{
    const unsigned head = lwsec_reader_u8(reader);
    const uint64_t length = read_tcp_length(reader, head >> 4);

    message->code = lwsec_reader_u8(reader);
    check_code(reader, LWSEC_COAP_TCP, message->code, head);
    read_token(reader, head & 0x0fU, message);
    /* The length counts from the first option on. */
    if (length > lwsec_reader_left(reader)) {
        lwsec_reader_fail(reader, LWSEC_WHY_TRUNCATED);
    } else if (length < lwsec_reader_left(reader)) {
        lwsec_reader_fail(reader, LWSEC_WHY_TRAILING_BYTES);
    }
    return lwsec_coap_read_body(reader, message);
}

lwsec_status lwsec_coap_decode_seen(lwsec_coap_framing framing, lwsec_bytes wire,
                                    lwsec_coap_message *message, uint64_t *seen,
                                    lwsec_reason *reason)
{
    static const lwsec_coap_message nothing;
    lwsec_reader reader = lwsec_reader_of(wire);

    *message = nothing;
    if (framing == LWSEC_COAP_UDP) {
        *seen = read_udp(&reader, message);
    } else if (framing == LWSEC_COAP_TCP) {
        *seen = read_tcp(&reader, message);
    } else {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_NONE, 0, reason);
    }
    return lwsec_reader_finish(&reader, reason);
}

lwsec_status lwsec_coap_decode(lwsec_coap_framing framing, lwsec_bytes wire,
                               lwsec_coap_message *message, lwsec_reason *reason)
{
    lwsec_coap_message read;
    uint64_t seen;
    const lwsec_status status = lwsec_coap_decode_seen(framing, wire, &read, &seen, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    *message = read;
    return lwsec_accept(reason);
}
