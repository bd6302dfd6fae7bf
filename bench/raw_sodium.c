/* The floor of libsodium: ChaCha20-Poly1305, which keeps no key but the bytes. */
#include "bench/engine.h"

#include <sodium.h>

#include <stdlib.h>
#include <string.h>

static uint8_t kept[32];

static void start(const uint8_t key[32])
{
    if (sodium_init() < 0) {
        abort();
    }
    memcpy(kept, key, sizeof kept);
}

static void seal(const uint8_t *nonce, lwsec_bytes aad, uint8_t *text, size_t size)
{
    if (crypto_aead_chacha20poly1305_ietf_encrypt_detached(
            text, text + size, NULL, text, size, aad.data, aad.size, NULL, nonce, kept) != 0) {
        abort();
    }
}

static void open(const uint8_t *nonce, lwsec_bytes aad, uint8_t *text, size_t size)
{
    if (crypto_aead_chacha20poly1305_ietf_decrypt_detached(text, NULL, text, size, text + size,
                                                           aad.data, aad.size, nonce, kept) != 0) {
        abort();
    }
}

static void stop(void)
{
    memset(kept, 0, sizeof kept);
}

const raw_aead raw_sodium = {start, seal, open, stop};
