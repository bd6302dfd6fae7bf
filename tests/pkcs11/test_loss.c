/* What others do to a token while a store is open on it: sessions closed, logged out, finalised,
 * gone and back; and a fork. */
#include "tests/support/test.h"

#include <lwsec/key.h>

#include "tests/pkcs11/raw.h"
#include "tests/pkcs11/token.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS 8U

static lwsec_store *store;
static token_pin source;

static int set_up(void **state)
{
    (void)state;
    token_make("loss");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    token_remove_all();
    return 0;
}

static int open_store(void **state)
{
    lwsec_pkcs11_config config = token_config("loss");

    (void)state;
    source.pin = TOKEN_PIN;
    source.asked = 0;
    config.pin_context = &source;
    store = token_open(&config, SLOTS);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    token_close(store);
    return 0;
}

static lwsec_bytes text(const char *of)
{
    return lwsec_bytes_of(of, strlen(of));
}

static lwsec_key import(int32_t algorithm, uint32_t usage, const char *name)
{
    const lwsec_key_attributes made = {sizeof made, algorithm, usage, text(name)};
    const uint8_t raw[16] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    lwsec_key key;

    assert_status(lwsec_key_import(store, &made, lwsec_bytes_of(raw, sizeof raw), &key), LWSEC_OK);
    return key;
}

/* A kept key goes on after `harm`, with `logins` more PINs asked for. One of a session does if
 * `session_survives`. */
static void goes_on_after(void (*harm)(void), unsigned logins, bool session_survives)
{
    lwsec_key kept = import(LWSEC_ALG_AES_CCM_16_64_128, LWSEC_USE_SEAL | LWSEC_USE_OPEN, "kept");
    lwsec_key mac = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, "");
    const uint8_t nonce[13] = {1};
    uint8_t before[20], after[20], code[32], again[32];

    assert_int_equal(source.asked, 1);
    assert_status(lwsec_key_mac(mac, text("m"), code, sizeof code), LWSEC_OK);
    assert_status(lwsec_key_seal(kept, lwsec_bytes_of(nonce, 13), text("a"), text("plaintext"),
                                 before, sizeof before),
                  LWSEC_OK);
    harm();
    assert_status(lwsec_key_seal(kept, lwsec_bytes_of(nonce, 13), text("a"), text("plaintext"),
                                 after, sizeof after),
                  LWSEC_OK);
    assert_memory_equal(before, after, 17);
    assert_int_equal(source.asked, 1 + logins);
    /* In place: the first try, which fails, must not have spoilt the message. */
    harm();
    assert_status(lwsec_key_open(kept, lwsec_bytes_of(nonce, 13), text("a"),
                                 lwsec_bytes_of(after, 17), after, sizeof after),
                  LWSEC_OK);
    assert_memory_equal(after, "plaintext", 9);
    /* A message that is not authentic is no loss, and asks for nothing. */
    const unsigned asked = source.asked;
    before[16] ^= 1U;
    assert_status(lwsec_key_open(kept, lwsec_bytes_of(nonce, 13), text("a"),
                                 lwsec_bytes_of(before, 17), after, sizeof after),
                  LWSEC_REJECT);
    assert_int_equal(source.asked, asked);
    const lwsec_status survived = lwsec_key_mac(mac, text("m"), again, sizeof again);
    assert_status(survived, session_survives ? LWSEC_OK : LWSEC_ENGINE);
    if (session_survives) {
        assert_memory_equal(code, again, sizeof code);
    }
    /* The store is as good as new. */
    assert_status(lwsec_key_release(&mac), LWSEC_OK);
    mac = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, "");
    assert_status(lwsec_key_mac(mac, text("m"), again, sizeof again), LWSEC_OK);
    assert_memory_equal(code, again, sizeof code);
    assert_status(lwsec_key_release(&mac), LWSEC_OK);
    assert_status(lwsec_pkcs11_check(store), LWSEC_OK);
    assert_status(lwsec_key_destroy(&kept), LWSEC_OK);
}

static void do_nothing(void)
{
}

static void close_all_sessions(void)
{
    assert_int_equal(raw_calls()->C_CloseAllSessions(raw_slot("loss")), CKR_OK);
}

static void log_out(void)
{
    const CK_SESSION_HANDLE session = raw_session("loss");

    assert_int_equal(raw_calls()->C_Logout(session), CKR_OK);
    assert_int_equal(raw_calls()->C_CloseSession(session), CKR_OK);
}

static void log_out_and_in(void)
{
    const CK_SESSION_HANDLE session = raw_session("loss");

    assert_int_equal(raw_calls()->C_Logout(session), CKR_OK);
    assert_int_equal(
        raw_calls()->C_Login(session, CKU_USER, (CK_BYTE *)TOKEN_PIN, strlen(TOKEN_PIN)), CKR_OK);
    assert_int_equal(raw_calls()->C_CloseSession(session), CKR_OK);
}

static void finalise(void)
{
    assert_int_equal(raw_calls()->C_Finalize(NULL), CKR_OK);
}

static void finalise_and_initialise(void)
{
    finalise();
    assert_int_equal(raw_calls()->C_Initialize(NULL), CKR_OK);
}

static void test_nothing(void **state)
{
    (void)state;
    goes_on_after(do_nothing, 0, true);
}

static void test_sessions_closed(void **state)
{
    (void)state;
    goes_on_after(close_all_sessions, 1, false);
}

static void test_logged_out(void **state)
{
    (void)state;
    goes_on_after(log_out, 1, false);
}

static void test_logged_out_and_in(void **state)
{
    (void)state;
    goes_on_after(log_out_and_in, 0, false);
}

static void test_finalised(void **state)
{
    (void)state;
    goes_on_after(finalise, 1, false);
}

static void test_finalised_and_initialised(void **state)
{
    (void)state;
    goes_on_after(finalise_and_initialise, 1, false);
}

/* Nobody gives the PIN again: the store fails and says why; with the PIN it comes back. */
static void test_no_pin_again(void **state)
{
    lwsec_key kept = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, "kept");
    uint8_t mac[32];
    lwsec_reason reason;

    (void)state;
    source.pin = NULL;
    close_all_sessions();
    assert_status(lwsec_key_mac(kept, text("m"), mac, sizeof mac), LWSEC_ENGINE);
    assert_int_equal(lwsec_pkcs11_login(store), LWSEC_PKCS11_LOGIN_UNSET);
    source.pin = TOKEN_PIN;
    assert_status(lwsec_pkcs11_login_again(store, 0, &reason), LWSEC_OK);
    assert_status(lwsec_key_mac(kept, text("m"), mac, sizeof mac), LWSEC_OK);
    assert_status(lwsec_key_destroy(&kept), LWSEC_OK);
}

/* The PIN was changed meanwhile: the old one is tried once, whatever is asked of the store. */
static void test_wrong_pin_again(void **state)
{
    lwsec_key kept = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, "kept");
    uint8_t mac[32];
    lwsec_reason reason;

    (void)state;
    source.pin = "not-the-pin";
    close_all_sessions();
    for (int i = 0; i < 5; i++) {
        assert_status(lwsec_key_mac(kept, text("m"), mac, sizeof mac), LWSEC_ENGINE);
        assert_status(lwsec_pkcs11_check(store), LWSEC_ENGINE);
    }
    assert_int_equal(source.asked, 2);
    assert_int_equal(lwsec_pkcs11_login(store), LWSEC_PKCS11_LOGIN_BAD);
    /* Asked for a new one, somebody gives the same: not tried either. */
    assert_status(lwsec_pkcs11_login_again(store, 0, &reason), LWSEC_ENGINE);
    assert_int_equal(reason.why, LWSEC_WHY_PKCS11_PIN);
    assert_int_equal(source.asked, 3);
    source.pin = TOKEN_PIN;
    assert_status(lwsec_pkcs11_login_again(store, 0, &reason), LWSEC_OK);
    assert_status(lwsec_key_mac(kept, text("m"), mac, sizeof mac), LWSEC_OK);
    assert_int_equal(lwsec_pkcs11_login(store), LWSEC_PKCS11_LOGIN_OK);
    assert_status(lwsec_key_destroy(&kept), LWSEC_OK);
}

/* ---- Fork ---- */

static bool child_is_refused(lwsec_key key, lwsec_key passing)
{
    uint8_t out[32];
    lwsec_key other = {NULL, 0, 0};
    lwsec_reason reason;

    return lwsec_key_mac(key, text("m"), out, sizeof out) == LWSEC_FORKED &&
           lwsec_random(store, out, sizeof out) == LWSEC_FORKED &&
           lwsec_key_find(store, text("kept"), &other) == LWSEC_FORKED &&
           lwsec_pkcs11_check(store) == LWSEC_FORKED &&
           lwsec_pkcs11_login_again(store, 0, &reason) == LWSEC_FORKED &&
           lwsec_pkcs11_put_data(store, text("d"), text("v")) == LWSEC_FORKED &&
           lwsec_key_release(&passing) == LWSEC_FORKED && lwsec_key_destroy(&key) == LWSEC_FORKED;
}

/* A child opens a store of its own, on the same token, and uses it. */
static bool child_opens(void)
{
    const lwsec_pkcs11_config config = token_config("loss");
    const size_t size = lwsec_pkcs11_size(2);
    void *memory = malloc(size);
    lwsec_store *own = NULL;
    lwsec_key key;
    uint8_t mac[32];

    if (lwsec_pkcs11_open(memory, size, 2, &config, &own, NULL) != LWSEC_OK ||
        lwsec_key_find(own, text("kept"), &key) != LWSEC_OK ||
        lwsec_key_mac(key, text("m"), mac, sizeof mac) != LWSEC_OK) {
        return false;
    }
    lwsec_pkcs11_close(&own);
    free(memory);
    return true;
}

static void test_fork(void **state)
{
    lwsec_key kept = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, "kept");
    const lwsec_key passing = import(LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, "");
    uint8_t mac[32];
    int status = 0;

    (void)state;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const bool refused = child_is_refused(kept, passing);
        void *memory = store;
        lwsec_pkcs11_close(&store); /* leaves the parent's sessions alone */
        free(memory);
        _exit(!refused ? 2 : child_opens() ? 0 : 3);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_status(lwsec_key_mac(kept, text("m"), mac, sizeof mac), LWSEC_OK);
    assert_status(lwsec_key_mac(passing, text("m"), mac, sizeof mac), LWSEC_OK);
    assert_int_equal(source.asked, 1);
    assert_status(lwsec_key_destroy(&kept), LWSEC_OK);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing),      TEST(test_sessions_closed),
        TEST(test_logged_out),   TEST(test_logged_out_and_in),
        TEST(test_finalised),    TEST(test_finalised_and_initialised),
        TEST(test_no_pin_again), TEST(test_wrong_pin_again),
        TEST(test_fork),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
