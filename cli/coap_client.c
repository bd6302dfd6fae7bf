/* lwsec coap client */
#include "coap_secure.h"
#include "describe.h"
#include "log.h"

#include <lwsec/coap_uri.h>

#include <stdlib.h>
#include <string.h>

#define TIMEOUT_DEFAULT 30U
#define TIMEOUT_MAX 86400U
#define MILLISECONDS 1000
#define URI_MAX (LWSEC_COAP_URI_MAX + 1U)

typedef struct asking {
    cli_context context;
    cli_secure secure;
    const char *connect;
    const char *proxy;
    const char *state;
    bool fresh;
    bool rederive;
    const char *method;
    const char *path;
    cli_list queries;
    cli_bytes payload;
    const char *text;
    cli_number content_format;
    cli_number no_response;
    cli_number observe;
    cli_number timeout;
    cli_number block_size;
    bool verbose;
    bool proxy_scheme;

    uint8_t code;
    endpoint_address peer;
    lwsec_coap_option uri_options[ENDPOINT_OPTIONS_MAX];
    endpoint *endpoint;
    endpoint_exchange *cancelling;
    uint64_t answers;
    int64_t until;
    const char *failure;
    bool finished;
    char uri[URI_MAX]; /* for the proxy */
    uint8_t uri_values[URI_MAX];
} asking;

/* ---- The request ---- */

/* Appends text to the URI, what may not stand in a part of it percent-encoded. */
static bool append(asking *given, const char *text, const char *allowed)
{
    static const char always[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                 "-._~!$'()*+,;=:@";
    size_t size = strlen(given->uri);

    for (; *text != '\0' && size + 4 <= sizeof given->uri; text++) {
        const bool plain = strchr(always, *text) != NULL || strchr(allowed, *text) != NULL;
        size += (size_t)snprintf(&given->uri[size], sizeof given->uri - size,
                                 plain ? "%c" : "%%%02X", (unsigned char)*text);
    }
    return *text == '\0';
}

/* The URI of the resource, as Proxy-Uri has it. */
static bool write_uri(asking *given)
{
    bool fits = append(given, "coap://", "/") && append(given, given->connect, "[]") &&
                append(given, given->path, "/");

    for (size_t i = 0; i < given->queries.count; i++) {
        fits = fits && append(given, i == 0 ? "?" : "&", "?&") &&
               append(given, given->queries.items[i], "/?");
    }
    return fits;
}

/* The resource, for a proxy: Proxy-Uri, or the options that it can be taken apart into. */
static void add_uri(asking *given, endpoint_message *message)
{
    lwsec_buffer room = lwsec_buffer_of(given->uri_values, sizeof given->uri_values);
    lwsec_coap_uri uri;
    size_t count = 0;

    if (!given->proxy_scheme) {
        endpoint_message_add_text(message, LWSEC_COAP_PROXY_URI, given->uri);
        return;
    }
    message->full = lwsec_coap_uri_decode(lwsec_bytes_of(given->uri, strlen(given->uri)), &uri,
                                          NULL) != LWSEC_OK ||
                    lwsec_coap_uri_options(&uri, given->uri_options, ENDPOINT_OPTIONS_MAX, &count,
                                           &room) != LWSEC_OK;
    for (size_t i = 0; i < count; i++) {
        endpoint_message_add(message, given->uri_options[i].number, given->uri_options[i].value);
    }
}

/* The resource, for the server itself. */
static void add_path(const asking *given, endpoint_message *message)
{
    endpoint_message_add_path(message, LWSEC_COAP_URI_PATH, given->path);
    for (size_t i = 0; i < given->queries.count; i++) {
        endpoint_message_add_text(message, LWSEC_COAP_URI_QUERY, given->queries.items[i]);
    }
}

static uint8_t method_code(const char *name)
{
    static const uint8_t codes[] = {LWSEC_COAP_GET, LWSEC_COAP_POST, LWSEC_COAP_PUT,
                                    LWSEC_COAP_DELETE, LWSEC_COAP_FETCH};

    for (size_t i = 0; i < sizeof codes; i++) {
        if (strcmp(lwsec_coap_code_name(codes[i]), name) == 0) {
            return codes[i];
        }
    }
    return LWSEC_COAP_EMPTY;
}

static int check_peer(asking *given)
{
    if (given->proxy_scheme && given->proxy == NULL) {
        return cli_error("--proxy-scheme", "needs --proxy");
    }
    const int answer =
        cli_secure_address(&given->secure, "--connect", given->connect, &given->peer);
    if (answer != CLI_DONE) {
        return answer;
    }
    if (given->proxy != NULL && given->secure.on) {
        return cli_error("--proxy", "is not there with DTLS");
    }
    if (given->proxy == NULL) {
        return CLI_DONE;
    }
    if (!endpoint_address_read(given->proxy, &given->peer)) {
        return cli_error("--proxy", "is not ADDRESS:PORT");
    }
    return write_uri(given) ? CLI_DONE : cli_error("--path", "is too long for a proxy");
}

static int check(asking *given)
{
    given->code = method_code(given->method);
    if (given->code == LWSEC_COAP_EMPTY) {
        return cli_error("--method", "is none of GET, POST, PUT, DELETE, FETCH");
    }
    if (given->path[0] != '/') {
        return cli_error("--path", "does not begin with /");
    }
    if (given->payload.data != NULL && given->text != NULL) {
        return cli_error("--text", "and --payload cannot be given together");
    }
    if (given->observe.given && (given->observe.value == 0 || (given->code != LWSEC_COAP_GET &&
                                                               given->code != LWSEC_COAP_FETCH))) {
        return cli_error("--observe", "needs a count, and GET or FETCH");
    }
    const int answer = check_peer(given);
    if (answer == CLI_DONE && given->rederive && !cli_secret_is_given(&given->context.secret)) {
        return cli_error("--rederive", "needs a security context");
    }
    return answer == CLI_DONE ? cli_secure_check(&given->secure, &given->context, given->state)
                              : answer;
}

static void fill_request(asking *given, endpoint_message *message, uint32_t observe)
{
    endpoint_message_init(message, given->code);
    if (given->observe.given) {
        endpoint_message_add_uint(message, LWSEC_COAP_OBSERVE, observe);
    }
    if (given->proxy != NULL) {
        add_uri(given, message);
    } else {
        add_path(given, message);
    }
    if (given->content_format.given) {
        endpoint_message_add_uint(message, LWSEC_COAP_CONTENT_FORMAT,
                                  (uint32_t)given->content_format.value);
    }
    if (given->no_response.given) {
        endpoint_message_add_uint(message, LWSEC_COAP_NO_RESPONSE,
                                  (uint32_t)given->no_response.value);
    }
    message->head.payload = given->text != NULL ? lwsec_bytes_of(given->text, strlen(given->text))
                                                : cli_view(&given->payload);
}

static void restart_timeout(asking *given)
{
    const uint64_t seconds = given->timeout.given ? given->timeout.value : TIMEOUT_DEFAULT;

    given->until = endpoint_now() + (int64_t)seconds * MILLISECONDS;
}

/* ---- The answers ---- */

static void print_answer(const lwsec_coap_message *answer)
{
    lwsec_coap_option location;
    char path[256];
    char code[6];

    endpoint_code(answer->code, code);
    (void)printf("%s ", code);
    if (answer->payload.size > 0) {
        endpoint_print_hex(stdout, answer->payload);
    } else {
        (void)putchar('-');
    }
    if (lwsec_coap_option_find(answer, LWSEC_COAP_LOCATION_PATH, &location) &&
        endpoint_path(answer, LWSEC_COAP_LOCATION_PATH, path, sizeof path)) {
        (void)printf(" location=%s", path);
    }
    (void)putchar('\n');
    (void)fflush(stdout);
}

static void cancel(asking *given, const endpoint_exchange *observation)
{
    endpoint_message message;
    lwsec_reason reason;

    fill_request(given, &message, 1);
    if (endpoint_ask(given->endpoint, &given->peer, &message, observation, &given->cancelling,
                     &reason) != LWSEC_OK) {
        given->finished = true;
    }
}

static void take_answer(void *program, endpoint_exchange *exchange,
                        const lwsec_coap_message *answer)
{
    asking *given = program;

    if (given->cancelling != NULL) {
        given->finished = exchange == given->cancelling;
        return;
    }
    given->answers++;
    print_answer(answer);
    restart_timeout(given);
    if (!exchange->observing) {
        given->finished = true;
    } else if (given->answers >= given->observe.value) {
        cancel(given, exchange);
    }
}

static void take_failure(void *program, endpoint_exchange *exchange, const char *why)
{
    asking *given = program;

    (void)exchange;
    given->failure = why;
    given->finished = true;
}

static void take_session(void *program, const endpoint_session *session,
                         const lwsec_dtls_event *event)
{
    asking *given = program;

    cli_dtls_tell(&given->secure.log, session, event);
}

static void trace(void *program, const endpoint_trace *happened)
{
    const asking *given = program;

    if (given->verbose) {
        endpoint_print_trace(stderr, happened);
    }
}

/* ---- The command ---- */

static int result(const asking *given, const endpoint_exchange *exchange)
{
    if (given->cancelling != NULL || (given->finished && given->failure == NULL)) {
        return CLI_DONE;
    }
    if (given->failure != NULL) {
        return cli_refuse(given->failure);
    }
    return cli_refuse(exchange->refused != NULL ? exchange->refused : "no answer came in time");
}

static int ask(asking *given)
{
    endpoint_exchange *exchange = NULL;
    endpoint_message message;
    lwsec_reason reason;

    fill_request(given, &message, 0);
    const lwsec_status status =
        endpoint_ask(given->endpoint, &given->peer, &message, NULL, &exchange, &reason);
    if (status != LWSEC_OK) {
        return cli_fail(status, &reason);
    }
    restart_timeout(given);
    while (!given->finished && endpoint_now() < given->until) {
        (void)endpoint_wait(given->endpoint, given->until, -1);
    }
    return result(given, exchange);
}

/* Appendix B.2 before the request. */
static lwsec_status begin_agreement(asking *given, void *memory, size_t size, lwsec_reason *reason)
{
    lwsec_oscore_rederive **client = &given->endpoint->agreement.client;

    lwsec_oscore_close(&given->context.oscore);
    const lwsec_status status =
        lwsec_oscore_rederive_init(memory, size, &given->context.inputs, client, reason);
    return status == LWSEC_OK ? lwsec_oscore_rederive_start(*client, reason) : status;
}

static int agree_and_ask(asking *given)
{
    const size_t size = lwsec_oscore_rederive_size(&given->context.inputs);
    void *memory = cli_allocate(size);
    lwsec_reason reason;

    const lwsec_status status = begin_agreement(given, memory, size, &reason);
    const int answer = status == LWSEC_OK ? ask(given) : cli_fail(status, &reason);
    lwsec_oscore_rederive_close(&given->endpoint->agreement.client);
    free(memory);
    return answer;
}

static int connect_and_ask(asking *given)
{
    static const endpoint_events events = {
        .trace = trace, .answer = take_answer, .failed = take_failure, .session = take_session};
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};

    const int socket = endpoint_udp_connect(&given->peer);
    if (socket < 0) {
        return cli_error(given->proxy != NULL ? "--proxy" : "--connect",
                         "no socket for this address");
    }
    given->endpoint = cli_allocate(sizeof *given->endpoint);
    const lwsec_status status =
        endpoint_init(given->endpoint, socket, given->context.oscore,
                      cli_secure_store(&given->secure, &given->context), &events, given);
    int answer = status == LWSEC_OK ? CLI_DONE : cli_fail(status, &none);
    if (answer == CLI_DONE && given->block_size.given &&
        !endpoint_set_block_size(given->endpoint, given->block_size.value)) {
        answer = cli_error("--block-size", "is no power of two from 16 to 1024");
    }
    if (answer == CLI_DONE) {
        answer = cli_secure_connect(&given->secure, given->endpoint, &given->peer);
    }
    if (answer == CLI_DONE) {
        answer = given->rederive ? agree_and_ask(given) : ask(given);
    }
    endpoint_close(given->endpoint);
    free(given->endpoint);
    return answer;
}

static int run(asking *given)
{
    int answer = check(given);

    given->secure.log = (cli_dtls_log){.file = stderr, .silent = !given->verbose};
    given->context.keep_inputs = given->rederive;
    if (answer == CLI_DONE) {
        answer = cli_secure_open(&given->secure, &given->context, false, given->state,
                                 given->fresh ? LWSEC_KEY_FRESH : 0U);
    }
    if (answer == CLI_DONE) {
        answer = connect_and_ask(given);
    }
    cli_context_close(&given->context);
    cli_secure_close(&given->secure);
    return answer;
}

int cli_coap_client(int argc, char **argv)
{
    asking given = {.fresh = false};
    cli_option ctx[CLI_CONTEXT_OPTIONS];
    cli_option secure[CLI_SECURE_OPTIONS];
    const cli_option options[] = {
        {"connect", CLI_KIND_TEXT, true, &given.connect, "ADDRESS:PORT",
         "the server; coap:// or coaps:// may stand before it", 0},
        {"proxy", CLI_KIND_TEXT, false, &given.proxy, "ADDRESS:PORT",
         "a forward proxy, which is asked for coap://ADDRESS:PORT of --connect", 0},
        {"proxy-scheme", CLI_KIND_FLAG, false, &given.proxy_scheme, NULL,
         "ask the proxy with Proxy-Scheme instead of Proxy-Uri", 0},
        {"state", CLI_KIND_TEXT, false, &given.state, "DIR",
         "where sequence numbers of OSCORE are kept; it needs one", 0},
        {"fresh", CLI_KIND_FLAG, false, &given.fresh, NULL,
         "the secret was never used before; what DIR knows of it goes first", 0},
        {"rederive", CLI_KIND_FLAG, false, &given.rederive, NULL,
         "agree on a fresh context with the request (RFC 8613 Appendix B.2)", 0},
        {"method", CLI_KIND_TEXT, true, &given.method, "NAME", "GET, POST, PUT, DELETE or FETCH",
         0},
        {"path", CLI_KIND_TEXT, true, &given.path, "/a/b", "the resource", 0},
        {"query", CLI_KIND_LIST, false, &given.queries, "K=V", "a query; may be repeated", 0},
        {"payload", CLI_KIND_HEX, false, &given.payload, "HEX", "the payload", 0},
        {"text", CLI_KIND_TEXT, false, &given.text, "TEXT", "the payload as text", 0},
        {"content-format", CLI_KIND_NUMBER, false, &given.content_format, "N",
         "Content-Format of the payload", 65535},
        {"no-response", CLI_KIND_NUMBER, false, &given.no_response, "N",
         "classes of answers that are not wanted: 2 for 2.xx, 8 for 4.xx, 16 for 5.xx; added up",
         255},
        {"observe", CLI_KIND_NUMBER, false, &given.observe, "COUNT",
         "observe for COUNT notifications, then cancel", 1000000},
        {"timeout", CLI_KIND_NUMBER, false, &given.timeout, "SECONDS",
         "wait so long for each answer; 30 if not given", TIMEOUT_MAX},
        {"block-size", CLI_KIND_NUMBER, false, &given.block_size, "N",
         "largest block of a body: 16 to 1024 bytes, a power of two", 1024},
        {"verbose", CLI_KIND_FLAG, false, &given.verbose, NULL, "show each message on stderr", 0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "coap client",
        "Sends a confirmable request and prints a line for each answer: code, payload in hex or\n"
        "-, and location=PATH if there is one. Answers an Echo challenge by itself. Exits 0 when "
        "a\n"
        "protected answer came, whatever its code. Messages are protected by OSCORE, by DTLS\n"
        "(coaps), or by OSCORE within DTLS: also where the account has a link to Object 21.\n"
        "CoAP over TCP, and so coaps+tcp, is not there.",
        {options, secure, ctx}};

    cli_context_options(&given.context, ctx);
    cli_context_optional(ctx);
    cli_secure_options(&given.secure, secure);
    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = run(&given);
    cli_arguments_free(&usage);
    return answer;
}
