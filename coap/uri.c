/* URIs taken apart: RFC 7252 section 6.4 over the syntax of RFC 3986. */
#include "coap/uri.h"

#include "coap/uri_characters.h"
#include "core/reader.h"
#include "core/reason.h"

#include <string.h>

typedef struct scheme {
    const char *name;
    uint16_t port;
} scheme;

static const scheme schemes[] = {
    {"coap", 5683},  {"coaps", 5684},   {"coap+tcp", 5683}, {"coaps+tcp", 5684},
    {"coap+ws", 80}, {"coaps+ws", 443}, {"http", 80},       {"https", 443},
};

/* All up to one of `stops`, or to the end. Never NULL data. */
static lwsec_bytes take_until(lwsec_reader *reader, const char *stops)
{
    const size_t begin = reader->position;

    while (lwsec_reader_left(reader) > 0 && !lwsec_uri_among(lwsec_reader_peek(reader), stops)) {
        (void)lwsec_reader_u8(reader);
    }
    return lwsec_bytes_of(&reader->data[begin], reader->position - begin);
}

static bool is_name(lwsec_bytes text, const char *name)
{
    if (text.size != strlen(name)) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (lwsec_uri_lower(text.data[i]) != (uint8_t)name[i]) {
            return false;
        }
    }
    return true;
}

static bool set_scheme(lwsec_coap_uri *uri, lwsec_bytes name)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (is_name(name, schemes[i].name)) {
            uri->scheme = lwsec_bytes_of(schemes[i].name, strlen(schemes[i].name));
            uri->port = schemes[i].port;
            return true;
        }
    }
    return false;
}

/* ---- The server ---- */

/* One to three digits without a leading zero, up to 255, four times: RFC 3986 section 3.2.2. */
static bool is_ipv4(lwsec_reader *reader)
{
    for (unsigned part = 0; part < 4; part++) {
        unsigned value = 0;
        const lwsec_bytes digits = take_until(reader, ".");
        if (digits.size == 0 || digits.size > 3 || (digits.data[0] == '0' && digits.size > 1)) {
            return false;
        }
        for (size_t i = 0; i < digits.size; i++) {
            if (!lwsec_uri_digit(digits.data[i])) {
                return false;
            }
            value = value * 10 + (digits.data[i] - (unsigned)'0');
        }
        if (value > 255 || (part < 3 && lwsec_reader_u8(reader) != '.')) {
            return false;
        }
    }
    return lwsec_reader_left(reader) == 0;
}

static bool is_group(lwsec_bytes group)
{
    for (size_t i = 0; i < group.size; i++) {
        if (lwsec_uri_hex(group.data[i]) > 15) {
            return false;
        }
    }
    return group.size >= 1 && group.size <= 4;
}

static bool holds(lwsec_bytes text, char character)
{
    return text.size > 0 && memchr(text.data, character, text.size) != NULL;
}

/* A colon that goes on to a group, or the second one of the only "::". */
static bool pass_colon(lwsec_reader *reader, bool *shortened)
{
    if (lwsec_reader_u8(reader) != ':') {
        return false;
    }
    if (lwsec_reader_peek(reader) == ':') {
        if (*shortened) {
            return false;
        }
        *shortened = true;
        (void)lwsec_reader_u8(reader);
        return true;
    }
    return lwsec_reader_left(reader) > 0;
}

static bool is_ipv6(lwsec_bytes text)
{
    lwsec_reader reader = lwsec_reader_of(text);
    unsigned groups = 0;
    bool shortened = false;

    if (lwsec_reader_peek(&reader) == ':' && (!pass_colon(&reader, &shortened) || !shortened)) {
        return false;
    }
    while (lwsec_reader_left(&reader) > 0) {
        const size_t begin = reader.position;
        const lwsec_bytes group = take_until(&reader, ":");
        if (holds(group, '.')) {
            reader.position = begin;
            groups += 2;
            if (!is_ipv4(&reader)) {
                return false;
            }
            break;
        }
        groups++;
        if (!is_group(group) ||
            (lwsec_reader_left(&reader) > 0 && !pass_colon(&reader, &shortened))) {
            return false;
        }
    }
    return shortened ? groups < 8 : groups == 8;
}

/* Only what stands for itself, what `more` allows, and well-formed percent-encodings. */
static bool is_clean(lwsec_bytes text, const char *more)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '%') {
            if (text.size - i < 3 || lwsec_uri_hex(text.data[i + 1]) > 15 ||
                lwsec_uri_hex(text.data[i + 2]) > 15) {
                return false;
            }
            i += 2;
        } else if (!lwsec_uri_plain(text.data[i]) && !lwsec_uri_among(text.data[i], more)) {
            return false;
        }
    }
    return true;
}

/* "[...]" as a whole, or all up to the colon. */
static bool set_host(lwsec_coap_uri *uri, lwsec_reader *authority)
{
    if (lwsec_reader_peek(authority) != '[') {
        uri->host = take_until(authority, ":");
        return uri->host.size > 0 && is_clean(uri->host, "");
    }
    (void)lwsec_reader_u8(authority);
    const lwsec_bytes address = take_until(authority, "]");
    uri->host = lwsec_bytes_of(address.data - 1, address.size + 2);
    return lwsec_reader_u8(authority) == ']' && is_ipv6(address);
}

/* No digits after the colon stand for the scheme's own port: RFC 3986 section 3.2.3. */
static bool set_port(lwsec_coap_uri *uri, lwsec_reader *authority)
{
    const uint16_t usual = uri->port;
    uint32_t port = 0;

    uri->port_is_default = true;
    if (lwsec_reader_left(authority) == 0) {
        return true;
    }
    if (lwsec_reader_u8(authority) != ':') {
        return false;
    }
    if (lwsec_reader_left(authority) == 0) {
        return true;
    }
    while (lwsec_reader_left(authority) > 0) {
        const uint8_t digit = lwsec_reader_u8(authority);
        port = port * 10 + (digit - (uint32_t)'0');
        if (!lwsec_uri_digit(digit) || port > UINT16_MAX) {
            return false;
        }
    }
    uri->port = (uint16_t)port;
    uri->port_is_default = uri->port == usual;
    return port != 0;
}

/* ---- The resource ---- */

bool lwsec_coap_uri_part(lwsec_bytes *rest, char separator, lwsec_bytes *part)
{
    if (rest->data == NULL) {
        return false;
    }
    const uint8_t *end = rest->size > 0 ? memchr(rest->data, separator, rest->size) : NULL;
    if (end == NULL) {
        *part = *rest;
        *rest = lwsec_bytes_of(NULL, 0);
        return true;
    }
    const size_t size = (size_t)(end - rest->data);
    *part = lwsec_bytes_of(rest->data, size);
    *rest = lwsec_bytes_of(&rest->data[size + 1], rest->size - size - 1);
    return true;
}

size_t lwsec_coap_uri_decoded_size(lwsec_bytes part)
{
    size_t size = part.size;

    for (size_t i = 0; i < part.size; i++) {
        size -= part.data[i] == '%' ? 2U : 0U;
    }
    return size;
}

/* Whether a segment is "." or "..", in any encoding: no Uri-Path may be (RFC 7252 section 5.10.1).
 */
static bool is_dots(lwsec_bytes part)
{
    uint8_t decoded[2];
    lwsec_writer writer = lwsec_writer_of(decoded, sizeof decoded);

    lwsec_coap_uri_write_decoded(&writer, part);
    return !writer.full && writer.size > 0 && decoded[0] == '.' && decoded[writer.size - 1] == '.';
}

static lwsec_why check_parts(lwsec_bytes parts, char separator)
{
    lwsec_bytes part;

    while (lwsec_coap_uri_part(&parts, separator, &part)) {
        if (lwsec_coap_uri_decoded_size(part) > LWSEC_COAP_URI_PART_MAX) {
            return LWSEC_WHY_TOO_LONG;
        }
        if (separator == LWSEC_COAP_PATH_SEPARATOR && is_dots(part)) {
            return LWSEC_WHY_COAP_URI;
        }
    }
    return LWSEC_WHY_NONE;
}

/* A path of nothing, or of its first slash alone, is no path. */
static lwsec_why set_path(lwsec_coap_uri *uri, lwsec_reader *reader)
{
    uri->path = lwsec_bytes_of(NULL, 0);
    if (lwsec_reader_peek(reader) != '/') {
        return LWSEC_WHY_NONE;
    }
    (void)lwsec_reader_u8(reader);
    const lwsec_bytes path = take_until(reader, "?#");
    if (path.size > 0) {
        uri->path = path;
    }
    return is_clean(path, ":@/") ? check_parts(uri->path, LWSEC_COAP_PATH_SEPARATOR)
                                 : LWSEC_WHY_COAP_URI;
}

static lwsec_why set_query(lwsec_coap_uri *uri, lwsec_reader *reader)
{
    uri->query = lwsec_bytes_of(NULL, 0);
    if (lwsec_reader_peek(reader) != '?') {
        return LWSEC_WHY_NONE;
    }
    (void)lwsec_reader_u8(reader);
    uri->query = take_until(reader, "#");
    return is_clean(uri->query, ":@/?") ? check_parts(uri->query, LWSEC_COAP_QUERY_SEPARATOR)
                                        : LWSEC_WHY_COAP_URI;
}

/* ---- The whole ---- */

static lwsec_why read_server(lwsec_coap_uri *uri, lwsec_reader *reader)
{
    if (!set_scheme(uri, take_until(reader, ":")) || lwsec_reader_u8(reader) != ':' ||
        lwsec_reader_u8(reader) != '/' || lwsec_reader_u8(reader) != '/') {
        return LWSEC_WHY_COAP_URI;
    }
    const size_t begin = reader->position;
    lwsec_reader authority = lwsec_reader_of(take_until(reader, "/?#"));
    if (!set_host(uri, &authority) || !set_port(uri, &authority)) {
        reader->position = begin;
        return LWSEC_WHY_COAP_URI;
    }
    return lwsec_coap_uri_decoded_size(uri->host) > LWSEC_COAP_URI_PART_MAX ? LWSEC_WHY_TOO_LONG
                                                                            : LWSEC_WHY_NONE;
}

static lwsec_why read_uri(lwsec_coap_uri *uri, lwsec_reader *reader)
{
    lwsec_why why = read_server(uri, reader);

    if (why == LWSEC_WHY_NONE) {
        why = set_path(uri, reader);
    }
    if (why == LWSEC_WHY_NONE) {
        why = set_query(uri, reader);
    }
    if (why == LWSEC_WHY_NONE && lwsec_reader_left(reader) > 0) {
        why = LWSEC_WHY_COAP_URI; /* a fragment */
    }
    return why;
}

lwsec_status lwsec_coap_uri_decode(lwsec_bytes text, lwsec_coap_uri *uri, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(text);
    lwsec_coap_uri read;

    if (text.size == 0) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_COAP_URI, 0, reason);
    }
    if (text.size > LWSEC_COAP_URI_MAX) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_TOO_LONG, LWSEC_COAP_URI_MAX, reason);
    }
    const lwsec_why why = read_uri(&read, &reader);
    if (why != LWSEC_WHY_NONE) {
        return lwsec_refuse(LWSEC_REJECT, why, reader.position, reason);
    }
    *uri = read;
    return lwsec_accept(reason);
}
