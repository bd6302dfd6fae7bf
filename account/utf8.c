/* Whether bytes are UTF-8: RFC 3629. */
#include "account/utf8.h"

#include "core/reader.h"

/* Bytes that follow a first byte; 4 for one that cannot be first. */
static size_t length_after(uint8_t first)
{
    if (first < 0x80) {
        return 0;
    }
    if (first < 0xc2 || first > 0xf4) {
        return 4; /* follows another, is overlong, or past U+10FFFF */
    }
    return first < 0xe0 ? 1U : first < 0xf0 ? 2U : 3U;
}

/* Whether a second byte makes its first one neither overlong, a surrogate, nor too high. */
static bool second_fits(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xe0: return second >= 0xa0;
    case 0xed: return second < 0xa0;
    case 0xf0: return second >= 0x90;
    case 0xf4: return second < 0x90;
    default: return true;
    }
}

bool lwsec_utf8_valid(lwsec_bytes text)
{
    lwsec_reader reader = lwsec_reader_of(text);

    while (lwsec_reader_left(&reader) > 0) {
        const uint8_t first = lwsec_reader_u8(&reader);
        const size_t after = length_after(first);
        const lwsec_bytes rest = lwsec_reader_take(&reader, after);
        if (after > 3 || lwsec_reader_failed(&reader) ||
            (after > 0 && !second_fits(first, rest.data[0]))) {
            return false;
        }
        for (size_t i = 0; i < rest.size; i++) {
            if ((rest.data[i] & 0xc0U) != 0x80) {
                return false;
            }
        }
    }
    return true;
}
