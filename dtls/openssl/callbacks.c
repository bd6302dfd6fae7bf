/* What OpenSSL asks during a handshake: keys, certificates, cookies, and the strength of CCM_8. */
#include "dtls/openssl/engine.h"

#include "certpolicy/openssl/cert_openssl.h"

#include <openssl/x509_vfy.h>

#include <string.h>

/* ---- PSK ---- */

static unsigned give_psk(bool found, const lwsec_buffer *secret, unsigned char *out, unsigned room)
{
    if (!found || secret->size > room) {
        return 0;
    }
    memcpy(out, secret->data, secret->size);
    return (unsigned)secret->size;
}

static unsigned client_psk(SSL *ssl, const char *hint, char *identity, unsigned identity_room,
                           unsigned char *out, unsigned room)
{
    const lwsec_dtls *session = lwsec_dtls_openssl_session_of(ssl);
    const lwsec_bytes own = session->endpoint->config.identity;
    uint8_t bytes[LWSEC_DTLS_PSK_MAX];
    lwsec_buffer secret = lwsec_buffer_of(bytes, sizeof bytes);

    (void)hint;
    if (own.size >= identity_room) {
        return 0;
    }
    memcpy(identity, own.data, own.size);
    identity[own.size] = '\0';
    const bool found = lwsec_dtls_own_psk(session->endpoint, &secret) == LWSEC_OK;
    const unsigned size = give_psk(found, &secret, out, room);
    lwsec_wipe(bytes, sizeof bytes);
    return size;
}

static unsigned server_psk(SSL *ssl, const char *identity, unsigned char *out, unsigned room)
{
    uint8_t bytes[LWSEC_DTLS_PSK_MAX];
    lwsec_buffer secret = lwsec_buffer_of(bytes, sizeof bytes);
    const bool found = lwsec_dtls_find_psk(lwsec_dtls_openssl_session_of(ssl),
                                           lwsec_bytes_of(identity, strlen(identity)), &secret);
    const unsigned size = give_psk(found, &secret, out, room);

    lwsec_wipe(bytes, sizeof bytes);
    return size;
}

/* ---- Certificates ---- */

/* An error that OpenSSL tells the peer by this alert. */
static int error_of(uint8_t alert)
{
    switch (alert) {
    case SSL_AD_BAD_CERTIFICATE: return X509_V_ERR_CERT_REJECTED;
    case SSL_AD_UNSUPPORTED_CERTIFICATE: return X509_V_ERR_INVALID_PURPOSE;
    case SSL_AD_CERTIFICATE_REVOKED: return X509_V_ERR_CERT_REVOKED;
    case SSL_AD_CERTIFICATE_EXPIRED: return X509_V_ERR_CERT_HAS_EXPIRED;
    case SSL_AD_UNKNOWN_CA: return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
    case SSL_AD_CERTIFICATE_UNKNOWN: return X509_V_ERR_PERMITTED_VIOLATION;
    default: return X509_V_ERR_UNSPECIFIED;
    }
}

/* All that the peer sent, as DER that is freed after. More than the check looks at is refused. */
uint8_t lwsec_dtls_openssl_judge(lwsec_dtls *session, STACK_OF(X509) * sent,
                                 const lwsec_bytes *response)
{
    lwsec_bytes chain[LWSEC_CERT_CHAIN_MAX];
    X509 *parsed[LWSEC_CERT_CHAIN_MAX];
    unsigned char *copies[LWSEC_CERT_CHAIN_MAX];
    uint8_t alert = SSL_AD_BAD_CERTIFICATE;
    int count = 0;

    if (sk_X509_num(sent) > (int)LWSEC_CERT_CHAIN_MAX) {
        session->why = LWSEC_WHY_CERT_LIMIT;
        return alert;
    }
    for (; count < sk_X509_num(sent); count++) {
        copies[count] = NULL;
        parsed[count] = sk_X509_value(sent, count);
        const int size = i2d_X509(parsed[count], &copies[count]);
        if (size <= 0) {
            break;
        }
        chain[count] = lwsec_bytes_of(copies[count], (size_t)size);
    }
    if (count > 0 && count == sk_X509_num(sent)) {
        const lwsec_openssl_known known = {
            chain, parsed, (size_t)count,
            &lwsec_dtls_openssl_endpoint_of(session->endpoint)->anchors.known};
        const lwsec_openssl_engine engine = lwsec_openssl_engine_with(&known);
        alert = response != NULL ? lwsec_dtls_judge_status(session, &engine.head, chain,
                                                           (size_t)count, *response)
                                 : lwsec_dtls_judge(session, &engine.head, chain, (size_t)count);
    }
    for (int i = 0; i < count; i++) {
        OPENSSL_free(copies[i]);
    }
    return alert;
}

static int verify(X509_STORE_CTX *store, void *argument)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    lwsec_dtls *session = lwsec_dtls_openssl_session_of(ssl);
    uint8_t alert;

    (void)argument;
    if (!lwsec_dtls_openssl_judge_key(session, store, &alert)) {
        alert = lwsec_dtls_openssl_judge(session, X509_STORE_CTX_get0_untrusted(store), NULL);
    }
    X509_STORE_CTX_set_error(store, alert == 0 ? X509_V_OK : error_of(alert));
    return alert == 0;
}

/* ---- The rest ---- */

static int make_cookie(SSL *ssl, unsigned char *cookie, unsigned *size)
{
    lwsec_dtls_cookie_make(lwsec_dtls_openssl_session_of(ssl), cookie);
    *size = LWSEC_DTLS_COOKIE;
    return 1;
}

static int check_cookie(SSL *ssl, const unsigned char *cookie, unsigned size)
{
    return lwsec_dtls_cookie_check(lwsec_dtls_openssl_session_of(ssl),
                                   lwsec_bytes_of(cookie, size));
}

static void notice(const SSL *ssl, int where, int value)
{
    const int fatal = SSL3_AL_FATAL, canceled = SSL3_AL_WARNING << 8 | SSL_AD_USER_CANCELLED;
    lwsec_dtls *session = lwsec_dtls_openssl_session_of(ssl);

    if ((where & SSL_CB_ALERT) == 0) {
        return;
    }
    if (value >> 8 == fatal) {
        lwsec_dtls_saw_alert(session, (uint8_t)value, (where & SSL_CB_WRITE) != 0);
    }
    session->canceled |= value == canceled && (where & SSL_CB_READ) != 0;
}

/* From 3.2 on OpenSSL rates the 8-byte tag below every level but 0. LwM2M asks for it; for all else
 * the rules of level 2 stay, as OpenSSL's own callback, the argument, has them. */
typedef int security(const SSL *ssl, const SSL_CTX *context, int operation, int bits, int nid,
                     void *other, void *argument);

typedef union security_argument {
    void *pointer;
    security *usual;
} security_argument;

static bool is_ccm_8(int operation, const SSL_CIPHER *cipher)
{
    const bool of_cipher = operation == SSL_SECOP_CIPHER_SUPPORTED ||
                           operation == SSL_SECOP_CIPHER_SHARED ||
                           operation == SSL_SECOP_CIPHER_CHECK;
    if (!of_cipher) {
        return false;
    }
    const uint16_t id = SSL_CIPHER_get_protocol_id(cipher);
    return id == 0xC0A8 || id == 0xC0AE;
}

static int is_strong(const SSL *ssl, const SSL_CTX *context, int operation, int bits, int nid,
                     void *other, void *argument)
{
    const security_argument usual = {argument};

    if (is_ccm_8(operation, other)) {
        return 1;
    }
    return usual.usual != NULL ? usual.usual(ssl, context, operation, bits, nid, other, NULL) : 0;
}

void lwsec_dtls_openssl_callbacks(const lwsec_dtls_endpoint *endpoint, SSL_CTX *context)
{
    const security_argument usual = {.usual = SSL_CTX_get_security_callback(context)};

    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set0_security_ex_data(context, usual.pointer);
    SSL_CTX_set_security_callback(context, is_strong);
    SSL_CTX_set_info_callback(context, notice);
    SSL_CTX_set_cookie_generate_cb(context, make_cookie);
    SSL_CTX_set_cookie_verify_cb(context, check_cookie);
    SSL_CTX_set_cert_verify_callback(context, verify, NULL);
    lwsec_dtls_openssl_use_status(&endpoint->config, context);
    if (lwsec_dtls_has_psk(&endpoint->config)) {
        SSL_CTX_set_psk_client_callback(context, client_psk);
        SSL_CTX_set_psk_server_callback(context, server_psk);
    }
}
