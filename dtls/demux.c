/* A demultiplexer: whose a datagram is, which sessions begin and end, and when. */
#include "dtls/demux.h"

#include "core/epoch.h"
#include "core/reason.h"

#include <string.h>

#define NEVER UINT64_MAX
#define NOWHERE LWSEC_DTLS_NOWHERE
#define MOST (UINT32_C(1) << 24)

/* ---- Memory ---- */

typedef struct layout {
    uint32_t places;
    uint32_t buckets;
    size_t stride;
    size_t at_places, at_heap, at_buckets, at_memory;
    size_t size;
} layout;

static size_t round_up(size_t size)
{
    return (size + 7U) / 8U * 8U;
}

/* Enough CIDs that a free one is found at once. */
static bool cids_suffice(const lwsec_dtls_config *config, uint32_t places)
{
    const size_t bits = 8 * (size_t)config->cid_size;

    return config->cid == LWSEC_DTLS_CID_OFF || bits >= 32 || (UINT32_C(1) << bits) / 8 >= places;
}

static bool lay_out(const lwsec_dtls_demux_config *config, layout *out)
{
    if (config->size != sizeof *config || config->endpoint == NULL ||
        config->endpoint->config.role != LWSEC_DTLS_SERVER || config->sessions < 1 ||
        config->sessions > MOST || config->handshakes < 1 || config->handshakes > MOST) {
        return false;
    }
    out->places = config->sessions + config->handshakes + 1; /* one listens */
    for (out->buckets = 1; out->buckets < out->places; out->buckets *= 2) {
    }
    out->stride = round_up(lwsec_dtls_size(config->endpoint));
    out->at_places = round_up(sizeof(lwsec_dtls_demux));
    out->at_heap = out->at_places + round_up(out->places * sizeof(lwsec_dtls_place));
    out->at_buckets = out->at_heap + round_up(out->places * sizeof(uint32_t));
    out->at_memory =
        out->at_buckets + round_up(LWSEC_DTLS_TABLES * (size_t)out->buckets * sizeof(uint32_t));
    if (out->stride > (SIZE_MAX - out->at_memory) / out->places) {
        return false;
    }
    out->size = out->at_memory + out->places * out->stride;
    return cids_suffice(&config->endpoint->config, out->places);
}

size_t lwsec_dtls_demux_size(const lwsec_dtls_demux_config *config)
{
    layout plan;

    return lay_out(config, &plan) ? plan.size : 0;
}

static void set_up(lwsec_dtls_demux *self, const layout *plan, uint8_t *memory)
{
    self->places_count = plan->places;
    self->mask = plan->buckets - 1;
    self->stride = plan->stride;
    self->places = (lwsec_dtls_place *)(void *)&memory[plan->at_places];
    self->heap = (uint32_t *)(void *)&memory[plan->at_heap];
    self->memory = &memory[plan->at_memory];
    self->listens = self->given = NOWHERE;
    for (uint32_t kind = 0; kind < LWSEC_DTLS_TABLES; kind++) {
        self->buckets[kind] =
            (uint32_t *)(void *)&memory[plan->at_buckets] + (size_t)kind * plan->buckets;
        memset(self->buckets[kind], 0xff, plan->buckets * sizeof(uint32_t)); /* NOWHERE */
    }
    for (uint32_t kind = 0; kind < LWSEC_DTLS_LISTS; kind++) {
        self->lists[kind].first = self->lists[kind].last = NOWHERE;
    }
    for (uint32_t i = 0; i < plan->places; i++) {
        self->places[i].heap = NOWHERE;
        lwsec_dtls_list_add(self, LWSEC_DTLS_FREE, i);
    }
}

/* ---- Beginning and end of sessions ---- */

/* Not to be guessed, and nobody else's. */
static void give_cid(lwsec_dtls_demux *self, lwsec_dtls *session)
{
    const uint32_t size = self->endpoint->config.cid_size;
    uint8_t cid[LWSEC_DTLS_CID_MAX];

    if (self->endpoint->config.cid == LWSEC_DTLS_CID_OFF ||
        self->endpoint->engine->set_cid == NULL) {
        return;
    }
    do {
        lwsec_writer writer = lwsec_writer_of(cid, sizeof cid);
        for (unsigned i = 0; i < 2; i++) {
            self->cids++;
            lwsec_writer_uint(
                &writer,
                lwsec_dtls_demux_hash(self, lwsec_bytes_of(&self->cids, sizeof self->cids)), 8);
        }
    } while (lwsec_dtls_table_find(self, LWSEC_DTLS_BY_CID, lwsec_bytes_of(cid, size),
                                   LWSEC_DTLS_PLACE_FREE) != NOWHERE);
    /* If the engine fails here, the session goes without, and fails where one is required. */
    const lwsec_status status = lwsec_dtls_set_cid(session, lwsec_bytes_of(cid, size), NULL);
    (void)status;
}

static lwsec_status listen_anew(lwsec_dtls_demux *self, lwsec_reason *reason)
{
    const uint32_t number = self->lists[LWSEC_DTLS_FREE].first;

    if (number == NOWHERE) {
        return lwsec_refuse(LWSEC_LIMIT, LWSEC_WHY_DTLS_FULL, 0, reason);
    }
    lwsec_dtls_place *place = &self->places[number];
    const lwsec_status status =
        lwsec_dtls_open(self->endpoint, &self->memory[number * self->stride], self->stride,
                        lwsec_bytes_of(NULL, 0), self->now, &place->session, reason);
    if (status == LWSEC_OK) {
        lwsec_dtls_list_remove(self, LWSEC_DTLS_FREE, number);
        place->use = LWSEC_DTLS_PLACE_LISTENS;
        self->listens = number;
        give_cid(self, place->session);
    }
    return status;
}

/* Nobody finds it any more, and it counts nowhere. */
static void retire(lwsec_dtls_demux *self, uint32_t number)
{
    lwsec_dtls_place *place = &self->places[number];

    lwsec_dtls_table_remove(self, LWSEC_DTLS_BY_ADDRESS, number);
    lwsec_dtls_table_remove(self, LWSEC_DTLS_BY_CID, number);
    lwsec_dtls_list_remove(self, LWSEC_DTLS_BY_AGE, number);
    lwsec_dtls_heap_set(self, number, NEVER);
    self->open -= place->use == LWSEC_DTLS_PLACE_OPEN;
    self->shaking -= place->use == LWSEC_DTLS_PLACE_SHAKES;
    self->listens = place->use == LWSEC_DTLS_PLACE_LISTENS ? NOWHERE : self->listens;
    place->use = LWSEC_DTLS_PLACE_OVER;
}

static void release(lwsec_dtls_demux *self, uint32_t number)
{
    retire(self, number);
    lwsec_dtls_list_remove(self, LWSEC_DTLS_READY, number);
    lwsec_dtls_close(&self->places[number].session);
    self->places[number].use = LWSEC_DTLS_PLACE_FREE;
    lwsec_dtls_list_add(self, LWSEC_DTLS_FREE, number);
    self->given = self->given == number ? NOWHERE : self->given;
}

static void touch(lwsec_dtls_demux *self, uint32_t number);

/* A session that its caller has ended while it was not given out: nothing calls for it any more.
 * One place is looked at in each turn. */
static void look_at_next(lwsec_dtls_demux *self)
{
    const uint32_t number = self->looked;
    const lwsec_dtls_place *place = &self->places[number];

    self->looked = number + 1 < self->places_count ? number + 1 : 0;
    if ((place->use == LWSEC_DTLS_PLACE_SHAKES || place->use == LWSEC_DTLS_PLACE_OPEN) &&
        place->session->state == LWSEC_DTLS_OVER) {
        touch(self, number);
    }
}

/* What was given out, and is over, goes. */
static void tidy(lwsec_dtls_demux *self, uint64_t now)
{
    self->now = now > self->now ? now : self->now;
    if (self->given != NOWHERE && self->places[self->given].session->state == LWSEC_DTLS_OVER) {
        release(self, self->given);
    }
    self->given = NOWHERE;
    look_at_next(self);
}

/* Others of the same endpoint, before this one or beside it, count from elsewhere. */
static uint64_t first_cid(const lwsec_dtls_demux *self)
{
    uint8_t bytes[16];
    lwsec_writer writer = lwsec_writer_of(bytes, sizeof bytes);

    lwsec_writer_uint(&writer, self->now, 8);
    lwsec_writer_uint(&writer, (uintptr_t)self, 8);
    return lwsec_dtls_demux_hash(self, lwsec_bytes_of(bytes, sizeof bytes));
}

lwsec_status lwsec_dtls_demux_open(const lwsec_dtls_demux_config *config, void *memory, size_t size,
                                   uint64_t now, lwsec_dtls_demux **demux, lwsec_reason *reason)
{
    lwsec_dtls_demux *self = memory;
    layout plan;

    if (memory == NULL || (uintptr_t)memory % sizeof(uint64_t) != 0 || !lay_out(config, &plan)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (size < plan.size) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    memset(memory, 0, plan.size);
    self->endpoint = config->endpoint;
    self->sessions = config->sessions;
    self->handshakes = config->handshakes;
    self->idle = config->idle;
    self->now = now;
    self->cids = first_cid(self);
    set_up(self, &plan, memory);
    const lwsec_status status = listen_anew(self, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    *demux = self;
    return lwsec_accept(reason);
}

void lwsec_dtls_demux_close(lwsec_dtls_demux **demux)
{
    if (demux == NULL || *demux == NULL) {
        return;
    }
    lwsec_dtls_demux *self = *demux;
    for (uint32_t i = 0; i < self->places_count; i++) {
        if (self->places[i].use != LWSEC_DTLS_PLACE_FREE) {
            release(self, i);
        }
    }
    memset(self, 0, sizeof *self);
    *demux = NULL;
}

/* ---- After something happened to a session ---- */

static uint64_t due_of(const lwsec_dtls_demux *self, const lwsec_dtls_place *place)
{
    if (place->use == LWSEC_DTLS_PLACE_SHAKES) {
        return lwsec_dtls_deadline(place->session);
    }
    const uint64_t left = NEVER - place->session->active;

    return place->use == LWSEC_DTLS_PLACE_OPEN && self->idle > 0 && self->idle < left
               ? place->session->active + self->idle
               : NEVER;
}

/* Without a CID there is one session of an address: RFC 6347 section 4.2.8. */
static void replace(lwsec_dtls_demux *self, uint32_t number)
{
    const lwsec_dtls *session = self->places[number].session;
    const uint32_t old = lwsec_dtls_table_find(
        self, LWSEC_DTLS_BY_ADDRESS, lwsec_bytes_of(session->address, session->address_size),
        LWSEC_DTLS_PLACE_OPEN);

    if (old != NOWHERE) {
        lwsec_dtls_end(self->places[old].session, LWSEC_WHY_DTLS_REPLACED);
        retire(self, old);
        lwsec_dtls_list_add(self, LWSEC_DTLS_READY, old);
    }
}

/* Its handshake is done. */
static void promote(lwsec_dtls_demux *self, uint32_t number)
{
    lwsec_dtls_place *place = &self->places[number];

    lwsec_dtls_list_remove(self, LWSEC_DTLS_BY_AGE, number);
    self->shaking--;
    replace(self, number);
    place->use = LWSEC_DTLS_PLACE_OPEN;
    self->open++;
    if (lwsec_dtls_has_cid(place->session)) {
        lwsec_dtls_table_remove(self, LWSEC_DTLS_BY_ADDRESS, number);
    } else {
        lwsec_dtls_table_remove(self, LWSEC_DTLS_BY_CID, number);
    }
    if (self->open > self->sessions) { /* others were faster */
        self->endpoint->engine->shut(place->session);
        lwsec_dtls_end(place->session, LWSEC_WHY_DTLS_FULL);
    }
}

static void touch(lwsec_dtls_demux *self, uint32_t number)
{
    lwsec_dtls_place *place = &self->places[number];

    if (place->use == LWSEC_DTLS_PLACE_SHAKES && place->session->state == LWSEC_DTLS_OPEN) {
        promote(self, number);
    }
    if (place->session->state == LWSEC_DTLS_OVER) {
        retire(self, number);
    } else {
        lwsec_dtls_heap_set(self, number, due_of(self, place));
    }
    lwsec_dtls_list_add(self, LWSEC_DTLS_READY, number);
}

/* ---- A ClientHello ---- */

#define RECORD_HEADER 13U
#define HANDSHAKE_HEADER 12U
#define RANDOM 32U

typedef struct hello {
    uint64_t random; /* hashed */
    bool has_cookie;
} hello;

/* Whether the first record is a ClientHello in the clear. */
static bool read_hello(const lwsec_dtls_demux *self, lwsec_bytes datagram, hello *out)
{
    lwsec_reader reader = lwsec_reader_of(datagram);
    const uint8_t type = lwsec_reader_u8(&reader);

    (void)lwsec_reader_take(&reader, 2);
    const uint64_t epoch = lwsec_reader_uint(&reader, 2);
    (void)lwsec_reader_take(&reader, RECORD_HEADER - 5);
    const uint8_t message = lwsec_reader_u8(&reader);
    (void)lwsec_reader_take(&reader, HANDSHAKE_HEADER - 1 + 2);
    const lwsec_bytes random = lwsec_reader_take(&reader, RANDOM);
    (void)lwsec_reader_take(&reader, lwsec_reader_u8(&reader)); /* the session ID */
    out->has_cookie = lwsec_reader_u8(&reader) > 0;
    if (lwsec_reader_failed(&reader) || type != 22 || epoch != 0 || message != 1) {
        return false;
    }
    out->random = lwsec_dtls_demux_hash(self, random);
    return true;
}

/* The session that listens has a client now. */
static lwsec_status bind(lwsec_dtls_demux *self, const hello *first, lwsec_reason *reason)
{
    const uint32_t number = self->listens;
    lwsec_dtls_place *place = &self->places[number];
    const lwsec_bytes address =
        lwsec_bytes_of(place->session->address, place->session->address_size);
    const uint32_t other =
        lwsec_dtls_table_find(self, LWSEC_DTLS_BY_ADDRESS, address, LWSEC_DTLS_PLACE_SHAKES);

    if (other != NOWHERE) {
        release(self, other);
    } else if (self->shaking >= self->handshakes) {
        release(self, self->lists[LWSEC_DTLS_BY_AGE].first);
    }
    self->listens = NOWHERE;
    place->use = LWSEC_DTLS_PLACE_SHAKES;
    place->hello = first->random;
    self->shaking++;
    lwsec_dtls_list_add(self, LWSEC_DTLS_BY_AGE, number);
    lwsec_dtls_table_add(self, LWSEC_DTLS_BY_ADDRESS, number);
    if (place->session->cid_size > 0) {
        lwsec_dtls_table_add(self, LWSEC_DTLS_BY_CID, number);
    }
    touch(self, number);
    return listen_anew(self, reason);
}

/* A place that is over, but not given out yet, may stand in the way: then nobody new is heard. */
static bool has_room(const lwsec_dtls_demux *self, lwsec_bytes address)
{
    const bool known = lwsec_dtls_table_find(self, LWSEC_DTLS_BY_ADDRESS, address,
                                             LWSEC_DTLS_PLACE_OPEN) != NOWHERE;

    return (known || self->open < self->sessions) &&
           (self->lists[LWSEC_DTLS_FREE].first != NOWHERE || self->shaking >= self->handshakes);
}

static lwsec_status hear(lwsec_dtls_demux *self, lwsec_bytes datagram, lwsec_bytes address,
                         const hello *first, lwsec_reason *reason)
{
    lwsec_status status = LWSEC_OK;

    if (!has_room(self, address)) {
        return lwsec_refuse(LWSEC_LIMIT, LWSEC_WHY_DTLS_FULL, 0, reason);
    }
    if (self->listens == NOWHERE) {
        status = listen_anew(self, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_dtls *session = self->places[self->listens].session;
    status = lwsec_dtls_feed(session, datagram, address, self->now, reason);
    if (status == LWSEC_OK && lwsec_dtls_is_bound(session)) {
        return bind(self, first, reason);
    }
    lwsec_dtls_list_add(self, LWSEC_DTLS_READY, self->listens);
    return status;
}

/* ---- Any datagram ---- */

static lwsec_status give(lwsec_dtls_demux *self, uint32_t number, lwsec_bytes datagram,
                         lwsec_bytes address, lwsec_reason *reason)
{
    const lwsec_status status =
        lwsec_dtls_feed(self->places[number].session, datagram, address, self->now, reason);

    touch(self, number);
    return status;
}

/* Of a client that begins anew, two sessions may have it: who cannot read it drops it. */
static lwsec_status give_by_address(lwsec_dtls_demux *self, lwsec_bytes datagram,
                                    lwsec_bytes address, lwsec_reason *reason)
{
    const uint32_t shaking =
        lwsec_dtls_table_find(self, LWSEC_DTLS_BY_ADDRESS, address, LWSEC_DTLS_PLACE_SHAKES);
    const uint32_t open =
        lwsec_dtls_table_find(self, LWSEC_DTLS_BY_ADDRESS, address, LWSEC_DTLS_PLACE_OPEN);
    lwsec_status status = lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_DTLS_ADDRESS, 0, reason);

    if (open != NOWHERE) {
        status = give(self, open, datagram, address, reason);
    }
    if (shaking != NOWHERE) {
        status = give(self, shaking, datagram, address, reason);
    }
    return status;
}

static lwsec_status give_hello(lwsec_dtls_demux *self, lwsec_bytes datagram, lwsec_bytes address,
                               const hello *first, lwsec_reason *reason)
{
    const uint32_t shaking =
        lwsec_dtls_table_find(self, LWSEC_DTLS_BY_ADDRESS, address, LWSEC_DTLS_PLACE_SHAKES);
    const uint32_t open =
        lwsec_dtls_table_find(self, LWSEC_DTLS_BY_ADDRESS, address, LWSEC_DTLS_PLACE_OPEN);

    if (first->has_cookie && shaking != NOWHERE && self->places[shaking].hello == first->random) {
        return give(self, shaking, datagram, address, reason); /* once more */
    }
    if (first->has_cookie && open != NOWHERE && self->places[open].hello == first->random) {
        return lwsec_accept(reason); /* the one that began it, repeated */
    }
    return hear(self, datagram, address, first, reason);
}

lwsec_status lwsec_dtls_demux_feed(lwsec_dtls_demux *demux, lwsec_bytes datagram,
                                   lwsec_bytes address, uint64_t now, lwsec_reason *reason)
{
    lwsec_bytes cid;
    hello first;

    if (demux->endpoint->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    if (address.size == 0 || address.size > LWSEC_DTLS_ADDRESS_MAX) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    tidy(demux, now);
    if (lwsec_dtls_cid_of(datagram, demux->endpoint->config.cid_size, &cid) == LWSEC_OK) {
        const uint32_t number =
            lwsec_dtls_table_find(demux, LWSEC_DTLS_BY_CID, cid, LWSEC_DTLS_PLACE_FREE);
        return number != NOWHERE ? give(demux, number, datagram, address, reason)
                                 : lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_DTLS_ADDRESS, 0, reason);
    }
    return read_hello(demux, datagram, &first)
               ? give_hello(demux, datagram, address, &first, reason)
               : give_by_address(demux, datagram, address, reason);
}

/* ---- Time ---- */

uint64_t lwsec_dtls_demux_deadline(const lwsec_dtls_demux *demux)
{
    return demux->heap_size > 0 ? demux->places[demux->heap[0]].due : NEVER;
}

/* What was written meanwhile is not known here: a place may be due later than it was. */
lwsec_status lwsec_dtls_demux_step(lwsec_dtls_demux *demux, uint64_t now, lwsec_reason *reason)
{
    lwsec_status status = LWSEC_OK;

    if (demux->endpoint->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    tidy(demux, now);
    if (lwsec_dtls_demux_deadline(demux) > demux->now) {
        return lwsec_accept(reason);
    }
    const uint32_t number = demux->heap[0];
    lwsec_dtls_place *place = &demux->places[number];
    const uint64_t due = due_of(demux, place);
    if (due > demux->now && place->session->state != LWSEC_DTLS_OVER) {
        lwsec_dtls_heap_set(demux, number, due);
        return lwsec_accept(reason);
    }
    if (place->use == LWSEC_DTLS_PLACE_SHAKES) {
        status = lwsec_dtls_step(place->session, demux->now, reason);
    } else {
        lwsec_dtls_end(place->session, LWSEC_WHY_DTLS_IDLE);
    }
    touch(demux, number);
    if (place->heap != NOWHERE && place->due <= demux->now) { /* the engine's clock is behind */
        lwsec_dtls_heap_set(demux, number, demux->now + 1);
    }
    return status == LWSEC_OK ? lwsec_accept(reason) : status;
}

/* ---- Sessions ---- */

lwsec_status lwsec_dtls_demux_next(lwsec_dtls_demux *demux, lwsec_dtls **session)
{
    tidy(demux, demux->now);
    const uint32_t number = demux->lists[LWSEC_DTLS_READY].first;
    if (number == NOWHERE) {
        return LWSEC_ABSENT;
    }
    lwsec_dtls_list_remove(demux, LWSEC_DTLS_READY, number);
    demux->given = number;
    *session = demux->places[number].session;
    return LWSEC_OK;
}

/* What was loaded is found from now on, unless somebody else is found there. */
static lwsec_status admit(lwsec_dtls_demux *self, uint32_t number, lwsec_reason *reason)
{
    lwsec_dtls_place *place = &self->places[number];
    const lwsec_dtls *session = place->session;
    const bool by_cid = lwsec_dtls_has_cid(session);
    const lwsec_dtls_table_kind kind = by_cid ? LWSEC_DTLS_BY_CID : LWSEC_DTLS_BY_ADDRESS;
    const lwsec_bytes key = by_cid ? lwsec_bytes_of(session->cid, session->cid_size)
                                   : lwsec_bytes_of(session->address, session->address_size);

    if (lwsec_dtls_table_find(self, kind, key, LWSEC_DTLS_PLACE_FREE) != NOWHERE) {
        lwsec_dtls_close(&place->session);
        return lwsec_refuse(LWSEC_CONFLICT, LWSEC_WHY_DTLS_REPLACED, 0, reason);
    }
    lwsec_dtls_list_remove(self, LWSEC_DTLS_FREE, number);
    place->use = LWSEC_DTLS_PLACE_OPEN;
    place->hello = 0;
    place->session->active = self->now;
    self->open++;
    lwsec_dtls_table_add(self, kind, number);
    lwsec_dtls_heap_set(self, number, due_of(self, place));
    if (by_cid && self->listens != NOWHERE) { /* which may have been given the same one */
        give_cid(self, self->places[self->listens].session);
    }
    return lwsec_accept(reason);
}

lwsec_status lwsec_dtls_demux_load(lwsec_dtls_demux *demux, lwsec_state *state,
                                   const uint8_t name[LWSEC_DTLS_NAME], uint64_t now,
                                   lwsec_dtls **session, lwsec_reason *reason)
{
    if (demux->endpoint->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    tidy(demux, now);
    const uint32_t number = demux->lists[LWSEC_DTLS_FREE].first;
    if (demux->open >= demux->sessions || number == NOWHERE) {
        return lwsec_refuse(LWSEC_LIMIT, LWSEC_WHY_DTLS_FULL, 0, reason);
    }
    lwsec_status status =
        lwsec_dtls_load(demux->endpoint, &demux->memory[number * demux->stride], demux->stride,
                        state, name, demux->now, &demux->places[number].session, reason);
    if (status == LWSEC_OK) {
        status = admit(demux, number, reason);
    }
    if (status == LWSEC_OK) {
        *session = demux->places[number].session;
    }
    return status;
}

void lwsec_dtls_demux_drop(lwsec_dtls_demux *demux, lwsec_dtls **session)
{
    if (session == NULL || *session == NULL) {
        return;
    }
    release(demux, lwsec_dtls_demux_index(demux, *session));
    *session = NULL;
}

uint32_t lwsec_dtls_demux_index(const lwsec_dtls_demux *demux, const lwsec_dtls *session)
{
    return (uint32_t)((size_t)((const uint8_t *)session - demux->memory) / demux->stride);
}

uint32_t lwsec_dtls_demux_open_count(const lwsec_dtls_demux *demux)
{
    return demux->open;
}

uint32_t lwsec_dtls_demux_shaking_count(const lwsec_dtls_demux *demux)
{
    return demux->shaking;
}
