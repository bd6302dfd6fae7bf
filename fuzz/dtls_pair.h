/* A DTLS client and server for fuzz targets: endpoints that stay, sessions for each input. */
#ifndef LWSEC_FUZZ_DTLS_PAIR_H
#define LWSEC_FUZZ_DTLS_PAIR_H

#include <lwsec/dtls.h>

#include <stdlib.h>
#include <string.h>

/* The time of OpenSSL's timers and of ours, in ms. */
extern uint64_t pair_now;

static inline void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Bits of what a pair is made of. */
enum { PAIR_CLIENT_ENGINE = 1, PAIR_SERVER_ENGINE = 2, PAIR_X509 = 4, PAIR_SMALL_MTU = 8 };

/* The endpoint of a role: made once. Where a build has one engine, the bits of engines say nothing.
 */
const lwsec_dtls_endpoint *pair_endpoint(lwsec_dtls_role role, unsigned choices);

#endif
