/* The store on libsodium: what it remembers, and its parts. */
#ifndef LWSEC_CRYPTO_SODIUM_STORE_H
#define LWSEC_CRYPTO_SODIUM_STORE_H

#include <lwsec/memory_sodium.h>
#include <lwsec/store.h>

#include "crypto/memory/key_rules.h"

#define LWSEC_HASH_MAX 64U

/* A key: its bytes are all that libsodium needs, and nothing of it changes. */
typedef struct lwsec_sodium_key {
    int32_t algorithm;
    uint8_t size; /* of `secret` */
    uint8_t secret[LWSEC_SECRET_MAX];
} lwsec_sodium_key;

typedef struct lwsec_sodium_store {
    lwsec_store head;
    lwsec_sodium_key *keys;
} lwsec_sodium_store;

static inline const lwsec_sodium_key *lwsec_sodium_key_of(lwsec_store *store, uint32_t slot)
{
    return &((lwsec_sodium_store *)store)->keys[slot];
}

/* The operations of <lwsec/store.h>. */
lwsec_status lwsec_sodium_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                               lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out);
lwsec_status lwsec_sodium_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                               lwsec_bytes aad, lwsec_bytes ciphertext, uint8_t *out);
lwsec_status lwsec_sodium_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                              uint8_t *mac);
lwsec_status lwsec_sodium_extract(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes salt,
                                  lwsec_store *target, const lwsec_key_attributes *attributes,
                                  lwsec_key *prk);
lwsec_status lwsec_sodium_derive(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                                 lwsec_store *target, const lwsec_key_attributes *attributes,
                                 size_t key_size, lwsec_key *derived);
lwsec_status lwsec_sodium_derive_public(lwsec_store *store, uint32_t slot, int32_t hmac,
                                        lwsec_bytes info, uint8_t *out, size_t size);

#endif
