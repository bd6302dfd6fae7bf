/* What the commands of `lwsec key` share. */
#include "key.h"

#include "members.h"

#include <stdlib.h>

void cli_key_options(cli_key *key, cli_option options[CLI_KEY_OPTIONS])
{
    const cli_option table[CLI_KEY_OPTIONS] = {
        {"store", CLI_KIND_TEXT, true, &key->uri, "URI",
         "file:DIR, or pkcs11:token=LABEL?module-path=FILE&pin-source=FILE", 0},
        {"passphrase", CLI_KIND_PASSPHRASE, false, &key->passphrase, "P",
         "of a store in a folder: file:PATH or env:NAME", 0},
        {"engine", CLI_KIND_TEXT, false, &key->engine_name, "NAME",
         "openssl or mbedtls; the first that is built in if not given", 0},
        {"json", CLI_KIND_FLAG, false, &key->json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    memcpy(options, table, sizeof table);
}

static int open_and_run(const cli_key_command *command)
{
    cli_key *key = command->key;
    const cli_key_opening opening = {
        .option = "--store",
        .uri = key->uri,
        .passphrase = cli_view(&key->passphrase),
        .engine = key->engine_name != NULL ? cli_engine_find(key->engine_name) : cli_engine_at(0),
        .make = command->make,
    };

    if (strchr(key->uri, '#') != NULL) {
        return cli_error("--store", "names a key; give it with --name");
    }
    if (key->name != NULL && !cli_key_name_fits(cli_key_name(key))) {
        return cli_error("--name", "has 1 to 64 printable characters, none of them space or #");
    }
    const int answer = cli_key_store_open(&key->keys, &opening);
    return answer == CLI_DONE ? command->run(command->given) : answer;
}

int cli_key_run(const cli_key_command *command, int argc, char **argv)
{
    cli_option common[CLI_KEY_OPTIONS];
    const cli_usage usage = {command->name, command->about, {command->options, common}};

    cli_key_options(command->key, common);
    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = open_and_run(command);
    cli_key_store_close(&command->key->keys);
    cli_arguments_free(&usage);
    return answer;
}

/* ---- What a key is for ---- */

typedef struct type {
    const char *name;
    size_t size;
    int32_t algorithm;
    uint32_t usage;
} type;

static const type types[] = {
    {"ec-p256", 32, LWSEC_ALG_ES256, LWSEC_USE_SIGN},
    {"aes-128", 16, LWSEC_ALG_A128GCM, LWSEC_USE_SEAL | LWSEC_USE_OPEN},
    {"aes-192", 24, LWSEC_ALG_A192GCM, LWSEC_USE_SEAL | LWSEC_USE_OPEN},
    {"aes-256", 32, LWSEC_ALG_A256GCM, LWSEC_USE_SEAL | LWSEC_USE_OPEN},
    {"hmac-256", 0, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC},
};

typedef struct purpose {
    const char *name;
    bool aes; /* of an AES type; otherwise a secret of any size */
    int32_t algorithm;
    uint32_t usage;
} purpose;

static const purpose purposes[] = {
    {"oscore-master", false, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT},
    {"oscore-prk", false, LWSEC_ALG_HKDF, LWSEC_USE_DERIVE},
    {"psk", false, LWSEC_ALG_PSK, LWSEC_USE_PSK},
    {"sms-kic", true, LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT},
    {"sms-kid", true, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC},
};

static const type *find_type(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, name) == 0) {
            return &types[i];
        }
    }
    return NULL;
}

static const purpose *find_purpose(const char *name)
{
    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++) {
        if (strcmp(purposes[i].name, name) == 0) {
            return &purposes[i];
        }
    }
    return NULL;
}

int cli_key_purpose(const cli_key *key, lwsec_key_attributes *attributes, size_t *size)
{
    const type *of = find_type(key->type);

    if (of == NULL) {
        return cli_error("--type", "is ec-p256, aes-128, aes-192, aes-256 or hmac-256");
    }
    attributes->size = sizeof *attributes;
    attributes->algorithm = of->algorithm;
    attributes->usage = of->usage;
    attributes->name = cli_key_name(key);
    *size = of->size;
    if (key->as == NULL) {
        return CLI_DONE;
    }
    const purpose *as = find_purpose(key->as);
    if (as == NULL) {
        return cli_error("--as", "is oscore-master, oscore-prk, psk, sms-kic or sms-kid");
    }
    const bool aes = of->algorithm != LWSEC_ALG_ES256 && of->algorithm != LWSEC_ALG_HMAC_256;
    if (of->algorithm == LWSEC_ALG_ES256 || (as->aes && !aes)) {
        return cli_error("--as", "does not go with this --type");
    }
    attributes->algorithm = as->algorithm;
    attributes->usage = as->usage;
    return CLI_DONE;
}

/* ---- Output ---- */

#define SPKI_PREFIX 26U

/* SubjectPublicKeyInfo of an uncompressed point on P-256 (RFC 5480 section 2). */
static void write_spki(const uint8_t *point, uint8_t spki[SPKI_PREFIX + 65])
{
    static const uint8_t prefix[SPKI_PREFIX] = {
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

    memcpy(spki, prefix, sizeof prefix);
    memcpy(&spki[SPKI_PREFIX], point, 65);
}

int cli_key_print(const cli_key *key, lwsec_key handle)
{
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};
    uint8_t point[65], spki[SPKI_PREFIX + 65];
    lwsec_key_description told = {.size = sizeof told};
    json_t *result = json_object();
    char *reference = cli_key_reference(key->uri, cli_key_name(key));

    cli_add_text(result, "key", reference);
    free(reference);
    lwsec_status status = lwsec_key_describe(handle, &told);
    if (status == LWSEC_OK && told.algorithm == LWSEC_ALG_ES256) {
        status = lwsec_key_public(handle, point, sizeof point);
        if (status == LWSEC_OK) {
            write_spki(point, spki);
            cli_add_hex(result, "public-key", lwsec_bytes_of(spki, sizeof spki));
        }
    }
    if (status != LWSEC_OK) {
        json_decref(result);
        return cli_fail(status, &none);
    }
    return cli_print(result, key->json, cli_text_lines);
}

static void no_text(const json_t *object)
{
    (void)object;
}

int cli_key_print_name(const cli_key *key)
{
    json_t *result = json_object();
    char *reference = cli_key_reference(key->uri, cli_key_name(key));

    cli_add_text(result, "key", reference);
    free(reference);
    return cli_print(result, key->json, no_text);
}

int cli_key_find(cli_key *key, lwsec_key *handle)
{
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_key_find(key->keys.store, cli_key_name(key), handle);

    if (status == LWSEC_ABSENT) {
        return cli_error("--name", "the store has no such key");
    }
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &none);
}
