/* A wrong PIN is tried once, ever; the last try is left to a person. */
#include "tests/tokens/operations.h"

#include <pthread.h>

static unsigned logins(const kit *self)
{
    return self->token->calls("C_Login");
}

static void test_a_wrong_pin_at_opening_is_tried_once(void **state)
{
    kit self;

    (void)state;
    kit_begin(&self);
    self.pin = "4321";
    assert_status(kit_open(&self), LWSEC_ENGINE);
    assert_int_equal(self.reason.why, LWSEC_WHY_PKCS11_PIN);
    assert_int_equal(logins(&self), 1);
    assert_int_equal(self.asked, 1);
}

static void test_a_pin_that_nobody_has_is_not_tried(void **state)
{
    kit self;

    (void)state;
    kit_begin(&self);
    self.pin = NULL;
    assert_status(kit_open(&self), LWSEC_ENGINE);
    assert_int_equal(self.reason.why, LWSEC_WHY_PKCS11_PIN);
    assert_int_equal(logins(&self), 0);
}

/* Somebody has changed the PIN, and the token has forgotten the login. */
static void test_a_pin_that_has_become_wrong_is_tried_once_whatever_is_done(void **state)
{
    kit self;
    operation_keys keys;
    uint8_t out[OUT_SIZE];

    (void)state;
    kit_begin(&self);
    assert_status(kit_open(&self), LWSEC_OK);
    make_operation_keys(&self, &keys);
    self.token->clear_calls();
    self.pin = "9999";
    kit_fault(&self, FAKE_LOGIN_LOST, NULL, 1, 0);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; operation_at(i).name != NULL; i++) {
            memset(out, 0xa5, sizeof out);
            (void)operation_at(i).run(&self, &keys, out);
        }
    }
    assert_int_equal(logins(&self), 1);
    assert_int_equal(lwsec_pkcs11_login(self.store), LWSEC_PKCS11_LOGIN_BAD);
    assert_status(lwsec_key_mac(keys.hmac, lwsec_bytes_of("x", 1), out, OUT_SIZE), LWSEC_ENGINE);

    /* The same again is not even tried; the right one is, once. */
    assert_status(lwsec_pkcs11_login_again(self.store, 0, &self.reason), LWSEC_ENGINE);
    assert_int_equal(logins(&self), 1);
    self.pin = "1234";
    assert_status(lwsec_pkcs11_login_again(self.store, 0, &self.reason), LWSEC_OK);
    assert_int_equal(logins(&self), 2);
    assert_status(lwsec_key_mac(keys.hmac, lwsec_bytes_of("x", 1), out, OUT_SIZE), LWSEC_OK);
    kit_close(&self);
}

static void test_the_last_try_is_refused_without_one(void **state)
{
    kit self;

    (void)state;
    kit_begin(&self);
    self.token->set_tries(1);
    assert_status(kit_open(&self), LWSEC_ENGINE);
    assert_int_equal(self.reason.why, LWSEC_WHY_PKCS11_LOCKED);
    assert_int_equal(logins(&self), 0);
    self.flags = LWSEC_PKCS11_LAST_TRY; /* a person who knows */
    assert_status(kit_open(&self), LWSEC_OK);
    assert_int_equal(logins(&self), 1);
    kit_close(&self);
}

static void test_a_locked_token_is_refused_without_a_try(void **state)
{
    kit self;

    (void)state;
    kit_begin(&self);
    self.token->set_tries(0);
    assert_status(kit_open(&self), LWSEC_ENGINE);
    assert_int_equal(self.reason.why, LWSEC_WHY_PKCS11_LOCKED);
    assert_int_equal(logins(&self), 0);
}

static void test_a_wrong_pin_at_the_second_last_try_does_not_lock(void **state)
{
    kit self;

    (void)state;
    kit_begin(&self);
    self.token->set_tries(2);
    self.pin = "5555";
    assert_status(kit_open(&self), LWSEC_ENGINE);
    for (unsigned i = 0; i < 5; i++) {
        assert_status(kit_open(&self), LWSEC_ENGINE);
        self.pin = i % 2 == 0 ? "0000" : "5555"; /* the last try of one, known or not */
    }
    assert_int_equal(logins(&self), 1);
    self.pin = "1234";
    self.flags = LWSEC_PKCS11_LAST_TRY;
    assert_status(kit_open(&self), LWSEC_OK);
    kit_close(&self);
}

/* ---- Stores that are opened at one time ---- */

#define OPENERS 4U
#define ROUNDS 40U

/* One thread that opens a store. All have been asked for the PIN before the first goes on. */
typedef struct opener {
    pthread_barrier_t *asked;
    char pin[16];
    lwsec_why why;
} opener;

static lwsec_status give_together(void *context, const lwsec_pkcs11_token *token, lwsec_buffer *pin)
{
    opener *self = context;

    (void)token;
    (void)pthread_barrier_wait(self->asked);
    pin->size = strlen(self->pin);
    memcpy(pin->data, self->pin, pin->size);
    return LWSEC_OK;
}

static void *open_together(void *context)
{
    opener *self = context;
    const lwsec_pkcs11_config config = {.size = sizeof config,
                                        .module = LWSEC_TEST_FAKE_TOKEN,
                                        .token = {.label = lwsec_bytes_of("fake", 4)},
                                        .pin = give_together,
                                        .pin_context = self};
    const size_t size = lwsec_pkcs11_size(1);
    void *memory = malloc(size);
    lwsec_store *store = NULL;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (lwsec_pkcs11_open(memory, size, 1, &config, &store, &reason) == LWSEC_OK) {
        lwsec_pkcs11_close(&store);
    }
    self->why = reason.why;
    free(memory);
    return NULL;
}

/* With one wrong PIN for all, or each with a wrong one of its own. */
static void open_all(kit *self, unsigned round, bool same, unsigned tries)
{
    pthread_t threads[OPENERS];
    opener openers[OPENERS];
    pthread_barrier_t asked;

    kit_begin(self);
    self->token->set_tries(tries);
    assert_int_equal(pthread_barrier_init(&asked, NULL, OPENERS), 0);
    for (unsigned i = 0; i < OPENERS; i++) {
        openers[i].asked = &asked;
        (void)snprintf(openers[i].pin, sizeof openers[i].pin, "%c%u-%u", same ? 's' : 'o', round,
                       same ? 0 : i);
        assert_int_equal(pthread_create(&threads[i], NULL, open_together, &openers[i]), 0);
    }
    for (unsigned i = 0; i < OPENERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(openers[i].why == LWSEC_WHY_PKCS11_PIN ||
                    openers[i].why == LWSEC_WHY_PKCS11_LOCKED);
    }
    (void)pthread_barrier_destroy(&asked);
}

static void test_a_wrong_pin_of_stores_that_open_at_once_is_tried_once(void **state)
{
    kit self;

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        open_all(&self, round, true, 3);
        assert_int_equal(logins(&self), 1);
    }
}

static void test_the_last_try_is_not_taken_by_stores_that_open_at_once(void **state)
{
    kit self;

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        open_all(&self, round, false, 2);
        assert_int_equal(logins(&self), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_wrong_pin_at_opening_is_tried_once),
        cmocka_unit_test(test_a_pin_that_nobody_has_is_not_tried),
        cmocka_unit_test(test_a_pin_that_has_become_wrong_is_tried_once_whatever_is_done),
        cmocka_unit_test(test_the_last_try_is_refused_without_one),
        cmocka_unit_test(test_a_locked_token_is_refused_without_a_try),
        cmocka_unit_test(test_a_wrong_pin_at_the_second_last_try_does_not_lock),
        cmocka_unit_test(test_a_wrong_pin_of_stores_that_open_at_once_is_tried_once),
        cmocka_unit_test(test_the_last_try_is_not_taken_by_stores_that_open_at_once),
    };
    return cmocka_run_group_tests_name("token-pin", tests, NULL, NULL);
}
