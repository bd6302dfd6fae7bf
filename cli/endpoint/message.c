/* Building a CoAP message option by option. */
#include "message.h"

#include "describe.h"

#include <string.h>

void endpoint_message_init(endpoint_message *message, uint8_t code)
{
    memset(message, 0, sizeof *message);
    message->head.code = code;
}

void endpoint_message_from(endpoint_message *message, const lwsec_coap_message *decoded)
{
    lwsec_coap_walk walk = lwsec_coap_options(decoded);
    lwsec_coap_option option;

    endpoint_message_init(message, decoded->code);
    message->head = *decoded;
    while (lwsec_coap_options_next(&walk, &option)) {
        endpoint_message_add(message, option.number, option.value);
    }
}

void endpoint_message_add(endpoint_message *message, uint32_t number, lwsec_bytes value)
{
    size_t at = message->count;

    if (message->count == ENDPOINT_OPTIONS_MAX) {
        message->full = true;
        return;
    }
    for (; at > 0 && message->options[at - 1].number > number; at--) {
        message->options[at] = message->options[at - 1];
    }
    message->options[at].number = number;
    message->options[at].value = value;
    message->count++;
}

void endpoint_message_add_uint(endpoint_message *message, uint32_t number, uint32_t value)
{
    if (message->number_count == ENDPOINT_OPTIONS_MAX) {
        message->full = true;
        return;
    }
    endpoint_message_add(message, number,
                         lwsec_coap_uint_value(value, message->numbers[message->number_count++]));
}

void endpoint_message_add_text(endpoint_message *message, uint32_t number, const char *value)
{
    endpoint_message_add(message, number, lwsec_bytes_of(value, strlen(value)));
}

void endpoint_message_add_path(endpoint_message *message, uint32_t number, const char *path)
{
    while (path[0] == '/') {
        path = &path[1];
        const size_t length = strcspn(path, "/");
        if (length > 0 || path[0] == '/') {
            endpoint_message_add(message, number, lwsec_bytes_of(path, length));
        }
        path = &path[length];
    }
}

void endpoint_message_remove(endpoint_message *message, uint32_t number)
{
    size_t kept = 0;

    for (size_t i = 0; i < message->count; i++) {
        if (message->options[i].number != number) {
            message->options[kept++] = message->options[i];
        }
    }
    message->count = kept;
}

lwsec_status endpoint_message_encode(const endpoint_message *message, endpoint_datagram *datagram,
                                     lwsec_reason *reason)
{
    lwsec_buffer out = lwsec_buffer_of(datagram->data, sizeof datagram->data);

    datagram->size = 0;
    if (message->full) {
        reason->why = LWSEC_WHY_OUTPUT_FULL;
        return LWSEC_BUFFER;
    }
    const lwsec_status status = lwsec_coap_encode(LWSEC_COAP_UDP, &message->head, message->options,
                                                  message->count, &out, reason);
    datagram->size = out.size;
    return status;
}

bool endpoint_path(const lwsec_coap_message *message, uint32_t number, char *text, size_t room)
{
    lwsec_coap_walk walk = lwsec_coap_options(message);
    lwsec_coap_option option;
    size_t used = 0;

    while (lwsec_coap_options_next(&walk, &option)) {
        if (option.number != number) {
            continue;
        }
        if (option.value.size + 2 > room - used ||
            (option.value.size > 0 && !endpoint_printable(option.value))) {
            return false;
        }
        text[used++] = '/';
        if (option.value.size > 0) {
            memcpy(&text[used], option.value.data, option.value.size);
        }
        used += option.value.size;
    }
    if (used == 0) {
        text[used++] = '/';
    }
    text[used] = '\0';
    return true;
}
