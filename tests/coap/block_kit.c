/* Shared by the tests of block-wise transfer: messages out of parts, and bodies to send. */
#include "tests/coap/block_kit.h"

#define OPTIONS_MAX 16U
#define BODY_MAX (1U << 17)

static void sort(lwsec_coap_option *options, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t at = i; at > 0 && options[at - 1].number > options[at].number; at--) {
            const lwsec_coap_option other = options[at];
            options[at] = options[at - 1];
            options[at - 1] = other;
        }
    }
}

lwsec_coap_message kit_message(uint8_t code, const lwsec_coap_option *options, size_t count,
                               lwsec_bytes payload)
{
    static uint8_t rooms[8][2048];
    static unsigned next;
    const lwsec_coap_message head = {.code = code, .payload = payload};
    lwsec_buffer out = lwsec_buffer_of(rooms[next++ % 8], sizeof rooms[0]);
    lwsec_coap_option sorted[OPTIONS_MAX];
    lwsec_coap_message decoded;

    assert_true(count <= OPTIONS_MAX);
    if (count > 0) {
        memcpy(sorted, options, count * sizeof *options);
    }
    sort(sorted, count);
    assert_status(lwsec_coap_encode(LWSEC_COAP_UDP, &head, sorted, count, &out, NULL), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, lwsec_buffer_bytes(&out), &decoded, NULL),
                  LWSEC_OK);
    return decoded;
}

lwsec_coap_message kit_with_part(uint8_t code, const lwsec_coap_option *options, size_t count,
                                 const lwsec_block_part *part)
{
    lwsec_coap_option all[OPTIONS_MAX];

    assert_true(count + part->count <= OPTIONS_MAX);
    for (size_t i = 0; i < count; i++) {
        all[i] = options[i];
    }
    for (size_t i = 0; i < part->count; i++) {
        assert_true(i == 0 || part->options[i - 1].number <= part->options[i].number);
        all[count + i] = part->options[i];
    }
    return kit_message(code, all, count + part->count, part->payload);
}

static uint8_t *value_room(void)
{
    static uint8_t rooms[32][4];
    static unsigned next;

    return rooms[next++ % 32];
}

lwsec_coap_option kit_block(uint32_t option, uint32_t number, bool more, uint8_t szx)
{
    const lwsec_block block = {number, szx, more};

    return (lwsec_coap_option){option, lwsec_block_value(&block, value_room())};
}

lwsec_coap_option kit_uint(uint32_t option, uint32_t value)
{
    return (lwsec_coap_option){option, lwsec_coap_uint_value(value, value_room())};
}

lwsec_coap_option kit_text(uint32_t option, const char *text)
{
    return (lwsec_coap_option){option, lwsec_bytes_of(text, strlen(text))};
}

lwsec_bytes kit_body(size_t size, uint8_t which)
{
    static uint8_t bodies[3][BODY_MAX];

    assert_true(which < 3 && size <= BODY_MAX);
    for (size_t i = 0; i < size; i++) {
        bodies[which][i] = (uint8_t)((i * 31U + i / 16U * 7U + which * 101U) >> (i % 3));
    }
    return lwsec_bytes_of(bodies[which], size);
}

lwsec_block kit_block_of(const lwsec_coap_message *message, uint32_t option)
{
    lwsec_block block = {0, 0, false};

    assert_status(lwsec_block_find(message, option, &block, NULL), LWSEC_OK);
    return block;
}

size_t kit_count(const lwsec_coap_message *message, uint32_t number)
{
    lwsec_coap_walk walk = lwsec_coap_options(message);
    lwsec_coap_option option;
    size_t count = 0;

    while (lwsec_coap_options_next(&walk, &option)) {
        count += option.number == number;
    }
    return count;
}

uint32_t kit_uint_of(const lwsec_coap_message *message, uint32_t number)
{
    lwsec_coap_option option;
    uint32_t value = 0;

    assert_true(lwsec_coap_option_find(message, number, &option));
    assert_true(lwsec_coap_option_uint(option.value, &value));
    return value;
}

lwsec_block_source kit_source(lwsec_bytes body, const char *etag)
{
    return (lwsec_block_source){.body = body, .etag = lwsec_bytes_of(etag, strlen(etag))};
}
