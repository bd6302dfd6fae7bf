/* What a LwM2M Server URI tells: scheme, host, whether it is an address. */
#ifndef LWSEC_ACCOUNT_URI_H
#define LWSEC_ACCOUNT_URI_H

#include <lwsec/bytes.h>

typedef struct lwsec_scheme {
    bool known;  /* one of those that can tell */
    bool secure; /* it has TLS or DTLS */
    bool mqtt;
    uint16_t port; /* its own */
} lwsec_scheme;

lwsec_scheme lwsec_scheme_of(lwsec_bytes uri);

/* The host, an IPv6 address with its brackets, and the port (that of the scheme, if none stands
 * there). {NULL, 0} if it has none. */
lwsec_bytes lwsec_host_of(lwsec_bytes uri, uint16_t *port);

bool lwsec_host_is_address(lwsec_bytes uri);

/* Whether text is a name of the DNS (RFC 1123), and no IPv4 address. */
bool lwsec_is_host_name(lwsec_bytes text);

/* Whether two hosts are the same, whatever the case of letters. */
bool lwsec_same_host(lwsec_bytes one, lwsec_bytes other);

#endif
