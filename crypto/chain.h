/* The CBC chain of a key as a sponge for bytes: what CBC-MAC, CMAC and CCM are made of. */
#ifndef LWSEC_CRYPTO_CHAIN_H
#define LWSEC_CRYPTO_CHAIN_H

#include <lwsec/store.h>

#define LWSEC_CHAIN_BLOCK 16U
/* Bytes that go to the store in one call: a token is slow to ask. */
#define LWSEC_CHAIN_STRETCH ((size_t)64 * LWSEC_CHAIN_BLOCK)

/* Bytes that wait, and the last block of what was encrypted. Wiped by lwsec_chain_end. */
typedef struct lwsec_chain {
    lwsec_key key;
    lwsec_status status; /* the first failure stays */
    size_t waiting;
    uint8_t block[LWSEC_CHAIN_BLOCK];
    uint8_t bytes[LWSEC_CHAIN_STRETCH];
} lwsec_chain;

/* Begins with a vector of zeros. */
void lwsec_chain_begin(lwsec_chain *chain, lwsec_key key);
void lwsec_chain_add(lwsec_chain *chain, lwsec_bytes bytes);
/* Fills up with zeros to a whole block; none where it is whole already. */
void lwsec_chain_pad(lwsec_chain *chain);
/* The last block, of whole blocks, and wipes the chain. `last` is written on LWSEC_OK. */
LWSEC_MUST_CHECK lwsec_status lwsec_chain_end(lwsec_chain *chain, uint8_t last[LWSEC_CHAIN_BLOCK]);

/* Whether the store can encrypt chains, with CBC or with single blocks. */
bool lwsec_chain_possible(const lwsec_store *store);

#endif
