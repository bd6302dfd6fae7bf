/* GET DATA and STORE DATA in the clear; with a secure channel, see test_scp03.c. */
#include "tests/support/test.h"

#include "script.h"

#include <lwsec/sms_card.h>

static lwsec_status get(const char *answer, uint16_t tag, const char *command, lwsec_buffer *out,
                        lwsec_reason *reason)
{
    const script_step steps[] = {{command, answer}};
    script played = SCRIPT_OF(steps);
    lwsec_apdu card = script_card(&played, true);
    const lwsec_status status = lwsec_apdu_get_data(&card, tag, out, reason);

    script_is_done(&played);
    return status;
}

static void a_message_comes_by_get_data(void **state)
{
    uint8_t room[64];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;
    lwsec_sms_address from;
    lwsec_bytes coap;

    (void)state;
    assert_status(get("0d91945111325476f8050004400100019000", 0, "80ca000000", &out, &reason),
                  LWSEC_OK);
    assert_status(lwsec_sms_card_read(NULL, lwsec_buffer_bytes(&out), &from, &coap, NULL),
                  LWSEC_OK);
    assert_bytes(coap, lwsec_test_hex("40010001"));
    assert_status(get("019100", 0x00ff, "80ca00ff00", &out, &reason), LWSEC_OK);
    assert_int_equal(out.size, 1);
    assert_status(get("6a88", 0xdf01, "80cadf0100", &out, &reason), LWSEC_ABSENT);
    assert_int_equal(out.size, 0);
    assert_status(get("6a86", 0, "80ca000000", &out, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_CARD_STATUS);
    assert_status(get("016281", 0, "80ca000000", &out, &reason), LWSEC_REJECT);
    assert_int_equal(out.size, 0);
    LWSEC_COVERS("R-5.4.2.1.2-08");
}

/* What came, without headers; the blocks are checked as they come. */
typedef struct stored {
    uint8_t data[256 * 255 + 1];
    size_t size;
    unsigned blocks;
    unsigned refuse_at; /* the block that is refused; 0: none */
    unsigned transactions;
    bool open;
    bool last;
} stored;

static stored card_memory;

static lwsec_status take_block(void *context, lwsec_bytes command, lwsec_buffer *response)
{
    stored *memory = context;

    assert_true(memory->open);
    assert_false(memory->last);
    assert_true(command.size > 5);
    assert_int_equal(command.data[0], 0x80);
    assert_int_equal(command.data[1], 0xe2);
    assert_int_equal(command.data[2] & 0x7f, 0x11);
    assert_int_equal(command.data[3], memory->blocks);
    assert_int_equal(command.data[4], command.size - 5);
    memory->last = (command.data[2] & 0x80) != 0;
    memcpy(&memory->data[memory->size], &command.data[5], command.size - 5);
    memory->size += command.size - 5;
    memory->blocks++;
    const bool refused = memory->blocks == memory->refuse_at;
    response->data[0] = refused ? 0x6a : 0x90;
    response->data[1] = refused ? 0x84 : 0x00;
    response->size = 2;
    return LWSEC_OK;
}

static lwsec_status open_transaction(void *context)
{
    stored *memory = context;

    memory->open = true;
    memory->transactions++;
    return LWSEC_OK;
}

static void close_transaction(void *context)
{
    stored *memory = context;

    memory->open = false;
}

static const lwsec_apdu_ops storing = {LWSEC_APDU_ABI, sizeof(lwsec_apdu_ops), take_block,
                                       open_transaction, close_transaction};

static lwsec_status store(lwsec_bytes data, unsigned refuse_at)
{
    lwsec_apdu card;

    memset(&card_memory, 0, sizeof card_memory);
    card_memory.refuse_at = refuse_at;
    assert_status(lwsec_apdu_init(&card, &storing, &card_memory, true), LWSEC_OK);
    const lwsec_status status = lwsec_apdu_store_data(&card, 0x11, data, NULL);
    assert_false(card_memory.open);
    return status;
}

static void a_message_goes_in_blocks(void **state)
{
    static uint8_t data[256 * 255 + 1];
    const size_t sizes[] = {1, 254, 255, 256, 510, 511, 256 * 255};

    (void)state;
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 7 + i / 255);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_status(store(lwsec_bytes_of(data, sizes[i]), 0), LWSEC_OK);
        assert_true(card_memory.last);
        assert_int_equal(card_memory.blocks, (sizes[i] + 254) / 255);
        assert_int_equal(card_memory.transactions, 1);
        assert_bytes(lwsec_bytes_of(card_memory.data, card_memory.size),
                     lwsec_bytes_of(data, sizes[i]));
    }
    assert_status(store(lwsec_bytes_of(data, sizeof data), 0), LWSEC_USAGE);
    assert_status(store(lwsec_bytes_of(data, 0), 0), LWSEC_USAGE);
    assert_int_equal(card_memory.blocks, 0);
    LWSEC_COVERS("R-5.4.2.1.2-10");
}

static void a_refused_block_is_the_last(void **state)
{
    static const uint8_t data[600];

    (void)state;
    assert_status(store(lwsec_bytes_of(data, sizeof data), 2), LWSEC_REJECT);
    assert_int_equal(card_memory.blocks, 2);
    assert_status(store(lwsec_bytes_of(data, sizeof data), 3), LWSEC_REJECT);
    assert_int_equal(card_memory.blocks, 3);
}

/* A status word that there is not is a refusal as any other. */
static void a_status_word_of_zeros_is_a_refusal(void **state)
{
    const script_step steps[] = {{"80e280000101", "0000"}, {"80ca000000", "0000"}};
    script played = SCRIPT_OF(steps);
    lwsec_apdu card = script_card(&played, true);
    uint8_t room[64];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;

    (void)state;
    assert_status(lwsec_apdu_store_data(&card, 0, lwsec_test_hex("01"), &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_CARD_STATUS);
    assert_status(lwsec_apdu_get_data(&card, 0, &out, &reason), LWSEC_REJECT);
    script_is_done(&played);
}

static void bit_8_of_p1_is_not_the_callers(void **state)
{
    script played = {.count = 0};
    lwsec_apdu card = script_card(&played, true);
    lwsec_reason reason;

    (void)state;
    assert_status(lwsec_apdu_store_data(&card, 0x91, lwsec_test_hex("01"), &reason), LWSEC_USAGE);
    assert_int_equal(reason.why, LWSEC_WHY_CARD_COMMAND);
    assert_int_equal(lwsec_apdu_data_max(&card), 255);
}

static void a_waiting_proactive_command_is_no_failure(void **state)
{
    const script_step steps[] = {{"00a4040005d276000118", "910b"}, {"80e280000101", "910b"}};
    script played = SCRIPT_OF(steps);
    lwsec_apdu card = script_card(&played, true);

    (void)state;
    assert_status(lwsec_apdu_select(&card, lwsec_test_hex("d276000118"), 0, NULL, NULL), LWSEC_OK);
    assert_status(lwsec_apdu_store_data(&card, 0, lwsec_test_hex("01"), NULL), LWSEC_OK);
    assert_int_equal(card.sw, 0x910b);
    script_is_done(&played);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_comes_by_get_data),
        cmocka_unit_test(a_message_goes_in_blocks),
        cmocka_unit_test(a_refused_block_is_the_last),
        cmocka_unit_test(a_status_word_of_zeros_is_a_refusal),
        cmocka_unit_test(bit_8_of_p1_is_not_the_callers),
        cmocka_unit_test(a_waiting_proactive_command_is_no_failure),
    };
    return cmocka_run_group_tests_name("uicc-data", tests, NULL, NULL);
}
