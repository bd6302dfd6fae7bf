/* A registry's life, and the coming and going of its contexts. */
#include "oscore/registry_walk.h"

#include "core/epoch.h"
#include "core/reason.h"

#include <string.h>

#define CAPACITY_MAX (UINT32_MAX / 2U)
#define EVICTION_SAMPLE 16U

/* ---- Memory ---- */

static uint32_t window_of(const lwsec_oscore_registry_config *config)
{
    return config->window != 0 ? config->window : LWSEC_OSCORE_WINDOW_DEFAULT;
}

static bool well_formed(const lwsec_oscore_registry_config *config)
{
    const uint32_t known_flags = LWSEC_REGISTRY_SHARED_WINDOWS | LWSEC_REGISTRY_EVICT;

    return config->size == sizeof *config && config->capacity > 0 &&
           config->capacity <= CAPACITY_MAX && window_of(config) <= LWSEC_OSCORE_WINDOW_MAX &&
           config->id_context_max <= LWSEC_OSCORE_ID_CONTEXT_MAX &&
           config->address_max <= LWSEC_OSCORE_ADDRESS_MAX && config->store != NULL &&
           (config->flags & ~known_flags) == 0;
}

/* The largest context that fits. */
static size_t context_size(const lwsec_oscore_registry_config *config)
{
    const bool shared = (config->flags & LWSEC_REGISTRY_SHARED_WINDOWS) != 0;
    const lwsec_oscore_config largest = {
        .size = sizeof largest,
        .window = window_of(config),
        .id_context = lwsec_bytes_of(NULL, config->id_context_max),
        .flags = shared ? LWSEC_OSCORE_SHARED_WINDOW : 0U,
    };
    return lwsec_oscore_size(&largest);
}

static size_t record_size(const lwsec_oscore_registry_config *config)
{
    const size_t address = config->address_max > 0 ? (1U + config->address_max + 7U) / 8U * 8U : 0;
    return sizeof(lwsec_registry_record) + context_size(config) + address;
}

static uint32_t bucket_count(const lwsec_oscore_registry_config *config)
{
    return (lwsec_registry_places(config->capacity) - 1U) / LWSEC_BUCKET_PLACES + 1U;
}

size_t lwsec_oscore_registry_size(const lwsec_oscore_registry_config *config)
{
    if (!well_formed(config)) {
        return 0;
    }
    /* Buckets begin on a cache line. */
    const uint64_t size = sizeof(lwsec_oscore_registry) + 64U +
                          (uint64_t)bucket_count(config) * sizeof(lwsec_bucket) +
                          (uint64_t)lwsec_registry_places(config->capacity) * record_size(config);
    return size <= SIZE_MAX ? (size_t)size : 0;
}

static void lay_out(lwsec_oscore_registry *made, const lwsec_oscore_registry_config *config)
{
    uint8_t *behind = (uint8_t *)&made[1];

    made->size = lwsec_oscore_registry_size(config);
    made->bucket_count = bucket_count(config);
    made->buckets = (lwsec_bucket *)(void *)(behind + (64U - (uintptr_t)behind % 64U) % 64U);
    made->records = (uint8_t *)&made->buckets[made->bucket_count];
    made->capacity = config->capacity;
    made->place_count = lwsec_registry_places(config->capacity);
    made->record_size = (uint32_t)record_size(config);
    made->context_size = (uint32_t)context_size(config);
    made->window = window_of(config);
    made->id_context_max = config->id_context_max;
    made->address_max = config->address_max;
    made->flags = config->flags;
    made->interval = config->interval != 0 ? config->interval : 1U;
    made->epoch = lwsec_epoch();
    made->load = config->load;
    made->load_argument = config->load_argument;
}

lwsec_status lwsec_oscore_registry_open(void *memory, size_t size,
                                        const lwsec_oscore_registry_config *config,
                                        lwsec_oscore_registry **registry, lwsec_reason *reason)
{
    const size_t needed = lwsec_oscore_registry_size(config);
    lwsec_oscore_registry *made = memory;

    *registry = NULL;
    if (needed == 0 || memory == NULL || (uintptr_t)memory % _Alignof(uint64_t) != 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (size < needed) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    memset(memory, 0, needed);
    lay_out(made, config);
    lwsec_status status = lwsec_random(config->store, (uint8_t *)&made->seed, sizeof made->seed);
    if (status == LWSEC_OK) {
        status = lwsec_lock_init(&made->lock);
    }
    if (status != LWSEC_OK) {
        lwsec_wipe(memory, needed);
        return lwsec_refuse(status, LWSEC_WHY_KEY_STORE, 0, reason);
    }
    *registry = made;
    return lwsec_accept(reason);
}

/* Not in a forked child, where a thread that exists in the parent only may hold the lock. */
static bool is_owner(const lwsec_oscore_registry *registry)
{
    return registry->epoch == lwsec_epoch();
}

void lwsec_oscore_registry_close(lwsec_oscore_registry **registry)
{
    lwsec_oscore_registry *closing = *registry;

    if (closing == NULL) {
        return;
    }
    for (uint32_t i = 0; i < closing->place_count; i++) {
        lwsec_registry_record *record = lwsec_registry_at(closing, i);
        if (lwsec_registry_in_use(record)) {
            lwsec_oscore *context = lwsec_registry_context(record);
            lwsec_oscore_close(&context);
        }
    }
    if (is_owner(closing)) {
        lwsec_lock_destroy(&closing->lock);
    }
    lwsec_wipe(closing, closing->size);
    *registry = NULL;
}

/* ---- Places ---- */

static lwsec_registry_record *claim_place(lwsec_oscore_registry *registry, uint64_t hash)
{
    lwsec_lock_take(&registry->lock);
    lwsec_registry_record *record = lwsec_registry_claim(registry, hash);
    lwsec_lock_release(&registry->lock);
    return record;
}

static void free_place(lwsec_oscore_registry *registry, uint64_t hash,
                       lwsec_registry_record *record)
{
    lwsec_lock_take(&registry->lock);
    lwsec_registry_free(registry, hash, record);
    lwsec_lock_release(&registry->lock);
}

void lwsec_registry_set_address(lwsec_oscore_registry *registry, lwsec_registry_record *record,
                                lwsec_bytes address)
{
    if (registry->address_max == 0 || address.size > registry->address_max) {
        return;
    }
    uint8_t *kept = lwsec_registry_address(registry, record);
    kept[0] = (uint8_t)address.size;
    if (address.size > 0) {
        memcpy(&kept[1], address.data, address.size);
    }
}

/* ---- Removing ---- */

void lwsec_registry_drop(lwsec_oscore_registry *registry, lwsec_registry_record *record)
{
    lwsec_oscore *context = lwsec_registry_context(record);
    const uint64_t hash = lwsec_registry_hash_of(registry, context);

    if (!is_owner(registry)) {
        lwsec_oscore_close(&context); /* its place stays taken, and is of no use to the child */
        return;
    }
    lwsec_lock_take(&registry->lock);
    atomic_store(&record->use, LWSEC_RECORD_AWAY);
    lwsec_lock_release(&registry->lock);
    atomic_fetch_sub(&registry->count, 1);
    lwsec_oscore_close(&context);
    free_place(registry, hash, record);
}

void lwsec_oscore_registry_remove(lwsec_oscore_registry *registry, lwsec_oscore **context)
{
    if (*context != NULL) {
        lwsec_registry_drop(registry, lwsec_registry_record_of(*context));
        *context = NULL;
    }
}

/* The hand goes round: expiry and eviction look at each place in turn. */
static lwsec_registry_record *next_place(lwsec_oscore_registry *registry)
{
    const uint32_t at = atomic_fetch_add_explicit(&registry->hand, 1, memory_order_relaxed);
    return lwsec_registry_at(registry, at % registry->place_count);
}

uint32_t lwsec_oscore_registry_expire(lwsec_oscore_registry *registry, uint32_t now, uint32_t idle,
                                      uint32_t places)
{
    uint32_t closed = 0;

    for (uint32_t i = 0; i < places && i < registry->place_count; i++) {
        lwsec_registry_record *record = next_place(registry);
        if (!lwsec_registry_try_take_any(record)) {
            continue;
        }
        if (lwsec_registry_passed(now, record->last_used) > idle) {
            lwsec_registry_drop(registry, record);
            closed++;
        } else {
            lwsec_registry_let_go(record);
        }
    }
    return closed;
}

/* Closes the longest idle one of a few. */
static void evict(lwsec_oscore_registry *registry, uint32_t now)
{
    lwsec_registry_record *victim = NULL;

    for (uint32_t i = 0; i < EVICTION_SAMPLE && i < registry->place_count; i++) {
        lwsec_registry_record *record = next_place(registry);
        if (!lwsec_registry_try_take_any(record)) {
            continue;
        }
        if (victim == NULL || lwsec_registry_passed(now, record->last_used) >
                                  lwsec_registry_passed(now, victim->last_used)) {
            if (victim != NULL) {
                lwsec_registry_let_go(victim);
            }
            victim = record;
        } else {
            lwsec_registry_let_go(record);
        }
    }
    if (victim != NULL) {
        lwsec_registry_drop(registry, victim);
    }
}

/* ---- Adding ---- */

/* The name of its record tells the secret, the ID Context and the Sender ID. Read under the lock:
 * none of it changes while a context is in the index. */
bool lwsec_registry_conflict(const lwsec_oscore *one, const lwsec_oscore *other)
{
    return lwsec_registry_same_id(&one->recipient_id, &other->recipient_id) &&
           lwsec_equal_secret(lwsec_bytes_of(one->sender_record, sizeof one->sender_record),
                              lwsec_bytes_of(other->sender_record, sizeof other->sender_record)) &&
           !(one->shared_window && other->shared_window);
}

/* Whether it may stand beside those that are there under a hash. */
static bool is_alone(const lwsec_oscore_registry *registry, const lwsec_oscore *context,
                     uint64_t hash)
{
    lwsec_registry_walk walk = {hash, 0, 0};
    lwsec_registry_record *other;

    while ((other = lwsec_registry_walk_on(registry, &walk)) != NULL) {
        if (lwsec_registry_in_use(other) &&
            lwsec_registry_conflict(context, lwsec_registry_context(other))) {
            return false;
        }
    }
    return true;
}

/* Enters a context that was made, unless there is one that it may not stand beside. */
static bool enter(lwsec_oscore_registry *registry, uint64_t hash, lwsec_registry_record *record)
{
    const lwsec_oscore *context = lwsec_registry_context(record);
    const lwsec_oscore_id *kid = &context->recipient_id;

    lwsec_lock_take(&registry->lock);
    /* One that leaves out its kid context has the same numbers as one that does not. */
    const bool alone =
        is_alone(registry, context, lwsec_registry_hash(registry, kid, lwsec_bytes_of(NULL, 0))) &&
        (!context->has_id_context ||
         is_alone(registry, context,
                  lwsec_registry_hash(registry, kid, lwsec_oscore_id_context(context))));
    if (alone) {
        lwsec_registry_put(record, lwsec_registry_tag(hash));
    }
    lwsec_lock_release(&registry->lock);
    return alone;
}

/* Whether a context of this configuration has the registry's shape. */
static bool fits(const lwsec_oscore_registry *registry, const lwsec_oscore_config *config,
                 lwsec_bytes address)
{
    const bool shared = (config->flags & LWSEC_OSCORE_SHARED_WINDOW) != 0;

    return config->size == sizeof *config && config->window <= registry->window &&
           config->id_context.size <= registry->id_context_max &&
           address.size <= registry->address_max &&
           (!shared || (registry->flags & LWSEC_REGISTRY_SHARED_WINDOWS) != 0);
}

/* The hash of the context that will be made, as far as the configuration is one. */
static uint64_t hash_for(const lwsec_oscore_registry *registry, const lwsec_oscore_config *config)
{
    const bool omitted = (config->flags & LWSEC_OSCORE_OMIT_KID_CONTEXT) != 0;
    const lwsec_oscore_id kid = lwsec_oscore_id_of(config->recipient_id);

    return lwsec_registry_hash(registry, &kid,
                               omitted ? lwsec_bytes_of(NULL, 0) : config->id_context);
}

lwsec_status lwsec_oscore_registry_add(lwsec_oscore_registry *registry,
                                       const lwsec_oscore_config *config, lwsec_bytes address,
                                       uint32_t now, lwsec_reason *reason)
{
    lwsec_oscore *context = NULL;

    if (!fits(registry, config, address)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (!is_owner(registry)) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    const uint64_t hash = hash_for(registry, config);
    lwsec_registry_record *record = claim_place(registry, hash);
    if (record == NULL && (registry->flags & LWSEC_REGISTRY_EVICT) != 0) {
        evict(registry, now);
        record = claim_place(registry, hash);
    }
    if (record == NULL) {
        return lwsec_refuse(LWSEC_LIMIT, LWSEC_WHY_REGISTRY_FULL, 0, reason);
    }
    const lwsec_status status = lwsec_oscore_init(lwsec_registry_context(record),
                                                  registry->context_size, config, &context, reason);
    if (status != LWSEC_OK) {
        free_place(registry, hash, record);
        return status;
    }
    record->last_used = now;
    lwsec_registry_set_address(registry, record, address);
    if (!enter(registry, hash, record)) {
        lwsec_oscore_close(&context);
        free_place(registry, hash, record);
        return lwsec_refuse(LWSEC_CONFLICT, LWSEC_WHY_OSCORE_SECOND, 0, reason);
    }
    atomic_fetch_add(&registry->count, 1);
    return lwsec_accept(reason);
}

uint32_t lwsec_oscore_registry_count(const lwsec_oscore_registry *registry)
{
    return atomic_load(&registry->count);
}
