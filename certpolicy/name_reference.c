/* The reference identity out of the SNI resource and the server's URI. */
#include "certpolicy/name.h"
#include "core/reason.h"

static lwsec_bytes without_brackets(lwsec_bytes host)
{
    if (host.size > 2 && host.data[0] == '[' && host.data[host.size - 1] == ']') {
        host = lwsec_bytes_of(&host.data[1], host.size - 2);
    }
    return host;
}

/* R-5.2.9.4-03: the SNI becomes the reference. R-5.2.9.3-28, R-5.2.9.3-29: a DNS name,
 * which the client puts into server_name. */
lwsec_status lwsec_cert_reference_of(lwsec_bytes sni, lwsec_bytes host,
                                     lwsec_cert_reference *reference, lwsec_bytes *server_name,
                                     lwsec_reason *reason)
{
    const lwsec_bytes name = sni.data != NULL ? sni : host;
    lwsec_cert_reference found = {.kind = LWSEC_CERT_REFERENCE_DNS, .name = name};

    if (sni.data == NULL) {
        found.address_size = lwsec_name_read_address(without_brackets(host), found.address);
    }
    if (found.address_size > 0) {
        found.kind = LWSEC_CERT_REFERENCE_IP;
        found.name = lwsec_bytes_of(NULL, 0);
    } else if (!lwsec_name_is_dns(name)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CERT_REFERENCE, 0, reason);
    }
    *reference = found;
    if (server_name != NULL) {
        *server_name = found.name;
    }
    return lwsec_accept(reason);
}

lwsec_status lwsec_cert_common_name(lwsec_bytes certificate, lwsec_bytes *name)
{
    lwsec_cert_view view;
    const lwsec_status status = lwsec_cert_view_read(certificate, &view, NULL);

    if (status != LWSEC_OK) {
        return status;
    }
    const lwsec_bytes found = lwsec_name_common_name(view.subject);
    if (found.size == 0) {
        return LWSEC_ABSENT;
    }
    *name = found;
    return LWSEC_OK;
}
