/* An SMS association out of the command line: ASSOC in the help. */
#ifndef CLI_SMS_H
#define CLI_SMS_H

#include <lwsec/sms_association.h>

#include "arguments.h"
#include "engine.h"
#include "key_store.h"

typedef struct cli_sms {
    /* as given */
    cli_bytes params;
    cli_bytes keys;
    cli_bytes spi;
    cli_bytes kic;
    cli_bytes kid;
    cli_bytes tar;
    cli_secret kic_key;
    cli_secret kid_key;
    cli_bytes passphrase;
    cli_bytes tag;
    cli_number cc_length;
    const char *profile_name;
    const char *engine_name;

    /* as opened; NULL: not */
    lwsec_sms_security security;
    const cli_engine *engine;
    void *store_memory;
    lwsec_store *store;
    cli_key_store kic_store; /* of keys that stay in a store */
    cli_key_store kid_store;
    void *state_memory;
    lwsec_state *state;
    void *association_memory;
    lwsec_sms *association;
} cli_sms;

/* A command that takes an association, and other options. */
typedef struct cli_sms_command {
    const char *name; /* "sms seal" */
    const char *about;
    const cli_option *options;
    cli_sms *sms;
    int (*run)(void *given);
    void *given;
} cli_sms_command;

/* Reads the command line, runs the command, and closes everything. What to exit with. */
int cli_sms_run(const cli_sms_command *command, int argc, char **argv);

/* Parameters and keys, checked. CLI_DONE, or what to exit with, its line printed; so also below. */
int cli_sms_open_security(cli_sms *sms);

/* An association over a state in memory, after cli_sms_open_security: its first counter to send,
 * and the last one received. */
int cli_sms_open_association(cli_sms *sms, uint64_t send_from, uint64_t received_up_to);

/* As cli_fail, and parameters or keys that the profile does not allow are refused by policy. */
int cli_sms_fail(lwsec_status status, const lwsec_reason *reason);

#endif
