/* Hexadecimal digits of secrets. */
#include "account/hex.h"

/* The value of a hexadecimal digit without a table, as it may be one of a secret; 16 for others. */
static unsigned hex_digit(uint8_t byte)
{
    const unsigned low = byte | 0x20U;

    if (byte >= '0' && byte <= '9') {
        return byte - (unsigned)'0';
    }
    return low >= 'a' && low <= 'f' ? low - (unsigned)'a' + 10U : 16U;
}

bool lwsec_hex_read(lwsec_bytes digits, lwsec_writer *writer)
{
    bool good = digits.size % 2 == 0;

    for (size_t i = 0; i + 1 < digits.size; i += 2) {
        const unsigned high = hex_digit(digits.data[i]);
        const unsigned low = hex_digit(digits.data[i + 1]);
        good = good && high < 16 && low < 16;
        lwsec_writer_u8(writer, (uint8_t)(high << 4 | low));
    }
    return good;
}
