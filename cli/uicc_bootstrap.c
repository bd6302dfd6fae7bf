/* lwsec uicc bootstrap */
#include "uicc.h"

#include <lwsec/smartcard_bootstrap.h>

#include "output.h"

#include <stdlib.h>

typedef struct booting {
    cli_uicc uicc;
    bool json;
} booting;

static void as_text(const json_t *content)
{
    json_t *object;
    size_t i;

    json_array_foreach(json_object_get(content, "objects"), i, object)
    {
        (void)printf("object %lld %s %s\n",
                     (long long)json_integer_value(json_object_get(object, "id")),
                     json_string_value(json_object_get(object, "version")),
                     json_string_value(json_object_get(object, "instances")));
    }
}

/* The implicit version is 1.0 or that of the enabler: it has no number of its own. */
static json_t *describe(lwsec_smartcard_walk *walk)
{
    json_t *objects = json_array();
    lwsec_smartcard_object object;
    char version[8];

    while (lwsec_smartcard_next(walk, &object)) {
        (void)snprintf(version, sizeof version, "%u.%u", object.major, object.minor);
        (void)json_array_append_new(objects,
                                    json_pack("{s:i, s:s, s:o}", "id", (int)object.id, "version",
                                              object.major != 0 ? version : "-", "instances",
                                              cli_json_hex(object.instances)));
    }
    return json_pack("{s:o}", "objects", objects);
}

static int print_objects(booting *given)
{
    uint8_t *memory = cli_allocate(LWSEC_SMARTCARD_FILE_MAX);
    lwsec_buffer file = lwsec_buffer_of(memory, LWSEC_SMARTCARD_FILE_MAX);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_smartcard_walk walk;

    lwsec_status status = lwsec_smartcard_read(&given->uicc.card, &file, &reason);
    if (status == LWSEC_OK) {
        status = lwsec_smartcard_objects(lwsec_buffer_bytes(&file), &walk, &reason);
    }
    const int answer = status == LWSEC_OK ? cli_print(describe(&walk), given->json, as_text)
                                          : cli_uicc_fail(&given->uicc, status, &reason);
    lwsec_wipe(memory, LWSEC_SMARTCARD_FILE_MAX);
    free(memory);
    return answer;
}

/* The card is left as it was found: its channel is given back. */
static void leave(cli_uicc *uicc)
{
    if (uicc->pcsc != NULL && uicc->card.channel != 0 &&
        lwsec_apdu_close_channel(&uicc->card, NULL) != LWSEC_OK) {
        (void)cli_error(NULL, "the card keeps the channel open");
    }
}

static int run(void *argument)
{
    booting *given = argument;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    int answer = cli_uicc_connect(&given->uicc);
    if (answer != CLI_DONE) {
        return answer;
    }
    const lwsec_status status =
        lwsec_smartcard_select(&given->uicc.card, cli_view(&given->uicc.aid), &reason);
    if (status != LWSEC_OK) {
        return cli_uicc_fail(&given->uicc, status, &reason);
    }
    answer = cli_uicc_secure(&given->uicc);
    if (answer == CLI_DONE) {
        answer = print_objects(given);
    }
    leave(&given->uicc);
    return answer;
}

int cli_uicc_bootstrap(int argc, char **argv)
{
    booting given = {.json = false};
    const cli_option options[] = {
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_uicc_command command = {
        .name = "uicc bootstrap",
        .about = "Prints the objects that a card holds for bootstrap (LwM2M Core, "
                 "Appendix G), one a\nline: number, version, and the TLV of its "
                 "instances, which may hold keys. --aid is\nthe PKCS#15 application, "
                 "for cards without EF(DIR).",
        .options = options,
        .uicc = &given.uicc,
        .given = &given,
        .run = run,
    };

    return cli_uicc_run(&command, argc, argv);
}
