/* The Endpoint Client Name against what the network knows: clause 5.3 of LwM2M Transport 1.2. */
#include <lwsec/sms_channel.h>

#include "core/reason.h"

/* The value of "ep=NAME"; absent for another parameter. */
static lwsec_bytes name_in(lwsec_bytes query)
{
    if (query.size < 3 || query.data[0] != 'e' || query.data[1] != 'p' || query.data[2] != '=') {
        return lwsec_bytes_of(NULL, 0);
    }
    return lwsec_bytes_of(&query.data[3], query.size - 3);
}

/* R-5.3-04: the name is compared with the identity of network access. */
lwsec_status lwsec_nosec_endpoint(const lwsec_coap_message *request, lwsec_bytes identity,
                                  lwsec_reason *reason)
{
    lwsec_coap_walk walk = lwsec_coap_options(request);
    lwsec_coap_option option;
    unsigned names = 0;
    bool same = false;

    while (lwsec_coap_options_next(&walk, &option)) {
        const lwsec_bytes name =
            option.number == LWSEC_COAP_URI_QUERY ? name_in(option.value) : lwsec_bytes_of(NULL, 0);
        if (name.data != NULL) {
            names++;
            same = name.size > 0 && lwsec_equal_secret(name, identity);
        }
    }
    if (names == 0) {
        return LWSEC_ABSENT;
    }
    if (names > 1 || !same) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_SMS_SENDER, 0, reason);
    }
    return lwsec_accept(reason);
}
