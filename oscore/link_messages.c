/* The messages that a link has sent: found by Message ID, kept for retransmission. */
#include "oscore/link.h"

#include <string.h>

lwsec_link_sent *lwsec_link_sent_find(lwsec_oscore_link *link, bool by_wire, uint16_t message_id,
                                      uint64_t now)
{
    lwsec_link_sent *newest = NULL;

    for (size_t i = 0; i < link->sent_count; i++) {
        lwsec_link_sent *sent = &link->sent[i];
        if (sent->used && sent->until > now && sent->type != LWSEC_COAP_ACK &&
            (by_wire ? sent->message_id : sent->stack_id) == message_id &&
            (newest == NULL || sent->age > newest->age)) {
            newest = sent;
        }
    }
    return newest;
}

lwsec_link_sent *lwsec_link_sent_of(lwsec_oscore_link *link, const lwsec_link_exchange *exchange)
{
    for (size_t i = 0; i < link->sent_count; i++) {
        lwsec_link_sent *sent = &link->sent[i];
        if (sent->used && sent->exchange == exchange &&
            (exchange->role == LWSEC_LINK_OURS || sent->answer)) {
            return sent;
        }
    }
    return NULL;
}

/* How readily a slot is given to another message; 0: not at all. What nobody retransmits goes
 * before what a stack may send again. */
static unsigned readiness(const lwsec_link_sent *sent, uint64_t now)
{
    if (!sent->used) {
        return 4;
    }
    if (sent->until <= now) {
        return 3;
    }
    if (sent->done) {
        return 2;
    }
    const bool request = sent->exchange != NULL && sent->exchange->role == LWSEC_LINK_OURS;
    return request || sent->type == LWSEC_COAP_CON ? 0 : 1;
}

lwsec_link_sent *lwsec_link_sent_room(lwsec_oscore_link *link, uint64_t now)
{
    lwsec_link_sent *best = NULL;
    unsigned most = 0;

    for (size_t i = 0; i < link->sent_count; i++) {
        lwsec_link_sent *sent = &link->sent[i];
        const unsigned ready = readiness(sent, now);
        if (ready > most || (ready != 0 && ready == most && sent->age < best->age)) {
            best = sent;
            most = ready;
        }
    }
    return best;
}

void lwsec_link_sent_open(lwsec_oscore_link *link, lwsec_link_sent *sent,
                          lwsec_link_exchange *exchange, const lwsec_coap_message *message,
                          uint64_t now)
{
    sent->used = true;
    sent->done = false;
    sent->answer = false;
    sent->exchange = exchange;
    sent->age = link->next_age++;
    sent->until = now + (message->type == LWSEC_COAP_NON ? LWSEC_LINK_NON_LIFETIME
                                                         : LWSEC_LINK_EXCHANGE_LIFETIME);
    sent->resend_at = LWSEC_OSCORE_LINK_NEVER;
    sent->resent = 0;
    sent->type = message->type;
    sent->stack_id = message->message_id;
    sent->message_id = message->message_id;
}

void lwsec_link_sent_free(lwsec_oscore_link *link, lwsec_link_sent *sent)
{
    uint8_t *const plain = sent->plain;
    uint8_t *const wire = sent->wire;

    lwsec_wipe(plain, link->room);
    lwsec_wipe(sent, sizeof *sent);
    sent->plain = plain;
    sent->wire = wire;
}

static bool taken(const lwsec_oscore_link *link, uint16_t message_id, uint64_t now)
{
    for (size_t i = 0; i < link->sent_count; i++) {
        const lwsec_link_sent *sent = &link->sent[i];
        if (sent->used && sent->until > now && sent->type != LWSEC_COAP_ACK &&
            (sent->message_id == message_id || sent->stack_id == message_id)) {
            return true;
        }
    }
    return false;
}

/* There are fewer messages than Message IDs. */
uint16_t lwsec_link_free_id(const lwsec_oscore_link *link, uint16_t wanted, uint64_t now)
{
    while (taken(link, wanted, now)) {
        wanted++;
    }
    return wanted;
}

uint16_t lwsec_link_own_id(lwsec_oscore_link *link, uint64_t now)
{
    const uint16_t chosen = lwsec_link_free_id(link, link->next_id, now);

    link->next_id = (uint16_t)(chosen + 1U);
    return chosen;
}

void lwsec_link_set_id(uint8_t *message, uint16_t message_id)
{
    message[2] = (uint8_t)(message_id >> 8);
    message[3] = (uint8_t)message_id;
}

void lwsec_link_copy(lwsec_buffer *out, lwsec_bytes bytes)
{
    memcpy(out->data, bytes.data, bytes.size);
    out->size = bytes.size;
}
