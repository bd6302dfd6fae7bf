/* Where values lie: entries in the order of their paths, one behind the other, in one memory. */
#include "account/image.h"

#include "core/reader.h"
#include "core/writer.h"

#include <string.h>

bool lwsec_image_next(const lwsec_accounts *accounts, size_t *position, lwsec_entry *entry)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(accounts->image, accounts->size));

    (void)lwsec_reader_take(&reader, *position);
    if (lwsec_reader_failed(&reader) || lwsec_reader_left(&reader) == 0) {
        return false;
    }
    entry->begin = reader.position;
    entry->path.object = (uint16_t)lwsec_reader_uint(&reader, 2);
    entry->path.instance = (uint16_t)lwsec_reader_uint(&reader, 2);
    entry->path.resource = (uint16_t)lwsec_reader_uint(&reader, 2);
    entry->path.resource_instance = (uint16_t)lwsec_reader_uint(&reader, 2);
    entry->form = (lwsec_form)lwsec_reader_u8(&reader);
    const size_t size = (size_t)lwsec_reader_uint(&reader, 2);
    entry->value = lwsec_reader_take(&reader, size);
    if (lwsec_reader_failed(&reader)) {
        return false;
    }
    if (size == 0) {
        entry->value.data = &accounts->image[entry->begin];
    }
    entry->end = reader.position;
    *position = reader.position;
    return true;
}

bool lwsec_image_find(const lwsec_accounts *accounts, lwsec_path path, lwsec_entry *entry)
{
    const uint64_t wanted = lwsec_path_key(path);
    size_t position = 0;

    while (lwsec_image_next(accounts, &position, entry)) {
        if (lwsec_path_key(entry->path) >= wanted) {
            return lwsec_path_key(entry->path) == wanted;
        }
    }
    entry->begin = accounts->size;
    return false;
}

/* R-5.1-15: takes bytes out of the image and wipes what is free behind it then. */
static void cut(lwsec_accounts *accounts, size_t begin, size_t end)
{
    const size_t behind = accounts->size - end;

    memmove(&accounts->image[begin], &accounts->image[end], behind);
    lwsec_wipe(&accounts->image[begin + behind], end - begin);
    accounts->size -= end - begin;
}

/* There is room: the caller has looked. */
static void insert(lwsec_accounts *accounts, size_t begin, lwsec_path path, lwsec_form form,
                   lwsec_bytes value)
{
    const size_t size = LWSEC_ENTRY_HEADER + value.size;

    memmove(&accounts->image[begin + size], &accounts->image[begin], accounts->size - begin);
    lwsec_writer writer = lwsec_writer_of(&accounts->image[begin], size);
    lwsec_writer_uint(&writer, path.object, 2);
    lwsec_writer_uint(&writer, path.instance, 2);
    lwsec_writer_uint(&writer, path.resource, 2);
    lwsec_writer_uint(&writer, path.resource_instance, 2);
    lwsec_writer_u8(&writer, (uint8_t)form);
    lwsec_writer_uint(&writer, value.size, 2);
    lwsec_writer_bytes(&writer, value);
    accounts->size += size;
}

/* Takes an entry out; the name that it held becomes that of a key to destroy. */
static void take_out(lwsec_accounts *accounts, const lwsec_entry *entry)
{
    uint8_t name[64];
    lwsec_path doomed = {LWSEC_OBJECT_DOOMED, 0, 0, LWSEC_PATH_NONE};
    lwsec_entry found;
    const size_t size = entry->value.size;
    const bool dooms = entry->form == LWSEC_FORM_NAME &&
                       entry->path.object != LWSEC_OBJECT_DOOMED && size <= sizeof name;

    if (dooms) {
        memcpy(name, entry->value.data, size);
        doomed.resource = entry->path.object; /* for SMS, one name stands for two keys */
        doomed.resource_instance = entry->path.resource;
    }
    cut(accounts, entry->begin, entry->end);
    if (dooms) {
        while (lwsec_image_find(accounts, doomed, &found)) {
            doomed.instance++;
        }
        insert(accounts, found.begin, doomed, LWSEC_FORM_NAME, lwsec_bytes_of(name, size));
    }
}

void lwsec_image_remove(lwsec_accounts *accounts, const lwsec_entry *entry)
{
    take_out(accounts, entry);
}

lwsec_status lwsec_image_put(lwsec_accounts *accounts, lwsec_path path, lwsec_form form,
                             lwsec_bytes value)
{
    lwsec_entry entry;
    const bool found = lwsec_image_find(accounts, path, &entry);
    const size_t freed = found && entry.form != LWSEC_FORM_NAME ? entry.end - entry.begin : 0;

    if (value.size > UINT16_MAX ||
        LWSEC_ENTRY_HEADER + value.size > accounts->capacity - accounts->size + freed) {
        return LWSEC_BUFFER;
    }
    if (found) {
        take_out(accounts, &entry);
    }
    insert(accounts, entry.begin, path, form, value);
    return LWSEC_OK;
}

lwsec_status lwsec_image_replace(lwsec_accounts *accounts, const lwsec_entry *entry,
                                 lwsec_form form, lwsec_bytes value)
{
    const lwsec_path path = entry->path;
    const size_t begin = entry->begin;

    if (value.size > UINT16_MAX || value.size > accounts->capacity - accounts->size + entry->end -
                                                    begin - LWSEC_ENTRY_HEADER) {
        return LWSEC_BUFFER;
    }
    cut(accounts, begin, entry->end);
    insert(accounts, begin, path, form, value);
    return LWSEC_OK;
}

void lwsec_image_forget(lwsec_accounts *accounts, const lwsec_entry *entry)
{
    cut(accounts, entry->begin, entry->end);
}

void lwsec_image_release_keys(lwsec_accounts *accounts)
{
    size_t position = 0;
    lwsec_entry entry;
    lwsec_key keys[2];

    while (lwsec_image_next(accounts, &position, &entry)) {
        if (entry.form != LWSEC_FORM_HANDLE || entry.value.size > sizeof keys) {
            continue;
        }
        memset(keys, 0, sizeof keys);
        memcpy(keys, entry.value.data, entry.value.size);
        for (size_t i = 0; i < 2; i++) {
            /* Whatever it answers, the handle is worth nothing any more. */
            const lwsec_status status = lwsec_key_release(&keys[i]);
            (void)status;
        }
    }
}

void lwsec_image_clear(lwsec_accounts *accounts)
{
    lwsec_wipe(accounts->image, accounts->capacity);
    accounts->size = 0;
}

/* ---- What checks ask ---- */

bool lwsec_image_has(const lwsec_accounts *accounts, lwsec_path path)
{
    lwsec_entry entry;

    return lwsec_image_find(accounts, path, &entry);
}

lwsec_bytes lwsec_image_bytes(const lwsec_accounts *accounts, lwsec_path path)
{
    lwsec_entry entry;

    return lwsec_image_find(accounts, path, &entry) && entry.form == LWSEC_FORM_PLAIN
               ? entry.value
               : lwsec_bytes_of(NULL, 0);
}

uint64_t lwsec_image_uint(lwsec_bytes bytes)
{
    lwsec_reader reader = lwsec_reader_of(bytes);

    return lwsec_reader_uint(&reader, bytes.size <= 8 ? bytes.size : 8);
}

int64_t lwsec_image_number(const lwsec_accounts *accounts, lwsec_path path, int64_t absent)
{
    const lwsec_bytes bytes = lwsec_image_bytes(accounts, path);

    return bytes.size > 0 ? (int64_t)lwsec_image_uint(bytes) : absent;
}

bool lwsec_image_link(const lwsec_accounts *accounts, lwsec_path path, uint16_t *object,
                      uint16_t *instance)
{
    const lwsec_bytes bytes = lwsec_image_bytes(accounts, path);
    const uint64_t link = lwsec_image_uint(bytes);

    if (bytes.size == 0 || link == UINT32_MAX) {
        return false;
    }
    *object = (uint16_t)(link >> 16);
    *instance = (uint16_t)link;
    return true;
}

bool lwsec_image_instance(const lwsec_accounts *accounts, uint16_t object, uint16_t *instance)
{
    const lwsec_path from = {object, *instance, 0, 0};
    lwsec_entry entry;
    size_t position = 0;

    while (lwsec_image_next(accounts, &position, &entry)) {
        if (lwsec_path_key(entry.path) >= lwsec_path_key(from)) {
            *instance = entry.path.instance;
            return entry.path.object == object;
        }
    }
    return false;
}

bool lwsec_image_each(const lwsec_accounts *accounts, uint16_t object, uint32_t *at,
                      uint16_t *instance)
{
    uint16_t from = (uint16_t)*at;

    if (*at > UINT16_MAX || !lwsec_image_instance(accounts, object, &from)) {
        return false;
    }
    *instance = from;
    *at = (uint32_t)from + 1;
    return true;
}
