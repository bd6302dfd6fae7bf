/* Keys that a sealed file keeps: they come, are found again, and go. */
#include "tests/crypto/sealed_file/kit.h"

static void kept_keys_are_found_in_the_next_life(void **state)
{
    kit *own = *state;

    assert_status(kit_open(own), LWSEC_OK);
    assert_string_equal(kit_names(own), "");
    assert_status(kit_keep(own, "beta", 2), LWSEC_OK);
    assert_status(kit_keep(own, "alpha", 1), LWSEC_OK);
    assert_status(kit_keep(own, "alpha2", 3), LWSEC_OK);
    assert_string_equal(kit_names(own), "alpha,alpha2,beta");
    kit_reopen(own);
    assert_string_equal(kit_names(own), "alpha,alpha2,beta");
    assert_status(kit_look(own, "alpha", 1), LWSEC_OK);
    assert_status(kit_look(own, "beta", 2), LWSEC_OK);
    assert_status(kit_look(own, "alpha2", 3), LWSEC_OK);
    assert_status(kit_look(own, "alph", 1), LWSEC_ABSENT);
    assert_status(kit_look(own, "alpha22", 1), LWSEC_ABSENT);
}

static void destroyed_keys_stay_away(void **state)
{
    kit *own = *state;

    assert_status(kit_open(own), LWSEC_OK);
    assert_status(kit_keep(own, "a", 1), LWSEC_OK);
    assert_status(kit_keep(own, "b", 2), LWSEC_OK);
    assert_status(kit_keep(own, "c", 3), LWSEC_OK);
    assert_status(kit_destroy(own, "b"), LWSEC_OK);
    assert_status(kit_look(own, "b", 2), LWSEC_ABSENT);
    kit_reopen(own);
    assert_string_equal(kit_names(own), "a,c");
    assert_status(kit_keep(own, "b", 4), LWSEC_OK);
    kit_reopen(own);
    assert_status(kit_look(own, "b", 4), LWSEC_OK);
    assert_status(kit_look(own, "c", 3), LWSEC_OK);
}

static void a_name_stands_for_one_key(void **state)
{
    kit *own = *state;
    const lwsec_key_attributes attributes = kit_named("a", LWSEC_ALG_HMAC_256, LWSEC_USE_MAC);
    lwsec_key key = {NULL, 0, 0};

    assert_status(kit_open(own), LWSEC_OK);
    assert_status(kit_keep(own, "a", 1), LWSEC_OK);
    const lwsec_bytes before = kit_file(own);
    assert_status(kit_keep(own, "a", 2), LWSEC_USAGE);
    assert_status(lwsec_key_generate(own->store, &attributes, 32, &key), LWSEC_USAGE);
    assert_bytes(kit_file(own), before);
    assert_status(kit_look(own, "a", 1), LWSEC_OK);
}

static void a_key_that_is_refused_is_not_written(void **state)
{
    kit *own = *state;
    static const uint8_t zeros[32];
    char long_name[LWSEC_KEY_NAME_MAX + 2];
    lwsec_key_attributes attributes = kit_named("z", LWSEC_ALG_ES256, LWSEC_USE_SIGN);
    lwsec_key key = {NULL, 0, 0};

    assert_status(kit_open(own), LWSEC_OK);
    const lwsec_bytes before = kit_file(own);
    const lwsec_status status =
        lwsec_key_import(own->store, &attributes, lwsec_bytes_of(zeros, 32), &key);
    assert_int_equal(status, lwsec_test_store_has(lwsec_test_store_at(0), LWSEC_ALG_ES256)
                                 ? LWSEC_USAGE
                                 : LWSEC_UNSUPPORTED);
    memset(long_name, 'n', sizeof long_name);
    long_name[LWSEC_KEY_NAME_MAX + 1] = '\0';
    assert_status(kit_keep(own, long_name, 1), LWSEC_USAGE);
    assert_bytes(kit_file(own), before);
    long_name[LWSEC_KEY_NAME_MAX] = '\0';
    assert_status(kit_keep(own, long_name, 1), LWSEC_OK);
    kit_reopen(own);
    assert_status(kit_look(own, long_name, 1), LWSEC_OK);
}

static void a_full_file_takes_a_key_again_when_one_is_gone(void **state)
{
    kit *own = *state;
    char name[2] = "a";

    assert_status(kit_open(own), LWSEC_OK);
    for (unsigned i = 0; i < KIT_KEYS; i++, name[0]++) {
        assert_status(kit_keep(own, name, (uint8_t)i), LWSEC_OK);
    }
    assert_status(kit_keep(own, name, 9), LWSEC_LIMIT);
    assert_status(kit_destroy(own, "c"), LWSEC_OK);
    assert_status(kit_keep(own, name, 9), LWSEC_OK);
    kit_reopen(own);
    assert_string_equal(kit_names(own), "a,b,d,e,f,g");
    assert_status(kit_look(own, "g", 9), LWSEC_OK);
}

/* The largest keys with the longest names fill the room that was promised. */
static void the_largest_keys_fit(void **state)
{
    kit *own = *state;
    char name[LWSEC_KEY_NAME_MAX + 1];
    uint8_t raw[255];
    lwsec_key key = {NULL, 0, 0};

    memset(name, 'm', sizeof name);
    name[LWSEC_KEY_NAME_MAX] = '\0';
    memset(raw, 5, sizeof raw);
    assert_status(kit_open(own), LWSEC_OK);
    for (unsigned i = 0; i < KIT_KEYS; i++) {
        name[0] = (char)('a' + i);
        const lwsec_key_attributes attributes = kit_named(name, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT);
        assert_status(
            lwsec_key_import(own->store, &attributes, lwsec_bytes_of(raw, sizeof raw), &key),
            LWSEC_OK);
        assert_status(lwsec_key_release(&key), LWSEC_OK);
    }
    kit_reopen(own);
    assert_status(lwsec_key_find(own->store, lwsec_bytes_of(name, LWSEC_KEY_NAME_MAX), &key),
                  LWSEC_OK);
}

static void each_search_gives_a_handle_of_its_own(void **state)
{
    kit *own = *state;
    const lwsec_bytes name = lwsec_bytes_of("a", 1);
    lwsec_key one = {NULL, 0, 0}, two = {NULL, 0, 0};
    uint8_t mac[32];

    assert_status(kit_open(own), LWSEC_OK);
    assert_status(kit_keep(own, "a", 1), LWSEC_OK);
    assert_status(lwsec_key_find(own->store, name, &one), LWSEC_OK);
    assert_status(lwsec_key_find(own->store, name, &two), LWSEC_OK);
    assert_status(lwsec_key_release(&one), LWSEC_OK);
    assert_status(lwsec_key_mac(two, name, mac, sizeof mac), LWSEC_OK);
    assert_status(lwsec_key_find(own->store, name, &one), LWSEC_OK);
    assert_status(lwsec_key_destroy(&one), LWSEC_OK);
    /* The other handle has no key any more, also not one that has the name now. */
    assert_status(lwsec_key_mac(two, name, mac, sizeof mac), LWSEC_USAGE);
    assert_status(kit_keep(own, "a", 2), LWSEC_OK);
    assert_status(lwsec_key_mac(two, name, mac, sizeof mac), LWSEC_USAGE);
    assert_status(lwsec_key_destroy(&two), LWSEC_OK);
    assert_status(kit_look(own, "a", 2), LWSEC_OK);
}

static void handles_are_given_back(void **state)
{
    kit *own = *state;
    lwsec_key keys[KIT_SLOTS], one_more = {NULL, 0, 0};
    const lwsec_bytes name = lwsec_bytes_of("a", 1);

    assert_status(kit_open(own), LWSEC_OK);
    assert_status(kit_keep(own, "a", 1), LWSEC_OK);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < KIT_SLOTS; i++) {
            assert_status(lwsec_key_find(own->store, name, &keys[i]), LWSEC_OK);
        }
        assert_status(lwsec_key_find(own->store, name, &one_more), LWSEC_LIMIT);
        assert_status(kit_keep(own, "b", 1), LWSEC_LIMIT);
        for (unsigned i = 0; i < KIT_SLOTS; i++) {
            assert_status(lwsec_key_release(&keys[i]), LWSEC_OK);
        }
    }
    assert_string_equal(kit_names(own), "a");
    for (unsigned i = 0; i < KIT_SLOTS; i++) {
        assert_status(lwsec_key_find(own->store, name, &keys[i]), LWSEC_OK);
    }
    kit_reopen(own); /* what is left is let go of, in the inner store too */
    for (unsigned i = 0; i < KIT_SLOTS; i++) {
        assert_status(lwsec_key_find(own->store, name, &keys[i]), LWSEC_OK);
    }
}

static void the_tier_tells_what_is_kept(void **state)
{
    kit *own = *state;
    lwsec_key_description told = {.size = sizeof told};
    lwsec_key key = {NULL, 0, 0};
    uint8_t raw[32] = {1};

    assert_status(kit_open(own), LWSEC_OK);
    assert_status(kit_keep(own, "a", 1), LWSEC_OK);
    assert_status(lwsec_key_find(own->store, lwsec_bytes_of("a", 1), &key), LWSEC_OK);
    assert_status(lwsec_key_describe(key, &told), LWSEC_OK);
    assert_int_equal(told.tier, LWSEC_TIER_SEALED);
    assert_int_equal(told.algorithm, LWSEC_ALG_HMAC_256);
    assert_int_equal(told.usage, LWSEC_USE_MAC);
    key = lwsec_test_key(own->store, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, lwsec_bytes_of(raw, 32));
    assert_status(lwsec_key_describe(key, &told), LWSEC_OK);
    assert_int_equal(told.tier, LWSEC_TIER_MEMORY);
    kit_reopen(own);
    assert_string_equal(kit_names(own), "a"); /* a key without a name is not kept */
}

/* What the key may do is kept with it. */
static void usage_is_kept(void **state)
{
    kit *own = *state;
    const lwsec_key_attributes attributes = kit_named("prk", LWSEC_ALG_HKDF, LWSEC_USE_DERIVE);
    lwsec_key key = {NULL, 0, 0}, derived = {NULL, 0, 0};
    uint8_t raw[32] = {7}, mac[32];

    assert_status(kit_open(own), LWSEC_OK);
    assert_status(lwsec_key_import(own->store, &attributes, lwsec_bytes_of(raw, 32), &key),
                  LWSEC_OK);
    kit_reopen(own);
    assert_status(lwsec_key_find(own->store, lwsec_bytes_of("prk", 3), &key), LWSEC_OK);
    assert_status(lwsec_key_mac(key, attributes.name, mac, sizeof mac), LWSEC_USAGE);
    assert_status(lwsec_key_extract(key, LWSEC_ALG_HMAC_256, attributes.name, NULL, &derived),
                  LWSEC_USAGE);
    const lwsec_key_attributes aead = {
        sizeof aead, LWSEC_ALG_CHACHA20_POLY1305, LWSEC_USE_SEAL, {NULL, 0}};
    assert_status(
        lwsec_key_derive(key, LWSEC_ALG_HMAC_256, attributes.name, NULL, &aead, 32, &derived),
        LWSEC_OK);
    assert_ptr_equal(derived.store, own->store);
}

static void generated_keys_are_kept_and_differ(void **state)
{
    kit *own = *state;
    const bool pairs = lwsec_test_store_has(lwsec_test_store_at(0), LWSEC_ALG_ES256);
    lwsec_key key = {NULL, 0, 0};
    uint8_t point[2][65], again[65];

    assert_status(kit_open(own), LWSEC_OK);
    for (unsigned i = 0; i < 2; i++) {
        const lwsec_key_attributes attributes =
            kit_named(i == 0 ? "one" : "two", pairs ? LWSEC_ALG_ES256 : LWSEC_ALG_HMAC_256,
                      pairs ? LWSEC_USE_SIGN : LWSEC_USE_MAC);
        assert_status(lwsec_key_generate(own->store, &attributes, 0, &key), LWSEC_OK);
        if (pairs) {
            assert_status(lwsec_key_public(key, point[i], 65), LWSEC_OK);
        } else {
            assert_status(lwsec_key_mac(key, attributes.name, point[i], 65), LWSEC_OK);
        }
        assert_status(lwsec_key_release(&key), LWSEC_OK);
    }
    assert_memory_not_equal(&point[0][1], &point[1][1], 31);
    kit_reopen(own);
    if (pairs) {
        assert_status(lwsec_key_find(own->store, lwsec_bytes_of("two", 3), &key), LWSEC_OK);
        assert_status(lwsec_key_public(key, again, 65), LWSEC_OK);
        assert_memory_equal(again, point[1], 65);
    }
    LWSEC_COVERS("R-5.2.4-16");
    LWSEC_COVERS("R-5.2.9.1-12");
}

static bool holds(lwsec_bytes where, lwsec_bytes what)
{
    for (size_t at = 0; at + what.size <= where.size; at++) {
        if (memcmp(&where.data[at], what.data, what.size) == 0) {
            return true;
        }
    }
    return false;
}

static void no_secret_is_in_the_file_or_stays_in_memory(void **state)
{
    kit *own = *state;
    uint8_t raw[32];

    memset(raw, 0x5b, sizeof raw);
    assert_status(kit_open(own), LWSEC_OK);
    assert_status(kit_keep(own, "visible", 0x5b), LWSEC_OK);
    assert_true(holds(kit_file(own), lwsec_bytes_of("visible", 7)));
    assert_false(holds(kit_file(own), lwsec_bytes_of(raw, 8)));
    assert_false(holds(kit_file(own), lwsec_bytes_of(own->config.raw.data, 8)));
    assert_status(kit_look(own, "visible", 0x5b), LWSEC_OK);
    assert_false(holds(lwsec_bytes_of(own->memory, own->size), lwsec_bytes_of(raw, 8)));
    assert_false(
        holds(lwsec_bytes_of(own->memory, own->size), lwsec_bytes_of(own->config.raw.data, 8)));
    kit_close(own);
    for (size_t i = 0; i < own->size; i++) {
        assert_int_equal(((uint8_t *)own->memory)[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kept_keys_are_found_in_the_next_life, kit_begin, kit_end),
        cmocka_unit_test_setup_teardown(destroyed_keys_stay_away, kit_begin, kit_end),
        cmocka_unit_test_setup_teardown(a_name_stands_for_one_key, kit_begin, kit_end),
        cmocka_unit_test_setup_teardown(a_key_that_is_refused_is_not_written, kit_begin, kit_end),
        cmocka_unit_test_setup_teardown(a_full_file_takes_a_key_again_when_one_is_gone, kit_begin,
                                        kit_end),
        cmocka_unit_test_setup_teardown(the_largest_keys_fit, kit_begin, kit_end),
        cmocka_unit_test_setup_teardown(each_search_gives_a_handle_of_its_own, kit_begin, kit_end),
        cmocka_unit_test_setup_teardown(handles_are_given_back, kit_begin, kit_end),
        cmocka_unit_test_setup_teardown(the_tier_tells_what_is_kept, kit_begin, kit_end),
        cmocka_unit_test_setup_teardown(usage_is_kept, kit_begin, kit_end),
        cmocka_unit_test_setup_teardown(generated_keys_are_kept_and_differ, kit_begin, kit_end),
        cmocka_unit_test_setup_teardown(no_secret_is_in_the_file_or_stays_in_memory, kit_begin,
                                        kit_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
