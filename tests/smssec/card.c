/* Payloads of GET DATA and STORE DATA. */
#include "tests/support/test.h"

#include <lwsec/sms_card.h>

#define COAP "5402303aaabbccddb13101300138"
#define PAYLOAD                                                                                    \
    "0d91945111325476f8"                                                                           \
    "05"                                                                                           \
    "000e" COAP

static const lwsec_sms_card_format bare = {.size = sizeof bare, .bare = true};

static lwsec_status read(const lwsec_sms_card_format *format, lwsec_bytes payload,
                         lwsec_sms_address *address, lwsec_bytes *coap)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_sms_card_read(format, payload, address, coap, &reason);

    assert_true((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    return status;
}

static lwsec_why refused(const lwsec_sms_card_format *format, const char *payload)
{
    lwsec_sms_address address;
    lwsec_bytes coap;
    lwsec_reason reason;

    assert_status(lwsec_sms_card_read(format, lwsec_test_hex(payload), &address, &coap, &reason),
                  LWSEC_REJECT);
    return reason.why;
}

static void payload_is(const lwsec_sms_card_format *format, const char *number, const char *payload)
{
    lwsec_sms_address to;
    lwsec_sms_address from;
    lwsec_bytes coap;
    uint8_t room[64];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    assert_status(lwsec_sms_address_of(number, &to), LWSEC_OK);
    assert_status(lwsec_sms_card_write(format, &to, lwsec_test_hex(COAP), &out, NULL), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex(payload));
    assert_status(read(format, lwsec_test_hex(payload), &from, &coap), LWSEC_OK);
    assert_true(lwsec_sms_address_same(&to, &from));
    assert_bytes(coap, lwsec_test_hex(COAP));
}

static void the_payloads_of_the_vectors(void **state)
{
    (void)state;
    payload_is(NULL, "+4915112345678", PAYLOAD);
    payload_is(NULL, "12345",
               "05812143f5"
               "05"
               "000e" COAP);
    payload_is(NULL, "+1",
               "0191f1"
               "05"
               "000e" COAP);
    LWSEC_COVERS("R-5.4.2.1.2-09");
}

static void a_card_may_do_it_in_another_way(void **state)
{
    const lwsec_sms_card_format other = {.size = sizeof other, .tag = 0x80, .little_endian = true};

    (void)state;
    payload_is(&other, "+1",
               "0191f1"
               "80"
               "0e00" COAP);
    payload_is(&bare, "+1", "0191f1" COAP);
    assert_int_equal(refused(&other, PAYLOAD), LWSEC_WHY_WRONG_TYPE);
    assert_int_equal(refused(&other, "0191f1"
                                     "80"
                                     "000e" COAP),
                     LWSEC_WHY_TRUNCATED);
}

static void the_length_is_that_of_the_rest(void **state)
{
    (void)state;
    assert_int_equal(refused(NULL, "0191f1"
                                   "05"
                                   "000f" COAP),
                     LWSEC_WHY_TRUNCATED);
    assert_int_equal(refused(NULL, "0191f1"
                                   "05"
                                   "000d" COAP),
                     LWSEC_WHY_TRAILING_BYTES);
    assert_int_equal(refused(NULL, "0191f1"
                                   "05"
                                   "0e" COAP),
                     LWSEC_WHY_TRUNCATED); /* as BER has it */
    assert_int_equal(refused(NULL, "0191f1"
                                   "05"
                                   "820e" COAP),
                     LWSEC_WHY_TRUNCATED);
    assert_int_equal(refused(NULL, "0191f1"
                                   "05"
                                   "ffff" COAP),
                     LWSEC_WHY_TRUNCATED);
    assert_int_equal(refused(NULL, "0191f1"
                                   "05"
                                   "0000"),
                     LWSEC_WHY_TRUNCATED);
    assert_int_equal(refused(&bare, "0191f1"), LWSEC_WHY_TRUNCATED);
}

static void the_address_is_a_number(void **state)
{
    (void)state;
    assert_int_equal(refused(NULL, "09d0c8329bfd06"
                                   "05"
                                   "000e" COAP),
                     LWSEC_WHY_SMS_ADDRESS);
    assert_int_equal(refused(NULL, "0091"
                                   "05"
                                   "000e" COAP),
                     LWSEC_WHY_SMS_ADDRESS);
    assert_int_equal(refused(NULL, "019121"
                                   "05"
                                   "000e" COAP),
                     LWSEC_WHY_SMS_ADDRESS);
    assert_int_equal(refused(NULL, "ff91f1"
                                   "05"
                                   "000e" COAP),
                     LWSEC_WHY_SMS_ADDRESS);
}

static void every_cut_and_every_more_is_refused(void **state)
{
    const lwsec_bytes payload = lwsec_test_hex(PAYLOAD);
    uint8_t longer[64] = {0};
    lwsec_sms_address address;
    lwsec_bytes coap;

    (void)state;
    memcpy(longer, payload.data, payload.size);
    for (size_t size = 0; size <= sizeof longer; size++) {
        assert_status(read(NULL, lwsec_bytes_of(longer, size), &address, &coap),
                      size == payload.size ? LWSEC_OK : LWSEC_REJECT);
    }
}

/* Each accepted change is one of the number or of the message, and comes back as it is. */
static void every_flip_is_refused_or_comes_back(void **state)
{
    const lwsec_bytes payload = lwsec_test_hex(PAYLOAD);
    uint8_t changed[64];
    uint8_t room[64];
    unsigned accepted = 0;

    (void)state;
    memcpy(changed, payload.data, payload.size);
    for (size_t bit = 0; bit < 8 * payload.size; bit++) {
        lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
        lwsec_sms_address address;
        lwsec_bytes coap;

        changed[bit / 8] ^= (uint8_t)(1U << bit % 8);
        if (read(NULL, lwsec_bytes_of(changed, payload.size), &address, &coap) == LWSEC_OK) {
            assert_status(lwsec_sms_card_write(NULL, &address, coap, &out, NULL), LWSEC_OK);
            assert_bytes(lwsec_buffer_bytes(&out), lwsec_bytes_of(changed, payload.size));
            assert_false(bit / 8 >= 9 && bit / 8 < 12); /* tag and length */
            accepted++;
        }
        changed[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_true(accepted >= 8 * 14);
}

static void what_does_not_read_is_not_written(void **state)
{
    static const uint8_t large[65536 + 16];
    static uint8_t room[sizeof large + LWSEC_SMS_CARD_OVERHEAD];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    const lwsec_sms_card_format unknown = {.size = 2};
    lwsec_sms_address address;
    lwsec_bytes coap;

    (void)state;
    assert_status(lwsec_sms_address_of("+1", &address), LWSEC_OK);
    assert_status(lwsec_sms_card_write(NULL, &address, lwsec_bytes_of(large, 65535), &out, NULL),
                  LWSEC_OK);
    assert_int_equal(out.size, 3 + 3 + 65535);
    assert_status(lwsec_sms_card_write(NULL, &address, lwsec_bytes_of(large, 65536), &out, NULL),
                  LWSEC_USAGE);
    assert_int_equal(out.size, 0);
    assert_status(lwsec_sms_card_write(NULL, &address, lwsec_bytes_of(NULL, 0), &out, NULL),
                  LWSEC_USAGE);
    assert_status(lwsec_sms_card_write(&unknown, &address, lwsec_bytes_of(large, 4), &out, NULL),
                  LWSEC_USAGE);
    assert_status(lwsec_sms_card_read(&unknown, lwsec_test_hex(PAYLOAD), &address, &coap, NULL),
                  LWSEC_USAGE);
    for (out.capacity = 0; out.capacity < 10; out.capacity++) {
        assert_status(lwsec_sms_card_write(NULL, &address, lwsec_bytes_of(large, 4), &out, NULL),
                      LWSEC_BUFFER);
    }
    address.digits = 0;
    out.capacity = sizeof room;
    assert_status(lwsec_sms_card_write(NULL, &address, lwsec_bytes_of(large, 4), &out, NULL),
                  LWSEC_USAGE);
    address = (lwsec_sms_address){.digits = 2, .type = 0xd0};
    assert_status(lwsec_sms_card_write(NULL, &address, lwsec_bytes_of(large, 4), &out, NULL),
                  LWSEC_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_payloads_of_the_vectors),
        cmocka_unit_test(a_card_may_do_it_in_another_way),
        cmocka_unit_test(the_length_is_that_of_the_rest),
        cmocka_unit_test(the_address_is_a_number),
        cmocka_unit_test(every_cut_and_every_more_is_refused),
        cmocka_unit_test(every_flip_is_refused_or_comes_back),
        cmocka_unit_test(what_does_not_read_is_not_written),
    };
    return cmocka_run_group_tests_name("sms-card", tests, NULL, NULL);
}
