/* lwsec uicc apdu */
#include "uicc.h"

#include "output.h"

#include <stdlib.h>

#define ROOM 65536U

typedef struct sending {
    cli_uicc uicc;
    cli_bytes apdu;
    bool json;
} sending;

static int print_answer(sending *given, const lwsec_apdu_command *command)
{
    uint8_t *memory = cli_allocate(ROOM);
    lwsec_buffer out = lwsec_buffer_of(memory, ROOM);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    char sw[5];

    const lwsec_status status = lwsec_apdu_exchange(&given->uicc.card, command, &out, &reason);
    (void)snprintf(sw, sizeof sw, "%04x", (unsigned)given->uicc.card.sw);
    const int answer = status != LWSEC_OK
                           ? cli_uicc_fail(&given->uicc, status, &reason)
                           : cli_print(json_pack("{s:s, s:o}", "sw", sw, "data",
                                                 cli_json_hex(lwsec_buffer_bytes(&out))),
                                       given->json, cli_text_lines);
    lwsec_wipe(memory, ROOM);
    free(memory);
    return answer;
}

static int run(void *argument)
{
    sending *given = argument;
    lwsec_apdu_command command;

    if (lwsec_apdu_read(cli_view(&given->apdu), &command, NULL) != LWSEC_OK) {
        return cli_error("--apdu", "is no short command");
    }
    const int answer = cli_uicc_open(&given->uicc);
    return answer == CLI_DONE ? print_answer(given, &command) : answer;
}

int cli_uicc_apdu(int argc, char **argv)
{
    sending given = {.json = false};
    const cli_option options[] = {
        {"apdu", CLI_KIND_HEX, true, &given.apdu, "HEX", "the command, or - for standard input", 0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_uicc_command command = {
        .name = "uicc apdu",
        .about = "Sends a command to the card and prints its status word and data. "
                 "With keys it goes\nthrough a secure channel to the application.",
        .options = options,
        .uicc = &given.uicc,
        .given = &given,
        .run = run,
    };

    return cli_uicc_run(&command, argc, argv);
}
