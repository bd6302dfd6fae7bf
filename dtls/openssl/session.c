/* A session on OpenSSL: an SSL object between two datagrams. */
#include "dtls/openssl/engine.h"

#include <lwsec/cert_openssl.h>
#include <lwsec/dtls_openssl.h>

#include <openssl/x509.h>
#include <sys/time.h>

#define NEVER UINT64_MAX
#define MS_PER_S 1000U
#define US_PER_MS 1000U

/* OpenSSL asks for each timeout; 0 is before the first. Microseconds. */
static unsigned next_timeout(SSL *ssl, unsigned last)
{
    const unsigned first =
        lwsec_dtls_openssl_session_of(ssl)->endpoint->config.first_timeout * US_PER_MS;
    const unsigned most = LWSEC_DTLS_TIMEOUT_MAX * US_PER_MS;

    if (last == 0) {
        return first;
    }
    return last > most / 2 ? most : 2 * last;
}

static bool set_up(lwsec_dtls *session, SSL *ssl)
{
    const lwsec_dtls_config *config = &session->endpoint->config;
    BIO *bio = BIO_new(lwsec_dtls_openssl_endpoint_of(session->endpoint)->method);
    char name[256];

    if (bio == NULL) {
        return false;
    }
    BIO_set_data(bio, session);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_app_data(ssl, session);
    DTLS_set_timer_cb(ssl, next_timeout);
    const uint32_t mtu =
        config->mtu > LWSEC_DTLS_OPENSSL_MTU ? config->mtu : LWSEC_DTLS_OPENSSL_MTU;
    if (SSL_set_mtu(ssl, (long)mtu) == 0 || config->server_name.size >= sizeof name) {
        return false;
    }
    if (config->role == LWSEC_DTLS_SERVER) {
        SSL_set_accept_state(ssl);
        return true;
    }
    SSL_set_connect_state(ssl);
    (void)BIO_snprintf(name, sizeof name, "%.*s", (int)config->server_name.size,
                       (const char *)config->server_name.data);
    return config->server_name.size == 0 || SSL_set_tlsext_host_name(ssl, name) == 1;
}

static lwsec_status open_session(lwsec_dtls *session)
{
    lwsec_dtls_errors errors;

    lwsec_dtls_errors_save(&errors);
    SSL *ssl = SSL_new(lwsec_dtls_openssl_endpoint_of(session->endpoint)->context);
    const bool good = ssl != NULL && set_up(session, ssl);
    if (good) {
        lwsec_dtls_openssl_of(session)->ssl = ssl;
    } else {
        SSL_free(ssl);
    }
    lwsec_dtls_errors_restore(&errors);
    return good ? LWSEC_OK : LWSEC_ENGINE;
}

static void close_session(lwsec_dtls *session)
{
    lwsec_dtls_errors errors;

    lwsec_dtls_errors_save(&errors);
    SSL_free(lwsec_dtls_openssl_of(session)->ssl);
    lwsec_dtls_errors_restore(&errors);
}

/* Nothing of a client stays before its cookie came back. */
static bool listen_on(lwsec_dtls *session, SSL *ssl)
{
    const lwsec_bytes hello = session->input;
    BIO_ADDR *address = BIO_ADDR_new(); /* OpenSSL fills it where it has a socket */
    const int answer = address != NULL ? DTLSv1_listen(ssl, address) : -1;

    BIO_ADDR_free(address);
    session->input = lwsec_bytes_of(NULL, 0);
    if (answer > 0) {
        session->state = LWSEC_DTLS_SHAKING;
        lwsec_dtls_openssl_number(session, hello);
    }
    return answer > 0;
}

static lwsec_dtls_outcome outcome(SSL *ssl, int answer)
{
    switch (SSL_get_error(ssl, answer)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return LWSEC_DTLS_WAITS;
    case SSL_ERROR_ZERO_RETURN: return LWSEC_DTLS_CLOSED;
    default: return LWSEC_DTLS_FAILED;
    }
}

/* CVE-2024-12797: a raw public key that was refused did not end the handshake. */
static bool is_good(const lwsec_dtls *session, SSL *ssl)
{
    const bool extended =
        (session->endpoint->config.flags & (uint32_t)LWSEC_DTLS_NEED_EXTENDED_MASTER) == 0 ||
        SSL_get_extms_support(ssl) == 1;

    const bool status = !lwsec_dtls_asks_status(&session->endpoint->config) ||
                        lwsec_dtls_openssl_of(session)->status;

    return extended && status && SSL_get_verify_result(ssl) == X509_V_OK;
}

static lwsec_dtls_outcome shake(const lwsec_dtls *session, SSL *ssl)
{
    if (DTLSv1_handle_timeout(ssl) < 0) {
        return LWSEC_DTLS_FAILED;
    }
    const int answer = SSL_do_handshake(ssl);
    if (answer != 1) {
        return outcome(ssl, answer);
    }
    if (!is_good(session, ssl)) {
        (void)SSL_shutdown(ssl);
        return LWSEC_DTLS_FAILED;
    }
    return LWSEC_DTLS_DONE;
}

/* Looks at records until one has plaintext, which stays. */
static lwsec_dtls_outcome look(SSL *ssl)
{
    uint8_t first;
    const int answer = SSL_peek(ssl, &first, 1);

    lwsec_wipe(&first, sizeof first);
    return answer > 0 ? LWSEC_DTLS_WAITS : outcome(ssl, answer);
}

static lwsec_dtls_outcome drive(lwsec_dtls *session)
{
    SSL *ssl = lwsec_dtls_openssl_of(session)->ssl;
    lwsec_dtls_outcome result = LWSEC_DTLS_WAITS;
    lwsec_dtls_errors errors;

    lwsec_dtls_errors_save(&errors);
    if (session->state != LWSEC_DTLS_LISTENING || listen_on(session, ssl)) {
        result = session->state == LWSEC_DTLS_OPEN ? look(ssl) : shake(session, ssl);
    }
    lwsec_dtls_errors_restore(&errors);
    return result;
}

static uint64_t deadline(const lwsec_dtls *session)
{
    struct timeval left;

    if (DTLSv1_get_timeout(lwsec_dtls_openssl_of(session)->ssl, &left) != 1) {
        return NEVER;
    }
    /* Rounded up: a call that comes too early does nothing. */
    return session->now + (uint64_t)left.tv_sec * MS_PER_S +
           ((uint64_t)left.tv_usec + US_PER_MS - 1) / US_PER_MS;
}

static size_t pending(const lwsec_dtls *session)
{
    const int size = SSL_pending(lwsec_dtls_openssl_of(session)->ssl);
    return size > 0 ? (size_t)size : 0;
}

static bool read_all(lwsec_dtls *session, uint8_t *out, size_t size)
{
    lwsec_dtls_errors errors;
    size_t got = 0;

    lwsec_dtls_errors_save(&errors);
    const bool good =
        SSL_read_ex(lwsec_dtls_openssl_of(session)->ssl, out, size, &got) == 1 && got == size;
    lwsec_dtls_errors_restore(&errors);
    return good;
}

static bool write_all(lwsec_dtls *session, lwsec_bytes plaintext)
{
    lwsec_dtls_errors errors;
    size_t put = 0;

    lwsec_dtls_errors_save(&errors);
    const bool good = SSL_write_ex(lwsec_dtls_openssl_of(session)->ssl, plaintext.data,
                                   plaintext.size, &put) == 1 &&
                      put == plaintext.size;
    lwsec_dtls_errors_restore(&errors);
    return good;
}

static void shut(lwsec_dtls *session)
{
    lwsec_dtls_errors errors;

    lwsec_dtls_errors_save(&errors);
    (void)SSL_shutdown(lwsec_dtls_openssl_of(session)->ssl);
    lwsec_dtls_errors_restore(&errors);
}

static uint16_t suite(const lwsec_dtls *session)
{
    return SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(lwsec_dtls_openssl_of(session)->ssl));
}

static size_t certificate(const lwsec_dtls *session, uint8_t *out, size_t capacity)
{
    X509 *peer = SSL_get0_peer_certificate(lwsec_dtls_openssl_of(session)->ssl);
    const int size = peer != NULL ? i2d_X509(peer, NULL) : 0;

    if (size > 0 && (size_t)size <= capacity) {
        (void)i2d_X509(peer, &out);
    }
    return size > 0 ? (size_t)size : 0;
}

static const lwsec_dtls_engine engine = {
    .name = "openssl",
    .capabilities = LWSEC_DTLS_PSK | LWSEC_DTLS_X509 | LWSEC_DTLS_PSK_HANDLE |
                    LWSEC_DTLS_EXTENDED_MASTER | LWSEC_DTLS_STATUS | LWSEC_DTLS_OPENSSL_RAW_KEYS,
    .psk_max = LWSEC_DTLS_PSK_MAX,
    .endpoint_size = sizeof(lwsec_dtls_openssl_endpoint),
    .session_size = sizeof(lwsec_dtls_openssl_session),
    .endpoint_open = lwsec_dtls_openssl_endpoint_open,
    .endpoint_close = lwsec_dtls_openssl_endpoint_close,
    .open = open_session,
    .close = close_session,
    .drive = drive,
    .deadline = deadline,
    .pending = pending,
    .read = read_all,
    .write = write_all,
    .shut = shut,
    .suite = suite,
    .certificates = lwsec_cert_openssl,
    .ticket = lwsec_dtls_openssl_ticket,
    .offer = lwsec_dtls_openssl_offer,
    .session_id = lwsec_dtls_openssl_session_id,
    .is_resumed = lwsec_dtls_openssl_is_resumed,
    .certificate = certificate,
    .raw_key = lwsec_dtls_openssl_raw_key,
};

const lwsec_dtls_engine *lwsec_dtls_openssl(void)
{
    return &engine;
}
