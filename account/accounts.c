/* Values by path: what a resource takes, and what is given back. */
#include "account/image.h"
#include "account/resources.h"
#include "account/utf8.h"
#include "core/reason.h"
#include "core/writer.h"
#include "state/value.h"

#include <string.h>

#define FLAGS                                                                                      \
    (LWSEC_ACCOUNTS_LAX | LWSEC_ACCOUNTS_HEX | LWSEC_ACCOUNTS_WEAK_SECRETS |                       \
     LWSEC_ACCOUNTS_NOSEC | LWSEC_ACCOUNTS_NO_SERVERS)
#define KEY_NAME_MAX 255U

_Static_assert(sizeof(lwsec_accounts) <= LWSEC_ACCOUNTS_SIZE(0), "it fits its reserve");

static const uint16_t objects[5] = {LWSEC_OBJECT_SECURITY, LWSEC_OBJECT_SERVER, LWSEC_OBJECT_ACCESS,
                                    LWSEC_OBJECT_OSCORE, LWSEC_OBJECT_COSE};

/* ---- Making and closing ---- */

size_t lwsec_accounts_size(size_t bytes)
{
    return sizeof(lwsec_accounts) + bytes;
}

static bool take_versions(const lwsec_accounts_config *config, uint16_t versions[5])
{
    const uint16_t asked[5] = {config->security_version, config->server_version,
                               config->access_version, config->oscore_version,
                               config->cose_version};

    for (size_t i = 0; i < 5; i++) {
        versions[i] = asked[i] != 0 ? asked[i] : lwsec_object_newest(objects[i]);
        if (!lwsec_object_has_version(objects[i], versions[i])) {
            return false;
        }
    }
    return true;
}

lwsec_status lwsec_accounts_init(void *memory, size_t size, const lwsec_accounts_config *config,
                                 lwsec_accounts **accounts)
{
    uint16_t versions[5];

    if (accounts == NULL || !lwsec_memory_fits(memory) || config == NULL ||
        config->size != sizeof *config || (config->flags & ~(uint32_t)FLAGS) != 0 ||
        !take_versions(config, versions)) {
        return LWSEC_USAGE;
    }
    if (size < sizeof(lwsec_accounts)) {
        return LWSEC_BUFFER;
    }
    lwsec_accounts *made = memory;
    memset(made, 0, size);
    memcpy(made->versions, versions, sizeof versions);
    made->flags = config->flags;
    made->capacity = size - sizeof *made;
    *accounts = made;
    return LWSEC_OK;
}

lwsec_status lwsec_accounts_set_flags(lwsec_accounts *accounts, uint32_t flags)
{
    if ((flags & ~(uint32_t)FLAGS) != 0) {
        return LWSEC_USAGE;
    }
    accounts->flags = flags;
    return LWSEC_OK;
}

void lwsec_accounts_close(lwsec_accounts **accounts)
{
    if (accounts == NULL || *accounts == NULL) {
        return;
    }
    lwsec_image_release_keys(*accounts);
    lwsec_wipe(*accounts, sizeof **accounts + (*accounts)->capacity);
    *accounts = NULL;
}

uint16_t lwsec_accounts_version(const lwsec_accounts *accounts, uint16_t object)
{
    for (size_t i = 0; i < 5; i++) {
        if (objects[i] == object) {
            return accounts->versions[i];
        }
    }
    return 0;
}

/* ---- Setting ---- */

static bool number_fits(const lwsec_resource *resource, const lwsec_value *value)
{
    if (value->type == LWSEC_VALUE_UNSIGNED) {
        return resource->max == INT64_MAX || value->unsigned_integer <= (uint64_t)resource->max;
    }
    return value->integer >= resource->min && value->integer <= resource->max;
}

static bool size_fits(const lwsec_resource *resource, const lwsec_value *value)
{
    return value->bytes.size >= (size_t)resource->min && value->bytes.size <= (size_t)resource->max;
}

/* Names of keys that commits import begin so; such a key goes with the entry that it was made for.
 */
static bool is_ours(lwsec_bytes name)
{
    return name.size >= 6 &&
           lwsec_equal_secret(lwsec_bytes_of(name.data, 6), lwsec_bytes_of("lwsec-", 6));
}

static bool value_fits(const lwsec_accounts *accounts, const lwsec_resource *resource,
                       const lwsec_value *value)
{
    const bool lax = (accounts->flags & LWSEC_ACCOUNTS_LAX) != 0;

    if (value->type == LWSEC_VALUE_KEY) {
        return resource->secret && value->bytes.size > 0 && value->bytes.size <= KEY_NAME_MAX &&
               lwsec_utf8_valid(value->bytes) && !is_ours(value->bytes);
    }
    if (value->type != (lwsec_value_type)resource->type) {
        return false;
    }
    switch (value->type) {
    case LWSEC_VALUE_BOOLEAN: return value->integer == 0 || value->integer == 1;
    case LWSEC_VALUE_LINK: return true;
    case LWSEC_VALUE_STRING:
        return lwsec_utf8_valid(value->bytes) && (lax || size_fits(resource, value));
    case LWSEC_VALUE_OPAQUE: return lax || size_fits(resource, value);
    default: return lax || number_fits(resource, value);
    }
}

/* A single resource has no instances, a multiple one has nothing else; 65535 is reserved. */
static bool path_fits(const lwsec_resource *resource, lwsec_path path)
{
    return path.instance != LWSEC_PATH_NONE &&
           resource->multiple == (path.resource_instance != LWSEC_PATH_NONE);
}

static lwsec_bytes write_value(const lwsec_value *value, uint8_t room[8])
{
    lwsec_writer writer = lwsec_writer_of(room, 8);

    switch (value->type) {
    case LWSEC_VALUE_INTEGER:
    case LWSEC_VALUE_TIME: lwsec_writer_uint(&writer, (uint64_t)value->integer, 8); break;
    case LWSEC_VALUE_UNSIGNED: lwsec_writer_uint(&writer, value->unsigned_integer, 8); break;
    case LWSEC_VALUE_BOOLEAN: lwsec_writer_u8(&writer, (uint8_t)value->integer); break;
    case LWSEC_VALUE_LINK:
        lwsec_writer_uint(&writer, value->link_object, 2);
        lwsec_writer_uint(&writer, value->link_instance, 2);
        break;
    default: return value->bytes;
    }
    return lwsec_bytes_of(room, writer.size);
}

lwsec_status lwsec_accounts_set(lwsec_accounts *accounts, lwsec_path path, const lwsec_value *value,
                                lwsec_reason *reason)
{
    uint8_t room[8];
    const lwsec_resource *resource = lwsec_resource_find(
        path.object, lwsec_accounts_version(accounts, path.object), path.resource);

    if (resource == NULL || resource->type == LWSEC_VALUE_NONE) {
        return lwsec_refuse(LWSEC_ABSENT, LWSEC_WHY_RESOURCE, 0, reason);
    }
    if (!path_fits(resource, path) || !value_fits(accounts, resource, value)) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_VALUE, 0, reason);
    }
    const lwsec_form form = value->type == LWSEC_VALUE_KEY ? LWSEC_FORM_GIVEN : LWSEC_FORM_PLAIN;
    const lwsec_status status = lwsec_image_put(accounts, path, form, write_value(value, room));
    return status == LWSEC_OK ? lwsec_accept(reason)
                              : lwsec_refuse(status, LWSEC_WHY_OUTPUT_FULL, 0, reason);
}

/* ---- Reading ---- */

static lwsec_value read_plain(const lwsec_accounts *accounts, const lwsec_entry *entry)
{
    const lwsec_resource *resource = lwsec_resource_find(
        entry->path.object, lwsec_accounts_version(accounts, entry->path.object),
        entry->path.resource);
    const uint64_t number = lwsec_image_uint(entry->value);
    lwsec_value value = {.type = resource != NULL ? (lwsec_value_type)resource->type
                                                  : LWSEC_VALUE_OPAQUE};

    switch (value.type) {
    case LWSEC_VALUE_INTEGER:
    case LWSEC_VALUE_TIME:
    case LWSEC_VALUE_BOOLEAN: value.integer = (int64_t)number; break;
    case LWSEC_VALUE_UNSIGNED: value.unsigned_integer = number; break;
    case LWSEC_VALUE_LINK:
        value.link_object = (uint16_t)(number >> 16);
        value.link_instance = (uint16_t)number;
        break;
    default: value.bytes = entry->value; break;
    }
    return value;
}

static lwsec_value read_entry(const lwsec_accounts *accounts, const lwsec_entry *entry)
{
    lwsec_value value = {.type = LWSEC_VALUE_KEY};

    if (entry->form == LWSEC_FORM_PLAIN) {
        return read_plain(accounts, entry);
    }
    if (entry->form != LWSEC_FORM_HANDLE) {
        value.bytes = entry->value;
    }
    return value;
}

lwsec_status lwsec_accounts_get(const lwsec_accounts *accounts, lwsec_path path, lwsec_value *value)
{
    lwsec_entry entry;

    if (!lwsec_image_find(accounts, path, &entry) || entry.form != LWSEC_FORM_PLAIN ||
        path.object == LWSEC_OBJECT_DOOMED) {
        return LWSEC_ABSENT;
    }
    *value = read_plain(accounts, &entry);
    return LWSEC_OK;
}

lwsec_status lwsec_accounts_key(const lwsec_accounts *accounts, lwsec_path path, size_t index,
                                lwsec_key *key)
{
    lwsec_entry entry;

    if (!lwsec_image_find(accounts, path, &entry) || entry.form != LWSEC_FORM_HANDLE ||
        index >= entry.value.size / sizeof *key) {
        return LWSEC_ABSENT;
    }
    memcpy(key, &entry.value.data[index * sizeof *key], sizeof *key);
    return LWSEC_OK;
}

bool lwsec_accounts_next(const lwsec_accounts *accounts, size_t *position, lwsec_path *path,
                         lwsec_value *value)
{
    lwsec_entry entry;

    if (!lwsec_image_next(accounts, position, &entry) || entry.path.object == LWSEC_OBJECT_DOOMED) {
        return false;
    }
    *path = entry.path;
    *value = read_entry(accounts, &entry);
    return true;
}

/* ---- Deleting ---- */

static bool covers(uint16_t wanted, uint16_t found)
{
    return wanted == LWSEC_PATH_NONE || wanted == found;
}

lwsec_status lwsec_accounts_delete(lwsec_accounts *accounts, lwsec_path path)
{
    size_t position = 0;
    lwsec_entry entry;
    bool deleted = false;

    while (path.object != LWSEC_OBJECT_DOOMED && lwsec_image_next(accounts, &position, &entry)) {
        if (entry.path.object == path.object && covers(path.instance, entry.path.instance) &&
            covers(path.resource, entry.path.resource) &&
            covers(path.resource_instance, entry.path.resource_instance)) {
            lwsec_image_remove(accounts, &entry);
            position = entry.begin;
            deleted = true;
        }
    }
    return deleted ? LWSEC_OK : LWSEC_ABSENT;
}
