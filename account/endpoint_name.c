/* Endpoint name and Sender ID: section 5.5.5. */
#include <lwsec/endpoint_name.h>

#include <lwsec/coap.h>

/* R-5.5.5-02: an endpoint name may be the Sender ID itself.
 * R-5.5.5-03, R-5.5.5-04, R-5.5.5-05: if not, a table tells; what does not fit is answered 4.00. */
uint8_t lwsec_endpoint_name_check(lwsec_bytes endpoint_name, lwsec_bytes sender_id,
                                  lwsec_endpoint_name_lookup lookup, void *table)
{
    if (endpoint_name.data == NULL) {
        return 0;
    }
    const bool fits = lookup != NULL ? lookup(table, endpoint_name, sender_id)
                                     : lwsec_equal_secret(endpoint_name, sender_id);
    return fits ? 0 : LWSEC_COAP_BAD_REQUEST;
}

bool lwsec_endpoint_names_lookup(void *table, lwsec_bytes endpoint_name, lwsec_bytes sender_id)
{
    const lwsec_endpoint_names *names = table;

    for (size_t i = 0; i < names->count; i++) {
        if (lwsec_equal_secret(names->entries[i].endpoint_name, endpoint_name) &&
            lwsec_equal_secret(names->entries[i].sender_id, sender_id)) {
            return true;
        }
    }
    return false;
}
