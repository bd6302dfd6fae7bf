/* OCSP stapling (RFC 6066 section 8): the response to a client's certificate check, and a server's.
 */
#include "dtls/openssl/engine.h"

#include <string.h>

/* The response comes behind the certificates, which were judged without it. 0: alert 113. */
static int take(SSL *ssl, void *argument)
{
    lwsec_dtls *session = lwsec_dtls_openssl_session_of(ssl);
    const unsigned char *data = NULL;
    const long size = SSL_get_tlsext_status_ocsp_resp(ssl, &data);
    const lwsec_bytes response = lwsec_bytes_of(data, size > 0 ? (size_t)size : 0);
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
    const bool good = chain != NULL && lwsec_dtls_openssl_judge(session, chain, &response) == 0;

    (void)argument;
    lwsec_dtls_openssl_of(session)->status = good;
    return good;
}

static bool find(const lwsec_dtls_config *config, X509 *own, lwsec_bytes *response)
{
    unsigned char *der = NULL;
    const int size = own != NULL ? i2d_X509(own, &der) : 0;
    const bool found =
        size > 0 &&
        config->staple(config->argument, lwsec_bytes_of(der, (size_t)size), response) == LWSEC_OK;

    OPENSSL_free(der);
    return found && response->size > 0 && response->size <= UINT16_MAX;
}

static int give(SSL *ssl, void *argument)
{
    const lwsec_dtls *session = lwsec_dtls_openssl_session_of(ssl);
    lwsec_bytes response = {NULL, 0};

    (void)argument;
    if (!find(&session->endpoint->config, SSL_get_certificate(ssl), &response)) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    unsigned char *copy = OPENSSL_memdup(response.data, response.size);
    if (copy == NULL || SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)response.size) != 1) {
        OPENSSL_free(copy);
        return SSL_TLSEXT_ERR_NOACK;
    }
    return SSL_TLSEXT_ERR_OK;
}

void lwsec_dtls_openssl_use_status(const lwsec_dtls_config *config, SSL_CTX *context)
{
    if (lwsec_dtls_asks_status(config)) {
        (void)SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp);
        (void)SSL_CTX_set_tlsext_status_cb(context, take);
    } else if (config->staple != NULL) {
        (void)SSL_CTX_set_tlsext_status_cb(context, give);
    }
}
