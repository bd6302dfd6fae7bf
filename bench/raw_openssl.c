/* The floor of OpenSSL: AES-CCM-16-64-128 with one context that keeps the key. */
#include "bench/engine.h"

#include <openssl/evp.h>

#include <stdlib.h>

#define NONCE_SIZE 13
#define TAG_SIZE 8

static EVP_CIPHER_CTX *sealing;
static EVP_CIPHER_CTX *opening;

static void need(int ok)
{
    if (ok <= 0) {
        abort();
    }
}

static EVP_CIPHER_CTX *keyed(const uint8_t *key, int encrypt)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    need(ctx != NULL);
    need(EVP_CipherInit_ex(ctx, EVP_aes_128_ccm(), NULL, NULL, NULL, encrypt));
    need(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, NONCE_SIZE, NULL));
    need(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, NULL));
    need(EVP_CipherInit_ex(ctx, NULL, NULL, key, NULL, encrypt));
    return ctx;
}

static void start(const uint8_t key[32])
{
    sealing = keyed(key, 1);
    opening = keyed(key, 0);
}

static void seal(const uint8_t *nonce, lwsec_bytes aad, uint8_t *text, size_t size)
{
    int length;

    need(EVP_EncryptInit_ex(sealing, NULL, NULL, NULL, nonce));
    need(EVP_EncryptUpdate(sealing, NULL, &length, NULL, (int)size));
    need(EVP_EncryptUpdate(sealing, NULL, &length, aad.data, (int)aad.size));
    need(EVP_EncryptUpdate(sealing, text, &length, text, (int)size));
    need(EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, text + size));
}

static void open(const uint8_t *nonce, lwsec_bytes aad, uint8_t *text, size_t size)
{
    int length;

    need(EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, text + size));
    need(EVP_DecryptInit_ex(opening, NULL, NULL, NULL, nonce));
    need(EVP_DecryptUpdate(opening, NULL, &length, NULL, (int)size));
    need(EVP_DecryptUpdate(opening, NULL, &length, aad.data, (int)aad.size));
    need(EVP_DecryptUpdate(opening, text, &length, text, (int)size));
}

static void stop(void)
{
    EVP_CIPHER_CTX_free(sealing);
    EVP_CIPHER_CTX_free(opening);
}

const raw_aead raw_openssl = {start, seal, open, stop};
