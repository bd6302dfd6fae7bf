/* A store that protects nothing, so that fuzzers reach what lies behind the tag. */
#include "open_store.h"

#include <string.h>

static lwsec_status key_import(lwsec_store *store, uint32_t slot,
                               const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    (void)raw;
    ((open_store *)store)->tag_sizes[slot] = lwsec_algorithm_find(attributes->algorithm)->tag_size;
    return LWSEC_OK;
}

static lwsec_status key_destroy(lwsec_store *store, uint32_t slot)
{
    (void)store;
    (void)slot;
    return LWSEC_OK;
}

/* The ciphertext is the plaintext; a tag is any bytes of which the last is not 0xff. */
static lwsec_status key_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                             lwsec_bytes plaintext, uint8_t *out)
{
    (void)nonce;
    (void)aad;
    memmove(out, plaintext.data, plaintext.size);
    memset(&out[plaintext.size], 0, ((open_store *)store)->tag_sizes[slot]);
    return LWSEC_OK;
}

static lwsec_status key_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                             lwsec_bytes ciphertext, uint8_t *out)
{
    const size_t size = ciphertext.size - ((open_store *)store)->tag_sizes[slot];

    (void)nonce;
    (void)aad;
    if (ciphertext.data[ciphertext.size - 1] == 0xff) {
        memset(out, 0, size);
        return LWSEC_REJECT;
    }
    memmove(out, ciphertext.data, size);
    return LWSEC_OK;
}

/* Not the same for different messages: records need names of their own. */
static lwsec_status key_mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                            uint8_t *mac)
{
    (void)store;
    (void)slot;
    (void)hmac;
    memset(mac, 0, 32);
    for (size_t i = 0; i < message.size; i++) {
        mac[i % 16] = (uint8_t)(mac[i % 16] * 31U + message.data[i]);
    }
    return LWSEC_OK;
}

static lwsec_status key_random(lwsec_store *store, uint8_t *out, size_t size)
{
    (void)store;
    memset(out, 'E', size); /* an Echo value that inputs can hold */
    return LWSEC_OK;
}

const lwsec_store_ops open_ops = {.abi = LWSEC_STORE_ABI,
                                  .size = sizeof(lwsec_store_ops),
                                  .name = "open",
                                  .tier = LWSEC_TIER_MEMORY,
                                  .import = key_import,
                                  .destroy = key_destroy,
                                  .seal = key_seal,
                                  .open = key_open,
                                  .mac = key_mac,
                                  .random = key_random};
