/* OSCORE messages on HTTP hops: RFC 8613 section 11. */
#include <lwsec/oscore_http.h>

#include "core/reason.h"
#include "oscore/base64url.h"

#include <string.h>

/* One zero byte: what an empty option looks like on the HTTP side. */
static bool is_zero(lwsec_bytes value)
{
    return value.size == 1 && value.data[0] == 0;
}

lwsec_status lwsec_oscore_http_value_encode(lwsec_bytes option, lwsec_buffer *out)
{
    static const uint8_t zero[1];
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);

    out->size = 0;
    if (is_zero(option) || option.size > LWSEC_OSCORE_HTTP_OPTION_MAX) {
        return LWSEC_USAGE;
    }
    lwsec_base64url_write(&writer, option.size > 0 ? option : lwsec_bytes_of(zero, 1));
    if (writer.full) {
        return LWSEC_BUFFER;
    }
    out->size = writer.size;
    return LWSEC_OK;
}

lwsec_status lwsec_oscore_http_value_decode(lwsec_bytes text, lwsec_buffer *option,
                                            lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(text);
    lwsec_writer writer = lwsec_writer_of(option->data, option->capacity);

    option->size = 0;
    if (text.size > LWSEC_OSCORE_HTTP_VALUE_MAX) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_TOO_LONG, LWSEC_OSCORE_HTTP_VALUE_MAX, reason);
    }
    if (text.size < 2) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_HTTP, 0, reason);
    }
    lwsec_base64url_read(&reader, &writer);
    const lwsec_status status = lwsec_reader_finish(&reader, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (writer.full) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    option->size = is_zero(lwsec_bytes_of(option->data, writer.size)) ? 0 : writer.size;
    return lwsec_accept(reason);
}

/* ---- Whole messages ---- */

static lwsec_bytes static_text(const char *text)
{
    return lwsec_bytes_of(text, strlen(text));
}

/* The one OSCORE option of a message. */
static lwsec_why find_option(const lwsec_coap_message *message, lwsec_bytes *value)
{
    lwsec_coap_walk walk = lwsec_coap_options(message);
    lwsec_coap_option option;
    size_t found = 0;

    while (lwsec_coap_options_next(&walk, &option)) {
        if (option.number == LWSEC_COAP_OSCORE) {
            *value = option.value;
            found++;
        }
    }
    if (found == 0) {
        return LWSEC_WHY_OSCORE_UNPROTECTED;
    }
    return found > 1 ? LWSEC_WHY_COAP_OPTION_TWICE : LWSEC_WHY_NONE;
}

static lwsec_why check_protected(const lwsec_coap_message *message, lwsec_bytes *option)
{
    if (message->code != LWSEC_COAP_POST && message->code != LWSEC_COAP_CHANGED) {
        return LWSEC_WHY_COAP_CODE;
    }
    const lwsec_why why = find_option(message, option);
    if (why != LWSEC_WHY_NONE) {
        return why;
    }
    if (message->payload.size == 0) {
        return LWSEC_WHY_OSCORE_NO_PAYLOAD;
    }
    return is_zero(*option) || option->size > LWSEC_OSCORE_HTTP_OPTION_MAX ? LWSEC_WHY_OSCORE_OPTION
                                                                           : LWSEC_WHY_NONE;
}

lwsec_status lwsec_oscore_http_from_coap(lwsec_coap_framing framing, lwsec_bytes message,
                                         lwsec_buffer *value, lwsec_oscore_http *http,
                                         lwsec_reason *reason)
{
    lwsec_coap_message decoded;
    lwsec_bytes option = {NULL, 0};

    value->size = 0;
    lwsec_status status = lwsec_coap_decode(framing, message, &decoded, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_why why = check_protected(&decoded, &option);
    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_REJECT, why, 0, reason);
    }
    status = lwsec_oscore_http_value_encode(option, value);
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    const bool request = decoded.code == LWSEC_COAP_POST;
    *http = (lwsec_oscore_http){.method = request ? static_text(LWSEC_OSCORE_HTTP_METHOD)
                                                  : lwsec_bytes_of(NULL, 0),
                                .status = request ? 0 : LWSEC_OSCORE_HTTP_STATUS_OK,
                                .content_type = static_text(LWSEC_OSCORE_HTTP_MEDIA_TYPE),
                                .value = lwsec_buffer_bytes(value),
                                .body = decoded.payload};
    return lwsec_accept(reason);
}

/* Whether a text is this one; with `fold`, in letters of any case. */
static bool is_text(lwsec_bytes text, const char *expected, bool fold)
{
    if (text.size != strlen(expected)) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        const uint8_t byte = text.data[i];
        const bool upper = fold && byte >= 'A' && byte <= 'Z';
        if ((upper ? byte | 0x20 : byte) != expected[i]) {
            return false;
        }
    }
    return true;
}

static bool can_carry(const lwsec_oscore_http *http)
{
    const bool start = http->method.data != NULL
                           ? is_text(http->method, LWSEC_OSCORE_HTTP_METHOD, false)
                           : http->status == LWSEC_OSCORE_HTTP_STATUS_OK;

    return start && is_text(http->content_type, LWSEC_OSCORE_HTTP_MEDIA_TYPE, true) &&
           http->body.size > 0;
}

lwsec_status lwsec_oscore_http_to_coap(lwsec_coap_framing framing, const lwsec_oscore_http *http,
                                       const lwsec_coap_message *head, lwsec_buffer *out,
                                       lwsec_reason *reason)
{
    uint8_t room[LWSEC_OSCORE_HTTP_OPTION_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    lwsec_coap_message message = *head;

    out->size = 0;
    if (!can_carry(http)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_HTTP, 0, reason);
    }
    const lwsec_status status = lwsec_oscore_http_value_decode(http->value, &value, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_coap_option option = {LWSEC_COAP_OSCORE, lwsec_buffer_bytes(&value)};
    message.code = http->method.data != NULL ? LWSEC_COAP_POST : LWSEC_COAP_CHANGED;
    message.payload = http->body;
    return lwsec_coap_encode(framing, &message, &option, 1, out, reason);
}
