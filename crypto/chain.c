/* The CBC chain of a key, in stretches of many blocks. */
#include "crypto/chain.h"

#include "crypto/pending.h"

#include <string.h>

#define BLOCK LWSEC_CHAIN_BLOCK

bool lwsec_chain_possible(const lwsec_store *store)
{
    return store->ops->cbc != NULL || store->ops->block != NULL;
}

void lwsec_chain_begin(lwsec_chain *chain, lwsec_key key)
{
    chain->key = key;
    chain->status = LWSEC_OK;
    chain->waiting = 0;
    memset(chain->block, 0, sizeof chain->block);
}

/* One block after the other, for stores without CBC. */
static lwsec_status by_blocks(lwsec_chain *chain)
{
    const lwsec_store_ops *ops = chain->key.store->ops;
    lwsec_status status = LWSEC_OK;

    if (ops->block == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    for (size_t at = 0; at < chain->waiting && status == LWSEC_OK; at += BLOCK) {
        for (size_t i = 0; i < BLOCK; i++) {
            chain->block[i] ^= chain->bytes[at + i];
        }
        status = lwsec_pending_refuse(chain->key, ops->block(chain->key.store, chain->key.slot,
                                                             lwsec_bytes_of(chain->block, BLOCK),
                                                             chain->block));
    }
    return status;
}

/* Encrypts the whole blocks that wait. */
static void flush(lwsec_chain *chain)
{
    const lwsec_store_ops *ops = chain->key.store->ops;
    lwsec_status status = LWSEC_UNSUPPORTED;

    if (chain->status != LWSEC_OK || chain->waiting == 0) {
        return;
    }
    if (ops->cbc != NULL) {
        status = ops->cbc(chain->key.store, chain->key.slot, LWSEC_ENCRYPT,
                          lwsec_bytes_of(chain->block, BLOCK),
                          lwsec_bytes_of(chain->bytes, chain->waiting), chain->bytes);
        status = lwsec_pending_refuse(chain->key, status);
    }
    if (status == LWSEC_OK) {
        memcpy(chain->block, &chain->bytes[chain->waiting - BLOCK], BLOCK);
    } else if (status == LWSEC_UNSUPPORTED) {
        status = by_blocks(chain);
    }
    chain->status = status;
    chain->waiting = 0;
}

void lwsec_chain_add(lwsec_chain *chain, lwsec_bytes bytes)
{
    for (size_t at = 0; at < bytes.size && chain->status == LWSEC_OK;) {
        const size_t room = sizeof chain->bytes - chain->waiting;
        const size_t part = bytes.size - at < room ? bytes.size - at : room;
        memcpy(&chain->bytes[chain->waiting], &bytes.data[at], part);
        chain->waiting += part;
        at += part;
        if (chain->waiting == sizeof chain->bytes) {
            flush(chain);
        }
    }
}

void lwsec_chain_pad(lwsec_chain *chain)
{
    while (chain->waiting % BLOCK != 0) {
        chain->bytes[chain->waiting++] = 0;
    }
    if (chain->waiting == sizeof chain->bytes) {
        flush(chain);
    }
}

lwsec_status lwsec_chain_end(lwsec_chain *chain, uint8_t last[LWSEC_CHAIN_BLOCK])
{
    flush(chain);
    const lwsec_status status = chain->status;
    if (status == LWSEC_OK) {
        memcpy(last, chain->block, BLOCK);
    }
    lwsec_wipe(chain, sizeof *chain);
    return status;
}
