/* Taking from octet strings and putting into rooms; numbers are big-endian. */
#include "tests/uicc/card/octets.h"

#include <string.h>

bool octets_equal(struct octets a, struct octets b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool octets_take(struct octets *from, size_t size, struct octets *piece)
{
    if (size > from->size) {
        return false;
    }
    *piece = (struct octets){from->data, size};
    from->data += size;
    from->size -= size;
    return true;
}

bool octets_take_number(struct octets *from, size_t width, uint64_t *number)
{
    struct octets piece;

    if (!octets_take(from, width, &piece)) {
        return false;
    }
    *number = 0;
    for (size_t i = 0; i < width; i++) {
        *number = *number << 8 | piece.data[i];
    }
    return true;
}

static bool take_length(struct octets *from, uint64_t *length)
{
    if (!octets_take_number(from, 1, length)) {
        return false;
    }
    switch (*length) {
    case 0x81: return octets_take_number(from, 1, length) && *length > 0x7F;
    case 0x82: return octets_take_number(from, 2, length) && *length > 0xFF;
    default: return *length < 0x80;
    }
}

bool octets_take_tlv(struct octets *from, uint8_t *tag, struct octets *value)
{
    struct octets rest = *from;
    uint64_t number, length;

    if (!octets_take_number(&rest, 1, &number) || !take_length(&rest, &length) ||
        !octets_take(&rest, (size_t)length, value)) {
        return false;
    }
    *tag = (uint8_t)number;
    *from = rest;
    return true;
}

static uint8_t *place(struct room *room, size_t size)
{
    uint8_t *const at = room->data + room->size;

    if (room->full || size > room->capacity - room->size) {
        room->full = true;
        return NULL;
    }
    room->size += size;
    return at;
}

void room_put(struct room *room, struct octets octets)
{
    uint8_t *const at = place(room, octets.size);

    if (at != NULL && octets.size > 0) {
        memcpy(at, octets.data, octets.size);
    }
}

void room_put_zeros(struct room *room, size_t count)
{
    uint8_t *const at = place(room, count);

    if (at != NULL && count > 0) {
        memset(at, 0, count);
    }
}

void room_put_number(struct room *room, size_t width, uint64_t number)
{
    uint8_t *const at = place(room, width);

    for (size_t i = width; at != NULL && i > 0; i--) {
        at[i - 1] = (uint8_t)number;
        number >>= 8;
    }
}

void room_put_tlv(struct room *room, uint8_t tag, struct octets value)
{
    room_put_number(room, 1, tag);
    if (value.size > 0xFF) {
        room_put_number(room, 1, 0x82);
        room_put_number(room, 2, value.size);
    } else if (value.size > 0x7F) {
        room_put_number(room, 1, 0x81);
        room_put_number(room, 1, value.size);
    } else {
        room_put_number(room, 1, value.size);
    }
    room_put(room, value);
}

struct octets room_octets(const struct room *room)
{
    return (struct octets){room->data, room->size};
}
