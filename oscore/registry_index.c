/* The index of a registry: buckets of a cache line, read without a lock. */
#include "oscore/registry.h"

#include <string.h>

/* Where ID Contexts come in, the hash begins with size and bytes of the kid all the same. */
#define HASHED_MAX (sizeof(lwsec_oscore_id) + 1U + LWSEC_OSCORE_ID_CONTEXT_MAX)

/* Of seven entries five are in use when the registry is full: then one key in fifty stands away
 * from its home. */
#define RECORDS_IN_BUCKET 5U

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
#if defined(__GNUC__) || defined(__clang__)
#define FETCH_AHEAD(address) __builtin_prefetch((address), 1)
#else
#define FETCH_AHEAD(address) (void)(address)
#endif

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

lwsec_registry_record *lwsec_registry_walk_on(const lwsec_oscore_registry *registry,
                                              lwsec_registry_walk *walk)
{
    const uint32_t tag = (uint32_t)walk->hash;
    const lwsec_bucket *home = bucket_at(registry, walk->hash, 0);

    if (walk->bucket == 0 && walk->entry == 0) {
        FETCH_AHEAD(lwsec_registry_at(registry, lwsec_registry_likely(registry, walk->hash)));
    }
    while (walk->bucket == 0 ||
           walk->bucket <= atomic_load_explicit(&home->reach, memory_order_acquire)) {
        const lwsec_bucket *bucket = bucket_at(registry, walk->hash, walk->bucket);
        while (walk->entry < LWSEC_BUCKET_ENTRIES) {
            const uint64_t entry =
                atomic_load_explicit(&bucket->entries[walk->entry++], memory_order_acquire);
            if (entry != 0 && (uint32_t)(entry >> 32) == tag) {
                return lwsec_registry_at(registry, (uint32_t)entry - 1U);
            }
        }
        walk->bucket++;
        walk->entry = 0;
    }
    return NULL;
}

/* There is always room: the index has more entries than there are records. */
void lwsec_registry_insert(lwsec_oscore_registry *registry, uint64_t hash, uint32_t number)
{
    const uint64_t made = hash << 32 | (number + 1U);
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
    const uint64_t made = hash << 32 | (number + 1U);
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
