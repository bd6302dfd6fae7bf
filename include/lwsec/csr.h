/* Certificate requests: PKCS #10 (RFC 2986) for a key that stays in its store. */
#ifndef LWSEC_CSR_H
#define LWSEC_CSR_H

#include <lwsec/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that a request without names needs at most. Add what the names take: LWSEC_CSR_MAX is
 * enough for a common name and two short alternative names. */
#define LWSEC_CSR_OVERHEAD 224U
#define LWSEC_CSR_MAX 512U

/* What a part of the subject is (X.520). Country and serial number are PrintableStrings, all others
 * UTF8Strings. */
typedef enum lwsec_csr_attribute_kind {
    LWSEC_CSR_COMMON_NAME = 1,
    LWSEC_CSR_SERIAL_NUMBER,
    LWSEC_CSR_COUNTRY, /* two letters */
    LWSEC_CSR_LOCALITY,
    LWSEC_CSR_STATE,
    LWSEC_CSR_ORGANIZATION,
    LWSEC_CSR_UNIT
} lwsec_csr_attribute_kind;

/* One part of the subject. The value is UTF-8 without control characters, 1 to 64 characters (128
 * for locality and state): the bounds of RFC 5280 Appendix A.1. */
typedef struct lwsec_csr_attribute {
    lwsec_csr_attribute_kind kind;
    lwsec_bytes value;
} lwsec_csr_attribute;

/* An alternative name. */
typedef enum lwsec_csr_name_kind {
    LWSEC_CSR_DNS = 1, /* a host name in ASCII, without wildcard */
    LWSEC_CSR_URI,     /* printable ASCII, as in urn:imei:... */
    LWSEC_CSR_IP       /* 4 or 16 bytes */
} lwsec_csr_name_kind;

typedef struct lwsec_csr_name {
    lwsec_csr_name_kind kind;
    lwsec_bytes value;
} lwsec_csr_name;

#define LWSEC_CSR_ATTRIBUTES_MAX 8U
#define LWSEC_CSR_NAMES_MAX 8U

typedef struct lwsec_csr_config {
    size_t size;
    lwsec_key key;                      /* LWSEC_ALG_ES256 with LWSEC_USE_SIGN */
    const lwsec_csr_attribute *subject; /* in this order; for LwM2M the endpoint client name as the
                                           common name (R-5.2.6-02) */
    size_t subject_count;               /* at least 1 */
    const lwsec_csr_name *names;        /* subjectAltName; none: no extension is asked for */
    size_t name_count;
    lwsec_bytes
        renews; /* a certificate, DER: its subject and its subjectAltName are asked for as
                   they stand there (RFC 7030 section 4.2.2), and the four above are empty */
} lwsec_csr_config;

/*
 * Writes a CertificationRequest in DER: the public key of `key`, and a signature by it
 * (ecdsa-with-SHA256), which proves that whoever asks has the private key. R-5.2.4-17. The private
 * key does not leave its store. R-5.2.4-19.
 *
 * LWSEC_USAGE with LWSEC_WHY_CSR_NAME: a name of an unknown kind, empty, too long, or with a
 * character that it may not have; the offset is its place, alternative names behind the subject.
 * LWSEC_USAGE with LWSEC_WHY_CONFIG: `size`, no subject, more names than there may be, names beside
 * `renews`. LWSEC_USAGE with LWSEC_WHY_KEY_USAGE: no key, or one that may not sign. LWSEC_REJECT:
 * `renews` is no certificate. LWSEC_BUFFER with LWSEC_WHY_OUTPUT_FULL. LWSEC_PENDING,
 * LWSEC_UNSUPPORTED, LWSEC_ENGINE, LWSEC_FORKED: of the store.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_csr_make(const lwsec_csr_config *config,
                                                       lwsec_buffer *request, lwsec_reason *reason);

#ifdef __cplusplus
}
#endif
#endif
