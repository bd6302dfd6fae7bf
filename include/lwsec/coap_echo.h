/* The client's answer to an Echo challenge: the same request once more. RFC 9175 section 2.3. */
#ifndef LWSEC_COAP_ECHO_H
#define LWSEC_COAP_ECHO_H

#include <lwsec/coap.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The longest Echo value: RFC 9175 section 2.2.1. The shortest has 1 byte. */
#define LWSEC_ECHO_MAX 40U

/* `out` has room for the request and this many bytes more. */
#define LWSEC_ECHO_RETRY_OVERHEAD 64U

/*
 * Makes `request` again, with the Echo value of `response`. Both are whole plain messages in
 * `framing`, the request as it was sent; that they belong together is known to the caller. The copy
 * has the Echo option in its place, instead of any that it had, and `message_id` (UDP). All else
 * stays as it was: type, code, token, every other option in its order, payload. With OSCORE it is
 * protected as a new request, with a new number. R-5.7-03, R-5.7-06.
 *
 * LWSEC_ABSENT: the response is no challenge: not 4.01, or without Echo. LWSEC_REJECT with the
 * reason: malformed, a request that is none, an Echo value of 0 or more than 40 bytes.
 * LWSEC_BUFFER: too little room. `out` shares no memory with the messages.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_coap_echo_retry(lwsec_coap_framing framing, lwsec_bytes request, lwsec_bytes response,
                      uint16_t message_id, lwsec_buffer *out, lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
