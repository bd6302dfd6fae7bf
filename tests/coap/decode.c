/* Decoding: what is a message, and the many things that are none. */
#include "tests/coap/wire.h"

#define UDP LWSEC_COAP_UDP
#define TCP LWSEC_COAP_TCP

static void test_every_field_of_a_udp_message(void **state)
{
    const lwsec_bytes input = lwsec_test_hex("6445a1b201020304c0ff68656c6c6f");
    const lwsec_coap_message message = assert_decodes(UDP, input);

    (void)state;
    assert_int_equal(message.type, LWSEC_COAP_ACK);
    assert_int_equal(message.code, LWSEC_COAP_CONTENT);
    assert_int_equal(message.message_id, 0xa1b2);
    assert_bytes(message.token, lwsec_test_hex("01020304"));
    assert_bytes(message.options, lwsec_test_hex("c0"));
    assert_bytes(message.payload, lwsec_bytes_of("hello", 5));
    assert_ptr_equal(message.token.data, &input.data[4]);
    assert_ptr_equal(message.payload.data, &input.data[10]);
}

static void test_every_field_of_a_tcp_message(void **state)
{
    const lwsec_coap_message message =
        assert_decodes(TCP, lwsec_test_hex("744501020304c0ff68656c6c6f"));

    (void)state;
    assert_int_equal(message.code, LWSEC_COAP_CONTENT);
    assert_int_equal(message.type, 0);
    assert_int_equal(message.message_id, 0);
    assert_bytes(message.token, lwsec_test_hex("01020304"));
    assert_bytes(message.options, lwsec_test_hex("c0"));
    assert_bytes(message.payload, lwsec_bytes_of("hello", 5));
}

static void test_every_type(void **state)
{
    (void)state;
    assert_int_equal(assert_decodes(UDP, lwsec_test_hex("40010000")).type, LWSEC_COAP_CON);
    assert_int_equal(assert_decodes(UDP, lwsec_test_hex("50010000")).type, LWSEC_COAP_NON);
    assert_int_equal(assert_decodes(UDP, lwsec_test_hex("60010000")).type, LWSEC_COAP_ACK);
    assert_int_equal(assert_decodes(UDP, lwsec_test_hex("70010000")).type, LWSEC_COAP_RST);
}

static void test_the_reason_may_be_null(void **state)
{
    lwsec_coap_message message;

    (void)state;
    assert_status(lwsec_coap_decode(UDP, lwsec_test_hex("40010000"), &message, NULL), LWSEC_OK);
    assert_status(lwsec_coap_decode(UDP, lwsec_test_hex("400100"), &message, NULL), LWSEC_REJECT);
}

static void test_an_unknown_framing_is_a_usage_fault(void **state)
{
    lwsec_coap_message message;

    (void)state;
    assert_status(
        lwsec_coap_decode((lwsec_coap_framing)2, lwsec_test_hex("40010000"), &message, NULL),
        LWSEC_USAGE);
}

/* Trap 19: byte 0 read before the length is checked. */
static void test_empty_input_is_refused_before_byte_0_is_read(void **state)
{
    (void)state;
    assert_refused(UDP, lwsec_bytes_of(NULL, 0), LWSEC_WHY_TRUNCATED);
    assert_refused(TCP, lwsec_bytes_of(NULL, 0), LWSEC_WHY_TRUNCATED);
}

static void test_only_version_1_is_read(void **state)
{
    (void)state;
    assert_refused(UDP, lwsec_test_hex("00010000"), LWSEC_WHY_COAP_VERSION);
    assert_refused(UDP, lwsec_test_hex("80010000"), LWSEC_WHY_COAP_VERSION);
    assert_refused(UDP, lwsec_test_hex("c0010000"), LWSEC_WHY_COAP_VERSION);
}

static void test_each_of_the_256_codes_is_judged_by_its_class(void **state)
{
    static const bool udp[8] = {true, false, true, false, true, true, false, false};
    static const bool tcp[8] = {true, false, true, false, true, true, false, true};

    (void)state;
    for (unsigned code = 0; code < 256; code++) {
        const uint8_t datagram[] = {0x40, (uint8_t)code, 0, 0};
        const uint8_t frame[] = {0x00, (uint8_t)code};
        const lwsec_bytes inputs[] = {lwsec_bytes_of(datagram, sizeof datagram),
                                      lwsec_bytes_of(frame, sizeof frame)};
        if (udp[code >> 5]) {
            assert_int_equal(assert_decodes(UDP, inputs[0]).code, code);
        } else {
            assert_refused(UDP, inputs[0], LWSEC_WHY_COAP_CODE);
        }
        if (tcp[code >> 5]) {
            assert_int_equal(assert_decodes(TCP, inputs[1]).code, code);
        } else {
            assert_refused(TCP, inputs[1], LWSEC_WHY_COAP_CODE);
        }
    }
}

static void test_an_empty_message_ends_with_its_header(void **state)
{
    (void)state;
    (void)assert_decodes(UDP, lwsec_test_hex("40000001"));
    (void)assert_decodes(TCP, lwsec_test_hex("0000"));
    assert_refused(UDP, lwsec_test_hex("41000001aa"), LWSEC_WHY_COAP_EMPTY);   /* token */
    assert_refused(UDP, lwsec_test_hex("41000001"), LWSEC_WHY_COAP_EMPTY);     /* token missing */
    assert_refused(UDP, lwsec_test_hex("4000000100"), LWSEC_WHY_COAP_EMPTY);   /* option */
    assert_refused(UDP, lwsec_test_hex("40000001ff00"), LWSEC_WHY_COAP_EMPTY); /* payload */
    assert_refused(UDP, lwsec_test_hex("40000001ff"), LWSEC_WHY_COAP_EMPTY);   /* marker */
    assert_refused(TCP, lwsec_test_hex("0100aa"), LWSEC_WHY_COAP_EMPTY);
    assert_refused(TCP, lwsec_test_hex("100000"), LWSEC_WHY_COAP_EMPTY);
    assert_refused(TCP, lwsec_test_hex("2000ff00"), LWSEC_WHY_COAP_EMPTY);
    assert_refused(TCP, lwsec_test_hex("000000"), LWSEC_WHY_COAP_EMPTY);
}

/* The sizes at which the encoding of a token length changes: RFC 8974 section 2.1. */
static const struct {
    size_t size;
    const char *udp;
    const char *tcp;
} tokens[] = {
    {0, "40020001", "0002"},
    {1, "41020001", "0102"},
    {8, "48020001", "0802"},
    {9, "49020001", "0902"},
    {12, "4c020001", "0c02"},
    {13, "4d02000100", "0d0200"},
    {268, "4d020001ff", "0d02ff"},
    {269, "4e0200010000", "0e020000"},
    {65804, "4e020001ffff", "0e02ffff"},
};

static void test_tokens_of_every_length_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        wire *message = wire_start(tokens[i].udp);
        wire_fill(message, 't', tokens[i].size);
        assert_int_equal(assert_decodes(UDP, wire_bytes(message)).token.size, tokens[i].size);

        message = wire_start(tokens[i].tcp);
        wire_fill(message, 't', tokens[i].size);
        assert_int_equal(assert_decodes(TCP, wire_bytes(message)).token.size, tokens[i].size);
    }
}

static void test_a_token_longer_than_the_message_is_refused(void **state)
{
    (void)state;
    for (size_t i = 1; i < sizeof tokens / sizeof tokens[0]; i++) {
        wire *message = wire_start(tokens[i].udp);
        wire_fill(message, 't', tokens[i].size - 1);
        assert_refused(UDP, wire_bytes(message), LWSEC_WHY_TRUNCATED);

        message = wire_start(tokens[i].tcp);
        wire_fill(message, 't', tokens[i].size - 1);
        assert_refused(TCP, wire_bytes(message), LWSEC_WHY_TRUNCATED);
    }
}

static void test_the_reserved_token_length_15_is_refused(void **state)
{
    (void)state;
    assert_refused(UDP, lwsec_test_hex("4f020001000000000000000000000000000000"),
                   LWSEC_WHY_COAP_TOKEN_LENGTH);
    assert_refused(TCP, lwsec_test_hex("0f02"), LWSEC_WHY_COAP_TOKEN_LENGTH);
}

static void test_each_option_byte_with_the_reserved_delta_15_is_refused(void **state)
{
    (void)state;
    for (unsigned length = 0; length < 15; length++) {
        wire *message = wire_start("40020001");
        wire_fill(message, (uint8_t)(0xf0U | length), 1);
        wire_fill(message, 0, 400);
        assert_refused(UDP, wire_bytes(message), LWSEC_WHY_COAP_OPTION_DELTA);
    }
}

static void test_each_option_byte_with_the_reserved_length_15_is_refused(void **state)
{
    (void)state;
    for (unsigned delta = 0; delta < 15; delta++) {
        wire *message = wire_start("40020001");
        wire_fill(message, (uint8_t)(delta << 4 | 15U), 1);
        wire_fill(message, 0, 400);
        assert_refused(UDP, wire_bytes(message), LWSEC_WHY_COAP_OPTION_LENGTH);
    }
}

static void test_a_marker_without_payload_is_refused(void **state)
{
    (void)state;
    assert_refused(UDP, lwsec_test_hex("40020001ff"), LWSEC_WHY_COAP_MARKER);
    assert_refused(UDP, lwsec_test_hex("40020001b161ff"), LWSEC_WHY_COAP_MARKER);
    assert_refused(TCP, lwsec_test_hex("1002ff"), LWSEC_WHY_COAP_MARKER);
}

static void test_a_second_marker_is_payload(void **state)
{
    (void)state;
    assert_bytes(assert_decodes(UDP, lwsec_test_hex("40020001ffffff")).payload,
                 lwsec_test_hex("ffff"));
}

/* Trap 13: an option that is longer than the message was accepted. */
static void test_an_option_longer_than_the_message_is_refused(void **state)
{
    (void)state;
    assert_refused(UDP, lwsec_test_hex("40020001b1"), LWSEC_WHY_TRUNCATED);
    assert_refused(UDP, lwsec_test_hex("40020001b36162"), LWSEC_WHY_TRUNCATED);
    assert_refused(UDP, lwsec_test_hex("40020001bdff61"), LWSEC_WHY_TRUNCATED);
    assert_refused(UDP, lwsec_test_hex("40020001beffff61"), LWSEC_WHY_TRUNCATED);
    assert_refused(UDP, lwsec_test_hex("40020001c0b3ff61"), LWSEC_WHY_TRUNCATED);
}

static void test_an_option_header_cut_in_its_extension_is_refused(void **state)
{
    (void)state;
    assert_refused(UDP, lwsec_test_hex("40020001d0"), LWSEC_WHY_TRUNCATED);
    assert_refused(UDP, lwsec_test_hex("40020001e000"), LWSEC_WHY_TRUNCATED);
    assert_refused(UDP, lwsec_test_hex("400200010d"), LWSEC_WHY_TRUNCATED);
    assert_refused(UDP, lwsec_test_hex("400200010e00"), LWSEC_WHY_TRUNCATED);
    assert_refused(UDP, lwsec_test_hex("40020001ee000000"), LWSEC_WHY_TRUNCATED);
}

/* Every proper prefix of the rich message is refused, but for those that end between two options or
 * inside the payload: they are messages, of just those options or that payload. */
static void test_each_prefix_is_refused_or_is_itself_a_message(void **state)
{
    const rich_message rich = rich_udp();
    size_t end = 0;

    (void)state;
    for (size_t size = 0; size < rich.wire.size; size++) {
        const lwsec_bytes prefix = lwsec_bytes_of(rich.wire.data, size);
        const bool ends_an_option = end < rich.end_count && size == rich.ends[end];
        if (ends_an_option || size > rich.payload_start) {
            const lwsec_coap_message message = assert_decodes(UDP, prefix);
            const size_t options_end = ends_an_option ? size : rich.payload_start - 1;
            assert_int_equal(message.token.size, 14);
            assert_int_equal(message.options.size, options_end - rich.options_start);
            assert_int_equal(message.payload.size, ends_an_option ? 0 : size - rich.payload_start);
            end++;
        } else {
            const bool ends_at_marker = size == rich.payload_start;
            assert_refused(UDP, prefix,
                           ends_at_marker ? LWSEC_WHY_COAP_MARKER : LWSEC_WHY_TRUNCATED);
        }
    }
    assert_int_equal(assert_decodes(UDP, rich.wire).payload.size, 4);
}

static void test_each_prefix_of_a_tcp_message_is_refused(void **state)
{
    const lwsec_bytes rich = rich_tcp();

    (void)state;
    assert_int_equal(assert_decodes(TCP, rich).payload.size, 4);
    for (size_t size = 0; size < rich.size; size++) {
        assert_refused(TCP, lwsec_bytes_of(rich.data, size), LWSEC_WHY_TRUNCATED);
    }
}

static void test_one_byte_after_a_tcp_message_is_refused(void **state)
{
    static const char *const messages[] = {"0002", "0102aa", "1002c0", "3002c0ff61", "0001"};

    (void)state;
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        wire *message = wire_start(messages[i]);
        (void)assert_decodes(TCP, wire_bytes(message));
        wire_fill(message, 0, 1);
        assert_refused(TCP, wire_bytes(message), LWSEC_WHY_TRAILING_BYTES);
    }
}

/* A datagram has no length of its own: after options one more byte is one more option header, after
 * a payload it is payload, and after an Empty message it is an error. */
static void test_one_byte_after_a_udp_message(void **state)
{
    (void)state;
    assert_refused(UDP, lwsec_test_hex("40000001ff"), LWSEC_WHY_COAP_EMPTY);
    assert_refused(UDP, lwsec_test_hex("40020001c0ff"), LWSEC_WHY_COAP_MARKER);
    assert_refused(UDP, lwsec_test_hex("40020001c0f0"), LWSEC_WHY_COAP_OPTION_DELTA);
    assert_int_equal(assert_decodes(UDP, lwsec_test_hex("40020001c000")).options.size, 2);
    assert_int_equal(assert_decodes(UDP, lwsec_test_hex("40020001c0ff6100")).payload.size, 2);
}

/* The sizes at which the encoding of the length of a TCP message changes: RFC 8323 section 3.2. The
 * body is one marker and a payload. */
static const struct {
    size_t body;
    const char *header;
} tcp_lengths[] = {
    {2, "2002"},       {12, "c002"},        {13, "d00002"},          {268, "d0ff02"},
    {269, "e0000002"}, {65804, "e0ffff02"}, {65805, "f00000000002"}, {65806, "f00000000102"},
};

static void test_tcp_lengths_of_every_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tcp_lengths / sizeof tcp_lengths[0]; i++) {
        wire *message = wire_start(tcp_lengths[i].header);
        wire_hex(message, "ff");
        wire_fill(message, 'p', tcp_lengths[i].body - 1);
        assert_int_equal(assert_decodes(TCP, wire_bytes(message)).payload.size,
                         tcp_lengths[i].body - 1);
    }
}

static void test_a_tcp_length_that_is_off_by_one_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tcp_lengths / sizeof tcp_lengths[0]; i++) {
        wire *message = wire_start(tcp_lengths[i].header);
        wire_hex(message, "ff");
        wire_fill(message, 'p', tcp_lengths[i].body - 2);
        assert_refused(TCP, wire_bytes(message), LWSEC_WHY_TRUNCATED);
        wire_fill(message, 'p', 2);
        assert_refused(TCP, wire_bytes(message), LWSEC_WHY_TRAILING_BYTES);
    }
}

static void test_a_tcp_length_of_four_gibibytes_is_refused(void **state)
{
    (void)state;
    assert_refused(TCP, lwsec_test_hex("f0ffffffff02ff61"), LWSEC_WHY_TRUNCATED);
    assert_refused(TCP, lwsec_test_hex("f0fffefef302ff61"), LWSEC_WHY_TRUNCATED);
}

/* Trap 14: more options than a fixed array holds. */
static void test_more_options_than_any_fixed_array(void **state)
{
    wire *message = wire_start("40020001");
    lwsec_coap_walk walk;
    lwsec_coap_option option;
    size_t count = 0;

    (void)state;
    wire_fill(message, 0x00, 100000);
    const lwsec_coap_message decoded = assert_decodes(UDP, wire_bytes(message));
    for (walk = lwsec_coap_options(&decoded); lwsec_coap_options_next(&walk, &option); count++) {
        assert_int_equal(option.number, 0);
    }
    assert_int_equal(count, 100000);
}

static void test_the_offset_tells_where(void **state)
{
    lwsec_coap_message message;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    (void)state;
    assert_status(lwsec_coap_decode(UDP, lwsec_test_hex("40020001b161f1"), &message, &reason),
                  LWSEC_REJECT);
    assert_int_equal(reason.offset, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field_of_a_udp_message),
        cmocka_unit_test(test_every_field_of_a_tcp_message),
        cmocka_unit_test(test_every_type),
        cmocka_unit_test(test_the_reason_may_be_null),
        cmocka_unit_test(test_an_unknown_framing_is_a_usage_fault),
        cmocka_unit_test(test_empty_input_is_refused_before_byte_0_is_read),
        cmocka_unit_test(test_only_version_1_is_read),
        cmocka_unit_test(test_each_of_the_256_codes_is_judged_by_its_class),
        cmocka_unit_test(test_an_empty_message_ends_with_its_header),
        cmocka_unit_test(test_tokens_of_every_length_form),
        cmocka_unit_test(test_a_token_longer_than_the_message_is_refused),
        cmocka_unit_test(test_the_reserved_token_length_15_is_refused),
        cmocka_unit_test(test_each_option_byte_with_the_reserved_delta_15_is_refused),
        cmocka_unit_test(test_each_option_byte_with_the_reserved_length_15_is_refused),
        cmocka_unit_test(test_a_marker_without_payload_is_refused),
        cmocka_unit_test(test_a_second_marker_is_payload),
        cmocka_unit_test(test_an_option_longer_than_the_message_is_refused),
        cmocka_unit_test(test_an_option_header_cut_in_its_extension_is_refused),
        cmocka_unit_test(test_each_prefix_is_refused_or_is_itself_a_message),
        cmocka_unit_test(test_each_prefix_of_a_tcp_message_is_refused),
        cmocka_unit_test(test_one_byte_after_a_tcp_message_is_refused),
        cmocka_unit_test(test_one_byte_after_a_udp_message),
        cmocka_unit_test(test_tcp_lengths_of_every_form),
        cmocka_unit_test(test_a_tcp_length_that_is_off_by_one_is_refused),
        cmocka_unit_test(test_a_tcp_length_of_four_gibibytes_is_refused),
        cmocka_unit_test(test_more_options_than_any_fixed_array),
        cmocka_unit_test(test_the_offset_tells_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
