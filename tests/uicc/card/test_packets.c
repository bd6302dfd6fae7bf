/* The packets of LwM2M that third parties agree on, through the card in both directions. */
#include "tests/support/test.h"
#include "tests/support/vector_file.h"
#include "tests/uicc/card/messages.h"

static struct octets bytes_of(const lwsec_vector *vector, const char *key)
{
    const lwsec_bytes bytes = lwsec_vector_bytes(vector, key);

    return (struct octets){bytes.data, bytes.size};
}

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
    assert_true(messages_take(card, &data));
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
    struct sent_messages sent;

    if (!begins(name, "lwm2m-")) {
        return;
    }
    struct card *const card = card_of(vector, counter_of(vector) - 1);
    assert_non_null(card);
    messages_fetch(card, messages_store_coap(card, address, coap_of(vector)), &sent);
    for (size_t i = 0; i < sent.count; i++) {
        room_put(&packet, messages_user_data(&sent, i, address, &element));
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
    struct card *const card = messages_card(NULL);
    struct transport transport = {name, card, &answer, 0};
    (void)lwsec_vector_each("sms_tpdu.txt", deliver_vector, &transport);
    assert_int_equal(transport.parts, 1);
    assert_int_equal(answer.size, 0);
    assert_nothing_waits(card);
    assert_null(card_of(vector, 0));
    card_close(card);
    ++*(size_t *)argument;
}

/* A card whose SPI2 is this, and a packet of counter 1 for it, which such a card has sealed. */
static struct card *report_card(struct octets spi2, struct sent_messages *sent)
{
    uint8_t bytes[7];
    struct room parameters = ROOM_OF(bytes);

    room_put(&parameters, meet_hex("121216"));
    room_put(&parameters, spi2);
    room_put(&parameters, meet_hex("b20203"));
    const struct card_setup setup = {
        .parameters = room_octets(&parameters),
        .keys = meet_hex(MEET_KEYS),
    };
    struct card *const device = card_open(&setup), *const card = card_open(&setup);

    assert_true(device != NULL && card != NULL);
    assert_int_equal(meet(device, MEET_SELECT, NULL), 0x9000);
    messages_fetch(device, messages_store(device, meet_hex(MEET_PAYLOAD)), sent);
    assert_int_equal(sent->count, 1);
    card_close(device);
    return card;
}

/* The same report in the answer to ENVELOPE, and by SMS-SUBMIT. */
static void report_vector(const lwsec_vector *vector, void *argument)
{
    const char *const name = lwsec_vector_text(vector, "name");
    uint8_t bytes[64], element;
    struct room answer = ROOM_OF(bytes), none = ROOM_OF(bytes);
    struct sent_messages sent, report;

    if (strcmp(name, "por-aes-cc") != 0 && strcmp(name, "por-aes-cc-ciph") != 0) {
        return;
    }
    const struct octets spi2 = bytes_of(vector, "spi2"), packet = bytes_of(vector, "packet");
    const uint8_t by_submit = (uint8_t)(spi2.data[0] | 0x20);
    struct card *card = report_card(spi2, &sent);
    assert_int_equal(messages_carry(card, &sent, 0, &answer), 0x9000);
    assert_octets((struct octets){bytes, 3}, meet_hex("027100"));
    assert_octets((struct octets){bytes + 3, answer.size - 3}, packet);
    card_close(card);

    card = report_card((struct octets){&by_submit, 1}, &sent);
    const uint16_t status = messages_carry(card, &sent, 0, &none);
    assert_int_equal(none.size, 0);
    messages_fetch(card, status, &report);
    assert_int_equal(report.count, 1);
    const struct octets data = messages_user_data(&report, 0, meet_hex(MEET_ADDRESS), &element);
    assert_octets(data, packet);
    assert_int_equal(element, 0x71);
    card_close(card);
    ++*(size_t *)argument;
}

static void test_reports(void **state)
{
    size_t count = 0;

    (void)state;
    (void)lwsec_vector_each("sms_packets.txt", report_vector, &count);
    assert_int_equal(count, 2);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_are_received),
        cmocka_unit_test(test_vectors_are_sent),
        cmocka_unit_test(test_reports),
        cmocka_unit_test(test_what_lwm2m_does_not_allow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
