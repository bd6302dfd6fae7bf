/* The LwM2M application: GET DATA gives what came, STORE DATA takes what is to be sent. */
/*
 * Transport 5.4.2.1.2:
 *
 *   data_rcv = address, CoAP_TAG, length in 16 bits, CoAP message
 *
 * The same the other way, with the address that the message goes to.
 */
#include "tests/uicc/card/internal.h"

#include <string.h>

enum { LAST_BLOCK = 0x80 };

/* Whether the command may come as it came. */
static uint16_t allowed(const struct card *card, const struct exchange *exchange)
{
    const uint8_t all = SCP03_C_MAC | SCP03_C_DECRYPTION | SCP03_R_MAC | SCP03_R_ENCRYPTION;

    if (exchange->channel->application != APPLICATION_LWM2M) {
        return SW_NO_INSTRUCTION;
    }
    if (card->require_secure_channel &&
        (!exchange->secured || exchange->channel->secure.level != all)) {
        return SW_NOT_SECURED;
    }
    return SW_OK;
}

uint16_t do_get_data(struct card *card, struct exchange *exchange)
{
    struct message *const first = &card->inbox[0];
    uint16_t status = allowed(card, exchange);

    if (status != SW_OK) {
        return status;
    }
    if ((exchange->p1 << 8 | exchange->p2) != card->get_data) {
        return SW_NO_DATA;
    }
    if (card->inbox_count == 0) {
        return SW_NO_DATA;
    }
    if (!le_fits(exchange, first->size, &status)) {
        return status;
    }
    room_put(&exchange->answer, (struct octets){first->data, first->size});
    card->inbox_count--;
    memmove(first, first + 1, card->inbox_count * sizeof(*first));
    return SW_OK;
}

/* The messages that one packet becomes, in the order in which they are fetched. */
static bool queue_submits(struct card *card, struct octets address, struct octets packet)
{
    const unsigned parts = tpdu_parts_of(packet.size);
    const uint8_t reference = parts > 1 ? card->reference++ : 0;

    for (unsigned number = 1; number <= parts; number++) {
        struct submit *const submit = &card->outbox[card->outbox_count];
        struct room tpdu = ROOM_OF(submit->data);

        if (!tpdu_put_submit(address, packet, number, card->message_reference++, reference,
                             &tpdu)) {
            return false;
        }
        submit->size = tpdu.size;
        card->outbox_count++;
    }
    return true;
}

/* Seals, and queues only what the ledger knows of. */
static bool seal(struct card *card, struct octets address, struct octets coap, uint16_t *status)
{
    uint8_t bytes[PACKET_MAX], check[PACKET_CHECK_MAX] = {0};
    struct room packet = ROOM_OF(bytes);
    const uint64_t counter = card->ledger.sent + 1;

    *status = SW_NO_MEMORY;
    if (counter > PACKET_COUNTER_MAX ||
        !packet_seal(&card->association, counter, coap, &packet, check) ||
        tpdu_parts_of(packet.size) == 0) {
        return false;
    }
    *status = SW_BUSY;
    if (card->outbox_count + tpdu_parts_of(packet.size) > OUTBOX) {
        return false;
    }
    *status = SW_BROKEN;
    return ledger_send(&card->ledger, counter, check) &&
           queue_submits(card, address, room_octets(&packet));
}

static uint16_t send_stored(struct card *card, struct octets stored)
{
    struct octets address, coap;
    uint64_t tag, size;
    uint16_t status;

    if (!tpdu_take_address(&stored, &address) || !octets_take_number(&stored, 1, &tag) ||
        tag != card->association.tag || !octets_take_number(&stored, 2, &size) || size == 0 ||
        !octets_take(&stored, (size_t)size, &coap) || stored.size != 0) {
        return SW_WRONG_DATA;
    }
    return seal(card, address, coap, &status) ? SW_OK : status;
}

uint16_t do_store_data(struct card *card, struct exchange *exchange)
{
    struct channel *const channel = exchange->channel;
    uint16_t status = allowed(card, exchange);

    if (status == SW_OK && !card->has_packets) {
        status = SW_CONDITIONS;
    } else if (status == SW_OK && (exchange->p1 & (0xFF - LAST_BLOCK)) != 0) {
        status = SW_WRONG_P1P2;
    } else if (status == SW_OK && exchange->data.size == 0) {
        status = SW_WRONG_LENGTH;
    }
    if (exchange->p2 == 0) {
        channel->next_block = 0;
        channel->stored = 0;
    }
    if (status == SW_OK && exchange->p2 != channel->next_block) {
        status = SW_WRONG_P1P2;
    } else if (status == SW_OK && exchange->data.size > STORE_DATA_MAX - channel->stored) {
        status = SW_NO_MEMORY;
    }
    if (status == SW_OK) {
        memcpy(channel->store + channel->stored, exchange->data.data, exchange->data.size);
        channel->stored += exchange->data.size;
        channel->next_block++;
        if ((exchange->p1 & LAST_BLOCK) == 0) {
            return SW_OK;
        }
        status = send_stored(card, (struct octets){channel->store, channel->stored});
    }
    channel->next_block = 0;
    channel->stored = 0;
    return status;
}
