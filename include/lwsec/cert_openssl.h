/* Certificates judged with the parser and the signatures of OpenSSL. */
#ifndef LWSEC_CERT_OPENSSL_H
#define LWSEC_CERT_OPENSSL_H

#include <lwsec/cert.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The engine. OpenSSL allocates during a call; its error queue is left as found. */
LWSEC_API const lwsec_cert_engine *lwsec_cert_openssl(void);

#ifdef __cplusplus
}
#endif
#endif
