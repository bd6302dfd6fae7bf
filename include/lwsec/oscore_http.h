/* OSCORE over HTTP: RFC 8613 section 11, for endpoints and for proxies between CoAP and HTTP. */
#ifndef LWSEC_OSCORE_HTTP_H
#define LWSEC_OSCORE_HTTP_H

#include <lwsec/coap.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Names and values on the HTTP side. */
#define LWSEC_OSCORE_HTTP_FIELD "OSCORE"
#define LWSEC_OSCORE_HTTP_METHOD "POST"
#define LWSEC_OSCORE_HTTP_MEDIA_TYPE "application/oscore"
#define LWSEC_OSCORE_HTTP_STATUS_OK 200

/* The longest value of an OSCORE option that can be: flags, Partial IV, length and kid context,
 * kid; and of the header field for it. */
#define LWSEC_OSCORE_HTTP_OPTION_MAX 269U
#define LWSEC_OSCORE_HTTP_VALUE_MAX 359U

/*
 * Writes the value of the OSCORE header field for the value of an OSCORE option (section 11.2):
 * "AA" for an empty one, base64url without padding for any other.
 *
 * LWSEC_USAGE: a single zero byte, which is no option value and would come back empty; over
 * LWSEC_OSCORE_HTTP_OPTION_MAX bytes. LWSEC_BUFFER.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_http_value_encode(lwsec_bytes option,
                                                                       lwsec_buffer *out);

/*
 * Reads the value of an OSCORE header field (section 11.3). Strict: no padding, no white space, no
 * list, the unused bits of the last character zero, so that each option has one text.
 *
 * LWSEC_REJECT with LWSEC_WHY_HTTP, LWSEC_WHY_NOT_CANONICAL (unused bits) or LWSEC_WHY_TOO_LONG,
 * and the offset. LWSEC_BUFFER.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_http_value_decode(lwsec_bytes text,
                                                                       lwsec_buffer *option,
                                                                       lwsec_reason *reason);

/* What of an HTTP message counts. Its URI is not among it: which server is meant is the business
 * of RFC 8075, and what resource is encrypted. */
typedef struct lwsec_oscore_http {
    lwsec_bytes method;       /* of a request; NULL data: a response */
    uint16_t status;          /* of a response */
    lwsec_bytes content_type; /* value of Content-Type */
    lwsec_bytes value;        /* value of OSCORE */
    lwsec_bytes body;         /* the ciphertext */
} lwsec_oscore_http;

/*
 * Makes an HTTP message of a protected CoAP message. The value of OSCORE lies in `value`, the body
 * in `message`, all else is static text.
 *
 * LWSEC_REJECT with the reason: malformed; no OSCORE option, or two; no payload; a code other than
 * POST and 2.04, as section 11.1 has POST and 200 alone (so there is no Observe over HTTP).
 * LWSEC_BUFFER: `value` needs up to LWSEC_OSCORE_HTTP_VALUE_MAX bytes.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_http_from_coap(lwsec_coap_framing framing,
                                                                    lwsec_bytes message,
                                                                    lwsec_buffer *value,
                                                                    lwsec_oscore_http *http,
                                                                    lwsec_reason *reason);

/*
 * Makes a protected CoAP message of an HTTP message: POST or 2.04, the OSCORE option and the
 * payload, no Content-Format. Type, Message ID and token are those of `head`, of which nothing
 * else counts.
 *
 * LWSEC_REJECT with LWSEC_WHY_HTTP: a method other than POST (methods tell letters apart), a status
 * other than 200, a Content-Type other than application/oscore (letters are not told apart;
 * parameters are refused), an empty body; or as lwsec_oscore_http_value_decode. Otherwise as
 * lwsec_coap_encode.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_oscore_http_to_coap(lwsec_coap_framing framing,
                                                                  const lwsec_oscore_http *http,
                                                                  const lwsec_coap_message *head,
                                                                  lwsec_buffer *out,
                                                                  lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
