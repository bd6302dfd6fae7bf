/* The probes: each runs one operation in the store and compares with the reference. LWSEC_REJECT is
 * "it ran, and the result is wrong". */
#include "tests/store-check/probe.h"

#include "tests/support/stores.h"

#include <string.h>

#define TEXT 48U /* whole blocks of every cipher */
#define POINT 65U

static const uint8_t bytes[64] = "0123456789abcdefABCDEFGHIJKLMNOPzyxwvutsrqponmlkjihgfedcba98765";
static const lwsec_bytes text = {bytes, TEXT};

static lwsec_status make(lwsec_store *store, int32_t algorithm, uint32_t usage, lwsec_key *key)
{
    const lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage, {NULL, 0}};
    const size_t size = lwsec_algorithm_find(algorithm)->key_size_max;

    return lwsec_key_import(store, &attributes, lwsec_bytes_of(bytes, size < 32 ? size : 32), key);
}

/* The key for this that is in the store already, if there is one. */
static const lwsec_store_check_key *given(const probe_stores *stores, int32_t algorithm,
                                          uint32_t usage)
{
    for (size_t i = 0; i < stores->key_count; i++) {
        const lwsec_store_check_key *key = &stores->keys[i];
        if (key->algorithm == algorithm && (key->usage & usage) == usage) {
            return key;
        }
    }
    return NULL;
}

static lwsec_bytes name_of(const lwsec_store_check_key *key)
{
    return lwsec_bytes_of(key->name, strlen(key->name));
}

static bool is_empty(const lwsec_store_check_key *key)
{
    return key->secret.size == 0 && key->point.size == 0;
}

static lwsec_key_attributes attributes_of(const lwsec_store_check_key *key)
{
    const lwsec_key_attributes attributes = {sizeof attributes, key->algorithm, key->usage,
                                             name_of(key)};
    return attributes;
}

/* A key of the store, brought or there already, and how it is protected. */
static lwsec_status make_here(const probe_stores *stores, int32_t algorithm, uint32_t usage,
                              lwsec_key *key, lwsec_tier *tier)
{
    const lwsec_store_check_key *there = given(stores, algorithm, usage);
    lwsec_key_description told = {.size = sizeof told};
    lwsec_status status = LWSEC_OK;

    if (there == NULL) {
        status = make(stores->store, algorithm, usage, key);
    } else if (is_empty(there)) {
        const lwsec_key_attributes attributes = attributes_of(there);
        status = lwsec_key_generate(stores->store, &attributes, 0, key);
    } else {
        status = lwsec_key_find(stores->store, name_of(there), key);
    }
    if (status == LWSEC_OK) {
        status = lwsec_key_describe(*key, &told);
        *tier = told.tier;
    }
    return status;
}

/* The same key in the reference. */
static lwsec_status make_there(const probe_stores *stores, int32_t algorithm, uint32_t usage,
                               lwsec_key *key)
{
    const lwsec_store_check_key *there = given(stores, algorithm, usage);
    const lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage, {NULL, 0}};

    return there == NULL ? make(stores->reference, algorithm, usage, key)
                         : lwsec_key_import(stores->reference, &attributes, there->secret, key);
}

/* The same key here and in the reference, and how it is protected here. */
static lwsec_status make_both(const probe_stores *stores, int32_t algorithm, uint32_t usage,
                              lwsec_key keys[2], lwsec_tier *tier)
{
    const lwsec_status status = make_here(stores, algorithm, usage, &keys[0], tier);

    return status == LWSEC_OK ? make_there(stores, algorithm, usage, &keys[1]) : status;
}

/* The status of a probe: of its last step, or LWSEC_REJECT if the results differ. */
static lwsec_status compare(lwsec_status status, const uint8_t *one, const uint8_t *other,
                            size_t size)
{
    return status == LWSEC_OK && memcmp(one, other, size) != 0 ? LWSEC_REJECT : status;
}

/* Keys that were there already stay, all others are gone. */
static lwsec_status let_go(lwsec_key *keys, size_t count, lwsec_status status)
{
    for (size_t i = 0; i < count; i++) {
        const lwsec_status gone = lwsec_key_release(&keys[i]);
        status = status == LWSEC_OK ? gone : status;
    }
    return status;
}

static lwsec_status run_aead(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    const lwsec_algorithm *aead = lwsec_algorithm_find(algorithm);
    const lwsec_bytes nonce = lwsec_bytes_of(bytes, aead->nonce_size);
    lwsec_key keys[2] = {{NULL, 0, 0}, {NULL, 0, 0}};
    uint8_t out[2][TEXT + 16];

    lwsec_status status = make_both(stores, algorithm, LWSEC_USE_SEAL | LWSEC_USE_OPEN, keys, tier);
    for (size_t i = 0; i < 2 && status == LWSEC_OK; i++) {
        status = lwsec_key_seal(keys[i], nonce, text, text, out[i], sizeof out[i]);
    }
    status = compare(status, out[0], out[1], TEXT + aead->tag_size);
    if (status == LWSEC_OK) {
        status = lwsec_key_open(keys[0], nonce, text, lwsec_bytes_of(out[1], TEXT + aead->tag_size),
                                out[0], sizeof out[0]);
    }
    return let_go(keys, 2, compare(status, out[0], bytes, TEXT));
}

static lwsec_status run_mac(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    lwsec_key keys[2] = {{NULL, 0, 0}, {NULL, 0, 0}};
    uint8_t out[2][64];

    lwsec_status status = make_both(stores, algorithm, LWSEC_USE_MAC, keys, tier);
    for (size_t i = 0; i < 2 && status == LWSEC_OK; i++) {
        status = lwsec_key_mac(keys[i], text, out[i], sizeof out[i]);
    }
    status = compare(status, out[0], out[1], lwsec_algorithm_find(algorithm)->tag_size);
    return let_go(keys, 2, status);
}

static lwsec_status run_cbc(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    const lwsec_bytes iv = lwsec_bytes_of(bytes, lwsec_algorithm_find(algorithm)->nonce_size);
    lwsec_key keys[2] = {{NULL, 0, 0}, {NULL, 0, 0}};
    uint8_t out[2][TEXT];

    lwsec_status status =
        make_both(stores, algorithm, LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT, keys, tier);
    for (size_t i = 0; i < 2 && status == LWSEC_OK; i++) {
        status = lwsec_key_cbc(keys[i], LWSEC_ENCRYPT, iv, text, out[i], TEXT);
    }
    status = compare(status, out[0], out[1], TEXT);
    if (status == LWSEC_OK) {
        status =
            lwsec_key_cbc(keys[0], LWSEC_DECRYPT, iv, lwsec_bytes_of(out[1], TEXT), out[0], TEXT);
    }
    return let_go(keys, 2, compare(status, out[0], bytes, TEXT));
}

static lwsec_status run_ctr(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    lwsec_key keys[2] = {{NULL, 0, 0}, {NULL, 0, 0}};
    uint8_t out[2][TEXT];

    lwsec_status status = make_both(stores, algorithm, LWSEC_USE_ENCRYPT, keys, tier);
    for (size_t i = 0; i < 2 && status == LWSEC_OK; i++) {
        status = lwsec_key_ctr(keys[i], lwsec_bytes_of(bytes, 16), lwsec_bytes_of(bytes, TEXT - 3),
                               out[i], TEXT);
    }
    return let_go(keys, 2, compare(status, out[0], out[1], TEXT - 3));
}

static lwsec_status run_block(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    const lwsec_bytes block = lwsec_bytes_of(bytes, lwsec_algorithm_find(algorithm)->nonce_size);
    lwsec_key keys[2] = {{NULL, 0, 0}, {NULL, 0, 0}};
    uint8_t out[2][16];

    lwsec_status status = make_both(stores, algorithm, LWSEC_USE_ENCRYPT, keys, tier);
    for (size_t i = 0; i < 2 && status == LWSEC_OK; i++) {
        status = lwsec_key_block(keys[i], block, out[i], sizeof out[i]);
    }
    return let_go(keys, 2, compare(status, out[0], out[1], block.size));
}

static lwsec_status run_secret(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    lwsec_key keys[2] = {{NULL, 0, 0}, {NULL, 0, 0}};

    return let_go(keys, 2, make_both(stores, algorithm, LWSEC_USE_EXTRACT, keys, tier));
}

/* Into `target`. That it is the right key is for the suite to show. */
static lwsec_status extract(const probe_stores *stores, lwsec_store *target, lwsec_tier *tier)
{
    lwsec_key keys[4] = {{NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}};

    lwsec_status status = make_both(stores, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, keys, tier);
    if (status == LWSEC_OK) {
        status = lwsec_key_extract(keys[0], LWSEC_ALG_HMAC_256, text, target, &keys[2]);
    }
    if (status == LWSEC_OK) {
        status = lwsec_key_extract(keys[1], LWSEC_ALG_HMAC_256, text, NULL, &keys[3]);
    }
    return let_go(keys, 4, status);
}

static lwsec_status run_extract(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    (void)algorithm;
    return extract(stores, stores->store, tier);
}

static lwsec_status run_extract_out(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    (void)algorithm;
    return extract(stores, stores->reference, tier);
}

/* Keys of HMAC that both derive: they give one MAC. */
static lwsec_status derive(const probe_stores *stores, lwsec_store *target, lwsec_tier *tier)
{
    const lwsec_key_attributes hmac = {sizeof hmac, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    lwsec_key keys[4] = {{NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
    uint8_t out[2][32];

    lwsec_status status = make_both(stores, LWSEC_ALG_HKDF, LWSEC_USE_DERIVE, keys, tier);
    if (status == LWSEC_OK) {
        status = lwsec_key_derive(keys[0], LWSEC_ALG_HMAC_256, text, target, &hmac, 32, &keys[2]);
    }
    if (status == LWSEC_OK) {
        status = lwsec_key_derive(keys[1], LWSEC_ALG_HMAC_256, text, NULL, &hmac, 32, &keys[3]);
    }
    for (size_t i = 0; i < 2 && status == LWSEC_OK; i++) {
        status = lwsec_key_mac(keys[2 + i], text, out[i], sizeof out[i]);
    }
    return let_go(keys, 4, compare(status, out[0], out[1], 32));
}

static lwsec_status run_derive(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    (void)algorithm;
    return derive(stores, stores->store, tier);
}

static lwsec_status run_derive_out(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    (void)algorithm;
    return derive(stores, stores->reference, tier);
}

/* A pair of the store, and its point: as it is known, or as the store tells it where it is not. */
static lwsec_status make_pair(const probe_stores *stores, int32_t algorithm, uint32_t usage,
                              lwsec_key *key, uint8_t point[POINT], lwsec_tier *tier)
{
    const lwsec_store_check_key *there = given(stores, algorithm, usage);
    lwsec_key same = {NULL, 0, 0};

    lwsec_status status = make_here(stores, algorithm, usage, key, tier);
    if (status != LWSEC_OK) {
        return status;
    }
    if (there != NULL && is_empty(there)) {
        return lwsec_key_public(*key, point, POINT);
    }
    if (there != NULL && there->point.size == POINT) {
        memcpy(point, there->point.data, POINT);
        return LWSEC_OK;
    }
    status = make_there(stores, algorithm, usage, &same);
    if (status == LWSEC_OK) {
        status = lwsec_key_public(same, point, POINT);
    }
    return let_go(&same, 1, status);
}

/* Signs here, verifies in `verifier`. */
static lwsec_status sign(const probe_stores *stores, lwsec_store *verifier, bool digest,
                         lwsec_tier *tier)
{
    /* SHA-256 of nothing (FIPS 180-4). */
    static const uint8_t of_nothing[32] = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14,
                                           0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
                                           0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c,
                                           0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};
    const lwsec_bytes none = {NULL, 0};
    lwsec_key key = {NULL, 0, 0};
    uint8_t point[POINT];
    uint8_t signature[64];

    lwsec_status status = make_pair(stores, LWSEC_ALG_ES256, LWSEC_USE_SIGN, &key, point, tier);
    if (status == LWSEC_OK) {
        status = digest ? lwsec_key_sign_digest(key, lwsec_bytes_of(of_nothing, 32), signature,
                                                sizeof signature)
                        : lwsec_key_sign(key, none, signature, sizeof signature);
    }
    if (status == LWSEC_OK) {
        status = lwsec_verify(verifier, LWSEC_ALG_ES256, lwsec_bytes_of(point, sizeof point), none,
                              lwsec_bytes_of(signature, sizeof signature));
    }
    return let_go(&key, 1, status);
}

static lwsec_status run_sign(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    (void)algorithm;
    return sign(stores, stores->reference, false, tier);
}

static lwsec_status run_sign_digest(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    (void)algorithm;
    return sign(stores, stores->reference, true, tier);
}

static lwsec_status run_verify(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    (void)algorithm;
    return sign(stores, stores->store, false, tier);
}

static lwsec_status run_agreement_key(const probe_stores *stores, int32_t algorithm,
                                      lwsec_tier *tier)
{
    lwsec_key key = {NULL, 0, 0};

    return let_go(&key, 1, make_here(stores, algorithm, LWSEC_USE_AGREE, &key, tier));
}

/* The public half of a key that was brought, or is known, is the one that it should be. */
static lwsec_status run_public(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    lwsec_key key = {NULL, 0, 0};
    uint8_t out[2][POINT];

    lwsec_status status = make_pair(stores, algorithm, LWSEC_USE_SIGN, &key, out[1], tier);
    if (status == LWSEC_OK) {
        status = lwsec_key_public(key, out[0], POINT);
    }
    return let_go(&key, 1, compare(status, out[0], out[1], POINT));
}

/* A MAC with a key that is derived from a shared secret. */
static lwsec_status mac_of(lwsec_key shared, uint8_t mac[32])
{
    const lwsec_key_attributes hmac = {sizeof hmac, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    lwsec_key keys[2] = {{NULL, 0, 0}, {NULL, 0, 0}};

    lwsec_status status = lwsec_key_extract(shared, LWSEC_ALG_HMAC_256, text, NULL, &keys[0]);
    if (status == LWSEC_OK) {
        status = lwsec_key_derive(keys[0], LWSEC_ALG_HMAC_256, text, NULL, &hmac, 32, &keys[1]);
    }
    if (status == LWSEC_OK) {
        status = lwsec_key_mac(keys[1], text, mac, 32);
    }
    return let_go(keys, 2, status);
}

/* With a pair of the reference, which agrees too. The secrets are compared where both are in the
 * reference; that they are the same elsewhere is for the suite to show. */
static lwsec_status agree(const probe_stores *stores, lwsec_store *target, lwsec_tier *tier)
{
    const lwsec_key_attributes pair = {
        sizeof pair, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, {NULL, 0}};
    lwsec_key keys[4] = {{NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
    uint8_t points[2][POINT];
    uint8_t macs[2][32] = {{0}};

    lwsec_status status =
        make_pair(stores, LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE, &keys[0], points[0], tier);
    if (status == LWSEC_OK) {
        status = lwsec_key_generate(stores->reference, &pair, 0, &keys[1]);
    }
    if (status == LWSEC_OK) {
        status = lwsec_key_public(keys[1], points[1], POINT);
    }
    if (status == LWSEC_OK) {
        status = lwsec_key_agree(keys[0], lwsec_bytes_of(points[1], POINT), target, &keys[2]);
    }
    if (status == LWSEC_OK) {
        status = lwsec_key_agree(keys[1], lwsec_bytes_of(points[0], POINT), NULL, &keys[3]);
    }
    for (size_t i = 0; i < 2 && status == LWSEC_OK && target == stores->reference; i++) {
        status = mac_of(keys[2 + i], macs[i]);
    }
    status = target == stores->reference ? compare(status, macs[0], macs[1], 32) : status;
    return let_go(keys, 4, status);
}

static lwsec_status run_agree(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    (void)algorithm;
    return agree(stores, stores->store, tier);
}

static lwsec_status run_agree_out(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    (void)algorithm;
    return agree(stores, stores->reference, tier);
}

static lwsec_status run_psk(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    lwsec_key keys[2] = {{NULL, 0, 0}, {NULL, 0, 0}};
    uint8_t out[2][48];

    lwsec_status status = make_both(stores, algorithm, LWSEC_USE_PSK, keys, tier);
    for (size_t i = 0; i < 2 && status == LWSEC_OK; i++) {
        status =
            lwsec_key_tls12_psk_master(keys[i], LWSEC_ALG_HMAC_256, text, out[i], sizeof out[i]);
    }
    return let_go(keys, 2, compare(status, out[0], out[1], 48));
}

static uint32_t usage_of(lwsec_algorithm_kind kind)
{
    static const uint32_t usages[] = {[LWSEC_KIND_AEAD] = LWSEC_USE_SEAL | LWSEC_USE_OPEN,
                                      [LWSEC_KIND_MAC] = LWSEC_USE_MAC,
                                      [LWSEC_KIND_KDF] = LWSEC_USE_DERIVE,
                                      [LWSEC_KIND_CIPHER] = LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT,
                                      [LWSEC_KIND_SIGNATURE] = LWSEC_USE_SIGN,
                                      [LWSEC_KIND_AGREEMENT] = LWSEC_USE_AGREE,
                                      [LWSEC_KIND_PSK] = LWSEC_USE_PSK};
    return usages[kind];
}

/* Where a new key goes: into an empty container, if the store has some, or without a name. */
static lwsec_key_attributes new_key(const probe_stores *stores, int32_t algorithm, uint32_t usage)
{
    lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage, {NULL, 0}};

    for (size_t i = 0; i < stores->key_count; i++) {
        const lwsec_store_check_key *key = &stores->keys[i];
        if (key->algorithm == algorithm && key->usage == usage && is_empty(key)) {
            attributes.name = name_of(key);
        }
    }
    return attributes;
}

static lwsec_status run_generate(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    const lwsec_key_attributes attributes =
        new_key(stores, algorithm, usage_of(lwsec_algorithm_find(algorithm)->kind));
    lwsec_key_description told = {.size = sizeof told};
    lwsec_key key = {NULL, 0, 0};

    lwsec_status status = lwsec_key_generate(stores->store, &attributes, 0, &key);
    if (status == LWSEC_OK) {
        status = lwsec_key_describe(key, &told);
        *tier = told.tier;
    }
    return let_go(&key, 1, status);
}

/* What the store made is a pair: its public half verifies what the private one signs. */
static lwsec_status run_generate_pair(const probe_stores *stores, int32_t algorithm,
                                      lwsec_tier *tier)
{
    const lwsec_key_attributes attributes = new_key(stores, algorithm, LWSEC_USE_SIGN);
    lwsec_key_description told = {.size = sizeof told};
    lwsec_key key = {NULL, 0, 0};
    uint8_t point[65];
    uint8_t signature[64];

    lwsec_status status = lwsec_key_generate(stores->store, &attributes, 0, &key);
    if (status == LWSEC_OK) {
        status = lwsec_key_describe(key, &told);
        *tier = told.tier;
    }
    if (status == LWSEC_OK) {
        status = lwsec_key_public(key, point, sizeof point);
    }
    if (status == LWSEC_OK) {
        status = lwsec_key_sign(key, text, signature, sizeof signature);
    }
    if (status == LWSEC_OK) {
        status = lwsec_verify(stores->reference, algorithm, lwsec_bytes_of(point, sizeof point),
                              text, lwsec_bytes_of(signature, sizeof signature));
    }
    return let_go(&key, 1, status);
}

static lwsec_status run_random(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    uint8_t out[2][32] = {{0}};

    (void)algorithm;
    (void)tier;
    lwsec_status status = lwsec_random(stores->store, out[0], sizeof out[0]);
    if (status == LWSEC_OK) {
        status = lwsec_random(stores->store, out[1], sizeof out[1]);
    }
    return status == LWSEC_OK && memcmp(out[0], out[1], 32) == 0 ? LWSEC_REJECT : status;
}

/* A name that nobody has is absent, which a store can say only if it keeps names. */
static lwsec_status run_names(const probe_stores *stores, int32_t algorithm, lwsec_tier *tier)
{
    static const char name[] = "lwsec-check-nobody";
    lwsec_key key = {NULL, 0, 0};

    (void)algorithm;
    (void)tier;
    const lwsec_status status =
        lwsec_key_find(stores->store, lwsec_bytes_of(name, sizeof name - 1), &key);
    return status == LWSEC_ABSENT ? LWSEC_OK : status == LWSEC_OK ? LWSEC_REJECT : status;
}

static const probe probes[] = {
    {"AES-CCM-16-64-128", LWSEC_ALG_AES_CCM_16_64_128, 0, run_aead},
    {"AES-CCM-16-64-256", LWSEC_ALG_AES_CCM_16_64_256, 0, run_aead},
    {"AES-CCM-64-64-128", LWSEC_ALG_AES_CCM_64_64_128, 0, run_aead},
    {"AES-CCM-64-64-256", LWSEC_ALG_AES_CCM_64_64_256, 0, run_aead},
    {"AES-CCM-16-128-128", LWSEC_ALG_AES_CCM_16_128_128, 0, run_aead},
    {"AES-CCM-16-128-256", LWSEC_ALG_AES_CCM_16_128_256, 0, run_aead},
    {"AES-CCM-64-128-128", LWSEC_ALG_AES_CCM_64_128_128, 0, run_aead},
    {"AES-CCM-64-128-256", LWSEC_ALG_AES_CCM_64_128_256, 0, run_aead},
    {"A128GCM", LWSEC_ALG_A128GCM, 0, run_aead},
    {"A192GCM", LWSEC_ALG_A192GCM, 0, run_aead},
    {"A256GCM", LWSEC_ALG_A256GCM, 0, run_aead},
    {"ChaCha20/Poly1305", LWSEC_ALG_CHACHA20_POLY1305, 0, run_aead},
    {"HMAC 256", LWSEC_ALG_HMAC_256, 0, run_mac},
    {"HMAC 384", LWSEC_ALG_HMAC_384, 0, run_mac},
    {"HMAC 512", LWSEC_ALG_HMAC_512, 0, run_mac},
    {"AES-CMAC", LWSEC_ALG_AES_CMAC, 0, run_mac},
    {"AES-CBC", LWSEC_ALG_AES_CBC, 0, run_cbc},
    {"AES-CTR", LWSEC_ALG_AES_CBC, LWSEC_TEST_CAN_CTR, run_ctr},
    {"AES block", LWSEC_ALG_AES_CBC, LWSEC_TEST_CAN_BLOCK, run_block},
    {"3DES-CBC", LWSEC_ALG_TDES_CBC, 0, run_cbc},
    {"3DES block", LWSEC_ALG_TDES_CBC, LWSEC_TEST_CAN_BLOCK, run_block},
    {"HKDF secret", LWSEC_ALG_HKDF, 0, run_secret},
    {"HKDF-Extract", LWSEC_ALG_HKDF, LWSEC_TEST_CAN_EXTRACT, run_extract},
    {"HKDF-Extract to memory", LWSEC_ALG_HKDF, LWSEC_TEST_CAN_EXTRACT, run_extract_out},
    {"HKDF-Expand", LWSEC_ALG_HKDF, LWSEC_TEST_CAN_DERIVE, run_derive},
    {"HKDF-Expand to memory", LWSEC_ALG_HKDF, LWSEC_TEST_CAN_DERIVE, run_derive_out},
    {"ES256", LWSEC_ALG_ES256, 0, run_sign},
    {"ES256 of a digest", LWSEC_ALG_ES256, LWSEC_TEST_CAN_SIGN_DIGEST, run_sign_digest},
    {"ES256 public half", LWSEC_ALG_ES256, LWSEC_TEST_CAN_PUBLIC, run_public},
    {"ES256 verify", LWSEC_ALG_ES256, LWSEC_TEST_CAN_VERIFY, run_verify},
    {"ECDH-P256 key", LWSEC_ALG_ECDH_P256, 0, run_agreement_key},
    {"ECDH-P256", LWSEC_ALG_ECDH_P256, LWSEC_TEST_CAN_AGREE, run_agree},
    {"ECDH-P256 to memory", LWSEC_ALG_ECDH_P256, LWSEC_TEST_CAN_AGREE_OUT, run_agree_out},
    {"TLS 1.2 PSK", LWSEC_ALG_PSK, 0, run_psk},
    {"generate AES-CCM", LWSEC_ALG_AES_CCM_16_64_128, LWSEC_TEST_CAN_GENERATE, run_generate},
    {"generate A128GCM", LWSEC_ALG_A128GCM, LWSEC_TEST_CAN_GENERATE, run_generate},
    {"generate ChaCha20", LWSEC_ALG_CHACHA20_POLY1305, LWSEC_TEST_CAN_GENERATE, run_generate},
    {"generate HMAC 256", LWSEC_ALG_HMAC_256, LWSEC_TEST_CAN_GENERATE, run_generate},
    {"generate AES-CMAC", LWSEC_ALG_AES_CMAC, LWSEC_TEST_CAN_GENERATE, run_generate},
    {"generate AES-CBC", LWSEC_ALG_AES_CBC, LWSEC_TEST_CAN_GENERATE, run_generate},
    {"generate 3DES", LWSEC_ALG_TDES_CBC, LWSEC_TEST_CAN_GENERATE, run_generate},
    {"generate HKDF", LWSEC_ALG_HKDF, LWSEC_TEST_CAN_GENERATE, run_generate},
    {"generate PSK", LWSEC_ALG_PSK, LWSEC_TEST_CAN_GENERATE_PSK, run_generate},
    {"generate ES256", LWSEC_ALG_ES256, LWSEC_TEST_CAN_GENERATE_PAIR, run_generate_pair},
    {"generate ECDH-P256", LWSEC_ALG_ECDH_P256, LWSEC_TEST_CAN_GENERATE_PAIR, run_generate},
    {"random", 0, LWSEC_TEST_CAN_RANDOM, run_random},
    {"keys by name", 0, LWSEC_TEST_CAN_NAMES, run_names},
};

const probe *probe_at(size_t index)
{
    return index < sizeof probes / sizeof probes[0] ? &probes[index] : NULL;
}
