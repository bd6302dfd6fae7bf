/* Messages byte by byte, for the tests of the codec. */
#include "tests/coap/wire.h"

static wire only;

wire *wire_start(const char *hex)
{
    only.size = 0;
    wire_hex(&only, hex);
    return &only;
}

void wire_hex(wire *message, const char *hex)
{
    const lwsec_bytes bytes = lwsec_test_hex(hex);

    assert_true(bytes.size <= sizeof message->data - message->size);
    memcpy(&message->data[message->size], bytes.data, bytes.size);
    message->size += bytes.size;
}

void wire_fill(wire *message, uint8_t byte, size_t count)
{
    assert_true(count <= sizeof message->data - message->size);
    memset(&message->data[message->size], byte, count);
    message->size += count;
}

lwsec_bytes wire_bytes(const wire *message)
{
    return lwsec_bytes_of(message->data, message->size);
}

void assert_refused(lwsec_coap_framing framing, lwsec_bytes input, lwsec_why why)
{
    lwsec_coap_message message;
    lwsec_coap_message before;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    uint8_t *exact = malloc(input.size > 0 ? input.size : 1);

    assert_non_null(exact);
    if (input.size > 0) {
        memcpy(exact, input.data, input.size);
    }
    memset(&message, 0xa5, sizeof message);
    memset(&before, 0xa5, sizeof before);
    assert_status(lwsec_coap_decode(framing, lwsec_bytes_of(exact, input.size), &message, &reason),
                  LWSEC_REJECT);
    assert_string_equal(lwsec_why_text(reason.why), lwsec_why_text(why));
    assert_true(reason.offset <= input.size);
    assert_memory_equal(&message, &before, sizeof message);
    free(exact);
}

lwsec_coap_message assert_decodes(lwsec_coap_framing framing, lwsec_bytes input)
{
    lwsec_coap_message message;
    lwsec_reason reason = {LWSEC_WHY_FORKED, 1};
    const lwsec_status status = lwsec_coap_decode(framing, input, &message, &reason);

    if (status != LWSEC_OK) {
        print_error("%s at %u\n", lwsec_why_text(reason.why), (unsigned)reason.offset);
    }
    assert_status(status, LWSEC_OK);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
    assert_int_equal(reason.offset, 0);
    return message;
}

/* Options 3, 11, 11, 258, 65804, 65804: each form of delta and of length; and where each ends. */
static void rich_options(wire *message, size_t ends[6])
{
    wire_hex(message, "33616263");
    ends[0] = message->size;
    wire_hex(message, "827264");
    ends[1] = message->size;
    wire_hex(message, "0d00");
    wire_fill(message, 'p', 13);
    ends[2] = message->size;
    wire_hex(message, "d1ea1a");
    ends[3] = message->size;
    wire_hex(message, "eefefd0001");
    wire_fill(message, 'v', 270);
    ends[4] = message->size;
    wire_hex(message, "0dff");
    wire_fill(message, 'w', 268);
    ends[5] = message->size;
}

static void rich_payload(wire *message)
{
    wire_hex(message, "ff");
    wire_hex(message, "7b7d00ff");
}

rich_message rich_udp(void)
{
    rich_message rich;
    wire *message = wire_start("4d02123401");

    wire_fill(message, 't', 14);
    rich.options_start = message->size;
    rich.ends[0] = message->size;
    rich_options(message, &rich.ends[1]);
    rich.end_count = 7;
    rich_payload(message);
    rich.payload_start = rich.ends[6] + 1;
    rich.wire = wire_bytes(message);
    return rich;
}

lwsec_bytes rich_tcp(void)
{
    /* 575 bytes of options and payload: 269 + 0x0132. */
    wire *message = wire_start("ed01320201");
    size_t ends[6];

    wire_fill(message, 't', 14);
    rich_options(message, ends);
    rich_payload(message);
    return wire_bytes(message);
}
