/* The view of a certificate out of its DER. */
#include "certpolicy/der_certificate.h"

#include "core/reason.h"

void lwsec_der_rdn(lwsec_reader *rdn)
{
    do {
        lwsec_reader attribute = lwsec_der_open(rdn, LWSEC_DER_SEQUENCE);
        (void)lwsec_der_oid(&attribute);
        const lwsec_der value = lwsec_der_next(&attribute);
        if (!lwsec_der_is_text(&value)) {
            lwsec_reader_fail(&attribute, LWSEC_WHY_CERT_MALFORMED);
        }
        lwsec_reader_finish_child(rdn, &attribute);
    } while (!lwsec_reader_failed(rdn) && lwsec_reader_left(rdn) > 0);
}

lwsec_bytes lwsec_der_name(lwsec_reader *reader)
{
    const size_t begin = reader->position;
    lwsec_reader name = lwsec_der_open(reader, LWSEC_DER_SEQUENCE);

    while (!lwsec_reader_failed(&name) && lwsec_reader_left(&name) > 0) {
        lwsec_reader rdn = lwsec_der_open(&name, LWSEC_DER_SET);
        lwsec_der_rdn(&rdn);
        lwsec_reader_finish_child(&name, &rdn);
    }
    lwsec_reader_finish_child(reader, &name);
    return lwsec_reader_since(reader, begin);
}

bool lwsec_der_name_is_empty(lwsec_bytes name)
{
    return name.size <= 2; /* 30 00 */
}

void lwsec_der_seal(lwsec_reader *reader, lwsec_cert_signed *seal)
{
    seal->algorithm = lwsec_der_whole(reader, LWSEC_DER_SEQUENCE);
    seal->signature = lwsec_der_bits(reader);
    seal->kind = lwsec_der_signature_kind(seal->algorithm, &seal->hash);
}

bool lwsec_der_seal_is_strict(const lwsec_cert_signed *seal)
{
    lwsec_reader reader = lwsec_reader_of(seal->signature);

    if (seal->kind != LWSEC_CERT_ALGORITHM_EC) {
        return true;
    }
    lwsec_reader numbers = lwsec_der_open(&reader, LWSEC_DER_SEQUENCE);
    const lwsec_bytes r = lwsec_der_integer(&numbers), s = lwsec_der_integer(&numbers);
    lwsec_reader_finish_child(&reader, &numbers);
    return lwsec_reader_finish(&reader, NULL) == LWSEC_OK && r.data[0] < 0x80 && s.data[0] < 0x80;
}

static void read_validity(lwsec_reader *tbs, lwsec_cert_view *view)
{
    lwsec_reader validity = lwsec_der_open(tbs, LWSEC_DER_SEQUENCE);

    view->not_before = lwsec_der_time(&validity);
    view->not_after = lwsec_der_time(&validity);
    lwsec_reader_finish_child(tbs, &validity);
}

static uint8_t read_version(lwsec_reader *tbs)
{
    if (!lwsec_der_is(tbs, LWSEC_DER_CONTEXT_CONSTRUCTED)) {
        return 1;
    }
    lwsec_reader version = lwsec_der_open(tbs, LWSEC_DER_CONTEXT_CONSTRUCTED);
    const uint32_t number = lwsec_der_small(&version, 2);
    if (number == 0) { /* the default is left away */
        lwsec_reader_fail(&version, LWSEC_WHY_NOT_CANONICAL);
    }
    lwsec_reader_finish_child(tbs, &version);
    return (uint8_t)(number + 1);
}

/* Identifiers that nobody uses, and the extensions: each needs its version. */
static void read_rest(lwsec_reader *tbs, lwsec_cert_view *view)
{
    for (uint8_t number = 1; number <= 2; number++) {
        const uint8_t tag = (uint8_t)(LWSEC_DER_CONTEXT | number);
        if (lwsec_der_is(tbs, tag) && view->version >= 2) {
            (void)lwsec_der_value(tbs, tag);
        }
    }
    if (lwsec_der_is(tbs, LWSEC_DER_CONTEXT_CONSTRUCTED | 3) && view->version == 3) {
        lwsec_reader outer = lwsec_der_open(tbs, LWSEC_DER_CONTEXT_CONSTRUCTED | 3);
        lwsec_reader list = lwsec_der_open(&outer, LWSEC_DER_SEQUENCE);
        lwsec_cert_extensions_read(&list, view);
        lwsec_reader_finish_child(&outer, &list);
        lwsec_reader_finish_child(tbs, &outer);
    }
}

static void read_tbs(lwsec_reader *tbs, lwsec_cert_view *view, lwsec_bytes *inner_algorithm)
{
    view->version = read_version(tbs);
    view->serial = lwsec_der_integer(tbs);
    *inner_algorithm = lwsec_der_whole(tbs, LWSEC_DER_SEQUENCE);
    view->issuer = lwsec_der_name(tbs);
    read_validity(tbs, view);
    view->subject = lwsec_der_name(tbs);
    view->key = lwsec_der_whole(tbs, LWSEC_DER_SEQUENCE);
    read_rest(tbs, view);
}

/* R-5.2.9.3-14, R-5.2.9.3-19: DER. */
lwsec_status lwsec_cert_view_read(lwsec_bytes der, lwsec_cert_view *view, lwsec_reason *reason)
{
    const lwsec_cert_view none = {.version = 0};
    lwsec_cert_view found = none;
    lwsec_bytes inner_algorithm = {NULL, 0};
    lwsec_reader reader = lwsec_reader_of(der);
    lwsec_reader certificate = lwsec_der_open(&reader, LWSEC_DER_SEQUENCE);
    const size_t begin = certificate.position;
    lwsec_reader tbs = lwsec_der_open(&certificate, LWSEC_DER_SEQUENCE);

    found.der = der;
    found.seal.tbs = lwsec_reader_since(&certificate, begin);
    read_tbs(&tbs, &found, &inner_algorithm);
    lwsec_reader_finish_child(&certificate, &tbs);
    lwsec_der_seal(&certificate, &found.seal);
    if (!lwsec_der_same(found.seal.algorithm, inner_algorithm)) {
        lwsec_reader_fail(&certificate, LWSEC_WHY_CERT_MALFORMED);
    }
    if (!lwsec_der_is_key(found.key)) {
        lwsec_reader_fail(&certificate, LWSEC_WHY_CERT_MALFORMED);
    }
    lwsec_reader_finish_child(&reader, &certificate);
    *view = none;
    const lwsec_status status = lwsec_reader_finish(&reader, reason);
    if (status == LWSEC_OK) {
        found.key_kind = lwsec_der_key_kind(found.key);
        *view = found;
    }
    return status;
}
