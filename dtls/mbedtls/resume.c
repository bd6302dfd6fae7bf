/* Short handshakes on mbedTLS: its sessions as bytes, and a server's look-up of them. */
#include "dtls/mbedtls/engine.h"

#include <mbedtls/version.h>

#include <string.h>

/* ---- As in the engine's table ---- */

/* mbedtls_ssl_get_session is for clients alone. */
static const mbedtls_ssl_session *own_of(const lwsec_dtls *session)
{
    return lwsec_dtls_mbedtls_of(session)->ssl.MBEDTLS_PRIVATE(session);
}

lwsec_status lwsec_dtls_mbedtls_ticket(lwsec_dtls *session, lwsec_buffer *out)
{
    if (mbedtls_ssl_session_save(own_of(session), out->data, out->capacity, &out->size) == 0) {
        return LWSEC_OK;
    }
    out->size = 0;
    return LWSEC_BUFFER;
}

bool lwsec_dtls_mbedtls_offer(lwsec_dtls *session, lwsec_bytes ticket)
{
    lwsec_dtls_mbedtls_session *self = lwsec_dtls_mbedtls_of(session);
    mbedtls_ssl_session offered;

    mbedtls_ssl_session_init(&offered);
    const bool good = mbedtls_ssl_session_load(&offered, ticket.data, ticket.size) == 0 &&
                      mbedtls_ssl_set_session(&self->ssl, &offered) == 0;
    if (good) {
        self->offers = true;
        memcpy(self->offered, offered.MBEDTLS_PRIVATE(master), sizeof self->offered);
    }
    mbedtls_ssl_session_free(&offered);
    return good;
}

size_t lwsec_dtls_mbedtls_session_id(const lwsec_dtls *session, uint8_t id[LWSEC_DTLS_SESSION_ID])
{
    const mbedtls_ssl_session *own = own_of(session);
    const size_t size = own != NULL ? own->MBEDTLS_PRIVATE(id_len) : 0;

    if (size == LWSEC_DTLS_SESSION_ID) {
        memcpy(id, own->MBEDTLS_PRIVATE(id), size);
    }
    return size;
}

/* No function tells. A whole handshake has a master secret of its own. */
bool lwsec_dtls_mbedtls_is_resumed(const lwsec_dtls *session)
{
    const lwsec_dtls_mbedtls_session *self = lwsec_dtls_mbedtls_of(session);
    const mbedtls_ssl_session *own = own_of(session);

    return self->offers &&
           lwsec_equal_secret(lwsec_bytes_of(self->offered, sizeof self->offered),
                              lwsec_bytes_of(own->MBEDTLS_PRIVATE(master), sizeof self->offered));
}

/* ---- A server's look-up ---- */

static int recall(void *endpoint, const unsigned char *id, size_t id_size,
                  mbedtls_ssl_session *session)
{
    uint8_t bytes[LWSEC_DTLS_RESUME_X509];
    lwsec_buffer ticket = lwsec_buffer_of(bytes, sizeof bytes);
    int answer = -1;

    if (lwsec_dtls_recall(endpoint, lwsec_bytes_of(id, id_size), &ticket)) {
        answer = mbedtls_ssl_session_load(session, ticket.data, ticket.size);
    }
    lwsec_wipe(bytes, sizeof bytes);
    return answer;
}

/* Sessions are remembered once the handshake is done: see dtls/cache.c. */
#if MBEDTLS_VERSION_MAJOR == 2
static int get_2(void *endpoint, mbedtls_ssl_session *session)
{
    uint8_t id[sizeof session->id];
    const size_t size = session->id_len;

    memcpy(id, session->id, sizeof id);
    return recall(endpoint, id, size, session);
}

static int set_2(void *endpoint, const mbedtls_ssl_session *session)
{
    (void)endpoint;
    (void)session;
    return 0;
}

void lwsec_dtls_mbedtls_conf_resume(lwsec_dtls_endpoint *endpoint, mbedtls_ssl_config *config)
{
    if (endpoint->cache != NULL) {
        mbedtls_ssl_conf_session_cache(config, endpoint, get_2, set_2);
    }
}
#else
static int set_3(void *endpoint, const unsigned char *id, size_t id_size,
                 const mbedtls_ssl_session *session)
{
    (void)endpoint;
    (void)id;
    (void)id_size;
    (void)session;
    return 0;
}

void lwsec_dtls_mbedtls_conf_resume(lwsec_dtls_endpoint *endpoint, mbedtls_ssl_config *config)
{
    if (endpoint->cache != NULL) {
        mbedtls_ssl_conf_session_cache(config, endpoint, recall, set_3);
    }
}
#endif
