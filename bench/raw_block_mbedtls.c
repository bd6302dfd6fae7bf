/* The floor of mbedTLS: AES-CBC and AES-CMAC with contexts that keep their keys. */
#include "bench/sms.h"

#include <mbedtls/aes.h>
#include <mbedtls/cmac.h>

#include <stdlib.h>

static mbedtls_aes_context encrypting;
static mbedtls_aes_context decrypting;
static mbedtls_cipher_context_t authenticating;

static void need(int result)
{
    if (result != 0) {
        abort();
    }
}

static void start(const uint8_t kic[16], const uint8_t kid[16])
{
    mbedtls_aes_init(&encrypting);
    mbedtls_aes_init(&decrypting);
    mbedtls_cipher_init(&authenticating);
    need(mbedtls_aes_setkey_enc(&encrypting, kic, 128));
    need(mbedtls_aes_setkey_dec(&decrypting, kic, 128));
    need(mbedtls_cipher_setup(&authenticating,
                              mbedtls_cipher_info_from_type(MBEDTLS_CIPHER_AES_128_ECB)));
    need(mbedtls_cipher_cmac_starts(&authenticating, kid, 128));
}

static void encrypt(uint8_t *text, size_t size)
{
    uint8_t vector[16] = {0};

    need(mbedtls_aes_crypt_cbc(&encrypting, MBEDTLS_AES_ENCRYPT, size, vector, text, text));
}

static void decrypt(uint8_t *text, size_t size)
{
    uint8_t vector[16] = {0};

    need(mbedtls_aes_crypt_cbc(&decrypting, MBEDTLS_AES_DECRYPT, size, vector, text, text));
}

static void mac(const uint8_t *text, size_t size, uint8_t out[16])
{
    need(mbedtls_cipher_cmac_reset(&authenticating));
    need(mbedtls_cipher_cmac_update(&authenticating, text, size));
    need(mbedtls_cipher_cmac_finish(&authenticating, out));
}

static void stop(void)
{
    mbedtls_aes_free(&encrypting);
    mbedtls_aes_free(&decrypting);
    mbedtls_cipher_free(&authenticating);
}

const raw_block raw_block_mbedtls = {start, encrypt, decrypt, mac, stop};
