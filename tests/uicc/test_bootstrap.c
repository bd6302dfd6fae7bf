/* The way to EF LwM2M_Bootstrap over cards that answer by a script. */
#include "tests/support/test.h"

#include "script.h"

#include <lwsec/smartcard_bootstrap.h>

#define SELECT_DIR "00a40804022f0000"
#define SELECT_DIR_STEP                                                                            \
    {                                                                                              \
        SELECT_DIR, "620b8205422100260280020"                                                      \
                    "04c9000"                                                                      \
    }
#define OTHER_RECORD                                                                               \
    "61124f10a0000000871002ffffffff8907090000ffffffffffffffffffffffffffffffffffff9000"
#define OUR_RECORD                                                                                 \
    "61124f0ca000000063504b43532d313551027f50ffffffffffffffffffffffffffffffffffff9000"
#define SELECT_APPLICATION "01a404040ca000000063504b43532d313500"
#define SELECT_FILE(id) "01a40804047fff" id "00"
#define FCP(size) "621682024121830264308a01058b036f06028002" size "88009000"
#define DODF "a127300030110c0f4c774d324d20426f6f747374726170a110300e06060604672b0901300404026432"
#define CONTENT                                                                                    \
    "00010036000000003108002ec80025636f61703a2f2f6c657368616e2e65636c6970736570726f6a656374732e"   \
    "696f3a35373833c10101c10203"

static lwsec_status read(const script_step *steps, size_t count, lwsec_buffer *file,
                         lwsec_reason *reason)
{
    script played = {.steps = steps, .count = count};
    lwsec_apdu card = script_card(&played, false);

    card.channel = 1;
    const lwsec_status status = lwsec_smartcard_read(&card, file, reason);
    script_is_done(&played);
    assert_int_equal(played.begun, 1);
    return status;
}

static void the_application_is_found(void **state)
{
    const script_step steps[] = {SELECT_DIR_STEP,
                                 {"00b2010426", OTHER_RECORD},
                                 {"00b2020426", OUR_RECORD},
                                 {"0070000001", "019000"},
                                 {SELECT_APPLICATION, "62009000"}};
    script played = SCRIPT_OF(steps);
    lwsec_apdu card = script_card(&played, false);

    (void)state;
    assert_status(lwsec_smartcard_select(&card, lwsec_bytes_of(NULL, 0), NULL), LWSEC_OK);
    assert_int_equal(card.channel, 1);
    script_is_done(&played);
}

static void a_card_without_the_application(void **state)
{
    const script_step no_record[] = {
        SELECT_DIR_STEP, {"00b2010426", OTHER_RECORD}, {"00b2020426", "6a83"}};
    const script_step no_file[] = {{SELECT_DIR, "6a82"}};
    const script_step transparent[] = {{SELECT_DIR, FCP("0004")}, {"00b0000004", "ffffffff9000"}};
    const struct {
        const script_step *steps;
        size_t count;
    } cases[] = {{no_record, 3}, {no_file, 1}, {transparent, 2}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        script played = {.steps = cases[i].steps, .count = cases[i].count};
        lwsec_apdu card = script_card(&played, false);
        assert_status(lwsec_smartcard_select(&card, lwsec_bytes_of(NULL, 0), NULL), LWSEC_ABSENT);
        script_is_done(&played);
    }
}

/* With the AID given, as a card without EF(DIR) has it; the channel is given back. */
static void an_application_that_is_not_there(void **state)
{
    const script_step steps[] = {
        {"0070000001", "019000"}, {SELECT_APPLICATION, "6a82"}, {"01708001", "9000"}};
    const script_step kept[] = {
        {"0070000001", "019000"}, {SELECT_APPLICATION, "6a82"}, {"01708001", "6985"}};
    const lwsec_bytes aid = lwsec_test_hex("a000000063504b43532d3135");
    script played = SCRIPT_OF(steps);
    lwsec_apdu card = script_card(&played, false);

    (void)state;
    assert_status(lwsec_smartcard_select(&card, aid, NULL), LWSEC_ABSENT);
    assert_int_equal(card.channel, 0);
    script_is_done(&played);
    played.steps = kept;
    card = script_card(&played, false);
    assert_status(lwsec_smartcard_select(&card, aid, NULL), LWSEC_ABSENT);
    assert_int_equal(card.channel, 0);
}

static void the_file_is_read(void **state)
{
    /* The second directory is ours; the first one is empty. */
    const script_step steps[] = {
        {SELECT_FILE("5031"), FCP("0012")},
        {"01b0000012", "a706300404024407a706300404026430ffff9000"},
        {SELECT_FILE("4407"), FCP("0003")},
        {"01b0000003", "ffffff9000"},
        {SELECT_FILE("6430"), FCP("0029")},
        {"01b0000029", DODF "9000"},
        {SELECT_FILE("6432"), FCP("003c")},
        {"01b000003c", CONTENT "ffff9000"},
    };
    uint8_t room[64];
    lwsec_buffer file = lwsec_buffer_of(room, sizeof room);

    (void)state;
    assert_status(read(steps, 8, &file, NULL), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&file), lwsec_test_hex(CONTENT));
    file.capacity = 59;
    assert_status(read(steps, 7, &file, NULL), LWSEC_BUFFER);
}

/* Pieces of any size are put together, and a card that brings none or too much is refused. */
static void pieces(void **state)
{
    const script_step steps[] = {
        {SELECT_FILE("5031"), FCP("0008")},
        {"01b0000008", "a7063004040264309000"},
        {SELECT_FILE("6430"), FCP("0029")},
        {"01b0000029", "a127300030110c0f4c774d324d20426f6f749000"},
        {"01b0001217", "7374726170a110300e06060604672b09019000"},
        {"01b0002306", "6c05"},
        {"01b0002305", "30040402649000"},
        {"01b0002801", "329000"},
        {SELECT_FILE("6432"), FCP("0009")},
        {"01b0000009", "0001000500000000009000"},
    };
    const script_step nothing[] = {{SELECT_FILE("5031"), FCP("0008")}, {"01b0000008", "9000"}};
    const script_step much[] = {{SELECT_FILE("5031"), FCP("0008")},
                                {"01b0000008", "a70630040402643000"
                                               "9000"}};
    const script_step end[] = {{SELECT_FILE("5031"), FCP("0008")}, {"01b0000008", "a76282"}};
    const script_step pin[] = {{SELECT_FILE("5031"), FCP("0008")}, {"01b0000008", "6982"}};
    uint8_t room[64];
    lwsec_buffer file = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;

    (void)state;
    assert_status(read(steps, 10, &file, NULL), LWSEC_OK);
    assert_int_equal(file.size, 9);
    assert_status(read(nothing, 2, &file, NULL), LWSEC_REJECT);
    assert_status(read(much, 2, &file, NULL), LWSEC_REJECT);
    assert_status(read(end, 2, &file, NULL), LWSEC_REJECT);
    assert_status(read(pin, 2, &file, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_CARD_STATUS);
    assert_int_equal(reason.offset, 0x6982);
}

/* What a file of before has left in the room is wiped, too. */
static void a_card_that_is_gone_leaves_nothing(void **state)
{
    script played = {.refuse_begin = true};
    lwsec_apdu card = script_card(&played, false);
    uint8_t room[64];
    lwsec_buffer file = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;

    (void)state;
    memset(room, 0x5a, sizeof room);
    assert_status(lwsec_smartcard_read(&card, &file, &reason), LWSEC_ENGINE);
    assert_int_equal(reason.why, LWSEC_WHY_CARD_LOST);
    assert_null(memchr(room, 0x5a, sizeof room));
}

static void files_that_are_wrong(void **state)
{
    const script_step none[] = {{SELECT_FILE("5031"), "6a82"}};
    const script_step too_large[] = {{SELECT_FILE("5031"), FCP("8001")}};
    const script_step larger[] = {{SELECT_FILE("5031"), FCP("0401")}};
    const script_step records[] = {{SELECT_FILE("5031"), "620b82054221002602800200"
                                                         "4c9000"}};
    const script_step no_fcp[] = {{SELECT_FILE("5031"), "9000"}};
    const script_step empty[] = {{SELECT_FILE("5031"), FCP("0002")}, {"01b0000002", "ffff9000"}};
    const script_step content[] = {
        {SELECT_FILE("5031"), FCP("0008")}, {"01b0000008", "a7063004040264309000"},
        {SELECT_FILE("6430"), FCP("0029")}, {"01b0000029", DODF "9000"},
        {SELECT_FILE("6432"), FCP("0004")}, {"01b0000004", "000100009000"},
    };
    uint8_t room[2000];
    lwsec_buffer file = lwsec_buffer_of(room, sizeof room);

    (void)state;
    assert_status(read(none, 1, &file, NULL), LWSEC_ABSENT);
    assert_status(read(too_large, 1, &file, NULL), LWSEC_REJECT);
    assert_status(read(larger, 1, &file, NULL), LWSEC_BUFFER);
    assert_status(read(records, 1, &file, NULL), LWSEC_REJECT);
    assert_status(read(no_fcp, 1, &file, NULL), LWSEC_REJECT);
    assert_status(read(empty, 2, &file, NULL), LWSEC_ABSENT);
    memset(room, 0xa5, sizeof room);
    assert_status(read(content, 6, &file, NULL), LWSEC_REJECT);
    assert_int_equal(file.size, 0);
    for (size_t i = 0; i < sizeof room; i++) {
        assert_int_equal(room[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_application_is_found),
        cmocka_unit_test(a_card_without_the_application),
        cmocka_unit_test(an_application_that_is_not_there),
        cmocka_unit_test(the_file_is_read),
        cmocka_unit_test(pieces),
        cmocka_unit_test(a_card_that_is_gone_leaves_nothing),
        cmocka_unit_test(files_that_are_wrong),
    };
    return cmocka_run_group_tests_name("uicc-bootstrap", tests, NULL, NULL);
}
