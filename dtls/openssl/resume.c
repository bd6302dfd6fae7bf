/* Short handshakes on OpenSSL: its sessions as bytes, and a server's look-up of them. */
#include "dtls/openssl/engine.h"

#include <string.h>

/* ---- As in the engine's table ---- */

lwsec_status lwsec_dtls_openssl_ticket(lwsec_dtls *session, lwsec_buffer *out)
{
    lwsec_dtls_errors errors;
    unsigned char *end = out->data;

    out->size = 0;
    lwsec_dtls_errors_save(&errors);
    const SSL_SESSION *own = SSL_get0_session(lwsec_dtls_openssl_of(session)->ssl);
    const int size = own != NULL ? i2d_SSL_SESSION(own, NULL) : 0;
    if (size > 0 && (size_t)size <= out->capacity) {
        (void)i2d_SSL_SESSION(own, &end);
        out->size = (size_t)size;
    }
    lwsec_dtls_errors_restore(&errors);
    return out->size > 0 ? LWSEC_OK : LWSEC_BUFFER;
}

/* Before 3.2 it reads the peer's certificate in the host's library context; nobody asks that one
 * for more than its bytes. */
static SSL_SESSION *parse(const lwsec_dtls_endpoint *endpoint, lwsec_bytes ticket)
{
    const unsigned char *end = ticket.data;

#if OPENSSL_VERSION_NUMBER >= 0x30200000L
    return d2i_SSL_SESSION_ex(NULL, &end, (long)ticket.size,
                              lwsec_dtls_openssl_endpoint_of(endpoint)->library, LWSEC_DTLS_QUERY);
#else
    (void)endpoint;
    return d2i_SSL_SESSION(NULL, &end, (long)ticket.size);
#endif
}

bool lwsec_dtls_openssl_offer(lwsec_dtls *session, lwsec_bytes ticket)
{
    lwsec_dtls_errors errors;

    lwsec_dtls_errors_save(&errors);
    SSL_SESSION *offered = parse(session->endpoint, ticket);
    const bool good =
        offered != NULL && SSL_set_session(lwsec_dtls_openssl_of(session)->ssl, offered) == 1;
    SSL_SESSION_free(offered);
    lwsec_dtls_errors_restore(&errors);
    return good;
}

size_t lwsec_dtls_openssl_session_id(const lwsec_dtls *session, uint8_t id[LWSEC_DTLS_SESSION_ID])
{
    const SSL_SESSION *own = SSL_get0_session(lwsec_dtls_openssl_of(session)->ssl);
    unsigned size = 0;
    const unsigned char *bytes = own != NULL ? SSL_SESSION_get_id(own, &size) : NULL;

    if (size == LWSEC_DTLS_SESSION_ID) {
        memcpy(id, bytes, size);
    }
    return size;
}

bool lwsec_dtls_openssl_is_resumed(const lwsec_dtls *session)
{
    return SSL_session_reused(lwsec_dtls_openssl_of(session)->ssl) == 1;
}

/* ---- A server's look-up ---- */

static SSL_SESSION *recall(SSL *ssl, const unsigned char *id, int id_size, int *copied)
{
    uint8_t bytes[LWSEC_DTLS_RESUME_X509];
    lwsec_buffer ticket = lwsec_buffer_of(bytes, sizeof bytes);
    SSL_SESSION *found = NULL;

    *copied = 0;
    const lwsec_dtls_endpoint *endpoint = lwsec_dtls_openssl_session_of(ssl)->endpoint;
    if (lwsec_dtls_recall(endpoint, lwsec_bytes_of(id, (size_t)id_size), &ticket)) {
        found = parse(endpoint, lwsec_buffer_bytes(&ticket));
    }
    lwsec_wipe(bytes, sizeof bytes);
    return found;
}

/* Sessions are remembered once the handshake is done: see dtls/cache.c. Tickets of a server would
 * have to carry its client's certificates, and outgrow a ClientHello that fits a datagram. */
void lwsec_dtls_openssl_conf_resume(const lwsec_dtls_endpoint *endpoint, SSL_CTX *context)
{
    static const unsigned char name[] = "lwsec";
    const bool client = endpoint->config.role == LWSEC_DTLS_CLIENT;

    if (client && (endpoint->config.flags & (uint32_t)LWSEC_DTLS_ALLOW_RESUME) != 0) {
        (void)SSL_CTX_clear_options(context, SSL_OP_NO_TICKET);
    }
    if (endpoint->cache != NULL) {
        (void)SSL_CTX_set_session_cache_mode(context,
                                             SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL);
        (void)SSL_CTX_set_session_id_context(context, name, sizeof name - 1);
        (void)SSL_CTX_set_timeout(context, LWSEC_DTLS_RESUME_MAX / 1000);
        SSL_CTX_sess_set_get_cb(context, recall);
    }
}
