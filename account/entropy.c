/* How much a secret can be worth at the most. */
#include "account/entropy.h"

/* Classes of characters. A hexadecimal digit is of DIGIT or HEX_LETTER. */
#define DIGIT 1U
#define HEX_LETTER 2U
#define LOWER 4U
#define UPPER 8U
#define PRINTABLE 16U
#define BINARY 32U

static unsigned class_of(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') {
        return DIGIT;
    }
    if ((byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F')) {
        return HEX_LETTER | (byte >= 'a' ? LOWER : UPPER) << 8;
    }
    if (byte >= 'a' && byte <= 'z') {
        return LOWER;
    }
    if (byte >= 'A' && byte <= 'Z') {
        return UPPER;
    }
    return byte >= 0x20 && byte < 0x7f ? PRINTABLE : BINARY;
}

/* Tenths of a bit that one byte is worth: the logarithm of the size of the alphabet. */
static size_t tenths_of(unsigned classes)
{
    if ((classes & BINARY) != 0) {
        return 80;
    }
    if ((classes & PRINTABLE) != 0) {
        return 66;
    }
    const unsigned letters = (classes & (LOWER | UPPER)) | (classes >> 8 & (LOWER | UPPER));
    if ((classes & (LOWER | UPPER)) != 0) {
        return letters == (LOWER | UPPER) ? 60 : 52;
    }
    return (classes & HEX_LETTER) != 0 ? 40 : 33;
}

/* 00 01 02 ..., 0f 0e ..., aa aa aa ...: whatever the length, a start and a step. */
static bool is_progression(lwsec_bytes secret)
{
    for (size_t i = 2; i < secret.size; i++) {
        if ((uint8_t)(secret.data[i] - secret.data[i - 1]) !=
            (uint8_t)(secret.data[1] - secret.data[0])) {
            return false;
        }
    }
    return true;
}

size_t lwsec_entropy_bound(lwsec_bytes secret)
{
    unsigned classes = 0;

    if (is_progression(secret)) {
        return secret.size < 2 ? 8 * secret.size : 16;
    }
    for (size_t i = 0; i < secret.size; i++) {
        classes |= class_of(secret.data[i]);
    }
    return secret.size * tenths_of(classes) / 10;
}
