/* lwsec sms por */
#include "sms.h"

#include "output.h"

#include <stdlib.h>

typedef struct proof {
    cli_sms sms;
    cli_bytes response;
    cli_bytes command;
    bool json;
} proof;

/* The counter of the command, which is a packet of our own. */
static int read_command(proof *given, uint64_t *counter)
{
    const size_t room = given->command.size;
    uint8_t *memory = cli_allocate(room + 1);
    lwsec_buffer out = lwsec_buffer_of(memory, room);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    const lwsec_status status = lwsec_sms_command_open(
        &given->sms.security, cli_view(&given->command), counter, &out, &reason);
    lwsec_wipe(memory, room);
    free(memory);
    return status == LWSEC_OK ? CLI_DONE : cli_sms_fail(status, &reason);
}

static int print_response(const proof *given, const lwsec_sms_response *response, lwsec_bytes data)
{
    char status[4];
    char counter[24];

    (void)snprintf(status, sizeof status, "%02x", response->status);
    (void)snprintf(counter, sizeof counter, "%llu", (unsigned long long)response->counter);
    return cli_print(json_pack("{s:s, s:s, s:s, s:o}", "status", status, "counter", counter,
                               "authenticated", response->authenticated ? "yes" : "no", "data",
                               cli_json_hex(data)),
                     given->json, cli_text_lines);
}

static int open_response(proof *given)
{
    const size_t room = given->response.size + 3;
    uint8_t *memory = cli_allocate(room);
    lwsec_buffer out = lwsec_buffer_of(memory, room);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_sms_response response = {0};
    uint64_t counter = 0;

    int answer = given->command.data != NULL ? read_command(given, &counter) : CLI_DONE;
    if (answer == CLI_DONE) {
        const lwsec_status status = lwsec_sms_response_open(
            &given->sms.security, cli_view(&given->response), &response, &out, &reason);
        if (status != LWSEC_OK) {
            answer = cli_sms_fail(status, &reason);
        } else if (given->command.data != NULL && response.authenticated &&
                   response.counter != counter) {
            answer = cli_refuse(lwsec_why_text(LWSEC_WHY_SMS_POR));
        } else {
            answer = print_response(given, &response, lwsec_buffer_bytes(&out));
        }
    }
    lwsec_wipe(memory, room);
    free(memory);
    return answer;
}

static int run(void *given)
{
    proof *own = given;
    const int answer = cli_sms_open_security(&own->sms);

    return answer == CLI_DONE ? open_response(own) : answer;
}

int cli_sms_por(int argc, char **argv)
{
    proof given = {.json = false};
    const cli_option options[] = {
        {"response", CLI_KIND_HEX, true, &given.response, "HEX", "a Response Packet, from RPL on",
         0},
        {"command", CLI_KIND_HEX, false, &given.command, "HEX",
         "the Command Packet that it answers: their counters must be equal", 0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_sms_command command = {
        "sms por",
        "Prints status, counter and data of a Proof of Receipt (TS 102 225), and whether\na "
        "cryptographic checksum proves who sent it.",
        options,
        &given.sms,
        run,
        &given};

    return cli_sms_run(&command, argc, argv);
}
