/* DER out: elements over the one writer. */
#include "certpolicy/der_write.h"
#include "crypto/use.h"

static size_t length_bytes(size_t length)
{
    size_t count = 0;

    for (size_t rest = length; rest > 0; rest >>= 8) {
        count++;
    }
    return count;
}

size_t lwsec_der_begin(lwsec_writer *writer, uint8_t tag)
{
    lwsec_writer_u8(writer, tag);
    lwsec_writer_u8(writer, 0);
    return writer->size;
}

void lwsec_der_end(lwsec_writer *writer, size_t begin)
{
    if (writer->full) {
        return;
    }
    const size_t length = writer->size - begin;
    if (length < 0x80) {
        writer->data[begin - 1] = (uint8_t)length;
        return;
    }
    const size_t count = length_bytes(length);
    if (lwsec_writer_room(writer, count) == NULL) {
        return;
    }
    memmove(&writer->data[begin + count], &writer->data[begin], length);
    writer->data[begin - 1] = (uint8_t)(0x80U | count);
    lwsec_writer number = lwsec_writer_of(&writer->data[begin], count);
    lwsec_writer_uint(&number, length, count);
}

void lwsec_der_put(lwsec_writer *writer, uint8_t tag, lwsec_bytes value)
{
    const size_t begin = lwsec_der_begin(writer, tag);

    lwsec_writer_bytes(writer, value);
    lwsec_der_end(writer, begin);
}

void lwsec_der_put_unsigned(lwsec_writer *writer, lwsec_bytes number)
{
    const size_t begin = lwsec_der_begin(writer, LWSEC_DER_INTEGER);

    while (number.size > 1 && number.data[0] == 0) {
        number = lwsec_bytes_of(&number.data[1], number.size - 1);
    }
    if (number.data[0] >= 0x80) {
        lwsec_writer_u8(writer, 0);
    }
    lwsec_writer_bytes(writer, number);
    lwsec_der_end(writer, begin);
}

void lwsec_der_put_bits(lwsec_writer *writer, lwsec_bytes bits)
{
    const size_t begin = lwsec_der_begin(writer, LWSEC_DER_BIT_STRING);

    lwsec_writer_u8(writer, 0);
    lwsec_writer_bytes(writer, bits);
    lwsec_der_end(writer, begin);
}

lwsec_status lwsec_der_public_key(lwsec_key key, uint8_t info[LWSEC_DER_P256_INFO])
{
    /* id-ecPublicKey on secp256r1, and a BIT STRING of 65 bytes. */
    static const uint8_t head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                   0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                   0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

    memcpy(info, head, sizeof head);
    return lwsec_key_at_once(
        key, lwsec_key_public(key, &info[sizeof head], LWSEC_DER_P256_INFO - sizeof head));
}
