/* Numbers of a server's records in the clear, which go on from the ClientHello's.
 *
 * RFC 6347 section 4.2.1: a HelloVerifyRequest and the first ServerHello have the record number of
 * their ClientHello. From 3.2 on OpenSSL numbers what follows a cookie from 1 on. For a client
 * whose first ClientHello was repeated that is a number of a HelloVerifyRequest, and it drops the
 * record: a ServerHello is sent again, an alert is not. Nothing protects these numbers.
 */
#include "dtls/openssl/engine.h"

#define HEADER 13U
#define NUMBER 5U /* where it stands, in 6 bytes */
#define NUMBER_MASK ((UINT64_C(1) << 48) - 1)

static uint64_t number_of(const uint8_t *record)
{
    uint64_t number = 0;

    for (size_t i = 0; i < 6; i++) {
        number = number << 8 | record[NUMBER + i];
    }
    return number;
}

static void set_number(uint8_t *record, uint64_t number)
{
    for (size_t i = 0; i < 6; i++) {
        record[NUMBER + i] = (uint8_t)(number >> (8 * (5 - i)));
    }
}

void lwsec_dtls_openssl_number(lwsec_dtls *session, lwsec_bytes hello)
{
    lwsec_dtls_openssl_session *self = lwsec_dtls_openssl_of(session);

    self->hello = hello.size >= HEADER ? number_of(hello.data) : 0;
    self->numbering = LWSEC_DTLS_NUMBERS_UNSEEN;
}

void lwsec_dtls_openssl_renumber(lwsec_dtls *session, uint8_t *records, size_t size)
{
    lwsec_dtls_openssl_session *self = lwsec_dtls_openssl_of(session);

    while (size >= HEADER) {
        const size_t length = HEADER + ((size_t)records[11] << 8 | records[12]);
        const bool plain = records[3] == 0 && records[4] == 0;
        if (plain && self->numbering == LWSEC_DTLS_NUMBERS_UNSEEN) {
            const uint64_t first = number_of(records);
            self->ahead = self->hello > first ? self->hello - first : 0;
            self->numbering = LWSEC_DTLS_NUMBERS_AHEAD;
        }
        if (plain) {
            set_number(records, (number_of(records) + self->ahead) & NUMBER_MASK);
        }
        if (length > size) {
            return;
        }
        records += length;
        size -= length;
    }
}
