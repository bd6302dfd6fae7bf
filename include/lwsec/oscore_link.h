/* One peer's OSCORE traffic for a CoAP stack that knows nothing of OSCORE. */
#ifndef LWSEC_OSCORE_LINK_H
#define LWSEC_OSCORE_LINK_H

#include <lwsec/coap_echo.h>
#include <lwsec/oscore_rederive.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A link stands between a stack and its datagrams: flat CoAP messages in plain on one side, as
 * Wakaama or Zephyr write and read them, protected ones on the other. It keeps what the stack does
 * not know of:
 *
 * - each request under its token, in both directions, so that responses are bound to it
 *   (R-5.1-11), and a registration for as long as it lasts;
 * - what was sent, by Message ID, so that a retransmission is the same bytes and takes no number;
 * - what answered a request, so that its duplicate gets the same bytes;
 * - the request in plain, to make it again when the peer asks for an Echo value, or when a new
 *   context was agreed (RFC 8613 Appendix B.2).
 *
 * Message IDs that the link chooses are mapped back to those that the stack knows. Of TCP, which
 * has none and loses nothing, tokens alone are kept. Block-wise transfer, congestion control and
 * the retransmission of what the stack sends are the stack's own.
 *
 * A link uses its context alone; one thread at a time uses both. Time comes from the caller.
 */
typedef struct lwsec_oscore_link lwsec_oscore_link;

#define LWSEC_OSCORE_LINK_EXCHANGES_DEFAULT 8U
#define LWSEC_OSCORE_LINK_EXCHANGES_MAX 256U
#define LWSEC_OSCORE_LINK_MESSAGE_DEFAULT 1280U
#define LWSEC_OSCORE_LINK_MESSAGE_MAX 65535U
#define LWSEC_OSCORE_LINK_TOKEN_DEFAULT 8U
/* "No deadline": no message of the link itself waits to be sent. */
#define LWSEC_OSCORE_LINK_NEVER UINT64_MAX

/* Zero everything, then set what is needed. */
typedef struct lwsec_oscore_link_config {
    size_t size;           /* sizeof(lwsec_oscore_link_config) */
    lwsec_oscore *context; /* stays open as long as the link; NULL with `rederive` */
    /* Instead of `context`, for a peer with which fresh contexts are agreed: requests go by its
     * present context. Where it has none, the link begins (R-5.5.3-10). Stays open as long as the
     * link. What the contexts before have begun ends with them. */
    lwsec_oscore_rederive *rederive;
    lwsec_coap_framing framing; /* that of the context */

    /* Requests and registrations, of both ends together, that are kept at a time; 0: 8, at most
     * 256. Twice as many messages are kept, in both forms. */
    uint32_t exchanges;
    uint32_t message_max; /* the largest plain message in bytes; 0: 1280, at most 65535 */
    uint32_t token_max;   /* the longest token (RFC 8974); 0: 8, at most message_max */
    uint32_t id_context;  /* bytes of the context's ID Context; 0: none is sent. Not needed with
                           * `rederive` */

    /* Where the link begins with Message IDs of its own: random, as RFC 7252 section 4.4 advises.
     */
    uint16_t first_message_id;
    /* How often one request of ours is made again with an Echo value; 0: once, at most 2. */
    uint8_t echo_retries;
    uint32_t flags; /* none is defined: 0 */
} lwsec_oscore_link_config;

/* The room that each buffer below must have. */
#define LWSEC_OSCORE_LINK_ROOM(message_max, id_context)                                            \
    ((size_t)(message_max) + LWSEC_ECHO_RETRY_OVERHEAD + LWSEC_OSCORE_OVERHEAD +                   \
     (size_t)(id_context) + 8U)

/* Bytes of memory that a link takes, aligned as for uint64_t; 0: the configuration is refused. */
LWSEC_API size_t lwsec_oscore_link_size(const lwsec_oscore_link_config *config);

/* Makes a link in `memory`. LWSEC_USAGE: a field out of its range. LWSEC_BUFFER: too little memory.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_oscore_link_init(void *memory, size_t size, const lwsec_oscore_link_config *config,
                       lwsec_oscore_link **link, lwsec_reason *reason);

/* Wipes the memory and zeroes the pointer. The context stays. */
LWSEC_API void lwsec_oscore_link_close(lwsec_oscore_link **link);

/*
 * A message of the stack, `plain`, becomes the datagram `out`. `now` is in milliseconds of a clock
 * that does not go back.
 *
 * A request is protected with a new number, and kept. A response is bound to the request that was
 * received with its token. The same message again within EXCHANGE_LIFETIME (247 s) or NON_LIFETIME
 * (145 s) is the same datagram again. Empty and signalling messages pass as they are.
 *
 * LWSEC_REJECT with the reason: malformed; OSCORE_REQUEST_USED, a response to a request that was
 * not received or is answered, a notification after its registration ended; TOO_LONG, more than
 * `message_max` or `token_max`. LWSEC_LIMIT with LINK_FULL: there is no room, and no number was
 * used. Otherwise as lwsec_oscore_protect_request and lwsec_oscore_protect_response.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_link_send(lwsec_oscore_link *link,
                                                               lwsec_bytes plain, uint64_t now,
                                                               lwsec_buffer *out,
                                                               lwsec_reason *reason);

/* What a datagram has for the stack. */
typedef enum lwsec_oscore_link_event {
    LWSEC_OSCORE_LINK_NOTHING = 0,
    LWSEC_OSCORE_LINK_MESSAGE, /* `plain`, for the stack. Authentic, unless it is empty or a
                                * signalling message */
    /* `plain` is an error to a request of ours that nobody has authenticated, without options and
     * payload. The real response may still come: the stack gets it only if the caller believes it.
     */
    LWSEC_OSCORE_LINK_PLAIN_ERROR
} lwsec_oscore_link_event;

/*
 * A datagram of the peer. `plain` is what the stack gets, as `event` says. `reply`, if it is not
 * empty, is sent to the peer, whatever the status is.
 *
 * LWSEC_OK: a message, a plain error, or nothing for the stack: a duplicate, whose answer is in
 * `reply`; a challenge, with the request once more in `reply`. LWSEC_CHALLENGE: a request that is
 * not known to be fresh, with the challenge in `reply`. LWSEC_REPLAY, LWSEC_REJECT: nothing is
 * delivered; lwsec_oscore_error_code has what a server may answer a request with. A request without
 * OSCORE is LWSEC_REJECT with OSCORE_UNPROTECTED. LWSEC_LIMIT with LINK_FULL: no room for one more
 * request of the peer, which was not opened, so that it may come again. Otherwise as
 * lwsec_oscore_unprotect_request and lwsec_oscore_unprotect_response.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_link_receive(
    lwsec_oscore_link *link, lwsec_bytes wire, uint64_t now, lwsec_oscore_link_event *event,
    lwsec_buffer *plain, lwsec_buffer *reply, lwsec_reason *reason);

/* When lwsec_oscore_link_step has something to send, or LWSEC_OSCORE_LINK_NEVER. A request that was
 * made again is retransmitted by the stack's own timer, unless the peer has acknowledged the first
 * one: then by the link. */
LWSEC_API uint64_t lwsec_oscore_link_deadline(const lwsec_oscore_link *link);

/* The next datagram that is due; none: `out` is empty. Called until none is. LWSEC_BUFFER. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_link_step(lwsec_oscore_link *link,
                                                               uint64_t now, lwsec_buffer *out);

/*
 * Ends what is kept under a token: a request of the stack (`ours`) that it has given up, or one of
 * the peer, such as a registration that the stack has dropped by itself. Not needed for what ends
 * by a response, by a cancellation or with time.
 */
LWSEC_API void lwsec_oscore_link_forget(lwsec_oscore_link *link, bool ours, lwsec_bytes token);

#ifdef __cplusplus
}
#endif
#endif
