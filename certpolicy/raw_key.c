/* The raw public key of a peer: RFC 7250, and section 5.2.9.2. */
#include <lwsec/raw_key.h>

#include "certpolicy/der_certificate.h"
#include "core/reason.h"

/* R-5.2.9.2-13, R-5.2.9.2-15, R-5.2.9.2-16: exactly what is stored. R-5.2.3-03: no small group. */
lwsec_status lwsec_raw_key_verify(lwsec_bytes presented, const lwsec_bytes *stored, size_t count,
                                  size_t *which, lwsec_reason *reason)
{
    if (!lwsec_der_is_key(presented)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CERT_MALFORMED, 0, reason);
    }
    if (lwsec_der_key_kind(presented) != LWSEC_CERT_ALGORITHM_EC) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CERT_KEY, 0, reason);
    }
    for (size_t i = 0; i < count; i++) {
        if (!lwsec_der_same(stored[i], presented)) {
            continue;
        }
        if (which != NULL) {
            *which = i;
        }
        return lwsec_accept(reason);
    }
    return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CERT_ASSOCIATION, 0, reason);
}
