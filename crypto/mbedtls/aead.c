/* Sealing and opening with mbedTLS. */
#include "crypto/mbedtls/store.h"

#include <mbedtls/version.h>

#include <mbedtls/ccm.h>
#include <mbedtls/chachapoly.h>
#include <mbedtls/gcm.h>

static int setup_ccm(void *context, const lwsec_mbedtls_key *key)
{
    mbedtls_ccm_init(context);
    return mbedtls_ccm_setkey(context, MBEDTLS_CIPHER_ID_AES, key->secret, key->size * 8U);
}

static void clear_ccm(void *context)
{
    mbedtls_ccm_free(context);
}

static int seal_ccm(void *context, lwsec_bytes nonce, lwsec_bytes aad, lwsec_bytes plaintext,
                    uint8_t *out, size_t tag_size)
{
    return mbedtls_ccm_encrypt_and_tag(context, plaintext.size, nonce.data, nonce.size, aad.data,
                                       aad.size, plaintext.data, out, &out[plaintext.size],
                                       tag_size);
}

static int open_ccm(void *context, lwsec_bytes nonce, lwsec_bytes aad, lwsec_bytes text,
                    const uint8_t *tag, uint8_t *out, size_t tag_size)
{
    return mbedtls_ccm_auth_decrypt(context, text.size, nonce.data, nonce.size, aad.data, aad.size,
                                    text.data, out, tag, tag_size);
}

static int setup_gcm(void *context, const lwsec_mbedtls_key *key)
{
    mbedtls_gcm_init(context);
    return mbedtls_gcm_setkey(context, MBEDTLS_CIPHER_ID_AES, key->secret, key->size * 8U);
}

static void clear_gcm(void *context)
{
    mbedtls_gcm_free(context);
}

static int seal_gcm(void *context, lwsec_bytes nonce, lwsec_bytes aad, lwsec_bytes plaintext,
                    uint8_t *out, size_t tag_size)
{
    return mbedtls_gcm_crypt_and_tag(context, MBEDTLS_GCM_ENCRYPT, plaintext.size, nonce.data,
                                     nonce.size, aad.data, aad.size, plaintext.data, out, tag_size,
                                     &out[plaintext.size]);
}

static int open_gcm(void *context, lwsec_bytes nonce, lwsec_bytes aad, lwsec_bytes text,
                    const uint8_t *tag, uint8_t *out, size_t tag_size)
{
    return mbedtls_gcm_auth_decrypt(context, text.size, nonce.data, nonce.size, aad.data, aad.size,
                                    tag, tag_size, text.data, out);
}

static int setup_chachapoly(void *context, const lwsec_mbedtls_key *key)
{
    mbedtls_chachapoly_init(context);
    return mbedtls_chachapoly_setkey(context, key->secret);
}

static void clear_chachapoly(void *context)
{
    mbedtls_chachapoly_free(context);
}

static int seal_chachapoly(void *context, lwsec_bytes nonce, lwsec_bytes aad, lwsec_bytes plaintext,
                           uint8_t *out, size_t tag_size)
{
    (void)tag_size; /* there is one size only */
    return mbedtls_chachapoly_encrypt_and_tag(context, plaintext.size, nonce.data, aad.data,
                                              aad.size, plaintext.data, out, &out[plaintext.size]);
}

static int open_chachapoly(void *context, lwsec_bytes nonce, lwsec_bytes aad, lwsec_bytes text,
                           const uint8_t *tag, uint8_t *out, size_t tag_size)
{
    (void)tag_size;
    return mbedtls_chachapoly_auth_decrypt(context, text.size, nonce.data, aad.data, aad.size, tag,
                                           text.data, out);
}

const lwsec_mbedtls_kind *lwsec_mbedtls_aead_kind(int32_t algorithm)
{
    static const lwsec_mbedtls_kind ccm = {.context_size = sizeof(mbedtls_ccm_context),
                                           .setup = setup_ccm,
                                           .clear = clear_ccm,
                                           .seal = seal_ccm,
                                           .open = open_ccm};
    static const lwsec_mbedtls_kind gcm = {.context_size = sizeof(mbedtls_gcm_context),
                                           .setup = setup_gcm,
                                           .clear = clear_gcm,
                                           .seal = seal_gcm,
                                           .open = open_gcm};
    static const lwsec_mbedtls_kind chachapoly = {.context_size =
                                                      sizeof(mbedtls_chachapoly_context),
                                                  .setup = setup_chachapoly,
                                                  .clear = clear_chachapoly,
                                                  .seal = seal_chachapoly,
                                                  .open = open_chachapoly};

    switch (algorithm) {
    case LWSEC_ALG_A128GCM:
    case LWSEC_ALG_A192GCM:
    case LWSEC_ALG_A256GCM: return &gcm;
    case LWSEC_ALG_CHACHA20_POLY1305: return &chachapoly;
    default: return &ccm;
    }
}

lwsec_status lwsec_mbedtls_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out)
{
    lwsec_mbedtls_key *key = &lwsec_mbedtls_store_of(store)->keys[slot];
    void *context = lwsec_mbedtls_borrow(key);

    if (context == NULL) {
        lwsec_wipe(out, plaintext.size + key->tag_size);
        return LWSEC_ENGINE;
    }
    const int error = key->kind->seal(context, nonce, aad, plaintext, out, key->tag_size);
    lwsec_mbedtls_give_back(key, context);
    if (error != 0) {
        lwsec_wipe(out, plaintext.size + key->tag_size);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

static bool is_forgery(int error)
{
    return error == MBEDTLS_ERR_CCM_AUTH_FAILED || error == MBEDTLS_ERR_GCM_AUTH_FAILED ||
           error == MBEDTLS_ERR_CHACHAPOLY_AUTH_FAILED;
}

lwsec_status lwsec_mbedtls_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                lwsec_bytes aad, lwsec_bytes ciphertext, uint8_t *out)
{
    lwsec_mbedtls_key *key = &lwsec_mbedtls_store_of(store)->keys[slot];
    const lwsec_bytes text = lwsec_bytes_of(ciphertext.data, ciphertext.size - key->tag_size);
    void *context = lwsec_mbedtls_borrow(key);

    if (context == NULL) {
        lwsec_wipe(out, text.size);
        return LWSEC_ENGINE;
    }
    const int error =
        key->kind->open(context, nonce, aad, text, &ciphertext.data[text.size], out, key->tag_size);
    lwsec_mbedtls_give_back(key, context);
    if (error != 0) {
        lwsec_wipe(out, text.size);
        return is_forgery(error) ? LWSEC_REJECT : LWSEC_ENGINE;
    }
    return LWSEC_OK;
}
