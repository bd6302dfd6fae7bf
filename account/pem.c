/* Certificates in PEM: RFC 7468. No secrets: it looks at every character. */
#include "account/pem.h"

static const char begins[] = "-----BEGIN CERTIFICATE-----";
static const char ends[] = "-----END CERTIFICATE-----";

static bool is_space(uint8_t character)
{
    return character == ' ' || (character >= '\t' && character <= '\r');
}

void lwsec_pem_skip(lwsec_reader *text)
{
    while (lwsec_reader_left(text) > 0 && is_space(lwsec_reader_peek(text))) {
        (void)lwsec_reader_u8(text);
    }
}

static void expect(lwsec_reader *text, const char *line, size_t size)
{
    if (!lwsec_equal_secret(lwsec_reader_take(text, size), lwsec_bytes_of(line, size))) {
        lwsec_reader_fail(text, LWSEC_WHY_WRONG_TYPE);
    }
}

bool lwsec_pem_is_certificate(lwsec_bytes value)
{
    lwsec_reader text = lwsec_reader_of(value);

    lwsec_pem_skip(&text);
    expect(&text, begins, sizeof begins - 1);
    return !lwsec_reader_failed(&text);
}

/* The six bits of a character; 64 for any other. */
static unsigned bits_of(uint8_t character)
{
    if (character >= 'A' && character <= 'Z') {
        return character - (unsigned)'A';
    }
    if (character >= 'a' && character <= 'z') {
        return character - (unsigned)'a' + 26U;
    }
    if (character >= '0' && character <= '9') {
        return character - (unsigned)'0' + 52U;
    }
    return character == '+' ? 62U : character == '/' ? 63U : 64U;
}

/* Four characters are three bytes; one or two `=` at the end stand for bytes that are not there. */
static void read_group(lwsec_reader *text, lwsec_writer *out, bool *last)
{
    uint32_t bits = 0;
    size_t padding = 0;

    for (size_t i = 0; i < 4; i++) {
        const uint8_t character = lwsec_reader_u8(text);
        const unsigned six = bits_of(character);
        if (character == '=' && i >= 2) {
            padding++;
        } else if (six > 63 || padding > 0) {
            lwsec_reader_fail(text, LWSEC_WHY_WRONG_TYPE);
        }
        bits = bits << 6 | (six & 63U);
    }
    if (padding > 0) {
        bits &= ~(uint32_t)0 << (8 * padding);
    }
    for (size_t i = 0; i + padding < 3 && !lwsec_reader_failed(text); i++) {
        lwsec_writer_u8(out, (uint8_t)(bits >> (16 - 8 * i)));
    }
    *last = padding > 0;
}

/* R-5.2.9.3-15, R-5.2.9.3-20. */
void lwsec_pem_certificate(lwsec_reader *text, lwsec_writer *out)
{
    bool last = false;

    lwsec_pem_skip(text);
    expect(text, begins, sizeof begins - 1);
    lwsec_pem_skip(text);
    while (!last && !lwsec_reader_failed(text) && lwsec_reader_peek(text) != '-') {
        read_group(text, out, &last);
        lwsec_pem_skip(text);
    }
    expect(text, ends, sizeof ends - 1);
    lwsec_pem_skip(text);
    if (out->full) {
        lwsec_reader_fail(text, LWSEC_WHY_TOO_LONG);
    }
}
