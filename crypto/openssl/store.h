/* The store on OpenSSL: what it remembers, and its parts. */
#ifndef LWSEC_CRYPTO_OPENSSL_STORE_H
#define LWSEC_CRYPTO_OPENSSL_STORE_H

#include <lwsec/memory_openssl.h>
#include <lwsec/store.h>

#include "crypto/memory/key_rules.h"

#include <openssl/evp.h>

#include <stdatomic.h>

/* Ciphers are fetched once for a store. AES ones stand in three sizes: 16, 24 and 32 bytes. */
typedef enum lwsec_openssl_cipher {
    LWSEC_OPENSSL_CCM = 0,
    LWSEC_OPENSSL_GCM = 3,
    LWSEC_OPENSSL_CBC = 6,
    LWSEC_OPENSSL_CTR = 9,
    LWSEC_OPENSSL_CHACHA = 12,
    LWSEC_OPENSSL_TDES = 13,
    LWSEC_OPENSSL_CIPHERS = 14
} lwsec_openssl_cipher;

/* A keyed context for each way that a key's cipher runs, so that a message sets its nonce only. */
typedef enum lwsec_openssl_lane {
    LWSEC_LANE_ENCRYPT = 0,
    LWSEC_LANE_DECRYPT = 1,
    LWSEC_LANE_COUNTER = 2,
    LWSEC_LANES = 3
} lwsec_openssl_lane;

/*
 * A key. Contexts change while they are used, so each belongs to the thread that raised its flag;
 * another thread that comes meanwhile makes one of its own out of `secret`.
 */
typedef struct lwsec_openssl_key {
    int32_t algorithm;
    uint8_t size;     /* of `secret` */
    uint8_t tag_size; /* of the AEAD or MAC */
    _Atomic bool lane_busy[LWSEC_LANES];
    _Atomic bool mac_busy;
    EVP_CIPHER_CTX *lanes[LWSEC_LANES];
    EVP_MAC_CTX *mac;
    EVP_PKEY *pair;                   /* P-256; it may be shared, as operations do not change it */
    uint8_t cmac_zero[16];            /* AES-CMAC: the cipher of a block of zeros */
    uint8_t secret[LWSEC_SECRET_MAX]; /* P-256: the public point, for the pair has the scalar */
} lwsec_openssl_key;

typedef struct lwsec_openssl_store {
    lwsec_store head;
    EVP_CIPHER *ciphers[LWSEC_OPENSSL_CIPHERS]; /* NULL: not in this OpenSSL */
    EVP_MAC *hmac;
    lwsec_openssl_key *keys;
} lwsec_openssl_store;

static inline lwsec_openssl_store *lwsec_openssl_store_of(lwsec_store *store)
{
    return (lwsec_openssl_store *)store;
}

/* What sealing and opening must know of an AEAD. */
typedef struct lwsec_openssl_shape {
    bool ccm;
    uint8_t tag_size;
} lwsec_openssl_shape;

/* Of an algorithm that is an AEAD. */
static inline bool lwsec_openssl_is_ccm(int32_t algorithm)
{
    return algorithm >= LWSEC_ALG_AES_CCM_16_64_128 && algorithm != LWSEC_ALG_CHACHA20_POLY1305;
}

/* Sets cipher and sizes; the key comes later. */
bool lwsec_openssl_prepare(EVP_CIPHER_CTX *context, EVP_CIPHER *cipher,
                           const lwsec_algorithm *algorithm, int encrypt);

/* Seals and opens with a context that has its key (`key` is NULL), or that gets it now, in one call
 * with the nonce. */
bool lwsec_openssl_seal_with(EVP_CIPHER_CTX *context, lwsec_openssl_shape shape, const uint8_t *key,
                             lwsec_bytes nonce, lwsec_bytes aad, lwsec_bytes plaintext,
                             uint8_t *out);
lwsec_status lwsec_openssl_open_with(EVP_CIPHER_CTX *context, lwsec_openssl_shape shape,
                                     const uint8_t *key, lwsec_bytes nonce, lwsec_bytes aad,
                                     lwsec_bytes ciphertext, uint8_t *out);

/* The `random` of <lwsec/store.h>. */
lwsec_status lwsec_openssl_random(lwsec_store *store, uint8_t *out, size_t size);

/* Creating what a key keeps ready. On failure nothing is left behind that `forget` would miss. */
lwsec_status lwsec_openssl_make_lanes(const lwsec_openssl_store *store, lwsec_openssl_key *key,
                                      uint32_t usage);
lwsec_status lwsec_openssl_make_mac(const lwsec_openssl_store *store, lwsec_openssl_key *key);
lwsec_status lwsec_openssl_make_cmac(const lwsec_openssl_store *store, lwsec_openssl_key *key);
lwsec_status lwsec_openssl_make_pair(lwsec_openssl_key *key, const uint8_t *scalar);

/* A keyed cipher context for one operation, given back afterwards; NULL: OpenSSL failed. */
EVP_CIPHER_CTX *lwsec_openssl_borrow(const lwsec_openssl_store *store, lwsec_openssl_key *key,
                                     lwsec_openssl_lane lane);
void lwsec_openssl_give_back(lwsec_openssl_key *key, lwsec_openssl_lane lane,
                             EVP_CIPHER_CTX *context);

/* The MAC of a key for AES-CMAC. */
lwsec_status lwsec_openssl_cmac(lwsec_openssl_store *store, lwsec_openssl_key *key,
                                lwsec_bytes message, uint8_t *mac);

/* The operations of <lwsec/store.h>. */
lwsec_status lwsec_openssl_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out);
lwsec_status lwsec_openssl_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                lwsec_bytes aad, lwsec_bytes ciphertext, uint8_t *out);
lwsec_status lwsec_openssl_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                               uint8_t *mac);
lwsec_status lwsec_openssl_cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                               lwsec_bytes iv, lwsec_bytes input, uint8_t *out);
lwsec_status lwsec_openssl_ctr(lwsec_store *store, uint32_t slot, lwsec_bytes counter,
                               lwsec_bytes input, uint8_t *out);
lwsec_status lwsec_openssl_block(lwsec_store *store, uint32_t slot, lwsec_bytes block,
                                 uint8_t *out);
lwsec_status lwsec_openssl_extract(lwsec_store *store, uint32_t slot, int32_t hmac,
                                   lwsec_bytes salt, lwsec_store *target,
                                   const lwsec_key_attributes *attributes, lwsec_key *prk);
lwsec_status lwsec_openssl_derive(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                                  lwsec_store *target, const lwsec_key_attributes *attributes,
                                  size_t key_size, lwsec_key *derived);
lwsec_status lwsec_openssl_derive_public(lwsec_store *store, uint32_t slot, int32_t hmac,
                                         lwsec_bytes info, uint8_t *out, size_t size);
lwsec_status lwsec_openssl_sign(lwsec_store *store, uint32_t slot, lwsec_bytes message,
                                uint8_t *signature);
lwsec_status lwsec_openssl_psk_master(lwsec_store *store, uint32_t slot, int32_t hmac,
                                      lwsec_bytes seed, uint8_t *master);
lwsec_status lwsec_openssl_sign_digest(lwsec_store *store, uint32_t slot, const uint8_t *digest,
                                       uint8_t *signature);
lwsec_status lwsec_openssl_verify(lwsec_store *store, lwsec_bytes public_key, lwsec_bytes message,
                                  lwsec_bytes signature);
lwsec_status lwsec_openssl_agree(lwsec_store *store, uint32_t slot, lwsec_bytes peer,
                                 lwsec_store *target, const lwsec_key_attributes *attributes,
                                 lwsec_key *shared);
lwsec_status lwsec_openssl_public_key(lwsec_store *store, uint32_t slot, uint8_t *point);

#endif
