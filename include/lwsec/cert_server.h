/* What a server asks of its own certificates: which of them is for a name. */
#ifndef LWSEC_CERT_SERVER_H
#define LWSEC_CERT_SERVER_H

#include <lwsec/cert.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Picks the first of a server's certificates (end entities, DER) that names `server_name`, as a
 * client compares it: R-5.2.9.4-04. That is what came in the client's server_name extension; or the
 * server's own FQDN, when it starts, as its certificate has to have it (R-5.2.9.3-26).
 *
 * `policy` is LWSEC_CERT_POLICY_LWM2M, or 0 where the common name does not count. What cannot be
 * read names nothing.
 *
 * LWSEC_ABSENT: none names it. LWSEC_REJECT with CERT_REFERENCE: not a DNS name. LWSEC_USAGE with
 * CONFIG: another policy.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_cert_pick(const lwsec_bytes *certificates,
                                                        size_t count, lwsec_bytes server_name,
                                                        uint32_t policy, size_t *which,
                                                        lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
