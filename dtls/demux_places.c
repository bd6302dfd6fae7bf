/* Places of a demultiplexer: lists, hash tables with chains, and a heap, all of numbers. */
#include "dtls/demux.h"

/* ---- Lists ---- */

void lwsec_dtls_list_add(lwsec_dtls_demux *self, lwsec_dtls_list_kind kind, uint32_t place)
{
    lwsec_dtls_list *list = &self->lists[kind];
    lwsec_dtls_link *link = &self->places[place].links[kind];

    if (link->listed) {
        return;
    }
    link->listed = true;
    link->before = list->last;
    link->after = LWSEC_DTLS_NOWHERE;
    if (list->last == LWSEC_DTLS_NOWHERE) {
        list->first = place;
    } else {
        self->places[list->last].links[kind].after = place;
    }
    list->last = place;
}

void lwsec_dtls_list_remove(lwsec_dtls_demux *self, lwsec_dtls_list_kind kind, uint32_t place)
{
    lwsec_dtls_list *list = &self->lists[kind];
    lwsec_dtls_link *link = &self->places[place].links[kind];

    if (!link->listed) {
        return;
    }
    link->listed = false;
    if (link->before == LWSEC_DTLS_NOWHERE) {
        list->first = link->after;
    } else {
        self->places[link->before].links[kind].after = link->after;
    }
    if (link->after == LWSEC_DTLS_NOWHERE) {
        list->last = link->before;
    } else {
        self->places[link->after].links[kind].before = link->before;
    }
}

/* ---- Tables ---- */

uint64_t lwsec_dtls_demux_hash(const lwsec_dtls_demux *self, lwsec_bytes bytes)
{
    return lwsec_siphash(&self->endpoint->cookie_keys[2], bytes);
}

static lwsec_bytes key_of(const lwsec_dtls_demux *self, lwsec_dtls_table_kind kind, uint32_t place)
{
    const lwsec_dtls *session = self->places[place].session;

    return kind == LWSEC_DTLS_BY_ADDRESS ? lwsec_bytes_of(session->address, session->address_size)
                                         : lwsec_bytes_of(session->cid, session->cid_size);
}

static uint32_t *bucket_of(const lwsec_dtls_demux *self, lwsec_dtls_table_kind kind,
                           lwsec_bytes key)
{
    return &self->buckets[kind][(uint32_t)lwsec_dtls_demux_hash(self, key) & self->mask];
}

void lwsec_dtls_table_add(lwsec_dtls_demux *self, lwsec_dtls_table_kind kind, uint32_t place)
{
    uint32_t *bucket = bucket_of(self, kind, key_of(self, kind, place));

    self->places[place].same[kind] = *bucket;
    self->places[place].found[kind] = true;
    *bucket = place;
}

void lwsec_dtls_table_remove(lwsec_dtls_demux *self, lwsec_dtls_table_kind kind, uint32_t place)
{
    if (!self->places[place].found[kind]) {
        return;
    }
    uint32_t *at = bucket_of(self, kind, key_of(self, kind, place));
    while (*at != place) {
        at = &self->places[*at].same[kind];
    }
    *at = self->places[place].same[kind];
    self->places[place].found[kind] = false;
}

uint32_t lwsec_dtls_table_find(const lwsec_dtls_demux *self, lwsec_dtls_table_kind kind,
                               lwsec_bytes key, lwsec_dtls_place_use use)
{
    uint32_t place = *bucket_of(self, kind, key);

    while (place != LWSEC_DTLS_NOWHERE &&
           ((use != LWSEC_DTLS_PLACE_FREE && self->places[place].use != use) ||
            !lwsec_equal_secret(key_of(self, kind, place), key))) {
        place = self->places[place].same[kind];
    }
    return place;
}

/* ---- The heap: the soonest on top ---- */

static void put(lwsec_dtls_demux *self, uint32_t at, uint32_t place)
{
    self->heap[at] = place;
    self->places[place].heap = at;
}

static bool is_sooner(const lwsec_dtls_demux *self, uint32_t one, uint32_t other)
{
    return self->places[self->heap[one]].due < self->places[self->heap[other]].due;
}

static void swap(lwsec_dtls_demux *self, uint32_t one, uint32_t other)
{
    const uint32_t place = self->heap[one];

    put(self, one, self->heap[other]);
    put(self, other, place);
}

static void settle(lwsec_dtls_demux *self, uint32_t at)
{
    for (; at > 0 && is_sooner(self, at, (at - 1) / 2); at = (at - 1) / 2) {
        swap(self, at, (at - 1) / 2);
    }
    for (;;) {
        const uint32_t left = 2 * at + 1, right = left + 1;
        uint32_t least = at;
        if (left < self->heap_size && is_sooner(self, left, least)) {
            least = left;
        }
        if (right < self->heap_size && is_sooner(self, right, least)) {
            least = right;
        }
        if (least == at) {
            return;
        }
        swap(self, at, least);
        at = least;
    }
}

void lwsec_dtls_heap_set(lwsec_dtls_demux *self, uint32_t place, uint64_t due)
{
    uint32_t at = self->places[place].heap;

    self->places[place].due = due;
    if (due == UINT64_MAX && at == LWSEC_DTLS_NOWHERE) {
        return;
    }
    if (due == UINT64_MAX) {
        const uint32_t last = self->heap[--self->heap_size];
        self->places[place].heap = LWSEC_DTLS_NOWHERE;
        if (last != place) {
            put(self, at, last);
            settle(self, at);
        }
        return;
    }
    if (at == LWSEC_DTLS_NOWHERE) {
        at = self->heap_size++;
        put(self, at, place);
    }
    settle(self, at);
}
