/* Members of a result, made of the values that the commands print. */
#ifndef CLI_MEMBERS_H
#define CLI_MEMBERS_H

#include "output.h"

void cli_add_text(json_t *object, const char *name, const char *text);
void cli_add_number(json_t *object, const char *name, uint64_t number);
void cli_add_hex(json_t *object, const char *name, lwsec_bytes bytes);

/* An octet in hex, and what it means in words, which may be NULL. */
void cli_add_octet(json_t *object, const char *name, uint8_t octet, const char *words);

#endif
