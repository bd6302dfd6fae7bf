/* Key update for OSCORE, KUDOS: draft-ietf-core-oscore-key-update-14; may change before it is an
 * RFC. */
#ifndef LWSEC_OSCORE_KUDOS_H
#define LWSEC_OSCORE_KUDOS_H

#include <lwsec/oscore.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Two ends exchange nonces in the OSCORE options of two messages and derive a new Master Secret.
 * IDs and ID Context stay. Either end begins, with a request or with a response:
 *
 *     begins                                     answers
 *     lwsec_oscore_kudos_start
 *     a request, divergent                 ->    lwsec_oscore_kudos_incoming: LWSEC_CHALLENGE
 *                                          <-    the response that it made, convergent
 *     lwsec_oscore_kudos_response: LWSEC_OK
 *     any request, by the new context      ->    lwsec_oscore_kudos_incoming: LWSEC_OK
 *
 *     a request by the old context         ->    lwsec_oscore_kudos_incoming: LWSEC_OK
 *     lwsec_oscore_kudos_response: LWSEC_OK <-   its response, divergent (after _start)
 *     any request, convergent              ->    lwsec_oscore_kudos_incoming: LWSEC_OK
 *
 * Before it begins, a stack finishes its exchanges with this peer or gives up their tokens
 * (section "Avoiding In-Transit Requests"). Observations end with the old context: the bit `b` is
 * sent as 0 and ignored.
 */

/* ---- The OSCORE option of a KUDOS message ---- */

#define LWSEC_OSCORE_KUDOS_NONCE_MAX 16U

/* Bits of x, over the size of the nonce less one. */
enum {
    LWSEC_OSCORE_KUDOS_NO_FS = 0x10,     /* p: the run is without forward secrecy */
    LWSEC_OSCORE_KUDOS_PRESERVE = 0x20,  /* b: observations should go on */
    LWSEC_OSCORE_KUDOS_CONVERGENT = 0x40 /* z: by the new context; 0: by a temporary one */
};

typedef struct lwsec_oscore_kudos_option {
    lwsec_oscore_option base;
    uint8_t x;
    lwsec_bytes nonce; /* 1 to 16 bytes; NULL data: this is no KUDOS message */
} lwsec_oscore_kudos_option;

/* As lwsec_oscore_option_decode and lwsec_oscore_peek, for values with and without the fields of
 * KUDOS. The other calls, and contexts that are not made here, refuse them (OSCORE_RESERVED), and
 * so is every flag refused here that draft -14 does not use. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_kudos_option_decode(
    lwsec_bytes value, lwsec_oscore_kudos_option *option, lwsec_reason *reason);
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_kudos_peek(lwsec_coap_framing framing,
                                                                lwsec_bytes message,
                                                                lwsec_oscore_kudos_option *option,
                                                                lwsec_reason *reason);

/* ---- One peer ---- */

/*
 * The mode is provisioned and the same at both ends: messages of the other mode are refused, so
 * that nobody can talk two ends down. Learning what the peer is capable of is not there.
 */
typedef enum lwsec_oscore_kudos_mode {
    /* With forward secrecy, each new Master Secret kept in stable memory. LWSEC_UNSUPPORTED: no
     * store of lwsec keeps derived keys yet, and secrets do not come out to be stored otherwise. */
    LWSEC_OSCORE_KUDOS_FS = 0,
    /* With forward secrecy, in volatile memory (section "Non-CAPABLE Devices Operating in FS
     * Mode"). A restart loses what was agreed: the ends then need another way to new keys. */
    LWSEC_OSCORE_KUDOS_FS_VOLATILE = 1,
    /* Without forward secrecy: every run takes the secret of `inputs` (CTX_BOOTSTRAP). Nothing is
     * stored, and each life begins with a run. */
    LWSEC_OSCORE_KUDOS_BOOTSTRAP = 2
} lwsec_oscore_kudos_mode;

typedef struct lwsec_oscore_kudos_config {
    size_t size; /* sizeof(lwsec_oscore_kudos_config) */
    /*
     * The context to update, as for lwsec_oscore_init; what it refers to (the secret too) lives as
     * long as the object here. The secret is the Master Secret itself, LWSEC_ALG_HKDF with both
     * LWSEC_USE_EXTRACT and LWSEC_USE_DERIVE: KUDOS expands it directly. FS_VOLATILE: `state` is
     * that of the first context; later ones end with the process and need none. BOOTSTRAP: no
     * state. Windows that are shared are not supported.
     */
    const lwsec_oscore_config *inputs;
    size_t secret_size; /* of the Master Secret in bytes, which a handle does not tell; at most one
                         * hash length. 0: 16 */
    lwsec_oscore_kudos_mode mode;
} lwsec_oscore_kudos_config;

/* Contexts and state towards one peer. Lives in the caller's memory; one thread uses it at a
 * time. */
typedef struct lwsec_oscore_kudos lwsec_oscore_kudos;

/* Bytes of memory that it takes, aligned as for uint64_t. Its keys take up to 13 slots of a
 * store. */
#define LWSEC_OSCORE_KUDOS_SIZE(window, id_context_size)                                           \
    (512U + 3U * (LWSEC_OSCORE_SIZE(window, id_context_size) + 24U))
LWSEC_API size_t lwsec_oscore_kudos_size(const lwsec_oscore_config *inputs);

/* Makes it. FS_VOLATILE: its present context is that of `inputs`; BOOTSTRAP: there is none yet.
 * Answers as lwsec_oscore_init; LWSEC_USAGE also for a secret without both uses, LWSEC_UNSUPPORTED
 * also for a Master Secret that is longer than a hash. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_oscore_kudos_init(void *memory, size_t size, const lwsec_oscore_kudos_config *config,
                        lwsec_oscore_kudos **kudos, lwsec_reason *reason);

LWSEC_API void lwsec_oscore_kudos_close(lwsec_oscore_kudos **kudos);

/* The states of the draft. */
typedef enum lwsec_oscore_kudos_state {
    LWSEC_OSCORE_KUDOS_IDLE = 0,
    LWSEC_OSCORE_KUDOS_BUSY = 1,   /* our nonce is offered, the peer's is not known */
    LWSEC_OSCORE_KUDOS_PENDING = 2 /* both are known; the peer has not confirmed the new keys */
} lwsec_oscore_kudos_state;

LWSEC_API lwsec_oscore_kudos_state lwsec_oscore_kudos_get_state(const lwsec_oscore_kudos *kudos);

/* The context to protect the next request with, by lwsec_oscore_protect_request: it makes the
 * request a KUDOS message where the state asks for one. NULL: lwsec_oscore_kudos_start first. It
 * may be another one after each call of this part. */
LWSEC_API lwsec_oscore *lwsec_oscore_kudos_context(lwsec_oscore_kudos *kudos);

/* Begins: from now on requests, and responses to requests that come from now on, are divergent. A
 * request for /.well-known/kudos without payload has no effect at the server. Begun again while
 * BUSY, the same offer goes on. LWSEC_CONFLICT: a run is PENDING. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_kudos_start(lwsec_oscore_kudos *kudos,
                                                                 lwsec_reason *reason);

/* Gives up a run that the peer does not go on with: the context before, if any, is the present one.
 * From BUSY, the next start makes the same offer again, and an answer to it that comes late is
 * still taken. From PENDING, the new keys are gone: where the peer has confirmed them all the same,
 * both ends have no keys in common until the next run (BOOTSTRAP), or for good (FS_VOLATILE): wait
 * for long enough. */
LWSEC_API void lwsec_oscore_kudos_abandon(lwsec_oscore_kudos *kudos);

/*
 * As lwsec_oscore_unprotect_request, for every request of this peer; `context` is the one for
 * lwsec_oscore_protect_response. 128 bytes more room than there.
 *
 * LWSEC_OK: the plain request is in `out`. In the state BUSY its response is divergent.
 * LWSEC_CHALLENGE with a reason OSCORE_REDERIVED: a divergent request. It is authentic and may be
 * old, so nothing of it is delivered; `out` is the convergent response, ready to be sent (with
 * `message_id` where the request was not confirmable): 2.04 where it is for /.well-known/kudos,
 * otherwise a 4.01 with an Echo option, on which the peer makes its request again. With another
 * reason: as lwsec_oscore_unprotect_request.
 * LWSEC_NEED_REKEY: there is no context yet: an unprotected 4.01 may tell the peer, which has to
 * begin, or lwsec_oscore_kudos_start.
 * LWSEC_LIMIT: also where v opens of KUDOS messages have failed, until new keys are confirmed; in
 * BOOTSTRAP mode, whose secret stays, until the object is closed.
 * LWSEC_REJECT: also the other mode and what the state does not ask for (OSCORE_NOT_ASKED).
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_kudos_incoming(
    lwsec_oscore_kudos *kudos, lwsec_bytes message, uint16_t message_id, lwsec_oscore **context,
    lwsec_oscore_request *request, lwsec_buffer *out, lwsec_reason *reason);

/*
 * As lwsec_oscore_unprotect_response, for every response of this peer.
 *
 * LWSEC_OK: the plain response is in `out`. If the state is PENDING after it, the peer has begun:
 * send some request. LWSEC_CHALLENGE: the same in BOOTSTRAP mode, where such a response may be old:
 * nothing is delivered; make the request again.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_kudos_response(lwsec_oscore_kudos *kudos,
                                                                    lwsec_oscore_request *request,
                                                                    lwsec_bytes message,
                                                                    lwsec_buffer *out,
                                                                    lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
