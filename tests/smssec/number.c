/* Which senders are a Server's SMS number. */
#include "tests/support/test.h"

#include <lwsec/sms_channel.h>

static const lwsec_sms_numbering germany = {NULL, "49", "0"};
static const lwsec_sms_numbering america = {"011", "1", "1"};

/* A sender with that type of number. */
static lwsec_sms_address sender(uint8_t ton, const char *digits)
{
    lwsec_sms_address address;

    assert_status(lwsec_sms_address_of(digits, &address), LWSEC_OK);
    address.type = (uint8_t)(0x81 | ton << 4);
    return address;
}

static bool is(const char *number, uint8_t ton, const char *digits,
               const lwsec_sms_numbering *numbering)
{
    const lwsec_sms_address from = sender(ton, digits);
    return lwsec_sms_number_is(number, &from, numbering);
}

#define INTERNATIONAL LWSEC_SMS_TON_INTERNATIONAL
#define NATIONAL LWSEC_SMS_TON_NATIONAL
#define UNKNOWN LWSEC_SMS_TON_UNKNOWN

static void all_ways_to_write_an_international_number_are_one(void **state)
{
    static const char *const numbers[] = {"+4915112345678", "004915112345678", "4915112345678"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_true(is(numbers[i], INTERNATIONAL, "4915112345678", NULL));
        assert_true(is(numbers[i], UNKNOWN, "004915112345678", NULL));
        assert_false(is(numbers[i], INTERNATIONAL, "4915112345679", NULL));
        assert_false(is(numbers[i], INTERNATIONAL, "491511234567", NULL));
        assert_false(is(numbers[i], INTERNATIONAL, "15112345678", NULL));
        assert_false(is(numbers[i], UNKNOWN, "015112345678", NULL));
    }
}

/* What is no prefix here is a digit. */
static void national_numbers_need_their_country(void **state)
{
    (void)state;
    assert_true(is("+4915112345678", UNKNOWN, "015112345678", &germany));
    assert_true(is("+4915112345678", NATIONAL, "15112345678", &germany));
    assert_true(is("015112345678", INTERNATIONAL, "4915112345678", &germany));
    assert_false(is("+4915112345678", NATIONAL, "15112345678", NULL));
    assert_false(is("+4915112345678", UNKNOWN, "015112345678", NULL));
    assert_false(is("+4315112345678", UNKNOWN, "015112345678", &germany));
    assert_true(is("+15551234567", UNKNOWN, "15551234567", &america));
    assert_true(is("+15551234567", NATIONAL, "5551234567", &america));
    assert_true(is("+4915112345678", UNKNOWN, "0114915112345678", &america));
    assert_false(is("+4915112345678", UNKNOWN, "004915112345678", &america));
}

static void a_prefix_can_be_none(void **state)
{
    static const lwsec_sms_numbering none = {"", NULL, NULL};

    (void)state;
    assert_false(is("+4915112345678", UNKNOWN, "004915112345678", &none));
    assert_true(is("+4915112345678", INTERNATIONAL, "4915112345678", &none));
}

/* +49151 is not what is dialled as 49151 in the country of the device. */
static void plain_digits_of_a_sender_are_not_international(void **state)
{
    (void)state;
    assert_false(is("+4915112345678", UNKNOWN, "4915112345678", NULL));
    assert_true(is("4915112345678", UNKNOWN, "4915112345678", NULL));
}

static void a_short_code_is_itself(void **state)
{
    (void)state;
    assert_true(is("12345", UNKNOWN, "12345", NULL));
    assert_true(is("12345", LWSEC_SMS_TON_NETWORK, "12345", NULL));
    assert_false(is("12345", UNKNOWN, "123456", NULL));
    assert_false(is("12345", UNKNOWN, "1234", NULL));
    assert_false(is("12345", NATIONAL, "12345", NULL));
    assert_false(is("12345", 4, "12345", NULL)); /* subscriber number */
    assert_false(is("12345", 6, "12345", NULL)); /* abbreviated */
}

static void no_end_and_no_beginning_is_enough(void **state)
{
    (void)state;
    assert_false(is("12345678", INTERNATIONAL, "4915112345678", NULL));
    assert_false(is("4915112345678", INTERNATIONAL, "12345678", NULL));
    assert_false(is("+4915", INTERNATIONAL, "4915112345678", NULL));
    assert_false(is("+4915112345678", INTERNATIONAL, "4915", NULL));
}

static void what_is_no_number_is_nobody(void **state)
{
    static const char *const numbers[] = {"",         "+",          "++49",   "00",
                                          "+49 151",  "tel:+49151", "SERVER", "0",
                                          "+49151\n", "*49151",     "49151#", "+0049151x"};
    const lwsec_sms_address empty = {.type = 0x91};
    lwsec_sms_address letters;
    lwsec_sms_address star;
    size_t used;

    (void)state;
    assert_status(lwsec_sms_address_read(lwsec_test_hex("0ad053a2144a2d01"), &letters, &used, NULL),
                  LWSEC_OK);
    assert_status(lwsec_sms_address_read(lwsec_test_hex("06819451b1"), &star, &used, NULL),
                  LWSEC_OK);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_false(lwsec_sms_number_is(numbers[i], &empty, &germany));
        assert_false(lwsec_sms_number_is(numbers[i], &letters, &germany));
        assert_false(lwsec_sms_number_is(numbers[i], &star, &germany));
        assert_false(is(numbers[i], INTERNATIONAL, "49151", NULL));
        assert_false(is(numbers[i], UNKNOWN, "49151", NULL));
    }
    assert_false(is(NULL, INTERNATIONAL, "49151", NULL));
    assert_false(is("+00000000000000000000000000000000000000000000000000000000000000000000000000",
                    INTERNATIONAL, "49151", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ways_to_write_an_international_number_are_one),
        cmocka_unit_test(national_numbers_need_their_country),
        cmocka_unit_test(a_prefix_can_be_none),
        cmocka_unit_test(plain_digits_of_a_sender_are_not_international),
        cmocka_unit_test(a_short_code_is_itself),
        cmocka_unit_test(no_end_and_no_beginning_is_enough),
        cmocka_unit_test(what_is_no_number_is_nobody),
    };
    return cmocka_run_group_tests_name("sms-number", tests, NULL, NULL);
}
