/* Reads tests/matrix-expected.tsv. */
#include "tests/dtls/matrix.h"

#if defined(LWSEC_TEST_OPENSSL)
#include <openssl/opensslv.h>
#endif
#if defined(LWSEC_TEST_MBEDTLS)
#include <mbedtls/version.h>
#endif

/* The next column, without what separates it, and where the one after it begins; a row has one
 * more column than those that are kept, for the reader. */
static char *copy(char *at, char *out, size_t room)
{
    const size_t size = strcspn(at, "\t\n");

    assert_in_range(size, 1, room - 1);
    assert_int_equal(at[size], '\t');
    memcpy(out, at, size);
    out[size] = '\0';
    return at + size + 1;
}

static void read_row(char *text, unsigned line, matrix_row *row)
{
    row->line = line;
    text = copy(text, row->mode, sizeof row->mode);
    text = copy(text, row->fault, sizeof row->fault);
    text = copy(text, row->client, sizeof row->client);
    text = copy(text, row->server, sizeof row->server);
    text = copy(text, row->at_client, sizeof row->at_client);
    text = copy(text, row->at_server, sizeof row->at_server);
    assert_int_equal(strcspn(text, "\t\n") + 1, strlen(text));
}

size_t matrix_read(matrix_row rows[MATRIX_ROWS_MAX])
{
    char text[256];
    size_t count = 0;
    FILE *file = fopen(LWSEC_TEST_MATRIX, "r");

    assert_non_null(file);
    for (unsigned line = 1; fgets(text, sizeof text, file) != NULL; line++) {
        if (text[0] != '#' && text[0] != '\n') {
            assert_true(count < MATRIX_ROWS_MAX);
            read_row(text, line, &rows[count++]);
        }
    }
    assert_int_equal(fclose(file), 0);
    assert_true(count > 0);
    return count;
}

/* Up to the end of an alternative, or its "*". */
static bool is_alternative(const char *at, const char *word)
{
    while (*at != '\0' && *at == *word) {
        at++;
        word++;
    }
    return *at == '*' || (*word == '\0' && (*at == ',' || *at == '\0'));
}

static bool is_one(const char *list, const char *word)
{
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (is_alternative(at, word)) {
            return true;
        }
    }
    return false;
}

bool matrix_matches(const char *pattern, const char *word)
{
    if (pattern[0] == '!') {
        return strcmp(&pattern[1], word) != 0;
    }
    return is_one(pattern, word);
}

const char *matrix_version(const kit_engine *engine)
{
#if defined(LWSEC_TEST_OPENSSL)
    if (strcmp(engine->name, "openssl") == 0) {
        return OPENSSL_VERSION_PREREQ(3, 2) ? "openssl-3.2" : "openssl-3.0";
    }
#endif
#if defined(LWSEC_TEST_MBEDTLS)
    if (strcmp(engine->name, "mbedtls") == 0) {
        return MBEDTLS_VERSION_MAJOR == 2 ? "mbedtls-2.28" : "mbedtls-3.6";
    }
#endif
    return engine->name; /* which no row knows */
}
