/* A security context out of the command line: CTX in the help. */
#ifndef CLI_CONTEXT_H
#define CLI_CONTEXT_H

#include <lwsec/oscore.h>

#include "arguments.h"
#include "engine.h"
#include "key_store.h"

typedef struct cli_context {
    /* as given */
    cli_secret secret;
    cli_bytes passphrase;
    cli_bytes sender_id;
    cli_bytes recipient_id;
    cli_bytes salt;
    cli_bytes id_context;
    cli_number aead;
    cli_number hmac;
    cli_number window;
    const char *engine_name;

    /* as opened; NULL: not */
    const cli_engine *engine;
    void *store_memory;
    lwsec_store *store;
    cli_key_store keys; /* where the secret is a key of a store: `store` is that one */
    void *state_memory;
    lwsec_state *state;
    bool state_on_disk;
    void *oscore_memory;
    lwsec_oscore *oscore;

    /* for Appendix B.2: what contexts are derived from, which stays open with the context */
    bool keep_inputs;
    lwsec_oscore_config inputs;
} cli_context;

#define CLI_CONTEXT_OPTIONS 11

/* Writes the table of options that fill `context`. */
void cli_context_options(cli_context *context, cli_option options[CLI_CONTEXT_OPTIONS]);

/* None of them has to be given. */
void cli_context_optional(cli_option options[CLI_CONTEXT_OPTIONS]);

/* What all contexts are configured with; secret, state and flags are left open. */
lwsec_oscore_config cli_context_config(const cli_context *context);

/* Opens the engine's key store, or that of the secret. CLI_DONE, or what to exit with, its line
 * printed; so also below. */
int cli_context_open_store(cli_context *context);

/* A context over a state in memory whose first number is `ssn` and whose window is empty. */
int cli_context_open_once(cli_context *context, uint64_t ssn);

/* A context over the directory `path`, with LWSEC_KEY_FRESH and others in `flags`. */
int cli_context_open_kept(cli_context *context, const char *path, uint32_t flags);

/* The same of a configuration that is complete but for its state; its keys stay in their store. */
int cli_context_open_config(cli_context *context, const lwsec_oscore_config *config,
                            const char *path);

/* Closes what is open. */
void cli_context_close(cli_context *context);

#endif
