/* Endpoint name and proved identity: clauses 5.2.6, 5.3 and 5.5.5. */
#include <lwsec/endpoint_name.h>

static bool is_equal(lwsec_bytes endpoint_name, const lwsec_identity *identity)
{
    const bool may_be_empty = identity->kind == LWSEC_IDENTITY_OSCORE;

    if (identity->kind == LWSEC_IDENTITY_RPK || identity->value.data == NULL) {
        return false;
    }
    return (endpoint_name.size > 0 || may_be_empty) &&
           lwsec_equal_secret(endpoint_name, identity->value);
}

/* R-5.2.6-02, R-5.2.6-03, R-5.2.9.3-22: the name is compared with the identity of the handshake.
 * R-5.3-04: or with that of network access.
 * R-5.5.5-01, R-5.5.5-02, R-5.5.5-03, R-5.5.5-04: or with the Sender ID, which it may be.
 * R-5.2.6-04, R-5.5.5-05: what does not fit is answered 4.00. */
uint8_t lwsec_endpoint_name_check(lwsec_bytes endpoint_name, const lwsec_identity *identity,
                                  lwsec_endpoint_name_lookup lookup, void *table)
{
    if (identity->kind < LWSEC_IDENTITY_PSK || identity->kind > LWSEC_IDENTITY_NETWORK) {
        return LWSEC_COAP_BAD_REQUEST;
    }
    if (endpoint_name.data == NULL) {
        return 0;
    }
    const bool fits =
        lookup != NULL ? lookup(table, endpoint_name, identity) : is_equal(endpoint_name, identity);
    return fits ? 0 : LWSEC_COAP_BAD_REQUEST;
}

/* The value of "ep=NAME"; absent for another parameter. */
static lwsec_bytes name_in(lwsec_bytes query)
{
    if (query.size < 3 || query.data[0] != 'e' || query.data[1] != 'p' || query.data[2] != '=') {
        return lwsec_bytes_of(NULL, 0);
    }
    return lwsec_bytes_of(&query.data[3], query.size - 3);
}

lwsec_status lwsec_endpoint_name_find(const lwsec_coap_message *request, lwsec_bytes *endpoint_name)
{
    lwsec_coap_walk walk = lwsec_coap_options(request);
    lwsec_bytes found = {NULL, 0};
    lwsec_coap_option option;

    while (lwsec_coap_options_next(&walk, &option)) {
        const lwsec_bytes name =
            option.number == LWSEC_COAP_URI_QUERY ? name_in(option.value) : lwsec_bytes_of(NULL, 0);
        if (name.data != NULL && found.data != NULL) {
            return LWSEC_REJECT;
        }
        found = name.data != NULL ? name : found;
    }
    *endpoint_name = found;
    return LWSEC_OK;
}

static bool is_same(const lwsec_identity *known, const lwsec_identity *identity)
{
    return known->kind == identity->kind && identity->value.data != NULL &&
           lwsec_equal_secret(known->value, identity->value) &&
           (known->context.data == NULL || (identity->context.data != NULL &&
                                            lwsec_equal_secret(known->context, identity->context)));
}

bool lwsec_endpoint_names_lookup(void *table, lwsec_bytes endpoint_name,
                                 const lwsec_identity *identity)
{
    const lwsec_endpoint_names *names = table;

    for (size_t i = 0; i < names->count; i++) {
        const lwsec_endpoint_names_entry *entry = &names->entries[i];
        if (lwsec_equal_secret(entry->endpoint_name, endpoint_name) &&
            is_same(&entry->identity, identity)) {
            return true;
        }
    }
    return false;
}
