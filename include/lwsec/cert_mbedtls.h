/* Certificates judged with the parser and the signatures of mbedTLS. */
#ifndef LWSEC_CERT_MBEDTLS_H
#define LWSEC_CERT_MBEDTLS_H

#include <lwsec/cert.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The engine. mbedTLS allocates during a call. It has no OCSP.
 *
 * It accepts nothing that OpenSSL refuses. It refuses in addition: names of issuer and subject that
 * are the same but for white space or the kind of their strings; and what its parser does not take.
 */
LWSEC_API const lwsec_cert_engine *lwsec_cert_mbedtls(void);

#ifdef __cplusplus
}
#endif
#endif
