/* The index of a registry: buckets of a cache line, read without a lock. */
#include "oscore/registry_walk.h"

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

/* ---- Writing ---- */

static void set_tag(const lwsec_oscore_registry *registry, uint32_t place, uint64_t tag)
{
    _Atomic uint64_t *word =
        &registry->buckets[place / LWSEC_BUCKET_PLACES].tags[place % LWSEC_BUCKET_PLACES / 4U];
    const unsigned shift = place % 4U * 16U;
    const uint64_t others = atomic_load(word) & ~(0xffffULL << shift);

    atomic_store_explicit(word, others | tag << shift, memory_order_release);
}

static bool is_free(const lwsec_bucket *bucket, unsigned place)
{
    return (atomic_load_explicit(&bucket->tags[place / 4U], memory_order_relaxed) >>
                place % 4U * 16U &
            0xffffU) == 0;
}

/* The last bucket may have fewer places than the others. */
static bool find_free(const lwsec_oscore_registry *registry, uint32_t number, uint32_t *place)
{
    const lwsec_bucket *bucket = &registry->buckets[number];

    for (unsigned i = 0; i < LWSEC_BUCKET_PLACES; i++) {
        *place = number * LWSEC_BUCKET_PLACES + i;
        if (*place < registry->place_count && is_free(bucket, i)) {
            return true;
        }
    }
    return false;
}

lwsec_registry_record *lwsec_registry_claim(lwsec_oscore_registry *registry, uint64_t hash)
{
    lwsec_bucket *home = lwsec_registry_bucket_at(registry, hash, 0);
    uint32_t distance = 0;
    uint32_t place;

    if (registry->claimed == registry->capacity) {
        return NULL;
    }
    while (!find_free(registry, lwsec_registry_bucket(registry, hash, distance), &place)) {
        distance++; /* ends, as there are at least as many places as the capacity */
    }
    if (distance > 0) {
        const uint32_t reach = atomic_load(&home->reach);
        atomic_store(&home->elsewhere, atomic_load(&home->elsewhere) + 1U);
        atomic_store(&home->reach, distance > reach ? distance : reach);
    }
    lwsec_registry_record *record = lwsec_registry_at(registry, place);
    atomic_store(&record->use, LWSEC_RECORD_AWAY);
    set_tag(registry, place, lwsec_registry_lane(hash));
    registry->claimed++;
    return record;
}

void lwsec_registry_free(lwsec_oscore_registry *registry, uint64_t hash,
                         lwsec_registry_record *record)
{
    lwsec_bucket *home = lwsec_registry_bucket_at(registry, hash, 0);
    const uint32_t place = lwsec_registry_number(registry, record);

    set_tag(registry, place, 0);
    registry->claimed--;
    if (place / LWSEC_BUCKET_PLACES != lwsec_registry_home(registry, hash)) {
        const uint32_t left = atomic_load(&home->elsewhere) - 1U;
        atomic_store(&home->elsewhere, left);
        if (left == 0) {
            atomic_store(&home->reach, 0);
        }
    }
}
