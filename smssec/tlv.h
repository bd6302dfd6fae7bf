/* The Secured Data of LwM2M: one BER-TLV around the CoAP message. R-5.4.2.1.3-13. */
#ifndef LWSEC_SMSSEC_TLV_H
#define LWSEC_SMSSEC_TLV_H

#include "core/reader.h"
#include "core/writer.h"

/* Tag and the longest length: 82 and two octets (TS 101 220 section 7.1.2). */
#define LWSEC_SMS_TLV_HEAD_MAX 4U

/* Tag and length before a value of up to 65535 octets; the length in as few octets as it takes. */
static inline size_t lwsec_sms_tlv_head(uint8_t tag, size_t size,
                                        uint8_t head[LWSEC_SMS_TLV_HEAD_MAX])
{
    lwsec_writer writer = lwsec_writer_of(head, LWSEC_SMS_TLV_HEAD_MAX);

    lwsec_writer_u8(&writer, tag);
    if (size > 0xff) {
        lwsec_writer_u8(&writer, 0x82);
        lwsec_writer_uint(&writer, size, 2);
    } else if (size > 0x7f) {
        lwsec_writer_u8(&writer, 0x81);
        lwsec_writer_u8(&writer, (uint8_t)size);
    } else {
        lwsec_writer_u8(&writer, (uint8_t)size);
    }
    return writer.size;
}

static inline size_t lwsec_sms_tlv_length(lwsec_reader *reader, bool lenient)
{
    const uint8_t first = lwsec_reader_u8(reader);
    size_t size = first;

    if (first == 0x81) {
        size = lwsec_reader_u8(reader);
    } else if (first == 0x82) {
        size = (size_t)lwsec_reader_uint(reader, 2);
    } else if (first > 0x7f) {
        lwsec_reader_fail(reader, LWSEC_WHY_SMS_DATA);
    }
    if (!lenient && ((first == 0x81 && size <= 0x7f) || (first == 0x82 && size <= 0xff))) {
        lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
    }
    return size;
}

/* The value of a TLV that fills `data`. False: another tag, not exactly one TLV, or a length that
 * is longer than it has to be, unless `lenient`. */
static inline bool lwsec_sms_tlv_open(lwsec_bytes data, uint8_t tag, bool lenient,
                                      lwsec_bytes *value)
{
    lwsec_reader reader = lwsec_reader_of(data);

    if (lwsec_reader_u8(&reader) != tag) {
        return false;
    }
    *value = lwsec_reader_take(&reader, lwsec_sms_tlv_length(&reader, lenient));
    return lwsec_reader_finish(&reader, NULL) == LWSEC_OK;
}

#endif
