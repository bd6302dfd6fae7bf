/* The inside of a registry: records that never move, and an index that is read without a lock. */
#ifndef LWSEC_OSCORE_REGISTRY_H_INSIDE
#define LWSEC_OSCORE_REGISTRY_H_INSIDE

#include <lwsec/oscore_registry.h>

#include "core/lock.h"
#include "core/siphash.h"
#include "oscore/context.h"

#include <stdatomic.h>
#include <string.h>

/*
 * Whose a record is, in the lowest bits of its `use`: nobody's, or of the call that adds or removes
 * its context; in the index, for whoever takes it; of the one who has taken it. With the last two
 * stand thirty bits of the hash that its context is found by: so one step takes it, and only if it
 * is likely to be meant.
 */
enum {
    LWSEC_RECORD_AWAY = 0,
    LWSEC_RECORD_LIVE = 1,
    LWSEC_RECORD_TAKEN = 2,
    LWSEC_RECORD_STATE = 3
};

/*
 * A place: what a look-up needs stands in its first bytes, and in those of the context that
 * follows. An address may follow that one. `use` is all that is read by those who have not taken
 * the record, and, under the lock, what never changes while it is in the index.
 */
typedef struct lwsec_registry_record {
    _Atomic uint32_t use;
    uint32_t last_used;
} lwsec_registry_record;

static inline lwsec_oscore *lwsec_registry_context(lwsec_registry_record *record)
{
    return (lwsec_oscore *)(void *)(record + 1);
}

static inline lwsec_registry_record *lwsec_registry_record_of(lwsec_oscore *context)
{
    return (lwsec_registry_record *)(void *)context - 1;
}

/*
 * An ID by value; one that is too long is cut, and found by nobody. It is made in a word and then
 * written at once: to read eight bytes that were just written one by one, the processor waits until
 * they have left it.
 */
static inline lwsec_oscore_id lwsec_oscore_id_of(lwsec_bytes bytes)
{
    const size_t size = bytes.size < LWSEC_OSCORE_ID_MAX ? bytes.size : LWSEC_OSCORE_ID_MAX;
    uint64_t word = size;

    for (size_t i = 0; i < size; i++) {
        word |= (uint64_t)bytes.data[i] << (8U * (i + 1U));
    }
    return (lwsec_oscore_id){(uint8_t)word,
                             {(uint8_t)(word >> 8), (uint8_t)(word >> 16), (uint8_t)(word >> 24),
                              (uint8_t)(word >> 32), (uint8_t)(word >> 40), (uint8_t)(word >> 48),
                              (uint8_t)(word >> 56)}};
}

static inline bool lwsec_registry_same_id(const lwsec_oscore_id *one, const lwsec_oscore_id *other)
{
    uint64_t words[2];

    memcpy(&words[0], one, sizeof *one);
    memcpy(&words[1], other, sizeof *other);
    return words[0] == words[1];
}

/* How long ago something was: at least 0, as threads may have looked at a clock in any order. */
static inline uint32_t lwsec_registry_passed(uint32_t now, uint32_t then)
{
    const uint32_t passed = now - then;
    return passed <= UINT32_MAX / 2U ? passed : 0;
}

#define LWSEC_BUCKET_WORDS 7U
#define LWSEC_BUCKET_PLACES (4U * LWSEC_BUCKET_WORDS)

/*
 * A cache line of the index: the tags of 28 places, which stand in a row, four of 16 bits in a
 * word; 0: the place is free. It is small, so that the index stays near the processor; what 16 bits
 * do not tell, the record's `use` does. A key whose home is full stands in a later bucket: its home
 * counts it, and says how far away the farthest is or was. When the last of them goes, both are 0
 * again: there are no tombstones.
 */
typedef struct lwsec_bucket {
    _Atomic uint64_t tags[LWSEC_BUCKET_WORDS];
    _Atomic uint32_t elsewhere;
    _Atomic uint32_t reach;
} lwsec_bucket;

_Static_assert(sizeof(lwsec_bucket) == 64, "a bucket is a cache line");

struct lwsec_oscore_registry {
    /* What does not change. */
    lwsec_siphash_key seed;
    lwsec_bucket *buckets;
    uint8_t *records;
    uint32_t bucket_count;
    uint32_t place_count; /* a few more than `capacity`: full buckets would be slow */
    uint32_t capacity;
    uint32_t record_size;
    uint32_t context_size;
    uint32_t address_max;
    uint32_t flags;
    uint32_t interval;
    uint32_t window;
    uint32_t id_context_max;
    uint32_t epoch; /* of the process that opened it */
    lwsec_oscore_load load;
    void *load_argument;
    size_t size;

    uint8_t apart[64]; /* those who only look do not wait for those who write */
    lwsec_lock lock;   /* for the index: never held while a context is made */
    uint32_t claimed;  /* places that are not free */
    _Atomic uint32_t count;
    _Atomic uint32_t hand;    /* where expiry goes on */
    _Atomic uint32_t began;   /* the interval */
    _Atomic uint32_t refused; /* in this one */
    _Atomic uint32_t refused_before;
};

static inline lwsec_registry_record *lwsec_registry_at(const lwsec_oscore_registry *registry,
                                                       uint32_t number)
{
    return (lwsec_registry_record *)(void *)&registry
        ->records[(size_t)number * registry->record_size];
}

static inline uint32_t lwsec_registry_number(const lwsec_oscore_registry *registry,
                                             const lwsec_registry_record *record)
{
    return (uint32_t)((size_t)((const uint8_t *)record - registry->records) /
                      registry->record_size);
}

static inline uint32_t lwsec_registry_tag(uint64_t hash)
{
    return (uint32_t)hash & ~(uint32_t)LWSEC_RECORD_STATE;
}

/* One step, and the record is ours; or it is of another hash, or in use, which `busy` notes: a
 * second look might find that it was given back. */
static inline bool lwsec_registry_try_take(lwsec_registry_record *record, uint32_t tag, bool *busy)
{
    uint32_t seen = tag | LWSEC_RECORD_LIVE;
    const bool taken = atomic_compare_exchange_strong_explicit(
        &record->use, &seen, tag | LWSEC_RECORD_TAKEN, memory_order_acquire, memory_order_relaxed);

    *busy |= !taken && seen == (tag | LWSEC_RECORD_TAKEN);
    return taken;
}

/* Whether it has a context that is found. Under the lock it keeps it. */
static inline bool lwsec_registry_in_use(lwsec_registry_record *record)
{
    return (atomic_load(&record->use) & LWSEC_RECORD_STATE) != LWSEC_RECORD_AWAY;
}

/* Whatever its hash is. */
static inline bool lwsec_registry_try_take_any(lwsec_registry_record *record)
{
    const uint32_t use = atomic_load_explicit(&record->use, memory_order_relaxed);
    bool busy = false;

    return (use & LWSEC_RECORD_STATE) == LWSEC_RECORD_LIVE &&
           lwsec_registry_try_take(record, use & ~(uint32_t)LWSEC_RECORD_STATE, &busy);
}

static inline void lwsec_registry_put(lwsec_registry_record *record, uint32_t tag)
{
    atomic_store_explicit(&record->use, tag | LWSEC_RECORD_LIVE, memory_order_release);
}

/* Of a record that is taken. */
static inline void lwsec_registry_let_go(lwsec_registry_record *record)
{
    const uint32_t use = atomic_load_explicit(&record->use, memory_order_relaxed);
    lwsec_registry_put(record, use & ~(uint32_t)LWSEC_RECORD_STATE);
}

/* The address beside a context: a byte of size, then its bytes. Only where addresses are kept. */
static inline uint8_t *lwsec_registry_address(const lwsec_oscore_registry *registry,
                                              lwsec_registry_record *record)
{
    return (uint8_t *)lwsec_registry_context(record) + registry->context_size;
}

/* ---- The index. Its writers hold the lock ---- */

/* The hash of a kid with a kid context, or without one (NULL data). */
uint64_t lwsec_registry_hash(const lwsec_oscore_registry *registry, const lwsec_oscore_id *kid,
                             lwsec_bytes kid_context);
/* The one under which a context stands. */
uint64_t lwsec_registry_hash_of(const lwsec_oscore_registry *registry, const lwsec_oscore *context);

/* A free place near the home of the hash, which is free no more; NULL where all of the capacity is
 * in use. Its record is away. */
lwsec_registry_record *lwsec_registry_claim(lwsec_oscore_registry *registry, uint64_t hash);
/* Gives back the place of a record that is away and was claimed for the hash. */
void lwsec_registry_free(lwsec_oscore_registry *registry, uint64_t hash,
                         lwsec_registry_record *record);
uint32_t lwsec_registry_places(uint32_t capacity);

/* ---- Parts of the calls ---- */

/* Whether two contexts have the same secret and IDs, and would not see what the other receives. */
bool lwsec_registry_conflict(const lwsec_oscore *one, const lwsec_oscore *other);

/* Closes the context of a record that is taken, and frees its place. */
void lwsec_registry_drop(lwsec_oscore_registry *registry, lwsec_registry_record *record);
void lwsec_registry_set_address(lwsec_oscore_registry *registry, lwsec_registry_record *record,
                                lwsec_bytes address);

#endif
