/* Tables of tab-separated fields. */
#include "tests/certpolicy/pkits/table.h"

static void split(table_row *row, const char *file, size_t fields)
{
    char *rest = row->text;
    size_t count = 0;

    row->text[strcspn(row->text, "\n")] = '\0';
    while (rest != NULL && count < fields) {
        row->fields[count++] = rest;
        rest = strchr(rest, '\t');
        if (rest != NULL) {
            *rest++ = '\0';
        }
    }
    if (count < fields || rest != NULL) {
        fail_msg("%s: not %zu fields: %s", file, fields, row->text);
    }
}

void table_read(table *read, const char *file, size_t fields)
{
    char path[512], line[sizeof read->rows[0].text];

    assert_true(fields <= TABLE_FIELDS);
    (void)snprintf(path, sizeof path, "%s/%s", LWSEC_TEST_PKITS_TABLES, file);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    read->count = 0;
    while (fgets(line, sizeof line, stream) != NULL) {
        assert_non_null(strchr(line, '\n'));
        if (line[0] == '#') {
            continue;
        }
        assert_true(read->count < TABLE_ROWS_MAX);
        table_row *row = &read->rows[read->count++];
        memcpy(row->text, line, sizeof line);
        row->asked = 0;
        split(row, file, fields);
    }
    (void)fclose(stream);
}
