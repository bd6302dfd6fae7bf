/* The alert that tells the peer of a refusal. */
#include <lwsec/cert.h>

enum {
    BAD_CERTIFICATE = 42,
    UNSUPPORTED_CERTIFICATE = 43,
    CERTIFICATE_REVOKED = 44,
    CERTIFICATE_EXPIRED = 45,
    CERTIFICATE_UNKNOWN = 46,
    UNKNOWN_CA = 48,
    INTERNAL_ERROR = 80,
    BAD_CERTIFICATE_STATUS_RESPONSE = 113
};

/* R-5.2.9.4-05: no match ends the handshake with a fatal alert. */
uint8_t lwsec_cert_alert(lwsec_why why)
{
    switch (why) {
    case LWSEC_WHY_CERT_MALFORMED:
    case LWSEC_WHY_CERT_SIGNATURE:
    case LWSEC_WHY_CERT_REFERENCE:
    case LWSEC_WHY_CERT_ASSOCIATION:
    case LWSEC_WHY_CERT_LIMIT: return BAD_CERTIFICATE;
    case LWSEC_WHY_CERT_KEY:
    case LWSEC_WHY_CERT_KEY_USAGE: return UNSUPPORTED_CERTIFICATE;
    case LWSEC_WHY_CERT_REVOKED: return CERTIFICATE_REVOKED;
    case LWSEC_WHY_CERT_TIME: return CERTIFICATE_EXPIRED;
    case LWSEC_WHY_CERT_EXTENSION:
    case LWSEC_WHY_CERT_CONSTRAINT:
    case LWSEC_WHY_CERT_CLOCK:
    case LWSEC_WHY_CERT_STATUS: return CERTIFICATE_UNKNOWN;
    case LWSEC_WHY_CERT_AUTHORITY:
    case LWSEC_WHY_CERT_ANCHOR: return UNKNOWN_CA;
    case LWSEC_WHY_CERT_OCSP: return BAD_CERTIFICATE_STATUS_RESPONSE;
    default: return INTERNAL_ERROR;
    }
}
