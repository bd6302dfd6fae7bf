/* Notes which requirements a passed test covers. */
#include "tests/support/test.h"

void lwsec_test_covers(const char *id, const char *file, const char *test)
{
    const char *path = getenv("LWSEC_COVERS_FILE");
    if (path == NULL) {
        return;
    }
    FILE *out = fopen(path, "a");
    assert_non_null(out);
    /* One short line, one write: programs may append at once. */
    assert_true(fprintf(out, "%s %s %s\n", id, file, test) > 0);
    assert_int_equal(fclose(out), 0);
}
