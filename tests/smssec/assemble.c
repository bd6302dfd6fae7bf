/* Parts put together: any order, several senders, repeated, contradicting, too many, too old. */
#include "tests/support/test.h"

#include <lwsec/sms_concat.h>

#define LIFETIME 1000U
#define LARGEST (132U + 254U * 134U)

static uint64_t memory[LWSEC_SMS_ASSEMBLER_SIZE(4, 255) / 8];
static lwsec_sms_assembler *assembler;
static lwsec_sms_message message;
static lwsec_sms_address alice;
static lwsec_sms_address bob;
static uint8_t octets[LARGEST];
static uint64_t now;

static void open_with(uint16_t messages, uint16_t per_sender, uint8_t parts)
{
    const lwsec_sms_assembler_config config = {sizeof config, messages, per_sender, parts,
                                               LIFETIME};

    assert_status(lwsec_sms_assembler_init(memory, sizeof memory, &config, &assembler, NULL),
                  LWSEC_OK);
}

static int set_up(void **state)
{
    (void)state;
    now = 5000;
    for (size_t i = 0; i < sizeof octets; i++) {
        octets[i] = (uint8_t)(i * 7 + i / 256);
    }
    assert_status(lwsec_sms_address_of("+491511111", &alice), LWSEC_OK);
    assert_status(lwsec_sms_address_of("+491512222", &bob), LWSEC_OK);
    open_with(4, 2, 255);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lwsec_sms_assembler_close(&assembler);
    return 0;
}

static lwsec_status add_wire(const lwsec_sms_address *from, const char *header, lwsec_bytes data,
                             lwsec_why why)
{
    const lwsec_sms_tpdu tpdu = {
        .coding = LWSEC_SMS_DCS_CLASS2, .header = lwsec_test_hex(header), .data = data};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status =
        lwsec_sms_assembler_add(assembler, now, from, &tpdu, &message, &reason);

    assert_int_equal(reason.why, why);
    assert_true(status == LWSEC_OK || message.packet.data == NULL);
    return status;
}

/* Part `number` of the first `size` octets, as they are split. */
static lwsec_status add_split(const lwsec_sms_address *from, uint8_t reference, size_t size,
                              unsigned number)
{
    const lwsec_sms_split split = {lwsec_bytes_of(octets, size), LWSEC_SMS_IE_COMMAND, reference};
    lwsec_sms_tpdu tpdu = {.coding = LWSEC_SMS_DCS_CLASS2};
    uint8_t room[LWSEC_SMS_HEADER_ROOM];

    assert_status(lwsec_sms_split_part(&split, number, room, &tpdu), LWSEC_OK);
    return lwsec_sms_assembler_add(assembler, now, from, &tpdu, &message, NULL);
}

static void is_kept(lwsec_status status)
{
    assert_status(status, LWSEC_OK);
    assert_null(message.packet.data);
}

static void is_complete(lwsec_status status, size_t size)
{
    assert_status(status, LWSEC_OK);
    assert_bytes(message.packet, lwsec_bytes_of(octets, size));
    assert_int_equal(message.element, LWSEC_SMS_IE_COMMAND);
}

static size_t unfinished(void)
{
    return lwsec_sms_assembler_expire(assembler, now);
}

/* ---- Messages that become complete ---- */

static void one_part_is_a_message(void **state)
{
    (void)state;
    is_complete(add_split(&alice, 0, 100, 1), 100);
    assert_status(add_wire(&alice, "00035a0101", lwsec_bytes_of(octets, 7), LWSEC_WHY_NONE),
                  LWSEC_OK);
    assert_bytes(message.packet, lwsec_bytes_of(octets, 7));
    assert_int_equal(message.element, LWSEC_SMS_IE_NONE);
    assert_int_equal(unfinished(), 0);
}

static void three_parts_come_in_any_order(void **state)
{
    static const unsigned orders[][3] = {{1, 2, 3}, {1, 3, 2}, {2, 1, 3},
                                         {2, 3, 1}, {3, 1, 2}, {3, 2, 1}};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        is_kept(add_split(&alice, 9, 380, orders[i][0]));
        is_kept(add_split(&alice, 9, 380, orders[i][1]));
        is_complete(add_split(&alice, 9, 380, orders[i][2]), 380);
        assert_int_equal(unfinished(), 0);
    }
}

static void a_message_of_255_parts_comes_backwards(void **state)
{
    (void)state;
    for (unsigned number = 255; number > 1; number--) {
        is_kept(add_split(&alice, 1, LARGEST, number));
    }
    is_complete(add_split(&alice, 1, LARGEST, 1), LARGEST);
}

static void parts_shorter_than_they_could_be_are_joined(void **state)
{
    (void)state;
    is_kept(add_wire(&alice, "00035a0302", lwsec_bytes_of(&octets[1], 2), LWSEC_WHY_NONE));
    is_kept(add_wire(&alice, "700000035a0301", lwsec_bytes_of(octets, 1), LWSEC_WHY_NONE));
    is_complete(add_wire(&alice, "00035a0303", lwsec_bytes_of(&octets[3], 134), LWSEC_WHY_NONE),
                137);
}

static void references_of_16_bits_are_received(void **state)
{
    (void)state;
    is_kept(add_wire(&alice, "0804123402017000", lwsec_bytes_of(octets, 5), LWSEC_WHY_NONE));
    is_kept(add_wire(&alice, "080412350202", lwsec_bytes_of(octets, 9), LWSEC_WHY_NONE));
    is_complete(add_wire(&alice, "080412340202", lwsec_bytes_of(&octets[5], 4), LWSEC_WHY_NONE), 9);
}

/* ---- What does not belong together ---- */

static void parts_of_two_senders_do_not_mix(void **state)
{
    (void)state;
    is_kept(add_split(&alice, 9, 200, 1));
    is_kept(add_split(&bob, 9, 201, 2));
    is_complete(add_split(&alice, 9, 200, 2), 200);
    is_complete(add_split(&bob, 9, 201, 1), 201);
}

static void a_sender_is_also_its_type_of_number(void **state)
{
    lwsec_sms_address national = alice;

    (void)state;
    national.type = 0xa1;
    is_kept(add_split(&alice, 9, 200, 1));
    is_kept(add_split(&national, 9, 200, 2));
    is_complete(add_split(&alice, 9, 200, 2), 200);
}

static void references_and_their_sizes_do_not_mix(void **state)
{
    (void)state;
    open_with(4, 4, 255);
    is_kept(add_wire(&alice, "0003120201", lwsec_bytes_of(octets, 5), LWSEC_WHY_NONE));
    is_kept(add_wire(&alice, "0003130202", lwsec_bytes_of(octets, 5), LWSEC_WHY_NONE));
    is_kept(add_wire(&alice, "080400120202", lwsec_bytes_of(octets, 5), LWSEC_WHY_NONE));
    assert_int_equal(unfinished(), 3);
}

static void a_changed_total_is_another_message(void **state)
{
    (void)state;
    is_kept(add_wire(&alice, "00035a0301", lwsec_bytes_of(octets, 5), LWSEC_WHY_NONE));
    is_kept(add_wire(&alice, "00035a0202", lwsec_bytes_of(octets, 5), LWSEC_WHY_NONE));
    is_kept(add_wire(&alice, "00035a0302", lwsec_bytes_of(octets, 5), LWSEC_WHY_NONE));
    assert_int_equal(unfinished(), 2);
}

static void without_its_first_part_nothing_is_delivered(void **state)
{
    (void)state;
    is_kept(add_split(&alice, 9, 380, 2));
    is_kept(add_split(&alice, 9, 380, 3));
    now += LIFETIME;
    assert_int_equal(unfinished(), 0);
    is_kept(add_split(&alice, 9, 380, 1));
}

/* A plain first part gives a plain message, which no association takes. */
static void the_first_part_says_what_it_is(void **state)
{
    (void)state;
    is_kept(add_wire(&alice, "00035a0201", lwsec_bytes_of(octets, 5), LWSEC_WHY_NONE));
    assert_status(add_wire(&alice, "00035a0202", lwsec_bytes_of(octets, 5), LWSEC_WHY_NONE),
                  LWSEC_OK);
    assert_int_equal(message.element, LWSEC_SMS_IE_NONE);
    assert_int_equal(message.packet.size, 10);
}

/* ---- Repeated parts ---- */

static void a_repeated_part_is_a_replay(void **state)
{
    (void)state;
    is_kept(add_split(&alice, 9, 200, 1));
    assert_status(add_split(&alice, 9, 200, 1), LWSEC_REPLAY);
    is_complete(add_split(&alice, 9, 200, 2), 200);
}

static void a_part_with_other_content_is_refused_and_the_first_stays(void **state)
{
    (void)state;
    is_kept(add_split(&alice, 9, 200, 1));
    assert_status(add_wire(&alice,
                           "000309020170"
                           "00",
                           lwsec_bytes_of(&octets[1], 132), LWSEC_WHY_SMS_PART),
                  LWSEC_REJECT);
    assert_status(add_wire(&alice,
                           "000309020170"
                           "00",
                           lwsec_bytes_of(octets, 131), LWSEC_WHY_SMS_PART),
                  LWSEC_REJECT);
    is_complete(add_split(&alice, 9, 200, 2), 200);
}

static void a_first_part_that_turns_plain_is_other_content(void **state)
{
    (void)state;
    is_kept(add_split(&alice, 9, 200, 1));
    assert_status(add_wire(&alice, "0003090201", lwsec_bytes_of(octets, 132), LWSEC_WHY_SMS_PART),
                  LWSEC_REJECT);
    assert_status(
        add_wire(&alice, "00030902017100", lwsec_bytes_of(octets, 132), LWSEC_WHY_SMS_PART),
        LWSEC_REJECT);
    is_complete(add_split(&alice, 9, 200, 2), 200);
}

/* ---- Parts that are none ---- */

static void malformed_parts_change_nothing(void **state)
{
    const lwsec_sms_tpdu text = {.header = lwsec_test_hex("0003090202"),
                                 .data = lwsec_bytes_of(octets, 3)};

    (void)state;
    is_kept(add_split(&alice, 9, 200, 1));
    assert_status(add_wire(&alice, "0003090200", lwsec_bytes_of(octets, 3), LWSEC_WHY_SMS_HEADER),
                  LWSEC_REJECT);
    assert_status(add_wire(&alice, "0003090203", lwsec_bytes_of(octets, 3), LWSEC_WHY_SMS_HEADER),
                  LWSEC_REJECT);
    assert_status(add_wire(&alice, "0003090202", lwsec_bytes_of(octets, 0), LWSEC_WHY_SMS_PART),
                  LWSEC_REJECT);
    assert_status(add_wire(&alice, "0003090202", lwsec_bytes_of(octets, 135), LWSEC_WHY_SMS_PART),
                  LWSEC_REJECT);
    assert_status(add_wire(&alice, "7000", lwsec_bytes_of(octets, 0), LWSEC_WHY_SMS_PART),
                  LWSEC_REJECT);
    assert_status(lwsec_sms_assembler_add(assembler, now, &alice, &text, &message, NULL),
                  LWSEC_REJECT);
    is_complete(add_split(&alice, 9, 200, 2), 200);
}

static void a_message_of_too_many_parts_is_refused_at_once(void **state)
{
    (void)state;
    open_with(4, 2, 3);
    assert_status(add_wire(&alice, "00035a0401", lwsec_bytes_of(octets, 5), LWSEC_WHY_SMS_ROOM),
                  LWSEC_REJECT);
    assert_int_equal(unfinished(), 0);
    is_kept(add_wire(&alice, "00035a0301", lwsec_bytes_of(octets, 5), LWSEC_WHY_NONE));
}

/* ---- Limits and time ---- */

static void a_sender_at_its_limit_loses_its_oldest_message(void **state)
{
    (void)state;
    is_kept(add_split(&bob, 7, 200, 1));
    is_kept(add_split(&alice, 1, 200, 1));
    is_kept(add_split(&alice, 2, 201, 1));
    is_kept(add_split(&alice, 3, 202, 1)); /* 1 gives way */
    assert_int_equal(unfinished(), 3);
    is_complete(add_split(&alice, 2, 201, 2), 201);
    is_complete(add_split(&alice, 3, 202, 2), 202);
    is_kept(add_split(&alice, 1, 200, 2));
    is_complete(add_split(&bob, 7, 200, 2), 200);
}

static void no_sender_takes_the_room_of_another(void **state)
{
    lwsec_sms_address other;

    (void)state;
    open_with(2, 1, 255);
    is_kept(add_split(&alice, 1, 200, 1));
    is_kept(add_split(&bob, 1, 201, 1));
    assert_status(lwsec_sms_address_of("+1", &other), LWSEC_OK);
    assert_status(add_wire(&other, "00035a0201", lwsec_bytes_of(octets, 5), LWSEC_WHY_SMS_ROOM),
                  LWSEC_REJECT);
    for (unsigned reference = 2; reference < 100; reference++) {
        is_kept(add_split(&alice, (uint8_t)reference, 200, 1));
    }
    is_complete(add_split(&bob, 1, 201, 2), 201);
}

static void an_unfinished_message_ends_with_its_lifetime(void **state)
{
    (void)state;
    is_kept(add_split(&alice, 9, 380, 1));
    now += LIFETIME - 1;
    is_kept(add_split(&alice, 9, 380, 2)); /* it does not live longer for that */
    assert_int_equal(unfinished(), 1);
    now += 1;
    is_kept(add_split(&alice, 9, 380, 3));
    assert_int_equal(unfinished(), 1); /* the new one */
    is_kept(add_split(&alice, 9, 380, 1));
    is_complete(add_split(&alice, 9, 380, 2), 380);
}

static void a_clock_that_goes_back_drops_everything(void **state)
{
    (void)state;
    is_kept(add_split(&alice, 9, 200, 1));
    now -= 1;
    assert_int_equal(unfinished(), 0);
    is_kept(add_split(&alice, 9, 200, 2));
}

static void without_limits_there_is_one_for_each_sender(void **state)
{
    (void)state;
    open_with(4, 0, 255);
    is_kept(add_split(&alice, 1, 200, 1));
    is_kept(add_split(&alice, 2, 200, 1));
    assert_int_equal(unfinished(), 1);
}

/* ---- Memory ---- */

static void a_configuration_is_checked(void **state)
{
    const lwsec_sms_assembler_config good = {sizeof good, 2, 1, 3, 0};
    lwsec_sms_assembler_config bad[5] = {good, good, good, good, good};
    const size_t size = lwsec_sms_assembler_size(2, 3);

    (void)state;
    bad[0].size = 8;
    bad[1].messages = 0;
    bad[2].messages = 4097;
    bad[3].parts = 1;
    bad[4].per_sender = 3;
    for (size_t i = 0; i < 5; i++) {
        assert_status(lwsec_sms_assembler_init(memory, sizeof memory, &bad[i], &assembler, NULL),
                      LWSEC_USAGE);
        assert_null(assembler);
    }
    assert_true(size > 0 && size <= LWSEC_SMS_ASSEMBLER_SIZE(2, 3));
    assert_status(lwsec_sms_assembler_init(memory, size - 1, &good, &assembler, NULL),
                  LWSEC_BUFFER);
    assert_status(lwsec_sms_assembler_init((uint8_t *)memory + 1, size, &good, &assembler, NULL),
                  LWSEC_BUFFER);
    assert_status(lwsec_sms_assembler_init(memory, size, &good, &assembler, NULL), LWSEC_OK);
    assert_int_equal(lwsec_sms_assembler_size(0, 3), 0);
    assert_true(lwsec_sms_assembler_size(4096, 255) <= LWSEC_SMS_ASSEMBLER_SIZE(4096, 255));
}

static void nothing_is_left_when_it_is_closed(void **state)
{
    (void)state;
    memset(octets, 0x5a, sizeof octets);
    is_kept(add_split(&alice, 1, 200, 1));
    lwsec_sms_assembler_close(&assembler);
    assert_null(assembler);
    for (size_t i = 0; i < sizeof memory / 8; i++) {
        assert_int_equal(memory[i], 0);
    }
    lwsec_sms_assembler_close(&assembler);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown((name), set_up, tear_down)
    const struct CMUnitTest tests[] = {
        test(one_part_is_a_message),
        test(three_parts_come_in_any_order),
        test(a_message_of_255_parts_comes_backwards),
        test(parts_shorter_than_they_could_be_are_joined),
        test(references_of_16_bits_are_received),
        test(parts_of_two_senders_do_not_mix),
        test(a_sender_is_also_its_type_of_number),
        test(references_and_their_sizes_do_not_mix),
        test(a_changed_total_is_another_message),
        test(without_its_first_part_nothing_is_delivered),
        test(the_first_part_says_what_it_is),
        test(a_repeated_part_is_a_replay),
        test(a_part_with_other_content_is_refused_and_the_first_stays),
        test(a_first_part_that_turns_plain_is_other_content),
        test(malformed_parts_change_nothing),
        test(a_message_of_too_many_parts_is_refused_at_once),
        test(a_sender_at_its_limit_loses_its_oldest_message),
        test(no_sender_takes_the_room_of_another),
        test(an_unfinished_message_ends_with_its_lifetime),
        test(a_clock_that_goes_back_drops_everything),
        test(without_limits_there_is_one_for_each_sender),
        test(a_configuration_is_checked),
        test(nothing_is_left_when_it_is_closed),
    };
    return cmocka_run_group_tests_name("sms-assemble", tests, NULL, NULL);
}
