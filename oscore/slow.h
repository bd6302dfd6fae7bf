/* A message that waits for a slow key store: what lies in a lwsec_oscore_pending. */
#ifndef LWSEC_OSCORE_SLOW_H
#define LWSEC_OSCORE_SLOW_H

#include <lwsec/oscore_slow.h>

#include "oscore/context.h"
#include "oscore/cose.h"

/* What a seal binds a message to. */
typedef struct lwsec_oscore_bound {
    lwsec_oscore_nonce nonce;
    size_t aad_size;
    uint8_t aad[LWSEC_OSCORE_AAD_MAX];
} lwsec_oscore_bound;

typedef struct lwsec_slow {
    lwsec_oscore *context;         /* NULL: nothing waits */
    uint64_t life;                 /* of that context */
    lwsec_oscore_request *request; /* to be opened when it is protected; NULL: it is a response */
    uint64_t number;               /* of that request */
    uint8_t *data;                 /* the message */
    size_t size;
    lwsec_oscore_bound bound;
    uint32_t flags; /* of that request */
} lwsec_slow;

_Static_assert(sizeof(lwsec_slow) <= sizeof(lwsec_oscore_pending), "fits its opaque room");

static inline lwsec_slow *lwsec_slow_inside(lwsec_oscore_pending *pending)
{
    return (lwsec_slow *)pending;
}

/* As lwsec_oscore_protect_request and lwsec_oscore_protect_response. With `slow`, whose `context`
 * is not looked at, they answer LWSEC_PENDING when the key store does, and leave all there that the
 * seal needs. */
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_protect_request_slow(lwsec_oscore *context,
                                                                lwsec_bytes wire,
                                                                lwsec_oscore_request *request,
                                                                lwsec_slow *slow, lwsec_buffer *out,
                                                                lwsec_reason *reason);
LWSEC_MUST_CHECK lwsec_status lwsec_oscore_protect_response_slow(
    lwsec_oscore *context, lwsec_oscore_request *request, lwsec_bytes wire, bool own_piv,
    lwsec_slow *slow, lwsec_buffer *out, lwsec_reason *reason);

#endif
