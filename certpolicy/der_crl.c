/* The view of a certificate revocation list (RFC 5280 section 5) out of its DER. */
#include "certpolicy/der_crl.h"

#include "core/reason.h"

enum { CRL_NUMBER = 20, REASON = 21, DELTA_CRL = 27, ISSUING_POINT = 28, AUTHORITY_KEY_ID = 35 };
enum { REMOVE_FROM_CRL = 8 };

typedef struct entry {
    lwsec_bytes serial;
    bool removed;   /* the reason is removeFromCRL, of a delta alone */
    bool unhandled; /* an extension is critical, as one that names another issuer */
} entry;

static bool is_time(const lwsec_reader *reader)
{
    return lwsec_der_is(reader, LWSEC_DER_UTC_TIME) ||
           lwsec_der_is(reader, LWSEC_DER_GENERALIZED_TIME);
}

static bool is_removal(lwsec_bytes reason)
{
    lwsec_reader reader = lwsec_reader_of(reason);
    const lwsec_bytes code = lwsec_der_value(&reader, LWSEC_DER_ENUMERATED);

    return code.size == 1 && code.data[0] == REMOVE_FROM_CRL;
}

static entry read_entry(lwsec_reader *entries)
{
    lwsec_reader fields = lwsec_der_open(entries, LWSEC_DER_SEQUENCE);
    entry found = {lwsec_der_integer(&fields), false, false};

    (void)lwsec_der_time(&fields);
    if (lwsec_der_is(&fields, LWSEC_DER_SEQUENCE)) {
        lwsec_reader list = lwsec_der_open(&fields, LWSEC_DER_SEQUENCE);
        while (!lwsec_reader_failed(&list) && lwsec_reader_left(&list) > 0) {
            const lwsec_extension extension = lwsec_extension_next(&list);
            found.unhandled = found.unhandled || extension.critical;
            found.removed = found.removed || (lwsec_extension_number(extension.oid) == REASON &&
                                              is_removal(extension.value));
        }
        lwsec_reader_finish_child(&fields, &list);
    }
    lwsec_reader_finish_child(entries, &fields);
    return found;
}

static void read_entries(lwsec_reader *tbs, lwsec_crl_view *view)
{
    lwsec_reader entries = lwsec_der_open(tbs, LWSEC_DER_SEQUENCE);

    view->entries = lwsec_bytes_of(entries.data, entries.size);
    while (!lwsec_reader_failed(&entries) && lwsec_reader_left(&entries) > 0) {
        view->unhandled = read_entry(&entries).unhandled || view->unhandled;
    }
    lwsec_reader_finish_child(tbs, &entries);
}

static void read_authority_key(const lwsec_extension *extension, lwsec_crl_view *view)
{
    lwsec_reader value = lwsec_reader_of(extension->value);
    lwsec_reader sequence = lwsec_der_open(&value, LWSEC_DER_SEQUENCE);

    if (lwsec_der_is(&sequence, LWSEC_DER_CONTEXT)) {
        view->authority_key = lwsec_der_value(&sequence, LWSEC_DER_CONTEXT);
    }
}

static void read_number(lwsec_reader *list, const lwsec_extension *extension, lwsec_crl_view *view)
{
    lwsec_reader value = lwsec_reader_of(extension->value);

    (void)lwsec_der_integer(&value);
    lwsec_reader_finish_child(list, &value);
    if (view->has_number) {
        lwsec_reader_fail(list, LWSEC_WHY_CERT_MALFORMED);
    }
    view->has_number = true;
}

static bool read_flag(lwsec_reader *sequence, uint8_t number)
{
    const uint8_t tag = (uint8_t)(LWSEC_DER_CONTEXT | number);

    if (!lwsec_der_is(sequence, tag)) {
        return false;
    }
    const lwsec_bytes value = lwsec_der_value(sequence, tag);
    if (value.size != 1 || value.data[0] != 0xff) {
        lwsec_reader_fail(sequence, LWSEC_WHY_NOT_CANONICAL);
    }
    return true;
}

/* Which certificates the list is for. One for other issuers, or for attribute certificates, is
 * about others. */
static void read_issuing_point(lwsec_reader *list, const lwsec_extension *extension,
                               lwsec_crl_view *view)
{
    lwsec_reader value = lwsec_reader_of(extension->value);
    lwsec_reader point = lwsec_der_open(&value, LWSEC_DER_SEQUENCE);

    if (view->partial) {
        lwsec_reader_fail(list, LWSEC_WHY_CERT_MALFORMED);
    }
    view->partial = true;
    if (lwsec_der_is(&point, LWSEC_DER_CONTEXT_CONSTRUCTED)) {
        view->point = lwsec_der_whole(&point, LWSEC_DER_CONTEXT_CONSTRUCTED);
    }
    view->only_end_entities = read_flag(&point, 1);
    view->only_authorities = read_flag(&point, 2);
    if (lwsec_der_is(&point, LWSEC_DER_CONTEXT | 3)) {
        (void)lwsec_der_value(&point, LWSEC_DER_CONTEXT | 3);
        view->some_reasons = true;
    }
    view->unhandled = lwsec_reader_left(&point) > 0 || view->unhandled;
    (void)lwsec_reader_rest(&point);
    lwsec_reader_finish_child(&value, &point);
    lwsec_reader_finish_child(list, &value);
}

static bool is_known(uint8_t number)
{
    return number == DELTA_CRL || number == ISSUING_POINT;
}

/* RFC 5280 section 5.2: the number is there and not critical. */
static void read_extensions(lwsec_reader *tbs, lwsec_crl_view *view)
{
    lwsec_reader outer = lwsec_der_open(tbs, LWSEC_DER_CONTEXT_CONSTRUCTED);
    lwsec_reader list = lwsec_der_open(&outer, LWSEC_DER_SEQUENCE);

    do {
        const lwsec_extension extension = lwsec_extension_next(&list);
        const uint8_t number = lwsec_extension_number(extension.oid);
        view->unhandled = view->unhandled || (extension.critical && !is_known(number));
        switch (number) {
        case CRL_NUMBER: read_number(&list, &extension, view); break;
        case AUTHORITY_KEY_ID: read_authority_key(&extension, view); break;
        case DELTA_CRL: view->delta = true; break;
        case ISSUING_POINT: read_issuing_point(&list, &extension, view); break;
        default: break;
        }
    } while (!lwsec_reader_failed(&list) && lwsec_reader_left(&list) > 0);
    lwsec_reader_finish_child(&outer, &list);
    lwsec_reader_finish_child(tbs, &outer);
}

static void read_tbs(lwsec_reader *tbs, lwsec_crl_view *view, lwsec_bytes *inner_algorithm)
{
    const bool second = lwsec_der_is(tbs, LWSEC_DER_INTEGER);

    if (second && lwsec_der_small(tbs, 1) != 1) {
        lwsec_reader_fail(tbs, LWSEC_WHY_CERT_MALFORMED);
    }
    *inner_algorithm = lwsec_der_whole(tbs, LWSEC_DER_SEQUENCE);
    view->issuer = lwsec_der_name(tbs);
    view->this_update = lwsec_der_time(tbs);
    view->has_next_update = is_time(tbs);
    view->next_update = view->has_next_update ? lwsec_der_time(tbs) : 0;
    if (lwsec_der_is(tbs, LWSEC_DER_SEQUENCE)) {
        read_entries(tbs, view);
    }
    if (second && lwsec_der_is(tbs, LWSEC_DER_CONTEXT_CONSTRUCTED)) {
        read_extensions(tbs, view);
    }
}

lwsec_status lwsec_crl_view_read(lwsec_bytes der, lwsec_crl_view *view, lwsec_reason *reason)
{
    const lwsec_crl_view none = {.has_number = false};
    lwsec_crl_view found = none;
    lwsec_bytes inner_algorithm = {NULL, 0};
    lwsec_reader reader = lwsec_reader_of(der);
    lwsec_reader list = lwsec_der_open(&reader, LWSEC_DER_SEQUENCE);
    const size_t begin = list.position;
    lwsec_reader tbs = lwsec_der_open(&list, LWSEC_DER_SEQUENCE);

    found.seal.tbs = lwsec_reader_since(&list, begin);
    read_tbs(&tbs, &found, &inner_algorithm);
    lwsec_reader_finish_child(&list, &tbs);
    lwsec_der_seal(&list, &found.seal);
    if (!lwsec_der_same(found.seal.algorithm, inner_algorithm)) {
        lwsec_reader_fail(&list, LWSEC_WHY_CERT_MALFORMED);
    }
    lwsec_reader_finish_child(&reader, &list);
    *view = none;
    const lwsec_status status = lwsec_reader_finish(&reader, reason);
    if (status == LWSEC_OK) {
        *view = found;
    }
    return status;
}

bool lwsec_crl_has(const lwsec_crl_view *view, lwsec_bytes serial)
{
    lwsec_reader entries = lwsec_reader_of(view->entries);

    while (!lwsec_reader_failed(&entries) && lwsec_reader_left(&entries) > 0) {
        const entry found = read_entry(&entries);
        if (lwsec_der_same(found.serial, serial) && !(view->delta && found.removed)) {
            return true;
        }
    }
    return false;
}
