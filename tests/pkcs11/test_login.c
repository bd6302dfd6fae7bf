/* Opening and logging in: which token, which module, and that a wrong PIN is tried once. */
#include "tests/support/test.h"

#include "tests/pkcs11/token.h"

#define SLOTS 4U

static uint64_t memory[LWSEC_PKCS11_SIZE(SLOTS) / 8];

static int set_up(void **state)
{
    (void)state;
    token_make("one");
    token_make("two");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    token_remove_all();
    return 0;
}

/* Opens, and tells why not. */
static lwsec_status open_with(const lwsec_pkcs11_config *config, lwsec_why *why)
{
    lwsec_store *store = (lwsec_store *)memory;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status =
        lwsec_pkcs11_open(memory, sizeof memory, SLOTS, config, &store, &reason);

    *why = reason.why;
    if (status == LWSEC_OK) {
        lwsec_pkcs11_close(&store);
    }
    assert_null(store);
    return status;
}

static void assert_refused(const lwsec_pkcs11_config *config, lwsec_status status, lwsec_why why)
{
    lwsec_why found;

    assert_status(open_with(config, &found), status);
    assert_int_equal(found, why);
}

static void test_config(void **state)
{
    lwsec_pkcs11_config config = token_config("one");
    lwsec_store *store = NULL;

    (void)state;
    config.size--;
    assert_refused(&config, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    config = token_config("one");
    config.flags = 2;
    assert_refused(&config, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    config = token_config("one");
    config.module = NULL;
    assert_refused(&config, LWSEC_USAGE, LWSEC_WHY_CONFIG);
    config = token_config("one");
    assert_status(lwsec_pkcs11_open(memory, sizeof memory - 1, SLOTS, &config, &store, NULL),
                  LWSEC_BUFFER);
    assert_status(lwsec_pkcs11_open(memory, sizeof memory, 0, &config, &store, NULL), LWSEC_USAGE);
    assert_status(
        lwsec_pkcs11_open((char *)memory + 1, sizeof memory - 1, 1, &config, &store, NULL),
        LWSEC_USAGE);
    assert_int_equal(lwsec_pkcs11_size(SLOTS), LWSEC_PKCS11_SIZE(SLOTS));
}

static void test_module(void **state)
{
    lwsec_pkcs11_config config = token_config("one");

    (void)state;
    config.module = "/no/such/module.so";
    assert_refused(&config, LWSEC_ENGINE, LWSEC_WHY_PKCS11_MODULE);
    config.module = "libc.so.6"; /* a library that is no module */
    assert_refused(&config, LWSEC_ENGINE, LWSEC_WHY_PKCS11_MODULE);
}

static void test_token(void **state)
{
    lwsec_pkcs11_config config = token_config("three");
    lwsec_why why;

    (void)state;
    assert_refused(&config, LWSEC_ABSENT, LWSEC_WHY_PKCS11_TOKEN);
    config = token_config("on");
    assert_refused(&config, LWSEC_ABSENT, LWSEC_WHY_PKCS11_TOKEN);
    config = token_config(""); /* one that has no label */
    assert_refused(&config, LWSEC_ABSENT, LWSEC_WHY_PKCS11_TOKEN);
    config.token.label.data = NULL; /* any label: there are two */
    assert_refused(&config, LWSEC_ABSENT, LWSEC_WHY_PKCS11_TOKEN);
    config = token_config("one");
    config.token.model = lwsec_bytes_of("other", 5);
    assert_refused(&config, LWSEC_ABSENT, LWSEC_WHY_PKCS11_TOKEN);
    config = token_config("one");
    config.token.serial = lwsec_bytes_of("0000000000000000", 16);
    assert_refused(&config, LWSEC_ABSENT, LWSEC_WHY_PKCS11_TOKEN);
    config = token_config("one                             "); /* as the token writes it */
    assert_status(open_with(&config, &why), LWSEC_OK);
}

/* By all that it says of itself, as a URI has it. */
static void test_identity(void **state)
{
    lwsec_pkcs11_config config = token_config("two");
    lwsec_store *store = token_open(&config, SLOTS);
    lwsec_pkcs11_token found;
    lwsec_why why;

    (void)state;
    lwsec_pkcs11_describe(store, &found);
    assert_bytes(found.label, lwsec_bytes_of("two", 3));
    assert_bytes(found.model, lwsec_bytes_of("SoftHSM v2", 10));
    assert_int_equal(found.serial.size, 16);
    assert_status(lwsec_pkcs11_check(store), LWSEC_OK);
    config.token = found;
    assert_status(open_with(&config, &why), LWSEC_OK);
    token_close(store);
}

static void test_wrong_pin(void **state)
{
    token_pin source = {"wrong-1", 0};
    lwsec_pkcs11_config config = token_config("one");
    lwsec_store *good;
    lwsec_why why;

    (void)state;
    config.pin_context = &source;
    assert_refused(&config, LWSEC_ENGINE, LWSEC_WHY_PKCS11_PIN);
    assert_int_equal(source.asked, 1);
    /* The same again is not tried: the token would count it. */
    assert_refused(&config, LWSEC_ENGINE, LWSEC_WHY_PKCS11_PIN);
    source.pin = TOKEN_PIN;
    assert_status(open_with(&config, &why), LWSEC_OK);
    /* Who is logged in already needs no PIN, so a wrong one does no harm. */
    config.pin_context = token_config("one").pin_context;
    good = token_open(&config, SLOTS);
    source.asked = 0;
    config.pin_context = &source;
    assert_status(open_with(&config, &why), LWSEC_OK);
    assert_int_equal(source.asked, 0);
    token_close(good);
}

static void test_no_pin(void **state)
{
    token_pin source = {NULL, 0};
    lwsec_pkcs11_config config = token_config("one");

    (void)state;
    config.pin_context = &source;
    assert_refused(&config, LWSEC_ENGINE, LWSEC_WHY_PKCS11_PIN);
    assert_int_equal(source.asked, 1);
    config.pin = NULL;
    assert_refused(&config, LWSEC_ENGINE, LWSEC_WHY_PKCS11_PIN);
}

static void test_login_again(void **state)
{
    const lwsec_pkcs11_config config = token_config("one");
    lwsec_store *store = token_open(&config, SLOTS);
    lwsec_reason reason;

    (void)state;
    assert_int_equal(lwsec_pkcs11_login(store), LWSEC_PKCS11_LOGIN_OK);
    assert_status(lwsec_pkcs11_login_again(store, 0, &reason), LWSEC_OK);
    assert_status(lwsec_pkcs11_login_again(store, 8, &reason), LWSEC_USAGE);
    assert_status(lwsec_pkcs11_login_again(NULL, 0, &reason), LWSEC_USAGE);
    assert_int_equal(lwsec_pkcs11_login(NULL), LWSEC_PKCS11_LOGIN_UNSET);
    assert_status(lwsec_pkcs11_check(NULL), LWSEC_USAGE);
    assert_int_equal(lwsec_pkcs11_error(store), 0);
    token_close(store);
}

/* Two tokens of one module at one time; the module goes with the last. */
static void test_two_tokens(void **state)
{
    const lwsec_pkcs11_config one = token_config("one");
    const lwsec_pkcs11_config two = token_config("two");
    lwsec_store *first = token_open(&one, SLOTS);
    lwsec_store *second = token_open(&two, SLOTS);

    (void)state;
    assert_status(lwsec_pkcs11_check(first), LWSEC_OK);
    token_close(first);
    assert_status(lwsec_pkcs11_check(second), LWSEC_OK);
    token_close(second);
    first = token_open(&one, SLOTS);
    assert_status(lwsec_pkcs11_check(first), LWSEC_OK);
    token_close(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config),      cmocka_unit_test(test_module),
        cmocka_unit_test(test_token),       cmocka_unit_test(test_identity),
        cmocka_unit_test(test_wrong_pin),   cmocka_unit_test(test_no_pin),
        cmocka_unit_test(test_login_again), cmocka_unit_test(test_two_tokens),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
