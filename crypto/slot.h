/* What the core remembers of one key, inside the opaque lwsec_key_slot. */
#ifndef LWSEC_CRYPTO_SLOT_H
#define LWSEC_CRYPTO_SLOT_H

#include <lwsec/store.h>

#include <stdatomic.h>

/*
 * A slot is free while its generation is even and taken while it is odd; each change adds one, so a
 * handle of an earlier life never fits a later one.
 */
typedef struct lwsec_slot {
    _Atomic uint32_t generation;
    _Atomic uint32_t seals;
    _Atomic uint32_t failed_opens;
    uint16_t usage;
    uint8_t algorithm; /* one more than its place in the table; 0: claimed, not published yet */
    _Atomic uint8_t pending; /* lwsec_pending_kind */
} lwsec_slot;

/* What a slow store has in hand with a key. An open is told from the rest, as its failure counts.
 */
typedef enum lwsec_pending_kind {
    LWSEC_PENDING_NONE = 0,
    LWSEC_PENDING_OPEN = 1,
    LWSEC_PENDING_OTHER = 2
} lwsec_pending_kind;

_Static_assert(sizeof(lwsec_slot) <= sizeof(lwsec_key_slot), "a slot fits its opaque room");
_Static_assert(_Alignof(lwsec_slot) <= _Alignof(lwsec_key_slot), "and its alignment");

/* The table that lwsec_algorithm_at shows. */
extern const lwsec_algorithm lwsec_algorithms[];

/* The algorithm of a key that is published. */
static inline const lwsec_algorithm *lwsec_slot_algorithm(const lwsec_slot *slot)
{
    return &lwsec_algorithms[slot->algorithm - 1];
}

static inline lwsec_slot *lwsec_slot_at(const lwsec_store *store, uint32_t index)
{
    return (lwsec_slot *)&store->slots[index];
}

/* The slot of a live key, or NULL. */
static inline lwsec_slot *lwsec_slot_of(lwsec_key key)
{
    if (key.store == NULL || key.slot >= key.store->slot_count) {
        return NULL;
    }
    lwsec_slot *slot = lwsec_slot_at(key.store, key.slot);
    const uint32_t now = atomic_load_explicit(&slot->generation, memory_order_acquire);
    return now == key.generation && (now & 1U) == 1 && slot->algorithm != 0 ? slot : NULL;
}

#endif
