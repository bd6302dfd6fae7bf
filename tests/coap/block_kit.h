/* Shared by the tests of block-wise transfer: messages out of parts, and bodies to send. */
#ifndef LWSEC_TESTS_COAP_BLOCK_KIT_H
#define LWSEC_TESTS_COAP_BLOCK_KIT_H

#include "tests/support/test.h"

#include <lwsec/coap_block.h>

/* A decoded message of this code with options in any order and a payload; lives until the 8th one
 * after it. */
lwsec_coap_message kit_message(uint8_t code, const lwsec_coap_option *options, size_t count,
                               lwsec_bytes payload);

/* The same with the options of a part, and `options` besides. */
lwsec_coap_message kit_with_part(uint8_t code, const lwsec_coap_option *options, size_t count,
                                 const lwsec_block_part *part);

/* Options of their own memory; each lives until the 32nd one after it. */
lwsec_coap_option kit_block(uint32_t option, uint32_t number, bool more, uint8_t szx);
lwsec_coap_option kit_uint(uint32_t option, uint32_t value);
lwsec_coap_option kit_text(uint32_t option, const char *text);

/* A body of `size` bytes in which no two blocks are equal; `which` makes another one. Static. */
lwsec_bytes kit_body(size_t size, uint8_t which);

/* The Block option of a message, which has to be there. */
lwsec_block kit_block_of(const lwsec_coap_message *message, uint32_t option);

/* How many options of this number. */
size_t kit_count(const lwsec_coap_message *message, uint32_t number);
uint32_t kit_uint_of(const lwsec_coap_message *message, uint32_t number);

/* A source in memory. */
lwsec_block_source kit_source(lwsec_bytes body, const char *etag);

#endif
