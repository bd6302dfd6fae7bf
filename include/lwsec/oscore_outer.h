/* Outer block-wise transfer: fragments of one protected message. RFC 8613 section 4.1.3.4.2. */
#ifndef LWSEC_OSCORE_OUTER_H
#define LWSEC_OSCORE_OUTER_H

#include <lwsec/coap_block.h>
#include <lwsec/oscore.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A proxy may cut a protected message into fragments for a hop that bears no larger ones. They are
 * put together here, before the message is opened; nothing about them is authentic until then, and
 * anybody can inject the options that announce them. So they are collected up to
 * MAX_UNFRAGMENTED_SIZE bytes of ciphertext alone, in memory that the caller has set apart. A
 * sender cuts its body by inner block-wise transfer (<lwsec/coap_block.h>) first, to messages below
 * that size: then no outer fragments are needed, and each block is verified alone.
 *
 * Off unless asked for: with NULL where fragments are collected, each message goes on as it is, and
 * lwsec_oscore_unprotect_... discards outer Block options (section 8.2, step 1), so that an
 * injected one does nothing. All messages are of UDP framing: TCP carries any size.
 */

/* What came, and what is to be done. */
typedef struct lwsec_oscore_outer_taken {
    bool whole;                /* go on with `message` */
    lwsec_bytes message;       /* the input itself, or what was put together in `out` */
    lwsec_block1_taken answer; /* of a server, if not whole: code and options to answer with,
                                * unprotected */
} lwsec_oscore_outer_taken;

/*
 * Server: takes a datagram before lwsec_oscore_unprotect_request. `fragments` has MAX_UNFRAGMENTED_
 * SIZE as its body_max, and as per_peer the messages that a proxy may be sending at a time, which
 * is one peer here for all clients behind it; NULL: off. A message without OSCORE option or without
 * outer Block1 goes on as it is. Fragments of one message have the same OSCORE option, so those of
 * two never meet.
 *
 * LWSEC_REJECT: not CoAP (nothing to answer), or as lwsec_block1_receive; a message over the bound
 * is OSCORE_UNFRAGMENTED. LWSEC_LIMIT as there. LWSEC_BUFFER: `out` needs the bound and the first
 * datagram's size.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_outer_request(
    lwsec_block1_receiver *fragments, lwsec_bytes peer, lwsec_bytes wire, uint64_t now,
    lwsec_oscore_outer_taken *taken, lwsec_buffer *out, lwsec_reason *reason);

/*
 * Client: takes a datagram before lwsec_oscore_unprotect_response. `fragments` was started for this
 * request with a body of MAX_UNFRAGMENTED_SIZE bytes and no restarts; NULL: off. If the answer is
 * not whole, lwsec_oscore_outer_ask makes the request for the next fragment.
 *
 * LWSEC_REJECT as lwsec_block2_receive_answer; over the bound OSCORE_UNFRAGMENTED; with
 * COAP_BLOCK_ORDER also where all fragments have come, or one has ended it. LWSEC_BUFFER.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_outer_response(lwsec_block2_receive *fragments,
                                                                    lwsec_bytes wire,
                                                                    lwsec_oscore_outer_taken *taken,
                                                                    lwsec_buffer *out,
                                                                    lwsec_reason *reason);

/* The request for the next fragment: `request`, the protected one, without its payload. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_outer_ask(lwsec_block2_receive *fragments,
                                                               lwsec_bytes request,
                                                               uint16_t message_id,
                                                               lwsec_buffer *out,
                                                               lwsec_reason *reason);

/*
 * A proxy, or a client for its next hop: starts to cut the protected request `wire`, which stays
 * until the end. LWSEC_REJECT with OSCORE_UNFRAGMENTED: its ciphertext is over `max_unfragmented`
 * bytes, so that the receiver would discard it; use inner block-wise transfer.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_outer_send_start(lwsec_block1_send *transfer,
                                                                      lwsec_bytes wire,
                                                                      uint32_t max_unfragmented,
                                                                      uint8_t szx,
                                                                      lwsec_reason *reason);

/* Its next fragment. Answers go to lwsec_block1_send_answer. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_outer_send_next(lwsec_block1_send *transfer,
                                                                     lwsec_bytes wire,
                                                                     uint16_t message_id,
                                                                     lwsec_buffer *out,
                                                                     lwsec_reason *reason);

/*
 * The fragment of the protected response `wire` that `request` asks for, with type, token and
 * Message ID for it (`message_id` for a NON). The caller keeps the response for later requests of
 * the same key (lwsec_block_key_set: it holds the OSCORE option). LWSEC_REJECT as
 * lwsec_block2_serve, or OSCORE_UNFRAGMENTED.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_oscore_outer_serve(lwsec_bytes wire, lwsec_bytes request, uint32_t max_unfragmented,
                         uint8_t szx, uint16_t message_id, lwsec_buffer *out, lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
