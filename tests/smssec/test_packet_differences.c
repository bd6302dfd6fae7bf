/* The points where implementations differ: one test each, after the list of what was seen. */
#include "tests/smssec/packets.h"

#define AES_A "000102030405060708090a0b0c0d0e0f"
#define AES_B "101112131415161718191a1b1c1d1e1f"
#define TDES_A "0123456789abcdef23456789abcdef01456789abcdef0123"
#define TDES_B "fedcba98765432100123456789abcdef89abcdef01234567"

/* Runs a test over the first store. */
static void with_store(packet_test test)
{
    lwsec_store *store = lwsec_test_store_open(packet_store_at(0), 8);

    test(store);
    lwsec_test_store_close(packet_store_at(0), store);
}

/* A packet as another implementation might make it, out of parts in hex: what its check covers, and
 * what it is written of, with `@` where the check goes. AES-CMAC with AES_B, no ciphering. */
static lwsec_bytes forge(const lwsec_sms_security *security, const char *covered,
                         const char *before, const char *after)
{
    static uint8_t packet[256];
    uint8_t mac[16];
    const lwsec_bytes head = lwsec_test_hex(before);
    const lwsec_bytes tail = lwsec_test_hex(after);

    assert_status(lwsec_key_mac(security->kid_key, lwsec_test_hex(covered), mac, sizeof mac),
                  LWSEC_OK);
    memcpy(packet, head.data, head.size);
    memcpy(&packet[head.size], mac, 8);
    if (tail.size > 0) {
        memcpy(&packet[head.size + 8], tail.data, tail.size);
    }
    return lwsec_bytes_of(packet, head.size + 8 + tail.size);
}

/* Ciphers from the octet `from` on, in place. */
static void cipher(const lwsec_sms_security *security, lwsec_bytes packet, size_t from)
{
    static const uint8_t zeros[16];
    uint8_t *body = (uint8_t *)packet.data + from;

    assert_status(lwsec_key_cbc(security->kic_key, LWSEC_ENCRYPT, lwsec_bytes_of(zeros, 16),
                                lwsec_bytes_of(body, packet.size - from), body, packet.size - from),
                  LWSEC_OK);
}

/* 1: the length stands before a packet that is not ciphered too. */
static void check_length_of_plain(lwsec_store *store)
{
    lwsec_sms_security security =
        packet_security(store, "0219", "35", "35", "b00000", "c21dd66acac13cb3bc8b331b24afb57b",
                        "12110c78e678c25408233076aa033615");
    const lwsec_bytes right =
        lwsec_test_hex("001d1502193535b00000000000000000072ea17bdb72060e00a40000023f00");
    packet_result result;

    assert_status(packet_seal(&security, 0, lwsec_test_hex("00a40000023f00"), &result), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&result.out), right);
    (void)packet_open(&security, lwsec_bytes_of(&right.data[2], right.size - 2), &result);
    packet_refused(&result, LWSEC_REJECT, LWSEC_WHY_SMS_PARAMETERS);
    security.parameters.spi1 = 0;
    assert_status(packet_seal(&security, 0, lwsec_test_hex("00a40000023f00"), &result), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&result.out),
                 lwsec_test_hex("00150d00193535b0000000000000000000a40000023f00"));
    (void)packet_open(&security, lwsec_test_hex("0d00193535b0000000000000000000a40000023f00"),
                      &result);
    packet_refused(&result, LWSEC_REJECT, LWSEC_WHY_SMS_PARAMETERS);
    packet_security_destroy(&security);
}

static void test_01_a_plain_packet_has_its_length(void **state)
{
    (void)state;
    with_store(check_length_of_plain);
}

/* 2: what is not ciphered is not deciphered, though there is a key. */
static void check_plain(lwsec_store *store)
{
    lwsec_sms_security security =
        packet_security(store, "1201", "12", "12", "b20203", AES_A, AES_B);
    packet_result sealed;
    packet_result opened;

    assert_status(packet_seal(&security, 1, lwsec_test_hex("0502aabb"), &sealed), LWSEC_OK);
    assert_memory_equal(&sealed.room[sealed.out.size - 4], lwsec_test_hex("0502aabb").data, 4);
    assert_status(packet_open(&security, lwsec_buffer_bytes(&sealed.out), &opened), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&opened.out), lwsec_test_hex("0502aabb"));
    packet_security_destroy(&security);
}

static void test_02_a_plain_packet_is_not_deciphered(void **state)
{
    (void)state;
    with_store(check_plain);
}

/* 3: 02 70 00 is not under the checksum of a command. */
static void check_command_header(lwsec_store *store)
{
    lwsec_sms_security security =
        packet_security(store, "1201", "12", "12", "b20203", AES_A, AES_B);
    const char *head = "00171512011212b20203000000000100";
    packet_result result;

    assert_status(packet_open(&security,
                              forge(&security, "00171512011212b20203000000000100aa", head, "aa"),
                              &result),
                  LWSEC_OK);
    (void)packet_open(&security,
                      forge(&security, "02700000171512011212b20203000000000100aa", head, "aa"),
                      &result);
    packet_refused(&result, LWSEC_REJECT, LWSEC_WHY_SMS_CHECK);
    packet_security_destroy(&security);
}

static void test_03_a_command_is_checked_without_its_header(void **state)
{
    (void)state;
    with_store(check_command_header);
}

/* 4: 02 71 00 is under the checksum of a response. */
static void check_response_header(lwsec_store *store)
{
    lwsec_sms_security security =
        packet_security(store, "1609", "12", "12", "b20203", AES_A, AES_B);
    const char *head = "001412b2020300000000010000";
    packet_result result;

    assert_status(packet_receive(&security,
                                 forge(&security, "027100001412b2020300000000010000aa", head, "aa"),
                                 &result),
                  LWSEC_OK);
    assert_true(result.response.authenticated);
    (void)packet_receive(&security, forge(&security, "001412b2020300000000010000aa", head, "aa"),
                         &result);
    packet_refused(&result, LWSEC_REJECT, LWSEC_WHY_SMS_CHECK);
    packet_security_destroy(&security);
}

static void test_04_a_response_is_checked_with_its_header(void **state)
{
    (void)state;
    with_store(check_response_header);
}

/* 5 and 6: padding is under the checksum, and its values play no other part. */
static void check_padding(lwsec_store *store)
{
    lwsec_sms_security security =
        packet_security(store, "1601", "12", "12", "b20203", AES_A, AES_B);
    const char *head = "00281516011212b2020300000000010d";
    packet_result result;
    lwsec_bytes packet;

    packet = forge(&security,
                   "00281516011212b2020300000000010daabbccddee80000000000000000000"
                   "000000",
                   head, "aabbccddee80000000000000000000000000");
    cipher(&security, packet, 10);
    assert_status(packet_open(&security, packet, &result), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&result.out), lwsec_test_hex("aabbccddee"));
    packet = forge(&security, "00281516011212b2020300000000010daabbccddee", head,
                   "aabbccddee00000000000000000000000000");
    cipher(&security, packet, 10);
    (void)packet_open(&security, packet, &result);
    packet_refused(&result, LWSEC_REJECT, LWSEC_WHY_SMS_CHECK);
    packet_security_destroy(&security);
}

static void test_05_06_padding_is_checked_and_not_looked_at(void **state)
{
    (void)state;
    with_store(check_padding);
}

/* 7: data that end with zeros keep them. */
static void check_zeros(lwsec_store *store)
{
    static const uint8_t zeros[64];
    lwsec_sms_security security =
        packet_security(store, "1601", "12", "12", "b20203", AES_A, AES_B);
    packet_result sealed;
    packet_result opened;

    for (size_t size = 0; size <= sizeof zeros; size++) {
        assert_status(packet_seal(&security, 1, lwsec_bytes_of(zeros, size), &sealed), LWSEC_OK);
        assert_status(packet_open(&security, lwsec_buffer_bytes(&sealed.out), &opened), LWSEC_OK);
        assert_int_equal(opened.out.size, size);
    }
    packet_security_destroy(&security);
}

static void test_07_zeros_at_the_end_of_data_stay(void **state)
{
    (void)state;
    with_store(check_zeros);
}

/* 8 (no block more under CBC-MAC) is among the primitives. 9: the vector is zeros. */
static void check_vector(lwsec_store *store)
{
    static const uint8_t zeros[16];
    lwsec_sms_security security =
        packet_security(store, "1601", "12", "12", "b20203", AES_A, AES_B);
    packet_result sealed;
    uint8_t plain[16];

    assert_status(packet_seal(&security, 0x0102030405, lwsec_test_hex("aa"), &sealed), LWSEC_OK);
    assert_status(lwsec_key_cbc(security.kic_key, LWSEC_DECRYPT, lwsec_bytes_of(zeros, 16),
                                lwsec_bytes_of(&sealed.room[10], 16), plain, sizeof plain),
                  LWSEC_OK);
    assert_memory_equal(plain, lwsec_test_hex("0102030405").data, 5);
    packet_security_destroy(&security);
}

static void test_09_ciphering_begins_with_zeros(void **state)
{
    (void)state;
    with_store(check_vector);
}

/* 10: a header that leaves no room for the checksum does not take it away. */
static void check_hidden_checksum(lwsec_store *store)
{
    lwsec_sms_security security =
        packet_security(store, "1201", "12", "12", "b20203", AES_A, AES_B);
    packet_result result;

    (void)packet_open(&security,
                      lwsec_test_hex("00200d12011212b20203000000000100aabbccddeeff00112233445566"
                                     "7788990011"),
                      &result);
    packet_refused(&result, LWSEC_REJECT, LWSEC_WHY_SMS_LENGTH);
    packet_security_destroy(&security);
}

static void test_10_a_header_cannot_hide_the_checksum(void **state)
{
    (void)state;
    with_store(check_hidden_checksum);
}

/* 12: a packet that asks for less than was agreed. (11, 13, 17: with the associations.) */
static void check_downgrade(lwsec_store *store)
{
    static const char *const asked[] = {"0001", "1101", "1201", "0401", "0e01", "1e01", "1600"};
    lwsec_sms_security security =
        packet_security(store, "1601", "12", "12", "b20203", AES_A, AES_B);

    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        lwsec_sms_security other = packet_security(
            store, asked[i], "12", asked[i][1] == '1' ? "15" : "12", "b20203", AES_A, AES_B);
        packet_result sealed;
        packet_result opened;
        assert_status(packet_seal(&other, 1, lwsec_test_hex("0500"), &sealed), LWSEC_OK);
        (void)packet_open(&security, lwsec_buffer_bytes(&sealed.out), &opened);
        packet_refused(&opened, LWSEC_REJECT, LWSEC_WHY_SMS_PARAMETERS);
        packet_security_destroy(&other);
    }
    packet_security_destroy(&security);
}

static void test_12_parameters_are_not_taken_from_the_packet(void **state)
{
    (void)state;
    with_store(check_downgrade);
}

/* 15: a checksum of 4 octets is an AES-CMAC, and agreed. */
static void check_short_checksum(lwsec_store *store)
{
    lwsec_sms_security aes = packet_security(store, "1601", "12", "12", "b20203", AES_A, AES_B);
    lwsec_sms_security tdes = packet_security(store, "1601", "19", "19", "b20203", TDES_A, TDES_B);
    packet_result result;
    packet_result opened;

    aes.check_size = 4;
    assert_status(packet_seal(&aes, 1, lwsec_test_hex("0500"), &result), LWSEC_OK);
    assert_int_equal(result.room[2], 0x11);
    assert_status(packet_open(&aes, lwsec_buffer_bytes(&result.out), &opened), LWSEC_OK);
    aes.check_size = 8;
    (void)packet_open(&aes, lwsec_buffer_bytes(&result.out), &opened);
    packet_refused(&opened, LWSEC_REJECT, LWSEC_WHY_SMS_LENGTH);
    tdes.check_size = 4;
    (void)packet_seal(&tdes, 1, lwsec_test_hex("0500"), &result);
    packet_refused(&result, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    packet_security_destroy(&aes);
    packet_security_destroy(&tdes);
}

static void test_15_the_size_of_the_checksum_is_agreed(void **state)
{
    (void)state;
    with_store(check_short_checksum);
}

/* 19: a PoR that should be signed and is not, is a hint. */
static void check_unsigned(lwsec_store *store)
{
    lwsec_sms_security security =
        packet_security(store, "1619", "12", "12", "b00010", AES_A, AES_B);
    packet_result result;

    assert_status(packet_receive(&security, lwsec_test_hex("000b0ab0001000000000000006"), &result),
                  LWSEC_OK);
    assert_false(result.response.authenticated);
    assert_int_equal(result.response.status, LWSEC_SMS_POR_UNIDENTIFIED);
    /* With data that look like a checksum it is one no more than before. */
    assert_status(packet_receive(&security,
                                 lwsec_test_hex("00130ab00010000000000000000102030405060708"),
                                 &result),
                  LWSEC_OK);
    assert_false(result.response.authenticated);
    security.parameters.tar[2] = 0x11;
    (void)packet_receive(&security, lwsec_test_hex("000b0ab0001000000000000006"), &result);
    packet_refused(&result, LWSEC_REJECT, LWSEC_WHY_SMS_PARAMETERS);
    packet_security_destroy(&security);
}

static void test_19_an_unsigned_proof_is_a_hint(void **state)
{
    (void)state;
    with_store(check_unsigned);
}

/* 20: KID 5 is CRC-32 under a redundancy check, and triple DES under a cryptographic one. */
static void check_kid_5(lwsec_store *store)
{
    lwsec_sms_security security = packet_security(store, "0100", "00", "15", "b20203", "",
                                                  "0123456789abcdef23456789abcdef01");
    packet_result result;

    assert_status(packet_seal(&security, 1, lwsec_test_hex("aa"), &result), LWSEC_OK);
    assert_int_equal(result.room[2], 0x11);
    security.parameters.spi1 = 0x02;
    assert_status(packet_seal(&security, 1, lwsec_test_hex("aa"), &result), LWSEC_OK);
    assert_int_equal(result.room[2], 0x15);
    security.parameters.spi1 = 0x01;
    security.parameters.kid = 0x19; /* no redundancy check of this number */
    (void)packet_seal(&security, 1, lwsec_test_hex("aa"), &result);
    packet_refused(&result, LWSEC_USAGE, LWSEC_WHY_SMS_CODING);
    packet_security_destroy(&security);
}

static void test_20_kid_is_read_after_spi(void **state)
{
    (void)state;
    with_store(check_kid_5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_01_a_plain_packet_has_its_length),
        cmocka_unit_test(test_02_a_plain_packet_is_not_deciphered),
        cmocka_unit_test(test_03_a_command_is_checked_without_its_header),
        cmocka_unit_test(test_04_a_response_is_checked_with_its_header),
        cmocka_unit_test(test_05_06_padding_is_checked_and_not_looked_at),
        cmocka_unit_test(test_07_zeros_at_the_end_of_data_stay),
        cmocka_unit_test(test_09_ciphering_begins_with_zeros),
        cmocka_unit_test(test_10_a_header_cannot_hide_the_checksum),
        cmocka_unit_test(test_12_parameters_are_not_taken_from_the_packet),
        cmocka_unit_test(test_15_the_size_of_the_checksum_is_agreed),
        cmocka_unit_test(test_19_an_unsigned_proof_is_a_hint),
        cmocka_unit_test(test_20_kid_is_read_after_spi),
    };
    return cmocka_run_group_tests_name("sms-packet-differences", tests, NULL, NULL);
}
