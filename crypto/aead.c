/* Sealing and opening, counted. */
#include <lwsec/key.h>

#include "crypto/compose.h"
#include "crypto/pending.h"
#include "crypto/use.h"

/* The limit that holds for this key: a count that is full stays where it is. */
static uint32_t limit_of(const lwsec_slot *slot, uint32_t limit)
{
    return (slot->usage & LWSEC_USE_PAST_LIMITS) != 0 ? UINT32_MAX : limit;
}

/* Takes one seal out of the key's limit; false when none is left. Never passes the limit, whatever
 * threads do. */
static bool count_seal(lwsec_slot *slot)
{
    const uint32_t limit = limit_of(slot, lwsec_slot_algorithm(slot)->seal_limit);
    uint32_t seals = atomic_load_explicit(&slot->seals, memory_order_relaxed);

    do {
        if (seals >= limit) {
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(&slot->seals, &seals, seals + 1,
                                                    memory_order_relaxed, memory_order_relaxed));
    return true;
}

static bool may_open(const lwsec_slot *slot)
{
    return atomic_load_explicit(&slot->failed_opens, memory_order_relaxed) <
           limit_of(slot, lwsec_slot_algorithm(slot)->open_limit);
}

/* Who makes this CCM for the store; NULL: nobody. */
static const lwsec_composer *composer_for(const lwsec_store *store,
                                          const lwsec_algorithm *algorithm)
{
    const lwsec_composer *composer = lwsec_composer_of(store);

    return composer != NULL && composer->ccm_possible(store, algorithm) ? composer : NULL;
}

/* By the store, or composed where it cannot. */
static lwsec_status seal_it(lwsec_key key, const lwsec_algorithm *algorithm, lwsec_bytes nonce,
                            lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out)
{
    const lwsec_store_ops *ops = key.store->ops;
    const lwsec_status status = ops->seal != NULL
                                    ? ops->seal(key.store, key.slot, nonce, aad, plaintext, out)
                                    : LWSEC_UNSUPPORTED;

    if (status != LWSEC_UNSUPPORTED) {
        return status;
    }
    const lwsec_composer *composer = composer_for(key.store, algorithm);
    return composer != NULL ? composer->seal(key, algorithm, nonce, aad, plaintext, out)
                            : LWSEC_UNSUPPORTED;
}

static lwsec_status open_it(lwsec_key key, const lwsec_algorithm *algorithm, lwsec_bytes nonce,
                            lwsec_bytes aad, lwsec_bytes ciphertext, uint8_t *out)
{
    const lwsec_store_ops *ops = key.store->ops;
    const lwsec_status status = ops->open != NULL
                                    ? ops->open(key.store, key.slot, nonce, aad, ciphertext, out)
                                    : LWSEC_UNSUPPORTED;

    if (status != LWSEC_UNSUPPORTED) {
        return status;
    }
    const lwsec_composer *composer = composer_for(key.store, algorithm);
    return composer != NULL ? composer->open(key, algorithm, nonce, aad, ciphertext, out)
                            : LWSEC_UNSUPPORTED;
}

lwsec_status lwsec_key_seal(lwsec_key key, lwsec_bytes nonce, lwsec_bytes aad,
                            lwsec_bytes plaintext, uint8_t *out, size_t capacity)
{
    lwsec_slot *slot;
    lwsec_status status = lwsec_use_key(key, LWSEC_USE_SEAL, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_algorithm *algorithm = lwsec_slot_algorithm(slot);
    if (nonce.size != algorithm->nonce_size || plaintext.size > lwsec_aead_text_max(algorithm)) {
        return LWSEC_USAGE;
    }
    if (capacity < algorithm->tag_size || capacity - algorithm->tag_size < plaintext.size) {
        return LWSEC_BUFFER;
    }
    if (key.store->ops->seal == NULL && composer_for(key.store, algorithm) == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    if (!count_seal(slot)) {
        return LWSEC_LIMIT;
    }
    status = seal_it(key, algorithm, nonce, aad, plaintext, out);
    if (status == LWSEC_LIMIT) { /* the store has too much in hand, and has not begun */
        (void)atomic_fetch_sub_explicit(&slot->seals, 1, memory_order_relaxed);
    }
    return lwsec_pending_note(slot, LWSEC_PENDING_OTHER, status);
}

lwsec_status lwsec_key_open(lwsec_key key, lwsec_bytes nonce, lwsec_bytes aad,
                            lwsec_bytes ciphertext, uint8_t *out, size_t capacity)
{
    lwsec_slot *slot;
    lwsec_status status = lwsec_use_key(key, LWSEC_USE_OPEN, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_algorithm *algorithm = lwsec_slot_algorithm(slot);
    if (nonce.size != algorithm->nonce_size) {
        return LWSEC_USAGE;
    }
    if (ciphertext.size < algorithm->tag_size ||
        ciphertext.size - algorithm->tag_size > lwsec_aead_text_max(algorithm)) {
        lwsec_wipe(out, capacity);
        return LWSEC_REJECT;
    }
    if (capacity < ciphertext.size - algorithm->tag_size) {
        return LWSEC_BUFFER;
    }
    if (key.store->ops->open == NULL && composer_for(key.store, algorithm) == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    if (!may_open(slot)) {
        return LWSEC_LIMIT;
    }
    status = open_it(key, algorithm, nonce, aad, ciphertext, out);
    return lwsec_pending_note(slot, LWSEC_PENDING_OPEN, lwsec_pending_count_open(slot, status));
}
