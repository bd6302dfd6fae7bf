/* What passes between the terminal and the card (TS 102 223). */
/*
 * ENVELOPE brings short messages, FETCH gives the proactive command SEND SHORT MESSAGE, TERMINAL
 * RESPONSE tells what became of it.
 */
#include "tests/uicc/card/internal.h"

#include <string.h>

enum {
    SMS_PP_DOWNLOAD = 0xD1,
    PROACTIVE = 0xD0,
    COMPREHENSION = 0x80,
    COMMAND_DETAILS = 0x01,
    DEVICE_IDENTITIES = 0x02,
    RESULT = 0x03,
    SMS_TPDU = 0x0B,
    SEND_SHORT_MESSAGE = 0x13,
    UICC = 0x81,
    TERMINAL = 0x82,
    NETWORK = 0x83,
    NO_DATA_WANTED = 0x0C
};

uint16_t do_terminal_profile(struct card *card, struct exchange *exchange)
{
    (void)card;
    return exchange->data.size == 0 ? SW_WRONG_LENGTH : SW_OK;
}

uint16_t do_status(struct card *card, struct exchange *exchange)
{
    (void)card;
    return exchange->p1 <= 2 && exchange->p2 == NO_DATA_WANTED ? SW_OK : SW_WRONG_P1P2;
}

/* The value of the data object that ENVELOPE or TERMINAL RESPONSE must have once. */
static bool find(struct octets objects, uint8_t wanted, struct octets *value)
{
    size_t count = 0;
    uint8_t tag;
    struct octets each;

    while (objects.size > 0) {
        if (!octets_take_tlv(&objects, &tag, &each)) {
            return false;
        }
        if ((tag & (0xFF - COMPREHENSION)) == wanted) {
            *value = each;
            count++;
        }
    }
    return count == 1;
}

static bool pairs(struct octets value, uint8_t from, uint8_t to)
{
    return value.size == 2 && value.data[0] == from && value.data[1] == to;
}

static bool is_heard(const struct card *card, struct octets address)
{
    return card->hears_everybody ||
           octets_equal(address, (struct octets){card->sender, card->sender_size});
}

/* The message for GET DATA. */
static void queue(struct card *card, struct octets address, struct octets coap)
{
    struct message *const message = &card->inbox[card->inbox_count];
    struct room room = ROOM_OF(message->data);

    room_put(&room, address);
    room_put_number(&room, 1, card->association.tag);
    room_put_number(&room, 2, coap.size);
    room_put(&room, coap);
    message->size = room.size;
    card->inbox_count += room.full ? 0 : 1;
}

/* The proof of receipt that the association asks for: only for what was authentic and new. */
static void report(struct card *card, struct octets address, uint64_t counter, struct room *answer)
{
    const enum report_way way = packet_report_way(&card->association);
    struct submit *const submit = &card->outbox[card->outbox_count];
    uint8_t bytes[64];
    struct room proof = ROOM_OF(bytes);

    if (way == REPORT_NONE || !packet_report(&card->association, counter, &proof)) {
        return;
    }
    if (way == REPORT_IN_DELIVERY) {
        room_put(answer, room_octets(&proof));
    } else if (card->outbox_count < OUTBOX) {
        struct room tpdu = ROOM_OF(submit->data);
        if (tpdu_put_report(address, room_octets(&proof), card->message_reference++, &tpdu)) {
            submit->size = tpdu.size;
            card->outbox_count++;
        }
    }
}

/* Whatever is not right is dropped here, and nobody can tell why. */
static void receive(struct card *card, struct octets tpdu, struct room *answer)
{
    uint8_t packet_bytes[PACKET_MAX], plain_bytes[PACKET_MAX];
    struct room packet = ROOM_OF(packet_bytes), plain = ROOM_OF(plain_bytes);
    struct delivered delivered;
    struct opened opened;

    if (!card->has_packets || !tpdu_read_deliver(tpdu, &delivered) ||
        !is_heard(card, delivered.address) || !tpdu_join(&card->assemblies, &delivered, &packet) ||
        !packet_open(&card->association, room_octets(&packet), &plain, &opened) ||
        ledger_has_sent(&card->ledger, opened.check, card->association.check_size) ||
        !ledger_accept(&card->ledger, opened.counter)) {
        return;
    }
    queue(card, delivered.address, opened.coap);
    report(card, delivered.address, opened.counter, answer);
}

uint16_t do_envelope(struct card *card, struct exchange *exchange)
{
    struct octets data = exchange->data, objects, identities, tpdu;
    uint8_t tag;

    if (exchange->p1 != 0 || exchange->p2 != 0) {
        return SW_WRONG_P1P2;
    }
    if (!octets_take_tlv(&data, &tag, &objects) || tag != SMS_PP_DOWNLOAD || data.size != 0 ||
        !find(objects, DEVICE_IDENTITIES, &identities) || !pairs(identities, NETWORK, UICC) ||
        !find(objects, SMS_TPDU, &tpdu)) {
        return SW_WRONG_DATA;
    }
    if (card->inbox_count == INBOX) {
        return SW_BUSY; /* before a counter is used up */
    }
    receive(card, tpdu, &exchange->answer);
    return SW_OK;
}

struct octets proactive_command(const struct card *card, struct room *room)
{
    static const uint8_t identities[] = {UICC, NETWORK};
    const struct submit *const first = &card->outbox[0];
    const uint8_t details[] = {card->command_number, SEND_SHORT_MESSAGE, 0};
    uint8_t bytes[256];
    struct room objects = ROOM_OF(bytes);

    if (card->outbox_count == 0 || card->fetched) {
        return (struct octets){0};
    }
    room_put_tlv(&objects, COMPREHENSION | COMMAND_DETAILS,
                 (struct octets){details, sizeof(details)});
    room_put_tlv(&objects, COMPREHENSION | DEVICE_IDENTITIES,
                 (struct octets){identities, sizeof(identities)});
    room_put_tlv(&objects, COMPREHENSION | SMS_TPDU, (struct octets){first->data, first->size});
    room_put_tlv(room, PROACTIVE, room_octets(&objects));
    return room_octets(room);
}

uint16_t do_fetch(struct card *card, struct exchange *exchange)
{
    uint8_t bytes[256];
    struct room room = ROOM_OF(bytes);
    const struct octets command = proactive_command(card, &room);
    uint16_t status = SW_OK;

    if (exchange->p1 != 0 || exchange->p2 != 0) {
        return SW_WRONG_P1P2;
    }
    if (command.size == 0) {
        return SW_CONDITIONS;
    }
    if (le_fits(exchange, command.size, &status)) {
        room_put(&exchange->answer, command);
        card->fetched = true;
    }
    return status;
}

uint16_t do_terminal_response(struct card *card, struct exchange *exchange)
{
    struct octets details, identities, result;

    if (exchange->p1 != 0 || exchange->p2 != 0) {
        return SW_WRONG_P1P2;
    }
    if (!card->fetched) {
        return SW_CONDITIONS;
    }
    if (!find(exchange->data, COMMAND_DETAILS, &details) || details.size != 3 ||
        details.data[0] != card->command_number || details.data[1] != SEND_SHORT_MESSAGE ||
        !find(exchange->data, DEVICE_IDENTITIES, &identities) ||
        !pairs(identities, TERMINAL, UICC) || !find(exchange->data, RESULT, &result) ||
        result.size == 0) {
        return SW_WRONG_DATA;
    }
    /* Sent or not: the packet is not sealed again, and its counter is used up. */
    card->outbox_count--;
    memmove(&card->outbox[0], &card->outbox[1], card->outbox_count * sizeof(card->outbox[0]));
    card->fetched = false;
    card->command_number = card->command_number == 0xFE ? 1 : (uint8_t)(card->command_number + 1);
    return SW_OK;
}
