/* The index of a registry: buckets of a cache line, read without a lock. */
#include "oscore/registry.h"

#include <string.h>

/* Where ID Contexts come in, the hash begins with size and bytes of the kid all the same. */
#define HASHED_MAX (sizeof(lwsec_oscore_id) + 1U + LWSEC_OSCORE_ID_CONTEXT_MAX)

/* Of fourteen entries ten are in use when the registry is full: then one key in a hundred stands
 * away from its home. */
#define RECORDS_IN_BUCKET 10U

uint32_t lwsec_registry_buckets(uint32_t capacity)
{
    return capacity / RECORDS_IN_BUCKET + 1U;
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

/* The upper half of the hash chooses the home, the lower half is kept in the entry. */
static uint32_t home_of(const lwsec_oscore_registry *registry, uint64_t hash)
{
    return (uint32_t)((hash >> 32) * registry->bucket_count >> 32);
}

static lwsec_bucket *bucket_at(const lwsec_oscore_registry *registry, uint64_t hash,
                               uint32_t distance)
{
    uint64_t at = (uint64_t)home_of(registry, hash) + distance;

    at -= at >= registry->bucket_count ? registry->bucket_count : 0;
    return &registry->buckets[at];
}

static unsigned lowest_bit(uint32_t bits)
{
#if defined(__GNUC__) || defined(__clang__)
    return (unsigned)__builtin_ctz(bits);
#else
    unsigned at = 0;
    while ((bits >> at & 1U) == 0) {
        at++;
    }
    return at;
#endif
}

#if defined(__GNUC__) || defined(__clang__)
#define FETCH_AHEAD(address) __builtin_prefetch((address), 1)
#else
#define FETCH_AHEAD(address) (void)(address)
#endif

/* The bits of the hash in an entry. */
static uint32_t entry_tag(const lwsec_oscore_registry *registry, uint64_t hash)
{
    return (uint32_t)hash & ~registry->number_mask;
}

/* Which entries of a bucket have this tag. No branch depends on where it stands: that cannot be
 * foretold, and the processor would wait for the cache line and then begin anew. */
static uint32_t matches_in(const lwsec_oscore_registry *registry, const lwsec_bucket *bucket,
                           uint32_t tag)
{
    const uint32_t mask = ~registry->number_mask;
    uint32_t matches = 0;

    for (unsigned i = 0; i < LWSEC_BUCKET_ENTRIES; i++) {
        const uint32_t entry = atomic_load_explicit(&bucket->entries[i], memory_order_relaxed);
        matches |= (uint32_t)((entry & mask) == tag) << i;
    }
    return matches;
}

lwsec_registry_record *lwsec_registry_walk_on(const lwsec_oscore_registry *registry,
                                              lwsec_registry_walk *walk)
{
    const uint32_t tag = entry_tag(registry, walk->hash);
    const lwsec_bucket *home = bucket_at(registry, walk->hash, 0);

    if (walk->next == 0) {
        FETCH_AHEAD(lwsec_registry_at(registry, lwsec_registry_likely(registry, walk->hash)));
    }
    for (;;) {
        while (walk->matches != 0) {
            const lwsec_bucket *bucket = bucket_at(registry, walk->hash, walk->next - 1);
            const unsigned at = lowest_bit(walk->matches);
            const uint32_t entry = atomic_load_explicit(&bucket->entries[at], memory_order_acquire);
            const uint32_t number = entry & registry->number_mask;
            walk->matches &= walk->matches - 1;
            if (number != 0 && entry == (tag | number)) {
                return lwsec_registry_at(registry, number - 1U);
            }
        }
        if (walk->next > 0 &&
            walk->next > atomic_load_explicit(&home->reach, memory_order_acquire)) {
            return NULL;
        }
        walk->matches = matches_in(registry, bucket_at(registry, walk->hash, walk->next), tag);
        walk->next++;
    }
}

/* There is always room: the index has more entries than there are records. */
void lwsec_registry_insert(lwsec_oscore_registry *registry, uint64_t hash, uint32_t number)
{
    const uint32_t made = entry_tag(registry, hash) | (number + 1U);
    lwsec_bucket *home = bucket_at(registry, hash, 0);

    for (uint32_t distance = 0; distance < registry->bucket_count; distance++) {
        lwsec_bucket *bucket = bucket_at(registry, hash, distance);
        for (uint32_t i = 0; i < LWSEC_BUCKET_ENTRIES; i++) {
            if (atomic_load_explicit(&bucket->entries[i], memory_order_relaxed) != 0) {
                continue;
            }
            atomic_store_explicit(&bucket->entries[i], made, memory_order_release);
            if (distance > 0) {
                const uint32_t reach = atomic_load(&home->reach);
                atomic_store(&home->elsewhere, atomic_load(&home->elsewhere) + 1U);
                atomic_store(&home->reach, distance > reach ? distance : reach);
            }
            return;
        }
    }
}

void lwsec_registry_erase(lwsec_oscore_registry *registry, uint64_t hash, uint32_t number)
{
    const uint32_t made = entry_tag(registry, hash) | (number + 1U);
    lwsec_bucket *home = bucket_at(registry, hash, 0);
    const uint32_t reach = atomic_load(&home->reach);

    for (uint32_t distance = 0; distance <= reach; distance++) {
        lwsec_bucket *bucket = bucket_at(registry, hash, distance);
        for (uint32_t i = 0; i < LWSEC_BUCKET_ENTRIES; i++) {
            if (atomic_load_explicit(&bucket->entries[i], memory_order_relaxed) != made) {
                continue;
            }
            atomic_store_explicit(&bucket->entries[i], 0, memory_order_release);
            if (distance > 0) {
                const uint32_t left = atomic_load(&home->elsewhere) - 1U;
                atomic_store(&home->elsewhere, left);
                atomic_store(&home->reach, left > 0 ? reach : 0);
            }
            return;
        }
    }
}
