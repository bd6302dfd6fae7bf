/* base64url without padding: RFC 4648 section 5. */
#include "oscore/base64url.h"

#define NO_DIGIT 64U

static uint8_t digit_of(uint32_t bits)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    return (uint8_t)digits[bits & 0x3fU];
}

static uint32_t bits_of(uint8_t digit)
{
    if (digit >= 'A' && digit <= 'Z') {
        return digit - (uint32_t)'A';
    }
    if (digit >= 'a' && digit <= 'z') {
        return digit - (uint32_t)'a' + 26U;
    }
    if (digit >= '0' && digit <= '9') {
        return digit - (uint32_t)'0' + 52U;
    }
    if (digit == '-' || digit == '_') {
        return digit == '-' ? 62U : 63U;
    }
    return NO_DIGIT;
}

void lwsec_base64url_write(lwsec_writer *writer, lwsec_bytes bytes)
{
    uint32_t bits = 0;
    unsigned count = 0;

    for (size_t i = 0; i < bytes.size; i++) {
        bits = bits << 8 | bytes.data[i];
        for (count += 8; count >= 6; count -= 6) {
            lwsec_writer_u8(writer, digit_of(bits >> (count - 6)));
        }
    }
    if (count > 0) {
        lwsec_writer_u8(writer, digit_of(bits << (6 - count)));
    }
}

void lwsec_base64url_read(lwsec_reader *reader, lwsec_writer *writer)
{
    uint32_t bits = 0;
    unsigned count = 0;

    while (!lwsec_reader_failed(reader) && lwsec_reader_left(reader) > 0) {
        const uint32_t six = bits_of(lwsec_reader_peek(reader));
        if (six == NO_DIGIT) {
            lwsec_reader_fail(reader, LWSEC_WHY_HTTP);
            return;
        }
        (void)lwsec_reader_u8(reader);
        bits = bits << 6 | six;
        count += 6;
        if (count >= 8) {
            count -= 8;
            lwsec_writer_u8(writer, (uint8_t)(bits >> count));
        }
    }
    if (count == 6) {
        lwsec_reader_fail(reader, LWSEC_WHY_HTTP); /* a single digit is no byte */
    }
    if ((bits & ((UINT32_C(1) << count) - 1U)) != 0) {
        lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
    }
}
