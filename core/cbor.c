/* The deterministic subset of CBOR. */
#include "core/cbor.h"

#include <string.h>

enum {
    MAJOR_UINT = 0,
    MAJOR_NEGATIVE = 1,
    MAJOR_BYTES = 2,
    MAJOR_TEXT = 3,
    MAJOR_ARRAY = 4,
    MAJOR_MAP = 5
};

#define CBOR_NULL 0xf6U

static void write_head(lwsec_writer *writer, unsigned major, uint64_t number)
{
    const uint8_t type = (uint8_t)(major << 5);

    if (number < 24) {
        lwsec_writer_u8(writer, (uint8_t)(type | number));
    } else if (number <= UINT8_MAX) {
        lwsec_writer_u8(writer, type | 24);
        lwsec_writer_uint(writer, number, 1);
    } else if (number <= UINT16_MAX) {
        lwsec_writer_u8(writer, type | 25);
        lwsec_writer_uint(writer, number, 2);
    } else if (number <= UINT32_MAX) {
        lwsec_writer_u8(writer, type | 26);
        lwsec_writer_uint(writer, number, 4);
    } else {
        lwsec_writer_u8(writer, type | 27);
        lwsec_writer_uint(writer, number, 8);
    }
}

void lwsec_cbor_write_int(lwsec_writer *writer, int64_t number)
{
    if (number >= 0) {
        write_head(writer, MAJOR_UINT, (uint64_t)number);
    } else {
        write_head(writer, MAJOR_NEGATIVE, ~(uint64_t)number);
    }
}

void lwsec_cbor_write_bytes(lwsec_writer *writer, lwsec_bytes bytes)
{
    write_head(writer, MAJOR_BYTES, bytes.size);
    lwsec_writer_bytes(writer, bytes);
}

void lwsec_cbor_write_text(lwsec_writer *writer, const char *text)
{
    const size_t size = strlen(text);
    write_head(writer, MAJOR_TEXT, size);
    lwsec_writer_bytes(writer, lwsec_bytes_of(text, size));
}

void lwsec_cbor_write_array(lwsec_writer *writer, size_t items)
{
    write_head(writer, MAJOR_ARRAY, items);
}

void lwsec_cbor_write_map(lwsec_writer *writer, size_t pairs)
{
    write_head(writer, MAJOR_MAP, pairs);
}

void lwsec_cbor_write_null(lwsec_writer *writer)
{
    lwsec_writer_u8(writer, CBOR_NULL);
}

/* The number in a head whose major type is right already; indefinite lengths (31) and the reserved
 * values are not in the subset, and a number that fits a shorter form is not canonical. */
static uint64_t read_argument(lwsec_reader *reader, uint8_t head)
{
    static const uint64_t least[] = {24, (uint64_t)UINT8_MAX + 1, (uint64_t)UINT16_MAX + 1,
                                     (uint64_t)UINT32_MAX + 1};
    const unsigned low = head & 0x1fU;

    if (low < 24) {
        return low;
    }
    if (low > 27) {
        lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
        return 0;
    }
    const uint64_t number = lwsec_reader_uint(reader, (size_t)1 << (low - 24));
    if (number < least[low - 24]) {
        lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
        return 0;
    }
    return number;
}

static uint64_t read_head(lwsec_reader *reader, unsigned major)
{
    const uint8_t head = lwsec_reader_u8(reader);

    if (lwsec_reader_failed(reader)) {
        return 0;
    }
    if (head >> 5 != major) {
        lwsec_reader_fail(reader, LWSEC_WHY_WRONG_TYPE);
        return 0;
    }
    return read_argument(reader, head);
}

int64_t lwsec_cbor_read_int(lwsec_reader *reader)
{
    const bool negative = lwsec_reader_peek(reader) >> 5 == MAJOR_NEGATIVE;
    const uint64_t number = read_head(reader, negative ? MAJOR_NEGATIVE : MAJOR_UINT);

    if (number > INT64_MAX) {
        lwsec_reader_fail(reader, LWSEC_WHY_TOO_LONG);
    }
    if (lwsec_reader_failed(reader)) {
        return 0;
    }
    return negative ? -1 - (int64_t)number : (int64_t)number;
}

static lwsec_bytes read_string(lwsec_reader *reader, unsigned major)
{
    static const uint8_t nothing[1];
    const uint64_t size = read_head(reader, major);
    lwsec_bytes bytes = {NULL, 0};

    if (size > lwsec_reader_left(reader)) {
        lwsec_reader_fail(reader, LWSEC_WHY_TRUNCATED);
    }
    if (lwsec_reader_failed(reader)) {
        return bytes;
    }
    bytes = lwsec_reader_take(reader, (size_t)size);
    return size > 0 ? bytes : lwsec_bytes_of(nothing, 0);
}

lwsec_bytes lwsec_cbor_read_bytes(lwsec_reader *reader)
{
    return read_string(reader, MAJOR_BYTES);
}

lwsec_bytes lwsec_cbor_read_text(lwsec_reader *reader)
{
    return read_string(reader, MAJOR_TEXT);
}

/* An item takes at least one byte, so a count above what is left is a lie that no caller need loop
 * on. */
static size_t read_count(lwsec_reader *reader, unsigned major, size_t bytes_each)
{
    const uint64_t count = read_head(reader, major);

    if (count > lwsec_reader_left(reader) / bytes_each) {
        lwsec_reader_fail(reader, LWSEC_WHY_TRUNCATED);
    }
    return lwsec_reader_failed(reader) ? 0 : (size_t)count;
}

size_t lwsec_cbor_read_array(lwsec_reader *reader)
{
    return read_count(reader, MAJOR_ARRAY, 1);
}

size_t lwsec_cbor_read_map(lwsec_reader *reader)
{
    return read_count(reader, MAJOR_MAP, 2);
}

bool lwsec_cbor_read_null(lwsec_reader *reader)
{
    if (lwsec_reader_peek(reader) != CBOR_NULL) {
        return false;
    }
    (void)lwsec_reader_u8(reader);
    return true;
}
