/* lwsec key csr */
#include <lwsec/csr.h>

#include "key.h"

#include <stdlib.h>

typedef struct asking {
    cli_key key;
    const char *subject;
    const char *out;
    lwsec_csr_attribute parts[LWSEC_CSR_ATTRIBUTES_MAX];
    size_t count;
} asking;

/* The names of RFC 4514 section 3. */
static bool kind_of(const char *name, size_t size, lwsec_csr_attribute_kind *kind)
{
    static const struct {
        const char *name;
        lwsec_csr_attribute_kind kind;
    } names[] = {{"CN", LWSEC_CSR_COMMON_NAME}, {"serialNumber", LWSEC_CSR_SERIAL_NUMBER},
                 {"C", LWSEC_CSR_COUNTRY},      {"L", LWSEC_CSR_LOCALITY},
                 {"ST", LWSEC_CSR_STATE},       {"O", LWSEC_CSR_ORGANIZATION},
                 {"OU", LWSEC_CSR_UNIT}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i].name) == size && memcmp(names[i].name, name, size) == 0) {
            *kind = names[i].kind;
            return true;
        }
    }
    return false;
}

/* CN=device,O=Company: in the order in which they stand. A comma in a value is not supported. */
static int read_subject(asking *given)
{
    for (const char *at = given->subject; at != NULL;) {
        const char *end = strchr(at, ',');
        const size_t length = end != NULL ? (size_t)(end - at) : strlen(at);
        const char *equals = memchr(at, '=', length);

        if (given->count == LWSEC_CSR_ATTRIBUTES_MAX) {
            return cli_error("--subject", "has too many parts");
        }
        lwsec_csr_attribute *part = &given->parts[given->count++];
        if (equals == NULL || !kind_of(at, (size_t)(equals - at), &part->kind)) {
            return cli_error("--subject", "is CN=..., with C, ST, L, O, OU, serialNumber, commas "
                                          "between them");
        }
        part->value = lwsec_bytes_of(&equals[1], length - (size_t)(&equals[1] - at));
        at = end != NULL ? &end[1] : NULL;
    }
    return CLI_DONE;
}

static int write_out(const char *path, lwsec_bytes request)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL) {
        return cli_error("--out", "the file cannot be written");
    }
    const bool written = fwrite(request.data, 1, request.size, file) == request.size;
    return fclose(file) == 0 && written ? CLI_DONE
                                        : cli_error("--out", "the file cannot be written");
}

static int ask(void *own)
{
    asking *given = own;
    uint8_t room[LWSEC_CSR_OVERHEAD + LWSEC_CSR_ATTRIBUTES_MAX * 544U];
    lwsec_buffer request = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_csr_config config = {.size = sizeof config};

    int answer = read_subject(given);
    if (answer == CLI_DONE) {
        answer = cli_key_find(&given->key, &config.key);
    }
    if (answer != CLI_DONE) {
        return answer;
    }
    config.subject = given->parts;
    config.subject_count = given->count;
    const lwsec_status status = lwsec_csr_make(&config, &request, &reason);
    if (status == LWSEC_USAGE && reason.why == LWSEC_WHY_CSR_NAME) {
        return cli_error("--subject", lwsec_why_text(reason.why));
    }
    if (status == LWSEC_USAGE && reason.why == LWSEC_WHY_KEY_USAGE) {
        return cli_refuse(lwsec_why_text(reason.why));
    }
    answer = status == LWSEC_OK ? write_out(given->out, lwsec_buffer_bytes(&request))
                                : cli_fail(status, &reason);
    return answer == CLI_DONE ? cli_key_print_name(&given->key) : answer;
}

int cli_key_csr(int argc, char **argv)
{
    asking given = {.count = 0};
    const cli_option options[] = {
        {"name", CLI_KIND_TEXT, true, &given.key.name, "NAME", "of a pair", 0},
        {"subject", CLI_KIND_TEXT, true, &given.subject, "DN",
         "CN=NAME, and what else there is, with commas between", 0},
        {"out", CLI_KIND_TEXT, true, &given.out, "FILE", "where the request goes, in DER", 0},
        {.name = NULL},
    };
    const cli_key_command command = {
        .name = "key csr",
        .about = "Writes a certificate request (PKCS #10) for a pair of a store, signed by it.",
        .options = options,
        .key = &given.key,
        .run = ask,
        .given = &given,
    };

    return cli_key_run(&command, argc, argv);
}
