/* Covers pkcs11/uri.c: what is read lies in its text, and is read again after it was printed. */
#include <lwsec/pkcs11.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

#define FIELDS 10U

static void fields_of(const lwsec_pkcs11_uri *uri, lwsec_bytes fields[FIELDS])
{
    const lwsec_bytes all[FIELDS] = {uri->token.label, uri->token.serial, uri->token.manufacturer,
                                     uri->token.model, uri->object,       uri->id,
                                     uri->type,        uri->module_path,  uri->module_name,
                                     uri->pin_source};

    memcpy(fields, all, sizeof all);
}

static void check_field(const lwsec_pkcs11_uri *uri, lwsec_bytes field)
{
    if (field.data != NULL) {
        const uintptr_t offset = (uintptr_t)field.data - (uintptr_t)uri->text;
        require(field.size <= LWSEC_PKCS11_FIELD_MAX);
        require(offset <= sizeof uri->text && field.size <= sizeof uri->text - offset);
    } else {
        require(field.size == 0);
    }
}

static void check_same(lwsec_bytes one, lwsec_bytes other)
{
    require((one.data == NULL) == (other.data == NULL) && one.size == other.size);
    require(one.size == 0 || memcmp(one.data, other.data, one.size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lwsec_pkcs11_uri uri, again;
    static uint8_t room[LWSEC_PKCS11_URI_MAX];
    static const lwsec_pkcs11_uri nothing;
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_bytes fields[FIELDS], same[FIELDS];
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_pkcs11_uri_parse(lwsec_bytes_of(data, size), &uri, &reason);

    require((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    if (status != LWSEC_OK) {
        require(status == LWSEC_REJECT && reason.offset <= size);
        require(memcmp(&uri, &nothing, sizeof uri) == 0);
        return 0;
    }
    require(lwsec_pkcs11_uri_print(&uri, &out) == LWSEC_OK);
    require(lwsec_pkcs11_uri_parse(lwsec_buffer_bytes(&out), &again, NULL) == LWSEC_OK);
    fields_of(&uri, fields);
    fields_of(&again, same);
    for (size_t i = 0; i < FIELDS; i++) {
        check_field(&uri, fields[i]);
        check_same(fields[i], same[i]);
    }
    return 0;
}
