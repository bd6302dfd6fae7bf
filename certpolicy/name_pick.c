/* Which of a server's own certificates is for a name. */
#include <lwsec/cert_server.h>

#include "certpolicy/name.h"
#include "core/reason.h"

/* R-5.2.9.4-04: by the name that the client sends. R-5.2.9.3-26: the FQDN is in the certificate. */
lwsec_status lwsec_cert_pick(const lwsec_bytes *certificates, size_t count, lwsec_bytes server_name,
                             uint32_t policy, size_t *which, lwsec_reason *reason)
{
    const lwsec_cert_reference reference = {.kind = LWSEC_CERT_REFERENCE_DNS, .name = server_name};
    const bool common_name = policy == LWSEC_CERT_ALLOW_COMMON_NAME;
    lwsec_cert_view view;

    if (policy != 0 && !common_name) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (!lwsec_name_is_dns(server_name)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CERT_REFERENCE, 0, reason);
    }
    for (size_t i = 0; i < count; i++) {
        if (lwsec_cert_view_read(certificates[i], &view, NULL) == LWSEC_OK &&
            lwsec_name_identifies(&view, &reference, common_name)) {
            *which = i;
            return lwsec_accept(reason);
        }
    }
    (void)lwsec_accept(reason);
    return LWSEC_ABSENT;
}
