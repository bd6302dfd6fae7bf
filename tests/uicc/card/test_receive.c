/* What the card receives: replays, other senders, other messages, parts. */
#include "tests/support/test.h"
#include "tests/uicc/card/messages.h"

static void test_replay(void **state)
{
    struct card *const card = messages_card(messages_with_report);
    uint8_t bytes[MESSAGES_TPDU], first_bytes[64], second_bytes[64];
    struct room first = ROOM_OF(first_bytes), second = ROOM_OF(second_bytes);
    const struct octets tpdu =
        messages_deliver(MEET_ADDRESS, meet_hex("027000"), meet_hex(MEET_PACKET), bytes);

    (void)state;
    assert_int_equal(meet_envelope(card, tpdu, &first), 0x9000);
    assert_octets(room_octets(&first), meet_hex("027100000b0ab2020300000000010000"));
    assert_message_waits(card, MEET_PAYLOAD);
    assert_int_equal(meet_envelope(card, tpdu, &second), 0x9000);
    assert_int_equal(second.size, 0); /* not even a report */
    assert_nothing_waits(card);
    card_reset(card);
    assert_int_equal(meet_envelope(card, tpdu, NULL), 0x9000);
    assert_int_equal(meet(card, MEET_SELECT, NULL), 0x9000);
    assert_nothing_waits(card);
    card_close(card);
}

static void test_every_octet_is_checked(void **state)
{
    const struct octets packet = meet_hex(MEET_PACKET);
    struct card *const card = messages_card(messages_with_report);

    (void)state;
    for (size_t i = 0; i < packet.size; i++) {
        uint8_t bytes[64];

        memcpy(bytes, packet.data, packet.size);
        bytes[i] ^= 0x01;
        assert_int_equal(
            messages_envelope(card, MEET_ADDRESS, "027000", (struct octets){bytes, packet.size}),
            0x9000);
        assert_nothing_waits(card);
        assert_int_equal(
            messages_envelope(card, MEET_ADDRESS, "027000", (struct octets){packet.data, i}),
            0x9000);
        assert_nothing_waits(card);
    }
    /* Nothing of that used the counter up. */
    assert_int_equal(messages_envelope(card, MEET_ADDRESS, "027000", packet), 0x9000);
    assert_message_waits(card, MEET_PAYLOAD);
    card_close(card);
}

static void hears_one(struct card_setup *setup)
{
    messages_with_report(setup);
    setup->sender = meet_hex(MEET_ADDRESS);
}

static void test_another_sender(void **state)
{
    struct card *const card = messages_card(hears_one);

    (void)state;
    assert_int_equal(messages_envelope(card, "0d91945111325476f9", "027000", meet_hex(MEET_PACKET)),
                     0x9000);
    assert_nothing_waits(card);
    assert_int_equal(messages_envelope(card, "0d81945111325476f8", "027000", meet_hex(MEET_PACKET)),
                     0x9000);
    assert_nothing_waits(card);
    assert_int_equal(messages_envelope(card, MEET_ADDRESS, "027000", meet_hex(MEET_PACKET)),
                     0x9000);
    assert_message_waits(card, MEET_PAYLOAD);
    card_close(card);
}

/* TPDUs that are no secured packet, or say something else of themselves. */
static void test_other_short_messages(void **state)
{
    static const char *const headers[] = {
        "00",
        "027100",
        "03700100",
        "0470007000",
        "0370",
        "0100",
        "07000301010170",
        "0c00030101010003010101"
        "7000",
    };
    struct card *const card = messages_card(messages_with_report);
    uint8_t bytes[MESSAGES_TPDU];

    (void)state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        assert_int_equal(messages_envelope(card, MEET_ADDRESS, headers[i], meet_hex(MEET_PACKET)),
                         0x9000);
        assert_nothing_waits(card);
    }
    const struct octets tpdu =
        messages_deliver(MEET_ADDRESS, meet_hex("027000"), meet_hex(MEET_PACKET), bytes);
    static const struct {
        size_t at;
        uint8_t value;
    } changes[] = {
        {0, 0x04},  /* no header */
        {0, 0x41},  /* an SMS-SUBMIT */
        {2, 0xD1},  /* letters */
        {1, 21},    /* too many digits */
        {10, 0x00}, /* TP-PID */
        {11, 0xF5}, /* class 1 */
        {11, 0x04}, /* no class */
        {19, 0x2C}, /* TP-UDL is less */
        {19, 0x2E}, /* and more */
    };
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const uint8_t was = bytes[changes[i].at];

        bytes[changes[i].at] = changes[i].value;
        assert_int_equal(meet_envelope(card, tpdu, NULL), 0x9000);
        assert_nothing_waits(card);
        bytes[changes[i].at] = was;
    }
    bytes[11] = 0x16; /* the other coding of class 2 */
    assert_int_equal(meet_envelope(card, tpdu, NULL), 0x9000);
    assert_message_waits(card, MEET_PAYLOAD);
    card_close(card);
}

static void test_envelopes_that_are_none(void **state)
{
    static const char *const commands[] = {
        "80c2000001"
        "d1", /* no length */
        "80c2000002"
        "d100", /* nothing in it */
        "80c2000006"
        "d10482028381", /* no message */
        "80c2000006"
        "d1048b020000", /* no identities */
        "80c200000a"
        "d10882028182"
        "8b020000", /* from somebody else */
        "80c200000a"
        "d60882028381"
        "8b020000", /* another event */
        "80c200000b"
        "d10882028381"
        "8b02000000", /* something after it */
    };
    struct card *const card = messages_card(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        assert_int_equal(meet(card, commands[i], NULL), 0x6a80);
    }
    assert_int_equal(meet(card,
                          "80c2010002"
                          "d100",
                          NULL),
                     0x6a86);
    card_close(card);
}

static void other_way(struct card_setup *setup)
{
    setup->sender = meet_hex(MEET_ADDRESS);
}

/* Every size there is: 96, 239 and 366 octets are the most for one, two and three messages. */
static void test_sizes(void **state)
{
    struct card *const device = messages_card(NULL), *const server = messages_card(other_way);
    uint8_t bytes[512], got[512];
    struct sent_messages sent;

    (void)state;
    for (size_t size = 1; size <= 366; size++) {
        struct room data = ROOM_OF(got);
        const struct octets coap = messages_coap(size, bytes);

        messages_fetch(device, messages_store_coap(device, meet_hex(MEET_ADDRESS), coap), &sent);
        assert_int_equal(sent.count, size <= 96 ? 1 : size <= 239 ? 2 : 3);
        for (size_t i = sent.count; i > 0; i--) { /* the last one first */
            assert_int_equal(messages_carry(server, &sent, i - 1, NULL), 0x9000);
        }
        assert_true(messages_take(server, &data));
        assert_octets((struct octets){got + 12, data.size - 12}, coap);
    }
    assert_int_equal(messages_store_coap(device, meet_hex(MEET_ADDRESS), messages_coap(367, bytes)),
                     0x6a84);
    assert_int_equal(messages_store_coap(device, meet_hex(MEET_ADDRESS), messages_coap(480, bytes)),
                     0x6a84);
    card_close(device);
    card_close(server);
}

static void test_parts(void **state)
{
    struct card *const device = messages_card(NULL), *const server = messages_card(other_way);
    uint8_t bytes[512];
    struct sent_messages first, second;
    struct room data = ROOM_OF(bytes);

    (void)state;
    messages_fetch(device,
                   messages_store_coap(device, meet_hex(MEET_ADDRESS), messages_coap(300, bytes)),
                   &first);
    messages_fetch(device,
                   messages_store_coap(device, meet_hex(MEET_ADDRESS), messages_coap(310, bytes)),
                   &second);
    assert_int_equal(first.count, 3);
    assert_int_equal(second.count, 3);

    /* Interleaved, and a part that comes twice is no harm. */
    assert_int_equal(messages_carry(server, &first, 2, NULL), 0x9000);
    assert_int_equal(messages_carry(server, &first, 2, NULL), 0x9000);
    assert_int_equal(messages_carry(server, &second, 0, NULL), 0x9000);
    assert_int_equal(messages_carry(server, &first, 0, NULL), 0x9000);
    assert_int_equal(messages_carry(server, &second, 1, NULL), 0x9000);
    assert_nothing_waits(server);
    assert_int_equal(messages_carry(server, &first, 1, NULL), 0x9000);
    assert_true(messages_take(server, &data));
    data.size = 0;
    assert_int_equal(messages_carry(server, &second, 2, NULL), 0x9000);
    assert_true(messages_take(server, &data));

    /* All of it again is a replay. */
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(messages_carry(server, &second, i, NULL), 0x9000);
    }
    assert_nothing_waits(server);
    card_close(device);
    card_close(server);
}

static void test_part_with_other_content(void **state)
{
    struct card *const device = messages_card(NULL), *const server = messages_card(other_way);
    uint8_t bytes[512];
    struct sent_messages sent, forged;
    struct room data = ROOM_OF(bytes);

    (void)state;
    messages_fetch(device,
                   messages_store_coap(device, meet_hex(MEET_ADDRESS), messages_coap(200, bytes)),
                   &sent);
    forged = sent;
    forged.tpdu[1][forged.size[1] - 1] ^= 1;
    assert_int_equal(messages_carry(server, &sent, 1, NULL), 0x9000);
    /* ends the message */
    assert_int_equal(messages_carry(server, &forged, 1, NULL), 0x9000);
    assert_int_equal(messages_carry(server, &sent, 0, NULL), 0x9000);
    assert_nothing_waits(server);
    assert_int_equal(messages_carry(server, &sent, 1, NULL),
                     0x9000); /* and the sender may send it again */
    assert_true(messages_take(server, &data));
    card_close(device);
    card_close(server);
}

/* A packet in four messages, each of which is in order. */
static void test_four_parts(void **state)
{
    static const char *const headers[] = {"0700030104017000", "050003010402", "050003010403",
                                          "050003010404"};
    struct octets packet = meet_hex(MEET_PACKET), part;
    struct card *const card = messages_card(messages_with_report);

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_true(octets_take(&packet, i < 3 ? 10 : packet.size, &part));
        assert_int_equal(messages_envelope(card, MEET_ADDRESS, headers[i], part), 0x9000);
    }
    assert_nothing_waits(card);
    card_close(card);
}

/* A packet with the card's keys and counter 9, whatever its PCNTR and data are. */
static struct octets seal(uint8_t padding, struct octets data, uint8_t bytes[256])
{
    const struct octets keys = meet_hex(MEET_KEYS);
    uint8_t covered_bytes[256], body_bytes[256], mac[AES_BLOCK];
    struct room covered = ROOM_OF(covered_bytes), body = ROOM_OF(body_bytes);
    struct room packet = {.data = bytes, .capacity = 256};

    room_put_number(&covered, 2, 8 + 6 + 8 + data.size);
    room_put(&covered, meet_hex("1516001212b20203"
                                "0000000009"));
    room_put_number(&covered, 1, padding);
    room_put(&covered, data);
    assert_true(aes_cmac((struct octets){keys.data + 16, 16}, room_octets(&covered), mac));
    room_put(&body, (struct octets){covered_bytes + 10, 6});
    room_put(&body, (struct octets){mac, 8});
    room_put(&body, data);
    assert_int_equal(body.size % AES_BLOCK, 0);
    room_put(&packet, (struct octets){covered_bytes, 10});
    assert_true(cbc(CIPHER_AES, ENCIPHER, (struct octets){keys.data, 16}, NULL, room_octets(&body),
                    bytes + packet.size));
    return (struct octets){bytes, packet.size + body.size};
}

/* Under a right checksum, what is inside must still be right. */
static void test_authentic_and_wrong(void **state)
{
    static const struct {
        uint8_t padding;
        const char *data;
    } cases[] = {
        {3, "0501"}, /* more padding than data */
        {16, "0510"
             "00000000000000000000000000000000"
             "00000000000000000000000000000000"}, /* a whole block of it */
        {0, "0500"},                              /* no message */
        {0, "0410"
            "00000000000000000000000000000000"}, /* another tag */
        {0, "0511"
            "00000000000000000000000000000000"}, /* more than there is */
        {0, "050f"
            "00000000000000000000000000000000"}, /* less than there is */
        {0, "05810f"
            "000000000000000000000000000000"}, /* a length that is too long */
    };
    struct card *const card = messages_card(NULL);
    uint8_t bytes[256];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct octets packet = seal(cases[i].padding, meet_hex(cases[i].data), bytes);

        assert_int_equal(messages_envelope(card, MEET_ADDRESS, "027000", packet), 0x9000);
        assert_nothing_waits(card);
    }
    /* The counter was not used up, and any octets may be padding. */
    const struct octets packet = seal(15,
                                      meet_hex("050140"
                                               "ffffffffffffffffffffffffffffff"),
                                      bytes);
    assert_int_equal(messages_envelope(card, MEET_ADDRESS, "027000", packet), 0x9000);
    assert_message_waits(card, MEET_ADDRESS "05000140");
    card_close(card);
}

static void test_too_many_parts(void **state)
{
    struct card *const card = messages_card(messages_with_report);

    (void)state;
    assert_int_equal(
        messages_envelope(card, MEET_ADDRESS, "0700030104017000", meet_hex(MEET_PACKET)), 0x9000);
    assert_int_equal(
        messages_envelope(card, MEET_ADDRESS, "07000301ff017000", meet_hex(MEET_PACKET)), 0x9000);
    assert_int_equal(
        messages_envelope(card, MEET_ADDRESS, "0700030101007000", meet_hex(MEET_PACKET)), 0x9000);
    assert_int_equal(messages_envelope(card, MEET_ADDRESS, "050003010102", meet_hex(MEET_PACKET)),
                     0x9000);
    assert_nothing_waits(card);
    /* One part of one is a message, with either width of reference and in any order of elements. */
    assert_int_equal(messages_envelope(card, MEET_ADDRESS,
                                       "0870000804012301"
                                       "01",
                                       meet_hex(MEET_PACKET)),
                     0x9000);
    assert_message_waits(card, MEET_PAYLOAD);
    card_close(card);
}

static void test_reflection(void **state)
{
    struct card *const card = messages_card(NULL);
    uint8_t bytes[512];
    struct sent_messages sent;

    (void)state;
    messages_fetch(
        card, messages_store_coap(card, meet_hex(MEET_ADDRESS), messages_coap(30, bytes)), &sent);
    assert_int_equal(messages_carry(card, &sent, 0, NULL),
                     0x9000); /* same keys, and a counter that is higher */
    assert_nothing_waits(card);
    card_close(card);
}

static void test_full_inbox(void **state)
{
    struct card *const device = messages_card(NULL), *const server = messages_card(other_way);
    uint8_t bytes[512], tpdu_bytes[MESSAGES_TPDU];
    struct sent_messages sent;
    struct octets rest, head;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        messages_fetch(device,
                       messages_store_coap(device, meet_hex(MEET_ADDRESS), messages_coap(9, bytes)),
                       &sent);
        if (i < 4) {
            assert_int_equal(messages_carry(server, &sent, 0, NULL), 0x9000);
        }
    }
    rest = (struct octets){sent.tpdu[0], sent.size[0]};
    assert_true(octets_take(&rest, 14, &head));
    const struct octets tpdu = messages_deliver(MEET_ADDRESS, (struct octets){0}, rest, tpdu_bytes);
    assert_int_equal(meet_envelope(server, tpdu, NULL), 0x9300);
    assert_true(messages_take(server, NULL));
    assert_int_equal(meet_envelope(server, tpdu, NULL), 0x9000); /* not used up */
    for (size_t i = 0; i < 4; i++) {
        assert_true(messages_take(server, NULL));
    }
    assert_nothing_waits(server);
    card_close(device);
    card_close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_every_octet_is_checked),
        cmocka_unit_test(test_another_sender),
        cmocka_unit_test(test_other_short_messages),
        cmocka_unit_test(test_envelopes_that_are_none),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_part_with_other_content),
        cmocka_unit_test(test_four_parts),
        cmocka_unit_test(test_authentic_and_wrong),
        cmocka_unit_test(test_too_many_parts),
        cmocka_unit_test(test_reflection),
        cmocka_unit_test(test_full_inbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
