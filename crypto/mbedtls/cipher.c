/* CBC, CTR and single blocks with mbedTLS. */
#include "crypto/mbedtls/store.h"

#include <mbedtls/version.h>

#include <mbedtls/aes.h>
#include <mbedtls/des.h>

typedef struct aes_pair {
    mbedtls_aes_context encrypt;
    mbedtls_aes_context decrypt;
} aes_pair;

typedef struct tdes_pair {
    mbedtls_des3_context encrypt;
    mbedtls_des3_context decrypt;
} tdes_pair;

static int setup_aes(void *context, const lwsec_mbedtls_key *key)
{
    aes_pair *pair = context;
    const unsigned bits = key->size * 8U;

    mbedtls_aes_init(&pair->encrypt);
    mbedtls_aes_init(&pair->decrypt);
    const int error = mbedtls_aes_setkey_enc(&pair->encrypt, key->secret, bits);
    return error != 0 ? error : mbedtls_aes_setkey_dec(&pair->decrypt, key->secret, bits);
}

static void clear_aes(void *context)
{
    aes_pair *pair = context;

    mbedtls_aes_free(&pair->encrypt);
    mbedtls_aes_free(&pair->decrypt);
}

static int cbc_aes(void *context, lwsec_direction direction, uint8_t *iv, lwsec_bytes input,
                   uint8_t *out)
{
    aes_pair *pair = context;
    const bool encrypt = direction == LWSEC_ENCRYPT;

    return mbedtls_aes_crypt_cbc(encrypt ? &pair->encrypt : &pair->decrypt,
                                 encrypt ? MBEDTLS_AES_ENCRYPT : MBEDTLS_AES_DECRYPT, input.size,
                                 iv, input.data, out);
}

static int ctr_aes(void *context, uint8_t *counter, lwsec_bytes input, uint8_t *out)
{
    aes_pair *pair = context;
    uint8_t stream[16] = {0};
    size_t offset = 0;

    const int error = mbedtls_aes_crypt_ctr(&pair->encrypt, input.size, &offset, counter, stream,
                                            input.data, out);
    lwsec_wipe(stream, sizeof stream);
    return error;
}

static int block_aes(void *context, const uint8_t *block, uint8_t *out)
{
    aes_pair *pair = context;

    return mbedtls_aes_crypt_ecb(&pair->encrypt, MBEDTLS_AES_ENCRYPT, block, out);
}

static int setup_tdes(void *context, const lwsec_mbedtls_key *key)
{
    tdes_pair *pair = context;

    mbedtls_des3_init(&pair->encrypt);
    mbedtls_des3_init(&pair->decrypt);
    const int error = mbedtls_des3_set3key_enc(&pair->encrypt, key->secret);
    return error != 0 ? error : mbedtls_des3_set3key_dec(&pair->decrypt, key->secret);
}

static void clear_tdes(void *context)
{
    tdes_pair *pair = context;

    mbedtls_des3_free(&pair->encrypt);
    mbedtls_des3_free(&pair->decrypt);
}

static int cbc_tdes(void *context, lwsec_direction direction, uint8_t *iv, lwsec_bytes input,
                    uint8_t *out)
{
    tdes_pair *pair = context;
    const bool encrypt = direction == LWSEC_ENCRYPT;

    return mbedtls_des3_crypt_cbc(encrypt ? &pair->encrypt : &pair->decrypt,
                                  encrypt ? MBEDTLS_DES_ENCRYPT : MBEDTLS_DES_DECRYPT, input.size,
                                  iv, input.data, out);
}

static int block_tdes(void *context, const uint8_t *block, uint8_t *out)
{
    tdes_pair *pair = context;

    return mbedtls_des3_crypt_ecb(&pair->encrypt, block, out);
}

const lwsec_mbedtls_kind *lwsec_mbedtls_cipher_kind(int32_t algorithm)
{
    static const lwsec_mbedtls_kind aes = {.context_size = sizeof(aes_pair),
                                           .setup = setup_aes,
                                           .clear = clear_aes,
                                           .cbc = cbc_aes,
                                           .ctr = ctr_aes,
                                           .block = block_aes};
    static const lwsec_mbedtls_kind tdes = {.context_size = sizeof(tdes_pair),
                                            .setup = setup_tdes,
                                            .clear = clear_tdes,
                                            .cbc = cbc_tdes,
                                            .block = block_tdes};

    return algorithm == LWSEC_ALG_TDES_CBC ? &tdes : &aes;
}

/* The answer of an operation whose output is as long as its input. */
static lwsec_status finish(lwsec_mbedtls_key *key, void *context, int error, uint8_t *out,
                           size_t size)
{
    lwsec_mbedtls_give_back(key, context);
    if (error != 0) {
        lwsec_wipe(out, size);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

lwsec_status lwsec_mbedtls_cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                               lwsec_bytes iv, lwsec_bytes input, uint8_t *out)
{
    lwsec_mbedtls_key *key = &lwsec_mbedtls_store_of(store)->keys[slot];
    uint8_t chain[16];

    if (input.size == 0) {
        return LWSEC_OK;
    }
    void *context = lwsec_mbedtls_borrow(key);
    if (context == NULL) {
        return LWSEC_ENGINE;
    }
    memcpy(chain, iv.data, iv.size);
    const int error = key->kind->cbc(context, direction, chain, input, out);
    return finish(key, context, error, out, input.size);
}

lwsec_status lwsec_mbedtls_ctr(lwsec_store *store, uint32_t slot, lwsec_bytes counter,
                               lwsec_bytes input, uint8_t *out)
{
    lwsec_mbedtls_key *key = &lwsec_mbedtls_store_of(store)->keys[slot];
    uint8_t next[16];

    if (input.size == 0) {
        return LWSEC_OK;
    }
    void *context = lwsec_mbedtls_borrow(key);
    if (context == NULL) {
        return LWSEC_ENGINE;
    }
    memcpy(next, counter.data, sizeof next);
    const int error = key->kind->ctr(context, next, input, out);
    return finish(key, context, error, out, input.size);
}

lwsec_status lwsec_mbedtls_block(lwsec_store *store, uint32_t slot, lwsec_bytes block, uint8_t *out)
{
    lwsec_mbedtls_key *key = &lwsec_mbedtls_store_of(store)->keys[slot];
    void *context = lwsec_mbedtls_borrow(key);

    if (context == NULL) {
        return LWSEC_ENGINE;
    }
    const int error = key->kind->block(context, block.data, out);
    return finish(key, context, error, out, block.size);
}
