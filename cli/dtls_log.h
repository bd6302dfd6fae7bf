/* What happens in DTLS sessions, as lines of text or as JSON. */
#ifndef CLI_DTLS_LOG_H
#define CLI_DTLS_LOG_H

#include <lwsec/endpoint_name.h>

#include "output.h"
#include "sessions.h"

typedef struct cli_dtls_log {
    FILE *file;  /* NULL: standard output */
    bool silent; /* nothing is printed */
    bool json;
    bool many;      /* each line says whose it is */
    json_t *events; /* an array that gathers them; NULL: each is printed as it happens */
    bool failed;    /* the last session ended otherwise than as agreed */
    lwsec_why why;
} cli_dtls_log;

/* One line for an event, two for a handshake: what was agreed, and who the peer is. */
void cli_dtls_tell(cli_dtls_log *log, const endpoint_session *session,
                   const lwsec_dtls_event *event);

/* A message that came. */
void cli_dtls_tell_coap(cli_dtls_log *log, const endpoint_session *session, lwsec_bytes message);

/* "connecting" or "listening", and an address. */
void cli_dtls_tell_address(cli_dtls_log *log, const char *what, const endpoint_address *address);

/* Whom a session is with, as identity for the check of an endpoint name; false: not known. The
 * value is in `room`. */
bool cli_dtls_identity(const endpoint_session *session, uint8_t room[2048],
                       lwsec_identity *identity);

#endif
