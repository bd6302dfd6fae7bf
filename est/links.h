/* Where a server has its functions: the link format of RFC 6690. */
#ifndef LWSEC_EST_LINKS_H
#define LWSEC_EST_LINKS_H

#include <lwsec/bytes.h>

/*
 * The target of the first link that has this resource type and is a path of the same server, as
 * "/est/crts". Links to other servers are passed over: they would need another session.
 *
 * LWSEC_ABSENT: there is none. LWSEC_REJECT: the links are malformed, before it or behind it.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_est_find_link(lwsec_bytes links, lwsec_bytes type,
                                                  lwsec_bytes *path, lwsec_reason *reason);

#endif
