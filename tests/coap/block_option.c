/* The Block option: RFC 7959 section 2.2. */
#include "tests/coap/block_kit.h"

static void every_size_and_number_comes_back_in_the_fewest_bytes(void **state)
{
    static const uint32_t numbers[] = {0, 1, 15, 16, 4095, 4096, LWSEC_BLOCK_NUMBER_MAX};
    static const size_t sizes[] = {0, 1, 1, 2, 2, 3, 3};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        for (uint8_t szx = 0; szx <= LWSEC_BLOCK_SZX_MAX; szx++) {
            for (unsigned more = 0; more < 2; more++) {
                const lwsec_block block = {numbers[i], szx, more != 0};
                lwsec_block got = {7, 7, false};
                uint8_t room[4];
                const lwsec_bytes value = lwsec_block_value(&block, room);
                const bool zero = szx == 0 && more == 0;
                assert_int_equal(value.size, i == 0 && !zero ? 1 : sizes[i]);
                assert_status(lwsec_block_decode(LWSEC_COAP_UDP, value, &got, NULL), LWSEC_OK);
                assert_int_equal(got.number, numbers[i]);
                assert_int_equal(got.szx, szx);
                assert_int_equal(got.more, more);
            }
        }
    }
}

static void a_value_is_read_as_the_specification_lays_it_out(void **state)
{
    lwsec_block block;

    (void)state;
    assert_status(lwsec_block_decode(LWSEC_COAP_UDP, lwsec_test_hex("12345e"), &block, NULL),
                  LWSEC_OK);
    assert_int_equal(block.number, 0x12345);
    assert_true(block.more);
    assert_int_equal(block.szx, 6);
    assert_int_equal(lwsec_block_size(block.szx), 1024);
    assert_int_equal(lwsec_block_offset(&block), 0x12345 * 1024);
    /* Leading zeros are allowed in a uint. */
    assert_status(lwsec_block_decode(LWSEC_COAP_UDP, lwsec_test_hex("000016"), &block, NULL),
                  LWSEC_OK);
    assert_int_equal(block.number, 1);
}

static void assert_refused(lwsec_coap_framing framing, const char *hex, lwsec_status status,
                           lwsec_why why)
{
    lwsec_block block = {42, 3, true};
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    assert_status(lwsec_block_decode(framing, lwsec_test_hex(hex), &block, &reason), status);
    assert_int_equal(reason.why, why);
    assert_int_equal(block.number, 42);
}

static void the_reserved_size_and_long_values_are_refused(void **state)
{
    (void)state;
    assert_refused(LWSEC_COAP_UDP, "07", LWSEC_REJECT, LWSEC_WHY_COAP_BLOCK);
    assert_refused(LWSEC_COAP_UDP, "0f", LWSEC_REJECT, LWSEC_WHY_COAP_BLOCK);
    assert_refused(LWSEC_COAP_UDP, "ffffff", LWSEC_REJECT, LWSEC_WHY_COAP_BLOCK);
    assert_refused(LWSEC_COAP_TCP, "07", LWSEC_UNSUPPORTED, LWSEC_WHY_COAP_BLOCK);
    assert_refused(LWSEC_COAP_UDP, "00000006", LWSEC_REJECT, LWSEC_WHY_COAP_OPTION_LENGTH);
    assert_refused(LWSEC_COAP_UDP, "0000000006", LWSEC_REJECT, LWSEC_WHY_COAP_OPTION_LENGTH);
}

static void a_message_has_one_or_none(void **state)
{
    const lwsec_coap_option two[] = {kit_block(LWSEC_COAP_BLOCK1, 0, true, 6),
                                     kit_block(LWSEC_COAP_BLOCK1, 1, true, 6)};
    const lwsec_bytes none = {NULL, 0};
    lwsec_coap_message message = kit_message(LWSEC_COAP_PUT, two, 1, none);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    lwsec_block block;

    (void)state;
    assert_status(lwsec_block_find(&message, LWSEC_COAP_BLOCK1, &block, NULL), LWSEC_OK);
    assert_status(lwsec_block_find(&message, LWSEC_COAP_BLOCK2, &block, NULL), LWSEC_ABSENT);
    message = kit_message(LWSEC_COAP_PUT, two, 2, none);
    assert_status(lwsec_block_find(&message, LWSEC_COAP_BLOCK1, &block, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_COAP_OPTION_TWICE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_and_number_comes_back_in_the_fewest_bytes),
        cmocka_unit_test(a_value_is_read_as_the_specification_lays_it_out),
        cmocka_unit_test(the_reserved_size_and_long_values_are_refused),
        cmocka_unit_test(a_message_has_one_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
