/* The inside of a request object: what binds responses to a request. RFC 8613 sections 7.1, 8. */
#ifndef LWSEC_OSCORE_REQUEST_H
#define LWSEC_OSCORE_REQUEST_H

#include "oscore/context.h"

enum {
    LWSEC_REQUEST_OURS = 1 << 0,       /* we sent it and wait for responses */
    LWSEC_REQUEST_PEERS = 1 << 1,      /* we received it and may respond */
    LWSEC_REQUEST_NONCE = 1 << 2,      /* its nonce is still free for one response */
    LWSEC_REQUEST_OBSERVES = 1 << 3,   /* it registers an observation: many responses */
    LWSEC_REQUEST_CHALLENGED = 1 << 4, /* not known to be fresh: a challenge is all it may get */
    LWSEC_REQUEST_ANSWERED = 1 << 5    /* its last response was accepted */
};

typedef struct lwsec_request {
    const lwsec_oscore *context;
    uint64_t life;     /* of that context: another one in the same place has another */
    uint64_t number;   /* request_piv */
    uint64_t notified; /* one more than the highest notification number; 0: none yet */
    uint32_t flags;
} lwsec_request;

_Static_assert(sizeof(lwsec_request) <= sizeof(lwsec_oscore_request), "fits its opaque room");

static inline lwsec_request *lwsec_request_inside(lwsec_oscore_request *request)
{
    return (lwsec_request *)request;
}

/* A call that refuses leaves no request behind, not even that of an earlier call. */
static inline void lwsec_request_clear(lwsec_oscore_request *request)
{
    static const lwsec_oscore_request none;
    *request = none;
}

static inline void lwsec_request_open(lwsec_oscore_request *request, const lwsec_oscore *context,
                                      uint64_t number, uint32_t flags)
{
    lwsec_request *inside = lwsec_request_inside(request);

    inside->context = context;
    inside->life = context->life;
    inside->number = number;
    inside->notified = 0;
    inside->flags = flags;
}

/* Whether it is open for this context in this role. */
static inline bool lwsec_request_is(const lwsec_request *inside, const lwsec_oscore *context,
                                    uint32_t role)
{
    return inside->context == context && inside->life == context->life &&
           (inside->flags & role) != 0;
}

#endif
