/* A packet in parts: 3GPP TS 23.040 clause 9.2.3.24.1, 3GPP TS 31.115 clauses 4.2 and 4.4. */
#include <lwsec/sms_concat.h>

#include "core/writer.h"

#define ELEMENT_CONCAT_8 0x00U
#define LENGTH_OCTET 1U   /* of the header */
#define PACKET_ELEMENT 2U /* identifier and length */
#define CONCAT_ELEMENT 5U /* identifier, length, reference, total, number */

static size_t single_capacity(uint8_t element)
{
    return LWSEC_SMS_DATA_MAX - (element == LWSEC_SMS_IE_NONE ? 0 : LENGTH_OCTET + PACKET_ELEMENT);
}

/* Of the first part of several. */
static size_t first_capacity(uint8_t element)
{
    return LWSEC_SMS_PART_MAX - (element == LWSEC_SMS_IE_NONE ? 0 : PACKET_ELEMENT);
}

/* R-6.8.3-02: what is longer than one message is concatenated. */
size_t lwsec_sms_capacity(uint8_t element, unsigned parts)
{
    if (parts == 0 || parts > LWSEC_SMS_PARTS_MAX) {
        return 0;
    }
    if (parts == 1) {
        return single_capacity(element);
    }
    return first_capacity(element) + (size_t)(parts - 1) * LWSEC_SMS_PART_MAX;
}

unsigned lwsec_sms_parts(uint8_t element, size_t size)
{
    if (size == 0 || size > lwsec_sms_capacity(element, LWSEC_SMS_PARTS_MAX)) {
        return 0;
    }
    if (size <= single_capacity(element)) {
        return 1;
    }
    const size_t rest = size - first_capacity(element);
    return 1U + (unsigned)((rest + LWSEC_SMS_PART_MAX - 1) / LWSEC_SMS_PART_MAX);
}

/* The octets of the packet that part `number` of `parts` carries. */
static lwsec_bytes slice(const lwsec_sms_split *split, unsigned number, unsigned parts)
{
    const size_t begin =
        number == 1 ? 0
                    : first_capacity(split->element) + (size_t)(number - 2) * LWSEC_SMS_PART_MAX;
    const size_t end = number == parts ? split->packet.size
                                       : first_capacity(split->element) +
                                             (size_t)(number - 1) * LWSEC_SMS_PART_MAX;

    return lwsec_bytes_of(&split->packet.data[begin], end - begin);
}

static lwsec_bytes header_of(const lwsec_sms_split *split, unsigned number, unsigned parts,
                             uint8_t room[LWSEC_SMS_HEADER_ROOM])
{
    lwsec_writer writer = lwsec_writer_of(room, LWSEC_SMS_HEADER_ROOM);

    if (parts > 1) {
        lwsec_writer_u8(&writer, ELEMENT_CONCAT_8);
        lwsec_writer_u8(&writer, CONCAT_ELEMENT - 2);
        lwsec_writer_u8(&writer, split->reference);
        lwsec_writer_u8(&writer, (uint8_t)parts);
        lwsec_writer_u8(&writer, (uint8_t)number);
    }
    if (number == 1 && split->element != LWSEC_SMS_IE_NONE) {
        lwsec_writer_u8(&writer, split->element);
        lwsec_writer_u8(&writer, 0);
    }
    return lwsec_bytes_of(writer.size > 0 ? room : NULL, writer.size);
}

lwsec_status lwsec_sms_split_part(const lwsec_sms_split *split, unsigned number,
                                  uint8_t room[LWSEC_SMS_HEADER_ROOM], lwsec_sms_tpdu *tpdu)
{
    const uint8_t element = split->element;
    const unsigned parts = lwsec_sms_parts(element, split->packet.size);

    if (number == 0 || number > parts ||
        (element != LWSEC_SMS_IE_NONE && element != LWSEC_SMS_IE_COMMAND &&
         element != LWSEC_SMS_IE_RESPONSE)) {
        return LWSEC_USAGE;
    }
    tpdu->header = header_of(split, number, parts, room);
    tpdu->data = slice(split, number, parts);
    if (tpdu->kind == LWSEC_SMS_DELIVER) {
        tpdu->flags = (uint8_t)(number == parts ? tpdu->flags | LWSEC_SMS_NO_MORE
                                                : tpdu->flags & ~LWSEC_SMS_NO_MORE);
    }
    return LWSEC_OK;
}
