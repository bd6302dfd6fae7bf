/* Addresses of short messages: text, wire, and what is no address. */
#include "tests/support/test.h"

#include <lwsec/sms_tpdu.h>

static lwsec_sms_address made(const char *number)
{
    lwsec_sms_address address;

    assert_status(lwsec_sms_address_of(number, &address), LWSEC_OK);
    return address;
}

static lwsec_status read(const char *wire, lwsec_sms_address *address)
{
    size_t used = 99;
    lwsec_reason reason;
    const lwsec_status status =
        lwsec_sms_address_read(lwsec_test_hex(wire), address, &used, &reason);

    if (status == LWSEC_OK) {
        assert_int_equal(used, strlen(wire) / 2);
        assert_int_equal(reason.why, LWSEC_WHY_NONE);
    } else {
        assert_int_equal(used, 99);
        assert_int_not_equal(reason.why, LWSEC_WHY_NONE);
    }
    return status;
}

static void numbers_have_the_bytes_of_the_specification(void **state)
{
    static const char *const numbers[][2] = {
        {"+4915112345678", "0d91945111325476f8"},
        {"12345", "05812143f5"},
        {"+1", "0191f1"},
        {"12", "028121"},
        {"+01234567890123456789", "149110325476981032547698"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const lwsec_sms_address address = made(numbers[i][0]);
        uint8_t room[LWSEC_SMS_ADDRESS_MAX];
        lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
        char text[LWSEC_SMS_NUMBER_MAX];
        lwsec_sms_address back;

        assert_status(lwsec_sms_address_write(&address, &out), LWSEC_OK);
        assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex(numbers[i][1]));
        assert_status(read(numbers[i][1], &back), LWSEC_OK);
        assert_true(lwsec_sms_address_same(&address, &back));
        assert_status(lwsec_sms_address_text(&back, text), LWSEC_OK);
        assert_string_equal(text, numbers[i][0]);
    }
}

static void other_text_is_no_number(void **state)
{
    static const char *const texts[] = {"",
                                        "+",
                                        "++1",
                                        "1+",
                                        "49 151",
                                        "49-151",
                                        "49a",
                                        "tel:1",
                                        "0x12",
                                        " 123",
                                        "123 ",
                                        "*100#",
                                        "+012345678901234567890",
                                        "012345678901234567890"};
    lwsec_sms_address address;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_status(lwsec_sms_address_of(texts[i], &address), LWSEC_USAGE);
    }
}

static void every_digit_of_the_wire_has_its_text(void **state)
{
    lwsec_sms_address address;
    char text[LWSEC_SMS_NUMBER_MAX];

    (void)state;
    assert_status(read("0f81"
                       "1032547698badcfe",
                       &address),
                  LWSEC_OK);
    assert_status(lwsec_sms_address_text(&address, text), LWSEC_OK);
    assert_string_equal(text, "0123456789*#abc");
}

static void a_number_has_no_filler_but_its_last_half_octet(void **state)
{
    lwsec_sms_address address;

    (void)state;
    assert_status(read("03912143", &address), LWSEC_REJECT); /* odd, filled with 4 */
    assert_status(read("039121f0", &address), LWSEC_OK);
    assert_status(read("0391210f", &address), LWSEC_REJECT); /* the filler first */
    assert_status(read("049121f3", &address), LWSEC_REJECT); /* even, and filled */
    assert_status(read("0391f1f3", &address), LWSEC_REJECT);
}

/* Five characters are 35 bits: nine half octets, and the tenth is what is left over. */
static void an_alphanumeric_sender_is_read_and_has_no_number(void **state)
{
    lwsec_sms_address address;
    char text[LWSEC_SMS_NUMBER_MAX] = "left";

    (void)state;
    assert_status(read("09d0c8329bfd06", &address), LWSEC_OK);
    assert_int_equal(lwsec_sms_ton(&address), LWSEC_SMS_TON_ALPHANUMERIC);
    assert_status(lwsec_sms_address_text(&address, text), LWSEC_ABSENT);
    assert_string_equal(text, "");
    assert_status(read("14d0ffffffffffffffffffff", &address), LWSEC_OK);
}

static void an_empty_address_has_no_number(void **state)
{
    lwsec_sms_address address;
    char text[LWSEC_SMS_NUMBER_MAX];

    (void)state;
    assert_status(read("0081", &address), LWSEC_OK);
    assert_status(lwsec_sms_address_text(&address, text), LWSEC_ABSENT);
}

static void malformed_addresses_are_refused(void **state)
{
    lwsec_sms_address address;

    (void)state;
    assert_status(read("", &address), LWSEC_REJECT);
    assert_status(read("0d", &address), LWSEC_REJECT);
    assert_status(read("0d91945111325476", &address), LWSEC_REJECT); /* cut */
    assert_status(read("0211"
                       "21",
                       &address),
                  LWSEC_REJECT); /* the highest bit is 0 */
    assert_status(read("159110325476981032547698f0", &address), LWSEC_REJECT); /* 21 digits */
    assert_status(read("ff91", &address), LWSEC_REJECT);
}

static void type_length_and_digits_make_an_address(void **state)
{
    const lwsec_sms_address one = made("+4915112345678");
    lwsec_sms_address other = one;

    (void)state;
    assert_true(lwsec_sms_address_same(&one, &other));
    other.type = 0x81;
    assert_false(lwsec_sms_address_same(&one, &other));
    other = made("+491511234567");
    assert_false(lwsec_sms_address_same(&one, &other));
    other = made("+4915112345679");
    assert_false(lwsec_sms_address_same(&one, &other));
}

static void what_does_not_read_is_not_written(void **state)
{
    uint8_t room[LWSEC_SMS_ADDRESS_MAX];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_sms_address address = made("+12345");

    (void)state;
    out.capacity = 4;
    assert_status(lwsec_sms_address_write(&address, &out), LWSEC_BUFFER);
    assert_int_equal(out.size, 0);
    out.capacity = sizeof room;
    address.digits = 21;
    assert_status(lwsec_sms_address_write(&address, &out), LWSEC_USAGE);
    address = made("+12345");
    address.digits = 4; /* the fifth digit stands where nothing may... */
    assert_status(lwsec_sms_address_write(&address, &out), LWSEC_OK);
    assert_int_equal(out.size, 4); /* ...and is not written */
    address.digits = 6;            /* the filler is a digit now */
    assert_status(lwsec_sms_address_write(&address, &out), LWSEC_USAGE);
    address.digits = 5;
    address.type = 0x11;
    assert_status(lwsec_sms_address_write(&address, &out), LWSEC_USAGE);
    assert_int_equal(out.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_the_bytes_of_the_specification),
        cmocka_unit_test(other_text_is_no_number),
        cmocka_unit_test(every_digit_of_the_wire_has_its_text),
        cmocka_unit_test(a_number_has_no_filler_but_its_last_half_octet),
        cmocka_unit_test(an_alphanumeric_sender_is_read_and_has_no_number),
        cmocka_unit_test(an_empty_address_has_no_number),
        cmocka_unit_test(malformed_addresses_are_refused),
        cmocka_unit_test(type_length_and_digits_make_an_address),
        cmocka_unit_test(what_does_not_read_is_not_written),
    };
    return cmocka_run_group_tests_name("sms-address", tests, NULL, NULL);
}
