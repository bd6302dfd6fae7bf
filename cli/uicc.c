/* A smartcard out of the command line. */
#include "uicc.h"

#include <stdlib.h>
#include <string.h>

#define READERS_SIZE 4096U
#define KEY_SLOTS 5U
#define OPTIONS 8

static void write_options(cli_uicc *uicc, cli_option options[OPTIONS])
{
    const cli_option table[OPTIONS] = {
        {"reader", CLI_KIND_TEXT, false, &uicc->reader, "NAME",
         "the reader, as lwsec uicc list prints it; the first one if not given", 0},
        {"aid", CLI_KIND_HEX, false, &uicc->aid, "HEX", "the application to select", 0},
        {"scp03-enc", CLI_KIND_SECRET, false, &uicc->enc, "S",
         "K-ENC: all goes through a secure channel (SCP03)", 0},
        {"scp03-mac", CLI_KIND_SECRET, false, &uicc->mac, "S", "K-MAC, of the same size", 0},
        {"kvn", CLI_KIND_NUMBER, false, &uicc->version, "N",
         "key version number, decimal; the card's own choice if not given", 255},
        {"level", CLI_KIND_HEX, false, &uicc->level, "HEX",
         "security level: 01, 03, 11, 13, or 33 if not given", 0},
        {"engine", CLI_KIND_TEXT, false, &uicc->engine_name, "NAME",
         "openssl or mbedtls; the first that is built in if not given", 0},
        {.name = NULL},
    };
    memcpy(options, table, sizeof table);
}

int cli_uicc_fail(const cli_uicc *uicc, lwsec_status status, const lwsec_reason *reason)
{
    char text[64];

    if (reason->why == LWSEC_WHY_CARD_STATUS) {
        (void)snprintf(text, sizeof text, "the card answers %04x", (unsigned)uicc->card.sw);
        return cli_refuse(text);
    }
    if (status == LWSEC_ABSENT) {
        return cli_refuse("the card does not have it");
    }
    return cli_fail(status, reason);
}

/* ---- What was asked for ---- */

static bool level_known(const cli_bytes *level)
{
    static const uint8_t levels[] = {LWSEC_SCP03_C_MAC, LWSEC_SCP03_C_ENC, LWSEC_SCP03_R_MAC,
                                     LWSEC_SCP03_C_ENC_R_MAC, LWSEC_SCP03_ALL};

    return level->data == NULL ||
           (level->size == 1 && memchr(levels, level->data[0], sizeof levels) != NULL);
}

static int check_keys(const cli_uicc *uicc)
{
    const size_t size = uicc->enc.size;

    if (uicc->enc.data == NULL && uicc->mac.data == NULL) {
        return uicc->level.data != NULL ? cli_error("--level", "needs --scp03-enc and --scp03-mac")
                                        : CLI_DONE;
    }
    if (uicc->enc.data == NULL || uicc->mac.data == NULL) {
        return cli_error(uicc->enc.data == NULL ? "--scp03-enc" : "--scp03-mac", "is missing");
    }
    if (size != uicc->mac.size || (size != 16 && size != 24 && size != 32)) {
        return cli_error("--scp03-enc", "both keys have 16, 24 or 32 octets");
    }
    return CLI_DONE;
}

/* Before anything is sent. */
static int check(const cli_uicc *uicc)
{
    if (uicc->aid.data != NULL && (uicc->aid.size < 5 || uicc->aid.size > 16)) {
        return cli_error("--aid", "has 5 to 16 octets");
    }
    if (!level_known(&uicc->level)) {
        return cli_error("--level", "is 01, 03, 11, 13 or 33");
    }
    if (uicc->engine_name != NULL && cli_engine_find(uicc->engine_name) == NULL) {
        return cli_error("--engine", "this build has no engine of that name");
    }
    return check_keys(uicc);
}

/* ---- The reader ---- */

static int connect(cli_uicc *uicc)
{
    char *names = cli_allocate(READERS_SIZE + 1);
    lwsec_buffer list = lwsec_buffer_of(names, READERS_SIZE);
    int answer = CLI_DONE;

    if (uicc->reader == NULL && lwsec_pcsc_list(&list) != LWSEC_OK) {
        answer = cli_error(NULL, CLI_UICC_SILENT);
    } else if (uicc->reader == NULL && list.size == 0) {
        answer = cli_error(NULL, "there is no reader");
    } else {
        const lwsec_status status =
            lwsec_pcsc_open(uicc->pcsc_memory, sizeof uicc->pcsc_memory,
                            uicc->reader != NULL ? uicc->reader : names, &uicc->card, &uicc->pcsc);
        if (status != LWSEC_OK) {
            answer = cli_error(NULL, status != LWSEC_ABSENT ? "the card cannot be reached"
                                     : uicc->reader == NULL ? "there is no card in the first reader"
                                                            : "there is no such reader, or no card "
                                                              "in it; see lwsec uicc list");
        }
    }
    free(names);
    return answer;
}

int cli_uicc_connect(cli_uicc *uicc)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    int answer = check(uicc);

    if (answer == CLI_DONE) {
        answer = connect(uicc);
    }
    if (answer != CLI_DONE) {
        return answer;
    }
    const lwsec_status status = lwsec_apdu_begin(&uicc->card, &reason);
    uicc->begun = status == LWSEC_OK;
    return status == LWSEC_OK ? CLI_DONE : cli_uicc_fail(uicc, status, &reason);
}

int cli_uicc_select(cli_uicc *uicc)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (uicc->aid.data == NULL) {
        return CLI_DONE;
    }
    const lwsec_status status =
        lwsec_apdu_select(&uicc->card, cli_view(&uicc->aid), 0, NULL, &reason);
    return status == LWSEC_OK ? CLI_DONE : cli_uicc_fail(uicc, status, &reason);
}

/* ---- The secure channel ---- */

static int open_store(cli_uicc *uicc)
{
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};

    uicc->engine =
        uicc->engine_name != NULL ? cli_engine_find(uicc->engine_name) : cli_engine_at(0);
    const size_t size = uicc->engine->size(KEY_SLOTS);
    uicc->store_memory = cli_allocate(size);
    const lwsec_status status =
        uicc->engine->open(uicc->store_memory, size, KEY_SLOTS, &uicc->store);
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &none);
}

static lwsec_status import_keys(cli_uicc *uicc, lwsec_scp03_config *config)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, {NULL, 0}};
    const lwsec_status status =
        lwsec_key_import(uicc->store, &attributes, cli_view(&uicc->enc), &config->enc);

    return status == LWSEC_OK
               ? lwsec_key_import(uicc->store, &attributes, cli_view(&uicc->mac), &config->mac)
               : status;
}

static int open_session(cli_uicc *uicc)
{
    lwsec_scp03_config config = {.size = sizeof config,
                                 .key_size = (uint8_t)uicc->enc.size,
                                 .level = uicc->level.data != NULL ? uicc->level.data[0] : 0,
                                 .version = (uint8_t)uicc->version.value};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    lwsec_status status = import_keys(uicc, &config);
    if (status == LWSEC_OK) {
        status = lwsec_scp03_open(uicc->session_memory, sizeof uicc->session_memory, &config,
                                  &uicc->card, &uicc->session, &reason);
    }
    return status == LWSEC_OK ? CLI_DONE : cli_uicc_fail(uicc, status, &reason);
}

int cli_uicc_secure(cli_uicc *uicc)
{
    if (uicc->enc.data == NULL) {
        return CLI_DONE;
    }
    const int answer = open_store(uicc);
    return answer == CLI_DONE ? open_session(uicc) : answer;
}

int cli_uicc_open(cli_uicc *uicc)
{
    int answer = cli_uicc_connect(uicc);

    if (answer == CLI_DONE) {
        answer = cli_uicc_select(uicc);
    }
    return answer == CLI_DONE ? cli_uicc_secure(uicc) : answer;
}

static void close_all(cli_uicc *uicc)
{
    lwsec_scp03_close(&uicc->session);
    if (uicc->begun) {
        lwsec_apdu_end(&uicc->card);
    }
    lwsec_pcsc_close(&uicc->pcsc);
    if (uicc->store != NULL) {
        uicc->engine->close(&uicc->store);
    }
    free(uicc->store_memory);
}

/* ---- The command ---- */

int cli_uicc_run(const cli_uicc_command *command, int argc, char **argv)
{
    cli_option card[OPTIONS];
    const cli_usage usage = {command->name, command->about, {command->options, card}};

    write_options(command->uicc, card);
    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = command->run(command->given);
    close_all(command->uicc);
    cli_arguments_free(&usage);
    return answer;
}
