/* A link in the caller's memory: made, closed, told the time. */
#include "oscore/link.h"

#include "core/reason.h"

#include <string.h>

/* An agreed ID Context in its byte string. */
#define AGREED_KID_CONTEXT (LWSEC_OSCORE_AGREED_ID_MAX + 2U)
#define ECHO_RETRIES_MAX 2U
#define MAX_RETRANSMIT 4U

/* The configuration with its defaults filled in. */
static lwsec_oscore_link_config settled(const lwsec_oscore_link_config *given)
{
    lwsec_oscore_link_config config = *given;

    config.exchanges =
        config.exchanges != 0 ? config.exchanges : LWSEC_OSCORE_LINK_EXCHANGES_DEFAULT;
    config.message_max =
        config.message_max != 0 ? config.message_max : LWSEC_OSCORE_LINK_MESSAGE_DEFAULT;
    config.token_max = config.token_max != 0 ? config.token_max : LWSEC_OSCORE_LINK_TOKEN_DEFAULT;
    config.echo_retries = config.echo_retries != 0 ? config.echo_retries : 1;
    if (config.rederive != NULL && config.id_context < AGREED_KID_CONTEXT) {
        config.id_context = AGREED_KID_CONTEXT;
    }
    return config;
}

static bool in_range(const lwsec_oscore_link_config *config)
{
    return config->exchanges <= LWSEC_OSCORE_LINK_EXCHANGES_MAX &&
           config->message_max <= LWSEC_OSCORE_LINK_MESSAGE_MAX &&
           config->token_max <= config->message_max &&
           config->id_context <= LWSEC_OSCORE_ID_CONTEXT_MAX &&
           config->echo_retries <= ECHO_RETRIES_MAX && config->flags == 0 &&
           (config->framing == LWSEC_COAP_UDP || config->framing == LWSEC_COAP_TCP);
}

static bool usable(const lwsec_oscore_link_config *given)
{
    if (given->size != sizeof *given) {
        return false;
    }
    const lwsec_oscore_link_config config = settled(given);
    return in_range(&config);
}

static size_t room_of(const lwsec_oscore_link_config *config)
{
    return LWSEC_OSCORE_LINK_ROOM(config->message_max, config->id_context);
}

size_t lwsec_oscore_link_size(const lwsec_oscore_link_config *given)
{
    if (!usable(given)) {
        return 0;
    }
    const lwsec_oscore_link_config config = settled(given);
    const size_t exchange = sizeof(lwsec_link_exchange) + config.token_max;
    const size_t message = sizeof(lwsec_link_sent) + 2U * room_of(&config);
    return sizeof(lwsec_oscore_link) + config.exchanges * (exchange + 2U * message);
}

/* Gives each slot its part of the bytes behind the tables. */
static void divide(lwsec_oscore_link *link)
{
    link->exchanges = (lwsec_link_exchange *)(void *)(link + 1);
    link->sent = (lwsec_link_sent *)(void *)(link->exchanges + link->exchange_count);
    uint8_t *bytes = (uint8_t *)(link->sent + link->sent_count);

    for (size_t i = 0; i < link->exchange_count; i++) {
        link->exchanges[i].token = bytes;
        bytes += link->token_max;
    }
    for (size_t i = 0; i < link->sent_count; i++) {
        link->sent[i].plain = bytes;
        link->sent[i].wire = bytes + link->room;
        bytes += 2U * link->room;
    }
}

lwsec_status lwsec_oscore_link_init(void *memory, size_t size,
                                    const lwsec_oscore_link_config *given, lwsec_oscore_link **link,
                                    lwsec_reason *reason)
{
    *link = NULL;
    if (!usable(given) || (given->context == NULL) == (given->rederive == NULL)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    const size_t needed = lwsec_oscore_link_size(given);
    if (size < needed || (uintptr_t)memory % sizeof(uint64_t) != 0) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    const lwsec_oscore_link_config config = settled(given);
    lwsec_oscore_link *made = memory;

    memset(memory, 0, needed);
    made->context = config.context;
    made->rederive = config.rederive;
    made->framing = config.framing;
    made->exchange_count = config.exchanges;
    made->sent_count = (size_t)2 * config.exchanges;
    made->message_max = config.message_max;
    made->token_max = config.token_max;
    made->room = room_of(&config);
    made->memory_size = needed;
    made->next_age = 1;
    made->next_id = config.first_message_id;
    made->echo_retries = config.echo_retries;
    divide(made);
    *link = made;
    return lwsec_accept(reason);
}

void lwsec_oscore_link_close(lwsec_oscore_link **link)
{
    if (*link != NULL) {
        lwsec_wipe(*link, (*link)->memory_size);
        *link = NULL;
    }
}

void lwsec_oscore_link_forget(lwsec_oscore_link *link, bool ours, lwsec_bytes token)
{
    const lwsec_link_role role = ours ? LWSEC_LINK_OURS : LWSEC_LINK_PEERS;
    lwsec_link_exchange *exchange;

    while ((exchange = lwsec_link_find(link, role, token, UINT64_MAX)) != NULL) {
        lwsec_link_end(link, exchange);
    }
}

/* ---- What the link retransmits by itself ---- */

static lwsec_link_sent *first_due(const lwsec_oscore_link *link)
{
    lwsec_link_sent *first = NULL;

    for (size_t i = 0; i < link->sent_count; i++) {
        lwsec_link_sent *sent = &link->sent[i];
        if (sent->used && sent->resend_at != LWSEC_OSCORE_LINK_NEVER &&
            (first == NULL || sent->resend_at < first->resend_at)) {
            first = sent;
        }
    }
    return first;
}

uint64_t lwsec_oscore_link_deadline(const lwsec_oscore_link *link)
{
    const lwsec_link_sent *first = first_due(link);
    return first != NULL ? first->resend_at : LWSEC_OSCORE_LINK_NEVER;
}

lwsec_status lwsec_oscore_link_step(lwsec_oscore_link *link, uint64_t now, lwsec_buffer *out)
{
    lwsec_link_sent *due = first_due(link);

    out->size = 0;
    if (out->capacity < link->room) {
        return LWSEC_BUFFER;
    }
    if (due == NULL || due->resend_at > now) {
        return LWSEC_OK;
    }
    lwsec_link_copy(out, lwsec_bytes_of(due->wire, due->wire_size));
    due->resend_at = due->type == LWSEC_COAP_CON && due->resent < MAX_RETRANSMIT
                         ? now + due->interval
                         : LWSEC_OSCORE_LINK_NEVER;
    due->interval *= 2;
    due->resent++;
    return LWSEC_OK;
}
