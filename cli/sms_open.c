/* lwsec sms open */
#include "sms.h"

#include "output.h"

#include <stdlib.h>

typedef struct opening {
    cli_sms sms;
    cli_number last;
    cli_bytes packet;
    bool json;
} opening;

/* The general profile: what the association does for LwM2M, without TLV and reflection. */
static lwsec_status open_general(opening *given, uint64_t *counter, lwsec_buffer *out,
                                 lwsec_reason *reason)
{
    uint8_t por;

    const lwsec_status status = lwsec_sms_command_open(
        &given->sms.security, cli_view(&given->packet), counter, out, reason);
    return status == LWSEC_OK ? lwsec_sms_counter_check(given->sms.security.parameters.spi1,
                                                        given->last.value, *counter, &por, reason)
                              : status;
}

static lwsec_status open_packet(opening *given, uint64_t *counter, lwsec_buffer *out,
                                lwsec_reason *reason)
{
    lwsec_sms_received received;

    if (given->sms.association == NULL) {
        return open_general(given, counter, out, reason);
    }
    const lwsec_status status =
        lwsec_sms_open(given->sms.association, cli_view(&given->packet), &received, out, reason);
    *counter = received.counter;
    return status;
}

static int print_opened(opening *given)
{
    const size_t room = given->packet.size;
    uint8_t *memory = cli_allocate(room + 1);
    lwsec_buffer out = lwsec_buffer_of(memory, room);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    uint64_t counter = 0;
    char number[24];

    const lwsec_status status = open_packet(given, &counter, &out, &reason);
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)counter);
    const int answer = status != LWSEC_OK
                           ? cli_sms_fail(status, &reason)
                           : cli_print(json_pack("{s:s, s:o}", "counter", number,
                                                 given->sms.association != NULL ? "coap" : "data",
                                                 cli_json_hex(lwsec_buffer_bytes(&out))),
                                       given->json, cli_text_lines);
    lwsec_wipe(memory, room);
    free(memory);
    return answer;
}

static int run(opening *given)
{
    int answer = cli_sms_open_security(&given->sms);

    if (answer == CLI_DONE && given->sms.security.profile == LWSEC_SMS_LWM2M) {
        answer = cli_sms_open_association(&given->sms, 0, given->last.value);
    }
    return answer == CLI_DONE ? print_opened(given) : answer;
}

/* A packet that comes in short messages (--tpdu) is put together here, once there is their codec.
 */
int cli_sms_open(int argc, char **argv)
{
    opening given = {.json = false};
    cli_option assoc[CLI_SMS_OPTIONS];
    const cli_option options[] = {
        {"last", CLI_KIND_NUMBER, true, &given.last, "N", "the last counter received; 0: none",
         LWSEC_SMS_COUNTER_MAX},
        {"packet", CLI_KIND_HEX, true, &given.packet, "HEX", "a Command Packet, from CPL on", 0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {"sms open",
                             "Prints the counter and the CoAP message, or, with --profile etsi, "
                             "the data of a\nCommand Packet (TS 102 225), or refuses it.",
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
