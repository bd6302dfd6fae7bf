/* Every operation of the store on SoftHSM2, against the store in memory. */
#include "tests/support/test.h"

#include <lwsec/memory_openssl.h>

#include "tests/pkcs11/token.h"

#define SLOTS 16U

static lwsec_store *token;
static lwsec_store *plain;
static uint64_t plain_memory[LWSEC_MEMORY_OPENSSL_SIZE(SLOTS) / 8];

static int set_up(void **state)
{
    (void)state;
    token_make("operations");
    const lwsec_pkcs11_config config = token_config("operations");
    token = token_open(&config, SLOTS);
    assert_status(lwsec_memory_openssl_open(plain_memory, sizeof plain_memory, SLOTS, &plain),
                  LWSEC_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    token_close(token);
    lwsec_memory_openssl_close(&plain);
    token_remove_all();
    return 0;
}

static lwsec_key_attributes attributes(int32_t algorithm, uint32_t usage)
{
    const lwsec_key_attributes made = {sizeof made, algorithm, usage, {NULL, 0}};

    return made;
}

static lwsec_bytes pattern(size_t size, uint8_t seed)
{
    static uint8_t bytes[4][70000];
    static unsigned next;
    uint8_t *to = bytes[next++ % 4];

    for (size_t i = 0; i < size; i++) {
        to[i] = (uint8_t)(seed + i * 7U + i / 251U);
    }
    return lwsec_bytes_of(to, size);
}

/* One key in both stores. */
typedef struct both {
    lwsec_key token;
    lwsec_key plain;
} both;

static both import(int32_t algorithm, uint32_t usage, size_t size)
{
    const lwsec_key_attributes made = attributes(algorithm, usage);
    const lwsec_bytes raw = pattern(size, 3);
    both keys;

    assert_status(lwsec_key_import(token, &made, raw, &keys.token), LWSEC_OK);
    assert_status(lwsec_key_import(plain, &made, raw, &keys.plain), LWSEC_OK);
    return keys;
}

static void release(both *keys)
{
    assert_status(lwsec_key_release(&keys->token), LWSEC_OK);
    assert_status(lwsec_key_release(&keys->plain), LWSEC_OK);
}

static void seals_as_memory_does(const lwsec_algorithm *algorithm, size_t aad, size_t text)
{
    static uint8_t one[70000], other[70000];
    both keys = import(algorithm->id, LWSEC_USE_SEAL | LWSEC_USE_OPEN, algorithm->key_size_min);
    const lwsec_bytes nonce = pattern(algorithm->nonce_size, 9);
    const lwsec_bytes more = pattern(aad, 17);
    const lwsec_bytes plaintext = pattern(text, 33);
    const size_t size = text + algorithm->tag_size;

    assert_status(lwsec_key_seal(keys.token, nonce, more, plaintext, one, sizeof one), LWSEC_OK);
    assert_status(lwsec_key_seal(keys.plain, nonce, more, plaintext, other, sizeof other),
                  LWSEC_OK);
    assert_memory_equal(one, other, size);
    /* In place, and back. */
    assert_status(
        lwsec_key_open(keys.token, nonce, more, lwsec_bytes_of(one, size), one, sizeof one),
        LWSEC_OK);
    assert_memory_equal(one, plaintext.data, text);
    assert_status(
        lwsec_key_seal(keys.token, nonce, more, lwsec_bytes_of(one, text), one, sizeof one),
        LWSEC_OK);
    assert_memory_equal(one, other, size);
    /* Each kind of byte changed: refused, and nothing comes out. */
    const size_t places[] = {0, text / 2, size - 1};
    for (size_t i = 0; i < 3; i++) {
        other[places[i]] ^= 0x40U;
        memset(one, 0xee, size);
        assert_status(
            lwsec_key_open(keys.token, nonce, more, lwsec_bytes_of(other, size), one, sizeof one),
            LWSEC_REJECT);
        for (size_t at = 0; at < text; at++) {
            assert_int_equal(one[at], 0);
        }
        other[places[i]] ^= 0x40U;
    }
    release(&keys);
}

static void test_aead(void **state)
{
    static const int32_t ids[] = {LWSEC_ALG_AES_CCM_16_64_128,
                                  LWSEC_ALG_AES_CCM_16_64_256,
                                  LWSEC_ALG_AES_CCM_64_64_128,
                                  LWSEC_ALG_AES_CCM_64_64_256,
                                  LWSEC_ALG_AES_CCM_16_128_128,
                                  LWSEC_ALG_AES_CCM_64_128_256,
                                  LWSEC_ALG_A128GCM,
                                  LWSEC_ALG_A192GCM,
                                  LWSEC_ALG_A256GCM};
    static const size_t sizes[][2] = {{0, 0},      {0, 1},       {11, 15},     {14, 16},
                                      {30, 17},    {255, 1000},  {16, 1008},   {16, 1009},
                                      {500, 1024}, {2000, 2047}, {65300, 4096}};

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
            seals_as_memory_does(lwsec_algorithm_find(ids[i]), sizes[j][0], sizes[j][1]);
        }
    }
    seals_as_memory_does(lwsec_algorithm_find(LWSEC_ALG_AES_CCM_16_64_128), 8, 65535);
}

static void macs_as_memory_does(const both *keys, size_t size)
{
    uint8_t one[64] = {0}, other[64] = {0};
    const lwsec_bytes message = pattern(size, 5);

    assert_status(lwsec_key_mac(keys->token, message, one, sizeof one), LWSEC_OK);
    assert_status(lwsec_key_mac(keys->plain, message, other, sizeof other), LWSEC_OK);
    assert_memory_equal(one, other, sizeof one);
    one[3] ^= 1U;
    assert_status(lwsec_key_mac_verify(keys->token, message, lwsec_bytes_of(one, 8)), LWSEC_REJECT);
}

static void test_mac(void **state)
{
    static const struct {
        int32_t id;
        size_t key;
    } kinds[] = {{LWSEC_ALG_HMAC_256, 1},   {LWSEC_ALG_HMAC_256, 16},  {LWSEC_ALG_HMAC_256, 64},
                 {LWSEC_ALG_HMAC_256, 65},  {LWSEC_ALG_HMAC_384, 48},  {LWSEC_ALG_HMAC_384, 200},
                 {LWSEC_ALG_HMAC_512, 128}, {LWSEC_ALG_HMAC_512, 255}, {LWSEC_ALG_AES_CMAC, 16},
                 {LWSEC_ALG_AES_CMAC, 24},  {LWSEC_ALG_AES_CMAC, 32}};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        both keys = import(kinds[i].id, LWSEC_USE_MAC, kinds[i].key);
        for (size_t size = 0; size < 2100; size = size * 2 + 1) {
            macs_as_memory_does(&keys, size);
        }
        release(&keys);
    }
}

static void chains_as_memory_does(const both *keys, size_t block)
{
    const lwsec_bytes iv = pattern(block, 0xf9);
    const lwsec_bytes input = pattern(block * 100, 6);
    uint8_t one[1600], other[1600];

    assert_status(lwsec_key_cbc(keys->token, LWSEC_ENCRYPT, iv, input, one, sizeof one), LWSEC_OK);
    assert_status(lwsec_key_cbc(keys->plain, LWSEC_ENCRYPT, iv, input, other, sizeof other),
                  LWSEC_OK);
    assert_memory_equal(one, other, input.size);
    assert_status(lwsec_key_cbc(keys->token, LWSEC_DECRYPT, iv, lwsec_bytes_of(one, input.size),
                                one, sizeof one),
                  LWSEC_OK);
    assert_memory_equal(one, input.data, input.size);
    assert_status(lwsec_key_block(keys->token, iv, one, sizeof one), LWSEC_OK);
    assert_status(lwsec_key_block(keys->plain, iv, other, sizeof other), LWSEC_OK);
    assert_memory_equal(one, other, block);
}

/* With a counter that runs over. */
static void counts_as_memory_does(const both *keys)
{
    const lwsec_bytes input = pattern(1333, 6);
    uint8_t counter[16];
    uint8_t one[1600], other[1600];

    memset(counter, 0xff, sizeof counter);
    counter[0] = 0;
    assert_status(lwsec_key_ctr(keys->token, lwsec_bytes_of(counter, 16), input, one, sizeof one),
                  LWSEC_OK);
    assert_status(
        lwsec_key_ctr(keys->plain, lwsec_bytes_of(counter, 16), input, other, sizeof other),
        LWSEC_OK);
    assert_memory_equal(one, other, input.size);
}

static void test_ciphers(void **state)
{
    static const struct {
        int32_t id;
        size_t key, block;
    } kinds[] = {{LWSEC_ALG_AES_CBC, 16, 16},
                 {LWSEC_ALG_AES_CBC, 24, 16},
                 {LWSEC_ALG_AES_CBC, 32, 16},
                 {LWSEC_ALG_TDES_CBC, 16, 8},
                 {LWSEC_ALG_TDES_CBC, 24, 8}};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        both keys = import(kinds[i].id, LWSEC_USE_ENCRYPT | LWSEC_USE_DECRYPT, kinds[i].key);
        chains_as_memory_does(&keys, kinds[i].block);
        if (kinds[i].block == 16) {
            counts_as_memory_does(&keys);
        }
        release(&keys);
    }
}

/* Extract and expand give the keys that memory gives, wherever the steps run. */
static void test_hkdf(void **state)
{
    static const int32_t hashes[] = {LWSEC_ALG_HMAC_256, LWSEC_ALG_HMAC_384, LWSEC_ALG_HMAC_512};
    static const size_t salts[] = {0, 8, 64, 65, 128, 200};
    const lwsec_key_attributes mac = attributes(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);

    (void)state;
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0] * 6U; i++) {
        const int32_t hash = hashes[i / 6];
        const lwsec_bytes salt = pattern(salts[i % 6], 77);
        both master = import(LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, 16);
        both prk, key;
        lwsec_key out;
        uint8_t one[32], other[32];
        assert_status(lwsec_key_extract(master.token, hash, salt, NULL, &prk.token), LWSEC_OK);
        assert_status(lwsec_key_extract(master.plain, hash, salt, NULL, &prk.plain), LWSEC_OK);
        assert_status(lwsec_key_derive(prk.token, hash, salt, NULL, &mac, 32, &key.token),
                      LWSEC_OK);
        assert_status(lwsec_key_derive(prk.plain, hash, salt, NULL, &mac, 32, &key.plain),
                      LWSEC_OK);
        assert_status(lwsec_key_mac(key.token, salt, one, 32), LWSEC_OK);
        assert_status(lwsec_key_mac(key.plain, salt, other, 32), LWSEC_OK);
        assert_memory_equal(one, other, 32);
        release(&key);
        /* Out of the token, because the caller says so. */
        assert_status(lwsec_key_derive(prk.token, hash, salt, plain, &mac, 32, &out), LWSEC_OK);
        assert_status(lwsec_key_mac(out, salt, one, 32), LWSEC_OK);
        assert_memory_equal(one, other, 32);
        assert_status(lwsec_key_release(&out), LWSEC_OK);
        release(&prk);
        release(&master);
    }
}

/* A secret for both steps (KUDOS): as it is, so the token's HMAC has to take it. */
static void test_both_steps(void **state)
{
    const lwsec_key_attributes twofold =
        attributes(LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT | LWSEC_USE_DERIVE);
    const lwsec_key_attributes mac = attributes(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);
    const lwsec_bytes info = pattern(9, 1);
    both secret = import(LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT | LWSEC_USE_DERIVE, 32);
    both key;
    lwsec_key none = {NULL, 0, 0};
    uint8_t one[32], other[32];

    (void)state;
    assert_status(lwsec_key_derive(secret.token, 5, info, NULL, &mac, 32, &key.token), LWSEC_OK);
    assert_status(lwsec_key_derive(secret.plain, 5, info, NULL, &mac, 32, &key.plain), LWSEC_OK);
    assert_status(lwsec_key_mac(key.token, info, one, 32), LWSEC_OK);
    assert_status(lwsec_key_mac(key.plain, info, other, 32), LWSEC_OK);
    assert_memory_equal(one, other, 32);
    release(&key);
    release(&secret);
    /* SoftHSM's HMAC wants 32 bytes; nothing else is done instead. */
    assert_status(lwsec_key_import(token, &twofold, pattern(16, 1), &secret.token), LWSEC_OK);
    assert_status(lwsec_key_derive(secret.token, 5, info, NULL, &mac, 32, &none),
                  LWSEC_UNSUPPORTED);
    assert_null(none.store);
    assert_status(lwsec_key_release(&secret.token), LWSEC_OK);
}

static void test_psk_master(void **state)
{
    static const size_t sizes[] = {1, 16, 30, 31, 64};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        both keys = import(LWSEC_ALG_PSK, LWSEC_USE_PSK, sizes[i]);
        const lwsec_bytes seed = pattern(77, 1);
        uint8_t one[48], other[48];
        assert_status(lwsec_key_tls12_psk_master(keys.token, LWSEC_ALG_HMAC_256, seed, one, 48),
                      LWSEC_OK);
        assert_status(lwsec_key_tls12_psk_master(keys.plain, LWSEC_ALG_HMAC_256, seed, other, 48),
                      LWSEC_OK);
        assert_memory_equal(one, other, 48);
        release(&keys);
    }
}

static void test_p256(void **state)
{
    const lwsec_key_attributes sign = attributes(LWSEC_ALG_ES256, LWSEC_USE_SIGN);
    const lwsec_key_attributes agree = attributes(LWSEC_ALG_ECDH_P256, LWSEC_USE_AGREE);
    const lwsec_bytes message = pattern(100, 8);
    uint8_t point[65], signature[64];
    lwsec_key key, ours, theirs, shared, same;

    (void)state;
    assert_status(lwsec_key_generate(token, &sign, 0, &key), LWSEC_OK);
    assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_OK);
    assert_status(lwsec_key_sign(key, message, signature, sizeof signature), LWSEC_OK);
    for (int i = 0; i < 2; i++) {
        lwsec_store *store = i == 0 ? plain : token;
        assert_status(lwsec_verify(store, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65), message,
                                   lwsec_bytes_of(signature, 64)),
                      LWSEC_OK);
        signature[63] ^= 1U;
        assert_status(lwsec_verify(store, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65), message,
                                   lwsec_bytes_of(signature, 64)),
                      LWSEC_REJECT);
        signature[63] ^= 1U;
        point[64] ^= 1U; /* not on the curve */
        assert_status(lwsec_verify(store, LWSEC_ALG_ES256, lwsec_bytes_of(point, 65), message,
                                   lwsec_bytes_of(signature, 64)),
                      LWSEC_REJECT);
        point[64] ^= 1U;
    }
    assert_status(lwsec_key_release(&key), LWSEC_OK);

    assert_status(lwsec_key_generate(token, &agree, 0, &ours), LWSEC_OK);
    assert_status(lwsec_key_generate(plain, &agree, 0, &theirs), LWSEC_OK);
    assert_status(lwsec_key_public(theirs, point, sizeof point), LWSEC_OK);
    assert_status(lwsec_key_agree(ours, lwsec_bytes_of(point, 65), NULL, &shared), LWSEC_OK);
    /* The shared secret stays in the token. */
    assert_status(lwsec_key_agree(ours, lwsec_bytes_of(point, 65), plain, &same),
                  LWSEC_UNSUPPORTED);
    point[64] ^= 1U;
    assert_status(lwsec_key_agree(ours, lwsec_bytes_of(point, 65), NULL, &same), LWSEC_REJECT);
    assert_status(lwsec_key_public(ours, point, sizeof point), LWSEC_OK);
    assert_status(lwsec_key_agree(theirs, lwsec_bytes_of(point, 65), NULL, &same), LWSEC_OK);
    both secrets = {shared, same}, prk;
    uint8_t one[32], other[32];
    const lwsec_key_attributes mac = attributes(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);
    both macs;
    assert_status(lwsec_key_extract(secrets.token, 5, message, NULL, &prk.token), LWSEC_OK);
    assert_status(lwsec_key_extract(secrets.plain, 5, message, NULL, &prk.plain), LWSEC_OK);
    assert_status(lwsec_key_derive(prk.token, 5, message, NULL, &mac, 32, &macs.token), LWSEC_OK);
    assert_status(lwsec_key_derive(prk.plain, 5, message, NULL, &mac, 32, &macs.plain), LWSEC_OK);
    assert_status(lwsec_key_mac(macs.token, message, one, 32), LWSEC_OK);
    assert_status(lwsec_key_mac(macs.plain, message, other, 32), LWSEC_OK);
    assert_memory_equal(one, other, 32);
    release(&macs);
    release(&prk);
    release(&secrets);
    assert_status(lwsec_key_release(&ours), LWSEC_OK);
    assert_status(lwsec_key_release(&theirs), LWSEC_OK);
}

static void test_random(void **state)
{
    uint8_t one[300] = {0}, other[300] = {0};

    (void)state;
    assert_status(lwsec_random(token, one, sizeof one), LWSEC_OK);
    assert_status(lwsec_random(token, other, sizeof other), LWSEC_OK);
    assert_memory_not_equal(one, other, sizeof one);
    assert_memory_not_equal(&one[256], &one[128], 44);
}

/* What was measured beforehand of SoftHSM 2.6: fewer or more is a finding. */
static void test_capabilities(void **state)
{
    const uint32_t all = (1U << 22) - 1;
    const uint32_t expected = all & ~(uint32_t)(LWSEC_PKCS11_CAN_AES_CCM | LWSEC_PKCS11_CAN_HKDF);
    const uint32_t found = lwsec_pkcs11_capabilities(token);

    (void)state;
    for (unsigned bit = 0; bit < 32; bit++) {
        if (((found ^ expected) >> bit & 1U) != 0) {
            print_error("%s\n", lwsec_pkcs11_capability_name(bit));
        }
    }
    assert_int_equal(found, expected);
    assert_int_equal(lwsec_pkcs11_capabilities(plain), 0);
    assert_non_null(lwsec_pkcs11_capability_name(21));
    assert_null(lwsec_pkcs11_capability_name(22));
}

static void test_unsupported(void **state)
{
    const lwsec_key_attributes chacha =
        attributes(LWSEC_ALG_CHACHA20_POLY1305, LWSEC_USE_SEAL | LWSEC_USE_OPEN);
    const lwsec_key_attributes psk = attributes(LWSEC_ALG_PSK, LWSEC_USE_PSK);
    const lwsec_key_attributes mac = attributes(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);
    const lwsec_key_attributes tdes = attributes(LWSEC_ALG_TDES_CBC, LWSEC_USE_ENCRYPT);
    const lwsec_key_attributes sign = attributes(LWSEC_ALG_ES256, LWSEC_USE_SIGN);
    const uint8_t zeros[32] = {0};
    lwsec_key key = {NULL, 0, 0};
    uint8_t point[65];

    (void)state;
    assert_status(lwsec_key_import(token, &chacha, pattern(32, 0), &key), LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_generate(token, &psk, 16, &key), LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_generate(token, &mac, 16, &key), LWSEC_UNSUPPORTED);
    /* Bytes that are no key. */
    assert_status(lwsec_key_import(token, &tdes, lwsec_bytes_of(zeros, 16), &key), LWSEC_USAGE);
    assert_status(lwsec_key_import(token, &sign, lwsec_bytes_of(zeros, 32), &key), LWSEC_USAGE);
    /* The token does not tell the point of a private key that was imported. */
    assert_status(lwsec_key_import(token, &sign, pattern(32, 1), &key), LWSEC_OK);
    assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_UNSUPPORTED);
    assert_status(lwsec_key_release(&key), LWSEC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aead),         cmocka_unit_test(test_mac),
        cmocka_unit_test(test_ciphers),      cmocka_unit_test(test_hkdf),
        cmocka_unit_test(test_both_steps),   cmocka_unit_test(test_psk_master),
        cmocka_unit_test(test_p256),         cmocka_unit_test(test_random),
        cmocka_unit_test(test_capabilities), cmocka_unit_test(test_unsupported),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
