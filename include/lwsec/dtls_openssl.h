/* DTLS on OpenSSL. */
#ifndef LWSEC_DTLS_OPENSSL_H
#define LWSEC_DTLS_OPENSSL_H

#include <lwsec/dtls.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The engine. An endpoint has a library context of its own: neither the host's providers nor its
 * configuration count, and its error queue is left as found. OpenSSL allocates, some 70 kB a
 * session, and up to 200 kB more while messages of its handshake come out of order.
 *
 * Its timers run by the clock of the system (no LWSEC_DTLS_VIRTUAL_TIME): `now` must advance as
 * fast. A PSK identity with a zero byte is LWSEC_UNSUPPORTED. A server that finds the record of a
 * wrong PSK unreadable says nothing: both sides end by their limits.
 *
 * It fragments for no datagrams below 256 bytes: with a smaller limit there are pre-shared keys
 * alone, and an identity that does not fit (LWSEC_WHY_TOO_LONG) ends the handshake.
 *
 * Raw public keys (LWSEC_DTLS_RPK) are there where the library that it was built with has them,
 * from 3.2 on.
 */
LWSEC_API const lwsec_dtls_engine *lwsec_dtls_openssl(void);

#ifdef __cplusplus
}
#endif
#endif
