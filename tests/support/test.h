/* Included first by every test: cmocka, and what all tests need. */
#ifndef LWSEC_TESTS_SUPPORT_TEST_H
#define LWSEC_TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lwsec/bytes.h>

/*
 * The last line of a test that covers a requirement: written to the file that the environment
 * variable LWSEC_COVERS_FILE names, only when the test has come this far, so every assertion before
 * it held.
 */
#define LWSEC_COVERS(id) lwsec_test_covers((id), __FILE__, __func__)
void lwsec_test_covers(const char *id, const char *file, const char *test);

/* Bytes out of hex text, into memory that lives until the program ends. Fails the test on anything
 * else. */
lwsec_bytes lwsec_test_hex(const char *hex);

/* A status as it should be; prints the name of the other one. */
#define assert_status(call, expected)                                                              \
    do {                                                                                           \
        const lwsec_status got_ = (call);                                                          \
        if (got_ != (expected)) {                                                                  \
            print_error("%s:%d: %s: %s instead of %s\n", __FILE__, __LINE__, #call,                \
                        lwsec_status_name(got_), lwsec_status_name(expected));                     \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

/* Two byte strings that should be equal. */
#define assert_bytes(got, expected)                                                                \
    do {                                                                                           \
        const lwsec_bytes got_ = (got), expected_ = (expected);                                    \
        assert_int_equal(got_.size, expected_.size);                                               \
        if (expected_.size > 0) {                                                                  \
            assert_memory_equal(got_.data, expected_.data, expected_.size);                        \
        }                                                                                          \
    } while (0)

#endif
