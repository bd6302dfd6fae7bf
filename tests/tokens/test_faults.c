/* Every call of every operation fails once, in every way: no crash, no partial output, no second
 * try of a PIN, and afterwards all is as before. */
#include "tests/tokens/operations.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const CK_RV answers[] = {CKR_HOST_MEMORY,
                                CKR_SLOT_ID_INVALID,
                                CKR_GENERAL_ERROR,
                                CKR_FUNCTION_FAILED,
                                CKR_ARGUMENTS_BAD,
                                CKR_DEVICE_ERROR,
                                CKR_DEVICE_MEMORY,
                                CKR_DEVICE_REMOVED,
                                CKR_FUNCTION_NOT_SUPPORTED,
                                CKR_KEY_HANDLE_INVALID,
                                CKR_KEY_SIZE_RANGE,
                                CKR_MECHANISM_INVALID,
                                CKR_OBJECT_HANDLE_INVALID,
                                CKR_OPERATION_ACTIVE,
                                CKR_OPERATION_NOT_INITIALIZED,
                                CKR_PIN_INCORRECT,
                                CKR_PIN_EXPIRED,
                                CKR_PIN_LOCKED,
                                CKR_SESSION_CLOSED,
                                CKR_SESSION_COUNT,
                                CKR_SESSION_HANDLE_INVALID,
                                CKR_TOKEN_NOT_PRESENT,
                                CKR_USER_NOT_LOGGED_IN,
                                CKR_BUFFER_TOO_SMALL,
                                CKR_DATA_LEN_RANGE,
                                CKR_CRYPTOKI_NOT_INITIALIZED,
                                CKR_ENCRYPTED_DATA_INVALID,
                                CKR_SIGNATURE_INVALID,
                                0x80000001UL};

/* A store with its keys; what the operation gives without a fault, and how many calls it needs. */
typedef struct fixture {
    kit self;
    operation_keys keys;
    operation what;
    uint8_t expected[OUT_SIZE];
    unsigned calls;
} fixture;

static void begin(fixture *made, operation what)
{
    kit_begin(&made->self);
    made->what = what;
    assert_status(kit_open(&made->self), LWSEC_OK);
    make_operation_keys(&made->self, &made->keys);
    memset(made->expected, 0xa5, OUT_SIZE);
    assert_status(what.run(&made->self, &made->keys, made->expected), LWSEC_OK);
    made->self.token->clear_calls();
    memset(made->expected, 0xa5, OUT_SIZE);
    assert_status(what.run(&made->self, &made->keys, made->expected), LWSEC_OK);
    made->calls = made->self.token->calls(NULL);
}

static void end(fixture *made)
{
    kit_close(&made->self);
    assert_false(made->self.token->value_was_read());
    assert_int_equal(made->self.token->open_sessions(), 0);
    assert_int_equal(made->self.token->session_objects(), 0);
}

/* Names the place where an assertion fails. */
static void say(const fixture *made, const char *fault, unsigned nth, CK_RV rv)
{
    print_error("%s: %s at call %u of %u, 0x%lx\n", made->what.name, fault, nth, made->calls, rv);
}

/* What came out is all right, or is nothing. */
static bool output_is_right(const fixture *made, lwsec_status status, const uint8_t *out)
{
    bool nothing = true;

    if (status == LWSEC_OK) {
        return !made->what.repeats || memcmp(out, made->expected, OUT_SIZE) == 0;
    }
    for (size_t i = 0; i < OUT_SIZE; i++) {
        nothing = nothing && (out[i] == 0 || out[i] == 0xa5);
    }
    return nothing;
}

/* The operation under a fault, and without one after it. */
static lwsec_status run_with(fixture *made, fake_kind kind, unsigned nth, CK_RV rv,
                             const char *fault)
{
    const fake_control *token = made->self.token;
    uint8_t out[OUT_SIZE];

    memset(out, 0xa5, sizeof out);
    kit_fault(&made->self, kind, NULL, nth, rv);
    token->clear_calls();
    const lwsec_status status = made->what.run(&made->self, &made->keys, out);
    /* One retry, and what it takes to come back: sessions, login, the token, the key. */
    const bool right = output_is_right(made, status, out) && status != LWSEC_USAGE &&
                       token->calls("C_Login") <= 1 && token->calls(NULL) <= 2 * made->calls + 24;
    const unsigned calls = token->calls(NULL);
    token->set_fault(NULL);
    token->return_token();
    memset(out, 0xa5, sizeof out);
    const lwsec_status after = made->what.run(&made->self, &made->keys, out);
    if (!right || after != LWSEC_OK || !output_is_right(made, after, out)) {
        say(made, fault, nth, rv);
        print_error("  %s in %u calls, %u logins, then %s\n", lwsec_status_name(status), calls,
                    token->calls("C_Login"), lwsec_status_name(after));
        fail();
    }
    return status;
}

static void test_each_call_answers_each_error_once(void **state)
{
    fixture made;

    (void)state;
    for (size_t i = 0; operation_at(i).name != NULL; i++) {
        begin(&made, operation_at(i));
        for (unsigned nth = 1; nth <= made.calls; nth++) {
            for (size_t rv = 0; rv < COUNT(answers); rv++) {
                if (made.what.lists && answers[rv] == CKR_BUFFER_TOO_SMALL) {
                    continue; /* of an attribute: it is too long to be one of ours */
                }
                (void)run_with(&made, FAKE_ANSWER, nth, answers[rv], "answers");
            }
        }
        end(&made);
    }
}

static void test_each_call_works_and_answers_an_error_all_the_same(void **state)
{
    fixture made;

    (void)state;
    for (size_t i = 0; operation_at(i).name != NULL; i++) {
        begin(&made, operation_at(i));
        for (unsigned nth = 1; nth <= made.calls; nth++) {
            (void)run_with(&made, FAKE_ANSWER_LATE, nth, CKR_DEVICE_ERROR, "late");
            (void)run_with(&made, FAKE_ANSWER_LATE, nth, CKR_FUNCTION_FAILED, "late");
        }
        kit_close(&made.self); /* objects of which nobody knows go with their sessions */
        assert_int_equal(made.self.token->session_objects(), 0);
    }
}

/* A call that the token does not want twice: what is made in another way then is right, or nothing.
 */
static void test_a_call_is_refused_twice(void **state)
{
    static const CK_RV refusals[] = {CKR_KEY_SIZE_RANGE, CKR_MECHANISM_INVALID, CKR_GENERAL_ERROR};
    static const char *const calls[] = {"C_EncryptInit", "C_Encrypt",  "C_DecryptInit",
                                        "C_Decrypt",     "C_SignInit", "C_DeriveKey",
                                        "C_DigestKey"};
    fixture made;
    uint8_t out[OUT_SIZE];

    (void)state;
    for (size_t i = 0; operation_at(i).name != NULL; i++) {
        begin(&made, operation_at(i));
        for (size_t at = 0; at < COUNT(calls) * COUNT(refusals) * 4; at++) {
            const unsigned nth = 1 + (unsigned)at % 4;
            const char *call = calls[at / 4 % COUNT(calls)];
            const CK_RV rv = refusals[at / 4 / COUNT(calls)];
            const fake_fault fault = {FAKE_ANSWER, call, nth, 2, rv};
            made.self.token->set_fault(&fault);
            memset(out, 0xa5, sizeof out);
            const lwsec_status status = made.what.run(&made.self, &made.keys, out);
            made.self.token->set_fault(NULL);
            if (!output_is_right(&made, status, out)) {
                say(&made, call, nth, rv);
                fail();
            }
        }
        end(&made);
    }
}

/* A key that the token keeps is found again, and the operation is done. One that lived in a session
 * is gone with it. */
static void test_sessions_are_lost_before_each_call(void **state)
{
    fixture made;

    (void)state;
    for (size_t i = 0; operation_at(i).name != NULL; i++) {
        begin(&made, operation_at(i));
        for (unsigned nth = 1; nth <= made.calls; nth++) {
            if (run_with(&made, FAKE_SESSIONS_LOST, nth, 0, "sessions lost") != LWSEC_OK &&
                !made.what.temporary) {
                say(&made, "sessions lost, and not done", nth, 0);
                fail();
            }
        }
        end(&made);
    }
}

static void test_the_login_is_lost_before_each_call(void **state)
{
    fixture made;

    (void)state;
    for (size_t i = 0; operation_at(i).name != NULL; i++) {
        begin(&made, operation_at(i));
        for (unsigned nth = 1; nth <= made.calls; nth++) {
            if (run_with(&made, FAKE_LOGIN_LOST, nth, 0, "login lost") != LWSEC_OK &&
                !made.what.temporary) {
                say(&made, "login lost, and not done", nth, 0);
                fail();
            }
        }
        end(&made);
    }
}

static void test_the_token_is_removed_before_each_call_and_returns(void **state)
{
    fixture made;

    (void)state;
    for (size_t i = 0; operation_at(i).name != NULL; i++) {
        begin(&made, operation_at(i));
        for (unsigned nth = 1; nth <= made.calls; nth++) {
            (void)run_with(&made, FAKE_REMOVED, nth, 0, "removed");
        }
        end(&made);
    }
}

static void test_wrong_lengths_and_operations_that_stay_active(void **state)
{
    static const fake_kind kinds[] = {FAKE_LENGTH_SHORT, FAKE_LENGTH_LONG, FAKE_STAYS_ACTIVE};
    fixture made;

    (void)state;
    for (size_t i = 0; operation_at(i).name != NULL; i++) {
        for (size_t kind = 0; kind < COUNT(kinds); kind++) {
            begin(&made, operation_at(i));
            for (unsigned nth = 1; nth <= made.calls; nth++) {
                (void)run_with(&made, kinds[kind], nth, 0, "lengths");
            }
            end(&made);
        }
    }
}

static lwsec_bytes name_of(const char *text)
{
    return lwsec_bytes_of(text, strlen(text));
}

/* A token that passes over what a search is for: no other key is taken for ours, and none goes. */
static void test_a_search_finds_what_was_not_asked_for(void **state)
{
    kit self;
    lwsec_key other = {NULL, 0, 0};

    (void)state;
    kit_begin(&self);
    assert_status(kit_open(&self), LWSEC_OK);
    lwsec_key one = kit_keep(&self, "one", LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32);
    kit_fault(&self, FAKE_FINDS_ALL, "C_FindObjectsInit", 1, 0);
    assert_status(lwsec_key_find(self.store, name_of("two"), &other), LWSEC_ABSENT);
    assert_int_equal(self.token->faults_done(), 1);
    self.token->set_fault(NULL);
    for (unsigned times = 1; times <= 4; times++) {
        const fake_fault fault = {FAKE_FINDS_ALL, "C_FindObjectsInit", 1, times, 0};
        lwsec_key two = kit_keep(&self, "two", LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32);
        self.token->set_fault(&fault);
        const lwsec_status gone = lwsec_key_destroy(&two); /* or nobody knows */
        assert_true(gone == LWSEC_OK || gone == LWSEC_ENGINE);
        self.token->set_fault(NULL);
        assert_status(lwsec_key_find(self.store, name_of("one"), &other), LWSEC_OK);
        assert_status(lwsec_key_release(&other), LWSEC_OK);
        if (lwsec_key_find(self.store, name_of("two"), &two) == LWSEC_OK) {
            assert_status(lwsec_key_destroy(&two), LWSEC_OK);
        }
    }
    assert_status(lwsec_key_destroy(&one), LWSEC_OK);
    kit_close(&self);
}

/* The same for what is kept beside keys, under one name with a key. */
static void test_a_search_for_data_finds_all_else(void **state)
{
    kit self;
    uint8_t room[8];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    lwsec_key key = {NULL, 0, 0};

    (void)state;
    kit_begin(&self);
    assert_status(kit_open(&self), LWSEC_OK);
    lwsec_key one = kit_keep(&self, "one", LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, 32);
    kit_fault(&self, FAKE_FINDS_ALL, "C_FindObjectsInit", 1, 0);
    assert_status(lwsec_pkcs11_put_data(self.store, name_of("one"), name_of("1")), LWSEC_OK);
    kit_fault(&self, FAKE_FINDS_ALL, "C_FindObjectsInit", 1, 0);
    assert_status(lwsec_pkcs11_put_data(self.store, name_of("two"), name_of("2")), LWSEC_OK);
    kit_fault(&self, FAKE_FINDS_ALL, "C_FindObjectsInit", 1, 0);
    assert_status(lwsec_pkcs11_remove_data(self.store, name_of("two")), LWSEC_OK);
    self.token->set_fault(NULL);
    assert_status(lwsec_pkcs11_get_data(self.store, name_of("one"), &value), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&value), name_of("1"));
    assert_status(lwsec_key_find(self.store, name_of("one"), &key), LWSEC_OK);
    assert_status(lwsec_key_destroy(&one), LWSEC_OK);
    kit_fault(&self, FAKE_FINDS_ALL, "C_FindObjectsInit", 1, 0); /* the one object that is left */
    assert_status(lwsec_pkcs11_get_data(self.store, name_of("two"), &value), LWSEC_ABSENT);
    assert_int_equal(value.size, 0);
    self.token->set_fault(NULL);
    assert_status(lwsec_pkcs11_remove_data(self.store, name_of("one")), LWSEC_OK);
    kit_close(&self);
}

/* A value that is longer at the second look than it was at the first. */
static void test_a_value_that_grows_between_two_calls(void **state)
{
    kit self;
    uint8_t room[8];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);

    (void)state;
    kit_begin(&self);
    assert_status(kit_open(&self), LWSEC_OK);
    assert_status(lwsec_pkcs11_put_data(self.store, name_of("data"), name_of("12345678")),
                  LWSEC_OK);
    const fake_fault fault = {FAKE_LENGTH_LONG, "C_GetAttributeValue", 1, 100, 0};
    self.token->set_fault(&fault);
    assert_status(lwsec_pkcs11_get_data(self.store, name_of("data"), &value), LWSEC_ENGINE);
    assert_int_equal(value.size, 0);
    self.token->set_fault(NULL);
    assert_status(lwsec_pkcs11_get_data(self.store, name_of("data"), &value), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&value), name_of("12345678"));
    assert_status(lwsec_pkcs11_remove_data(self.store, name_of("data")), LWSEC_OK);
    kit_close(&self);
}

/* Opening itself: it works or it does not, and the next one does. */
static void test_each_call_of_opening_fails_once(void **state)
{
    /* No answer about the PIN: a PIN that was called wrong is not tried again in this process. */
    static const CK_RV some[] = {CKR_GENERAL_ERROR,          CKR_DEVICE_REMOVED,
                                 CKR_SESSION_HANDLE_INVALID, CKR_DEVICE_MEMORY,
                                 CKR_FUNCTION_NOT_SUPPORTED, CKR_BUFFER_TOO_SMALL};
    kit self;

    (void)state;
    kit_begin(&self);
    assert_status(kit_open(&self), LWSEC_OK);
    kit_close(&self);
    const unsigned calls = self.token->calls(NULL);
    for (unsigned nth = 1; nth <= calls; nth++) {
        for (size_t rv = 0; rv < COUNT(some); rv++) {
            kit_begin(&self);
            kit_fault(&self, FAKE_ANSWER, NULL, nth, some[rv]);
            const lwsec_status status = kit_open(&self);
            assert_true(status == LWSEC_OK || status == LWSEC_ENGINE || status == LWSEC_ABSENT);
            assert_true(self.token->calls("C_Login") <= 1);
            if (status == LWSEC_OK) {
                kit_close(&self);
            }
            self.token->set_fault(NULL);
            assert_status(kit_open(&self), LWSEC_OK);
            kit_close(&self);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_call_answers_each_error_once),
        cmocka_unit_test(test_each_call_works_and_answers_an_error_all_the_same),
        cmocka_unit_test(test_a_call_is_refused_twice),
        cmocka_unit_test(test_sessions_are_lost_before_each_call),
        cmocka_unit_test(test_the_login_is_lost_before_each_call),
        cmocka_unit_test(test_the_token_is_removed_before_each_call_and_returns),
        cmocka_unit_test(test_wrong_lengths_and_operations_that_stay_active),
        cmocka_unit_test(test_a_search_finds_what_was_not_asked_for),
        cmocka_unit_test(test_a_search_for_data_finds_all_else),
        cmocka_unit_test(test_a_value_that_grows_between_two_calls),
        cmocka_unit_test(test_each_call_of_opening_fails_once),
    };
    return cmocka_run_group_tests_name("token-faults", tests, NULL, NULL);
}
