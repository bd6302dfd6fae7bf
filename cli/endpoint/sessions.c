/* DTLS sessions over one UDP socket: one with a server, or many with clients. */
#include "sessions.h"

#include <stdlib.h>
#include <string.h>

#define CONTENT_HANDSHAKE 22U
#define CLIENT_HELLO 1U
#define RECORD_HEADER 13U

static lwsec_bytes address_of(const endpoint_address *peer)
{
    return lwsec_bytes_of(&peer->storage, peer->size);
}

/* ---- Places ---- */

static lwsec_status open_place(endpoint_sessions *self, endpoint_session *place,
                               lwsec_bytes address, lwsec_reason *reason)
{
    const size_t size = lwsec_dtls_size(self->endpoint);

    place->memory = calloc(1, size);
    if (place->memory == NULL) {
        return LWSEC_LIMIT;
    }
    const uint64_t now = (uint64_t)endpoint_now();
    const lwsec_status status =
        self->kept != NULL
            ? lwsec_dtls_open_again(self->endpoint, place->memory, size, address, now, self->kept,
                                    self->name, &place->dtls, reason)
            : lwsec_dtls_open(self->endpoint, place->memory, size, address, now, &place->dtls,
                              reason);
    if (status != LWSEC_OK) {
        free(place->memory);
        place->memory = NULL;
    }
    place->serial = ++self->next_serial;
    place->heard = endpoint_now();
    place->open = false;
    return status;
}

static void close_place(endpoint_session *place)
{
    lwsec_dtls_close(&place->dtls);
    free(place->memory);
    memset(place, 0, sizeof *place);
}

static endpoint_session *find(endpoint_sessions *self, const endpoint_address *peer)
{
    for (size_t i = 0; i < ENDPOINT_SESSIONS_MAX; i++) {
        if (self->table[i].dtls != NULL && endpoint_address_equal(&self->table[i].peer, peer)) {
            return &self->table[i];
        }
    }
    return NULL;
}

const endpoint_session *endpoint_sessions_find(const endpoint_sessions *self,
                                               const endpoint_address *peer)
{
    for (size_t i = 0; i < ENDPOINT_SESSIONS_MAX; i++) {
        const endpoint_session *place = &self->table[i];
        if (place->dtls != NULL && endpoint_address_equal(&place->peer, peer)) {
            return place;
        }
    }
    return NULL;
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
static bool tell_events(const endpoint_sessions *self, endpoint_session *place)
{
    lwsec_dtls_event event = {.size = sizeof event};
    bool lives = true;

    while (lwsec_dtls_next_event(place->dtls, &event) == LWSEC_OK) {
        lives = lives && event.kind != LWSEC_DTLS_EVENT_CLOSED;
        place->open = lives && (place->open || event.kind == LWSEC_DTLS_EVENT_DONE);
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
        close_place(place);
    }
}

/* ---- A server ---- */

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
    close_place(place);
}

static endpoint_session *make_room(endpoint_sessions *self)
{
    endpoint_session *silent = &self->table[0];

    for (size_t i = 0; i < ENDPOINT_SESSIONS_MAX; i++) {
        if (self->table[i].dtls == NULL) {
            return &self->table[i];
        }
        if (self->table[i].heard < silent->heard) {
            silent = &self->table[i];
        }
    }
    end_session(self, silent);
    return silent;
}

static lwsec_status listen_again(endpoint_sessions *self, lwsec_reason *reason)
{
    return open_place(self, &self->listener, lwsec_bytes_of(NULL, 0), reason);
}

/* Who has proved its address gets a place; a session that it had before is over. */
static void take_unknown(endpoint_sessions *self, const endpoint_address *peer,
                         lwsec_bytes datagram)
{
    endpoint_session *listener = &self->listener;
    lwsec_reason reason;

    if (listener->dtls == NULL && listen_again(self, &reason) != LWSEC_OK) {
        return;
    }
    if (lwsec_dtls_feed(listener->dtls, datagram, address_of(peer), (uint64_t)endpoint_now(),
                        &reason) != LWSEC_OK) {
        return;
    }
    if (!lwsec_dtls_is_bound(listener->dtls)) {
        send_all(self, listener, peer);
        return;
    }
    endpoint_session *before = find(self, peer);
    if (before != NULL) {
        end_session(self, before);
    }
    endpoint_session *place = make_room(self);
    *place = *listener;
    place->peer = *peer;
    place->heard = endpoint_now();
    memset(listener, 0, sizeof *listener);
    (void)listen_again(self, &reason);
    pump(self, place);
}

/* A client that has lost its session begins anew from the same address: RFC 6347 section 4.2.8. */
static bool begins(lwsec_bytes datagram)
{
    return datagram.size > RECORD_HEADER && datagram.data[0] == CONTENT_HANDSHAKE &&
           datagram.data[3] == 0 && datagram.data[4] == 0 &&
           datagram.data[RECORD_HEADER] == CLIENT_HELLO;
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
    self->server = server;
    self->events = events;
    self->program = program;
    return server ? listen_again(self, reason) : LWSEC_OK;
}

lwsec_status endpoint_sessions_connect(endpoint_sessions *self, const endpoint_address *peer,
                                       lwsec_reason *reason)
{
    endpoint_session *place = make_room(self);
    const lwsec_status status = open_place(self, place, address_of(peer), reason);

    if (status == LWSEC_OK) {
        place->peer = *peer;
        pump(self, place);
    }
    return status;
}

void endpoint_sessions_take(endpoint_sessions *self, const endpoint_address *peer,
                            lwsec_bytes datagram)
{
    endpoint_session *place = find(self, peer);
    lwsec_reason reason;

    if (self->server && (place == NULL || (place->open && begins(datagram)))) {
        take_unknown(self, peer, datagram);
    } else if (place != NULL && lwsec_dtls_feed(place->dtls, datagram, address_of(peer),
                                                (uint64_t)endpoint_now(), &reason) == LWSEC_OK) {
        place->heard = endpoint_now();
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

int64_t endpoint_sessions_deadline(const endpoint_sessions *self, int64_t until)
{
    for (size_t i = 0; i < ENDPOINT_SESSIONS_MAX; i++) {
        if (self->table[i].dtls != NULL) {
            const uint64_t due = lwsec_dtls_deadline(self->table[i].dtls);
            until = due < (uint64_t)until ? (int64_t)due : until;
        }
    }
    return until;
}

void endpoint_sessions_step(endpoint_sessions *self)
{
    const uint64_t now = (uint64_t)endpoint_now();
    lwsec_reason reason;

    for (size_t i = 0; i < ENDPOINT_SESSIONS_MAX; i++) {
        endpoint_session *place = &self->table[i];
        if (place->dtls != NULL && lwsec_dtls_deadline(place->dtls) <= now &&
            lwsec_dtls_step(place->dtls, now, &reason) == LWSEC_OK) {
            pump(self, place);
        }
    }
}

void endpoint_sessions_close(endpoint_sessions *self)
{
    for (size_t i = 0; i < ENDPOINT_SESSIONS_MAX; i++) {
        if (self->table[i].dtls != NULL) {
            end_session(self, &self->table[i]);
        }
    }
    if (self->listener.dtls != NULL) {
        close_place(&self->listener);
    }
}
