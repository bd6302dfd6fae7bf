/* The value of the OSCORE option, RFC 8613 section 6.1: what is refused, and one encoding for each
 * value. */
#include "tests/support/test.h"

#include <lwsec/oscore.h>

/* Decodes out of memory of exactly the size, so that a sanitizer sees one byte too far. */
static lwsec_status decode(lwsec_bytes value, lwsec_oscore_option *option, lwsec_reason *reason,
                           uint8_t **copy)
{
    *copy = malloc(value.size > 0 ? value.size : 1);
    assert_non_null(*copy);
    if (value.size > 0) {
        memcpy(*copy, value.data, value.size);
    }
    return lwsec_oscore_option_decode(lwsec_bytes_of(*copy, value.size), option, reason);
}

static void assert_refused(const char *hex, lwsec_why why)
{
    lwsec_oscore_option option;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    uint8_t *copy;

    memset(&option, 0x5a, sizeof option);
    const lwsec_oscore_option before = option;
    assert_status(decode(lwsec_test_hex(hex), &option, &reason, &copy), LWSEC_REJECT);
    assert_int_equal(reason.why, why);
    assert_memory_equal(&option, &before, sizeof option);
    free(copy);
}

static void assert_field(lwsec_bytes field, const char *hex)
{
    if (hex == NULL) {
        assert_null(field.data);
        assert_int_equal(field.size, 0);
        return;
    }
    assert_non_null(field.data);
    assert_bytes(field, lwsec_test_hex(hex));
}

/* Decodes to these fields (NULL: absent) and encodes to the same bytes, with no byte to spare. */
static void assert_value(const char *hex, const char *piv, const char *kid_context, const char *kid)
{
    const lwsec_bytes value = lwsec_test_hex(hex);
    lwsec_oscore_option option;
    lwsec_reason reason = {LWSEC_WHY_TRUNCATED, 1};
    uint8_t *copy;
    uint8_t room[300];
    lwsec_buffer out = lwsec_buffer_of(room, value.size);

    assert_status(decode(value, &option, &reason, &copy), LWSEC_OK);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
    assert_true(option.present);
    assert_field(option.partial_iv, piv);
    assert_field(option.kid_context, kid_context);
    assert_field(option.kid, kid);
    assert_status(lwsec_oscore_option_encode(&option, &out), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), value);
    for (size_t capacity = 0; capacity < value.size; capacity++) {
        out = lwsec_buffer_of(room, capacity);
        out.size = 1;
        assert_status(lwsec_oscore_option_encode(&option, &out), LWSEC_BUFFER);
        assert_int_equal(out.size, 0);
    }
    free(copy);
}

static void values_of_the_rfc_are_read_and_written(void **state)
{
    (void)state;
    /* RFC 8613 section 6.2 and Appendix C.4 to C.8. */
    assert_value("090525", "05", NULL, "25");
    assert_value("0914", "14", NULL, "");
    assert_value("19050544616c656b", "05", "44616c656b", "");
    assert_value("19140837cbf3210017a2d3", "14", "37cbf3210017a2d3", "");
    assert_value("", NULL, NULL, NULL);
    assert_value("0107", "07", NULL, NULL);
}

static void an_empty_kid_and_an_empty_kid_context_are_not_absent(void **state)
{
    (void)state;
    assert_value("08", NULL, NULL, "");
    assert_value("1000", NULL, "", NULL);
    assert_value("1800", NULL, "", "");
    assert_value("190000", "00", "", "");
}

static void partial_ivs_of_one_to_five_bytes_are_read(void **state)
{
    (void)state;
    assert_value("0100", "00", NULL, NULL);
    assert_value("0101", "01", NULL, NULL);
    assert_value("020100", "0100", NULL, NULL);
    assert_value("03010000", "010000", NULL, NULL);
    assert_value("0401000000", "01000000", NULL, NULL);
    assert_value("05ffffffffff", "ffffffffff", NULL, NULL);
}

static void a_partial_iv_of_six_or_seven_bytes_is_refused(void **state)
{
    (void)state;
    assert_refused("06010203040506", LWSEC_WHY_OSCORE_RESERVED);
    assert_refused("0e010203040506", LWSEC_WHY_OSCORE_RESERVED);
    assert_refused("0701020304050607", LWSEC_WHY_OSCORE_RESERVED);
    assert_refused("0f01020304050607", LWSEC_WHY_OSCORE_RESERVED);
}

static void a_partial_iv_with_a_leading_zero_is_refused(void **state)
{
    (void)state;
    assert_refused("020000", LWSEC_WHY_OSCORE_PIV);
    assert_refused("020001", LWSEC_WHY_OSCORE_PIV);
    assert_refused("0a000125", LWSEC_WHY_OSCORE_PIV);
    assert_refused("050000000001", LWSEC_WHY_OSCORE_PIV);
}

static void reserved_flag_bits_are_refused(void **state)
{
    char hex[8];

    (void)state;
    for (unsigned flags = 0x20; flags <= 0xff; flags++) {
        assert_true(snprintf(hex, sizeof hex, "%02x00", flags) == 4);
        assert_refused(hex, LWSEC_WHY_OSCORE_RESERVED);
    }
    assert_refused("e9140102", LWSEC_WHY_OSCORE_RESERVED);
}

static void flags_of_zero_have_to_be_an_empty_value(void **state)
{
    (void)state;
    assert_refused("00", LWSEC_WHY_OSCORE_RESERVED);
    assert_refused("0000", LWSEC_WHY_OSCORE_RESERVED);
    assert_refused("0001", LWSEC_WHY_OSCORE_RESERVED);
}

static void bytes_behind_the_last_field_are_refused(void **state)
{
    (void)state;
    assert_refused("010500", LWSEC_WHY_TRAILING_BYTES);
    assert_refused("100000", LWSEC_WHY_TRAILING_BYTES);
    assert_refused("110501aabb", LWSEC_WHY_TRAILING_BYTES);
}

static void a_kid_context_that_is_longer_than_the_value_is_refused(void **state)
{
    (void)state;
    assert_refused("10", LWSEC_WHY_TRUNCATED);
    assert_refused("1001", LWSEC_WHY_TRUNCATED);
    assert_refused("1903ff", LWSEC_WHY_TRUNCATED);
    assert_refused("190305aabbccdd", LWSEC_WHY_TRUNCATED);
    assert_refused("1908ff25", LWSEC_WHY_TRUNCATED);
}

static void a_value_that_ends_inside_of_a_field_is_refused(void **state)
{
    /* All fields, and the longest of each: flags, 5 bytes of Partial IV, length, kid context. */
    static const uint8_t whole[] = {0x1d, 1, 2, 3, 4, 5, 3, 0xa, 0xb, 0xc, 7, 7, 7, 7, 7, 7, 7};
    lwsec_oscore_option option;
    lwsec_reason reason;
    uint8_t *copy;

    (void)state;
    for (size_t size = 1; size < 10; size++) {
        assert_status(decode(lwsec_bytes_of(whole, size), &option, &reason, &copy), LWSEC_REJECT);
        assert_int_equal(reason.why, LWSEC_WHY_TRUNCATED);
        free(copy);
    }
    /* From here on, the rest is a kid of any length. */
    for (size_t size = 10; size <= sizeof whole; size++) {
        assert_status(decode(lwsec_bytes_of(whole, size), &option, &reason, &copy), LWSEC_OK);
        assert_int_equal(option.kid.size, size - 10);
        free(copy);
    }
}

static void every_short_value_is_refused_or_comes_back_the_same(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < 1U << 24; number += number < 1U << 16 ? 1U : 7U) {
        const uint8_t value[3] = {(uint8_t)(number & 0xffU), (uint8_t)(number >> 8 & 0xffU),
                                  (uint8_t)(number >> 16)};
        const size_t size = number < 1U << 8 ? 1 : number < 1U << 16 ? 2 : 3;
        lwsec_oscore_option option;
        uint8_t room[3];
        lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

        if (lwsec_oscore_option_decode(lwsec_bytes_of(value, size), &option, NULL) == LWSEC_OK) {
            assert_status(lwsec_oscore_option_encode(&option, &out), LWSEC_OK);
            assert_bytes(lwsec_buffer_bytes(&out), lwsec_bytes_of(value, size));
        }
    }
}

static void fields_that_no_value_can_hold_are_not_encoded(void **state)
{
    static const uint8_t bytes[300] = {1};
    uint8_t room[400];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_oscore_option option = {.present = true, .partial_iv = lwsec_bytes_of(bytes, 6)};

    (void)state;
    assert_status(lwsec_oscore_option_encode(&option, &out), LWSEC_USAGE);
    option.partial_iv = lwsec_bytes_of(bytes, 0);
    assert_status(lwsec_oscore_option_encode(&option, &out), LWSEC_USAGE);
    option.partial_iv = lwsec_bytes_of(bytes, 1);
    option.kid_context = lwsec_bytes_of(bytes, 256);
    assert_status(lwsec_oscore_option_encode(&option, &out), LWSEC_USAGE);
    assert_int_equal(out.size, 0);
    option.kid_context = lwsec_bytes_of(bytes, 255);
    assert_status(lwsec_oscore_option_encode(&option, &out), LWSEC_OK);
}

static void peek_tells_what_stands_outside(void **state)
{
    lwsec_oscore_option option;
    lwsec_reason reason;

    (void)state;
    /* RFC 8613 Appendix C.6, and a message without the option. */
    assert_status(
        lwsec_oscore_peek(LWSEC_COAP_UDP,
                          lwsec_test_hex("44022f8eef9bbf7a396c6f63616c686f73746b19140837cb"
                                         "f3210017a2d3ff72cd7273fd331ac45cffbe55c3"),
                          &option, &reason),
        LWSEC_OK);
    assert_true(option.present);
    assert_field(option.partial_iv, "14");
    assert_field(option.kid_context, "37cbf3210017a2d3");
    assert_field(option.kid, "");
    assert_status(
        lwsec_oscore_peek(LWSEC_COAP_UDP, lwsec_test_hex("4001123483747631"), &option, &reason),
        LWSEC_OK);
    assert_false(option.present);
    assert_field(option.kid, NULL);
}

static void peek_refuses_a_malformed_message_or_option(void **state)
{
    lwsec_oscore_option option;
    lwsec_reason reason;

    (void)state;
    assert_status(
        lwsec_oscore_peek(LWSEC_COAP_UDP, lwsec_test_hex("400212349100ff01"), &option, &reason),
        LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_OSCORE_RESERVED);
    assert_status(lwsec_oscore_peek(LWSEC_COAP_UDP, lwsec_test_hex("4002123492"), &option, &reason),
                  LWSEC_REJECT);
    assert_status(lwsec_oscore_peek(LWSEC_COAP_UDP, lwsec_bytes_of(NULL, 0), &option, &reason),
                  LWSEC_REJECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_the_rfc_are_read_and_written),
        cmocka_unit_test(an_empty_kid_and_an_empty_kid_context_are_not_absent),
        cmocka_unit_test(partial_ivs_of_one_to_five_bytes_are_read),
        cmocka_unit_test(a_partial_iv_of_six_or_seven_bytes_is_refused),
        cmocka_unit_test(a_partial_iv_with_a_leading_zero_is_refused),
        cmocka_unit_test(reserved_flag_bits_are_refused),
        cmocka_unit_test(flags_of_zero_have_to_be_an_empty_value),
        cmocka_unit_test(bytes_behind_the_last_field_are_refused),
        cmocka_unit_test(a_kid_context_that_is_longer_than_the_value_is_refused),
        cmocka_unit_test(a_value_that_ends_inside_of_a_field_is_refused),
        cmocka_unit_test(every_short_value_is_refused_or_comes_back_the_same),
        cmocka_unit_test(fields_that_no_value_can_hold_are_not_encoded),
        cmocka_unit_test(peek_tells_what_stands_outside),
        cmocka_unit_test(peek_refuses_a_malformed_message_or_option),
    };
    return cmocka_run_group_tests_name("oscore-option", tests, NULL, NULL);
}
