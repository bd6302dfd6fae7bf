/* Whether an end entity is whom we mean: its identifiers against the reference. */
#include "certpolicy/name.h"

static bool is_address(lwsec_bytes presented, const lwsec_cert_reference *reference)
{
    return lwsec_der_same(presented, lwsec_bytes_of(reference->address, reference->address_size));
}

/* One of the alternative names is the reference: R-5.2.9.3-23. */
static bool alt_name_matches(const lwsec_cert_view *view, const lwsec_cert_reference *reference)
{
    lwsec_reader names = lwsec_reader_of(view->alt_names);

    while (!lwsec_reader_failed(&names) && lwsec_reader_left(&names) > 0) {
        const lwsec_name name = lwsec_name_next(&names);
        if (name.kind == LWSEC_NAME_DNS && reference->kind == LWSEC_CERT_REFERENCE_DNS &&
            lwsec_name_dns_matches(name.value, reference->name)) {
            return true;
        }
        if (name.kind == LWSEC_NAME_ADDRESS && reference->kind == LWSEC_CERT_REFERENCE_IP &&
            is_address(name.value, reference)) {
            return true;
        }
    }
    return false;
}

bool lwsec_name_common_name_counts(const lwsec_cert_view *end_entity)
{
    lwsec_reader names = lwsec_reader_of(end_entity->alt_names);

    while (!lwsec_reader_failed(&names) && lwsec_reader_left(&names) > 0) {
        const lwsec_name name = lwsec_name_next(&names);
        if (name.kind == LWSEC_NAME_DNS || name.kind == LWSEC_NAME_URI) {
            return false;
        }
    }
    return true;
}

/* R-5.2.9.3-22: the endpoint name of a client. R-5.2.9.3-27: the FQDN in the common name, where no
 * other identifier is there (T-13). */
static bool common_name_matches(const lwsec_cert_view *view, const lwsec_cert_reference *reference)
{
    const lwsec_bytes name = lwsec_name_common_name(view->subject);

    if (reference->kind == LWSEC_CERT_REFERENCE_ENDPOINT) {
        return name.size > 0 && lwsec_der_same(name, reference->name);
    }
    return reference->kind == LWSEC_CERT_REFERENCE_DNS && lwsec_name_common_name_counts(view) &&
           lwsec_name_dns_matches(name, reference->name);
}

/* R-5.2.9.4-04: the identifiers of the certificate are the presented ones. */
bool lwsec_name_identifies(const lwsec_cert_view *end_entity, const lwsec_cert_reference *reference,
                           bool allow_common_name)
{
    switch (reference->kind) {
    case LWSEC_CERT_REFERENCE_NONE: return true;
    case LWSEC_CERT_REFERENCE_ENDPOINT: return common_name_matches(end_entity, reference);
    case LWSEC_CERT_REFERENCE_DNS:
    case LWSEC_CERT_REFERENCE_IP:
        return alt_name_matches(end_entity, reference) ||
               (allow_common_name && common_name_matches(end_entity, reference));
    default: return false;
    }
}
