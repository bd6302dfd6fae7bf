/* The derivations of RFC 8613 section 3.2.1. */
#include "crypto/oscore_kdf.h"

#include "core/cbor.h"
#include "crypto/compose.h"
#include "crypto/use.h"

size_t lwsec_oscore_info(lwsec_bytes id, lwsec_bytes id_context, int32_t aead, const char *type,
                         size_t size, uint8_t info[LWSEC_OSCORE_INFO_MAX])
{
    lwsec_writer writer = lwsec_writer_of(info, LWSEC_OSCORE_INFO_MAX);

    lwsec_cbor_write_array(&writer, 5);
    lwsec_cbor_write_bytes(&writer, id);
    if (id_context.data == NULL) {
        lwsec_cbor_write_null(&writer);
    } else {
        lwsec_cbor_write_bytes(&writer, id_context);
    }
    lwsec_cbor_write_int(&writer, aead);
    lwsec_cbor_write_text(&writer, type);
    lwsec_cbor_write_int(&writer, (int64_t)size);
    return writer.full ? 0 : writer.size;
}

/* R-5.5.3-08: contexts are derived as RFC 8613 section 3.2 says. */
lwsec_status lwsec_oscore_derive_key(const lwsec_oscore_kdf *kdf, lwsec_bytes id, uint32_t usage,
                                     lwsec_store *target, lwsec_key *key)
{
    const size_t key_size = kdf->aead->key_size_min;
    const lwsec_key_attributes attributes = {sizeof attributes, kdf->aead->id, usage, {NULL, 0}};
    uint8_t info[LWSEC_OSCORE_INFO_MAX];
    const size_t size =
        lwsec_oscore_info(id, kdf->id_context, kdf->aead->id, "Key", key_size, info);

    return lwsec_key_at_once(kdf->prk,
                             lwsec_key_derive(kdf->prk, kdf->hmac, lwsec_bytes_of(info, size),
                                              target, &attributes, key_size, key));
}

static lwsec_status derive_public(const lwsec_oscore_kdf *kdf, lwsec_bytes id, const char *type,
                                  uint8_t *out, size_t out_size)
{
    uint8_t info[LWSEC_OSCORE_INFO_MAX];
    const size_t size = lwsec_oscore_info(id, kdf->id_context, kdf->aead->id, type, out_size, info);
    lwsec_slot *slot;
    const lwsec_status status = lwsec_use_key(kdf->prk, LWSEC_USE_DERIVE, &slot);

    if (status != LWSEC_OK) {
        return status;
    }
    return lwsec_compose_derive_public(kdf->prk, kdf->hmac, lwsec_bytes_of(info, size), out,
                                       out_size);
}

lwsec_status lwsec_oscore_derive_iv(const lwsec_oscore_kdf *kdf, uint8_t *iv)
{
    return derive_public(kdf, lwsec_bytes_of(NULL, 0), "IV", iv, kdf->aead->nonce_size);
}

lwsec_status lwsec_oscore_derive_fingerprint(const lwsec_oscore_kdf *kdf, lwsec_bytes id,
                                             uint8_t fingerprint[16])
{
    return derive_public(kdf, id, "lwsec record", fingerprint, 16);
}

/* ExpandLabel of draft-ietf-core-oscore-key-update-14, in the presentation language of TLS: each
 * length before its bytes. */
lwsec_status lwsec_oscore_derive_update(lwsec_key secret, int32_t hmac, lwsec_bytes salt,
                                        size_t size, lwsec_key *updated)
{
    static const char label[] = "oscore key update";
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT | LWSEC_USE_DERIVE, {NULL, 0}};
    uint8_t info[2U + 1U + sizeof label + 1U + LWSEC_OSCORE_UPDATE_SALT_MAX];
    lwsec_writer writer = lwsec_writer_of(info, sizeof info);

    lwsec_writer_uint(&writer, size, 2);
    lwsec_writer_u8(&writer, (uint8_t)(sizeof label - 1U));
    lwsec_writer_bytes(&writer, lwsec_bytes_of(label, sizeof label - 1U));
    lwsec_writer_u8(&writer, (uint8_t)salt.size);
    lwsec_writer_bytes(&writer, salt);
    return writer.full
               ? LWSEC_USAGE
               : lwsec_key_at_once(secret,
                                   lwsec_key_derive(secret, hmac, lwsec_bytes_of(info, writer.size),
                                                    NULL, &attributes, size, updated));
}
