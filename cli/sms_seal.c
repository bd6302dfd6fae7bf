/* lwsec sms seal */
#include "sms.h"

#include "input.h"
#include "output.h"

#include <stdlib.h>

typedef struct sealing {
    cli_sms sms;
    cli_number counter;
    cli_bytes coap;
    cli_bytes data;
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

/* Short messages (--tpdu) are made here, out of the packet, once the program has their codec. */
static int print_sealed(sealing *given)
{
    const size_t room = given->coap.size + given->data.size + LWSEC_SMS_OVERHEAD + 4;
    uint8_t *memory = cli_allocate(room);
    lwsec_buffer out = lwsec_buffer_of(memory, room);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    const lwsec_status status = seal(given, &out, &reason);
    const int answer =
        status != LWSEC_OK
            ? cli_sms_fail(status, &reason)
            : cli_print(json_pack("{s:o}", "packet", cli_json_hex(lwsec_buffer_bytes(&out))),
                        given->json, print_packet);
    free(memory);
    return answer;
}

static int run(sealing *given)
{
    lwsec_coap_message message;

    if ((given->coap.data != NULL) == (given->data.data != NULL)) {
        return cli_error(NULL, "one of --coap and --data is needed");
    }
    int answer = cli_sms_open_security(&given->sms);
    if (answer == CLI_DONE && given->coap.data != NULL) {
        if (given->sms.security.profile != LWSEC_SMS_LWM2M) {
            return cli_error("--coap", "is for the profile lwm2m: give --data");
        }
        if (given->counter.value == 0) {
            return cli_refuse(lwsec_why_text(LWSEC_WHY_SMS_COUNTER));
        }
        answer = cli_message_check("--coap", &given->coap, &message);
        if (answer == CLI_DONE) {
            answer = cli_sms_open_association(&given->sms, given->counter.value, 0);
        }
    }
    return answer == CLI_DONE ? print_sealed(given) : answer;
}

int cli_sms_seal(int argc, char **argv)
{
    sealing given = {.json = false};
    cli_option assoc[CLI_SMS_OPTIONS];
    const cli_option options[] = {
        {"counter", CLI_KIND_NUMBER, true, &given.counter, "N", "counter of the packet",
         LWSEC_SMS_COUNTER_MAX},
        {"coap", CLI_KIND_HEX, false, &given.coap, "HEX", "a CoAP message, for LwM2M", 0},
        {"data", CLI_KIND_HEX, false, &given.data, "HEX", "secured data as they are", 0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {"sms seal",
                             "Prints the Command Packet (TS 102 225) from CPL on. One counter must "
                             "never stand\nin two packets: for trying things out only.",
                             {options, assoc}};

    cli_sms_options(&given.sms, assoc);
    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = run(&given);
    cli_sms_close(&given.sms);
    cli_arguments_free(&usage);
    return answer;
}
