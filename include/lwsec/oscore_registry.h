/* Very many OSCORE contexts in one place, found by what a request shows: for servers. */
#ifndef LWSEC_OSCORE_REGISTRY_H
#define LWSEC_OSCORE_REGISTRY_H

#include <lwsec/oscore.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A registry: a fixed number of places for contexts in the caller's memory, and an index of them by
 * kid and kid context (RFC 8613 section 8.2, step 2). Contexts are made in their place and never
 * move.
 *
 * Threads share a registry. A context that was found belongs to the thread that found it until it
 * is given back; until then others get LWSEC_PENDING for it: drop the message, or put it into a
 * queue of its peer. Finding takes no lock; adding and removing take one for a moment.
 *
 * Time is the caller's: any unit, modulo 2^32, and no two times 2^31 or more apart. The hash of the
 * index has a random key of its own, as kids may be chosen by an attacker (SipHash-2-4).
 *
 * Requests that bear a kid context find the contexts with this ID Context. Requests without one
 * find the contexts without ID Context and those with LWSEC_OSCORE_OMIT_KID_CONTEXT: set that flag
 * for peers that leave it out. Where several contexts may be meant, they are tried in turn; that is
 * slow where they are many, and each try that fails counts against the key's limit of failed opens.
 * So give peers different kids, or different ID Contexts.
 */
typedef struct lwsec_oscore_registry lwsec_oscore_registry;

/* The longest transport address that is kept beside a context: IPv6, port, scope. */
#define LWSEC_OSCORE_ADDRESS_MAX 24U

/*
 * Called when a request shows a kid that no context has: for contexts that live elsewhere, in a
 * database. It may add the context (lwsec_oscore_registry_add) and answer LWSEC_OK; then the search
 * begins again, once. Any other answer is the answer of the search. It is called for forged
 * requests as well, whose sender is not known yet.
 */
typedef lwsec_status (*lwsec_oscore_load)(void *argument, lwsec_oscore_registry *registry,
                                          const lwsec_oscore_option *option, uint32_t now);

/* Zero everything, then set what is needed. */
typedef struct lwsec_oscore_registry_config {
    size_t size;             /* sizeof(lwsec_oscore_registry_config) */
    uint32_t capacity;       /* contexts, 1 to 2^31 - 1 */
    uint32_t window;         /* the largest replay window; 0: 32 */
    uint32_t id_context_max; /* the longest ID Context in bytes, up to 255 */
    uint32_t address_max;    /* room for a transport address; 0: none are kept */
    uint32_t interval;       /* of the count of failed opens, in the caller's unit; 0: 1 */
    lwsec_store *store;      /* its random bytes key the hash. Needed */
    lwsec_oscore_load load;  /* may be NULL */
    void *load_argument;
    uint32_t flags; /* LWSEC_REGISTRY_... */
} lwsec_oscore_registry_config;

enum {
    /* Room for contexts with LWSEC_OSCORE_SHARED_WINDOW. */
    LWSEC_REGISTRY_SHARED_WINDOWS = 1 << 0,
    /* Where a context is added and there is no room, the longest idle one of sixteen that nobody
     * uses is closed: the sixteen go round. Its record stays, so it can be added again. */
    LWSEC_REGISTRY_EVICT = 1 << 1
};

/* Bytes of memory for a registry, aligned as for uint64_t; 0 for a configuration that is out of
 * range. Derived keys are in their store, which needs two slots for each context. */
LWSEC_API size_t lwsec_oscore_registry_size(const lwsec_oscore_registry_config *config);

/* LWSEC_USAGE: a field of the configuration has no value that is known, or the memory is not
 * aligned. LWSEC_BUFFER: `size` is too small. Otherwise the answer of lwsec_random. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_oscore_registry_open(void *memory, size_t size, const lwsec_oscore_registry_config *config,
                           lwsec_oscore_registry **registry, lwsec_reason *reason);

/* Closes all contexts, wipes the memory and zeroes the pointer. Nothing may use it meanwhile. */
LWSEC_API void lwsec_oscore_registry_close(lwsec_oscore_registry **registry);

/*
 * Makes a context in the registry: lwsec_oscore_init in a free place. `address` is the peer's, as
 * far as it is known; empty: none.
 *
 * LWSEC_CONFLICT: there is a context of the same secret and IDs, and not both have
 * LWSEC_OSCORE_SHARED_WINDOW: one of the two would not see what the other has received. LWSEC_LIMIT
 * with REGISTRY_FULL: no place is free. LWSEC_USAGE: window, ID Context or address are larger than
 * the registry's. Otherwise as lwsec_oscore_init.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_registry_add(lwsec_oscore_registry *registry,
                                                                  const lwsec_oscore_config *config,
                                                                  lwsec_bytes address, uint32_t now,
                                                                  lwsec_reason *reason);

/* Where a search stands. All zeros: at its beginning. Private to lwsec. */
typedef struct lwsec_oscore_search {
    uint32_t opaque[2];
} lwsec_oscore_search;

/*
 * The next context that a request may be meant for, taken: first those whose last address is
 * `address`, then the others. Each call goes on behind the context that the last one found; it may
 * be given back before. What others add or remove meanwhile may be missed.
 *
 * LWSEC_ABSENT with OTHER_KID: there is none (any more). LWSEC_PENDING with REGISTRY_BUSY: one that
 * may be meant is or was in use, and none is found besides. LWSEC_REJECT with NO_KID: no request.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_registry_take(
    lwsec_oscore_registry *registry, const lwsec_oscore_option *option, lwsec_bytes address,
    uint32_t now, lwsec_oscore_search *search, lwsec_oscore **context, lwsec_reason *reason);

/* Gives a context back, and zeroes the pointer. */
LWSEC_API void lwsec_oscore_registry_give_back(lwsec_oscore_registry *registry,
                                               lwsec_oscore **context);

/* Closes a context that is taken, frees its place, and zeroes the pointer. */
LWSEC_API void lwsec_oscore_registry_remove(lwsec_oscore_registry *registry,
                                            lwsec_oscore **context);

/* A datagram as it came. */
typedef struct lwsec_oscore_arrival {
    lwsec_coap_framing framing;
    lwsec_bytes message;
    lwsec_bytes address; /* of the peer; empty: not known */
    uint32_t now;
} lwsec_oscore_arrival;

/*
 * Finds the context of a request and unprotects it: peek, take, lwsec_oscore_unprotect_request,
 * over all contexts that may be meant. On LWSEC_OK and LWSEC_CHALLENGE `context` is taken, for the
 * response or the challenge: give it back then. On LWSEC_OK its address becomes the peer's.
 * On any other answer `context` is NULL.
 *
 * LWSEC_REJECT with OTHER_KID: no context. LWSEC_PENDING: it is in use. Otherwise as
 * lwsec_oscore_unprotect_request; where several contexts were tried, the answer of the last.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_registry_unprotect(
    lwsec_oscore_registry *registry, const lwsec_oscore_arrival *arrival, lwsec_oscore **context,
    lwsec_oscore_request *request, lwsec_buffer *out, lwsec_reason *reason);

/* Closes contexts that nobody uses and that were not taken for more than `idle`. Looks at `places`
 * places, of which there are a few more than the capacity, and the next call goes on behind them.
 * Returns how many were closed. */
LWSEC_API uint32_t lwsec_oscore_registry_expire(lwsec_oscore_registry *registry, uint32_t now,
                                                uint32_t idle, uint32_t places);

/* The next context from place `*at` on that nobody uses, taken; `*at` begins with 0 and goes on
 * behind it. LWSEC_ABSENT at the end. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_registry_next(lwsec_oscore_registry *registry,
                                                                   uint32_t *at,
                                                                   lwsec_oscore **context);

/* How many contexts there are. */
LWSEC_API uint32_t lwsec_oscore_registry_count(const lwsec_oscore_registry *registry);

/*
 * How many requests lwsec_oscore_registry_unprotect has refused (malformed, no context, not
 * authentic, a replay, a key at its limit) in the last whole interval or so far in this one,
 * whichever is more. A request counts once, however many contexts it was tried with. A stack that
 * sees this rise drops floods by address before they come here.
 */
LWSEC_API uint32_t lwsec_oscore_registry_refused(lwsec_oscore_registry *registry, uint32_t now);

#ifdef __cplusplus
}
#endif
#endif
