/* An SMS association out of the command line. */
#include "sms.h"

#include <lwsec/state_memory.h>

#include <stdlib.h>
#include <string.h>

#define KEY_SLOTS 2U
#define MEMORY_RECORDS 4U
#define MEMORY_VALUE 256U
#define OPTIONS 14

/* Writes the table of options that fill `sms`. */
static void write_options(cli_sms *sms, cli_option options[OPTIONS])
{
    const cli_option table[OPTIONS] = {
        {"params", CLI_KIND_HEX, false, &sms->params, "HEX",
         "SMS Binding Key Parameters: KIc, KID, SPI, TAR in 6 or 7 octets", 0},
        {"keys", CLI_KIND_SECRET, false, &sms->keys, "S",
         "SMS Binding Secret Keys: KIc, then KID, of one size", 0},
        {"spi", CLI_KIND_HEX, false, &sms->spi, "HEX", "SPI, 2 octets, instead of --params", 0},
        {"kic", CLI_KIND_HEX, false, &sms->kic, "HEX", "KIc, 1 octet", 0},
        {"kid", CLI_KIND_HEX, false, &sms->kid, "HEX", "KID, 1 octet", 0},
        {"tar", CLI_KIND_HEX, false, &sms->tar, "HEX", "TAR, 3 octets", 0},
        {"kic-key", CLI_KIND_KEY, false, &sms->kic_key, "S",
         "the key for ciphering, instead of --keys", 0},
        {"kid-key", CLI_KIND_KEY, false, &sms->kid_key, "S", "the key for the checksum", 0},
        {"passphrase", CLI_KIND_PASSPHRASE, false, &sms->passphrase, "P",
         "of the store in a folder that has the keys", 0},
        {"cc-length", CLI_KIND_NUMBER, false, &sms->cc_length, "N",
         "octets of an AES-CMAC, 8 or 4; 8 if not given", 8},
        {"tag", CLI_KIND_HEX, false, &sms->tag, "HEX",
         "tag of the Secured Data of LwM2M; 05 if not given", 0},
        {"profile", CLI_KIND_TEXT, false, &sms->profile_name, "NAME",
         "lwm2m, if not given, or etsi: all of TS 102 225 but single DES", 0},
        {"engine", CLI_KIND_TEXT, false, &sms->engine_name, "NAME",
         "openssl or mbedtls; the first that is built in if not given", 0},
        {.name = NULL},
    };
    memcpy(options, table, sizeof table);
}

int cli_sms_fail(lwsec_status status, const lwsec_reason *reason)
{
    return reason->why == LWSEC_WHY_SMS_CODING || reason->why == LWSEC_WHY_SMS_KEYS
               ? cli_refuse(lwsec_why_text(reason->why))
               : cli_fail(status, reason);
}

/* ---- Parameters ---- */

static int read_octets(const char *name, const cli_bytes *given, uint8_t *out, size_t size)
{
    if (given->data == NULL) {
        return cli_error(name, "is missing");
    }
    if (given->size != size) {
        char text[32];
        (void)snprintf(text, sizeof text, "has %zu octet%s", size, size > 1 ? "s" : "");
        return cli_error(name, text);
    }
    memcpy(out, given->data, size);
    return CLI_DONE;
}

static int read_single(cli_sms *sms)
{
    lwsec_sms_parameters *parameters = &sms->security.parameters;
    uint8_t spi[2] = {0, 0};

    int answer = read_octets("--spi", &sms->spi, spi, sizeof spi);
    if (answer == CLI_DONE) {
        answer = read_octets("--kic", &sms->kic, &parameters->kic, 1);
    }
    if (answer == CLI_DONE) {
        answer = read_octets("--kid", &sms->kid, &parameters->kid, 1);
    }
    if (answer == CLI_DONE) {
        answer = read_octets("--tar", &sms->tar, parameters->tar, sizeof parameters->tar);
    }
    parameters->spi1 = spi[0];
    parameters->spi2 = spi[1];
    return answer;
}

static int read_parameters(cli_sms *sms)
{
    const bool single = sms->spi.data != NULL || sms->kic.data != NULL || sms->kid.data != NULL ||
                        sms->tar.data != NULL;

    if (sms->params.data == NULL && !single) {
        return cli_error("--params", "is missing; or give --spi, --kic, --kid and --tar");
    }
    if (sms->params.data == NULL) {
        return read_single(sms);
    }
    if (single) {
        return cli_error("--params", "has SPI, KIc, KID and TAR already");
    }
    const lwsec_status status =
        lwsec_sms_parameters_read(cli_view(&sms->params), 0, &sms->security.parameters, NULL);
    return status == LWSEC_OK
               ? CLI_DONE
               : cli_error("--params", "is KIc, KID, SPI in 1 or 2 octets, and TAR b20203; for "
                                       "another TAR give --spi, --kic, --kid and --tar");
}

static int read_profile(cli_sms *sms)
{
    if (sms->profile_name == NULL || strcmp(sms->profile_name, "lwm2m") == 0) {
        sms->security.profile = LWSEC_SMS_LWM2M;
    } else if (strcmp(sms->profile_name, "etsi") == 0) {
        sms->security.profile = LWSEC_SMS_ETSI;
    } else {
        return cli_error("--profile", "is lwm2m or etsi");
    }
    if (sms->cc_length.given && sms->cc_length.value != 4 && sms->cc_length.value != 8) {
        return cli_error("--cc-length", "is 8 or 4");
    }
    sms->security.check_size = (uint8_t)sms->cc_length.value;
    return CLI_DONE;
}

/* ---- Keys ---- */

/* Whether commands or their PoR use the key: another one is not looked at. */
static bool needs_cipher(const lwsec_sms_parameters *parameters)
{
    return (parameters->spi1 & LWSEC_SMS_SPI1_CIPHER) != 0 ||
           (parameters->spi2 & LWSEC_SMS_SPI2_CIPHER) != 0;
}

static bool needs_checksum(const lwsec_sms_parameters *parameters)
{
    return (parameters->spi1 & LWSEC_SMS_SPI1_CHECK) == LWSEC_SMS_SPI1_CC ||
           (parameters->spi2 & LWSEC_SMS_SPI2_CHECK) == LWSEC_SMS_SPI2_CC;
}

/* Whether both keys are one; to triple DES the lowest bit of an octet is parity. */
static bool same_key(const lwsec_sms_parameters *parameters, lwsec_bytes kic, lwsec_bytes kid)
{
    const bool aes = (parameters->kic & 0x0fU) == LWSEC_SMS_KEY_AES &&
                     (parameters->kid & 0x0fU) == LWSEC_SMS_KEY_AES;
    const unsigned counts = aes ? 0xffU : 0xfeU;
    unsigned difference = 0;

    if (kic.data == NULL || kid.data == NULL) {
        return false;
    }
    if (kic.size != kid.size) {
        return false;
    }
    for (size_t i = 0; i < kic.size; i++) {
        difference |= (unsigned)(kic.data[i] ^ kid.data[i]) & counts;
    }
    return difference == 0;
}

static int import_single(cli_sms *sms)
{
    const lwsec_sms_parameters *parameters = &sms->security.parameters;
    const lwsec_bytes kic = cli_view(&sms->kic_key.bytes);
    const lwsec_bytes kid = cli_view(&sms->kid_key.bytes);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_status status = LWSEC_OK;

    if (sms->security.profile == LWSEC_SMS_LWM2M && same_key(parameters, kic, kid)) {
        return cli_refuse(lwsec_why_text(LWSEC_WHY_SMS_KEYS));
    }
    if (needs_cipher(parameters) && kic.data != NULL) {
        status =
            lwsec_sms_kic_import(sms->store, parameters->kic, kic, &sms->security.kic_key, &reason);
    }
    if (status == LWSEC_OK && needs_checksum(parameters) && kid.data != NULL) {
        status =
            lwsec_sms_kid_import(sms->store, parameters->kid, kid, &sms->security.kid_key, &reason);
    }
    return status == LWSEC_OK ? CLI_DONE : cli_sms_fail(status, &reason);
}

/* Whether two references are of one folder, which opens once. */
static bool same_folder(const char *one, const char *other)
{
    const size_t length = strcspn(one, "#");

    return strncmp(one, "file:", 5) == 0 && strncmp(one, other, length) == 0 &&
           (other[length] == '#' || other[length] == '\0');
}

static int find_key(cli_key_store *keys, const cli_key_opening *opening, lwsec_key *key)
{
    const int answer = keys->store != NULL ? CLI_DONE : cli_key_store_open(keys, opening);

    return answer == CLI_DONE ? cli_key_store_find(keys, opening, key) : answer;
}

/* Keys that stay in their store. */
static int find_keys(cli_sms *sms)
{
    const char *kic = sms->kic_key.reference;
    const char *kid = sms->kid_key.reference;
    const bool one_store = kic != NULL && kid != NULL && same_folder(kic, kid);
    cli_key_opening opening = {.option = "--kic-key",
                               .uri = kic,
                               .passphrase = cli_view(&sms->passphrase),
                               .engine = sms->engine};
    int answer = CLI_DONE;

    if (kic != NULL) {
        answer = find_key(&sms->kic_store, &opening, &sms->security.kic_key);
    }
    if (kid != NULL && answer == CLI_DONE) {
        opening.option = "--kid-key";
        opening.uri = kid;
        answer = find_key(one_store ? &sms->kic_store : &sms->kid_store, &opening,
                          &sms->security.kid_key);
    }
    return answer;
}

static int import_keys(cli_sms *sms)
{
    const bool single = sms->kic_key.bytes.data != NULL || sms->kid_key.bytes.data != NULL ||
                        sms->kic_key.reference != NULL || sms->kid_key.reference != NULL;
    const bool needed =
        needs_cipher(&sms->security.parameters) || needs_checksum(&sms->security.parameters);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (needed && sms->keys.data == NULL && !single) {
        return cli_error("--keys", "is missing; or give --kic-key and --kid-key");
    }
    if (sms->keys.data == NULL) {
        const int answer = find_keys(sms);
        return answer == CLI_DONE ? import_single(sms) : answer;
    }
    if (single) {
        return cli_error("--keys", "has both keys already");
    }
    const lwsec_status status =
        lwsec_sms_keys_import(sms->store, &sms->security.parameters, cli_view(&sms->keys), 0,
                              &sms->security.kic_key, &sms->security.kid_key, &reason);
    return status == LWSEC_OK ? CLI_DONE : cli_sms_fail(status, &reason);
}

static int open_store(cli_sms *sms)
{
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};

    sms->engine = sms->engine_name != NULL ? cli_engine_find(sms->engine_name) : cli_engine_at(0);
    if (sms->engine == NULL) {
        return cli_error("--engine", "this build has no engine of that name");
    }
    const size_t size = sms->engine->size(KEY_SLOTS);
    sms->store_memory = cli_allocate(size);
    const lwsec_status status = sms->engine->open(sms->store_memory, size, KEY_SLOTS, &sms->store);
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &none);
}

int cli_sms_open_security(cli_sms *sms)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    sms->security.size = sizeof sms->security;
    int answer = read_profile(sms);
    if (answer == CLI_DONE) {
        answer = read_parameters(sms);
    }
    if (answer == CLI_DONE) {
        answer = open_store(sms);
    }
    if (answer == CLI_DONE) {
        answer = import_keys(sms);
    }
    if (answer != CLI_DONE) {
        return answer;
    }
    const lwsec_status status = lwsec_sms_security_check(&sms->security, &reason);
    return status == LWSEC_OK ? CLI_DONE : cli_sms_fail(status, &reason);
}

int cli_sms_open_association(cli_sms *sms, uint64_t send_from, uint64_t received_up_to)
{
    const size_t state_size = lwsec_state_memory_size(MEMORY_RECORDS, MEMORY_VALUE);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (sms->tag.data != NULL && sms->tag.size != 1) {
        return cli_error("--tag", "has 1 octet");
    }
    sms->state_memory = cli_allocate(state_size);
    lwsec_status status = lwsec_state_memory_open(sms->state_memory, state_size, MEMORY_RECORDS,
                                                  MEMORY_VALUE, &sms->state);
    if (status != LWSEC_OK) {
        return cli_fail(status, &reason);
    }
    const lwsec_sms_config config = {
        .size = sizeof config,
        .parameters = sms->security.parameters,
        .kic_key = sms->security.kic_key,
        .kid_key = sms->security.kid_key,
        .state = sms->state,
        .check_size = sms->security.check_size,
        .tag = sms->tag.data != NULL ? sms->tag.data[0] : 0,
        .send_from = send_from,
        .received_up_to = received_up_to,
        .flags = LWSEC_KEY_FRESH,
    };
    sms->association_memory = cli_allocate(lwsec_sms_size());
    status = lwsec_sms_init(sms->association_memory, lwsec_sms_size(), &config, &sms->association,
                            &reason);
    return status == LWSEC_OK ? CLI_DONE : cli_sms_fail(status, &reason);
}

static void close_all(cli_sms *sms)
{
    lwsec_sms_close(&sms->association);
    if (sms->state != NULL) {
        lwsec_state_memory_close(&sms->state);
    }
    cli_key_store_close(&sms->kic_store);
    cli_key_store_close(&sms->kid_store);
    if (sms->store != NULL) {
        sms->engine->close(&sms->store);
    }
    free(sms->association_memory);
    free(sms->state_memory);
    free(sms->store_memory);
}

/* ---- The command ---- */

int cli_sms_run(const cli_sms_command *command, int argc, char **argv)
{
    cli_option assoc[OPTIONS];
    const cli_usage usage = {command->name, command->about, {command->options, assoc}};

    write_options(command->sms, assoc);
    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = command->run(command->given);
    close_all(command->sms);
    cli_arguments_free(&usage);
    return answer;
}
