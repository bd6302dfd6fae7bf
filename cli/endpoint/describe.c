/* CoAP messages as people read them. */
#include "describe.h"

endpoint_format endpoint_option_format(uint32_t number)
{
    switch (number) {
    case LWSEC_COAP_URI_HOST:
    case LWSEC_COAP_LOCATION_PATH:
    case LWSEC_COAP_URI_PATH:
    case LWSEC_COAP_URI_QUERY:
    case LWSEC_COAP_LOCATION_QUERY:
    case LWSEC_COAP_PROXY_URI:
    case LWSEC_COAP_PROXY_SCHEME: return ENDPOINT_TEXT;
    case LWSEC_COAP_OBSERVE:
    case LWSEC_COAP_URI_PORT:
    case LWSEC_COAP_CONTENT_FORMAT:
    case LWSEC_COAP_MAX_AGE:
    case LWSEC_COAP_HOP_LIMIT:
    case LWSEC_COAP_ACCEPT:
    case LWSEC_COAP_Q_BLOCK1:
    case LWSEC_COAP_BLOCK2:
    case LWSEC_COAP_BLOCK1:
    case LWSEC_COAP_SIZE2:
    case LWSEC_COAP_Q_BLOCK2:
    case LWSEC_COAP_SIZE1:
    case LWSEC_COAP_NO_RESPONSE: return ENDPOINT_UINT;
    case LWSEC_COAP_IF_NONE_MATCH:
    case LWSEC_COAP_EDHOC: return ENDPOINT_EMPTY;
    default: return ENDPOINT_OPAQUE;
    }
}

bool endpoint_printable(lwsec_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (bytes.data[i] < 0x20 || bytes.data[i] > 0x7e) {
            return false;
        }
    }
    return bytes.size > 0;
}

void endpoint_option_name(uint32_t number, char text[24])
{
    const char *name = lwsec_coap_option_name(number);

    if (name != NULL) {
        (void)snprintf(text, 24, "%s", name);
    } else {
        (void)snprintf(text, 24, "Option-%lu", (unsigned long)number);
    }
}

void endpoint_code(uint8_t code, char text[6])
{
    (void)snprintf(text, 6, "%u.%02u", (unsigned)(code >> 5), (unsigned)(code & 0x1fU));
}

void endpoint_print_hex(FILE *file, lwsec_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        (void)fprintf(file, "%02x", bytes.data[i]);
    }
}

void endpoint_print_value(FILE *file, const lwsec_coap_option *option)
{
    const endpoint_format format = endpoint_option_format(option->number);
    uint32_t number;

    if (format == ENDPOINT_UINT && lwsec_coap_option_uint(option->value, &number)) {
        (void)fprintf(file, "%lu", (unsigned long)number);
    } else if (option->value.size == 0) {
        (void)fputs("-", file);
    } else if (format == ENDPOINT_TEXT && endpoint_printable(option->value)) {
        (void)fwrite(option->value.data, 1, option->value.size, file);
    } else {
        endpoint_print_hex(file, option->value);
    }
}

static void print_code(FILE *file, uint8_t code)
{
    const char *name = lwsec_coap_code_name(code);
    char number[6];

    endpoint_code(code, number);
    if (code >> 5 == 0 && name != NULL) {
        (void)fputs(name, file);
    } else {
        (void)fprintf(file, "%s%s%s", number, name != NULL ? " " : "", name != NULL ? name : "");
    }
}

void endpoint_print_message(FILE *file, const lwsec_coap_message *message)
{
    lwsec_coap_walk walk = lwsec_coap_options(message);
    lwsec_coap_option option;

    print_code(file, message->code);
    (void)fprintf(file, " %s", lwsec_coap_type_name(message->type));
    while (lwsec_coap_options_next(&walk, &option)) {
        char name[24];
        endpoint_option_name(option.number, name);
        (void)fprintf(file, " %s:", name);
        endpoint_print_value(file, &option);
    }
    if (message->payload.size > 0) {
        (void)fputs(" payload:", file);
        if (endpoint_printable(message->payload)) {
            (void)fwrite(message->payload.data, 1, message->payload.size, file);
        } else {
            endpoint_print_hex(file, message->payload);
        }
    }
}
