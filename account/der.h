/* The outer structure of keys and certificates in DER: enough to tell what a value is. */
#ifndef LWSEC_ACCOUNT_DER_H
#define LWSEC_ACCOUNT_DER_H

#include "core/reader.h"

typedef enum lwsec_curve {
    LWSEC_CURVE_NONE = 0, /* not an elliptic curve key: RSA and others */
    LWSEC_CURVE_P256,
    LWSEC_CURVE_OTHER, /* 255 bits or more, or one that we do not know */
    LWSEC_CURVE_SMALL  /* under 255 bits */
} lwsec_curve;

/* SubjectPublicKeyInfo (RFC 5280 section 4.1). */
typedef struct lwsec_spki {
    lwsec_bytes whole;
    lwsec_curve curve;
    lwsec_bytes point; /* the bits of the key */
} lwsec_spki;

/* False where `der` is anything else, or goes on behind it. */
bool lwsec_der_spki(lwsec_bytes der, lwsec_spki *spki);

typedef enum lwsec_private_form {
    LWSEC_PRIVATE_GOOD = 0,
    LWSEC_PRIVATE_MALFORMED,
    LWSEC_PRIVATE_VERSION_2, /* RFC 5958 with a public key in it */
    LWSEC_PRIVATE_ENCRYPTED, /* EncryptedPrivateKeyInfo */
    LWSEC_PRIVATE_SEC1       /* an ECPrivateKey (RFC 5915) without its wrapping */
} lwsec_private_form;

/* OneAsymmetricKey version 1 (RFC 5958 section 2), with an ECPrivateKey (RFC 5915) in it. */
typedef struct lwsec_private_key {
    lwsec_curve curve;
    lwsec_bytes scalar; /* of a key on P-256 */
    lwsec_bytes point;  /* the public key, where the ECPrivateKey has it; NULL data: it has not */
} lwsec_private_key;

lwsec_private_form lwsec_der_private_key(lwsec_bytes der, lwsec_private_key *key);

/* What a certificate (RFC 5280 section 4.1) shows without being verified. */
typedef struct lwsec_certificate {
    lwsec_bytes whole;
    lwsec_bytes issuer;
    lwsec_bytes subject;
    lwsec_spki spki;
} lwsec_certificate;

/* The next certificate of several, one behind the other. A failed reader: it was none. */
void lwsec_der_certificate(lwsec_reader *reader, lwsec_certificate *certificate);

#endif
