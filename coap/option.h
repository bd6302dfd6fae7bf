/* One option header in and out: what the codec and the OSCORE path share. */
#ifndef LWSEC_COAP_OPTION_H
#define LWSEC_COAP_OPTION_H

#include <lwsec/coap.h>

#include "core/reader.h"
#include "core/writer.h"

/* The byte between the options and the payload: RFC 7252 section 3. */
#define LWSEC_COAP_MARKER 0xffU

/* The longest option value that the encoding can carry: 65535 + 269. */
#define LWSEC_COAP_VALUE_MAX 65804U

/*
 * The number that a nibble announces: itself up to 12, or 13 or 269 more than the one or two bytes
 * that follow (RFC 7252 section 3.1, and RFC 8974 section 2.1 for tokens). On 15, which is
 * reserved, the reader fails with `reserved`. The offsets give each number one encoding, so that
 * there is no other to refuse.
 */
static inline uint32_t lwsec_coap_read_extended(lwsec_reader *reader, unsigned nibble,
                                                lwsec_why reserved)
{
    if (nibble < 13) {
        return nibble;
    }
    if (nibble == 13) {
        return 13U + lwsec_reader_u8(reader);
    }
    if (nibble == 14) {
        return 269U + (uint32_t)lwsec_reader_uint(reader, 2);
    }
    lwsec_reader_fail(reader, reserved);
    return 0;
}

/*
 * Reads one option that stands after one of number `previous` (0 at the start). The reader must not
 * stand at the payload marker, which is refused as a reserved delta. Only an option read without
 * failure means anything.
 */
static inline lwsec_coap_option lwsec_coap_read_option(lwsec_reader *reader, uint32_t previous)
{
    const unsigned head = lwsec_reader_u8(reader);
    lwsec_coap_option option;

    option.number =
        previous + lwsec_coap_read_extended(reader, head >> 4, LWSEC_WHY_COAP_OPTION_DELTA);
    if (option.number > LWSEC_COAP_OPTION_MAX) {
        lwsec_reader_fail(reader, LWSEC_WHY_COAP_OPTION_DELTA);
    }
    option.value = lwsec_reader_take(
        reader, lwsec_coap_read_extended(reader, head & 0x0fU, LWSEC_WHY_COAP_OPTION_LENGTH));
    return option;
}

/* Whether one more option follows, and neither the marker nor the end. */
static inline bool lwsec_coap_at_option(const lwsec_reader *reader)
{
    return !lwsec_reader_failed(reader) && lwsec_reader_left(reader) > 0 &&
           lwsec_reader_peek(reader) != LWSEC_COAP_MARKER;
}

/* The nibble that announces a number up to 65804. */
static inline unsigned lwsec_coap_nibble(uint32_t number)
{
    if (number < 13) {
        return number;
    }
    return number < 269 ? 13 : 14;
}

/* The bytes after the nibble: none, one or two. */
static inline void lwsec_coap_write_extension(lwsec_writer *writer, uint32_t number)
{
    if (number >= 269) {
        lwsec_writer_uint(writer, number - 269, 2);
    } else if (number >= 13) {
        lwsec_writer_u8(writer, (uint8_t)(number - 13));
    }
}

/* Writes the header of an option; `delta` and `length` are at most 65804. The value follows. */
static inline void lwsec_coap_write_option_header(lwsec_writer *writer, uint32_t delta,
                                                  uint32_t length)
{
    lwsec_writer_u8(writer, (uint8_t)(lwsec_coap_nibble(delta) << 4 | lwsec_coap_nibble(length)));
    lwsec_coap_write_extension(writer, delta);
    lwsec_coap_write_extension(writer, length);
}

/* Writes an option after one of number `previous`, which is at most its own; its value is at most
 * LWSEC_COAP_VALUE_MAX long. */
static inline void lwsec_coap_write_option(lwsec_writer *writer, uint32_t previous,
                                           const lwsec_coap_option *option)
{
    lwsec_coap_write_option_header(writer, option->number - previous, (uint32_t)option->value.size);
    lwsec_writer_bytes(writer, option->value);
}

/*
 * Reads all that follows a token: checked options and what stands behind the marker, into the
 * message. Reads to the end of the reader, or fails it. The result has one bit for each option
 * number below 64 that is there, so that a caller need not walk the options to learn that nothing
 * special is among them.
 */
uint64_t lwsec_coap_read_body(lwsec_reader *reader, lwsec_coap_message *message);

/* As lwsec_coap_decode, and tells which options are there. After a refusal `message` says nothing.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_coap_decode_seen(lwsec_coap_framing framing, lwsec_bytes wire,
                                                     lwsec_coap_message *message, uint64_t *seen,
                                                     lwsec_reason *reason);

/* The longest header without its token (TCP): lengths in 1 and 4 bytes, code, token length in 2. */
#define LWSEC_COAP_HEAD_MAX 8U

/*
 * Writes all up to and with the token, for a body (options, marker and payload) of `body` bytes.
 * The fields of `head` are right already: its token is at most LWSEC_COAP_TOKEN_MAX long.
 */
void lwsec_coap_write_head(lwsec_writer *writer, lwsec_coap_framing framing,
                           const lwsec_coap_message *head, uint64_t body);

/* Whether messages of this framing may have this code. */
bool lwsec_coap_code_valid(lwsec_coap_framing framing, uint8_t code);

#endif
