/* What the rules need to know of a certificate: a view of its DER, checked for form. */
#ifndef LWSEC_CERTPOLICY_DER_CERTIFICATE_H
#define LWSEC_CERTPOLICY_DER_CERTIFICATE_H

#include "certpolicy/der.h"

/* Extensions that are known: bits of `present` and `critical`. */
enum {
    LWSEC_EXT_BASIC_CONSTRAINTS = 1 << 0,
    LWSEC_EXT_KEY_USAGE = 1 << 1,
    LWSEC_EXT_EXTENDED_KEY_USAGE = 1 << 2,
    LWSEC_EXT_ALT_NAME = 1 << 3,
    LWSEC_EXT_ISSUER_ALT_NAME = 1 << 4,
    LWSEC_EXT_NAME_CONSTRAINTS = 1 << 5,
    LWSEC_EXT_SUBJECT_KEY_ID = 1 << 6,
    LWSEC_EXT_AUTHORITY_KEY_ID = 1 << 7,
    LWSEC_EXT_POLICIES = 1 << 8,
    LWSEC_EXT_POLICY_MAPPINGS = 1 << 9,
    LWSEC_EXT_POLICY_CONSTRAINTS = 1 << 10,
    LWSEC_EXT_INHIBIT_ANY_POLICY = 1 << 11,
    LWSEC_EXT_CRL_POINTS = 1 << 12,
    LWSEC_EXT_FRESHEST_CRL = 1 << 13,
    LWSEC_EXT_AUTHORITY_ACCESS = 1 << 14,
    LWSEC_EXT_SUBJECT_ACCESS = 1 << 15,
    LWSEC_EXT_NETSCAPE_TYPE = 1 << 16,
    LWSEC_EXT_UNHANDLED = 1 << 17 /* a critical one that is not known, or one that is refused */
};

/* Bits of keyUsage. */
enum {
    LWSEC_KU_DIGITAL_SIGNATURE = 1 << 0,
    LWSEC_KU_KEY_CERT_SIGN = 1 << 5,
    LWSEC_KU_CRL_SIGN = 1 << 6
};

/* Purposes of extendedKeyUsage. */
enum {
    LWSEC_EKU_SERVER = 1 << 0,
    LWSEC_EKU_CLIENT = 1 << 1,
    LWSEC_EKU_ANY = 1 << 2,
    LWSEC_EKU_OTHER = 1 << 3
};

/* Keys and signatures that can be allowed at all: groups of at least 255 bits, RSA with 2048 to
 * 8192 bits and PKCS #1 v1.5, SHA-256, SHA-384, SHA-512. */
typedef enum lwsec_cert_algorithm {
    LWSEC_CERT_ALGORITHM_NONE = 0,
    LWSEC_CERT_ALGORITHM_EC,
    LWSEC_CERT_ALGORITHM_RSA
} lwsec_cert_algorithm;

/* What is signed, how, and the signature. */
typedef struct lwsec_cert_signed {
    lwsec_bytes tbs;
    lwsec_bytes algorithm; /* the whole AlgorithmIdentifier */
    lwsec_bytes signature;
    lwsec_cert_algorithm kind;
    uint16_t hash; /* 256, 384 or 512 */
} lwsec_cert_signed;

typedef struct lwsec_cert_view {
    lwsec_bytes der;
    lwsec_cert_signed seal;
    uint8_t version; /* 1 to 3 */
    bool is_ca;
    bool has_path_length;
    bool explicit_policy; /* policyConstraints with requireExplicitPolicy */
    uint16_t key_usage;
    uint16_t purposes;
    uint32_t path_length;
    uint32_t present;
    uint32_t critical;
    int64_t not_before;
    int64_t not_after;
    lwsec_bytes serial;
    lwsec_bytes issuer;  /* whole Name */
    lwsec_bytes subject; /* whole Name */
    lwsec_bytes key;     /* whole SubjectPublicKeyInfo */
    lwsec_cert_algorithm key_kind;
    lwsec_bytes alt_names;        /* contents of GeneralNames */
    lwsec_bytes permitted;        /* contents of GeneralSubtrees */
    lwsec_bytes excluded;         /* contents of GeneralSubtrees */
    lwsec_bytes subject_key_id;   /* NULL: absent */
    lwsec_bytes authority_key_id; /* NULL: absent */
    lwsec_bytes authority_issuer; /* contents of GeneralNames; NULL: absent */
    lwsec_bytes authority_serial; /* NULL: absent */
    lwsec_bytes crl_points;       /* contents of CRLDistributionPoints */
} lwsec_cert_view;

/* Reads a certificate. What it points to lies in `der`. LWSEC_REJECT with the reason of the reader:
 * not DER, not a certificate, an extension twice, or one that is known and malformed. */
LWSEC_MUST_CHECK lwsec_status lwsec_cert_view_read(lwsec_bytes der, lwsec_cert_view *view,
                                                   lwsec_reason *reason);

/* Reads the contents of `Extensions` into the view. */
void lwsec_cert_extensions_read(lwsec_reader *extensions, lwsec_cert_view *view);

/* An extension as it stands in a certificate, a revocation list or one of its entries. */
typedef struct lwsec_extension {
    lwsec_bytes oid;
    bool critical;
    lwsec_bytes value; /* contents of the OCTET STRING */
} lwsec_extension;

lwsec_extension lwsec_extension_next(lwsec_reader *extensions);

/* The last number of an OID 2.5.29.n; 0 for any other one. */
uint8_t lwsec_extension_number(lwsec_bytes oid);

/* An AlgorithmIdentifier of a signature, and a SubjectPublicKeyInfo: what kind they are of, NONE
 * where they are not allowed. */
lwsec_cert_algorithm lwsec_der_signature_kind(lwsec_bytes algorithm, uint16_t *hash);
lwsec_cert_algorithm lwsec_der_key_kind(lwsec_bytes key);

/* Whether the bytes are one SubjectPublicKeyInfo. */
bool lwsec_der_is_key(lwsec_bytes bytes);

/* Checks that all the reader has are the attributes of one RDN. */
void lwsec_der_rdn(lwsec_reader *rdn);

/* Checks that the reader's next element is a Name, and gives it whole. */
lwsec_bytes lwsec_der_name(lwsec_reader *reader);

/* Whether a Name has no RDN. */
bool lwsec_der_name_is_empty(lwsec_bytes name);

/* Reads the end of a signed structure after its to-be-signed part: algorithm and signature. */
void lwsec_der_seal(lwsec_reader *reader, lwsec_cert_signed *seal);

/* Whether the signature is written as its algorithm asks: one of ECDSA as two numbers in DER (RFC
 * 3279 section 2.2.3). Engines differ in what else they take. */
bool lwsec_der_seal_is_strict(const lwsec_cert_signed *seal);

#endif
