/* The engine of OpenSSL: its parser, and its path validation one step at a time. */
#include <lwsec/cert_openssl.h>

#include "certpolicy/engine.h"
#include "certpolicy/openssl/cert_openssl.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

X509 *lwsec_openssl_certificate(lwsec_bytes der)
{
    const unsigned char *end = der.data;

    if (der.size > LONG_MAX) {
        return NULL;
    }
    X509 *certificate = d2i_X509(NULL, &end, (long)der.size);
    if (certificate != NULL && end != der.data + der.size) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

EVP_PKEY *lwsec_openssl_key(lwsec_bytes der)
{
    const unsigned char *end = der.data;
    EVP_PKEY *key = der.size > LONG_MAX ? NULL : d2i_PUBKEY(NULL, &end, (long)der.size);

    if (key != NULL && end != der.data + der.size) {
        EVP_PKEY_free(key);
        return NULL;
    }
    return key;
}

/* A certificate that is known already, or parsed now; the caller frees. */
static X509 *find(const lwsec_cert_engine *self, lwsec_bytes der)
{
    const lwsec_openssl_known *known = ((const lwsec_openssl_engine *)(const void *)self)->known;

    for (; known != NULL; known = known->more) {
        for (size_t i = 0; i < known->count; i++) {
            if (lwsec_equal_secret(known->der[i], der)) {
                return X509_up_ref(known->certificates[i]) == 1 ? known->certificates[i] : NULL;
            }
        }
    }
    return lwsec_openssl_certificate(der);
}

static bool parses(const lwsec_cert_engine *self, lwsec_bytes der)
{
    (void)ERR_set_mark();
    X509 *certificate = find(self, der);
    const bool good = certificate != NULL && X509_get0_pubkey(certificate) != NULL;

    X509_free(certificate);
    (void)ERR_pop_to_mark();
    return good;
}

/* Validates with the issuer as the only trusted certificate, which need not be a root. */
static bool validate(X509_STORE_CTX *context, X509_STORE *store, X509 *certificate,
                     STACK_OF(X509) * trusted)
{
    if (X509_STORE_CTX_init(context, store, certificate, NULL) != 1) {
        return false;
    }
    X509_STORE_CTX_set0_trusted_stack(context, trusted);
    X509_STORE_CTX_set_flags(context, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
    return X509_verify_cert(context) == 1 && X509_STORE_CTX_get_error(context) == X509_V_OK;
}

static bool step(const lwsec_cert_engine *self, lwsec_bytes der, lwsec_bytes issuer_der)
{
    (void)ERR_set_mark();
    X509 *certificate = find(self, der);
    X509 *issuer = find(self, issuer_der);
    STACK_OF(X509) *trusted = sk_X509_new_null();
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool good = false;

    if (certificate != NULL && issuer != NULL && trusted != NULL && store != NULL &&
        context != NULL && sk_X509_push(trusted, issuer) == 1) {
        good = validate(context, store, certificate, trusted);
    }
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    sk_X509_free(trusted);
    X509_free(issuer);
    X509_free(certificate);
    (void)ERR_pop_to_mark();
    return good;
}

static bool list(lwsec_bytes der, const lwsec_cert_signed *seal, lwsec_bytes key_der)
{
    const unsigned char *end = der.data;

    (void)seal;
    if (der.size > LONG_MAX) {
        return false;
    }
    (void)ERR_set_mark();
    X509_CRL *crl = d2i_X509_CRL(NULL, &end, (long)der.size);
    EVP_PKEY *key = lwsec_openssl_key(key_der);
    const bool good =
        crl != NULL && key != NULL && end == der.data + der.size && X509_CRL_verify(crl, key) == 1;

    X509_CRL_free(crl);
    EVP_PKEY_free(key);
    (void)ERR_pop_to_mark();
    return good;
}

static bool digest(unsigned bits, lwsec_bytes data, uint8_t out[LWSEC_CERT_DIGEST_MAX])
{
    const EVP_MD *kind = bits == 256 ? EVP_sha256() : bits == 384 ? EVP_sha384() : EVP_sha512();
    unsigned size = 0;

    (void)ERR_set_mark();
    const bool good = EVP_Digest(data.data, data.size, out, &size, kind, NULL) == 1;
    (void)ERR_pop_to_mark();
    return good && size == bits / 8;
}

static const lwsec_openssl_engine engine = {{parses, step, list, digest, lwsec_openssl_ocsp}, NULL};

const lwsec_cert_engine *lwsec_cert_openssl(void)
{
    return &engine.head;
}

lwsec_openssl_engine lwsec_openssl_engine_with(const lwsec_openssl_known *known)
{
    return (lwsec_openssl_engine){engine.head, known};
}
