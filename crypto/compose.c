/* HKDF-Expand and the TLS master secret of a PSK out of HMAC; a MAC by the store or its composer.
 */
#include "crypto/compose.h"

#include "core/writer.h"
#include "crypto/pending.h"
#include "crypto/use.h"

#include <string.h>

lwsec_status lwsec_compose_mac(lwsec_key key, int32_t algorithm, lwsec_bytes message, uint8_t *mac)
{
    const lwsec_store_ops *ops = key.store->ops;
    const lwsec_composer *composer = lwsec_composer_of(key.store);
    const lwsec_status status = ops->mac != NULL
                                    ? ops->mac(key.store, key.slot, algorithm, message, mac)
                                    : LWSEC_UNSUPPORTED;

    return status == LWSEC_UNSUPPORTED && algorithm == LWSEC_ALG_AES_CMAC && composer != NULL
               ? composer->cmac(key, message, mac)
               : status;
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
    return lwsec_pending_refuse(prk,
                                prk.store->ops->mac(prk.store, prk.slot, hmac,
                                                    lwsec_bytes_of(message, writer.size), block));
}

lwsec_status lwsec_compose_derive(lwsec_key prk, int32_t hmac, lwsec_bytes info,
                                  lwsec_store *target, const lwsec_key_attributes *attributes,
                                  size_t key_size, lwsec_key *derived)
{
    uint8_t block[64];
    lwsec_status status = LWSEC_UNSUPPORTED;

    if (prk.store->ops->derive != NULL) {
        status = prk.store->ops->derive(prk.store, prk.slot, hmac, info, target, attributes,
                                        key_size, derived);
    }
    if (status != LWSEC_UNSUPPORTED) {
        return status;
    }
    status = first_block(prk, hmac, info, block);
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
    lwsec_status status = LWSEC_UNSUPPORTED;
    if (prk.store->ops->derive_public != NULL) {
        status = prk.store->ops->derive_public(prk.store, prk.slot, hmac, info, out, size);
        status = lwsec_pending_refuse(prk, status);
    }
    if (status != LWSEC_UNSUPPORTED) {
        return status;
    }
    status = first_block(prk, hmac, info, block);
    if (status == LWSEC_OK) {
        memcpy(out, block, size);
    }
    lwsec_wipe(block, sizeof block);
    return status;
}

/* HMAC of a link of the chain, and of the seed after it where `with_seed` says so. */
static lwsec_status hmac_link(lwsec_key psk, int32_t hmac, const uint8_t link[32], lwsec_bytes seed,
                              bool with_seed, uint8_t *mac)
{
    uint8_t message[32 + 256];
    lwsec_writer writer = lwsec_writer_of(message, sizeof message);

    lwsec_writer_bytes(&writer, lwsec_bytes_of(link, 32));
    if (with_seed) {
        lwsec_writer_bytes(&writer, seed);
    }
    lwsec_status status = LWSEC_USAGE;
    if (!writer.full) {
        status = psk.store->ops->mac(psk.store, psk.slot, hmac,
                                     lwsec_bytes_of(message, writer.size), mac);
    }
    status = lwsec_pending_refuse(psk, status);
    lwsec_wipe(message, sizeof message);
    return status;
}

/* P_SHA256 of RFC 5246 section 5, 48 bytes of it: four calls of HMAC. */
static lwsec_status expand_master(lwsec_key psk, int32_t hmac, lwsec_bytes seed, uint8_t *master)
{
    uint8_t first[64], second[64], end[64];

    lwsec_status status =
        lwsec_pending_refuse(psk, psk.store->ops->mac(psk.store, psk.slot, hmac, seed, first));
    if (status == LWSEC_OK) {
        status = hmac_link(psk, hmac, first, seed, false, second);
    }
    if (status == LWSEC_OK) {
        status = hmac_link(psk, hmac, second, seed, true, end);
    }
    if (status == LWSEC_OK) {
        status = hmac_link(psk, hmac, first, seed, true, second);
    }
    if (status == LWSEC_OK) {
        memcpy(master, second, 32);
        memcpy(&master[32], end, 16);
    }
    lwsec_wipe(first, sizeof first);
    lwsec_wipe(second, sizeof second);
    lwsec_wipe(end, sizeof end);
    return status;
}

lwsec_status lwsec_compose_psk_master(lwsec_key psk, int32_t hmac, lwsec_bytes seed,
                                      uint8_t *master)
{
    const lwsec_store_ops *ops = psk.store->ops;

    if (ops->tls12_psk_master != NULL) {
        return ops->tls12_psk_master(psk.store, psk.slot, hmac, seed, master);
    }
    return ops->mac != NULL ? expand_master(psk, hmac, seed, master) : LWSEC_UNSUPPORTED;
}
