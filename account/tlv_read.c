/* Payloads of Writes on the objects of accounts. */
#include <lwsec/lwm2m_tlv.h>

#include "account/image.h"
#include "account/resources.h"
#include "account/tlv_values.h"
#include "core/reason.h"

/* A walk over a payload: once to look at all of it, once to set. */
typedef struct walk {
    lwsec_accounts *accounts;
    uint16_t object;
    bool sets;
    size_t room; /* that the values need at most */
} walk;

static lwsec_status refuse(lwsec_reason *reason)
{
    return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_VALUE, 0, reason);
}

/* Sees whether the value would be taken, by setting it in accounts of its own that are too small to
 * take any: what is wrong with the value is found before that, but for a size that no entry has. */
static lwsec_status try_value(const lwsec_accounts *accounts, lwsec_path path,
                              const lwsec_value *value, lwsec_reason *reason)
{
    lwsec_accounts nothing = *accounts;

    nothing.capacity = 0;
    nothing.size = 0;
    const lwsec_status status = lwsec_accounts_set(&nothing, path, value, reason);
    return status == LWSEC_BUFFER && value->bytes.size <= UINT16_MAX ? lwsec_accept(reason)
                                                                     : status;
}

static size_t room_of(const lwsec_value *value)
{
    switch (value->type) {
    case LWSEC_VALUE_STRING:
    case LWSEC_VALUE_OPAQUE: return value->bytes.size;
    case LWSEC_VALUE_BOOLEAN: return 1;
    case LWSEC_VALUE_LINK: return 4;
    default: return 8;
    }
}

static lwsec_status take_value(walk *of, lwsec_path path, const lwsec_resource *resource,
                               lwsec_bytes bytes, lwsec_reason *reason)
{
    lwsec_value value;

    if (!lwsec_tlv_value_read((lwsec_value_type)resource->type, bytes, &value)) {
        return refuse(reason);
    }
    if (of->sets) {
        return lwsec_accounts_set(of->accounts, path, &value, reason);
    }
    of->room += LWSEC_ENTRY_HEADER + room_of(&value);
    return try_value(of->accounts, path, &value, reason);
}

static lwsec_status take_multiple(walk *of, lwsec_path path, const lwsec_resource *resource,
                                  lwsec_bytes items, lwsec_reason *reason)
{
    lwsec_tlv item;
    size_t position = 0;
    lwsec_status status = LWSEC_OK;

    if (of->sets) {
        const lwsec_status gone = lwsec_accounts_delete(of->accounts, path);
        (void)gone; /* there may have been none */
    }
    for (;;) {
        status = lwsec_tlv_read(items, &position, &item, reason);
        if (status != LWSEC_OK) {
            break;
        }
        if (item.kind != LWSEC_TLV_RESOURCE_INSTANCE) {
            return refuse(reason);
        }
        path.resource_instance = item.id;
        status = take_value(of, path, resource, item.value, reason);
        if (status != LWSEC_OK) {
            return status;
        }
    }
    return status == LWSEC_ABSENT ? LWSEC_OK : status;
}

static lwsec_status take_resource(walk *of, uint16_t instance, const lwsec_tlv *item,
                                  lwsec_reason *reason)
{
    const lwsec_path path = lwsec_path_of(of->object, instance, item->id);
    const lwsec_resource *resource =
        lwsec_resource_find(of->object, lwsec_accounts_version(of->accounts, of->object), item->id);

    if (item->kind != LWSEC_TLV_RESOURCE && item->kind != LWSEC_TLV_MULTIPLE) {
        return refuse(reason);
    }
    if (resource == NULL || resource->type == LWSEC_VALUE_NONE) {
        return LWSEC_OK;
    }
    if (resource->multiple != (item->kind == LWSEC_TLV_MULTIPLE)) {
        return refuse(reason);
    }
    return resource->multiple ? take_multiple(of, path, resource, item->value, reason)
                              : take_value(of, path, resource, item->value, reason);
}

static lwsec_status take_instance(walk *of, uint16_t instance, lwsec_bytes items,
                                  lwsec_reason *reason)
{
    lwsec_tlv item;
    size_t position = 0;
    lwsec_status status = LWSEC_OK;

    if (instance == LWSEC_PATH_NONE) {
        return refuse(reason);
    }
    while ((status = lwsec_tlv_read(items, &position, &item, reason)) == LWSEC_OK) {
        status = take_resource(of, instance, &item, reason);
        if (status != LWSEC_OK) {
            return status;
        }
    }
    return status == LWSEC_ABSENT ? LWSEC_OK : status;
}

static lwsec_status take_object(walk *of, lwsec_bytes items, lwsec_reason *reason)
{
    lwsec_tlv item;
    size_t position = 0;
    lwsec_status status = LWSEC_OK;

    while ((status = lwsec_tlv_read(items, &position, &item, reason)) == LWSEC_OK) {
        status = item.kind == LWSEC_TLV_INSTANCE ? take_instance(of, item.id, item.value, reason)
                                                 : refuse(reason);
        if (status != LWSEC_OK) {
            return status;
        }
    }
    return status == LWSEC_ABSENT ? LWSEC_OK : status;
}

static lwsec_status go(walk *of, uint16_t instance, lwsec_bytes payload, lwsec_reason *reason)
{
    return instance == LWSEC_PATH_NONE ? take_object(of, payload, reason)
                                       : take_instance(of, instance, payload, reason);
}

/* R-5-02, R-5.2.1-06: what a bootstrap brings. */
lwsec_status lwsec_accounts_read_tlv(lwsec_accounts *accounts, uint16_t object, uint16_t instance,
                                     lwsec_bytes payload, lwsec_reason *reason)
{
    walk of = {accounts, object, false, 0};

    if (lwsec_object_newest(object) == 0) {
        return lwsec_refuse(LWSEC_ABSENT, LWSEC_WHY_RESOURCE, 0, reason);
    }
    const lwsec_status status = go(&of, instance, payload, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    if (of.room > accounts->capacity - accounts->size) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    of.sets = true;
    (void)lwsec_accept(reason);
    return go(&of, instance, payload, reason);
}
