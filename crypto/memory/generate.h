/* How a memory store makes a new key: random bytes, imported. */
#ifndef LWSEC_CRYPTO_MEMORY_GENERATE_H
#define LWSEC_CRYPTO_MEMORY_GENERATE_H

#include <lwsec/store.h>

#include "crypto/memory/key_rules.h"

/* The `generate` of <lwsec/store.h>, out of the store's own random bytes and import. What the rules
 * of the algorithm refuse, once in 2^32, is drawn again. R-5.2.4-16: of key pairs, R-5.2.9.1-12: of
 * pre-shared keys. */
static inline lwsec_status lwsec_memory_generate(lwsec_store *store, uint32_t slot,
                                                 const lwsec_key_attributes *attributes,
                                                 size_t key_size)
{
    uint8_t raw[LWSEC_SECRET_MAX] = {0};
    lwsec_status status = LWSEC_USAGE;

    for (int tries = 0; status == LWSEC_USAGE && tries < 4; tries++) {
        status = store->ops->random(store, raw, key_size);
        if (status == LWSEC_OK) {
            status = store->ops->import(store, slot, attributes, lwsec_bytes_of(raw, key_size));
        }
    }
    lwsec_wipe(raw, sizeof raw);
    return status;
}

#endif
