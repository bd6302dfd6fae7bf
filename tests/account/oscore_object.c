/* The OSCORE object: values of each version, findings, and the context that is made of them. */
#include "tests/support/stores.h"
#include "tests/support/test.h"

#include <lwsec/oscore_object.h>
#include <lwsec/state_memory.h>

#define SECRET LWSEC_OSCORE_OBJECT_SECRET
#define SENDER LWSEC_OSCORE_OBJECT_SENDER_ID
#define RECIPIENT LWSEC_OSCORE_OBJECT_RECIPIENT_ID
#define AEAD LWSEC_OSCORE_OBJECT_AEAD
#define HMAC LWSEC_OSCORE_OBJECT_HMAC
#define SALT LWSEC_OSCORE_OBJECT_SALT
#define ID_CONTEXT LWSEC_OSCORE_OBJECT_ID_CONTEXT

static const char random_secret[] = "c3a17e5509f2b86d4410e7cb2f93d85a";

static lwsec_bytes text_of(const char *text)
{
    return lwsec_bytes_of(text, strlen(text));
}

static void set(lwsec_oscore_object *object, uint16_t resource, const char *hex)
{
    lwsec_reason reason;

    assert_status(lwsec_oscore_object_set(object, resource, lwsec_test_hex(hex), &reason),
                  LWSEC_OK);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
}

/* An instance that nothing is wrong with. */
static void make(lwsec_oscore_object *object)
{
    assert_status(lwsec_oscore_object_init(object, LWSEC_OSCORE_OBJECT_2_0, 3, 0), LWSEC_OK);
    set(object, SECRET, random_secret);
    set(object, SENDER, "01");
    set(object, RECIPIENT, "02");
}

static lwsec_finding only_finding(const lwsec_oscore_object *object)
{
    lwsec_finding found[LWSEC_OSCORE_OBJECT_FINDINGS_MAX] = {{NULL, NULL, 0, 0, 0, false}};

    assert_int_equal(lwsec_oscore_object_check(object, found, LWSEC_OSCORE_OBJECT_FINDINGS_MAX), 1);
    assert_int_equal(found[0].object, 21);
    assert_int_equal(found[0].instance, object->instance);
    return found[0];
}

static void assert_finding(const lwsec_oscore_object *object, uint16_t resource,
                           const char *requirement, const char *part_of_text)
{
    const lwsec_finding found = only_finding(object);

    assert_int_equal(found.resource, resource);
    assert_string_equal(found.requirement, requirement);
    assert_true(found.fatal);
    assert_non_null(strstr(found.text, part_of_text));
}

static void assert_good(const lwsec_oscore_object *object)
{
    assert_int_equal(lwsec_oscore_object_check(object, NULL, 0), 0);
}

/* ---- Values ---- */

static void each_version_has_its_form(void **state)
{
    lwsec_oscore_object object;
    lwsec_reason reason;

    (void)state;
    for (int version = LWSEC_OSCORE_OBJECT_1_0; version <= LWSEC_OSCORE_OBJECT_1_1; version++) {
        assert_status(lwsec_oscore_object_init(&object, (lwsec_oscore_object_version)version, 0, 0),
                      LWSEC_OK);
        assert_status(lwsec_oscore_object_set(&object, SENDER, text_of("0a"), &reason), LWSEC_OK);
        assert_bytes(object.views[SENDER], text_of("0a"));
        assert_status(lwsec_oscore_object_set(&object, SALT, text_of("s\xc3\xa4"), &reason),
                      LWSEC_OK);
        assert_status(lwsec_oscore_object_set(&object, SALT, text_of("s\xc3"), &reason),
                      LWSEC_REJECT);
        assert_int_equal(reason.why, LWSEC_WHY_ACCOUNT);
        assert_null(object.views[SALT].data); /* the value before is gone */
    }
    assert_status(lwsec_oscore_object_init(&object, LWSEC_OSCORE_OBJECT_2_0, 0, 0), LWSEC_OK);
    set(&object, SALT, "73c3");
    LWSEC_COVERS("R-5.5.7.1-04");
}

static void digits_in_strings_are_decoded_where_both_ends_agreed(void **state)
{
    static const char *const bad[] = {"0", "0g", "g0", "0x01", " 01", "01 ", "0\n", "\xc3\xa4"};
    lwsec_oscore_object object;
    lwsec_reason reason;

    (void)state;
    assert_status(
        lwsec_oscore_object_init(&object, LWSEC_OSCORE_OBJECT_1_1, 0, LWSEC_OSCORE_OBJECT_HEX),
        LWSEC_OK);
    assert_status(lwsec_oscore_object_set(&object, SENDER, text_of("0aFf"), &reason), LWSEC_OK);
    assert_bytes(object.views[SENDER], lwsec_test_hex("0aff"));
    assert_status(lwsec_oscore_object_set(&object, SENDER, text_of(""), &reason), LWSEC_OK);
    assert_non_null(object.views[SENDER].data);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_status(lwsec_oscore_object_set(&object, SENDER, text_of(bad[i]), &reason),
                      LWSEC_REJECT);
        assert_int_equal(reason.why, LWSEC_WHY_ACCOUNT);
    }
    assert_status(
        lwsec_oscore_object_init(&object, LWSEC_OSCORE_OBJECT_2_0, 0, LWSEC_OSCORE_OBJECT_HEX),
        LWSEC_USAGE);
    assert_status(lwsec_oscore_object_init(&object, LWSEC_OSCORE_OBJECT_2_0, 0, 4), LWSEC_USAGE);
    assert_status(lwsec_oscore_object_init(&object, (lwsec_oscore_object_version)9, 0, 0),
                  LWSEC_USAGE);
}

static void only_utf8_is_a_string(void **state)
{
    static const char *const good[] = {"",       "c280",     "dfbf",     "e0a080",    "ed9fbf",
                                       "ee8080", "f0908080", "f48fbfbf", "41e298ba42"};
    static const char *const bad[] = {"80",       "c1bf",   "c2",    "c241",     "e09f80",
                                      "eda080",   "e28841", "e298",  "f08f8080", "f4908080",
                                      "f5808080", "ff",     "c3a4a4"};
    lwsec_oscore_object object;
    lwsec_reason reason;

    (void)state;
    assert_status(lwsec_oscore_object_init(&object, LWSEC_OSCORE_OBJECT_1_1, 0, 0), LWSEC_OK);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        set(&object, SALT, good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_status(lwsec_oscore_object_set(&object, SALT, lwsec_test_hex(bad[i]), &reason),
                      LWSEC_REJECT);
    }
}

static void what_is_no_resource_is_not_set(void **state)
{
    static const uint8_t longest[LWSEC_OSCORE_OBJECT_VALUE_MAX + 1];
    lwsec_oscore_object object;
    lwsec_reason reason;

    (void)state;
    make(&object);
    assert_status(lwsec_oscore_object_set(&object, AEAD, text_of("10"), &reason), LWSEC_ABSENT);
    assert_status(lwsec_oscore_object_set(&object, HMAC, text_of("5"), &reason), LWSEC_ABSENT);
    assert_status(lwsec_oscore_object_set(&object, 7, text_of("x"), &reason), LWSEC_ABSENT);
    assert_status(lwsec_oscore_object_set(&object, 65535, text_of("x"), &reason), LWSEC_ABSENT);
    assert_status(lwsec_oscore_object_set_integer(&object, SALT, 1), LWSEC_ABSENT);
    assert_status(lwsec_oscore_object_set_integer(&object, 7, 1), LWSEC_ABSENT);
    assert_status(lwsec_oscore_object_set(&object, SALT, lwsec_bytes_of(longest, 255), &reason),
                  LWSEC_OK);
    assert_status(lwsec_oscore_object_set(&object, SALT, lwsec_bytes_of(longest, 256), &reason),
                  LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_TOO_LONG);
    assert_status(lwsec_oscore_object_init(&object, LWSEC_OSCORE_OBJECT_1_0, 0, 0), LWSEC_OK);
    assert_status(lwsec_oscore_object_set(&object, ID_CONTEXT, text_of("x"), &reason),
                  LWSEC_ABSENT);
}

/* ---- Findings ---- */

static void what_is_missing_is_found(void **state)
{
    lwsec_oscore_object object;
    lwsec_finding found[LWSEC_OSCORE_OBJECT_FINDINGS_MAX];

    (void)state;
    assert_status(lwsec_oscore_object_init(&object, LWSEC_OSCORE_OBJECT_2_0, 9, 0), LWSEC_OK);
    assert_int_equal(lwsec_oscore_object_check(&object, found, 2), 3);
    assert_string_equal(found[0].requirement, "R-5.5.7.1-02");
    assert_string_equal(found[1].requirement, "R-5.5.7.1-04");
    assert_int_equal(found[1].instance, 9);
    set(&object, SECRET, random_secret);
    set(&object, SENDER, "01");
    assert_finding(&object, RECIPIENT, "R-5.5.7.1-05", "missing");
    set(&object, RECIPIENT, "");
    assert_good(&object);
    set(&object, SECRET, "");
    assert_finding(&object, SECRET, "R-5.5.7.1-02", "empty");
    LWSEC_COVERS("R-5.5.7.1-02");
    LWSEC_COVERS("R-5.5.7.1-05");
}

static void an_id_fits_into_the_nonce_of_the_aead(void **state)
{
    static const struct {
        int64_t aead;
        size_t longest;
    } cases[] = {{10, 7}, {11, 7}, {30, 7}, {31, 7}, {1, 6},  {2, 6},
                 {3, 6},  {24, 6}, {12, 1}, {13, 1}, {32, 1}, {33, 1}};
    static const uint8_t id[9] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    lwsec_oscore_object object;
    lwsec_reason reason;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make(&object);
        assert_status(lwsec_oscore_object_set_integer(&object, AEAD, cases[i].aead), LWSEC_OK);
        assert_good(&object);
        for (uint16_t resource = SENDER; resource <= RECIPIENT; resource++) {
            make(&object);
            assert_status(lwsec_oscore_object_set_integer(&object, AEAD, cases[i].aead), LWSEC_OK);
            lwsec_bytes value = lwsec_bytes_of(id, cases[i].longest);
            assert_status(lwsec_oscore_object_set(&object, resource, value, &reason), LWSEC_OK);
            assert_good(&object);
            value.size++;
            assert_status(lwsec_oscore_object_set(&object, resource, value, &reason), LWSEC_OK);
            assert_finding(&object, resource, resource == SENDER ? "R-5.5.7.1-04" : "R-5.5.7.1-05",
                           "longer");
        }
    }
    LWSEC_COVERS("R-5.5.7.1-04");
    LWSEC_COVERS("R-5.5.7.1-05");
    LWSEC_COVERS("R-5.5.7.1-06");
}

static void equal_ids_are_found(void **state)
{
    lwsec_oscore_object object;

    (void)state;
    make(&object);
    set(&object, RECIPIENT, "01");
    assert_finding(&object, RECIPIENT, "R-5.5.7.1-05", "equal");
    set(&object, SENDER, "");
    set(&object, RECIPIENT, "");
    assert_finding(&object, RECIPIENT, "R-5.5.7.1-05", "equal");
}

static void unknown_algorithms_are_found(void **state)
{
    static const int64_t aeads[] = {0,  -1, 4,  5,      7,          9,        14,
                                    25, 34, -7, -70001, 4294967306, INT64_MIN};
    static const int64_t hmacs[] = {0, 4, 8, -5, 10, 4294967301, INT64_MAX};
    lwsec_oscore_object object;

    (void)state;
    make(&object);
    for (size_t i = 0; i < sizeof aeads / sizeof aeads[0]; i++) {
        assert_status(lwsec_oscore_object_set_integer(&object, AEAD, aeads[i]), LWSEC_OK);
        assert_finding(&object, AEAD, "R-5.5.7.1-06", "none that lwsec has");
    }
    make(&object);
    for (int64_t hmac = 5; hmac <= 7; hmac++) {
        assert_status(lwsec_oscore_object_set_integer(&object, HMAC, hmac), LWSEC_OK);
        assert_good(&object);
    }
    for (size_t i = 0; i < sizeof hmacs / sizeof hmacs[0]; i++) {
        assert_status(lwsec_oscore_object_set_integer(&object, HMAC, hmacs[i]), LWSEC_OK);
        assert_finding(&object, HMAC, "R-5.5.7.1-07", "none of 5, 6, 7");
    }
    assert_status(lwsec_oscore_object_set_integer(&object, HMAC, -10), LWSEC_OK);
    assert_finding(&object, HMAC, "R-5.5.7.1-07", "which is 5");
    assert_status(lwsec_oscore_object_set_integer(&object, HMAC, -11), LWSEC_OK);
    assert_finding(&object, HMAC, "R-5.5.7.1-07", "which is 7");
    LWSEC_COVERS("R-5.5.7.1-06");
    LWSEC_COVERS("R-5.5.7.1-07");
}

static void weak_secrets_are_found(void **state)
{
    static const char *const weak[] = {"0123456789abcde",
                                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                       "correct horse bat",
                                       "0123456789abcdef0123456789abcde",
                                       "31415926535897932384626433832795028841",
                                       "qwertyuiopasdfghjklzxcv"};
    static const char *const weak_bytes[] = {"0102030405060708090a0b0c0d0e0f10",
                                             "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0",
                                             "00000000000000000000000000000000"};
    lwsec_oscore_object object;
    lwsec_reason reason;

    (void)state;
    make(&object);
    for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++) {
        assert_status(lwsec_oscore_object_set(&object, SECRET, text_of(weak[i]), &reason),
                      LWSEC_OK);
        assert_finding(&object, SECRET, "R-5.5.3-05", "Master Secret");
    }
    for (size_t i = 0; i < sizeof weak_bytes / sizeof weak_bytes[0]; i++) {
        set(&object, SECRET, weak_bytes[i]);
        assert_finding(&object, SECRET, "R-5.5.3-05", "128 bits");
    }
    assert_status(lwsec_oscore_object_set(&object, SECRET, text_of(random_secret), &reason),
                  LWSEC_OK); /* 32 hexadecimal digits as they are: 128 bits */
    assert_good(&object);
    object.flags = LWSEC_OSCORE_OBJECT_WEAK_SECRET;
    set(&object, SECRET, "01");
    assert_false(only_finding(&object).fatal);
    LWSEC_COVERS("R-5.5.3-05");
    LWSEC_COVERS("R-5.5.7.1-03");
}

/* ---- The configuration ---- */

static void a_context_is_made_and_the_secret_leaves(void **state)
{
    static uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(4, 256) / 8 + 1];
    static uint64_t memory[LWSEC_OSCORE_SIZE(32, 2) / 8 + 1];
    const lwsec_test_store *kind = lwsec_test_store_at(0);
    lwsec_store *store = lwsec_test_store_open(kind, 6);
    const lwsec_bytes secret = lwsec_test_hex(random_secret);
    lwsec_oscore_config config = {0};
    lwsec_oscore_object object;
    lwsec_oscore *context;

    (void)state;
    make(&object);
    set(&object, SALT, "9e7c");
    set(&object, ID_CONTEXT, "37cb");
    assert_status(lwsec_oscore_object_set_integer(&object, HMAC, 5), LWSEC_OK);
    assert_status(lwsec_oscore_object_config(&object, store, &config, NULL), LWSEC_OK);
    for (size_t i = 0; i + secret.size <= sizeof object; i++) {
        assert_memory_not_equal((const uint8_t *)&object + i, secret.data, secret.size);
    }
    assert_bytes(config.sender_id, lwsec_test_hex("01"));
    assert_bytes(config.recipient_id, lwsec_test_hex("02"));
    assert_bytes(config.salt, lwsec_test_hex("9e7c"));
    assert_bytes(config.id_context, lwsec_test_hex("37cb"));
    assert_int_equal(config.aead, 0);
    assert_int_equal(config.hmac, 5);
    assert_status(lwsec_state_memory_open(state_memory, sizeof state_memory, 4, 256, &config.state),
                  LWSEC_OK);
    if (lwsec_test_store_has(kind, LWSEC_ALG_AES_CCM_16_64_128)) {
        assert_status(lwsec_oscore_init(memory, sizeof memory, &config, &context, NULL), LWSEC_OK);
        lwsec_oscore_close(&context);
    }
    /* A second time there is no secret any more. */
    assert_finding(&object, SECRET, "R-5.5.7.1-02", "missing");
    lwsec_state_memory_close(&config.state);
    assert_status(lwsec_key_destroy(&config.secret), LWSEC_OK);
    lwsec_test_store_close(kind, store);
    LWSEC_COVERS("R-5.5.7.1-08");
    LWSEC_COVERS("R-5.5.7.1-09");
}

static void nothing_is_made_of_what_is_wrong(void **state)
{
    const lwsec_oscore_config untouched = {0};
    lwsec_store *store = lwsec_test_store_open(lwsec_test_store_at(0), 1);
    lwsec_oscore_config config = {0};
    lwsec_oscore_object object;
    lwsec_reason reason;

    (void)state;
    make(&object);
    set(&object, SECRET, "0102030405060708090a0b0c0d0e0f10");
    assert_status(lwsec_oscore_object_config(&object, store, &config, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_ACCOUNT);
    assert_memory_equal(&config, &untouched, sizeof config);
    object.flags = LWSEC_OSCORE_OBJECT_WEAK_SECRET;
    assert_status(lwsec_oscore_object_config(&object, store, &config, &reason), LWSEC_OK);
    /* The store is full now: the secret stays where it is. */
    make(&object);
    lwsec_oscore_config other = {0};
    assert_status(lwsec_oscore_object_config(&object, store, &other, &reason), LWSEC_LIMIT);
    assert_memory_equal(&other, &untouched, sizeof other);
    assert_good(&object);
    assert_status(lwsec_key_destroy(&config.secret), LWSEC_OK);
    lwsec_test_store_close(lwsec_test_store_at(0), store);
    LWSEC_COVERS("R-5.5.3-05");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_version_has_its_form),
        cmocka_unit_test(digits_in_strings_are_decoded_where_both_ends_agreed),
        cmocka_unit_test(only_utf8_is_a_string),
        cmocka_unit_test(what_is_no_resource_is_not_set),
        cmocka_unit_test(what_is_missing_is_found),
        cmocka_unit_test(an_id_fits_into_the_nonce_of_the_aead),
        cmocka_unit_test(equal_ids_are_found),
        cmocka_unit_test(unknown_algorithms_are_found),
        cmocka_unit_test(weak_secrets_are_found),
        cmocka_unit_test(a_context_is_made_and_the_secret_leaves),
        cmocka_unit_test(nothing_is_made_of_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
