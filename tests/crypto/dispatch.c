/* The core of the key stores: what it checks before a store is called, and what it composes. */
#include "tests/support/test.h"

#include <lwsec/memory_openssl.h>
#include <lwsec/store.h>

/* A real store, of which single operations can be taken away. */
typedef struct lacking {
    uint64_t memory[LWSEC_MEMORY_OPENSSL_SIZE(8) / 8 + 1];
    lwsec_store *store;
    lwsec_store_ops ops;
} lacking;

static lacking fixture;

static int open_store(void **state)
{
    assert_status(
        lwsec_memory_openssl_open(fixture.memory, sizeof fixture.memory, 8, &fixture.store),
        LWSEC_OK);
    fixture.ops = *fixture.store->ops;
    fixture.ops.composer = lwsec_compose;
    fixture.store->ops = &fixture.ops;
    *state = &fixture;
    return 0;
}

static int close_store(void **state)
{
    lacking *f = *state;
    lwsec_memory_openssl_close(&f->store);
    return 0;
}

static lwsec_key import(lacking *f, int32_t algorithm, uint32_t usage, const char *hex)
{
    const lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_import(f->store, &attributes, lwsec_test_hex(hex), &key), LWSEC_OK);
    return key;
}

static void expect_cmac(lacking *f, const char *message, const char *mac)
{
    lwsec_key key =
        import(f, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, "2b7e151628aed2a6abf7158809cf4f3c");
    uint8_t got[16];

    assert_status(lwsec_key_mac(key, lwsec_test_hex(message), got, sizeof got), LWSEC_OK);
    assert_bytes(lwsec_bytes_of(got, sizeof got), lwsec_test_hex(mac));
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
}

/* AES under a CMAC key, as a token without CMAC would offer it: by the store's own cipher key. */
static lwsec_key cipher;

static lwsec_status borrowed_cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                                 lwsec_bytes iv, lwsec_bytes input, uint8_t *out)
{
    (void)store, (void)slot;
    return lwsec_key_cbc(cipher, direction, iv, input, out, input.size);
}

static lwsec_status borrowed_block(lwsec_store *store, uint32_t slot, lwsec_bytes block,
                                   uint8_t *out)
{
    (void)store, (void)slot;
    return lwsec_key_block(cipher, block, out, block.size);
}

/* RFC 4493 section 4: empty, one block, part of a block, four blocks. */
static void cmac_is_composed_of_cbc_where_a_store_has_no_mac(void **state)
{
    static uint64_t memory[LWSEC_MEMORY_OPENSSL_SIZE(1) / 8 + 1];
    lacking *f = *state;
    lwsec_store *other;
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT, {NULL, 0}};

    assert_status(lwsec_memory_openssl_open(memory, sizeof memory, 1, &other), LWSEC_OK);
    assert_status(lwsec_key_import(other, &attributes,
                                   lwsec_test_hex("2b7e151628aed2a6abf7158809cf4f3c"), &cipher),
                  LWSEC_OK);
    f->ops.mac = NULL;
    f->ops.cbc = borrowed_cbc;
    f->ops.block = borrowed_block;
    expect_cmac(f, "", "bb1d6929e95937287fa37d129b756746");
    expect_cmac(f, "6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144f79bdd9dd04a287c");
    expect_cmac(f,
                "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411",
                "dfa66747de9ae63030ca32611497c827");
    expect_cmac(f,
                "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
                "51f0bebf7e3b9d92fc49741779363cfe");
    lwsec_memory_openssl_close(&other);
}

static void cmac_without_cipher_or_mac_is_unsupported(void **state)
{
    lacking *f = *state;
    lwsec_key key =
        import(f, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, "2b7e151628aed2a6abf7158809cf4f3c");
    uint8_t mac[16];

    f->ops.mac = NULL;
    f->ops.cbc = NULL;
    f->ops.block = NULL;
    assert_status(lwsec_key_mac(key, lwsec_test_hex("00"), mac, sizeof mac), LWSEC_UNSUPPORTED);
}

static lwsec_status borrowed_ctr(lwsec_store *store, uint32_t slot, lwsec_bytes counter,
                                 lwsec_bytes input, uint8_t *out)
{
    (void)store, (void)slot;
    return lwsec_key_ctr(cipher, counter, input, out, input.size);
}

/* What a table answers that has an entry, but not for this key. */
static lwsec_status no_seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                            lwsec_bytes plaintext, uint8_t *out)
{
    (void)store, (void)slot, (void)nonce, (void)aad, (void)plaintext, (void)out;
    return LWSEC_UNSUPPORTED;
}

static lwsec_status no_cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                           lwsec_bytes iv, lwsec_bytes input, uint8_t *out)
{
    (void)store, (void)slot, (void)direction, (void)iv, (void)input, (void)out;
    return LWSEC_UNSUPPORTED;
}

static lwsec_status no_ctr(lwsec_store *store, uint32_t slot, lwsec_bytes counter,
                           lwsec_bytes input, uint8_t *out)
{
    (void)store, (void)slot, (void)counter, (void)input, (void)out;
    return LWSEC_UNSUPPORTED;
}

static lwsec_status failing_ctr(lwsec_store *store, uint32_t slot, lwsec_bytes counter,
                                lwsec_bytes input, uint8_t *out)
{
    (void)store, (void)slot, (void)counter, (void)input, (void)out;
    return LWSEC_ENGINE;
}

static uint8_t engine_text[4096], store_text[4096], pattern[70000];

/* The same bytes as the engine's own CCM, back again, and nothing out of a changed message. */
static void expect_ccm(lacking *f, const lwsec_store_ops *with, int32_t algorithm, size_t aad_size,
                       size_t size)
{
    lwsec_key key =
        import(f, algorithm, LWSEC_USE_SEAL | LWSEC_USE_OPEN, "2b7e151628aed2a6abf7158809cf4f3c");
    const lwsec_store_ops own = f->ops;
    const lwsec_algorithm *details = lwsec_algorithm_find(algorithm);
    const lwsec_bytes nonce = {pattern, details->nonce_size};
    const lwsec_bytes aad = {pattern, aad_size};
    const size_t sealed = size + details->tag_size;

    assert_status(lwsec_key_seal(key, nonce, aad, lwsec_bytes_of(pattern, size), engine_text,
                                 sizeof engine_text),
                  LWSEC_OK);
    f->ops = *with;
    memcpy(store_text, pattern, size);
    assert_status(lwsec_key_seal(key, nonce, aad, lwsec_bytes_of(store_text, size), store_text,
                                 sizeof store_text),
                  LWSEC_OK);
    assert_memory_equal(store_text, engine_text, sealed);
    assert_status(lwsec_key_open(key, nonce, aad, lwsec_bytes_of(store_text, sealed), store_text,
                                 sizeof store_text),
                  LWSEC_OK);
    assert_memory_equal(store_text, pattern, size);
    for (size_t i = 0; i < 3; i++) {
        const size_t place = i == 0 ? 0 : i == 1 ? size : sealed - 1;
        engine_text[place] ^= 0x80U;
        memset(store_text, 0xee, sizeof store_text);
        assert_status(lwsec_key_open(key, nonce, aad, lwsec_bytes_of(engine_text, sealed),
                                     store_text, sizeof store_text),
                      LWSEC_REJECT);
        for (size_t at = 0; at < size; at++) {
            assert_int_equal(store_text[at], 0);
        }
        assert_int_equal(store_text[size], 0xee);
        engine_text[place] ^= 0x80U;
    }
    f->ops = own;
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
}

static void open_cipher(uint64_t *memory, size_t size, lwsec_store **other)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT, {NULL, 0}};

    assert_status(lwsec_memory_openssl_open(memory, size, 1, other), LWSEC_OK);
    assert_status(lwsec_key_import(*other, &attributes,
                                   lwsec_test_hex("2b7e151628aed2a6abf7158809cf4f3c"), &cipher),
                  LWSEC_OK);
    for (size_t i = 0; i < sizeof pattern; i++) {
        pattern[i] = (uint8_t)(i * 5U + 1U + i / 256U);
    }
}

static void expect_ccm_of_all_sizes(lacking *f, const lwsec_store_ops *with)
{
    static const int32_t ids[] = {LWSEC_ALG_AES_CCM_16_64_128, LWSEC_ALG_AES_CCM_64_64_128,
                                  LWSEC_ALG_AES_CCM_16_128_128, LWSEC_ALG_AES_CCM_64_128_128};
    static const size_t sizes[][2] = {{0, 0},     {0, 16},      {1, 15},      {14, 17},
                                      {15, 1},    {990, 32},    {1006, 1007}, {1007, 1008},
                                      {16, 1009}, {3000, 2033}, {0xfeff, 64}, {0xff00, 64}};

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
            expect_ccm(f, with, ids[i], sizes[j][0], sizes[j][1]);
        }
    }
}

/* With CBC and CTR, with one of them, and with single blocks alone, by NULL and by answer. */
static void ccm_is_composed_of_whatever_a_store_has(void **state)
{
    static uint64_t memory[LWSEC_MEMORY_OPENSSL_SIZE(1) / 8 + 1];
    lacking *f = *state;
    lwsec_store *other;
    lwsec_store_ops with = f->ops;

    open_cipher(memory, sizeof memory, &other);
    with.seal = NULL;
    with.open = NULL;
    with.cbc = borrowed_cbc;
    with.ctr = borrowed_ctr;
    with.block = NULL;
    expect_ccm_of_all_sizes(f, &with);
    with.block = borrowed_block;
    with.ctr = NULL;
    expect_ccm_of_all_sizes(f, &with);
    with.cbc = NULL;
    expect_ccm_of_all_sizes(f, &with);
    with.ctr = borrowed_ctr;
    expect_ccm_of_all_sizes(f, &with);
    with.seal = no_seal;
    with.open = no_seal;
    with.cbc = no_cbc;
    with.ctr = no_ctr;
    expect_ccm_of_all_sizes(f, &with);
    lwsec_memory_openssl_close(&other);
}

/* A store that fails in the middle: its answer, and no plaintext. */
static void composed_ccm_fails_with_its_store(void **state)
{
    static uint64_t memory[LWSEC_MEMORY_OPENSSL_SIZE(1) / 8 + 1];
    lacking *f = *state;
    lwsec_store *other;
    lwsec_key key = import(f, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL | LWSEC_USE_OPEN,
                           "2b7e151628aed2a6abf7158809cf4f3c");
    uint8_t out[64];

    open_cipher(memory, sizeof memory, &other);
    f->ops.seal = NULL;
    f->ops.open = NULL;
    f->ops.cbc = borrowed_cbc;
    f->ops.ctr = failing_ctr;
    memset(out, 0x55, sizeof out);
    assert_status(lwsec_key_seal(key, lwsec_bytes_of(pattern, 13), lwsec_bytes_of(NULL, 0),
                                 lwsec_bytes_of(out, 20), out, sizeof out),
                  LWSEC_ENGINE);
    assert_int_equal(out[0] | out[19], 0);
    f->ops.ctr = borrowed_ctr;
    f->ops.cbc = no_cbc;
    f->ops.block = NULL;
    memset(out, 0x55, sizeof out);
    assert_status(lwsec_key_open(key, lwsec_bytes_of(pattern, 13), lwsec_bytes_of(NULL, 0),
                                 lwsec_bytes_of(pattern, 28), out, sizeof out),
                  LWSEC_UNSUPPORTED);
    assert_int_equal(out[0] | out[19], 0);
    /* GCM is not composed. */
    lwsec_key gcm =
        import(f, LWSEC_ALG_A128GCM, LWSEC_USE_SEAL, "2b7e151628aed2a6abf7158809cf4f3c");
    assert_status(lwsec_key_seal(gcm, lwsec_bytes_of(pattern, 12), lwsec_bytes_of(NULL, 0),
                                 lwsec_bytes_of(pattern, 4), out, sizeof out),
                  LWSEC_UNSUPPORTED);
    lwsec_memory_openssl_close(&other);
}

/* A PSK of 16 bytes as the premaster secret that it makes, in a key for HMAC. */
static lwsec_key premaster;

static lwsec_status borrowed_mac(lwsec_store *store, uint32_t slot, int32_t hmac,
                                 lwsec_bytes message, uint8_t *mac)
{
    (void)store, (void)slot, (void)hmac;
    return lwsec_key_mac(premaster, message, mac, 32);
}

static void the_master_secret_of_a_psk_is_composed_of_hmac(void **state)
{
    static uint64_t memory[LWSEC_MEMORY_OPENSSL_SIZE(1) / 8 + 1];
    const lwsec_key_attributes mac = {sizeof mac, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    lacking *f = *state;
    lwsec_store *other;
    lwsec_key psk = import(f, LWSEC_ALG_PSK, LWSEC_USE_PSK, "000102030405060708090a0b0c0d0e0f");
    const lwsec_store_ops own = f->ops;
    uint8_t one[48], two[48];

    memset(pattern, 0x42, sizeof pattern);
    assert_status(lwsec_memory_openssl_open(memory, sizeof memory, 1, &other), LWSEC_OK);
    assert_status(lwsec_key_import(other, &mac,
                                   lwsec_test_hex("001000000000000000000000000000000000"
                                                  "0010000102030405060708090a0b0c0d0e0f"),
                                   &premaster),
                  LWSEC_OK);
    for (size_t size = 0; size <= 256; size += 64) {
        const lwsec_bytes seed = {pattern, size};
        f->ops = own;
        assert_status(lwsec_key_tls12_psk_master(psk, LWSEC_ALG_HMAC_256, seed, one, 48), LWSEC_OK);
        f->ops.tls12_psk_master = NULL;
        f->ops.mac = borrowed_mac;
        assert_status(lwsec_key_tls12_psk_master(psk, LWSEC_ALG_HMAC_256, seed, two, 48), LWSEC_OK);
        assert_memory_equal(one, two, sizeof one);
    }
    /* No seed of TLS is that long. */
    assert_status(
        lwsec_key_tls12_psk_master(psk, LWSEC_ALG_HMAC_256, lwsec_bytes_of(pattern, 257), two, 48),
        LWSEC_USAGE);
    f->ops.mac = NULL;
    assert_status(
        lwsec_key_tls12_psk_master(psk, LWSEC_ALG_HMAC_256, lwsec_bytes_of(pattern, 9), two, 48),
        LWSEC_UNSUPPORTED);
    lwsec_memory_openssl_close(&other);
}

/* A store that can MAC with an HKDF key, or derive from it, gives the same key. */
static void hkdf_expand_is_composed_of_hmac_and_gives_the_same_key(void **state)
{
    lacking *f = *state;
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    lwsec_key secret = import(f, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, "0102030405060708");
    lwsec_key prk, derived, composed;
    uint8_t one[32], two[32];

    assert_status(lwsec_key_extract(secret, LWSEC_ALG_HMAC_256, lwsec_test_hex("aa"), NULL, &prk),
                  LWSEC_OK);
    assert_status(lwsec_key_derive(prk, LWSEC_ALG_HMAC_256, lwsec_test_hex("0001"), NULL,
                                   &attributes, 32, &derived),
                  LWSEC_OK);
    f->ops.derive = NULL;
    assert_status(lwsec_key_derive(prk, LWSEC_ALG_HMAC_256, lwsec_test_hex("0001"), NULL,
                                   &attributes, 32, &composed),
                  LWSEC_OK);
    assert_status(lwsec_key_mac(derived, lwsec_test_hex("00"), one, sizeof one), LWSEC_OK);
    assert_status(lwsec_key_mac(composed, lwsec_test_hex("00"), two, sizeof two), LWSEC_OK);
    assert_memory_equal(one, two, sizeof one);
}

static void an_operation_that_a_store_lacks_is_unsupported(void **state)
{
    lacking *f = *state;
    lwsec_key aead = import(f, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL | LWSEC_USE_OPEN,
                            "000102030405060708090a0b0c0d0e0f");
    const lwsec_bytes nonce = lwsec_test_hex("00000000000000000000000000");
    uint8_t out[64];

    f->ops.seal = NULL;
    f->ops.open = NULL;
    f->ops.cbc = NULL; /* nor can CCM be composed */
    f->ops.block = NULL;
    f->ops.random = NULL;
    f->ops.find = NULL;
    assert_status(lwsec_key_seal(aead, nonce, nonce, nonce, out, sizeof out), LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_open(aead, nonce, nonce, nonce, out, sizeof out), LWSEC_UNSUPPORTED);
    assert_status(lwsec_random(f->store, out, sizeof out), LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_find(f->store, lwsec_test_hex("6b"), &aead), LWSEC_UNSUPPORTED);
}

static void what_a_store_does_not_ask_for_is_not_composed(void **state)
{
    lacking *f = *state;
    lwsec_key aead = import(f, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL | LWSEC_USE_OPEN,
                            "000102030405060708090a0b0c0d0e0f");
    lwsec_key cmac =
        import(f, LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, "2b7e151628aed2a6abf7158809cf4f3c");
    const lwsec_bytes nonce = lwsec_test_hex("00000000000000000000000000");
    uint8_t out[64];

    f->ops.seal = NULL;
    f->ops.open = NULL;
    f->ops.mac = NULL;
    f->ops.cbc = borrowed_cbc;
    f->ops.block = borrowed_block;
    f->ops.composer = NULL;
    assert_status(lwsec_key_seal(aead, nonce, nonce, nonce, out, sizeof out), LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_open(aead, nonce, nonce, nonce, out, sizeof out), LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_mac(cmac, nonce, out, sizeof out), LWSEC_UNSUPPORTED);
}

static void a_table_of_another_version_is_refused(void **state)
{
    lacking *f = *state;
    lwsec_store store;
    lwsec_key_slot slots[2];
    lwsec_store_ops ops = f->ops;

    ops.abi = LWSEC_STORE_ABI + 1;
    assert_status(lwsec_store_init(&store, &ops, slots, 2), LWSEC_USAGE);
    ops = f->ops;
    ops.size--;
    assert_status(lwsec_store_init(&store, &ops, slots, 2), LWSEC_USAGE);
    ops = f->ops;
    ops.import = NULL;
    assert_status(lwsec_store_init(&store, &ops, slots, 2), LWSEC_USAGE);
    ops = f->ops;
    ops.destroy = NULL;
    assert_status(lwsec_store_init(&store, &ops, slots, 2), LWSEC_USAGE);
    assert_status(lwsec_store_init(&store, &f->ops, slots, 0), LWSEC_USAGE);
    assert_status(lwsec_store_init(&store, &f->ops, slots, 2), LWSEC_OK);
}

/* A failed import must not eat a slot. */
static lwsec_status failing_import(lwsec_store *store, uint32_t slot,
                                   const lwsec_key_attributes *attributes, lwsec_bytes raw)
{
    (void)store, (void)slot, (void)attributes, (void)raw;
    return LWSEC_ENGINE;
}

static void a_failed_import_gives_its_slot_back(void **state)
{
    lacking *f = *state;
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    lwsec_key key = {NULL, 0, 0};

    f->ops.import = failing_import;
    for (int i = 0; i < 100; i++) {
        assert_status(lwsec_key_import(f->store, &attributes, lwsec_test_hex("00"), &key),
                      LWSEC_ENGINE);
        assert_null(key.store);
    }
}

static void attributes_of_another_size_or_an_unknown_algorithm_are_refused(void **state)
{
    lacking *f = *state;
    lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    const lwsec_bytes raw = lwsec_test_hex("00112233");
    lwsec_key key;

    attributes.size--;
    assert_status(lwsec_key_import(f->store, &attributes, raw, &key), LWSEC_USAGE);
    attributes.size++;
    attributes.algorithm = 9999;
    assert_status(lwsec_key_import(f->store, &attributes, raw, &key), LWSEC_USAGE);
    attributes.algorithm = LWSEC_ALG_HMAC_256;
    attributes.usage = 0;
    assert_status(lwsec_key_import(f->store, &attributes, raw, &key), LWSEC_USAGE);
    attributes.usage = LWSEC_USE_MAC | LWSEC_USE_SEAL;
    assert_status(lwsec_key_import(f->store, &attributes, raw, &key), LWSEC_USAGE);
}

static void a_ccm_text_that_its_length_field_cannot_tell_is_refused(void **state)
{
    static uint8_t text[65536 + 8];
    lacking *f = *state;
    lwsec_key key = import(f, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL | LWSEC_USE_OPEN,
                           "000102030405060708090a0b0c0d0e0f");
    const lwsec_bytes nonce = lwsec_test_hex("00000000000000000000000000");

    assert_status(lwsec_key_seal(key, nonce, nonce, lwsec_bytes_of(text, 65536), text, sizeof text),
                  LWSEC_USAGE);
    assert_status(lwsec_key_seal(key, nonce, nonce, lwsec_bytes_of(text, 65535), text, sizeof text),
                  LWSEC_OK);
    assert_status(
        lwsec_key_open(key, nonce, nonce, lwsec_bytes_of(text, 65535 + 8), text, sizeof text),
        LWSEC_OK);
    assert_status(
        lwsec_key_open(key, nonce, nonce, lwsec_bytes_of(text, 65536 + 8), text, sizeof text),
        LWSEC_REJECT);
}

static unsigned released;

static lwsec_status count_release(lwsec_store *store, uint32_t slot)
{
    (void)store, (void)slot;
    released++;
    return LWSEC_OK;
}

static void a_released_handle_is_dead_and_its_kept_key_untouched(void **state)
{
    lacking *f = *state;
    static const lwsec_key none;
    lwsec_key_description description = {.size = sizeof description};

    f->ops.release = count_release;
    released = 0;
    lwsec_key key = import(f, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, "0102");
    const lwsec_key copy = key;
    f->ops.destroy = NULL; /* whoever calls it dies */
    assert_status(lwsec_key_release(&key), LWSEC_OK);
    assert_int_equal(released, 1);
    assert_memory_equal(&key, &none, sizeof key);
    assert_status(lwsec_key_describe(copy, &description), LWSEC_USAGE);
    lwsec_key dead = copy;
    assert_status(lwsec_key_release(&dead), LWSEC_USAGE);
    assert_status(lwsec_key_release(&key), LWSEC_OK); /* no key: nothing to do */
    assert_int_equal(released, 1);

    (void)import(f, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, "0102");
    lwsec_store_release_all(f->store);
    assert_int_equal(released, 2);
}

static void a_key_of_a_store_that_keeps_none_is_destroyed_by_its_release(void **state)
{
    lacking *f = *state;

    for (unsigned i = 0; i < 9; i++) { /* one more than there are slots */
        lwsec_key key = import(f, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, "0102");
        assert_status(lwsec_key_release(&key), LWSEC_OK);
    }
}

static lwsec_status one_name(lwsec_store *store, lwsec_bytes after, lwsec_buffer *name)
{
    (void)store;
    if (after.size > 0) {
        return LWSEC_ABSENT;
    }
    memcpy(name->data, "only", 4);
    name->size = 4;
    return LWSEC_OK;
}

static void names_are_told_only_into_room_for_the_longest(void **state)
{
    lacking *f = *state;
    uint8_t room[LWSEC_KEY_NAME_MAX];
    lwsec_buffer name = lwsec_buffer_of(room, sizeof room);
    lwsec_buffer small = lwsec_buffer_of(room, sizeof room - 1);
    const uint8_t longer[LWSEC_KEY_NAME_MAX + 1] = {'a'};

    assert_status(lwsec_key_next_name(f->store, lwsec_bytes_of(NULL, 0), &name), LWSEC_UNSUPPORTED);
    f->ops.next_name = one_name;
    assert_status(lwsec_key_next_name(f->store, lwsec_bytes_of(NULL, 0), &small), LWSEC_BUFFER);
    assert_status(lwsec_key_next_name(f->store, lwsec_bytes_of(longer, sizeof longer), &name),
                  LWSEC_USAGE);
    assert_status(lwsec_key_next_name(f->store, lwsec_bytes_of(NULL, 0), &name), LWSEC_OK);
    assert_int_equal(name.size, 4);
    assert_status(lwsec_key_next_name(f->store, lwsec_bytes_of("only", 4), &name), LWSEC_ABSENT);
    assert_int_equal(name.size, 0);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(cmac_is_composed_of_cbc_where_a_store_has_no_mac),
        WITH_STORE(cmac_without_cipher_or_mac_is_unsupported),
        WITH_STORE(ccm_is_composed_of_whatever_a_store_has),
        WITH_STORE(composed_ccm_fails_with_its_store),
        WITH_STORE(what_a_store_does_not_ask_for_is_not_composed),
        WITH_STORE(the_master_secret_of_a_psk_is_composed_of_hmac),
        WITH_STORE(hkdf_expand_is_composed_of_hmac_and_gives_the_same_key),
        WITH_STORE(an_operation_that_a_store_lacks_is_unsupported),
        WITH_STORE(a_table_of_another_version_is_refused),
        WITH_STORE(a_failed_import_gives_its_slot_back),
        WITH_STORE(attributes_of_another_size_or_an_unknown_algorithm_are_refused),
        WITH_STORE(a_released_handle_is_dead_and_its_kept_key_untouched),
        WITH_STORE(a_key_of_a_store_that_keeps_none_is_destroyed_by_its_release),
        WITH_STORE(names_are_told_only_into_room_for_the_longest),
        WITH_STORE(a_ccm_text_that_its_length_field_cannot_tell_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
