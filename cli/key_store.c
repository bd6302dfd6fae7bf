/* Opening of key stores by URI. */
#include "key_store.h"

#include "command.h"

#include <stdlib.h>
#include <string.h>

#ifdef CLI_SEALED_FILE
#include <lwsec/sealed_file.h>
#endif
#ifdef CLI_PKCS11
#include "key_token.h"
#endif

static const char *after(const char *text, const char *prefix)
{
    const size_t length = strlen(prefix);

    return strncmp(text, prefix, length) == 0 ? &text[length] : NULL;
}

bool cli_key_name_fits(lwsec_bytes name)
{
    bool fits = name.size > 0 && name.size <= LWSEC_KEY_NAME_MAX;

    for (size_t i = 0; fits && i < name.size; i++) {
        fits = name.data[i] > ' ' && name.data[i] < 0x7f && name.data[i] != '#';
    }
    return fits;
}

#ifdef CLI_SEALED_FILE

#define PATH_SIZE 201U

/* The folder of `file:DIR#NAME`; what is behind '#' is no part of it. */
static bool folder_of(const char *rest, char path[PATH_SIZE])
{
    const size_t length = strcspn(rest, "#");

    if (length == 0 || length >= PATH_SIZE) {
        return false;
    }
    memcpy(path, rest, length);
    path[length] = '\0';
    return true;
}

static int fail_sealed(const cli_key_opening *opening, lwsec_status status,
                       const lwsec_reason *reason)
{
    if (status == LWSEC_ABSENT) {
        return cli_error(opening->option, "there is no such store of keys");
    }
    if (reason->why == LWSEC_WHY_KEY_WRAPPING || reason->why == LWSEC_WHY_STATE_SEALING ||
        reason->why == LWSEC_WHY_KEY_OLD) {
        return cli_refuse(lwsec_why_text(reason->why));
    }
    return reason->why != LWSEC_WHY_NONE
               ? cli_error(opening->option, lwsec_why_text(reason->why))
               : cli_error(opening->option, "the store cannot be opened, or memory be locked");
}

static int open_sealed(cli_key_store *keys, const cli_key_opening *opening, const char *rest)
{
    char path[PATH_SIZE];
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (!folder_of(rest, path)) {
        return cli_error(opening->option, "no folder, or one with more than 200 bytes");
    }
    if (opening->passphrase.data == NULL) {
        return cli_error("--passphrase", "is missing");
    }
    if (opening->passphrase.size == 0) {
        return cli_error("--passphrase", "is empty");
    }
    const size_t inner_size = opening->engine->size(CLI_KEY_SLOTS);
    keys->engine = opening->engine;
    keys->inner_memory = cli_allocate(inner_size);
    lwsec_status status =
        keys->engine->open(keys->inner_memory, inner_size, CLI_KEY_SLOTS, &keys->inner);
    if (status != LWSEC_OK) {
        return cli_fail(status, &reason);
    }
    const lwsec_sealed_file_config config = {
        .size = sizeof config,
        .path = path,
        .inner = keys->inner,
        .inner_memory = lwsec_bytes_of(keys->inner_memory, inner_size),
        .keys = LWSEC_SEALED_FILE_KEYS_MAX,
        .flags = opening->make ? (uint32_t)LWSEC_SEALED_FILE_CREATE : 0U,
        .passphrase = opening->passphrase,
    };
    const size_t size = lwsec_sealed_file_size(CLI_KEY_SLOTS, config.keys);
    keys->memory = cli_allocate(size);
    status =
        lwsec_sealed_file_open(keys->memory, size, CLI_KEY_SLOTS, &config, &keys->store, &reason);
    keys->close = lwsec_sealed_file_close;
    return status == LWSEC_OK ? CLI_DONE : fail_sealed(opening, status, &reason);
}

#else

static int open_sealed(cli_key_store *keys, const cli_key_opening *opening, const char *rest)
{
    (void)keys;
    (void)rest;
    return cli_error(opening->option, "this build has no keys in folders");
}

#endif

static int open_token(cli_key_store *keys, const cli_key_opening *opening)
{
#ifdef CLI_PKCS11
    return cli_key_token_open(keys, opening);
#else
    (void)keys;
    return cli_error(opening->option, "this build has no tokens");
#endif
}

int cli_key_store_open(cli_key_store *keys, const cli_key_opening *opening)
{
    if (opening->engine == NULL) {
        return cli_error("--engine", "this build has no engine of that name");
    }
    if (after(opening->uri, "file:") != NULL) {
        return open_sealed(keys, opening, after(opening->uri, "file:"));
    }
    if (after(opening->uri, "pkcs11:") != NULL) {
        return open_token(keys, opening);
    }
    return cli_error(opening->option, "no store of a kind that this build has");
}

/* The name in a reference; {NULL, 0}: there is none. */
static lwsec_bytes name_in(const cli_key_store *keys, const char *uri)
{
    const char *mark = strchr(uri, '#');

#ifdef CLI_PKCS11
    if (keys->token != NULL) {
        return cli_key_token_object(keys);
    }
#else
    (void)keys;
#endif
    return mark != NULL ? lwsec_bytes_of(&mark[1], strlen(&mark[1])) : lwsec_bytes_of(NULL, 0);
}

int cli_key_store_find(cli_key_store *keys, const cli_key_opening *opening, lwsec_key *key)
{
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};
    const lwsec_bytes name = name_in(keys, opening->uri);

    if (name.size == 0 || name.size > LWSEC_KEY_NAME_MAX) {
        return cli_error(opening->option, "the reference names no key");
    }
    const lwsec_status status = lwsec_key_find(keys->store, name, key);
    if (status == LWSEC_ABSENT) {
        return cli_error(opening->option, "the store has no such key");
    }
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &none);
}

char *cli_key_reference(const char *uri, lwsec_bytes name)
{
#ifdef CLI_PKCS11
    if (after(uri, "pkcs11:") != NULL) {
        return cli_key_token_reference(uri, name);
    }
#endif
    const size_t size = strlen(uri) + name.size + sizeof "key:#";
    char *text = cli_allocate(size);
    (void)snprintf(text, size, "key:%s#%.*s", uri, (int)name.size, (const char *)name.data);
    return text;
}

lwsec_status cli_key_store_complete(const cli_key_store *keys, lwsec_key key, lwsec_bytes scalar)
{
#ifdef CLI_PKCS11
    if (keys->token != NULL) {
        return cli_key_token_complete(keys, key, scalar);
    }
#else
    (void)keys;
    (void)key;
    (void)scalar;
#endif
    return LWSEC_OK;
}

void cli_key_store_close(cli_key_store *keys)
{
    if (keys->store != NULL) {
        keys->close(&keys->store);
    }
    if (keys->inner != NULL) {
        keys->engine->close(&keys->inner);
    }
    free(keys->memory);
    free(keys->inner_memory);
    free(keys->token);
}
