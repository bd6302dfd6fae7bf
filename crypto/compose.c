/* CMAC out of CBC, HKDF-Expand out of HMAC. */
#include "crypto/compose.h"

#include "core/writer.h"
#include "crypto/cmac.h"
#include "crypto/use.h"

#include <string.h>

#define BLOCK LWSEC_CMAC_BLOCK

/* CBC-MAC of all blocks but the last, from `chain` into `chain`. */
static lwsec_status chain_blocks(lwsec_key key, lwsec_bytes blocks, uint8_t chain[BLOCK])
{
    for (size_t at = 0; at < blocks.size; at += BLOCK) {
        const lwsec_status status =
            key.store->ops->cbc(key.store, key.slot, LWSEC_ENCRYPT, lwsec_bytes_of(chain, BLOCK),
                                lwsec_bytes_of(&blocks.data[at], BLOCK), chain);
        if (status != LWSEC_OK) {
            return status;
        }
    }
    return LWSEC_OK;
}

static lwsec_status last_block(lwsec_key key, lwsec_bytes rest, uint8_t last[BLOCK])
{
    uint8_t zero[BLOCK] = {0};
    const lwsec_status status =
        key.store->ops->block(key.store, key.slot, lwsec_bytes_of(zero, BLOCK), zero);

    if (status == LWSEC_OK) {
        lwsec_cmac_last(zero, rest, last);
    }
    lwsec_wipe(zero, sizeof zero);
    return status;
}

static lwsec_status compose_cmac(lwsec_key key, lwsec_bytes message, uint8_t mac[BLOCK])
{
    uint8_t chain[BLOCK] = {0};
    uint8_t last[BLOCK];
    const size_t whole = lwsec_cmac_before_last(message.size);
    const size_t rest = message.size - whole;

    if (key.store->ops->cbc == NULL || key.store->ops->block == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    lwsec_status status = chain_blocks(key, lwsec_bytes_of(message.data, whole), chain);
    if (status == LWSEC_OK) {
        const uint8_t *tail = rest > 0 ? &message.data[whole] : NULL;
        status = last_block(key, lwsec_bytes_of(tail, rest), last);
    }
    if (status == LWSEC_OK) {
        status = chain_blocks(key, lwsec_bytes_of(last, BLOCK), chain);
    }
    if (status == LWSEC_OK) {
        memcpy(mac, chain, BLOCK);
    }
    lwsec_wipe(chain, sizeof chain);
    lwsec_wipe(last, sizeof last);
    return status;
}

lwsec_status lwsec_compose_mac(lwsec_key key, int32_t algorithm, lwsec_bytes message, uint8_t *mac)
{
    if (key.store->ops->mac != NULL) {
        return key.store->ops->mac(key.store, key.slot, algorithm, message, mac);
    }
    return algorithm == LWSEC_ALG_AES_CMAC ? compose_cmac(key, message, mac) : LWSEC_UNSUPPORTED;
}

/* T(1) of HKDF-Expand: HMAC of the info and the octet 1 (RFC 5869 section 2.3). */
static lwsec_status first_block(lwsec_key prk, int32_t hmac, lwsec_bytes info, uint8_t block[64])
{
    uint8_t message[320];
    lwsec_writer writer = lwsec_writer_of(message, sizeof message);

    if (prk.store->ops->mac == NULL) {
        return LWSEC_UNSUPPORTED;
    }
    lwsec_writer_bytes(&writer, info);
    lwsec_writer_u8(&writer, 1);
    if (writer.full) {
        return LWSEC_USAGE;
    }
    return prk.store->ops->mac(prk.store, prk.slot, hmac, lwsec_bytes_of(message, writer.size),
                               block);
}

lwsec_status lwsec_compose_derive(lwsec_key prk, int32_t hmac, lwsec_bytes info,
                                  lwsec_store *target, const lwsec_key_attributes *attributes,
                                  size_t key_size, lwsec_key *derived)
{
    uint8_t block[64];

    if (prk.store->ops->derive != NULL) {
        return prk.store->ops->derive(prk.store, prk.slot, hmac, info, target, attributes, key_size,
                                      derived);
    }
    lwsec_status status = first_block(prk, hmac, info, block);
    if (status == LWSEC_OK) {
        status = lwsec_key_import(target, attributes, lwsec_bytes_of(block, key_size), derived);
    }
    lwsec_wipe(block, sizeof block);
    return status;
}

lwsec_status lwsec_compose_derive_public(lwsec_key prk, int32_t hmac, lwsec_bytes info,
                                         uint8_t *out, size_t size)
{
    uint8_t block[64];

    if (size == 0 || size > lwsec_hmac_size(hmac)) {
        return LWSEC_USAGE;
    }
    if (prk.store->ops->derive_public != NULL) {
        return prk.store->ops->derive_public(prk.store, prk.slot, hmac, info, out, size);
    }
    const lwsec_status status = first_block(prk, hmac, info, block);
    if (status == LWSEC_OK) {
        memcpy(out, block, size);
    }
    lwsec_wipe(block, sizeof block);
    return status;
}
