/* Values of resources as the TLV format of LwM2M writes them. */
#include "account/tlv_values.h"

#include "account/image.h"
#include "core/writer.h"

static bool is_number_size(size_t size)
{
    return size == 1 || size == 2 || size == 4 || size == 8;
}

/* Two's complement of 8, 16, 32 or 64 bits. */
static int64_t read_signed(lwsec_bytes bytes)
{
    const uint64_t number = lwsec_image_uint(bytes);
    const uint64_t sign = (uint64_t)1 << (8 * bytes.size - 1);

    return (int64_t)((number ^ sign) - sign);
}

bool lwsec_tlv_value_read(lwsec_value_type type, lwsec_bytes bytes, lwsec_value *value)
{
    *value = (lwsec_value){.type = type};
    switch (type) {
    case LWSEC_VALUE_INTEGER:
    case LWSEC_VALUE_TIME:
        value->integer = is_number_size(bytes.size) ? read_signed(bytes) : 0;
        return is_number_size(bytes.size);
    case LWSEC_VALUE_UNSIGNED:
        value->unsigned_integer = lwsec_image_uint(bytes);
        return is_number_size(bytes.size);
    case LWSEC_VALUE_BOOLEAN:
        value->integer = (int64_t)lwsec_image_uint(bytes);
        return bytes.size == 1;
    case LWSEC_VALUE_LINK:
        value->link_object = (uint16_t)(lwsec_image_uint(bytes) >> 16);
        value->link_instance = (uint16_t)lwsec_image_uint(bytes);
        return bytes.size == 4;
    case LWSEC_VALUE_STRING:
    case LWSEC_VALUE_OPAQUE: value->bytes = bytes; return true;
    default: return false;
    }
}

static size_t signed_size(int64_t number)
{
    return number >= INT8_MIN && number <= INT8_MAX     ? 1
           : number >= INT16_MIN && number <= INT16_MAX ? 2
           : number >= INT32_MIN && number <= INT32_MAX ? 4
                                                        : 8;
}

static size_t unsigned_size(uint64_t number)
{
    return number <= UINT8_MAX ? 1 : number <= UINT16_MAX ? 2 : number <= UINT32_MAX ? 4 : 8;
}

lwsec_bytes lwsec_tlv_value_write(const lwsec_value *value, uint8_t room[8])
{
    lwsec_writer writer = lwsec_writer_of(room, 8);

    switch (value->type) {
    case LWSEC_VALUE_INTEGER:
    case LWSEC_VALUE_TIME:
        lwsec_writer_uint(&writer, (uint64_t)value->integer, signed_size(value->integer));
        break;
    case LWSEC_VALUE_UNSIGNED:
        lwsec_writer_uint(&writer, value->unsigned_integer, unsigned_size(value->unsigned_integer));
        break;
    case LWSEC_VALUE_BOOLEAN: lwsec_writer_u8(&writer, (uint8_t)value->integer); break;
    case LWSEC_VALUE_LINK:
        lwsec_writer_uint(&writer, value->link_object, 2);
        lwsec_writer_uint(&writer, value->link_instance, 2);
        break;
    default: return value->bytes;
    }
    return lwsec_bytes_of(room, writer.size);
}
