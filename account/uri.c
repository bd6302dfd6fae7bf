/* What a LwM2M Server URI tells: scheme, host, whether it is an address. */
#include "account/uri.h"

#include "core/reader.h"

#include <string.h>

#define LABEL_MAX 63U
#define NAME_MAX 253U

static const struct {
    const char *name;
    lwsec_scheme scheme;
} schemes[] = {
    {"coap", {true, false, false, 5683}},     {"coaps", {true, true, false, 5684}},
    {"coap+tcp", {true, false, false, 5683}}, {"coaps+tcp", {true, true, false, 5684}},
    {"coap+ws", {true, false, false, 80}},    {"coaps+ws", {true, true, false, 443}},
    {"http", {true, false, false, 80}},       {"https", {true, true, false, 443}},
    {"mqtt", {true, false, true, 1883}},      {"mqtts", {true, true, true, 8883}},
};

static uint8_t lower(uint8_t character)
{
    return character >= 'A' && character <= 'Z' ? (uint8_t)(character | 0x20U) : character;
}

bool lwsec_same_host(lwsec_bytes one, lwsec_bytes other)
{
    if (one.size != other.size) {
        return false;
    }
    for (size_t i = 0; i < one.size; i++) {
        if (lower(one.data[i]) != lower(other.data[i])) {
            return false;
        }
    }
    return true;
}

/* What stands before the next of these characters, or to the end; the reader stands there. */
static lwsec_bytes take_until(lwsec_reader *reader, const char *ends)
{
    const size_t begin = reader->position;

    while (lwsec_reader_left(reader) > 0 &&
           (lwsec_reader_peek(reader) == 0 || strchr(ends, lwsec_reader_peek(reader)) == NULL)) {
        (void)lwsec_reader_u8(reader);
    }
    return lwsec_reader_since(reader, begin);
}

lwsec_scheme lwsec_scheme_of(lwsec_bytes uri)
{
    lwsec_reader reader = lwsec_reader_of(uri);
    const lwsec_bytes scheme = take_until(&reader, ":");

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (lwsec_same_host(scheme, lwsec_bytes_of(schemes[i].name, strlen(schemes[i].name)))) {
            return schemes[i].scheme;
        }
    }
    return (lwsec_scheme){false, false, false, 0};
}

static uint16_t read_port(lwsec_reader *reader, uint16_t absent)
{
    uint32_t port = 0;

    if (lwsec_reader_peek(reader) != ':') {
        return absent;
    }
    (void)lwsec_reader_u8(reader);
    while (lwsec_reader_peek(reader) >= '0' && lwsec_reader_peek(reader) <= '9' && port < 65536) {
        port = port * 10 + (lwsec_reader_u8(reader) - (uint32_t)'0');
    }
    return port > 0 && port < 65536 ? (uint16_t)port : absent;
}

lwsec_bytes lwsec_host_of(lwsec_bytes uri, uint16_t *port)
{
    lwsec_reader reader = lwsec_reader_of(uri);

    (void)take_until(&reader, ":");
    if (!lwsec_equal_secret(lwsec_reader_take(&reader, 3), lwsec_bytes_of("://", 3))) {
        *port = 0;
        return lwsec_bytes_of(NULL, 0);
    }
    const size_t begin = reader.position;
    if (lwsec_reader_peek(&reader) == '[') {
        (void)take_until(&reader, "]/?#");
        (void)lwsec_reader_u8(&reader);
    } else {
        (void)take_until(&reader, ":/?#");
    }
    const lwsec_bytes host = lwsec_reader_since(&reader, begin);
    *port = read_port(&reader, lwsec_scheme_of(uri).port);
    return host;
}

static bool is_label_character(uint8_t character)
{
    return (lower(character) >= 'a' && lower(character) <= 'z') ||
           (character >= '0' && character <= '9') || character == '-' || character == '_';
}

static bool is_label(lwsec_bytes label)
{
    if (label.size == 0 || label.size > LABEL_MAX || label.data[0] == '-' ||
        label.data[label.size - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < label.size; i++) {
        if (!is_label_character(label.data[i])) {
            return false;
        }
    }
    return true;
}

/* A last label of digits alone is an address: no top level domain is. */
static bool is_number(lwsec_bytes label)
{
    for (size_t i = 0; i < label.size; i++) {
        if (label.data[i] < '0' || label.data[i] > '9') {
            return false;
        }
    }
    return true;
}

bool lwsec_is_host_name(lwsec_bytes text)
{
    lwsec_reader reader = lwsec_reader_of(text);
    lwsec_bytes label = {NULL, 0};

    if (text.size == 0 || text.size > NAME_MAX) {
        return false;
    }
    do {
        label = take_until(&reader, ".");
        if (!is_label(label)) {
            return false;
        }
    } while (lwsec_reader_u8(&reader) == '.');
    return !is_number(label);
}

bool lwsec_host_is_address(lwsec_bytes uri)
{
    uint16_t port;
    const lwsec_bytes host = lwsec_host_of(uri, &port);

    return host.size > 0 && (host.data[0] == '[' || !lwsec_is_host_name(host));
}
