/* A store whose AEAD does nothing, to see what the protocol costs. Test code: not in any library.
 */
#include <lwsec/store.h>

#include "bench/engine.h"

#include <string.h>

#define TAG_SIZE 8U

typedef struct null_store {
    lwsec_store base;
    lwsec_key_slot slots[BENCH_SLOTS];
} null_store;

static lwsec_status import(lwsec_store *store, uint32_t slot,
                           const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    (void)store, (void)slot, (void)attributes, (void)raw;
    return LWSEC_OK;
}

static lwsec_status destroy(lwsec_store *store, uint32_t slot)
{
    (void)store, (void)slot;
    return LWSEC_OK;
}

static lwsec_status seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                         lwsec_bytes plaintext, uint8_t *out)
{
    (void)store, (void)slot, (void)nonce, (void)aad;
    if (out != plaintext.data) {
        memcpy(out, plaintext.data, plaintext.size);
    }
    memset(&out[plaintext.size], 0, TAG_SIZE);
    return LWSEC_OK;
}

static lwsec_status open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                         lwsec_bytes ciphertext, uint8_t *out)
{
    (void)store, (void)slot, (void)nonce, (void)aad;
    if (out != ciphertext.data) {
        memcpy(out, ciphertext.data, ciphertext.size - TAG_SIZE);
    }
    return LWSEC_OK;
}

/* Derivations give zeros: no message of this store ever leaves the bench. */
static lwsec_status extract(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes salt,
                            lwsec_store *target, const lwsec_key_attributes *attributes,
                            lwsec_key *prk)
{
    static const uint8_t zeros[32];
    (void)store, (void)slot, (void)hmac, (void)salt;
    return lwsec_key_import(target, attributes, lwsec_bytes_of(zeros, sizeof zeros), prk);
}

static lwsec_status derive(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                           lwsec_store *target, const lwsec_key_attributes *attributes,
                           size_t key_size, lwsec_key *derived)
{
    static const uint8_t zeros[64];
    (void)store, (void)slot, (void)hmac, (void)info;
    return lwsec_key_import(target, attributes, lwsec_bytes_of(zeros, key_size), derived);
}

static lwsec_status derive_public(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes info,
                                  uint8_t *out, size_t size)
{
    (void)store, (void)slot, (void)hmac;
    /* Records need names that differ by ID: fold the info into the output. */
    memset(out, 0, size);
    for (size_t i = 0; i < info.size; i++) {
        out[i % size] = (uint8_t)(out[i % size] * 31U + info.data[i]);
    }
    return LWSEC_OK;
}

static lwsec_status random_bytes(lwsec_store *store, uint8_t *out, size_t size)
{
    (void)store;
    memset(out, 0, size);
    return LWSEC_OK;
}

static const lwsec_store_ops ops = {
    .abi = LWSEC_STORE_ABI,
    .size = sizeof ops,
    .name = "null",
    .tier = LWSEC_TIER_MEMORY,
    .import = import,
    .destroy = destroy,
    .seal = seal,
    .open = open,
    .extract = extract,
    .derive = derive,
    .derive_public = derive_public,
    .random = random_bytes,
};

size_t null_store_size(uint32_t slots)
{
    (void)slots;
    return sizeof(null_store);
}

lwsec_status null_store_open(void *memory, size_t size, uint32_t slots, lwsec_store **store)
{
    null_store *made = memory;

    if (size < sizeof *made || slots > BENCH_SLOTS) {
        return LWSEC_BUFFER;
    }
    *store = &made->base;
    return lwsec_store_init(&made->base, &ops, made->slots, slots);
}

void null_store_close(lwsec_store **store)
{
    lwsec_store_release_all(*store);
    *store = NULL;
}
