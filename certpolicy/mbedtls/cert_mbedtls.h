/* What mbedTLS's DTLS engine takes of its engine of certificates. */
#ifndef LWSEC_CERTPOLICY_MBEDTLS_CERT_H
#define LWSEC_CERTPOLICY_MBEDTLS_CERT_H

#include "certpolicy/engine.h"

#include <mbedtls/x509_crt.h>

/* Which keys and hashes are allowed: the same as der_key.c allows. */
LWSEC_API const mbedtls_x509_crt_profile *lwsec_mbedtls_profile(void);

/* Two certificates of which mbedTLS's own path validation, by that profile, has found that the
 * second one issued the first. */
typedef struct lwsec_mbedtls_known {
    lwsec_bytes certificate;
    lwsec_bytes issuer;
} lwsec_mbedtls_known;

typedef struct lwsec_mbedtls_engine {
    lwsec_cert_engine head;
    const lwsec_mbedtls_known *known;
    size_t count;
} lwsec_mbedtls_engine;

/* The engine that knows these, and does not check their signatures again. */
LWSEC_API lwsec_mbedtls_engine lwsec_mbedtls_engine_with(const lwsec_mbedtls_known *known,
                                                         size_t count);

#endif
