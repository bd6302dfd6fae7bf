/* What the parts of OpenSSL's engine of certificates share, and what its DTLS engine takes of it.
 */
#ifndef LWSEC_CERTPOLICY_OPENSSL_CERT_H
#define LWSEC_CERTPOLICY_OPENSSL_CERT_H

#include "certpolicy/engine.h"

#include <openssl/x509.h>

/* Parse all of the bytes; NULL if they are not one. The caller frees. */
X509 *lwsec_openssl_certificate(lwsec_bytes der);
EVP_PKEY *lwsec_openssl_key(lwsec_bytes der);

/* Certificates that are parsed already: their bytes are not parsed anew. To do that takes OpenSSL 3
 * longer than to check a signature. */
typedef struct lwsec_openssl_known {
    const lwsec_bytes *der;
    X509 *const *certificates;
    size_t count;
    const struct lwsec_openssl_known *more; /* NULL: that is all */
} lwsec_openssl_known;

typedef struct lwsec_openssl_engine {
    lwsec_cert_engine head;
    const lwsec_openssl_known *known;
} lwsec_openssl_engine;

/* The engine that knows these. For the DTLS engine, which lives in a library of its own. */
LWSEC_API lwsec_openssl_engine lwsec_openssl_engine_with(const lwsec_openssl_known *known);

/* As in the engine's table. */
lwsec_why lwsec_openssl_ocsp(const lwsec_cert_ocsp *query);

#endif
