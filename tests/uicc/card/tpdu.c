/* 3GPP 23.040: SMS-DELIVER with its header elements, and SMS-SUBMIT. */
#include "tests/uicc/card/tpdu.h"

enum {
    TYPE_MASK = 0x03,
    DELIVER = 0x00,
    SUBMIT = 0x01,
    HAS_HEADER = 0x40,
    PID_DATA_DOWNLOAD = 0x7F,
    DCS_CLASS_2 = 0xF6,
    DCS_CLASS_2_GENERAL = 0x16,
    TIME_STAMP = 7,
    DIGITS_MAX = 20,
    KIND_OF_NUMBER = 0x70,
    LETTERS = 0x50,
    ELEMENT_CONCATENATION = 0x00,
    ELEMENT_CONCATENATION_16 = 0x08,
    ELEMENT_COMMAND_PACKET = 0x70,
    HEADER_ALONE = 3, /* 02 70 00 */
    HEADER_FIRST = 8, /* 07 00 03 rr tt 01 70 00 */
    HEADER_LATER = 6, /* 05 00 03 rr tt ss */
    WIDE_REFERENCE = 0x10000
};

bool tpdu_take_address(struct octets *from, struct octets *address)
{
    struct octets rest = *from, head = rest;
    uint64_t digits, type;

    if (!octets_take_number(&rest, 1, &digits) || !octets_take_number(&rest, 1, &type) ||
        digits == 0 || digits > DIGITS_MAX || (type & KIND_OF_NUMBER) == LETTERS) {
        return false;
    }
    if (!octets_take(&head, 2 + ((size_t)digits + 1) / 2, address)) {
        return false;
    }
    *from = head;
    return true;
}

static bool read_concatenation(struct octets value, size_t width, struct delivered *delivered)
{
    uint64_t reference, parts, number;

    if (delivered->parts != 0 || !octets_take_number(&value, width, &reference) ||
        !octets_take_number(&value, 1, &parts) || !octets_take_number(&value, 1, &number) ||
        value.size != 0 || number == 0 || number > parts) {
        return false;
    }
    delivered->reference = (unsigned)reference + (width == 2 ? WIDE_REFERENCE : 0);
    delivered->parts = (unsigned)parts;
    delivered->number = (unsigned)number;
    return true;
}

static bool read_element(uint64_t identifier, struct octets value, struct delivered *delivered)
{
    switch (identifier) {
    case ELEMENT_CONCATENATION: return read_concatenation(value, 1, delivered);
    case ELEMENT_CONCATENATION_16: return read_concatenation(value, 2, delivered);
    case ELEMENT_COMMAND_PACKET:
        if (delivered->begins || value.size != 0) {
            return false;
        }
        delivered->begins = true;
        return true;
    default: return true;
    }
}

static bool read_user_data(struct octets user_data, struct delivered *delivered)
{
    struct octets header, value;
    uint64_t size, identifier;

    if (!octets_take_number(&user_data, 1, &size) ||
        !octets_take(&user_data, (size_t)size, &header)) {
        return false;
    }
    while (header.size > 0) {
        if (!octets_take_number(&header, 1, &identifier) ||
            !octets_take_number(&header, 1, &size) || !octets_take(&header, (size_t)size, &value) ||
            !read_element(identifier, value, delivered)) {
            return false;
        }
    }
    if (delivered->parts == 0) {
        delivered->parts = delivered->number = 1;
    }
    delivered->data = user_data;
    /* A packet begins in the first part, and nowhere else. */
    return delivered->begins == (delivered->number == 1);
}

bool tpdu_read_deliver(struct octets tpdu, struct delivered *delivered)
{
    uint64_t first, pid, dcs, size;
    struct octets time_stamp;

    *delivered = (struct delivered){0};
    return octets_take_number(&tpdu, 1, &first) && (first & TYPE_MASK) == DELIVER &&
           (first & HAS_HEADER) != 0 && tpdu_take_address(&tpdu, &delivered->address) &&
           octets_take_number(&tpdu, 1, &pid) && pid == PID_DATA_DOWNLOAD &&
           octets_take_number(&tpdu, 1, &dcs) &&
           (dcs == DCS_CLASS_2 || dcs == DCS_CLASS_2_GENERAL) &&
           octets_take(&tpdu, TIME_STAMP, &time_stamp) && octets_take_number(&tpdu, 1, &size) &&
           size == tpdu.size && size <= TPDU_USER_DATA && read_user_data(tpdu, delivered);
}

unsigned tpdu_parts_of(size_t packet_size)
{
    const size_t first = TPDU_USER_DATA - HEADER_FIRST, later = TPDU_USER_DATA - HEADER_LATER;

    if (packet_size <= TPDU_USER_DATA - HEADER_ALONE) {
        return 1;
    }
    for (unsigned parts = 2; parts <= TPDU_PARTS; parts++) {
        if (packet_size <= first + (parts - 1) * later) {
            return parts;
        }
    }
    return 0;
}

/* What of the packet goes into a part. */
static struct octets slice(struct octets packet, unsigned parts, unsigned number)
{
    const size_t first = TPDU_USER_DATA - HEADER_FIRST, later = TPDU_USER_DATA - HEADER_LATER;
    const size_t skip = number == 1 ? 0 : first + (number - 2) * later;
    const size_t size = parts == 1 ? packet.size : number == 1 ? first : later;

    packet.data += skip;
    packet.size -= skip;
    if (packet.size > size) {
        packet.size = size;
    }
    return packet;
}

static void put_submit_head(struct octets address, uint8_t message_reference, size_t size,
                            struct room *tpdu)
{
    room_put_number(tpdu, 1, SUBMIT | HAS_HEADER);
    room_put_number(tpdu, 1, message_reference);
    room_put(tpdu, address);
    room_put_number(tpdu, 1, PID_DATA_DOWNLOAD);
    room_put_number(tpdu, 1, DCS_CLASS_2);
    room_put_number(tpdu, 1, size);
}

bool tpdu_put_submit(struct octets address, struct octets packet, unsigned number,
                     uint8_t message_reference, uint8_t reference, struct room *tpdu)
{
    const unsigned parts = tpdu_parts_of(packet.size);
    const struct octets data = slice(packet, parts, number);
    uint8_t bytes[HEADER_FIRST];
    struct room header = ROOM_OF(bytes);

    if (parts == 0 || number == 0 || number > parts) {
        return false;
    }
    room_put_number(&header, 1, parts == 1 ? 2 : number == 1 ? 7 : 5);
    if (parts > 1) {
        room_put_number(&header, 2, ELEMENT_CONCATENATION << 8 | 3);
        room_put_number(&header, 1, reference);
        room_put_number(&header, 1, parts);
        room_put_number(&header, 1, number);
    }
    if (number == 1) {
        room_put_number(&header, 2, ELEMENT_COMMAND_PACKET << 8);
    }
    put_submit_head(address, message_reference, header.size + data.size, tpdu);
    room_put(tpdu, room_octets(&header));
    room_put(tpdu, data);
    return !header.full && !tpdu->full;
}

bool tpdu_put_report(struct octets address, struct octets report, uint8_t message_reference,
                     struct room *tpdu)
{
    put_submit_head(address, message_reference, report.size, tpdu);
    room_put(tpdu, report);
    return !tpdu->full && report.size <= TPDU_USER_DATA;
}
