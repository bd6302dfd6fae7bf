/* Values of the OSCORE object, and the configuration made of them: section 5.5.7.1. */
#include <lwsec/oscore_object.h>

#include "account/hex.h"
#include "account/utf8.h"
#include "core/reason.h"
#include "core/writer.h"

#define FLAGS (LWSEC_OSCORE_OBJECT_HEX | LWSEC_OSCORE_OBJECT_WEAK_SECRET)

lwsec_status lwsec_oscore_object_init(lwsec_oscore_object *object,
                                      lwsec_oscore_object_version version, uint16_t instance,
                                      uint32_t flags)
{
    const bool known = version == LWSEC_OSCORE_OBJECT_2_0 || version == LWSEC_OSCORE_OBJECT_1_0 ||
                       version == LWSEC_OSCORE_OBJECT_1_1;

    lwsec_oscore_object_wipe(object);
    if (!known || (flags & ~(uint32_t)FLAGS) != 0 ||
        (version == LWSEC_OSCORE_OBJECT_2_0 && (flags & LWSEC_OSCORE_OBJECT_HEX) != 0)) {
        return LWSEC_USAGE;
    }
    object->size = sizeof *object;
    object->version = version;
    object->instance = instance;
    object->flags = flags;
    return LWSEC_OK;
}

void lwsec_oscore_object_wipe(lwsec_oscore_object *object)
{
    lwsec_wipe(object, sizeof *object);
}

static bool is_integer(uint16_t resource)
{
    return resource == LWSEC_OSCORE_OBJECT_AEAD || resource == LWSEC_OSCORE_OBJECT_HMAC;
}

static bool has_resource(const lwsec_oscore_object *object, uint16_t resource)
{
    return resource < (object->version == LWSEC_OSCORE_OBJECT_1_0 ? LWSEC_OSCORE_OBJECT_ID_CONTEXT
                                                                  : LWSEC_OSCORE_OBJECT_RESOURCES);
}

static void unset(lwsec_oscore_object *object, uint16_t resource)
{
    lwsec_wipe(object->values[resource], sizeof object->values[resource]);
    object->views[resource] = lwsec_bytes_of(NULL, 0);
    object->present &= ~(UINT32_C(1) << resource);
}

/* T-24: the bytes of a String are the value, unless the caller says that they are digits. */
static lwsec_why write_value(const lwsec_oscore_object *object, lwsec_writer *writer,
                             lwsec_bytes value)
{
    bool good = true;

    if ((object->flags & LWSEC_OSCORE_OBJECT_HEX) != 0) {
        good = lwsec_hex_read(value, writer);
    } else {
        good = object->version == LWSEC_OSCORE_OBJECT_2_0 || lwsec_utf8_valid(value);
        lwsec_writer_bytes(writer, value);
    }
    if (writer->full) {
        return LWSEC_WHY_TOO_LONG;
    }
    return good ? LWSEC_WHY_NONE : LWSEC_WHY_ACCOUNT;
}

lwsec_status lwsec_oscore_object_set(lwsec_oscore_object *object, uint16_t resource,
                                     lwsec_bytes value, lwsec_reason *reason)
{
    if (!has_resource(object, resource) || is_integer(resource)) {
        return lwsec_refuse(LWSEC_ABSENT, LWSEC_WHY_ACCOUNT, 0, reason);
    }
    unset(object, resource);
    uint8_t *const room = object->values[resource];
    lwsec_writer writer = lwsec_writer_of(room, LWSEC_OSCORE_OBJECT_VALUE_MAX);
    const lwsec_why why = write_value(object, &writer, value);
    if (why != LWSEC_WHY_NONE) {
        unset(object, resource);
        return lwsec_refuse(LWSEC_REJECT, why, 0, reason);
    }
    object->views[resource] = lwsec_bytes_of(room, writer.size);
    object->present |= UINT32_C(1) << resource;
    return lwsec_accept(reason);
}

lwsec_status lwsec_oscore_object_set_integer(lwsec_oscore_object *object, uint16_t resource,
                                             int64_t value)
{
    if (!is_integer(resource)) {
        return LWSEC_ABSENT;
    }
    if (resource == LWSEC_OSCORE_OBJECT_AEAD) {
        object->aead = value;
    } else {
        object->hmac = value;
    }
    object->present |= UINT32_C(1) << resource;
    return LWSEC_OK;
}

static bool is_fatal(const lwsec_oscore_object *object)
{
    lwsec_finding findings[LWSEC_OSCORE_OBJECT_FINDINGS_MAX];
    const size_t count =
        lwsec_oscore_object_check(object, findings, LWSEC_OSCORE_OBJECT_FINDINGS_MAX);

    for (size_t i = 0; i < count; i++) {
        if (findings[i].fatal) {
            return true;
        }
    }
    return false;
}

/* R-5.5.7.1-08, R-5.5.7.1-09: salt and ID Context are optional. */
lwsec_status lwsec_oscore_object_config(lwsec_oscore_object *object, lwsec_store *store,
                                        lwsec_oscore_config *config, lwsec_reason *reason)
{
    const lwsec_key_attributes attributes = {
        .size = sizeof attributes, .algorithm = LWSEC_ALG_HKDF, .usage = LWSEC_USE_EXTRACT};
    lwsec_key secret;

    if (is_fatal(object)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_ACCOUNT, 0, reason);
    }
    const lwsec_status status =
        lwsec_key_import(store, &attributes, object->views[LWSEC_OSCORE_OBJECT_SECRET], &secret);
    if (status != LWSEC_OK) {
        return lwsec_refuse(status, LWSEC_WHY_KEY_STORE, 0, reason);
    }
    unset(object, LWSEC_OSCORE_OBJECT_SECRET);
    config->size = sizeof *config;
    config->secret = secret;
    config->sender_id = object->views[LWSEC_OSCORE_OBJECT_SENDER_ID];
    config->recipient_id = object->views[LWSEC_OSCORE_OBJECT_RECIPIENT_ID];
    config->salt = object->views[LWSEC_OSCORE_OBJECT_SALT];
    config->id_context = object->views[LWSEC_OSCORE_OBJECT_ID_CONTEXT];
    config->aead = (int32_t)object->aead; /* 0: not set, RFC 8613's own */
    config->hmac = (int32_t)object->hmac;
    return lwsec_accept(reason);
}
