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
 * It accepts nothing that OpenSSL refuses. It refuses in addition what its parser does not take, as
 * an empty issuer, the unique identifiers that RFC 5280 advises against, or a signature algorithm
 * that it does not know, where usage 3 looks at no more.
 */
LWSEC_API const lwsec_cert_engine *lwsec_cert_mbedtls(void);

#ifdef __cplusplus
}
#endif
#endif
