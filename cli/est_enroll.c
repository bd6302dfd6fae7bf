/* lwsec est enroll */
#include <lwsec/est.h>

#include "dtls.h"
#include "key.h"
#include "members.h"
#include "output.h"
#include "sessions.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MILLISECONDS 1000U
#define WAIT_MAX 200
#define PATIENCE_MAX 86400U
#define ROOM 8192U

typedef struct enrolling {
    cli_key key;
    cli_dtls dtls;
    const char *connect;
    const char *endpoint;
    const char *path;
    const char *renew;
    const char *out;
    const char *authorities;
    bool discover;
    cli_number patience;

    cli_certificates renewed;
    lwsec_csr_attribute subject;
    lwsec_csr_config request;
    int socket;
    endpoint_address peer;
    endpoint_sessions *sessions;
    bool open;
    bool over;
    lwsec_why why; /* of the session's end */
    void *memory;
    lwsec_est *est;
    lwsec_status status; /* of the enrolment */
    lwsec_reason reason;
} enrolling;

/* ---- The session ---- */

static void happened(void *program, const endpoint_session *session, const lwsec_dtls_event *event)
{
    enrolling *self = program;

    (void)session;
    self->open = self->open || event->kind == LWSEC_DTLS_EVENT_DONE;
    if (event->kind == LWSEC_DTLS_EVENT_CLOSED) {
        self->over = true;
        self->why = event->why;
    }
}

static void note(enrolling *self, lwsec_status status, const lwsec_reason *reason)
{
    if (self->status == LWSEC_OK && status != LWSEC_OK && status != LWSEC_ABSENT) {
        self->status = status;
        self->reason = *reason;
    }
}

static void take(void *program, const endpoint_session *session, lwsec_bytes plaintext)
{
    enrolling *self = program;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    (void)session;
    if (self->est != NULL) {
        note(self, lwsec_est_feed(self->est, plaintext, (uint64_t)endpoint_now(), &reason),
             &reason);
    }
}

/* Until something comes, or is due. */
static void wait_for_more(enrolling *self)
{
    struct pollfd file = {self->socket, POLLIN, 0};
    const uint64_t due = self->est != NULL ? lwsec_est_deadline(self->est) : UINT64_MAX;
    const int64_t until = due < INT64_MAX ? (int64_t)due : INT64_MAX;
    const int64_t left = endpoint_sessions_deadline(self->sessions, until) - endpoint_now();
    const int wait = left < 0 ? 0 : left < WAIT_MAX ? (int)left : WAIT_MAX;
    endpoint_address peer;
    endpoint_datagram datagram;

    if (poll(&file, 1, wait) > 0 && endpoint_udp_receive(self->socket, &peer, &datagram)) {
        endpoint_sessions_take(self->sessions, &peer, lwsec_bytes_of(datagram.data, datagram.size));
    }
    endpoint_sessions_step(self->sessions);
}

static int shake_hands(enrolling *self)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = endpoint_sessions_connect(self->sessions, &self->peer, &reason);

    if (status != LWSEC_OK) {
        return cli_fail(status, &reason);
    }
    while (!self->open && !self->over) {
        wait_for_more(self);
    }
    return self->over ? cli_refuse(lwsec_why_text(self->why)) : CLI_DONE;
}

/* ---- The enrolment ---- */

static lwsec_bytes text(const char *of)
{
    return lwsec_bytes_of(of, of != NULL ? strlen(of) : 0);
}

static int begin(enrolling *self)
{
    const lwsec_est_config config = {
        .size = sizeof config,
        .flags = LWSEC_EST_SECURED | (self->discover ? (uint32_t)LWSEC_EST_DISCOVER : 0U) |
                 (self->renew != NULL ? (uint32_t)LWSEC_EST_RENEW : 0U),
        .request = &self->request,
        .engine = self->dtls.engine->certificates(),
        .clock = cli_dtls_time,
        .endpoint = text(self->endpoint),
        .path = text(self->path),
        .room = ROOM,
        .patience = (uint32_t)self->patience.value * MILLISECONDS};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const size_t size = lwsec_est_size(&config);

    self->memory = cli_allocate(size);
    const lwsec_status status =
        lwsec_est_open(self->memory, size, &config, (uint64_t)endpoint_now(), &self->est, &reason);
    if (status == LWSEC_USAGE && reason.why == LWSEC_WHY_CONFIG) {
        return cli_error("--path", "is as /est/label, and not beside --discover");
    }
    if (status == LWSEC_USAGE && reason.why == LWSEC_WHY_CSR_NAME) {
        return cli_error("--endpoint", lwsec_why_text(reason.why));
    }
    if (status == LWSEC_USAGE && reason.why == LWSEC_WHY_KEY_USAGE) {
        return cli_refuse(lwsec_why_text(reason.why));
    }
    if (status == LWSEC_REJECT && self->renew != NULL) {
        return cli_error("--renew", "is no certificate");
    }
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &reason);
}

static void send_all(enrolling *self)
{
    uint8_t room[LWSEC_EST_MESSAGE_MAX];
    lwsec_buffer message = lwsec_buffer_of(room, sizeof room);

    while (lwsec_est_take(self->est, &message) == LWSEC_OK) {
        /* What cannot be sent is sent again, as if it were lost. */
        (void)endpoint_sessions_send(self->sessions, &self->peer, lwsec_buffer_bytes(&message));
    }
}

static int refuse_with_code(const enrolling *self)
{
    const uint8_t code = lwsec_est_code(self->est);
    char line[128];

    if (self->reason.why != LWSEC_WHY_EST_REFUSED || code == 0) {
        return cli_fail(self->status, &self->reason);
    }
    (void)snprintf(line, sizeof line, "%s: %u.%02u", lwsec_why_text(self->reason.why), code >> 5,
                   code & 31U);
    return cli_refuse(line);
}

static int ask(enrolling *self)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    while (self->status == LWSEC_OK && !self->over &&
           lwsec_est_phase_of(self->est) != LWSEC_EST_DONE) {
        send_all(self);
        wait_for_more(self);
        note(self, lwsec_est_step(self->est, (uint64_t)endpoint_now(), &reason), &reason);
    }
    send_all(self); /* the last acknowledgement */
    if (self->status != LWSEC_OK) {
        return refuse_with_code(self);
    }
    return lwsec_est_phase_of(self->est) == LWSEC_EST_DONE
               ? CLI_DONE
               : cli_refuse(self->why == LWSEC_WHY_NONE ? "the server ended the session"
                                                        : lwsec_why_text(self->why));
}

/* ---- What came of it ---- */

static int write_file(const char *option, const char *path, const lwsec_bytes *parts, size_t count)
{
    FILE *file = fopen(path, "wb");
    bool written = file != NULL;

    for (size_t i = 0; written && i < count; i++) {
        written = fwrite(parts[i].data, 1, parts[i].size, file) == parts[i].size;
    }
    if (file != NULL && fclose(file) != 0) {
        written = false;
    }
    return written ? CLI_DONE : cli_error(option, "the file cannot be written");
}

static void add_time(json_t *result, const char *name, int64_t seconds)
{
    const time_t at = (time_t)seconds;
    char line[32] = "never";
    struct tm parts;

    if (seconds != INT64_MAX && gmtime_r(&at, &parts) != NULL) {
        (void)strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%SZ", &parts);
    }
    cli_add_text(result, name, line);
}

static int write_results(const enrolling *self)
{
    size_t chain_count = 0, count = 0;
    const lwsec_bytes *chain = lwsec_est_chain(self->est, &chain_count);
    const lwsec_bytes *authorities = lwsec_est_authorities(self->est, &count);
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};
    int64_t due = INT64_MAX;

    int answer = write_file("--out", self->out, chain, chain_count);
    if (answer == CLI_DONE && self->authorities != NULL) {
        answer = write_file("--authorities", self->authorities, authorities, count);
    }
    if (answer != CLI_DONE) {
        return answer;
    }
    const lwsec_status status = lwsec_est_renew_at(chain[0], 0, &due);
    if (status != LWSEC_OK) {
        return cli_fail(status, &none);
    }
    json_t *result = json_object();
    add_time(result, "renew", due);
    return cli_print(result, self->key.json, cli_text_lines);
}

/* ---- The command ---- */

static int converse(enrolling *self)
{
    static const endpoint_session_events events = {happened, take};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    self->sessions = cli_allocate(sizeof *self->sessions);
    const lwsec_status status = endpoint_sessions_open(
        self->sessions, self->socket, self->dtls.endpoint, false, &events, self, &reason);
    int answer = status == LWSEC_OK ? shake_hands(self) : cli_fail(status, &reason);
    if (answer == CLI_DONE) {
        answer = begin(self);
    }
    if (answer == CLI_DONE) {
        answer = ask(self);
    }
    if (answer == CLI_DONE) {
        answer = write_results(self);
    }
    endpoint_sessions_close(self->sessions);
    free(self->sessions);
    lwsec_est_close(&self->est);
    free(self->memory);
    return answer;
}

static int find_peer(enrolling *self)
{
    const lwsec_session_description *session = &self->dtls.session;
    char place[300];

    if (self->connect == NULL) {
        (void)snprintf(place, sizeof place, "%.*s:%u", (int)session->host.size,
                       (const char *)session->host.data, session->port);
    }
    return endpoint_address_find(self->connect != NULL ? self->connect : place, &self->peer)
               ? CLI_DONE
               : cli_error("--connect", "is not HOST:PORT, or there is no such host");
}

/* What is asked for: a common name, or the names of a certificate. */
static int read_request(enrolling *self)
{
    static const char *const labels[] = {"CERTIFICATE", NULL};

    self->request.size = sizeof self->request;
    if (self->renew == NULL) {
        self->subject = (lwsec_csr_attribute){LWSEC_CSR_COMMON_NAME, text(self->endpoint)};
        self->request.subject = &self->subject;
        self->request.subject_count = 1;
        return CLI_DONE;
    }
    const char *wrong = cli_certificates_read(self->renew, labels, &self->renewed);
    if (wrong != NULL || self->renewed.count == 0) {
        return cli_error("--renew", wrong != NULL ? wrong : "has no certificate");
    }
    self->request.renews = self->renewed.items[0];
    return CLI_DONE;
}

static int connect_and_enrol(enrolling *self)
{
    int answer = find_peer(self);

    if (answer != CLI_DONE) {
        return answer;
    }
    self->socket = endpoint_udp_connect(&self->peer);
    if (self->socket < 0) {
        return cli_error("--connect", "no socket for this address");
    }
    answer = converse(self);
    (void)close(self->socket);
    return answer;
}

static int enrol(void *own)
{
    enrolling *self = own;

    self->dtls.engine_name = self->key.engine_name;
    self->dtls.passphrase = cli_view(&self->key.passphrase);
    int answer = read_request(self);
    if (answer == CLI_DONE) {
        answer = cli_key_find(&self->key, &self->request.key);
    }
    if (answer == CLI_DONE) {
        answer = cli_dtls_open_client(&self->dtls);
    }
    if (answer == CLI_DONE) {
        answer = connect_and_enrol(self);
    }
    cli_dtls_close(&self->dtls);
    cli_certificates_free(&self->renewed);
    (void)!lwsec_key_release(&self->request.key);
    return answer;
}

static int with_memory(enrolling *self, int argc, char **argv)
{
    const cli_option options[] = {
        {"account", CLI_KIND_FILE, true, &self->dtls.account, "FILE",
         "the account file: how to meet the EST server", 0},
        {"name", CLI_KIND_TEXT, true, &self->key.name, "NAME", "of the pair to be certified", 0},
        {"endpoint", CLI_KIND_TEXT, true, &self->endpoint, "NAME",
         "the endpoint client name: the common name of the certificate", 0},
        {"out", CLI_KIND_TEXT, true, &self->out, "FILE",
         "where the certificate goes, and those above it, in DER", 0},
        {"authorities", CLI_KIND_TEXT, false, &self->authorities, "FILE",
         "where the certificates of the authorities go, in DER", 0},
        {"connect", CLI_KIND_TEXT, false, &self->connect, "HOST:PORT",
         "where to; default: the LwM2M Server URI", 0},
        {"path", CLI_KIND_TEXT, false, &self->path, "PATH",
         "of the server's functions; default: /.well-known/est", 0},
        {"discover", CLI_KIND_FLAG, false, &self->discover, NULL,
         "ask the server where its functions are", 0},
        {"renew", CLI_KIND_FILE, false, &self->renew, "FILE",
         "the certificate that is to be renewed, for the names in it", 0},
        {"instance", CLI_KIND_NUMBER, false, &self->dtls.instance, "N",
         "the instance of the Security object; default: the first of a Server", 65534},
        {"trust", CLI_KIND_FILE, false, &self->dtls.trust, "FILE",
         "the trust store, for usage 0 and 1", 0},
        {"timeout", CLI_KIND_NUMBER, false, &self->dtls.timeout, "SECONDS",
         "the most of the handshake; default: 180", CLI_DTLS_TIMEOUT_MAX},
        {"patience", CLI_KIND_NUMBER, false, &self->patience, "SECONDS",
         "the most of all, with the waits that the server asks for; default: 3600", PATIENCE_MAX},
        {.name = NULL},
    };
    const cli_key_command command = {
        .name = "est enroll",
        .about =
            "Enrols over EST-coaps (RFC 9148) for a pair of a store, in a DTLS session as an\n"
            "account says: with the certificate or the pre-shared key that it has by now. Prints\n"
            "when to renew: \"renew TIME\".",
        .options = options,
        .key = &self->key,
        .run = enrol,
        .given = self,
    };

    return cli_key_run(&command, argc, argv);
}

int cli_est_enroll(int argc, char **argv)
{
    enrolling *self = cli_allocate(sizeof *self);
    const int answer = with_memory(self, argc, argv);

    free(self);
    return answer;
}
