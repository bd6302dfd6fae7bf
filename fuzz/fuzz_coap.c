/* CoAP messages of both framings: what decodes is walked within bounds and encodes to the same
 * bytes; and walks over options that nobody has checked. */
#include <lwsec/coap.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OPTIONS_MAX 4096

static lwsec_coap_option options[OPTIONS_MAX];
static uint8_t room[1 << 20];

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Whether a part lies inside of the whole, in offsets that cannot wrap. */
static void require_inside(lwsec_bytes part, lwsec_bytes whole)
{
    if (part.size > 0) {
        const uintptr_t offset = (uintptr_t)part.data - (uintptr_t)whole.data;
        require(offset <= whole.size && part.size <= whole.size - offset);
    }
}

/* Walks all options, keeps as many as there is room for, and tells how many there are. */
static size_t walk_options(const lwsec_coap_message *message)
{
    lwsec_coap_walk walk = lwsec_coap_options(message);
    lwsec_coap_option option;
    uint32_t previous = 0;
    size_t count = 0;

    while (lwsec_coap_options_next(&walk, &option)) {
        require(option.number >= previous && option.number <= LWSEC_COAP_OPTION_MAX);
        require_inside(option.value, message->options);
        if (count < OPTIONS_MAX) {
            options[count] = option;
        }
        previous = option.number;
        count++;
    }
    require(count <= message->options.size);
    require(!lwsec_coap_options_next(&walk, &option));
    return count;
}

static void check_find(const lwsec_coap_message *message, size_t count)
{
    lwsec_coap_option found;

    for (size_t i = 0; i < count && i < OPTIONS_MAX; i += 7) {
        require(lwsec_coap_option_find(message, options[i].number, &found));
        require(found.number == options[i].number);
    }
}

/* Each message has one encoding, so the same bytes must come back. */
static void check_round_trip(lwsec_coap_framing framing, lwsec_bytes wire,
                             const lwsec_coap_message *message, size_t count)
{
    lwsec_buffer out = lwsec_buffer_of(room, wire.size);

    if (count <= OPTIONS_MAX && wire.size <= sizeof room) {
        require(lwsec_coap_encode(framing, message, options, count, &out, NULL) == LWSEC_OK);
        require(out.size == wire.size && memcmp(room, wire.data, wire.size) == 0);
    }
}

static void check_message(lwsec_coap_framing framing, lwsec_bytes wire)
{
    lwsec_coap_message message;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_coap_decode(framing, wire, &message, &reason);

    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    if (status != LWSEC_OK) {
        require(status == LWSEC_REJECT && reason.offset <= wire.size);
        return;
    }
    require_inside(message.token, wire);
    require_inside(message.options, wire);
    require_inside(message.payload, wire);
    const size_t count = walk_options(&message);
    check_find(&message, count);
    check_round_trip(framing, wire, &message, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const lwsec_bytes input = lwsec_bytes_of(data, size);
    const lwsec_coap_message unchecked = {.options = input};

    check_message(LWSEC_COAP_UDP, input);
    check_message(LWSEC_COAP_TCP, input);
    (void)walk_options(&unchecked);
    return 0;
}
