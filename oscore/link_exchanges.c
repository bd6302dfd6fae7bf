/* The exchanges of a link: found by token, made, ended. */
#include "oscore/link.h"

#include <string.h>

lwsec_link_exchange *lwsec_link_find(lwsec_oscore_link *link, lwsec_link_role role,
                                     lwsec_bytes token, uint64_t before)
{
    lwsec_link_exchange *newest = NULL;

    for (size_t i = 0; i < link->exchange_count; i++) {
        lwsec_link_exchange *exchange = &link->exchanges[i];
        if (exchange->role == role && exchange->age < before && !lwsec_link_is_gone(exchange) &&
            lwsec_equal_secret(lwsec_bytes_of(exchange->token, exchange->token_size), token) &&
            (newest == NULL || exchange->age > newest->age)) {
            newest = exchange;
        }
    }
    return newest;
}

/* How readily a slot is given to another request; 0: not at all. */
static unsigned readiness(const lwsec_link_exchange *exchange, uint64_t now)
{
    if (exchange->role == LWSEC_LINK_FREE) {
        return 4;
    }
    if (exchange->done || lwsec_link_is_gone(exchange)) {
        return 3;
    }
    if (exchange->observed) {
        return exchange->idle ? 1 : 0;
    }
    return exchange->until <= now ? 2 : 0;
}

lwsec_link_exchange *lwsec_link_room(lwsec_oscore_link *link, uint64_t now)
{
    lwsec_link_exchange *best = NULL;
    unsigned most = 0;

    for (size_t i = 0; i < link->exchange_count; i++) {
        lwsec_link_exchange *exchange = &link->exchanges[i];
        const unsigned ready = readiness(exchange, now);
        if (ready > most || (ready != 0 && ready == most && exchange->age < best->age)) {
            best = exchange;
            most = ready;
        }
    }
    return best;
}

void lwsec_link_open(lwsec_oscore_link *link, lwsec_link_exchange *exchange, lwsec_link_role role,
                     const lwsec_coap_message *request, uint64_t now)
{
    lwsec_link_end(link, exchange);
    exchange->role = role;
    exchange->age = link->next_age++;
    exchange->until = now + (request->type == LWSEC_COAP_NON ? LWSEC_LINK_NON_LIFETIME
                                                             : LWSEC_LINK_EXCHANGE_LIFETIME);
    exchange->type = request->type;
    exchange->message_id = request->message_id;
    exchange->token_size = request->token.size;
    if (request->token.size > 0) {
        memcpy(exchange->token, request->token.data, request->token.size);
    }
}

void lwsec_link_end(lwsec_oscore_link *link, lwsec_link_exchange *exchange)
{
    uint8_t *const token = exchange->token;

    for (size_t i = 0; i < link->sent_count; i++) {
        lwsec_link_sent *sent = &link->sent[i];
        if (sent->used && sent->exchange == exchange) {
            sent->exchange = NULL;
            sent->done = true;
            sent->resend_at = LWSEC_OSCORE_LINK_NEVER;
        }
    }
    lwsec_wipe(exchange, sizeof *exchange);
    exchange->token = token;
}

void lwsec_link_end_older(lwsec_oscore_link *link, const lwsec_link_exchange *exchange)
{
    const lwsec_bytes token = lwsec_bytes_of(exchange->token, exchange->token_size);
    lwsec_link_exchange *older;

    while ((older = lwsec_link_find(link, exchange->role, token, exchange->age)) != NULL) {
        lwsec_link_end(link, older);
    }
}

/* RFC 7641 section 2: 0 registers, 1 deregisters. */
void lwsec_link_read_observe(lwsec_link_exchange *exchange, const lwsec_coap_message *request)
{
    lwsec_coap_option option;
    uint32_t value;

    if (lwsec_coap_option_find(request, LWSEC_COAP_OBSERVE, &option) &&
        lwsec_coap_option_uint(option.value, &value)) {
        exchange->asks_observe = value == 0;
        exchange->cancels = value == 1;
    }
}

/* An error ends a registration, with or without the option: RFC 7641 section 4.2. */
bool lwsec_link_is_notification(const lwsec_coap_message *response)
{
    lwsec_coap_option option;

    return response->code >> 5 == 2 &&
           lwsec_coap_option_find(response, LWSEC_COAP_OBSERVE, &option);
}
