/* Hex text to bytes, for test data. */
#include "tests/support/test.h"

#include <ctype.h>

static uint8_t digit(char c)
{
    assert_true(isxdigit((unsigned char)c));
    return (uint8_t)(isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10);
}

/* Memory of the whole program: test data may be used in any test, and nothing leaks. */
static uint8_t pool[1 << 22];
static size_t used;

lwsec_bytes lwsec_test_hex(const char *hex)
{
    const size_t digits = strlen(hex);
    uint8_t *data = &pool[used];

    assert_int_equal(digits % 2, 0);
    assert_true(digits / 2 < sizeof pool - used);
    for (size_t i = 0; i < digits / 2; i++) {
        data[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    }
    used += digits / 2;
    return lwsec_bytes_of(data, digits / 2);
}
