/* The user data header: elements in any order, repeated, unknown, malformed. */
#include "tests/support/test.h"

#include <lwsec/sms_tpdu.h>

static lwsec_sms_part part;

static void reads(const char *header)
{
    memset(&part, 0xa5, sizeof part);
    assert_status(lwsec_sms_header_read(lwsec_test_hex(header), &part, NULL), LWSEC_OK);
}

static void refuses(const char *header, lwsec_why why)
{
    const lwsec_sms_part before = {.element = 0xa5};
    lwsec_reason reason;

    part = before;
    assert_status(lwsec_sms_header_read(lwsec_test_hex(header), &part, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, why);
    assert_int_equal(part.element, 0xa5); /* nothing is written */
}

static void no_header_is_one_plain_part(void **state)
{
    (void)state;
    assert_status(lwsec_sms_header_read(lwsec_bytes_of(NULL, 0), &part, NULL), LWSEC_OK);
    assert_int_equal(part.element, LWSEC_SMS_IE_NONE);
    assert_int_equal(part.total, 1);
    assert_int_equal(part.number, 1);
}

static void elements_come_in_any_order(void **state)
{
    static const char *const headers[] = {"00035a03017000", "700000035a0301",
                                          "240101700000035a0301", "00035a03012401017000",
                                          "00035a0301700005040b8423f0"};

    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        reads(headers[i]);
        assert_int_equal(part.element, LWSEC_SMS_IE_COMMAND);
        assert_false(part.wide);
        assert_int_equal(part.reference, 0x5a);
        assert_int_equal(part.total, 3);
        assert_int_equal(part.number, 1);
    }
}

static void a_reference_of_16_bits_is_read(void **state)
{
    (void)state;
    reads("7100080412340301");
    assert_int_equal(part.element, LWSEC_SMS_IE_RESPONSE);
    assert_true(part.wide);
    assert_int_equal(part.reference, 0x1234);
    assert_int_equal(part.total, 3);
}

static void of_concatenations_the_last_counts(void **state)
{
    (void)state;
    reads("00035a020200035b0301");
    assert_int_equal(part.reference, 0x5b);
    assert_int_equal(part.number, 1);
    reads("0804123403010003770202");
    assert_false(part.wide);
    assert_int_equal(part.reference, 0x77);
    assert_int_equal(part.number, 2);
    /* The first is bad, whatever the last one says. */
    refuses("00035a020300035b0301", LWSEC_WHY_SMS_HEADER);
}

static void a_packet_element_stands_once(void **state)
{
    (void)state;
    refuses("70007000", LWSEC_WHY_SMS_HEADER);
    refuses("71007100", LWSEC_WHY_SMS_HEADER);
    refuses("70007100", LWSEC_WHY_SMS_HEADER);
    refuses("7000240101"
            "7000",
            LWSEC_WHY_SMS_HEADER);
}

static void a_packet_element_is_empty(void **state)
{
    (void)state;
    refuses("700100", LWSEC_WHY_SMS_HEADER);
    refuses("71020000", LWSEC_WHY_SMS_HEADER);
}

static void a_packet_element_stands_in_the_first_part(void **state)
{
    (void)state;
    refuses("00035a03027000", LWSEC_WHY_SMS_HEADER);
    refuses("700000035a0303", LWSEC_WHY_SMS_HEADER);
    reads("00035a0302");
    assert_int_equal(part.element, LWSEC_SMS_IE_NONE);
}

static void a_part_is_one_of_its_message(void **state)
{
    (void)state;
    refuses("00035a0300", LWSEC_WHY_SMS_HEADER);
    refuses("00035a0304", LWSEC_WHY_SMS_HEADER);
    refuses("00035a0000", LWSEC_WHY_SMS_HEADER);
    refuses("00035a0001", LWSEC_WHY_SMS_HEADER);
    refuses("080412340300", LWSEC_WHY_SMS_HEADER);
    refuses("080412340304", LWSEC_WHY_SMS_HEADER);
    reads("00035affff");
    assert_int_equal(part.total, 255);
    assert_int_equal(part.number, 255);
    reads("00035a0101");
    assert_int_equal(part.total, 1);
}

static void every_element_has_its_length(void **state)
{
    (void)state;
    refuses("00025a03", LWSEC_WHY_SMS_HEADER);
    refuses("00045a030100", LWSEC_WHY_SMS_HEADER);
    refuses("0803123403", LWSEC_WHY_SMS_HEADER);
    refuses("08051234030100", LWSEC_WHY_SMS_HEADER);
    refuses("70", LWSEC_WHY_TRUNCATED);     /* no length */
    refuses("2402ff", LWSEC_WHY_TRUNCATED); /* past the header */
    refuses("24ff", LWSEC_WHY_TRUNCATED);
    refuses("00035a03", LWSEC_WHY_TRUNCATED);
    refuses("700000", LWSEC_WHY_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_header_is_one_plain_part),
        cmocka_unit_test(elements_come_in_any_order),
        cmocka_unit_test(a_reference_of_16_bits_is_read),
        cmocka_unit_test(of_concatenations_the_last_counts),
        cmocka_unit_test(a_packet_element_stands_once),
        cmocka_unit_test(a_packet_element_is_empty),
        cmocka_unit_test(a_packet_element_stands_in_the_first_part),
        cmocka_unit_test(a_part_is_one_of_its_message),
        cmocka_unit_test(every_element_has_its_length),
    };
    return cmocka_run_group_tests_name("sms-header", tests, NULL, NULL);
}
