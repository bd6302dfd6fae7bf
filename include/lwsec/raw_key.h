/* Raw public keys of (D)TLS (RFC 7250): what a peer presents against what is stored. */
#ifndef LWSEC_RAW_KEY_H
#define LWSEC_RAW_KEY_H

#include <lwsec/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Judges the raw public key of a peer, a SubjectPublicKeyInfo in DER. It has to be one of the
 * `count` keys that are stored, byte by byte: for a client the one in Server Public Key
 * (R-5.2.9.2-13), for a server those of the clients that it expects (R-5.2.9.2-15, R-5.2.9.2-16).
 * A key that is not on secp256r1, secp384r1 or secp521r1 is refused, stored or not.
 *
 * `which` (may be NULL) gets the place of the stored key. A server compares the endpoint name that
 * comes later with whom that key belongs to: <lwsec/endpoint_name.h>.
 *
 * LWSEC_REJECT with CERT_MALFORMED: no SubjectPublicKeyInfo; with CERT_KEY: a group or an algorithm
 * that is not allowed; with CERT_ASSOCIATION: none of those that are stored. lwsec_cert_alert tells
 * the alert to send.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_raw_key_verify(lwsec_bytes presented,
                                                             const lwsec_bytes *stored,
                                                             size_t count, size_t *which,
                                                             lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
