/* Runs each test over every store, or over each pair of stores. */
#ifndef LWSEC_TESTS_CRYPTO_SUITE_H
#define LWSEC_TESTS_CRYPTO_SUITE_H

#include "tests/support/stores.h"
#include "tests/support/test.h"

#define SUITE_SLOTS 16U

/* The state of a test: one store, or two that are open at once (maybe of one kind). */
typedef struct suite_state {
    const lwsec_test_store *kind;
    const lwsec_test_store *other_kind;
    lwsec_store *store;
    lwsec_store *other;
} suite_state;

typedef struct suite_test {
    const char *name;
    CMUnitTestFunction function;
    bool needs_kdf;    /* not for stores that have AEADs only */
    bool needs_memory; /* only for stores whose memory is the caller's */
    bool needs_names;  /* only for stores that keep keys under names */
    bool imports;      /* not for stores that have keys of their own, and take no others */
    bool needs_given;  /* only for those */
} suite_test;

#define SUITE_TEST(function)                                                                       \
    {                                                                                              \
#function, function, false, false, false, true, false                                      \
    }

/* A test that needs keys of other kinds too: skips no store that has HKDF, and those without. */
#define SUITE_KDF_TEST(function)                                                                   \
    {                                                                                              \
#function, function, true, false, false, true, false                                       \
    }

/* A test of the memory that a store is given. */
#define SUITE_MEMORY_TEST(function)                                                                \
    {                                                                                              \
#function, function, false, true, false, true, false                                       \
    }

/* A test of keys that are kept. */
#define SUITE_NAMES_TEST(function)                                                                 \
    {                                                                                              \
#function, function, false, false, true, true, false                                       \
    }

/* A test that brings no keys: of any store. */
#define SUITE_ANY_TEST(function)                                                                   \
    {                                                                                              \
#function, function, false, false, false, false, false                                     \
    }

/* A test of keys that are in the store already. */
#define SUITE_GIVEN_TEST(function)                                                                 \
    {                                                                                              \
#function, function, false, false, false, false, true                                      \
    }

/* Tests of one theme: over each store, or over each pair. */
typedef struct suite_group {
    const char *name;
    bool pairs;
    const suite_test *tests;
    size_t count;
} suite_group;

/* Runs a group. The answer of main. */
int suite_run(const suite_group *group);

/* Each test over every store; over each pair, in both orders and each kind with itself. The answer
 * of main. */
int suite_run_each(const char *group, const suite_test *tests, size_t count);
int suite_run_pairs(const char *group, const suite_test *tests, size_t count);

/* An algorithm that the store of a test must have, or both stores: index 0, 1, ...; NULL at the
 * end. */
const lwsec_algorithm *suite_algorithm(const suite_state *suite, lwsec_algorithm_kind kind,
                                       size_t index);

/* An AEAD that the store of a test has, or both stores: for keys that are derived. */
const lwsec_algorithm *suite_aead_of(const suite_state *suite);

/* Ends a test that is about something that one of its stores cannot do (LWSEC_TEST_CAN_...). */
void suite_skip_without(const suite_state *suite, uint32_t operations);

/* `size` bytes that look random and depend on `seed`. Up to 256 bytes live until the program ends,
 * longer ones until the next long ones. */
lwsec_bytes suite_pattern(size_t size, uint8_t seed);

/* A key of the largest size whose bytes depend on `seed`. */
lwsec_key suite_key(lwsec_store *store, const lwsec_algorithm *algorithm, uint32_t usage,
                    uint8_t seed);

/* A P-256 key whose public half the store can tell: of `seed`, or one that the store has made. */
lwsec_key suite_pair(const suite_state *suite, int32_t algorithm, uint32_t usage, uint8_t seed);

/* Attributes without a name. */
lwsec_key_attributes suite_attributes(int32_t algorithm, uint32_t usage);

/* Fails the test unless all bytes are zero. */
void suite_assert_zeros(const uint8_t *bytes, size_t size);

#endif
