/* What can be read of a packet without keys. */
#include "core/reader.h"
#include "core/reason.h"
#include "smssec/frame.h"

/* SPI, KIc, KID: of a command alone. */
static void read_parameters(lwsec_reader *reader, lwsec_sms_fields *fields)
{
    fields->spi1 = lwsec_reader_u8(reader);
    fields->spi2 = lwsec_reader_u8(reader);
    fields->kic = lwsec_reader_u8(reader);
    fields->kid = lwsec_reader_u8(reader);
    fields->ciphered = (fields->spi1 & LWSEC_SMS_SPI1_CIPHER) != 0;
}

static void read_tar(lwsec_reader *reader, lwsec_sms_fields *fields)
{
    for (size_t i = 0; i < sizeof fields->tar; i++) {
        fields->tar[i] = lwsec_reader_u8(reader);
    }
}

/* What a packet shows that is not ciphered. */
static void read_plain(lwsec_reader *reader, lwsec_sms_fields *fields)
{
    fields->counter = lwsec_reader_uint(reader, 5);
    fields->padding = lwsec_reader_u8(reader);
    if (fields->kind == LWSEC_SMS_RESPONSE) {
        fields->status = lwsec_reader_u8(reader);
    }
    fields->check = lwsec_reader_take(reader, fields->check_size);
    if (fields->padding > lwsec_reader_left(reader)) {
        lwsec_reader_fail(reader, LWSEC_WHY_SMS_PADDING);
        return;
    }
    fields->data = lwsec_reader_take(reader, lwsec_reader_left(reader) - fields->padding);
    (void)lwsec_reader_rest(reader);
}

lwsec_status lwsec_sms_packet_inspect(lwsec_sms_kind kind, bool ciphered, lwsec_bytes packet,
                                      lwsec_sms_fields *fields, lwsec_reason *reason)
{
    const lwsec_sms_layout layout = lwsec_sms_layout_of(kind);
    const size_t shortest = lwsec_sms_header_length(&layout, 0);
    lwsec_reader reader = lwsec_reader_of(packet);
    lwsec_sms_fields found = {.kind = kind, .ciphered = ciphered};

    if (kind != LWSEC_SMS_COMMAND && kind != LWSEC_SMS_RESPONSE) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    found.length = (uint16_t)lwsec_reader_uint(&reader, 2);
    if (found.length != lwsec_reader_left(&reader)) {
        lwsec_reader_fail(&reader, LWSEC_WHY_SMS_LENGTH);
    }
    found.header_length = lwsec_reader_u8(&reader);
    if (found.header_length < shortest || found.header_length > lwsec_reader_left(&reader)) {
        lwsec_reader_fail(&reader, LWSEC_WHY_SMS_LENGTH);
    }
    found.check_size = (uint8_t)(found.header_length - shortest);
    if (kind == LWSEC_SMS_COMMAND) {
        read_parameters(&reader, &found);
    }
    read_tar(&reader, &found);
    const size_t body = reader.position;
    if (found.ciphered) {
        (void)lwsec_reader_rest(&reader);
    } else {
        read_plain(&reader, &found);
    }
    found.body = lwsec_reader_since(&reader, body);
    const lwsec_status status = lwsec_reader_finish(&reader, reason);
    if (status == LWSEC_OK) {
        *fields = found;
    }
    return status;
}
