/* The coming and going of keys in a sealed file. */
#include "crypto/sealed_file/store.h"

#include <string.h>

static lwsec_sealed_store *enter(lwsec_store *store)
{
    lwsec_sealed_store *self = lwsec_sealed_store_of(store);

    lwsec_lock_take(&self->lock);
    return self;
}

static lwsec_status leave(lwsec_sealed_store *self, lwsec_status status)
{
    lwsec_wipe(self->scratch, sizeof self->scratch);
    lwsec_lock_release(&self->lock);
    return status;
}

static lwsec_key_attributes without_name(int32_t algorithm, uint32_t usage)
{
    const lwsec_key_attributes plain = {sizeof plain, algorithm, usage, {NULL, 0}};
    return plain;
}

static lwsec_status forget_inner(lwsec_sealed_slot *own)
{
    own->id = 0;
    atomic_store(&own->gone, false);
    return lwsec_key_destroy(&own->inner);
}

/* The key in the inner store comes first: it judges the bytes. */
static lwsec_status place(lwsec_sealed_store *self, lwsec_sealed_slot *own,
                          const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    const lwsec_key_attributes plain = without_name(attributes->algorithm, attributes->usage);

    own->id = 0;
    atomic_store(&own->gone, false);
    return lwsec_key_import(self->inner, &plain, raw, &own->inner);
}

/* A key with a name. The lock is taken. */
static lwsec_status keep(lwsec_sealed_store *self, uint32_t slot,
                         const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    const lwsec_sealed_change change = {.add = attributes, .secret = raw};
    lwsec_sealed_slot *own = &self->slots[slot];
    lwsec_sealed_entry entry;

    if (lwsec_sealed_find_name(&self->image, attributes->name, &entry)) {
        return LWSEC_USAGE; /* a name stands for one key */
    }
    lwsec_status status = place(self, own, attributes, raw);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_sealed_change_file(self, &change);
    if (status != LWSEC_OK) {
        (void)forget_inner(own);
        return status;
    }
    own->id = self->image.version;
    return LWSEC_OK;
}

lwsec_status lwsec_sealed_import(lwsec_store *store, uint32_t slot,
                                 const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    lwsec_sealed_store *self = lwsec_sealed_store_of(store);

    if (attributes->name.size == 0) {
        return place(self, &self->slots[slot], attributes, raw);
    }
    (void)enter(store);
    return leave(self, keep(self, slot, attributes, raw));
}

/* What the rules of the algorithm refuse, once in 2^32, is drawn again. R-5.2.4-16, R-5.2.9.1-12:
 * by the generator of the inner store. */
static lwsec_status draw_and_keep(lwsec_sealed_store *self, uint32_t slot,
                                  const lwsec_key_attributes *attributes, size_t key_size)
{
    const lwsec_bytes raw = {self->scratch, key_size};
    lwsec_sealed_entry entry;
    lwsec_status status = LWSEC_USAGE;

    if (lwsec_sealed_find_name(&self->image, attributes->name, &entry)) {
        return LWSEC_USAGE;
    }
    for (int tries = 0; status == LWSEC_USAGE && tries < 4; tries++) {
        status = lwsec_random(self->inner, self->scratch, key_size);
        if (status == LWSEC_OK) {
            status = keep(self, slot, attributes, raw);
        }
    }
    return status;
}

lwsec_status lwsec_sealed_generate(lwsec_store *store, uint32_t slot,
                                   const lwsec_key_attributes *attributes, size_t key_size)
{
    lwsec_sealed_store *self = lwsec_sealed_store_of(store);
    lwsec_sealed_slot *own = &self->slots[slot];

    if (attributes->name.size == 0) {
        own->id = 0;
        atomic_store(&own->gone, false);
        return lwsec_key_generate(self->inner, attributes, key_size, &own->inner);
    }
    (void)enter(store);
    return leave(self, draw_and_keep(self, slot, attributes, key_size));
}

/* A kept key in a slot that was claimed for it. */
static lwsec_status open_kept(lwsec_sealed_store *self, uint32_t slot,
                              const lwsec_sealed_entry *entry, lwsec_key *key)
{
    const lwsec_key_attributes plain = without_name(entry->algorithm, entry->usage);
    lwsec_sealed_slot *own = &self->slots[slot];
    const size_t size =
        lwsec_sealed_open_entry(&self->image, entry, self->secrets.file, self->scratch);

    if (size == 0) {
        return LWSEC_ENGINE;
    }
    const lwsec_status status = place(self, own, &plain, lwsec_bytes_of(self->scratch, size));
    if (status != LWSEC_OK) {
        return status;
    }
    own->id = entry->id;
    return lwsec_store_publish(&self->head, slot, &plain, key);
}

static lwsec_status find(lwsec_sealed_store *self, lwsec_bytes name, lwsec_key *key)
{
    lwsec_sealed_entry entry;
    uint32_t slot = 0;

    if (self->doubtful) {
        return LWSEC_ENGINE;
    }
    if (!lwsec_sealed_find_name(&self->image, name, &entry)) {
        return LWSEC_ABSENT;
    }
    if (lwsec_algorithm_find(entry.algorithm) == NULL) {
        return LWSEC_UNSUPPORTED; /* kept by a later version */
    }
    lwsec_status status = lwsec_store_claim(&self->head, &slot);
    if (status != LWSEC_OK) {
        return status;
    }
    status = open_kept(self, slot, &entry, key);
    if (status != LWSEC_OK) {
        lwsec_store_give_back(&self->head, slot);
    }
    return status;
}

lwsec_status lwsec_sealed_find(lwsec_store *store, lwsec_bytes name, lwsec_key *key)
{
    lwsec_sealed_store *self = enter(store);

    return leave(self, find(self, name, key));
}

/* Other handles of a kept key that is no more. */
static void mark_gone(lwsec_sealed_store *self, uint64_t id)
{
    for (uint32_t i = 0; i < self->head.slot_count; i++) {
        if (self->slots[i].id == id) {
            atomic_store(&self->slots[i].gone, true);
        }
    }
}

lwsec_status lwsec_sealed_destroy(lwsec_store *store, uint32_t slot)
{
    lwsec_sealed_store *self = enter(store);
    lwsec_sealed_slot *own = &self->slots[slot];
    const lwsec_sealed_change change = {.remove = own->id};
    lwsec_status status = LWSEC_OK;

    if (own->id != 0 && !atomic_load(&own->gone)) {
        status = lwsec_sealed_change_file(self, &change);
        if (status == LWSEC_OK) {
            mark_gone(self, change.remove);
        }
    }
    const lwsec_status forgotten = forget_inner(own);
    return leave(self, status == LWSEC_OK ? forgotten : status);
}

lwsec_status lwsec_sealed_release(lwsec_store *store, uint32_t slot)
{
    lwsec_sealed_store *self = enter(store);

    return leave(self, forget_inner(&self->slots[slot]));
}

lwsec_status lwsec_sealed_next_name(lwsec_store *store, lwsec_bytes after, lwsec_buffer *name)
{
    lwsec_sealed_store *self = enter(store);
    lwsec_reader entries = lwsec_reader_of(self->image.entries);
    lwsec_sealed_entry entry;

    if (self->doubtful) {
        return leave(self, LWSEC_ENGINE);
    }
    while (lwsec_sealed_next(&entries, &entry)) {
        if (lwsec_sealed_compare(entry.name, after) > 0) {
            memcpy(name->data, entry.name.data, entry.name.size);
            name->size = entry.name.size;
            return leave(self, LWSEC_OK);
        }
    }
    return leave(self, LWSEC_ABSENT);
}

lwsec_tier lwsec_sealed_key_tier(lwsec_store *store, uint32_t slot)
{
    return lwsec_sealed_store_of(store)->slots[slot].id != 0 ? LWSEC_TIER_SEALED
                                                             : LWSEC_TIER_MEMORY;
}
