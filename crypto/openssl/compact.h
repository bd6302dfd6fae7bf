/* The compact store: raw keys, a few expanded ones, and contexts for all others. */
#ifndef LWSEC_CRYPTO_OPENSSL_COMPACT_H
#define LWSEC_CRYPTO_OPENSSL_COMPACT_H

#include <lwsec/compact_openssl.h>

#include "crypto/openssl/store.h"

#define LWSEC_COMPACT_AEADS 12U
#define LWSEC_COMPACT_WAYS 4U
#define LWSEC_COMPACT_SCRATCH 8U

/* One AEAD as this OpenSSL has it. */
typedef struct lwsec_compact_aead {
    const lwsec_algorithm *algorithm;
    EVP_CIPHER *cipher; /* NULL: not in this OpenSSL */
    lwsec_openssl_shape shape;
} lwsec_compact_aead;

/*
 * A set of expanded keys: where a key can be, and nowhere else. One cache line.
 *
 * A use is a key and a direction, as a number that is never 0. A context has one algorithm for all
 * its life, so that a new key costs no allocation. Whoever has raised `busy` owns the context and
 * may change what it holds.
 */
typedef struct lwsec_compact_set {
    _Atomic(EVP_CIPHER_CTX *) contexts[LWSEC_COMPACT_WAYS]; /* NULL: none made yet */
    _Atomic uint32_t holds[LWSEC_COMPACT_WAYS];             /* the use; 0: no key */
    _Atomic uint32_t missed;                                /* the use that missed last */
    _Atomic uint8_t order; /* the ways from the last used to the longest idle, two bits each */
    _Atomic bool busy[LWSEC_COMPACT_WAYS];
    uint8_t aead[LWSEC_COMPACT_WAYS];
} lwsec_compact_set;

#define LWSEC_COMPACT_FIRST_ORDER 0xe4U /* 0, 1, 2, 3 */

/* Contexts for uses that are not kept: one for each AEAD, all of one thread at a time. */
typedef struct lwsec_compact_scratch {
    _Atomic bool busy;
    _Atomic uint32_t holds[LWSEC_COMPACT_AEADS]; /* the use whose key is still in there; 0: none */
    EVP_CIPHER_CTX *contexts[LWSEC_COMPACT_AEADS];
    uint8_t apart[40]; /* threads do not share a cache line */
} lwsec_compact_scratch;

typedef struct lwsec_compact_store {
    lwsec_store head;
    size_t key_size;
    uint32_t set_count;
    lwsec_compact_aead aeads[LWSEC_COMPACT_AEADS];
    lwsec_compact_scratch scratch[LWSEC_COMPACT_SCRATCH];
    lwsec_compact_set *sets;
    uint8_t *kinds; /* for each slot its place in `aeads` */
    uint8_t *keys;  /* for each slot `key_size` bytes */
} lwsec_compact_store;

static inline lwsec_compact_store *lwsec_compact_store_of(lwsec_store *store)
{
    return (lwsec_compact_store *)store;
}

/* The contexts of the store as such, made once. */
lwsec_status lwsec_compact_begin(lwsec_compact_store *self);
void lwsec_compact_end(lwsec_compact_store *self);

/* A key came: its set gets a context of its algorithm, while it has room. */
lwsec_status lwsec_compact_make_room(lwsec_compact_store *self, uint32_t slot, uint32_t usage);
/* A key goes: nothing that was made of it stays in any context. */
void lwsec_compact_forget(lwsec_compact_store *self, uint32_t slot);

/* The operations of <lwsec/store.h>. */
lwsec_status lwsec_compact_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out);
lwsec_status lwsec_compact_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                lwsec_bytes aad, lwsec_bytes ciphertext, uint8_t *out);

#endif
