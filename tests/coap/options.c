/* Options: numbers and values of every form, the walk, the search, and uints. */
#include "tests/coap/wire.h"

#define UDP LWSEC_COAP_UDP

/* One option alone in a message. */
static lwsec_coap_option only_option(const char *hex)
{
    wire *message = wire_start("40020001");
    lwsec_coap_option option;
    lwsec_coap_option after;

    wire_hex(message, hex);
    const lwsec_coap_message decoded = assert_decodes(UDP, wire_bytes(message));
    lwsec_coap_walk walk = lwsec_coap_options(&decoded);
    assert_true(lwsec_coap_options_next(&walk, &option));
    assert_false(lwsec_coap_options_next(&walk, &after));
    assert_false(lwsec_coap_options_next(&walk, &after));
    return option;
}

static void test_option_numbers_at_every_boundary(void **state)
{
    (void)state;
    assert_int_equal(only_option("00").number, 0);
    assert_int_equal(only_option("c0").number, 12);
    assert_int_equal(only_option("d000").number, 13);
    assert_int_equal(only_option("d0ff").number, 268);
    assert_int_equal(only_option("e00000").number, 269);
    assert_int_equal(only_option("e0fef2").number, 65535);
    assert_int_equal(only_option("e0fef3").number, 65536);
    assert_int_equal(only_option("e0ffff").number, 65804);
}

/* Trap 13: the delta kept in 8 bits. */
static void test_option_258_is_not_read_as_2(void **state)
{
    (void)state;
    assert_int_equal(only_option("d1f51a").number, LWSEC_COAP_NO_RESPONSE);
    assert_int_equal(only_option("d0ef").number, LWSEC_COAP_ECHO);
    assert_int_equal(only_option("e00017").number, LWSEC_COAP_REQUEST_TAG);
}

static void test_the_number_is_the_sum_of_the_deltas(void **state)
{
    const lwsec_coap_message message =
        assert_decodes(UDP, lwsec_test_hex("40020001b0d0efd000e00100"));
    static const uint32_t numbers[] = {11, 263, 276, 276 + 269 + 256};
    lwsec_coap_walk walk = lwsec_coap_options(&message);
    lwsec_coap_option option;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_true(lwsec_coap_options_next(&walk, &option));
        assert_int_equal(option.number, numbers[i]);
    }
    assert_false(lwsec_coap_options_next(&walk, &option));
}

static void test_a_number_past_65804_is_refused(void **state)
{
    (void)state;
    assert_refused(UDP, lwsec_test_hex("40020001e0ffff10"), LWSEC_WHY_COAP_OPTION_DELTA);
    assert_refused(UDP, lwsec_test_hex("4002000110e0ffff"), LWSEC_WHY_COAP_OPTION_DELTA);
    assert_refused(UDP, lwsec_test_hex("40020001e0ffffe0ffff"), LWSEC_WHY_COAP_OPTION_DELTA);
    assert_refused(UDP, lwsec_test_hex("40020001e0fef4d0ff"), LWSEC_WHY_COAP_OPTION_DELTA);
    assert_int_equal(assert_decodes(UDP, lwsec_test_hex("40020001e0ffff00")).options.size, 4);
}

/* Trap 13: the extension or-ed to 13 instead of added. 13 | 13 is 13, 13 + 13 is 26. */
static void test_an_extended_length_is_added_not_ored(void **state)
{
    static const struct {
        const char *header;
        size_t size;
    } lengths[] = {
        {"bc", 12},      {"bd00", 13},    {"bd01", 14},    {"bd0d", 26},      {"bdff", 268},
        {"be0000", 269}, {"be0001", 270}, {"be010d", 538}, {"beffff", 65804},
    };

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        wire *message = wire_start("40020001");
        lwsec_coap_option option;
        wire_hex(message, lengths[i].header);
        wire_fill(message, 'v', lengths[i].size);
        const lwsec_coap_message decoded = assert_decodes(UDP, wire_bytes(message));
        assert_true(lwsec_coap_option_find(&decoded, 11, &option));
        assert_int_equal(option.value.size, lengths[i].size);
        assert_refused(UDP, lwsec_bytes_of(message->data, message->size - 1), LWSEC_WHY_TRUNCATED);
    }
}

static void test_extended_delta_and_length_in_one_header(void **state)
{
    const lwsec_coap_option option = only_option("dd000076767676767676767676767676");
    const rich_message rich = rich_udp();
    const lwsec_coap_message message = assert_decodes(UDP, rich.wire);
    static const uint32_t numbers[] = {3, 11, 11, 258, 65804, 65804};
    static const size_t sizes[] = {3, 2, 13, 1, 270, 268};
    lwsec_coap_walk walk = lwsec_coap_options(&message);

    (void)state;
    assert_int_equal(option.number, 13);
    assert_int_equal(option.value.size, 13);
    for (size_t i = 0; i < 6; i++) {
        lwsec_coap_option next;
        assert_true(lwsec_coap_options_next(&walk, &next));
        assert_int_equal(next.number, numbers[i]);
        assert_int_equal(next.value.size, sizes[i]);
        assert_ptr_equal(&next.value.data[sizes[i]], &rich.wire.data[rich.ends[i + 1]]);
    }
}

static void test_a_message_without_options_has_none(void **state)
{
    const lwsec_coap_message message = assert_decodes(UDP, lwsec_test_hex("40020001ffaa"));
    lwsec_coap_walk walk = lwsec_coap_options(&message);
    lwsec_coap_option option = {7, {NULL, 0}};

    (void)state;
    assert_false(lwsec_coap_options_next(&walk, &option));
    assert_false(lwsec_coap_option_find(&message, 0, &option));
    assert_int_equal(option.number, 7);
}

static void test_find_gives_the_first_of_that_number(void **state)
{
    const lwsec_coap_message message =
        assert_decodes(UDP, lwsec_test_hex("40020001b161016210c0c0"));
    lwsec_coap_option option;

    (void)state;
    assert_true(lwsec_coap_option_find(&message, LWSEC_COAP_URI_PATH, &option));
    assert_bytes(option.value, lwsec_bytes_of("a", 1));
    assert_true(lwsec_coap_option_find(&message, LWSEC_COAP_CONTENT_FORMAT, &option));
    assert_int_equal(option.value.size, 0);
    assert_true(lwsec_coap_option_find(&message, 36, &option));
}

static void test_find_does_not_give_a_neighbour(void **state)
{
    const lwsec_coap_message message = assert_decodes(UDP, lwsec_test_hex("40020001b1610162c0"));
    lwsec_coap_option option = {7, {NULL, 0}};

    (void)state;
    assert_false(lwsec_coap_option_find(&message, 0, &option));
    assert_false(lwsec_coap_option_find(&message, 10, &option));
    assert_false(lwsec_coap_option_find(&message, 12, &option));
    assert_false(lwsec_coap_option_find(&message, 24, &option));
    assert_false(lwsec_coap_option_find(&message, 267, &option)); /* 11 in 8 bits */
    assert_false(lwsec_coap_option_find(&message, UINT32_MAX, &option));
    assert_int_equal(option.number, 7);
}

/* A message that somebody filled in by hand: the walk ends instead of reading too far. A sanitizer
 * watches the end of the exact copy. */
static void test_a_walk_over_malformed_options_ends(void **state)
{
    static const struct {
        const char *hex;
        size_t good; /* options before the malformed one */
    } cases[] = {
        {"d0", 0},       {"e000", 0},         {"0d", 0},       {"0e00", 0},
        {"b1", 0},       {"b2612d", 1},       {"bdff61", 0},   {"beffff61", 0},
        {"f0", 0},       {"0f", 0},           {"ff", 0},       {"ffb161", 0},
        {"b161ff00", 1}, {"b16101", 1},       {"e0ffff10", 1}, {"e0ffffe0ffffe0ffff", 1},
        {"b16100d0", 2}, {"ee00ffffff61", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const lwsec_bytes bytes = lwsec_test_hex(cases[i].hex);
        uint8_t *exact = malloc(bytes.size);
        lwsec_coap_message message = {0};
        lwsec_coap_option option;
        size_t count = 0;

        assert_non_null(exact);
        memcpy(exact, bytes.data, bytes.size);
        message.options = lwsec_bytes_of(exact, bytes.size);
        lwsec_coap_walk walk = lwsec_coap_options(&message);
        while (lwsec_coap_options_next(&walk, &option)) {
            count++;
        }
        assert_int_equal(count, cases[i].good);
        assert_false(lwsec_coap_options_next(&walk, &option));
        free(exact);
    }
}

static void test_a_walk_over_any_two_bytes_ends(void **state)
{
    uint8_t *exact = malloc(2);

    (void)state;
    assert_non_null(exact);
    for (unsigned bytes = 0; bytes <= UINT16_MAX; bytes++) {
        lwsec_coap_message message = {0};
        lwsec_coap_option option;
        size_t count = 0;

        exact[0] = (uint8_t)(bytes >> 8);
        exact[1] = (uint8_t)bytes;
        message.options = lwsec_bytes_of(exact, 2);
        lwsec_coap_walk walk = lwsec_coap_options(&message);
        while (lwsec_coap_options_next(&walk, &option)) {
            count++;
        }
        assert_true(count <= 2);
    }
    free(exact);
}

static void test_uint_values_are_big_endian(void **state)
{
    uint32_t number = 1;

    (void)state;
    assert_true(lwsec_coap_option_uint(lwsec_bytes_of(NULL, 0), &number));
    assert_int_equal(number, 0);
    assert_true(lwsec_coap_option_uint(lwsec_test_hex("00"), &number));
    assert_int_equal(number, 0);
    assert_true(lwsec_coap_option_uint(lwsec_test_hex("0102"), &number));
    assert_int_equal(number, 0x0102);
    assert_true(lwsec_coap_option_uint(lwsec_test_hex("000001"), &number)); /* leading zeros */
    assert_int_equal(number, 1);
    assert_true(lwsec_coap_option_uint(lwsec_test_hex("ffffffff"), &number));
    assert_int_equal(number, UINT32_MAX);
}

static void test_a_uint_of_five_bytes_is_refused(void **state)
{
    uint32_t number = 77;

    (void)state;
    assert_false(lwsec_coap_option_uint(lwsec_test_hex("0000000001"), &number));
    assert_false(lwsec_coap_option_uint(lwsec_test_hex("0102030405"), &number));
    assert_int_equal(number, 77);
}

static void test_a_uint_is_written_in_the_fewest_bytes(void **state)
{
    static const struct {
        uint32_t number;
        const char *hex;
    } cases[] = {
        {0, ""},
        {1, "01"},
        {0xff, "ff"},
        {0x100, "0100"},
        {0xffff, "ffff"},
        {0x10000, "010000"},
        {0xffffff, "ffffff"},
        {0x1000000, "01000000"},
        {UINT32_MAX, "ffffffff"},
    };
    uint8_t room[4];
    uint32_t back;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const lwsec_bytes value = lwsec_coap_uint_value(cases[i].number, room);
        assert_bytes(value, lwsec_test_hex(cases[i].hex));
        assert_true(lwsec_coap_option_uint(value, &back));
        assert_int_equal(back, cases[i].number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_option_numbers_at_every_boundary),
        cmocka_unit_test(test_option_258_is_not_read_as_2),
        cmocka_unit_test(test_the_number_is_the_sum_of_the_deltas),
        cmocka_unit_test(test_a_number_past_65804_is_refused),
        cmocka_unit_test(test_an_extended_length_is_added_not_ored),
        cmocka_unit_test(test_extended_delta_and_length_in_one_header),
        cmocka_unit_test(test_a_message_without_options_has_none),
        cmocka_unit_test(test_find_gives_the_first_of_that_number),
        cmocka_unit_test(test_find_does_not_give_a_neighbour),
        cmocka_unit_test(test_a_walk_over_malformed_options_ends),
        cmocka_unit_test(test_a_walk_over_any_two_bytes_ends),
        cmocka_unit_test(test_uint_values_are_big_endian),
        cmocka_unit_test(test_a_uint_of_five_bytes_is_refused),
        cmocka_unit_test(test_a_uint_is_written_in_the_fewest_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
