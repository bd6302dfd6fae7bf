/* Reads the table of expected capabilities. */
#include "tests/store-check/expected.h"

#include <stdio.h>
#include <string.h>

#define LINE_SIZE 1024

/* Field `index` of a line, without its tab or newline, into `field`. */
static bool field_at(const char *line, size_t index, char *field, size_t size)
{
    for (; index > 0; index--) {
        line = strchr(line, '\t');
        if (line == NULL) {
            return false;
        }
        line++;
    }
    (void)snprintf(field, size, "%.*s", (int)strcspn(line, "\t\n"), line);
    return true;
}

static bool column_of(const char *line, const char *column, size_t *index)
{
    char field[LINE_SIZE];

    for (*index = 1; field_at(line, *index, field, sizeof field); (*index)++) {
        if (strcmp(field, column) == 0) {
            return true;
        }
    }
    return false;
}

bool expected_cell(const char *file, const char *column, const char *capability, char *cell,
                   size_t size)
{
    FILE *stream = fopen(file, "r");
    char line[LINE_SIZE];
    char field[LINE_SIZE];
    size_t index = 0;
    bool done = false;

    while (stream != NULL && !done && fgets(line, sizeof line, stream) != NULL) {
        if (line[0] == '#') {
            continue;
        }
        if (index == 0) {
            if (!column_of(line, column, &index)) {
                break;
            }
        } else if (field_at(line, 0, field, sizeof field) && strcmp(field, capability) == 0) {
            done = field_at(line, index, cell, size);
        }
    }
    if (stream != NULL) {
        (void)fclose(stream);
    }
    if (!done) {
        (void)fprintf(stderr, "lwsec-store-check: %s: nothing for %s of %s\n", file, capability,
                      column);
    }
    return done;
}
