/* lwsec key generate, lwsec key import */
#include "key.h"
#include "secret.h"

typedef struct making {
    cli_key key;
    cli_bytes value;
} making;

#define TYPE_HELP "ec-p256, aes-128, aes-192, aes-256, or hmac-256 (also a secret of any size)"
#define AS_HELP "oscore-master, oscore-prk, psk, sms-kic or sms-kid, if it is for that"

/* A name stands for one key: what is there is not replaced. */
static int check_free(cli_key *key)
{
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};
    lwsec_key found = {NULL, 0, 0};
    const lwsec_status status = lwsec_key_find(key->keys.store, cli_key_name(key), &found);

    if (status == LWSEC_OK) { /* its handle goes with the store */
        return cli_error("--name", "the store has a key of this name already");
    }
    return status == LWSEC_ABSENT ? CLI_DONE : cli_fail(status, &none);
}

static int finish(cli_key *key, lwsec_status status, lwsec_key handle)
{
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};

    if (status == LWSEC_LIMIT) {
        return cli_error("--store", "is full");
    }
    if (status == LWSEC_USAGE) {
        return cli_refuse(lwsec_why_text(LWSEC_WHY_KEY_USAGE));
    }
    return status == LWSEC_OK ? cli_key_print(key, handle) : cli_fail(status, &none);
}

static int generate(void *given)
{
    cli_key *key = &((making *)given)->key;
    lwsec_key_attributes attributes;
    lwsec_key handle = {NULL, 0, 0};
    size_t size = 0;

    int answer = cli_key_purpose(key, &attributes, &size);
    if (answer == CLI_DONE) {
        answer = check_free(key);
    }
    if (answer != CLI_DONE) {
        return answer;
    }
    const lwsec_status status =
        lwsec_key_generate(key->keys.store, &attributes, size != 0 ? size : 32, &handle);
    return finish(key, status, handle);
}

static int import(void *given)
{
    making *made = given;
    lwsec_key_attributes attributes;
    lwsec_key handle = {NULL, 0, 0};
    size_t size = 0;

    int answer = cli_key_purpose(&made->key, &attributes, &size);
    if (answer == CLI_DONE && size != 0 && made->value.size != size) {
        answer = cli_error("--value", "is not of the size of this --type");
    }
    if (answer == CLI_DONE) {
        answer = check_free(&made->key);
    }
    if (answer != CLI_DONE) {
        return answer;
    }
    lwsec_status status =
        lwsec_key_import(made->key.keys.store, &attributes, cli_view(&made->value), &handle);
    if (status == LWSEC_OK && attributes.algorithm == LWSEC_ALG_ES256) {
        status = cli_key_store_complete(&made->key.keys, handle, cli_view(&made->value));
    }
    return finish(&made->key, status, handle);
}

int cli_key_generate(int argc, char **argv)
{
    making given = {.value = {NULL, 0}};
    const cli_option options[] = {
        {"name", CLI_KIND_TEXT, true, &given.key.name, "NAME", "what it is found by", 0},
        {"type", CLI_KIND_TEXT, true, &given.key.type, "TYPE", TYPE_HELP, 0},
        {"as", CLI_KIND_TEXT, false, &given.key.as, "USE", AS_HELP, 0},
        {.name = NULL},
    };
    const cli_key_command command = {
        .name = "key generate",
        .about = "Makes a new key in a store, which is made too where it is not there, and prints\n"
                 "its reference; of a pair, its SubjectPublicKeyInfo as well. The secret stays.",
        .options = options,
        .key = &given.key,
        .run = generate,
        .given = &given,
        .make = true,
    };

    return cli_key_run(&command, argc, argv);
}

int cli_key_import(int argc, char **argv)
{
    making given = {.value = {NULL, 0}};
    const cli_option options[] = {
        {"name", CLI_KIND_TEXT, true, &given.key.name, "NAME", "what it is found by", 0},
        {"type", CLI_KIND_TEXT, true, &given.key.type, "TYPE", TYPE_HELP, 0},
        {"as", CLI_KIND_TEXT, false, &given.key.as, "USE", AS_HELP, 0},
        {"value", CLI_KIND_SECRET, true, &given.value, "S", "its bytes", 0},
        {.name = NULL},
    };
    const cli_key_command command = {
        .name = "key import",
        .about = "Puts a key into a store, which is made where it is not there, and prints its\n"
                 "reference.",
        .options = options,
        .key = &given.key,
        .run = import,
        .given = &given,
        .make = true,
    };

    return cli_key_run(&command, argc, argv);
}
