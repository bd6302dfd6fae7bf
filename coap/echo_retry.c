/* The same request once more, with the Echo value of a challenge: RFC 9175 section 2.3. */
#include <lwsec/coap_echo.h>

#include "coap/option.h"
#include "core/reason.h"

static bool is_request(uint8_t code)
{
    return code != LWSEC_COAP_EMPTY && code >> 5 == 0;
}

/* The Echo option of a challenge. A second one counts for nothing: it is elective, and stands once
 * (RFC 7252 section 5.4.5). */
static lwsec_status find_echo(const lwsec_coap_message *response, lwsec_coap_option *echo,
                              lwsec_reason *reason)
{
    if (response->code != LWSEC_COAP_UNAUTHORIZED ||
        !lwsec_coap_option_find(response, LWSEC_COAP_ECHO, echo)) {
        return lwsec_refuse(LWSEC_ABSENT, LWSEC_WHY_NONE, 0, reason);
    }
    if (echo->value.size == 0 || echo->value.size > LWSEC_ECHO_MAX) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_OPTION_LENGTH, 0, reason);
    }
    return LWSEC_OK;
}

/* The options of the request without an older Echo, with this one in its place; the payload. */
static void write_body(lwsec_writer *writer, const lwsec_coap_message *request,
                       const lwsec_coap_option *echo)
{
    lwsec_coap_walk walk = lwsec_coap_options(request);
    lwsec_coap_option option;
    uint32_t previous = 0;
    bool placed = false;

    while (lwsec_coap_options_next(&walk, &option)) {
        if (option.number == LWSEC_COAP_ECHO) {
            continue;
        }
        if (!placed && option.number > LWSEC_COAP_ECHO) {
            lwsec_coap_write_option(writer, previous, echo);
            previous = LWSEC_COAP_ECHO;
            placed = true;
        }
        lwsec_coap_write_option(writer, previous, &option);
        previous = option.number;
    }
    if (!placed) {
        lwsec_coap_write_option(writer, previous, echo);
    }
    if (request->payload.size > 0) {
        lwsec_writer_u8(writer, LWSEC_COAP_MARKER);
        lwsec_writer_bytes(writer, request->payload);
    }
}

/* The head of TCP tells the size of the body: the body is written behind room for a head, then
 * moved to its end. */
static lwsec_status write_retry(lwsec_coap_framing framing, const lwsec_coap_message *request,
                                const lwsec_coap_option *echo, lwsec_buffer *out)
{
    const size_t head_room = LWSEC_COAP_HEAD_MAX + request->token.size;

    if (out->data == NULL || out->capacity <= head_room) {
        return LWSEC_BUFFER;
    }
    lwsec_writer body = lwsec_writer_of(&out->data[head_room], out->capacity - head_room);
    write_body(&body, request, echo);
    if (body.full) {
        lwsec_wipe(body.data, body.size);
        return LWSEC_BUFFER;
    }
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);
    lwsec_coap_write_head(&writer, framing, request, body.size);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(&out->data[head_room], body.size));
    lwsec_wipe(&out->data[writer.size], head_room + body.size - writer.size);
    out->size = writer.size;
    return LWSEC_OK;
}

lwsec_status lwsec_coap_echo_retry(lwsec_coap_framing framing, lwsec_bytes request,
                                   lwsec_bytes response, uint16_t message_id, lwsec_buffer *out,
                                   lwsec_reason *reason)
{
    lwsec_coap_message again;
    lwsec_coap_message challenge;
    lwsec_coap_option echo;

    out->size = 0;
    lwsec_status status = lwsec_coap_decode(framing, request, &again, reason);
    if (status == LWSEC_OK) {
        status = lwsec_coap_decode(framing, response, &challenge, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    if (!is_request(again.code)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_CODE, 0, reason);
    }
    status = find_echo(&challenge, &echo, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    again.message_id = message_id;
    status = write_retry(framing, &again, &echo, out);
    return status == LWSEC_OK ? lwsec_accept(reason)
                              : lwsec_refuse(status, LWSEC_WHY_OUTPUT_FULL, 0, reason);
}
