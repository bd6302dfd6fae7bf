/* Runs each test over every store, or over each pair of stores. */
#include "tests/crypto/suite.h"

#define RUNS_MAX 256
#define NAME_SIZE 160

static struct CMUnitTest runs[RUNS_MAX];
static char names[RUNS_MAX][NAME_SIZE];
static suite_state suites[RUNS_MAX];

static int open_stores(void **state)
{
    suite_state *suite = *state;

    suite->store = lwsec_test_store_open(suite->kind, SUITE_SLOTS);
    suite->other =
        suite->other_kind != NULL ? lwsec_test_store_open(suite->other_kind, SUITE_SLOTS) : NULL;
    return 0;
}

static int close_stores(void **state)
{
    suite_state *suite = *state;

    lwsec_test_store_close(suite->kind, suite->store);
    if (suite->other != NULL) {
        lwsec_test_store_close(suite->other_kind, suite->other);
    }
    return 0;
}

static void add_run(size_t run, const suite_test *test, const lwsec_test_store *kind,
                    const lwsec_test_store *other)
{
    const struct CMUnitTest entry = {names[run], test->function, open_stores, close_stores,
                                     &suites[run]};

    if (run >= RUNS_MAX) {
        abort(); /* no test is left out */
    }
    (void)snprintf(names[run], NAME_SIZE, "%s [%s%s%s]", test->name, kind->name,
                   other != NULL ? ", " : "", other != NULL ? other->name : "");
    suites[run].kind = kind;
    suites[run].other_kind = other;
    memcpy(&runs[run], &entry, sizeof entry);
}

/* Whether a test has something to do with a store. */
static bool applies(const suite_test *test, const lwsec_test_store *kind)
{
    return (!test->needs_kdf || lwsec_test_store_has(kind, LWSEC_ALG_HKDF)) &&
           (!test->needs_memory || kind->size != NULL) && (!test->imports || kind->given == NULL) &&
           (!test->needs_given || kind->given != NULL || kind->reference);
}

/* Two stores on one token get in each other's way, and a reference needs no test. */
static bool is_pair(const lwsec_test_store *kind, const lwsec_test_store *other)
{
    return !(kind->reference && other->reference) && !(kind == other && kind->alone);
}

int suite_run_each(const char *group, const suite_test *tests, size_t count)
{
    const lwsec_test_store *kind;
    size_t run = 0;

    for (size_t i = 0; (kind = lwsec_test_store_at(i)) != NULL; i++) {
        for (size_t test = 0; test < count; test++) {
            if (!kind->reference && applies(&tests[test], kind)) {
                add_run(run++, &tests[test], kind, NULL);
            }
        }
    }
    return _cmocka_run_group_tests(group, runs, run, NULL, NULL);
}

int suite_run_pairs(const char *group, const suite_test *tests, size_t count)
{
    const lwsec_test_store *kind;
    const lwsec_test_store *other;
    size_t run = 0;

    for (size_t i = 0; (kind = lwsec_test_store_at(i)) != NULL; i++) {
        for (size_t j = 0; (other = lwsec_test_store_at(j)) != NULL; j++) {
            for (size_t test = 0; test < count; test++) {
                if (is_pair(kind, other) && applies(&tests[test], kind) &&
                    applies(&tests[test], other) && (!tests[test].needs_names || kind->keeps) &&
                    (!tests[test].needs_given || kind->given != NULL)) {
                    add_run(run++, &tests[test], kind, other);
                }
            }
        }
    }
    return _cmocka_run_group_tests(group, runs, run, NULL, NULL);
}

int suite_run(const suite_group *group)
{
    return group->pairs ? suite_run_pairs(group->name, group->tests, group->count)
                        : suite_run_each(group->name, group->tests, group->count);
}

const lwsec_algorithm *suite_algorithm(const suite_state *suite, lwsec_algorithm_kind kind,
                                       size_t index)
{
    const lwsec_algorithm *algorithm;

    for (size_t i = 0; (algorithm = lwsec_algorithm_at(i)) != NULL; i++) {
        if (algorithm->kind == kind && lwsec_test_store_has(suite->kind, algorithm->id) &&
            (suite->other_kind == NULL || lwsec_test_store_has(suite->other_kind, algorithm->id)) &&
            index-- == 0) {
            return algorithm;
        }
    }
    return NULL;
}

const lwsec_algorithm *suite_aead_of(const suite_state *suite)
{
    const lwsec_algorithm *aead = suite_algorithm(suite, LWSEC_KIND_AEAD, 0);

    if (aead == NULL) {
        skip();
    }
    return aead;
}

void suite_skip_without(const suite_state *suite, uint32_t operations)
{
    const uint32_t others = suite->other_kind != NULL ? suite->other_kind->lacks : 0;

    if (((suite->kind->lacks | others) & operations) != 0) {
        skip();
    }
}

lwsec_bytes suite_pattern(size_t size, uint8_t seed)
{
    enum { LONGEST = 70000 };
    static uint8_t patterns[256][257];
    static uint8_t longest[LONGEST];
    uint8_t *bytes = size < sizeof patterns[0] ? patterns[seed] : longest;
    uint32_t x = 0x9e3779b9U * (seed + 1U);

    assert_true(size <= LONGEST);
    for (size_t i = 0; i < size; i++) {
        x = x * 1664525U + 1013904223U;
        bytes[i] = (uint8_t)(x >> 24);
    }
    return lwsec_bytes_of(bytes, size);
}

lwsec_key suite_key(lwsec_store *store, const lwsec_algorithm *algorithm, uint32_t usage,
                    uint8_t seed)
{
    return lwsec_test_key(store, algorithm->id, usage,
                          suite_pattern(algorithm->key_size_max, seed));
}

lwsec_key suite_pair(const suite_state *suite, int32_t algorithm, uint32_t usage, uint8_t seed)
{
    const lwsec_key_attributes attributes = suite_attributes(algorithm, usage);
    lwsec_key key = {NULL, 0, 0};

    if ((suite->kind->lacks & LWSEC_TEST_CAN_PUBLIC) == 0) {
        return suite_key(suite->store, lwsec_algorithm_find(algorithm), usage, seed);
    }
    assert_status(lwsec_key_generate(suite->store, &attributes, 0, &key), LWSEC_OK);
    return key;
}

lwsec_key_attributes suite_attributes(int32_t algorithm, uint32_t usage)
{
    const lwsec_key_attributes attributes = {sizeof attributes, algorithm, usage, {NULL, 0}};

    return attributes;
}

void suite_assert_zeros(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(bytes[i], 0);
    }
}
