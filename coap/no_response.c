/* Which answers a client does not want: RFC 7967. */
#include <lwsec/coap.h>

bool lwsec_coap_no_response(const lwsec_coap_message *request, uint8_t code)
{
    lwsec_coap_option option;
    const unsigned class = code >> 5;

    if (!lwsec_coap_option_find(request, LWSEC_COAP_NO_RESPONSE, &option) ||
        option.value.size != 1 || (class != 2 && class != 4 && class != 5)) {
        return false;
    }
    return (option.value.data[0] >> (class - 1) & 1U) != 0;
}
