/* Sealing and opening with OpenSSL, in as few calls as it takes. */
#include "crypto/openssl/store.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <limits.h>

/* OpenSSL takes a NULL input for a question about lengths, so an empty one needs an address. */
static const uint8_t *address_of(lwsec_bytes bytes)
{
    static const uint8_t nothing;
    return bytes.size > 0 ? bytes.data : &nothing;
}

/*
 * CCM wants the length, then the additional data, then the whole text at once, also an empty one.
 *
 * EVP_Cipher goes to the cipher without a detour: a third less to do for a short message than
 * EVP_CipherUpdate, and a tag that does not match raises no error, so that nobody's error queue
 * needs a mark. libssl seals its records by it.
 */
static bool run_ccm(EVP_CIPHER_CTX *context, lwsec_bytes aad, lwsec_bytes text, uint8_t *out)
{
    uint8_t nowhere[EVP_MAX_BLOCK_LENGTH];
    int done;

    return EVP_CipherUpdate(context, NULL, &done, NULL, (int)text.size) == 1 &&
           (aad.size == 0 || EVP_Cipher(context, NULL, aad.data, (unsigned)aad.size) >= 0) &&
           EVP_Cipher(context, text.size > 0 ? out : nowhere, address_of(text),
                      (unsigned)text.size) >= 0;
}

/* The others make and check their tag in the final call, which raises an error if it does not
 * match. */
static bool run_stream(EVP_CIPHER_CTX *context, lwsec_bytes aad, lwsec_bytes text, uint8_t *out)
{
    uint8_t nowhere[EVP_MAX_BLOCK_LENGTH];
    int done;

    (void)ERR_set_mark();
    const bool ran =
        (aad.size == 0 || EVP_CipherUpdate(context, NULL, &done, aad.data, (int)aad.size) == 1) &&
        (text.size == 0 || EVP_CipherUpdate(context, out, &done, text.data, (int)text.size) == 1) &&
        EVP_CipherFinal_ex(context, nowhere, &done) == 1;
    (void)ERR_pop_to_mark();
    return ran;
}

static bool run(EVP_CIPHER_CTX *context, lwsec_openssl_shape shape, lwsec_bytes aad,
                lwsec_bytes text, uint8_t *out)
{
    return shape.ccm ? run_ccm(context, aad, text, out) : run_stream(context, aad, text, out);
}

static lwsec_openssl_shape shape_of(const lwsec_openssl_key *key)
{
    const lwsec_openssl_shape shape = {lwsec_openssl_is_ccm(key->algorithm), key->tag_size};
    return shape;
}

static inline bool seal(EVP_CIPHER_CTX *context, lwsec_openssl_shape shape, const uint8_t *key,
                        lwsec_bytes nonce, lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out)
{
    OSSL_PARAM tag[2] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG,
                                                           &out[plaintext.size], shape.tag_size),
                         OSSL_PARAM_construct_end()};

    return EVP_EncryptInit_ex2(context, NULL, key, nonce.data, NULL) == 1 &&
           run(context, shape, aad, plaintext, out) && EVP_CIPHER_CTX_get_params(context, tag) == 1;
}

bool lwsec_openssl_seal_with(EVP_CIPHER_CTX *context, lwsec_openssl_shape shape, const uint8_t *key,
                             lwsec_bytes nonce, lwsec_bytes aad, lwsec_bytes plaintext,
                             uint8_t *out)
{
    return seal(context, shape, key, nonce, aad, plaintext, out);
}

lwsec_status lwsec_openssl_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                lwsec_bytes aad, lwsec_bytes plaintext, uint8_t *out)
{
    lwsec_openssl_store *self = lwsec_openssl_store_of(store);
    lwsec_openssl_key *key = &self->keys[slot];
    bool sealed = false;

    if (aad.size > INT_MAX) {
        return LWSEC_ENGINE;
    }
    EVP_CIPHER_CTX *context = lwsec_openssl_borrow(self, key, LWSEC_LANE_ENCRYPT);
    if (context != NULL) {
        sealed = seal(context, shape_of(key), NULL, nonce, aad, plaintext, out);
        lwsec_openssl_give_back(key, LWSEC_LANE_ENCRYPT, context);
    }
    if (!sealed) {
        lwsec_wipe(out, plaintext.size + key->tag_size);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

static inline lwsec_status unseal(EVP_CIPHER_CTX *context, lwsec_openssl_shape shape,
                                  const uint8_t *key, lwsec_bytes nonce, lwsec_bytes aad,
                                  lwsec_bytes ciphertext, uint8_t *out)
{
    const lwsec_bytes text = lwsec_bytes_of(ciphertext.data, ciphertext.size - shape.tag_size);
    /* A parameter to set is only read. */
    uint8_t *expected = (uint8_t *)&ciphertext.data[text.size];
    const OSSL_PARAM tag[2] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, expected, shape.tag_size),
        OSSL_PARAM_construct_end()};

    if (EVP_DecryptInit_ex2(context, NULL, key, nonce.data, tag) != 1) {
        return LWSEC_ENGINE;
    }
    return run(context, shape, aad, text, out) ? LWSEC_OK : LWSEC_REJECT;
}

lwsec_status lwsec_openssl_open_with(EVP_CIPHER_CTX *context, lwsec_openssl_shape shape,
                                     const uint8_t *key, lwsec_bytes nonce, lwsec_bytes aad,
                                     lwsec_bytes ciphertext, uint8_t *out)
{
    return unseal(context, shape, key, nonce, aad, ciphertext, out);
}

lwsec_status lwsec_openssl_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce,
                                lwsec_bytes aad, lwsec_bytes ciphertext, uint8_t *out)
{
    lwsec_openssl_store *self = lwsec_openssl_store_of(store);
    lwsec_openssl_key *key = &self->keys[slot];
    lwsec_status status = LWSEC_ENGINE;

    if (aad.size > INT_MAX) {
        return LWSEC_ENGINE;
    }
    EVP_CIPHER_CTX *context = lwsec_openssl_borrow(self, key, LWSEC_LANE_DECRYPT);
    if (context != NULL) {
        status = unseal(context, shape_of(key), NULL, nonce, aad, ciphertext, out);
        lwsec_openssl_give_back(key, LWSEC_LANE_DECRYPT, context);
    }
    if (status != LWSEC_OK) {
        lwsec_wipe(out, ciphertext.size - key->tag_size);
    }
    return status;
}
