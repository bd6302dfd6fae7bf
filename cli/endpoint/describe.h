/* CoAP messages as people read them. */
#ifndef ENDPOINT_DESCRIBE_H
#define ENDPOINT_DESCRIBE_H

#include <lwsec/coap.h>

#include <stdio.h>

/* How the value of an option is meant: RFC 7252 section 5.10 and later documents. */
typedef enum endpoint_format {
    ENDPOINT_OPAQUE,
    ENDPOINT_TEXT,
    ENDPOINT_UINT,
    ENDPOINT_EMPTY
} endpoint_format;

endpoint_format endpoint_option_format(uint32_t number);

/* Whether a terminal may show the bytes as they are: printable ASCII, not empty. */
bool endpoint_printable(lwsec_bytes bytes);

/* Writes "Uri-Path", or "Option-65000" where there is no name, into `text`. */
void endpoint_option_name(uint32_t number, char text[24]);

/* Writes "4.01" into `text`. */
void endpoint_code(uint8_t code, char text[6]);

/* Prints the value: text as it is, numbers decimal, all else in hex, nothing as "-". */
void endpoint_print_value(FILE *file, const lwsec_coap_option *option);

void endpoint_print_hex(FILE *file, lwsec_bytes bytes);

/* Prints "POST CON Uri-Path:rd Uri-Query:lt=300 payload:..." without a line end. */
void endpoint_print_message(FILE *file, const lwsec_coap_message *message);

#endif
