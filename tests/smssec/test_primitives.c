/* What packets are made of: both redundancy checks, CBC-MAC, a cut CMAC, the four counter modes. */
#include "tests/smssec/packets.h"

#include "crypto/cbc_mac.h"
#include "smssec/crc.h"
#include "tests/support/vector_file.h"

static lwsec_store *store;

static void check_vector(const lwsec_vector *vector, void *argument)
{
    const char *kind = lwsec_vector_text(vector, "kind");
    const lwsec_bytes message = lwsec_vector_bytes(vector, "message");
    const lwsec_bytes raw = lwsec_vector_bytes(vector, "key");
    const lwsec_bytes result = lwsec_vector_bytes(vector, "result");
    uint8_t got[16] = {0};

    (void)argument;
    if (strcmp(kind, "crc16") == 0) {
        got[0] = (uint8_t)(lwsec_sms_crc16(message) >> 8);
        got[1] = (uint8_t)lwsec_sms_crc16(message);
    } else if (strcmp(kind, "crc32") == 0) {
        for (int i = 0; i < 4; i++) {
            got[i] = (uint8_t)(lwsec_sms_crc32(message) >> (24 - 8 * i));
        }
    } else if (strcmp(kind, "cmac") == 0) {
        lwsec_key key = packet_kid_key(store, 2, raw);
        assert_status(lwsec_key_mac(key, message, got, sizeof got), LWSEC_OK);
        assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    } else {
        lwsec_key key = packet_kid_key(store, 5, raw);
        assert_status(lwsec_cbc_mac(key, message, got), LWSEC_OK);
        assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    }
    assert_bytes(lwsec_bytes_of(got, result.size), result);
}

static void check_vectors(lwsec_store *open)
{
    store = open;
    assert_int_equal(lwsec_vector_each("sms_primitives.txt", check_vector, NULL), 11);
}

static void test_vectors(void **state)
{
    (void)state;
    packet_each_store(check_vectors);
}

/* In one call over all of it, the last block of CBC is the same, whatever the stretches. */
static void check_sizes(lwsec_store *open)
{
    static const uint8_t zeros[8];
    static uint8_t message[1000];
    static uint8_t encrypted[1000];
    lwsec_key key =
        packet_kid_key(open, 9, lwsec_test_hex("0123456789abcdef23456789abcdef01456789abcdef0123"));
    uint8_t mac[8];

    for (size_t size = 1; size <= 992; size++) {
        const size_t whole = (size + 7) / 8 * 8;
        memset(message, 0, sizeof message);
        memset(message, (int)(size % 251) + 1, size);
        assert_status(lwsec_key_cbc(key, LWSEC_ENCRYPT, lwsec_bytes_of(zeros, 8),
                                    lwsec_bytes_of(message, whole), encrypted, sizeof encrypted),
                      LWSEC_OK);
        assert_status(lwsec_cbc_mac(key, lwsec_bytes_of(message, size), mac), LWSEC_OK);
        assert_memory_equal(mac, &encrypted[whole - 8], 8);
    }
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
}

static void test_cbc_mac_of_any_size(void **state)
{
    (void)state;
    packet_each_store(check_sizes);
}

static void check_bad_keys(lwsec_store *open)
{
    uint8_t mac[8];
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_cbc_mac(key, lwsec_test_hex("0011"), mac), LWSEC_USAGE);
    key = packet_kic_key(open, 2, lwsec_test_hex("000102030405060708090a0b0c0d0e0f"));
    assert_status(lwsec_cbc_mac(key, lwsec_test_hex("0011"), mac), LWSEC_USAGE);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
}

static void test_cbc_mac_takes_triple_des_alone(void **state)
{
    (void)state;
    packet_each_store(check_bad_keys);
}

static void test_counter_modes(void **state)
{
    static const uint64_t max = LWSEC_SMS_COUNTER_MAX;
    static const struct {
        uint8_t spi1;
        uint64_t stored, counter;
        lwsec_status answer;
        uint8_t por;
    } cases[] = {
        {0x00, 5, 1, LWSEC_OK, 0},
        {0x08, 5, 1, LWSEC_OK, 0},
        {0x08, max, 1, LWSEC_OK, 0},
        {0x10, 5, 6, LWSEC_OK, 0},
        {0x10, 5, max, LWSEC_OK, 0},
        {0x10, 5, 5, LWSEC_REPLAY, LWSEC_SMS_POR_COUNTER_LOW},
        {0x10, 5, 4, LWSEC_REPLAY, LWSEC_SMS_POR_COUNTER_LOW},
        {0x10, 0, 0, LWSEC_REPLAY, LWSEC_SMS_POR_COUNTER_LOW},
        {0x10, max - 1, max, LWSEC_OK, 0},
        {0x10, max, max, LWSEC_NEED_REKEY, LWSEC_SMS_POR_COUNTER_BLOCKED},
        {0x10, max, 1, LWSEC_NEED_REKEY, LWSEC_SMS_POR_COUNTER_BLOCKED},
        {0x10, 5, max + 1, LWSEC_REPLAY, LWSEC_SMS_POR_COUNTER_LOW},
        {0x18, 5, 6, LWSEC_OK, 0},
        {0x18, 5, 7, LWSEC_REPLAY, LWSEC_SMS_POR_COUNTER_HIGH},
        {0x18, 5, 5, LWSEC_REPLAY, LWSEC_SMS_POR_COUNTER_LOW},
        {0x18, max - 1, max, LWSEC_OK, 0},
        {0x18, max, max, LWSEC_NEED_REKEY, LWSEC_SMS_POR_COUNTER_BLOCKED},
        {0xf6, 5, 5, LWSEC_REPLAY, LWSEC_SMS_POR_COUNTER_LOW}, /* other bits play no part */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t por = 0xff;
        lwsec_reason reason;
        assert_status(lwsec_sms_counter_check(cases[i].spi1, cases[i].stored, cases[i].counter,
                                              &por, &reason),
                      cases[i].answer);
        assert_int_equal(por, cases[i].por);
        assert_int_equal(reason.why == LWSEC_WHY_NONE, cases[i].answer == LWSEC_OK);
    }
}

static void test_texts_of_statuses(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= 0x0c; i++) {
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(lwsec_sms_por_text((uint8_t)i), lwsec_sms_por_text((uint8_t)j));
        }
    }
    assert_string_equal(lwsec_sms_por_text(0x02), "counter low");
    assert_string_equal(lwsec_sms_por_text(0x0d), "reserved or proprietary");
    assert_string_equal(lwsec_sms_por_text(0xff), "reserved or proprietary");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_cbc_mac_of_any_size),
        cmocka_unit_test(test_cbc_mac_takes_triple_des_alone),
        cmocka_unit_test(test_counter_modes),
        cmocka_unit_test(test_texts_of_statuses),
    };
    return cmocka_run_group_tests_name("sms-primitives", tests, NULL, NULL);
}
