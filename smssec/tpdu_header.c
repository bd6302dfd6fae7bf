/* The user data header: 3GPP TS 23.040 clause 9.2.3.24, 3GPP TS 31.115 clause 4. */
#include "core/reader.h"
#include "core/reason.h"
#include "smssec/tpdu.h"

#define ELEMENT_CONCAT_8 0x00U
#define ELEMENT_CONCAT_16 0x08U

static void fail_unless(lwsec_reader *reader, bool holds)
{
    if (!holds) {
        lwsec_reader_fail(reader, LWSEC_WHY_SMS_HEADER);
    }
}

/* Clauses 9.2.3.24.1 and 9.2.3.24.8. What 23.040 would have a receiver ignore is refused: the
 * message would stand as one that is complete, and it is not. */
static void read_concatenation(lwsec_reader *reader, bool wide, size_t length, lwsec_sms_part *part)
{
    const size_t reference = wide ? 2 : 1;

    fail_unless(reader, length == reference + 2);
    part->wide = wide;
    part->reference = (uint16_t)lwsec_reader_uint(reader, reference);
    part->total = lwsec_reader_u8(reader);
    part->number = lwsec_reader_u8(reader);
    fail_unless(reader, part->number >= 1 && part->number <= part->total);
}

/* Whose packet it is stands there once, without anything in it. */
static void read_packet(lwsec_reader *reader, uint8_t element, size_t length, lwsec_sms_part *part)
{
    fail_unless(reader, length == 0 && part->element == LWSEC_SMS_IE_NONE);
    part->element = element;
}

static void read_element(lwsec_reader *reader, lwsec_sms_part *part)
{
    const uint8_t element = lwsec_reader_u8(reader);
    const size_t length = lwsec_reader_u8(reader);

    switch (element) {
    case ELEMENT_CONCAT_8: read_concatenation(reader, false, length, part); break;
    case ELEMENT_CONCAT_16: read_concatenation(reader, true, length, part); break;
    case LWSEC_SMS_IE_COMMAND:
    case LWSEC_SMS_IE_RESPONSE: read_packet(reader, element, length, part); break;
    default: (void)lwsec_reader_take(reader, length); break;
    }
}

lwsec_status lwsec_sms_header_read(lwsec_bytes header, lwsec_sms_part *part, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(header);
    lwsec_sms_part read = {.element = LWSEC_SMS_IE_NONE, .total = 1, .number = 1};

    while (!lwsec_reader_failed(&reader) && lwsec_reader_left(&reader) > 0) {
        read_element(&reader, &read);
    }
    fail_unless(&reader, read.element == LWSEC_SMS_IE_NONE || read.number == 1);
    const lwsec_status status = lwsec_reader_finish(&reader, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    *part = read;
    return lwsec_accept(reason);
}

bool lwsec_sms_plain_response(lwsec_sms_tpdu *tpdu)
{
    const uint8_t *data = tpdu->data.data;

    if (tpdu->header.data != NULL || tpdu->data.size < 3 || data[0] != 2 ||
        data[1] != LWSEC_SMS_IE_RESPONSE || data[2] != 0) {
        return false;
    }
    tpdu->header = lwsec_bytes_of(&data[1], 2);
    tpdu->data = lwsec_bytes_of(&data[3], tpdu->data.size - 3);
    return true;
}
