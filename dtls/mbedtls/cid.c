/* Connection IDs on mbedTLS, where it has those of RFC 9146. */
#include "dtls/mbedtls/engine.h"

#if LWSEC_DTLS_MBEDTLS_CID

bool lwsec_dtls_mbedtls_conf_cid(const lwsec_dtls_config *config, mbedtls_ssl_config *ssl)
{
    return config->cid == LWSEC_DTLS_CID_OFF ||
           mbedtls_ssl_conf_cid(ssl, config->cid_size, MBEDTLS_SSL_UNEXPECTED_CID_IGNORE) == 0;
}

/* A server without a CID of its own answers none. */
bool lwsec_dtls_mbedtls_set_cid(lwsec_dtls *session)
{
    const lwsec_dtls_config *config = &session->endpoint->config;
    const bool own = config->cid != LWSEC_DTLS_CID_OFF && session->cid_size == config->cid_size;

    return mbedtls_ssl_set_cid(&lwsec_dtls_mbedtls_of(session)->ssl,
                               own ? MBEDTLS_SSL_CID_ENABLED : MBEDTLS_SSL_CID_DISABLED,
                               session->cid, own ? session->cid_size : 0) == 0;
}

bool lwsec_dtls_mbedtls_has_cid(const lwsec_dtls *session, size_t *peer_size)
{
    mbedtls_ssl_context *ssl = &lwsec_dtls_mbedtls_of(session)->ssl;
    int enabled = MBEDTLS_SSL_CID_DISABLED;
    unsigned char cid[MBEDTLS_SSL_CID_OUT_LEN_MAX];

    return mbedtls_ssl_get_peer_cid(ssl, &enabled, cid, peer_size) == 0 &&
           enabled == MBEDTLS_SSL_CID_ENABLED;
}

/* The upper end of the window moves for records that were authenticated alone. */
uint64_t lwsec_dtls_mbedtls_newest(const lwsec_dtls *session)
{
    return lwsec_dtls_mbedtls_of(session)->ssl.MBEDTLS_PRIVATE(in_window_top);
}

bool lwsec_dtls_mbedtls_cid_is_there(lwsec_dtls *session)
{
    mbedtls_ssl_context *ssl = &lwsec_dtls_mbedtls_of(session)->ssl;
    size_t size;

    if (session->endpoint->config.cid != LWSEC_DTLS_CID_REQUIRED ||
        lwsec_dtls_mbedtls_has_cid(session, &size)) {
        return true;
    }
    session->why = LWSEC_WHY_DTLS_CID;
    (void)mbedtls_ssl_send_alert_message(ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                         MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
    lwsec_dtls_saw_alert(session, MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE, true);
    return false;
}

#else

bool lwsec_dtls_mbedtls_conf_cid(const lwsec_dtls_config *config, mbedtls_ssl_config *ssl)
{
    (void)config;
    (void)ssl;
    return true;
}

bool lwsec_dtls_mbedtls_set_cid(lwsec_dtls *session)
{
    (void)session;
    return true;
}

bool lwsec_dtls_mbedtls_cid_is_there(lwsec_dtls *session)
{
    (void)session;
    return true;
}

#endif
