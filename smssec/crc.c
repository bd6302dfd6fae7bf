/* CRC-16 and CRC-32, bit by bit. */
#include "smssec/crc.h"

static uint32_t reflected_crc(lwsec_bytes message, uint32_t polynomial, uint32_t ones)
{
    uint32_t crc = ones;

    for (size_t i = 0; i < message.size; i++) {
        crc ^= message.data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1U) != 0 ? crc >> 1 ^ polynomial : crc >> 1;
        }
    }
    return crc ^ ones;
}

uint16_t lwsec_sms_crc16(lwsec_bytes message)
{
    return (uint16_t)reflected_crc(message, 0x8408U, 0xffffU);
}

uint32_t lwsec_sms_crc32(lwsec_bytes message)
{
    return reflected_crc(message, 0xedb88320U, 0xffffffffU);
}
