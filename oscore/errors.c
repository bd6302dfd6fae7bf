/* Unprotected errors that a server may send: RFC 8613 sections 7.4 and 8.2. */
#include <lwsec/oscore.h>

#include "oscore/classes.h"

#include <string.h>

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

const char *lwsec_oscore_error_text(lwsec_status status, const lwsec_reason *reason)
{
    if (status == LWSEC_REPLAY) {
        return "Replay detected";
    }
    switch (lwsec_oscore_error_code(status, reason)) {
    case LWSEC_COAP_BAD_OPTION: return "Failed to decode COSE";
    case LWSEC_COAP_UNAUTHORIZED:
        return reason->why == LWSEC_WHY_OSCORE_UNPROTECTED ? NULL : "Security context not found";
    case LWSEC_COAP_BAD_REQUEST:
        return reason->why == LWSEC_WHY_OSCORE_TAG ? "Decryption failed" : NULL;
    default: return NULL;
    }
}

/* A request that stands in a message which can be one. */
static bool can_be_answered(lwsec_coap_framing framing, const lwsec_coap_message *request)
{
    return lwsec_oscore_is_request(request->code) &&
           (framing == LWSEC_COAP_TCP || request->type == LWSEC_COAP_CON ||
            request->type == LWSEC_COAP_NON);
}

lwsec_status lwsec_oscore_error_message(lwsec_coap_framing framing, lwsec_bytes request,
                                        lwsec_status status, const lwsec_reason *why,
                                        uint16_t message_id, uint32_t flags, lwsec_buffer *out)
{
    const lwsec_coap_option max_age = {LWSEC_COAP_MAX_AGE, {NULL, 0}}; /* empty: 0 */
    const uint8_t code = lwsec_oscore_error_code(status, why);
    const char *text = lwsec_oscore_error_text(status, why);
    lwsec_coap_message received;

    out->size = 0;
    if ((flags & ~(uint32_t)LWSEC_OSCORE_ERROR_DIAGNOSTIC) != 0 ||
        (framing != LWSEC_COAP_UDP && framing != LWSEC_COAP_TCP)) {
        return LWSEC_USAGE;
    }
    if (code == 0 || lwsec_coap_decode(framing, request, &received, NULL) != LWSEC_OK ||
        !can_be_answered(framing, &received)) {
        return LWSEC_ABSENT;
    }
    const bool confirmable = received.type == LWSEC_COAP_CON;
    lwsec_coap_message error = {.type = confirmable ? LWSEC_COAP_ACK : LWSEC_COAP_NON,
                                .code = code,
                                .message_id = confirmable ? received.message_id : message_id,
                                .token = received.token};
    if ((flags & LWSEC_OSCORE_ERROR_DIAGNOSTIC) != 0 && text != NULL) {
        error.payload = lwsec_bytes_of(text, strlen(text));
    }
    return lwsec_coap_encode(framing, &error, &max_age, 1, out, NULL);
}
