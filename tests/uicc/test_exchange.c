/* Commands and answers: GET RESPONSE, the right Le, channels, and a card that is gone. */
#include "tests/support/test.h"

#include "script.h"

static const lwsec_apdu_command get_data = {.cla = 0x80, .ins = 0xca, .le = 256};

static lwsec_status play(script *played, bool t0, lwsec_buffer *response, lwsec_why *why)
{
    lwsec_apdu card = script_card(played, t0);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_apdu_exchange(&card, &get_data, response, &reason);

    assert_true((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    assert_true(status == LWSEC_OK || response->size == 0);
    *why = reason.why;
    return status;
}

#define PLAY(room, expected_status, expected_why, ...)                                             \
    do {                                                                                           \
        const script_step steps_[] = {__VA_ARGS__};                                                \
        script played_ = SCRIPT_OF(steps_);                                                        \
        lwsec_why why_;                                                                            \
        assert_status(play(&played_, true, (room), &why_), (expected_status));                     \
        assert_int_equal(why_, (expected_why));                                                    \
        script_is_done(&played_);                                                                  \
    } while (0)

static void data_and_status_word(void **state)
{
    uint8_t room[16];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    PLAY(&out, LWSEC_OK, LWSEC_WHY_NONE, {"80ca000000", "0102039000"});
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex("010203"));
    PLAY(&out, LWSEC_OK, LWSEC_WHY_NONE, {"80ca000000", "6a88"});
    assert_int_equal(out.size, 0);
    PLAY(&out, LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, {"80ca000000", "90"});
    PLAY(&out, LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, {"80ca000000", ""});
}

static void more_is_fetched_by_get_response(void **state)
{
    uint8_t room[6];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    PLAY(&out, LWSEC_OK, LWSEC_WHY_NONE, {"80ca000000", "6103"}, {"00c0000003", "0102036102"},
         {"00c0000002", "04059000"});
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex("0102030405"));
    /* Part of it may come at once, and 6100 is 256 or more. */
    PLAY(&out, LWSEC_OK, LWSEC_WHY_NONE, {"80ca000000", "016100"}, {"00c0000000", "02039000"});
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex("010203"));
}

static void an_answer_that_never_ends_is_refused(void **state)
{
    uint8_t room[6];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    PLAY(&out, LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, {"80ca000000", "6110"},
         {"00c0000010", "6110"});
    PLAY(&out, LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, {"80ca000000", "6104"},
         {"00c0000004", "010203046104"}, {"00c0000004", "010203049000"});
    for (size_t i = 0; i < sizeof room; i++) {
        assert_int_equal(room[i], 0);
    }
    PLAY(&out, LWSEC_OK, LWSEC_WHY_NONE, {"80ca000000", "6104"}, {"00c0000004", "010203046102"},
         {"00c0000002", "05069000"});
    assert_int_equal(out.size, 6);
}

static void the_command_is_repeated_once_with_the_right_le(void **state)
{
    uint8_t room[6];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    PLAY(&out, LWSEC_OK, LWSEC_WHY_NONE, {"80ca000000", "6c02"}, {"80ca000002", "01029000"});
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex("0102"));
    PLAY(&out, LWSEC_OK, LWSEC_WHY_NONE, {"80ca000000", "6120"}, {"00c0000020", "6c02"},
         {"00c0000002", "01029000"});
    PLAY(&out, LWSEC_OK, LWSEC_WHY_NONE, {"80ca000000", "6c02"}, {"80ca000002", "6102"},
         {"00c0000002", "01029000"});
    assert_int_equal(out.size, 2);
    PLAY(&out, LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, {"80ca000000", "6c02"},
         {"80ca000002", "6c03"});
    PLAY(&out, LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, {"80ca000000", "016c02"});
}

static void le_stands_where_the_protocol_has_it(void **state)
{
    const script_step steps[] = {
        {"0020000102aabb", "9000"}, {"0020000102aabb10", "9000"}, {"00200001", "9000"}};
    const script_step t0_steps[] = {
        {"0020000102aabb", "9000"}, {"0020000102aabb", "9000"}, {"00200001", "9000"}};
    lwsec_apdu_command command = {.ins = 0x20, .p2 = 1, .data = lwsec_test_hex("aabb")};
    uint8_t room[8];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    for (int t0 = 0; t0 < 2; t0++) {
        script played = {.steps = t0 != 0 ? t0_steps : steps, .count = 3};
        lwsec_apdu card = script_card(&played, t0 != 0);
        command.data = lwsec_test_hex("aabb");
        command.le = 0;
        assert_status(lwsec_apdu_exchange(&card, &command, &out, NULL), LWSEC_OK);
        command.le = 16;
        assert_status(lwsec_apdu_exchange(&card, &command, &out, NULL), LWSEC_OK);
        command.le = 0;
        command.data.size = 0;
        assert_status(lwsec_apdu_exchange(&card, &command, &out, NULL), LWSEC_OK);
        script_is_done(&played);
    }
}

static void a_command_that_does_not_fit_is_not_sent(void **state)
{
    static const uint8_t long_data[256];
    script played = {.count = 0};
    lwsec_apdu card = script_card(&played, false);
    lwsec_apdu_command command = {.ins = 0xd6, .data = {long_data, 256}};
    uint8_t room[8];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;

    (void)state;
    assert_status(lwsec_apdu_exchange(&card, &command, &out, &reason), LWSEC_USAGE);
    assert_int_equal(reason.why, LWSEC_WHY_CARD_COMMAND);
    command.data.size = 0;
    command.le = 257;
    assert_status(lwsec_apdu_exchange(&card, &command, &out, NULL), LWSEC_USAGE);
    card.channel = 1;
    command.le = 0;
    command.cla = 0x01;
    assert_status(lwsec_apdu_exchange(&card, &command, &out, NULL), LWSEC_USAGE);
}

static void a_channel_stands_in_every_class(void **state)
{
    const script_step steps[] = {
        {"0070000001", "039000"}, {"03a4040005d276000118", "9000"},
        {"83ca000000", "6101"},   {"03c0000001", "ff9000"},
        {"03708003", "9000"},     {"80ca000000", "9000"},
        {"0070000001", "139000"}, {"cfca000000", "6101"},
        {"4fc0000001", "ee9000"}, {"4f708013", "6985"},
        {"4f708013", "9000"},
    };
    script played = SCRIPT_OF(steps);
    lwsec_apdu card = script_card(&played, true);
    uint8_t room[8];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    assert_status(lwsec_apdu_close_channel(&card, NULL), LWSEC_USAGE);
    assert_status(lwsec_apdu_open_channel(&card, NULL), LWSEC_OK);
    assert_status(lwsec_apdu_open_channel(&card, NULL), LWSEC_USAGE);
    assert_status(lwsec_apdu_select(&card, lwsec_test_hex("d276000118"), 0, NULL, NULL), LWSEC_OK);
    assert_status(lwsec_apdu_exchange(&card, &get_data, &out, NULL), LWSEC_OK);
    assert_status(lwsec_apdu_close_channel(&card, NULL), LWSEC_OK);
    assert_status(lwsec_apdu_exchange(&card, &get_data, &out, NULL), LWSEC_OK);
    assert_status(lwsec_apdu_open_channel(&card, NULL), LWSEC_OK);
    assert_int_equal(card.channel, 19);
    assert_status(lwsec_apdu_exchange(&card, &get_data, &out, NULL), LWSEC_OK);
    assert_status(lwsec_apdu_close_channel(&card, NULL), LWSEC_REJECT);
    assert_int_equal(card.channel, 19);
    assert_status(lwsec_apdu_close_channel(&card, NULL), LWSEC_OK);
    script_is_done(&played);
}

static void a_channel_that_is_none_is_refused(void **state)
{
    const char *const answers[] = {"9000", "009000", "149000", "01029000", "6881"};

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const script_step steps[] = {{"0070000001", answers[i]}};
        script played = SCRIPT_OF(steps);
        lwsec_apdu card = script_card(&played, true);
        assert_status(lwsec_apdu_open_channel(&card, NULL), LWSEC_REJECT);
        assert_int_equal(card.channel, 0);
    }
}

static void select_tells_what_there_is(void **state)
{
    const script_step steps[] = {{"00a4040405d27600011800", "6f009000"},
                                 {"00a4040005d27600011800", "6a82"},
                                 {"00a4040005d27600011800", "6999"}};
    script played = SCRIPT_OF(steps);
    lwsec_apdu card = script_card(&played, false);
    const lwsec_bytes aid = lwsec_test_hex("d276000118");
    uint8_t room[8];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;

    (void)state;
    assert_status(lwsec_apdu_select(&card, aid, 4, &out, NULL), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex("6f00"));
    assert_status(lwsec_apdu_select(&card, aid, 0, &out, NULL), LWSEC_ABSENT);
    assert_int_equal(out.size, 0);
    assert_status(lwsec_apdu_select(&card, aid, 0, NULL, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_CARD_STATUS);
    assert_int_equal(reason.offset, 0x6999);
    assert_int_equal(card.sw, 0x6999);
    assert_status(lwsec_apdu_select(&card, lwsec_test_hex("d2760001"), 0, NULL, NULL), LWSEC_USAGE);
    assert_status(lwsec_apdu_select(&card, lwsec_test_hex("d2760001184c574d324d00000000000000"), 0,
                                    NULL, NULL),
                  LWSEC_USAGE);
    script_is_done(&played);
}

/* What a card remembers is unknown after a failure: nothing but SELECT goes on. */
static void a_lost_card_has_to_be_selected_again(void **state)
{
    const script_step steps[] = {
        {"0070000001", "019000"},           {"81ca000000", NULL},
        {"00a4040005d27600011800", NULL},   {"00a4040005d27600011800", "6a82"},
        {"00a4040005d27600011800", "9000"}, {"80ca000000", "9000"},
    };
    script played = SCRIPT_OF(steps);
    lwsec_apdu card = script_card(&played, false);
    const lwsec_bytes aid = lwsec_test_hex("d276000118");
    uint8_t room[8];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;

    (void)state;
    assert_status(lwsec_apdu_open_channel(&card, NULL), LWSEC_OK);
    assert_status(lwsec_apdu_exchange(&card, &get_data, &out, &reason), LWSEC_ENGINE);
    assert_int_equal(reason.why, LWSEC_WHY_CARD_LOST);
    assert_int_equal(card.channel, 0);
    assert_status(lwsec_apdu_exchange(&card, &get_data, &out, &reason), LWSEC_ENGINE);
    assert_status(lwsec_apdu_select(&card, aid, 0, NULL, NULL), LWSEC_ENGINE);
    assert_status(lwsec_apdu_exchange(&card, &get_data, &out, NULL), LWSEC_ENGINE);
    assert_status(lwsec_apdu_select(&card, aid, 0, NULL, NULL), LWSEC_ABSENT);
    assert_status(lwsec_apdu_exchange(&card, &get_data, &out, NULL), LWSEC_ENGINE);
    assert_int_equal(played.at, 4);
    assert_status(lwsec_apdu_select(&card, aid, 0, NULL, NULL), LWSEC_OK);
    assert_status(lwsec_apdu_exchange(&card, &get_data, &out, NULL), LWSEC_OK);
    script_is_done(&played);
    lwsec_apdu_was_reset(&card);
    assert_status(lwsec_apdu_exchange(&card, &get_data, &out, NULL), LWSEC_ENGINE);
    played.refuse_begin = true;
    card = script_card(&played, false);
    assert_status(lwsec_apdu_begin(&card, &reason), LWSEC_ENGINE);
    assert_true(card.lost);
}

/* Rows lie inside of each other: one transaction of the transport around all of them. */
static void rows_of_commands(void **state)
{
    const script_step steps[] = {
        {"80ca000000", "6101"}, {"00c0000001", "ff9000"}, {"80ca000000", "9000"}};
    script played = SCRIPT_OF(steps);
    lwsec_apdu card = script_card(&played, true);
    uint8_t room[8];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    assert_status(lwsec_apdu_exchange(&card, &get_data, &out, NULL), LWSEC_OK);
    assert_int_equal(played.begun, 1);
    assert_int_equal(played.ended, 1);
    assert_status(lwsec_apdu_begin(&card, NULL), LWSEC_OK);
    assert_status(lwsec_apdu_begin(&card, NULL), LWSEC_OK);
    lwsec_apdu_end(&card);
    assert_int_equal(played.ended, 1);
    assert_status(lwsec_apdu_exchange(&card, &get_data, &out, NULL), LWSEC_OK);
    assert_int_equal(played.ended, 1);
    lwsec_apdu_end(&card);
    assert_int_equal(played.begun, 2);
    script_is_done(&played);
}

static void octets_of_a_command(void **state)
{
    const struct {
        const char *octets;
        size_t size;
        uint16_t le;
        lwsec_status status;
    } cases[] = {
        {"00a40400", 0, 0, LWSEC_OK},
        {"00a4040000", 0, 256, LWSEC_OK},
        {"00a4040005", 0, 5, LWSEC_OK},
        {"00a4040002aabb", 2, 0, LWSEC_OK},
        {"00a4040002aabb10", 2, 16, LWSEC_OK},
        {"00a404", 0, 0, LWSEC_REJECT},
        {"", 0, 0, LWSEC_REJECT},
        {"00a4040003aabb", 0, 0, LWSEC_REJECT},
        {"00a4040002aabb1000", 0, 0, LWSEC_REJECT},
        {"00a40400000001", 0, 0, LWSEC_REJECT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lwsec_apdu_command command = {.le = 77};
        assert_status(lwsec_apdu_read(lwsec_test_hex(cases[i].octets), &command, NULL),
                      cases[i].status);
        if (cases[i].status == LWSEC_OK) {
            assert_int_equal(command.ins, 0xa4);
            assert_int_equal(command.p1, 0x04);
            assert_int_equal(command.data.size, cases[i].size);
            assert_int_equal(command.le, cases[i].le);
        } else {
            assert_int_equal(command.le, 77);
        }
    }
}

static void another_table_is_refused(void **state)
{
    lwsec_apdu_ops ops = script_ops;
    lwsec_apdu card;

    (void)state;
    assert_status(lwsec_apdu_init(&card, &ops, NULL, false), LWSEC_OK);
    ops.transmit = NULL;
    assert_status(lwsec_apdu_init(&card, &ops, NULL, false), LWSEC_USAGE);
    ops = script_ops;
    ops.abi++;
    assert_status(lwsec_apdu_init(&card, &ops, NULL, false), LWSEC_USAGE);
    ops = script_ops;
    ops.size = 8;
    assert_status(lwsec_apdu_init(&card, &ops, NULL, false), LWSEC_USAGE);
    assert_status(lwsec_apdu_init(&card, NULL, NULL, false), LWSEC_USAGE);
}

/* A transport that gives memory of its own, or says that there is more room than there is. */
static lwsec_status give_own_memory(void *context, lwsec_bytes command, lwsec_buffer *response)
{
    static uint8_t own[LWSEC_APDU_RESPONSE_SIZE] = {0x90, 0x00};

    (void)context;
    (void)command;
    *response = lwsec_buffer_of(own, sizeof own);
    response->size = 2;
    return LWSEC_OK;
}

static lwsec_status give_too_much(void *context, lwsec_bytes command, lwsec_buffer *response)
{
    (void)context;
    (void)command;
    memset(response->data, 0x90, response->capacity);
    response->size = response->capacity + 1;
    response->capacity = response->size;
    return LWSEC_OK;
}

static void a_transport_that_changes_the_room_is_refused(void **state)
{
    lwsec_status (*const transports[])(void *, lwsec_bytes, lwsec_buffer *) = {give_own_memory,
                                                                               give_too_much};
    uint8_t room[16];

    (void)state;
    for (size_t i = 0; i < sizeof transports / sizeof transports[0]; i++) {
        lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
        lwsec_reason reason = {LWSEC_WHY_NONE, 0};
        const lwsec_apdu_ops ops = {
            .abi = LWSEC_APDU_ABI, .size = sizeof ops, .transmit = transports[i]};
        lwsec_apdu card;

        assert_status(lwsec_apdu_init(&card, &ops, NULL, false), LWSEC_OK);
        assert_status(lwsec_apdu_exchange(&card, &get_data, &out, &reason), LWSEC_REJECT);
        assert_int_equal(reason.why, LWSEC_WHY_CARD_RESPONSE);
        assert_int_equal(card.sw, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_and_status_word),
        cmocka_unit_test(more_is_fetched_by_get_response),
        cmocka_unit_test(an_answer_that_never_ends_is_refused),
        cmocka_unit_test(the_command_is_repeated_once_with_the_right_le),
        cmocka_unit_test(le_stands_where_the_protocol_has_it),
        cmocka_unit_test(a_command_that_does_not_fit_is_not_sent),
        cmocka_unit_test(a_channel_stands_in_every_class),
        cmocka_unit_test(a_channel_that_is_none_is_refused),
        cmocka_unit_test(select_tells_what_there_is),
        cmocka_unit_test(a_lost_card_has_to_be_selected_again),
        cmocka_unit_test(rows_of_commands),
        cmocka_unit_test(octets_of_a_command),
        cmocka_unit_test(another_table_is_refused),
        cmocka_unit_test(a_transport_that_changes_the_room_is_refused),
    };
    return cmocka_run_group_tests_name("uicc-exchange", tests, NULL, NULL);
}
