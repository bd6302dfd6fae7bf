/* Sessions: the limit of a handshake, events; everything else is the engine's. */
#include "dtls/engine.h"

#include "core/epoch.h"
#include "core/reason.h"

#include <string.h>

#define NEVER UINT64_MAX
#define USER_CANCELED 90U

/* Of a queue of its own. */
static size_t queue_size(const lwsec_dtls_endpoint *endpoint)
{
    return endpoint->config.queue_memory != NULL
               ? 0
               : sizeof(lwsec_dtls_queue) + endpoint->config.queue;
}

size_t lwsec_dtls_size(const lwsec_dtls_endpoint *endpoint)
{
    return sizeof(lwsec_dtls) + endpoint->engine->session_size + queue_size(endpoint) +
           (lwsec_dtls_keeps(endpoint) ? LWSEC_DTLS_KEPT : 0);
}

/* ---- For the engine ---- */

/* Nobody vouches for an alert before the handshake is done: R-5.2.10-06. */
void lwsec_dtls_saw_alert(lwsec_dtls *session, uint8_t number, bool sent)
{
    if ((session->tell & LWSEC_DTLS_TELL_ALERT) != 0) {
        return;
    }
    memset(&session->alert, 0, sizeof session->alert);
    session->alert.number = number;
    session->alert.sent = sent;
    session->alert.authenticated = !sent && session->state == LWSEC_DTLS_OPEN;
    session->tell |= LWSEC_DTLS_TELL_ALERT;
}

/* ---- Life ---- */

void lwsec_dtls_end(lwsec_dtls *session, lwsec_why why)
{
    if (session->state != LWSEC_DTLS_OVER) {
        session->state = LWSEC_DTLS_OVER;
        session->why = why;
        session->tell |= LWSEC_DTLS_TELL_CLOSED;
    }
}

/* The most telling reason: what we found ourselves, then what the peer said. */
static lwsec_why why_failed(const lwsec_dtls *session)
{
    if (session->why != LWSEC_WHY_NONE) {
        return session->why;
    }
    const bool told = (session->tell & LWSEC_DTLS_TELL_ALERT) != 0 && !session->alert.sent;
    return told ? LWSEC_WHY_DTLS_ALERT : LWSEC_WHY_DTLS_HANDSHAKE;
}

/* The handshake is done. */
static lwsec_dtls_outcome open_up(lwsec_dtls *session)
{
    const lwsec_dtls_engine *engine = session->endpoint->engine;

    session->state = LWSEC_DTLS_OPEN;
    session->limit = NEVER;
    session->active = session->now;
    session->why = LWSEC_WHY_NONE;
    if (!lwsec_dtls_settle(session)) {
        engine->shut(session);
        return LWSEC_DTLS_FAILED;
    }
    session->tell |= LWSEC_DTLS_TELL_DONE;
    return engine->drive(session); /* records behind the last of the handshake */
}

/* What a peer that cancels says first counts, not what an engine makes of it: OpenSSL 3.0 takes one
 * warning for five of them, and answers by alert 10. */
static void tell_canceled(lwsec_dtls *session)
{
    if (session->canceled && session->state == LWSEC_DTLS_SHAKING) {
        memset(&session->alert, 0, sizeof session->alert);
        session->alert.number = USER_CANCELED;
        session->tell |= LWSEC_DTLS_TELL_ALERT;
    }
}

/* A close_notify ends a handshake too, but not as agreed. */
static void end_by(lwsec_dtls *session, lwsec_dtls_outcome outcome)
{
    const bool agreed = outcome == LWSEC_DTLS_CLOSED && session->state == LWSEC_DTLS_OPEN;

    tell_canceled(session);
    if (!agreed && session->state == LWSEC_DTLS_OPEN) {
        lwsec_dtls_forget(session);
    }
    lwsec_dtls_end(session, agreed ? LWSEC_WHY_NONE : why_failed(session));
}

static void drive(lwsec_dtls *session)
{
    const lwsec_dtls_engine *engine = session->endpoint->engine;
    const uint64_t newest = lwsec_dtls_newest(session);
    lwsec_dtls_outcome outcome = engine->drive(session);

    lwsec_dtls_follow(session, newest);
    if (session->state == LWSEC_DTLS_OPEN && engine->pending(session) > 0) {
        session->active = session->now;
    }
    if (outcome == LWSEC_DTLS_DONE) {
        outcome = open_up(session);
    }
    session->input = lwsec_bytes_of(NULL, 0);
    if (outcome == LWSEC_DTLS_CLOSED || outcome == LWSEC_DTLS_FAILED) {
        end_by(session, outcome);
    } else if (session->now >= session->limit) {
        lwsec_dtls_end(session, LWSEC_WHY_DTLS_TIMEOUT);
    }
}

static lwsec_status check_alive(const lwsec_dtls *session, lwsec_reason *reason)
{
    if (session->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    if (session->state == LWSEC_DTLS_OVER) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_DTLS_CLOSED, 0, reason);
    }
    return LWSEC_OK;
}

static void set_time(lwsec_dtls *session, uint64_t now)
{
    if (now > session->now) {
        session->now = now;
    }
}

void lwsec_dtls_set_own_identity(lwsec_dtls *session)
{
    const lwsec_bytes own = session->endpoint->config.identity;

    session->identity_size = own.size;
    if (own.size > 0) {
        memcpy(session->identity, own.data, own.size);
    }
}

lwsec_status lwsec_dtls_prepare(const lwsec_dtls_endpoint *endpoint, void *memory, size_t size,
                                uint64_t now, lwsec_reason *reason)
{
    lwsec_dtls *self = memory;

    if (endpoint->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    if (memory == NULL || (uintptr_t)memory % sizeof(uint64_t) != 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (size < lwsec_dtls_size(endpoint)) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    memset(memory, 0, lwsec_dtls_size(endpoint));
    self->endpoint = endpoint;
    self->epoch = endpoint->epoch;
    self->now = now;
    self->limit = NEVER;
    uint8_t *room = (uint8_t *)self->room + endpoint->engine->session_size;
    self->queue = queue_size(endpoint) > 0 ? (void *)room : endpoint->config.queue_memory;
    self->kept = lwsec_dtls_keeps(endpoint) ? room + queue_size(endpoint) : NULL;
    lwsec_dtls_set_own_identity(self);
    return lwsec_accept(reason);
}

lwsec_status lwsec_dtls_open_with(const lwsec_dtls_endpoint *endpoint, void *memory, size_t size,
                                  lwsec_bytes address, uint64_t now, lwsec_bytes ticket,
                                  lwsec_dtls **session, lwsec_reason *reason)
{
    const bool client = endpoint->config.role == LWSEC_DTLS_CLIENT;
    lwsec_dtls *self = memory;

    if (address.size > LWSEC_DTLS_ADDRESS_MAX || client != (address.size > 0)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    const lwsec_status ready = lwsec_dtls_prepare(endpoint, memory, size, now, reason);
    if (ready != LWSEC_OK) {
        return ready;
    }
    self->state = LWSEC_DTLS_LISTENING;
    if (client) {
        self->limit = now + endpoint->config.handshake_max;
        self->state = LWSEC_DTLS_SHAKING;
        self->address_size = address.size;
        memcpy(self->address, address.data, address.size);
    }
    const lwsec_status status = endpoint->engine->open(self);
    if (status != LWSEC_OK) {
        lwsec_dtls_queue_leave(self);
        lwsec_wipe(memory, lwsec_dtls_size(endpoint));
        return lwsec_refuse(status, LWSEC_WHY_DTLS_HANDSHAKE, 0, reason);
    }
    if (client) {
        lwsec_dtls_offer(self, ticket);
        drive(self);
    }
    *session = self;
    return lwsec_accept(reason);
}

lwsec_status lwsec_dtls_open(const lwsec_dtls_endpoint *endpoint, void *memory, size_t size,
                             lwsec_bytes address, uint64_t now, lwsec_dtls **session,
                             lwsec_reason *reason)
{
    return lwsec_dtls_open_with(endpoint, memory, size, address, now, lwsec_bytes_of(NULL, 0),
                                session, reason);
}

void lwsec_dtls_close(lwsec_dtls **session)
{
    if (session == NULL || *session == NULL) {
        return;
    }
    const lwsec_dtls_endpoint *endpoint = (*session)->endpoint;

    endpoint->engine->close(*session);
    lwsec_dtls_queue_leave(*session);
    lwsec_wipe(*session, lwsec_dtls_size(endpoint));
    *session = NULL;
}

/* ---- In and out ---- */

static bool is_address(const lwsec_dtls *session, lwsec_bytes address)
{
    return lwsec_equal_secret(address, lwsec_bytes_of(session->address, session->address_size));
}

/* Where a datagram comes from, if that is not known yet as the peer's address. */
static void note_address(lwsec_dtls *session, lwsec_bytes address)
{
    session->from_size = is_address(session, address) ? 0 : address.size;
    memcpy(session->from, address.data, session->from_size);
}

/* Plaintext that nobody has read stands in the way of the next record. */
static void drop_unread(lwsec_dtls *session)
{
    const lwsec_dtls_engine *engine = session->endpoint->engine;
    uint8_t waste[64];

    while (session->state == LWSEC_DTLS_OPEN && engine->pending(session) > 0) {
        const size_t left = engine->pending(session);
        if (!engine->read(session, waste, left < sizeof waste ? left : sizeof waste)) {
            lwsec_dtls_end(session, LWSEC_WHY_DTLS_HANDSHAKE);
        } else if (engine->pending(session) == 0) {
            drive(session);
        }
    }
    lwsec_wipe(waste, sizeof waste);
}

lwsec_status lwsec_dtls_feed(lwsec_dtls *session, lwsec_bytes datagram, lwsec_bytes address,
                             uint64_t now, lwsec_reason *reason)
{
    const lwsec_status status = check_alive(session, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    if (address.size == 0 || address.size > LWSEC_DTLS_ADDRESS_MAX) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (session->state == LWSEC_DTLS_LISTENING) {
        memcpy(session->address, address.data, address.size);
        session->address_size = address.size;
    } else if (!is_address(session, address) && !lwsec_dtls_comes_by_cid(session, datagram)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_DTLS_ADDRESS, 0, reason);
    }
    set_time(session, now);
    drop_unread(session);
    note_address(session, address);
    if (session->state != LWSEC_DTLS_OVER && datagram.size > 0) {
        const bool listened = session->state == LWSEC_DTLS_LISTENING;
        if (listened) { /* counts from the datagram that binds it */
            session->limit = session->now + session->endpoint->config.handshake_max;
            lwsec_dtls_cache_tell_time(session);
        }
        session->input = datagram;
        drive(session);
        if (session->state == LWSEC_DTLS_LISTENING) {
            session->limit = NEVER;
        }
    }
    return lwsec_accept(reason);
}

lwsec_status lwsec_dtls_step(lwsec_dtls *session, uint64_t now, lwsec_reason *reason)
{
    const lwsec_status status = check_alive(session, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    set_time(session, now);
    if (session->state == LWSEC_DTLS_SHAKING ||
        (session->state == LWSEC_DTLS_OPEN && session->endpoint->engine->pending(session) == 0)) {
        drive(session);
    }
    return lwsec_accept(reason);
}

uint64_t lwsec_dtls_deadline(const lwsec_dtls *session)
{
    if (session->state != LWSEC_DTLS_SHAKING) {
        return NEVER;
    }
    const uint64_t engine = session->endpoint->engine->deadline(session);
    return engine < session->limit ? engine : session->limit;
}

lwsec_status lwsec_dtls_read(lwsec_dtls *session, lwsec_buffer *plaintext)
{
    const lwsec_dtls_engine *engine = session->endpoint->engine;
    const lwsec_status status = check_alive(session, NULL);

    plaintext->size = 0;
    if (status != LWSEC_OK) {
        return status == LWSEC_FORKED ? status : LWSEC_ABSENT;
    }
    const size_t size = session->state == LWSEC_DTLS_OPEN ? engine->pending(session) : 0;
    if (size == 0) {
        return LWSEC_ABSENT;
    }
    if (size > plaintext->capacity) {
        return LWSEC_BUFFER;
    }
    if (!engine->read(session, plaintext->data, size)) {
        lwsec_dtls_end(session, LWSEC_WHY_DTLS_HANDSHAKE);
        return LWSEC_ABSENT;
    }
    plaintext->size = size;
    drive(session); /* the next record of the datagram */
    return LWSEC_OK;
}

/* Record header, explicit nonce and tag of CCM_8; or IV, MAC and the most padding of CBC. */
static size_t overhead(uint16_t suite)
{
    const bool ccm = suite == 0xC0A8 || suite == 0xC0AE;
    return ccm ? 13 + 8 + 8 : 13 + 16 + 32 + 16;
}

size_t lwsec_dtls_plaintext_max(const lwsec_dtls *session)
{
    return session->state == LWSEC_DTLS_OPEN
               ? session->endpoint->config.mtu - overhead(lwsec_dtls_suite(session)) -
                     lwsec_dtls_cid_overhead(session)
               : 0;
}

lwsec_status lwsec_dtls_write(lwsec_dtls *session, lwsec_bytes plaintext, uint64_t now,
                              lwsec_reason *reason)
{
    const lwsec_dtls_config *config = &session->endpoint->config;
    const lwsec_status status = check_alive(session, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    if (session->state != LWSEC_DTLS_OPEN) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_DTLS_HANDSHAKE, 0, reason);
    }
    if (plaintext.size > lwsec_dtls_plaintext_max(session)) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    if (plaintext.size == 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (lwsec_dtls_queue_left(session) < config->mtu) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    set_time(session, now);
    session->active = session->now;
    if (!session->endpoint->engine->write(session, plaintext)) {
        lwsec_dtls_end(session, LWSEC_WHY_DTLS_HANDSHAKE);
        return lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_DTLS_HANDSHAKE, 0, reason);
    }
    return lwsec_accept(reason);
}

lwsec_status lwsec_dtls_shut(lwsec_dtls *session, uint64_t now)
{
    const lwsec_status status = check_alive(session, NULL);

    if (status != LWSEC_OK) {
        return status;
    }
    set_time(session, now);
    if (session->state == LWSEC_DTLS_OPEN) {
        session->endpoint->engine->shut(session);
    }
    lwsec_dtls_end(session, LWSEC_WHY_NONE);
    return LWSEC_OK;
}

/* ---- What is to be told ---- */

lwsec_status lwsec_dtls_next_event(lwsec_dtls *session, lwsec_dtls_event *event)
{
    if (event->size != sizeof *event) {
        return LWSEC_USAGE;
    }
    memset(event, 0, sizeof *event);
    event->size = sizeof *event;
    if ((session->tell & LWSEC_DTLS_TELL_DONE) != 0) {
        session->tell &= ~(uint32_t)LWSEC_DTLS_TELL_DONE;
        event->kind = LWSEC_DTLS_EVENT_DONE;
        event->resumed = session->resumed;
    } else if ((session->tell & LWSEC_DTLS_TELL_ALERT) != 0) {
        session->tell &= ~(uint32_t)LWSEC_DTLS_TELL_ALERT;
        event->kind = LWSEC_DTLS_EVENT_ALERT;
        event->alert = session->alert;
    } else if ((session->tell & LWSEC_DTLS_TELL_ADDRESS) != 0) {
        session->tell &= ~(uint32_t)LWSEC_DTLS_TELL_ADDRESS;
        event->kind = LWSEC_DTLS_EVENT_ADDRESS;
    } else if ((session->tell & LWSEC_DTLS_TELL_CLOSED) != 0) {
        session->tell &= ~(uint32_t)LWSEC_DTLS_TELL_CLOSED;
        event->kind = LWSEC_DTLS_EVENT_CLOSED;
        event->why = session->why;
    } else {
        return LWSEC_ABSENT;
    }
    return LWSEC_OK;
}

bool lwsec_dtls_is_bound(const lwsec_dtls *session)
{
    return session->state != LWSEC_DTLS_LISTENING;
}

lwsec_status lwsec_dtls_peer(const lwsec_dtls *session, lwsec_dtls_credential *credential,
                             lwsec_buffer *identity)
{
    identity->size = 0;
    if (session->state != LWSEC_DTLS_OPEN) {
        return LWSEC_ABSENT;
    }
    const lwsec_dtls_engine *engine = session->endpoint->engine;
    size_t size =
        engine->raw_key != NULL ? engine->raw_key(session, identity->data, identity->capacity) : 0;
    const bool raw = size > 0;
    if (!raw) {
        size = engine->certificate(session, identity->data, identity->capacity);
    }
    const size_t known = size > 0 ? size : session->identity_size;
    if (known > identity->capacity) {
        return LWSEC_BUFFER;
    }
    if (size == 0) {
        memcpy(identity->data, session->identity, known);
    }
    *credential = raw        ? LWSEC_DTLS_BY_RAW_KEY
                  : size > 0 ? LWSEC_DTLS_BY_CERTIFICATE
                             : LWSEC_DTLS_BY_PSK;
    identity->size = known;
    return LWSEC_OK;
}

uint16_t lwsec_dtls_suite(const lwsec_dtls *session)
{
    return session->state == LWSEC_DTLS_OPEN ? session->endpoint->engine->suite(session) : 0;
}
