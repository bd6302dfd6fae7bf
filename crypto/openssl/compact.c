/* The compact store on OpenSSL: opening, closing, and the coming and going of its keys. */
#include "crypto/openssl/compact.h"

#include "crypto/memory/generate.h"
#include "crypto/memory/layout.h"

#include <openssl/err.h>
#include <openssl/rand.h>

#define SLOTS_MAX (1U << 30)
#define KEY_SIZE_MIN 16U
#define KEY_SIZE_MAX 32U
#define HEAD LWSEC_COMPACT_OPENSSL_SIZE(0, 0, 0)

_Static_assert(sizeof(lwsec_compact_store) <= HEAD, "the public size holds a store");
_Static_assert(sizeof(lwsec_compact_set) == 64, "and its sets");
_Static_assert(sizeof(lwsec_key_slot) == 16, "and the core's slots");

static uint32_t sets_for(uint32_t cached)
{
    const uint32_t kept = cached != 0 ? cached : LWSEC_COMPACT_CACHED_DEFAULT;
    return kept / LWSEC_COMPACT_WAYS + (kept % LWSEC_COMPACT_WAYS != 0);
}

/* ---- Keys ---- */

static uint8_t *key_at(lwsec_compact_store *self, uint32_t slot)
{
    return &self->keys[(size_t)slot * self->key_size];
}

static lwsec_status destroy(lwsec_store *store, uint32_t slot)
{
    lwsec_compact_store *self = lwsec_compact_store_of(store);

    lwsec_compact_forget(self, slot);
    lwsec_wipe(key_at(self, slot), self->key_size);
    self->kinds[slot] = 0;
    return LWSEC_OK;
}

/* Its place among the AEADs; LWSEC_COMPACT_AEADS: it is none, or OpenSSL lacks it. */
static uint8_t kind_of(const lwsec_compact_store *self, int32_t algorithm)
{
    uint8_t kind = 0;

    while (kind < LWSEC_COMPACT_AEADS && self->aeads[kind].algorithm->id != algorithm) {
        kind++;
    }
    return kind < LWSEC_COMPACT_AEADS && self->aeads[kind].cipher != NULL ? kind
                                                                          : LWSEC_COMPACT_AEADS;
}

static lwsec_status import(lwsec_store *store, uint32_t slot,
                           const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    lwsec_compact_store *self = lwsec_compact_store_of(store);
    const uint8_t kind = kind_of(self, attributes->algorithm);

    if (kind == LWSEC_COMPACT_AEADS || raw.size > self->key_size) {
        return LWSEC_UNSUPPORTED;
    }
    memcpy(key_at(self, slot), raw.data, raw.size);
    self->kinds[slot] = kind;
    (void)ERR_set_mark();
    const lwsec_status status = lwsec_compact_make_room(self, slot, attributes->usage);
    (void)ERR_pop_to_mark();
    if (status != LWSEC_OK) {
        (void)destroy(store, slot);
    }
    return status;
}

static const lwsec_store_ops ops = {
    .abi = LWSEC_STORE_ABI,
    .size = sizeof(lwsec_store_ops),
    .name = "compact-openssl",
    .tier = LWSEC_TIER_MEMORY,
    .import = import,
    .generate = lwsec_memory_generate,
    .destroy = destroy,
    .seal = lwsec_compact_seal,
    .open = lwsec_compact_open,
    .random = lwsec_openssl_random,
};

/* ---- The store ---- */

size_t lwsec_compact_openssl_size(uint32_t slots, size_t key_size, uint32_t cached)
{
    const size_t head = LWSEC_COMPACT_OPENSSL_SIZE(0, 0, 0) + (size_t)sets_for(cached) * 64U;

    if (key_size > KEY_SIZE_MAX || slots > SLOTS_MAX) {
        return SIZE_MAX;
    }
    return lwsec_memory_size(head, key_size + 17U, slots);
}

static void lay_out(lwsec_compact_store *self, uint32_t slots, size_t key_size, uint32_t cached)
{
    const uintptr_t behind = (uintptr_t)&self[1];

    self->set_count = sets_for(cached);
    self->key_size = key_size;
    /* The head's reserve is larger than what this step takes. */
    self->sets = (lwsec_compact_set *)(void *)((uint8_t *)&self[1] + (64U - behind % 64U) % 64U);
    self->head.slots = (lwsec_key_slot *)(void *)&self->sets[self->set_count];
    self->keys = (uint8_t *)&self->head.slots[slots];
    self->kinds = &self->keys[slots * key_size];
}

lwsec_status lwsec_compact_openssl_open(void *memory, size_t size, uint32_t slots, size_t key_size,
                                        uint32_t cached, lwsec_store **store)
{
    const size_t needed = lwsec_compact_openssl_size(slots, key_size, cached);
    lwsec_compact_store *self = memory;

    if (key_size < KEY_SIZE_MIN || key_size > KEY_SIZE_MAX) {
        return LWSEC_USAGE;
    }
    lwsec_status status = lwsec_memory_check(memory, size, needed, slots);
    if (status != LWSEC_OK) {
        return status;
    }
    memset(memory, 0, needed);
    lay_out(self, slots, key_size, cached);
    status = lwsec_store_init(&self->head, &ops, self->head.slots, slots);
    if (status != LWSEC_OK) {
        return status;
    }
    (void)ERR_set_mark();
    status = RAND_status() == 1 ? lwsec_compact_begin(self) : LWSEC_ENGINE;
    (void)ERR_pop_to_mark();
    if (status != LWSEC_OK) {
        lwsec_compact_end(self);
        return status;
    }
    *store = &self->head;
    return LWSEC_OK;
}

void lwsec_compact_openssl_close(lwsec_store **store)
{
    if (store == NULL || *store == NULL) {
        return;
    }
    lwsec_compact_store *self = lwsec_compact_store_of(*store);
    uint8_t *end = &self->kinds[self->head.slot_count];

    lwsec_store_release_all(&self->head);
    lwsec_compact_end(self);
    lwsec_wipe(self, (size_t)(end - (uint8_t *)self));
    *store = NULL;
}
