/* DER: elements over the one reader. */
#include "certpolicy/der.h"

#define LENGTH_BYTES_MAX 3U

static size_t read_length(lwsec_reader *reader)
{
    const uint8_t first = lwsec_reader_u8(reader);

    if (first < 0x80) {
        return first;
    }
    const size_t count = first & 0x7fU;
    if (count == 0 || count > LENGTH_BYTES_MAX) {
        lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
        return 0;
    }
    const size_t length = (size_t)lwsec_reader_uint(reader, count);
    if (length < 0x80 || length >> (8 * (count - 1)) == 0) {
        lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
    }
    return length;
}

/* A tag of one byte; of the universal ones, sequences and sets are constructed, and no other. */
static bool is_tag(uint8_t tag)
{
    const unsigned number = tag & 0x1fU;
    const bool constructed = (tag & 0x20U) != 0, several = number == 0x10 || number == 0x11;

    return number < 0x1f && ((tag & 0xc0U) != 0 || (number > 0 && constructed == several));
}

lwsec_der lwsec_der_next(lwsec_reader *reader)
{
    const lwsec_der none = {0, {NULL, 0}, {NULL, 0}};
    const size_t begin = reader->position;
    lwsec_der element = none;

    element.tag = lwsec_reader_u8(reader);
    if (!is_tag(element.tag)) {
        lwsec_reader_fail(reader, LWSEC_WHY_WRONG_TYPE);
    }
    element.value = lwsec_reader_take(reader, read_length(reader));
    element.whole = lwsec_reader_since(reader, begin);
    return lwsec_reader_failed(reader) ? none : element;
}

static lwsec_der expect(lwsec_reader *reader, uint8_t tag)
{
    lwsec_der element = {0, {NULL, 0}, {NULL, 0}};

    if (!lwsec_der_is(reader, tag)) {
        lwsec_reader_fail(reader, LWSEC_WHY_WRONG_TYPE);
        return element;
    }
    return lwsec_der_next(reader);
}

lwsec_bytes lwsec_der_value(lwsec_reader *reader, uint8_t tag)
{
    return expect(reader, tag).value;
}

lwsec_bytes lwsec_der_whole(lwsec_reader *reader, uint8_t tag)
{
    return expect(reader, tag).whole;
}

lwsec_reader lwsec_der_open(lwsec_reader *reader, uint8_t tag)
{
    lwsec_reader child = lwsec_reader_of(expect(reader, tag).value);

    child.why = reader->why;
    return child;
}

lwsec_bytes lwsec_der_integer(lwsec_reader *reader)
{
    const lwsec_bytes value = lwsec_der_value(reader, LWSEC_DER_INTEGER);

    if (value.size == 0 || (value.size > 1 && ((value.data[0] == 0 && value.data[1] < 0x80) ||
                                               (value.data[0] == 0xff && value.data[1] >= 0x80)))) {
        lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
    }
    return value;
}

uint32_t lwsec_der_small(lwsec_reader *reader, uint32_t max)
{
    const lwsec_bytes value = lwsec_der_integer(reader);
    uint64_t number = 0;

    if (value.size > 5 || (value.size > 0 && value.data[0] >= 0x80)) {
        lwsec_reader_fail(reader, LWSEC_WHY_TOO_LONG);
        return 0;
    }
    for (size_t i = 0; i < value.size; i++) {
        number = number << 8 | value.data[i];
    }
    if (number > max) {
        lwsec_reader_fail(reader, LWSEC_WHY_TOO_LONG);
        return 0;
    }
    return (uint32_t)number;
}

bool lwsec_der_is_oid(lwsec_bytes value)
{
    bool begins = true;

    for (size_t i = 0; i < value.size; i++) {
        if (begins && value.data[i] == 0x80) {
            return false;
        }
        begins = value.data[i] < 0x80;
    }
    return begins && value.size > 0;
}

lwsec_bytes lwsec_der_oid(lwsec_reader *reader)
{
    const lwsec_bytes value = lwsec_der_value(reader, LWSEC_DER_OID);

    if (!lwsec_der_is_oid(value)) {
        lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
    }
    return value;
}

bool lwsec_der_default_false(lwsec_reader *reader)
{
    if (!lwsec_der_is(reader, LWSEC_DER_BOOLEAN)) {
        return false;
    }
    const lwsec_bytes value = lwsec_der_value(reader, LWSEC_DER_BOOLEAN);
    if (value.size != 1 || value.data[0] != 0xff) {
        lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
        return false;
    }
    return true;
}

lwsec_bytes lwsec_der_bits(lwsec_reader *reader)
{
    lwsec_reader bits = lwsec_der_open(reader, LWSEC_DER_BIT_STRING);

    if (lwsec_reader_u8(&bits) != 0) {
        lwsec_reader_fail(&bits, LWSEC_WHY_NOT_CANONICAL);
    }
    const lwsec_bytes whole = lwsec_reader_rest(&bits);
    lwsec_reader_finish_child(reader, &bits);
    return whole;
}

uint16_t lwsec_der_named_bits(lwsec_reader *reader)
{
    const lwsec_bytes value = lwsec_der_value(reader, LWSEC_DER_BIT_STRING);
    uint16_t flags = 0;

    const bool some = value.size == 2 || value.size == 3;
    const unsigned unused = some && value.data[0] < 8 ? value.data[0] : 8;
    /* Bits that are not used are zero. */
    if (!some || unused > 7 || (value.data[value.size - 1] & ((1U << unused) - 1)) != 0) {
        lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
        return 0;
    }
    for (size_t i = 0; i < 8 * (value.size - 1); i++) {
        if ((value.data[1 + i / 8] >> (7 - i % 8) & 1) != 0) {
            flags = (uint16_t)(flags | 1U << i);
        }
    }
    return flags;
}

bool lwsec_der_same(lwsec_bytes one, lwsec_bytes other)
{
    return lwsec_equal_secret(one, other);
}
