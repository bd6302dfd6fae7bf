/* Short messages in and out of a card in this process. */
#include "tests/uicc/card/messages.h"
#include "tests/support/test.h"

void assert_octets(struct octets got, struct octets expected)
{
    assert_int_equal(got.size, expected.size);
    assert_memory_equal(got.data, expected.data, expected.size);
}

struct octets messages_deliver(const char *address, struct octets header, struct octets data,
                               uint8_t bytes[MESSAGES_TPDU])
{
    struct room tpdu = {.data = bytes, .capacity = MESSAGES_TPDU};

    room_put_number(&tpdu, 1, 0x44);
    room_put(&tpdu, meet_hex(address));
    room_put(&tpdu, meet_hex("7ff652114211000000"));
    room_put_number(&tpdu, 1, header.size + data.size);
    room_put(&tpdu, header);
    room_put(&tpdu, data);
    assert_false(tpdu.full);
    return room_octets(&tpdu);
}

uint16_t messages_envelope(struct card *card, const char *address, const char *header,
                           struct octets data)
{
    uint8_t bytes[MESSAGES_TPDU];

    return meet_envelope(card, messages_deliver(address, meet_hex(header), data, bytes), NULL);
}

bool messages_take(struct card *card, struct room *data)
{
    const uint16_t status = meet(card, "80ca000000", data);

    assert_true(status == 0x9000 || status >> 8 == 0x91 || status == 0x6a88);
    return status != 0x6a88;
}

void assert_nothing_waits(struct card *card)
{
    assert_int_equal(meet(card, "80ca000000", NULL), 0x6a88);
}

void assert_message_waits(struct card *card, const char *expected)
{
    uint8_t bytes[512];
    struct room data = ROOM_OF(bytes);

    assert_true(messages_take(card, &data));
    assert_octets(room_octets(&data), meet_hex(expected));
    assert_nothing_waits(card);
}

struct card *messages_card(void (*change)(struct card_setup *setup))
{
    struct card *const card = meet_card(change);

    assert_int_equal(meet(card, MEET_SELECT, NULL), 0x9000);
    return card;
}

uint16_t messages_store(struct card *card, struct octets payload)
{
    uint16_t status = 0;

    for (uint8_t block = 0; payload.size > 0; block++) {
        uint8_t bytes[261];
        struct room command = ROOM_OF(bytes);
        struct octets part = payload;

        if (part.size > 255) {
            part.size = 255;
        }
        payload.data += part.size;
        payload.size -= part.size;
        room_put_number(&command, 2, 0x80E2);
        room_put_number(&command, 1, payload.size == 0 ? 0x80 : 0);
        room_put_number(&command, 1, block);
        room_put_number(&command, 1, part.size);
        room_put(&command, part);
        status = meet_octets(card, room_octets(&command), NULL);
        assert_true(payload.size == 0 || status == 0x9000);
    }
    return status;
}

uint16_t messages_store_coap(struct card *card, struct octets address, struct octets coap)
{
    uint8_t bytes[600];
    struct room payload = ROOM_OF(bytes);

    room_put(&payload, address);
    room_put_number(&payload, 1, 5);
    room_put_number(&payload, 2, coap.size);
    room_put(&payload, coap);
    return messages_store(card, room_octets(&payload));
}

void messages_fetch(struct card *card, uint16_t status, struct sent_messages *sent)
{
    *sent = (struct sent_messages){0};
    while (status >> 8 == 0x91) {
        const uint8_t fetch[] = {0x80, 0x12, 0, 0, (uint8_t)status};
        uint8_t bytes[256], response_bytes[32], tag;
        struct room data = ROOM_OF(bytes), response = ROOM_OF(response_bytes);
        struct octets objects, rest, value, tpdu;

        assert_int_equal(meet_once(card, (struct octets){fetch, 5}, &data), 0x9000);
        assert_int_equal(data.size, fetch[4]);
        rest = room_octets(&data);
        assert_true(octets_take_tlv(&rest, &tag, &objects) && tag == 0xD0 && rest.size == 0);
        assert_true(octets_take_tlv(&objects, &tag, &value) && tag == 0x81);
        assert_true(value.size == 3 && value.data[1] == 0x13 && value.data[2] == 0);
        const uint8_t number = value.data[0];
        assert_true(octets_take_tlv(&objects, &tag, &value) && tag == 0x82);
        assert_octets(value, meet_hex("8183"));
        assert_true(octets_take_tlv(&objects, &tag, &tpdu) && tag == 0x8B && objects.size == 0);
        assert_true(sent->count < MESSAGES_PARTS && tpdu.size <= MESSAGES_TPDU);
        memcpy(sent->tpdu[sent->count], tpdu.data, tpdu.size);
        sent->size[sent->count++] = tpdu.size;

        room_put(&response, meet_hex("801400000c8103"));
        room_put_number(&response, 1, number);
        room_put(&response, meet_hex("130082028281830100"));
        status = meet_octets(card, room_octets(&response), NULL);
    }
    assert_int_equal(status, 0x9000);
}

struct octets messages_user_data(const struct sent_messages *sent, size_t index,
                                 struct octets address, uint8_t *element)
{
    struct octets rest = {sent->tpdu[index], sent->size[index]}, head, header;
    uint64_t first, size;

    assert_true(octets_take_number(&rest, 1, &first) && first == 0x41);
    assert_true(octets_take(&rest, 1, &head)); /* TP-MR */
    assert_true(octets_take(&rest, address.size, &head));
    assert_octets(head, address);
    assert_true(octets_take(&rest, 2, &head));
    assert_octets(head, meet_hex("7ff6"));
    assert_true(octets_take_number(&rest, 1, &size) && size == rest.size && size <= 140);
    assert_true(octets_take_number(&rest, 1, &size) && octets_take(&rest, (size_t)size, &header));
    *element = header.size >= 2 ? header.data[header.size - 2] : 0;
    return rest;
}

uint16_t messages_carry(struct card *to, const struct sent_messages *sent, size_t index,
                        struct room *answer)
{
    struct octets rest = {sent->tpdu[index], sent->size[index]}, head;
    uint8_t bytes[MESSAGES_TPDU];

    assert_true(octets_take(&rest, 2 + 9 + 2 + 1, &head));
    return meet_envelope(to, messages_deliver(MEET_ADDRESS, (struct octets){0}, rest, bytes),
                         answer);
}

struct octets messages_coap(size_t size, uint8_t bytes[512])
{
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)i;
    }
    return (struct octets){bytes, size};
}

void messages_with_report(struct card_setup *setup)
{
    setup->parameters = meet_hex("12121601b20203");
}
