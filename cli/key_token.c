/* Opening of tokens by URI. */
#include "key_token.h"

#include "command.h"

#include <lwsec/pkcs11.h>

#include <stdlib.h>
#include <string.h>

/* A token's URI, its module, and where its PIN is. */
typedef struct token {
    lwsec_pkcs11_uri uri;
    char module[LWSEC_PKCS11_FIELD_MAX + 1];
    char pin_file[LWSEC_PKCS11_FIELD_MAX + 1];
} token;

static const char *copy(lwsec_bytes from, char to[LWSEC_PKCS11_FIELD_MAX + 1])
{
    if (from.size == 0 || from.size > LWSEC_PKCS11_FIELD_MAX ||
        memchr(from.data, '\0', from.size) != NULL) {
        return NULL;
    }
    memcpy(to, from.data, from.size);
    to[from.size] = '\0';
    return to;
}

/* The PIN is the first line of the file. */
static lwsec_status read_pin(void *context, const lwsec_pkcs11_token *of, lwsec_buffer *pin)
{
    FILE *file = fopen(((const token *)context)->pin_file, "rb");
    cli_bytes bytes = {NULL, 0};

    (void)of;
    if (file == NULL) {
        return LWSEC_ABSENT;
    }
    const char *wrong = cli_file_read(file, &bytes);
    (void)fclose(file);
    size_t size = 0;
    while (wrong == NULL && size < bytes.size && bytes.data[size] != '\n' &&
           bytes.data[size] != '\r') {
        size++;
    }
    const bool fits = wrong == NULL && size > 0 && size <= pin->capacity;
    if (fits) {
        memcpy(pin->data, bytes.data, size);
        pin->size = size;
    }
    cli_bytes_free(&bytes);
    return fits ? LWSEC_OK : LWSEC_ABSENT;
}

/* `file:PATH`, or a path alone. */
static const char *pin_path(lwsec_bytes source)
{
    static const char scheme[] = "file:";
    const size_t length = sizeof scheme - 1;
    const bool has = source.size > length && memcmp(source.data, scheme, length) == 0;

    return has ? (const char *)&source.data[length] : (const char *)source.data;
}

static bool read_pin_source(token *own)
{
    const lwsec_bytes source = own->uri.pin_source;

    if (source.size == 0) {
        return true;
    }
    const char *path = pin_path(source);
    const size_t skipped = (size_t)(path - (const char *)source.data);
    return copy(lwsec_bytes_of(path, source.size - skipped), own->pin_file) != NULL;
}

static int fail(const cli_key_opening *opening, lwsec_status status, const lwsec_reason *reason)
{
    if (reason->why == LWSEC_WHY_PKCS11_PIN || reason->why == LWSEC_WHY_PKCS11_LOCKED) {
        return cli_refuse(lwsec_why_text(reason->why));
    }
    return cli_error(opening->option, reason->why != LWSEC_WHY_NONE ? lwsec_why_text(reason->why)
                                                                    : lwsec_status_name(status));
}

int cli_key_token_open(cli_key_store *keys, const cli_key_opening *opening)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    token *own = cli_allocate(sizeof *own);

    keys->token = own;
    keys->engine = opening->engine;
    lwsec_status status = lwsec_pkcs11_uri_parse(lwsec_bytes_of(opening->uri, strlen(opening->uri)),
                                                 &own->uri, &reason);
    if (status != LWSEC_OK) {
        return cli_error(opening->option, lwsec_why_text(reason.why));
    }
    if (copy(own->uri.module_path, own->module) == NULL) {
        return cli_error(opening->option, "the URI has no module-path");
    }
    if (!read_pin_source(own)) {
        return cli_error(opening->option, "the pin-source of the URI is no file");
    }
    const lwsec_pkcs11_config config = {
        .size = sizeof config,
        .module = own->module,
        .token = own->uri.token,
        .pin = own->pin_file[0] != '\0' ? read_pin : NULL,
        .pin_context = own,
    };
    const size_t size = lwsec_pkcs11_size(CLI_KEY_SLOTS);
    keys->memory = cli_allocate(size);
    status = lwsec_pkcs11_open(keys->memory, size, CLI_KEY_SLOTS, &config, &keys->store, &reason);
    keys->close = lwsec_pkcs11_close;
    return status == LWSEC_OK ? CLI_DONE : fail(opening, status, &reason);
}

/* The same key in memory tells its point. */
static lwsec_status compute_point(lwsec_store *memory, lwsec_bytes scalar, uint8_t point[65])
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};
    lwsec_key same = {NULL, 0, 0};

    const lwsec_status status = lwsec_key_import(memory, &attributes, scalar, &same);
    return status == LWSEC_OK ? lwsec_key_public(same, point, 65) : status;
}

lwsec_status cli_key_token_complete(const cli_key_store *keys, lwsec_key key, lwsec_bytes scalar)
{
    const size_t size = keys->engine->size(1);
    void *memory = cli_allocate(size);
    lwsec_store *store = NULL;
    uint8_t point[65];

    lwsec_status status = keys->engine->open(memory, size, 1, &store);
    if (status == LWSEC_OK) {
        status = compute_point(store, scalar, point);
        keys->engine->close(&store);
    }
    free(memory);
    return status == LWSEC_OK ? lwsec_pkcs11_put_public_key(key, lwsec_bytes_of(point, 65))
                              : status;
}

lwsec_bytes cli_key_token_object(const cli_key_store *keys)
{
    return ((const token *)keys->token)->uri.object;
}

char *cli_key_token_reference(const char *uri, lwsec_bytes name)
{
    static const char prefix[] = "key:";
    char *text = cli_allocate(sizeof prefix + LWSEC_PKCS11_URI_MAX);
    lwsec_pkcs11_uri parsed;
    lwsec_buffer out = lwsec_buffer_of(&text[sizeof prefix - 1], LWSEC_PKCS11_URI_MAX);

    memcpy(text, prefix, sizeof prefix);
    if (lwsec_pkcs11_uri_parse(lwsec_bytes_of(uri, strlen(uri)), &parsed, NULL) != LWSEC_OK) {
        return text;
    }
    parsed.object = name;
    if (lwsec_pkcs11_uri_print(&parsed, &out) != LWSEC_OK) {
        text[sizeof prefix - 1] = '\0';
    }
    return text;
}
