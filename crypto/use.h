/* The check that stands before every use of a key. */
#ifndef LWSEC_CRYPTO_USE_H
#define LWSEC_CRYPTO_USE_H

#include "core/epoch.h"
#include "crypto/slot.h"

/* Finds the key's slot and checks process, usage, and that nothing is pending. `usage` 0: any use
 * is right. */
static inline lwsec_status lwsec_use_key(lwsec_key key, uint32_t usage, lwsec_slot **slot)
{
    *slot = lwsec_slot_of(key);
    if (*slot == NULL) {
        return LWSEC_USAGE;
    }
    if (key.store->epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    if (((*slot)->usage & usage) != usage) {
        return LWSEC_USAGE;
    }
    const uint8_t pending = atomic_load_explicit(&(*slot)->pending, memory_order_relaxed);
    return pending == LWSEC_PENDING_NONE ? LWSEC_OK : LWSEC_LIMIT;
}

/* For callers that cannot wait: their arguments go with them, so what is pending is given up. */
static inline lwsec_status lwsec_key_at_once(lwsec_key key, lwsec_status status)
{
    if (status != LWSEC_PENDING) {
        return status;
    }
    (void)lwsec_key_cancel(key);
    return LWSEC_UNSUPPORTED;
}

/* Which uses an algorithm can have at all, by its kind. */
static inline uint32_t lwsec_possible_usage(lwsec_algorithm_kind kind)
{
    switch (kind) {
    case LWSEC_KIND_AEAD: return LWSEC_USE_SEAL | LWSEC_USE_OPEN | LWSEC_USE_PAST_LIMITS;
    case LWSEC_KIND_MAC: return LWSEC_USE_MAC;
    case LWSEC_KIND_KDF: return LWSEC_USE_EXTRACT | LWSEC_USE_DERIVE;
    case LWSEC_KIND_CIPHER: return LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT;
    case LWSEC_KIND_SIGNATURE: return LWSEC_USE_SIGN;
    case LWSEC_KIND_AGREEMENT: return LWSEC_USE_AGREE;
    case LWSEC_KIND_PSK: return LWSEC_USE_PSK;
    }
    return 0;
}

/* The result of HMAC with the hash that `hmac` names, in bytes; 0 if it is none of ours. */
static inline size_t lwsec_hmac_size(int32_t hmac)
{
    switch (hmac) {
    case LWSEC_ALG_HMAC_256: return 32;
    case LWSEC_ALG_HMAC_384: return 48;
    case LWSEC_ALG_HMAC_512: return 64;
    default: return 0;
    }
}

/* The longest text of an AEAD: CCM has 15 - nonce bytes for its length (RFC 3610 section 2.1); no
 * message of ours comes near the others' limits, but engines count in int. */
static inline size_t lwsec_aead_text_max(const lwsec_algorithm *algorithm)
{
    return algorithm->nonce_size == 13 ? UINT16_MAX : INT32_MAX;
}

/* Whether keys of the store may be let go of in this process. A child of fork only wipes memory,
 * which is its own; a file, a token and their locks are its parent's. */
bool lwsec_store_lets_go(const lwsec_store *store);

/* Whether a key of `size` bytes may be made in a store: before one is derived into it. */
lwsec_status lwsec_check_new_key(const lwsec_store *store, const lwsec_key_attributes *attributes,
                                 size_t size);

/* Why a call on a key answered so: for the reason that a protocol gives. */
lwsec_why lwsec_key_why(lwsec_status status);

#endif
