/* Addresses of short messages: 3GPP TS 23.040 clause 9.1.2.5. */
#include "smssec/address.h"

#include "core/reason.h"

#include <string.h>

#define DIGITS_MAX 20U
#define TYPE_VALID 0x80U
#define TYPE_ISDN 0x01U /* numbering plan of ITU-T E.164 */
#define FILLER 0x0fU

static const char digit_names[] = "0123456789*#abc";

static size_t octets_of(uint8_t digits)
{
    return ((size_t)digits + 1) / 2;
}

uint8_t lwsec_sms_ton(const lwsec_sms_address *address)
{
    return address->type >> 4 & 7U;
}

/* A number has no filler among its digits, and nothing else behind an odd one. */
static bool number_valid(const lwsec_sms_address *address)
{
    const size_t pairs = address->digits / 2U;

    for (size_t i = 0; i < pairs; i++) {
        if ((address->value[i] & 0x0fU) == FILLER || address->value[i] >> 4 == FILLER) {
            return false;
        }
    }
    return address->digits % 2 == 0 ||
           ((address->value[pairs] & 0x0fU) != FILLER && address->value[pairs] >> 4 == FILLER);
}

/* In an alphanumeric address the half octets count septets: what is left over is no filler. */
bool lwsec_sms_address_valid(const lwsec_sms_address *address)
{
    if (address->digits > DIGITS_MAX || (address->type & TYPE_VALID) == 0) {
        return false;
    }
    return lwsec_sms_ton(address) == LWSEC_SMS_TON_ALPHANUMERIC || number_valid(address);
}

void lwsec_sms_read_address(lwsec_reader *reader, lwsec_sms_address *address)
{
    static const lwsec_sms_address nothing;
    lwsec_sms_address read = nothing;

    read.digits = lwsec_reader_u8(reader);
    read.type = lwsec_reader_u8(reader);
    if (read.digits > DIGITS_MAX) {
        lwsec_reader_fail(reader, LWSEC_WHY_SMS_ADDRESS);
    }
    const lwsec_bytes value = lwsec_reader_take(reader, octets_of(read.digits));
    if (value.size > 0) {
        memcpy(read.value, value.data, value.size);
    }
    if (!lwsec_reader_failed(reader) && !lwsec_sms_address_valid(&read)) {
        lwsec_reader_fail(reader, LWSEC_WHY_SMS_ADDRESS);
    }
    *address = read;
}

void lwsec_sms_put_address(lwsec_writer *writer, const lwsec_sms_address *address)
{
    lwsec_writer_u8(writer, address->digits);
    lwsec_writer_u8(writer, address->type);
    lwsec_writer_bytes(writer, lwsec_bytes_of(address->value, octets_of(address->digits)));
}

lwsec_status lwsec_sms_address_read(lwsec_bytes wire, lwsec_sms_address *address, size_t *used,
                                    lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(wire);
    lwsec_sms_address read;

    lwsec_sms_read_address(&reader, &read);
    if (lwsec_reader_failed(&reader)) {
        return lwsec_refuse(LWSEC_REJECT, reader.why, reader.position, reason);
    }
    *address = read;
    *used = reader.position;
    return lwsec_accept(reason);
}

lwsec_status lwsec_sms_address_write(const lwsec_sms_address *address, lwsec_buffer *out)
{
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);

    out->size = 0;
    if (!lwsec_sms_address_valid(address)) {
        return LWSEC_USAGE;
    }
    if (2 + octets_of(address->digits) > out->capacity) {
        return LWSEC_BUFFER;
    }
    lwsec_sms_put_address(&writer, address);
    out->size = writer.size;
    return LWSEC_OK;
}

/* The first digit of an octet leaves the filler above itself; the second takes its place. */
static void put_digit(uint8_t *octet, uint8_t index, unsigned digit)
{
    *octet = (uint8_t)(index % 2 == 0 ? FILLER << 4 | digit : (*octet & 0x0fU) | digit << 4);
}

lwsec_status lwsec_sms_address_of(const char *number, lwsec_sms_address *address)
{
    static const lwsec_sms_address nothing;
    const bool international = number[0] == '+';
    const char *digits = &number[international ? 1 : 0];
    lwsec_sms_address made = nothing;

    for (; digits[made.digits] != '\0'; made.digits++) {
        const uint8_t i = made.digits;
        if (i == DIGITS_MAX || digits[i] < '0' || digits[i] > '9') {
            return LWSEC_USAGE;
        }
        put_digit(&made.value[i / 2], i, (unsigned)(digits[i] - '0'));
    }
    if (made.digits == 0) {
        return LWSEC_USAGE;
    }
    made.type =
        (uint8_t)(TYPE_VALID | TYPE_ISDN | (international ? LWSEC_SMS_TON_INTERNATIONAL << 4 : 0));
    *address = made;
    return LWSEC_OK;
}

lwsec_status lwsec_sms_address_text(const lwsec_sms_address *address,
                                    char text[LWSEC_SMS_NUMBER_MAX])
{
    size_t size = 0;

    text[0] = '\0';
    if (!lwsec_sms_address_valid(address) || address->digits == 0 ||
        lwsec_sms_ton(address) == LWSEC_SMS_TON_ALPHANUMERIC) {
        return LWSEC_ABSENT;
    }
    if (lwsec_sms_ton(address) == LWSEC_SMS_TON_INTERNATIONAL) {
        text[size++] = '+';
    }
    for (size_t i = 0; i < address->digits; i++) {
        text[size++] = digit_names[lwsec_sms_digit(address, i)];
    }
    text[size] = '\0';
    return LWSEC_OK;
}

bool lwsec_sms_address_same(const lwsec_sms_address *one, const lwsec_sms_address *other)
{
    if (one->digits != other->digits || one->type != other->type || one->digits > DIGITS_MAX) {
        return false;
    }
    for (size_t i = 0; i < octets_of(one->digits); i++) {
        if (one->value[i] != other->value[i]) {
            return false;
        }
    }
    return true;
}
