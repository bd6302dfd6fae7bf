/* A store with threads gives what the store under it gives, and counts what is done. */
#include "tests/worker/gate.h"

static gate on;

static int set_up(void **state)
{
    (void)state;
    gate_begin(&on, 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    gate_end(&on);
    return 0;
}

static lwsec_bytes some(size_t size)
{
    return lwsec_bytes_of(gate_bytes, size);
}

static lwsec_key import(int32_t algorithm, uint32_t usage, size_t size)
{
    return gate_import(on.worker, algorithm, usage, size);
}

static lwsec_key_description described(lwsec_key key)
{
    lwsec_key_description description = {.size = sizeof description};

    assert_status(lwsec_key_describe(key, &description), LWSEC_OK);
    return description;
}

/* One operation of each kind, with whatever key. */
typedef struct operation {
    int32_t algorithm;
    uint32_t usage;
    size_t key_size;
    size_t out_size;
    lwsec_status (*run)(lwsec_key key, uint8_t *out);
} operation;

static lwsec_status run_seal(lwsec_key key, uint8_t *out)
{
    return lwsec_key_seal(key, some(13), some(20), some(50), out, 58);
}

static lwsec_status run_mac(lwsec_key key, uint8_t *out)
{
    return lwsec_key_mac(key, some(61), out, 32);
}

static lwsec_status run_empty_mac(lwsec_key key, uint8_t *out)
{
    return lwsec_key_mac(key, lwsec_bytes_of(NULL, 0), out, 32);
}

static lwsec_status run_cmac(lwsec_key key, uint8_t *out)
{
    return lwsec_key_mac(key, some(61), out, 16);
}

static lwsec_status run_encrypt(lwsec_key key, uint8_t *out)
{
    return lwsec_key_cbc(key, LWSEC_ENCRYPT, some(16), some(48), out, 48);
}

static lwsec_status run_decrypt(lwsec_key key, uint8_t *out)
{
    return lwsec_key_cbc(key, LWSEC_DECRYPT, some(16), some(48), out, 48);
}

static lwsec_status run_ctr(lwsec_key key, uint8_t *out)
{
    return lwsec_key_ctr(key, some(16), some(37), out, 37);
}

static lwsec_status run_block(lwsec_key key, uint8_t *out)
{
    return lwsec_key_block(key, some(16), out, 16);
}

static lwsec_status run_master(lwsec_key key, uint8_t *out)
{
    return lwsec_key_tls12_psk_master(key, LWSEC_ALG_HMAC_256, some(60), out, 48);
}

static const operation operations[] = {
    {LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL, 16, 58, run_seal},
    {LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32, 32, run_mac},
    {LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32, 32, run_empty_mac},
    {LWSEC_ALG_AES_CMAC, LWSEC_USE_MAC, 16, 16, run_cmac},
    {LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT, 16, 48, run_encrypt},
    {LWSEC_ALG_AES_CBC, LWSEC_USE_DECRYPT, 16, 48, run_decrypt},
    {LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT, 16, 37, run_ctr},
    {LWSEC_ALG_AES_CBC, LWSEC_USE_ENCRYPT, 16, 16, run_block},
    {LWSEC_ALG_PSK, LWSEC_USE_PSK, 16, 48, run_master},
};

static void it_gives_what_the_store_under_it_gives(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        const operation *one = &operations[i];
        lwsec_key slow = import(one->algorithm, one->usage, one->key_size);
        lwsec_key fast = gate_import(on.inner, one->algorithm, one->usage, one->key_size);
        uint8_t got[64], expected[64];

        memset(got, 0xa5, sizeof got);
        memset(expected, 0xa5, sizeof expected);
        assert_status(one->run(fast, expected), LWSEC_OK);
        assert_status(one->run(slow, got), LWSEC_PENDING);
        gate_await_ready();
        assert_int_equal(got[0], 0xa5); /* written by poll, and not before */
        assert_status(lwsec_key_poll(slow), LWSEC_OK);
        assert_memory_equal(got, expected, sizeof got);
        assert_status(lwsec_key_destroy(&slow), LWSEC_OK);
        assert_status(lwsec_key_destroy(&fast), LWSEC_OK);
    }
}

static void signatures_verify(void **state)
{
    lwsec_key key = import(LWSEC_ALG_ES256, LWSEC_USE_SIGN, 32);
    /* SHA-256 of "abc" */
    const lwsec_bytes digest =
        lwsec_test_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const lwsec_bytes abc = lwsec_bytes_of("abc", 3);
    uint8_t point[65], signature[64];
    const lwsec_bytes public_key = lwsec_bytes_of(point, sizeof point);

    (void)state;
    assert_status(lwsec_key_public(key, point, sizeof point), LWSEC_OK);
    assert_status(gate_finish(key, lwsec_key_sign(key, abc, signature, sizeof signature)),
                  LWSEC_OK);
    assert_status(lwsec_verify(on.worker, LWSEC_ALG_ES256, public_key, abc,
                               lwsec_bytes_of(signature, sizeof signature)),
                  LWSEC_OK);
    memset(signature, 0, sizeof signature);
    assert_status(gate_finish(key, lwsec_key_sign_digest(key, digest, signature, 64)), LWSEC_OK);
    assert_status(lwsec_verify(on.worker, LWSEC_ALG_ES256, public_key, abc,
                               lwsec_bytes_of(signature, sizeof signature)),
                  LWSEC_OK);
}

static void what_is_forged_is_refused_and_counted_once(void **state)
{
    const lwsec_key key = import(LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL | LWSEC_USE_OPEN, 16);
    uint8_t sealed[58], out[50];
    const uint8_t zeros[50] = {0};
    const lwsec_bytes ciphertext = lwsec_bytes_of(sealed, sizeof sealed);

    (void)state;
    assert_status(gate_finish(key, run_seal(key, sealed)), LWSEC_OK);
    assert_status(
        gate_finish(key, lwsec_key_open(key, some(13), some(20), ciphertext, out, sizeof out)),
        LWSEC_OK);
    assert_memory_equal(out, gate_bytes, sizeof out);
    sealed[57] ^= 1;
    assert_status(
        gate_finish(key, lwsec_key_open(key, some(13), some(20), ciphertext, out, sizeof out)),
        LWSEC_REJECT);
    assert_memory_equal(out, zeros, sizeof out);
    assert_int_equal(described(key).seals, 1);
    assert_int_equal(described(key).failed_opens, 1);
    assert_false(gate_memory_holds(some(50)));
}

/* In place: the text may be changed once the operation has begun. */
static void inputs_are_copied(void **state)
{
    const lwsec_key key = import(LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL, 16);
    const lwsec_key fast = gate_import(on.inner, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL, 16);
    uint8_t text[58], expected[58], nonce[13];

    (void)state;
    assert_status(run_seal(fast, expected), LWSEC_OK);
    memcpy(text, gate_bytes, 50);
    memcpy(nonce, gate_bytes, sizeof nonce);
    gate_close();
    assert_status(lwsec_key_seal(key, lwsec_bytes_of(nonce, sizeof nonce), some(20),
                                 lwsec_bytes_of(text, 50), text, sizeof text),
                  LWSEC_PENDING);
    memset(nonce, 0, sizeof nonce);
    memset(text, 0, sizeof text);
    gate_open();
    gate_await_ready();
    assert_status(lwsec_key_poll(key), LWSEC_OK);
    assert_memory_equal(text, expected, sizeof text);
}

/* What makes a key waits for it, so that contexts can be made with keys of such a store. */
static void derivations_are_done_at_once(void **state)
{
    const lwsec_key secret = import(LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, 32);
    const lwsec_key fast_secret = gate_import(on.inner, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, 32);
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    lwsec_key prk, fast_prk, derived, fast;
    uint8_t got[32], expected[32];

    (void)state;
    assert_status(lwsec_key_extract(secret, LWSEC_ALG_HMAC_256, some(8), NULL, &prk), LWSEC_OK);
    assert_status(lwsec_key_extract(fast_secret, LWSEC_ALG_HMAC_256, some(8), on.inner, &fast_prk),
                  LWSEC_OK);
    assert_ptr_equal(prk.store, on.worker);
    assert_status(
        lwsec_key_derive(prk, LWSEC_ALG_HMAC_256, some(9), NULL, &attributes, 32, &derived),
        LWSEC_OK);
    assert_status(
        lwsec_key_derive(prk, LWSEC_ALG_HMAC_256, some(9), on.inner, &attributes, 32, &fast),
        LWSEC_OK);
    assert_ptr_equal(derived.store, on.worker);
    assert_ptr_equal(fast.store, on.inner);
    assert_status(run_mac(fast, expected), LWSEC_OK);
    assert_status(gate_finish(derived, run_mac(derived, got)), LWSEC_OK);
    assert_memory_equal(got, expected, sizeof got);
}

/* One slot is left: the key that finds none here may not stay in the other store. */
static void a_derived_key_without_a_slot_goes(void **state)
{
    const lwsec_key prk = import(LWSEC_ALG_HKDF, LWSEC_USE_DERIVE, 32);
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    lwsec_key made[GATE_SLOTS];
    size_t count = 0;

    (void)state;
    lwsec_status status = LWSEC_OK;
    while (status == LWSEC_OK) {
        assert_true(count < GATE_SLOTS);
        status = lwsec_key_derive(prk, LWSEC_ALG_HMAC_256, some(9), NULL, &attributes, 32,
                                  &made[count++]);
    }
    assert_status(status, LWSEC_LIMIT);
    assert_int_equal(count, GATE_SLOTS);
    assert_status(lwsec_key_destroy(&made[0]), LWSEC_OK);
    assert_status(
        lwsec_key_derive(prk, LWSEC_ALG_HMAC_256, some(9), NULL, &attributes, 32, &made[0]),
        LWSEC_OK);
}

static void keys_are_described_as_in_the_store_under_it(void **state)
{
    const lwsec_key key = import(LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL, 16);
    uint8_t bytes[8] = {0};

    (void)state;
    assert_int_equal(described(key).tier, LWSEC_TIER_MEMORY);
    assert_int_equal(described(key).algorithm, LWSEC_ALG_AES_CCM_16_64_128);
    assert_status(lwsec_random(on.worker, bytes, sizeof bytes), LWSEC_OK);
    lwsec_key none;
    assert_status(lwsec_key_find(on.worker, some(4), &none), LWSEC_UNSUPPORTED);
}

#define GATE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        GATE_TEST(it_gives_what_the_store_under_it_gives),
        GATE_TEST(signatures_verify),
        GATE_TEST(what_is_forged_is_refused_and_counted_once),
        GATE_TEST(inputs_are_copied),
        GATE_TEST(derivations_are_done_at_once),
        GATE_TEST(a_derived_key_without_a_slot_goes),
        GATE_TEST(keys_are_described_as_in_the_store_under_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
