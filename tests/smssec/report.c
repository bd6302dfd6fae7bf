/* SMS-DELIVER-REPORT: what TP-PI announces, in RP-ACK and in RP-ERROR. */
#include "tests/support/test.h"

#include <lwsec/sms_tpdu.h>

#define PACKET "027100000b0ab2020300000000000001"
#define ACK "40077ff610" PACKET
#define ERROR "40d5077ff610" PACKET

static lwsec_status decode(lwsec_sms_tpdu_kind kind, const char *wire, lwsec_sms_tpdu *tpdu)
{
    return lwsec_sms_tpdu_decode(kind, lwsec_test_hex(wire), tpdu, NULL);
}

static void encodes_to(const lwsec_sms_tpdu *tpdu, const char *wire)
{
    uint8_t room[LWSEC_SMS_TPDU_MAX];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    assert_status(lwsec_sms_tpdu_encode(tpdu, &out, NULL), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex(wire));
}

static void a_report_carries_a_response_packet(void **state)
{
    lwsec_sms_tpdu tpdu;

    (void)state;
    assert_status(decode(LWSEC_SMS_REPORT, ACK, &tpdu), LWSEC_OK);
    assert_int_equal(tpdu.present, 7);
    assert_int_equal(tpdu.protocol, 0x7f);
    assert_int_equal(tpdu.coding, 0xf6);
    assert_bytes(tpdu.header, lwsec_test_hex("7100"));
    assert_bytes(tpdu.data, lwsec_test_hex("000b0ab2020300000000000001"));
    encodes_to(&tpdu, ACK);
}

static void an_error_has_its_cause(void **state)
{
    lwsec_sms_tpdu tpdu;

    (void)state;
    assert_status(decode(LWSEC_SMS_REPORT_ERROR, ERROR, &tpdu), LWSEC_OK);
    assert_int_equal(tpdu.cause, 0xd5);
    encodes_to(&tpdu, ERROR);
    assert_status(decode(LWSEC_SMS_REPORT_ERROR, "007f00", &tpdu), LWSEC_REJECT);
    assert_status(decode(LWSEC_SMS_REPORT_ERROR, "008000", &tpdu), LWSEC_OK);
    /* One is not the other: what is TP-PI here is TP-FCS there. */
    assert_status(decode(LWSEC_SMS_REPORT_ERROR, ACK, &tpdu), LWSEC_REJECT);
    assert_status(decode(LWSEC_SMS_REPORT, ERROR, &tpdu), LWSEC_REJECT);
}

static void only_what_is_announced_is_there(void **state)
{
    lwsec_sms_tpdu tpdu;

    (void)state;
    assert_status(decode(LWSEC_SMS_REPORT, "0000", &tpdu), LWSEC_OK);
    assert_int_equal(tpdu.data.size, 0);
    encodes_to(&tpdu, "0000");
    assert_status(decode(LWSEC_SMS_REPORT, "0006f602beef", &tpdu), LWSEC_OK);
    assert_int_equal(tpdu.protocol, 0);
    assert_bytes(tpdu.data, lwsec_test_hex("beef"));
    encodes_to(&tpdu, "0006f602beef");
    assert_status(decode(LWSEC_SMS_REPORT, "0001aa", &tpdu), LWSEC_OK);
    assert_int_equal(tpdu.protocol, 0xaa);
    encodes_to(&tpdu, "0001aa");
    /* Without TP-DCS it is 7-bit text: 8 septets are 7 octets. */
    assert_status(decode(LWSEC_SMS_REPORT, "00040800112233445566", &tpdu), LWSEC_OK);
    assert_int_equal(tpdu.data.size, 7);
}

static void later_fields_are_passed_over(void **state)
{
    lwsec_sms_tpdu tpdu;

    (void)state;
    assert_status(decode(LWSEC_SMS_REPORT, "000ef602beef99", &tpdu), LWSEC_OK);
    assert_bytes(tpdu.data, lwsec_test_hex("beef"));
    assert_status(decode(LWSEC_SMS_REPORT, "00868000f602beef99", &tpdu), LWSEC_OK);
    assert_bytes(tpdu.data, lwsec_test_hex("beef"));
    encodes_to(&tpdu, "0006f602beef");
    assert_status(decode(LWSEC_SMS_REPORT, "0006f602beef99", &tpdu), LWSEC_REJECT);
    assert_status(decode(LWSEC_SMS_REPORT, "0080808080", &tpdu), LWSEC_REJECT);
}

static void a_header_needs_user_data(void **state)
{
    lwsec_sms_tpdu tpdu;

    (void)state;
    assert_status(decode(LWSEC_SMS_REPORT, "40037ff6", &tpdu), LWSEC_REJECT);
    assert_status(decode(LWSEC_SMS_REPORT, "40077ff600", &tpdu), LWSEC_REJECT);
}

static void cuts_and_more_are_refused(void **state)
{
    static const char *const wires[] = {ACK, ERROR};
    static const lwsec_sms_tpdu_kind kinds[] = {LWSEC_SMS_REPORT, LWSEC_SMS_REPORT_ERROR};
    lwsec_sms_tpdu tpdu;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const lwsec_bytes wire = lwsec_test_hex(wires[i]);
        uint8_t longer[32] = {0};

        memcpy(longer, wire.data, wire.size);
        for (size_t size = 0; size <= sizeof longer; size++) {
            assert_status(
                lwsec_sms_tpdu_decode(kinds[i], lwsec_bytes_of(longer, size), &tpdu, NULL),
                size == wire.size ? LWSEC_OK : LWSEC_REJECT);
        }
    }
}

/* User data of `size` octets in a report of that kind, in and out. */
static void check_size(lwsec_sms_tpdu_kind kind, size_t size, bool fits)
{
    static const uint8_t data[200];
    uint8_t wire[220] = {0};
    size_t at = 1;
    lwsec_sms_tpdu tpdu = {.kind = kind,
                           .cause = 0xd5,
                           .present = LWSEC_SMS_HAS_DCS | LWSEC_SMS_HAS_DATA,
                           .coding = LWSEC_SMS_DCS_CLASS2,
                           .data = lwsec_bytes_of(data, size)};
    uint8_t room[LWSEC_SMS_TPDU_MAX];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    assert_status(lwsec_sms_tpdu_encode(&tpdu, &out, NULL), fits ? LWSEC_OK : LWSEC_USAGE);
    if (kind == LWSEC_SMS_REPORT_ERROR) {
        wire[at++] = 0xd5;
    }
    wire[at++] = 6;
    wire[at++] = LWSEC_SMS_DCS_CLASS2;
    wire[at++] = (uint8_t)size;
    assert_status(lwsec_sms_tpdu_decode(kind, lwsec_bytes_of(wire, at + size), &tpdu, NULL),
                  fits ? LWSEC_OK : LWSEC_REJECT);
}

static void user_data_is_limited(void **state)
{
    (void)state;
    check_size(LWSEC_SMS_REPORT, 159, true);
    check_size(LWSEC_SMS_REPORT, 160, false);
    check_size(LWSEC_SMS_REPORT_ERROR, 158, true);
    check_size(LWSEC_SMS_REPORT_ERROR, 159, false);
}

static void what_does_not_decode_is_not_encoded(void **state)
{
    lwsec_sms_tpdu good;
    lwsec_sms_tpdu tpdu;
    uint8_t room[LWSEC_SMS_TPDU_MAX];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    assert_status(decode(LWSEC_SMS_REPORT_ERROR, ERROR, &good), LWSEC_OK);
    tpdu = good;
    tpdu.cause = 0x7f;
    assert_status(lwsec_sms_tpdu_encode(&tpdu, &out, NULL), LWSEC_USAGE);
    tpdu = good;
    tpdu.present = LWSEC_SMS_HAS_PID | LWSEC_SMS_HAS_DCS; /* data that is not announced */
    assert_status(lwsec_sms_tpdu_encode(&tpdu, &out, NULL), LWSEC_USAGE);
    tpdu = good;
    tpdu.present = LWSEC_SMS_HAS_PID | LWSEC_SMS_HAS_DATA; /* 7-bit text */
    assert_status(lwsec_sms_tpdu_encode(&tpdu, &out, NULL), LWSEC_USAGE);
    tpdu = good;
    tpdu.present = 0x0f;
    assert_status(lwsec_sms_tpdu_encode(&tpdu, &out, NULL), LWSEC_USAGE);
    tpdu.present = 0x87;
    assert_status(lwsec_sms_tpdu_encode(&tpdu, &out, NULL), LWSEC_USAGE);
}

static void a_card_may_write_the_header_as_data(void **state)
{
    lwsec_sms_tpdu tpdu;
    lwsec_sms_part part;

    (void)state;
    assert_status(decode(LWSEC_SMS_REPORT, "00077ff610" PACKET, &tpdu), LWSEC_OK);
    assert_true(lwsec_sms_plain_response(&tpdu));
    assert_bytes(tpdu.data, lwsec_test_hex("000b0ab2020300000000000001"));
    assert_status(lwsec_sms_header_read(tpdu.header, &part, NULL), LWSEC_OK);
    assert_int_equal(part.element, LWSEC_SMS_IE_RESPONSE);
    assert_false(lwsec_sms_plain_response(&tpdu)); /* there is a header now */
    assert_status(decode(LWSEC_SMS_REPORT,
                         "00077ff61002700000"
                         "0b0ab2020300000000000001",
                         &tpdu),
                  LWSEC_OK);
    assert_false(lwsec_sms_plain_response(&tpdu)); /* a command is never written so */
    assert_status(decode(LWSEC_SMS_REPORT, "0006f6020271", &tpdu), LWSEC_OK);
    assert_false(lwsec_sms_plain_response(&tpdu));
    assert_null(tpdu.header.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_carries_a_response_packet),
        cmocka_unit_test(an_error_has_its_cause),
        cmocka_unit_test(only_what_is_announced_is_there),
        cmocka_unit_test(later_fields_are_passed_over),
        cmocka_unit_test(a_header_needs_user_data),
        cmocka_unit_test(cuts_and_more_are_refused),
        cmocka_unit_test(user_data_is_limited),
        cmocka_unit_test(what_does_not_decode_is_not_encoded),
        cmocka_unit_test(a_card_may_write_the_header_as_data),
    };
    return cmocka_run_group_tests_name("sms-report", tests, NULL, NULL);
}
