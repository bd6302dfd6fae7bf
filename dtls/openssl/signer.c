/* A provider of one key type, built in: an EC key that signs through its handle. It lives in the
 * endpoint's own library context, so nobody else sees it. */
#include "crypto/use.h"
#include "dtls/openssl/engine.h"

#include <openssl/bn.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/params.h>

#include <string.h>

#define POINT 65U
#define HALF 32U
#define DER_SIGNATURE 72U
#define HANDLE "lwsec-key"
#define GROUP "prime256v1"

/* A public key, and the handle of the private one if there is any. */
typedef struct signer {
    uint8_t point[POINT];
    lwsec_key key;
} signer;

/* ---- Key management ---- */

static void *new_key(void *provider)
{
    (void)provider;
    return OPENSSL_zalloc(sizeof(signer));
}

static void free_key(void *key)
{
    OPENSSL_free(key);
}

static int has(const void *key, int selection)
{
    const signer *self = key;

    return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 || self->key.store != NULL;
}

static int match(const void *one, const void *other, int selection)
{
    (void)selection;
    return CRYPTO_memcmp(((const signer *)one)->point, ((const signer *)other)->point, POINT) == 0;
}

static bool octets(const OSSL_PARAM *params, const char *name, void *out, size_t size)
{
    const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, name);

    if (param == NULL || param->data_type != OSSL_PARAM_OCTET_STRING || param->data_size != size) {
        return false;
    }
    memcpy(out, param->data, size);
    return true;
}

static int import_key(void *key, int selection, const OSSL_PARAM params[])
{
    signer *self = key;

    (void)selection;
    (void)octets(params, HANDLE, &self->key, sizeof self->key); /* of our own making only */
    return octets(params, OSSL_PKEY_PARAM_PUB_KEY, self->point, POINT);
}

static const OSSL_PARAM *importable(int selection)
{
    static const OSSL_PARAM types[] = {OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
                                       OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
                                       OSSL_PARAM_octet_string(HANDLE, NULL, 0), OSSL_PARAM_END};

    (void)selection;
    return types;
}

/* The private key does not leave: whoever wants it signs here. */
static int export_key(void *key, int selection, OSSL_CALLBACK *callback, void *argument)
{
    signer *self = key;
    char group[] = GROUP;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, self->point, POINT),
        OSSL_PARAM_construct_end()};

    return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 && callback(params, argument) == 1;
}

static const OSSL_PARAM *exportable(int selection)
{
    return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 ? importable(selection) : NULL;
}

static const OSSL_PARAM *gettable(void *provider)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
        OSSL_PARAM_END};

    (void)provider;
    return types;
}

static bool set_int(OSSL_PARAM *params, const char *name, int value)
{
    OSSL_PARAM *param = OSSL_PARAM_locate(params, name);
    return param == NULL || OSSL_PARAM_set_int(param, value) == 1;
}

static bool set_text(OSSL_PARAM *params, const char *name, const char *value)
{
    OSSL_PARAM *param = OSSL_PARAM_locate(params, name);
    return param == NULL || OSSL_PARAM_set_utf8_string(param, value) == 1;
}

static int get_params(void *key, OSSL_PARAM params[])
{
    (void)key;
    return set_int(params, OSSL_PKEY_PARAM_BITS, 256) &&
           set_int(params, OSSL_PKEY_PARAM_SECURITY_BITS, 128) &&
           set_int(params, OSSL_PKEY_PARAM_MAX_SIZE, DER_SIGNATURE) &&
           set_text(params, OSSL_PKEY_PARAM_GROUP_NAME, GROUP) &&
           set_text(params, OSSL_PKEY_PARAM_DEFAULT_DIGEST, "SHA256");
}

static const char *operation_name(int operation)
{
    return operation == OSSL_OP_SIGNATURE ? "ECDSA" : NULL;
}

/* ---- Signature: one shot, ECDSA with SHA-256 ---- */

typedef struct signature {
    const signer *by;
} signature;

static void *new_signature(void *provider, const char *query)
{
    (void)provider;
    (void)query;
    return OPENSSL_zalloc(sizeof(signature));
}

static int sign_init(void *context, const char *digest, void *key, const OSSL_PARAM params[])
{
    signature *self = context;

    (void)params;
    self->by = key;
    return self->by != NULL && self->by->key.store != NULL && digest != NULL &&
           (strcmp(digest, "SHA2-256") == 0 || strcmp(digest, "SHA256") == 0);
}

static size_t to_der(const uint8_t raw[2 * HALF], unsigned char *out)
{
    ECDSA_SIG *numbers = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, HALF, NULL);
    BIGNUM *s = BN_bin2bn(&raw[HALF], HALF, NULL);
    int size = 0;

    if (numbers != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(numbers, r, s) == 1) {
        size = i2d_ECDSA_SIG(numbers, &out);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(numbers);
    return size > 0 ? (size_t)size : 0;
}

static int sign(void *context, unsigned char *out, size_t *size, size_t capacity,
                const unsigned char *message, size_t message_size)
{
    uint8_t raw[2 * HALF];
    const signature *self = context;

    if (out == NULL) {
        *size = DER_SIGNATURE;
        return 1;
    }
    if (capacity < DER_SIGNATURE ||
        lwsec_key_at_once(self->by->key,
                          lwsec_key_sign(self->by->key, lwsec_bytes_of(message, message_size), raw,
                                         sizeof raw)) != LWSEC_OK) {
        return 0;
    }
    *size = to_der(raw, out);
    return *size > 0;
}

/* ---- The provider ---- */

typedef void (*function)(void);

static const OSSL_DISPATCH key_functions[] = {
    {OSSL_FUNC_KEYMGMT_NEW, (function)new_key},
    {OSSL_FUNC_KEYMGMT_FREE, (function)free_key},
    {OSSL_FUNC_KEYMGMT_HAS, (function)has},
    {OSSL_FUNC_KEYMGMT_MATCH, (function)match},
    {OSSL_FUNC_KEYMGMT_IMPORT, (function)import_key},
    {OSSL_FUNC_KEYMGMT_IMPORT_TYPES, (function)importable},
    {OSSL_FUNC_KEYMGMT_EXPORT, (function)export_key},
    {OSSL_FUNC_KEYMGMT_EXPORT_TYPES, (function)exportable},
    {OSSL_FUNC_KEYMGMT_GET_PARAMS, (function)get_params},
    {OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, (function)gettable},
    {OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, (function)operation_name},
    {0, NULL}};

static const OSSL_DISPATCH signature_functions[] = {
    {OSSL_FUNC_SIGNATURE_NEWCTX, (function)new_signature},
    {OSSL_FUNC_SIGNATURE_FREECTX, (function)free_key},
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, (function)sign_init},
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN, (function)sign},
    {0, NULL}};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache)
{
    static const OSSL_ALGORITHM keys[] = {
        {"EC:id-ecPublicKey:1.2.840.10045.2.1", "provider=lwsec", key_functions, NULL},
        {NULL, NULL, NULL, NULL}};
    static const OSSL_ALGORITHM functions[] = {
        {"TLS1-PRF", "provider=default,lwsec.prf=yes", lwsec_dtls_prf, NULL},
        {NULL, NULL, NULL, NULL}};
    static const OSSL_ALGORITHM signatures[] = {
        {"ECDSA", "provider=lwsec", signature_functions, NULL}, {NULL, NULL, NULL, NULL}};

    (void)provider;
    *no_cache = 0;
    switch (operation) {
    case OSSL_OP_KDF: return functions;
    case OSSL_OP_KEYMGMT: return keys;
    case OSSL_OP_SIGNATURE: return signatures;
    default: return NULL;
    }
}

/* The context is the library context that the provider was loaded into. */
int lwsec_dtls_signer_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
                           const OSSL_DISPATCH **out, void **context)
{
    static const OSSL_DISPATCH table[] = {{OSSL_FUNC_PROVIDER_QUERY_OPERATION, (function)query},
                                          {0, NULL}};

    for (; in->function_id != 0; in++) {
        if (in->function_id == OSSL_FUNC_CORE_GET_LIBCTX) {
            *context = OSSL_FUNC_core_get_libctx(in)(handle);
            *out = table;
            return *context != NULL;
        }
    }
    return 0;
}

EVP_PKEY *lwsec_dtls_signer_key(OSSL_LIB_CTX *library, lwsec_key key)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(library, "EC", "provider=lwsec");
    EVP_PKEY *pkey = NULL;
    uint8_t point[POINT];
    char group[] = GROUP;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                           OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, POINT),
                           OSSL_PARAM_construct_octet_string(HANDLE, &key, sizeof key),
                           OSSL_PARAM_construct_end()};

    if (context != NULL &&
        lwsec_key_at_once(key, lwsec_key_public(key, point, sizeof point)) == LWSEC_OK &&
        EVP_PKEY_fromdata_init(context) == 1) {
        (void)EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_KEYPAIR, params);
    }
    EVP_PKEY_CTX_free(context);
    return pkey;
}
