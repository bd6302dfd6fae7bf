/* Going on with, and giving up, what a slow store has not finished. */
#include "crypto/pending.h"

#include "core/epoch.h"

lwsec_status lwsec_pending_refuse(lwsec_key key, lwsec_status status)
{
    if (status != LWSEC_PENDING) {
        return status;
    }
    if (key.store->ops->cancel != NULL) {
        (void)key.store->ops->cancel(key.store, key.slot);
    }
    return LWSEC_UNSUPPORTED;
}

void lwsec_pending_drop(lwsec_store *store, uint32_t index)
{
    lwsec_slot *slot = lwsec_slot_at(store, index);
    const uint8_t kind = atomic_exchange(&slot->pending, LWSEC_PENDING_NONE);

    if (kind != LWSEC_PENDING_NONE && store->ops->cancel != NULL) {
        (void)store->ops->cancel(store, index);
    }
}

lwsec_status lwsec_key_poll(lwsec_key key)
{
    lwsec_slot *slot = lwsec_slot_of(key);

    if (slot == NULL) {
        return LWSEC_USAGE;
    }
    if (key.store->epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    const uint8_t kind = atomic_load_explicit(&slot->pending, memory_order_relaxed);
    if (kind == LWSEC_PENDING_NONE) {
        return LWSEC_USAGE;
    }
    const lwsec_status status = key.store->ops->poll != NULL
                                    ? key.store->ops->poll(key.store, key.slot)
                                    : LWSEC_UNSUPPORTED;
    if (status == LWSEC_PENDING) {
        return status;
    }
    atomic_store_explicit(&slot->pending, LWSEC_PENDING_NONE, memory_order_relaxed);
    return kind == LWSEC_PENDING_OPEN ? lwsec_pending_count_open(slot, status) : status;
}

lwsec_status lwsec_key_cancel(lwsec_key key)
{
    if (lwsec_slot_of(key) == NULL) {
        return LWSEC_USAGE;
    }
    if (key.store->epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    lwsec_pending_drop(key.store, key.slot);
    return LWSEC_OK;
}
