/* When a certificate has to be renewed. */
#include <lwsec/est.h>

#include "certpolicy/der_certificate.h"

/* 9999-12-31T23:59:59Z: no end that is known. RFC 5280 section 4.1.2.5. */
#define NO_END INT64_C(253402300799)

/* R-5.2.9.5-01: expiry is checked by both ends, so that a new one is there before. */
lwsec_status lwsec_est_renew_at(lwsec_bytes certificate, uint32_t before, int64_t *seconds)
{
    lwsec_cert_view view;

    *seconds = 0;
    if (lwsec_cert_view_read(certificate, &view, NULL) != LWSEC_OK) {
        return LWSEC_REJECT;
    }
    if (view.not_after >= NO_END) {
        *seconds = INT64_MAX;
        return LWSEC_OK;
    }
    const int64_t left = before > 0 ? (int64_t)before : (view.not_after - view.not_before) / 3;
    const int64_t due = view.not_after - left;
    *seconds = due > view.not_before ? due : view.not_before;
    return LWSEC_OK;
}
