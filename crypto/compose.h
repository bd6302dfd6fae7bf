/* What a store lacks, made of what it has, with the secret staying where it is. */
#ifndef LWSEC_CRYPTO_COMPOSE_H
#define LWSEC_CRYPTO_COMPOSE_H

#include <lwsec/store.h>

/* CCM and CMAC out of CBC, CTR and single blocks. What a store does not name in its table is not
 * linked: a device whose engine has both pays nothing for it. */
struct lwsec_composer {
    bool (*ccm_possible)(const lwsec_store *store, const lwsec_algorithm *algorithm);
    lwsec_status (*seal)(lwsec_key key, const lwsec_algorithm *algorithm, lwsec_bytes nonce,
                         lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out);
    lwsec_status (*open)(lwsec_key key, const lwsec_algorithm *algorithm, lwsec_bytes nonce,
                         lwsec_bytes aad, lwsec_bytes ciphertext, uint8_t *out);
    lwsec_status (*cmac)(lwsec_key key, lwsec_bytes message, uint8_t *mac);
};

/* The store's, or NULL. */
static inline const lwsec_composer *lwsec_composer_of(const lwsec_store *store)
{
    return store->ops->composer != NULL ? store->ops->composer() : NULL;
}

/*
 * All calls: the key and its usage were checked by the caller. `mac` holds the algorithm's full
 * result.
 */

/* HMAC or CMAC by the key's algorithm; CMAC by the store's composer where it has none. */
LWSEC_MUST_CHECK lwsec_status lwsec_compose_mac(lwsec_key key, int32_t algorithm,
                                                lwsec_bytes message, uint8_t *mac);

/* HKDF-Expand to a key; one HMAC where the store has no derivation. At most one hash length. */
LWSEC_MUST_CHECK lwsec_status lwsec_compose_derive(lwsec_key prk, int32_t hmac, lwsec_bytes info,
                                                   lwsec_store *target,
                                                   const lwsec_key_attributes *attributes,
                                                   size_t key_size, lwsec_key *derived);

/* HKDF-Expand to bytes that are no secret: only for labels of our own making. */
LWSEC_MUST_CHECK lwsec_status lwsec_compose_derive_public(lwsec_key prk, int32_t hmac,
                                                          lwsec_bytes info, uint8_t *out,
                                                          size_t size);

/* The master secret of TLS 1.2 with SHA-256, 48 bytes: four HMACs where the store has no such call.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_compose_psk_master(lwsec_key psk, int32_t hmac,
                                                       lwsec_bytes seed, uint8_t *master);

#endif
