/* A server's certificate by the name that the client sends (SNI). */
#include "dtls/openssl/engine.h"

#include <string.h>

void lwsec_dtls_openssl_more_free(lwsec_dtls_openssl_endpoint *self)
{
    for (size_t i = 0; i < LWSEC_DTLS_MORE_MAX; i++) {
        X509_free(self->more[i].certificate);
        sk_X509_pop_free(self->more[i].above, X509_free);
        EVP_PKEY_free(self->more[i].key);
    }
}

static bool read_one(const lwsec_dtls_openssl_endpoint *self, const lwsec_dtls_certificate *from,
                     lwsec_dtls_openssl_own *to)
{
    to->certificate = lwsec_dtls_openssl_parse(self, from->chain[0]);
    to->key = lwsec_dtls_signer_key(self->library, from->key);
    to->above = sk_X509_new_null();
    for (size_t i = 1; to->above != NULL && i < from->chain_count; i++) {
        X509 *next = lwsec_dtls_openssl_parse(self, from->chain[i]);
        if (next == NULL || sk_X509_push(to->above, next) == 0) {
            X509_free(next);
            return false;
        }
    }
    return to->certificate != NULL && to->key != NULL && to->above != NULL &&
           X509_check_private_key(to->certificate, to->key) == 1;
}

/* Into the session alone: another SSL_CTX would bring its own rules for the client's certificate.
 */
static int choose(SSL *ssl, int *alert, void *argument)
{
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    lwsec_dtls *session = lwsec_dtls_openssl_session_of(ssl);
    size_t which = 0;

    (void)argument;
    if (name == NULL) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    if (!lwsec_dtls_pick(session, lwsec_bytes_of(name, strlen(name)), &which)) {
        *alert = SSL_AD_UNRECOGNIZED_NAME;
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    if (which > 0) {
        const lwsec_dtls_openssl_own *own =
            &lwsec_dtls_openssl_endpoint_of(session->endpoint)->more[which - 1];
        if (SSL_use_cert_and_key(ssl, own->certificate, own->key, own->above, 1) != 1) {
            *alert = SSL_AD_INTERNAL_ERROR;
            return SSL_TLSEXT_ERR_ALERT_FATAL;
        }
    }
    return SSL_TLSEXT_ERR_OK;
}

lwsec_status lwsec_dtls_openssl_more(const lwsec_dtls_config *config,
                                     lwsec_dtls_openssl_endpoint *self)
{
    for (size_t i = 0; i < config->more_count; i++) {
        if (!read_one(self, &config->more[i], &self->more[i])) {
            return LWSEC_USAGE;
        }
    }
    if (config->role == LWSEC_DTLS_SERVER) {
        (void)SSL_CTX_set_tlsext_servername_callback(self->context, choose);
    }
    return LWSEC_OK;
}
