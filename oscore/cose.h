/* Partial IV, nonce and AAD: RFC 8613 sections 5, 5.2 and 5.4. Inline, as each message needs them. */
#ifndef LWSEC_OSCORE_COSE_H
#define LWSEC_OSCORE_COSE_H

#include "oscore/context.h"

#include <string.h>

/* Head, two byte strings of at most 7 and 5 bytes, one empty byte string. */
#define LWSEC_OSCORE_AAD_MAX (LWSEC_OSCORE_AAD_HEAD_MAX + 8U + 6U + 1U)
/* Where the length of the external AAD stands in the head. */
#define LWSEC_OSCORE_AAD_LENGTH_AT 11U

/* A Partial IV on the wire: no leading zeros, and one byte for 0. */
typedef struct lwsec_oscore_piv {
    uint8_t size;
    uint8_t data[5];
} lwsec_oscore_piv;

static inline lwsec_oscore_piv lwsec_oscore_piv_of(uint64_t number)
{
    lwsec_oscore_piv piv = {1, {0}};

    while (piv.size < 5 && number >> (8 * piv.size) != 0) {
        piv.size++;
    }
    for (unsigned i = 0; i < piv.size; i++) {
        piv.data[i] = (uint8_t)(number >> (8 * (piv.size - 1U - i)));
    }
    return piv;
}

/* The nonce for a number: `zero` is the one for number 0 of the endpoint that made the Partial IV. */
static inline void lwsec_oscore_nonce(const uint8_t zero[LWSEC_OSCORE_NONCE_MAX], size_t size,
                                      uint64_t number, uint8_t nonce[LWSEC_OSCORE_NONCE_MAX])
{
    memcpy(nonce, zero, LWSEC_OSCORE_NONCE_MAX);
    for (unsigned i = 0; i < 5; i++) {
        nonce[size - 1 - i] ^= (uint8_t)(number >> (8 * i));
    }
}

/*
 * The AAD of a request and of its responses: Enc_structure around
 * [1, [alg], request_kid, request_piv, h''] (class I options: none are defined). Every length is below
 * 24, so that each CBOR head is one byte.
 */
static inline size_t lwsec_oscore_aad(const lwsec_oscore *context, const lwsec_oscore_id *kid,
                                      const lwsec_oscore_piv *piv,
                                      uint8_t aad[LWSEC_OSCORE_AAD_MAX])
{
    size_t size = context->aad_head_size;

    /* Whole arrays are copied, whatever their part in use: AAD_MAX has room for the longest of each. */
    memcpy(aad, context->aad_head, sizeof context->aad_head);
    aad[size++] = (uint8_t)(0x40U | kid->size);
    memcpy(&aad[size], kid->data, sizeof kid->data);
    size += kid->size;
    aad[size++] = (uint8_t)(0x40U | piv->size);
    memcpy(&aad[size], piv->data, sizeof piv->data);
    size += piv->size;
    aad[size++] = 0x40U;
    aad[LWSEC_OSCORE_AAD_LENGTH_AT] = (uint8_t)(0x40U | (size - LWSEC_OSCORE_AAD_LENGTH_AT - 1U));
    return size;
}

#endif
