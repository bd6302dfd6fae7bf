/* What the card sends: payloads, blocks, proactive commands, and its ledger. */
#include "tests/support/test.h"
#include "tests/uicc/card/messages.h"

#include <unistd.h>

static void other_way(struct card_setup *setup)
{
    setup->sender = meet_hex(MEET_ADDRESS);
}

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
    struct card *const card = messages_card(NULL);
    struct sent_messages sent;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(messages_store(card, meet_hex(wrong[i])), 0x6a80);
    }
    /* Numbers that GET DATA's vectors have. */
    messages_fetch(card, messages_store(card, meet_hex("05812143f505000e" MEET_COAP)), &sent);
    assert_int_equal(sent.count, 1);
    messages_fetch(card, messages_store(card, meet_hex("0191f105000e" MEET_COAP)), &sent);
    assert_int_equal(sent.count, 1);
    card_close(card);
}

static void test_blocks(void **state)
{
    struct card *const card = messages_card(NULL);
    struct sent_messages sent;

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
    messages_fetch(card, meet(card, "80e280020e" MEET_COAP, NULL), &sent);
    assert_int_equal(sent.count, 1);
    card_close(card);
}

static void test_terminal_responses(void **state)
{
    struct card *const card = messages_card(NULL);
    uint8_t bytes[256];
    struct room data = ROOM_OF(bytes);
    uint16_t status = messages_store(card, meet_hex(MEET_PAYLOAD));

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
    struct card *const card = messages_card(NULL);
    uint8_t bytes[512];

    (void)state;
    assert_int_equal(
        messages_store_coap(card, meet_hex(MEET_ADDRESS), messages_coap(300, bytes)) >> 8, 0x91);
    assert_int_equal(
        messages_store_coap(card, meet_hex(MEET_ADDRESS), messages_coap(200, bytes)) >> 8, 0x91);
    assert_int_equal(messages_store_coap(card, meet_hex(MEET_ADDRESS), messages_coap(200, bytes)),
                     0x9300);
    const uint16_t status =
        messages_store_coap(card, meet_hex(MEET_ADDRESS), messages_coap(20, bytes));
    assert_int_equal(status >> 8, 0x91);
    card_close(card);
}

/* Through the secure channel 91xx would be under the MAC: STATUS tells instead. */
static void test_secured_exchange(void **state)
{
    struct card *const card = messages_card(messages_with_report);
    const struct octets nothing = {0};
    uint8_t bytes[512];
    struct room data = ROOM_OF(bytes);
    struct host host;
    struct sent_messages sent;

    (void)state;
    host_open(&host, card, 0, 0x33);
    assert_int_equal(messages_envelope(card, MEET_ADDRESS, "027000", meet_hex(MEET_PACKET)),
                     0x9000);
    assert_int_equal(host_send(&host, "80ca0000", nothing, &data), 0x9000);
    assert_octets(room_octets(&data), meet_hex(MEET_PAYLOAD));
    assert_int_equal(host_send(&host, "80e28000", room_octets(&data), NULL), 0x9000);
    messages_fetch(card, meet(card, "80f2000c", NULL), &sent);
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
    struct card *const device = messages_card(NULL), *const server = messages_card(other_way);
    const struct octets nothing = {0};
    uint8_t bytes[512], got[512];
    struct room data = ROOM_OF(got);
    struct sent_messages sent;
    struct host host;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct octets address = meet_hex(MEET_ADDRESS);

        messages_fetch(device, messages_store_coap(device, address, messages_coap(360, bytes)),
                       &sent);
        for (size_t part = 0; part < 3; part++) {
            assert_int_equal(messages_carry(server, &sent, part, NULL), 0x9000);
        }
    }
    assert_int_equal(meet_once(server, meet_hex("80ca000010"), NULL), 0x6c00);
    assert_int_equal(meet_once(server, meet_hex("80ca000000"), &data), 0x6174);
    assert_int_equal(data.size, 256);
    assert_int_equal(meet_once(server, meet_hex("00c0000074"), &data), 0x9000);
    assert_octets((struct octets){got + 12, data.size - 12}, messages_coap(360, bytes));
    data.size = 0;
    host_open(&host, server, 0, 0x33);
    assert_int_equal(host_send(&host, "80ca0000", nothing, &data), 0x9000);
    assert_octets((struct octets){got + 12, data.size - 12}, messages_coap(360, bytes));
    card_close(device);
    card_close(server);
}

static char ledger_path[64];

static void with_ledger(struct card_setup *setup)
{
    messages_with_report(setup);
    setup->ledger = ledger_path;
}

static void test_ledger(void **state)
{
    char folder[] = "card-ledger-XXXXXX";
    uint8_t bytes[512], element;
    struct sent_messages first, second;
    const struct octets address = meet_hex(MEET_ADDRESS);

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(ledger_path, sizeof(ledger_path), "%s/ledger", folder);
    struct card *card = messages_card(with_ledger);
    assert_int_equal(messages_envelope(card, MEET_ADDRESS, "027000", meet_hex(MEET_PACKET)),
                     0x9000);
    assert_message_waits(card, MEET_PAYLOAD);
    messages_fetch(card, messages_store_coap(card, address, messages_coap(9, bytes)), &first);
    card_close(card);

    card = messages_card(with_ledger);
    assert_int_equal(messages_envelope(card, MEET_ADDRESS, "027000", meet_hex(MEET_PACKET)),
                     0x9000);
    assert_nothing_waits(card);
    assert_int_equal(messages_carry(card, &first, 0, NULL),
                     0x9000); /* what it sent in its life before */
    assert_nothing_waits(card);
    messages_fetch(card, messages_store_coap(card, address, messages_coap(9, bytes)), &second);
    assert_memory_not_equal(messages_user_data(&first, 0, address, &element).data + 10,
                            messages_user_data(&second, 0, address, &element).data + 10, 16);
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
    struct card *const card = messages_card(with_ledger);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(messages_envelope(card, MEET_ADDRESS, "027000", meet_hex(MEET_PACKET)),
                     0x9000);
    assert_nothing_waits(card);
    assert_int_equal(messages_store(card, meet_hex(MEET_PAYLOAD)), 0x6f00);
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
    struct card *const card = messages_card(at_the_end);

    (void)state;
    assert_int_equal(messages_store(card, meet_hex(MEET_PAYLOAD)) >> 8, 0x91);
    assert_int_equal(messages_store(card, meet_hex(MEET_PAYLOAD)), 0x6a84);
    card_close(card);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
