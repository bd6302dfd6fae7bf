/* CoAP URIs: taken apart into the options that stand for them, and put together again. */
#ifndef LWSEC_COAP_URI_H
#define LWSEC_COAP_URI_H

#include <lwsec/coap.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The longest value of Proxy-Uri (RFC 7252 section 5.10), and of Uri-Host, -Path and -Query. */
#define LWSEC_COAP_URI_MAX 1034U
#define LWSEC_COAP_URI_PART_MAX 255U

/*
 * A URI in its parts. All but `scheme` point into the text that was decoded, percent-encoding and
 * letters as they stand there.
 */
typedef struct lwsec_coap_uri {
    lwsec_bytes scheme; /* lower case; static text */
    lwsec_bytes host;   /* a name, an IPv4 address, or an IPv6 address with its brackets */
    uint16_t port;      /* the scheme's own where the text has none */
    bool port_is_default;
    lwsec_bytes path;  /* without its first slash; NULL data: no Uri-Path option at all */
    lwsec_bytes query; /* without the question mark; NULL data: none */
} lwsec_coap_uri;

/*
 * Decodes an absolute URI (RFC 7252 section 6.4). Schemes: coap, coaps, coap+tcp, coaps+tcp,
 * coap+ws, coaps+ws (RFC 8323), http and https (for proxies that cross over).
 *
 * LWSEC_REJECT with LWSEC_WHY_COAP_URI and the offset: any other scheme, user information, no host,
 * an address in brackets that is no IPv6 address, port 0 or over 65535, a fragment, a character or
 * percent-encoding that RFC 3986 does not allow, a path segment that is "." or "..".
 * LWSEC_WHY_TOO_LONG: over 1034 bytes, or a part over 255 bytes once it is decoded. Percent-encoded
 * bytes are not checked to be UTF-8.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_coap_uri_decode(lwsec_bytes text, lwsec_coap_uri *uri,
                                                              lwsec_reason *reason);

/* Writes what names the server and not the resource, as in "coap://example.com:5690" (RFC 7252
 * section 6.5): host in lower case, the scheme's own port left out, no slash at the end.
 * LWSEC_BUFFER. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_coap_uri_origin(const lwsec_coap_uri *uri,
                                                              lwsec_buffer *out);

/*
 * Gives the options of a URI in ascending order, as a client sends them to a forward proxy (RFC
 * 7252 section 5.10.2): Uri-Host, Uri-Port unless it is the scheme's own, each Uri-Path, each
 * Uri-Query, Proxy-Scheme. Values lie in `room`, which needs no more bytes than the URI had, and 2.
 *
 * Sets `count`. LWSEC_BUFFER: more options than `capacity`, or too little room; `count` is 0.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_coap_uri_options(const lwsec_coap_uri *uri,
                                                               lwsec_coap_option *options,
                                                               size_t capacity, size_t *count,
                                                               lwsec_buffer *room);

#ifdef __cplusplus
}
#endif
#endif
