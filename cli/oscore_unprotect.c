/* lwsec oscore unprotect */
#include "context.h"
#include "input.h"
#include "output.h"

#ifdef LWSEC_DEBUG_TOOLS
#include <lwsec/oscore_debug.h>
#endif

#include <stdlib.h>

typedef struct unprotection {
    cli_context context;
    cli_bytes message;
    cli_bytes request;
    bool json;
} unprotection;

/* The client that sent the request is another process: its part is recalled. */
static lwsec_status unprotect_response(unprotection *given, lwsec_buffer *out, lwsec_reason *reason)
{
#ifdef LWSEC_DEBUG_TOOLS
    lwsec_oscore *oscore = given->context.oscore;
    lwsec_oscore_request request = {{0}};

    const lwsec_status status =
        lwsec_oscore_debug_recall(oscore, cli_view(&given->request), &request, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    return lwsec_oscore_unprotect_response(oscore, &request, cli_view(&given->message), out,
                                           reason);
#else
    (void)given;
    (void)out;
    (void)reason;
    return LWSEC_UNSUPPORTED;
#endif
}

static lwsec_status unprotect_request(unprotection *given, lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_oscore_request request = {{0}};

    return lwsec_oscore_unprotect_request(given->context.oscore, cli_view(&given->message),
                                          &request, out, reason);
}

static int print_plain(unprotection *given)
{
    const size_t room = given->message.size + 8;
    uint8_t *memory = cli_allocate(room);
    lwsec_buffer out = lwsec_buffer_of(memory, room);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    const lwsec_status status = given->request.data != NULL
                                    ? unprotect_response(given, &out, &reason)
                                    : unprotect_request(given, &out, &reason);
    const int answer =
        status != LWSEC_OK
            ? cli_fail(status, &reason)
            : cli_print(json_pack("{s:o}", "message", cli_json_hex(lwsec_buffer_bytes(&out))),
                        given->json, cli_text_message);
    lwsec_wipe(memory, room);
    free(memory);
    return answer;
}

static int unprotect(unprotection *given)
{
    lwsec_coap_message message;

    int answer = cli_message_check("--message", &given->message, &message);
    if (answer == CLI_DONE && given->request.data == NULL && message.code >> 5 != 0) {
        answer = cli_error("--request", "is missing: the message is a response");
    }
    if (answer == CLI_DONE && given->request.data != NULL) {
        answer = cli_message_check("--request", &given->request, &message);
    }
    if (answer == CLI_DONE) {
        answer = cli_context_open_once(&given->context, 0);
    }
    return answer == CLI_DONE ? print_plain(given) : answer;
}

int cli_oscore_unprotect(int argc, char **argv)
{
    unprotection given = {.json = false};
    cli_option ctx[CLI_CONTEXT_OPTIONS];
    const cli_option options[] = {
        {"message", CLI_KIND_HEX, true, &given.message, "HEX", "the protected CoAP message", 0},
        {"request", CLI_KIND_HEX, false, &given.request, "HEX",
         "the protected request as sent: the message is a response to it", 0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "oscore unprotect",
        "Prints the plain CoAP message (RFC 8613 section 8), or refuses it. "
        "A command that\nruns once cannot tell a replay: it remembers nothing.",
        {options, ctx}};

    cli_context_options(&given.context, ctx);
    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = unprotect(&given);
    cli_context_close(&given.context);
    cli_arguments_free(&usage);
    return answer;
}
