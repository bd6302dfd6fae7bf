/* The floor of mbedTLS: AES-CCM-16-64-128 with one context that keeps the key. */
#include "bench/engine.h"

#include <mbedtls/ccm.h>

#include <stdlib.h>

#define NONCE_SIZE 13
#define TAG_SIZE 8

static mbedtls_ccm_context ccm;

static void need(int result)
{
    if (result != 0) {
        abort();
    }
}

static void start(const uint8_t key[32])
{
    mbedtls_ccm_init(&ccm);
    need(mbedtls_ccm_setkey(&ccm, MBEDTLS_CIPHER_ID_AES, key, 128));
}

static void seal(const uint8_t *nonce, lwsec_bytes aad, uint8_t *text, size_t size)
{
    need(mbedtls_ccm_encrypt_and_tag(&ccm, size, nonce, NONCE_SIZE, aad.data, aad.size, text, text,
                                     text + size, TAG_SIZE));
}

static void open(const uint8_t *nonce, lwsec_bytes aad, uint8_t *text, size_t size)
{
    need(mbedtls_ccm_auth_decrypt(&ccm, size, nonce, NONCE_SIZE, aad.data, aad.size, text, text,
                                  text + size, TAG_SIZE));
}

static void stop(void)
{
    mbedtls_ccm_free(&ccm);
}

const raw_aead raw_mbedtls = {start, seal, open, stop};
