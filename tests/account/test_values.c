/* Values by path: the definitions of the registry, what a resource takes, and what is wiped. */
#include "tests/account/kit.h"

#include "tests/support/vector_file.h"

/* ---- Definitions ---- */

static uint16_t version_of(const char *text)
{
    return LWSEC_VERSION(text[0] - '0', text[2] - '0');
}

static lwsec_value_type type_named(const char *name)
{
    static const struct {
        const char *name;
        lwsec_value_type type;
    } types[] = {
        {"None", LWSEC_VALUE_NONE},       {"String", LWSEC_VALUE_STRING},
        {"Integer", LWSEC_VALUE_INTEGER}, {"Unsigned Integer", LWSEC_VALUE_UNSIGNED},
        {"Boolean", LWSEC_VALUE_BOOLEAN}, {"Opaque", LWSEC_VALUE_OPAQUE},
        {"Objlnk", LWSEC_VALUE_LINK},     {"Time", LWSEC_VALUE_TIME},
    };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, name) == 0) {
            return types[i].type;
        }
    }
    fail_msg("no type %s", name);
    return LWSEC_VALUE_NONE;
}

static bool is_yes(const lwsec_vector *vector, const char *key)
{
    return strcmp(lwsec_vector_text(vector, key), "yes") == 0;
}

static void compare_range(const lwsec_resource *resource, const char *range)
{
    long long low = 0;
    long long high = 0;

    if (sscanf(range, "%lld..%lld", &low, &high) == 2) {
        assert_int_equal(resource->min, low);
        assert_int_equal(resource->max, high);
    } else if (strcmp(range, "6") == 0) {
        assert_int_equal(resource->min, 6); /* T-19: 7 is right */
        assert_int_equal(resource->max, 7);
    } else if (strcmp(range, "16,32,48") == 0) {
        assert_int_equal(resource->min, 16);
        assert_int_equal(resource->max, 64);
    } else {
        assert_string_equal(range, "-");
    }
}

static void compare(const lwsec_vector *vector, void *argument)
{
    static const char *const versions[] = {"1.0", "1.1", "1.2", "2.0"};
    const uint16_t object = (uint16_t)lwsec_vector_number(vector, "object");
    const uint16_t id = (uint16_t)lwsec_vector_number(vector, "id");
    const uint16_t since = version_of(lwsec_vector_text(vector, "since"));
    const uint16_t newest = version_of(lwsec_vector_text(vector, "newest"));
    size_t *seen = argument;

    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        const uint16_t version = version_of(versions[i]);
        char key[16];
        (void)snprintf(key, sizeof key, "type_%s", versions[i]);
        const lwsec_resource *resource = lwsec_resource_find(object, version, id);
        if (version < since) {
            assert_null(resource);
        } else if (version <= newest &&
                   (newest != LWSEC_VERSION(2, 0) || version != LWSEC_VERSION(1, 2))) {
            assert_non_null(resource);
            const char *type =
                lwsec_vector_text(vector, lwsec_vector_has(vector, key) ? key : "type");
            assert_int_equal(resource->type, type_named(type));
        }
    }
    const lwsec_resource *resource = lwsec_resource_find(object, 0, id);
    assert_non_null(resource);
    assert_string_equal(resource->name, lwsec_vector_text(vector, "name"));
    assert_int_equal(resource->mandatory, is_yes(vector, "mandatory"));
    assert_int_equal(resource->secret, is_yes(vector, "secret"));
    assert_int_equal(resource->multiple,
                     strcmp(lwsec_vector_text(vector, "instances"), "multiple") == 0);
    compare_range(resource, lwsec_vector_text(vector, "range"));
    ++*seen;
}

static void definitions_are_those_of_the_registry(void **state)
{
    size_t seen = 0;
    size_t newest = 0;

    (void)state;
    (void)lwsec_vector_each("objects.txt", compare, &seen);
    for (size_t i = 0; lwsec_resource_at(i) != NULL; i++) {
        newest += lwsec_resource_at(i)->until == UINT16_MAX;
    }
    assert_int_equal(newest, seen); /* and there are no others */
    assert_int_equal(seen, 31 + 28 + 4 + 7 + 3);
    assert_null(lwsec_resource_find(3, 0, 0));
    assert_null(lwsec_resource_find(0, 0, 31));
}

/* ---- What is taken ---- */

static lwsec_status try_value(lwsec_accounts *accounts, const char *path, const lwsec_value *value)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_accounts_set(accounts, kit_path(path), value, &reason);

    assert_true((status == LWSEC_OK) == (reason.why == LWSEC_WHY_NONE));
    if (status == LWSEC_REJECT) {
        assert_int_equal(reason.why, LWSEC_WHY_VALUE);
    }
    return status;
}

static void a_value_comes_back_as_it_was_set(void **state)
{
    lwsec_accounts *accounts = kit_open(0, 0);
    lwsec_value value;

    (void)state;
    kit_number(accounts, "/0/3/2", 4);
    kit_number(accounts, "/0/3/2", 2);
    kit_number(accounts, "/1/0/2", -5);
    kit_number(accounts, "/0/3/16/9", 0xc0a8);
    kit_number(accounts, "/1/0/12", -1);
    kit_text(accounts, "/0/3/0", "");
    kit_link(accounts, "/0/3/17", 21, 7);
    kit_number(accounts, "/0/3/1", 1);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/3/2"), &value), LWSEC_OK);
    assert_int_equal(value.integer, 2);
    assert_status(lwsec_accounts_get(accounts, kit_path("/1/0/2"), &value), LWSEC_OK);
    assert_int_equal(value.integer, -5);
    assert_status(lwsec_accounts_get(accounts, kit_path("/1/0/12"), &value), LWSEC_OK);
    assert_int_equal(value.type, LWSEC_VALUE_TIME);
    assert_int_equal(value.integer, -1);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/3/16/9"), &value), LWSEC_OK);
    assert_int_equal(value.unsigned_integer, 0xc0a8);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/3/0"), &value), LWSEC_OK);
    assert_non_null(value.bytes.data);
    assert_int_equal(value.bytes.size, 0);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/3/17"), &value), LWSEC_OK);
    assert_int_equal(value.link_object, 21);
    assert_int_equal(value.link_instance, 7);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/3/1"), &value), LWSEC_OK);
    assert_int_equal(value.integer, 1);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/3/5"), &value), LWSEC_ABSENT);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/3/16"), &value), LWSEC_ABSENT);
    LWSEC_COVERS("R-5.2.4-02");
}

static void what_a_resource_cannot_have_is_refused(void **state)
{
    lwsec_accounts *accounts = kit_open(0, 0);
    const lwsec_value five = {.type = LWSEC_VALUE_INTEGER, .integer = 5};
    const lwsec_value minus = {.type = LWSEC_VALUE_INTEGER, .integer = -1};
    const lwsec_value mode = {.type = LWSEC_VALUE_INTEGER, .integer = 4};
    const lwsec_value large = {.type = LWSEC_VALUE_UNSIGNED, .unsigned_integer = 65536};
    const lwsec_value huge = {.type = LWSEC_VALUE_UNSIGNED, .unsigned_integer = UINT64_MAX};
    const lwsec_value two = {.type = LWSEC_VALUE_BOOLEAN, .integer = 2};
    const lwsec_value no_text = {.type = LWSEC_VALUE_STRING, .bytes = lwsec_bytes_of("\xc3(", 2)};
    const lwsec_value name = {.type = LWSEC_VALUE_KEY, .bytes = lwsec_bytes_of("k", 1)};

    (void)state;
    assert_status(try_value(accounts, "/0/0/2", &mode), LWSEC_OK);
    assert_status(try_value(accounts, "/0/0/2", &five), LWSEC_REJECT);
    assert_status(try_value(accounts, "/0/0/2", &minus), LWSEC_REJECT);
    assert_status(try_value(accounts, "/0/0/2", &two), LWSEC_REJECT);
    assert_status(try_value(accounts, "/0/0/1", &two), LWSEC_REJECT);
    assert_status(try_value(accounts, "/0/0/16/0", &large), LWSEC_REJECT);
    assert_status(try_value(accounts, "/1/0/17", &huge), LWSEC_OK);
    assert_status(try_value(accounts, "/0/0/14", &no_text), LWSEC_REJECT);
    assert_status(try_value(accounts, "/0/0/5", &name), LWSEC_OK);
    assert_status(try_value(accounts, "/0/0/4", &name), LWSEC_REJECT);   /* no secret */
    assert_status(try_value(accounts, "/0/0/2/0", &mode), LWSEC_REJECT); /* single */
    assert_status(try_value(accounts, "/0/0/16", &large), LWSEC_REJECT); /* multiple */
    assert_status(try_value(accounts, "/0/65535/2", &mode), LWSEC_REJECT);
    assert_status(try_value(accounts, "/0/0/31", &mode), LWSEC_ABSENT);
    assert_status(try_value(accounts, "/1/0/8", &mode), LWSEC_ABSENT); /* executed */
    assert_status(try_value(accounts, "/3/0/0", &mode), LWSEC_ABSENT);
    assert_status(try_value(accounts, "/65535/0/0", &mode), LWSEC_ABSENT);
    LWSEC_COVERS("R-5.2.4-12");
}

static void versions_decide(void **state)
{
    const lwsec_accounts_config old = {.size = sizeof old,
                                       .security_version = LWSEC_VERSION(1, 0),
                                       .oscore_version = LWSEC_VERSION(1, 0)};
    const lwsec_accounts_config none = {.size = sizeof none,
                                        .security_version = LWSEC_VERSION(1, 3)};
    lwsec_accounts *accounts = kit_open_config(0, &old);
    const lwsec_value usage = {.type = LWSEC_VALUE_UNSIGNED, .unsigned_integer = 3};
    uint64_t memory[64];

    (void)state;
    assert_status(try_value(accounts, "/0/0/15", &usage), LWSEC_ABSENT);
    kit_text(accounts, "/21/0/1", "text");
    const lwsec_value opaque = {.type = LWSEC_VALUE_OPAQUE, .bytes = lwsec_bytes_of("\xff", 1)};
    assert_status(try_value(accounts, "/21/0/1", &opaque), LWSEC_REJECT);
    assert_status(try_value(accounts, "/21/0/6", &opaque), LWSEC_ABSENT);
    assert_status(lwsec_accounts_init(memory, sizeof memory, &none, &accounts), LWSEC_USAGE);
    LWSEC_COVERS("R-5.5.7.1-05");
}

/* ---- Memory ---- */

/* Any six bytes of it. */
static bool holds(const uint8_t *memory, size_t size, lwsec_bytes what)
{
    for (size_t part = 0; part + 6 <= what.size; part++) {
        for (size_t i = 0; i + 6 <= size; i++) {
            if (memcmp(&memory[i], &what.data[part], 6) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void what_is_replaced_or_deleted_is_wiped(void **state)
{
    static uint64_t memory[LWSEC_ACCOUNTS_SIZE(400) / 8];
    const uint8_t *bytes = (const uint8_t *)memory;
    const lwsec_accounts_config config = {.size = sizeof config};
    lwsec_accounts *accounts = NULL;

    (void)state;
    assert_status(lwsec_accounts_init(memory, sizeof memory, &config, &accounts), LWSEC_OK);
    kit_bytes(accounts, "/0/0/5", kit_secret(1, 32));
    kit_text(accounts, "/0/0/9", "behind");
    assert_true(holds(bytes, sizeof memory, kit_secret(1, 32)));
    kit_bytes(accounts, "/0/0/5", kit_secret(2, 16));
    assert_false(holds(bytes, sizeof memory, kit_secret(1, 32)));
    kit_delete(accounts, "/0/0/5");
    assert_false(holds(bytes, sizeof memory, kit_secret(2, 16)));
    kit_bytes(accounts, "/0/0/5", kit_secret(3, 16));
    lwsec_accounts_close(&accounts);
    assert_null(accounts);
    for (size_t i = 0; i < sizeof memory; i++) {
        assert_int_equal(bytes[i], 0);
    }
    LWSEC_COVERS("R-5.1-15");
}

static void memory_is_bounded(void **state)
{
    static uint64_t memory[(LWSEC_ACCOUNTS_SIZE(40) + 7) / 8];
    const lwsec_accounts_config config = {.size = sizeof config};
    lwsec_accounts *accounts = NULL;
    lwsec_reason reason;
    lwsec_value value;

    (void)state;
    assert_status(lwsec_accounts_init(memory, 8, &config, &accounts), LWSEC_BUFFER);
    assert_status(lwsec_accounts_init(memory, lwsec_accounts_size(40), &config, &accounts),
                  LWSEC_OK);
    kit_text(accounts, "/0/0/0", "coap://a"); /* 11 + 8 */
    assert_status(kit_try(accounts, "/0/0/5", kit_secret(1, 11), &reason), LWSEC_BUFFER);
    assert_int_equal(reason.why, LWSEC_WHY_OUTPUT_FULL);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/0/5"), &value), LWSEC_ABSENT);
    assert_status(kit_try(accounts, "/0/0/5", kit_secret(1, 10), &reason), LWSEC_OK);
    assert_status(kit_try(accounts, "/0/0/5", kit_secret(2, 10), &reason), LWSEC_OK);
    assert_status(kit_try(accounts, "/0/0/5", kit_secret(3, 11), &reason), LWSEC_BUFFER);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/0/5"), &value), LWSEC_OK);
    assert_bytes(value.bytes, kit_secret(2, 10));
    LWSEC_COVERS("R-5.2.4-02");
}

static void values_come_in_the_order_of_their_paths(void **state)
{
    static const char *const paths[] = {"/1/0/1", "/0/2/0",    "/21/0/1",  "/0/0/14",
                                        "/0/0/0", "/0/0/25/1", "/0/0/25/0"};
    static const char *const sorted[] = {"/0/0/0", "/0/0/14", "/0/0/25/0", "/0/0/25/1",
                                         "/0/2/0", "/1/0/1",  "/21/0/1"};
    lwsec_accounts *accounts = kit_open(0, 0);
    size_t position = 0;
    lwsec_path path;
    lwsec_value value;

    (void)state;
    for (size_t i = 0; i < 7; i++) {
        if (strcmp(paths[i], "/1/0/1") == 0) {
            kit_number(accounts, paths[i], 60);
        } else {
            kit_text(accounts, paths[i], paths[i]);
        }
    }
    for (size_t i = 0; i < 7; i++) {
        const lwsec_path wanted = kit_path(sorted[i]);
        assert_true(lwsec_accounts_next(accounts, &position, &path, &value));
        assert_memory_equal(&path, &wanted, sizeof path);
    }
    assert_false(lwsec_accounts_next(accounts, &position, &path, &value));
}

static void a_delete_covers_what_is_below(void **state)
{
    lwsec_accounts *accounts = kit_open(0, 0);
    lwsec_value value;

    (void)state;
    kit_psk_account(accounts, 0);
    kit_psk_account(accounts, 1);
    kit_number(accounts, "/0/1/16/0", 1);
    kit_number(accounts, "/0/1/16/1", 2);
    kit_delete(accounts, "/0/1/16/1");
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/1/16/0"), &value), LWSEC_OK);
    kit_delete(accounts, "/0/1/16");
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/1/16/0"), &value), LWSEC_ABSENT);
    kit_delete(accounts, "/0/1/65535");
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/1/0"), &value), LWSEC_ABSENT);
    assert_status(lwsec_accounts_get(accounts, kit_path("/0/0/0"), &value), LWSEC_OK);
    assert_status(lwsec_accounts_get(accounts, kit_path("/1/1/0"), &value), LWSEC_OK);
    kit_delete(accounts, "/1/65535/65535");
    assert_status(lwsec_accounts_get(accounts, kit_path("/1/0/0"), &value), LWSEC_ABSENT);
    assert_status(lwsec_accounts_delete(accounts, kit_path("/1/65535/65535")), LWSEC_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definitions_are_those_of_the_registry),
        cmocka_unit_test(a_value_comes_back_as_it_was_set),
        cmocka_unit_test(what_a_resource_cannot_have_is_refused),
        cmocka_unit_test(versions_decide),
        cmocka_unit_test(what_is_replaced_or_deleted_is_wiped),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(values_come_in_the_order_of_their_paths),
        cmocka_unit_test(a_delete_covers_what_is_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
