/* CoAP messages as the commands take them. */
#include "input.h"

#include "command.h"

int cli_message_check(const char *option, const cli_bytes *message, lwsec_coap_message *decoded)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (lwsec_coap_decode(LWSEC_COAP_UDP, cli_view(message), decoded, &reason) != LWSEC_OK) {
        char text[120];
        (void)snprintf(text, sizeof text, "byte %lu: %s", (unsigned long)reason.offset,
                       lwsec_why_text(reason.why));
        return cli_error(option, text);
    }
    return CLI_DONE;
}
