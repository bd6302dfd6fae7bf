/* Certificates and data objects: public bytes by name, and bytes that need the login. */
#include "pkcs11/operations.h"

#include "core/epoch.h"
#include "core/reader.h"

#include <string.h>

/* One object of a class and name: to be read, written or removed. */
typedef struct access {
    CK_OBJECT_CLASS class;
    lwsec_bytes name;
    lwsec_bytes value;   /* to write */
    lwsec_buffer *out;   /* to read */
    lwsec_status answer; /* what the caller is told when the calls went well */
    lwsec_bytes subject; /* of a certificate: names, and its number, in DER */
    lwsec_bytes issuer;
    lwsec_bytes number;
} access;

static void describe(lwsec_p11_template *of, const access *work)
{
    lwsec_p11_add_number(of, CKA_CLASS, work->class);
    lwsec_p11_add_flag(of, CKA_TOKEN, true);
    lwsec_p11_add(of, CKA_LABEL, work->name);
}

/* A token that passes over an attribute of a template finds other objects too: LWSEC_P11_LACKING.
 */
static CK_RV check_object(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                          const access *work)
{
    uint8_t name[LWSEC_KEY_NAME_MAX];
    CK_ULONG class = 0;
    size_t size = 0;

    CK_RV rv = lwsec_p11_read(self, session, object, CKA_CLASS, &class, sizeof class, &size);
    if (rv == CKR_OK && (size != sizeof class || class != work->class)) {
        rv = LWSEC_P11_LACKING;
    }
    if (rv == CKR_OK) {
        rv = lwsec_p11_read(self, session, object, CKA_LABEL, name, sizeof name, &size);
    }
    return rv == CKR_OK && !lwsec_equal_secret(lwsec_bytes_of(name, size), work->name)
               ? LWSEC_P11_LACKING
               : rv;
}

/* What is there by that name. */
typedef struct finding {
    const access *work;
    lwsec_p11_one one;
} finding;

static CK_RV find_next(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                       void *arguments)
{
    finding *found = arguments;
    const CK_RV rv = check_object(self, session, object, found->work);

    if (rv == CKR_OK) {
        found->one.object = object;
        found->one.count++;
    }
    return rv == LWSEC_P11_LACKING ? CKR_OK : rv;
}

static CK_RV find_one(lwsec_p11_store *self, CK_SESSION_HANDLE session, const access *work,
                      lwsec_p11_one *one)
{
    lwsec_p11_template wanted = {.count = 0};
    finding found = {work, {0, 0}};

    describe(&wanted, work);
    const CK_RV rv = lwsec_p11_search(self, session, &wanted, find_next, &found);
    *one = found.one;
    return rv;
}

static CK_RV read_value(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                        access *work)
{
    CK_ATTRIBUTE value = {CKA_VALUE, NULL, 0};
    CK_RV rv = lwsec_p11_calls(self)->C_GetAttributeValue(session, object, &value, 1);

    if (rv != CKR_OK || value.ulValueLen == CK_UNAVAILABLE_INFORMATION) {
        return rv != CKR_OK ? rv : CKR_FUNCTION_FAILED;
    }
    if (value.ulValueLen > work->out->capacity) {
        work->answer = LWSEC_BUFFER;
        return CKR_OK;
    }
    const CK_ULONG size = value.ulValueLen;
    value.pValue = work->out->data;
    rv = lwsec_p11_calls(self)->C_GetAttributeValue(session, object, &value, 1);
    if (rv == CKR_OK && value.ulValueLen == size) {
        work->out->size = size;
        return CKR_OK;
    }
    lwsec_wipe(work->out->data, size);
    return rv == CKR_OK ? CKR_FUNCTION_FAILED : rv; /* it was changed between the two calls */
}

static CK_RV get(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                 void *arguments)
{
    access *work = arguments;
    lwsec_p11_one one;
    const CK_RV rv = find_one(self, session, work, &one);

    (void)none;
    work->out->size = 0;
    work->answer = one.count == 1 ? LWSEC_OK : one.count == 0 ? LWSEC_ABSENT : LWSEC_REJECT;
    return rv == CKR_OK && one.count == 1 ? read_value(self, session, one.object, work) : rv;
}

/* The CKA_ID of the key with this name, so that the two belong together. */
static size_t id_of_key(lwsec_p11_store *self, CK_SESSION_HANDLE session, lwsec_bytes name,
                        uint8_t id[LWSEC_P11_ID_SIZE])
{
    lwsec_p11_template wanted = {.count = 0};
    lwsec_p11_one one;
    size_t size = 0;

    lwsec_p11_add_number(&wanted, CKA_CLASS, CKO_PRIVATE_KEY);
    lwsec_p11_add_flag(&wanted, CKA_TOKEN, true);
    lwsec_p11_add(&wanted, CKA_LABEL, name);
    if (lwsec_p11_search_one(self, session, &wanted, &one) != CKR_OK || one.count != 1 ||
        lwsec_p11_read(self, session, one.object, CKA_ID, id, LWSEC_P11_ID_SIZE, &size) != CKR_OK) {
        return 0;
    }
    return size;
}

static CK_RV write_new(lwsec_p11_store *self, CK_SESSION_HANDLE session, const access *work,
                       CK_OBJECT_HANDLE *object)
{
    uint8_t id[LWSEC_P11_ID_SIZE];
    lwsec_p11_template new_object = {.count = 0};

    describe(&new_object, work);
    if (work->class == CKO_CERTIFICATE) {
        const size_t id_size = id_of_key(self, session, work->name, id);
        lwsec_p11_add_number(&new_object, CKA_CERTIFICATE_TYPE, CKC_X_509);
        lwsec_p11_add_flag(&new_object, CKA_PRIVATE, false);
        lwsec_p11_add(&new_object, CKA_SUBJECT, work->subject);
        lwsec_p11_add(&new_object, CKA_ISSUER, work->issuer);
        lwsec_p11_add(&new_object, CKA_SERIAL_NUMBER, work->number);
        if (id_size > 0) {
            lwsec_p11_add(&new_object, CKA_ID, lwsec_bytes_of(id, id_size));
        }
    } else {
        lwsec_p11_add_flag(&new_object, CKA_PRIVATE, true);
        lwsec_p11_add(&new_object, CKA_APPLICATION, lwsec_bytes_of("lwsec", 5));
    }
    lwsec_p11_add(&new_object, CKA_VALUE, work->value);
    return lwsec_p11_calls(self)->C_CreateObject(session, new_object.list, new_object.count,
                                                 object);
}

/* All of that name but `keep`. Objects are many only if somebody else put them there. */
typedef struct sweep {
    const access *work;
    CK_OBJECT_HANDLE keep;
    CK_OBJECT_HANDLE found[8];
    size_t count;
} sweep;

static CK_RV collect(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                     void *arguments)
{
    sweep *work = arguments;
    const CK_RV rv = check_object(self, session, object, work->work);

    if (rv != CKR_OK) {
        return rv == LWSEC_P11_LACKING ? CKR_OK : rv;
    }
    if (object != work->keep) {
        work->found[work->count++] = object;
    }
    return work->count < sizeof work->found / sizeof work->found[0] ? CKR_OK : LWSEC_P11_LACKING;
}

static CK_RV remove_others(lwsec_p11_store *self, CK_SESSION_HANDLE session, const access *work,
                           CK_OBJECT_HANDLE keep, size_t *removed)
{
    CK_RV rv = CKR_OK;
    sweep others = {.work = work, .keep = keep, .count = 1};

    *removed = 0;
    while (rv == CKR_OK && others.count > 0) {
        lwsec_p11_template wanted = {.count = 0};
        describe(&wanted, work);
        others.count = 0;
        rv = lwsec_p11_search(self, session, &wanted, collect, &others);
        for (size_t i = 0; i < others.count && rv == CKR_OK; i++) {
            rv = lwsec_p11_calls(self)->C_DestroyObject(session, others.found[i]);
        }
        *removed += others.count;
    }
    return rv;
}

/* First the new one, then the old ones go: a power cut leaves two and not none. */
static CK_RV put(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                 void *arguments)
{
    access *work = arguments;
    CK_OBJECT_HANDLE object = 0;
    size_t removed = 0;

    (void)none;
    work->answer = LWSEC_OK;
    const CK_RV rv = write_new(self, session, work, &object);
    if (rv != CKR_OK) {
        return lwsec_p11_is_loss(rv) ? rv : LWSEC_P11_LACKING;
    }
    return remove_others(self, session, work, object, &removed);
}

static CK_RV take_away(lwsec_p11_store *self, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE none,
                       void *arguments)
{
    access *work = arguments;
    size_t removed = 0;
    const CK_RV rv = remove_others(self, session, work, 0, &removed);

    (void)none;
    work->answer = removed > 0 ? LWSEC_OK : LWSEC_ABSENT;
    return rv;
}

static lwsec_status run(lwsec_store *store, lwsec_p11_step step, access *work)
{
    if (lwsec_pkcs11_capabilities(store) == 0 || work->name.size == 0 ||
        work->name.size > LWSEC_KEY_NAME_MAX) {
        return LWSEC_USAGE;
    }
    if (store->epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    const lwsec_status status =
        lwsec_p11_run(lwsec_p11_store_of(store), LWSEC_P11_NO_KEY, step, work);
    return status == LWSEC_OK ? work->answer : status;
}

/* ---- The few fields of a certificate that the standard wants beside it ---- */

lwsec_bytes lwsec_p11_element(lwsec_reader *reader, lwsec_reader *inside)
{
    const size_t begin = reader->position;

    (void)lwsec_reader_u8(reader);
    size_t size = lwsec_reader_u8(reader);
    if (size >= 0x80U) {
        const size_t count = size & 0x7fU;
        if (count == 0 || count > 3) {
            lwsec_reader_fail(reader, LWSEC_WHY_CERT_MALFORMED);
        }
        size = lwsec_reader_failed(reader) ? 0 : (size_t)lwsec_reader_uint(reader, count);
    }
    *inside = lwsec_reader_of(lwsec_reader_take(reader, size));
    return lwsec_reader_since(reader, begin);
}

/* Certificate, TBSCertificate: version, serialNumber, signature, issuer, validity, subject. */
static bool read_fields(access *work)
{
    lwsec_reader all = lwsec_reader_of(work->value);
    lwsec_reader certificate;
    lwsec_reader tbs;
    lwsec_reader skipped;

    (void)lwsec_p11_element(&all, &certificate);
    (void)lwsec_p11_element(&certificate, &tbs);
    if (lwsec_reader_peek(&tbs) == 0xa0U) {
        (void)lwsec_p11_element(&tbs, &skipped);
    }
    work->number = lwsec_p11_element(&tbs, &skipped);
    (void)lwsec_p11_element(&tbs, &skipped);
    work->issuer = lwsec_p11_element(&tbs, &skipped);
    (void)lwsec_p11_element(&tbs, &skipped);
    work->subject = lwsec_p11_element(&tbs, &skipped);
    return !lwsec_reader_failed(&all) && !lwsec_reader_failed(&certificate) &&
           !lwsec_reader_failed(&tbs) && lwsec_reader_left(&all) == 0 && work->subject.size > 0;
}

/* ---- The calls ---- */

static access of_certificate(lwsec_bytes name)
{
    const access work = {.class = CKO_CERTIFICATE, .name = name, .answer = LWSEC_ENGINE};

    return work;
}

static access of_data(lwsec_bytes name)
{
    const access work = {.class = CKO_DATA, .name = name, .answer = LWSEC_ENGINE};

    return work;
}

lwsec_status lwsec_pkcs11_get_certificate(lwsec_store *store, lwsec_bytes name, lwsec_buffer *der)
{
    access work = of_certificate(name);

    work.out = der;
    der->size = 0;
    return run(store, get, &work);
}

lwsec_status lwsec_pkcs11_put_certificate(lwsec_store *store, lwsec_bytes name, lwsec_bytes der)
{
    access work = of_certificate(name);

    work.value = der;
    return read_fields(&work) ? run(store, put, &work) : LWSEC_USAGE;
}

lwsec_status lwsec_pkcs11_remove_certificate(lwsec_store *store, lwsec_bytes name)
{
    access work = of_certificate(name);

    return run(store, take_away, &work);
}

lwsec_status lwsec_pkcs11_get_data(lwsec_store *store, lwsec_bytes name, lwsec_buffer *data)
{
    access work = of_data(name);

    work.out = data;
    data->size = 0;
    return run(store, get, &work);
}

lwsec_status lwsec_pkcs11_put_data(lwsec_store *store, lwsec_bytes name, lwsec_bytes data)
{
    access work = of_data(name);

    work.value = data;
    return run(store, put, &work);
}

lwsec_status lwsec_pkcs11_remove_data(lwsec_store *store, lwsec_bytes name)
{
    access work = of_data(name);

    return run(store, take_away, &work);
}
