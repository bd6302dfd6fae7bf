/* One side of an LwM2M connection: its secret, its state, its endpoint. */
#include "device.h"

#include "log.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SECRET_MAX 255U

/* ---- Command line, log, signals ---- */

bool read_settings(int argc, char **argv, lwm2m_settings *given)
{
    const struct {
        const char *name;
        const char **value;
    } options[] = {
        {"--address", &given->address},     {"--secret", &given->secret},
        {"--state", &given->state},         {"--registration", &given->registration},
        {"--sms-keys", &given->sms_keys},   {"--sms", &given->sms},
        {"--card-keys", &given->card_keys},
    };
    bool known = true;

    memset(given, 0, sizeof *given);
    for (int i = 1; i < argc && known; i++) {
        if (strcmp(argv[i], "--fresh") == 0) {
            given->fresh = true;
            continue;
        }
        known = false;
        for (size_t o = 0; o < sizeof options / sizeof options[0] && i + 1 < argc; o++) {
            if (strcmp(argv[i], options[o].name) == 0) {
                *options[o].value = argv[++i];
                known = true;
                break;
            }
        }
    }
    if (!known || given->address == NULL || given->secret == NULL || given->state == NULL ||
        (given->sms != NULL) != ((given->sms_keys != NULL) != (given->card_keys != NULL))) {
        (void)fprintf(stderr,
                      "usage: %s --address IP:PORT --secret FILE --state DIR [--fresh]\n"
                      "       [--registration FILE] [(--sms-keys | --card-keys) FILE --sms FILE]\n",
                      argv[0]);
        return false;
    }
    return true;
}

void say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)printf("* ");
    (void)vprintf(format, arguments);
    (void)putchar('\n');
    (void)fflush(stdout);
    va_end(arguments);
}

void log_message(void *program, const endpoint_trace *trace)
{
    (void)program;
    endpoint_print_trace(stdout, trace);
}

static volatile sig_atomic_t signalled;

static void note_signal(int number)
{
    (void)number;
    signalled = 1;
}

void stop_on_signals(void)
{
    const struct sigaction action = {.sa_handler = note_signal};

    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
}

bool stopped(void)
{
    return signalled != 0;
}

/* ---- Keys and state ---- */

/* The only place where the secret is bytes: between its file and the key store. */
static lwsec_status import_secret(lwsec_store *store, const char *path, lwsec_key *key)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, {NULL, 0}};
    uint8_t secret[SECRET_MAX + 1];
    FILE *file = fopen(path, "rb");

    if (file == NULL || setvbuf(file, NULL, _IONBF, 0) != 0) {
        return LWSEC_ABSENT;
    }
    const size_t size = fread(secret, 1, sizeof secret, file);
    (void)fclose(file);
    const lwsec_status status =
        lwsec_key_import(store, &attributes, lwsec_bytes_of(secret, size), key);
    lwsec_wipe(secret, sizeof secret);
    return status;
}

static lwsec_bytes text_bytes(const char *text)
{
    return lwsec_bytes_of(text, strlen(text));
}

static lwsec_status open_all(lwm2m_side *side, const lwm2m_settings *given,
                             lwsec_oscore_config *config, lwsec_reason *reason)
{
    lwsec_status status = lwsec_memory_openssl_open(side->store_memory, sizeof side->store_memory,
                                                    KEY_SLOTS, &side->store);

    if (status == LWSEC_OK) {
        status = import_secret(side->store, given->secret, &config->secret);
    }
    if (status == LWSEC_OK) {
        status = lwsec_state_directory_open(side->state_memory, sizeof side->state_memory,
                                            given->state, &side->state, reason);
    }
    if (status == LWSEC_OK) {
        config->state = side->state;
        status = lwsec_oscore_init(side->oscore_memory, sizeof side->oscore_memory, config,
                                   &side->oscore, reason);
    }
    /* The context has its own keys now. */
    const lwsec_status destroyed = lwsec_key_destroy(&config->secret);
    return status == LWSEC_OK ? destroyed : status;
}

bool open_side(lwm2m_side *side, const lwm2m_settings *given, const char *sender_id,
               const char *recipient_id)
{
    lwsec_oscore_config config = {
        .size = sizeof config,
        .sender_id = text_bytes(sender_id),
        .recipient_id = text_bytes(recipient_id),
        .flags = given->fresh ? LWSEC_KEY_FRESH : 0U,
    };
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    memset(side, 0, sizeof *side);
    const lwsec_status status = open_all(side, given, &config, &reason);
    if (status != LWSEC_OK) {
        (void)fprintf(stderr, "no security context: %s, %s\n", lwsec_status_name(status),
                      lwsec_why_text(reason.why));
        close_side(side);
        return false;
    }
    return true;
}

void close_side(lwm2m_side *side)
{
    lwsec_oscore_close(&side->oscore);
    if (side->state != NULL) {
        lwsec_state_directory_close(&side->state);
    }
    if (side->store != NULL) {
        lwsec_memory_openssl_close(&side->store);
    }
}
