/* CoAP messages as the commands take them. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <lwsec/coap.h>

#include "bytes.h"

/* Whether it is CoAP at all; otherwise it is unreadable input: CLI_USAGE, with its line. */
int cli_message_check(const char *option, const cli_bytes *message, lwsec_coap_message *decoded);

#endif
