/* PEM blocks (RFC 7468) into DER. R-5.2.9.3-15, R-5.2.9.3-20. */
#include <lwsec/cert.h>

#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"

#include <string.h>

static bool takes(lwsec_reader *text, const char *word)
{
    const size_t size = strlen(word);

    if (lwsec_reader_left(text) < size ||
        !lwsec_equal_secret(lwsec_bytes_of(&text->data[text->position], size),
                            lwsec_bytes_of(word, size))) {
        return false;
    }
    (void)lwsec_reader_take(text, size);
    return true;
}

/* Stands after "-----BEGIN label-----"; false: there is none. */
static bool find_begin(lwsec_reader *text, const char *label)
{
    while (lwsec_reader_left(text) > 0) {
        if (takes(text, "-----BEGIN ") && takes(text, label) && takes(text, "-----")) {
            return true;
        }
        if (lwsec_reader_left(text) > 0) {
            (void)lwsec_reader_u8(text);
        }
    }
    return false;
}

static int digit_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_white(uint8_t c)
{
    return c == ' ' || (c >= 0x09 && c <= 0x0d);
}

/* Base64 up to the first hyphen: whole groups of four, padding at the end alone, unused bits zero.
 */
static void read_base64(lwsec_reader *text, lwsec_writer *out)
{
    uint32_t bits = 0;
    unsigned count = 0, padding = 0;

    while (lwsec_reader_left(text) > 0 && lwsec_reader_peek(text) != '-') {
        const uint8_t c = lwsec_reader_u8(text);
        const int digit = digit_of(c);
        if (is_white(c)) {
            continue;
        }
        if (c == '=' ? ++padding > 2 : digit < 0 || padding > 0) {
            lwsec_reader_fail(text, LWSEC_WHY_NOT_CANONICAL);
            return;
        }
        bits = bits << 6 | (c == '=' ? 0 : (uint32_t)digit);
        if (++count % 4 == 0) {
            if (padding > 0 && (bits & (0xffffffU >> (24 - 8 * padding))) != 0) {
                lwsec_reader_fail(text, LWSEC_WHY_NOT_CANONICAL);
            }
            bits &= 0xffffff;
            lwsec_writer_uint(out, bits >> (8 * padding), 3 - padding);
            bits = 0;
        }
    }
    if (count % 4 != 0 || count == 0) {
        lwsec_reader_fail(text, LWSEC_WHY_NOT_CANONICAL);
    }
}

lwsec_status lwsec_pem_next(lwsec_bytes text, const char *label, size_t *position,
                            lwsec_buffer *der, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(text);
    lwsec_writer writer = lwsec_writer_of(der->data, der->capacity);

    der->size = 0;
    (void)lwsec_reader_take(&reader, *position);
    if (lwsec_reader_failed(&reader) || !find_begin(&reader, label)) {
        return lwsec_refuse(LWSEC_ABSENT, LWSEC_WHY_NONE, 0, reason);
    }
    read_base64(&reader, &writer);
    if (!lwsec_reader_failed(&reader) &&
        !(takes(&reader, "-----END ") && takes(&reader, label) && takes(&reader, "-----"))) {
        lwsec_reader_fail(&reader, LWSEC_WHY_TRUNCATED);
    }
    if (lwsec_reader_failed(&reader)) {
        return lwsec_refuse(LWSEC_REJECT, reader.why, reader.position, reason);
    }
    if (writer.full) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    der->size = writer.size;
    *position = reader.position;
    return lwsec_accept(reason);
}
