/* The SQLite file: opening, format, transactions, and one table of records. */
#ifndef LWSEC_STATE_SQLITE_DATABASE_H
#define LWSEC_STATE_SQLITE_DATABASE_H

#include <lwsec/state.h>

#include <sqlite3.h>

#define LWSEC_DATABASE_PATH_MAX 200U

/* The statements that are kept prepared. */
typedef enum lwsec_sql {
    LWSEC_SQL_BEGIN,
    LWSEC_SQL_COMMIT,
    LWSEC_SQL_ROLLBACK,
    LWSEC_SQL_READ,
    LWSEC_SQL_WRITE,
    LWSEC_SQL_REMOVE,
    LWSEC_SQL_COUNT
} lwsec_sql;

typedef struct lwsec_database {
    sqlite3 *connection;
    sqlite3_stmt *statements[LWSEC_SQL_COUNT];
    bool doubtful; /* a change failed on the medium: nobody knows what it holds */
} lwsec_database;

/* A record as it was read: version 0 and NULL data if there is none. */
typedef struct lwsec_row {
    uint64_t version;
    lwsec_bytes value;
} lwsec_row;

LWSEC_MUST_CHECK lwsec_status lwsec_database_open(lwsec_database *database, const char *path,
                                                  uint32_t busy_ms, lwsec_reason *reason);
void lwsec_database_close(lwsec_database *database);

/* begin takes the lock for writing, or answers STATE_LOCKED. After a commit that failed, and after
 * rollback, nothing was done. */
LWSEC_MUST_CHECK lwsec_status lwsec_database_begin(lwsec_database *database, lwsec_reason *reason);
LWSEC_MUST_CHECK lwsec_status lwsec_database_commit(lwsec_database *database, lwsec_reason *reason);
void lwsec_database_rollback(lwsec_database *database);

/* Whether a transaction is open. */
bool lwsec_database_is_open(const lwsec_database *database);

/* Reads a record; its value lies in `room` of LWSEC_RECORD_MAX bytes. */
LWSEC_MUST_CHECK lwsec_status lwsec_database_read(lwsec_database *database,
                                                  const lwsec_record *record, uint8_t *room,
                                                  lwsec_row *row, lwsec_reason *reason);

/* Changes inside of a transaction. */
LWSEC_MUST_CHECK lwsec_status lwsec_database_write(lwsec_database *database,
                                                   const lwsec_record *record, uint64_t version,
                                                   lwsec_bytes value, lwsec_reason *reason);
LWSEC_MUST_CHECK lwsec_status lwsec_database_remove(lwsec_database *database,
                                                    const lwsec_record *record,
                                                    lwsec_reason *reason);

#endif
