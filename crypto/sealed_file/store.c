/* Opening and closing of a sealed file, and its changes. */
#include "crypto/sealed_file/store.h"

#include "core/epoch.h"
#include "core/reason.h"
#include "crypto/memory/layout.h"

#include <string.h>

#define PATH_SIZE_MAX 200U
#define ALL_FLAGS                                                                                  \
    ((uint32_t)(LWSEC_SEALED_FILE_CREATE | LWSEC_SEALED_FILE_UNLOCKED | LWSEC_SEALED_FILE_ADOPT))

/* One byte more than the longest file, so that a longer one shows. */
#define BUFFER_SIZE(keys) (LWSEC_SEALED_FILE_MAX(keys) + 1U)
#define HEAD LWSEC_SEALED_FILE_SIZE(0, 0)
#define EACH_SLOT (LWSEC_SEALED_FILE_SIZE(1, 0) - HEAD)
#define EACH_KEY (LWSEC_SEALED_FILE_SIZE(0, 1) - HEAD)

_Static_assert(sizeof(lwsec_sealed_store) + 2 * BUFFER_SIZE(0) + 8 <= HEAD,
               "the size holds a store");
_Static_assert(sizeof(lwsec_sealed_slot) + sizeof(lwsec_key_slot) <= EACH_SLOT, "its handles");
_Static_assert(LWSEC_SEALED_ENTRY_MAX <= EACH_KEY / 2, "and its keys, twice");

size_t lwsec_sealed_file_size(uint32_t slots, uint32_t keys)
{
    if (keys > LWSEC_SEALED_FILE_KEYS_MAX) {
        return SIZE_MAX;
    }
    return lwsec_memory_size(LWSEC_SEALED_FILE_SIZE(0, keys), EACH_SLOT, slots);
}

/* ---- The file ---- */

/* Writes what `next` holds, and has it as the present version. */
static lwsec_status replace(lwsec_sealed_store *self, lwsec_reason *reason)
{
    lwsec_sealed_image image;
    const lwsec_buffer old = self->file;

    lwsec_status status = lwsec_folder_replace(&self->folder, LWSEC_SEALED_NAME,
                                               lwsec_buffer_bytes(&self->next), reason);
    if (status == LWSEC_OK) {
        status = lwsec_sealed_parse(lwsec_buffer_bytes(&self->next), self->keys, &image, reason);
    }
    if (status != LWSEC_OK) {
        self->doubtful = self->folder.doubtful;
        return status;
    }
    self->image = image;
    self->file = self->next;
    self->next = old;
    return LWSEC_OK;
}

/* The file comes before its counter: a version that was not counted is newer than the counter, and
 * is counted when it is found. */
lwsec_status lwsec_sealed_change_file(lwsec_sealed_store *self, const lwsec_sealed_change *change)
{
    lwsec_reason reason;

    if (self->doubtful) {
        return LWSEC_ENGINE;
    }
    if (self->image.version == UINT64_MAX ||
        (change->add != NULL && self->image.count >= self->keys)) {
        return LWSEC_LIMIT;
    }
    if (lwsec_sealed_write(&self->image, change, self->secrets.file, &self->next) == 0 ||
        replace(self, &reason) != LWSEC_OK) {
        return LWSEC_ENGINE;
    }
    if (lwsec_sealed_counter_advance(self->state, &self->record, self->image.version, &reason) !=
        LWSEC_OK) {
        self->doubtful = true;
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

static void name_counter(lwsec_sealed_store *self, lwsec_bytes id)
{
    self->record.kind = LWSEC_RECORD_KEYS;
    memcpy(self->record.identity, id.data, LWSEC_SEALED_ID);
}

/* The counter comes before the first version: a file without counter is nobody's new one. */
static lwsec_status make(lwsec_sealed_store *self, const lwsec_sealed_file_config *config,
                         lwsec_reason *reason)
{
    const lwsec_sealed_change nothing = {.add = NULL};
    uint8_t id[LWSEC_SEALED_ID];
    lwsec_writer prefix = lwsec_writer_of(self->file.data, self->file.capacity);

    lwsec_box_random(id, sizeof id);
    lwsec_sealed_begin(&prefix, id);
    lwsec_status status = lwsec_sealed_wrap_new(config, &prefix, &self->secrets, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    self->image.prefix = lwsec_bytes_of(self->file.data, prefix.size);
    self->image.id = lwsec_bytes_of(id, sizeof id);
    name_counter(self, self->image.id);
    if (lwsec_sealed_write(&self->image, &nothing, self->secrets.file, &self->next) == 0) {
        return LWSEC_ENGINE;
    }
    status = lwsec_sealed_counter_advance(self->state, &self->record, 1, reason);
    return status == LWSEC_OK ? replace(self, reason) : status;
}

static lwsec_status load(lwsec_sealed_store *self, const lwsec_sealed_file_config *config,
                         lwsec_reason *reason)
{
    lwsec_status status = lwsec_folder_read(&self->folder, LWSEC_SEALED_NAME, &self->file, reason);

    if (status == LWSEC_ABSENT && (config->flags & LWSEC_SEALED_FILE_CREATE) != 0) {
        return make(self, config, reason);
    }
    if (status == LWSEC_OK) {
        status =
            lwsec_sealed_parse(lwsec_buffer_bytes(&self->file), self->keys, &self->image, reason);
    }
    if (status == LWSEC_OK) {
        status = lwsec_sealed_unwrap(config, &self->image, &self->secrets, reason);
    }
    if (status == LWSEC_OK && !lwsec_sealed_verify(&self->image, self->secrets.file)) {
        status = lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_SEALING, 0, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    name_counter(self, self->image.id);
    return lwsec_sealed_counter_check(self->state, &self->record, self->image.version,
                                      (config->flags & LWSEC_SEALED_FILE_ADOPT) != 0, reason);
}

/* ---- Opening ---- */

static bool path_fits(const char *path)
{
    return path != NULL && path[0] != '\0' && memchr(path, '\0', PATH_SIZE_MAX + 1) != NULL;
}

static bool config_fits(const lwsec_sealed_file_config *config)
{
    lwsec_sealed_kind kind;

    return config->size == sizeof *config && path_fits(config->path) && config->inner != NULL &&
           config->inner->ops->tier == LWSEC_TIER_MEMORY && config->keys > 0 &&
           config->keys <= LWSEC_SEALED_FILE_KEYS_MAX && (config->flags & ~ALL_FLAGS) == 0 &&
           lwsec_sealed_kind_of(config, &kind);
}

static bool forked(const lwsec_sealed_file_config *config)
{
    const uint32_t epoch = lwsec_epoch();

    return config->inner->epoch != epoch ||
           (config->wrapping.store != NULL && config->wrapping.store->epoch != epoch) ||
           (config->state != NULL && config->state->epoch != epoch);
}

/* Places what the store needs in its memory: its head, the core's slots, its own, two files. */
static void lay_out(lwsec_sealed_store *self, uint32_t slots,
                    const lwsec_sealed_file_config *config)
{
    const size_t buffer = BUFFER_SIZE(config->keys);
    uint8_t *files;

    self->inner = config->inner;
    self->state = config->state;
    self->keys = config->keys;
    self->slots = lwsec_memory_keys(self, sizeof *self, slots);
    files = (uint8_t *)&self->slots[slots];
    self->file = lwsec_buffer_of(files, buffer);
    self->next = lwsec_buffer_of(&files[buffer], buffer);
}

static bool lock_memory(lwsec_sealed_store *self, const lwsec_sealed_file_config *config)
{
    bool locked = lwsec_box_lock(self, sizeof *self);

    self->locked = locked;
    if (locked && config->inner_memory.size > 0) {
        locked = lwsec_box_lock(config->inner_memory.data, config->inner_memory.size);
        self->inner_memory = locked ? config->inner_memory : self->inner_memory;
    }
    return locked || (config->flags & LWSEC_SEALED_FILE_UNLOCKED) != 0;
}

static void unlock_and_wipe(lwsec_sealed_store *self, size_t size)
{
    const bool locked = self->locked;

    if (self->inner_memory.size > 0) {
        lwsec_box_unlock(self->inner_memory.data, self->inner_memory.size);
    }
    lwsec_wipe(self, size);
    if (locked) {
        lwsec_box_unlock(self, sizeof *self);
    }
}

static lwsec_status open_folder(lwsec_sealed_store *self, const lwsec_sealed_file_config *config,
                                lwsec_reason *reason)
{
    lwsec_status status = lwsec_folder_open(
        &self->folder, config->path, (config->flags & LWSEC_SEALED_FILE_CREATE) != 0, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    status = load(self, config, reason);
    lwsec_wipe(self->secrets.wrapping, sizeof self->secrets.wrapping);
    if (status != LWSEC_OK) {
        lwsec_folder_close(&self->folder, true);
    }
    return status;
}

static lwsec_status open_store(lwsec_sealed_store *self, uint32_t slots,
                               const lwsec_sealed_file_config *config, lwsec_reason *reason)
{
    if (!lwsec_box_start() || !lock_memory(self, config)) {
        return LWSEC_ENGINE;
    }
    lwsec_sealed_make_ops(&self->ops, config->inner->ops);
    lwsec_status status =
        lwsec_store_init(&self->head, &self->ops, lwsec_memory_slots(self, sizeof *self), slots);
    if (status == LWSEC_OK) {
        status = lwsec_lock_init(&self->lock);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    status = open_folder(self, config, reason);
    if (status != LWSEC_OK) {
        lwsec_lock_destroy(&self->lock);
    }
    return status;
}

lwsec_status lwsec_sealed_file_open(void *memory, size_t size, uint32_t slots,
                                    const lwsec_sealed_file_config *config, lwsec_store **store,
                                    lwsec_reason *reason)
{
    (void)lwsec_accept(reason);
    if (store == NULL || config == NULL || !config_fits(config)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    const size_t needed = lwsec_sealed_file_size(slots, config->keys);
    lwsec_status status = lwsec_memory_check(memory, size, needed, slots);
    if (status != LWSEC_OK) {
        return status;
    }
    if (forked(config)) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    lwsec_sealed_store *self = memory;
    memset(memory, 0, needed);
    lay_out(self, slots, config);
    status = open_store(self, slots, config, reason);
    if (status != LWSEC_OK) {
        unlock_and_wipe(self, needed);
        return status;
    }
    *store = &self->head;
    return LWSEC_OK;
}

bool lwsec_sealed_file_rollback_protected(const lwsec_store *store)
{
    const lwsec_sealed_store *self = (const lwsec_sealed_store *)store;

    return self->state != NULL && lwsec_state_rollback_protected(self->state);
}

void lwsec_sealed_file_close(lwsec_store **store)
{
    if (store == NULL || *store == NULL) {
        return;
    }
    lwsec_sealed_store *self = lwsec_sealed_store_of(*store);
    const bool owner = self->head.epoch == lwsec_epoch();

    lwsec_store_release_all(&self->head);
    lwsec_folder_close(&self->folder, owner);
    /* A child's copy of the lock may be held by a thread that exists in the parent only. */
    if (owner) {
        lwsec_lock_destroy(&self->lock);
    }
    unlock_and_wipe(self, lwsec_sealed_file_size(self->head.slot_count, self->keys));
    *store = NULL;
}
