/* Accounts for tests: set by path in text, and looked at by finding. */
#include "tests/account/kit.h"

#include "tests/support/vector_file.h"

#define FINDINGS 64U

lwsec_accounts *kit_open_config(size_t which, const lwsec_accounts_config *config)
{
    static uint64_t memory[4][LWSEC_ACCOUNTS_SIZE(KIT_BYTES) / 8];
    lwsec_accounts *accounts = NULL;

    assert_true(which < 4);
    assert_status(lwsec_accounts_init(memory[which], sizeof memory[which], config, &accounts),
                  LWSEC_OK);
    return accounts;
}

lwsec_accounts *kit_open(size_t which, uint32_t flags)
{
    const lwsec_accounts_config config = {.size = sizeof config, .flags = flags};

    return kit_open_config(which, &config);
}

lwsec_path kit_path(const char *text)
{
    unsigned ids[4] = {0, 0, 0, LWSEC_PATH_NONE};
    char rest;
    const int count = sscanf(text, "/%u/%u/%u/%u%c", &ids[0], &ids[1], &ids[2], &ids[3], &rest);

    assert_true(count == 3 || count == 4);
    return (lwsec_path){(uint16_t)ids[0], (uint16_t)ids[1], (uint16_t)ids[2], (uint16_t)ids[3]};
}

static lwsec_value_type type_of(const lwsec_accounts *accounts, lwsec_path path)
{
    const lwsec_resource *resource = lwsec_resource_find(
        path.object, lwsec_accounts_version(accounts, path.object), path.resource);

    assert_non_null(resource);
    return (lwsec_value_type)resource->type;
}

static void set(lwsec_accounts *accounts, lwsec_path path, const lwsec_value *value)
{
    lwsec_reason reason;

    assert_status(lwsec_accounts_set(accounts, path, value, &reason), LWSEC_OK);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
}

void kit_number(lwsec_accounts *accounts, const char *path, int64_t number)
{
    const lwsec_path at = kit_path(path);
    lwsec_value value = {.type = type_of(accounts, at)};

    if (value.type == LWSEC_VALUE_UNSIGNED) {
        value.unsigned_integer = (uint64_t)number;
    } else {
        value.integer = number;
    }
    set(accounts, at, &value);
}

lwsec_status kit_try(lwsec_accounts *accounts, const char *path, lwsec_bytes bytes,
                     lwsec_reason *reason)
{
    const lwsec_path at = kit_path(path);
    const lwsec_value value = {.type = type_of(accounts, at), .bytes = bytes};

    return lwsec_accounts_set(accounts, at, &value, reason);
}

void kit_bytes(lwsec_accounts *accounts, const char *path, lwsec_bytes bytes)
{
    assert_status(kit_try(accounts, path, bytes, NULL), LWSEC_OK);
}

void kit_text(lwsec_accounts *accounts, const char *path, const char *text)
{
    kit_bytes(accounts, path, lwsec_bytes_of(text, strlen(text)));
}

void kit_hex(lwsec_accounts *accounts, const char *path, const char *hex)
{
    kit_bytes(accounts, path, lwsec_test_hex(hex));
}

void kit_link(lwsec_accounts *accounts, const char *path, uint16_t object, uint16_t instance)
{
    const lwsec_value value = {
        .type = LWSEC_VALUE_LINK, .link_object = object, .link_instance = instance};

    set(accounts, kit_path(path), &value);
}

void kit_delete(lwsec_accounts *accounts, const char *path)
{
    assert_status(lwsec_accounts_delete(accounts, kit_path(path)), LWSEC_OK);
}

/* ---- Credentials ---- */

typedef struct search {
    const char *name;
    const char *key;
    lwsec_bytes found;
} search;

static void look(const lwsec_vector *vector, void *argument)
{
    search *of = argument;

    if (strcmp(lwsec_vector_text(vector, "name"), of->name) == 0) {
        of->found = lwsec_vector_bytes(vector, of->key);
    }
}

lwsec_bytes kit_credential(const char *name, const char *key)
{
    search of = {name, key, {NULL, 0}};

    (void)lwsec_vector_each("credentials.txt", look, &of);
    assert_non_null(of.found.data);
    return of.found;
}

lwsec_bytes kit_secret(uint8_t number, size_t size)
{
    static uint8_t room[8][255];
    static size_t next;
    uint8_t *secret = room[next++ % 8];

    for (size_t i = 0; i < size; i++) {
        secret[i] = (uint8_t)(0x80 + i * i * 7 + number * 37U + (i ^ number));
    }
    return lwsec_bytes_of(secret, size);
}

/* ---- Accounts ---- */

static const char *at(uint16_t object, uint16_t n, uint16_t resource)
{
    static char text[4][32];
    static size_t next;
    char *path = text[next++ % 4];

    (void)snprintf(path, sizeof text[0], "/%u/%u/%u", object, n, resource);
    return path;
}

static void server(lwsec_accounts *accounts, uint16_t n, int64_t mode)
{
    char uri[48];

    (void)snprintf(uri, sizeof uri, "coaps://server%u.example.com", n);
    kit_text(accounts, at(0, n, 0), uri);
    kit_number(accounts, at(0, n, 1), 0);
    kit_number(accounts, at(0, n, 2), mode);
    kit_number(accounts, at(0, n, 10), 101 + n);
    kit_number(accounts, at(1, n, 0), 101 + n);
    kit_number(accounts, at(1, n, 1), 300);
    kit_number(accounts, at(1, n, 6), 1);
    kit_text(accounts, at(1, n, 7), "U");
}

void kit_psk_account(lwsec_accounts *accounts, uint16_t n)
{
    server(accounts, n, LWSEC_MODE_PSK);
    kit_text(accounts, at(0, n, 3), "device");
    kit_bytes(accounts, at(0, n, 5), kit_secret((uint8_t)n, 16));
}

void kit_rpk_account(lwsec_accounts *accounts, uint16_t n)
{
    server(accounts, n, LWSEC_MODE_RPK);
    kit_bytes(accounts, at(0, n, 3), kit_credential("pair-1", "public"));
    kit_bytes(accounts, at(0, n, 5), kit_credential("pair-1", "private"));
    kit_bytes(accounts, at(0, n, 4), kit_credential("pair-2", "public"));
}

void kit_certificate_account(lwsec_accounts *accounts, uint16_t n)
{
    server(accounts, n, LWSEC_MODE_CERTIFICATE);
    kit_bytes(accounts, at(0, n, 3), kit_credential("pair-1", "certificate"));
    kit_bytes(accounts, at(0, n, 5), kit_credential("pair-1", "private"));
    kit_bytes(accounts, at(0, n, 4), kit_credential("leaf", "certificate"));
}

void kit_oscore(lwsec_accounts *accounts, uint16_t n, uint16_t instance)
{
    kit_link(accounts, at(0, n, 17), 21, instance);
    kit_bytes(accounts, at(21, instance, 0), kit_secret((uint8_t)(100 + instance), 16));
    kit_hex(accounts, at(21, instance, 1), "01");
    kit_hex(accounts, at(21, instance, 2), "02");
}

/* ---- Findings ---- */

size_t kit_findings(const lwsec_accounts *accounts)
{
    return lwsec_accounts_check(accounts, NULL, 0);
}

static bool is(const lwsec_finding *finding, lwsec_path path, const char *requirement, bool fatal)
{
    return finding->object == path.object && finding->instance == path.instance &&
           finding->resource == path.resource && finding->fatal == fatal &&
           strcmp(finding->requirement, requirement) == 0;
}

bool kit_finds(const lwsec_accounts *accounts, const char *path, const char *requirement,
               bool fatal)
{
    lwsec_finding found[FINDINGS];
    const size_t count = lwsec_accounts_check(accounts, found, FINDINGS);

    assert_true(count <= FINDINGS);
    for (size_t i = 0; i < count; i++) {
        if (is(&found[i], kit_path(path), requirement, fatal)) {
            return true;
        }
    }
    return false;
}

void kit_only(const lwsec_accounts *accounts, const char *path, const char *requirement, bool fatal)
{
    lwsec_finding found[FINDINGS];
    const size_t count = lwsec_accounts_check(accounts, found, FINDINGS);

    if (count != 1 || !is(&found[0], kit_path(path), requirement, fatal)) {
        for (size_t i = 0; i < count && i < FINDINGS; i++) {
            print_error("found %s /%u/%u/%u %d %s\n", found[i].requirement, found[i].object,
                        found[i].instance, found[i].resource, found[i].fatal, found[i].text);
        }
        fail_msg("not only %s %s", requirement, path);
    }
}

bool kit_same(const lwsec_accounts *one, const lwsec_accounts *other)
{
    size_t first = 0;
    size_t second = 0;
    lwsec_path paths[2];
    lwsec_value values[2];

    for (;;) {
        const bool more = lwsec_accounts_next(one, &first, &paths[0], &values[0]);
        if (more != lwsec_accounts_next(other, &second, &paths[1], &values[1])) {
            return false;
        }
        if (!more) {
            return true;
        }
        if (memcmp(&paths[0], &paths[1], sizeof paths[0]) != 0 ||
            values[0].type != values[1].type || values[0].integer != values[1].integer ||
            values[0].unsigned_integer != values[1].unsigned_integer ||
            values[0].link_object != values[1].link_object ||
            values[0].link_instance != values[1].link_instance ||
            values[0].bytes.size != values[1].bytes.size ||
            (values[0].bytes.size > 0 &&
             memcmp(values[0].bytes.data, values[1].bytes.data, values[0].bytes.size) != 0)) {
            return false;
        }
    }
}
