/* IP addresses in text. */
#include "certpolicy/name.h"

#include <string.h>

/* Four numbers without leading zeros; nothing may follow. */
static bool read_v4(lwsec_reader *text, uint8_t address[4])
{
    for (int i = 0; i < 4; i++) {
        unsigned number = 0, digits = 0;
        while (lwsec_reader_peek(text) >= '0' && lwsec_reader_peek(text) <= '9') {
            number = 10 * number + (unsigned)(lwsec_reader_u8(text) - '0');
            digits++;
            if (number > 255 || (digits > 1 && number < 10)) {
                return false;
            }
        }
        if (digits == 0 || (i < 3 && lwsec_reader_u8(text) != '.')) {
            return false;
        }
        address[i] = (uint8_t)number;
    }
    return lwsec_reader_left(text) == 0;
}

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Groups of 16 bits; `gap` is where "::" stands, in bytes. */
typedef struct groups {
    uint8_t bytes[16];
    size_t size;
    size_t gap;
    bool has_gap;
} groups;

static bool read_group(lwsec_reader *text, groups *found)
{
    unsigned number = 0, digits = 0;

    while (hex(lwsec_reader_peek(text)) >= 0 && lwsec_reader_left(text) > 0) {
        number = number << 4 | (unsigned)hex(lwsec_reader_u8(text));
        if (++digits > 4) {
            return false;
        }
    }
    if (digits == 0 || found->size > 14) {
        return false;
    }
    found->bytes[found->size] = (uint8_t)(number >> 8);
    found->bytes[found->size + 1] = (uint8_t)number;
    found->size += 2;
    return true;
}

/* Whether what is left is written as an IPv4 address. */
static bool has_dot(const lwsec_reader *text)
{
    for (size_t i = text->position; i < text->size; i++) {
        if (text->data[i] == '.') {
            return true;
        }
        if (text->data[i] == ':') {
            return false;
        }
    }
    return false;
}

/* "::" where the next two characters are. */
static bool take_gap(lwsec_reader *text, groups *found)
{
    const lwsec_reader before = *text;
    const uint64_t two = lwsec_reader_uint(text, 2);

    if (lwsec_reader_failed(text) || two != ((uint64_t)':' << 8 | ':')) {
        *text = before;
        return false;
    }
    found->gap = found->size;
    found->has_gap = true;
    return true;
}

static bool read_v6(lwsec_reader *text, groups *found)
{
    (void)take_gap(text, found);

    while (lwsec_reader_left(text) > 0) {
        if (has_dot(text)) {
            if (found->size > 12 || !read_v4(text, &found->bytes[found->size])) {
                return false;
            }
            found->size += 4;
            break;
        }
        if (!read_group(text, found)) {
            return false;
        }
        const bool ended = lwsec_reader_left(text) == 0;
        const bool gap = !ended && !found->has_gap && take_gap(text, found);
        if (!ended && !gap && (lwsec_reader_u8(text) != ':' || lwsec_reader_left(text) == 0)) {
            return false;
        }
    }
    return found->has_gap ? found->size <= 14 : found->size == 16;
}

uint8_t lwsec_name_read_address(lwsec_bytes text, uint8_t address[16])
{
    lwsec_reader reader = lwsec_reader_of(text);
    groups found = {{0}, 0, 0, false};

    if (read_v4(&reader, address)) {
        return 4;
    }
    reader = lwsec_reader_of(text);
    if (!read_v6(&reader, &found)) {
        return 0;
    }
    const size_t tail = found.size - (found.has_gap ? found.gap : found.size);
    memset(address, 0, 16);
    memcpy(address, found.bytes, found.size - tail);
    memcpy(&address[16 - tail], &found.bytes[found.size - tail], tail);
    return 16;
}
