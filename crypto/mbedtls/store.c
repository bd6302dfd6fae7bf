/* Opening and closing the store on mbedTLS, and the coming and going of its keys. */
#include "crypto/mbedtls/store.h"

#include "crypto/memory/generate.h"
#include "crypto/memory/layout.h"

#define HEAD LWSEC_MEMORY_MBEDTLS_SIZE(0)
#define EACH (LWSEC_MEMORY_MBEDTLS_SIZE(1) - HEAD)

_Static_assert(sizeof(lwsec_mbedtls_store) <= HEAD, "the public size holds a store");
_Static_assert(sizeof(lwsec_mbedtls_key) + sizeof(lwsec_key_slot) <= EACH, "and each of its keys");

static const lwsec_mbedtls_kind *kind_of(const lwsec_algorithm *algorithm)
{
    switch (algorithm->kind) {
    case LWSEC_KIND_AEAD: return lwsec_mbedtls_aead_kind(algorithm->id);
    case LWSEC_KIND_CIPHER: return lwsec_mbedtls_cipher_kind(algorithm->id);
    case LWSEC_KIND_MAC: return lwsec_mbedtls_mac_kind(algorithm->id);
    default: return NULL;
    }
}

static lwsec_status fill(const lwsec_mbedtls_store *self, lwsec_mbedtls_key *key,
                         const lwsec_algorithm *algorithm, lwsec_bytes raw)
{
    key->algorithm = algorithm->id;
    key->tag_size = algorithm->tag_size;
    key->kind = kind_of(algorithm);
    if (algorithm->id == LWSEC_ALG_TDES_CBC) {
        key->size = LWSEC_TDES_KEY;
        if (!lwsec_expand_tdes_key(raw, key->secret)) {
            return LWSEC_USAGE;
        }
    } else {
        key->size = (uint8_t)raw.size;
        memcpy(key->secret, raw.data, raw.size);
    }
    if (algorithm->kind == LWSEC_KIND_SIGNATURE || algorithm->kind == LWSEC_KIND_AGREEMENT) {
        return lwsec_is_p256_scalar(key->secret) ? lwsec_mbedtls_make_pair(self, key) : LWSEC_USAGE;
    }
    return key->kind != NULL ? lwsec_mbedtls_make_context(key) : LWSEC_OK;
}

static lwsec_status destroy(lwsec_store *store, uint32_t slot)
{
    lwsec_mbedtls_key *key = &lwsec_mbedtls_store_of(store)->keys[slot];

    lwsec_mbedtls_drop_context(key, key->context);
    lwsec_wipe(key, sizeof *key);
    return LWSEC_OK;
}

static lwsec_status import(lwsec_store *store, uint32_t slot,
                           const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    lwsec_mbedtls_store *self = lwsec_mbedtls_store_of(store);
    const lwsec_algorithm *algorithm = lwsec_algorithm_find(attributes->algorithm);

    const lwsec_status status = fill(self, &self->keys[slot], algorithm, raw);
    if (status != LWSEC_OK) {
        (void)destroy(store, slot);
    }
    return status;
}

static lwsec_status random_bytes(lwsec_store *store, uint8_t *out, size_t size)
{
    if (lwsec_mbedtls_random_fill(lwsec_mbedtls_store_of(store)->random, out, size) != 0) {
        lwsec_wipe(out, size);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

static const lwsec_store_ops ops = {
    .abi = LWSEC_STORE_ABI,
    .size = sizeof(lwsec_store_ops),
    .name = "memory-mbedtls",
    .tier = LWSEC_TIER_MEMORY,
    .import = import,
    .generate = lwsec_memory_generate,
    .destroy = destroy,
    .seal = lwsec_mbedtls_seal,
    .open = lwsec_mbedtls_open,
    .mac = lwsec_mbedtls_mac,
    .cbc = lwsec_mbedtls_cbc,
    .ctr = lwsec_mbedtls_ctr,
    .block = lwsec_mbedtls_block,
    .extract = lwsec_mbedtls_extract,
    .derive = lwsec_mbedtls_derive,
    .derive_public = lwsec_mbedtls_derive_public,
    .sign = lwsec_mbedtls_sign,
    .sign_digest = lwsec_mbedtls_sign_digest,
    .tls12_psk_master = lwsec_mbedtls_psk_master,
    .verify = lwsec_mbedtls_verify,
    .agree = lwsec_mbedtls_agree,
    .public_key = lwsec_mbedtls_public_key,
    .random = random_bytes,
};

size_t lwsec_memory_mbedtls_size(uint32_t slots)
{
    return lwsec_memory_size(HEAD, EACH, slots);
}

lwsec_status lwsec_memory_mbedtls_open(void *memory, size_t size, uint32_t slots,
                                       lwsec_store **store)
{
    const size_t needed = lwsec_memory_mbedtls_size(slots);
    lwsec_mbedtls_store *self = memory;

    lwsec_status status = lwsec_memory_check(memory, size, needed, slots);
    if (status != LWSEC_OK) {
        return status;
    }
    memset(memory, 0, needed);
    self->keys = lwsec_memory_keys(memory, sizeof *self, slots);
    status = lwsec_store_init(&self->head, &ops, lwsec_memory_slots(memory, sizeof *self), slots);
    if (status != LWSEC_OK) {
        return status;
    }
    self->random = lwsec_mbedtls_random_start();
    if (self->random == NULL) {
        return LWSEC_ENGINE;
    }
    *store = &self->head;
    return LWSEC_OK;
}

void lwsec_memory_mbedtls_close(lwsec_store **store)
{
    if (store == NULL || *store == NULL) {
        return;
    }
    lwsec_mbedtls_store *self = lwsec_mbedtls_store_of(*store);
    const size_t size = lwsec_memory_mbedtls_size(self->head.slot_count);

    lwsec_store_release_all(&self->head);
    lwsec_mbedtls_random_stop(self->random);
    lwsec_wipe(self, size);
    *store = NULL;
}
