/* Payloads of GET DATA and STORE DATA: clause 5.4.2.1.2 of LwM2M Transport 1.2. */
#include <lwsec/sms_card.h>

#include "core/reason.h"
#include "smssec/address.h"

#define LENGTH_MAX 0xffffU

static bool format_known(const lwsec_sms_card_format *format)
{
    return format == NULL || format->size == sizeof *format;
}

/* The format to go by; for one that is not known, the usual one, which nobody uses. */
static lwsec_sms_card_format format_of(const lwsec_sms_card_format *format)
{
    lwsec_sms_card_format made = {0};

    if (format != NULL && format_known(format)) {
        made = *format;
    }
    made.tag = made.tag != 0 ? made.tag : LWSEC_SMS_CARD_TAG_DEFAULT;
    return made;
}

/* A number that a message comes from, or goes to. */
static bool is_number(const lwsec_sms_address *address)
{
    return address->digits > 0 && lwsec_sms_ton(address) != LWSEC_SMS_TON_ALPHANUMERIC;
}

/* The length in the order of the format, or back: the same for both. */
static uint16_t in_order(const lwsec_sms_card_format *format, uint16_t length)
{
    const unsigned swapped = (length & 0xffU) << 8 | length >> 8;

    return format->little_endian ? (uint16_t)swapped : length;
}

/* R-5.4.2.1.2-09. Not BER: one octet of tag, and always two of length. */
static void read_head(lwsec_reader *reader, const lwsec_sms_card_format *format)
{
    if (lwsec_reader_u8(reader) != format->tag) {
        lwsec_reader_fail(reader, LWSEC_WHY_WRONG_TYPE);
    }
    const size_t length = in_order(format, (uint16_t)lwsec_reader_uint(reader, 2));
    if (length > lwsec_reader_left(reader)) {
        lwsec_reader_fail(reader, LWSEC_WHY_TRUNCATED);
    } else if (length < lwsec_reader_left(reader)) {
        lwsec_reader_fail(reader, LWSEC_WHY_TRAILING_BYTES);
    }
}

lwsec_status lwsec_sms_card_read(const lwsec_sms_card_format *format, lwsec_bytes payload,
                                 lwsec_sms_address *address, lwsec_bytes *coap,
                                 lwsec_reason *reason)
{
    const lwsec_sms_card_format rules = format_of(format);
    lwsec_reader reader = lwsec_reader_of(payload);
    lwsec_sms_address from;

    if (!format_known(format)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    lwsec_sms_read_address(&reader, &from);
    if (!is_number(&from)) {
        lwsec_reader_fail(&reader, LWSEC_WHY_SMS_ADDRESS);
    }
    if (!rules.bare) {
        read_head(&reader, &rules);
    }
    const lwsec_bytes message = lwsec_reader_rest(&reader);
    if (message.size == 0) {
        lwsec_reader_fail(&reader, LWSEC_WHY_TRUNCATED);
    }
    const lwsec_status status = lwsec_reader_finish(&reader, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    *address = from;
    *coap = message;
    return lwsec_accept(reason);
}

static lwsec_why check(const lwsec_sms_card_format *format, const lwsec_sms_address *address,
                       lwsec_bytes coap)
{
    if (!format_known(format)) {
        return LWSEC_WHY_CONFIG;
    }
    if (!lwsec_sms_address_valid(address) || !is_number(address)) {
        return LWSEC_WHY_SMS_ADDRESS;
    }
    if (coap.size == 0) {
        return LWSEC_WHY_TRUNCATED;
    }
    return coap.size > LENGTH_MAX ? LWSEC_WHY_TOO_LONG : LWSEC_WHY_NONE;
}

lwsec_status lwsec_sms_card_write(const lwsec_sms_card_format *format,
                                  const lwsec_sms_address *address, lwsec_bytes coap,
                                  lwsec_buffer *out, lwsec_reason *reason)
{
    const lwsec_sms_card_format rules = format_of(format);
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);
    const lwsec_why why = check(format, address, coap);

    out->size = 0;
    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_USAGE, why, 0, reason);
    }
    lwsec_sms_put_address(&writer, address);
    if (!rules.bare) {
        lwsec_writer_u8(&writer, rules.tag);
        lwsec_writer_uint(&writer, in_order(&rules, (uint16_t)coap.size), 2);
    }
    lwsec_writer_bytes(&writer, coap);
    if (writer.full) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    out->size = writer.size;
    return lwsec_accept(reason);
}
