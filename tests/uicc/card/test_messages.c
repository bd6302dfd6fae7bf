/* Short messages through the card: in by ENVELOPE and GET DATA, out by STORE DATA and FETCH. */
#include "tests/support/test.h"
#include "tests/support/vector_file.h"
#include "tests/uicc/card/meet.h"

#include <unistd.h>

enum { PARTS = 3, TPDU_SIZE = 180 };

/* SMS-SUBMITs that were fetched. */
struct sent {
    size_t count;
    size_t size[PARTS];
    uint8_t tpdu[PARTS][TPDU_SIZE];
};

static struct octets bytes_of(const lwsec_vector *vector, const char *key)
{
    const lwsec_bytes bytes = lwsec_vector_bytes(vector, key);

    return (struct octets){bytes.data, bytes.size};
}

static void assert_octets(struct octets got, struct octets expected)
{
    assert_int_equal(got.size, expected.size);
    assert_memory_equal(got.data, expected.data, expected.size);
}

/* An SMS-DELIVER with so much user data. */
static struct octets deliver(const char *address, struct octets header, struct octets data,
                             uint8_t bytes[TPDU_SIZE])
{
    struct room tpdu = {.data = bytes, .capacity = TPDU_SIZE};

    room_put_number(&tpdu, 1, 0x44);
    room_put(&tpdu, meet_hex(address));
    room_put(&tpdu, meet_hex("7ff652114211000000"));
    room_put_number(&tpdu, 1, header.size + data.size);
    room_put(&tpdu, header);
    room_put(&tpdu, data);
    assert_false(tpdu.full);
    return room_octets(&tpdu);
}

static uint16_t envelope(struct card *card, const char *address, const char *header,
                         struct octets data)
{
    uint8_t bytes[TPDU_SIZE];

    return meet_envelope(card, deliver(address, meet_hex(header), data, bytes), NULL);
}

/* Whether a message waits for GET DATA, which takes it. */
static bool take(struct card *card, struct room *data)
{
    const uint16_t status = meet(card, "80ca000000", data);

    assert_true(status == 0x9000 || status >> 8 == 0x91 || status == 0x6a88);
    return status != 0x6a88;
}

static void assert_nothing(struct card *card)
{
    assert_int_equal(meet(card, "80ca000000", NULL), 0x6a88);
}

static void assert_message(struct card *card, const char *expected)
{
    uint8_t bytes[512];
    struct room data = ROOM_OF(bytes);

    assert_true(take(card, &data));
    assert_octets(room_octets(&data), meet_hex(expected));
    assert_nothing(card);
}

static struct card *selected(void (*change)(struct card_setup *setup))
{
    struct card *const card = meet_card(change);

    assert_int_equal(meet(card, MEET_SELECT, NULL), 0x9000);
    return card;
}

static uint16_t store(struct card *card, struct octets payload)
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

static uint16_t store_coap(struct card *card, struct octets address, struct octets coap)
{
    uint8_t bytes[600];
    struct room payload = ROOM_OF(bytes);

    room_put(&payload, address);
    room_put_number(&payload, 1, 5);
    room_put_number(&payload, 2, coap.size);
    room_put(&payload, coap);
    return store(card, room_octets(&payload));
}

/* FETCH and TERMINAL RESPONSE until nothing is announced; reads the commands as a terminal does. */
static void fetch_all(struct card *card, uint16_t status, struct sent *sent)
{
    *sent = (struct sent){0};
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
        assert_true(sent->count < PARTS && tpdu.size <= TPDU_SIZE);
        memcpy(sent->tpdu[sent->count], tpdu.data, tpdu.size);
        sent->size[sent->count++] = tpdu.size;

        room_put(&response, meet_hex("801400000c8103"));
        room_put_number(&response, 1, number);
        room_put(&response, meet_hex("130082028281830100"));
        status = meet_octets(card, room_octets(&response), NULL);
    }
    assert_int_equal(status, 0x9000);
}

/* The user data of an SMS-SUBMIT after its header, whose element 70 or 71 `element` names. */
static struct octets user_data(const struct sent *sent, size_t index, struct octets address,
                               uint8_t *element)
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

/* ---- Vectors, both ways ---- */

/* The SMS-DELIVERs of a message, where sms_tpdu.txt has it. */
struct transport {
    const char *name;
    struct card *card;
    struct room *answer;
    size_t parts;
};

static void deliver_vector(const lwsec_vector *vector, void *argument)
{
    struct transport *const transport = argument;

    if (strcmp(lwsec_vector_text(vector, "name"), transport->name) != 0) {
        return;
    }
    for (int64_t i = 1; i <= lwsec_vector_number(vector, "parts"); i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "tpdu%d", (int)i);
        const uint16_t status =
            meet_envelope(transport->card, bytes_of(vector, name), transport->answer);
        assert_true(status == 0x9000 || status >> 8 == 0x91);
        transport->parts++;
    }
}

static uint64_t counter_of(const lwsec_vector *vector)
{
    struct octets counter = bytes_of(vector, "counter");
    uint64_t number = 0;

    assert_true(octets_take_number(&counter, 5, &number));
    return number;
}

/* A card with a vector's association; NULL if LwM2M does not allow it. */
static struct card *card_of(const lwsec_vector *vector, uint64_t counter)
{
    uint8_t parameter_bytes[7], key_bytes[64];
    struct room parameters = ROOM_OF(parameter_bytes), keys = ROOM_OF(key_bytes);

    room_put(&parameters, bytes_of(vector, "kic"));
    room_put(&parameters, bytes_of(vector, "kid"));
    room_put(&parameters, bytes_of(vector, "spi"));
    room_put(&parameters, bytes_of(vector, "tar"));
    room_put(&keys, bytes_of(vector, "kic_key"));
    room_put(&keys, bytes_of(vector, "kid_key"));
    const struct card_setup setup = {
        .parameters = room_octets(&parameters),
        .keys = room_octets(&keys),
        .check_size = (size_t)lwsec_vector_number(vector, "check_size"),
        .received = counter,
        .sent = counter,
    };
    struct card *const card = card_open(&setup);

    if (card != NULL) {
        assert_int_equal(meet(card, MEET_SELECT, NULL), 0x9000);
    }
    return card;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The CoAP message of a vector's data, which is a BER-TLV. */
static struct octets coap_of(const lwsec_vector *vector)
{
    struct octets data = bytes_of(vector, "data"), coap;
    uint8_t tag;

    assert_true(octets_take_tlv(&data, &tag, &coap) && tag == 5 && data.size == 0);
    return coap;
}

static void receive_vector(const lwsec_vector *vector, void *argument)
{
    const char *const name = lwsec_vector_text(vector, "name");
    uint8_t bytes[512], expected_bytes[512], answer_bytes[64];
    struct room data = ROOM_OF(bytes), expected = ROOM_OF(expected_bytes);
    struct room answer = ROOM_OF(answer_bytes);

    if (!begins(name, "lwm2m-")) {
        return;
    }
    struct card *const card = card_of(vector, counter_of(vector) - 1);
    struct transport transport = {name, card, &answer, 0};
    assert_non_null(card);
    (void)lwsec_vector_each("sms_tpdu.txt", deliver_vector, &transport);
    assert_true(transport.parts > 0);
    assert_true(take(card, &data));
    room_put(&expected, meet_hex(MEET_ADDRESS));
    room_put_number(&expected, 1, 5);
    room_put_number(&expected, 2, coap_of(vector).size);
    room_put(&expected, coap_of(vector));
    assert_octets(room_octets(&data), room_octets(&expected));
    card_close(card);
    ++*(size_t *)argument;
}

static void send_vector(const lwsec_vector *vector, void *argument)
{
    const char *const name = lwsec_vector_text(vector, "name");
    const struct octets address = meet_hex(MEET_ADDRESS);
    uint8_t bytes[512], element;
    struct room packet = ROOM_OF(bytes);
    struct sent sent;

    if (!begins(name, "lwm2m-")) {
        return;
    }
    struct card *const card = card_of(vector, counter_of(vector) - 1);
    assert_non_null(card);
    fetch_all(card, store_coap(card, address, coap_of(vector)), &sent);
    for (size_t i = 0; i < sent.count; i++) {
        room_put(&packet, user_data(&sent, i, address, &element));
        assert_int_equal(element == 0x70, i == 0);
    }
    assert_octets(room_octets(&packet), bytes_of(vector, "packet"));
    card_close(card);
    ++*(size_t *)argument;
}

static void refuse_vector(const lwsec_vector *vector, void *argument)
{
    const char *const name = lwsec_vector_text(vector, "name");
    uint8_t bytes[64];
    struct room answer = ROOM_OF(bytes);

    if (!begins(name, "policy-")) {
        return;
    }
    struct card *const card = selected(NULL);
    struct transport transport = {name, card, &answer, 0};
    (void)lwsec_vector_each("sms_tpdu.txt", deliver_vector, &transport);
    assert_int_equal(transport.parts, 1);
    assert_int_equal(answer.size, 0);
    assert_nothing(card);
    assert_null(card_of(vector, 0));
    card_close(card);
    ++*(size_t *)argument;
}

static void test_vectors_are_received(void **state)
{
    size_t count = 0;

    (void)state;
    (void)lwsec_vector_each("sms_packets.txt", receive_vector, &count);
    assert_int_equal(count, 9);
}

static void test_vectors_are_sent(void **state)
{
    size_t count = 0;

    (void)state;
    (void)lwsec_vector_each("sms_packets.txt", send_vector, &count);
    assert_int_equal(count, 9);
}

static void test_what_lwm2m_does_not_allow(void **state)
{
    size_t count = 0;

    (void)state;
    (void)lwsec_vector_each("sms_packets.txt", refuse_vector, &count);
    assert_int_equal(count, 6);
}

/* ---- Receiving ---- */

static const char one[] = /* counter 1, SPI 1601 */
    "00281516011212b20203e3e462dc3b5487e12be3b92ee0b1a7e91e3970b5e6802f598b2223171a09cf97";
static const char payload[] = MEET_ADDRESS "05000e" MEET_COAP;

static void with_report(struct card_setup *setup)
{
    setup->parameters = meet_hex("12121601b20203");
}

static void test_replay(void **state)
{
    struct card *const card = selected(with_report);
    uint8_t bytes[TPDU_SIZE], first_bytes[64], second_bytes[64];
    struct room first = ROOM_OF(first_bytes), second = ROOM_OF(second_bytes);
    const struct octets tpdu = deliver(MEET_ADDRESS, meet_hex("027000"), meet_hex(one), bytes);

    (void)state;
    assert_int_equal(meet_envelope(card, tpdu, &first), 0x9000);
    assert_octets(room_octets(&first), meet_hex("027100000b0ab2020300000000010000"));
    assert_message(card, payload);
    assert_int_equal(meet_envelope(card, tpdu, &second), 0x9000);
    assert_int_equal(second.size, 0); /* not even a report */
    assert_nothing(card);
    card_reset(card);
    assert_int_equal(meet_envelope(card, tpdu, NULL), 0x9000);
    assert_int_equal(meet(card, MEET_SELECT, NULL), 0x9000);
    assert_nothing(card);
    card_close(card);
}

static void test_every_octet_is_checked(void **state)
{
    const struct octets packet = meet_hex(one);
    struct card *const card = selected(with_report);

    (void)state;
    for (size_t i = 0; i < packet.size; i++) {
        uint8_t bytes[64];

        memcpy(bytes, packet.data, packet.size);
        bytes[i] ^= 0x01;
        assert_int_equal(
            envelope(card, MEET_ADDRESS, "027000", (struct octets){bytes, packet.size}), 0x9000);
        assert_nothing(card);
        assert_int_equal(envelope(card, MEET_ADDRESS, "027000", (struct octets){packet.data, i}),
                         0x9000);
        assert_nothing(card);
    }
    /* Nothing of that used the counter up. */
    assert_int_equal(envelope(card, MEET_ADDRESS, "027000", packet), 0x9000);
    assert_message(card, payload);
    card_close(card);
}

static void hears_one(struct card_setup *setup)
{
    with_report(setup);
    setup->sender = meet_hex(MEET_ADDRESS);
}

static void test_another_sender(void **state)
{
    struct card *const card = selected(hears_one);

    (void)state;
    assert_int_equal(envelope(card, "0d91945111325476f9", "027000", meet_hex(one)), 0x9000);
    assert_nothing(card);
    assert_int_equal(envelope(card, "0d81945111325476f8", "027000", meet_hex(one)), 0x9000);
    assert_nothing(card);
    assert_int_equal(envelope(card, MEET_ADDRESS, "027000", meet_hex(one)), 0x9000);
    assert_message(card, payload);
    card_close(card);
}

/* TPDUs that are no secured packet, or say something else of themselves. */
static void test_other_short_messages(void **state)
{
    static const char *const headers[] = {
        "00", "027100", "03700100", "0470007000", "0370", "0100", "07000301010170",
    };
    struct card *const card = selected(with_report);
    uint8_t bytes[TPDU_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        assert_int_equal(envelope(card, MEET_ADDRESS, headers[i], meet_hex(one)), 0x9000);
        assert_nothing(card);
    }
    const struct octets tpdu = deliver(MEET_ADDRESS, meet_hex("027000"), meet_hex(one), bytes);
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
        assert_nothing(card);
        bytes[changes[i].at] = was;
    }
    bytes[11] = 0x16; /* the other coding of class 2 */
    assert_int_equal(meet_envelope(card, tpdu, NULL), 0x9000);
    assert_message(card, payload);
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
    struct card *const card = selected(NULL);

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

/* ---- Parts, and both ways between two cards ---- */

static void other_way(struct card_setup *setup)
{
    setup->sender = meet_hex(MEET_ADDRESS);
}

/* Gives SMS-SUBMITs to another card as SMS-DELIVERs from MEET_ADDRESS. */
static void carry(struct card *to, const struct sent *sent, size_t index)
{
    struct octets rest = {sent->tpdu[index], sent->size[index]}, head, data;
    uint8_t bytes[TPDU_SIZE];

    assert_true(octets_take(&rest, 2 + 9 + 2 + 1, &head));
    data = rest;
    const struct octets tpdu = deliver(MEET_ADDRESS, (struct octets){0}, data, bytes);
    assert_int_equal(meet_envelope(to, tpdu, NULL), 0x9000);
}

static struct octets long_coap(size_t size, uint8_t bytes[512])
{
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)i;
    }
    return (struct octets){bytes, size};
}

/* Every size there is: 96, 239 and 366 octets are the most for one, two and three messages. */
static void test_sizes(void **state)
{
    struct card *const device = selected(NULL), *const server = selected(other_way);
    uint8_t bytes[512], got[512];
    struct sent sent;

    (void)state;
    for (size_t size = 1; size <= 366; size++) {
        struct room data = ROOM_OF(got);
        const struct octets coap = long_coap(size, bytes);

        fetch_all(device, store_coap(device, meet_hex(MEET_ADDRESS), coap), &sent);
        assert_int_equal(sent.count, size <= 96 ? 1 : size <= 239 ? 2 : 3);
        for (size_t i = sent.count; i > 0; i--) { /* the last one first */
            carry(server, &sent, i - 1);
        }
        assert_true(take(server, &data));
        assert_octets((struct octets){got + 12, data.size - 12}, coap);
    }
    assert_int_equal(store_coap(device, meet_hex(MEET_ADDRESS), long_coap(367, bytes)), 0x6a84);
    assert_int_equal(store_coap(device, meet_hex(MEET_ADDRESS), long_coap(480, bytes)), 0x6a84);
    card_close(device);
    card_close(server);
}

static void test_parts(void **state)
{
    struct card *const device = selected(NULL), *const server = selected(other_way);
    uint8_t bytes[512];
    struct sent first, second;
    struct room data = ROOM_OF(bytes);

    (void)state;
    fetch_all(device, store_coap(device, meet_hex(MEET_ADDRESS), long_coap(300, bytes)), &first);
    fetch_all(device, store_coap(device, meet_hex(MEET_ADDRESS), long_coap(310, bytes)), &second);
    assert_int_equal(first.count, 3);
    assert_int_equal(second.count, 3);

    /* Interleaved, and a part that comes twice is no harm. */
    carry(server, &first, 2);
    carry(server, &first, 2);
    carry(server, &second, 0);
    carry(server, &first, 0);
    carry(server, &second, 1);
    assert_nothing(server);
    carry(server, &first, 1);
    assert_true(take(server, &data));
    data.size = 0;
    carry(server, &second, 2);
    assert_true(take(server, &data));

    /* All of it again is a replay. */
    for (size_t i = 0; i < 3; i++) {
        carry(server, &second, i);
    }
    assert_nothing(server);
    card_close(device);
    card_close(server);
}

static void test_part_with_other_content(void **state)
{
    struct card *const device = selected(NULL), *const server = selected(other_way);
    uint8_t bytes[512];
    struct sent sent, forged;
    struct room data = ROOM_OF(bytes);

    (void)state;
    fetch_all(device, store_coap(device, meet_hex(MEET_ADDRESS), long_coap(200, bytes)), &sent);
    forged = sent;
    forged.tpdu[1][forged.size[1] - 1] ^= 1;
    carry(server, &sent, 1);
    carry(server, &forged, 1); /* ends the message */
    carry(server, &sent, 0);
    assert_nothing(server);
    carry(server, &sent, 1); /* and the sender may send it again */
    assert_true(take(server, &data));
    card_close(device);
    card_close(server);
}

static void test_too_many_parts(void **state)
{
    struct card *const card = selected(with_report);

    (void)state;
    assert_int_equal(envelope(card, MEET_ADDRESS, "0700030104017000", meet_hex(one)), 0x9000);
    assert_int_equal(envelope(card, MEET_ADDRESS, "07000301ff017000", meet_hex(one)), 0x9000);
    assert_int_equal(envelope(card, MEET_ADDRESS, "0700030101007000", meet_hex(one)), 0x9000);
    assert_int_equal(envelope(card, MEET_ADDRESS, "0700030101027000", meet_hex(one)), 0x9000);
    assert_nothing(card);
    /* One part of one is a message, with either width of reference and in any order of elements. */
    assert_int_equal(envelope(card, MEET_ADDRESS,
                              "0870000804012301"
                              "01",
                              meet_hex(one)),
                     0x9000);
    assert_message(card, payload);
    card_close(card);
}

static void test_reflection(void **state)
{
    struct card *const card = selected(NULL);
    uint8_t bytes[512];
    struct sent sent;

    (void)state;
    fetch_all(card, store_coap(card, meet_hex(MEET_ADDRESS), long_coap(30, bytes)), &sent);
    carry(card, &sent, 0); /* same keys, and a counter that is higher */
    assert_nothing(card);
    card_close(card);
}

static void test_full_inbox(void **state)
{
    struct card *const device = selected(NULL), *const server = selected(other_way);
    uint8_t bytes[512], tpdu_bytes[TPDU_SIZE];
    struct sent sent;
    struct octets rest, head;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        fetch_all(device, store_coap(device, meet_hex(MEET_ADDRESS), long_coap(9, bytes)), &sent);
        if (i < 4) {
            carry(server, &sent, 0);
        }
    }
    rest = (struct octets){sent.tpdu[0], sent.size[0]};
    assert_true(octets_take(&rest, 14, &head));
    const struct octets tpdu = deliver(MEET_ADDRESS, (struct octets){0}, rest, tpdu_bytes);
    assert_int_equal(meet_envelope(server, tpdu, NULL), 0x9300);
    assert_true(take(server, NULL));
    assert_int_equal(meet_envelope(server, tpdu, NULL), 0x9000); /* not used up */
    for (size_t i = 0; i < 4; i++) {
        assert_true(take(server, NULL));
    }
    assert_nothing(server);
    card_close(device);
    card_close(server);
}

/* ---- Sending ---- */

static void test_payloads_that_are_wrong(void **state)
{
    static const char *const wrong[] = {
        MEET_ADDRESS,
        MEET_ADDRESS "05",
        MEET_ADDRESS "0500",
        MEET_ADDRESS "050000",
        MEET_ADDRESS "04000e" MEET_COAP, /* another tag */
        MEET_ADDRESS "05000d" MEET_COAP, /* something after it */
        MEET_ADDRESS "05000f" MEET_COAP, /* not all of it */
        MEET_ADDRESS "050e00" MEET_COAP, /* little-endian */
        MEET_ADDRESS "050e" MEET_COAP,   /* the length of a BER-TLV */
        "009105000e" MEET_COAP,          /* no digits */
        "1591000000000000000000000005000e" MEET_COAP,
        "04d0616205000e" MEET_COAP, /* letters */
    };
    struct card *const card = selected(NULL);
    struct sent sent;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(store(card, meet_hex(wrong[i])), 0x6a80);
    }
    /* Numbers that GET DATA's vectors have. */
    fetch_all(card, store(card, meet_hex("05812143f505000e" MEET_COAP)), &sent);
    assert_int_equal(sent.count, 1);
    fetch_all(card, store(card, meet_hex("0191f105000e" MEET_COAP)), &sent);
    assert_int_equal(sent.count, 1);
    card_close(card);
}

static void test_blocks(void **state)
{
    struct card *const card = selected(NULL);
    struct sent sent;

    (void)state;
    assert_int_equal(meet(card, "80e2000009" MEET_ADDRESS, NULL), 0x9000);
    assert_int_equal(meet(card,
                          "80e2800103"
                          "05000e",
                          NULL),
                     0x6a80); /* ended too early */
    assert_int_equal(meet(card, "80e280020e" MEET_COAP, NULL), 0x6a86);
    assert_int_equal(meet(card, "80e2000009" MEET_ADDRESS, NULL), 0x9000);
    assert_int_equal(meet(card,
                          "80e2800203"
                          "05000e",
                          NULL),
                     0x6a86); /* one left out */
    assert_int_equal(meet(card,
                          "80e2800103"
                          "05000e",
                          NULL),
                     0x6a86);                                              /* begun anew */
    assert_int_equal(meet(card, "80e2400009" MEET_ADDRESS, NULL), 0x6a86); /* reserved bits */
    assert_int_equal(meet(card, "80e2000009" MEET_ADDRESS, NULL), 0x9000);
    assert_int_equal(meet(card, "80e2000009" MEET_ADDRESS, NULL), 0x9000); /* and over */
    assert_int_equal(meet(card,
                          "80e2000103"
                          "05000e",
                          NULL),
                     0x9000);
    fetch_all(card, meet(card, "80e280020e" MEET_COAP, NULL), &sent);
    assert_int_equal(sent.count, 1);
    card_close(card);
}

static void test_terminal_responses(void **state)
{
    struct card *const card = selected(NULL);
    uint8_t bytes[256];
    struct room data = ROOM_OF(bytes);
    uint16_t status = store(card, meet_hex(payload));

    (void)state;
    assert_int_equal(status >> 8, 0x91);
    assert_int_equal(meet(card, "801400000c810301130082028281830100", NULL), 0x6985);
    assert_int_equal(meet_once(card, meet_hex("80f2000c"), NULL), status);
    assert_int_equal(meet_once(card, meet_hex("8012000001"), NULL), 0x6c00 | (status & 0xFF));
    assert_int_equal(meet(card, "8012000000", &data), 0x9000);
    assert_int_equal(meet(card, "8012000000", NULL), 0x6985); /* it is there already */
    assert_int_equal(meet(card, "80f2000c", NULL), 0x9000);
    assert_int_equal(meet(card, "801400000c810302130082028281830100", NULL), 0x6a80);
    assert_int_equal(meet(card, "801400000c810301210082028281830100", NULL), 0x6a80);
    assert_int_equal(meet(card, "8014000009810301130082028281", NULL), 0x6a80);

    /* After a reset the terminal gets it again, with the same packet. */
    uint8_t again_bytes[256];
    struct room again = ROOM_OF(again_bytes);
    card_reset(card);
    assert_int_equal(meet(card, "8012000000", &again), 0x9000);
    assert_octets(room_octets(&again), room_octets(&data));
    assert_int_equal(meet(card, "801400000c810301130082028281830135", NULL), 0x9000); /* failed */
    assert_int_equal(meet(card, "80f2000c", NULL), 0x9000);
    card_close(card);
}

static void test_full_outbox(void **state)
{
    struct card *const card = selected(NULL);
    uint8_t bytes[512];

    (void)state;
    assert_int_equal(store_coap(card, meet_hex(MEET_ADDRESS), long_coap(300, bytes)) >> 8, 0x91);
    assert_int_equal(store_coap(card, meet_hex(MEET_ADDRESS), long_coap(200, bytes)) >> 8, 0x91);
    assert_int_equal(store_coap(card, meet_hex(MEET_ADDRESS), long_coap(200, bytes)), 0x9300);
    const uint16_t status = store_coap(card, meet_hex(MEET_ADDRESS), long_coap(20, bytes));
    assert_int_equal(status >> 8, 0x91);
    card_close(card);
}

/* Through the secure channel 91xx would be under the MAC: STATUS tells instead. */
static void test_secured_exchange(void **state)
{
    struct card *const card = selected(with_report);
    const struct octets nothing = {0};
    uint8_t bytes[512];
    struct room data = ROOM_OF(bytes);
    struct host host;
    struct sent sent;

    (void)state;
    host_open(&host, card, 0, 0x33);
    assert_int_equal(envelope(card, MEET_ADDRESS, "027000", meet_hex(one)), 0x9000);
    assert_int_equal(host_send(&host, "80ca0000", nothing, &data), 0x9000);
    assert_octets(room_octets(&data), meet_hex(payload));
    assert_int_equal(host_send(&host, "80e28000", room_octets(&data), NULL), 0x9000);
    fetch_all(card, meet(card, "80f2000c", NULL), &sent);
    assert_int_equal(sent.count, 1);
    assert_int_equal(host_send(&host, "80ca0000", nothing, NULL), 0x6a88);

    /* Without a MAC on responses it is announced at once. */
    host_open(&host, card, 0, 0x03);
    assert_int_equal(host_send(&host, "80e28000", room_octets(&data), NULL) >> 8, 0x91);
    card_close(card);
}

/* More than one response can carry. */
static void test_long_answers(void **state)
{
    struct card *const device = selected(NULL), *const server = selected(other_way);
    const struct octets nothing = {0};
    uint8_t bytes[512], got[512];
    struct room data = ROOM_OF(got);
    struct sent sent;
    struct host host;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct octets address = meet_hex(MEET_ADDRESS);

        fetch_all(device, store_coap(device, address, long_coap(360, bytes)), &sent);
        for (size_t part = 0; part < 3; part++) {
            carry(server, &sent, part);
        }
    }
    assert_int_equal(meet_once(server, meet_hex("80ca000010"), NULL), 0x6c00);
    assert_int_equal(meet_once(server, meet_hex("80ca000000"), &data), 0x6174);
    assert_int_equal(data.size, 256);
    assert_int_equal(meet_once(server, meet_hex("00c0000074"), &data), 0x9000);
    assert_octets((struct octets){got + 12, data.size - 12}, long_coap(360, bytes));
    data.size = 0;
    host_open(&host, server, 0, 0x33);
    assert_int_equal(host_send(&host, "80ca0000", nothing, &data), 0x9000);
    assert_octets((struct octets){got + 12, data.size - 12}, long_coap(360, bytes));
    card_close(device);
    card_close(server);
}

/* ---- The ledger ---- */

static char ledger_path[64];

static void with_ledger(struct card_setup *setup)
{
    with_report(setup);
    setup->ledger = ledger_path;
}

static void test_ledger(void **state)
{
    char folder[] = "card-ledger-XXXXXX";
    uint8_t bytes[512], element;
    struct sent first, second;
    const struct octets address = meet_hex(MEET_ADDRESS);

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(ledger_path, sizeof(ledger_path), "%s/ledger", folder);
    struct card *card = selected(with_ledger);
    assert_int_equal(envelope(card, MEET_ADDRESS, "027000", meet_hex(one)), 0x9000);
    assert_message(card, payload);
    fetch_all(card, store_coap(card, address, long_coap(9, bytes)), &first);
    card_close(card);

    card = selected(with_ledger);
    assert_int_equal(envelope(card, MEET_ADDRESS, "027000", meet_hex(one)), 0x9000);
    assert_nothing(card);
    carry(card, &first, 0); /* what it sent in its life before */
    assert_nothing(card);
    fetch_all(card, store_coap(card, address, long_coap(9, bytes)), &second);
    assert_memory_not_equal(user_data(&first, 0, address, &element).data + 10,
                            user_data(&second, 0, address, &element).data + 10, 16);
    card_close(card);

    /* A ledger that is none is not begun anew. */
    FILE *const file = fopen(ledger_path, "w");
    assert_non_null(file);
    (void)fputs("lwsec-test-card 1", file);
    (void)fclose(file);
    struct card_setup setup = {.parameters = meet_hex(MEET_PARAMETERS),
                               .keys = meet_hex(MEET_KEYS)};
    setup.ledger = ledger_path;
    assert_null(card_open(&setup));
    assert_int_equal(unlink(ledger_path), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* The folder is gone: nothing is delivered, nothing sent, no session begun. */
static void test_ledger_that_fails(void **state)
{
    char folder[] = "card-ledger-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(ledger_path, sizeof(ledger_path), "%s/ledger", folder);
    struct card *const card = selected(with_ledger);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(envelope(card, MEET_ADDRESS, "027000", meet_hex(one)), 0x9000);
    assert_nothing(card);
    assert_int_equal(store(card, meet_hex(payload)), 0x6f00);
    assert_int_equal(meet(card, "80f2000c", NULL), 0x9000);
    assert_int_equal(meet(card,
                          "8050000008"
                          "0102030405060708",
                          NULL),
                     0x6f00);
    card_close(card);
}

static void at_the_end(struct card_setup *setup)
{
    setup->sent = UINT64_C(0xFFFFFFFFFE);
}

static void test_last_counter(void **state)
{
    struct card *const card = selected(at_the_end);

    (void)state;
    assert_int_equal(store(card, meet_hex(payload)) >> 8, 0x91);
    assert_int_equal(store(card, meet_hex(payload)), 0x6a84);
    card_close(card);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_are_received),
        cmocka_unit_test(test_vectors_are_sent),
        cmocka_unit_test(test_what_lwm2m_does_not_allow),
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_every_octet_is_checked),
        cmocka_unit_test(test_another_sender),
        cmocka_unit_test(test_other_short_messages),
        cmocka_unit_test(test_envelopes_that_are_none),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_part_with_other_content),
        cmocka_unit_test(test_too_many_parts),
        cmocka_unit_test(test_reflection),
        cmocka_unit_test(test_full_inbox),
        cmocka_unit_test(test_payloads_that_are_wrong),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_terminal_responses),
        cmocka_unit_test(test_full_outbox),
        cmocka_unit_test(test_secured_exchange),
        cmocka_unit_test(test_long_answers),
        cmocka_unit_test(test_ledger),
        cmocka_unit_test(test_ledger_that_fails),
        cmocka_unit_test(test_last_counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
