/* A smartcard out of the command line: CARD in the help. */
#ifndef CLI_UICC_H
#define CLI_UICC_H

#include <lwsec/apdu_pcsc.h>
#include <lwsec/scp03.h>

#include "arguments.h"
#include "engine.h"

typedef struct cli_uicc {
    /* as given */
    const char *reader;
    cli_bytes aid;
    cli_bytes enc;
    cli_bytes mac;
    cli_bytes level;
    cli_number version;
    const char *engine_name;

    /* as opened; NULL: not */
    lwsec_apdu card;
    lwsec_pcsc *pcsc;
    bool begun; /* nobody comes between the commands */
    const cli_engine *engine;
    void *store_memory;
    lwsec_store *store;
    lwsec_scp03 *session;
    uint64_t pcsc_memory[LWSEC_PCSC_SIZE / 8];
    uint64_t session_memory[LWSEC_SCP03_SIZE / 8];
} cli_uicc;

/* When the list of readers cannot be had. */
#define CLI_UICC_SILENT "pcscd does not answer: is it running, and may this user ask it?"

/* A command of this group. */
typedef struct cli_uicc_command {
    const char *name; /* "uicc get" */
    const char *about;
    const cli_option *options; /* its own, besides those that all have */
    cli_uicc *uicc;            /* in `given` */
    void *given;
    int (*run)(void *given);
} cli_uicc_command;

/* Reads the arguments, runs the command, closes what is open. Returns what to exit with. */
int cli_uicc_run(const cli_uicc_command *command, int argc, char **argv);

/* Connects to the card in the reader, or in the first one. CLI_DONE, or what to exit with, its line
 * printed; so also below. */
int cli_uicc_connect(cli_uicc *uicc);

/* Selects the application of --aid, if there is one. */
int cli_uicc_select(cli_uicc *uicc);

/* Opens a secure channel to the application, if there are keys for one. */
int cli_uicc_secure(cli_uicc *uicc);

/* All three. */
int cli_uicc_open(cli_uicc *uicc);

/* As cli_fail, and what a card does not have is refused; a status word is told. */
int cli_uicc_fail(const cli_uicc *uicc, lwsec_status status, const lwsec_reason *reason);

#endif
