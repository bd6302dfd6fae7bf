/* Shared by the tests of the codec: messages byte by byte, and decoding that catches over-reads. */
#ifndef LWSEC_TESTS_COAP_WIRE_H
#define LWSEC_TESTS_COAP_WIRE_H

#include "tests/support/test.h"

#include <lwsec/coap.h>

/* A message in the making, written without the library's encoder. */
typedef struct wire {
    uint8_t data[1 << 18];
    size_t size;
} wire;

/* Starts a message with these bytes, in hex. One message is in the making at a time. */
wire *wire_start(const char *hex);

void wire_hex(wire *message, const char *hex);
void wire_fill(wire *message, uint8_t byte, size_t count);
lwsec_bytes wire_bytes(const wire *message);

/* Refused for this reason, with the message untouched, and without a byte read past the input: the
 * decoder gets the input in memory of exactly its size. */
void assert_refused(lwsec_coap_framing framing, lwsec_bytes input, lwsec_why why);

/* Decodes, or fails the test. The parts of the message point into `input`. */
lwsec_coap_message assert_decodes(lwsec_coap_framing framing, lwsec_bytes input);

/* A message with an extended token, options of every form, and a payload; and the sizes at which
 * its prefixes are messages of their own (UDP). */
typedef struct rich_message {
    lwsec_bytes wire;
    size_t options_start;
    size_t ends[8]; /* before the first option, after the first, ... */
    size_t end_count;
    size_t payload_start;
} rich_message;

rich_message rich_udp(void);
lwsec_bytes rich_tcp(void);

#endif
