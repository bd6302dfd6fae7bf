/* lwsec oscore protect */
#include "context.h"
#include "input.h"
#include "output.h"

#ifdef LWSEC_DEBUG_TOOLS
#include <lwsec/oscore_debug.h>
#endif

#include <stdlib.h>

typedef struct protection {
    cli_context context;
    cli_bytes message;
    cli_bytes request;
    cli_number ssn;
    const char *state;
    bool fresh;
    bool own_piv;
    bool json;
} protection;

/* A response takes the number of its request, unless it is a notification or asked not to. */
static bool needs_number(const protection *given, const lwsec_coap_message *plain)
{
    lwsec_coap_option observe;

    return given->request.data == NULL || given->own_piv ||
           lwsec_coap_option_find(plain, LWSEC_COAP_OBSERVE, &observe);
}

static lwsec_status protect_response(protection *given, lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_oscore *oscore = given->context.oscore;
    lwsec_oscore_request request = {{0}};
    const size_t room = given->request.size + 8;
    uint8_t *plain = cli_allocate(room);
    lwsec_buffer opened = lwsec_buffer_of(plain, room);

#ifdef LWSEC_DEBUG_TOOLS
    lwsec_oscore_debug_trust_window(oscore); /* the request is a recording */
#endif
    lwsec_status status = lwsec_oscore_unprotect_request(oscore, cli_view(&given->request),
                                                         &request, &opened, reason);
    lwsec_wipe(plain, room);
    free(plain);
    if (status == LWSEC_OK) {
        status = lwsec_oscore_protect_response(oscore, &request, cli_view(&given->message),
                                               given->own_piv, out, reason);
    }
    return status;
}

static lwsec_status protect_request(protection *given, lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_oscore_request request = {{0}};

    return lwsec_oscore_protect_request(given->context.oscore, cli_view(&given->message), &request,
                                        out, reason);
}

static int print_protected(protection *given)
{
    const size_t room =
        given->message.size + LWSEC_OSCORE_OVERHEAD + given->context.id_context.size;
    uint8_t *memory = cli_allocate(room);
    lwsec_buffer out = lwsec_buffer_of(memory, room);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    const lwsec_status status = given->request.data != NULL ? protect_response(given, &out, &reason)
                                                            : protect_request(given, &out, &reason);
    const int answer =
        status != LWSEC_OK
            ? cli_fail(status, &reason)
            : cli_print(json_pack("{s:o}", "message", cli_json_hex(lwsec_buffer_bytes(&out))),
                        given->json, cli_text_message);
    free(memory);
    return answer;
}

/* A key that lives on has its numbers counted; one that is typed in may repeat what it did. */
static int check_numbers(const protection *given, const lwsec_coap_message *plain)
{
    const bool kept = given->context.secret.reference != NULL;

    if (given->state != NULL && given->ssn.given) {
        return cli_error("--ssn", "is counted in --state");
    }
    if (kept && given->ssn.given) {
        return cli_error("--ssn", "is not taken for a key of a store; give --state");
    }
    if (kept && given->state == NULL) {
        return cli_error("--state", "is missing: numbers of a key of a store are counted");
    }
    if (given->fresh && given->state == NULL) {
        return cli_error("--fresh", "is for --state");
    }
    if (given->state == NULL && needs_number(given, plain) && !given->ssn.given) {
        return cli_error("--ssn", "is missing");
    }
    return CLI_DONE;
}

static int protect(protection *given)
{
    lwsec_coap_message plain;
    lwsec_coap_message request;

    int answer = cli_message_check("--message", &given->message, &plain);
    if (answer == CLI_DONE && given->request.data != NULL) {
        answer = cli_message_check("--request", &given->request, &request);
    }
    if (answer == CLI_DONE && given->own_piv && given->request.data == NULL) {
        answer = cli_error("--own-piv", "is for responses: --request is missing");
    }
    if (answer == CLI_DONE && given->request.data == NULL && plain.code >> 5 != 0) {
        answer = cli_error("--request", "is missing: the message is a response");
    }
    if (answer == CLI_DONE) {
        answer = check_numbers(given, &plain);
    }
    if (answer == CLI_DONE) {
        answer = given->state != NULL ? cli_context_open_kept(&given->context, given->state,
                                                              given->fresh ? LWSEC_KEY_FRESH : 0U)
                                      : cli_context_open_once(&given->context, given->ssn.value);
    }
    return answer == CLI_DONE ? print_protected(given) : answer;
}

int cli_oscore_protect(int argc, char **argv)
{
    protection given = {.json = false};
    cli_option ctx[CLI_CONTEXT_OPTIONS];
    const cli_option options[] = {
        {"message", CLI_KIND_HEX, true, &given.message, "HEX", "the plain CoAP message", 0},
        {"ssn", CLI_KIND_NUMBER, false, &given.ssn, "N",
         "Sender Sequence Number; needed where the message carries one", LWSEC_OSCORE_SSN_MAX},
        {"state", CLI_KIND_TEXT, false, &given.state, "DIR",
         "where sequence numbers are kept, instead of --ssn; needed for a key of a store", 0},
        {"fresh", CLI_KIND_FLAG, false, &given.fresh, NULL,
         "the secret was never used before; what DIR knows of it goes first", 0},
        {"request", CLI_KIND_HEX, false, &given.request, "HEX",
         "the protected request as received: the message is a response", 0},
        {"own-piv", CLI_KIND_FLAG, false, &given.own_piv, NULL,
         "the response carries a Partial IV of its own", 0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {"oscore protect",
                             "Prints the protected CoAP message (RFC 8613 section 8). One number "
                             "must never\nprotect two messages: for trying things out only.",
                             {options, ctx}};

    cli_context_options(&given.context, ctx);
    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = protect(&given);
    cli_context_close(&given.context);
    cli_arguments_free(&usage);
    return answer;
}
