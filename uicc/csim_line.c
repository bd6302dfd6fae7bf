/* Lines of AT+CSIM, AT+CCHO, AT+CGLA and AT+CCHC. */
#include <lwsec/apdu_csim.h>

#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"

/* ---- Commands ---- */

static void put_text(lwsec_writer *writer, const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++) {
        lwsec_writer_u8(writer, (uint8_t)text[i]);
    }
}

static void put_number(lwsec_writer *writer, uint32_t number)
{
    uint32_t step = 1;

    while (number / step >= 10) {
        step *= 10;
    }
    for (; step > 0; step /= 10) {
        lwsec_writer_u8(writer, (uint8_t)('0' + number / step % 10));
    }
}

static void put_quoted(lwsec_writer *writer, lwsec_bytes octets)
{
    static const char digits[] = "0123456789ABCDEF";

    lwsec_writer_u8(writer, '"');
    for (size_t i = 0; i < octets.size; i++) {
        lwsec_writer_u8(writer, (uint8_t)digits[octets.data[i] >> 4]);
        lwsec_writer_u8(writer, (uint8_t)digits[octets.data[i] & 0x0fU]);
    }
    lwsec_writer_u8(writer, '"');
}

/* Number of characters, a comma, and the octets in hex. */
static void put_command(lwsec_writer *writer, lwsec_bytes command)
{
    put_number(writer, (uint32_t)(2 * command.size));
    lwsec_writer_u8(writer, ',');
    put_quoted(writer, command);
}

static lwsec_status finish(lwsec_writer *writer)
{
    lwsec_writer_u8(writer, '\0');
    if (writer->full) {
        lwsec_wipe(writer->data, writer->capacity);
        return LWSEC_BUFFER;
    }
    return LWSEC_OK;
}

static bool fits(lwsec_bytes octets, size_t most)
{
    return octets.size > 0 && octets.size <= most;
}

lwsec_status lwsec_csim_command(lwsec_bytes command, char *line, size_t capacity)
{
    lwsec_writer writer = lwsec_writer_of((uint8_t *)line, capacity);

    if (!fits(command, LWSEC_APDU_COMMAND_SIZE)) {
        return LWSEC_USAGE;
    }
    put_text(&writer, "AT+CSIM=");
    put_command(&writer, command);
    return finish(&writer);
}

lwsec_status lwsec_ccho_command(lwsec_bytes aid, char *line, size_t capacity)
{
    lwsec_writer writer = lwsec_writer_of((uint8_t *)line, capacity);

    if (!fits(aid, 16)) {
        return LWSEC_USAGE;
    }
    put_text(&writer, "AT+CCHO=");
    put_quoted(&writer, aid);
    return finish(&writer);
}

lwsec_status lwsec_cgla_command(uint32_t session, lwsec_bytes command, char *line, size_t capacity)
{
    lwsec_writer writer = lwsec_writer_of((uint8_t *)line, capacity);

    if (!fits(command, LWSEC_APDU_COMMAND_SIZE)) {
        return LWSEC_USAGE;
    }
    put_text(&writer, "AT+CGLA=");
    put_number(&writer, session);
    lwsec_writer_u8(&writer, ',');
    put_command(&writer, command);
    return finish(&writer);
}

lwsec_status lwsec_cchc_command(uint32_t session, char *line, size_t capacity)
{
    lwsec_writer writer = lwsec_writer_of((uint8_t *)line, capacity);

    put_text(&writer, "AT+CCHC=");
    put_number(&writer, session);
    return finish(&writer);
}

/* ---- Responses ---- */

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\r' || c == '\n' || c == '\t';
}

static void skip_spaces(lwsec_reader *reader)
{
    while (lwsec_reader_left(reader) > 0 && is_space(lwsec_reader_peek(reader))) {
        (void)lwsec_reader_u8(reader);
    }
}

/* Whether the text comes next; it is passed then. */
static bool passes(lwsec_reader *reader, const char *text)
{
    lwsec_reader ahead = *reader;

    for (size_t i = 0; text[i] != '\0'; i++) {
        if (lwsec_reader_u8(&ahead) != (uint8_t)text[i]) {
            return false;
        }
    }
    *reader = ahead;
    return true;
}

static uint32_t take_number(lwsec_reader *reader)
{
    uint64_t number = 0;
    const size_t begin = reader->position;

    while (lwsec_reader_peek(reader) >= '0' && lwsec_reader_peek(reader) <= '9') {
        number = 10 * number + (lwsec_reader_u8(reader) - (unsigned)'0');
        if (number > UINT32_MAX) {
            lwsec_reader_fail(reader, LWSEC_WHY_CARD_RESPONSE);
        }
    }
    if (reader->position == begin) {
        lwsec_reader_fail(reader, LWSEC_WHY_CARD_RESPONSE);
    }
    return (uint32_t)number;
}

static uint8_t take_digit(lwsec_reader *reader)
{
    const uint8_t c = lwsec_reader_u8(reader);

    if (c >= '0' && c <= '9') {
        return (uint8_t)(c - '0');
    }
    if (c >= 'A' && c <= 'F') {
        return (uint8_t)(c - 'A' + 10);
    }
    if (c >= 'a' && c <= 'f') {
        return (uint8_t)(c - 'a' + 10);
    }
    lwsec_reader_fail(reader, LWSEC_WHY_CARD_RESPONSE);
    return 0;
}

/* All is written before the end is known, so what is refused is wiped by the caller. */
static void take_octets(lwsec_reader *reader, size_t digits, lwsec_writer *writer)
{
    for (size_t i = 0; i < digits / 2 && !lwsec_reader_failed(reader); i++) {
        const unsigned high = take_digit(reader);
        lwsec_writer_u8(writer, (uint8_t)(high << 4 | take_digit(reader)));
    }
    if (digits % 2 != 0) {
        lwsec_reader_fail(reader, LWSEC_WHY_CARD_RESPONSE);
    }
}

static void take_answer(lwsec_reader *reader, lwsec_writer *writer)
{
    skip_spaces(reader);
    if (!passes(reader, "+CSIM:") && !passes(reader, "+CGLA:")) {
        lwsec_reader_fail(reader, LWSEC_WHY_CARD_RESPONSE);
    }
    skip_spaces(reader);
    const size_t digits = take_number(reader);
    if (lwsec_reader_u8(reader) != ',') {
        lwsec_reader_fail(reader, LWSEC_WHY_CARD_RESPONSE);
    }
    skip_spaces(reader);
    const bool quoted = passes(reader, "\"");
    take_octets(reader, digits, writer);
    if (quoted && lwsec_reader_u8(reader) != '"') {
        lwsec_reader_fail(reader, LWSEC_WHY_CARD_RESPONSE);
    }
    skip_spaces(reader);
}

lwsec_status lwsec_csim_response(const char *line, size_t length, lwsec_buffer *response,
                                 lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(line, length));
    lwsec_writer writer = lwsec_writer_of(response->data, response->capacity);

    response->size = 0;
    take_answer(&reader, &writer);
    if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK) {
        lwsec_wipe(response->data, response->capacity);
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, reader.position, reason);
    }
    if (writer.full) {
        lwsec_wipe(response->data, response->capacity);
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    response->size = writer.size;
    return lwsec_accept(reason);
}

lwsec_status lwsec_ccho_response(const char *line, size_t length, uint32_t *session,
                                 lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(line, length));

    skip_spaces(&reader);
    if (passes(&reader, "+CCHO:")) {
        skip_spaces(&reader);
    }
    const uint32_t number = take_number(&reader);
    skip_spaces(&reader);
    if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_RESPONSE, reader.position, reason);
    }
    *session = number;
    return lwsec_accept(reason);
}
