/* What the parts of mbedTLS's DTLS engine share. */
#ifndef LWSEC_DTLS_MBEDTLS_ENGINE_H
#define LWSEC_DTLS_MBEDTLS_ENGINE_H

#include "certpolicy/mbedtls/cert_mbedtls.h"
#include "dtls/engine.h"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

/* Fields that 3.x calls private, and that have no other way in. */
#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(field) field
#endif

/* A certificate of a server's own, with its key. */
typedef struct lwsec_dtls_mbedtls_own {
    mbedtls_x509_crt chain;
    mbedtls_pk_context pk;
    lwsec_key key;
} lwsec_dtls_mbedtls_own;

/* An endpoint's data. */
typedef struct lwsec_dtls_mbedtls_endpoint {
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_ssl_config config;
    mbedtls_x509_crt chain;
    mbedtls_x509_crt no_anchor; /* it insists on one; who judges is certpolicy */
    mbedtls_pk_context key;
    lwsec_dtls_mbedtls_own more[LWSEC_DTLS_MORE_MAX];
    int suites[LWSEC_DTLS_SUITES + 1];
#if MBEDTLS_VERSION_MAJOR == 2
    mbedtls_ecp_group_id groups[LWSEC_DTLS_GROUPS + 1];
#else
    uint16_t groups[LWSEC_DTLS_GROUPS + 1];
#endif
} lwsec_dtls_mbedtls_endpoint;

/* What mbedTLS is given as the transport identity of a client: the session, of whose address
 * cookies are made. */
typedef struct lwsec_dtls_mbedtls_identity {
    lwsec_dtls *session;
} lwsec_dtls_mbedtls_identity;

/* How many signatures of a path are remembered: more are checked again. */
#define LWSEC_DTLS_MBEDTLS_STEPS 4U

/* A session's. */
typedef struct lwsec_dtls_mbedtls_session {
    mbedtls_ssl_context ssl;
    uint64_t timer_start;
    uint32_t timer_between;
    uint32_t timer_final; /* 0: it does not run */
    bool proved;          /* the cookie of the client came back */
    bool offers;          /* a client offers the session with this master secret */
    uint8_t offered[48];
    /* While mbedTLS goes down its path: what it has found, and the certificate above. */
    lwsec_mbedtls_known steps[LWSEC_DTLS_MBEDTLS_STEPS];
    size_t step_count;
    lwsec_bytes above;
} lwsec_dtls_mbedtls_session;

static inline lwsec_dtls_mbedtls_endpoint *lwsec_dtls_mbedtls_endpoint_of(
    const lwsec_dtls_endpoint *endpoint)
{
    return (lwsec_dtls_mbedtls_endpoint *)(uintptr_t)endpoint->room;
}

static inline lwsec_dtls_mbedtls_session *lwsec_dtls_mbedtls_of(const lwsec_dtls *session)
{
    return (lwsec_dtls_mbedtls_session *)(uintptr_t)session->room;
}

/* Connection IDs as in RFC 9146, not those of its draft (extension 254), whose records are
 * authenticated otherwise. Who is the newest is seen by the window of record numbers. */
#if defined(MBEDTLS_SSL_DTLS_CONNECTION_ID) && MBEDTLS_TLS_EXT_CID == 54 &&                        \
    defined(MBEDTLS_SSL_DTLS_ANTI_REPLAY)
#define LWSEC_DTLS_MBEDTLS_CID 1
#else
#define LWSEC_DTLS_MBEDTLS_CID 0
#endif

/* Short handshakes: as in the engine's table, and a server's look-up in its configuration. */
lwsec_status lwsec_dtls_mbedtls_ticket(lwsec_dtls *session, lwsec_buffer *out);
bool lwsec_dtls_mbedtls_offer(lwsec_dtls *session, lwsec_bytes ticket);
size_t lwsec_dtls_mbedtls_session_id(const lwsec_dtls *session, uint8_t id[LWSEC_DTLS_SESSION_ID]);
bool lwsec_dtls_mbedtls_is_resumed(const lwsec_dtls *session);
void lwsec_dtls_mbedtls_conf_resume(lwsec_dtls_endpoint *endpoint, mbedtls_ssl_config *config);

/* A live session as bytes. */
#if defined(MBEDTLS_SSL_CONTEXT_SERIALIZATION)
#define LWSEC_DTLS_MBEDTLS_SLEEP 1
#else
#define LWSEC_DTLS_MBEDTLS_SLEEP 0
#endif

/* As in the engine's table. */
lwsec_status lwsec_dtls_mbedtls_save(lwsec_dtls *session, lwsec_buffer *out);
bool lwsec_dtls_mbedtls_load(lwsec_dtls *session, lwsec_bytes saved);

/* Whether a handshake that is done has the CID that is required. */
bool lwsec_dtls_mbedtls_cid_is_there(lwsec_dtls *session);

/* The sizes of CIDs, into the configuration. */
bool lwsec_dtls_mbedtls_conf_cid(const lwsec_dtls_config *config, mbedtls_ssl_config *ssl);

/* As in the engine's table. */
bool lwsec_dtls_mbedtls_set_cid(lwsec_dtls *session);
bool lwsec_dtls_mbedtls_has_cid(const lwsec_dtls *session, size_t *peer_size);
uint64_t lwsec_dtls_mbedtls_newest(const lwsec_dtls *session);

lwsec_status lwsec_dtls_mbedtls_endpoint_open(lwsec_dtls_endpoint *endpoint);
void lwsec_dtls_mbedtls_endpoint_close(lwsec_dtls_endpoint *endpoint);

/* Judges the peer's certificates; the first argument is the session. */
int lwsec_dtls_mbedtls_verify(void *session, mbedtls_x509_crt *certificate, int depth,
                              uint32_t *flags);

/* Finds the PSK of an identity; the first argument is the endpoint. */
int lwsec_dtls_mbedtls_psk(void *endpoint, mbedtls_ssl_context *ssl, const unsigned char *identity,
                           size_t size);

/* Chooses the certificate by SNI; the first argument is the endpoint. */
int lwsec_dtls_mbedtls_choose(void *endpoint, mbedtls_ssl_context *ssl, const unsigned char *name,
                              size_t size);

/* A pk context that signs through the handle. It owns nothing. */
void lwsec_dtls_mbedtls_key(mbedtls_pk_context *pk, lwsec_key *key);

#endif
