/* What a store should be able to do, as a table says that was written before. */
#ifndef LWSEC_TESTS_STORE_CHECK_EXPECTED_H
#define LWSEC_TESTS_STORE_CHECK_EXPECTED_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Copies the cell of row `capability` under `column` into `cell`. False: there is no such file,
 * column or row; the message names it.
 *
 * The file: lines of fields between tabs; `#` begins a comment; the first other line names the
 * columns.
 */
bool expected_cell(const char *file, const char *column, const char *capability, char *cell,
                   size_t size);

#endif
