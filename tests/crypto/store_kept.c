/* Keys that a store keeps under a name: found again, listed, let go of, destroyed. */
#include "tests/crypto/groups.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const names[] = {"lwsec-check-a", "lwsec-check-b", "lwsec-check-\xc3\xa9"};

static lwsec_bytes text_of(const char *text)
{
    return lwsec_bytes_of(text, strlen(text));
}

static lwsec_key_attributes named(const suite_state *suite, const char *name)
{
    lwsec_key_attributes attributes =
        suite_attributes(suite_aead_of(suite)->id, LWSEC_USE_SEAL | LWSEC_USE_OPEN);

    attributes.name = text_of(name);
    return attributes;
}

static lwsec_key keep(const suite_state *suite, const char *name, uint8_t seed)
{
    const lwsec_key_attributes attributes = named(suite, name);
    const lwsec_bytes raw = suite_pattern(suite_aead_of(suite)->key_size_max, seed);
    lwsec_key key = {NULL, 0, 0};

    assert_status(lwsec_key_import(suite->store, &attributes, raw, &key), LWSEC_OK);
    return key;
}

static lwsec_status find(const suite_state *suite, const char *name, lwsec_key *key)
{
    memset(key, 0, sizeof *key);
    return lwsec_key_find(suite->store, text_of(name), key);
}

/* Destroys what a test, or one before it that failed, has left. */
static void clean(const suite_state *suite)
{
    lwsec_key key;

    for (size_t i = 0; i < COUNT(names); i++) {
        if (find(suite, names[i], &key) == LWSEC_OK) {
            assert_status(lwsec_key_destroy(&key), LWSEC_OK);
        }
    }
}

static void reopen(suite_state *suite)
{
    lwsec_test_store_close(suite->kind, suite->store);
    suite->store = lwsec_test_store_open(suite->kind, SUITE_SLOTS);
}

/* Whether a key is the one of `seed`: what it seals is what the reference seals. */
static void assert_is_key(const suite_state *suite, lwsec_key key, uint8_t seed)
{
    const lwsec_algorithm *aead = suite_aead_of(suite);
    const lwsec_bytes nonce = suite_pattern(aead->nonce_size, 4);
    const lwsec_bytes text = suite_pattern(24, 5);
    lwsec_key expected = suite_key(suite->other, aead, LWSEC_USE_OPEN, seed);
    uint8_t out[24 + 16];

    assert_status(lwsec_key_seal(key, nonce, text, text, out, sizeof out), LWSEC_OK);
    assert_status(lwsec_key_open(expected, nonce, text,
                                 lwsec_bytes_of(out, text.size + aead->tag_size), out, sizeof out),
                  LWSEC_OK);
    assert_status(lwsec_key_destroy(&expected), LWSEC_OK);
}

static void test_a_named_key_is_there_after_closing_and_opening(void **state)
{
    suite_state *suite = *state;
    lwsec_key key;

    clean(suite);
    (void)keep(suite, names[0], 1);
    (void)keep(suite, names[1], 2);
    reopen(suite);
    for (uint8_t i = 0; i < 2; i++) {
        lwsec_key_description told = {.size = sizeof told};
        assert_status(find(suite, names[i], &key), LWSEC_OK);
        assert_is_key(suite, key, (uint8_t)(i + 1));
        assert_status(lwsec_key_describe(key, &told), LWSEC_OK);
        assert_int_equal(told.algorithm, suite_aead_of(suite)->id);
        assert_int_equal(told.usage, LWSEC_USE_SEAL | LWSEC_USE_OPEN);
    }
    clean(suite);
}

static void test_a_key_without_a_name_is_gone_after_closing(void **state)
{
    suite_state *suite = *state;
    uint8_t room[LWSEC_KEY_NAME_MAX];
    lwsec_buffer name = lwsec_buffer_of(room, sizeof room);

    clean(suite);
    const lwsec_key old = suite_key(suite->store, suite_aead_of(suite), LWSEC_USE_SEAL, 1);
    assert_non_null(old.store);
    reopen(suite);
    assert_status(lwsec_key_next_name(suite->store, lwsec_bytes_of(NULL, 0), &name), LWSEC_ABSENT);
}

static void test_a_name_that_is_taken_is_refused_and_the_key_stays(void **state)
{
    suite_state *suite = *state;
    const lwsec_bytes raw = suite_pattern(suite_aead_of(suite)->key_size_max, 2);
    const lwsec_key_attributes attributes = named(suite, names[0]);
    lwsec_key key = {NULL, 0, 0};

    clean(suite);
    (void)keep(suite, names[0], 1);
    assert_true(lwsec_key_import(suite->store, &attributes, raw, &key) != LWSEC_OK);
    assert_null(key.store);
    assert_status(find(suite, names[0], &key), LWSEC_OK);
    assert_is_key(suite, key, 1);
    clean(suite);
}

static void test_each_find_gives_a_handle_of_its_own(void **state)
{
    suite_state *suite = *state;
    lwsec_key one;
    lwsec_key other;

    clean(suite);
    lwsec_key made = keep(suite, names[0], 1);
    assert_status(find(suite, names[0], &one), LWSEC_OK);
    assert_status(find(suite, names[0], &other), LWSEC_OK);
    assert_true(one.slot != other.slot);
    const lwsec_key copy = one;
    assert_status(lwsec_key_release(&one), LWSEC_OK);
    assert_null(one.store);
    assert_status(lwsec_key_raise_uses(copy, 1, 0), LWSEC_USAGE);
    assert_is_key(suite, other, 1);
    assert_is_key(suite, made, 1);
    assert_status(lwsec_key_release(&made), LWSEC_OK);
    assert_status(lwsec_key_release(&other), LWSEC_OK);
    assert_status(find(suite, names[0], &one), LWSEC_OK);
    assert_is_key(suite, one, 1);
    clean(suite);
}

static void test_finding_leaves_no_handle_behind_when_the_store_is_full(void **state)
{
    suite_state *suite = *state;
    lwsec_key keys[SUITE_SLOTS];
    lwsec_key one_more;

    clean(suite);
    keys[0] = keep(suite, names[0], 1);
    for (size_t i = 1; i < SUITE_SLOTS; i++) {
        assert_status(find(suite, names[0], &keys[i]), LWSEC_OK);
    }
    assert_status(find(suite, names[0], &one_more), LWSEC_LIMIT);
    assert_null(one_more.store);
    for (size_t i = 0; i < SUITE_SLOTS; i++) {
        assert_status(lwsec_key_release(&keys[i]), LWSEC_OK);
    }
    clean(suite);
}

static void test_a_destroyed_key_is_not_found_and_its_other_handles_do_nothing(void **state)
{
    suite_state *suite = *state;
    const lwsec_algorithm *aead = suite_aead_of(suite);
    const lwsec_bytes text = suite_pattern(24, 5);
    const lwsec_bytes nonce = suite_pattern(aead->nonce_size, 4);
    uint8_t out[24 + 16];
    lwsec_key beside;
    lwsec_key again;

    clean(suite);
    lwsec_key key = keep(suite, names[0], 1);
    assert_status(find(suite, names[0], &beside), LWSEC_OK);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    assert_status(find(suite, names[0], &again), LWSEC_ABSENT);
    memset(out, 0xa5, sizeof out);
    assert_true(lwsec_key_seal(beside, nonce, text, text, out, sizeof out) != LWSEC_OK);
    for (size_t i = 0; i < sizeof out; i++) {
        assert_true(out[i] == 0xa5 || out[i] == 0);
    }
    reopen(suite);
    assert_status(find(suite, names[0], &again), LWSEC_ABSENT);
    assert_null(again.store);
}

static void test_names_are_listed_in_byte_order(void **state)
{
    suite_state *suite = *state;
    uint8_t room[LWSEC_KEY_NAME_MAX];
    lwsec_buffer name = lwsec_buffer_of(room, sizeof room);
    uint8_t before[LWSEC_KEY_NAME_MAX];
    lwsec_bytes after = lwsec_bytes_of(before, 0);

    clean(suite);
    for (size_t i = COUNT(names); i-- > 0;) { /* made in the other order */
        (void)keep(suite, names[i], (uint8_t)i);
    }
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_status(lwsec_key_next_name(suite->store, after, &name), LWSEC_OK);
        assert_bytes(lwsec_bytes_of(name.data, name.size), text_of(names[i]));
        memcpy(before, name.data, name.size);
        after = lwsec_bytes_of(before, name.size);
    }
    assert_status(lwsec_key_next_name(suite->store, after, &name), LWSEC_ABSENT);
    assert_int_equal(name.size, 0);
    clean(suite);
    assert_status(lwsec_key_next_name(suite->store, lwsec_bytes_of(NULL, 0), &name), LWSEC_ABSENT);
}

static void test_names_that_nobody_has_are_absent(void **state)
{
    suite_state *suite = *state;
    lwsec_key key;

    clean(suite);
    (void)keep(suite, names[0], 1);
    assert_status(find(suite, names[1], &key), LWSEC_ABSENT);
    assert_status(find(suite, "lwsec-check-", &key), LWSEC_ABSENT); /* a beginning is no name */
    assert_status(find(suite, "lwsec-check-aa", &key), LWSEC_ABSENT);
    assert_status(find(suite, "LWSEC-CHECK-A", &key), LWSEC_ABSENT);
    assert_null(key.store);
    clean(suite);
}

static const suite_test tests[] = {
    SUITE_NAMES_TEST(test_a_named_key_is_there_after_closing_and_opening),
    SUITE_NAMES_TEST(test_a_key_without_a_name_is_gone_after_closing),
    SUITE_NAMES_TEST(test_a_name_that_is_taken_is_refused_and_the_key_stays),
    SUITE_NAMES_TEST(test_each_find_gives_a_handle_of_its_own),
    SUITE_NAMES_TEST(test_finding_leaves_no_handle_behind_when_the_store_is_full),
    SUITE_NAMES_TEST(test_a_destroyed_key_is_not_found_and_its_other_handles_do_nothing),
    SUITE_NAMES_TEST(test_names_are_listed_in_byte_order),
    SUITE_NAMES_TEST(test_names_that_nobody_has_are_absent),
};

const suite_group suite_kept = {"store-kept", true, tests, COUNT(tests)};
