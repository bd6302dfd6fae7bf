/* Building a CoAP message option by option. */
#ifndef ENDPOINT_MESSAGE_H
#define ENDPOINT_MESSAGE_H

#include <lwsec/coap.h>

#include "udp.h"

#define ENDPOINT_OPTIONS_MAX 64U

/*
 * A message in the making. Token, payload and option values stay where the caller has them, until
 * the message is encoded; numbers are kept here.
 */
typedef struct endpoint_message {
    lwsec_coap_message head;
    lwsec_coap_option options[ENDPOINT_OPTIONS_MAX];
    size_t count;
    uint8_t numbers[ENDPOINT_OPTIONS_MAX][4];
    size_t number_count;
    bool full; /* an option had no room: encoding answers LWSEC_BUFFER */
} endpoint_message;

/* An empty message of this code. */
void endpoint_message_init(endpoint_message *message, uint8_t code);

/* The fields and options of a decoded message. */
void endpoint_message_from(endpoint_message *message, const lwsec_coap_message *decoded);

/* Adds an option in its place, behind those of the same number. */
void endpoint_message_add(endpoint_message *message, uint32_t number, lwsec_bytes value);
void endpoint_message_add_uint(endpoint_message *message, uint32_t number, uint32_t value);
void endpoint_message_add_text(endpoint_message *message, uint32_t number, const char *value);

/* Adds "/a/b" as options of this number: Uri-Path or Location-Path. */
void endpoint_message_add_path(endpoint_message *message, uint32_t number, const char *path);

/* Removes all options of this number. */
void endpoint_message_remove(endpoint_message *message, uint32_t number);

lwsec_status endpoint_message_encode(const endpoint_message *message, endpoint_datagram *datagram,
                                     lwsec_reason *reason);

/* Writes the path of a decoded message, "/a/b", into `text`; false if it has no room or holds what
 * is not printable. */
bool endpoint_path(const lwsec_coap_message *message, uint32_t number, char *text, size_t room);

#endif
