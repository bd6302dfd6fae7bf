/* Messages to the wire: RFC 7252 section 3, RFC 8323 section 3.2, RFC 8974 section 2.1. */
#include "coap/option.h"
#include "core/reason.h"

/* The longest body that the length field of TCP can tell: RFC 8323 section 3.2. */
#define TCP_BODY_MAX (UINT64_C(65805) + UINT32_MAX)

/* How many bytes follow the nibble of a number. */
static unsigned extension_size(uint32_t number)
{
    if (number < 13) {
        return 0;
    }
    return number < 269 ? 1 : 2;
}

/* Why the options cannot be encoded, or NONE and the size of their encoding. */
static lwsec_why check_options(const lwsec_coap_option *options, size_t count, uint64_t *size)
{
    uint32_t previous = 0;

    *size = 0;
    for (size_t i = 0; i < count; i++) {
        if (options[i].number < previous) {
            return LWSEC_WHY_COAP_OPTION_ORDER;
        }
        if (options[i].number > LWSEC_COAP_OPTION_MAX) {
            return LWSEC_WHY_COAP_OPTION_DELTA;
        }
        if (options[i].value.size > LWSEC_COAP_VALUE_MAX) {
            return LWSEC_WHY_COAP_OPTION_LENGTH;
        }
        *size += 1U + extension_size(options[i].number - previous) +
                 extension_size((uint32_t)options[i].value.size) + options[i].value.size;
        previous = options[i].number;
    }
    return LWSEC_WHY_NONE;
}

static lwsec_why check_head(lwsec_coap_framing framing, const lwsec_coap_message *head,
                            size_t count)
{
    if (framing == LWSEC_COAP_UDP && head->type > LWSEC_COAP_RST) {
        return LWSEC_WHY_TOO_LONG;
    }
    if (!lwsec_coap_code_valid(framing, head->code)) {
        return LWSEC_WHY_COAP_CODE;
    }
    if (head->code == LWSEC_COAP_EMPTY &&
        (head->token.size > 0 || count > 0 || head->payload.size > 0)) {
        return LWSEC_WHY_COAP_EMPTY;
    }
    if (head->token.size > LWSEC_COAP_TOKEN_MAX) {
        return LWSEC_WHY_COAP_TOKEN_LENGTH;
    }
    return LWSEC_WHY_NONE;
}

/* The size of options, marker and payload together; false if it is more than TCP can tell. */
static bool tcp_body_size(uint64_t options_size, uint64_t payload_size, uint64_t *body)
{
    if (options_size > TCP_BODY_MAX || payload_size > TCP_BODY_MAX) {
        return false;
    }
    *body = options_size + (payload_size > 0 ? 1 : 0) + payload_size;
    return *body <= TCP_BODY_MAX;
}

static void write_udp_header(lwsec_writer *writer, const lwsec_coap_message *head)
{
    const uint32_t token_size = (uint32_t)head->token.size;
    uint8_t *room = lwsec_writer_room(writer, 4);

    if (room != NULL) {
        room[0] = (uint8_t)(1U << 6 | (unsigned)head->type << 4 | lwsec_coap_nibble(token_size));
        room[1] = head->code;
        room[2] = (uint8_t)(head->message_id >> 8);
        room[3] = (uint8_t)head->message_id;
    }
    lwsec_coap_write_extension(writer, token_size);
}

static void write_tcp_header(lwsec_writer *writer, const lwsec_coap_message *head, uint64_t body)
{
    const uint32_t token_size = (uint32_t)head->token.size;
    const unsigned token_nibble = lwsec_coap_nibble(token_size);

    if (body > LWSEC_COAP_VALUE_MAX) {
        lwsec_writer_u8(writer, (uint8_t)(0xf0U | token_nibble));
        lwsec_writer_uint(writer, body - (LWSEC_COAP_VALUE_MAX + 1U), 4);
    } else {
        lwsec_writer_u8(writer, (uint8_t)(lwsec_coap_nibble((uint32_t)body) << 4 | token_nibble));
        lwsec_coap_write_extension(writer, (uint32_t)body);
    }
    lwsec_writer_u8(writer, head->code);
    lwsec_coap_write_extension(writer, token_size);
}

void lwsec_coap_write_head(lwsec_writer *writer, lwsec_coap_framing framing,
                           const lwsec_coap_message *head, uint64_t body)
{
    if (framing == LWSEC_COAP_UDP) {
        write_udp_header(writer, head);
    } else {
        write_tcp_header(writer, head, body);
    }
    lwsec_writer_bytes(writer, head->token);
}

static void write_body(lwsec_writer *writer, const lwsec_coap_message *head,
                       const lwsec_coap_option *options, size_t count)
{
    uint32_t previous = 0;

    for (size_t i = 0; i < count; i++) {
        lwsec_coap_write_option(writer, previous, &options[i]);
        previous = options[i].number;
    }
    if (head->payload.size > 0) {
        lwsec_writer_u8(writer, LWSEC_COAP_MARKER);
        lwsec_writer_bytes(writer, head->payload);
    }
}

lwsec_status lwsec_coap_encode(lwsec_coap_framing framing, const lwsec_coap_message *head,
                               const lwsec_coap_option *options, size_t count, lwsec_buffer *out,
                               lwsec_reason *reason)
{
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);
    uint64_t options_size = 0;
    uint64_t body = 0;

    out->size = 0;
    if (framing != LWSEC_COAP_UDP && framing != LWSEC_COAP_TCP) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_NONE, 0, reason);
    }
    lwsec_why why = check_head(framing, head, count);
    if (why == LWSEC_WHY_NONE) {
        why = check_options(options, count, &options_size);
    }
    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_USAGE, why, 0, reason);
    }
    if (!tcp_body_size(options_size, head->payload.size, &body) && framing == LWSEC_COAP_TCP) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    lwsec_coap_write_head(&writer, framing, head, body);
    write_body(&writer, head, options, count);
    if (writer.full) {
        lwsec_wipe(out->data, writer.size);
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    out->size = writer.size;
    return lwsec_accept(reason);
}
