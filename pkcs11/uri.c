/* URIs of PKCS#11 objects (RFC 7512): one bounded reader, every attribute once. */
#include <lwsec/pkcs11.h>

#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"

/* Where an attribute stands: before or after the '?'. */
typedef enum part { IN_PATH = 0, IN_QUERY = 1 } part;

/* One attribute that may stand in a URI. */
typedef struct known {
    const char *name;
    size_t size;    /* of the name */
    part where;     /* RFC 7512 section 2.3 */
    size_t field;   /* of lwsec_pkcs11_uri; NOT_KEPT where only the form is checked */
    size_t longest; /* of the decoded value */
} known;

#define NOT_KEPT SIZE_MAX
#define NAMED(name) (name), sizeof(name) - 1
#define FIELD(member) offsetof(lwsec_pkcs11_uri, member)

/* Printed in this order. The lengths are those of CK_TOKEN_INFO, or what lwsec has room for. */
static const known attributes[] = {
    {NAMED("token"), IN_PATH, FIELD(token.label), 32},
    {NAMED("serial"), IN_PATH, FIELD(token.serial), 16},
    {NAMED("manufacturer"), IN_PATH, FIELD(token.manufacturer), 32},
    {NAMED("model"), IN_PATH, FIELD(token.model), 16},
    {NAMED("object"), IN_PATH, FIELD(object), LWSEC_PKCS11_FIELD_MAX},
    {NAMED("id"), IN_PATH, FIELD(id), LWSEC_PKCS11_FIELD_MAX},
    {NAMED("type"), IN_PATH, FIELD(type), 10},
    {NAMED("library-manufacturer"), IN_PATH, NOT_KEPT, 32},
    {NAMED("library-description"), IN_PATH, NOT_KEPT, 32},
    {NAMED("library-version"), IN_PATH, NOT_KEPT, 7},
    {NAMED("slot-manufacturer"), IN_PATH, NOT_KEPT, 32},
    {NAMED("slot-description"), IN_PATH, NOT_KEPT, 64},
    {NAMED("slot-id"), IN_PATH, NOT_KEPT, 20},
    {NAMED("module-path"), IN_QUERY, FIELD(module_path), LWSEC_PKCS11_FIELD_MAX},
    {NAMED("module-name"), IN_QUERY, FIELD(module_name), LWSEC_PKCS11_FIELD_MAX},
    {NAMED("pin-source"), IN_QUERY, FIELD(pin_source), LWSEC_PKCS11_FIELD_MAX},
};

#define KNOWN_COUNT (sizeof attributes / sizeof attributes[0])

static lwsec_bytes *field_of(lwsec_pkcs11_uri *uri, const known *attribute)
{
    return (lwsec_bytes *)(void *)((uint8_t *)uri + attribute->field);
}

static bool is_text(lwsec_bytes bytes, const char *text, size_t size)
{
    return lwsec_equal_secret(bytes, lwsec_bytes_of(text, size));
}

/* Index of an attribute, or KNOWN_COUNT. */
static size_t find(lwsec_bytes name, part where)
{
    size_t i = 0;

    while (i < KNOWN_COUNT && !(attributes[i].where == where &&
                                is_text(name, attributes[i].name, attributes[i].size))) {
        i++;
    }
    return i;
}

static bool is_alphanumeric(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

/* Whether a byte may stand in a value as it is: unreserved, or a reserved one that neither ends an
 * attribute nor begins the next part. A query may have '/' and '?' too, and not '&'. */
static bool is_plain(uint8_t byte, part where)
{
    static const char always[] = "-._~:[]@!$'()*+,=";
    const char *own = where == IN_PATH ? "&" : "/?|";

    return is_alphanumeric(byte) ||
           (byte != 0 && (strchr(always, byte) != NULL || strchr(own, byte) != NULL));
}

static uint8_t nibble(lwsec_reader *reader)
{
    const uint8_t byte = lwsec_reader_u8(reader);

    if (byte >= '0' && byte <= '9') {
        return (uint8_t)(byte - '0');
    }
    if ((byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F')) {
        return (uint8_t)((byte | 0x20U) - 'a' + 10U);
    }
    lwsec_reader_fail(reader, LWSEC_WHY_PKCS11_URI);
    return 0;
}

/* The characters of a name of attribute. */
static lwsec_bytes read_name(lwsec_reader *reader)
{
    const size_t begin = reader->position;

    while (is_alphanumeric(lwsec_reader_peek(reader)) || lwsec_reader_peek(reader) == '-' ||
           lwsec_reader_peek(reader) == '_') {
        (void)lwsec_reader_u8(reader);
    }
    return lwsec_reader_since(reader, begin);
}

static bool ends_value(const lwsec_reader *reader, part where)
{
    const uint8_t next = lwsec_reader_peek(reader);

    return lwsec_reader_failed(reader) || lwsec_reader_left(reader) == 0 ||
           (where == IN_PATH ? next == ';' || next == '?' : next == '&');
}

/* Decodes a value into the writer. A NUL would end a label or path early: refused. */
static void read_value(lwsec_reader *reader, part where, lwsec_writer *out)
{
    while (!ends_value(reader, where)) {
        uint8_t byte = lwsec_reader_u8(reader);
        if (byte == '%') {
            byte = (uint8_t)(nibble(reader) << 4);
            byte = (uint8_t)(byte | nibble(reader));
        } else if (!is_plain(byte, where)) {
            lwsec_reader_fail(reader, LWSEC_WHY_PKCS11_URI);
        }
        lwsec_writer_u8(out, byte);
    }
    if (out->full) {
        lwsec_reader_fail(reader, LWSEC_WHY_PKCS11_URI);
    }
}

static bool has_nul(lwsec_bytes value)
{
    return value.size > 0 && memchr(value.data, 0, value.size) != NULL;
}

static bool is_type(lwsec_bytes value)
{
    static const struct {
        const char *text;
        size_t size;
    } types[] = {{NAMED("private")},
                 {NAMED("public")},
                 {NAMED("cert")},
                 {NAMED("secret-key")},
                 {NAMED("data")}};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (is_text(value, types[i].text, types[i].size)) {
            return true;
        }
    }
    return false;
}

/* Takes a decoded value into its field. CKA_ID is any bytes; the others are text. */
static void keep(lwsec_reader *reader, lwsec_pkcs11_uri *uri, const known *attribute,
                 lwsec_bytes value)
{
    if (attribute->field == NOT_KEPT) {
        return;
    }
    const bool any_bytes = attribute->field == FIELD(id);
    if (value.size > attribute->longest || (!any_bytes && has_nul(value)) ||
        (attribute->field == FIELD(type) && !is_type(value))) {
        lwsec_reader_fail(reader, LWSEC_WHY_PKCS11_URI);
        return;
    }
    *field_of(uri, attribute) = value;
}

/* One attribute, "name=value". The value is decoded into the text of the URI, behind `out`. */
static void read_attribute(lwsec_reader *reader, part where, lwsec_pkcs11_uri *uri,
                           lwsec_writer *out, uint32_t *seen)
{
    const lwsec_bytes name = read_name(reader);
    const size_t begin = out->size;

    if (name.size == 0 || lwsec_reader_u8(reader) != '=') {
        lwsec_reader_fail(reader, LWSEC_WHY_PKCS11_URI);
        return;
    }
    if (is_text(name, NAMED("pin-value"))) {
        lwsec_reader_fail(reader, LWSEC_WHY_PKCS11_PIN_VALUE);
        return;
    }
    const size_t index = find(name, where);
    if (index == KNOWN_COUNT && where == IN_PATH) {
        lwsec_reader_fail(reader, LWSEC_WHY_PKCS11_URI);
        return;
    }
    read_value(reader, where, out);
    const lwsec_bytes value = {&out->data[begin], out->size - begin};
    if (index == KNOWN_COUNT || attributes[index].field == NOT_KEPT) {
        out->size = begin; /* RFC 7512 section 2.3 lets vendors add to the query */
    }
    if (index == KNOWN_COUNT) {
        return;
    }
    if ((*seen >> index & 1U) != 0) {
        lwsec_reader_fail(reader, LWSEC_WHY_PKCS11_URI);
        return;
    }
    *seen |= (uint32_t)1 << index;
    keep(reader, uri, &attributes[index], value);
}

/* Attributes with a separator between them. */
static void read_part(lwsec_reader *reader, part where, lwsec_pkcs11_uri *uri, lwsec_writer *out)
{
    uint32_t seen = 0;

    read_attribute(reader, where, uri, out, &seen);
    while (!lwsec_reader_failed(reader) &&
           lwsec_reader_peek(reader) == (where == IN_PATH ? ';' : '&')) {
        (void)lwsec_reader_u8(reader);
        read_attribute(reader, where, uri, out, &seen);
    }
}

/* The scheme, in letters of either case (RFC 3986 section 3.1). */
static void read_scheme(lwsec_reader *reader)
{
    static const char scheme[] = "pkcs11:";

    for (size_t i = 0; i < sizeof scheme - 1; i++) {
        const uint8_t byte = lwsec_reader_u8(reader);
        const uint8_t lower = byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20U) : byte;
        if (lower != (uint8_t)scheme[i]) {
            lwsec_reader_fail(reader, LWSEC_WHY_PKCS11_URI);
        }
    }
}

lwsec_status lwsec_pkcs11_uri_parse(lwsec_bytes text, lwsec_pkcs11_uri *uri, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(text);
    lwsec_writer out = lwsec_writer_of(uri->text, sizeof uri->text);

    memset(uri, 0, sizeof *uri);
    read_scheme(&reader);
    if (lwsec_reader_left(&reader) > 0 && lwsec_reader_peek(&reader) != '?') {
        read_part(&reader, IN_PATH, uri, &out);
    }
    if (lwsec_reader_peek(&reader) == '?') {
        (void)lwsec_reader_u8(&reader);
        read_part(&reader, IN_QUERY, uri, &out);
    }
    if (lwsec_reader_left(&reader) > 0) {
        lwsec_reader_fail(&reader, LWSEC_WHY_TRAILING_BYTES);
    }
    if (lwsec_reader_failed(&reader)) {
        lwsec_wipe(uri, sizeof *uri);
        return lwsec_refuse(LWSEC_REJECT, reader.why, reader.position, reason);
    }
    return lwsec_accept(reason);
}

static void print_value(lwsec_writer *out, lwsec_bytes value)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < value.size; i++) {
        const uint8_t byte = value.data[i];
        if (is_alphanumeric(byte) || (byte != 0 && strchr("-._~", byte) != NULL)) {
            lwsec_writer_u8(out, byte);
        } else {
            lwsec_writer_u8(out, '%');
            lwsec_writer_u8(out, (uint8_t)digits[byte >> 4]);
            lwsec_writer_u8(out, (uint8_t)digits[byte & 0xfU]);
        }
    }
}

/* Prints the attributes of one part; the first comes after `first`, the others after `next`. */
static void print_part(lwsec_writer *out, part where, const lwsec_pkcs11_uri *uri, char first,
                       char next)
{
    char before = first;

    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        const known *attribute = &attributes[i];
        if (attribute->where != where || attribute->field == NOT_KEPT) {
            continue;
        }
        const lwsec_bytes *value =
            (const lwsec_bytes *)(const void *)((const uint8_t *)uri + attribute->field);
        if (value->data == NULL) {
            continue;
        }
        if (before != '\0') {
            lwsec_writer_u8(out, (uint8_t)before);
        }
        before = next;
        lwsec_writer_bytes(out, lwsec_bytes_of(attribute->name, attribute->size));
        lwsec_writer_u8(out, '=');
        print_value(out, *value);
    }
}

lwsec_status lwsec_pkcs11_uri_print(const lwsec_pkcs11_uri *uri, lwsec_buffer *text)
{
    lwsec_writer out = lwsec_writer_of(text->data, text->capacity);

    text->size = 0;
    lwsec_writer_bytes(&out, lwsec_bytes_of("pkcs11:", 7));
    print_part(&out, IN_PATH, uri, '\0', ';');
    print_part(&out, IN_QUERY, uri, '?', '&');
    if (out.full) {
        return LWSEC_BUFFER;
    }
    text->size = out.size;
    return LWSEC_OK;
}
