/* DTLS sessions over one UDP socket: one with a server, or many with clients. */
#include "sessions.h"

#include <stdlib.h>
#include <string.h>

#define PLACES (sizeof((endpoint_sessions *)NULL)->table / sizeof(endpoint_session))

static lwsec_bytes address_of(const endpoint_address *peer)
{
    return lwsec_bytes_of(&peer->storage, peer->size);
}

/* ---- Places ---- */

/* Of clients in their handshake nobody asks. */
static size_t position_of(const endpoint_sessions *self, const endpoint_address *peer)
{
    size_t i = 0;

    while (i < PLACES &&
           (self->table[i].dtls == NULL || (self->demux != NULL && !self->table[i].open) ||
            !endpoint_address_equal(&self->table[i].peer, peer))) {
        i++;
    }
    return i;
}

static endpoint_session *find(endpoint_sessions *self, const endpoint_address *peer)
{
    const size_t position = position_of(self, peer);

    return position < PLACES ? &self->table[position] : NULL;
}

const endpoint_session *endpoint_sessions_find(const endpoint_sessions *self,
                                               const endpoint_address *peer)
{
    const size_t position = position_of(self, peer);

    return position < PLACES ? &self->table[position] : NULL;
}

/* Of a server's session the demultiplexer disposes. */
static void leave_place(const endpoint_sessions *self, endpoint_session *place)
{
    if (self->demux == NULL) {
        lwsec_dtls_close(&place->dtls);
    }
    memset(place, 0, sizeof *place);
}

/* ---- Out of a session ---- */

static void send_all(const endpoint_sessions *self, const endpoint_session *place,
                     const endpoint_address *peer)
{
    endpoint_datagram datagram;
    lwsec_buffer out = lwsec_buffer_of(datagram.data, sizeof datagram.data);

    while (lwsec_dtls_take(place->dtls, &out) == LWSEC_OK) {
        datagram.size = out.size;
        endpoint_udp_send(self->socket, peer, &datagram);
    }
}

/* False: it is over. */
static bool tell_events(endpoint_sessions *self, endpoint_session *place)
{
    lwsec_dtls_event event = {.size = sizeof event};
    bool lives = true;

    while (lwsec_dtls_next_event(place->dtls, &event) == LWSEC_OK) {
        lives = lives && event.kind != LWSEC_DTLS_EVENT_CLOSED;
        place->open = lives && (place->open || event.kind == LWSEC_DTLS_EVENT_DONE);
        place->serial = event.kind == LWSEC_DTLS_EVENT_DONE ? ++self->next_serial : place->serial;
        self->events->happened(self->program, place, &event);
    }
    return lives;
}

/* Datagrams, events and plaintext, until there is nothing any more. */
static void pump(endpoint_sessions *self, endpoint_session *place)
{
    uint8_t room[LWSEC_DTLS_MTU_MAX];
    lwsec_buffer plaintext = lwsec_buffer_of(room, sizeof room);
    bool lives = true;
    lwsec_status status = LWSEC_OK;

    while (lives && status == LWSEC_OK) {
        send_all(self, place, &place->peer);
        lives = tell_events(self, place);
        status = lives ? lwsec_dtls_read(place->dtls, &plaintext) : LWSEC_ABSENT;
        if (status == LWSEC_OK) {
            self->events->data(self->program, place, lwsec_buffer_bytes(&plaintext));
        }
    }
    lwsec_wipe(room, sizeof room);
    send_all(self, place, &place->peer);
    if (!lives || !tell_events(self, place)) {
        leave_place(self, place);
    }
}

static void end_session(endpoint_sessions *self, endpoint_session *place)
{
    lwsec_reason ignored; /* then the next handshake is a whole one */

    if (place->open && self->kept != NULL) {
        (void)(lwsec_dtls_store_ticket(place->dtls, self->kept, self->name, &ignored) == LWSEC_OK);
    }
    if (lwsec_dtls_shut(place->dtls, (uint64_t)endpoint_now()) == LWSEC_OK) {
        send_all(self, place, &place->peer);
    }
    (void)tell_events(self, place);
    leave_place(self, place);
}

/* ---- A client ---- */

static lwsec_status begin(endpoint_sessions *self, lwsec_bytes address, lwsec_reason *reason)
{
    const size_t size = lwsec_dtls_size(self->endpoint);
    const uint64_t now = (uint64_t)endpoint_now();
    lwsec_dtls **session = &self->table[0].dtls;

    free(self->memory);
    self->memory = calloc(1, size);
    if (self->memory == NULL) {
        return LWSEC_LIMIT;
    }
    return self->kept != NULL
               ? lwsec_dtls_open_again(self->endpoint, self->memory, size, address, now, self->kept,
                                       self->name, session, reason)
               : lwsec_dtls_open(self->endpoint, self->memory, size, address, now, session, reason);
}

lwsec_status endpoint_sessions_connect(endpoint_sessions *self, const endpoint_address *peer,
                                       lwsec_reason *reason)
{
    endpoint_session *place = &self->table[0];

    if (place->dtls != NULL) {
        end_session(self, place);
    }
    const lwsec_status status = begin(self, address_of(peer), reason);
    if (status == LWSEC_OK) {
        place->peer = *peer;
        pump(self, place);
    }
    return status;
}

/* ---- A server ---- */

static lwsec_status listen_for_clients(endpoint_sessions *self, lwsec_reason *reason)
{
    const lwsec_dtls_demux_config config = {
        .size = sizeof config,
        .endpoint = self->endpoint,
        .sessions = ENDPOINT_SESSIONS_MAX,
        .handshakes = ENDPOINT_HANDSHAKES_MAX,
        .idle = ENDPOINT_SESSION_IDLE,
    };
    const size_t size = lwsec_dtls_demux_size(&config);

    self->memory = calloc(1, size);
    if (self->memory == NULL) {
        return LWSEC_LIMIT;
    }
    const lwsec_status status = lwsec_dtls_demux_open(
        &config, self->memory, size, (uint64_t)endpoint_now(), &self->demux, reason);
    if (status != LWSEC_OK) {
        free(self->memory);
        self->memory = NULL;
    }
    return status;
}

/* A place may still have what was of a handshake that had to make room. */
static void pump_client(endpoint_sessions *self, lwsec_dtls *session)
{
    endpoint_session *place = &self->table[lwsec_dtls_demux_index(self->demux, session)];
    lwsec_buffer address = lwsec_buffer_of(&place->peer.storage, sizeof place->peer.storage);

    if (lwsec_dtls_address(session, &address) != LWSEC_OK) {
        return;
    }
    place->dtls = session;
    place->peer.size = (socklen_t)address.size;
    if (lwsec_dtls_is_bound(session)) {
        pump(self, place);
    } else {
        send_all(self, place, &place->peer);
    }
}

static void pump_clients(endpoint_sessions *self)
{
    lwsec_dtls *session = NULL;

    while (lwsec_dtls_demux_next(self->demux, &session) == LWSEC_OK) {
        pump_client(self, session);
    }
}

/* ---- In ---- */

lwsec_status endpoint_sessions_open(endpoint_sessions *self, int socket,
                                    const lwsec_dtls_endpoint *endpoint, bool server,
                                    const endpoint_session_events *events, void *program,
                                    lwsec_reason *reason)
{
    memset(self, 0, sizeof *self);
    self->socket = socket;
    self->endpoint = endpoint;
    self->events = events;
    self->program = program;
    return server ? listen_for_clients(self, reason) : LWSEC_OK;
}

void endpoint_sessions_take(endpoint_sessions *self, const endpoint_address *peer,
                            lwsec_bytes datagram)
{
    const uint64_t now = (uint64_t)endpoint_now();
    lwsec_reason ignored;

    if (self->demux != NULL) {
        (void)(lwsec_dtls_demux_feed(self->demux, datagram, address_of(peer), now, &ignored) ==
               LWSEC_OK);
        pump_clients(self);
        return;
    }
    endpoint_session *place = find(self, peer);
    if (place != NULL &&
        lwsec_dtls_feed(place->dtls, datagram, address_of(peer), now, &ignored) == LWSEC_OK) {
        pump(self, place);
    }
}

bool endpoint_sessions_send(endpoint_sessions *self, const endpoint_address *peer,
                            lwsec_bytes plaintext)
{
    const endpoint_session *place = find(self, peer);
    lwsec_reason reason;

    if (place == NULL || !place->open ||
        lwsec_dtls_write(place->dtls, plaintext, (uint64_t)endpoint_now(), &reason) != LWSEC_OK) {
        return false;
    }
    send_all(self, place, peer);
    return true;
}

/* ---- Time ---- */

static uint64_t due_first(const endpoint_sessions *self)
{
    if (self->demux != NULL) {
        return lwsec_dtls_demux_deadline(self->demux);
    }
    return self->table[0].dtls != NULL ? lwsec_dtls_deadline(self->table[0].dtls) : UINT64_MAX;
}

int64_t endpoint_sessions_deadline(const endpoint_sessions *self, int64_t until)
{
    const uint64_t due = due_first(self);

    return due < (uint64_t)until ? (int64_t)due : until;
}

void endpoint_sessions_step(endpoint_sessions *self)
{
    const uint64_t now = (uint64_t)endpoint_now();
    lwsec_reason ignored;

    while (self->demux != NULL && due_first(self) <= now) {
        (void)(lwsec_dtls_demux_step(self->demux, now, &ignored) == LWSEC_OK);
        pump_clients(self);
    }
    if (self->demux == NULL && due_first(self) <= now &&
        lwsec_dtls_step(self->table[0].dtls, now, &ignored) == LWSEC_OK) {
        pump(self, &self->table[0]);
    }
}

void endpoint_sessions_close(endpoint_sessions *self)
{
    for (size_t i = 0; i < PLACES; i++) {
        endpoint_session *place = &self->table[i];
        if (place->dtls != NULL && (place->open || self->demux == NULL)) {
            end_session(self, place);
        }
    }
    lwsec_dtls_demux_close(&self->demux);
    free(self->memory);
    self->memory = NULL;
}
