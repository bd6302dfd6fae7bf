/* The value of the OSCORE option: RFC 8613 section 6.1. */
#include "oscore/option.h"
#include "core/cbor.h"
#include "core/reason.h"
#include "core/writer.h"

#define FLAGS_RESERVED 0xe0U
#define PIV_SIZE_MASK 0x07U
#define PIV_SIZE_MAX 5U

/* An empty field is present: it must not look like an absent one. */
static lwsec_bytes present(lwsec_bytes bytes)
{
    static const uint8_t empty[1];
    return bytes.size > 0 ? bytes : lwsec_bytes_of(empty, 0);
}

void lwsec_oscore_read_piv_and_context(lwsec_reader *reader, uint8_t flags,
                                       lwsec_oscore_option *option)
{
    const size_t piv_size = flags & PIV_SIZE_MASK;

    if (piv_size > PIV_SIZE_MAX) {
        lwsec_reader_fail(reader, LWSEC_WHY_OSCORE_RESERVED);
    }
    if (piv_size > 0) {
        option->partial_iv = lwsec_reader_take(reader, piv_size);
        if (piv_size > 1 && option->partial_iv.size > 0 && option->partial_iv.data[0] == 0) {
            lwsec_reader_fail(reader, LWSEC_WHY_OSCORE_PIV);
        }
    }
    if ((flags & LWSEC_OSCORE_FLAG_KID_CONTEXT) != 0) {
        option->kid_context = present(lwsec_reader_take(reader, lwsec_reader_u8(reader)));
    }
}

void lwsec_oscore_read_kid(lwsec_reader *reader, uint8_t flags, lwsec_oscore_option *option)
{
    if ((flags & LWSEC_OSCORE_FLAG_KID) != 0) {
        option->kid = present(lwsec_reader_rest(reader));
    }
    if (lwsec_reader_left(reader) > 0) {
        lwsec_reader_fail(reader, LWSEC_WHY_TRAILING_BYTES);
    }
}

lwsec_why lwsec_oscore_option_read(lwsec_bytes value, lwsec_oscore_option *option, size_t *offset)
{
    static const lwsec_oscore_option nothing = {.present = true};
    lwsec_reader reader = lwsec_reader_of(value);
    const uint8_t flags = value.size > 0 ? lwsec_reader_u8(&reader) : (uint8_t)0;

    *option = nothing;
    /* A value that consists of flags without any bit set has to be empty instead. */
    if ((flags & FLAGS_RESERVED) != 0 || (value.size > 0 && flags == 0)) {
        lwsec_reader_fail(&reader, LWSEC_WHY_OSCORE_RESERVED);
    }
    lwsec_oscore_read_piv_and_context(&reader, flags, option);
    lwsec_oscore_read_kid(&reader, flags, option);
    *offset = reader.position;
    return reader.why;
}

bool lwsec_oscore_unwrap(lwsec_bytes kid_context, lwsec_bytes *unwrapped)
{
    lwsec_reader reader = lwsec_reader_of(kid_context);
    const lwsec_bytes inside = lwsec_cbor_read_bytes(&reader);

    if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK || inside.size == 0) {
        return false;
    }
    *unwrapped = inside;
    return true;
}

lwsec_status lwsec_oscore_option_decode(lwsec_bytes value, lwsec_oscore_option *option,
                                        lwsec_reason *reason)
{
    lwsec_oscore_option read;
    size_t offset;
    const lwsec_why why = lwsec_oscore_option_read(value, &read, &offset);

    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_REJECT, why, offset, reason);
    }
    *option = read;
    return lwsec_accept(reason);
}

/* Absent is NULL data and no size; a Partial IV that is present has one byte at least. */
static bool can_encode(const lwsec_oscore_option *option)
{
    const lwsec_bytes piv = option->partial_iv;
    const lwsec_bytes kid_context = option->kid_context;

    return (piv.data != NULL ? piv.size >= 1 && piv.size <= PIV_SIZE_MAX : piv.size == 0) &&
           (kid_context.data != NULL ? kid_context.size <= UINT8_MAX : kid_context.size == 0) &&
           (option->kid.data != NULL || option->kid.size == 0);
}

lwsec_status lwsec_oscore_option_encode(const lwsec_oscore_option *option, lwsec_buffer *out)
{
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);
    uint8_t flags = (uint8_t)option->partial_iv.size;

    out->size = 0;
    if (!can_encode(option)) {
        return LWSEC_USAGE;
    }
    flags |= option->kid_context.data != NULL ? LWSEC_OSCORE_FLAG_KID_CONTEXT : 0U;
    flags |= option->kid.data != NULL ? LWSEC_OSCORE_FLAG_KID : 0U;
    if (flags != 0) {
        lwsec_writer_u8(&writer, flags);
    }
    lwsec_writer_bytes(&writer, option->partial_iv);
    if (option->kid_context.data != NULL) {
        lwsec_writer_u8(&writer, (uint8_t)option->kid_context.size);
        lwsec_writer_bytes(&writer, option->kid_context);
    }
    lwsec_writer_bytes(&writer, option->kid);
    if (writer.full) {
        return LWSEC_BUFFER;
    }
    out->size = writer.size;
    return LWSEC_OK;
}

lwsec_status lwsec_oscore_peek(lwsec_coap_framing framing, lwsec_bytes message,
                               lwsec_oscore_option *option, lwsec_reason *reason)
{
    static const lwsec_oscore_option none;
    lwsec_coap_message decoded;
    lwsec_coap_option found;
    const lwsec_status status = lwsec_coap_decode(framing, message, &decoded, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    if (!lwsec_coap_option_find(&decoded, LWSEC_COAP_OSCORE, &found)) {
        *option = none;
        return lwsec_accept(reason);
    }
    return lwsec_oscore_option_decode(found.value, option, reason);
}
