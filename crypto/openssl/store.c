/* Opening and closing the store on OpenSSL, and the coming and going of its keys. */
#include "crypto/openssl/store.h"

#include "crypto/memory/generate.h"
#include "crypto/memory/layout.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include <limits.h>

#define HEAD LWSEC_MEMORY_OPENSSL_SIZE(0)
#define EACH (LWSEC_MEMORY_OPENSSL_SIZE(1) - HEAD)

_Static_assert(sizeof(lwsec_openssl_store) <= HEAD, "the public size holds a store");
_Static_assert(sizeof(lwsec_openssl_key) + sizeof(lwsec_key_slot) <= EACH, "and each of its keys");

static lwsec_status fill(lwsec_openssl_store *self, lwsec_openssl_key *key,
                         const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    const lwsec_algorithm *algorithm = lwsec_algorithm_find(attributes->algorithm);

    key->algorithm = algorithm->id;
    key->tag_size = algorithm->tag_size;
    if (algorithm->kind == LWSEC_KIND_SIGNATURE || algorithm->kind == LWSEC_KIND_AGREEMENT) {
        return lwsec_is_p256_scalar(raw.data) ? lwsec_openssl_make_pair(key, raw.data)
                                              : LWSEC_USAGE;
    }
    if (algorithm->id == LWSEC_ALG_TDES_CBC) {
        key->size = LWSEC_TDES_KEY;
        if (!lwsec_expand_tdes_key(raw, key->secret)) {
            return LWSEC_USAGE;
        }
    } else {
        key->size = (uint8_t)raw.size;
        memcpy(key->secret, raw.data, raw.size);
    }
    switch (algorithm->kind) {
    case LWSEC_KIND_AEAD:
    case LWSEC_KIND_CIPHER: return lwsec_openssl_make_lanes(self, key, attributes->usage);
    case LWSEC_KIND_MAC:
        return algorithm->id == LWSEC_ALG_AES_CMAC ? lwsec_openssl_make_cmac(self, key)
                                                   : lwsec_openssl_make_mac(self, key);
    default: return LWSEC_OK;
    }
}

static lwsec_status destroy(lwsec_store *store, uint32_t slot)
{
    lwsec_openssl_key *key = &lwsec_openssl_store_of(store)->keys[slot];

    for (size_t i = 0; i < LWSEC_LANES; i++) {
        EVP_CIPHER_CTX_free(key->lanes[i]);
    }
    EVP_MAC_CTX_free(key->mac);
    EVP_PKEY_free(key->pair);
    lwsec_wipe(key, sizeof *key);
    return LWSEC_OK;
}

static lwsec_status import(lwsec_store *store, uint32_t slot,
                           const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    lwsec_openssl_store *self = lwsec_openssl_store_of(store);

    (void)ERR_set_mark();
    const lwsec_status status = fill(self, &self->keys[slot], attributes, raw);
    if (status != LWSEC_OK) {
        (void)destroy(store, slot);
    }
    (void)ERR_pop_to_mark();
    return status;
}

/* R-5.2.4-16, R-5.2.9.1-12: OpenSSL's generator for secrets, a CTR_DRBG of NIST SP 800-90A. */
lwsec_status lwsec_openssl_random(lwsec_store *store, uint8_t *out, size_t size)
{
    bool done = true;

    (void)store;
    (void)ERR_set_mark();
    for (size_t at = 0; done && at < size;) {
        const size_t part = size - at < INT_MAX ? size - at : INT_MAX;
        done = RAND_priv_bytes(&out[at], (int)part) == 1;
        at += part;
    }
    (void)ERR_pop_to_mark();
    if (!done) {
        lwsec_wipe(out, size);
        return LWSEC_ENGINE;
    }
    return LWSEC_OK;
}

static const lwsec_store_ops ops = {
    .abi = LWSEC_STORE_ABI,
    .size = sizeof(lwsec_store_ops),
    .name = "memory-openssl",
    .tier = LWSEC_TIER_MEMORY,
    .import = import,
    .generate = lwsec_memory_generate,
    .destroy = destroy,
    .seal = lwsec_openssl_seal,
    .open = lwsec_openssl_open,
    .mac = lwsec_openssl_mac,
    .cbc = lwsec_openssl_cbc,
    .ctr = lwsec_openssl_ctr,
    .block = lwsec_openssl_block,
    .extract = lwsec_openssl_extract,
    .derive = lwsec_openssl_derive,
    .derive_public = lwsec_openssl_derive_public,
    .sign = lwsec_openssl_sign,
    .sign_digest = lwsec_openssl_sign_digest,
    .tls12_psk_master = lwsec_openssl_psk_master,
    .verify = lwsec_openssl_verify,
    .agree = lwsec_openssl_agree,
    .public_key = lwsec_openssl_public_key,
    .random = lwsec_openssl_random,
};

size_t lwsec_memory_openssl_size(uint32_t slots)
{
    return lwsec_memory_size(HEAD, EACH, slots);
}

/* A cipher that this OpenSSL lacks stays NULL: its keys are LWSEC_UNSUPPORTED. */
static void fetch(lwsec_openssl_store *self)
{
    static const char *const names[LWSEC_OPENSSL_CIPHERS] = {
        "AES-128-CCM", "AES-192-CCM", "AES-256-CCM",       "AES-128-GCM", "AES-192-GCM",
        "AES-256-GCM", "AES-128-CBC", "AES-192-CBC",       "AES-256-CBC", "AES-128-CTR",
        "AES-192-CTR", "AES-256-CTR", "ChaCha20-Poly1305", "DES-EDE3-CBC"};

    for (size_t i = 0; i < LWSEC_OPENSSL_CIPHERS; i++) {
        self->ciphers[i] = EVP_CIPHER_fetch(NULL, names[i], NULL);
    }
    self->hmac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
}

lwsec_status lwsec_memory_openssl_open(void *memory, size_t size, uint32_t slots,
                                       lwsec_store **store)
{
    const size_t needed = lwsec_memory_openssl_size(slots);
    lwsec_openssl_store *self = memory;

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
    (void)ERR_set_mark();
    const bool seeded = RAND_status() == 1;
    if (seeded) {
        fetch(self);
    }
    (void)ERR_pop_to_mark();
    if (!seeded) {
        return LWSEC_ENGINE;
    }
    *store = &self->head;
    return LWSEC_OK;
}

void lwsec_memory_openssl_close(lwsec_store **store)
{
    if (store == NULL || *store == NULL) {
        return;
    }
    lwsec_openssl_store *self = lwsec_openssl_store_of(*store);
    const size_t size = lwsec_memory_openssl_size(self->head.slot_count);

    lwsec_store_release_all(&self->head);
    for (size_t i = 0; i < LWSEC_OPENSSL_CIPHERS; i++) {
        EVP_CIPHER_free(self->ciphers[i]);
    }
    EVP_MAC_free(self->hmac);
    lwsec_wipe(self, size);
    *store = NULL;
}
