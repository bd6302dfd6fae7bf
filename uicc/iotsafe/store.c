/* Opening of the store on the applet, its exchange with the card, and its files. */
#include "uicc/iotsafe/store.h"

#include "core/epoch.h"
#include "core/reason.h"
#include "crypto/memory/layout.h"
#include "uicc/raw.h"

#include <string.h>

#define HEAD LWSEC_IOTSAFE_SIZE(0)
#define EACH (LWSEC_IOTSAFE_SIZE(1) - HEAD)
#define FILE_PART 200U

_Static_assert(sizeof(lwsec_iotsafe_store) + 8 <= HEAD, "the public size holds a store");
_Static_assert(sizeof(uint32_t) + sizeof(lwsec_key_slot) <= EACH, "and each of its handles");

/* ---- The exchange ---- */

/* Selects the applet of a card that was lost. Its objects are those that we know, or it is another
 * card. */
static lwsec_status come_back(lwsec_iotsafe_store *self)
{
    lwsec_reason reason;

    lwsec_status status =
        lwsec_apdu_select(self->card, lwsec_bytes_of(self->aid, self->aid_size), 0, NULL, &reason);
    if (status == LWSEC_OK) {
        status = lwsec_iotsafe_read_list(self, &self->again, &reason);
    }
    for (uint32_t i = 0; status == LWSEC_OK && i < self->again.count; i++) {
        /* A volatile pair went with the power. */
        self->again.objects[i].active = self->list.objects[i].active;
    }
    const bool same = lwsec_equal_secret(lwsec_bytes_of(&self->list, sizeof self->list),
                                         lwsec_bytes_of(&self->again, sizeof self->again));
    if (status == LWSEC_OK && !same) {
        self->card->lost = true;
        status = LWSEC_ENGINE;
    }
    return status == LWSEC_OK ? LWSEC_OK : LWSEC_ENGINE;
}

lwsec_status lwsec_iotsafe_enter(lwsec_iotsafe_store *self)
{
    lwsec_status status = LWSEC_ENGINE;
    lwsec_reason reason;

    lwsec_lock_take(&self->lock);
    for (int tries = 0; status != LWSEC_OK && tries < 2; tries++) {
        if (self->card->lost && come_back(self) != LWSEC_OK) {
            break;
        }
        status = lwsec_apdu_begin(self->card, &reason);
    }
    if (status != LWSEC_OK) {
        lwsec_lock_release(&self->lock);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

lwsec_status lwsec_iotsafe_leave(lwsec_iotsafe_store *self, lwsec_status status)
{
    lwsec_apdu_end(self->card);
    lwsec_lock_release(&self->lock);
    return status;
}

lwsec_status lwsec_iotsafe_send(lwsec_iotsafe_store *self, uint8_t ins, uint8_t p1, uint8_t p2,
                                lwsec_bytes data, uint16_t le, lwsec_buffer *response)
{
    const lwsec_apdu_command command = {0x80, ins, p1, p2, data, le};
    uint8_t room[LWSEC_IOTSAFE_ROOM];
    lwsec_buffer unwanted = lwsec_buffer_of(room, sizeof room);
    lwsec_buffer *answer = response != NULL ? response : &unwanted;
    lwsec_reason reason;

    if (lwsec_apdu_exchange(self->card, &command, answer, &reason) != LWSEC_OK) {
        answer->size = 0;
        return LWSEC_ENGINE;
    }
    if (lwsec_apdu_judge(self->card, 0, &reason) == LWSEC_OK) {
        return LWSEC_OK;
    }
    answer->size = 0;
    self->sw = self->card->sw;
    return self->sw == 0x6d00 || self->sw == 0x6e00 ? LWSEC_UNSUPPORTED : LWSEC_ENGINE;
}

uint16_t lwsec_iotsafe_status_word(const lwsec_store *store)
{
    return ((const lwsec_iotsafe_store *)store)->sw;
}

/* ---- The table ---- */

static lwsec_status import(lwsec_store *store, uint32_t slot,
                           const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    (void)store;
    (void)slot;
    (void)attributes;
    (void)raw;
    return LWSEC_UNSUPPORTED;
}

static lwsec_status destroy(lwsec_store *store, uint32_t slot)
{
    (void)store;
    (void)slot;
    return LWSEC_UNSUPPORTED;
}

static lwsec_status release(lwsec_store *store, uint32_t slot)
{
    (void)store;
    (void)slot;
    return LWSEC_OK;
}

/* A Master Secret stays on the card, and what is extracted from it does not. */
static lwsec_tier key_tier(lwsec_store *store, uint32_t slot)
{
    lwsec_key_attributes attributes;
    const lwsec_iotsafe_object *object = lwsec_iotsafe_object_of(store, slot);

    return lwsec_iotsafe_attributes(lwsec_iotsafe_of(store), object, &attributes) &&
                   attributes.algorithm == LWSEC_ALG_HKDF
               ? LWSEC_TIER_MIXED
               : LWSEC_TIER_TOKEN;
}

static const lwsec_store_ops ops = {
    .abi = LWSEC_STORE_ABI,
    .size = sizeof(lwsec_store_ops),
    .name = "iotsafe",
    .tier = LWSEC_TIER_TOKEN,
    .import = import,
    .generate = lwsec_iotsafe_generate,
    .find = lwsec_iotsafe_find,
    .destroy = destroy,
    .extract = lwsec_iotsafe_extract,
    .sign = lwsec_iotsafe_sign,
    .agree = lwsec_iotsafe_agree,
    .public_key = lwsec_iotsafe_public_key,
    .tls12_psk_master = lwsec_iotsafe_psk_master,
    .random = lwsec_iotsafe_random,
    .sign_digest = lwsec_iotsafe_sign_digest,
    .release = release,
    .next_name = lwsec_iotsafe_next_name,
    .key_tier = key_tier,
};

/* ---- Opening ---- */

size_t lwsec_iotsafe_size(uint32_t slots)
{
    return lwsec_memory_size(HEAD, EACH, slots);
}

static bool config_fits(const lwsec_iotsafe_config *config)
{
    return config != NULL && config->size == sizeof *config && config->card != NULL &&
           config->aid.size <= 16 && config->peer.size <= LWSEC_IOTSAFE_ID_MAX &&
           (config->flags & ~(uint32_t)LWSEC_IOTSAFE_EXTRACT) == 0 &&
           (config->inner == NULL || config->inner->ops->tier == LWSEC_TIER_MEMORY);
}

static void configure(lwsec_iotsafe_store *self, const lwsec_iotsafe_config *config)
{
    static const uint8_t iotsafe[] = {0xa0, 0x00, 0x00, 0x05, 0x59, 0x00, 0x10};
    const lwsec_bytes aid =
        config->aid.size > 0 ? config->aid : lwsec_bytes_of(iotsafe, sizeof iotsafe);

    self->card = config->card;
    self->inner = config->inner;
    self->flags = config->flags;
    memcpy(self->aid, aid.data, aid.size);
    self->aid_size = aid.size;
    if (config->peer.size > 0) {
        memcpy(self->peer, config->peer.data, config->peer.size);
    }
    self->peer_size = config->peer.size;
}

lwsec_status lwsec_iotsafe_open(void *memory, size_t size, uint32_t slots,
                                const lwsec_iotsafe_config *config, lwsec_store **store,
                                lwsec_reason *reason)
{
    const size_t needed = lwsec_iotsafe_size(slots);

    (void)lwsec_accept(reason);
    if (store == NULL || !config_fits(config)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    lwsec_status status = lwsec_memory_check(memory, size, needed, slots);
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_iotsafe_store *self = memory;
    memset(memory, 0, needed);
    configure(self, config);
    self->places = lwsec_memory_keys(memory, sizeof *self, slots);
    status = lwsec_store_init(&self->head, &ops, lwsec_memory_slots(memory, sizeof *self), slots);
    if (status == LWSEC_OK) {
        status = lwsec_apdu_select(self->card, lwsec_bytes_of(self->aid, self->aid_size), 0, NULL,
                                   reason);
    }
    if (status == LWSEC_OK) {
        status = lwsec_iotsafe_read_list(self, &self->list, reason);
    }
    if (status == LWSEC_OK) {
        status = lwsec_lock_init(&self->lock);
    }
    if (status != LWSEC_OK) {
        lwsec_wipe(memory, needed);
        return status;
    }
    *store = &self->head;
    return LWSEC_OK;
}

void lwsec_iotsafe_close(lwsec_store **store)
{
    if (store == NULL || *store == NULL) {
        return;
    }
    lwsec_iotsafe_store *self = lwsec_iotsafe_of(*store);

    lwsec_store_release_all(&self->head);
    /* A child's copy of the lock may be held by a thread that exists in the parent only. */
    if (self->head.epoch == lwsec_epoch()) {
        lwsec_lock_destroy(&self->lock);
    }
    lwsec_wipe(self, lwsec_iotsafe_size(self->head.slot_count));
    *store = NULL;
}

/* ---- Files ---- */

static const lwsec_iotsafe_object *find_file(const lwsec_iotsafe_store *self, lwsec_bytes name)
{
    uint8_t own[LWSEC_KEY_NAME_MAX];

    for (uint32_t i = 0; i < self->list.count; i++) {
        const lwsec_iotsafe_object *object = &self->list.objects[i];
        if (object->kind == LWSEC_IOTSAFE_FILE) {
            const size_t size = lwsec_iotsafe_name(object, own);
            if (lwsec_equal_secret(lwsec_bytes_of(own, size), name)) {
                return object;
            }
        }
    }
    return NULL;
}

/* A card may give less at once than was asked for, but not nothing. */
static lwsec_status read_parts(lwsec_iotsafe_store *self, const lwsec_iotsafe_object *file,
                               lwsec_buffer *content, lwsec_reason *reason)
{
    uint8_t data[2 + LWSEC_IOTSAFE_ID_MAX];
    uint8_t room[LWSEC_IOTSAFE_ROOM];
    lwsec_writer writer = lwsec_writer_of(data, sizeof data);

    lwsec_iotsafe_put(&writer, LWSEC_IOTSAFE_TAG_FILE_ID, lwsec_iotsafe_id(file));
    while (content->size < file->file_size) {
        const size_t left = file->file_size - content->size;
        const size_t part = left < FILE_PART ? left : FILE_PART;
        lwsec_buffer answer = lwsec_buffer_of(room, sizeof room);
        const lwsec_status status = lwsec_iotsafe_send(
            self, LWSEC_IOTSAFE_READ_FILE, (uint8_t)(content->size >> 8), (uint8_t)content->size,
            lwsec_bytes_of(data, writer.size), (uint16_t)part, &answer);
        if (status != LWSEC_OK) {
            return self->card->lost
                       ? lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_CARD_LOST, 0, reason)
                       : lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_STATUS, self->sw, reason);
        }
        const size_t got = answer.size < left ? answer.size : left;
        if (got == 0) {
            return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CARD_FILE, content->size, reason);
        }
        memcpy(&content->data[content->size], room, got);
        content->size += got;
    }
    return LWSEC_OK;
}

lwsec_status lwsec_iotsafe_read_file(lwsec_store *store, lwsec_bytes name, lwsec_buffer *content,
                                     lwsec_reason *reason)
{
    lwsec_iotsafe_store *self = lwsec_iotsafe_of(store);

    content->size = 0;
    (void)lwsec_accept(reason);
    if (store->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    lwsec_status status = lwsec_iotsafe_enter(self);
    if (status != LWSEC_OK) {
        return lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_CARD_LOST, 0, reason);
    }
    const lwsec_iotsafe_object *file = find_file(self, name);
    if (file == NULL) {
        return lwsec_iotsafe_leave(self, LWSEC_ABSENT);
    }
    if (file->file_size > content->capacity) {
        return lwsec_iotsafe_leave(self,
                                   lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason));
    }
    status = read_parts(self, file, content, reason);
    if (status != LWSEC_OK) {
        content->size = 0;
    }
    return lwsec_iotsafe_leave(self, status);
}
