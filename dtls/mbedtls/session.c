/* A session on mbedTLS: an SSL context between two datagrams. */
#include "dtls/mbedtls/engine.h"

#include <lwsec/cert_mbedtls.h>
#include <lwsec/dtls_mbedtls.h>

#include <string.h>

#define NEVER UINT64_MAX
#define RECORD_HEADER 13U
#define ALERT_SIZE 2U
#define RECORD_WITH_CID 25U

/* The session whose first data an SSL context is. */
static lwsec_dtls *session_of(mbedtls_ssl_context *ssl)
{
    return (lwsec_dtls *)(void *)((uint8_t *)ssl - offsetof(lwsec_dtls, room) -
                                  offsetof(lwsec_dtls_mbedtls_session, ssl));
}

/* ---- What mbedTLS asks ---- */

int lwsec_dtls_mbedtls_psk(void *endpoint, mbedtls_ssl_context *ssl, const unsigned char *identity,
                           size_t size)
{
    uint8_t bytes[LWSEC_DTLS_PSK_MAX];
    lwsec_buffer secret = lwsec_buffer_of(bytes, sizeof bytes);
    int answer = -1;

    (void)endpoint;
    if (lwsec_dtls_find_psk(session_of(ssl), lwsec_bytes_of(identity, size), &secret)) {
        answer = mbedtls_ssl_set_hs_psk(ssl, secret.data, secret.size);
    }
    lwsec_wipe(bytes, sizeof bytes);
    return answer;
}

int lwsec_dtls_mbedtls_choose(void *endpoint, mbedtls_ssl_context *ssl, const unsigned char *name,
                              size_t size)
{
    lwsec_dtls *session = session_of(ssl);
    size_t which = 0;

    (void)endpoint;
    if (!lwsec_dtls_pick(session, lwsec_bytes_of(name, size), &which)) {
        return -1;
    }
    if (which == 0) {
        return 0;
    }
    lwsec_dtls_mbedtls_own *own =
        &lwsec_dtls_mbedtls_endpoint_of(session->endpoint)->more[which - 1];
    return mbedtls_ssl_set_hs_own_cert(ssl, &own->chain, &own->pk);
}

/* A flag that mbedTLS tells the peer by this alert. */
static uint32_t flag_of(uint8_t alert)
{
    switch (alert) {
    case 0: return 0;
    case MBEDTLS_SSL_ALERT_MSG_BAD_CERT: return MBEDTLS_X509_BADCERT_CN_MISMATCH;
    case MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT: return MBEDTLS_X509_BADCERT_BAD_PK;
    case MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED: return MBEDTLS_X509_BADCERT_REVOKED;
    case MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED: return MBEDTLS_X509_BADCERT_EXPIRED;
    case MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA: return MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    default: return MBEDTLS_X509_BADCERT_FUTURE; /* certificate_unknown */
    }
}

/* What mbedTLS has found of one certificate of its path: whether the one above issued it. Time and
 * name are judged elsewhere; whatever else it has against it, the signature is checked again. */
static void note_step(lwsec_dtls_mbedtls_session *own, lwsec_bytes certificate, uint32_t flags)
{
    const uint32_t other = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE |
                           MBEDTLS_X509_BADCERT_CN_MISMATCH;

    if (own->above.data != NULL && (flags & ~other) == 0 &&
        own->step_count < LWSEC_DTLS_MBEDTLS_STEPS) {
        own->steps[own->step_count++] = (lwsec_mbedtls_known){certificate, own->above};
    }
    own->above = certificate;
}

static uint8_t judge(lwsec_dtls *session, const mbedtls_x509_crt *sent)
{
    const lwsec_dtls_mbedtls_session *own = lwsec_dtls_mbedtls_of(session);
    lwsec_bytes chain[LWSEC_CERT_CHAIN_MAX];
    size_t count = 0;

    for (; sent != NULL && count < LWSEC_CERT_CHAIN_MAX; sent = sent->next) {
        chain[count++] = lwsec_bytes_of(sent->raw.p, sent->raw.len);
    }
    if (sent != NULL) {
        session->why = LWSEC_WHY_CERT_LIMIT;
        return MBEDTLS_SSL_ALERT_MSG_BAD_CERT;
    }
    const lwsec_mbedtls_engine engine = lwsec_mbedtls_engine_with(own->steps, own->step_count);
    return lwsec_dtls_judge(session, &engine.head, chain, count);
}

/* mbedTLS asks for each certificate of its own path, the end entity last: then all that the peer
 * sent is judged, and what mbedTLS found is forgotten, but for the signatures that were good. It
 * has no anchors to find anything by. */
int lwsec_dtls_mbedtls_verify(void *session, mbedtls_x509_crt *certificate, int depth,
                              uint32_t *flags)
{
    lwsec_dtls_mbedtls_session *own = lwsec_dtls_mbedtls_of(session);

    note_step(own, lwsec_bytes_of(certificate->raw.p, certificate->raw.len), *flags);
    *flags = 0;
    if (depth == 0) {
        *flags = flag_of(judge(session, certificate));
        own->step_count = 0;
        own->above = lwsec_bytes_of(NULL, 0);
    }
    return 0;
}

/* ---- Datagrams and timers ---- */

/* Alerts in the clear, which mbedTLS does not tell: fatal ones that it sends, and the warning that
 * a peer cancels the handshake. */
static void notice(lwsec_dtls *session, const unsigned char *data, size_t size, bool sent)
{
    /* Behind a record with a CID nothing is in the clear. */
    while (size >= RECORD_HEADER + ALERT_SIZE && data[0] != RECORD_WITH_CID) {
        const size_t length = (size_t)data[11] << 8 | data[12];
        const bool plain = data[3] == 0 && data[4] == 0;
        const unsigned char level = data[RECORD_HEADER], number = data[RECORD_HEADER + 1];
        if (length > size - RECORD_HEADER) {
            return;
        }
        if (data[0] == MBEDTLS_SSL_MSG_ALERT && plain && length == ALERT_SIZE) {
            if (sent && level == MBEDTLS_SSL_ALERT_LEVEL_FATAL) {
                lwsec_dtls_saw_alert(session, number, true);
            }
            session->canceled |= !sent && level == MBEDTLS_SSL_ALERT_LEVEL_WARNING &&
                                 number == MBEDTLS_SSL_ALERT_MSG_USER_CANCELED;
        }
        data += RECORD_HEADER + length;
        size -= RECORD_HEADER + length;
    }
}

/* mbedTLS cuts all messages of a handshake but a ClientHello. */
static int put(void *context, const unsigned char *data, size_t size)
{
    lwsec_dtls *session = context;

    if (size > session->endpoint->config.mtu) {
        session->why = LWSEC_WHY_TOO_LONG;
        return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
    }
    notice(context, data, size, true);
    lwsec_dtls_emit(context, lwsec_bytes_of(data, size));
    return (int)size;
}

/* Of the first record; 0: it is not whole. Our CID stands before its length. */
static size_t record_size(const lwsec_dtls *session, const uint8_t *data, size_t size)
{
    const size_t cid = data[0] == RECORD_WITH_CID ? session->endpoint->config.cid_size : 0;
    const size_t header = RECORD_HEADER + cid;

    if (size < header) {
        return 0;
    }
    const size_t whole = header + ((size_t)data[header - 2] << 8 | data[header - 1]);
    return whole <= size ? whole : 0;
}

/* mbedTLS would end an open session for a ClientHello with a good cookie. Anybody can repeat the
 * one that began it: the datagram is cut before such a record, and before one that is not whole. */
static size_t heard(const lwsec_dtls *session, const lwsec_bytes input)
{
    size_t at = 0;

    while (session->state == LWSEC_DTLS_OPEN && input.size - at > RECORD_HEADER) {
        const uint8_t *record = &input.data[at];
        const size_t size = record_size(session, record, input.size - at);
        const bool hello = record[0] == MBEDTLS_SSL_MSG_HANDSHAKE && record[3] == 0 &&
                           record[4] == 0 && record[RECORD_HEADER] == MBEDTLS_SSL_HS_CLIENT_HELLO;
        if (size == 0 || hello) {
            return at;
        }
        at += size;
    }
    return input.size;
}

static int get(void *context, unsigned char *out, size_t capacity)
{
    lwsec_dtls *session = context;
    const lwsec_bytes input = session->input;

    const size_t whole = heard(session, input);
    if (whole == 0) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    const size_t size = whole < capacity ? whole : capacity;
    memcpy(out, input.data, size);
    notice(session, out, size, false);
    session->input = lwsec_bytes_of(NULL, 0);
    return (int)size;
}

static void set_timer(void *context, uint32_t between, uint32_t final)
{
    lwsec_dtls *session = context;
    lwsec_dtls_mbedtls_session *self = lwsec_dtls_mbedtls_of(session);

    self->timer_start = session->now;
    self->timer_between = between;
    self->timer_final = final;
}

/* -1: it does not run; 0, 1, 2: how many of its two delays have passed. */
static int get_timer(void *context)
{
    const lwsec_dtls *session = context;
    const lwsec_dtls_mbedtls_session *self = lwsec_dtls_mbedtls_of(session);
    const uint64_t passed = session->now - self->timer_start;

    if (self->timer_final == 0) {
        return -1;
    }
    return passed >= self->timer_final ? 2 : passed >= self->timer_between ? 1 : 0;
}

static uint64_t deadline(const lwsec_dtls *session)
{
    const lwsec_dtls_mbedtls_session *self = lwsec_dtls_mbedtls_of(session);

    return self->timer_final == 0 ? NEVER : self->timer_start + self->timer_final;
}

/* ---- Life ---- */

static bool set_identity(lwsec_dtls *session)
{
    const lwsec_dtls_mbedtls_identity identity = {session};

    return session->endpoint->config.role == LWSEC_DTLS_CLIENT ||
           mbedtls_ssl_set_client_transport_id(&lwsec_dtls_mbedtls_of(session)->ssl,
                                               (const unsigned char *)&identity,
                                               sizeof identity) == 0;
}

static bool set_up(lwsec_dtls *session, mbedtls_ssl_context *ssl)
{
    const lwsec_dtls_config *config = &session->endpoint->config;
    char name[256];

    if (config->server_name.size >= sizeof name ||
        mbedtls_ssl_setup(ssl, &lwsec_dtls_mbedtls_endpoint_of(session->endpoint)->config) != 0 ||
        !set_identity(session)) {
        return false;
    }
    mbedtls_ssl_set_bio(ssl, session, put, get, NULL);
    mbedtls_ssl_set_timer_cb(ssl, session, set_timer, get_timer);
    mbedtls_ssl_set_verify(ssl, lwsec_dtls_mbedtls_verify, session);
    mbedtls_ssl_set_mtu(ssl, (uint16_t)config->mtu);
    if (!lwsec_dtls_mbedtls_set_cid(session)) {
        return false;
    }
    if (config->server_name.size > 0) {
        memcpy(name, config->server_name.data, config->server_name.size);
    }
    name[config->server_name.size] = '\0';
    /* Also without a name: from 3.6.3 on it insists that one is set, or none on purpose. */
    return config->role == LWSEC_DTLS_SERVER ||
           mbedtls_ssl_set_hostname(ssl, config->server_name.size > 0 ? name : NULL) == 0;
}

static lwsec_status open_session(lwsec_dtls *session)
{
    mbedtls_ssl_context *ssl = &lwsec_dtls_mbedtls_of(session)->ssl;

    mbedtls_ssl_init(ssl);
    if (!set_up(session, ssl)) {
        mbedtls_ssl_free(ssl);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

static void close_session(lwsec_dtls *session)
{
    mbedtls_ssl_free(&lwsec_dtls_mbedtls_of(session)->ssl);
}

/* ---- Records ---- */

static lwsec_dtls_outcome outcome(lwsec_dtls *session, mbedtls_ssl_context *ssl, int answer)
{
    switch (answer) {
    case MBEDTLS_ERR_SSL_WANT_READ:
    case MBEDTLS_ERR_SSL_WANT_WRITE: return LWSEC_DTLS_WAITS;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: return LWSEC_DTLS_CLOSED;
    case MBEDTLS_ERR_SSL_TIMEOUT: session->why = LWSEC_WHY_DTLS_TIMEOUT; break;
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        /* No function tells the number before 4.1. */
        lwsec_dtls_saw_alert(session, ssl->MBEDTLS_PRIVATE(in_msg)[1], false);
        break;
#if defined(MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE)
    case MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE: /* it would leave the client waiting */
        (void)mbedtls_ssl_send_alert_message(ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                             MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
        break;
#endif
    default: break;
    }
    return LWSEC_DTLS_FAILED;
}

/* Nothing of a client stays before its cookie came back. */
static lwsec_dtls_outcome listen_on(lwsec_dtls *session, lwsec_dtls_mbedtls_session *self)
{
    const int answer = mbedtls_ssl_handshake(&self->ssl);

    if (self->proved) {
        session->state = LWSEC_DTLS_SHAKING;
        return outcome(session, &self->ssl, answer);
    }
    session->tell = 0;
    session->why = LWSEC_WHY_NONE;
    session->canceled = false;
    const bool good = mbedtls_ssl_session_reset(&self->ssl) == 0 && set_identity(session) &&
                      lwsec_dtls_mbedtls_set_cid(session);
    return good ? LWSEC_DTLS_WAITS : LWSEC_DTLS_FAILED;
}

/* A timer that has run out comes before the input, which is looked at in the next turn. */
static lwsec_dtls_outcome shake(lwsec_dtls *session, mbedtls_ssl_context *ssl)
{
    lwsec_dtls_outcome result = LWSEC_DTLS_WAITS;
    bool again = true;

    while (again) {
        const size_t before = session->input.size;
        const int answer = mbedtls_ssl_handshake(ssl);
        result = answer == 0 ? LWSEC_DTLS_DONE : outcome(session, ssl, answer);
        again = result == LWSEC_DTLS_WAITS && before > 0 && session->input.size == before &&
                get_timer(session) != 2;
    }
    const bool lacks = result == LWSEC_DTLS_DONE && !lwsec_dtls_mbedtls_cid_is_there(session);
    return lacks ? LWSEC_DTLS_FAILED : result;
}

/* Looks at records until one has plaintext, which stays. */
static lwsec_dtls_outcome look(lwsec_dtls *session, mbedtls_ssl_context *ssl)
{
    unsigned char nothing[1];

    if (mbedtls_ssl_get_bytes_avail(ssl) > 0) {
        return LWSEC_DTLS_WAITS;
    }
    const int answer = mbedtls_ssl_read(ssl, nothing, 0);
    return answer >= 0 ? LWSEC_DTLS_WAITS : outcome(session, ssl, answer);
}

static lwsec_dtls_outcome drive(lwsec_dtls *session)
{
    lwsec_dtls_mbedtls_session *self = lwsec_dtls_mbedtls_of(session);

    switch (session->state) {
    case LWSEC_DTLS_LISTENING: return listen_on(session, self);
    case LWSEC_DTLS_SHAKING: return shake(session, &self->ssl);
    case LWSEC_DTLS_OPEN: return look(session, &self->ssl);
    default: return LWSEC_DTLS_FAILED;
    }
}

static size_t pending(const lwsec_dtls *session)
{
    return mbedtls_ssl_get_bytes_avail(&lwsec_dtls_mbedtls_of(session)->ssl);
}

static bool read_all(lwsec_dtls *session, uint8_t *out, size_t size)
{
    return mbedtls_ssl_read(&lwsec_dtls_mbedtls_of(session)->ssl, out, size) == (int)size;
}

static bool write_all(lwsec_dtls *session, lwsec_bytes plaintext)
{
    return mbedtls_ssl_write(&lwsec_dtls_mbedtls_of(session)->ssl, plaintext.data,
                             plaintext.size) == (int)plaintext.size;
}

static void shut(lwsec_dtls *session)
{
    (void)mbedtls_ssl_close_notify(&lwsec_dtls_mbedtls_of(session)->ssl);
}

static uint16_t suite(const lwsec_dtls *session)
{
    const char *name = mbedtls_ssl_get_ciphersuite(&lwsec_dtls_mbedtls_of(session)->ssl);

    return (uint16_t)mbedtls_ssl_get_ciphersuite_id(name);
}

static size_t certificate(const lwsec_dtls *session, uint8_t *out, size_t capacity)
{
    const mbedtls_x509_crt *peer = mbedtls_ssl_get_peer_cert(&lwsec_dtls_mbedtls_of(session)->ssl);

    if (peer != NULL && peer->raw.len <= capacity) {
        memcpy(out, peer->raw.p, peer->raw.len);
    }
    return peer != NULL ? peer->raw.len : 0;
}

#define PSK_MAX                                                                                    \
    (MBEDTLS_PSK_MAX_LEN < LWSEC_DTLS_PSK_MAX ? MBEDTLS_PSK_MAX_LEN : LWSEC_DTLS_PSK_MAX)

static const lwsec_dtls_engine engine = {
    .name = "mbedtls",
    .capabilities = LWSEC_DTLS_PSK | LWSEC_DTLS_X509 | LWSEC_DTLS_VIRTUAL_TIME |
                    LWSEC_DTLS_IDENTITY_NUL | (LWSEC_DTLS_MBEDTLS_CID ? LWSEC_DTLS_CID : 0) |
                    (LWSEC_DTLS_MBEDTLS_SLEEP ? LWSEC_DTLS_SLEEP : 0),
    .psk_max = PSK_MAX,
    .endpoint_size = sizeof(lwsec_dtls_mbedtls_endpoint),
    .session_size = sizeof(lwsec_dtls_mbedtls_session),
    .endpoint_open = lwsec_dtls_mbedtls_endpoint_open,
    .endpoint_close = lwsec_dtls_mbedtls_endpoint_close,
    .open = open_session,
    .close = close_session,
    .drive = drive,
    .deadline = deadline,
    .pending = pending,
    .read = read_all,
    .write = write_all,
    .shut = shut,
    .suite = suite,
    .certificates = lwsec_cert_mbedtls,
    .ticket = lwsec_dtls_mbedtls_ticket,
    .offer = lwsec_dtls_mbedtls_offer,
    .session_id = lwsec_dtls_mbedtls_session_id,
    .is_resumed = lwsec_dtls_mbedtls_is_resumed,
#if LWSEC_DTLS_MBEDTLS_SLEEP
    .save = lwsec_dtls_mbedtls_save,
    .load = lwsec_dtls_mbedtls_load,
#endif
#if LWSEC_DTLS_MBEDTLS_CID
    .set_cid = lwsec_dtls_mbedtls_set_cid,
    .has_cid = lwsec_dtls_mbedtls_has_cid,
    .newest = lwsec_dtls_mbedtls_newest,
#endif
    .certificate = certificate,
};

const lwsec_dtls_engine *lwsec_dtls_mbedtls(void)
{
    return &engine;
}
