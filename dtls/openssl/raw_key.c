/* Raw public keys (RFC 7250) on OpenSSL, which has them from 3.2 on. */
#include "dtls/openssl/engine.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#if defined(LWSEC_DTLS_OPENSSL_HAS_RPK)

/* R-5.2.9.2-13: where there are no certificates, neither end speaks of them. A server with both has
 * the client choose. */
bool lwsec_dtls_openssl_use_raw_keys(const lwsec_dtls_config *config, SSL_CTX *context)
{
    static const unsigned char types[] = {TLSEXT_cert_type_rpk, TLSEXT_cert_type_x509};
    const size_t count = config->chain_count > 0 ? 2 : 1;

    return !lwsec_dtls_has_raw_key(config) ||
           (SSL_CTX_set1_server_cert_type(context, types, count) == 1 &&
            SSL_CTX_set1_client_cert_type(context, types, count) == 1);
}

bool lwsec_dtls_openssl_judge_key(lwsec_dtls *session, const X509_STORE_CTX *shown, uint8_t *alert)
{
    EVP_PKEY *key = X509_STORE_CTX_get0_rpk(shown);
    unsigned char *der = NULL;

    if (key == NULL) {
        return false;
    }
    const int size = i2d_PUBKEY(key, &der);
    *alert = lwsec_dtls_judge_key(session, lwsec_bytes_of(der, size > 0 ? (size_t)size : 0));
    OPENSSL_free(der);
    return true;
}

size_t lwsec_dtls_openssl_raw_key(const lwsec_dtls *session, uint8_t *out, size_t capacity)
{
    EVP_PKEY *key = SSL_get0_peer_rpk(lwsec_dtls_openssl_of(session)->ssl);
    const int size = key != NULL ? i2d_PUBKEY(key, NULL) : 0;

    if (size > 0 && (size_t)size <= capacity) {
        (void)i2d_PUBKEY(key, &out);
    }
    return size > 0 ? (size_t)size : 0;
}

#else

bool lwsec_dtls_openssl_use_raw_keys(const lwsec_dtls_config *config, SSL_CTX *context)
{
    (void)context;
    return !lwsec_dtls_has_raw_key(config);
}

bool lwsec_dtls_openssl_judge_key(lwsec_dtls *session, const X509_STORE_CTX *shown, uint8_t *alert)
{
    (void)session;
    (void)shown;
    (void)alert;
    return false;
}

size_t lwsec_dtls_openssl_raw_key(const lwsec_dtls *session, uint8_t *out, size_t capacity)
{
    (void)session;
    (void)out;
    (void)capacity;
    return 0;
}

#endif
