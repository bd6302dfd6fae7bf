/* SMS-DELIVER and SMS-SUBMIT: vectors, and every field cut, lengthened, changed. */
#include "tests/support/test.h"
#include "tests/support/vector_file.h"

#include <lwsec/sms_tpdu.h>

/* One part of three, and a proof of receipt without a validity period. */
#define DELIVER                                                                                    \
    "400d91945111325476f87ff65211421100000013"                                                     \
    "0700035a0301700000b81516011212b20203"                                                         \
    "88"
#define SUBMIT "41070481112200f60a027100000b0ab2020300"

static lwsec_status decode(lwsec_sms_tpdu_kind kind, lwsec_bytes wire, lwsec_sms_tpdu *tpdu)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_sms_tpdu_decode(kind, wire, tpdu, &reason);

    assert_true((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    assert_true(reason.offset <= wire.size);
    return status;
}

static lwsec_why refused(lwsec_sms_tpdu_kind kind, const char *wire)
{
    lwsec_sms_tpdu tpdu;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    assert_status(lwsec_sms_tpdu_decode(kind, lwsec_test_hex(wire), &tpdu, &reason), LWSEC_REJECT);
    return reason.why;
}

static void encodes_to(const lwsec_sms_tpdu *tpdu, lwsec_bytes wire)
{
    uint8_t room[LWSEC_SMS_TPDU_MAX];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    assert_status(lwsec_sms_tpdu_encode(tpdu, &out, NULL), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), wire);
}

/* ---- Vectors ---- */

static void check_part(const lwsec_vector *vector, unsigned number, uint8_t *packet, size_t *size)
{
    const lwsec_sms_tpdu_kind kind = (lwsec_sms_tpdu_kind)lwsec_vector_number(vector, "kind");
    const uint8_t total = (uint8_t)lwsec_vector_number(vector, "parts");
    char key[16];
    char text[LWSEC_SMS_NUMBER_MAX];
    lwsec_sms_tpdu tpdu;
    lwsec_sms_part part;

    (void)snprintf(key, sizeof key, "tpdu%u", number);
    assert_status(decode(kind, lwsec_vector_bytes(vector, key), &tpdu), LWSEC_OK);
    encodes_to(&tpdu, lwsec_vector_bytes(vector, key));
    assert_status(lwsec_sms_address_text(&tpdu.address, text), LWSEC_OK);
    assert_string_equal(text, lwsec_vector_text(vector, "number"));
    assert_status(lwsec_sms_header_read(tpdu.header, &part, NULL), LWSEC_OK);
    assert_int_equal(part.element, number == 1 ? lwsec_vector_bytes(vector, "element").data[0]
                                               : LWSEC_SMS_IE_NONE);
    assert_int_equal(part.total, total);
    assert_int_equal(part.number, number);
    if (total > 1) {
        assert_int_equal(part.reference, lwsec_vector_number(vector, "reference"));
    }
    /* The captured proof of receipt has TP-PID 0. */
    assert_true(lwsec_sms_is_download(&tpdu) || tpdu.protocol == LWSEC_SMS_PID_PLAIN);
    memcpy(&packet[*size], tpdu.data.data, tpdu.data.size);
    *size += tpdu.data.size;
}

static void check_vector(const lwsec_vector *vector, void *argument)
{
    const unsigned parts = (unsigned)lwsec_vector_number(vector, "parts");
    uint8_t packet[3 * LWSEC_SMS_DATA_MAX];
    size_t size = 0;

    (void)argument;
    for (unsigned number = 1; number <= parts; number++) {
        check_part(vector, number, packet, &size);
    }
    assert_bytes(lwsec_bytes_of(packet, size), lwsec_vector_bytes(vector, "packet"));
}

static void every_vector_decodes_and_encodes(void **state)
{
    (void)state;
    assert_int_equal(lwsec_vector_each("sms_tpdu.txt", check_vector, NULL), 25);
}

/* ---- Fields ---- */

static void the_fields_of_a_deliver(void **state)
{
    lwsec_sms_tpdu tpdu;

    (void)state;
    assert_status(decode(LWSEC_SMS_DELIVER, lwsec_test_hex(DELIVER), &tpdu), LWSEC_OK);
    assert_int_equal(tpdu.flags, 0);
    assert_int_equal(tpdu.address.digits, 13);
    assert_int_equal(tpdu.protocol, LWSEC_SMS_PID_DOWNLOAD);
    assert_int_equal(tpdu.coding, LWSEC_SMS_DCS_CLASS2);
    assert_memory_equal(tpdu.timestamp, lwsec_test_hex("52114211000000").data, 7);
    assert_bytes(tpdu.header, lwsec_test_hex("00035a03017000"));
    assert_bytes(tpdu.data, lwsec_test_hex("00b81516011212b2020388"));
}

static void the_fields_of_a_submit(void **state)
{
    lwsec_sms_tpdu tpdu;

    (void)state;
    assert_status(decode(LWSEC_SMS_SUBMIT, lwsec_test_hex(SUBMIT), &tpdu), LWSEC_OK);
    assert_int_equal(tpdu.reference, 7);
    assert_int_equal(tpdu.validity_format, LWSEC_SMS_VALIDITY_NONE);
    assert_bytes(tpdu.header, lwsec_test_hex("7100"));
    assert_bytes(tpdu.data, lwsec_test_hex("000b0ab2020300"));
    encodes_to(&tpdu, lwsec_test_hex(SUBMIT));
}

static void flags_are_those_of_the_kind(void **state)
{
    lwsec_sms_tpdu tpdu;

    (void)state;
    assert_status(decode(LWSEC_SMS_DELIVER,
                         lwsec_test_hex("bc0281217ff6"
                                        "00000000000000"
                                        "00"),
                         &tpdu),
                  LWSEC_OK);
    assert_int_equal(tpdu.flags, LWSEC_SMS_NO_MORE | LWSEC_SMS_LOOP_PREVENTION |
                                     LWSEC_SMS_STATUS_REPORT | LWSEC_SMS_REPLY_PATH);
    assert_null(tpdu.header.data);
    tpdu.flags = 0xff;
    encodes_to(&tpdu, lwsec_test_hex("ac0281217ff6"
                                     "00000000000000"
                                     "00"));
    tpdu.kind = LWSEC_SMS_SUBMIT;
    encodes_to(&tpdu, lwsec_test_hex("a5000281217ff600"));
    assert_status(decode(LWSEC_SMS_SUBMIT, lwsec_test_hex("a5000281217ff600"), &tpdu), LWSEC_OK);
    assert_int_equal(tpdu.flags,
                     LWSEC_SMS_REJECT_DUPLICATES | LWSEC_SMS_STATUS_REPORT | LWSEC_SMS_REPLY_PATH);
}

/* TP-VPF is 10 for one octet, 01 and 11 for seven: bit 4 is the higher one. */
static void each_validity_period_has_its_length(void **state)
{
    static const struct {
        const char *wire;
        lwsec_sms_validity format;
    } periods[] = {
        {"01000281217ff602beef", LWSEC_SMS_VALIDITY_NONE},
        {"11000281217ff6aa02beef", LWSEC_SMS_VALIDITY_RELATIVE},
        {"09000281217ff64011000000000002beef", LWSEC_SMS_VALIDITY_ENHANCED},
        {"19000281217ff65211421100000002beef", LWSEC_SMS_VALIDITY_ABSOLUTE},
    };
    lwsec_sms_tpdu tpdu;

    (void)state;
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        const lwsec_bytes wire = lwsec_test_hex(periods[i].wire);

        assert_status(decode(LWSEC_SMS_SUBMIT, wire, &tpdu), LWSEC_OK);
        assert_int_equal(tpdu.validity_format, periods[i].format);
        assert_bytes(tpdu.data, lwsec_test_hex("beef"));
        encodes_to(&tpdu, wire);
    }
}

static void the_message_type_must_be_that_of_the_kind(void **state)
{
    (void)state;
    assert_int_equal(refused(LWSEC_SMS_SUBMIT, DELIVER), LWSEC_WHY_SMS_TPDU);
    assert_int_equal(refused(LWSEC_SMS_DELIVER, SUBMIT), LWSEC_WHY_SMS_TPDU);
    assert_int_equal(refused(LWSEC_SMS_DELIVER, "020281217ff60000000000000000"),
                     LWSEC_WHY_SMS_TPDU); /* SMS-STATUS-REPORT */
    assert_int_equal(refused(LWSEC_SMS_DELIVER, "030281217ff60000000000000000"),
                     LWSEC_WHY_SMS_TPDU); /* reserved */
}

static void an_unknown_kind_is_the_callers_fault(void **state)
{
    lwsec_sms_tpdu tpdu = {.kind = (lwsec_sms_tpdu_kind)4};
    uint8_t room[LWSEC_SMS_TPDU_MAX];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    assert_status(
        lwsec_sms_tpdu_decode((lwsec_sms_tpdu_kind)4, lwsec_test_hex(DELIVER), &tpdu, NULL),
        LWSEC_USAGE);
    assert_status(lwsec_sms_tpdu_encode(&tpdu, &out, NULL), LWSEC_USAGE);
}

/* ---- User data ---- */

static void user_data_is_as_long_as_its_length_says(void **state)
{
    (void)state;
    assert_int_equal(refused(LWSEC_SMS_DELIVER, "000281217ff600000000000000"
                                                "03beef"),
                     LWSEC_WHY_TRUNCATED);
    assert_int_equal(refused(LWSEC_SMS_DELIVER, "000281217ff600000000000000"
                                                "01beef"),
                     LWSEC_WHY_TRAILING_BYTES);
    /* As one implementation's own test has it: 3, and 38 octets. */
    assert_int_equal(refused(LWSEC_SMS_DELIVER, "400281217ff600000000000000"
                                                "03027000001d0d00"),
                     LWSEC_WHY_TRAILING_BYTES);
}

static void a_header_ends_within_the_user_data(void **state)
{
    lwsec_sms_tpdu tpdu;

    (void)state;
    assert_int_equal(refused(LWSEC_SMS_DELIVER, "400281217ff600000000000000"
                                                "00"),
                     LWSEC_WHY_TRUNCATED);
    assert_int_equal(refused(LWSEC_SMS_DELIVER, "400281217ff600000000000000"
                                                "03037000"),
                     LWSEC_WHY_TRUNCATED);
    assert_status(decode(LWSEC_SMS_DELIVER,
                         lwsec_test_hex("400281217ff600000000000000"
                                        "03027000"),
                         &tpdu),
                  LWSEC_OK);
    assert_int_equal(tpdu.data.size, 0);
}

static void an_empty_header_is_not_none(void **state)
{
    const lwsec_bytes wire = lwsec_test_hex("400281217ff600000000000000"
                                            "0200ab");
    lwsec_sms_tpdu tpdu;

    (void)state;
    assert_status(decode(LWSEC_SMS_DELIVER, wire, &tpdu), LWSEC_OK);
    assert_non_null(tpdu.header.data);
    assert_int_equal(tpdu.header.size, 0);
    assert_bytes(tpdu.data, lwsec_test_hex("ab"));
    encodes_to(&tpdu, wire);
}

/* `size` octets of user data in an SMS-DELIVER. */
static lwsec_status decode_of_size(uint8_t coding, uint8_t length, size_t size)
{
    uint8_t wire[14 + 200] = {0x04, 0x02, 0x81, 0x21, 0x00, coding};
    lwsec_sms_tpdu tpdu;

    wire[13] = length;
    return decode(LWSEC_SMS_DELIVER, lwsec_bytes_of(wire, 14 + size), &tpdu);
}

static void user_data_has_140_octets_at_most(void **state)
{
    (void)state;
    assert_status(decode_of_size(LWSEC_SMS_DCS_CLASS2, 140, 140), LWSEC_OK);
    assert_status(decode_of_size(LWSEC_SMS_DCS_CLASS2, 141, 141), LWSEC_REJECT);
    assert_status(decode_of_size(0x00, 160, 140), LWSEC_OK); /* septets */
    assert_status(decode_of_size(0x00, 161, 141), LWSEC_REJECT);
}

/* 8 septets are 7 octets, 9 are 8; octets are counted in all else. */
static void each_coding_counts_its_length(void **state)
{
    static const uint8_t septets[] = {0x00, 0x01, 0x10, 0x12, 0x0c, 0x40, 0x50, 0x80,
                                      0xb4, 0xc0, 0xc8, 0xd0, 0xdc, 0xf0, 0xf2, 0xf8};
    static const uint8_t octets[] = {0x04, 0x06, 0x14, 0x16, 0x08, 0x18, 0x20, 0x24, 0x30, 0x44,
                                     0x54, 0x56, 0x60, 0xe0, 0xe8, 0xf4, 0xf5, 0xf6, 0xf7};

    (void)state;
    for (size_t i = 0; i < sizeof septets; i++) {
        assert_status(decode_of_size(septets[i], 8, 7), LWSEC_OK);
        assert_status(decode_of_size(septets[i], 9, 8), LWSEC_OK);
        assert_status(decode_of_size(septets[i], 8, 8), LWSEC_REJECT);
    }
    for (size_t i = 0; i < sizeof octets; i++) {
        assert_status(decode_of_size(octets[i], 8, 8), LWSEC_OK);
        assert_status(decode_of_size(octets[i], 8, 7), LWSEC_REJECT);
    }
}

static void a_download_has_its_protocol_and_class(void **state)
{
    lwsec_sms_tpdu tpdu = {.protocol = 0x7f};

    (void)state;
    for (unsigned coding = 0; coding < 256; coding++) {
        tpdu.coding = (uint8_t)coding;
        assert_int_equal(lwsec_sms_is_download(&tpdu), coding == 0xf6 || coding == 0x16);
    }
    tpdu.coding = 0xf6;
    for (unsigned protocol = 0; protocol < 256; protocol++) {
        tpdu.protocol = (uint8_t)protocol;
        assert_int_equal(lwsec_sms_is_download(&tpdu), protocol == 0x7f);
    }
    LWSEC_COVERS("R-5.4.2.1.2-02");
    LWSEC_COVERS("R-5.4.2.1.2-03");
}

/* ---- Cut, lengthened, changed ---- */

static void every_cut_and_every_more_is_refused(void **state)
{
    static const char *const wires[] = {DELIVER, SUBMIT};
    lwsec_sms_tpdu tpdu;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const lwsec_bytes wire = lwsec_test_hex(wires[i]);
        uint8_t longer[64] = {0};

        for (size_t size = 0; size < wire.size; size++) {
            assert_status(decode((lwsec_sms_tpdu_kind)i, lwsec_bytes_of(wire.data, size), &tpdu),
                          LWSEC_REJECT);
        }
        memcpy(longer, wire.data, wire.size);
        for (size_t size = wire.size + 1; size <= sizeof longer; size++) {
            assert_status(decode((lwsec_sms_tpdu_kind)i, lwsec_bytes_of(longer, size), &tpdu),
                          LWSEC_REJECT);
        }
    }
}

/* Bits of the first octet that mean nothing for the kind: all that may be lost on the way back. */
static uint8_t meaningless(size_t kind, size_t at)
{
    return at == 0 && kind == LWSEC_SMS_DELIVER ? 0x10 : 0;
}

static void every_flip_is_refused_or_comes_back(void **state)
{
    static const char *const wires[] = {DELIVER, SUBMIT};
    uint8_t room[LWSEC_SMS_TPDU_MAX];
    unsigned accepted = 0;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const lwsec_bytes wire = lwsec_test_hex(wires[i]);
        uint8_t changed[64];

        memcpy(changed, wire.data, wire.size);
        for (size_t bit = 0; bit < 8 * wire.size; bit++) {
            lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
            lwsec_sms_tpdu tpdu;

            changed[bit / 8] ^= (uint8_t)(1U << bit % 8);
            if (decode((lwsec_sms_tpdu_kind)i, lwsec_bytes_of(changed, wire.size), &tpdu) ==
                    LWSEC_OK &&
                lwsec_sms_tpdu_encode(&tpdu, &out, NULL) == LWSEC_OK) {
                room[bit / 8] |= changed[bit / 8] & meaningless(i, bit / 8);
                assert_bytes(lwsec_buffer_bytes(&out), lwsec_bytes_of(changed, wire.size));
                accepted++;
            }
            changed[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
    assert_true(accepted > 100); /* what a service centre may change, and the data */
}

/* ---- Encoding ---- */

static lwsec_status encode(const lwsec_sms_tpdu *tpdu, size_t capacity)
{
    uint8_t room[LWSEC_SMS_TPDU_MAX];
    lwsec_buffer out = lwsec_buffer_of(room, capacity);
    const lwsec_status status = lwsec_sms_tpdu_encode(tpdu, &out, NULL);

    assert_true(status == LWSEC_OK || out.size == 0);
    return status;
}

static void what_does_not_decode_is_not_encoded(void **state)
{
    static const uint8_t data[150];
    lwsec_sms_tpdu good = {.kind = LWSEC_SMS_SUBMIT, .coding = LWSEC_SMS_DCS_CLASS2};
    lwsec_sms_tpdu tpdu;

    (void)state;
    assert_status(lwsec_sms_address_of("+49151", &good.address), LWSEC_OK);
    good.data = lwsec_bytes_of(data, 140);
    assert_status(encode(&good, LWSEC_SMS_TPDU_MAX), LWSEC_OK);
    tpdu = good;
    tpdu.data.size = 141;
    assert_status(encode(&tpdu, LWSEC_SMS_TPDU_MAX), LWSEC_USAGE);
    tpdu.data.size = SIZE_MAX;
    assert_status(encode(&tpdu, LWSEC_SMS_TPDU_MAX), LWSEC_USAGE);
    tpdu = good;
    tpdu.header = lwsec_bytes_of(data, 0); /* its length octet is one too many */
    assert_status(encode(&tpdu, LWSEC_SMS_TPDU_MAX), LWSEC_USAGE);
    tpdu = good;
    tpdu.coding = 0;
    assert_status(encode(&tpdu, LWSEC_SMS_TPDU_MAX), LWSEC_USAGE);
    tpdu = good;
    tpdu.validity_format = (lwsec_sms_validity)4;
    assert_status(encode(&tpdu, LWSEC_SMS_TPDU_MAX), LWSEC_USAGE);
    tpdu = good;
    tpdu.address.type = 0;
    assert_status(encode(&tpdu, LWSEC_SMS_TPDU_MAX), LWSEC_USAGE);
}

static void no_room_is_told_for_every_size(void **state)
{
    const lwsec_bytes wire = lwsec_test_hex(DELIVER);
    lwsec_sms_tpdu tpdu;

    (void)state;
    assert_status(decode(LWSEC_SMS_DELIVER, wire, &tpdu), LWSEC_OK);
    for (size_t capacity = 0; capacity < wire.size; capacity++) {
        assert_status(encode(&tpdu, capacity), LWSEC_BUFFER);
    }
    assert_status(encode(&tpdu, wire.size), LWSEC_OK);
}

/* The address of an incoming command is the destination of the answer, octet by octet. */
static void an_answer_goes_to_the_octets_of_the_sender(void **state)
{
    lwsec_sms_tpdu in;
    uint8_t room[LWSEC_SMS_TPDU_MAX];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    assert_status(
        decode(LWSEC_SMS_DELIVER, lwsec_test_hex("0409d0c8329bfd067ff60000000000000000"), &in),
        LWSEC_OK);
    const lwsec_sms_tpdu answer = {.kind = LWSEC_SMS_SUBMIT,
                                   .address = in.address,
                                   .protocol = LWSEC_SMS_PID_DOWNLOAD,
                                   .coding = LWSEC_SMS_DCS_CLASS2};
    assert_status(lwsec_sms_tpdu_encode(&answer, &out, NULL), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex("010009d0c8329bfd067ff600"));
    LWSEC_COVERS("R-5.4.2.1.2-04");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_decodes_and_encodes),
        cmocka_unit_test(the_fields_of_a_deliver),
        cmocka_unit_test(the_fields_of_a_submit),
        cmocka_unit_test(flags_are_those_of_the_kind),
        cmocka_unit_test(each_validity_period_has_its_length),
        cmocka_unit_test(the_message_type_must_be_that_of_the_kind),
        cmocka_unit_test(an_unknown_kind_is_the_callers_fault),
        cmocka_unit_test(user_data_is_as_long_as_its_length_says),
        cmocka_unit_test(a_header_ends_within_the_user_data),
        cmocka_unit_test(an_empty_header_is_not_none),
        cmocka_unit_test(user_data_has_140_octets_at_most),
        cmocka_unit_test(each_coding_counts_its_length),
        cmocka_unit_test(a_download_has_its_protocol_and_class),
        cmocka_unit_test(every_cut_and_every_more_is_refused),
        cmocka_unit_test(every_flip_is_refused_or_comes_back),
        cmocka_unit_test(what_does_not_decode_is_not_encoded),
        cmocka_unit_test(no_room_is_told_for_every_size),
        cmocka_unit_test(an_answer_goes_to_the_octets_of_the_sender),
    };
    return cmocka_run_group_tests_name("sms-tpdu", tests, NULL, NULL);
}
