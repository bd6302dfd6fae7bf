/* The endpoint as a whole: its socket, its loop, its log. */
#include "parts.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

/* A signal between the look at its flag and the wait is noticed after this time, in milliseconds.
 */
#define WAIT_MAX 200

lwsec_status endpoint_init(endpoint *self, int socket, lwsec_oscore *oscore, lwsec_store *store,
                           const endpoint_events *events, void *program)
{
    uint8_t random[2] = {0};

    memset(self, 0, sizeof *self);
    self->socket = socket;
    self->oscore = oscore;
    self->store = store;
    self->events = events;
    self->program = program;
    const lwsec_status status = lwsec_random(store, random, sizeof random);
    self->next_message_id = (uint16_t)(random[0] << 8 | random[1]);
    self->szx = LWSEC_BLOCK_SZX_MAX;
    return status == LWSEC_OK ? endpoint_init_blocks(self) : status;
}

void endpoint_close(endpoint *self)
{
    if (self->sessions != NULL) {
        endpoint_sessions_close(self->sessions);
    }
    (void)close(self->socket);
    lwsec_wipe(self, sizeof *self);
    self->socket = -1;
}

void endpoint_tell(const endpoint *self, endpoint_moment moment, const endpoint_address *peer,
                   lwsec_bytes plain, const endpoint_datagram *datagram)
{
    const endpoint_trace trace = {moment, peer, plain, endpoint_view(datagram), NULL, 0};

    if (self->events->trace != NULL) {
        self->events->trace(self->program, &trace);
    }
}

void endpoint_tell_refused(const endpoint *self, const endpoint_address *peer,
                           const endpoint_datagram *datagram, const char *reason, uint8_t error)
{
    const endpoint_trace trace = {ENDPOINT_REFUSED,        peer,   {NULL, 0},
                                  endpoint_view(datagram), reason, error};

    if (self->events->trace != NULL) {
        self->events->trace(self->program, &trace);
    }
}

void endpoint_send(endpoint *self, const endpoint_address *peer, const endpoint_datagram *datagram,
                   lwsec_bytes plain)
{
    endpoint_put(self, peer, datagram);
    endpoint_tell(self, ENDPOINT_SENT, peer, plain, datagram);
}

void endpoint_send_empty(endpoint *self, const endpoint_address *peer, uint8_t type,
                         uint16_t message_id)
{
    endpoint_datagram datagram;
    endpoint_message message;
    lwsec_reason reason;

    endpoint_message_init(&message, LWSEC_COAP_EMPTY);
    message.head.type = type;
    message.head.message_id = message_id;
    if (endpoint_message_encode(&message, &datagram, &reason) == LWSEC_OK) {
        endpoint_put(self, peer, &datagram);
    }
}

void endpoint_put(endpoint *self, const endpoint_address *peer, const endpoint_datagram *datagram)
{
    if (self->sessions != NULL) {
        (void)endpoint_sessions_send(self->sessions, peer, endpoint_view(datagram));
    } else {
        endpoint_udp_send(self->socket, peer, datagram);
    }
}

static void take(endpoint *self, const endpoint_address *peer, const endpoint_datagram *datagram)
{
    lwsec_coap_message outer;
    lwsec_reason reason;

    if (lwsec_coap_decode(LWSEC_COAP_UDP, endpoint_view(datagram), &outer, &reason) != LWSEC_OK) {
        endpoint_tell_refused(self, peer, datagram, lwsec_why_text(reason.why), 0);
    } else if (outer.code == LWSEC_COAP_EMPTY) {
        endpoint_take_empty(self, peer, &outer);
    } else if (outer.code >> 5 == 0) {
        endpoint_take_request(self, peer, datagram, &outer);
    } else {
        endpoint_take_answer(self, peer, datagram, &outer);
    }
}

/* ---- Over DTLS ---- */

static void take_plaintext(void *program, const endpoint_session *session, lwsec_bytes plaintext)
{
    endpoint *self = program;
    endpoint_datagram datagram;

    if (plaintext.size <= sizeof datagram.data) {
        memcpy(datagram.data, plaintext.data, plaintext.size);
        datagram.size = plaintext.size;
        take(self, &session->peer, &datagram);
    }
}

static void take_event(void *program, const endpoint_session *session,
                       const lwsec_dtls_event *event)
{
    endpoint *self = program;

    if (self->events->session != NULL) {
        self->events->session(self->program, session, event);
    }
    /* Not for a handshake that failed: another session of this address may go on. */
    if (event->kind == LWSEC_DTLS_EVENT_CLOSED && session->serial != 0) {
        endpoint_forget_peer(self, &session->peer);
    }
}

lwsec_status endpoint_secure(endpoint *self, endpoint_sessions *sessions,
                             const lwsec_dtls_endpoint *dtls, bool server, lwsec_reason *reason)
{
    static const endpoint_session_events events = {take_event, take_plaintext};
    const lwsec_status status =
        endpoint_sessions_open(sessions, self->socket, dtls, server, &events, self, reason);

    if (status == LWSEC_OK) {
        self->sessions = sessions;
    }
    return status;
}

void endpoint_forget_peer(endpoint *self, const endpoint_address *peer)
{
    endpoint_forget_exchanges(self, peer);
    endpoint_forget_duplicates(self, peer);
    endpoint_forget_observers(self, peer);
}

/* ---- The loop ---- */

static void receive(endpoint *self)
{
    endpoint_address peer;
    endpoint_datagram datagram;

    if (!endpoint_udp_receive(self->socket, &peer, &datagram)) {
        return;
    }
    if (self->sessions != NULL) {
        endpoint_sessions_take(self->sessions, &peer, endpoint_view(&datagram));
    } else {
        take(self, &peer, &datagram);
    }
}

bool endpoint_wait(endpoint *self, int64_t until, int other_file)
{
    struct pollfd files[2] = {{self->socket, POLLIN, 0}, {other_file, POLLIN, 0}};
    const int64_t now = endpoint_now();
    int64_t due = endpoint_next_resend(self, until);

    due = self->sessions != NULL ? endpoint_sessions_deadline(self->sessions, due) : due;
    int64_t left = due - now;
    left = left < 0 ? 0 : left;
    const int ready = poll(files, 2, left < WAIT_MAX ? (int)left : WAIT_MAX);
    if (ready > 0) {
        receive(self);
    }
    if (self->sessions != NULL) {
        endpoint_sessions_step(self->sessions);
    }
    endpoint_resend(self, endpoint_now());
    return ready > 0 && files[1].revents != 0;
}
