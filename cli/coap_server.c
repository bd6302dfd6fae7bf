/* lwsec coap server */
#include <lwsec/endpoint_name.h>

#include "coap_secure.h"
#include "describe.h"
#include "log.h"
#include "output.h"
#include "resources.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MILLISECONDS 300

typedef struct serving {
    cli_context context;
    cli_secure secure;
    const char *listen;
    const char *state;
    bool fresh;
    bool no_echo;
    bool rederive;
    cli_number block_size;
    bool verbose;

    endpoint_address address;
    endpoint endpoint;
    cli_resources resources;
    unsigned changed; /* topic whose observers have to be told, once the answer is out */
} serving;

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

/* ---- Events ---- */

static void take_session(void *program, const endpoint_session *session,
                         const lwsec_dtls_event *event)
{
    serving *server = program;

    cli_dtls_tell(&server->secure.log, session, event);
}

/* R-5.2.6-02: a registration under another name than that of the peer's credential is refused. */
static bool may_register(const serving *server, const endpoint_incoming *request, const char *path)
{
    const endpoint_session *session =
        server->secure.on ? endpoint_sessions_find(server->secure.sessions, request->peer) : NULL;
    uint8_t room[2048];
    lwsec_identity identity;
    lwsec_bytes name;

    if (session == NULL || request->plain.code != LWSEC_COAP_POST || strcmp(path, "/rd") != 0) {
        return true;
    }
    return lwsec_endpoint_name_find(&request->plain, &name) == LWSEC_OK &&
           cli_dtls_identity(session, room, &identity) &&
           lwsec_endpoint_name_check(name, &identity, NULL, NULL) == 0;
}

static void serve(void *program, endpoint_incoming *request, endpoint_message *answer)
{
    serving *server = program;
    const char *method = lwsec_coap_code_name(request->plain.code);
    char path[CLI_RESOURCE_PATH] = "";
    char code[6];

    if (!endpoint_path(&request->plain, LWSEC_COAP_URI_PATH, path, sizeof path)) {
        path[0] = '\0';
    } else if (!may_register(server, request, path)) {
        answer->head.code = LWSEC_COAP_CODE(4, 0);
    } else {
        server->changed = cli_resources_serve(&server->resources, request, path, answer);
    }
    endpoint_code(answer->head.code, code);
    (void)printf("request %s %s -> %s\n", method != NULL ? method : "?", path, code);
    (void)fflush(stdout);
}

static void trace(void *program, const endpoint_trace *happened)
{
    const serving *server = program;
    char code[6];

    if (happened->moment == ENDPOINT_CHALLENGED) {
        (void)printf("challenge -> 4.01\n");
    } else if (happened->moment == ENDPOINT_REFUSED) {
        if (happened->error != 0) {
            endpoint_code(happened->error, code);
        }
        (void)printf("refused: %s -> %s\n", happened->reason,
                     happened->error != 0 ? code : "no answer");
    } else if (happened->moment == ENDPOINT_AGAIN) {
        (void)printf("again -> the same answer\n");
    }
    (void)fflush(stdout);
    if (server->verbose) {
        endpoint_print_trace(stderr, happened);
    }
}

static void ignore_failure(void *program, endpoint_exchange *exchange, const char *why)
{
    (void)program;
    (void)exchange;
    (void)why;
}

static void notify(serving *server, unsigned topic)
{
    endpoint_message message;

    if (topic != 0 && endpoint_observed(&server->endpoint, topic)) {
        cli_resources_show(&server->resources, topic, &message);
        endpoint_notify(&server->endpoint, topic, &message);
    }
}

/* ---- The loop ---- */

static void run(serving *server)
{
    int64_t next_tick = endpoint_now() + TICK_MILLISECONDS;

    while (!stopped) {
        (void)endpoint_wait(&server->endpoint, next_tick, -1);
        notify(server, server->changed);
        server->changed = 0;
        if (endpoint_now() >= next_tick) {
            notify(server, cli_resources_tick(&server->resources));
            next_tick += TICK_MILLISECONDS;
        }
    }
}

/* ---- Appendix B.2 ---- */

static lwsec_status resume(serving *server, lwsec_reason *reason)
{
    endpoint_agreement *agreement = &server->endpoint.agreement;
    const lwsec_status status =
        lwsec_oscore_rederive_resume(agreement->places[1], agreement->peer.memory_size,
                                     agreement->peer.inputs, &agreement->agreed, reason);

    if (status == LWSEC_OK) {
        server->endpoint.oscore = agreement->agreed;
    }
    return status == LWSEC_ABSENT ? LWSEC_OK : status;
}

static int begin_agreement(serving *server)
{
    static const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    endpoint_agreement *agreement = &server->endpoint.agreement;
    lwsec_oscore_config longest = server->context.inputs;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    longest.id_context.size = LWSEC_OSCORE_AGREED_ID_MAX;
    const size_t size = lwsec_oscore_size(&longest);
    agreement->places[0] = cli_allocate(size);
    agreement->places[1] = cli_allocate(size);
    agreement->server.size = sizeof agreement->server;
    agreement->peer = (lwsec_oscore_rederive_peer){.size = sizeof agreement->peer,
                                                   .inputs = &server->context.inputs,
                                                   .memory = agreement->places[0],
                                                   .memory_size = size};
    lwsec_status status =
        lwsec_key_generate(server->context.store, &attributes, 32, &agreement->server.key);
    if (status == LWSEC_OK) {
        status = resume(server, &reason);
    }
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &reason);
}

static void end_agreement(serving *server)
{
    endpoint_agreement *agreement = &server->endpoint.agreement;

    lwsec_oscore_close(&agreement->agreed);
    free(agreement->places[0]);
    free(agreement->places[1]);
}

static int listen_and_serve(serving *server)
{
    static const endpoint_events events = {
        .trace = trace, .failed = ignore_failure, .session = take_session, .serve = serve};
    const struct sigaction action = {.sa_handler = stop};
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};
    char address[ENDPOINT_ADDRESS_TEXT];

    const int socket = endpoint_udp_listen(&server->address);
    if (socket < 0) {
        return cli_error("--listen", "the address cannot be used");
    }
    const lwsec_status status =
        endpoint_init(&server->endpoint, socket, server->context.oscore,
                      cli_secure_store(&server->secure, &server->context), &events, server);
    if (status != LWSEC_OK) {
        endpoint_close(&server->endpoint);
        return cli_fail(status, &none);
    }
    if (server->block_size.given &&
        !endpoint_set_block_size(&server->endpoint, server->block_size.value)) {
        endpoint_close(&server->endpoint);
        return cli_error("--block-size", "is no power of two from 16 to 1024");
    }
    int agreeing = cli_secure_listen(&server->secure, &server->endpoint);
    if (agreeing == CLI_DONE && server->rederive) {
        agreeing = begin_agreement(server);
    }
    if (agreeing != CLI_DONE) {
        endpoint_close(&server->endpoint);
        return agreeing;
    }
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    endpoint_address_write(&server->address, address);
    (void)printf("listening %s\n", address);
    (void)fflush(stdout);
    cli_resources_init(&server->resources);
    run(server);
    end_agreement(server);
    endpoint_close(&server->endpoint);
    return cli_flush();
}

static int open_and_serve(serving *server)
{
    int answer = cli_secure_address(&server->secure, "--listen", server->listen, &server->address);
    if (answer == CLI_DONE && server->rederive && !cli_secret_is_given(&server->context.secret)) {
        answer = cli_error("--rederive", "needs a security context");
    }
    if (answer == CLI_DONE) {
        answer = cli_secure_check(&server->secure, &server->context, server->state);
    }
    if (answer != CLI_DONE) {
        return answer;
    }
    const uint32_t flags = (server->fresh ? LWSEC_KEY_FRESH : 0U) |
                           (server->no_echo ? (uint32_t)LWSEC_OSCORE_NO_FIRST_ECHO : 0U);
    server->context.keep_inputs = server->rederive;
    answer = cli_secure_open(&server->secure, &server->context, true, server->state, flags);
    return answer == CLI_DONE ? listen_and_serve(server) : answer;
}

static int with_memory(serving *server, int argc, char **argv)
{
    cli_option ctx[CLI_CONTEXT_OPTIONS];
    cli_option secure[CLI_SECURE_OPTIONS];
    const cli_option options[] = {
        {"listen", CLI_KIND_TEXT, true, &server->listen, "ADDRESS:PORT",
         "port 0: any free one; coap:// or coaps:// may stand before it", 0},
        {"state", CLI_KIND_TEXT, false, &server->state, "DIR",
         "where sequence numbers of OSCORE are kept; it needs one", 0},
        {"fresh", CLI_KIND_FLAG, false, &server->fresh, NULL,
         "the secret was never used before; what DIR knows of it goes first", 0},
        {"no-echo", CLI_KIND_FLAG, false, &server->no_echo, NULL,
         "accept the first request of a fresh secret without a challenge", 0},
        {"rederive", CLI_KIND_FLAG, false, &server->rederive, NULL,
         "agree on fresh contexts (RFC 8613 Appendix B.2) where a client asks, or numbers are lost",
         0},
        {"block-size", CLI_KIND_NUMBER, false, &server->block_size, "N",
         "largest block of a body: 16 to 1024 bytes, a power of two", 1024},
        {"verbose", CLI_KIND_FLAG, false, &server->verbose, NULL, "show each message on stderr", 0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "coap server",
        "Prints \"listening ADDRESS:PORT\", then a line for each request. PUT stores a value "
        "under\n"
        "any path, GET returns it, Observe reports changes; /hello and /tick are there from the\n"
        "start; POST /rd answers as an LwM2M registration. SIGTERM and SIGINT end it. Messages "
        "are\n"
        "protected by OSCORE, by DTLS (coaps), or by OSCORE within DTLS. With DTLS there are also\n"
        "the lines of lwsec dtls server, whose help tells what --account holds; a registration "
        "with\n"
        "another endpoint name than that of the credential is 4.00. CoAP over TCP, and so "
        "coaps+tcp,\n"
        "is not there.",
        {options, secure, ctx}};

    cli_context_options(&server->context, ctx);
    cli_context_optional(ctx);
    cli_secure_options(&server->secure, secure);
    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = open_and_serve(server);
    cli_context_close(&server->context);
    cli_secure_close(&server->secure);
    cli_arguments_free(&usage);
    return answer;
}

int cli_coap_server(int argc, char **argv)
{
    serving *server = cli_allocate(sizeof *server);
    const int answer = with_memory(server, argc, argv);

    free(server);
    return answer;
}
