/* The store on mbedTLS: what it remembers, and its parts. */
#ifndef LWSEC_CRYPTO_MBEDTLS_STORE_H
#define LWSEC_CRYPTO_MBEDTLS_STORE_H

#include <lwsec/memory_mbedtls.h>
#include <lwsec/store.h>

#include "crypto/memory/key_rules.h"

#include <stdatomic.h>

#define LWSEC_HASH_MAX 64U

struct lwsec_mbedtls_key;

/* What a key of one kind can do with its context. What it cannot is NULL. */
typedef struct lwsec_mbedtls_kind {
    size_t context_size;
    /* Makes a zeroed context ready; `clear` may follow in any case. All answer 0, or mbedTLS's
     * code. */
    int (*setup)(void *context, const struct lwsec_mbedtls_key *key);
    void (*clear)(void *context);
    int (*seal)(void *context, lwsec_bytes nonce, lwsec_bytes aad, lwsec_bytes plaintext,
                uint8_t *out, size_t tag_size);
    int (*open)(void *context, lwsec_bytes nonce, lwsec_bytes aad, lwsec_bytes text,
                const uint8_t *tag, uint8_t *out, size_t tag_size);
    int (*mac)(void *context, lwsec_bytes message, uint8_t *mac);
    int (*cbc)(void *context, lwsec_direction direction, uint8_t *iv, lwsec_bytes input,
               uint8_t *out);
    int (*ctr)(void *context, uint8_t *counter, lwsec_bytes input, uint8_t *out);
    int (*block)(void *context, const uint8_t *block, uint8_t *out);
} lwsec_mbedtls_kind;

/*
 * A key. Its context changes while it is used, so it belongs to the thread that raised `busy`;
 * another thread that comes meanwhile makes one of its own out of `secret`.
 */
typedef struct lwsec_mbedtls_key {
    int32_t algorithm;
    uint8_t size;     /* of `secret` */
    uint8_t tag_size; /* of the AEAD or MAC */
    _Atomic bool busy;
    const lwsec_mbedtls_kind *kind; /* NULL: the key keeps no context */
    void *context;
    uint8_t secret[LWSEC_SECRET_MAX]; /* P-256: the scalar, then the public point */
} lwsec_mbedtls_key;

typedef struct lwsec_mbedtls_random lwsec_mbedtls_random;

typedef struct lwsec_mbedtls_store {
    lwsec_store head;
    lwsec_mbedtls_random *random;
    lwsec_mbedtls_key *keys;
} lwsec_mbedtls_store;

static inline lwsec_mbedtls_store *lwsec_mbedtls_store_of(lwsec_store *store)
{
    return (lwsec_mbedtls_store *)store;
}

/* The kind of an algorithm that is an AEAD, a cipher, a MAC. */
const lwsec_mbedtls_kind *lwsec_mbedtls_aead_kind(int32_t algorithm);
const lwsec_mbedtls_kind *lwsec_mbedtls_cipher_kind(int32_t algorithm);
const lwsec_mbedtls_kind *lwsec_mbedtls_mac_kind(int32_t algorithm);

/* A keyed context of the key's kind for one operation, given back afterwards; NULL: no memory. */
lwsec_status lwsec_mbedtls_make_context(lwsec_mbedtls_key *key);
void lwsec_mbedtls_drop_context(lwsec_mbedtls_key *key, void *context);
void *lwsec_mbedtls_borrow(lwsec_mbedtls_key *key);
void lwsec_mbedtls_give_back(lwsec_mbedtls_key *key, void *context);

/* The random generator of a store, shaped as mbedTLS asks for one: `random` is a
 * lwsec_mbedtls_random. */
lwsec_mbedtls_random *lwsec_mbedtls_random_start(void);
void lwsec_mbedtls_random_stop(lwsec_mbedtls_random *random);
int lwsec_mbedtls_random_fill(void *random, unsigned char *out, size_t size);

/* Computes and keeps the public point of a key whose scalar is in `secret`. */
lwsec_status lwsec_mbedtls_make_pair(const lwsec_mbedtls_store *store, lwsec_mbedtls_key *key);

/* The operations of <lwsec/store.h>. */
lwsec_status lwsec_mbedtls_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out);
lwsec_status lwsec_mbedtls_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                lwsec_bytes aad, lwsec_bytes ciphertext, uint8_t *out);
lwsec_status lwsec_mbedtls_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                               uint8_t *mac);
lwsec_status lwsec_mbedtls_cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                               lwsec_bytes iv, lwsec_bytes input, uint8_t *out);
lwsec_status lwsec_mbedtls_ctr(lwsec_store *store, uint32_t slot, lwsec_bytes counter,
                               lwsec_bytes input, uint8_t *out);
lwsec_status lwsec_mbedtls_block(lwsec_store *store, uint32_t slot, lwsec_bytes block,
                                 uint8_t *out);
lwsec_status lwsec_mbedtls_extract(lwsec_store *store, uint32_t slot, int32_t hmac,
                                   lwsec_bytes salt, lwsec_store *target,
                                   const lwsec_key_attributes *attributes, lwsec_key *prk);
lwsec_status lwsec_mbedtls_derive(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                                  lwsec_store *target, const lwsec_key_attributes *attributes,
                                  size_t key_size, lwsec_key *derived);
lwsec_status lwsec_mbedtls_derive_public(lwsec_store *store, uint32_t slot, int32_t hmac,
                                         lwsec_bytes info, uint8_t *out, size_t size);
lwsec_status lwsec_mbedtls_sign(lwsec_store *store, uint32_t slot, lwsec_bytes message,
                                uint8_t *signature);
lwsec_status lwsec_mbedtls_psk_master(lwsec_store *store, uint32_t slot, int32_t hmac,
                                      lwsec_bytes seed, uint8_t *master);
lwsec_status lwsec_mbedtls_sign_digest(lwsec_store *store, uint32_t slot, const uint8_t *digest,
                                       uint8_t *signature);
lwsec_status lwsec_mbedtls_verify(lwsec_store *store, lwsec_bytes public_key, lwsec_bytes message,
                                  lwsec_bytes signature);
lwsec_status lwsec_mbedtls_agree(lwsec_store *store, uint32_t slot, lwsec_bytes peer,
                                 lwsec_store *target, const lwsec_key_attributes *attributes,
                                 lwsec_key *shared);
lwsec_status lwsec_mbedtls_public_key(lwsec_store *store, uint32_t slot, uint8_t *point);

#endif
