/* OSCORE (RFC 8613): contexts that protect and unprotect whole CoAP messages. */
#ifndef LWSEC_OSCORE_H
#define LWSEC_OSCORE_H

#include <lwsec/coap_freshness.h>
#include <lwsec/key.h>
#include <lwsec/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A security context (RFC 8613 section 3): both keys as handles, the Sender Sequence Number, the
 * replay window. It lives in the caller's memory and is never allocated. One thread uses it at a
 * time.
 *
 * A secret has one context at a time. Where several must be (threads or processes that serve one
 * peer), all of them take LWSEC_OSCORE_SHARED_WINDOW: they share numbers and window through the
 * state, and a request is delivered by one of them. Without it, two contexts that are given the
 * same request both deliver it, and both may answer with its nonce. Two contexts that send requests
 * at a time use different numbers, yet not in ascending order, which a peer's replay window may
 * refuse.
 */
typedef struct lwsec_oscore lwsec_oscore;

/* The longest Sender or Recipient ID: nonce length minus 6 of the algorithms with the longest
 * nonce. For a given algorithm it is 7 (AEAD 10, 11, 30, 31), 6 (1, 2, 3, 24) or 1 (12, 13, 32,
 * 33). */
#define LWSEC_OSCORE_ID_MAX 7U
/* The longest ID Context: its length is one byte on the wire (RFC 8613 section 6.1). */
#define LWSEC_OSCORE_ID_CONTEXT_MAX 255U
#define LWSEC_OSCORE_WINDOW_DEFAULT 32U
#define LWSEC_OSCORE_WINDOW_MAX 1024U
/* The last Sender Sequence Number: 2^40 - 1 (section 7.2.1 and 12); after it the context is
 * exhausted. */
#define LWSEC_OSCORE_SSN_MAX 0xffffffffffULL

/*
 * Flags of a context. None set is the strictest: the key is not taken for fresh, and the first
 * request that is received must prove its freshness.
 *
 * LWSEC_KEY_FRESH (<lwsec/key.h>): these inputs were never used before, here or anywhere.
 */
enum {
    /* Accept the first request of a fresh key without an Echo challenge. R-5.5.3-12 wants the
     * challenge for Bootstrap-Request, Bootstrap-Pack-Request and Register. After a restart the
     * challenge comes in any case, unless the window is shared through the state. */
    LWSEC_OSCORE_NO_FIRST_ECHO = 1 << 1,
    /* Keep the replay window in the state, for contexts of one secret in several threads, processes
     * or lives: a number is accepted once among them all. Costs one durable write a request. */
    LWSEC_OSCORE_SHARED_WINDOW = 1 << 2,
    /* Leave the kid context out of requests although there is an ID Context: saves its bytes where
     * the server finds the context without it. */
    LWSEC_OSCORE_OMIT_KID_CONTEXT = 1 << 3,
    /* Go on where a key has reached its limit of seals or failed opens, with an alarm
     * (LWSEC_OSCORE_EVENT_PAST_LIMIT) instead of LWSEC_LIMIT. For peers with which no fresh context
     * can be agreed, where silence would be worse than the greater chance of a forgery. */
    LWSEC_OSCORE_PAST_LIMITS = 1 << 4
};

/* What a context is made of. Zero everything, then set what is needed; the defaults are RFC 8613's.
 */
typedef struct lwsec_oscore_config {
    size_t size; /* sizeof(lwsec_oscore_config) */

    /* The Master Secret (LWSEC_ALG_HKDF with LWSEC_USE_EXTRACT), or, for a store that can expand
     * and not extract, the pseudorandom key (LWSEC_USE_DERIVE); `salt` is not used then. Not needed
     * any more once the context is made. */
    lwsec_key secret;
    /* Where the two derived keys live; NULL: where the secret lives. A context takes two slots of
     * it, and one more of the secret's store while it is made. */
    lwsec_store *store;
    /* Where the numbers are kept. Needed. */
    lwsec_state *state;

    lwsec_bytes salt;         /* Master Salt; empty: none */
    lwsec_bytes sender_id;    /* may be empty */
    lwsec_bytes recipient_id; /* may be empty; never equal to the Sender ID */
    lwsec_bytes id_context;   /* NULL data: none; non-NULL data of size 0: present and empty */

    int32_t aead; /* COSE number; 0: 10, AES-CCM-16-64-128 */
    int32_t hmac; /* HMAC number as in Object 21: 5, 6 or 7; 0: 5, HMAC 256/256, for HKDF-SHA-256 */

    lwsec_coap_framing framing;
    uint32_t window; /* replay window in numbers, 1 to 1024; 0: 32 */

    /* Numbers that the first write to the state reserves ahead (K of Appendix B.1.1), up to 65536;
     * 0: 64. Each further write reserves twice as many as the one before, up to `reserve_max` (0:
     * 1024, or `reserve` where that is more). So a restart never skips more numbers than its life
     * has used and one first block; of the 2^20 seals that a key has, as many, between 64 and 1024
     */
    uint32_t reserve;
    uint32_t reserve_max;

    /* How freshness is proven, and which requests have to prove it in any case; NULL: only the
     * first request after a start has to, with an Echo value that counts until the context is
     * closed. Lives as long as the context. */
    const lwsec_freshness *freshness;
    uint64_t start_ssn; /* first number of a key that another implementation has used up to
                         * here: then LWSEC_KEY_FRESH means "not below this number". A record
                         * that exists wins where it is higher. With one, the first request that
                         * is received is challenged in any case */
    uint32_t flags;

    /* Where the Recipient Key lives; NULL: where the Sender Key does. For a sender key in a slow
     * store, of which only what is sent can wait (<lwsec/oscore_slow.h>). */
    lwsec_store *recipient_store;
} lwsec_oscore_config;

/*
 * Bytes of memory that a context takes, aligned as for uint64_t. The macro is for static memory and
 * has some reserve; lwsec_oscore_size is what lwsec_oscore_init asks for.
 */
#define LWSEC_OSCORE_SIZE(window, id_context_size)                                                 \
    (256U + (((size_t)(window) + 63U) / 64U * 16U) + (((size_t)(id_context_size) + 7U) / 8U * 8U))
LWSEC_API size_t lwsec_oscore_size(const lwsec_oscore_config *config);

/*
 * Makes a context in `memory`: derives Sender Key, Recipient Key and Common IV (RFC 8613
 * section 3.2.1) and finds the record of this Sender Key. R-5.5.3-08, R-5.5.3-09.
 *
 * The record decides what may be sent. If there is one, numbers go on after the last block that it
 * reserved, and received requests are challenged until one proves fresh. If there is none and the
 * key is not declared fresh, the context can open messages, and answers LWSEC_NEED_REKEY to all
 * that would be sealed.
 *
 * LWSEC_USAGE with the reason: an ID over its limit, equal IDs, an unknown algorithm, a window over
 * 1024, a secret of another kind, no state. LWSEC_BUFFER: `size` is less than lwsec_oscore_size
 * says. LWSEC_UNSUPPORTED: the store cannot do it. LWSEC_PENDING: the
 * state is slow. A store whose keys answer LWSEC_PENDING serves <lwsec/oscore_slow.h> alone; all
 * other calls answer LWSEC_UNSUPPORTED for it. LWSEC_STATE, LWSEC_LIMIT (the store
 * has no room), LWSEC_ENGINE, LWSEC_FORKED.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_init(void *memory, size_t size,
                                                          const lwsec_oscore_config *config,
                                                          lwsec_oscore **context,
                                                          lwsec_reason *reason);

/* Destroys the two derived keys, wipes the memory and zeroes the pointer. The record stays. */
LWSEC_API void lwsec_oscore_close(lwsec_oscore **context);

/*
 * One request, from the moment it is protected or unprotected until its last response: request_kid,
 * request_piv, and the right to use the request's nonce for one response (RFC 8613
 * sections 5.2, 5.4, 8). Kept by the caller beside the token; one for each outstanding request. May
 * be moved, must not be copied to answer twice. All zeros is no request. Its content is private to
 * lwsec.
 */
typedef struct lwsec_oscore_request {
    uint64_t opaque[5];
} lwsec_oscore_request;

/*
 * For all four calls below: `message` is a whole CoAP message in the context's framing, `out`
 * receives one, and the two must not share memory. Header fields other than Code, and the token,
 * are carried over (RFC 8613 section 4.2). `reason` may be NULL.
 *
 * Room: protecting needs message.size + LWSEC_OSCORE_OVERHEAD + the ID Context; unprotecting needs
 * message.size + 8. LWSEC_BUFFER is answered before a number is used.
 */
#define LWSEC_OSCORE_OVERHEAD 64U

/*
 * Client: protects a request (RFC 8613 section 8.1). Each call takes a new number: to retransmit,
 * send the same bytes again. Sets `request`.
 *
 * A Proxy-Uri is split (section 4.1.3.3): its scheme, host and port stay outside, as a Proxy-Uri
 * that ends there; path and query become Uri-Path and Uri-Query inside. It needs room for
 * its size / 14 + 8 bytes more. Proxy-Scheme, Uri-Host and Uri-Port stay outside as they are.
 *
 * LWSEC_REJECT with the reason: malformed, a code that is no request, an OSCORE option inside, a
 * Proxy-Uri that lwsec_coap_uri_decode refuses (<lwsec/coap_uri.h>) or that stands beside
 * Proxy-Scheme or an Uri option (RFC 7252 section 5.10.2). LWSEC_NEED_REKEY: no number may be used
 * (no record, or all 2^40 are used). LWSEC_LIMIT: q seals are done. LWSEC_STATE: numbers could not
 * be reserved. LWSEC_PENDING, LWSEC_FORKED, LWSEC_ENGINE.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_protect_request(lwsec_oscore *context,
                                                                     lwsec_bytes message,
                                                                     lwsec_oscore_request *request,
                                                                     lwsec_buffer *out,
                                                                     lwsec_reason *reason);

/*
 * Server: unprotects a request (section 8.2). On LWSEC_OK the plain request is in `out`, its number
 * is taken in the replay window, and `request` is set for the response.
 *
 * LWSEC_CHALLENGE: authentic, but not known to be fresh, by the window or by a rule of
 * `freshness`: nothing is delivered; `request` is set too, for lwsec_oscore_challenge, which makes
 * the answer. A number is challenged once: its replays are LWSEC_REPLAY. Any other answer leaves
 * `request` as no request. LWSEC_REPLAY, LWSEC_REJECT: drop it, or answer with the
 * unprotected error of lwsec_oscore_error_code. LWSEC_LIMIT: v opens have failed;
 * whoever knows the kid, which is public, can bring that about with v forged datagrams, so a stack
 * drops floods before they come here (lwsec_oscore_get_wear tells at three quarters).
 * LWSEC_STATE: the shared window could not be stored. LWSEC_NEED_REKEY: a context with a shared
 * window was replaced by another process (Appendix B.2): close it.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_unprotect_request(
    lwsec_oscore *context, lwsec_bytes message, lwsec_oscore_request *request, lwsec_buffer *out,
    lwsec_reason *reason);

/*
 * Server: protects a response to `request` (section 8.3). The first response, if it is no
 * notification and `own_piv` is false, uses the nonce of the request and carries no Partial IV;
 * every other one takes a number of this context.
 *
 * Answers as lwsec_oscore_protect_request; LWSEC_USAGE when `request` is not one of this context's.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_protect_response(
    lwsec_oscore *context, lwsec_oscore_request *request, lwsec_bytes message, bool own_piv,
    lwsec_buffer *out, lwsec_reason *reason);

/*
 * Client: unprotects a response to `request` (section 8.4). One response is accepted for a request;
 * for an Observe registration, notifications in ascending order of their Partial IV
 * (section 7.4.1), their Observe option set to its last three bytes.
 *
 * LWSEC_REJECT with OSCORE_UNPROTECTED: the response is not protected. It proves nothing and its
 * payload must not be used; lwsec_oscore_plain_error tells whether it is one of the errors that a
 * server or a proxy may send so. LWSEC_REPLAY: the request was answered already, or the
 * notification is not newer. Otherwise as lwsec_oscore_unprotect_request. A refused response leaves
 * `request` waiting for the real one.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_oscore_unprotect_response(lwsec_oscore *context, lwsec_oscore_request *request,
                                lwsec_bytes message, lwsec_buffer *out, lwsec_reason *reason);

/*
 * Server: the protected 4.01 with an Echo option that answers LWSEC_CHALLENGE (Appendix B.1.2, RFC
 * 9175). `message` is the request as it was received; type and Message ID of the answer are made
 * from it (ACK with its Message ID for CON, NON with `message_id` for NON). It always takes a
 * number of its own. Echo values do not invalidate each other, so that requests may be challenged
 * in parallel; each fits this context and this life of it only. A retransmission (same Message ID)
 * gets the same bytes again: each call here uses up a number and a seal. R-5.5.3-12.
 *
 * The client gets it as any response: LWSEC_OK, and a plain 4.01 with an Echo option (252). It
 * makes the same request again with that option added, and protects it as a new request.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_oscore_challenge(lwsec_oscore *context, lwsec_oscore_request *request, lwsec_bytes message,
                       uint16_t message_id, lwsec_buffer *out, lwsec_reason *reason);

/*
 * Reserves numbers ahead now (Appendix B.1.1) so that the next protect call does not wait for the
 * state: if little of the last block is left. The protect calls do it by themselves when nothing is
 * left.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_reserve(lwsec_oscore *context,
                                                             lwsec_reason *reason);

/* What stands outside of a protected message: to find the context before it is opened. */
typedef struct lwsec_oscore_option {
    bool present;            /* there is an OSCORE option */
    lwsec_bytes partial_iv;  /* NULL data: none */
    lwsec_bytes kid;         /* NULL data: none */
    lwsec_bytes kid_context; /* NULL data: none */
} lwsec_oscore_option;

/* Reads the OSCORE option of a message. The byte strings point into `message`. Without the option:
 * LWSEC_OK and `present` false. LWSEC_REJECT: the message or the option is malformed. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_peek(lwsec_coap_framing framing,
                                                          lwsec_bytes message,
                                                          lwsec_oscore_option *option,
                                                          lwsec_reason *reason);

/* Decodes and encodes the value of an OSCORE option (section 6.1). */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_option_decode(lwsec_bytes value,
                                                                   lwsec_oscore_option *option,
                                                                   lwsec_reason *reason);
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_oscore_option_encode(const lwsec_oscore_option *option, lwsec_buffer *out);

/*
 * The code of the unprotected error that section 8.2 allows for a refused request: 4.02
 * malformed, 4.01 no context or replay, 4.00 not authentic. 0: answer nothing. Sending none is
 * always allowed.
 */
LWSEC_API uint8_t lwsec_oscore_error_code(lwsec_status status, const lwsec_reason *reason);

/* The diagnostic payload that RFC 8613 allows for the same error (sections 7.4 and 8.2); NULL where
 * lwsec_oscore_error_code gives 0, and where the RFC has no text. It tells a stranger which check
 * failed: send it only to look for a mistake. */
LWSEC_API const char *lwsec_oscore_error_text(lwsec_status status, const lwsec_reason *reason);

/* Flags of lwsec_oscore_error_message. */
enum {
    LWSEC_OSCORE_ERROR_DIAGNOSTIC = 1 << 0 /* with lwsec_oscore_error_text as its payload */
};

/*
 * Server: the whole unprotected error for a refused request. `request` is the message as it was
 * received, `status` and `why` what unprotecting it answered. An acknowledgement with its
 * Message ID for CON, NON with `message_id` for NON; its token; Max-Age 0, so that no proxy keeps
 * what no other request can hit (section 4.1.3.1).
 *
 * LWSEC_ABSENT: answer nothing: the request was not refused, there is no code for the reason, or
 * what came is no request. LWSEC_BUFFER: `out` needs the size of the token and 40 bytes.
 * LWSEC_USAGE: an unknown framing or flag. The two must not share memory.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_error_message(
    lwsec_coap_framing framing, lwsec_bytes request, lwsec_status status, const lwsec_reason *why,
    uint16_t message_id, uint32_t flags, lwsec_buffer *out);

/* Whether an unprotected response with this code may stand for a protected exchange at
 * all: 4.00, 4.01, 4.02, 5.03 of the server, 4.04, 4.13, 5.02, 5.04, 5.05 of a proxy. Never
 * authenticated. */
LWSEC_API bool lwsec_oscore_plain_error(uint8_t code);

/*
 * Client: what an unprotected error may mean. Anybody on the way can send one, so none is a reason
 * to throw a context away, to send anything unprotected, or to try more than a few times.
 */
typedef enum lwsec_oscore_advice {
    LWSEC_OSCORE_ADVICE_IGNORE = 0, /* no error that may be unprotected: wait for the real answer */
    LWSEC_OSCORE_ADVICE_CHECK_KEYS, /* 4.00: the server has other keys for this Sender ID: they
                                     * have to be provisioned again */
    LWSEC_OSCORE_ADVICE_REKEY,      /* 4.01: the server lost the context, or saw the number before:
                                     * agree on new keys (Appendix B.2), or take a new number once
                                     */
    LWSEC_OSCORE_ADVICE_GIVE_UP,    /* 4.02, 4.04, 4.13, 5.05: the same request gets the same
                                     * answer: no OSCORE there, or a proxy that cannot forward */
    LWSEC_OSCORE_ADVICE_RETRY_LATER, /* 5.03: after `seconds`, with a new number */
    LWSEC_OSCORE_ADVICE_OTHER_WAY    /* 5.02, 5.04: the proxy does not get through. Also what a
                                      * No-Response brings about (section 4.1.3.6) */
} lwsec_oscore_advice;

/* What the unprotected `response` may mean. `seconds` is how long it asks to wait before the next
 * try: its Max-Age, and 60 without one (RFC 7252 section 5.9.3.4); 0 for all but RETRY_LATER. */
LWSEC_API lwsec_oscore_advice lwsec_oscore_plain_advice(const lwsec_coap_message *response,
                                                        uint32_t *seconds);

/* How worn a context is. `size` is set by the caller. */
typedef struct lwsec_oscore_wear {
    size_t size;
    uint64_t next_ssn; /* the number that the next own Partial IV will have */
    uint32_t seals;    /* with the Sender Key, over all its lives; at most `seal_limit` (q) */
    uint32_t seal_limit;
    uint32_t failed_opens; /* with the Recipient Key; at most `open_limit` (v) */
    uint32_t open_limit;
    uint32_t events; /* LWSEC_OSCORE_EVENT_... since the last call; reading clears them */
} lwsec_oscore_wear;

enum {
    LWSEC_OSCORE_EVENT_SEALS = 1 << 0,        /* three quarters of q are used: re-key soon */
    LWSEC_OSCORE_EVENT_FAILED_OPENS = 1 << 1, /* three quarters of v are used: somebody forges */
    LWSEC_OSCORE_EVENT_SSN = 1 << 2,          /* three quarters of all numbers are used */
    LWSEC_OSCORE_EVENT_PAST_LIMIT = 1 << 3    /* a limit is reached: nothing goes on, or, with
                                               * LWSEC_OSCORE_PAST_LIMITS, with less security */
};

LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_get_wear(lwsec_oscore *context,
                                                              lwsec_oscore_wear *wear);

#ifdef __cplusplus
}
#endif
#endif
