/* lwsec dtls client */
#include <lwsec/coap.h>

#include "dtls.h"
#include "dtls_log.h"
#include "dtls_state.h"
#include "input.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_DEFAULT 30U
#define MILLISECONDS 1000
#define WAIT_MAX 200
#define ACK_TIMEOUT 2000 /* RFC 7252 section 4.8 */

typedef struct talk {
    cli_dtls dtls;
    cli_bytes passphrase;
    const char *connect;
    const char *state;
    cli_parts messages;
    bool json;

    cli_dtls_state kept;
    cli_dtls_log log;
    int socket;
    endpoint_address peer;
    endpoint_sessions *sessions;
    bool open;
    bool over;
    bool answered;
    bool acknowledged;
    lwsec_coap_message asked; /* the message that waits for its answer */
} talk;

/* ---- Events ---- */

static void happened(void *program, const endpoint_session *session, const lwsec_dtls_event *event)
{
    talk *self = program;

    self->open = self->open || event->kind == LWSEC_DTLS_EVENT_DONE;
    self->over = self->over || event->kind == LWSEC_DTLS_EVENT_CLOSED;
    cli_dtls_tell(&self->log, session, event);
}

static void acknowledge(const talk *self, uint16_t message_id)
{
    const lwsec_coap_message empty = {.type = LWSEC_COAP_ACK, .message_id = message_id};
    uint8_t room[8];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    if (lwsec_coap_encode(LWSEC_COAP_UDP, &empty, NULL, 0, &out, NULL) == LWSEC_OK) {
        (void)endpoint_sessions_send(self->sessions, &self->peer, lwsec_buffer_bytes(&out));
    }
}

static bool answers(const talk *self, const lwsec_coap_message *message)
{
    const lwsec_bytes token = self->asked.token;

    return message->code >> 5 != 0 && message->token.size == token.size &&
           (token.size == 0 || memcmp(message->token.data, token.data, token.size) == 0);
}

static void take(void *program, const endpoint_session *session, lwsec_bytes plaintext)
{
    talk *self = program;
    lwsec_coap_message message;
    lwsec_reason reason;

    cli_dtls_tell_coap(&self->log, session, plaintext);
    if (lwsec_coap_decode(LWSEC_COAP_UDP, plaintext, &message, &reason) != LWSEC_OK) {
        return;
    }
    if (message.code >> 5 != 0 && message.type == LWSEC_COAP_CON) {
        acknowledge(self, message.message_id);
    }
    if (message.code == LWSEC_COAP_EMPTY && message.message_id == self->asked.message_id) {
        self->acknowledged = message.type == LWSEC_COAP_ACK;
        self->answered = self->answered || message.type == LWSEC_COAP_RST;
    }
    self->answered = self->answered || answers(self, &message);
}

/* ---- Waiting ---- */

static void wait_until(talk *self, int64_t until)
{
    struct pollfd file = {self->socket, POLLIN, 0};
    const int64_t left = endpoint_sessions_deadline(self->sessions, until) - endpoint_now();
    endpoint_address peer;
    endpoint_datagram datagram;

    if (poll(&file, 1,
             left < 0          ? 0
             : left < WAIT_MAX ? (int)left
                               : WAIT_MAX) > 0 &&
        endpoint_udp_receive(self->socket, &peer, &datagram)) {
        endpoint_sessions_take(self->sessions, &peer, lwsec_bytes_of(datagram.data, datagram.size));
    }
    endpoint_sessions_step(self->sessions);
}

static int64_t limit(const talk *self)
{
    const uint64_t seconds = self->dtls.timeout.given ? self->dtls.timeout.value : TIMEOUT_DEFAULT;

    return endpoint_now() + (int64_t)seconds * MILLISECONDS;
}

/* ---- The conversation ---- */

static int shake_hands(talk *self)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = endpoint_sessions_connect(self->sessions, &self->peer, &reason);

    if (status != LWSEC_OK) {
        return cli_fail(status, &reason);
    }
    while (!self->open && !self->over) {
        wait_until(self, INT64_MAX);
    }
    return self->over ? cli_refuse(lwsec_why_text(self->log.why)) : CLI_DONE;
}

/* A confirmable message is sent again until it is acknowledged. */
static int ask(talk *self, lwsec_bytes message)
{
    const int64_t until = limit(self);
    int64_t interval = ACK_TIMEOUT, again = 0;

    self->answered = self->acknowledged = false;
    while (!self->over && !self->answered && endpoint_now() < until) {
        if (again == 0 || (endpoint_now() >= again && !self->acknowledged &&
                           self->asked.type == LWSEC_COAP_CON)) {
            if (!endpoint_sessions_send(self->sessions, &self->peer, message)) {
                return cli_refuse("the message does not fit a datagram");
            }
            again = endpoint_now() + interval;
            interval *= 2;
        }
        wait_until(self, again < until && !self->acknowledged ? again : until);
    }
    if (self->over && !self->answered) {
        return cli_refuse(self->log.why == LWSEC_WHY_NONE ? "the peer ended the session"
                                                          : lwsec_why_text(self->log.why));
    }
    return self->answered ? CLI_DONE : cli_refuse("no answer came in time");
}

static int check_all(const talk *self)
{
    lwsec_coap_message message;
    int answer = CLI_DONE;

    for (size_t i = 0; answer == CLI_DONE && i < self->messages.count; i++) {
        answer = cli_message_check("--coap", &self->messages.items[i], &message);
    }
    return answer;
}

static int ask_all(talk *self)
{
    int answer = CLI_DONE;

    for (size_t i = 0; answer == CLI_DONE && i < self->messages.count; i++) {
        const lwsec_bytes message = cli_view(&self->messages.items[i]);
        answer = cli_message_check("--coap", &self->messages.items[i], &self->asked);
        answer = answer == CLI_DONE ? ask(self, message) : answer;
    }
    return answer;
}

static int converse(talk *self)
{
    static const endpoint_session_events events = {happened, take};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    self->sessions = cli_allocate(sizeof *self->sessions);
    const lwsec_status status = endpoint_sessions_open(
        self->sessions, self->socket, self->dtls.endpoint, false, &events, self, &reason);
    int answer = status == LWSEC_OK ? CLI_DONE : cli_fail(status, &reason);
    self->sessions->kept = self->kept.sealed;
    (void)snprintf((char *)self->sessions->name, sizeof self->sessions->name, "dtls-%u",
                   self->dtls.chosen);
    if (answer == CLI_DONE) {
        cli_dtls_tell_address(&self->log, "connecting", &self->peer);
        answer = shake_hands(self);
    }
    if (answer == CLI_DONE) {
        answer = ask_all(self);
    }
    endpoint_sessions_close(self->sessions);
    free(self->sessions);
    return answer;
}

/* ---- The command ---- */

/* R-5.2.9.4-02: where the LwM2M Server URI says, or where the caller says. */
static int find_peer(talk *self)
{
    const lwsec_session_description *session = &self->dtls.session;
    char text[300];

    if (self->connect != NULL) {
        return endpoint_address_find(self->connect, &self->peer)
                   ? CLI_DONE
                   : cli_error("--connect", "is not HOST:PORT, or there is no such host");
    }
    (void)snprintf(text, sizeof text, "%.*s:%u", (int)session->host.size,
                   (const char *)session->host.data, session->port);
    return endpoint_address_find(text, &self->peer)
               ? CLI_DONE
               : cli_error("--account", "the host of the LwM2M Server URI is not found");
}

static int print_gathered(talk *self)
{
    return self->json ? cli_print(json_pack("{s:o}", "events", self->log.events), true, NULL)
                      : cli_flush();
}

static int connect_and_talk(talk *self)
{
    int answer = find_peer(self);

    if (answer != CLI_DONE) {
        return answer;
    }
    self->socket = endpoint_udp_connect(&self->peer);
    if (self->socket < 0) {
        return cli_error("--connect", "no socket for this address");
    }
    self->log.json = self->json;
    self->log.events = self->json ? json_array() : NULL;
    answer = converse(self);
    const int printed = print_gathered(self);
    (void)close(self->socket);
    return answer == CLI_DONE ? printed : answer;
}

static int with_memory(talk *self, int argc, char **argv)
{
    const cli_option options[] = {
        {"account", CLI_KIND_FILE, true, &self->dtls.account, "FILE", "the account file", 0},
        {"connect", CLI_KIND_TEXT, false, &self->connect, "HOST:PORT",
         "where to; default: the LwM2M Server URI", 0},
        {"coap", CLI_KIND_PARTS, false, &self->messages, "HEX",
         "CoAP messages, one after the other; each waits for its answer", 0},
        {"instance", CLI_KIND_NUMBER, false, &self->dtls.instance, "N",
         "the instance of the Security object; default: the first of a Server", 65534},
        {"passphrase", CLI_KIND_PASSPHRASE, false, &self->passphrase, "P",
         "of the store in a folder that has the account's private key", 0},
        {"trust", CLI_KIND_FILE, false, &self->dtls.trust, "FILE",
         "the trust store, for usage 0 and 1", 0},
        {"crl", CLI_KIND_FILE, false, &self->dtls.crl, "FILE", "revocation lists", 0},
        {"state", CLI_KIND_TEXT, false, &self->state, "DIR",
         "keeps what a session is resumed with, by a short handshake", 0},
        {"timeout", CLI_KIND_NUMBER, false, &self->dtls.timeout, "SECONDS",
         "the most of the handshake (default 180), and of each answer (30)", CLI_DTLS_TIMEOUT_MAX},
        {"engine", CLI_KIND_TEXT, false, &self->dtls.engine_name, "NAME",
         "openssl or mbedtls; default: the first of the build", 0},
        {"json", CLI_KIND_FLAG, false, &self->json, NULL, "print one JSON object, with all events",
         0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "dtls client",
        "Opens a DTLS session as an account says, sends CoAP messages, and takes leave. A line "
        "for\n"
        "each event: \"connecting ADDRESS\"; \"handshake done suite N\", and \"resumed\" behind it "
        "if it\n"
        "was a short one; \"peer psk IDENTITY\", \"peer raw-key HEX\" or\n"
        "\"peer certificate COMMON-NAME\"; \"alert N NAME sent|received RECOMMENDATION EFFECT\" "
        "as\n"
        "lwsec alert has it; \"coap HEX\" for each message that came; \"closed: REASON\". Secrets "
        "are\n"
        "in no line. Exits 0 when the handshake was done and each message was answered.",
        {options, NULL}};

    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = check_all(self);
    if (answer == CLI_DONE) {
        self->dtls.passphrase = cli_view(&self->passphrase);
        self->dtls.resumes = self->state != NULL;
        answer = cli_dtls_open_client(&self->dtls);
    }
    if (answer == CLI_DONE && self->state != NULL) {
        answer = cli_dtls_state_open(&self->kept, self->dtls.store, self->state);
    }
    if (answer == CLI_DONE) {
        answer = connect_and_talk(self);
    }
    cli_dtls_state_close(&self->kept);
    cli_dtls_close(&self->dtls);
    cli_arguments_free(&usage);
    return answer;
}

int cli_dtls_client(int argc, char **argv)
{
    talk *self = cli_allocate(sizeof *self);
    const int answer = with_memory(self, argc, argv);

    free(self);
    return answer;
}
