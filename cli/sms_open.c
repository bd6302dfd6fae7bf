/* lwsec sms open */
#include "sms.h"

#include "output.h"
#include "sms_tpdu.h"

#include <stdlib.h>

typedef struct opening {
    cli_sms sms;
    cli_number last;
    cli_bytes packet;
    cli_parts tpdus;
    cli_sms_carried carried;
    lwsec_bytes whole; /* the packet, however it was given */
    bool json;
} opening;

/* The general profile: what the association does for LwM2M, without TLV and reflection. */
static lwsec_status open_general(opening *given, uint64_t *counter, lwsec_buffer *out,
                                 lwsec_reason *reason)
{
    uint8_t por;

    const lwsec_status status =
        lwsec_sms_command_open(&given->sms.security, given->whole, counter, out, reason);
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
        lwsec_sms_open(given->sms.association, given->whole, &received, out, reason);
    *counter = received.counter;
    return status;
}

static int print_opened(opening *given)
{
    const size_t room = given->whole.size;
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

/* ---- Short messages ---- */

/* R-5.4.2.1.2-02, R-5.4.2.1.2-03: what goes to the end-point is told by TP-PID and TP-DCS. What
 * comes from it often has others. */
static int check_carried(const opening *given)
{
    if (given->carried.part.packet.data == NULL) {
        return cli_error("--tpdu", "parts of the message are missing");
    }
    if (given->carried.part.element != LWSEC_SMS_IE_COMMAND) {
        return cli_refuse("the short message carries no Command Packet");
    }
    if (given->sms.security.profile == LWSEC_SMS_LWM2M &&
        given->carried.last.kind == LWSEC_SMS_DELIVER && !given->carried.download) {
        return cli_refuse("TP-PID or TP-DCS are not those of (U)SIM Data Download");
    }
    return CLI_DONE;
}

static int find_packet(opening *given)
{
    const cli_sms_reading how = {false, false};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if ((given->packet.data != NULL) == (given->tpdus.count > 0)) {
        return cli_error(NULL, "either --packet or --tpdu is needed");
    }
    given->whole = cli_view(&given->packet);
    if (given->packet.data != NULL) {
        return CLI_DONE;
    }
    const lwsec_status status = cli_sms_assemble(&how, &given->tpdus, &given->carried, &reason);
    given->whole = given->carried.part.packet;
    return status == LWSEC_OK ? check_carried(given) : cli_fail(status, &reason);
}

static int run(void *argument)
{
    opening *given = argument;

    int answer = cli_sms_open_security(&given->sms);
    if (answer == CLI_DONE) {
        answer = find_packet(given);
    }
    if (answer == CLI_DONE && given->sms.security.profile == LWSEC_SMS_LWM2M) {
        answer = cli_sms_open_association(&given->sms, 0, given->last.value);
    }
    answer = answer == CLI_DONE ? print_opened(given) : answer;
    cli_sms_carried_free(&given->carried);
    return answer;
}

int cli_sms_open(int argc, char **argv)
{
    opening given = {.json = false};
    const cli_option options[] = {
        {"last", CLI_KIND_NUMBER, true, &given.last, "N", "the last counter received; 0: none",
         LWSEC_SMS_COUNTER_MAX},
        {"packet", CLI_KIND_HEX, false, &given.packet, "HEX", "a Command Packet, from CPL on", 0},
        {"tpdu", CLI_KIND_PARTS, false, &given.tpdus, "HEX...",
         "or the short messages that carry it, in any order", 0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_sms_command command = {
        "sms open",
        "Prints the counter and the CoAP message, or, with --profile etsi, the data of a\nCommand "
        "Packet (TS 102 225), or refuses it.",
        options,
        &given.sms,
        run,
        &given};

    return cli_sms_run(&command, argc, argv);
}
