/* Partial IV, nonce and AAD: RFC 8613 sections 5, 5.2 and 5.4. Inline, as each message needs them.
 */
#ifndef LWSEC_OSCORE_COSE_H
#define LWSEC_OSCORE_COSE_H

#include "oscore/context.h"

#include <string.h>

/* The head of the AAD up to the algorithm: 11 bytes of Enc_structure, 1 of length, 5 of the array.
 */
#define LWSEC_OSCORE_AAD_HEAD_MAX 17U
/* Head, two byte strings of at most 7 and 5 bytes, one empty byte string. */
#define LWSEC_OSCORE_AAD_MAX (LWSEC_OSCORE_AAD_HEAD_MAX + 8U + 6U + 1U)
/* Where the length of the external AAD stands in the head. */
#define LWSEC_OSCORE_AAD_LENGTH_AT 11U
#define LWSEC_OSCORE_AAD_ALGORITHM_AT 15U

#define LWSEC_OSCORE_PIV_MAX 5U

/* Eight bytes, big-endian. Written out, it is one store to the compiler. */
static inline void lwsec_oscore_put_u64(uint8_t *out, uint64_t number)
{
    out[0] = (uint8_t)(number >> 56);
    out[1] = (uint8_t)(number >> 48);
    out[2] = (uint8_t)(number >> 40);
    out[3] = (uint8_t)(number >> 32);
    out[4] = (uint8_t)(number >> 24);
    out[5] = (uint8_t)(number >> 16);
    out[6] = (uint8_t)(number >> 8);
    out[7] = (uint8_t)number;
}

static inline uint64_t lwsec_oscore_get_u64(const uint8_t *bytes)
{
    return (uint64_t)bytes[0] << 56 | (uint64_t)bytes[1] << 48 | (uint64_t)bytes[2] << 40 |
           (uint64_t)bytes[3] << 32 | (uint64_t)bytes[4] << 24 | (uint64_t)bytes[5] << 16 |
           (uint64_t)bytes[6] << 8 | (uint64_t)bytes[7];
}

/* A Partial IV: big-endian in five bytes, of which the last `size` stand on the wire: no leading
 * zeros, and one byte for 0. The bytes behind are zero, so that five can be copied from any start.
 */
typedef struct lwsec_oscore_piv {
    uint64_t number;
    uint8_t size;
    uint8_t bytes[2U * LWSEC_OSCORE_PIV_MAX];
} lwsec_oscore_piv;

static inline lwsec_oscore_piv lwsec_oscore_piv_of(uint64_t number)
{
    lwsec_oscore_piv piv = {number, 1, {0}};

    lwsec_oscore_put_u64(piv.bytes, number << 24);
    piv.size = (uint8_t)(1U + (number > 0xffU) + (number > 0xffffU) + (number > 0xffffffU) +
                         (number > 0xffffffffU));
    return piv;
}

/* Where what stands on the wire begins. */
static inline const uint8_t *lwsec_oscore_piv_start(const lwsec_oscore_piv *piv)
{
    return &piv->bytes[LWSEC_OSCORE_PIV_MAX - piv->size];
}

/* A nonce in the last bytes of a block: the first stay unused where the algorithm's nonce is
 * shorter. */
typedef struct lwsec_oscore_nonce {
    uint8_t block[LWSEC_OSCORE_NONCE_BLOCK];
} lwsec_oscore_nonce;

/* The ID as a number: right-aligned, as section 5.2 pads it. The bytes behind an ID are zero. */
static inline uint64_t lwsec_oscore_id_number(const lwsec_oscore_id *id)
{
    const uint64_t size_and_data = lwsec_oscore_get_u64((const uint8_t *)id);
    return (size_and_data & 0xffffffffffffffULL) >> (8U * (LWSEC_OSCORE_ID_MAX - id->size));
}

/*
 * The nonce of section 5.2 for a Partial IV: size and ID of the endpoint that made it, padded, and
 * the number, XORed with the Common IV. In the block, whatever the nonce's length, the number ends
 * at byte 16 and the ID at byte 11; the byte of the ID's size is the nonce's first.
 */
static inline lwsec_oscore_nonce lwsec_oscore_nonce_of(const lwsec_oscore *context,
                                                       const lwsec_oscore_id *id,
                                                       const lwsec_oscore_piv *piv)
{
    const uint64_t number = lwsec_oscore_id_number(id);
    lwsec_oscore_nonce nonce;

    lwsec_oscore_put_u64(nonce.block, lwsec_oscore_get_u64(context->common_iv) ^ number >> 24);
    lwsec_oscore_put_u64(&nonce.block[8],
                         lwsec_oscore_get_u64(&context->common_iv[8]) ^ number << 40 ^ piv->number);
    nonce.block[LWSEC_OSCORE_NONCE_BLOCK - context->aead->nonce_size] ^= id->size;
    return nonce;
}

static inline lwsec_bytes lwsec_oscore_nonce_bytes(const lwsec_oscore_nonce *nonce, size_t size)
{
    return lwsec_bytes_of(&nonce->block[LWSEC_OSCORE_NONCE_BLOCK - size], size);
}

/*
 * The AAD of a request and of its responses: Enc_structure around
 * [1, [alg], request_kid, request_piv, h''] (class I options: none are defined). Every length is
 * below 24, so that each CBOR head is one byte.
 */
static inline size_t lwsec_oscore_aad(const lwsec_oscore *context, const lwsec_oscore_id *kid,
                                      const lwsec_oscore_piv *piv,
                                      uint8_t aad[LWSEC_OSCORE_AAD_MAX])
{
    static const uint8_t start[LWSEC_OSCORE_AAD_HEAD_MAX] = {
        0x83, 0x68, 'E', 'n', 'c', 'r', 'y', 'p', 't', '0', 0x40, 0, 0x85, 0x01, 0x81};
    const uint8_t algorithm = (uint8_t)context->aead->id; /* those of AEADs are below 256 */
    size_t size = LWSEC_OSCORE_AAD_ALGORITHM_AT;

    /* Whole arrays are copied, whatever their part in use: AAD_MAX has room for the longest of
     * each. */
    memcpy(aad, start, sizeof start);
    if (algorithm >= 24) {
        aad[size++] = 0x18;
    }
    aad[size++] = algorithm;
    aad[size++] = (uint8_t)(0x40U | kid->size);
    memcpy(&aad[size], kid->data, sizeof kid->data);
    size += kid->size;
    aad[size++] = (uint8_t)(0x40U | piv->size);
    memcpy(&aad[size], lwsec_oscore_piv_start(piv), LWSEC_OSCORE_PIV_MAX);
    size += piv->size;
    aad[size++] = 0x40U;
    aad[LWSEC_OSCORE_AAD_LENGTH_AT] = (uint8_t)(0x40U | (size - LWSEC_OSCORE_AAD_LENGTH_AT - 1U));
    return size;
}

#endif
