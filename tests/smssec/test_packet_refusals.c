/* Every field cut, lengthened and flipped, in every suite; wrong uses; rooms that are too small. */
#include "tests/smssec/packets.h"

#define AES_A "000102030405060708090a0b0c0d0e0f"
#define AES_B "101112131415161718191a1b1c1d1e1f"
#define TDES_A "0123456789abcdef23456789abcdef01456789abcdef0123"
#define TDES_B "fedcba98765432100123456789abcdef89abcdef01234567"

static const struct {
    const char *spi, *kic, *kid, *kic_key, *kid_key;
} suites[] = {
    {"1619", "12", "12", AES_A, AES_B},   {"1619", "19", "19", TDES_A, TDES_B},
    {"1609", "12", "19", AES_A, TDES_B},  {"1219", "12", "12", AES_A, AES_B},
    {"0515", "12", "11", AES_A, ""},      {"0515", "19", "15", TDES_A, ""},
    {"0105", "00", "11", "", ""},         {"0105", "00", "15", "", ""},
    {"0411", "12", "00", AES_A, ""},      {"0001", "00", "00", "", ""},
    {"1619", "10", "10", TDES_A, TDES_B}, /* implicit: the keys tell */
};

#define SUITES (sizeof suites / sizeof suites[0])

typedef void (*suite_test)(const lwsec_sms_security *security, lwsec_sms_kind kind);

static lwsec_status open_either(const lwsec_sms_security *security, lwsec_sms_kind kind,
                                lwsec_bytes packet, packet_result *result)
{
    return kind == LWSEC_SMS_COMMAND ? packet_open(security, packet, result)
                                     : packet_receive(security, packet, result);
}

static lwsec_status seal_either(const lwsec_sms_security *security, lwsec_sms_kind kind,
                                lwsec_bytes data, packet_result *result)
{
    return kind == LWSEC_SMS_COMMAND ? packet_seal(security, 0x0102030405, data, result)
                                     : packet_respond(security, 0x0102030405, 0x99, data, result);
}

static void each_suite(lwsec_store *store, suite_test test)
{
    for (size_t i = 0; i < SUITES; i++) {
        lwsec_sms_security security =
            packet_security(store, suites[i].spi, suites[i].kic, suites[i].kid, "b20203",
                            suites[i].kic_key, suites[i].kid_key);
        test(&security, LWSEC_SMS_COMMAND);
        test(&security, LWSEC_SMS_RESPONSE);
        packet_security_destroy(&security);
    }
}

/* Whether the check notices any change of what it covers. */
static bool checked(const lwsec_sms_security *security, lwsec_sms_kind kind)
{
    return kind == LWSEC_SMS_COMMAND ? (security->parameters.spi1 & LWSEC_SMS_SPI1_CHECK) != 0
                                     : (security->parameters.spi2 & LWSEC_SMS_SPI2_CHECK) != 0;
}

/* ---- Sizes ---- */

static void check_round_trip(const lwsec_sms_security *security, lwsec_sms_kind kind)
{
    static uint8_t data[100];
    packet_result sealed;
    packet_result opened;

    for (size_t size = 0; size <= sizeof data; size++) {
        memset(data, (int)size, sizeof data);
        assert_status(seal_either(security, kind, lwsec_bytes_of(data, size), &sealed), LWSEC_OK);
        assert_status(open_either(security, kind, lwsec_buffer_bytes(&sealed.out), &opened),
                      LWSEC_OK);
        assert_bytes(lwsec_buffer_bytes(&opened.out), lwsec_bytes_of(data, size));
        if (kind == LWSEC_SMS_RESPONSE) {
            assert_int_equal(opened.response.status, 0x99);
            assert_true(opened.response.counter == 0x0102030405);
        } else {
            assert_true(opened.counter == 0x0102030405);
        }
    }
}

static void check_round_trips(lwsec_store *store)
{
    each_suite(store, check_round_trip);
}

static void test_every_suite_opens_what_it_sealed(void **state)
{
    (void)state;
    packet_each_store(check_round_trips);
}

/* Of a packet that is cut or goes on, nothing is taken, with its length as it was or made to fit.
 */
static void check_size(const lwsec_sms_security *security, lwsec_sms_kind kind)
{
    const lwsec_bytes data = lwsec_test_hex("00112233445566778899aabbccddeeff0011");
    uint8_t packet[128] = {0};
    packet_result sealed;
    packet_result opened;

    assert_status(seal_either(security, kind, data, &sealed), LWSEC_OK);
    for (size_t size = 0; size < sealed.out.size + 20; size++) {
        memset(packet, 0, sizeof packet);
        memcpy(packet, sealed.room, size < sealed.out.size ? size : sealed.out.size);
        if (size == sealed.out.size) {
            continue;
        }
        (void)open_either(security, kind, lwsec_bytes_of(packet, size), &opened);
        assert_int_equal(opened.status, LWSEC_REJECT);
        if (size >= 2) {
            packet[1] = (uint8_t)(size - 2);
            (void)open_either(security, kind, lwsec_bytes_of(packet, size), &opened);
            assert_true(opened.status == LWSEC_REJECT || !checked(security, kind));
        }
    }
}

static void check_sizes(lwsec_store *store)
{
    each_suite(store, check_size);
}

static void test_packets_that_are_cut_or_go_on(void **state)
{
    (void)state;
    packet_each_store(check_sizes);
}

/* ---- Bits ---- */

static void check_bit(const lwsec_sms_security *security, lwsec_sms_kind kind)
{
    packet_result sealed;
    packet_result opened;

    assert_status(seal_either(security, kind, lwsec_test_hex("00112233445566778899"), &sealed),
                  LWSEC_OK);
    const size_t header = kind == LWSEC_SMS_COMMAND ? 10 : 6;
    for (size_t bit = 0; bit < 8 * sealed.out.size; bit++) {
        sealed.room[bit / 8] ^= (uint8_t)(1U << bit % 8);
        (void)open_either(security, kind, lwsec_buffer_bytes(&sealed.out), &opened);
        /* A response whose header now says that it has no check is a hint of anybody. */
        const bool hint = kind == LWSEC_SMS_RESPONSE && sealed.room[2] == 10 && bit / 8 == 2;
        assert_true(!hint || !opened.response.authenticated);
        sealed.room[bit / 8] ^= (uint8_t)(1U << bit % 8);
        const bool reserved = kind == LWSEC_SMS_COMMAND && (bit / 8 == 3 || bit / 8 == 4);
        const bool noticed = checked(security, kind) || (bit / 8 < header && !reserved);
        assert_true(opened.status == LWSEC_REJECT || !noticed || hint);
    }
}

static void check_bits(lwsec_store *store)
{
    each_suite(store, check_bit);
}

static void test_each_bit_counts(void **state)
{
    (void)state;
    packet_each_store(check_bits);
}

/* ---- Padding ---- */

/* Ciphered and without a check: anybody could write it, so that PCNTR may be anything. */
static void check_padding(lwsec_store *store)
{
    static const uint8_t zeros[16];
    lwsec_sms_security security = packet_security(store, "0400", "12", "00", "b20203", AES_A, "");
    packet_result opened;
    uint8_t packet[26] = {0, 24, 13, 4, 0, 0x12, 0, 0xb2, 2, 3};

    for (unsigned padding = 0; padding < 256; padding++) {
        uint8_t body[16] = {0};
        body[5] = (uint8_t)padding;
        assert_status(lwsec_key_cbc(security.kic_key, LWSEC_ENCRYPT, lwsec_bytes_of(zeros, 16),
                                    lwsec_bytes_of(body, 16), &packet[10], 16),
                      LWSEC_OK);
        (void)packet_open(&security, lwsec_bytes_of(packet, sizeof packet), &opened);
        if (padding <= 10) { /* as many octets as there are behind PCNTR */
            assert_status(opened.status, LWSEC_OK);
            assert_int_equal(opened.out.size, 10 - padding);
        } else {
            packet_refused(&opened, LWSEC_REJECT, LWSEC_WHY_SMS_PADDING);
        }
    }
    packet_security_destroy(&security);
}

static void test_padding_past_the_data(void **state)
{
    (void)state;
    packet_each_store(check_padding);
}

/* Of 32 octets there would be room for 16 of padding, which no cipher needs. */
static void check_whole_block(lwsec_store *store)
{
    static const uint8_t zeros[16];
    lwsec_sms_security security = packet_security(store, "0400", "12", "00", "b20203", AES_A, "");
    packet_result opened;
    uint8_t body[32] = {0, 0, 0, 0, 0, 16};
    uint8_t packet[42] = {0, 40, 13, 4, 0, 0x12, 0, 0xb2, 2, 3};

    assert_status(lwsec_key_cbc(security.kic_key, LWSEC_ENCRYPT, lwsec_bytes_of(zeros, 16),
                                lwsec_bytes_of(body, 32), &packet[10], 32),
                  LWSEC_OK);
    (void)packet_open(&security, lwsec_bytes_of(packet, sizeof packet), &opened);
    packet_refused(&opened, LWSEC_REJECT, LWSEC_WHY_SMS_PADDING);
    packet_security_destroy(&security);
}

static void test_padding_of_a_whole_block(void **state)
{
    (void)state;
    packet_each_store(check_whole_block);
}

static void check_plain_padding(lwsec_store *store)
{
    lwsec_sms_security security = packet_security(store, "0000", "00", "00", "b20203", "", "");
    packet_result opened;

    (void)packet_open(&security, lwsec_test_hex("00100d00000000b20203000000000001aabb"), &opened);
    packet_refused(&opened, LWSEC_REJECT, LWSEC_WHY_SMS_PADDING);
    assert_status(
        packet_open(&security, lwsec_test_hex("00100d00000000b20203000000000000aabb"), &opened),
        LWSEC_OK);
    packet_security_destroy(&security);
}

static void test_padding_without_a_cipher(void **state)
{
    (void)state;
    packet_each_store(check_plain_padding);
}

/* ---- Uses ---- */

static void check_uses(lwsec_store *store)
{
    lwsec_sms_security security = packet_lwm2m(store);
    packet_result result;
    uint8_t room[64] = {0};
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;

    (void)packet_seal(&security, LWSEC_SMS_COUNTER_MAX + 1, lwsec_test_hex("00"), &result);
    packet_refused(&result, LWSEC_USAGE, LWSEC_WHY_SMS_COUNTER_END);
    (void)packet_respond(&security, LWSEC_SMS_COUNTER_MAX + 1, 0, lwsec_test_hex("00"), &result);
    packet_refused(&result, LWSEC_USAGE, LWSEC_WHY_SMS_COUNTER_END);
    assert_status(lwsec_sms_command_seal(&security, 1, lwsec_bytes_of(&room[8], 4), &out, &reason),
                  LWSEC_USAGE);
    assert_int_equal(reason.why, LWSEC_WHY_OVERLAP);
    assert_status(packet_seal(&security, 1, lwsec_test_hex("00"), &result), LWSEC_OK);
    memcpy(room, result.room, result.out.size);
    uint64_t counter;
    assert_status(lwsec_sms_command_open(&security, lwsec_bytes_of(room, result.out.size), &counter,
                                         &out, &reason),
                  LWSEC_USAGE);
    assert_int_equal(reason.why, LWSEC_WHY_OVERLAP);
    security.size--;
    (void)packet_seal(&security, 1, lwsec_test_hex("00"), &result);
    packet_refused(&result, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    security.size++;
    security.profile = (lwsec_sms_profile)2;
    (void)packet_seal(&security, 1, lwsec_test_hex("00"), &result);
    packet_refused(&result, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    packet_security_destroy(&security);
}

static void test_uses_that_are_wrong(void **state)
{
    (void)state;
    packet_each_store(check_uses);
}

static void check_rooms(lwsec_store *store)
{
    lwsec_sms_security security = packet_lwm2m(store);
    const lwsec_bytes data = lwsec_test_hex("00112233445566");
    packet_result sealed;
    uint8_t room[128];
    uint64_t counter;

    assert_status(packet_seal(&security, 1, data, &sealed), LWSEC_OK);
    for (size_t size = 0; size < sealed.out.size; size++) {
        lwsec_buffer out = lwsec_buffer_of(room, size);
        assert_status(lwsec_sms_command_seal(&security, 1, data, &out, NULL), LWSEC_BUFFER);
        assert_status(lwsec_sms_command_open(&security, lwsec_buffer_bytes(&sealed.out), &counter,
                                             &out, NULL),
                      LWSEC_BUFFER);
    }
    packet_security_destroy(&security);
}

static void test_rooms_that_are_too_small(void **state)
{
    (void)state;
    packet_each_store(check_rooms);
}

static void check_largest(lwsec_store *store)
{
    static uint8_t data[LWSEC_SMS_PACKET_MAX];
    static uint8_t room[LWSEC_SMS_PACKET_MAX + 64];
    static uint8_t opened[LWSEC_SMS_PACKET_MAX + 64];
    lwsec_sms_security security = packet_lwm2m(store);
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_buffer back = lwsec_buffer_of(opened, sizeof opened);
    const size_t largest = LWSEC_SMS_PACKET_MAX - LWSEC_SMS_OVERHEAD;
    lwsec_reason reason;
    uint64_t counter;

    assert_status(
        lwsec_sms_command_seal(&security, 1, lwsec_bytes_of(data, largest), &out, &reason),
        LWSEC_OK);
    assert_true(out.size <= LWSEC_SMS_PACKET_MAX);
    assert_status(
        lwsec_sms_command_open(&security, lwsec_buffer_bytes(&out), &counter, &back, &reason),
        LWSEC_OK);
    assert_int_equal(back.size, largest);
    assert_status(
        lwsec_sms_command_seal(&security, 1, lwsec_bytes_of(data, largest + 1), &out, &reason),
        LWSEC_USAGE);
    assert_int_equal(reason.why, LWSEC_WHY_TOO_LONG);
    packet_security_destroy(&security);
}

static void test_the_largest_packet(void **state)
{
    (void)state;
    packet_each_store(check_largest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_suite_opens_what_it_sealed),
        cmocka_unit_test(test_packets_that_are_cut_or_go_on),
        cmocka_unit_test(test_each_bit_counts),
        cmocka_unit_test(test_padding_past_the_data),
        cmocka_unit_test(test_padding_of_a_whole_block),
        cmocka_unit_test(test_padding_without_a_cipher),
        cmocka_unit_test(test_uses_that_are_wrong),
        cmocka_unit_test(test_rooms_that_are_too_small),
        cmocka_unit_test(test_the_largest_packet),
    };
    return cmocka_run_group_tests_name("sms-packet-refusals", tests, NULL, NULL);
}
