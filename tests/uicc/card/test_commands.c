/* T=0 at the card: lengths, classes, channels, and the way to the bootstrap file. */
#include "tests/support/test.h"
#include "tests/uicc/card/meet.h"

static void assert_answer(struct card *card, const char *command, const char *hex)
{
    uint8_t bytes[512];
    struct room data = ROOM_OF(bytes);
    const struct octets expected = meet_hex(hex);

    assert_int_equal(meet(card, command, &data), 0x9000);
    assert_int_equal(data.size, expected.size);
    assert_memory_equal(bytes, expected.data, expected.size);
}

static void assert_once(struct card *card, const char *command, uint16_t status)
{
    uint8_t bytes[CARD_RESPONSE_MAX];
    struct room data = ROOM_OF(bytes);
    const uint16_t got = meet_once(card, meet_hex(command), &data);

    if (got != status) {
        print_error("%s: %04x instead of %04x\n", command, got, status);
    }
    assert_int_equal(got, status);
}

static void test_lengths(void **state)
{
    struct card *const card = meet_card(NULL);
    static const struct {
        const char *command;
        uint16_t status;
    } cases[] = {
        {"", 0x6700},
        {"00", 0x6700},
        {"00a404", 0x6700},
        {"00a404000a"
         "d276",
         0x6700},                     /* less than Lc */
        {MEET_SELECT "0000", 0x6700}, /* more than Le */
        {"00a40400000003"
         "d27600",
         0x6700}, /* extended */
        {"00a4000003"
         "3f0000",
         0x6700}, /* no identifier */
        {"00a4080003"
         "3f0000",
         0x6700}, /* no path */
        {"00a4000c02"
         "2f00",
         0x9000},
        {"00b0000001"
         "00",
         0x6700},               /* data where none belongs */
        {"00c0000010", 0x6985}, /* nothing to get */
        {"80500000"
         "07"
         "01020304050607",
         0x6d00}, /* nothing selected */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_once(card, cases[i].command, cases[i].status);
    }
    assert_once(card, MEET_SELECT, 0x6115);
    assert_once(card,
                "80500000"
                "07"
                "01020304050607",
                0x6700);
    assert_once(card,
                "80500000"
                "09"
                "010203040506070809",
                0x6700);
    card_close(card);
}

static void test_classes_and_instructions(void **state)
{
    struct card *const card = meet_card(NULL);

    (void)state;
    assert_once(card, "c0a4040005d276000118", 0x6e00);
    assert_once(card, "a0a4000c023f00", 0x6e00);
    assert_once(card, "20a4000c023f00", 0x6e00);
    assert_once(card, "80a4000c023f00", 0x6e00); /* SELECT is not GlobalPlatform's */
    assert_once(card,
                "00e2800001"
                "00",
                0x6e00); /* and STORE DATA is */
    assert_once(card,
                "00d6000001"
                "00",
                0x6d00);                     /* UPDATE BINARY */
    assert_once(card, "80ca000000", 0x6d00); /* no application */
    assert_once(card,
                "00a4020002"
                "2f00",
                0x6a86);
    assert_once(card,
                "00a4000102"
                "2f00",
                0x6a86);
    assert_once(card,
                "00a4000002"
                "6f07",
                0x6a82);
    assert_once(card,
                "00a404000a"
                "d2760001184c574d324e",
                0x6a82);
    assert_once(card,
                "00a4040004"
                "d2760001",
                0x6a82); /* too short to name anything */
    assert_once(card,
                "00a4040c05"
                "d276000118",
                0x9000);
    assert_once(card, "80ca000000", 0x6a88);
    assert_once(card, "80ca000100", 0x6a88);
    assert_once(card, "80f2000c", 0x9000);
    assert_once(card, "80f20003", 0x6a86);
    assert_once(card, "8012000000", 0x6985); /* nothing to fetch */
    assert_once(card,
                "80140000"
                "01"
                "00",
                0x6985);
    card_close(card);
}

static void test_get_response(void **state)
{
    struct card *const card = meet_card(NULL);
    uint8_t bytes[CARD_RESPONSE_MAX];
    struct room data = ROOM_OF(bytes);

    (void)state;
    assert_once(card, MEET_SELECT "00", 0x6115); /* with the Le of an APDU */
    assert_once(card, "00c0000000", 0x6c15);
    assert_once(card, "00c0010015", 0x6a86);
    assert_once(card, "01c0000015", 0x6985); /* another channel */
    assert_int_equal(meet_once(card, meet_hex("00c0000006"), &data), 0x610f);
    assert_int_equal(meet_once(card, meet_hex("80c000000f"), &data), 0x9000);
    assert_int_equal(data.size, 0x15);
    assert_memory_equal(bytes, "\x6f\x13\x82\x02\x78\x21\x84\x0a", 8);
    assert_once(card, "00c0000001", 0x6985);

    /* Any other command lets the answer go. */
    assert_once(card, MEET_SELECT, 0x6115);
    assert_once(card, "80f2000c", 0x9000);
    assert_once(card, "00c0000015", 0x6985);
    card_close(card);
}

static void test_channels(void **state)
{
    struct card *const card = meet_card(NULL);

    (void)state;
    assert_once(card, "01a4040c0ad2760001184c574d324d", 0x6881);
    assert_once(card, "0070000000", 0x6c01);
    assert_answer(card, "0070000001", "01");
    assert_answer(card, "0070000001", "02");
    assert_answer(card, "0070000001", "03");
    assert_once(card, "0070000001", 0x6a81);
    assert_once(card, "03a4040c0ad2760001184c574d324d", 0x9000);
    assert_once(card, "83ca000000", 0x6a88);
    assert_once(card, "80ca000000", 0x6d00); /* selected on 3 alone */
    assert_once(card, "83f2000c", 0x6881);   /* the toolkit is on 0 alone */
    assert_once(card, "00708003", 0x9000);
    assert_once(card, "00708003", 0x6881);
    assert_once(card, "83ca000000", 0x6881);
    assert_once(card, "00708000", 0x6a86);
    assert_answer(card, "0070000001", "03");
    assert_once(card, "83ca000000", 0x6d00); /* opened anew, nothing is selected */
    card_reset(card);
    assert_once(card, "01a4000c023f00", 0x6881);
    card_close(card);
}

static void test_bootstrap_files(void **state)
{
    struct card *const card = meet_card(NULL);

    (void)state;
    assert_answer(card, "00a40004022f00",
                  "621282054221003002"
                  "83022f00"
                  "8a0105"
                  "80020060");
    assert_once(card, "00b0000010", 0x6981);
    assert_once(card, "00b2010400", 0x6c30);
    assert_once(card, "00b2000430", 0x6a83);
    assert_once(card, "00b2030430", 0x6a83);
    assert_once(card, "00b2010230", 0x6a86);
    assert_answer(card, "00b2020400",
                  "611d4f0ca000000063504b43532d31355007504b43532331355104"
                  "3f007f50"
                  "ffffffffffffffffffffffffffffffffff");
    assert_answer(card, "0070000001", "01");
    assert_once(card, "01a4040c0ca000000063504b43532d3135", 0x9000);
    assert_once(card, "01b0000000", 0x6986);
    assert_once(card, "01a4000c025031", 0x9000);
    assert_answer(card, "01b0000000",
                  "a7063004"
                  "0402"
                  "6430");
    assert_once(card, "01b2010400", 0x6981);
    assert_once(card, "01a4080c047fff6430", 0x9000); /* as the path of ODF is followed */
    assert_answer(card, "01b0000000",
                  "3026"
                  "3014"
                  "0c0f4c774d324d20426f6f747374726170"
                  "030100"
                  "3006"
                  "0604672b0901"
                  "a106"
                  "3004"
                  "0402"
                  "6432");
    assert_once(card, "01a4080c047f506432", 0x9000); /* and the path of EF(DIR) */
    assert_once(card, "01b0000000", 0x6c2f);
    assert_answer(card, "01b0000008", "0001002b00000000");
    assert_once(card, "01b0002f01", 0x6b00);
    assert_once(card, "01b0002c04", 0x6c03);
    assert_answer(card, "01b0002c03", "c10203");
    assert_once(card, "01b0850000", 0x6a82);
    assert_once(card, "01a4000c022f00", 0x6a82); /* not below this application */
    assert_once(card, "01a4080c023f00", 0x9000);
    assert_once(card, "01a4000c026432", 0x6a82);
    card_close(card);
}

static void large_file(struct card_setup *setup)
{
    static const uint8_t content[600] = {1, 2, 3};

    setup->bootstrap = (struct octets){content, sizeof(content)};
    setup->transparent_ef_dir = true;
}

static void test_transparent_directory_and_large_file(void **state)
{
    struct card *const card = meet_card(large_file);
    uint8_t bytes[600];
    struct room data = ROOM_OF(bytes);

    (void)state;
    assert_answer(card, "00a40004022f00",
                  "620f"
                  "82024121"
                  "83022f00"
                  "8a0105"
                  "80020034");
    assert_int_equal(meet(card, "00b0000000", &data), 0x9000);
    assert_int_equal(data.size, 0x34);
    assert_once(card, "00b2010400", 0x6981);
    data.size = 0;
    assert_once(card, "00a4080c047f506432", 0x9000);
    assert_int_equal(meet(card, "00b0000000", &data), 0x9000);
    assert_int_equal(data.size, 256);
    assert_int_equal(meet(card, "00b0010000", &data), 0x9000);
    assert_int_equal(meet(card, "00b0020000", &data), 0x9000);
    assert_int_equal(data.size, 600);
    card_close(card);
}

static void test_setups_that_are_refused(void **state)
{
    static const struct {
        const char *parameters, *keys;
    } packets[] = {
        {"12121600b20204", MEET_KEYS},                         /* TAR */
        {"12120600b20203", MEET_KEYS},                         /* no counter */
        {"12121e00b20203", MEET_KEYS},                         /* exactly one higher */
        {"12121200b20203", MEET_KEYS},                         /* no ciphering */
        {"12121400b20203", MEET_KEYS},                         /* no checksum */
        {"11111600b20203", MEET_KEYS},                         /* single DES */
        {"15151600b20203", MEET_KEYS},                         /* two keys */
        {"12121605b20203", MEET_KEYS},                         /* report with CRC */
        {"12121640b20203", MEET_KEYS},                         /* reserved */
        {"12121603b20203", MEET_KEYS},                         /* reserved */
        {"121216b20203", MEET_KEYS},                           /* six octets */
        {MEET_PARAMETERS, "000102030405060708090a0b0c0d0e0f"}, /* one key */
        {MEET_PARAMETERS, "000102030405060708090a0b0c0d0e0f"
                          "000102030405060708090a0b0c0d0e0f"}, /* the same twice */
        {"19191600b20203", "010101010101010102020202020202020101010101010101"
                           "111111111111111112121212121212121313131313131313"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
        const struct card_setup setup = {
            .parameters = meet_hex(packets[i].parameters),
            .keys = meet_hex(packets[i].keys),
        };
        assert_null(card_open(&setup));
    }
    assert_null(card_open(&(struct card_setup){.require_secure_channel = true}));
    assert_null(card_open(&(struct card_setup){.aid = meet_hex("d2760001")}));
    assert_null(card_open(&(struct card_setup){.scp03_enc = meet_hex("00112233")}));
    assert_null(card_open(&(struct card_setup){.ledger = "/dev/null/none"}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_classes_and_instructions),
        cmocka_unit_test(test_get_response),
        cmocka_unit_test(test_channels),
        cmocka_unit_test(test_bootstrap_files),
        cmocka_unit_test(test_transparent_directory_and_large_file),
        cmocka_unit_test(test_setups_that_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
