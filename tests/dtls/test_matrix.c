/* Every handshake that tests/matrix-expected.tsv tells of ends as it says. */
#include "tests/dtls/matrix.h"

static matrix_row rows[MATRIX_ROWS_MAX];
static size_t row_count;
static unsigned runs[MATRIX_ROWS_MAX];
static unsigned handshakes, refusals;

static const char *const versions[] = {"openssl-3.0", "openssl-3.2", "mbedtls-2.28", "mbedtls-3.6"};
#define VERSIONS (sizeof versions / sizeof versions[0])

static bool tells(const matrix_row *row, const char *mode, const char *fault, const char *client,
                  const char *server)
{
    return matrix_matches(row->mode, mode) && matrix_matches(row->fault, fault) &&
           matrix_matches(row->client, client) && matrix_matches(row->server, server);
}

/* The one row. */
static size_t find(const char *mode, const char *fault, const char *client, const char *server)
{
    size_t found = row_count;

    for (size_t i = 0; i < row_count; i++) {
        if (tells(&rows[i], mode, fault, client, server)) {
            if (found != row_count) {
                print_error("%s %s, %s to %s: lines %u and %u\n", mode, fault, client, server,
                            rows[found].line, rows[i].line);
                fail();
            }
            found = i;
        }
    }
    if (found == row_count) {
        print_error("%s %s, %s to %s: no line\n", mode, fault, client, server);
        fail();
    }
    return found;
}

static void look_up(const char *mode, const char *fault)
{
    for (size_t i = 0; i < VERSIONS * VERSIONS; i++) {
        (void)find(mode, fault, versions[i / VERSIONS], versions[i % VERSIONS]);
    }
}

/* Every mode, case and pair of versions, also of those that this build has not. */
static void test_nothing_is_left_open(void **state)
{
    (void)state;
    for (size_t i = 0; matrix_mode(i) != NULL; i++) {
        for (size_t j = 0; matrix_fault(matrix_mode(i), j) != NULL; j++) {
            look_up(matrix_mode(i), matrix_fault(matrix_mode(i), j));
        }
    }
}

static bool ends_as_told(const char *mode, const char *fault, const kit_engine *client,
                         const kit_engine *server)
{
    const size_t index = find(mode, fault, matrix_version(client), matrix_version(server));
    const matrix_row *row = &rows[index];
    const matrix_result got = matrix_run(mode, fault, client, server);
    const bool good =
        strcmp(got.at_client, row->at_client) == 0 && strcmp(got.at_server, row->at_server) == 0;

    const bool refused =
        strcmp(got.at_client, "UNSUPPORTED") == 0 || strcmp(got.at_server, "UNSUPPORTED") == 0;
    runs[index]++;
    handshakes += refused ? 0 : 1;
    refusals += refused ? 1 : 0;
    if (!good) {
        print_error("line %u, %s %s, %s to %s: %s and %s instead of %s and %s\n", row->line, mode,
                    fault, matrix_version(client), matrix_version(server), got.at_client,
                    got.at_server, row->at_client, row->at_server);
    }
    return good;
}

static unsigned run_all(const kit_engine *client, const kit_engine *server)
{
    unsigned bad = 0;

    for (size_t i = 0; matrix_mode(i) != NULL; i++) {
        const char *mode = matrix_mode(i);
        for (size_t j = 0; matrix_fault(mode, j) != NULL; j++) {
            bad += ends_as_told(mode, matrix_fault(mode, j), client, server) ? 0 : 1;
        }
    }
    return bad;
}

/* Counted, so that nobody takes a line for tested that is for engines of another machine. */
static void count(void)
{
    unsigned without = 0;

    for (size_t i = 0; i < row_count; i++) {
        if (runs[i] == 0) {
            without++;
            print_message("line %u is for engines that are not here\n", rows[i].line);
        }
    }
    print_message("%u handshakes and %u refusals for %zu lines; %u lines are for others\n",
                  handshakes, refusals, row_count - without, without);
}

static void test_every_handshake_ends_as_told(void **state)
{
    unsigned bad = 0;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        for (size_t j = 0; kit_engine_at(j) != NULL; j++) {
            bad += run_all(kit_engine_at(i), kit_engine_at(j));
        }
    }
    count();
    assert_int_equal(bad, 0);
    LWSEC_COVERS("R-5.2.9-01");
    LWSEC_COVERS("R-5.2.9.3-25");
    LWSEC_COVERS("R-5.2.9.7-01");
    LWSEC_COVERS("R-5.2.9.7-12");
}

static int read_rows(void **state)
{
    (void)state;
    row_count = matrix_read(rows);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_left_open),
        cmocka_unit_test(test_every_handshake_ends_as_told),
    };

    return cmocka_run_group_tests(tests, read_rows, NULL);
}
