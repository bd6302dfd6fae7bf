/* The index of a registry: buckets of a cache line, read without a lock. */
#include "oscore/registry.h"

#include <string.h>

/* Where ID Contexts come in, the hash begins with size and bytes of the kid all the same. */
#define HASHED_MAX (sizeof(lwsec_oscore_id) + 1U + LWSEC_OSCORE_ID_CONTEXT_MAX)

/* For fourteen contexts there is one place more: then of a hundred keys seven stand away from their
 * home when the registry is full. */
#define CONTEXTS_TO_A_SPARE_PLACE 14U

uint32_t lwsec_registry_places(uint32_t capacity)
{
    return capacity + capacity / CONTEXTS_TO_A_SPARE_PLACE;
}

uint64_t lwsec_registry_hash(const lwsec_oscore_registry *registry, const lwsec_oscore_id *kid,
                             lwsec_bytes kid_context)
{
    uint8_t hashed[HASHED_MAX];
    size_t size = sizeof *kid;

    if (kid_context.data == NULL) {
        return lwsec_siphash(&registry->seed, lwsec_bytes_of(kid, sizeof *kid));
    }
    memcpy(hashed, kid, sizeof *kid);
    hashed[size++] = 1; /* there is one, maybe empty */
    if (kid_context.size > 0) {
        memcpy(&hashed[size], kid_context.data, kid_context.size);
    }
    size += kid_context.size;
    return lwsec_siphash(&registry->seed, lwsec_bytes_of(hashed, size));
}

uint64_t lwsec_registry_hash_of(const lwsec_oscore_registry *registry, const lwsec_oscore *context)
{
    /* `send_kid_context` is what this end does in its own requests; the peer does likewise. */
    return lwsec_registry_hash(registry, &context->recipient_id,
                               context->send_kid_context ? lwsec_oscore_id_context(context)
                                                         : lwsec_bytes_of(NULL, 0));
}

/* ---- Places ---- */

/* The upper half of the hash chooses the home, the lower half makes the tag. */
static uint32_t home_of(const lwsec_oscore_registry *registry, uint64_t hash)
{
    return (uint32_t)((hash >> 32) * registry->bucket_count >> 32);
}

static uint32_t bucket_number(const lwsec_oscore_registry *registry, uint64_t hash,
                              uint32_t distance)
{
    const uint64_t at = (uint64_t)home_of(registry, hash) + distance;
    return (uint32_t)(at - (at >= registry->bucket_count ? registry->bucket_count : 0));
}

static lwsec_bucket *bucket_at(const lwsec_oscore_registry *registry, uint64_t hash,
                               uint32_t distance)
{
    return &registry->buckets[bucket_number(registry, hash, distance)];
}

/* The number of a place, by its bit in the matches: the lane is above, the word in the last four.
 */
static uint32_t place_of(uint32_t bucket, unsigned bit)
{
    return bucket * LWSEC_BUCKET_PLACES + bit % 16U * 4U + bit / 16U;
}

static unsigned lowest_bit(uint64_t bits)
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

#define LANES 0x0001000100010001ULL

/* Never 0, which is a free place. */
static uint64_t tag_of(uint64_t hash)
{
    const uint64_t tag = hash & 0xffffU;
    return tag != 0 ? tag : 1;
}

/* In the highest bit of each lane whether it is zero. */
static uint64_t zero_lanes(uint64_t word)
{
    const uint64_t low = LANES * 0x7fffU;
    return ~(((word & low) + low) | word | low);
}

/* The places of a bucket that have this tag. No branch depends on where it stands: that cannot be
 * foretold, and the processor would wait for the cache line and then begin anew. */
static uint64_t matches_in(const lwsec_bucket *bucket, uint64_t tag)
{
    uint64_t matches = 0;

    for (unsigned i = 0; i < LWSEC_BUCKET_WORDS; i++) {
        const uint64_t word = atomic_load_explicit(&bucket->tags[i], memory_order_relaxed);
        matches |= zero_lanes(word ^ LANES * tag) >> (15U - i);
    }
    return matches;
}

static void set_tag(const lwsec_oscore_registry *registry, uint32_t place, uint64_t tag)
{
    _Atomic uint64_t *word =
        &registry->buckets[place / LWSEC_BUCKET_PLACES].tags[place % LWSEC_BUCKET_PLACES / 4U];
    const unsigned shift = place % 4U * 16U;
    const uint64_t others = atomic_load(word) & ~(0xffffULL << shift);

    atomic_store_explicit(word, others | tag << shift, memory_order_release);
}

/* ---- Reading ---- */

lwsec_registry_record *lwsec_registry_walk_on(const lwsec_oscore_registry *registry,
                                              lwsec_registry_walk *walk)
{
    const lwsec_bucket *home = bucket_at(registry, walk->hash, 0);

    while (walk->matches == 0) {
        if (walk->next > 0 &&
            walk->next > atomic_load_explicit(&home->reach, memory_order_acquire)) {
            return NULL;
        }
        walk->matches = matches_in(bucket_at(registry, walk->hash, walk->next), tag_of(walk->hash));
        walk->next++;
    }
    const unsigned bit = lowest_bit(walk->matches);
    walk->matches &= walk->matches - 1;
    return lwsec_registry_at(registry,
                             place_of(bucket_number(registry, walk->hash, walk->next - 1), bit));
}

/* ---- Writing ---- */

/* The last bucket may have fewer places than the others. */
static bool find_free(const lwsec_oscore_registry *registry, uint32_t bucket, uint32_t *place)
{
    uint64_t matches = matches_in(&registry->buckets[bucket], 0);

    for (; matches != 0; matches &= matches - 1) {
        *place = place_of(bucket, lowest_bit(matches));
        if (*place < registry->place_count) {
            return true;
        }
    }
    return false;
}

lwsec_registry_record *lwsec_registry_claim(lwsec_oscore_registry *registry, uint64_t hash)
{
    lwsec_bucket *home = bucket_at(registry, hash, 0);
    uint32_t distance = 0;
    uint32_t place;

    if (registry->claimed == registry->capacity) {
        return NULL;
    }
    while (!find_free(registry, bucket_number(registry, hash, distance), &place)) {
        distance++; /* ends, as there are at least as many places as the capacity */
    }
    if (distance > 0) {
        const uint32_t reach = atomic_load(&home->reach);
        atomic_store(&home->elsewhere, atomic_load(&home->elsewhere) + 1U);
        atomic_store(&home->reach, distance > reach ? distance : reach);
    }
    lwsec_registry_record *record = lwsec_registry_at(registry, place);
    atomic_store(&record->use, LWSEC_RECORD_AWAY);
    set_tag(registry, place, tag_of(hash));
    registry->claimed++;
    return record;
}

void lwsec_registry_free(lwsec_oscore_registry *registry, uint64_t hash,
                         lwsec_registry_record *record)
{
    lwsec_bucket *home = bucket_at(registry, hash, 0);
    const uint32_t place = lwsec_registry_number(registry, record);

    set_tag(registry, place, 0);
    registry->claimed--;
    if (place / LWSEC_BUCKET_PLACES != home_of(registry, hash)) {
        const uint32_t left = atomic_load(&home->elsewhere) - 1U;
        atomic_store(&home->elsewhere, left);
        if (left == 0) {
            atomic_store(&home->reach, 0);
        }
    }
}
