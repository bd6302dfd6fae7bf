/* The certificates of an answer: one by itself, or the SignedData of RFC 5652 without signers. */
#include <lwsec/est.h>

#include "certpolicy/der_certificate.h"
#include "core/reason.h"

/* Where they go. */
typedef struct list {
    lwsec_bytes *certificates;
    size_t capacity;
    size_t count;
} list;

/* The contents of the next element, which must be this OID. */
static void expect_oid(lwsec_reader *reader, const uint8_t *oid, size_t size)
{
    if (!lwsec_der_same(lwsec_der_oid(reader), lwsec_bytes_of(oid, size))) {
        lwsec_reader_fail(reader, LWSEC_WHY_WRONG_TYPE);
    }
}

static void take_certificate(lwsec_reader *reader, list *to)
{
    const lwsec_bytes whole = lwsec_der_whole(reader, LWSEC_DER_SEQUENCE);
    lwsec_cert_view view;

    if (lwsec_reader_failed(reader)) {
        return;
    }
    if (lwsec_cert_view_read(whole, &view, NULL) != LWSEC_OK) {
        lwsec_reader_fail(reader, LWSEC_WHY_CERT_MALFORMED);
    } else if (to->count == to->capacity) {
        lwsec_reader_fail(reader, LWSEC_WHY_CERT_LIMIT);
    } else {
        to->certificates[to->count++] = whole;
    }
}

static void take_certificates(lwsec_reader *signed_data, list *to)
{
    lwsec_reader set = lwsec_der_open(signed_data, LWSEC_DER_CONTEXT_CONSTRUCTED);

    do { /* one at least */
        take_certificate(&set, to);
    } while (!lwsec_reader_failed(&set) && lwsec_reader_left(&set) > 0);
    lwsec_reader_finish_child(signed_data, &set);
}

static void skip_lists(lwsec_reader *signed_data)
{
    lwsec_reader set = lwsec_der_open(signed_data, LWSEC_DER_CONTEXT_CONSTRUCTED | 1);

    while (!lwsec_reader_failed(&set) && lwsec_reader_left(&set) > 0) {
        (void)lwsec_der_next(&set);
    }
    lwsec_reader_finish_child(signed_data, &set);
}

static void expect_empty_set(lwsec_reader *reader)
{
    lwsec_reader set = lwsec_der_open(reader, LWSEC_DER_SET);

    lwsec_reader_finish_child(reader, &set);
}

/* id-data, and no content. */
static void expect_no_content(lwsec_reader *reader)
{
    static const uint8_t data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01};
    lwsec_reader content = lwsec_der_open(reader, LWSEC_DER_SEQUENCE);

    expect_oid(&content, data, sizeof data);
    lwsec_reader_finish_child(reader, &content);
}

/* RFC 5652 section 5.1: version 1, as the content is data and all certificates are X.509. */
static void read_signed_data(lwsec_reader *reader, list *to)
{
    lwsec_reader signed_data = lwsec_der_open(reader, LWSEC_DER_SEQUENCE);

    if (lwsec_der_small(&signed_data, 1) != 1) {
        lwsec_reader_fail(&signed_data, LWSEC_WHY_NOT_CANONICAL);
    }
    expect_empty_set(&signed_data); /* digestAlgorithms */
    expect_no_content(&signed_data);
    take_certificates(&signed_data, to);
    if (lwsec_der_is(&signed_data, LWSEC_DER_CONTEXT_CONSTRUCTED | 1)) {
        skip_lists(&signed_data);
    }
    expect_empty_set(&signed_data); /* signerInfos */
    lwsec_reader_finish_child(reader, &signed_data);
}

static void read_content_info(lwsec_reader *reader, list *to)
{
    static const uint8_t oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02};
    lwsec_reader info = lwsec_der_open(reader, LWSEC_DER_SEQUENCE);

    expect_oid(&info, oid, sizeof oid);
    lwsec_reader content = lwsec_der_open(&info, LWSEC_DER_CONTEXT_CONSTRUCTED);
    read_signed_data(&content, to);
    lwsec_reader_finish_child(&info, &content);
    lwsec_reader_finish_child(reader, &info);
}

lwsec_status lwsec_est_certificates(lwsec_bytes payload, uint16_t format, lwsec_bytes *certificates,
                                    size_t capacity, size_t *count, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(payload);
    list to = {certificates, capacity, 0};

    *count = 0;
    switch (format) {
    case LWSEC_EST_CERTS_ONLY: read_content_info(&reader, &to); break;
    case LWSEC_EST_CERTIFICATE: take_certificate(&reader, &to); break;
    default: return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_EST_ANSWER, 0, reason);
    }
    if (lwsec_reader_finish(&reader, reason) != LWSEC_OK) {
        return LWSEC_REJECT;
    }
    *count = to.count;
    return lwsec_accept(reason);
}
