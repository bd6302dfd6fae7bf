/* A token that gives fewer sessions than it says: those that are open have to do. */
#include "tests/tokens/kit.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 4U
#define ROUNDS 50U

static kit on;
static lwsec_key key;
static _Atomic unsigned wrong;

static int set_up(void **state)
{
    uint8_t mac[32];

    (void)state;
    kit_begin(&on);
    assert_status(kit_open(&on), LWSEC_OK);
    key = kit_keep(&on, "kept", LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32);
    assert_status(lwsec_key_mac(key, lwsec_bytes_of(NULL, 0), mac, sizeof mac), LWSEC_OK);
    on.token->set_delay(100000); /* so that the threads meet */
    wrong = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    on.token->set_fault(NULL);
    on.token->set_delay(0);
    kit_close(&on);
    return 0;
}

static void *work(void *argument)
{
    uint8_t mac[32];

    (void)argument;
    for (unsigned i = 0; i < ROUNDS; i++) {
        wrong += lwsec_key_mac(key, lwsec_bytes_of(&i, 4), mac, sizeof mac) == LWSEC_OK ? 0 : 1;
    }
    return NULL;
}

static void run_threads(void)
{
    pthread_t threads[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, NULL), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

static void fail_to_open(CK_RV rv)
{
    const fake_fault fault = {FAKE_ANSWER, "C_OpenSession", 1, 1000000, rv};

    on.token->set_fault(&fault);
}

/* One for the operations, and the anchor: each waits for its turn, and none fails. */
static void test_no_more_sessions(void **state)
{
    (void)state;
    fail_to_open(CKR_SESSION_COUNT);
    run_threads();
    assert_int_equal(wrong, 0);
    assert_int_equal(on.token->open_sessions(), 2);
}

/* Not even one: that is a failure, which ends when there are sessions again. */
static void test_none_at_all(void **state)
{
    uint8_t mac[32];

    (void)state;
    const fake_fault lost = {FAKE_ANSWER, "C_SignInit", 1, 1, CKR_SESSION_HANDLE_INVALID};
    on.token->set_fault(&lost);
    assert_status(lwsec_key_mac(key, lwsec_bytes_of(NULL, 0), mac, sizeof mac), LWSEC_OK);
    const fake_fault again = {FAKE_ANSWER, NULL, 1, 1000000, CKR_SESSION_COUNT};
    on.token->set_fault(&again);
    assert_status(lwsec_key_mac(key, lwsec_bytes_of(NULL, 0), mac, sizeof mac), LWSEC_ENGINE);
    assert_int_equal(lwsec_pkcs11_error(on.store), CKR_SESSION_COUNT);
    on.token->set_fault(NULL);
    run_threads();
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_more_sessions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_none_at_all, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
