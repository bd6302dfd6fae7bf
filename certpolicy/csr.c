/* Certificate requests: PKCS #10 (RFC 2986). */
#include <lwsec/csr.h>

#include "certpolicy/der_certificate.h"
#include "certpolicy/der_write.h"
#include "certpolicy/name.h"
#include "core/reason.h"
#include "crypto/use.h"

#define SIGNATURE_SIZE 64U
#define HOST_MAX 253U
#define URI_MAX 255U

/* ---- Names, checked ---- */

/* The last number of the OID 2.5.4.n, the string, and the most characters. */
typedef struct attribute_form {
    uint8_t number;
    uint8_t tag;
    uint8_t max;
} attribute_form;

static const attribute_form forms[] = {
    [LWSEC_CSR_COMMON_NAME] = {3, LWSEC_DER_UTF8_STRING, 64},
    [LWSEC_CSR_SERIAL_NUMBER] = {5, LWSEC_DER_PRINTABLE_STRING, 64},
    [LWSEC_CSR_COUNTRY] = {6, LWSEC_DER_PRINTABLE_STRING, 2},
    [LWSEC_CSR_LOCALITY] = {7, LWSEC_DER_UTF8_STRING, 128},
    [LWSEC_CSR_STATE] = {8, LWSEC_DER_UTF8_STRING, 128},
    [LWSEC_CSR_ORGANIZATION] = {10, LWSEC_DER_UTF8_STRING, 64},
    [LWSEC_CSR_UNIT] = {11, LWSEC_DER_UTF8_STRING, 64},
};

static const attribute_form *form_of(lwsec_csr_attribute_kind kind)
{
    const size_t place = (size_t)kind;

    return place < sizeof forms / sizeof forms[0] && forms[place].number != 0 ? &forms[place]
                                                                              : NULL;
}

static bool is_letter(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static bool is_printable(lwsec_bytes text)
{
    static const char others[] = " '()+,-./:=?";

    for (size_t i = 0; i < text.size; i++) {
        const uint8_t byte = text.data[i];
        bool found = is_letter(byte) || (byte >= '0' && byte <= '9');
        for (size_t j = 0; !found && others[j] != '\0'; j++) {
            found = byte == (uint8_t)others[j];
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool has_controls(lwsec_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        /* C0, DEL, and C1 behind its first byte in UTF-8. */
        if (text.data[i] < 0x20 || text.data[i] == 0x7f ||
            (text.data[i] < 0xa0 && i > 0 && text.data[i - 1] == 0xc2)) {
            return true;
        }
    }
    return false;
}

static size_t characters(lwsec_bytes utf8)
{
    size_t count = 0;

    for (size_t i = 0; i < utf8.size; i++) {
        count += (utf8.data[i] & 0xc0U) != 0x80 ? 1U : 0U;
    }
    return count;
}

static bool attribute_is_good(const lwsec_csr_attribute *attribute)
{
    const attribute_form *form = form_of(attribute->kind);
    const lwsec_bytes value = attribute->value;

    if (form == NULL || value.size == 0 || characters(value) > form->max) {
        return false;
    }
    if (attribute->kind == LWSEC_CSR_COUNTRY) {
        return value.size == 2 && is_letter(value.data[0]) && is_letter(value.data[1]);
    }
    const lwsec_der element = {form->tag, value, {NULL, 0}};
    return form->tag == LWSEC_DER_PRINTABLE_STRING
               ? is_printable(value)
               : lwsec_der_is_text(&element) && !has_controls(value);
}

static bool is_visible(lwsec_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= 0x20 || text.data[i] >= 0x7f) {
            return false;
        }
    }
    return true;
}

static bool name_is_good(const lwsec_csr_name *name)
{
    const lwsec_bytes value = name->value;

    switch (name->kind) {
    case LWSEC_CSR_DNS: return value.size <= HOST_MAX && lwsec_name_is_dns(value);
    case LWSEC_CSR_URI: return value.size > 0 && value.size <= URI_MAX && is_visible(value);
    case LWSEC_CSR_IP: return value.size == 4 || value.size == 16;
    default: return false;
    }
}

static lwsec_status check_names(const lwsec_csr_config *config, lwsec_reason *reason)
{
    for (size_t i = 0; i < config->subject_count; i++) {
        if (!attribute_is_good(&config->subject[i])) {
            return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CSR_NAME, i, reason);
        }
    }
    for (size_t i = 0; i < config->name_count; i++) {
        if (!name_is_good(&config->names[i])) {
            return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CSR_NAME, config->subject_count + i, reason);
        }
    }
    return LWSEC_OK;
}

static bool is_known(const lwsec_csr_config *config)
{
    const bool renews = config->renews.size > 0;

    return config->size == sizeof *config && (config->subject_count == 0) == renews &&
           (config->name_count == 0 || !renews) &&
           config->subject_count <= LWSEC_CSR_ATTRIBUTES_MAX &&
           config->name_count <= LWSEC_CSR_NAMES_MAX;
}

/* ---- Names, written ---- */

static void put_attribute(lwsec_writer *writer, const lwsec_csr_attribute *attribute)
{
    const attribute_form *form = form_of(attribute->kind);
    const uint8_t oid[] = {0x55, 0x04, form->number};
    const size_t rdn = lwsec_der_begin(writer, LWSEC_DER_SET);
    const size_t pair = lwsec_der_begin(writer, LWSEC_DER_SEQUENCE);

    lwsec_der_put(writer, LWSEC_DER_OID, lwsec_bytes_of(oid, sizeof oid));
    lwsec_der_put(writer, form->tag, attribute->value);
    lwsec_der_end(writer, pair);
    lwsec_der_end(writer, rdn);
}

static void put_subject(lwsec_writer *writer, const lwsec_csr_config *config,
                        const lwsec_cert_view *renewed)
{
    if (config->renews.size > 0) {
        lwsec_writer_bytes(writer, renewed->subject);
        return;
    }
    const size_t name = lwsec_der_begin(writer, LWSEC_DER_SEQUENCE);
    for (size_t i = 0; i < config->subject_count; i++) {
        put_attribute(writer, &config->subject[i]);
    }
    lwsec_der_end(writer, name);
}

static void put_name(lwsec_writer *writer, const lwsec_csr_name *name)
{
    static const uint8_t tags[] = {
        [LWSEC_CSR_DNS] = LWSEC_DER_CONTEXT | 2,
        [LWSEC_CSR_URI] = LWSEC_DER_CONTEXT | 6,
        [LWSEC_CSR_IP] = LWSEC_DER_CONTEXT | 7,
    };

    lwsec_der_put(writer, tags[name->kind], name->value);
}

/* subjectAltName as an extension; critical where nothing else names the subject (RFC 5280 section
 * 4.2.1.6). */
static void put_alt_names(lwsec_writer *writer, const lwsec_csr_config *config,
                          const lwsec_cert_view *renewed)
{
    static const uint8_t oid[] = {0x55, 0x1d, 0x11};
    static const uint8_t yes[] = {0xff};
    const size_t extension = lwsec_der_begin(writer, LWSEC_DER_SEQUENCE);

    lwsec_der_put(writer, LWSEC_DER_OID, lwsec_bytes_of(oid, sizeof oid));
    if ((renewed->critical & LWSEC_EXT_ALT_NAME) != 0) {
        lwsec_der_put(writer, LWSEC_DER_BOOLEAN, lwsec_bytes_of(yes, sizeof yes));
    }
    const size_t value = lwsec_der_begin(writer, LWSEC_DER_OCTET_STRING);
    const size_t names = lwsec_der_begin(writer, LWSEC_DER_SEQUENCE);
    lwsec_writer_bytes(writer, renewed->alt_names);
    for (size_t i = 0; i < config->name_count; i++) {
        put_name(writer, &config->names[i]);
    }
    lwsec_der_end(writer, names);
    lwsec_der_end(writer, value);
    lwsec_der_end(writer, extension);
}

/* The attribute extensionRequest (RFC 2985 section 5.4.2), if an extension is asked for. */
static void put_attributes(lwsec_writer *writer, const lwsec_csr_config *config,
                           const lwsec_cert_view *renewed)
{
    static const uint8_t oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e};
    const size_t attributes = lwsec_der_begin(writer, LWSEC_DER_CONTEXT_CONSTRUCTED);

    if (config->name_count > 0 || renewed->alt_names.size > 0) {
        const size_t attribute = lwsec_der_begin(writer, LWSEC_DER_SEQUENCE);
        lwsec_der_put(writer, LWSEC_DER_OID, lwsec_bytes_of(oid, sizeof oid));
        const size_t values = lwsec_der_begin(writer, LWSEC_DER_SET);
        const size_t extensions = lwsec_der_begin(writer, LWSEC_DER_SEQUENCE);
        put_alt_names(writer, config, renewed);
        lwsec_der_end(writer, extensions);
        lwsec_der_end(writer, values);
        lwsec_der_end(writer, attribute);
    }
    lwsec_der_end(writer, attributes);
}

/* ---- The request ---- */

static void put_info(lwsec_writer *writer, const lwsec_csr_config *config,
                     const lwsec_cert_view *renewed, lwsec_bytes key)
{
    static const uint8_t version[] = {0};
    const size_t info = lwsec_der_begin(writer, LWSEC_DER_SEQUENCE);

    lwsec_der_put(writer, LWSEC_DER_INTEGER, lwsec_bytes_of(version, sizeof version));
    put_subject(writer, config, renewed);
    lwsec_writer_bytes(writer, key);
    put_attributes(writer, config, renewed);
    lwsec_der_end(writer, info);
}

static void put_signature(lwsec_writer *writer, const uint8_t signature[SIGNATURE_SIZE])
{
    static const uint8_t algorithm[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                        0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
    static const uint8_t whole_bytes[] = {0};

    lwsec_writer_bytes(writer, lwsec_bytes_of(algorithm, sizeof algorithm));
    const size_t bits = lwsec_der_begin(writer, LWSEC_DER_BIT_STRING);
    lwsec_writer_bytes(writer, lwsec_bytes_of(whole_bytes, sizeof whole_bytes));
    const size_t pair = lwsec_der_begin(writer, LWSEC_DER_SEQUENCE);
    lwsec_der_put_unsigned(writer, lwsec_bytes_of(signature, SIGNATURE_SIZE / 2));
    lwsec_der_put_unsigned(writer,
                           lwsec_bytes_of(&signature[SIGNATURE_SIZE / 2], SIGNATURE_SIZE / 2));
    lwsec_der_end(writer, pair);
    lwsec_der_end(writer, bits);
}

/* R-5.2.4-17: signed with the private key whose public key it holds. */
static lwsec_status write_request(const lwsec_csr_config *config, const lwsec_cert_view *renewed,
                                  lwsec_buffer *request, lwsec_reason *reason)
{
    lwsec_writer writer = lwsec_writer_of(request->data, request->capacity);
    uint8_t key[LWSEC_DER_P256_INFO];
    uint8_t signature[SIGNATURE_SIZE];

    lwsec_status status = lwsec_der_public_key(config->key, key);
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, LWSEC_WHY_KEY_USAGE, 0, reason);
    }
    const size_t whole = lwsec_der_begin(&writer, LWSEC_DER_SEQUENCE);
    put_info(&writer, config, renewed, lwsec_bytes_of(key, sizeof key));
    if (writer.full) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    const lwsec_bytes info = lwsec_bytes_of(&writer.data[whole], writer.size - whole);
    status = lwsec_key_at_once(config->key,
                               lwsec_key_sign(config->key, info, signature, sizeof signature));
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, LWSEC_WHY_KEY_USAGE, 0, reason);
    }
    put_signature(&writer, signature);
    lwsec_der_end(&writer, whole);
    if (writer.full) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    request->size = writer.size;
    return lwsec_accept(reason);
}

lwsec_status lwsec_csr_make(const lwsec_csr_config *config, lwsec_buffer *request,
                            lwsec_reason *reason)
{
    lwsec_cert_view renewed = {.version = 0};

    request->size = 0;
    if (!is_known(config)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (config->key.store == NULL) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_KEY_USAGE, 0, reason);
    }
    lwsec_status status = check_names(config, reason);
    if (status == LWSEC_OK && config->renews.size > 0) {
        status = lwsec_cert_view_read(config->renews, &renewed, reason);
    }
    return status == LWSEC_OK ? write_request(config, &renewed, request, reason) : status;
}
