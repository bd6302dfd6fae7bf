/* Unprotected errors: which code to send, and which ones to take for possible. RFC 8613 section 8.
 */
#include <lwsec/oscore.h>

uint8_t lwsec_oscore_error_code(lwsec_status status, const lwsec_reason *reason)
{
    if (status == LWSEC_REPLAY) {
        return LWSEC_COAP_UNAUTHORIZED;
    }
    if (status != LWSEC_REJECT || reason == NULL) {
        return 0;
    }
    switch (reason->why) {
    case LWSEC_WHY_OSCORE_OTHER_KID:
    case LWSEC_WHY_OSCORE_OTHER_CONTEXT:
    case LWSEC_WHY_OSCORE_UNPROTECTED: return LWSEC_COAP_UNAUTHORIZED;
    case LWSEC_WHY_OSCORE_TAG:
    case LWSEC_WHY_OSCORE_INNER: return LWSEC_COAP_BAD_REQUEST;
    case LWSEC_WHY_OSCORE_OPTION:
    case LWSEC_WHY_OSCORE_RESERVED:
    case LWSEC_WHY_OSCORE_PIV:
    case LWSEC_WHY_OSCORE_NO_KID:
    case LWSEC_WHY_OSCORE_NO_PAYLOAD:
    case LWSEC_WHY_COAP_OPTION_TWICE: return LWSEC_COAP_BAD_OPTION;
    default: return 0; /* not CoAP, or no request: nobody to answer */
    }
}

bool lwsec_oscore_plain_error(uint8_t code)
{
    switch (code) {
    case LWSEC_COAP_BAD_REQUEST:
    case LWSEC_COAP_UNAUTHORIZED:
    case LWSEC_COAP_BAD_OPTION:
    case LWSEC_COAP_NOT_FOUND:
    case LWSEC_COAP_CODE(4, 13):
    case LWSEC_COAP_CODE(5, 2):
    case LWSEC_COAP_CODE(5, 3):
    case LWSEC_COAP_CODE(5, 4):
    case LWSEC_COAP_CODE(5, 5): return true;
    default: return false;
    }
}
