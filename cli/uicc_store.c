/* lwsec uicc store */
#include "uicc.h"

#include <lwsec/sms_card.h>

#include "output.h"

#include <stdlib.h>

typedef struct storing {
    cli_uicc uicc;
    cli_bytes data;
    cli_bytes coap;
    const char *to;
    cli_number p1;
    bool json;
} storing;

static void no_text(const json_t *object)
{
    (void)object;
}

static int store(storing *given, lwsec_bytes data)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    char sw[5];

    const int answer = cli_uicc_open(&given->uicc);
    if (answer != CLI_DONE) {
        return answer;
    }
    const lwsec_status status =
        lwsec_apdu_store_data(&given->uicc.card, (uint8_t)given->p1.value, data, &reason);
    (void)snprintf(sw, sizeof sw, "%04x", (unsigned)given->uicc.card.sw);
    return status == LWSEC_OK ? cli_print(json_pack("{s:s}", "sw", sw), given->json, no_text)
                              : cli_uicc_fail(&given->uicc, status, &reason);
}

/* A CoAP message as the LwM2M application takes it. */
static int store_message(storing *given)
{
    const size_t room = given->coap.size + LWSEC_SMS_CARD_OVERHEAD;
    lwsec_sms_address to;

    if (given->to == NULL || lwsec_sms_address_of(given->to, &to) != LWSEC_OK) {
        return cli_error("--to", "is a number that the message goes to");
    }
    uint8_t *memory = cli_allocate(room);
    lwsec_buffer out = lwsec_buffer_of(memory, room);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status =
        lwsec_sms_card_write(NULL, &to, cli_view(&given->coap), &out, &reason);
    const int answer = status == LWSEC_OK ? store(given, lwsec_buffer_bytes(&out))
                                          : cli_error("--coap", lwsec_why_text(reason.why));
    free(memory);
    return answer;
}

static int run(void *argument)
{
    storing *given = argument;

    if ((given->data.data != NULL) == (given->coap.data != NULL)) {
        return cli_error(NULL, "either --data or --coap is needed");
    }
    if (given->coap.data != NULL) {
        return store_message(given);
    }
    if (given->data.size == 0 || given->data.size > 65535) {
        return cli_error("--data", "has 1 to 65535 octets");
    }
    return store(given, cli_view(&given->data));
}

int cli_uicc_store(int argc, char **argv)
{
    storing given = {.json = false};
    const cli_option options[] = {
        {"data", CLI_KIND_HEX, false, &given.data, "HEX", "what to store, or - for standard input",
         0},
        {"coap", CLI_KIND_HEX, false, &given.coap, "HEX", "or a CoAP message, with", 0},
        {"to", CLI_KIND_TEXT, false, &given.to, "DIGITS", "the number that it goes to", 0},
        {"p1", CLI_KIND_NUMBER, false, &given.p1, "N",
         "P1 of STORE DATA, decimal, without bit 8; 0 if not given", 127},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_uicc_command command = {
        .name = "uicc store",
        .about = "Gives data, or a CoAP message to be sent, to the LwM2M application "
                 "of a card by\nSTORE DATA, in as many blocks as it takes.",
        .options = options,
        .uicc = &given.uicc,
        .given = &given,
        .run = run,
    };

    return cli_uicc_run(&command, argc, argv);
}
