/* Walking over the places of a hash, in line: a look-up is a few dozen instructions in all. */
#ifndef LWSEC_OSCORE_REGISTRY_WALK_H
#define LWSEC_OSCORE_REGISTRY_WALK_H

#include "oscore/registry.h"

/* ---- Places ---- */

/* The upper half of the hash chooses the home, the lower half makes the tag. */
static inline uint32_t lwsec_registry_home(const lwsec_oscore_registry *registry, uint64_t hash)
{
    return (uint32_t)((hash >> 32) * registry->bucket_count >> 32);
}

static inline uint32_t lwsec_registry_bucket(const lwsec_oscore_registry *registry, uint64_t hash,
                                             uint32_t distance)
{
    const uint64_t at = (uint64_t)lwsec_registry_home(registry, hash) + distance;
    return (uint32_t)(at - (at >= registry->bucket_count ? registry->bucket_count : 0));
}

static inline lwsec_bucket *lwsec_registry_bucket_at(const lwsec_oscore_registry *registry,
                                                     uint64_t hash, uint32_t distance)
{
    return &registry->buckets[lwsec_registry_bucket(registry, hash, distance)];
}

/* The number of a place, by its bit in the matches: the lane is above, the word in the last four.
 */
static inline uint32_t lwsec_registry_place(uint32_t bucket, unsigned bit)
{
    return bucket * LWSEC_BUCKET_PLACES + bit % 16U * 4U + bit / 16U;
}

static inline unsigned lwsec_lowest_bit(uint64_t bits)
{
#if defined(__GNUC__) || defined(__clang__)
    return (unsigned)__builtin_ctzll(bits);
#else
    unsigned at = 0;
    while ((bits >> at & 1U) == 0) {
        at++;
    }
    return at;
#endif
}

/* ---- Tags, four in a word ---- */

#define LWSEC_LANES 0x0001000100010001ULL

/* Never 0, which is a free place. */
static inline uint64_t lwsec_registry_lane(uint64_t hash)
{
    const uint64_t tag = hash & 0xffffU;
    return tag != 0 ? tag : 1;
}

/* In the highest bit of each lane whether it is zero. A lane of 1 above one that is zero counts as
 * zero, too: whose record it is tells its `use`. */
static inline uint64_t lwsec_registry_zero_lanes(uint64_t word)
{
    return (word - LWSEC_LANES) & ~word & LWSEC_LANES << 15U;
}

/* The places of a bucket that may have this tag. No branch depends on where it stands: that cannot
 * be foretold, and the processor would wait for the cache line and then begin anew. */
static inline uint64_t lwsec_registry_matches(const lwsec_bucket *bucket, uint64_t tag)
{
    uint64_t matches = 0;

    for (unsigned i = 0; i < LWSEC_BUCKET_WORDS; i++) {
        const uint64_t word = atomic_load_explicit(&bucket->tags[i], memory_order_relaxed);
        matches |= lwsec_registry_zero_lanes(word ^ LWSEC_LANES * tag) >> (15U - i);
    }
    return matches;
}

/* A walk over the records that may have a hash: there is no other way to the records of a kid. */
typedef struct lwsec_registry_walk {
    uint64_t hash;
    uint64_t matches; /* bit by bit, the places of the bucket before that are still to be seen */
    uint32_t next;    /* bucket, counted from the home */
} lwsec_registry_walk;

/* The next one, or NULL. Some are of another hash: their `use` tells. */
static inline lwsec_registry_record *lwsec_registry_walk_on(const lwsec_oscore_registry *registry,
                                                            lwsec_registry_walk *walk)
{
    const lwsec_bucket *home = lwsec_registry_bucket_at(registry, walk->hash, 0);

    while (walk->matches == 0) {
        if (walk->next > 0 &&
            walk->next > atomic_load_explicit(&home->reach, memory_order_acquire)) {
            return NULL;
        }
        walk->matches =
            lwsec_registry_matches(lwsec_registry_bucket_at(registry, walk->hash, walk->next),
                                   lwsec_registry_lane(walk->hash));
        walk->next++;
    }
    const unsigned bit = lwsec_lowest_bit(walk->matches);
    walk->matches &= walk->matches - 1;
    return lwsec_registry_at(
        registry,
        lwsec_registry_place(lwsec_registry_bucket(registry, walk->hash, walk->next - 1), bit));
}

#endif
