/* DTLS below the commands of CoAP, with or without OSCORE within it. */
#ifndef CLI_COAP_SECURE_H
#define CLI_COAP_SECURE_H

#include "context.h"
#include "dtls.h"
#include "dtls_log.h"
#include "endpoint.h"

typedef struct cli_secure {
    cli_dtls dtls;
    cli_dtls_log log;
    bool on;
    endpoint_sessions *sessions;
} cli_secure;

#define CLI_SECURE_OPTIONS 7

/* Writes the table of options that fill `secure`. */
void cli_secure_options(cli_secure *secure, cli_option options[CLI_SECURE_OPTIONS]);

/* Takes "coap://" or "coaps://" off an address, and puts the default port behind it where none
 * stands. CLI_DONE, or what to exit with, its line printed; so also below. */
int cli_secure_address(cli_secure *secure, const char *option, const char *given,
                       endpoint_address *address);

/* Whether the options are all there: those of DTLS, those of OSCORE, or both. */
int cli_secure_check(cli_secure *secure, const cli_context *context, const char *state);

/* Opens what is asked for: DTLS, and the context over the directory `state`. */
int cli_secure_open(cli_secure *secure, cli_context *context, bool server, const char *state,
                    uint32_t flags);

/* The store that lends random numbers. */
lwsec_store *cli_secure_store(const cli_secure *secure, const cli_context *context);

/* Puts DTLS below the endpoint; a client's handshake is done then. */
int cli_secure_listen(cli_secure *secure, endpoint *below);
int cli_secure_connect(cli_secure *secure, endpoint *below, const endpoint_address *peer);

/* Frees; after the endpoint. */
void cli_secure_close(cli_secure *secure);

#endif
