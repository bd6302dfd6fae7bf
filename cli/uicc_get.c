/* lwsec uicc get */
#include "uicc.h"

#include <lwsec/sms_card.h>

#include "output.h"

#include <stdlib.h>

#define ROOM 70000U

typedef struct getting {
    cli_uicc uicc;
    cli_bytes tag;
    bool json;
} getting;

/* What the LwM2M application has is a message; anything else is shown as it is. */
static json_t *describe(lwsec_bytes data)
{
    json_t *object = json_pack("{s:o}", "data", cli_json_hex(data));
    char number[LWSEC_SMS_NUMBER_MAX];
    lwsec_sms_address from;
    lwsec_bytes coap;

    if (object != NULL && lwsec_sms_card_read(NULL, data, &from, &coap, NULL) == LWSEC_OK &&
        lwsec_sms_address_text(&from, number) == LWSEC_OK) {
        (void)json_object_set_new(object, "from", json_string(number));
        (void)json_object_set_new(object, "coap", cli_json_hex(coap));
    }
    return object;
}

static int print_data(getting *given, uint16_t tag)
{
    uint8_t *memory = cli_allocate(ROOM);
    lwsec_buffer out = lwsec_buffer_of(memory, ROOM);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    int answer;

    const lwsec_status status = lwsec_apdu_get_data(&given->uicc.card, tag, &out, &reason);
    if (status == LWSEC_OK) {
        answer = cli_print(describe(lwsec_buffer_bytes(&out)), given->json, cli_text_lines);
    } else {
        answer = status == LWSEC_ABSENT ? cli_refuse("the card has no data")
                                        : cli_uicc_fail(&given->uicc, status, &reason);
    }
    lwsec_wipe(memory, ROOM);
    free(memory);
    return answer;
}

static int run(void *argument)
{
    getting *given = argument;
    const cli_bytes *tag = &given->tag;

    if (tag->data != NULL && tag->size != 2) {
        return cli_error("--tag", "has 2 octets");
    }
    const unsigned value = tag->data != NULL ? (unsigned)tag->data[0] << 8 | tag->data[1] : 0;
    const int answer = cli_uicc_open(&given->uicc);
    return answer == CLI_DONE ? print_data(given, (uint16_t)value) : answer;
}

int cli_uicc_get(int argc, char **argv)
{
    getting given = {.json = false};
    const cli_option options[] = {
        {"tag", CLI_KIND_HEX, false, &given.tag, "HEX", "P1 and P2 of GET DATA; 0000 if not given",
         0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_uicc_command command = {
        .name = "uicc get",
        .about = "Fetches what the LwM2M application of a card has by GET DATA, and, "
                 "if that is a\nmessage, prints whom it came from and the CoAP "
                 "message.",
        .options = options,
        .uicc = &given.uicc,
        .given = &given,
        .run = run,
    };

    return cli_uicc_run(&command, argc, argv);
}
