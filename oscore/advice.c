/* Unprotected errors that a client may get: RFC 8613 sections 4.1.3.6, 7.4 and 8.2. */
#include <lwsec/oscore.h>

/* RFC 7252 section 5.10.5: what an absent Max-Age stands for. */
#define MAX_AGE_DEFAULT 60U

static lwsec_oscore_advice advice_of(uint8_t code)
{
    switch (code) {
    case LWSEC_COAP_BAD_REQUEST: return LWSEC_OSCORE_ADVICE_CHECK_KEYS;
    case LWSEC_COAP_UNAUTHORIZED: return LWSEC_OSCORE_ADVICE_REKEY;
    case LWSEC_COAP_BAD_OPTION:
    case LWSEC_COAP_NOT_FOUND:
    case LWSEC_COAP_CODE(4, 13):
    case LWSEC_COAP_CODE(5, 5): return LWSEC_OSCORE_ADVICE_GIVE_UP;
    case LWSEC_COAP_CODE(5, 3): return LWSEC_OSCORE_ADVICE_RETRY_LATER;
    case LWSEC_COAP_CODE(5, 2):
    case LWSEC_COAP_CODE(5, 4): return LWSEC_OSCORE_ADVICE_OTHER_WAY;
    default: return LWSEC_OSCORE_ADVICE_IGNORE;
    }
}

bool lwsec_oscore_plain_error(uint8_t code)
{
    return advice_of(code) != LWSEC_OSCORE_ADVICE_IGNORE;
}

lwsec_oscore_advice lwsec_oscore_plain_advice(const lwsec_coap_message *response, uint32_t *seconds)
{
    const lwsec_oscore_advice advice = advice_of(response->code);
    lwsec_coap_option option;

    *seconds = 0;
    if (advice == LWSEC_OSCORE_ADVICE_RETRY_LATER &&
        (!lwsec_coap_option_find(response, LWSEC_COAP_MAX_AGE, &option) ||
         !lwsec_coap_option_uint(option.value, seconds))) {
        *seconds = MAX_AGE_DEFAULT;
    }
    return advice;
}
