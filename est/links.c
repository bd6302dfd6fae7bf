/* Where a server has its functions: the link format of RFC 6690 section 2. */
#include "est/links.h"

#include "core/reader.h"
#include "core/reason.h"

static bool same(lwsec_bytes one, lwsec_bytes other)
{
    return lwsec_equal_secret(one, other);
}

static bool at(const lwsec_reader *reader, char character)
{
    return !lwsec_reader_failed(reader) && lwsec_reader_left(reader) > 0 &&
           lwsec_reader_peek(reader) == (uint8_t)character;
}

/* Takes this character, if it is the next one. */
static bool skip(lwsec_reader *reader, char character)
{
    const bool is = at(reader, character);

    if (is) {
        (void)lwsec_reader_u8(reader);
    }
    return is;
}

/* Up to a character, which is taken too and must be there. */
static lwsec_bytes take_until(lwsec_reader *reader, char end)
{
    const size_t begin = reader->position;

    while (!lwsec_reader_failed(reader) && !at(reader, end)) {
        (void)lwsec_reader_u8(reader); /* fails at the end */
    }
    const lwsec_bytes text = lwsec_reader_since(reader, begin);
    (void)lwsec_reader_u8(reader);
    return text;
}

/* A name, or a value without quotes: at least one character. */
static lwsec_bytes take_token(lwsec_reader *reader)
{
    const size_t begin = reader->position;

    while (lwsec_reader_left(reader) > 0) {
        const uint8_t next = lwsec_reader_peek(reader);
        if (next <= 0x20 || next >= 0x7f || next == ';' || next == ',' || next == '=' ||
            next == '"' || next == '<' || next == '>') {
            break;
        }
        (void)lwsec_reader_u8(reader);
    }
    const lwsec_bytes token = lwsec_reader_since(reader, begin);
    if (token.size == 0) {
        lwsec_reader_fail(reader, LWSEC_WHY_NOT_CANONICAL);
    }
    return token;
}

/* In quotes, in which a backslash stands before a character that is meant as it is: such a value
 * is none of those that are looked for. */
static lwsec_bytes take_value(lwsec_reader *reader)
{
    if (!skip(reader, '"')) {
        return take_token(reader);
    }
    const size_t begin = reader->position;
    while (!lwsec_reader_failed(reader) && !at(reader, '"')) {
        if (lwsec_reader_u8(reader) == '\\') {
            (void)lwsec_reader_u8(reader);
        }
    }
    const lwsec_bytes value = lwsec_reader_since(reader, begin);
    (void)lwsec_reader_u8(reader);
    return value;
}

/* Whether one of the types, between which there is a blank, is this one. */
static bool names(lwsec_bytes types, lwsec_bytes type)
{
    size_t begin = 0;

    for (size_t i = 0; i <= types.size; i++) {
        if (i < types.size && types.data[i] != ' ') {
            continue;
        }
        if (i > begin && same(lwsec_bytes_of(&types.data[begin], i - begin), type)) {
            return true;
        }
        begin = i + 1;
    }
    return false;
}

/* The attributes of a link: whether its type is this one. */
static bool take_attributes(lwsec_reader *reader, lwsec_bytes type)
{
    bool found = false;

    while (skip(reader, ';')) {
        const lwsec_bytes name = take_token(reader);
        const lwsec_bytes value = skip(reader, '=') ? take_value(reader) : lwsec_bytes_of("", 0);
        found = found || (same(name, lwsec_bytes_of("rt", 2)) && names(value, type));
    }
    return found;
}

lwsec_status lwsec_est_find_link(lwsec_bytes links, lwsec_bytes type, lwsec_bytes *path,
                                 lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(links);
    lwsec_bytes found = {NULL, 0};

    *path = found;
    do {
        if (!skip(&reader, '<')) {
            lwsec_reader_fail(&reader, LWSEC_WHY_NOT_CANONICAL);
        }
        const lwsec_bytes target = take_until(&reader, '>');
        const bool here = target.size > 1 && target.data[0] == '/' && target.data[1] != '/';
        if (take_attributes(&reader, type) && here && found.size == 0) {
            found = target;
        }
    } while (skip(&reader, ','));
    const lwsec_status status = lwsec_reader_finish(&reader, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    *path = found;
    return found.size > 0 ? LWSEC_OK : LWSEC_ABSENT;
}
