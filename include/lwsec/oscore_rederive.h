/* Fresh contexts out of one Master Secret, agreed by two exchanges: RFC 8613 Appendix B.2. */
#ifndef LWSEC_OSCORE_REDERIVE_H
#define LWSEC_OSCORE_REDERIVE_H

#include <lwsec/oscore.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What LwM2M wants on the first use of a context (R-5.5.3-10), and what helps where numbers were
 * lost, where a key has reached its limits, or where a peer was deleted and provisioned again. Both
 * ends put fresh randomness into the ID Context, so that keys are new and no request can be old:
 * what comes of it needs no Echo challenge.
 *
 *     client                                     server
 *     request 1, ID Context ID1            ->    lwsec_oscore_rederive_request: LWSEC_CHALLENGE
 *                                          <-    response 1 (4.01), ID Context R2 || ID1
 *     lwsec_oscore_rederive_response: LWSEC_CHALLENGE
 *     the same request again, R2 || R3     ->    lwsec_oscore_rederive_request: LWSEC_OK
 *                                          <-    response 2, by the new context
 *     lwsec_oscore_rederive_response: LWSEC_OK
 *
 * A server begins it by itself when it answers any request so that it can verify, although its
 * numbers are lost: the client's part is the same.
 *
 * `inputs` is the configuration of RFC 8613 section 3.2, as for lwsec_oscore_init; it and what it
 * refers to (the secret too) stay as long as the objects here. With a state, agreed contexts go on
 * after a restart (lwsec_oscore_rederive_resume), with an Echo challenge; without one they end with
 * the process and write nothing, and the protocol is run again.
 *
 * Two ends that begin it at the same time, each as a client, both come to an end: whose request 2
 * is accepted last decides. A stack waits a random time before it begins after a restart
 * (Appendix B.2.1).
 */

/* The longest R2 of a peer, in bytes. Ours has 16, R1 and R3 have 8. */
#define LWSEC_OSCORE_R2_MAX 32U
#define LWSEC_OSCORE_R3_SIZE 8U
/* The longest ID Context that is agreed: R2, and R3 or what the peer gave for it. */
#define LWSEC_OSCORE_AGREED_ID_MAX 64U

/* Bytes of memory for an agreed context, aligned as for uint64_t. */
#define LWSEC_OSCORE_AGREED_SIZE(window) LWSEC_OSCORE_SIZE(window, LWSEC_OSCORE_AGREED_ID_MAX)

/* ---- Server ---- */

/*
 * What makes R2 without memory of those that were given out: the time, and a MAC over it and the
 * peer's IDs (Appendix B.2.1). Filled by the caller, who sets `now` before each call. It may serve
 * all peers of a thread.
 */
typedef struct lwsec_oscore_rederive_server {
    size_t size;       /* sizeof(lwsec_oscore_rederive_server) */
    lwsec_key key;     /* LWSEC_ALG_HMAC_256 with LWSEC_USE_MAC, generated in this process, for this
                        * alone */
    uint64_t now;      /* milliseconds of a clock that does not go back */
    uint32_t lifetime; /* for how many milliseconds an R2 counts; 0: 60000 */
    uint64_t issued;   /* private: the last R2's time. 0 at the start */
} lwsec_oscore_rederive_server;

/* One peer of the server. Filled by the caller. */
typedef struct lwsec_oscore_rederive_peer {
    size_t size;                       /* sizeof(lwsec_oscore_rederive_peer) */
    const lwsec_oscore_config *inputs; /* Sender ID: the server's */
    void *memory;                      /* for the new context: not where the present one lives */
    size_t memory_size;                /* at least LWSEC_OSCORE_AGREED_SIZE of its window */
    uint64_t floor; /* private: R2 up to here are used up. 0 at the start, and kept for as long
                     * as `key` of the server is */
} lwsec_oscore_rederive_peer;

/*
 * A request whose kid is the peer's, and whose kid context names no context that is there; or any
 * request of a peer whose context may not send (LWSEC_NEED_REKEY), whose kid context is the ID
 * Context of `inputs` or absent. Buffers as for lwsec_oscore_unprotect_request, with 128 bytes more
 * room.
 *
 * LWSEC_CHALLENGE: request 1 is authentic. `out` is response 1, ready to be sent (with `message_id`
 * where the request was not confirmable). Nothing is delivered, nothing is kept: each request 1
 * that is replayed costs this work again and may be dropped, or answered by an unprotected 5.03.
 *
 * LWSEC_OK: request 2 is authentic. The plain request is in `out`, its request object is set,
 * `context` is the new context in the peer's memory. It replaces the one before, which the caller
 * closes, with what was agreed before it; R2 up to this one are used up.
 *
 * LWSEC_REJECT with the reason: not authentic, no kid context that fits, an R2 that is not ours, is
 * too old, or was used (OSCORE_R2). Others as lwsec_oscore_init and lwsec_oscore_unprotect_request.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_rederive_request(
    lwsec_oscore_rederive_server *server, lwsec_oscore_rederive_peer *peer, lwsec_bytes message,
    uint16_t message_id, lwsec_oscore **context, lwsec_oscore_request *request, lwsec_buffer *out,
    lwsec_reason *reason);

/*
 * After a restart: the context that was agreed last, if the state of `inputs` knows of one. Numbers
 * go on, and the first request is challenged. LWSEC_ABSENT: there is none. Others as
 * lwsec_oscore_init.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_oscore_rederive_resume(void *memory, size_t size, const lwsec_oscore_config *inputs,
                             lwsec_oscore **context, lwsec_reason *reason);

/* ---- Client ---- */

/* The client's side towards one peer: its present context, and the one that is being agreed. Lives
 * in the caller's memory; one thread uses it at a time. */
typedef struct lwsec_oscore_rederive lwsec_oscore_rederive;

/* Bytes of memory that it takes, aligned as for uint64_t. */
#define LWSEC_OSCORE_REDERIVE_SIZE(window, id_context_size)                                        \
    (256U + LWSEC_OSCORE_AGREED_SIZE(window) + LWSEC_OSCORE_AGREED_SIZE(window) +                  \
     (((size_t)(id_context_size) + 7U) / 8U * 16U))
LWSEC_API size_t lwsec_oscore_rederive_size(const lwsec_oscore_config *inputs);

/*
 * Makes it. Its present context is the one that was agreed before a restart, if the state knows of
 * one; otherwise the one of `inputs` itself, where it has a record or is declared fresh; otherwise
 * there is none, and the protocol has to run first. Answers as lwsec_oscore_init.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_oscore_rederive_init(void *memory, size_t size, const lwsec_oscore_config *inputs,
                           lwsec_oscore_rederive **rederive, lwsec_reason *reason);

LWSEC_API void lwsec_oscore_rederive_close(lwsec_oscore_rederive **rederive);

/* The context to protect the next request with; NULL: lwsec_oscore_rederive_start first. It may be
 * another one after each call of this part. */
LWSEC_API lwsec_oscore *lwsec_oscore_rederive_context(lwsec_oscore_rederive *rederive);

/* Step 1: from now on requests are made with a new random ID Context. R-5.5.3-10. Begun again, it
 * takes another one. The present context stays for responses that are under way. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_rederive_start(lwsec_oscore_rederive *rederive,
                                                                    lwsec_reason *reason);

/* Gives up what is being agreed, where the peer does not take part: the present context goes on. */
LWSEC_API void lwsec_oscore_rederive_abandon(lwsec_oscore_rederive *rederive);

/* Whether something is being agreed. */
LWSEC_API bool lwsec_oscore_rederive_running(const lwsec_oscore_rederive *rederive);

/*
 * As lwsec_oscore_unprotect_response, for every response of this peer; `message` also may be
 * response 1.
 *
 * LWSEC_CHALLENGE: it was response 1. Nothing is delivered. Make the same request again, with a new
 * Message ID, by lwsec_oscore_rederive_context. LWSEC_OK: a response, in `out`; if it was response
 * 2, the new context has replaced the one before, and requests that the old one made get no
 * response any more. Where it cannot be recorded (LWSEC_STATE), nothing is delivered and it is
 * given up: begin again.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_oscore_rederive_response(lwsec_oscore_rederive *rederive, lwsec_oscore_request *request,
                               lwsec_bytes message, lwsec_buffer *out, lwsec_reason *reason);

/*
 * As lwsec_oscore_unprotect_request, for every request of this peer: by the present context, or by
 * the one that is being agreed, which then counts as agreed: only who has taken part has its keys.
 * `context` is the one that verified it, for the response.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_rederive_incoming(
    lwsec_oscore_rederive *rederive, lwsec_bytes message, lwsec_oscore **context,
    lwsec_oscore_request *request, lwsec_buffer *out, lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
