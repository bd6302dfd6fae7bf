/* What the rules need to know of a certificate revocation list. */
#ifndef LWSEC_CERTPOLICY_DER_CRL_H
#define LWSEC_CERTPOLICY_DER_CRL_H

#include "certpolicy/der_certificate.h"

typedef struct lwsec_crl_view {
    lwsec_cert_signed seal;
    lwsec_bytes issuer; /* whole Name */
    int64_t this_update;
    int64_t next_update;
    bool has_next_update;
    bool has_number; /* cRLNumber, not critical */
    bool delta;      /* a delta list: what changed since a complete one */
    bool partial;    /* issuingDistributionPoint is there, and with it the next four */
    bool only_end_entities;
    bool only_authorities;
    bool some_reasons;         /* who is revoked for another reason is not on it */
    lwsec_bytes point;         /* whole distributionPoint; NULL: absent */
    bool unhandled;            /* an extension that changes what the list says */
    lwsec_bytes authority_key; /* NULL: absent */
    lwsec_bytes entries;       /* contents of revokedCertificates */
} lwsec_crl_view;

/* Reads a list with all its entries. What it points to lies in `der`. */
LWSEC_MUST_CHECK lwsec_status lwsec_crl_view_read(lwsec_bytes der, lwsec_crl_view *view,
                                                  lwsec_reason *reason);

/* Whether the list has an entry with this serial number; one of a delta that takes the certificate
 * off the complete list is none. */
bool lwsec_crl_has(const lwsec_crl_view *view, lwsec_bytes serial);

#endif
