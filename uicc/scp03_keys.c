/* Session keys and cryptograms of SCP03: NIST SP 800-108 over CMAC, Amendment D section 4.1.5. */
#include "core/writer.h"
#include "crypto/use.h"
#include "uicc/scp03.h"

/* Eleven zeros and the constant, a zero, the length in bits, the number of the block. */
#define HEAD 16U
#define CHALLENGES (2U * LWSEC_SCP03_CHALLENGE)

lwsec_status lwsec_scp03_derive(lwsec_key key, uint8_t constant, lwsec_bytes challenges,
                                uint8_t out[32], size_t size)
{
    uint8_t message[HEAD + CHALLENGES] = {0};
    uint8_t block[LWSEC_SCP03_BLOCK];
    lwsec_status status = LWSEC_OK;

    for (size_t at = 0; at < size && status == LWSEC_OK; at += sizeof block) {
        const size_t left = size - at;
        lwsec_writer writer = lwsec_writer_of(message, sizeof message);
        writer.size = 11;
        lwsec_writer_u8(&writer, constant);
        lwsec_writer_u8(&writer, 0);
        lwsec_writer_uint(&writer, 8 * size, 2);
        lwsec_writer_u8(&writer, (uint8_t)(at / sizeof block + 1));
        lwsec_writer_bytes(&writer, challenges);
        status = lwsec_key_at_once(
            key, lwsec_key_mac(key, lwsec_bytes_of(message, writer.size), block, sizeof block));
        if (status == LWSEC_OK) {
            memcpy(&out[at], block, left < sizeof block ? left : sizeof block);
        }
    }
    lwsec_wipe(block, sizeof block);
    return status;
}

static lwsec_status make_key(lwsec_key from, uint8_t constant, size_t size, lwsec_bytes challenges,
                             lwsec_store *store, const lwsec_key_attributes *attributes,
                             lwsec_key *key)
{
    uint8_t raw[32];

    lwsec_status status = lwsec_scp03_derive(from, constant, challenges, raw, size);
    if (status == LWSEC_OK) {
        status = lwsec_key_import(store, attributes, lwsec_bytes_of(raw, size), key);
    }
    lwsec_wipe(raw, sizeof raw);
    return status;
}

lwsec_status lwsec_scp03_make_keys(lwsec_scp03 *session, const lwsec_scp03_config *config,
                                   lwsec_store *store, lwsec_bytes challenges)
{
    const lwsec_key_attributes cipher = {
        sizeof cipher, LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT, {NULL, 0}};
    const lwsec_key_attributes check = {sizeof check, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, {NULL, 0}};
    const size_t size = config->key_size != 0 ? config->key_size : LWSEC_SCP03_BLOCK;

    lwsec_status status =
        make_key(config->enc, LWSEC_SCP03_S_ENC, size, challenges, store, &cipher, &session->enc);
    if (status == LWSEC_OK) {
        status = make_key(config->mac, LWSEC_SCP03_S_MAC, size, challenges, store, &check,
                          &session->mac);
    }
    if (status == LWSEC_OK) {
        status = make_key(config->mac, LWSEC_SCP03_S_RMAC, size, challenges, store, &check,
                          &session->r_mac);
    }
    return status;
}
