/* The sealed file's primitives out of libsodium. */
#if !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE
#endif

#include "crypto/sealed_file/sodium_box.h"

#include <sodium.h>
#include <sys/mman.h>

_Static_assert(LWSEC_BOX_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "sizes");
_Static_assert(LWSEC_BOX_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "sizes");
_Static_assert(LWSEC_BOX_TAG == crypto_aead_xchacha20poly1305_ietf_ABYTES, "sizes");
_Static_assert(LWSEC_BOX_SALT == crypto_pwhash_argon2id_SALTBYTES, "sizes");

bool lwsec_box_start(void)
{
    return sodium_init() >= 0;
}

void lwsec_box_random(uint8_t *out, size_t size)
{
    randombytes_buf(out, size);
}

void lwsec_box_seal(const uint8_t *key, const uint8_t *nonce, lwsec_bytes aad, lwsec_bytes text,
                    uint8_t *out)
{
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, text.data, text.size, aad.data,
                                                     aad.size, NULL, nonce, key);
}

bool lwsec_box_open(const uint8_t *key, const uint8_t *nonce, lwsec_bytes aad, lwsec_bytes sealed,
                    uint8_t *out)
{
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed.data, sealed.size,
                                                      aad.data, aad.size, nonce, key) == 0;
}

bool lwsec_box_passphrase(lwsec_bytes passphrase, const uint8_t *salt, uint32_t passes,
                          uint32_t memory_kib, uint8_t key[LWSEC_BOX_KEY])
{
    return crypto_pwhash_argon2id(key, LWSEC_BOX_KEY, (const char *)passphrase.data,
                                  passphrase.size, salt, passes, (size_t)memory_kib * 1024U,
                                  crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0;
}

void lwsec_box_digest(lwsec_bytes bytes, uint8_t digest[LWSEC_BOX_DIGEST])
{
    (void)crypto_generichash(digest, LWSEC_BOX_DIGEST, bytes.data, bytes.size, NULL, 0);
}

bool lwsec_box_lock(const void *memory, size_t size)
{
    return sodium_mlock((void *)memory, size) == 0;
}

/* Not sodium_munlock, which would wipe what others still use. */
void lwsec_box_unlock(const void *memory, size_t size)
{
    (void)munlock(memory, size);
}
