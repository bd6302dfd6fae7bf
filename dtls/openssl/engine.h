/* What the parts of OpenSSL's DTLS engine share. */
#ifndef LWSEC_DTLS_OPENSSL_ENGINE_H
#define LWSEC_DTLS_OPENSSL_ENGINE_H

#include "certpolicy/openssl/cert_openssl.h"
#include "dtls/engine.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>

/* Whatever can be in the library context is looked for in the default provider; the own key alone
 * brings its provider along. */
#define LWSEC_DTLS_QUERY "?provider=default"
/* And where a PSK is a handle, our PRF before the default one. */
#define LWSEC_DTLS_QUERY_PRF "?provider=default,?lwsec.prf=yes"

/* A certificate of the endpoint's own, with its key. */
typedef struct lwsec_dtls_openssl_own {
    X509 *certificate;
    STACK_OF(X509) * above;
    EVP_PKEY *key;
} lwsec_dtls_openssl_own;
/* OpenSSL makes no smaller datagrams by itself. For a smaller limit they are cut between records,
 * which those of a handshake with a PSK fit. */
#define LWSEC_DTLS_OPENSSL_MTU 256U

/* Trust anchors, with bytes of their own. */
typedef struct lwsec_dtls_openssl_anchors {
    lwsec_openssl_known known; /* of the three below */
    unsigned char **copies;
    lwsec_bytes *der;
    X509 **certificates;
} lwsec_dtls_openssl_anchors;

/* An endpoint's data. */
typedef struct lwsec_dtls_openssl {
    OSSL_LIB_CTX *library;
    OSSL_PROVIDER *provider;
    OSSL_PROVIDER *signer;
    BIO_METHOD *method;
    SSL_CTX *context;
    lwsec_dtls_openssl_anchors anchors; /* of the configuration, parsed once */
    lwsec_dtls_openssl_own more[LWSEC_DTLS_MORE_MAX];
} lwsec_dtls_openssl_endpoint;

/* Whether the numbers of records in the clear are to be looked at: see records.c. */
typedef enum lwsec_dtls_numbering {
    LWSEC_DTLS_NUMBERS_STAY = 0,
    LWSEC_DTLS_NUMBERS_UNSEEN, /* the first one after the cookie tells */
    LWSEC_DTLS_NUMBERS_AHEAD
} lwsec_dtls_numbering;

/* A session's. */
typedef struct lwsec_dtls_openssl_session {
    SSL *ssl;
    lwsec_dtls_numbering numbering;
    uint64_t hello; /* number of the record that brought the cookie */
    uint64_t ahead; /* what is added to OpenSSL's */
    bool status;    /* what is known of the server's certificate was judged */
} lwsec_dtls_openssl_session;

static inline lwsec_dtls_openssl_endpoint *lwsec_dtls_openssl_endpoint_of(
    const lwsec_dtls_endpoint *endpoint)
{
    return (lwsec_dtls_openssl_endpoint *)(uintptr_t)endpoint->room;
}

static inline lwsec_dtls_openssl_session *lwsec_dtls_openssl_of(const lwsec_dtls *session)
{
    return (lwsec_dtls_openssl_session *)(uintptr_t)session->room;
}

/* The session that an SSL object belongs to. */
static inline lwsec_dtls *lwsec_dtls_openssl_session_of(const SSL *ssl)
{
    return SSL_get_app_data(ssl);
}

/* The host's errors, put aside while OpenSSL clears the queue, as it does in each handshake. */
#define LWSEC_DTLS_ERRORS 16U

typedef struct lwsec_dtls_errors {
    size_t count;
    struct {
        unsigned long code;
        int line;
        char file[96];
        char function[64];
        char data[128];
    } each[LWSEC_DTLS_ERRORS];
} lwsec_dtls_errors;

void lwsec_dtls_errors_save(lwsec_dtls_errors *errors);
void lwsec_dtls_errors_restore(const lwsec_dtls_errors *errors);

/* A certificate in the library context of the endpoint; NULL: it is none. The caller frees. */
X509 *lwsec_dtls_openssl_parse(const lwsec_dtls_openssl_endpoint *self, lwsec_bytes der);

/* The certificates that the check of the configuration names; what is none is left out. False: no
 * memory. */
bool lwsec_dtls_openssl_anchors_open(lwsec_dtls_openssl_endpoint *self,
                                     const lwsec_cert_check *check);
void lwsec_dtls_openssl_anchors_close(lwsec_dtls_openssl_anchors *anchors);

/* Datagrams in and out of the session. */
BIO_METHOD *lwsec_dtls_openssl_method(void);

/* A server's session is bound by this datagram; its records in the clear are numbered after it. */
void lwsec_dtls_openssl_number(lwsec_dtls *session, lwsec_bytes hello);
void lwsec_dtls_openssl_renumber(lwsec_dtls *session, uint8_t *records, size_t size);

/* As in the engine's table. */
lwsec_status lwsec_dtls_openssl_endpoint_open(lwsec_dtls_endpoint *endpoint);
void lwsec_dtls_openssl_endpoint_close(lwsec_dtls_endpoint *endpoint);

/* Into its SSL_CTX, all that OpenSSL asks for in a handshake. */
void lwsec_dtls_openssl_callbacks(const lwsec_dtls_endpoint *endpoint, SSL_CTX *context);

/* A server's certificates beside its first one, and the choice by SNI. */
lwsec_status lwsec_dtls_openssl_more(const lwsec_dtls_config *config,
                                     lwsec_dtls_openssl_endpoint *self);
void lwsec_dtls_openssl_more_free(lwsec_dtls_openssl_endpoint *self);

/* The capability, or none: the build looks whether the library has it. */
#if defined(LWSEC_DTLS_OPENSSL_HAS_RPK)
#define LWSEC_DTLS_OPENSSL_RAW_KEYS LWSEC_DTLS_RPK
#else
#define LWSEC_DTLS_OPENSSL_RAW_KEYS 0U
#endif

/* Raw public keys, where this OpenSSL has RFC 7250 (3.2 on); no capability where not. Into an
 * endpoint's SSL_CTX; the peer's key judged, whose alert is 0 or to be sent, if it has shown one;
 * and its bytes, as in the engine's table. */
bool lwsec_dtls_openssl_use_raw_keys(const lwsec_dtls_config *config, SSL_CTX *context);
bool lwsec_dtls_openssl_judge_key(lwsec_dtls *session, const X509_STORE_CTX *shown, uint8_t *alert);
size_t lwsec_dtls_openssl_raw_key(const lwsec_dtls *session, uint8_t *out, size_t capacity);
/* Short handshakes: as in the engine's table, and a server's look-up in its SSL_CTX. */
lwsec_status lwsec_dtls_openssl_ticket(lwsec_dtls *session, lwsec_buffer *out);
bool lwsec_dtls_openssl_offer(lwsec_dtls *session, lwsec_bytes ticket);
size_t lwsec_dtls_openssl_session_id(const lwsec_dtls *session, uint8_t id[LWSEC_DTLS_SESSION_ID]);
bool lwsec_dtls_openssl_is_resumed(const lwsec_dtls *session);
void lwsec_dtls_openssl_conf_resume(const lwsec_dtls_endpoint *endpoint, SSL_CTX *context);

/* All that a peer sent, judged; `response` is NULL where one is to come, or none is asked for. */
uint8_t lwsec_dtls_openssl_judge(lwsec_dtls *session, STACK_OF(X509) * sent,
                                 const lwsec_bytes *response);

/* OCSP stapling, in both roles. */
void lwsec_dtls_openssl_use_status(const lwsec_dtls_config *config, SSL_CTX *context);

/* The provider of what handles need, built in; its PRF; an EVP_PKEY of a handle. */
int lwsec_dtls_signer_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
                           const OSSL_DISPATCH **out, void **context);
extern const OSSL_DISPATCH lwsec_dtls_prf[];
EVP_PKEY *lwsec_dtls_signer_key(OSSL_LIB_CTX *library, lwsec_key key);

#endif
