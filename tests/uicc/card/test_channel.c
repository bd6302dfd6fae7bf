/* The card's end of SCP03: what closes it, what it keeps out, what it protects. */
#include "tests/support/test.h"
#include "tests/uicc/card/meet.h"

static const struct octets nothing;

static struct card *selected(void)
{
    struct card *const card = meet_card(NULL);

    assert_int_equal(meet(card, MEET_SELECT, NULL), 0x9000);
    return card;
}

static void test_every_level_carries_data(void **state)
{
    static const uint8_t levels[] = {0x01, 0x03, 0x11, 0x13, 0x33};

    (void)state;
    for (size_t i = 0; i < sizeof(levels); i++) {
        struct card *const card = meet_card(NULL);
        uint8_t bytes[256];
        struct room data = ROOM_OF(bytes);
        struct host host;

        assert_int_equal(meet(card, MEET_SELECT_PKCS15, NULL), 0x9000);
        host_open(&host, card, 0, levels[i]);
        assert_int_equal(host_send(&host, "00a40004", meet_hex("6432"), &data), 0x9000);
        assert_int_equal(data.data[0], 0x62);
        data.size = 0;
        assert_int_equal(host_send(&host, "00b00000", nothing, &data), 0x9000);
        assert_int_equal(data.size, 47);
        data.size = 0;
        assert_int_equal(host_send(&host, "00b0002c", nothing, &data), 0x9000);
        assert_int_equal(data.size, 3);
        /* An error is not protected, and the session goes on. */
        assert_int_equal(host_send(&host, "00b00100", nothing, NULL), 0x6b00);
        assert_int_equal(host_send(&host, "00a4000c", meet_hex("5031"), NULL), 0x9000);
        card_close(card);
    }
}

/* Data that is empty stays empty: nothing but the MAC comes back. */
static void test_empty_answer(void **state)
{
    struct card *const card = meet_card(NULL);
    uint8_t bytes[64];
    struct room command = ROOM_OF(bytes);
    struct host host;

    (void)state;
    assert_int_equal(meet(card, MEET_SELECT_PKCS15, NULL), 0x9000);
    host_open(&host, card, 0, 0x33);
    host_wrap(&host, meet_hex("00a4000c"), meet_hex("5031"), &command);
    assert_int_equal(meet_once(card, room_octets(&command), NULL), 0x6108);
    card_close(card);
}

/* A command that says it is secured and carries no MAC. */
static void test_no_mac(void **state)
{
    struct card *const card = selected();
    struct host host;

    (void)state;
    host_open(&host, card, 0, 0x33);
    assert_int_equal(meet_once(card, meet_hex("84ca000000"), NULL), 0x6988);
    assert_int_equal(meet(card, "80ca000000", NULL), 0x6a88); /* closed */
    host_open(&host, card, 0, 0x33);
    assert_int_equal(meet_once(card, meet_hex("84ca00000701020304050607"), NULL), 0x6988);
    assert_int_equal(meet(card, "80ca000000", NULL), 0x6a88);
    card_close(card);
}

/* On another logical channel the MAC is over the class without it. */
static void test_logical_channel(void **state)
{
    struct card *const card = meet_card(NULL);
    uint8_t bytes[256];
    struct room data = ROOM_OF(bytes);
    struct host host;

    (void)state;
    assert_int_equal(meet(card, "0070000001", &data), 0x9000);
    assert_int_equal(meet(card, "01a4040c0a" MEET_AID, NULL), 0x9000);
    host_open(&host, card, 1, 0x33);
    assert_int_equal(host_send(&host, "80ca0000", nothing, NULL), 0x6a88);
    assert_int_equal(meet(card, "81ca000000", NULL), 0x6982);
    card_close(card);
}

/* The session is gone: nothing goes through it, and plain commands are heard again. */
static void assert_closed(struct host *host)
{
    assert_int_equal(host_send(host, "80ca0000", nothing, NULL), 0x6982);
    assert_int_equal(meet(host->card, "80ca000000", NULL), 0x6a88);
}

static void test_every_octet_is_under_the_mac(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5 + 16 + 8; i++) {
        struct card *const card = selected();
        uint8_t bytes[64];
        struct room command = ROOM_OF(bytes);
        struct host host;

        host_open(&host, card, 0, 0x33);
        host_wrap(&host, meet_hex("80ca0000"), meet_hex("0102"), &command);
        assert_int_equal(command.size, 5 + 16 + 8);
        if (i == 1) {
            bytes[i] = 0xE2; /* another instruction that exists */
        } else if (i != 0 && i != 4) {
            bytes[i] ^= 0x01; /* class and Lc are tested elsewhere */
        } else {
            bytes[2] ^= 0x80;
        }
        assert_int_equal(meet_octets(card, room_octets(&command), NULL), 0x6988);
        assert_closed(&host);
        card_close(card);
    }
}

static void test_replayed_command(void **state)
{
    struct card *const card = selected();
    uint8_t bytes[64];
    struct room command = ROOM_OF(bytes);
    struct host host;

    (void)state;
    host_open(&host, card, 0, 0x03);
    host_wrap(&host, meet_hex("80ca0000"), nothing, &command);
    assert_int_equal(meet_octets(card, room_octets(&command), NULL), 0x6a88);
    assert_int_equal(meet_octets(card, room_octets(&command), NULL), 0x6988);
    assert_closed(&host);
    card_close(card);
}

static void test_left_out_command(void **state)
{
    struct card *const card = selected();
    uint8_t bytes[64];
    struct room command = ROOM_OF(bytes);
    struct host host;

    (void)state;
    host_open(&host, card, 0, 0x01);
    host_wrap(&host, meet_hex("80ca0000"), nothing, &command);
    assert_int_equal(host_send(&host, "80ca0000", nothing, NULL), 0x6988);
    assert_closed(&host);
    card_close(card);
}

/* Ciphered data with a right MAC and a wrong padding. */
static void test_wrong_padding(void **state)
{
    struct card *const card = selected();
    uint8_t bytes[64];
    struct room command = ROOM_OF(bytes);
    struct host host;

    (void)state;
    host_open(&host, card, 0, 0x03);
    host.level = 0x01; /* so that 16 octets go out as they are */
    host_wrap(&host, meet_hex("80e28000"), meet_hex("00000000000000000000000000000000"), &command);
    assert_int_equal(meet_octets(card, room_octets(&command), NULL), 0x6988);
    card_close(card);
}

static void test_plain_command_in_a_session(void **state)
{
    struct card *const card = selected();
    struct host host;

    (void)state;
    host_open(&host, card, 0, 0x33);
    assert_int_equal(meet(card, "80f2000c", NULL), 0x9000); /* the terminal's own */
    assert_int_equal(host_send(&host, "80ca0000", nothing, NULL), 0x6a88);
    assert_int_equal(meet(card, "80ca000000", NULL), 0x6982);
    assert_closed(&host);
    card_close(card);
}

static void test_selection_and_reset_close(void **state)
{
    struct card *const card = selected();
    struct host host;

    (void)state;
    host_open(&host, card, 0, 0x33);
    assert_int_equal(meet(card, MEET_SELECT, NULL), 0x9000);
    assert_closed(&host);
    host_open(&host, card, 0, 0x33);
    card_reset(card);
    assert_int_equal(meet(card, MEET_SELECT, NULL), 0x9000);
    assert_closed(&host);
    card_close(card);
}

static void test_wrong_host(void **state)
{
    struct card *const card = selected();
    struct host host;

    (void)state;
    host_begin(&host, card, 0);
    host.cryptogram[7] ^= 1; /* under a right MAC */
    assert_int_equal(host_authenticate(&host, 0x33), 0x6300);
    host.cryptogram[7] ^= 1;
    assert_int_equal(host_authenticate(&host, 0x33), 0x6985); /* it must begin anew */

    host_begin(&host, card, 0);
    host.mac[0] ^= 1;
    assert_int_equal(host_authenticate(&host, 0x33), 0x6300);

    host_begin(&host, card, 0);
    assert_int_equal(host_authenticate(&host, 0x00), 0x6300); /* no level of LwM2M */
    host_begin(&host, card, 0);
    assert_int_equal(host_authenticate(&host, 0x30), 0x6300);

    host_begin(&host, card, 0); /* between the two, nothing is protected yet */
    assert_int_equal(host_send(&host, "80ca0000", nothing, NULL), 0x6982);

    assert_int_equal(meet(card,
                          "8050310008"
                          "0102030405060708",
                          NULL),
                     0x6a88);
    assert_int_equal(meet(card,
                          "8050300108"
                          "0102030405060708",
                          NULL),
                     0x6a86);
    card_close(card);
}

/* The challenge depends on the sequence counter, which never stands still. */
static void test_challenges_differ(void **state)
{
    struct card *const card = selected();
    uint8_t first[32], second[32];
    struct room a = ROOM_OF(first), b = ROOM_OF(second);

    (void)state;
    assert_int_equal(meet(card,
                          "8050000008"
                          "0102030405060708",
                          &a),
                     0x9000);
    card_reset(card);
    assert_int_equal(meet(card, MEET_SELECT, NULL), 0x9000);
    assert_int_equal(meet(card,
                          "8050000008"
                          "0102030405060708",
                          &b),
                     0x9000);
    assert_memory_not_equal(first + 13, second + 13, 8);
    assert_int_equal(first[31] + 1, second[31]);
    card_close(card);
}

static void require(struct card_setup *setup)
{
    setup->require_secure_channel = true;
}

static void test_required_level(void **state)
{
    struct card *const card = meet_card(require);
    struct host host;

    (void)state;
    assert_int_equal(meet(card, MEET_SELECT, NULL), 0x9000);
    assert_int_equal(meet(card, "80ca000000", NULL), 0x6982);
    assert_int_equal(meet(card,
                          "80e2800001"
                          "00",
                          NULL),
                     0x6982);
    host_open(&host, card, 0, 0x13);
    assert_int_equal(host_send(&host, "80ca0000", nothing, NULL), 0x6982);
    host_open(&host, card, 0, 0x33);
    assert_int_equal(host_send(&host, "80ca0000", nothing, NULL), 0x6a88);
    card_close(card);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_level_carries_data),
        cmocka_unit_test(test_empty_answer),
        cmocka_unit_test(test_no_mac),
        cmocka_unit_test(test_logical_channel),
        cmocka_unit_test(test_every_octet_is_under_the_mac),
        cmocka_unit_test(test_replayed_command),
        cmocka_unit_test(test_left_out_command),
        cmocka_unit_test(test_wrong_padding),
        cmocka_unit_test(test_plain_command_in_a_session),
        cmocka_unit_test(test_selection_and_reset_close),
        cmocka_unit_test(test_wrong_host),
        cmocka_unit_test(test_challenges_differ),
        cmocka_unit_test(test_required_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
