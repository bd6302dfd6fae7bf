/* A security context out of the command line: CTX in the help. */
#include "context.h"

#include <lwsec/state_directory.h>
#include <lwsec/state_memory.h>

#include <stdlib.h>
#include <string.h>

/* Secret, pseudorandom key, both derived keys, and what the debug functions hold meanwhile; for
 * Appendix B.2 those of two more contexts, and a MAC key. */
#define KEY_SLOTS 16U

/* Numbers of a context, of which a program that runs once has one record. */
#define MEMORY_RECORDS 4U
#define MEMORY_VALUE 256U

void cli_context_options(cli_context *context, cli_option options[CLI_CONTEXT_OPTIONS])
{
    const cli_option table[CLI_CONTEXT_OPTIONS] = {
        {"secret", CLI_KIND_KEY, true, &context->secret, "S", "Master Secret", 0},
        {"passphrase", CLI_KIND_PASSPHRASE, false, &context->passphrase, "P",
         "of the store in a folder that has the secret", 0},
        {"sender-id", CLI_KIND_HEX, true, &context->sender_id, "HEX", "own ID, may be empty", 0},
        {"recipient-id", CLI_KIND_HEX, true, &context->recipient_id, "HEX",
         "the peer's ID, may be empty", 0},
        {"salt", CLI_KIND_HEX, false, &context->salt, "HEX", "Master Salt", 0},
        {"id-context", CLI_KIND_HEX, false, &context->id_context, "HEX", "ID Context", 0},
        {"aead", CLI_KIND_NUMBER, false, &context->aead, "N",
         "COSE number of the AEAD; 10 (AES-CCM-16-64-128) if not given", INT32_MAX},
        {"hmac", CLI_KIND_NUMBER, false, &context->hmac, "N",
         "HMAC as in Object 21: 5 (SHA-256, if not given), 6 or 7", INT32_MAX},
        {"window", CLI_KIND_NUMBER, false, &context->window, "N",
         "size of the replay window, 1 to 1024; 32 if not given", UINT32_MAX},
        {"engine", CLI_KIND_TEXT, false, &context->engine_name, "NAME",
         "openssl or mbedtls; the first that is built in if not given", 0},
        {.name = NULL},
    };
    memcpy(options, table, sizeof table);
}

void cli_context_optional(cli_option options[CLI_CONTEXT_OPTIONS])
{
    for (size_t i = 0; options[i].name != NULL; i++) {
        options[i].required = false;
    }
}

lwsec_oscore_config cli_context_config(const cli_context *context)
{
    const lwsec_oscore_config config = {
        .size = sizeof config,
        .salt = cli_view(&context->salt),
        .sender_id = cli_view(&context->sender_id),
        .recipient_id = cli_view(&context->recipient_id),
        .id_context = cli_view(&context->id_context),
        .aead = (int32_t)context->aead.value,
        .hmac = (int32_t)context->hmac.value,
        .window = (uint32_t)context->window.value,
    };
    return config;
}

/* Zero means "not given" to the library; on the command line it is a number like others. */
static int check_zero(const cli_context *context)
{
    if ((context->aead.given && context->aead.value == 0) ||
        (context->hmac.given && context->hmac.value == 0)) {
        return cli_error(NULL, lwsec_why_text(LWSEC_WHY_OSCORE_ALGORITHM));
    }
    if (context->window.given && context->window.value == 0) {
        return cli_error(NULL, lwsec_why_text(LWSEC_WHY_OSCORE_WINDOW));
    }
    return CLI_DONE;
}

static cli_key_opening opening_of(const cli_context *context)
{
    const cli_key_opening opening = {.option = "--secret",
                                     .uri = context->secret.reference,
                                     .passphrase = cli_view(&context->passphrase),
                                     .engine = context->engine};
    return opening;
}

int cli_context_open_store(cli_context *context)
{
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};

    context->engine =
        context->engine_name != NULL ? cli_engine_find(context->engine_name) : cli_engine_at(0);
    if (context->engine == NULL) {
        return cli_error("--engine", "this build has no engine of that name");
    }
    if (context->secret.reference != NULL) {
        const cli_key_opening opening = opening_of(context);
        const int answer = cli_key_store_open(&context->keys, &opening);
        context->store = context->keys.store;
        return answer == CLI_DONE ? check_zero(context) : answer;
    }
    const size_t size = context->engine->size(KEY_SLOTS);
    context->store_memory = cli_allocate(size);
    const lwsec_status status =
        context->engine->open(context->store_memory, size, KEY_SLOTS, &context->store);
    return status == LWSEC_OK ? check_zero(context) : cli_fail(status, &none);
}

/* The secret as a handle. */
static int take_secret(cli_context *context, lwsec_key *secret)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, {NULL, 0}};
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};

    if (context->secret.reference != NULL) {
        const cli_key_opening opening = opening_of(context);
        return cli_key_store_find(&context->keys, &opening, secret);
    }
    const lwsec_status status =
        lwsec_key_import(context->store, &attributes, cli_view(&context->secret.bytes), secret);
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &none);
}

static lwsec_status init(cli_context *context, lwsec_oscore_config *config, lwsec_reason *reason)
{
    config->state = context->state;
    const size_t size = lwsec_oscore_size(config);

    context->oscore_memory = cli_allocate(size);
    const lwsec_status status =
        lwsec_oscore_init(context->oscore_memory, size, config, &context->oscore, reason);
    cli_bytes_free(&context->secret.bytes);
    if (context->keep_inputs) {
        context->inputs = *config;
        return status;
    }
    const lwsec_status released = lwsec_key_release(&config->secret);
    return status == LWSEC_OK ? released : status;
}

static int open_with(cli_context *context, lwsec_oscore_config *config)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const int answer = take_secret(context, &config->secret);

    if (answer != CLI_DONE) {
        return answer;
    }
    const lwsec_status status = init(context, config, &reason);
    if (status == LWSEC_USAGE && reason.why == LWSEC_WHY_KEY_USAGE) {
        return cli_refuse(lwsec_why_text(reason.why));
    }
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &reason);
}

int cli_context_open_once(cli_context *context, uint64_t ssn)
{
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};
    lwsec_oscore_config config = cli_context_config(context);
    const size_t size = lwsec_state_memory_size(MEMORY_RECORDS, MEMORY_VALUE);

    const int answer = cli_context_open_store(context);
    if (answer != CLI_DONE) {
        return answer;
    }
    context->state_memory = cli_allocate(size);
    const lwsec_status status = lwsec_state_memory_open(context->state_memory, size, MEMORY_RECORDS,
                                                        MEMORY_VALUE, &context->state);
    if (status != LWSEC_OK) {
        return cli_fail(status, &none);
    }
    config.start_ssn = ssn;
    config.flags = LWSEC_KEY_FRESH | LWSEC_OSCORE_NO_FIRST_ECHO;
    return open_with(context, &config);
}

static int open_directory(cli_context *context, const char *path)
{
    const size_t size = lwsec_state_directory_size();
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    context->state_memory = cli_allocate(size);
    const lwsec_status status =
        lwsec_state_directory_open(context->state_memory, size, path, &context->state, &reason);
    if (status != LWSEC_OK) {
        return cli_error("--state", lwsec_why_text(reason.why));
    }
    context->state_on_disk = true;
    return CLI_DONE;
}

int cli_context_open_kept(cli_context *context, const char *path, uint32_t flags)
{
    lwsec_oscore_config config = cli_context_config(context);

    int answer = cli_context_open_store(context);
    if (answer == CLI_DONE) {
        answer = open_directory(context, path);
    }
    config.flags = flags;
    return answer == CLI_DONE ? open_with(context, &config) : answer;
}

int cli_context_open_config(cli_context *context, const lwsec_oscore_config *config,
                            const char *path)
{
    lwsec_oscore_config whole = *config;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const int answer = open_directory(context, path);

    if (answer != CLI_DONE) {
        return answer;
    }
    whole.state = context->state;
    const size_t size = lwsec_oscore_size(&whole);
    context->oscore_memory = cli_allocate(size);
    const lwsec_status status =
        lwsec_oscore_init(context->oscore_memory, size, &whole, &context->oscore, &reason);
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &reason);
}

void cli_context_close(cli_context *context)
{
    lwsec_oscore_close(&context->oscore);
    if (context->state != NULL && context->state_on_disk) {
        lwsec_state_directory_close(&context->state);
    } else if (context->state != NULL) {
        lwsec_state_memory_close(&context->state);
    }
    if (context->secret.reference != NULL) {
        cli_key_store_close(&context->keys);
    } else if (context->store != NULL) {
        context->engine->close(&context->store);
    }
    free(context->oscore_memory);
    free(context->state_memory);
    free(context->store_memory);
}
