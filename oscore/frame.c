/* Header and token around a body, for both framings. */
#include "oscore/frame.h"

#include "coap/option.h"
#include "core/reason.h"

#include <string.h>

static bool overlap(lwsec_bytes input, const lwsec_buffer *output)
{
    const uintptr_t in = (uintptr_t)input.data;
    const uintptr_t out = (uintptr_t)output->data;

    return in < out + output->capacity && out < in + input.size;
}

/* R-5.5.1-06: of a message, all but its head and token is the same in each framing. R-5.5.1-03,
 * R-5.1-14: so it goes through whatever is between the ends, and is opened by the other end alone.
 */
lwsec_status lwsec_oscore_decode_apart(const lwsec_oscore *context, lwsec_bytes wire,
                                       const lwsec_buffer *out, lwsec_coap_message *message,
                                       uint64_t *seen, lwsec_reason *reason)
{
    if (overlap(wire, out)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_OVERLAP, 0, reason);
    }
    return lwsec_coap_decode_seen(context->framing, wire, message, seen, reason);
}

size_t lwsec_oscore_body_at(lwsec_coap_framing framing, size_t token_size)
{
    if (framing == LWSEC_COAP_TCP) {
        return LWSEC_COAP_HEAD_MAX + token_size;
    }
    const size_t extension = token_size < 13 ? 0U : token_size < 269 ? 1U : 2U;
    return 4U + extension + token_size;
}

size_t lwsec_oscore_put_head(lwsec_coap_framing framing, const lwsec_coap_message *head,
                             uint8_t *data, size_t body_at, size_t end)
{
    lwsec_writer writer = lwsec_writer_of(data, body_at);

    lwsec_coap_write_head(&writer, framing, head, end - body_at);
    if (writer.size < body_at) {
        memmove(&data[writer.size], &data[body_at], end - body_at);
    }
    return writer.size + (end - body_at);
}
