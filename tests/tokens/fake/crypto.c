/* The mechanisms of the fake token, on OpenSSL. */
#include "tests/tokens/fake/fake.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <string.h>

const EVP_MD *fake_hash(CK_MECHANISM_TYPE mechanism)
{
    switch (mechanism) {
    case CKM_SHA256:
    case CKM_SHA256_HMAC: return EVP_sha256();
    case CKM_SHA384:
    case CKM_SHA384_HMAC: return EVP_sha384();
    case CKM_SHA512:
    case CKM_SHA512_HMAC: return EVP_sha512();
    default: return NULL;
    }
}

static const EVP_CIPHER *cipher_of(CK_MECHANISM_TYPE mechanism, CK_ULONG key_size)
{
    const bool small = key_size == 16;
    const bool middle = key_size == 24;

    switch (mechanism) {
    case CKM_AES_ECB:
        return small ? EVP_aes_128_ecb() : middle ? EVP_aes_192_ecb() : EVP_aes_256_ecb();
    case CKM_AES_CBC:
        return small ? EVP_aes_128_cbc() : middle ? EVP_aes_192_cbc() : EVP_aes_256_cbc();
    case CKM_AES_CTR:
        return small ? EVP_aes_128_ctr() : middle ? EVP_aes_192_ctr() : EVP_aes_256_ctr();
    case CKM_AES_GCM:
        return small ? EVP_aes_128_gcm() : middle ? EVP_aes_192_gcm() : EVP_aes_256_gcm();
    case CKM_DES3_ECB: return EVP_des_ede3_ecb();
    case CKM_DES3_CBC: return EVP_des_ede3_cbc();
    default: return NULL;
    }
}

CK_RV fake_check_mechanism(fake_operation operation, CK_MECHANISM_TYPE mechanism)
{
    const bool mac = mechanism == CKM_SHA256_HMAC || mechanism == CKM_SHA384_HMAC ||
                     mechanism == CKM_SHA512_HMAC || mechanism == CKM_AES_CMAC;
    bool known = false;

    switch (operation) {
    case FAKE_ENCRYPT:
    case FAKE_DECRYPT: known = cipher_of(mechanism, 16) != NULL; break;
    case FAKE_DIGEST: known = fake_hash(mechanism) != NULL && !mac; break;
    case FAKE_SIGN:
    case FAKE_VERIFY: known = mac || mechanism == CKM_ECDSA; break;
    case FAKE_IDLE: break;
    }
    return known ? CKR_OK : CKR_MECHANISM_INVALID;
}

static bool run_cipher(EVP_CIPHER_CTX *context, const fake_active *active, bool encrypt,
                       const CK_BYTE *in, int in_size, CK_BYTE *out)
{
    int size = 0;
    int rest = 0;

    return EVP_CipherInit_ex(context, NULL, NULL, active->key,
                             active->parameter_size != 0 ? active->parameter : NULL,
                             encrypt ? 1 : 0) == 1 &&
           EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
           (active->aad_size == 0 ||
            EVP_CipherUpdate(context, NULL, &size, active->aad, (int)active->aad_size) == 1) &&
           (in_size == 0 || EVP_CipherUpdate(context, out, &size, in, in_size) == 1) &&
           EVP_CipherFinal_ex(context, &out[in_size == 0 ? 0 : size], &rest) == 1;
}

static CK_RV run_gcm(EVP_CIPHER_CTX *context, fake_active *active, bool encrypt, const CK_BYTE *in,
                     CK_ULONG in_size, CK_BYTE *out)
{
    const int tag = (int)active->tag_size;
    CK_BYTE copy[16];

    if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, (int)active->parameter_size, NULL) !=
        1) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    if (encrypt) {
        return run_cipher(context, active, true, in, (int)in_size, out) &&
                       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag, &out[in_size]) == 1
                   ? CKR_OK
                   : CKR_FUNCTION_FAILED;
    }
    memcpy(copy, &in[in_size - active->tag_size], active->tag_size);
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag, copy) == 1 &&
                   run_cipher(context, active, false, in, (int)in_size - tag, out)
               ? CKR_OK
               : CKR_GENERAL_ERROR; /* what SoftHSM2 2.6.1 says of a wrong tag */
}

CK_RV fake_crypt(fake_active *active, bool encrypt, const CK_BYTE *in, CK_ULONG in_size,
                 CK_BYTE *out, CK_ULONG *out_size)
{
    const bool gcm = active->mechanism == CKM_AES_GCM;
    const EVP_CIPHER *cipher = cipher_of(active->mechanism, active->key_size);
    const CK_ULONG block = (CK_ULONG)EVP_CIPHER_get_block_size(cipher);
    CK_ULONG size = in_size;

    if (!gcm && in_size % block != 0) {
        return encrypt ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
    }
    if (gcm && !encrypt && in_size < active->tag_size) {
        return CKR_ENCRYPTED_DATA_LEN_RANGE;
    }
    size = !gcm ? in_size : encrypt ? in_size + active->tag_size : in_size - active->tag_size;
    if (out == NULL || *out_size < size) {
        const CK_RV rv = out == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;
        *out_size = size;
        return rv;
    }
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    CK_RV rv = CKR_FUNCTION_FAILED;
    if (context != NULL && EVP_CipherInit_ex(context, cipher, NULL, NULL, NULL, -1) == 1) {
        rv = gcm ? run_gcm(context, active, encrypt, in, in_size, out)
             : run_cipher(context, active, encrypt, in, (int)in_size, out) ? CKR_OK
                                                                           : CKR_FUNCTION_FAILED;
    }
    EVP_CIPHER_CTX_free(context);
    *out_size = size;
    return rv;
}

static CK_RV cmac(const fake_active *active, const CK_BYTE *in, CK_ULONG in_size, CK_BYTE *out)
{
    char name[] = "AES-128-CBC";
    OSSL_PARAM parameters[] = {OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 11),
                               OSSL_PARAM_END};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    size_t size = 0;

    (void)memcpy(&name[4],
                 active->key_size == 16   ? "128"
                 : active->key_size == 24 ? "192"
                                          : "256",
                 3);
    const bool done =
        context != NULL && EVP_MAC_init(context, active->key, active->key_size, parameters) == 1 &&
        EVP_MAC_update(context, in, in_size) == 1 && EVP_MAC_final(context, out, &size, 16) == 1;
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    return done ? CKR_OK : CKR_FUNCTION_FAILED;
}

/* The point that belongs to a scalar. */
static bool point_of(const EC_GROUP *group, const BIGNUM *scalar, CK_BYTE point[65])
{
    EC_POINT *made = EC_POINT_new(group);
    const bool done =
        made != NULL && EC_POINT_mul(group, made, scalar, NULL, NULL, NULL) == 1 &&
        EC_POINT_point2oct(group, made, POINT_CONVERSION_UNCOMPRESSED, point, 65, NULL) == 65;

    EC_POINT_free(made);
    return done;
}

static EVP_PKEY *pair_of(const CK_BYTE *scalar)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *number = BN_bin2bn(scalar, 32, NULL);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pair = NULL;
    CK_BYTE native[32];
    CK_BYTE point[65];
    char name[] = "P-256";

    if (point_of(group, number, point) && BN_bn2nativepad(number, native, 32) == 32) {
        OSSL_PARAM parameters[] = {
            OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 5),
            OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
            OSSL_PARAM_BN(OSSL_PKEY_PARAM_PRIV_KEY, native, sizeof native), OSSL_PARAM_END};
        if (EVP_PKEY_fromdata_init(context) != 1 ||
            EVP_PKEY_fromdata(context, &pair, EVP_PKEY_KEYPAIR, parameters) != 1) {
            pair = NULL;
        }
    }
    EVP_PKEY_CTX_free(context);
    BN_free(number);
    EC_GROUP_free(group);
    return pair;
}

static CK_RV ecdsa(const fake_active *active, const CK_BYTE *in, CK_ULONG in_size, CK_BYTE *out)
{
    EVP_PKEY *pair = pair_of(active->key);
    EVP_PKEY_CTX *context = pair != NULL ? EVP_PKEY_CTX_new(pair, NULL) : NULL;
    CK_BYTE der[80];
    size_t size = sizeof der;
    CK_RV rv = CKR_FUNCTION_FAILED;

    if (context != NULL && EVP_PKEY_sign_init(context) == 1 &&
        EVP_PKEY_sign(context, der, &size, in, in_size) == 1) {
        const CK_BYTE *at = der;
        ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)size);
        if (signature != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32) == 32 &&
            BN_bn2binpad(ECDSA_SIG_get0_s(signature), &out[32], 32) == 32) {
            rv = CKR_OK;
        }
        ECDSA_SIG_free(signature);
    }
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(pair);
    return rv;
}

CK_RV fake_sign(fake_active *active, const CK_BYTE *in, CK_ULONG in_size, CK_BYTE *out,
                CK_ULONG *out_size)
{
    const EVP_MD *hash = fake_hash(active->mechanism);
    const CK_ULONG size = hash != NULL                        ? (CK_ULONG)EVP_MD_get_size(hash)
                          : active->mechanism == CKM_AES_CMAC ? 16
                                                              : 64;

    if (out == NULL || *out_size < size) {
        const CK_RV rv = out == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;
        *out_size = size;
        return rv;
    }
    *out_size = size;
    if (active->mechanism == CKM_AES_CMAC) {
        return cmac(active, in, in_size, out);
    }
    if (active->mechanism == CKM_ECDSA) {
        return ecdsa(active, in, in_size, out);
    }
    return HMAC(hash, active->key, (int)active->key_size, in, in_size, out, NULL) != NULL
               ? CKR_OK
               : CKR_FUNCTION_FAILED;
}

/* The key of the operation is the point. */
CK_RV fake_verify(fake_active *active, const CK_BYTE *in, CK_ULONG in_size,
                  const CK_BYTE *signature, CK_ULONG signature_size)
{
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    ECDSA_SIG *numbers = ECDSA_SIG_new();
    CK_BYTE *der = NULL;
    char name[] = "P-256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 5),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, active->key, active->key_size),
        OSSL_PARAM_END};
    bool right = false;

    if (signature_size == 64 && EVP_PKEY_fromdata_init(maker) == 1 &&
        EVP_PKEY_fromdata(maker, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1 &&
        ECDSA_SIG_set0(numbers, BN_bin2bn(signature, 32, NULL),
                       BN_bin2bn(&signature[32], 32, NULL)) == 1) {
        const int size = i2d_ECDSA_SIG(numbers, &der);
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
        right = size > 0 && EVP_PKEY_verify_init(context) == 1 &&
                EVP_PKEY_verify(context, der, (size_t)size, in, in_size) == 1;
        EVP_PKEY_CTX_free(context);
    }
    OPENSSL_free(der);
    ECDSA_SIG_free(numbers);
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(maker);
    return right ? CKR_OK : signature_size == 64 ? CKR_SIGNATURE_INVALID : CKR_SIGNATURE_LEN_RANGE;
}

CK_RV fake_agree(const CK_BYTE *scalar, const CK_BYTE *point, CK_ULONG point_size,
                 CK_BYTE shared[32])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *peer = EC_POINT_new(group);
    BIGNUM *number = BN_bin2bn(scalar, 32, NULL);
    BIGNUM *x = BN_new();
    const bool done = EC_POINT_oct2point(group, peer, point, point_size, NULL) == 1 &&
                      EC_POINT_mul(group, peer, NULL, peer, number, NULL) == 1 &&
                      EC_POINT_get_affine_coordinates(group, peer, x, NULL, NULL) == 1 &&
                      BN_bn2binpad(x, shared, 32) == 32;

    BN_free(x);
    BN_free(number);
    EC_POINT_free(peer);
    EC_GROUP_free(group);
    return done ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

CK_RV fake_make_pair(CK_BYTE scalar[32], CK_BYTE point[65])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *number = BN_new();
    const bool done = BN_priv_rand_range(number, EC_GROUP_get0_order(group)) == 1 &&
                      point_of(group, number, point) && BN_bn2binpad(number, scalar, 32) == 32;

    BN_free(number);
    EC_GROUP_free(group);
    return done ? CKR_OK : CKR_FUNCTION_FAILED;
}
