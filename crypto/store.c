/* The head of every store: which slots are taken, and by which life of a key. */
#include <lwsec/store.h>

#include "crypto/pending.h"
#include "crypto/use.h"

#include <string.h>

/* Where generations of a store's slots begin: in another range for each store that was opened, so
 * that a handle of an earlier store in the same memory fits none. Even: the slots are free. */
static uint32_t first_generation(void)
{
    static _Atomic uint32_t opened;
    return atomic_fetch_add(&opened, 1) << 16;
}

lwsec_status lwsec_store_init(lwsec_store *store, const lwsec_store_ops *ops, lwsec_key_slot *slots,
                              uint32_t slot_count)
{
    if (store == NULL || ops == NULL || slots == NULL || slot_count == 0) {
        return LWSEC_USAGE;
    }
    if (ops->abi != LWSEC_STORE_ABI || ops->size < sizeof *ops) {
        return LWSEC_USAGE;
    }
    if (ops->import == NULL || ops->destroy == NULL) {
        return LWSEC_USAGE;
    }
    memset(slots, 0, slot_count * sizeof *slots);
    const uint32_t generation = first_generation();
    for (uint32_t i = 0; i < slot_count; i++) {
        atomic_init(&((lwsec_slot *)&slots[i])->generation, generation);
    }
    store->ops = ops;
    store->slots = slots;
    store->slot_count = slot_count;
    store->epoch = lwsec_epoch();
    store->search_from = 0;
    return LWSEC_OK;
}

/* Where the next search for a free slot begins. The public header has no atomic types, for C++. */
static _Atomic uint32_t *search_from(lwsec_store *store)
{
    _Static_assert(sizeof(_Atomic uint32_t) == sizeof store->search_from,
                   "the same in C11 atomics");
    return (_Atomic uint32_t *)&store->search_from;
}

static bool try_claim(lwsec_store *store, uint32_t index)
{
    lwsec_slot *slot = lwsec_slot_at(store, index);
    uint32_t free_generation = atomic_load_explicit(&slot->generation, memory_order_relaxed);

    if ((free_generation & 1U) != 0) {
        return false;
    }
    if (!atomic_compare_exchange_strong(&slot->generation, &free_generation, free_generation + 1)) {
        return false;
    }
    slot->algorithm = 0;
    slot->usage = 0;
    atomic_store(&slot->pending, LWSEC_PENDING_NONE);
    atomic_store(&slot->seals, 0);
    atomic_store(&slot->failed_opens, 0);
    return true;
}

lwsec_status lwsec_store_claim(lwsec_store *store, uint32_t *slot)
{
    const uint32_t start = atomic_load(search_from(store));

    for (uint32_t i = 0; i < store->slot_count; i++) {
        const uint32_t index = (uint32_t)(((uint64_t)start + i) % store->slot_count);
        if (try_claim(store, index)) {
            atomic_store(search_from(store), index + 1);
            *slot = index;
            return LWSEC_OK;
        }
    }
    return LWSEC_LIMIT;
}

lwsec_status lwsec_store_publish(lwsec_store *store, uint32_t index,
                                 const lwsec_key_attributes *attributes, lwsec_key *key)
{
    lwsec_slot *slot = lwsec_slot_at(store, index);
    const lwsec_algorithm *algorithm = lwsec_algorithm_find(attributes->algorithm);

    if (algorithm == NULL) {
        return LWSEC_USAGE;
    }
    slot->usage = (uint16_t)attributes->usage;
    slot->algorithm = (uint8_t)(algorithm - lwsec_algorithms + 1);
    key->store = store;
    key->slot = index;
    key->generation = atomic_load(&slot->generation);
    return LWSEC_OK;
}

void lwsec_store_give_back(lwsec_store *store, uint32_t index)
{
    lwsec_slot *slot = lwsec_slot_at(store, index);

    slot->algorithm = 0;
    atomic_fetch_add(&slot->generation, 1);
    atomic_store(search_from(store), index);
}

bool lwsec_store_lets_go(const lwsec_store *store)
{
    return store->epoch == lwsec_epoch() || store->ops->tier == LWSEC_TIER_MEMORY;
}

void lwsec_store_release_all(lwsec_store *store)
{
    const bool lets_go = lwsec_store_lets_go(store);
    lwsec_status (*let_go)(lwsec_store * of, uint32_t slot) =
        store->ops->release != NULL ? store->ops->release : store->ops->destroy;

    for (uint32_t i = 0; i < store->slot_count; i++) {
        const lwsec_slot *slot = lwsec_slot_at(store, i);
        if ((atomic_load(&slot->generation) & 1U) != 0 && slot->algorithm != 0) {
            if (lets_go) {
                lwsec_pending_drop(store, i);
                (void)let_go(store, i);
            }
            lwsec_store_give_back(store, i);
        }
    }
}
