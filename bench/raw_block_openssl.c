/* The floor of OpenSSL: AES-CBC and AES-CMAC with contexts that keep their keys. */
#include "bench/sms.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <stdlib.h>

static EVP_CIPHER_CTX *encrypting;
static EVP_CIPHER_CTX *decrypting;
static EVP_MAC_CTX *authenticating;

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
    need(EVP_CipherInit_ex(ctx, EVP_aes_128_cbc(), NULL, key, NULL, encrypt));
    need(EVP_CIPHER_CTX_set_padding(ctx, 0));
    return ctx;
}

static void start(const uint8_t kic[16], const uint8_t kid[16])
{
    char name[] = "AES-128-CBC";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0),
                                 OSSL_PARAM_construct_end()};
    EVP_MAC *cmac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_CMAC, NULL);

    encrypting = keyed(kic, 1);
    decrypting = keyed(kic, 0);
    authenticating = EVP_MAC_CTX_new(cmac);
    need(authenticating != NULL);
    need(EVP_MAC_init(authenticating, kid, 16, params));
    EVP_MAC_free(cmac);
}

static void run(EVP_CIPHER_CTX *ctx, uint8_t *text, size_t size)
{
    static const uint8_t zeros[16];
    int length;

    need(EVP_CipherInit_ex(ctx, NULL, NULL, NULL, zeros, -1));
    need(EVP_CipherUpdate(ctx, text, &length, text, (int)size));
}

static void encrypt(uint8_t *text, size_t size)
{
    run(encrypting, text, size);
}

static void decrypt(uint8_t *text, size_t size)
{
    run(decrypting, text, size);
}

static void mac(const uint8_t *text, size_t size, uint8_t out[16])
{
    size_t written;

    need(EVP_MAC_init(authenticating, NULL, 0, NULL));
    need(EVP_MAC_update(authenticating, text, size));
    need(EVP_MAC_final(authenticating, out, &written, 16));
}

static void stop(void)
{
    EVP_CIPHER_CTX_free(encrypting);
    EVP_CIPHER_CTX_free(decrypting);
    EVP_MAC_CTX_free(authenticating);
}

const raw_block raw_block_openssl = {start, encrypt, decrypt, mac, stop};
