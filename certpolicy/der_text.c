/* The strings of names: which there are, and whether their contents are text. */
#include "certpolicy/der_certificate.h"

/* The bytes after the first one of a UTF-8 sequence, or 4 where none begins so. */
static unsigned following(uint8_t first)
{
    if (first < 0x80) {
        return 0;
    }
    return first >= 0xc2 && first < 0xe0   ? 1
           : first >= 0xe0 && first < 0xf0 ? 2
           : first >= 0xf0 && first < 0xf5 ? 3
                                           : 4;
}

/* Neither longer than it need be, nor a surrogate, nor above U+10FFFF (RFC 3629). */
static bool is_allowed(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xe0: return second >= 0xa0;
    case 0xed: return second < 0xa0;
    case 0xf0: return second >= 0x90;
    case 0xf4: return second < 0x90;
    default: return true;
    }
}

static bool is_utf8(lwsec_bytes text)
{
    lwsec_reader reader = lwsec_reader_of(text);

    while (lwsec_reader_left(&reader) > 0) {
        const uint8_t first = lwsec_reader_u8(&reader);
        const unsigned count = following(first);
        if (count > 3 || (count > 0 && !is_allowed(first, lwsec_reader_peek(&reader)))) {
            return false;
        }
        for (unsigned i = 0; i < count; i++) {
            if ((lwsec_reader_u8(&reader) & 0xc0) != 0x80) {
                return false;
            }
        }
    }
    return true;
}

/* Characters of `width` bytes: whole ones, of Unicode, and no surrogates. */
static bool is_wide(lwsec_bytes text, size_t width)
{
    lwsec_reader reader = lwsec_reader_of(text);

    while (lwsec_reader_left(&reader) > 0) {
        const uint64_t character = lwsec_reader_uint(&reader, width);
        if (lwsec_reader_failed(&reader) || character > 0x10ffff ||
            (character >= 0xd800 && character < 0xe000)) {
            return false;
        }
    }
    return true;
}

bool lwsec_der_is_text(const lwsec_der *element)
{
    switch (element->tag) {
    case LWSEC_DER_UTF8_STRING: return is_utf8(element->value);
    case LWSEC_DER_BMP_STRING: return is_wide(element->value, 2);
    case LWSEC_DER_UNIVERSAL_STRING: return is_wide(element->value, 4);
    case LWSEC_DER_NUMERIC_STRING:
    case LWSEC_DER_PRINTABLE_STRING:
    case LWSEC_DER_TELETEX_STRING:
    case LWSEC_DER_IA5_STRING:
    case LWSEC_DER_VISIBLE_STRING: return true;
    default: return false;
    }
}
