/* Server Public Key and Matching Type against a certificate. */
#ifndef LWSEC_CERTPOLICY_USAGE_H
#define LWSEC_CERTPOLICY_USAGE_H

#include "certpolicy/engine.h"

/* Whether the association of the check matches the certificate or its key. */
bool lwsec_usage_matches(const lwsec_cert_engine *engine, const lwsec_cert_check *check,
                         const lwsec_cert_view *view);

/* Whether a certificate under this usage needs a path, a name and a time. */
static inline bool lwsec_usage_needs_path(lwsec_cert_usage usage)
{
    return usage != LWSEC_CERT_DOMAIN_ISSUED;
}

/* Whether the anchors are those of the trust store. */
static inline bool lwsec_usage_needs_trust(lwsec_cert_usage usage)
{
    return usage == LWSEC_CERT_CA_CONSTRAINT || usage == LWSEC_CERT_SERVICE_CONSTRAINT ||
           usage == LWSEC_CERT_PKIX;
}

/* Whether an anchor may lack basicConstraints: R-5.2.9.7-05. */
static inline bool lwsec_usage_plain_anchor(lwsec_cert_usage usage)
{
    return usage == LWSEC_CERT_CA_CONSTRAINT || usage == LWSEC_CERT_TRUST_ANCHOR;
}

#endif
