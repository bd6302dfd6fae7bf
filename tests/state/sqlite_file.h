/* An SQLite file for one test, and what the tests do with it. */
#ifndef LWSEC_TESTS_STATE_SQLITE_FILE_H
#define LWSEC_TESTS_STATE_SQLITE_FILE_H

#include "tests/support/test.h"

#include <lwsec/state_sqlite.h>

#define SQLITE_FILE_CALLS 8U

/* One opening of the file "records" in a folder. */
typedef struct sqlite_file {
    lwsec_state *state;
    uint64_t memory[8192];
} sqlite_file;

/* Opens; `calls`: 0, or up to SQLITE_FILE_CALLS. Gives the reason that it was refused for. */
lwsec_status sqlite_file_try(sqlite_file *file, const char *folder, uint32_t calls, lwsec_why *why);
void sqlite_file_open(sqlite_file *file, const char *folder, uint32_t calls);
void sqlite_file_close(sqlite_file *file);

/* Runs SQL on the file with SQLite itself. */
void sqlite_file_run(const char *folder, const char *text);

/* The value of a counter; UINT64_MAX if it is absent. */
uint64_t counter_of(lwsec_state *state, const lwsec_record *record);

/* Stores `text` over `version`. */
lwsec_status store_text(lwsec_state *state, const lwsec_record *record, const char *text,
                        uint64_t *version);

/* Fails the test unless the record holds `text`, or is absent for NULL. */
void assert_text(lwsec_state *state, const lwsec_record *record, const char *text);

#endif
