/* The one line on stderr that tells why a command did not do it. */
#include "command.h"

#include <stdio.h>

static int exit_code(lwsec_status status)
{
    switch (status) {
    case LWSEC_OK: return CLI_DONE;
    case LWSEC_REPLAY:
    case LWSEC_CHALLENGE:
    case LWSEC_REJECT:
    case LWSEC_LIMIT:
    case LWSEC_NEED_REKEY:
    case LWSEC_UNSUPPORTED: return CLI_REFUSED;
    default: return CLI_USAGE;
    }
}

int cli_refuse(const char *text)
{
    (void)fprintf(stderr, "lwsec: refused: %s\n", text);
    return CLI_REFUSED;
}

int cli_error(const char *what, const char *text)
{
    if (what != NULL) {
        (void)fprintf(stderr, "lwsec: %s: %s\n", what, text);
    } else {
        (void)fprintf(stderr, "lwsec: %s\n", text);
    }
    return CLI_USAGE;
}

int cli_fail(lwsec_status status, const lwsec_reason *reason)
{
    const char *text =
        reason->why != LWSEC_WHY_NONE ? lwsec_why_text(reason->why) : lwsec_status_name(status);

    return exit_code(status) == CLI_REFUSED ? cli_refuse(text) : cli_error(NULL, text);
}
