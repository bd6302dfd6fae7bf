/* A key store that has one algorithm: HMAC with SHA-256, by the store on OpenSSL. */
#include <lwsec/memory_openssl.h>
#include <lwsec/store_check.h>

#include <stdlib.h>
#include <string.h>

/* The keys are handles of the other store. */
typedef struct mac_store {
    lwsec_store head;
    lwsec_store *below;
    void *memory;
    lwsec_key *keys;
    lwsec_key_slot slots[];
} mac_store;

static lwsec_status mac_import(lwsec_store *store, uint32_t slot,
                               const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    mac_store *self = (mac_store *)store;

    return attributes->algorithm == LWSEC_ALG_HMAC_256
               ? lwsec_key_import(self->below, attributes, raw, &self->keys[slot])
               : LWSEC_UNSUPPORTED;
}

static lwsec_status mac_destroy(lwsec_store *store, uint32_t slot)
{
    return lwsec_key_destroy(&((mac_store *)store)->keys[slot]);
}

static lwsec_status mac_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                            uint8_t *mac)
{
    (void)hmac;
    return lwsec_key_mac(((mac_store *)store)->keys[slot], message, mac, 32);
}

static void mac_close(lwsec_store **store)
{
    mac_store *self = (mac_store *)*store;

    lwsec_store_release_all(*store);
    lwsec_memory_openssl_close(&self->below);
    free(self->keys);
    free(self->memory);
    free(self);
    *store = NULL;
}

static lwsec_status mac_open(uint32_t slots, lwsec_store **store)
{
    static const lwsec_store_ops ops = {.abi = LWSEC_STORE_ABI,
                                        .size = sizeof ops,
                                        .name = "mac",
                                        .tier = LWSEC_TIER_MEMORY,
                                        .import = mac_import,
                                        .destroy = mac_destroy,
                                        .mac = mac_mac};
    const size_t size = lwsec_memory_openssl_size(slots);
    mac_store *self = calloc(1, sizeof *self + slots * sizeof self->slots[0]);
    lwsec_status status = LWSEC_ENGINE;

    if (self == NULL) {
        return LWSEC_ENGINE;
    }
    self->memory = malloc(size);
    self->keys = calloc(slots, sizeof *self->keys);
    if (self->memory != NULL && self->keys != NULL) {
        status = lwsec_memory_openssl_open(self->memory, size, slots, &self->below);
    }
    if (status == LWSEC_OK) {
        status = lwsec_store_init(&self->head, &ops, self->slots, slots);
    }
    *store = &self->head;
    if (status != LWSEC_OK) {
        lwsec_memory_openssl_close(&self->below);
        free(self->keys);
        free(self->memory);
        free(self);
        *store = NULL;
    }
    return status;
}

const lwsec_store_check lwsec_store_check_plugin = {
    .size = sizeof lwsec_store_check_plugin, .open = mac_open, .close = mac_close};
