/* The life of a key: import, generate, find, release, destroy, describe. */
#include <lwsec/store.h>

#include "crypto/pending.h"
#include "crypto/use.h"

#include <string.h>

/* Sizes between the smallest and the largest that an algorithm still does not have. */
static bool size_fits(const lwsec_algorithm *algorithm, size_t size)
{
    if (size < algorithm->key_size_min || size > algorithm->key_size_max) {
        return false;
    }
    switch (algorithm->id) {
    case LWSEC_ALG_AES_CMAC:
    case LWSEC_ALG_AES_CBC:
    case LWSEC_ALG_TDES_CBC: return size % 8 == 0;
    default: return true;
    }
}

static lwsec_status check_new_key(const lwsec_store *store, const lwsec_key_attributes *attributes,
                                  const lwsec_algorithm **algorithm)
{
    if (store == NULL || attributes == NULL || attributes->size != sizeof *attributes) {
        return LWSEC_USAGE;
    }
    if (store->epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    *algorithm = lwsec_algorithm_find(attributes->algorithm);
    if (*algorithm == NULL || attributes->name.size > LWSEC_KEY_NAME_MAX) {
        return LWSEC_USAGE;
    }
    const uint32_t possible = lwsec_possible_usage((*algorithm)->kind);
    const uint32_t uses = attributes->usage & ~(uint32_t)LWSEC_USE_PAST_LIMITS;
    const bool fits = uses != 0 && (attributes->usage & ~possible) == 0;
    return fits ? LWSEC_OK : LWSEC_USAGE;
}

lwsec_status lwsec_check_new_key(const lwsec_store *store, const lwsec_key_attributes *attributes,
                                 size_t size)
{
    const lwsec_algorithm *algorithm = NULL;
    const lwsec_status status = check_new_key(store, attributes, &algorithm);

    return status != LWSEC_OK || size_fits(algorithm, size) ? status : LWSEC_USAGE;
}

lwsec_status lwsec_key_import(lwsec_store *store, const lwsec_key_attributes *attributes,
                              lwsec_bytes raw, lwsec_key *key)
{
    const lwsec_algorithm *algorithm = NULL;
    uint32_t slot = 0;

    lwsec_status status = check_new_key(store, attributes, &algorithm);
    if (status != LWSEC_OK) {
        return status;
    }
    if (raw.data == NULL || !size_fits(algorithm, raw.size)) {
        return LWSEC_USAGE;
    }
    status = lwsec_store_claim(store, &slot);
    if (status != LWSEC_OK) {
        return status;
    }
    status = store->ops->import(store, slot, attributes, raw);
    if (status != LWSEC_OK) {
        lwsec_store_give_back(store, slot);
        return status;
    }
    return lwsec_store_publish(store, slot, attributes, key);
}

lwsec_status lwsec_key_generate(lwsec_store *store, const lwsec_key_attributes *attributes,
                                size_t key_size, lwsec_key *key)
{
    const lwsec_algorithm *algorithm = NULL;
    uint32_t slot = 0;

    lwsec_status status = check_new_key(store, attributes, &algorithm);
    if (status != LWSEC_OK) {
        return status;
    }
    const size_t size = key_size != 0 ? key_size : algorithm->key_size_max;
    if (!size_fits(algorithm, size)) {
        return LWSEC_USAGE;
    }
    if (store->ops->generate == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    status = lwsec_store_claim(store, &slot);
    if (status != LWSEC_OK) {
        return status;
    }
    status = store->ops->generate(store, slot, attributes, size);
    if (status != LWSEC_OK) {
        lwsec_store_give_back(store, slot);
        return status;
    }
    return lwsec_store_publish(store, slot, attributes, key);
}

lwsec_status lwsec_key_find(lwsec_store *store, lwsec_bytes name, lwsec_key *key)
{
    if (store == NULL || name.size == 0 || name.size > LWSEC_KEY_NAME_MAX) {
        return LWSEC_USAGE;
    }
    if (store->epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    return store->ops->find != NULL ? store->ops->find(store, name, key) : LWSEC_UNSUPPORTED;
}

lwsec_status lwsec_key_next_name(lwsec_store *store, lwsec_bytes after, lwsec_buffer *name)
{
    name->size = 0;
    if (store == NULL || after.size > LWSEC_KEY_NAME_MAX) {
        return LWSEC_USAGE;
    }
    if (name->capacity < LWSEC_KEY_NAME_MAX) {
        return LWSEC_BUFFER;
    }
    if (store->epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    return store->ops->next_name != NULL ? store->ops->next_name(store, after, name)
                                         : LWSEC_UNSUPPORTED;
}

static lwsec_status empty(lwsec_key *key, lwsec_status (*by)(lwsec_store *store, uint32_t slot))
{
    static const lwsec_key none;
    lwsec_status status = LWSEC_FORKED;

    if (lwsec_store_lets_go(key->store)) {
        lwsec_pending_drop(key->store, key->slot);
        status = by(key->store, key->slot);
    }
    lwsec_store_give_back(key->store, key->slot);
    *key = none;
    return status;
}

lwsec_status lwsec_key_release(lwsec_key *key)
{
    if (key->store == NULL) {
        return LWSEC_OK;
    }
    if (lwsec_slot_of(*key) == NULL) {
        return LWSEC_USAGE;
    }
    const lwsec_store_ops *ops = key->store->ops;
    return empty(key, ops->release != NULL ? ops->release : ops->destroy);
}

lwsec_status lwsec_key_destroy(lwsec_key *key)
{
    if (key->store == NULL) {
        return LWSEC_OK;
    }
    return lwsec_slot_of(*key) != NULL ? empty(key, key->store->ops->destroy) : LWSEC_USAGE;
}

lwsec_status lwsec_key_describe(lwsec_key key, lwsec_key_description *description)
{
    lwsec_slot *slot = lwsec_slot_of(key);

    if (slot == NULL || description->size != sizeof *description) {
        return LWSEC_USAGE;
    }
    description->algorithm = lwsec_slot_algorithm(slot)->id;
    description->usage = slot->usage;
    description->tier = key.store->ops->key_tier != NULL
                            ? key.store->ops->key_tier(key.store, key.slot)
                            : key.store->ops->tier;
    description->seals = atomic_load(&slot->seals);
    description->seal_limit = lwsec_slot_algorithm(slot)->seal_limit;
    description->failed_opens = atomic_load(&slot->failed_opens);
    description->open_limit = lwsec_slot_algorithm(slot)->open_limit;
    return LWSEC_OK;
}

static void raise(_Atomic uint32_t *count, uint32_t to)
{
    uint32_t now = atomic_load(count);

    while (now < to && !atomic_compare_exchange_weak(count, &now, to)) {
    }
}

lwsec_status lwsec_key_raise_uses(lwsec_key key, uint32_t seals, uint32_t failed_opens)
{
    lwsec_slot *slot = lwsec_slot_of(key);

    if (slot == NULL) {
        return LWSEC_USAGE;
    }
    raise(&slot->seals, seals);
    raise(&slot->failed_opens, failed_opens);
    return LWSEC_OK;
}

lwsec_status lwsec_random(lwsec_store *store, uint8_t *out, size_t size)
{
    if (store == NULL) {
        return LWSEC_USAGE;
    }
    if (store->epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    return store->ops->random != NULL ? store->ops->random(store, out, size) : LWSEC_UNSUPPORTED;
}

lwsec_why lwsec_key_why(lwsec_status status)
{
    switch (status) {
    case LWSEC_OK: return LWSEC_WHY_NONE;
    case LWSEC_LIMIT: return LWSEC_WHY_KEY_LIMIT;
    case LWSEC_USAGE: return LWSEC_WHY_KEY_USAGE;
    case LWSEC_FORKED: return LWSEC_WHY_FORKED;
    case LWSEC_BUFFER: return LWSEC_WHY_OUTPUT_FULL;
    default: return LWSEC_WHY_KEY_STORE;
    }
}
