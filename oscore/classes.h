/* Which options are encrypted and which stay outside: RFC 8613 section 4.1, figure 5. */
#ifndef LWSEC_OSCORE_CLASSES_H
#define LWSEC_OSCORE_CLASSES_H

#include <lwsec/coap.h>

/* Class U: read by proxies, so neither encrypted nor protected. Every option that is not known here
 * is class E. No option of class I is defined. */
#define LWSEC_OSCORE_CLASS_U                                                                       \
    (UINT64_C(1) << LWSEC_COAP_URI_HOST | UINT64_C(1) << LWSEC_COAP_URI_PORT |                     \
     UINT64_C(1) << LWSEC_COAP_HOP_LIMIT | UINT64_C(1) << LWSEC_COAP_EDHOC |                       \
     UINT64_C(1) << LWSEC_COAP_PROXY_SCHEME)

/* What stays of the options outside when a message is opened. A Proxy-Uri too: the application has
 * to see that the request is for a proxy (RFC 7252 section 5.10.2). */
#define LWSEC_OSCORE_KEPT (LWSEC_OSCORE_CLASS_U | UINT64_C(1) << LWSEC_COAP_PROXY_URI)

/* Options that make a message more than "all options inside, as they stand". */
#define LWSEC_OSCORE_SPECIAL                                                                       \
    (LWSEC_OSCORE_CLASS_U | UINT64_C(1) << LWSEC_COAP_OBSERVE | UINT64_C(1) << LWSEC_COAP_OSCORE | \
     UINT64_C(1) << LWSEC_COAP_PROXY_URI)

static inline bool lwsec_oscore_in(uint64_t set, uint32_t number)
{
    return number < 64 && (set >> number & 1) != 0;
}

static inline bool lwsec_oscore_is_request(uint8_t code)
{
    return code >> 5 == 0 && code != LWSEC_COAP_EMPTY;
}

static inline bool lwsec_oscore_is_response(uint8_t code)
{
    return code >> 5 == 2 || code >> 5 == 4 || code >> 5 == 5;
}

#endif
