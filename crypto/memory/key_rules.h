/* Which key bytes a memory store refuses, although their size is right. */
#ifndef LWSEC_CRYPTO_MEMORY_KEY_RULES_H
#define LWSEC_CRYPTO_MEMORY_KEY_RULES_H

#include <lwsec/algorithm.h>
#include <lwsec/bytes.h>

#include <string.h>

#define LWSEC_SECRET_MAX 255U
#define LWSEC_TDES_KEY 24U
#define LWSEC_SCALAR 32U
#define LWSEC_POINT 65U

/* Whether 32 big-endian bytes are a private key of P-256: 1 to n - 1. Takes the same time for all.
 */
static inline bool lwsec_is_p256_scalar(const uint8_t *scalar)
{
    static const uint8_t order[LWSEC_SCALAR] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                                0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    unsigned borrow = 0;
    unsigned bits = 0;

    for (size_t i = LWSEC_SCALAR; i > 0; i--) {
        const unsigned difference = (unsigned)scalar[i - 1] - order[i - 1] - borrow;
        borrow = difference >> 8 & 1U;
        bits |= scalar[i - 1];
    }
    return borrow == 1 && bits != 0;
}

/* Whether two DES keys are the same cipher: the lowest bit of each byte is parity and plays no
 * part. */
static inline bool lwsec_same_des_key(const uint8_t *one, const uint8_t *other)
{
    unsigned difference = 0;

    for (size_t i = 0; i < 8; i++) {
        difference |= (unsigned)(one[i] ^ other[i]) & 0xfeU;
    }
    return difference == 0;
}

/*
 * Writes a 16 or 24 byte triple DES key as three DES keys. False where two neighbours are the same:
 * they cancel each other out, and single DES is left.
 */
static inline bool lwsec_expand_tdes_key(lwsec_bytes raw, uint8_t key[LWSEC_TDES_KEY])
{
    memcpy(key, raw.data, 16);
    memcpy(&key[16], raw.size == LWSEC_TDES_KEY ? &raw.data[16] : raw.data, 8);
    return !lwsec_same_des_key(key, &key[8]) && !lwsec_same_des_key(&key[8], &key[16]);
}

/* How many bytes HMAC with this hash gives; 0 if it is none of ours. */
static inline size_t lwsec_hash_size(int32_t hmac)
{
    const lwsec_algorithm *algorithm = lwsec_algorithm_find(hmac);

    return algorithm != NULL && algorithm->kind == LWSEC_KIND_MAC && hmac != LWSEC_ALG_AES_CMAC
               ? algorithm->tag_size
               : 0;
}

#endif
