/* State in a directory: one file a record. */
#include <lwsec/state_directory.h>

#include "core/epoch.h"
#include "core/folder.h"
#include "core/lock.h"
#include "core/reason.h"
#include "state/record_file.h"
#include "state/shared_window.h"
#include "state/value.h"

#include <string.h>

#define PATH_SIZE_MAX 200U
#define NAME_SIZE 42U /* 8 digits, a dash, 32 digits, the end */

typedef struct directory_state {
    lwsec_state head;
    lwsec_lock lock;
    lwsec_folder folder;
    uint8_t file[LWSEC_RECORD_FILE_MAX + 1]; /* one more, so that a longer file shows */
} directory_state;

_Static_assert(sizeof(directory_state) <= LWSEC_STATE_DIRECTORY_SIZE, "it fits its reserve");
_Static_assert(_Alignof(directory_state) <= _Alignof(uint64_t), "the promised alignment is enough");

size_t lwsec_state_directory_size(void)
{
    return sizeof(directory_state);
}

static directory_state *enter(lwsec_state *state)
{
    directory_state *directory = (directory_state *)state;

    lwsec_lock_take(&directory->lock);
    return directory;
}

static lwsec_status leave(directory_state *directory, lwsec_status status)
{
    lwsec_lock_release(&directory->lock);
    return status;
}

/* A name that a person can read: 00000001-00112233445566778899aabbccddeeff. */
static void file_name(const lwsec_record *record, char name[NAME_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    size_t end = 0;

    for (unsigned shift = 32; shift > 0; shift -= 4) {
        name[end++] = digits[record->kind >> (shift - 4) & 0xfU];
    }
    name[end++] = '-';
    for (size_t i = 0; i < sizeof record->identity; i++) {
        name[end++] = digits[record->identity[i] >> 4];
        name[end++] = digits[record->identity[i] & 0xfU];
    }
    name[end] = '\0';
}

/* What is found lies in the buffer of the directory until the next read or write. */
static lwsec_status read_record(directory_state *directory, const lwsec_record *record,
                                lwsec_record_file *found, lwsec_reason *reason)
{
    char name[NAME_SIZE];
    lwsec_buffer content = lwsec_buffer_of(directory->file, sizeof directory->file);

    file_name(record, name);
    lwsec_status status = lwsec_folder_read(&directory->folder, name, &content, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_record_file_parse(lwsec_buffer_bytes(&content), found, reason);
    if (status == LWSEC_OK && !lwsec_record_same(&found->record, record)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    return status;
}

/* Reads for a change: a record that is absent has version 0 and no value. */
static lwsec_status read_for_change(directory_state *directory, const lwsec_record *record,
                                    lwsec_record_file *found, lwsec_reason *reason)
{
    const lwsec_status status = read_record(directory, record, found, reason);

    if (status == LWSEC_ABSENT) {
        found->record = *record;
        found->version = 0;
        found->value = lwsec_bytes_of(NULL, 0);
        return LWSEC_OK;
    }
    return status;
}

/* Writes the version after `version`. */
static lwsec_status write_record(directory_state *directory, const lwsec_record *record,
                                 uint64_t version, lwsec_bytes value, lwsec_reason *reason)
{
    char name[NAME_SIZE];
    const lwsec_record_file next = {*record, version + 1, value};

    if (version == UINT64_MAX) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FULL, 0, reason);
    }
    const size_t size = lwsec_record_file_write(&next, directory->file, sizeof directory->file);
    file_name(record, name);
    return lwsec_folder_replace(&directory->folder, name, lwsec_bytes_of(directory->file, size),
                                reason);
}

static lwsec_status remove_record(directory_state *directory, const lwsec_record *record,
                                  lwsec_reason *reason)
{
    char name[NAME_SIZE];

    file_name(record, name);
    return lwsec_folder_remove(&directory->folder, name, reason);
}

static lwsec_status directory_load(lwsec_state *state, const lwsec_record *record,
                                   lwsec_buffer *value, uint64_t *version, lwsec_reason *reason)
{
    lwsec_record_file found;
    directory_state *directory = enter(state);

    const lwsec_status status = read_record(directory, record, &found, reason);
    if (status != LWSEC_OK) {
        return leave(directory, status);
    }
    *version = found.version;
    return leave(directory, lwsec_value_give(found.value, value, reason));
}

static lwsec_status directory_store_if(lwsec_state *state, const lwsec_record *record,
                                       lwsec_bytes value, uint64_t *version, lwsec_reason *reason)
{
    lwsec_record_file found;
    directory_state *directory = enter(state);

    lwsec_status status = read_for_change(directory, record, &found, reason);
    if (status != LWSEC_OK) {
        return leave(directory, status);
    }
    if (found.version != *version) {
        return leave(directory, LWSEC_CONFLICT);
    }
    status = write_record(directory, record, found.version, value, reason);
    if (status == LWSEC_OK) {
        *version = found.version + 1;
    }
    return leave(directory, status);
}

/* The value is given out last: one that the caller has cannot come back after a power cut. */
static lwsec_status directory_take(lwsec_state *state, const lwsec_record *record,
                                   lwsec_buffer *value, lwsec_reason *reason)
{
    lwsec_record_file found;
    directory_state *directory = enter(state);

    lwsec_status status = read_record(directory, record, &found, reason);
    if (status != LWSEC_OK) {
        return leave(directory, status);
    }
    if (found.value.size > value->capacity) {
        return leave(directory, lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason));
    }
    status = remove_record(directory, record, reason);
    if (status == LWSEC_OK) {
        status = lwsec_value_give(found.value, value, reason);
    }
    return leave(directory, status);
}

static lwsec_status directory_advance(lwsec_state *state, const lwsec_record *record, uint64_t to,
                                      lwsec_reason *reason)
{
    uint8_t next[LWSEC_COUNTER_SIZE];
    lwsec_record_file found;
    directory_state *directory = enter(state);

    lwsec_status status = read_for_change(directory, record, &found, reason);
    if (status == LWSEC_OK) {
        status = lwsec_counter_advance(found.value, to, next, reason);
    }
    if (status == LWSEC_OK) {
        status = write_record(directory, record, found.version, lwsec_bytes_of(next, sizeof next),
                              reason);
    }
    return leave(directory, status);
}

static lwsec_status directory_window_accept(lwsec_state *state, const lwsec_record *record,
                                            uint64_t number, uint32_t window, lwsec_reason *reason)
{
    uint8_t room[LWSEC_SHARED_WINDOW_VALUE_MAX];
    lwsec_buffer next = lwsec_buffer_of(room, sizeof room);
    lwsec_record_file found;
    directory_state *directory = enter(state);

    lwsec_status status = read_for_change(directory, record, &found, reason);
    if (status == LWSEC_OK) {
        status = lwsec_shared_window_accept(found.value, number, window, &next, reason);
    }
    if (status == LWSEC_OK) {
        status = write_record(directory, record, found.version, lwsec_buffer_bytes(&next), reason);
    }
    return leave(directory, status);
}

/* Reads first: a record that cannot be trusted is for a person to remove. */
static lwsec_status directory_erase(lwsec_state *state, const lwsec_record *record,
                                    lwsec_reason *reason)
{
    lwsec_record_file found;
    directory_state *directory = enter(state);

    lwsec_status status = read_record(directory, record, &found, reason);
    if (status == LWSEC_OK) {
        status = remove_record(directory, record, reason);
    }
    return leave(directory, status);
}

static const lwsec_state_ops directory_ops = {
    .abi = LWSEC_STATE_ABI,
    .size = sizeof(lwsec_state_ops),
    .name = "directory",
    .rollback_protected = false,
    .seals = false,
    .load = directory_load,
    .store_if = directory_store_if,
    .take = directory_take,
    .advance = directory_advance,
    .window_accept = directory_window_accept,
    .erase = directory_erase,
};

static bool path_fits(const char *path)
{
    return path != NULL && path[0] != '\0' && memchr(path, '\0', PATH_SIZE_MAX + 1) != NULL;
}

lwsec_status lwsec_state_directory_open(void *memory, size_t size, const char *path,
                                        lwsec_state **state, lwsec_reason *reason)
{
    (void)lwsec_accept(reason);
    if (state == NULL || !lwsec_memory_fits(memory) || !path_fits(path)) {
        return LWSEC_USAGE;
    }
    if (size < sizeof(directory_state)) {
        return LWSEC_BUFFER;
    }
    directory_state *made = memory;
    memset(made, 0, sizeof *made);
    lwsec_status status = lwsec_state_init(&made->head, &directory_ops);
    if (status == LWSEC_OK) {
        status = lwsec_lock_init(&made->lock);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_folder_open(&made->folder, path, true, reason);
    if (status != LWSEC_OK) {
        lwsec_lock_destroy(&made->lock);
        return status;
    }
    *state = &made->head;
    return LWSEC_OK;
}

void lwsec_state_directory_close(lwsec_state **state)
{
    if (state == NULL || *state == NULL) {
        return;
    }
    directory_state *directory = (directory_state *)*state;
    const bool owner = directory->head.epoch == lwsec_epoch();
    lwsec_folder_close(&directory->folder, owner);
    /* A child's copy of the lock may be held by a thread that exists in the parent only. */
    if (owner) {
        lwsec_lock_destroy(&directory->lock);
    }
    lwsec_wipe(directory, sizeof *directory);
    *state = NULL;
}
