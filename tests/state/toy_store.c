/* The toy store: mixing that notices every change, and hides nothing from anybody. */
#include "tests/support/test.h"

#include "tests/state/toy_store.h"

static uint64_t mix(uint64_t state, uint64_t input)
{
    state = (state ^ input) + 0x9e3779b97f4a7c15U;
    state = (state ^ state >> 30) * 0xbf58476d1ce4e5b9U;
    state = (state ^ state >> 27) * 0x94d049bb133111ebU;
    return state ^ state >> 31;
}

static uint64_t mix_bytes(uint64_t state, lwsec_bytes bytes)
{
    state = mix(state, bytes.size);
    for (size_t i = 0; i < bytes.size; i++) {
        state = mix(state, bytes.data[i]);
    }
    return state;
}

static uint64_t start(const toy_store *toy, uint32_t slot, lwsec_bytes nonce)
{
    return mix_bytes(mix_bytes(1, lwsec_bytes_of(toy->keys[slot], 32)), nonce);
}

static void cipher(uint64_t state, lwsec_bytes input, uint8_t *out)
{
    for (size_t i = 0; i < input.size; i++) {
        out[i] = (uint8_t)(input.data[i] ^ mix(state, i));
    }
}

static void tag_of(uint64_t state, lwsec_bytes aad, lwsec_bytes ciphertext, uint8_t tag[16])
{
    uint64_t sum = mix_bytes(mix_bytes(state, aad), ciphertext);

    for (size_t i = 0; i < 16; i++) {
        sum = mix(sum, i);
        tag[i] = (uint8_t)sum;
    }
}

static size_t tag_size(lwsec_store *store, uint32_t slot)
{
    return ((toy_store *)store)->tag_sizes[slot];
}

static lwsec_status toy_import(lwsec_store *store, uint32_t slot,
                               const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    toy_store *toy = (toy_store *)store;

    toy->tag_sizes[slot] = lwsec_algorithm_find(attributes->algorithm)->tag_size;
    memcpy(toy->keys[slot], raw.data, raw.size);
    return LWSEC_OK;
}

static lwsec_status toy_destroy(lwsec_store *store, uint32_t slot)
{
    lwsec_wipe(((toy_store *)store)->keys[slot], 32);
    return LWSEC_OK;
}

static lwsec_status toy_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                             lwsec_bytes plaintext, uint8_t *out)
{
    toy_store *toy = (toy_store *)store;
    const uint64_t state = start(toy, slot, nonce);
    uint8_t tag[16];

    if (toy->seal_answer != LWSEC_OK) {
        return toy->seal_answer;
    }
    cipher(state, plaintext, out);
    tag_of(state, aad, lwsec_bytes_of(out, plaintext.size), tag);
    memcpy(&out[plaintext.size], tag, tag_size(store, slot));
    return LWSEC_OK;
}

static lwsec_status toy_open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                             lwsec_bytes ciphertext, uint8_t *out)
{
    toy_store *toy = (toy_store *)store;
    const uint64_t state = start(toy, slot, nonce);
    const size_t size = ciphertext.size - tag_size(store, slot);
    const lwsec_bytes body = lwsec_bytes_of(ciphertext.data, size);
    uint8_t tag[16];

    if (toy->seal_answer != LWSEC_OK) {
        return toy->seal_answer;
    }
    tag_of(state, aad, body, tag);
    if (memcmp(tag, &ciphertext.data[size], ciphertext.size - size) != 0) {
        return LWSEC_REJECT;
    }
    cipher(state, body, out);
    return LWSEC_OK;
}

static lwsec_status toy_random(lwsec_store *store, uint8_t *out, size_t size)
{
    toy_store *toy = (toy_store *)store;

    if (toy->random_answer != LWSEC_OK) {
        return toy->random_answer;
    }
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)mix(atomic_fetch_add(&toy->random, 1), 0);
    }
    return LWSEC_OK;
}

static const lwsec_store_ops toy_ops = {
    .abi = LWSEC_STORE_ABI,
    .size = sizeof(lwsec_store_ops),
    .name = "toy",
    .tier = LWSEC_TIER_MEMORY,
    .import = toy_import,
    .destroy = toy_destroy,
    .seal = toy_seal,
    .open = toy_open,
    .random = toy_random,
};

void toy_store_open(toy_store *store)
{
    memset(store, 0, sizeof *store);
    assert_status(lwsec_store_init(&store->head, &toy_ops, store->slots, 4), LWSEC_OK);
}

lwsec_key toy_key(lwsec_store *store, int32_t algorithm, uint32_t usage, uint8_t filler)
{
    uint8_t raw[32];
    const lwsec_key_attributes attributes = {
        .size = sizeof attributes, .algorithm = algorithm, .usage = usage};
    lwsec_key key = {0};

    memset(raw, filler, sizeof raw);
    const size_t size = lwsec_algorithm_find(algorithm)->key_size_max;
    assert_status(lwsec_key_import(store, &attributes, lwsec_bytes_of(raw, size), &key), LWSEC_OK);
    return key;
}
