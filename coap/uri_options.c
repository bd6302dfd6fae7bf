/* A URI as options and as text again: RFC 7252 sections 5.10 and 6.5. */
#include "coap/option.h"
#include "coap/uri.h"
#include "coap/uri_characters.h"

void lwsec_coap_uri_write_decoded(lwsec_writer *writer, lwsec_bytes part)
{
    for (size_t i = 0; i < part.size; i++) {
        if (part.data[i] == '%') {
            lwsec_writer_u8(writer, (uint8_t)(lwsec_uri_hex(part.data[i + 1]) << 4 |
                                              lwsec_uri_hex(part.data[i + 2])));
            i += 2;
        } else {
            lwsec_writer_u8(writer, part.data[i]);
        }
    }
}

uint32_t lwsec_coap_uri_write_options(lwsec_writer *writer, uint32_t previous, uint32_t number,
                                      lwsec_bytes parts, char separator)
{
    lwsec_bytes part;

    while (lwsec_coap_uri_part(&parts, separator, &part)) {
        lwsec_coap_write_option_header(writer, number - previous,
                                       (uint32_t)lwsec_coap_uri_decoded_size(part));
        lwsec_coap_uri_write_decoded(writer, part);
        previous = number;
    }
    return previous;
}

/* ---- Scheme, host and port ---- */

/* Takes the next byte of a host: percent-decoded, in lower case whichever way it was written. */
static uint8_t next_of_host(lwsec_bytes host, size_t *at)
{
    uint8_t byte = host.data[*at];

    if (byte == '%') {
        byte =
            (uint8_t)(lwsec_uri_hex(host.data[*at + 1]) << 4 | lwsec_uri_hex(host.data[*at + 2]));
        *at += 2;
    }
    *at += 1;
    return lwsec_uri_lower(byte);
}

/* As Uri-Host has it. */
static void write_host(lwsec_writer *writer, lwsec_bytes host)
{
    for (size_t at = 0; at < host.size;) {
        lwsec_writer_u8(writer, next_of_host(host, &at));
    }
}

/* As a URI has it: percent-encoded where it cannot stand for itself. Brackets and colons are those
 * of an address unless they were encoded. */
static void write_host_encoded(lwsec_writer *writer, lwsec_bytes host)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t at = 0; at < host.size;) {
        const bool encoded = host.data[at] == '%';
        const uint8_t byte = next_of_host(host, &at);
        if (encoded && !lwsec_uri_plain(byte)) {
            lwsec_writer_u8(writer, '%');
            lwsec_writer_u8(writer, (uint8_t)digits[byte >> 4]);
            lwsec_writer_u8(writer, (uint8_t)digits[byte & 0x0f]);
        } else {
            lwsec_writer_u8(writer, byte);
        }
    }
}

static void write_port(lwsec_writer *writer, uint16_t port)
{
    bool begun = false;

    lwsec_writer_u8(writer, ':');
    for (unsigned unit = 10000; unit > 0; unit /= 10) {
        const unsigned digit = port / unit % 10;
        begun = begun || digit > 0;
        if (begun) {
            lwsec_writer_u8(writer, (uint8_t)('0' + digit));
        }
    }
}

void lwsec_coap_uri_write_origin(lwsec_writer *writer, const lwsec_coap_uri *uri)
{
    lwsec_writer_bytes(writer, uri->scheme);
    lwsec_writer_bytes(writer, lwsec_bytes_of("://", 3));
    write_host_encoded(writer, uri->host);
    if (!uri->port_is_default) {
        write_port(writer, uri->port);
    }
}

lwsec_status lwsec_coap_uri_origin(const lwsec_coap_uri *uri, lwsec_buffer *out)
{
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);

    out->size = 0;
    lwsec_coap_uri_write_origin(&writer, uri);
    if (writer.full) {
        return LWSEC_BUFFER;
    }
    out->size = writer.size;
    return LWSEC_OK;
}

/* ---- Options in an array ---- */

typedef struct listing {
    lwsec_coap_option *options;
    size_t capacity;
    size_t count;
    lwsec_writer room;
} listing;

/* Adds an option whose value was written into the room from `from` on. */
static void add(listing *list, uint32_t number, size_t from)
{
    if (list->count == list->capacity) {
        list->room.full = true;
    }
    if (!list->room.full) {
        list->options[list->count++] = (lwsec_coap_option){
            number, lwsec_bytes_of(&list->room.data[from], list->room.size - from)};
    }
}

static void add_parts(listing *list, uint32_t number, lwsec_bytes parts, char separator)
{
    lwsec_bytes part;

    while (lwsec_coap_uri_part(&parts, separator, &part)) {
        const size_t from = list->room.size;
        lwsec_coap_uri_write_decoded(&list->room, part);
        add(list, number, from);
    }
}

static void add_server(listing *list, const lwsec_coap_uri *uri)
{
    uint8_t port[4];

    write_host(&list->room, uri->host);
    add(list, LWSEC_COAP_URI_HOST, 0);
    if (!uri->port_is_default) {
        const size_t from = list->room.size;
        lwsec_writer_bytes(&list->room, lwsec_coap_uint_value(uri->port, port));
        add(list, LWSEC_COAP_URI_PORT, from);
    }
}

lwsec_status lwsec_coap_uri_options(const lwsec_coap_uri *uri, lwsec_coap_option *options,
                                    size_t capacity, size_t *count, lwsec_buffer *room)
{
    listing list = {options, capacity, 0, lwsec_writer_of(room->data, room->capacity)};

    *count = 0;
    room->size = 0;
    add_server(&list, uri);
    add_parts(&list, LWSEC_COAP_URI_PATH, uri->path, LWSEC_COAP_PATH_SEPARATOR);
    add_parts(&list, LWSEC_COAP_URI_QUERY, uri->query, LWSEC_COAP_QUERY_SEPARATOR);
    const size_t from = list.room.size;
    lwsec_writer_bytes(&list.room, uri->scheme);
    add(&list, LWSEC_COAP_PROXY_SCHEME, from);
    if (list.room.full) {
        return LWSEC_BUFFER;
    }
    *count = list.count;
    room->size = list.room.size;
    return LWSEC_OK;
}
