/* A BIO over a session: reads the datagram that was fed, once, and emits what is written. */
#include "dtls/openssl/engine.h"

#include <string.h>

#define RECORD_HEADER 13U

/* As many whole records as fit the limit. */
static size_t records_within(lwsec_bytes data, size_t limit)
{
    size_t at = 0;

    while (data.size - at > RECORD_HEADER) {
        const size_t size = RECORD_HEADER + ((size_t)data.data[at + 11] << 8 | data.data[at + 12]);
        if (at + size > limit || size > data.size - at) {
            break;
        }
        at += size;
    }
    return at;
}

/* False: a record does not fit a datagram, and the handshake has no other way. */
static bool emit(lwsec_dtls *session, lwsec_bytes data)
{
    const size_t limit = session->endpoint->config.mtu;

    while (data.size > limit) {
        const size_t size = records_within(data, limit);
        if (size == 0) {
            session->why = LWSEC_WHY_TOO_LONG;
            return false;
        }
        lwsec_dtls_emit(session, lwsec_bytes_of(data.data, size));
        data = lwsec_bytes_of(&data.data[size], data.size - size);
    }
    lwsec_dtls_emit(session, data);
    return true;
}

static int put(BIO *bio, const char *data, size_t size, size_t *written)
{
    lwsec_dtls *session = BIO_get_data(bio);
    uint8_t copy[LWSEC_DTLS_MTU_MAX];
    bool good;

    if (lwsec_dtls_openssl_of(session)->numbering == LWSEC_DTLS_NUMBERS_STAY ||
        size > sizeof copy) {
        good = emit(session, lwsec_bytes_of(data, size));
    } else {
        memcpy(copy, data, size);
        lwsec_dtls_openssl_renumber(session, copy, size);
        good = emit(session, lwsec_bytes_of(copy, size));
    }
    *written = good ? size : 0;
    return good ? 1 : 0;
}

/* A datagram larger than the room is cut, as a socket does it. */
static int get(BIO *bio, char *out, size_t capacity, size_t *size)
{
    lwsec_dtls *session = BIO_get_data(bio);
    const lwsec_bytes input = session->input;

    BIO_clear_retry_flags(bio);
    if (input.size == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    *size = input.size < capacity ? input.size : capacity;
    memcpy(out, input.data, *size);
    session->input = lwsec_bytes_of(NULL, 0);
    return 1;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
    const uint32_t mtu = ((const lwsec_dtls *)BIO_get_data(bio))->endpoint->config.mtu;

    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT: return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return (long)(mtu > LWSEC_DTLS_OPENSSL_MTU ? mtu : LWSEC_DTLS_OPENSSL_MTU);
    default: return 0;
    }
}

static int create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD *lwsec_dtls_openssl_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "lwsec");

    if (method != NULL && BIO_meth_set_write_ex(method, put) == 1 &&
        BIO_meth_set_read_ex(method, get) == 1 && BIO_meth_set_ctrl(method, control) == 1 &&
        BIO_meth_set_create(method, create) == 1) {
        return method;
    }
    BIO_meth_free(method);
    return NULL;
}
