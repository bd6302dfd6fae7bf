/* Encoding: the bytes, what is refused, and that decoding gives the same back. */
#include "tests/coap/wire.h"

#define UDP LWSEC_COAP_UDP
#define TCP LWSEC_COAP_TCP

static uint8_t room[1 << 19];
static uint8_t filler[1 << 17];

static lwsec_coap_message post(void)
{
    const lwsec_coap_message head = {.code = LWSEC_COAP_POST, .message_id = 1};
    return head;
}

static lwsec_bytes fill(size_t size)
{
    return lwsec_bytes_of(filler, size);
}

static lwsec_bytes assert_encodes(lwsec_coap_framing framing, const lwsec_coap_message *head,
                                  const lwsec_coap_option *options, size_t count)
{
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason = {LWSEC_WHY_FORKED, 1};

    assert_status(lwsec_coap_encode(framing, head, options, count, &out, &reason), LWSEC_OK);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
    return lwsec_buffer_bytes(&out);
}

static void assert_not_encoded(lwsec_coap_framing framing, const lwsec_coap_message *head,
                               const lwsec_coap_option *options, size_t count, lwsec_why why)
{
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    out.size = 5;
    assert_status(lwsec_coap_encode(framing, head, options, count, &out, &reason), LWSEC_USAGE);
    assert_string_equal(lwsec_why_text(reason.why), lwsec_why_text(why));
    assert_int_equal(out.size, 0);
}

static void test_every_field_is_written(void **state)
{
    const lwsec_coap_option options[] = {
        {LWSEC_COAP_URI_PATH, lwsec_bytes_of("rd", 2)},
        {LWSEC_COAP_URI_PATH, lwsec_bytes_of("5a3f", 4)},
        {LWSEC_COAP_NO_RESPONSE, lwsec_test_hex("1a")},
    };
    const lwsec_coap_message head = {.type = LWSEC_COAP_NON,
                                     .code = LWSEC_COAP_POST,
                                     .message_id = 0xa1b2,
                                     .token = lwsec_test_hex("0102"),
                                     .payload = lwsec_bytes_of("hi", 2)};

    (void)state;
    assert_bytes(assert_encodes(UDP, &head, options, 3),
                 lwsec_test_hex("5202a1b20102b272640435613366d1ea1aff6869"));
    assert_bytes(assert_encodes(TCP, &head, options, 3),
                 lwsec_test_hex("d201020102b272640435613366d1ea1aff6869"));
}

static void test_the_options_of_the_head_are_not_looked_at(void **state)
{
    lwsec_coap_message head = post();

    (void)state;
    head.options = lwsec_test_hex("ffffffff");
    assert_bytes(assert_encodes(UDP, &head, NULL, 0), lwsec_test_hex("40020001"));
}

static void test_the_type_means_nothing_over_tcp(void **state)
{
    lwsec_coap_message head = post();

    (void)state;
    head.type = 9;
    assert_bytes(assert_encodes(TCP, &head, NULL, 0), lwsec_test_hex("0002"));
    assert_not_encoded(UDP, &head, NULL, 0, LWSEC_WHY_TOO_LONG);
    head.type = 4;
    assert_not_encoded(UDP, &head, NULL, 0, LWSEC_WHY_TOO_LONG);
}

static void test_empty_messages(void **state)
{
    const lwsec_coap_message reset = {.type = LWSEC_COAP_RST, .message_id = 0x1234};

    (void)state;
    assert_bytes(assert_encodes(UDP, &reset, NULL, 0), lwsec_test_hex("70001234"));
    assert_bytes(assert_encodes(TCP, &reset, NULL, 0), lwsec_test_hex("0000"));
}

static void test_an_empty_code_with_anything_else_is_refused(void **state)
{
    const lwsec_coap_option option = {0, {NULL, 0}};
    const lwsec_coap_message with_token = {.token = fill(1)};
    const lwsec_coap_message with_payload = {.payload = fill(1)};
    const lwsec_coap_message alone = {0};

    (void)state;
    assert_not_encoded(UDP, &with_token, NULL, 0, LWSEC_WHY_COAP_EMPTY);
    assert_not_encoded(UDP, &with_payload, NULL, 0, LWSEC_WHY_COAP_EMPTY);
    assert_not_encoded(UDP, &alone, &option, 1, LWSEC_WHY_COAP_EMPTY);
    assert_not_encoded(TCP, &with_token, NULL, 0, LWSEC_WHY_COAP_EMPTY);
    assert_not_encoded(TCP, &with_payload, NULL, 0, LWSEC_WHY_COAP_EMPTY);
    assert_not_encoded(TCP, &alone, &option, 1, LWSEC_WHY_COAP_EMPTY);
}

static void test_codes_that_decoding_refuses_are_not_encoded(void **state)
{
    static const unsigned reserved[] = {1, 3, 6};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        lwsec_coap_message head = post();
        head.code = LWSEC_COAP_CODE(reserved[i], 1);
        assert_not_encoded(UDP, &head, NULL, 0, LWSEC_WHY_COAP_CODE);
        assert_not_encoded(TCP, &head, NULL, 0, LWSEC_WHY_COAP_CODE);
    }
    lwsec_coap_message ping = post();
    ping.code = LWSEC_COAP_CODE(7, 2);
    assert_not_encoded(UDP, &ping, NULL, 0, LWSEC_WHY_COAP_CODE);
    assert_bytes(assert_encodes(TCP, &ping, NULL, 0), lwsec_test_hex("00e2"));
}

static void test_options_out_of_order_are_refused(void **state)
{
    const lwsec_coap_option falling[] = {{11, {NULL, 0}}, {10, {NULL, 0}}};
    const lwsec_coap_option late[] = {{1, {NULL, 0}}, {258, {NULL, 0}}, {3, {NULL, 0}}};
    const lwsec_coap_message head = post();

    (void)state;
    assert_not_encoded(UDP, &head, falling, 2, LWSEC_WHY_COAP_OPTION_ORDER);
    assert_not_encoded(UDP, &head, late, 3, LWSEC_WHY_COAP_OPTION_ORDER);
    assert_not_encoded(TCP, &head, falling, 2, LWSEC_WHY_COAP_OPTION_ORDER);
}

static void test_an_option_past_65804_is_refused(void **state)
{
    const lwsec_coap_option last = {65804, {NULL, 0}};
    const lwsec_coap_option past = {65805, {NULL, 0}};
    const lwsec_coap_option far[] = {{65800, {NULL, 0}}, {UINT32_MAX, {NULL, 0}}};
    const lwsec_coap_message head = post();

    (void)state;
    assert_bytes(assert_encodes(UDP, &head, &last, 1), lwsec_test_hex("40020001e0ffff"));
    assert_not_encoded(UDP, &head, &past, 1, LWSEC_WHY_COAP_OPTION_DELTA);
    assert_not_encoded(UDP, &head, far, 2, LWSEC_WHY_COAP_OPTION_DELTA);
}

static void test_a_value_over_65804_bytes_is_refused(void **state)
{
    const lwsec_coap_option longest = {0, fill(65804)};
    const lwsec_coap_option past = {0, fill(65805)};
    const lwsec_coap_message head = post();
    const lwsec_bytes got = assert_encodes(UDP, &head, &longest, 1);

    (void)state;
    assert_int_equal(got.size, 4 + 3 + 65804);
    assert_bytes(lwsec_bytes_of(got.data, 7), lwsec_test_hex("400200010effff"));
    assert_not_encoded(UDP, &head, &past, 1, LWSEC_WHY_COAP_OPTION_LENGTH);
}

static void test_a_token_over_65804_bytes_is_refused(void **state)
{
    lwsec_coap_message head = post();

    (void)state;
    head.token = fill(65804);
    assert_int_equal(assert_encodes(UDP, &head, NULL, 0).size, 4 + 2 + 65804);
    head.token = fill(65805);
    assert_not_encoded(UDP, &head, NULL, 0, LWSEC_WHY_COAP_TOKEN_LENGTH);
    assert_not_encoded(TCP, &head, NULL, 0, LWSEC_WHY_COAP_TOKEN_LENGTH);
}

static void test_an_unknown_framing_is_a_usage_fault(void **state)
{
    const lwsec_coap_message head = post();

    (void)state;
    assert_not_encoded((lwsec_coap_framing)2, &head, NULL, 0, LWSEC_WHY_NONE);
}

/* Sizes that no memory holds: the lengths are judged before anything is read. */
static void test_a_body_that_tcp_cannot_tell_is_refused(void **state)
{
    lwsec_coap_message head = post();
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    (void)state;
    head.payload = lwsec_bytes_of(filler, SIZE_MAX);
    assert_status(lwsec_coap_encode(UDP, &head, NULL, 0, &out, NULL), LWSEC_BUFFER);
#if SIZE_MAX > UINT32_MAX
    assert_not_encoded(TCP, &head, NULL, 0, LWSEC_WHY_TOO_LONG);
    head.payload = lwsec_bytes_of(filler, (size_t)UINT32_MAX + 65805);
    assert_not_encoded(TCP, &head, NULL, 0, LWSEC_WHY_TOO_LONG);
    head.payload = lwsec_bytes_of(filler, (size_t)UINT32_MAX + 65804);
    assert_status(lwsec_coap_encode(TCP, &head, NULL, 0, &out, NULL), LWSEC_BUFFER);
#endif
}

static void test_a_buffer_one_byte_short_is_refused(void **state)
{
    const lwsec_coap_framing framings[] = {UDP, TCP};
    const lwsec_coap_option option = {258, fill(300)};
    lwsec_coap_message head = post();

    (void)state;
    head.token = fill(14);
    head.payload = fill(3);
    for (size_t i = 0; i < 2; i++) {
        const size_t size = assert_encodes(framings[i], &head, &option, 1).size;
        for (size_t capacity = 0; capacity <= size; capacity++) {
            uint8_t *exact = malloc(capacity > 0 ? capacity : 1);
            lwsec_reason reason = {LWSEC_WHY_NONE, 0};
            assert_non_null(exact);
            lwsec_buffer out = lwsec_buffer_of(capacity > 0 ? exact : NULL, capacity);
            out.size = 7;
            memset(exact, 0, capacity);
            assert_status(lwsec_coap_encode(framings[i], &head, &option, 1, &out, &reason),
                          capacity < size ? LWSEC_BUFFER : LWSEC_OK);
            for (size_t at = 0; capacity < size && at < capacity; at++) {
                assert_int_equal(exact[at], 0); /* nothing of the message stays */
            }
            assert_int_equal(out.size, capacity < size ? 0 : size);
            assert_int_equal(reason.why, capacity < size ? LWSEC_WHY_OUTPUT_FULL : LWSEC_WHY_NONE);
            free(exact);
        }
    }
}

static void test_tcp_lengths_at_every_boundary(void **state)
{
    static const struct {
        size_t body;
        const char *start;
    } cases[] = {
        {0, "0002"},
        {2, "2002ff"},
        {12, "c002ff"},
        {13, "d00002ff"},
        {268, "d0ff02ff"},
        {269, "e0000002ff"},
        {65804, "e0ffff02ff"},
        {65805, "f00000000002ff"},
        {65806, "f00000000102ff"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const lwsec_bytes start = lwsec_test_hex(cases[i].start);
        lwsec_coap_message head = post();
        head.payload = fill(cases[i].body > 0 ? cases[i].body - 1 : 0);
        const lwsec_bytes got = assert_encodes(TCP, &head, NULL, 0);
        assert_bytes(lwsec_bytes_of(got.data, start.size), start);
        assert_int_equal(assert_decodes(TCP, got).payload.size, head.payload.size);
    }
}

/* Decodes, encodes what came out, and expects the same bytes. */
static void assert_round_trip(lwsec_coap_framing framing, lwsec_bytes input)
{
    static lwsec_coap_option options[64];
    const lwsec_coap_message message = assert_decodes(framing, input);
    lwsec_coap_walk walk = lwsec_coap_options(&message);
    size_t count = 0;

    while (lwsec_coap_options_next(&walk, &options[count])) {
        count++;
        assert_true(count < 64);
    }
    assert_bytes(assert_encodes(framing, &message, options, count), input);
}

static void test_encoding_what_was_decoded_gives_the_same_bytes(void **state)
{
    static const char *const datagrams[] = {
        "40000001",
        "70001234",
        "40010000",
        "6445a1b201020304c0ff68656c6c6f",
        "48010001aaaaaaaaaaaaaaaab16101620163",
        "4d01000100aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "40020001e0ffff00",
        "40020001d1f51a",
        "40020001ffff",
        "400200010000000000",
    };
    static const char *const frames[] = {"0000", "00e1", "0002", "744501020304c0ff68656c6c6f",
                                         "30e12201ff"};

    (void)state;
    for (size_t i = 0; i < sizeof datagrams / sizeof datagrams[0]; i++) {
        assert_round_trip(UDP, lwsec_test_hex(datagrams[i]));
    }
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        assert_round_trip(TCP, lwsec_test_hex(frames[i]));
    }
    assert_round_trip(UDP, rich_udp().wire);
    assert_round_trip(TCP, rich_tcp());
}

static void test_each_pair_of_boundary_numbers_and_lengths_comes_back(void **state)
{
    static const uint32_t numbers[] = {0, 12, 13, 14, 268, 269, 270, 65535, 65536, 65803, 65804};
    static const size_t sizes[] = {0, 12, 13, 268, 269, 65804};
    const lwsec_coap_message head = post();

    (void)state;
    for (size_t first = 0; first < sizeof numbers / sizeof numbers[0]; first++) {
        for (size_t second = first; second < sizeof numbers / sizeof numbers[0]; second++) {
            for (size_t size = 0; size < sizeof sizes / sizeof sizes[0]; size++) {
                const lwsec_coap_option options[] = {{numbers[first], fill(sizes[size])},
                                                     {numbers[second], fill(1)}};
                lwsec_coap_option back;
                const lwsec_coap_message message =
                    assert_decodes(TCP, assert_encodes(TCP, &head, options, 2));
                lwsec_coap_walk walk = lwsec_coap_options(&message);
                for (size_t i = 0; i < 2; i++) {
                    assert_true(lwsec_coap_options_next(&walk, &back));
                    assert_int_equal(back.number, options[i].number);
                    assert_bytes(back.value, options[i].value);
                }
                assert_false(lwsec_coap_options_next(&walk, &back));
            }
        }
    }
}

int main(void)
{
    for (size_t i = 0; i < sizeof filler; i++) {
        filler[i] = (uint8_t)(i * 31 >> 3);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field_is_written),
        cmocka_unit_test(test_the_options_of_the_head_are_not_looked_at),
        cmocka_unit_test(test_the_type_means_nothing_over_tcp),
        cmocka_unit_test(test_empty_messages),
        cmocka_unit_test(test_an_empty_code_with_anything_else_is_refused),
        cmocka_unit_test(test_codes_that_decoding_refuses_are_not_encoded),
        cmocka_unit_test(test_options_out_of_order_are_refused),
        cmocka_unit_test(test_an_option_past_65804_is_refused),
        cmocka_unit_test(test_a_value_over_65804_bytes_is_refused),
        cmocka_unit_test(test_a_token_over_65804_bytes_is_refused),
        cmocka_unit_test(test_an_unknown_framing_is_a_usage_fault),
        cmocka_unit_test(test_a_body_that_tcp_cannot_tell_is_refused),
        cmocka_unit_test(test_a_buffer_one_byte_short_is_refused),
        cmocka_unit_test(test_tcp_lengths_at_every_boundary),
        cmocka_unit_test(test_encoding_what_was_decoded_gives_the_same_bytes),
        cmocka_unit_test(test_each_pair_of_boundary_numbers_and_lengths_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
