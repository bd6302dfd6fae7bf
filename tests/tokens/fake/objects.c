/* The objects of the fake token. The lock is held in all of it. */
#include "tests/tokens/fake/parts.h"

#include <stdlib.h>
#include <string.h>

static fake_object objects[FAKE_OBJECTS];
static CK_OBJECT_HANDLE next_handle = 1000;
static bool value_read;

bool fake_value_was_read(void)
{
    return value_read;
}

void fake_forget_value_was_read(void)
{
    value_read = false;
}

const fake_attribute *fake_attribute_of(const fake_object *object, CK_ATTRIBUTE_TYPE type)
{
    for (CK_ULONG i = 0; i < object->count; i++) {
        if (object->attributes[i].type == type) {
            return &object->attributes[i];
        }
    }
    return NULL;
}

bool fake_is_true(const fake_object *object, CK_ATTRIBUTE_TYPE type)
{
    const fake_attribute *attribute = fake_attribute_of(object, type);

    return attribute != NULL && attribute->size == 1 && attribute->value[0] == CK_TRUE;
}

CK_RV fake_set(fake_object *object, CK_ATTRIBUTE_TYPE type, const void *value, CK_ULONG size)
{
    fake_attribute *attribute = NULL;

    for (CK_ULONG i = 0; i < object->count; i++) {
        attribute = object->attributes[i].type == type ? &object->attributes[i] : attribute;
    }
    if (attribute == NULL && object->count < FAKE_ATTRIBUTES) {
        attribute = &object->attributes[object->count++];
    }
    CK_BYTE *copy = size <= FAKE_VALUE_MAX ? malloc(size != 0 ? size : 1) : NULL;
    if (attribute == NULL || copy == NULL) {
        free(copy);
        return CKR_DEVICE_MEMORY;
    }
    if (size != 0) {
        memcpy(copy, value, size);
    }
    free(attribute->value);
    attribute->type = type;
    attribute->size = size;
    attribute->value = copy;
    return CKR_OK;
}

static void destroy(fake_object *object)
{
    for (CK_ULONG i = 0; i < object->count; i++) {
        free(object->attributes[i].value);
    }
    memset(object, 0, sizeof *object);
}

/* A private object is there for who is logged in. */
static bool is_visible(const fake_object *object)
{
    return object->handle != 0 && (fake_is_logged_in() || !fake_is_true(object, CKA_PRIVATE));
}

fake_object *fake_object_of(CK_OBJECT_HANDLE handle)
{
    for (size_t i = 0; i < FAKE_OBJECTS && handle != 0; i++) {
        if (objects[i].handle == handle && is_visible(&objects[i])) {
            return &objects[i];
        }
    }
    return NULL;
}

/* What real tokens refuse as well. */
static CK_RV check_template(const fake_session *session, const fake_object *object)
{
    const fake_attribute *class = fake_attribute_of(object, CKA_CLASS);
    const fake_attribute *type = fake_attribute_of(object, CKA_KEY_TYPE);
    const fake_attribute *value = fake_attribute_of(object, CKA_VALUE);
    CK_ULONG key_type = 0;

    if (class == NULL || class->size != sizeof(CK_ULONG)) {
        return CKR_TEMPLATE_INCOMPLETE;
    }
    if (fake_is_true(object, CKA_PRIVATE) && !fake_is_logged_in()) {
        return CKR_USER_NOT_LOGGED_IN;
    }
    if (fake_is_true(object, CKA_TOKEN) && !session->writable) {
        return CKR_SESSION_READ_ONLY;
    }
    if (type == NULL || type->size != sizeof key_type) {
        return CKR_OK;
    }
    memcpy(&key_type, type->value, sizeof key_type);
    if (key_type == CKK_AES && value != NULL && value->size != 16 && value->size != 24 &&
        value->size != 32) {
        return CKR_ATTRIBUTE_VALUE_INVALID;
    }
    if (key_type == CKK_DES3 && value != NULL && value->size != 24) {
        return CKR_ATTRIBUTE_VALUE_INVALID;
    }
    return CKR_OK;
}

CK_RV fake_create(fake_session *session, const CK_ATTRIBUTE *attributes, CK_ULONG count,
                  CK_OBJECT_HANDLE *handle)
{
    fake_object *object = NULL;
    CK_RV rv = CKR_OK;

    for (size_t i = 0; i < FAKE_OBJECTS && object == NULL; i++) {
        object = objects[i].handle == 0 ? &objects[i] : NULL;
    }
    if (object == NULL) {
        return CKR_DEVICE_MEMORY;
    }
    for (CK_ULONG i = 0; i < count && rv == CKR_OK; i++) {
        rv = fake_set(object, attributes[i].type, attributes[i].pValue, attributes[i].ulValueLen);
    }
    if (rv == CKR_OK) {
        rv = check_template(session, object);
    }
    if (rv != CKR_OK) {
        destroy(object);
        return rv;
    }
    object->session = fake_is_true(object, CKA_TOKEN) ? 0 : session->handle;
    object->handle = next_handle++;
    *handle = object->handle;
    return CKR_OK;
}

CK_RV fake_destroy_object(const fake_session *session, CK_OBJECT_HANDLE handle)
{
    fake_object *object = fake_object_of(handle);

    if (object == NULL) {
        return CKR_OBJECT_HANDLE_INVALID;
    }
    if (object->session == 0 && !session->writable) {
        return CKR_SESSION_READ_ONLY;
    }
    destroy(object);
    return CKR_OK;
}

void fake_destroy_session_objects(CK_SESSION_HANDLE session)
{
    for (size_t i = 0; i < FAKE_OBJECTS; i++) {
        if (objects[i].handle != 0 && objects[i].session == session) {
            destroy(&objects[i]);
        }
    }
}

void fake_renew_private_handles(void)
{
    for (size_t i = 0; i < FAKE_OBJECTS; i++) {
        if (objects[i].handle != 0 && fake_is_true(&objects[i], CKA_PRIVATE)) {
            objects[i].handle = next_handle++;
            if (objects[i].session != 0) {
                destroy(&objects[i]);
            }
        }
    }
}

void fake_destroy_objects(void)
{
    for (size_t i = 0; i < FAKE_OBJECTS; i++) {
        destroy(&objects[i]);
    }
}

unsigned fake_count_session_objects(void)
{
    unsigned count = 0;

    for (size_t i = 0; i < FAKE_OBJECTS; i++) {
        count += objects[i].handle != 0 && objects[i].session != 0 ? 1 : 0;
    }
    return count;
}

static bool matches(const fake_object *object, const CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    for (CK_ULONG i = 0; i < count; i++) {
        const fake_attribute *attribute = fake_attribute_of(object, attributes[i].type);
        if (attribute == NULL || attribute->size != attributes[i].ulValueLen ||
            (attribute->size != 0 &&
             memcmp(attribute->value, attributes[i].pValue, attribute->size) != 0)) {
            return false;
        }
    }
    return true;
}

CK_RV fake_find_init(fake_session *session, const CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    if (session->finding) {
        return CKR_OPERATION_ACTIVE;
    }
    session->finding = true;
    session->found_count = 0;
    session->found_at = 0;
    for (size_t i = 0; i < FAKE_OBJECTS; i++) {
        if (is_visible(&objects[i]) && matches(&objects[i], attributes, count)) {
            session->found[session->found_count++] = objects[i].handle;
        }
    }
    return CKR_OK;
}

CK_RV fake_find(fake_session *session, CK_OBJECT_HANDLE *handles, CK_ULONG room, CK_ULONG *count)
{
    if (!session->finding) {
        return CKR_OPERATION_NOT_INITIALIZED;
    }
    for (*count = 0; *count < room && session->found_at < session->found_count; (*count)++) {
        handles[*count] = session->found[session->found_at++];
    }
    return CKR_OK;
}

CK_RV fake_find_final(fake_session *session)
{
    const bool was = session->finding;

    session->finding = false;
    return was ? CKR_OK : CKR_OPERATION_NOT_INITIALIZED;
}

static bool is_secret(const fake_object *object, CK_ATTRIBUTE_TYPE type)
{
    const fake_attribute *class = fake_attribute_of(object, CKA_CLASS);
    CK_ULONG number = 0;

    memcpy(&number, class->value, sizeof number);
    return type == CKA_VALUE && (number == CKO_SECRET_KEY || number == CKO_PRIVATE_KEY);
}

CK_RV fake_get_attributes(CK_OBJECT_HANDLE handle, CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    const fake_object *object = fake_object_of(handle);
    CK_RV rv = CKR_OK;

    if (object == NULL) {
        return CKR_OBJECT_HANDLE_INVALID;
    }
    for (CK_ULONG i = 0; i < count; i++) {
        const fake_attribute *attribute = fake_attribute_of(object, attributes[i].type);
        const CK_ULONG room = attributes[i].ulValueLen;
        attributes[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
        if (is_secret(object, attributes[i].type)) {
            value_read = true;
            rv = 0x11UL; /* CKR_ATTRIBUTE_SENSITIVE */
        } else if (attribute == NULL) {
            rv = CKR_ATTRIBUTE_TYPE_INVALID;
        } else if (attributes[i].pValue == NULL || room >= attribute->size) {
            attributes[i].ulValueLen = attribute->size;
            if (attributes[i].pValue != NULL) {
                memcpy(attributes[i].pValue, attribute->value, attribute->size);
            }
        } else {
            rv = CKR_BUFFER_TOO_SMALL;
        }
    }
    return rv;
}
