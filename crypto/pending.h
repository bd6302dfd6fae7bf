/* Operations that a slow store has not finished: remembered, counted when they are, given up. */
#ifndef LWSEC_CRYPTO_PENDING_H
#define LWSEC_CRYPTO_PENDING_H

#include "crypto/slot.h"

/* Notes what a store has answered; gives the same status. */
static inline lwsec_status lwsec_pending_note(lwsec_slot *slot, lwsec_pending_kind kind,
                                              lwsec_status status)
{
    if (status == LWSEC_PENDING) {
        atomic_store_explicit(&slot->pending, (uint8_t)kind, memory_order_relaxed);
    }
    return status;
}

/* Counts what an open has answered, whenever it did. */
static inline lwsec_status lwsec_pending_count_open(lwsec_slot *slot, lwsec_status status)
{
    if (status == LWSEC_REJECT) {
        (void)atomic_fetch_add_explicit(&slot->failed_opens, 1, memory_order_relaxed);
    }
    return status;
}

/* For a part of an operation, whose room goes with the call: a store that answers LWSEC_PENDING to
 * it is told to give it up, and cannot serve the whole. */
LWSEC_MUST_CHECK lwsec_status lwsec_pending_refuse(lwsec_key key, lwsec_status status);

/* Gives up what is pending in a slot whose key goes. */
void lwsec_pending_drop(lwsec_store *store, uint32_t slot);

#endif
