/* The derivations of RFC 8613 section 3.2.1: the only places where a label is made. */
#ifndef LWSEC_CRYPTO_OSCORE_KDF_H
#define LWSEC_CRYPTO_OSCORE_KDF_H

#include <lwsec/key.h>

/* The longest info structure: 5 items, an ID of 7 bytes, an ID Context of 255. */
#define LWSEC_OSCORE_INFO_MAX 300U

/* What all derivations of one context share. */
typedef struct lwsec_oscore_kdf {
    lwsec_key prk;
    int32_t hmac;
    const lwsec_algorithm *aead;
    lwsec_bytes id_context; /* NULL data: none */
} lwsec_oscore_kdf;

/* The info structure for `type` ("Key" or "IV") and `size` bytes of output, into `info`. */
size_t lwsec_oscore_info(lwsec_bytes id, lwsec_bytes id_context, int32_t aead, const char *type,
                         size_t size, uint8_t info[LWSEC_OSCORE_INFO_MAX]);

/* A Sender or Recipient Key for `usage`, in `target`. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_derive_key(const lwsec_oscore_kdf *kdf, lwsec_bytes id,
                                                      uint32_t usage, lwsec_store *target,
                                                      lwsec_key *key);

/* The Common IV: nonce_size bytes. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_derive_iv(const lwsec_oscore_kdf *kdf, uint8_t *iv);

/*
 * The name of the record that counts for the key of `id`: 16 bytes that only the same inputs give.
 * A type of our own in the same structure: it tells nothing of the key, and equal keys have equal
 * names.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_derive_fingerprint(const lwsec_oscore_kdf *kdf,
                                                              lwsec_bytes id,
                                                              uint8_t fingerprint[16]);

/* X_N: two byte strings of at most 17 bytes, each with a head of one. */
#define LWSEC_OSCORE_UPDATE_SALT_MAX 36U

/*
 * The next Master Secret, of `size` bytes and for the same uses, out of one that has both
 * LWSEC_USE_EXTRACT and LWSEC_USE_DERIVE (KUDOS, draft-ietf-core-oscore-key-update-14: it is the
 * pseudorandom key of HKDF-Expand as it is). It stays in the store of `secret`.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_derive_update(lwsec_key secret, int32_t hmac,
                                                         lwsec_bytes salt, size_t size,
                                                         lwsec_key *updated);

#endif
