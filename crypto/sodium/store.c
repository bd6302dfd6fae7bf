/* Opening and closing the store on libsodium, and the coming and going of its keys. */
#include "crypto/sodium/store.h"

#include "crypto/memory/generate.h"
#include "crypto/memory/layout.h"

#include <sodium.h>

#define HEAD LWSEC_MEMORY_SODIUM_SIZE(0)
#define EACH (LWSEC_MEMORY_SODIUM_SIZE(1) - HEAD)

_Static_assert(sizeof(lwsec_sodium_store) <= HEAD, "the public size holds a store");
_Static_assert(sizeof(lwsec_sodium_key) + sizeof(lwsec_key_slot) <= EACH, "and each of its keys");

static lwsec_sodium_store *store_of(lwsec_store *store)
{
    return (lwsec_sodium_store *)store;
}

static bool has(int32_t algorithm)
{
    switch (algorithm) {
    case LWSEC_ALG_A256GCM: return crypto_aead_aes256gcm_is_available() == 1;
    case LWSEC_ALG_CHACHA20_POLY1305:
    case LWSEC_ALG_HMAC_256:
    case LWSEC_ALG_HMAC_512:
    case LWSEC_ALG_HKDF: return true;
    default: return false;
    }
}

static lwsec_status import(lwsec_store *store, uint32_t slot,
                           const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    lwsec_sodium_key *key = &store_of(store)->keys[slot];

    if (!has(attributes->algorithm)) {
        return LWSEC_UNSUPPORTED;
    }
    key->algorithm = attributes->algorithm;
    key->size = (uint8_t)raw.size;
    memcpy(key->secret, raw.data, raw.size);
    return LWSEC_OK;
}

static lwsec_status destroy(lwsec_store *store, uint32_t slot)
{
    lwsec_sodium_key *key = &store_of(store)->keys[slot];

    lwsec_wipe(key, sizeof *key);
    return LWSEC_OK;
}

static lwsec_status random_bytes(lwsec_store *store, uint8_t *out, size_t size)
{
    (void)store;
    randombytes_buf(out, size);
    return LWSEC_OK;
}

static const lwsec_store_ops ops = {
    .abi = LWSEC_STORE_ABI,
    .size = sizeof(lwsec_store_ops),
    .name = "memory-sodium",
    .tier = LWSEC_TIER_MEMORY,
    .import = import,
    .generate = lwsec_memory_generate,
    .destroy = destroy,
    .seal = lwsec_sodium_seal,
    .open = lwsec_sodium_open,
    .mac = lwsec_sodium_mac,
    .extract = lwsec_sodium_extract,
    .derive = lwsec_sodium_derive,
    .derive_public = lwsec_sodium_derive_public,
    .random = random_bytes,
};

size_t lwsec_memory_sodium_size(uint32_t slots)
{
    return lwsec_memory_size(HEAD, EACH, slots);
}

lwsec_status lwsec_memory_sodium_open(void *memory, size_t size, uint32_t slots,
                                      lwsec_store **store)
{
    const size_t needed = lwsec_memory_sodium_size(slots);
    lwsec_sodium_store *self = memory;

    lwsec_status status = lwsec_memory_check(memory, size, needed, slots);
    if (status != LWSEC_OK) {
        return status;
    }
    if (sodium_init() < 0) {
        return LWSEC_ENGINE;
    }
    memset(memory, 0, needed);
    self->keys = lwsec_memory_keys(memory, sizeof *self, slots);
    status = lwsec_store_init(&self->head, &ops, lwsec_memory_slots(memory, sizeof *self), slots);
    if (status == LWSEC_OK) {
        *store = &self->head;
    }
    return status;
}

void lwsec_memory_sodium_close(lwsec_store **store)
{
    if (store == NULL || *store == NULL) {
        return;
    }
    lwsec_sodium_store *self = store_of(*store);
    const size_t size = lwsec_memory_sodium_size(self->head.slot_count);

    lwsec_store_release_all(&self->head);
    lwsec_wipe(self, size);
    *store = NULL;
}
