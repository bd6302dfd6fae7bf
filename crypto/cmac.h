/* The blocks of CMAC (NIST SP 800-38B): the same wherever CBC comes from. */
#ifndef LWSEC_CRYPTO_CMAC_H
#define LWSEC_CRYPTO_CMAC_H

#include <lwsec/bytes.h>

#include <string.h>

#define LWSEC_CMAC_BLOCK 16U

/* How much of a message stands before its last block, which may be empty. */
static inline size_t lwsec_cmac_before_last(size_t size)
{
    return size == 0 ? 0 : (size - 1) / LWSEC_CMAC_BLOCK * LWSEC_CMAC_BLOCK;
}

/* Doubles a block in GF(2^128), in a time that does not depend on it (section 6.1). */
static inline void lwsec_cmac_double(uint8_t block[LWSEC_CMAC_BLOCK])
{
    const uint8_t mask = (uint8_t)(0U - (unsigned)(block[0] >> 7));

    for (size_t i = 0; i + 1 < LWSEC_CMAC_BLOCK; i++) {
        block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
    }
    block[LWSEC_CMAC_BLOCK - 1] =
        (uint8_t)((unsigned)block[LWSEC_CMAC_BLOCK - 1] << 1 ^ (mask & 0x87U));
}

/* The last block, padded if it is not whole, with the subkey that goes with it; `zero` is the
 * cipher of a block of zeros. */
static inline void lwsec_cmac_last(const uint8_t zero[LWSEC_CMAC_BLOCK], lwsec_bytes rest,
                                   uint8_t last[LWSEC_CMAC_BLOCK])
{
    uint8_t subkey[LWSEC_CMAC_BLOCK];

    memcpy(subkey, zero, sizeof subkey);
    lwsec_cmac_double(subkey);
    memset(last, 0, LWSEC_CMAC_BLOCK);
    if (rest.size > 0) {
        memcpy(last, rest.data, rest.size);
    }
    if (rest.size < LWSEC_CMAC_BLOCK) {
        last[rest.size] = 0x80;
        lwsec_cmac_double(subkey);
    }
    for (size_t i = 0; i < LWSEC_CMAC_BLOCK; i++) {
        last[i] ^= subkey[i];
    }
    lwsec_wipe(subkey, sizeof subkey);
}

#endif
