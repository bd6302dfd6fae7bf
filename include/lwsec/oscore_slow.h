/* OSCORE with a sender key in a slow store: a message is begun, waits, and is finished. */
#ifndef LWSEC_OSCORE_SLOW_PUBLIC_H
#define LWSEC_OSCORE_SLOW_PUBLIC_H

#include <lwsec/oscore.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A message that waits for its seal. Kept by the caller, who must not move it meanwhile. All zeros:
 * none waits. Its content is private to lwsec. */
typedef struct lwsec_oscore_pending {
    uint64_t opaque[20];
} lwsec_oscore_pending;

/*
 * As lwsec_oscore_protect_request and lwsec_oscore_protect_response, for a context whose sender key
 * is in a store that may answer LWSEC_PENDING (<lwsec/worker.h>). One message of a context waits at
 * a time. Zero `pending` before its first use.
 *
 * LWSEC_OK: done at once, as with every other store. LWSEC_PENDING while lwsec_oscore_is_pending:
 * the message waits in `pending`. Until it is finished or cancelled, context, `pending`, and what
 * `request` and `out->data` point at stay where they are; `message` is not needed any more. Other
 * messages of this context may be unprotected meanwhile, but none protected. Its number is used,
 * whatever becomes of it, and so is the nonce of a request that is responded to.
 *
 * LWSEC_PENDING and nothing pending: the state is slow. Poll that, and make the call again.
 * LWSEC_USAGE with KEY_USAGE: a message of this context waits already; no number was used.
 * LWSEC_LIMIT: q seals are done, or the store has too much in hand, where the number is used
 * nevertheless (lwsec_oscore_get_wear tells one from the other).
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_begin_request(
    lwsec_oscore *context, lwsec_bytes message, lwsec_oscore_request *request,
    lwsec_oscore_pending *pending, lwsec_buffer *out, lwsec_reason *reason);
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_begin_response(
    lwsec_oscore *context, lwsec_oscore_request *request, lwsec_bytes message, bool own_piv,
    lwsec_oscore_pending *pending, lwsec_buffer *out, lwsec_reason *reason);

/* Whether a message waits. */
LWSEC_API bool lwsec_oscore_is_pending(const lwsec_oscore_pending *pending);

/*
 * Finishes the message if its seal is there. `out` has the memory of the call that began it.
 *
 * LWSEC_OK: the message is in `out`; the request that it is was set. LWSEC_PENDING: not yet. Any
 * other answer ends it: what lay in `out` is wiped. LWSEC_USAGE: nothing waits, `out` is another
 * one, or the context was closed. LWSEC_FORKED, LWSEC_ENGINE, LWSEC_UNSUPPORTED.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_resume(lwsec_oscore_pending *pending,
                                                            lwsec_buffer *out,
                                                            lwsec_reason *reason);

/* Gives the message up: cancels the seal, wipes what lies in its output, and `pending`. Nothing
 * happens if none waits. To be called before the context is closed. */
LWSEC_API void lwsec_oscore_cancel(lwsec_oscore_pending *pending);

#ifdef __cplusplus
}
#endif
#endif
