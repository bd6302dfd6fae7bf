/* Threads share a store: each operation has a session for itself, and no more are open than may be.
 *
 * Not here: sessions that others close meanwhile. SoftHSM itself stands still then (its
 * C_CloseAllSessions and C_OpenSession take two locks in different orders). */
#include "tests/support/test.h"

#include <lwsec/key.h>

#include "tests/pkcs11/raw.h"
#include "tests/pkcs11/token.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 4U
#define ROUNDS 400U
#define SESSIONS 2U

static lwsec_store *store;
static lwsec_key kept, passing, pair;
static uint8_t expected[32];
static _Atomic unsigned wrong;

static lwsec_bytes text(const char *of)
{
    return lwsec_bytes_of(of, strlen(of));
}

static int set_up(void **state)
{
    static const uint8_t raw[32] = {1, 2, 3};
    const lwsec_key_attributes mac = {sizeof mac, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, text("kept")};
    const lwsec_key_attributes ccm = {
        sizeof ccm, LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL | LWSEC_USE_OPEN, {NULL, 0}};
    const lwsec_key_attributes sign = {sizeof sign, LWSEC_ALG_ES256, LWSEC_USE_SIGN, {NULL, 0}};

    (void)state;
    token_make("threads");
    lwsec_pkcs11_config config = token_config("threads");
    config.sessions = SESSIONS;
    store = token_open(&config, 32);
    assert_status(lwsec_key_import(store, &mac, lwsec_bytes_of(raw, 32), &kept), LWSEC_OK);
    assert_status(lwsec_key_import(store, &ccm, lwsec_bytes_of(raw, 16), &passing), LWSEC_OK);
    assert_status(lwsec_key_generate(store, &sign, 0, &pair), LWSEC_OK);
    assert_status(lwsec_key_mac(kept, text("m"), expected, sizeof expected), LWSEC_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    token_close(store);
    token_remove_all();
    return 0;
}

static bool seals_and_opens(unsigned round)
{
    const uint8_t nonce[13] = {(uint8_t)round, (uint8_t)(round >> 8)};
    uint8_t out[40];

    return lwsec_key_seal(passing, lwsec_bytes_of(nonce, 13), text("a"), text("thirty-two"), out,
                          sizeof out) == LWSEC_OK &&
           lwsec_key_open(passing, lwsec_bytes_of(nonce, 13), text("a"), lwsec_bytes_of(out, 18),
                          out, sizeof out) == LWSEC_OK &&
           memcmp(out, "thirty-two", 10) == 0;
}

static bool makes_a_key(void)
{
    const lwsec_key_attributes mac = {sizeof mac, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    const uint8_t raw[32] = {1, 2, 3};
    uint8_t out[32];
    lwsec_key key;

    return lwsec_key_import(store, &mac, lwsec_bytes_of(raw, 32), &key) == LWSEC_OK &&
           lwsec_key_mac(key, text("m"), out, sizeof out) == LWSEC_OK &&
           memcmp(out, expected, sizeof out) == 0 && lwsec_key_release(&key) == LWSEC_OK;
}

static bool macs(void)
{
    uint8_t out[32];

    return lwsec_key_mac(kept, text("m"), out, sizeof out) == LWSEC_OK &&
           memcmp(out, expected, sizeof out) == 0;
}

static void *work(void *argument)
{
    uint8_t signature[64], random[16];

    (void)argument;
    for (unsigned round = 0; round < ROUNDS; round++) {
        const bool right = macs() && seals_and_opens(round) && makes_a_key() &&
                           lwsec_key_sign(pair, text("m"), signature, 64) == LWSEC_OK &&
                           lwsec_random(store, random, sizeof random) == LWSEC_OK;
        wrong += right ? 0 : 1;
    }
    return NULL;
}

static void run(void *(*body)(void *))
{
    pthread_t threads[THREADS];

    wrong = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, body, NULL), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

static void test_shared(void **state)
{
    CK_TOKEN_INFO info;

    (void)state;
    run(work);
    assert_int_equal(wrong, 0);
    /* Those of the pool, and the anchor. */
    assert_int_equal(raw_calls()->C_GetTokenInfo(raw_slot("threads"), &info), CKR_OK);
    if (info.ulSessionCount != CK_UNAVAILABLE_INFORMATION) {
        assert_true(info.ulSessionCount <= SESSIONS + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shared),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
