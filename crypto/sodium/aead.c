/* Sealing and opening with libsodium. */
#include "crypto/sodium/store.h"

#include <sodium.h>

#define TAG 16U /* of both AEADs */

_Static_assert(crypto_aead_chacha20poly1305_IETF_ABYTES == TAG &&
                   crypto_aead_aes256gcm_ABYTES == TAG,
               "one tag size");

lwsec_status lwsec_sodium_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                               lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out)
{
    const lwsec_sodium_key *key = lwsec_sodium_key_of(store, slot);
    uint8_t *tag = &out[plaintext.size];
    int error;

    if (key->algorithm == LWSEC_ALG_A256GCM) {
        error = crypto_aead_aes256gcm_encrypt_detached(out, tag, NULL, plaintext.data,
                                                       plaintext.size, aad.data, aad.size, NULL,
                                                       nonce.data, key->secret);
    } else {
        error = crypto_aead_chacha20poly1305_ietf_encrypt_detached(
            out, tag, NULL, plaintext.data, plaintext.size, aad.data, aad.size, NULL, nonce.data,
            key->secret);
    }
    if (error != 0) {
        lwsec_wipe(out, plaintext.size + TAG);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

lwsec_status lwsec_sodium_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                               lwsec_bytes aad, lwsec_bytes ciphertext, uint8_t *out)
{
    const lwsec_sodium_key *key = lwsec_sodium_key_of(store, slot);
    const size_t size = ciphertext.size - TAG;
    const uint8_t *tag = &ciphertext.data[size];
    int error;

    if (key->algorithm == LWSEC_ALG_A256GCM) {
        error = crypto_aead_aes256gcm_decrypt_detached(out, NULL, ciphertext.data, size, tag,
                                                       aad.data, aad.size, nonce.data, key->secret);
    } else {
        error = crypto_aead_chacha20poly1305_ietf_decrypt_detached(
            out, NULL, ciphertext.data, size, tag, aad.data, aad.size, nonce.data, key->secret);
    }
    if (error != 0) {
        lwsec_wipe(out, size);
        return LWSEC_REJECT;
    }
    return LWSEC_OK;
}
