/* DTLS on mbedTLS. */
#ifndef LWSEC_DTLS_MBEDTLS_H
#define LWSEC_DTLS_MBEDTLS_H

#include <lwsec/dtls.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The engine. mbedTLS allocates, some 36 kB a session. The source of random numbers of Debian's
 * 2.28 makes an endpoint 40 kB large.
 *
 * A PSK may have as many bytes as this mbedTLS was built for (MBEDTLS_PSK_MAX_LEN: 32 in Debian's
 * 2.28): a longer one is LWSEC_UNSUPPORTED on a client, and an unknown identity on a server.
 * The number of an alert that it sends encrypted is not known.
 */
LWSEC_API const lwsec_dtls_engine *lwsec_dtls_mbedtls(void);

#ifdef __cplusplus
}
#endif
#endif
