/* What the sealed file needs of libsodium. */
#ifndef LWSEC_CRYPTO_SEALED_FILE_SODIUM_BOX_H
#define LWSEC_CRYPTO_SEALED_FILE_SODIUM_BOX_H

#include <lwsec/bytes.h>

#define LWSEC_BOX_KEY 32U
#define LWSEC_BOX_NONCE 24U
#define LWSEC_BOX_TAG 16U
#define LWSEC_BOX_SALT 16U
#define LWSEC_BOX_DIGEST 16U

bool lwsec_box_start(void);
void lwsec_box_random(uint8_t *out, size_t size);

/* XChaCha20-Poly1305: `out` has room for the text and a tag; `out` of an opening, for the text. */
void lwsec_box_seal(const uint8_t *key, const uint8_t *nonce, lwsec_bytes aad, lwsec_bytes text,
                    uint8_t *out);
bool lwsec_box_open(const uint8_t *key, const uint8_t *nonce, lwsec_bytes aad, lwsec_bytes sealed,
                    uint8_t *out);

/* Argon2id. False: there is not enough memory. */
bool lwsec_box_passphrase(lwsec_bytes passphrase, const uint8_t *salt, uint32_t passes,
                          uint32_t memory_kib, uint8_t key[LWSEC_BOX_KEY]);

/* A digest without a key, against accidents. */
void lwsec_box_digest(lwsec_bytes bytes, uint8_t digest[LWSEC_BOX_DIGEST]);

/* Memory that stays out of swap space and core dumps. Unlocking leaves its content. */
bool lwsec_box_lock(const void *memory, size_t size);
void lwsec_box_unlock(const void *memory, size_t size);

#endif
