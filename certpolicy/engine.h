/* What an engine does for the check of certificates: parse, verify signatures, digest. */
#ifndef LWSEC_CERTPOLICY_ENGINE_H
#define LWSEC_CERTPOLICY_ENGINE_H

#include <lwsec/cert.h>

#include "certpolicy/der_certificate.h"

#define LWSEC_CERT_DIGEST_MAX 64U

/* An OCSP response about one certificate. */
typedef struct lwsec_cert_ocsp {
    lwsec_bytes response;
    lwsec_bytes certificate;
    lwsec_bytes issuer_key; /* SubjectPublicKeyInfo */
    const lwsec_cert_check *check;

    /* Whether the check allows the certificate of a responder: form, key, usage of it, time. That
     * the issuer certified it for OCSP is the engine's to see. */
    bool (*responder_is_allowed)(lwsec_bytes certificate, const lwsec_cert_check *check);
} lwsec_cert_ocsp;

/* All are functions of their arguments alone: nothing is kept between calls. `self` is the engine
 * that was asked, which may know some certificates already. */
struct lwsec_cert_engine {
    /* Whether the engine's parser takes the certificate. */
    bool (*parses)(const lwsec_cert_engine *self, lwsec_bytes certificate);

    /* The engine's path validation over one step: from `certificate` to the trusted `issuer`, a
     * certificate. Time, names and purposes are not its business. */
    bool (*step)(const lwsec_cert_engine *self, lwsec_bytes certificate, lwsec_bytes issuer);

    /* Whether a revocation list, which was read before, is signed by this key. */
    bool (*list)(lwsec_bytes list, const lwsec_cert_signed *seal, lwsec_bytes key);

    /* SHA-256, SHA-384 or SHA-512 by `bits`. */
    bool (*digest)(unsigned bits, lwsec_bytes data, uint8_t digest[LWSEC_CERT_DIGEST_MAX]);

    /* NONE: good; otherwise REVOKED, STATUS or OCSP. NULL: the engine has no OCSP. */
    lwsec_why (*ocsp)(const lwsec_cert_ocsp *query);
};

#endif
