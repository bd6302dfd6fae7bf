/* The SQLite file: transactions, and one table of records. */
#include "state/sqlite/database.h"

#include "core/reason.h"
#include "state/sqlite/format.h"

#include <string.h>

static const char *const texts[LWSEC_SQL_COUNT] = {
    [LWSEC_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [LWSEC_SQL_COMMIT] = "COMMIT",
    [LWSEC_SQL_ROLLBACK] = "ROLLBACK",
    [LWSEC_SQL_READ] = "SELECT version, value FROM record WHERE kind = ?1 AND identity = ?2",
    [LWSEC_SQL_WRITE] = "REPLACE INTO record VALUES(?1, ?2, ?3, ?4)",
    [LWSEC_SQL_REMOVE] = "DELETE FROM record WHERE kind = ?1 AND identity = ?2",
};

static lwsec_status prepare_all(lwsec_database *database, lwsec_reason *reason)
{
    for (size_t i = 0; i < LWSEC_SQL_COUNT; i++) {
        const int result =
            sqlite3_prepare_v3(database->connection, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &database->statements[i], NULL);
        if (result != SQLITE_OK) {
            return lwsec_database_failed(result, reason);
        }
    }
    return LWSEC_OK;
}

lwsec_status lwsec_database_open(lwsec_database *database, const char *path, uint32_t busy_ms,
                                 lwsec_reason *reason)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;

    memset(database, 0, sizeof *database);
    lwsec_status status = lwsec_format_make_file(path, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    const int result = sqlite3_open_v2(path, &database->connection, flags, NULL);
    if (result != SQLITE_OK) {
        status = lwsec_database_failed(result, reason);
    } else {
        sqlite3 *connection = database->connection;
        (void)sqlite3_busy_timeout(connection, (int)busy_ms);
        (void)sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void)sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        status = lwsec_format_prepare(connection, path, busy_ms, reason);
    }
    if (status == LWSEC_OK) {
        status = prepare_all(database, reason);
    }
    if (status != LWSEC_OK) {
        lwsec_database_close(database);
    }
    return status;
}

void lwsec_database_close(lwsec_database *database)
{
    for (size_t i = 0; i < LWSEC_SQL_COUNT; i++) {
        (void)sqlite3_finalize(database->statements[i]);
    }
    (void)sqlite3_close(database->connection);
    memset(database, 0, sizeof *database);
}

/* What a failed statement leaves behind is given up as a whole. */
static lwsec_status failed(lwsec_database *database, int result, lwsec_reason *reason)
{
    const int primary = result & 0xff;

    if (primary == SQLITE_IOERR || primary == SQLITE_CORRUPT) {
        database->doubtful = true;
    }
    return lwsec_database_failed(result, reason);
}

static lwsec_status check(const lwsec_database *database, lwsec_reason *reason)
{
    return database->doubtful ? lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason) : LWSEC_OK;
}

/* Runs a statement that has no rows. */
static lwsec_status finish(lwsec_database *database, lwsec_sql which, lwsec_reason *reason)
{
    sqlite3_stmt *statement = database->statements[which];
    const int result = sqlite3_step(statement);

    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
    return result == SQLITE_DONE ? LWSEC_OK : failed(database, result, reason);
}

bool lwsec_database_is_open(const lwsec_database *database)
{
    return sqlite3_get_autocommit(database->connection) == 0;
}

lwsec_status lwsec_database_begin(lwsec_database *database, lwsec_reason *reason)
{
    const lwsec_status status = check(database, reason);

    return status == LWSEC_OK ? finish(database, LWSEC_SQL_BEGIN, reason) : status;
}

lwsec_status lwsec_database_commit(lwsec_database *database, lwsec_reason *reason)
{
    const lwsec_status status = finish(database, LWSEC_SQL_COMMIT, reason);

    if (status != LWSEC_OK) {
        lwsec_database_rollback(database);
    }
    return status;
}

void lwsec_database_rollback(lwsec_database *database)
{
    /* SQLite may have rolled back by itself. */
    if (lwsec_database_is_open(database) &&
        finish(database, LWSEC_SQL_ROLLBACK, NULL) != LWSEC_OK) {
        database->doubtful = true;
    }
}

static int bind_name(sqlite3_stmt *statement, const lwsec_record *record)
{
    const int result = sqlite3_bind_int64(statement, 1, (sqlite3_int64)record->kind);

    return result != SQLITE_OK ? result
                               : sqlite3_bind_blob(statement, 2, record->identity,
                                                   sizeof record->identity, SQLITE_STATIC);
}

/* A row of our file is a version from 1 on and a value that is not too long. */
static bool take_row(sqlite3_stmt *statement, uint8_t *room, lwsec_row *row)
{
    const sqlite3_int64 version = sqlite3_column_int64(statement, 0);

    if (sqlite3_column_type(statement, 0) != SQLITE_INTEGER || version < 1 ||
        sqlite3_column_type(statement, 1) != SQLITE_BLOB) {
        return false;
    }
    const void *value = sqlite3_column_blob(statement, 1);
    const size_t size = (size_t)sqlite3_column_bytes(statement, 1);
    if (size > LWSEC_RECORD_MAX) {
        return false;
    }
    if (size > 0) {
        if (value == NULL) { /* no memory */
            return false;
        }
        memcpy(room, value, size);
    }
    row->version = (uint64_t)version;
    row->value = lwsec_bytes_of(room, size);
    return true;
}

lwsec_status lwsec_database_read(lwsec_database *database, const lwsec_record *record,
                                 uint8_t *room, lwsec_row *row, lwsec_reason *reason)
{
    sqlite3_stmt *statement = database->statements[LWSEC_SQL_READ];
    lwsec_status status = check(database, reason);

    row->version = 0;
    row->value = lwsec_bytes_of(NULL, 0);
    if (status != LWSEC_OK) {
        return status;
    }
    int result = bind_name(statement, record);
    if (result == SQLITE_OK) {
        result = sqlite3_step(statement);
    }
    if (result == SQLITE_ROW) {
        status = take_row(statement, room, row)
                     ? LWSEC_OK
                     : lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    } else if (result != SQLITE_DONE) {
        status = lwsec_database_failed(result, reason);
    }
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
    return status;
}

lwsec_status lwsec_database_write(lwsec_database *database, const lwsec_record *record,
                                  uint64_t version, lwsec_bytes value, lwsec_reason *reason)
{
    sqlite3_stmt *statement = database->statements[LWSEC_SQL_WRITE];

    if (version > INT64_MAX) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FULL, 0, reason);
    }
    int result = bind_name(statement, record);
    if (result == SQLITE_OK) {
        result = sqlite3_bind_int64(statement, 3, (sqlite3_int64)version);
    }
    if (result == SQLITE_OK) { /* a NULL pointer would be no blob at all */
        result = value.size == 0
                     ? sqlite3_bind_zeroblob(statement, 4, 0)
                     : sqlite3_bind_blob(statement, 4, value.data, (int)value.size, SQLITE_STATIC);
    }
    if (result != SQLITE_OK) {
        return lwsec_database_failed(result, reason);
    }
    return finish(database, LWSEC_SQL_WRITE, reason);
}

lwsec_status lwsec_database_remove(lwsec_database *database, const lwsec_record *record,
                                   lwsec_reason *reason)
{
    const int result = bind_name(database->statements[LWSEC_SQL_REMOVE], record);

    if (result != SQLITE_OK) {
        return lwsec_database_failed(result, reason);
    }
    return finish(database, LWSEC_SQL_REMOVE, reason);
}
