/* What is said in a message: nothing but its number, in a form that tells a changed one. */
#ifndef LWSEC_TESTS_POWER_TEXT_H
#define LWSEC_TESTS_POWER_TEXT_H

#include <lwsec/bytes.h>

#define TEXT_MAX 48U

/* Writes the text of message `id` and tells its size. */
size_t text_write(uint64_t id, uint8_t text[TEXT_MAX]);

/* Whether it is the text of a message; `id` is set to what it says, in any case. */
bool text_read(lwsec_bytes text, uint64_t *id);

#endif
