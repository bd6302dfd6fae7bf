/* lwsec sms seal */
#include "sms.h"

#include "input.h"
#include "output.h"
#include "sms_tpdu.h"

#include <stdlib.h>

typedef struct sealing {
    cli_sms sms;
    cli_number counter;
    cli_bytes coap;
    cli_bytes data;
    cli_sms_split split;
    bool json;
} sealing;

static lwsec_status seal(sealing *given, lwsec_buffer *out, lwsec_reason *reason)
{
    return given->coap.data != NULL
               ? lwsec_sms_seal(given->sms.association, cli_view(&given->coap), NULL, out, reason)
               : lwsec_sms_command_seal(&given->sms.security, given->counter.value,
                                        cli_view(&given->data), out, reason);
}

static void print_packet(const json_t *object)
{
    (void)puts(json_string_value(json_object_get(object, "packet")));
}

/* One a line. */
static void print_tpdus(const json_t *object)
{
    const json_t *list = json_object_get(object, "tpdus");

    for (size_t i = 0; i < json_array_size(list); i++) {
        (void)puts(json_string_value(json_array_get(list, i)));
    }
}

static int print_result(const sealing *given, lwsec_bytes packet)
{
    if (given->split.kind == NULL) {
        return cli_print(json_pack("{s:o}", "packet", cli_json_hex(packet)), given->json,
                         print_packet);
    }
    json_t *list = cli_sms_split_packet(&given->split, packet);
    return list == NULL ? CLI_USAGE
                        : cli_print(json_pack("{s:o}", "tpdus", list), given->json, print_tpdus);
}

static int print_sealed(sealing *given)
{
    const size_t room = given->coap.size + given->data.size + LWSEC_SMS_OVERHEAD + 4;
    uint8_t *memory = cli_allocate(room);
    lwsec_buffer out = lwsec_buffer_of(memory, room);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    const lwsec_status status = seal(given, &out, &reason);
    const int answer = status != LWSEC_OK ? cli_sms_fail(status, &reason)
                                          : print_result(given, lwsec_buffer_bytes(&out));
    free(memory);
    return answer;
}

static int open_for_coap(sealing *given)
{
    lwsec_coap_message message;

    if (given->sms.security.profile != LWSEC_SMS_LWM2M) {
        return cli_error("--coap", "is for the profile lwm2m: give --data");
    }
    if (given->counter.value == 0) {
        return cli_refuse(lwsec_why_text(LWSEC_WHY_SMS_COUNTER));
    }
    const int answer = cli_message_check("--coap", &given->coap, &message);
    return answer == CLI_DONE ? cli_sms_open_association(&given->sms, given->counter.value, 0)
                              : answer;
}

static int run(void *argument)
{
    sealing *given = argument;

    if ((given->coap.data != NULL) == (given->data.data != NULL)) {
        return cli_error(NULL, "either --coap or --data is needed");
    }
    int answer = cli_sms_split_check(&given->split);
    if (answer == CLI_DONE) {
        answer = cli_sms_open_security(&given->sms);
    }
    if (answer == CLI_DONE && given->coap.data != NULL) {
        answer = open_for_coap(given);
    }
    return answer == CLI_DONE ? print_sealed(given) : answer;
}

int cli_sms_seal(int argc, char **argv)
{
    sealing given = {.json = false};
    const cli_option options[] = {
        {"counter", CLI_KIND_NUMBER, true, &given.counter, "N", "counter of the packet",
         LWSEC_SMS_COUNTER_MAX},
        {"coap", CLI_KIND_HEX, false, &given.coap, "HEX", "a CoAP message, for LwM2M", 0},
        {"data", CLI_KIND_HEX, false, &given.data, "HEX", "secured data as they are", 0},
        {"tpdu", CLI_KIND_TEXT, false, &given.split.kind, "KIND",
         "print short messages, one a line: deliver or submit", 0},
        {"address", CLI_KIND_TEXT, false, &given.split.address, "DIGITS",
         "who sends it, or to whom it goes; + before an international number", 0},
        {"reference", CLI_KIND_NUMBER, false, &given.split.reference, "N",
         "of the concatenated message; 0 if not given", UINT8_MAX},
        {"time", CLI_KIND_TEXT, false, &given.split.time, "TIME",
         "of the service centre, 2026-01-31T23:59:59Z; now if not given", 0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_sms_command command = {
        "sms seal",
        "Prints the Command Packet (TS 102 225) from CPL on, or the TPDUs that carry it. One\n"
        "counter must never stand in two packets: for trying things out only.",
        options,
        &given.sms,
        run,
        &given};

    return cli_sms_run(&command, argc, argv);
}
