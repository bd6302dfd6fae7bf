/* Tables of tab-separated fields: lines that begin with "#" are comments. */
#ifndef LWSEC_TESTS_CERTPOLICY_PKITS_TABLE_H
#define LWSEC_TESTS_CERTPOLICY_PKITS_TABLE_H

#include "tests/support/test.h"

#define TABLE_FIELDS 4
#define TABLE_ROWS_MAX 256

typedef struct table_row {
    char text[160];
    const char *fields[TABLE_FIELDS];
    unsigned asked; /* for the caller */
} table_row;

typedef struct table {
    table_row rows[TABLE_ROWS_MAX];
    size_t count;
} table;

/* Reads a file of this folder. Fails the test if a row has not as many fields. */
void table_read(table *read, const char *file, size_t fields);

#endif
