/* Resources 7 and 8: both forms, and the keys that are not taken. */
#include "tests/smssec/packets.h"

static void test_both_forms_are_read(void **state)
{
    lwsec_sms_parameters read;

    (void)state;
    assert_status(lwsec_sms_parameters_read(lwsec_test_hex("122216b20203"), 0x09, &read, NULL),
                  LWSEC_OK);
    assert_int_equal(read.kic, 0x12);
    assert_int_equal(read.kid, 0x22);
    assert_int_equal(read.spi1, 0x16);
    assert_int_equal(read.spi2, 0x09);
    assert_status(lwsec_sms_parameters_read(lwsec_test_hex("12221639b20203"), 0x09, &read, NULL),
                  LWSEC_OK);
    assert_int_equal(read.spi2, 0x39);
    assert_memory_equal(read.tar, lwsec_test_hex("b20203").data, 3);
    LWSEC_COVERS("R-5.4-08");
    LWSEC_COVERS("R-5.4-09");
}

static void test_forms_that_are_refused(void **state)
{
    static const struct {
        const char *resource;
        lwsec_why why;
    } wrong[] = {
        {"", LWSEC_WHY_TRUNCATED},
        {"1222", LWSEC_WHY_TRUNCATED},
        {"122216b202", LWSEC_WHY_TRUNCATED},
        {"12221639b2020300", LWSEC_WHY_TRAILING_BYTES},
        {"122216b20204", LWSEC_WHY_SMS_PARAMETERS},
        {"12221639b20202", LWSEC_WHY_SMS_PARAMETERS},
        {"12221639b202", LWSEC_WHY_SMS_PARAMETERS},   /* of 7 octets the first 6 */
        {"122216b2020300", LWSEC_WHY_SMS_PARAMETERS}, /* of 6 octets and one more */
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        lwsec_sms_parameters read = {.kic = 0x77};
        lwsec_reason reason;
        assert_status(
            lwsec_sms_parameters_read(lwsec_test_hex(wrong[i].resource), 0, &read, &reason),
            LWSEC_REJECT);
        assert_int_equal(reason.why, wrong[i].why);
        assert_int_equal(read.kic, 0x77);
    }
}

static void test_both_forms_are_written(void **state)
{
    const lwsec_sms_parameters parameters = {0x12, 0x22, 0x16, 0x39, LWSEC_SMS_TAR_LWM2M};
    uint8_t room[7];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    assert_status(lwsec_sms_parameters_write(&parameters, 6, &out), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex("122216b20203"));
    assert_status(lwsec_sms_parameters_write(&parameters, 7, &out), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex("12221639b20203"));
    assert_status(lwsec_sms_parameters_write(&parameters, 8, &out), LWSEC_USAGE);
    assert_int_equal(out.size, 0);
    out.capacity = 6;
    assert_status(lwsec_sms_parameters_write(&parameters, 7, &out), LWSEC_BUFFER);
}

/* ---- Keys ---- */

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define AES_A "000102030405060708090a0b0c0d0e0f"
#define AES_B "101112131415161718191a1b1c1d1e1f"
#define DES_1 "0123456789abcdef"
#define DES_2 "23456789abcdef01"
#define DES_3 "456789abcdef0123"
#define DES_4 "6789abcdef012345"
#define PARITY_1 "0022446688aaccee" /* DES_1 with other parity bits */

static void check_keys(lwsec_store *store)
{
    static const struct {
        uint8_t kic, kid;
        const char *raw;
        uint32_t flags;
        lwsec_why why;
    } cases[] = {
        {0x12, 0x12, AES_A AES_B, 0, LWSEC_WHY_NONE},
        {0x12, 0x12, AES_A DES_1 AES_B DES_2, 0, LWSEC_WHY_NONE}, /* AES-192 */
        {0x12, 0x12, AES_A AES_B AES_B AES_A, 0, LWSEC_WHY_NONE}, /* AES-256 */
        {0x19, 0x19, DES_1 DES_2 DES_3 DES_2 DES_3 DES_4, 0, LWSEC_WHY_NONE},
        {0x12, 0x19, AES_A DES_4 DES_1 DES_2 DES_3, 0, LWSEC_WHY_NONE},
        {0x15, 0x15, DES_1 DES_2 DES_3 DES_4, 0, LWSEC_WHY_NONE},
        {0x12, 0x12, AES_A, LWSEC_SMS_ONE_KEY, LWSEC_WHY_NONE},
        {0x12, 0x12, AES_A, 0, LWSEC_WHY_SMS_KEYS},
        {0x12, 0x12, "", 0, LWSEC_WHY_SMS_KEYS},
        {0x12, 0x12, AES_A AES_B "00", 0, LWSEC_WHY_SMS_KEYS},
        {0x12, 0x12, AES_A DES_1 DES_2 DES_3, 0, LWSEC_WHY_SMS_KEYS}, /* halves of 20 */
        {0x12, 0x12, AES_A AES_A, 0, LWSEC_WHY_SMS_KEYS},
        {0x12, 0x12, AES_A AES_B, 1, LWSEC_WHY_CONFIG},
        {0x19, 0x19, AES_A AES_B, 0, LWSEC_WHY_SMS_KEYS},
        {0x19, 0x19, DES_1 DES_1 DES_3 DES_2 DES_3 DES_4, 0, LWSEC_WHY_SMS_KEYS},
        {0x19, 0x19, DES_1 DES_2 DES_2 DES_2 DES_3 DES_4, 0, LWSEC_WHY_SMS_KEYS},
        {0x19, 0x19, DES_1 DES_2 DES_1 DES_2 DES_3 DES_4, 0, LWSEC_WHY_SMS_KEYS},
        {0x19, 0x19, DES_1 DES_2 PARITY_1 DES_2 DES_3 DES_4, 0, LWSEC_WHY_SMS_KEYS},
        {0x19, 0x19, DES_2 DES_3 DES_4 DES_1 DES_2 PARITY_1, 0, LWSEC_WHY_SMS_KEYS},
        {0x15, 0x15, DES_1 PARITY_1 DES_3 DES_4, 0, LWSEC_WHY_SMS_KEYS},
        /* KIc and KID that are one key to triple DES; to AES they are two. */
        {0x19, 0x19, DES_1 DES_2 DES_3 PARITY_1 DES_2 DES_3, 0, LWSEC_WHY_SMS_KEYS},
        {0x15, 0x15, DES_1 DES_2 PARITY_1 DES_2, 0, LWSEC_WHY_SMS_KEYS},
        {0x12, 0x12, DES_1 DES_2 PARITY_1 DES_2, 0, LWSEC_WHY_NONE},
        {0x15, 0x15, AES_A, LWSEC_SMS_ONE_KEY, LWSEC_WHY_SMS_KEYS}, /* one key is for AES */
        {0x11, 0x11, AES_A AES_B, 0, LWSEC_WHY_SMS_CODING},
        {0x12, 0x11, AES_A AES_B, 0, LWSEC_WHY_SMS_CODING},
        {0x10, 0x12, AES_A AES_B, 0, LWSEC_WHY_SMS_CODING},
        {0x1d, 0x12, AES_A AES_B, 0, LWSEC_WHY_SMS_CODING},
    };

    for (size_t run = 0; run < 40 * COUNT(cases); run++) {
        const size_t i = run % COUNT(cases);
        const lwsec_sms_parameters parameters = {.kic = cases[i].kic, .kid = cases[i].kid};
        lwsec_key kic = {NULL, 0, 0};
        lwsec_key kid = {NULL, 0, 0};
        lwsec_reason reason;
        const lwsec_status status = lwsec_sms_keys_import(
            store, &parameters, lwsec_test_hex(cases[i].raw), cases[i].flags, &kic, &kid, &reason);
        assert_int_equal(reason.why, cases[i].why);
        assert_int_equal(status, cases[i].why == LWSEC_WHY_NONE ? LWSEC_OK : LWSEC_USAGE);
        /* More imports than the store has slots: what is refused leaves nothing behind. */
        assert_int_equal(kic.store != NULL, status == LWSEC_OK);
        assert_int_equal(kid.store != NULL, status == LWSEC_OK);
        assert_status(lwsec_key_destroy(&kic), LWSEC_OK);
        assert_status(lwsec_key_destroy(&kid), LWSEC_OK);
    }
}

static void test_keys_of_resource_8(void **state)
{
    (void)state;
    packet_each_store(check_keys);
    LWSEC_COVERS("R-5.4.2.1.3-06");
    LWSEC_COVERS("R-5.4.2.1.3-08");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_forms_are_read),
        cmocka_unit_test(test_forms_that_are_refused),
        cmocka_unit_test(test_both_forms_are_written),
        cmocka_unit_test(test_keys_of_resource_8),
    };
    return cmocka_run_group_tests_name("sms-parameters", tests, NULL, NULL);
}
