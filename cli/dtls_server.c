/* lwsec dtls server */
#include "describe.h"
#include "dtls.h"
#include "dtls_log.h"
#include "resources.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MAX 200

typedef struct serving {
    cli_dtls dtls;
    const char *listen;
    const char *state;
    bool json;

    cli_dtls_log log;
    int socket;
    endpoint_address address;
    endpoint_sessions sessions;
    cli_resources resources;
    uint16_t next_message_id;
} serving;

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

/* ---- Events ---- */

static void happened(void *program, const endpoint_session *session, const lwsec_dtls_event *event)
{
    serving *self = program;

    cli_dtls_tell(&self->log, session, event);
}

/* Answers as lwsec coap server does, but for Observe and blocks. */
static void answer(serving *self, const endpoint_session *session,
                   const lwsec_coap_message *request)
{
    const bool confirmable = request->type == LWSEC_COAP_CON;
    endpoint_incoming incoming = {.peer = &session->peer, .plain = *request};
    char path[CLI_RESOURCE_PATH] = "";
    endpoint_message message;
    endpoint_datagram datagram;
    lwsec_reason reason;

    endpoint_message_init(&message, LWSEC_COAP_NOT_FOUND);
    if (endpoint_path(request, LWSEC_COAP_URI_PATH, path, sizeof path)) {
        (void)cli_resources_serve(&self->resources, &incoming, path, &message);
    }
    message.head.type = confirmable ? LWSEC_COAP_ACK : LWSEC_COAP_NON;
    message.head.message_id = confirmable ? request->message_id : self->next_message_id++;
    message.head.token = request->token;
    if (endpoint_message_encode(&message, &datagram, &reason) == LWSEC_OK) {
        (void)endpoint_sessions_send(&self->sessions, &session->peer,
                                     lwsec_bytes_of(datagram.data, datagram.size));
    }
}

static void take(void *program, const endpoint_session *session, lwsec_bytes plaintext)
{
    serving *self = program;
    lwsec_coap_message message;
    lwsec_reason reason;

    cli_dtls_tell_coap(&self->log, session, plaintext);
    if (lwsec_coap_decode(LWSEC_COAP_UDP, plaintext, &message, &reason) == LWSEC_OK &&
        message.code != LWSEC_COAP_EMPTY && message.code >> 5 == 0) {
        answer(self, session, &message);
    }
}

/* ---- The loop ---- */

static void wait_once(serving *self)
{
    struct pollfd file = {self->socket, POLLIN, 0};
    const int64_t now = endpoint_now();
    const int64_t left = endpoint_sessions_deadline(&self->sessions, now + WAIT_MAX) - now;
    endpoint_address peer;
    endpoint_datagram datagram;

    if (poll(&file, 1, left < 0 ? 0 : (int)left) > 0 &&
        endpoint_udp_receive(self->socket, &peer, &datagram)) {
        endpoint_sessions_take(&self->sessions, &peer,
                               lwsec_bytes_of(datagram.data, datagram.size));
    }
    endpoint_sessions_step(&self->sessions);
}

static int serve(serving *self)
{
    static const endpoint_session_events events = {happened, take};
    const struct sigaction action = {.sa_handler = stop};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    const lwsec_status status = endpoint_sessions_open(
        &self->sessions, self->socket, self->dtls.endpoint, true, &events, self, &reason);
    if (status != LWSEC_OK) {
        return cli_fail(status, &reason);
    }
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    cli_dtls_tell_address(&self->log, "listening", &self->address);
    while (!stopped) {
        wait_once(self);
    }
    endpoint_sessions_close(&self->sessions);
    return cli_flush();
}

static int listen_and_serve(serving *self)
{
    self->log = (cli_dtls_log){.json = self->json, .many = true};
    cli_resources_init(&self->resources);
    self->socket = endpoint_udp_listen(&self->address);
    if (self->socket < 0) {
        return cli_error("--listen", "the address cannot be used");
    }
    const int answer = serve(self);
    (void)close(self->socket);
    return answer;
}

static int open_and_serve(serving *self)
{
    if (self->state != NULL) {
        return cli_refuse("sessions cannot be kept by this version");
    }
    if (!endpoint_address_read(self->listen, &self->address)) {
        return cli_error("--listen", "is not ADDRESS:PORT");
    }
    const int answer = cli_dtls_open_server(&self->dtls);
    return answer == CLI_DONE ? listen_and_serve(self) : answer;
}

static int with_memory(serving *self, int argc, char **argv)
{
    const cli_option options[] = {
        {"account", CLI_KIND_FILE, true, &self->dtls.account, "FILE", "whom to let in: see below",
         0},
        {"listen", CLI_KIND_TEXT, true, &self->listen, "ADDRESS:PORT", "port 0: any free one", 0},
        {"state", CLI_KIND_TEXT, false, &self->state, "DIR",
         "keeps sessions; not in this version, which refuses it", 0},
        {"timeout", CLI_KIND_NUMBER, false, &self->dtls.timeout, "SECONDS",
         "the most of a handshake; default 180", CLI_DTLS_TIMEOUT_MAX},
        {"engine", CLI_KIND_TEXT, false, &self->dtls.engine_name, "NAME",
         "openssl or mbedtls; default: the first of the build", 0},
        {"json", CLI_KIND_FLAG, false, &self->json, NULL, "print one JSON object for each event",
         0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "dtls server",
        "Answers DTLS clients, many on one port. A line for each event, as lwsec dtls client has "
        "it,\n"
        "behind the client's address. Requests are answered as by lwsec coap server, without "
        "Observe\n"
        "and blocks. SIGTERM and SIGINT end it.\n"
        "\n"
        "FILE has the form of an account file. Each instance N of the Security object lets in:\n"
        "  /0/N/2 = 0   a client with the identity /0/N/3 and the pre-shared key /0/N/5;\n"
        "  /0/N/2 = 2   clients whose certificate has a path to /0/N/4 (PEM or DER); one of these\n"
        "               instances also has the server's own certificates, /0/N/3, and their\n"
        "               private key, /0/N/5 (PKCS #8, PEM or DER, P-256);\n"
        "  /0/N/2 = 1   a client with the raw public key /0/N/4; one of these instances also has\n"
        "               the server's own, /0/N/3, and its private key, /0/N/5.\n"
        "Other resources are not looked at. The account file of one client with a pre-shared key\n"
        "serves its server, too.",
        {options, NULL}};

    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = open_and_serve(self);
    cli_dtls_close(&self->dtls);
    cli_arguments_free(&usage);
    return answer;
}

int cli_dtls_server(int argc, char **argv)
{
    serving *self = cli_allocate(sizeof *self);
    const int answer = with_memory(self, argc, argv);

    free(self);
    return answer;
}
