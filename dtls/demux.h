/* What a demultiplexer is made of: places, two tables that find them, a heap of deadlines, lists.
 */
#ifndef LWSEC_DTLS_DEMUX_INTERNAL_H
#define LWSEC_DTLS_DEMUX_INTERNAL_H

#include <lwsec/dtls_demux.h>

#include "dtls/engine.h"

/* The number of no place. */
#define LWSEC_DTLS_NOWHERE UINT32_MAX

typedef enum lwsec_dtls_place_use {
    LWSEC_DTLS_PLACE_FREE = 0,
    LWSEC_DTLS_PLACE_LISTENS,
    LWSEC_DTLS_PLACE_SHAKES,
    LWSEC_DTLS_PLACE_OPEN,
    LWSEC_DTLS_PLACE_OVER /* is still to be told */
} lwsec_dtls_place_use;

/* Where a place stands in a list. */
typedef struct lwsec_dtls_link {
    uint32_t before;
    uint32_t after;
    bool listed;
} lwsec_dtls_link;

typedef struct lwsec_dtls_list {
    uint32_t first;
    uint32_t last;
} lwsec_dtls_list;

typedef enum lwsec_dtls_list_kind {
    LWSEC_DTLS_BY_AGE = 0, /* handshakes, the oldest first */
    LWSEC_DTLS_READY,      /* to be given out */
    LWSEC_DTLS_FREE,
    LWSEC_DTLS_LISTS
} lwsec_dtls_list_kind;

typedef enum lwsec_dtls_table_kind {
    LWSEC_DTLS_BY_ADDRESS = 0,
    LWSEC_DTLS_BY_CID,
    LWSEC_DTLS_TABLES
} lwsec_dtls_table_kind;

typedef struct lwsec_dtls_place {
    lwsec_dtls *session;
    lwsec_dtls_place_use use;
    lwsec_dtls_link links[LWSEC_DTLS_LISTS];
    uint32_t same[LWSEC_DTLS_TABLES]; /* the next one in its bucket */
    bool found[LWSEC_DTLS_TABLES];    /* whether a table has it */
    uint64_t hello;                   /* of the ClientHello that began it */
    uint64_t due;
    uint32_t heap; /* where it stands there */
} lwsec_dtls_place;

struct lwsec_dtls_demux {
    const lwsec_dtls_endpoint *endpoint;
    uint32_t sessions;
    uint32_t handshakes;
    uint64_t idle;
    uint32_t places_count;
    uint32_t mask; /* of a bucket's number */
    uint32_t open;
    uint32_t shaking;
    uint32_t listens;
    uint32_t given;  /* the last one that was given out */
    uint32_t looked; /* the next one to be looked at */
    uint64_t now;
    uint64_t cids; /* counts those that were given */
    lwsec_dtls_list lists[LWSEC_DTLS_LISTS];
    uint32_t *buckets[LWSEC_DTLS_TABLES];
    uint32_t *heap;
    uint32_t heap_size;
    size_t stride; /* of the memory of sessions */
    lwsec_dtls_place *places;
    uint8_t *memory;
};

/* ---- demux_places.c: places by number, without any rule of DTLS ---- */

void lwsec_dtls_list_add(lwsec_dtls_demux *self, lwsec_dtls_list_kind kind, uint32_t place);
void lwsec_dtls_list_remove(lwsec_dtls_demux *self, lwsec_dtls_list_kind kind, uint32_t place);

/* By the bytes of the session that the table goes by. */
void lwsec_dtls_table_add(lwsec_dtls_demux *self, lwsec_dtls_table_kind kind, uint32_t place);
void lwsec_dtls_table_remove(lwsec_dtls_demux *self, lwsec_dtls_table_kind kind, uint32_t place);
/* With a use, or any (FREE); NOWHERE. */
uint32_t lwsec_dtls_table_find(const lwsec_dtls_demux *self, lwsec_dtls_table_kind kind,
                               lwsec_bytes key, lwsec_dtls_place_use use);

/* Puts a place where its time belongs; NEVER takes it out. */
void lwsec_dtls_heap_set(lwsec_dtls_demux *self, uint32_t place, uint64_t due);

/* A keyed hash that nobody can aim at. */
uint64_t lwsec_dtls_demux_hash(const lwsec_dtls_demux *self, lwsec_bytes bytes);

#endif
