/* What the parts of OpenSSL's engine share. */
#ifndef LWSEC_CERTPOLICY_OPENSSL_ENGINE_H
#define LWSEC_CERTPOLICY_OPENSSL_ENGINE_H

#include "certpolicy/engine.h"

#include <openssl/x509.h>

/* Parse all of the bytes; NULL if they are not one. The caller frees. */
X509 *lwsec_openssl_certificate(lwsec_bytes der);
EVP_PKEY *lwsec_openssl_key(lwsec_bytes der);

/* As in the engine's table. */
lwsec_why lwsec_openssl_ocsp(const lwsec_cert_ocsp *query);

#endif
