/* The characters of RFC 3986. */
#ifndef LWSEC_COAP_URI_CHARACTERS_H
#define LWSEC_COAP_URI_CHARACTERS_H

#include <stdbool.h>
#include <stdint.h>

static inline bool lwsec_uri_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static inline uint8_t lwsec_uri_lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20U) : byte;
}

/* The value of a hexadecimal digit, or 16. */
static inline unsigned lwsec_uri_hex(uint8_t byte)
{
    const uint8_t low = lwsec_uri_lower(byte);

    if (lwsec_uri_digit(byte)) {
        return byte - (unsigned)'0';
    }
    return low >= 'a' && low <= 'f' ? low - (unsigned)'a' + 10U : 16U;
}

static inline bool lwsec_uri_among(uint8_t byte, const char *set)
{
    for (; *set != '\0'; set++) {
        if (byte == (uint8_t)*set) {
            return true;
        }
    }
    return false;
}

/* unreserved and sub-delims: what stands for itself everywhere. */
static inline bool lwsec_uri_plain(uint8_t byte)
{
    const uint8_t low = lwsec_uri_lower(byte);

    return lwsec_uri_digit(byte) || (low >= 'a' && low <= 'z') ||
           lwsec_uri_among(byte, "-._~!$&'()*+,;=");
}

#endif
