/* Items of the TLV format of LwM2M: Core 7.4.5. */
#include "account/tlv.h"

#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"

/* Bits of the type. */
#define KIND_SHIFT 6
#define LONG_ID 0x20U
#define LENGTH_SHIFT 3
#define LENGTH_BITS 0x07U

lwsec_status lwsec_tlv_read(lwsec_bytes input, size_t *position, lwsec_tlv *item,
                            lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(input);

    (void)lwsec_reader_take(&reader, *position);
    if (!lwsec_reader_failed(&reader) && lwsec_reader_left(&reader) == 0) {
        (void)lwsec_accept(reason);
        return LWSEC_ABSENT;
    }
    const uint8_t type = lwsec_reader_u8(&reader);
    const uint16_t id = (uint16_t)lwsec_reader_uint(&reader, (type & LONG_ID) != 0 ? 2 : 1);
    const size_t octets = type >> LENGTH_SHIFT & 3U;
    const size_t size =
        octets == 0 ? type & LENGTH_BITS : (size_t)lwsec_reader_uint(&reader, octets);
    const lwsec_bytes value = lwsec_reader_take(&reader, size);
    if (lwsec_reader_failed(&reader)) {
        return lwsec_refuse(LWSEC_REJECT, reader.why, reader.position, reason);
    }
    item->kind = (lwsec_tlv_kind)(type >> KIND_SHIFT);
    item->id = id;
    item->value = size > 0 ? value : lwsec_bytes_of(input.data, 0);
    *position = reader.position;
    return lwsec_accept(reason);
}

static size_t length_octets(size_t size)
{
    return size <= LENGTH_BITS ? 0 : size <= 0xff ? 1U : size <= 0xffff ? 2U : 3U;
}

size_t lwsec_tlv_header(lwsec_tlv_kind kind, uint16_t id, size_t size,
                        uint8_t header[LWSEC_TLV_HEADER_MAX])
{
    const size_t octets = length_octets(size);
    const bool long_id = id > 0xff;
    lwsec_writer writer = lwsec_writer_of(header, LWSEC_TLV_HEADER_MAX);

    lwsec_writer_u8(&writer, (uint8_t)((unsigned)kind << KIND_SHIFT | (long_id ? LONG_ID : 0U) |
                                       (unsigned)octets << LENGTH_SHIFT |
                                       (octets == 0 ? (unsigned)size : 0U)));
    lwsec_writer_uint(&writer, id, long_id ? 2 : 1);
    if (octets > 0) {
        lwsec_writer_uint(&writer, size, octets);
    }
    return writer.size;
}

lwsec_status lwsec_tlv_write(const lwsec_tlv *item, lwsec_buffer *out)
{
    uint8_t header[LWSEC_TLV_HEADER_MAX];
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);

    if (item->value.size > LWSEC_TLV_VALUE_MAX) {
        return LWSEC_USAGE;
    }
    const size_t size = lwsec_tlv_header(item->kind, item->id, item->value.size, header);
    if (size + item->value.size > out->capacity - out->size) {
        return LWSEC_BUFFER;
    }
    writer.size = out->size;
    lwsec_writer_bytes(&writer, lwsec_bytes_of(header, size));
    lwsec_writer_bytes(&writer, item->value);
    out->size = writer.size;
    return LWSEC_OK;
}
