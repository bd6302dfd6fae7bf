/* Packets in parts: where they are cut, what stands before each part. */
#include "tests/support/test.h"
#include "tests/support/vector_file.h"

#include <lwsec/sms_concat.h>

static uint8_t octets[40000];

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof octets; i++) {
        octets[i] = (uint8_t)(i * 31 + i / 256);
    }
    return 0;
}

static void the_room_is_that_of_the_specification(void **state)
{
    (void)state;
    assert_int_equal(lwsec_sms_capacity(LWSEC_SMS_IE_COMMAND, 1), 137);
    assert_int_equal(lwsec_sms_capacity(LWSEC_SMS_IE_COMMAND, 2), 132 + 134);
    assert_int_equal(lwsec_sms_capacity(LWSEC_SMS_IE_RESPONSE, 3), 132 + 2 * 134);
    assert_int_equal(lwsec_sms_capacity(LWSEC_SMS_IE_COMMAND, 255), 132 + 254 * 134);
    assert_int_equal(lwsec_sms_capacity(LWSEC_SMS_IE_NONE, 1), 140);
    assert_int_equal(lwsec_sms_capacity(LWSEC_SMS_IE_NONE, 2), 2 * 134);
    assert_int_equal(lwsec_sms_capacity(LWSEC_SMS_IE_COMMAND, 0), 0);
    assert_int_equal(lwsec_sms_capacity(LWSEC_SMS_IE_COMMAND, 256), 0);
}

static void the_fewest_parts_are_taken(void **state)
{
    static const uint8_t elements[] = {LWSEC_SMS_IE_NONE, LWSEC_SMS_IE_COMMAND,
                                       LWSEC_SMS_IE_RESPONSE};

    (void)state;
    for (size_t i = 0; i < sizeof elements; i++) {
        assert_int_equal(lwsec_sms_parts(elements[i], 0), 0);
        for (unsigned parts = 1; parts <= 255; parts++) {
            const size_t most = lwsec_sms_capacity(elements[i], parts);

            assert_int_equal(lwsec_sms_parts(elements[i], most), parts);
            assert_int_equal(lwsec_sms_parts(elements[i], most + 1), parts == 255 ? 0 : parts + 1);
        }
        assert_int_equal(lwsec_sms_parts(elements[i], SIZE_MAX), 0);
    }
}

/* Every part fits, is cut where it must be, and together they are the packet. */
static void check_split(uint8_t element, size_t size)
{
    const lwsec_sms_split split = {lwsec_bytes_of(octets, size), element, 0xc3};
    const unsigned parts = lwsec_sms_parts(element, size);
    size_t at = 0;

    for (unsigned number = 1; number <= parts; number++) {
        lwsec_sms_tpdu tpdu = {.kind = LWSEC_SMS_SUBMIT, .coding = LWSEC_SMS_DCS_CLASS2};
        uint8_t room[LWSEC_SMS_HEADER_ROOM];
        uint8_t wire[LWSEC_SMS_TPDU_MAX];
        lwsec_buffer out = lwsec_buffer_of(wire, sizeof wire);
        lwsec_sms_part part;

        assert_status(lwsec_sms_address_of("+1", &tpdu.address), LWSEC_OK);
        assert_status(lwsec_sms_split_part(&split, number, room, &tpdu), LWSEC_OK);
        assert_status(lwsec_sms_tpdu_encode(&tpdu, &out, NULL), LWSEC_OK);
        assert_true(number == parts || wire[7] == LWSEC_SMS_DATA_MAX);
        assert_status(lwsec_sms_header_read(tpdu.header, &part, NULL), LWSEC_OK);
        assert_int_equal(part.element, number == 1 ? element : LWSEC_SMS_IE_NONE);
        assert_int_equal(part.total, parts);
        assert_int_equal(part.number, number);
        assert_int_equal(part.reference, parts > 1 ? 0xc3 : 0);
        assert_ptr_equal(tpdu.data.data, &octets[at]);
        at += tpdu.data.size;
    }
    assert_int_equal(at, size);
}

static void every_size_is_split_and_nothing_is_lost(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 700; size++) {
        check_split(LWSEC_SMS_IE_COMMAND, size);
        check_split(LWSEC_SMS_IE_NONE, size);
    }
    check_split(LWSEC_SMS_IE_COMMAND, lwsec_sms_capacity(LWSEC_SMS_IE_COMMAND, 255));
    check_split(LWSEC_SMS_IE_NONE, lwsec_sms_capacity(LWSEC_SMS_IE_NONE, 255));
    LWSEC_COVERS("R-6.8.3-02");
}

static void there_is_no_other_part(void **state)
{
    lwsec_sms_split split = {lwsec_bytes_of(octets, 300), LWSEC_SMS_IE_COMMAND, 1};
    uint8_t room[LWSEC_SMS_HEADER_ROOM];
    lwsec_sms_tpdu tpdu = {.kind = LWSEC_SMS_SUBMIT};

    (void)state;
    assert_status(lwsec_sms_split_part(&split, 0, room, &tpdu), LWSEC_USAGE);
    assert_status(lwsec_sms_split_part(&split, 4, room, &tpdu), LWSEC_USAGE);
    split.element = 0x72;
    assert_status(lwsec_sms_split_part(&split, 1, room, &tpdu), LWSEC_USAGE);
    split.element = LWSEC_SMS_IE_COMMAND;
    split.packet.size = 132 + 254 * 134 + 1;
    assert_status(lwsec_sms_split_part(&split, 1, room, &tpdu), LWSEC_USAGE);
    split.packet.size = 0;
    assert_status(lwsec_sms_split_part(&split, 1, room, &tpdu), LWSEC_USAGE);
    assert_null(tpdu.data.data);
}

/* The TPDUs of the vectors out of their packets. */
static void check_vector(const lwsec_vector *vector, void *argument)
{
    const unsigned parts = (unsigned)lwsec_vector_number(vector, "parts");
    const lwsec_sms_split split = {
        lwsec_vector_bytes(vector, "packet"), lwsec_vector_bytes(vector, "element").data[0],
        parts > 1 ? (uint8_t)lwsec_vector_number(vector, "reference") : 0};

    assert_int_equal(lwsec_sms_parts(split.element, split.packet.size), parts);
    for (unsigned number = 1; number <= parts; number++) {
        char key[16];
        lwsec_sms_tpdu tpdu;
        uint8_t room[LWSEC_SMS_HEADER_ROOM];
        uint8_t wire[LWSEC_SMS_TPDU_MAX];
        lwsec_buffer out = lwsec_buffer_of(wire, sizeof wire);

        (void)snprintf(key, sizeof key, "tpdu%u", number);
        assert_status(
            lwsec_sms_tpdu_decode((lwsec_sms_tpdu_kind)lwsec_vector_number(vector, "kind"),
                                  lwsec_vector_bytes(vector, key), &tpdu, NULL),
            LWSEC_OK);
        const uint8_t flags = tpdu.flags;
        tpdu.header = tpdu.data = lwsec_bytes_of(NULL, 0);
        assert_status(lwsec_sms_split_part(&split, number, room, &tpdu), LWSEC_OK);
        if (strcmp(lwsec_vector_text(vector, "name"), "smpp2sim-aes-tpdu") == 0) {
            tpdu.flags = flags; /* captured, and other messages waited */
        }
        assert_status(lwsec_sms_tpdu_encode(&tpdu, &out, NULL), LWSEC_OK);
        assert_bytes(lwsec_buffer_bytes(&out), lwsec_vector_bytes(vector, key));
        ++*(unsigned *)argument;
    }
}

static void the_parts_of_every_vector_are_made(void **state)
{
    unsigned parts = 0;

    (void)state;
    assert_int_equal(lwsec_vector_each("sms_tpdu.txt", check_vector, &parts), 25);
    assert_int_equal(parts, 28);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_room_is_that_of_the_specification),
        cmocka_unit_test(the_fewest_parts_are_taken),
        cmocka_unit_test(every_size_is_split_and_nothing_is_lost),
        cmocka_unit_test(there_is_no_other_part),
        cmocka_unit_test(the_parts_of_every_vector_are_made),
    };
    return cmocka_run_group_tests_name("sms-split", tests, set_up, NULL);
}
