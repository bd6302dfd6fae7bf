/* An SMS association out of the command line: ASSOC in the help. */
#ifndef CLI_SMS_H
#define CLI_SMS_H

#include <lwsec/sms_association.h>

#include "arguments.h"
#include "engine.h"

typedef struct cli_sms {
    /* as given */
    cli_bytes params;
    cli_bytes keys;
    cli_bytes spi;
    cli_bytes kic;
    cli_bytes kid;
    cli_bytes tar;
    cli_bytes kic_key;
    cli_bytes kid_key;
    cli_bytes tag;
    cli_number cc_length;
    const char *profile_name;
    const char *engine_name;

    /* as opened; NULL: not */
    lwsec_sms_security security;
    const cli_engine *engine;
    void *store_memory;
    lwsec_store *store;
    void *state_memory;
    lwsec_state *state;
    void *association_memory;
    lwsec_sms *association;
} cli_sms;

#define CLI_SMS_OPTIONS 13

/* Writes the table of options that fill `sms`. */
void cli_sms_options(cli_sms *sms, cli_option options[CLI_SMS_OPTIONS]);

/* Parameters and keys, checked. CLI_DONE, or what to exit with, its line printed; so also below. */
int cli_sms_open_security(cli_sms *sms);

/* An association over a state in memory, after cli_sms_open_security: its first counter to send,
 * and the last one received. */
int cli_sms_open_association(cli_sms *sms, uint64_t send_from, uint64_t received_up_to);

/* Closes what is open. */
void cli_sms_close(cli_sms *sms);

/* As cli_fail, and parameters or keys that the profile does not allow are refused by policy. */
int cli_sms_fail(lwsec_status status, const lwsec_reason *reason);

#endif
