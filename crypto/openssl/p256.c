/* ECDSA and ECDH on P-256 with OpenSSL. */
#include "crypto/openssl/store.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#define HALF 32U          /* of a raw signature: r, or s */
#define DER_SIGNATURE 72U /* the longest: a sequence of two 33-byte numbers */

/* A public key, and the private one where `scalar` is not NULL. NULL also for a point off the
 * curve. */
static EVP_PKEY *make_pkey(const uint8_t *point, const BIGNUM *scalar)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    EVP_PKEY *pkey = NULL;

    if (context != NULL && builder != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) ==
            1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, LWSEC_POINT) ==
            1 &&
        (scalar == NULL ||
         OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1)) {
        params = OSSL_PARAM_BLD_to_param(builder);
    }
    if (params != NULL && EVP_PKEY_fromdata_init(context) == 1) {
        const int parts = scalar != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
        (void)EVP_PKEY_fromdata(context, &pkey, parts, params); /* leaves NULL when it fails */
    }
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    return pkey;
}

/* The scalar times the generator, uncompressed. */
static bool multiply(const BIGNUM *scalar, uint8_t *point)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *product = group != NULL ? EC_POINT_new(group) : NULL;
    const bool done = product != NULL &&
                      EC_POINT_mul(group, product, scalar, NULL, NULL, NULL) == 1 &&
                      EC_POINT_point2oct(group, product, POINT_CONVERSION_UNCOMPRESSED, point,
                                         LWSEC_POINT, NULL) == LWSEC_POINT;

    EC_POINT_free(product);
    EC_GROUP_free(group);
    return done;
}

lwsec_status lwsec_openssl_make_pair(lwsec_openssl_key *key, const uint8_t *scalar)
{
    BIGNUM *number = BN_secure_new();

    if (number != NULL && BN_bin2bn(scalar, LWSEC_SCALAR, number) != NULL) {
        BN_set_flags(number, BN_FLG_CONSTTIME);
        if (multiply(number, key->secret)) {
            key->size = LWSEC_POINT;
            key->pair = make_pkey(key->secret, number);
        }
    }
    BN_clear_free(number);
    return key->pair != NULL ? LWSEC_OK : LWSEC_ENGINE;
}

/* The two numbers of a signature, from OpenSSL's DER to fixed sizes. */
static bool unpack_signature(const uint8_t *der, size_t size, uint8_t *raw)
{
    ECDSA_SIG *numbers = d2i_ECDSA_SIG(NULL, &der, (long)size);
    const bool done = numbers != NULL &&
                      BN_bn2binpad(ECDSA_SIG_get0_r(numbers), raw, HALF) == HALF &&
                      BN_bn2binpad(ECDSA_SIG_get0_s(numbers), &raw[HALF], HALF) == HALF;

    ECDSA_SIG_free(numbers);
    return done;
}

/* And back. Returns the size of the DER, 0 when it fails. */
static size_t pack_signature(const uint8_t *raw, uint8_t der[DER_SIGNATURE])
{
    ECDSA_SIG *numbers = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, HALF, NULL);
    BIGNUM *s = BN_bin2bn(&raw[HALF], HALF, NULL);
    int size = 0;

    if (numbers != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(numbers, r, s) == 1) {
        size = i2d_ECDSA_SIG(numbers, &der);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(numbers);
    return size > 0 ? (size_t)size : 0;
}

lwsec_status lwsec_openssl_sign(lwsec_store *store, uint32_t slot, lwsec_bytes message,
                                uint8_t *signature)
{
    const lwsec_openssl_key *key = &lwsec_openssl_store_of(store)->keys[slot];
    uint8_t der[DER_SIGNATURE];
    size_t size = sizeof der;

    (void)ERR_set_mark();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool done =
        context != NULL &&
        EVP_DigestSignInit_ex(context, NULL, "SHA256", NULL, NULL, key->pair, NULL) == 1 &&
        EVP_DigestSign(context, der, &size, message.data, message.size) == 1 &&
        unpack_signature(der, size, signature);
    EVP_MD_CTX_free(context);
    (void)ERR_pop_to_mark();
    return done ? LWSEC_OK : LWSEC_ENGINE;
}

lwsec_status lwsec_openssl_sign_digest(lwsec_store *store, uint32_t slot, const uint8_t *digest,
                                       uint8_t *signature)
{
    const lwsec_openssl_key *key = &lwsec_openssl_store_of(store)->keys[slot];
    uint8_t der[DER_SIGNATURE];
    size_t size = sizeof der;

    (void)ERR_set_mark();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pair, NULL);
    const bool done = context != NULL && EVP_PKEY_sign_init(context) == 1 &&
                      EVP_PKEY_sign(context, der, &size, digest, HALF) == 1 &&
                      unpack_signature(der, size, signature);
    EVP_PKEY_CTX_free(context);
    (void)ERR_pop_to_mark();
    return done ? LWSEC_OK : LWSEC_ENGINE;
}

static lwsec_status verify(EVP_PKEY *pkey, lwsec_bytes message, lwsec_bytes signature)
{
    uint8_t der[DER_SIGNATURE];
    const size_t size = pack_signature(signature.data, der);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    lwsec_status status = LWSEC_ENGINE;

    if (size > 0 && context != NULL &&
        EVP_DigestVerifyInit_ex(context, NULL, "SHA256", NULL, NULL, pkey, NULL) == 1) {
        const int answer = EVP_DigestVerify(context, der, size, message.data, message.size);
        status = answer == 1 ? LWSEC_OK : LWSEC_REJECT;
    }
    EVP_MD_CTX_free(context);
    return status;
}

lwsec_status lwsec_openssl_verify(lwsec_store *store, lwsec_bytes public_key, lwsec_bytes message,
                                  lwsec_bytes signature)
{
    lwsec_status status = LWSEC_REJECT;

    (void)store;
    (void)ERR_set_mark();
    EVP_PKEY *pkey = make_pkey(public_key.data, NULL);
    if (pkey != NULL) {
        status = verify(pkey, message, signature);
        EVP_PKEY_free(pkey);
    }
    (void)ERR_pop_to_mark();
    return status;
}

static bool compute_shared(EVP_PKEY *own, EVP_PKEY *peer, uint8_t shared[HALF])
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
    size_t size = HALF;
    const bool done = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
                      EVP_PKEY_derive_set_peer(context, peer) == 1 &&
                      EVP_PKEY_derive(context, shared, &size) == 1 && size == HALF;

    EVP_PKEY_CTX_free(context);
    return done;
}

lwsec_status lwsec_openssl_agree(lwsec_store *store, uint32_t slot, lwsec_bytes peer,
                                 lwsec_store *target, const lwsec_key_attributes *attributes,
                                 lwsec_key *shared)
{
    const lwsec_openssl_key *key = &lwsec_openssl_store_of(store)->keys[slot];
    lwsec_status status = LWSEC_REJECT;
    uint8_t bytes[HALF];

    (void)ERR_set_mark();
    EVP_PKEY *pkey = make_pkey(peer.data, NULL);
    if (pkey != NULL) {
        status = compute_shared(key->pair, pkey, bytes) ? LWSEC_OK : LWSEC_ENGINE;
        EVP_PKEY_free(pkey);
    }
    (void)ERR_pop_to_mark();
    if (status == LWSEC_OK) {
        status = lwsec_key_import(target, attributes, lwsec_bytes_of(bytes, HALF), shared);
    }
    lwsec_wipe(bytes, sizeof bytes);
    return status;
}

lwsec_status lwsec_openssl_public_key(lwsec_store *store, uint32_t slot, uint8_t *point)
{
    const lwsec_openssl_key *key = &lwsec_openssl_store_of(store)->keys[slot];

    memcpy(point, key->secret, LWSEC_POINT);
    return LWSEC_OK;
}
