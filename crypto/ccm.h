/* CCM (RFC 3610) out of CBC, CTR and single blocks of a key that stays where it is. */
#ifndef LWSEC_CRYPTO_CCM_H
#define LWSEC_CRYPTO_CCM_H

#include <lwsec/store.h>

/* Whether the algorithm is CCM and the key's store has what it is made of. */
bool lwsec_ccm_possible(const lwsec_store *store, const lwsec_algorithm *algorithm);

/*
 * As `seal` and `open` of <lwsec/store.h>. Usually two calls of the store: one of CBC over all that
 * the tag covers, one of CTR over a block of zeros and the text. Without CTR, one call for each
 * block of it.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_ccm_seal(lwsec_key key, const lwsec_algorithm *algorithm,
                                             lwsec_bytes nonce, lwsec_bytes aad,
                                             lwsec_bytes plaintext, uint8_t *out);
LWSEC_MUST_CHECK lwsec_status lwsec_ccm_open(lwsec_key key, const lwsec_algorithm *algorithm,
                                             lwsec_bytes nonce, lwsec_bytes aad,
                                             lwsec_bytes ciphertext, uint8_t *out);

#endif
