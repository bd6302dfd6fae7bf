/* What makes an SQLite file one of ours. */
#include "state/sqlite/format.h"

#include "core/reason.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "lwsc"; later formats count up the version. */
#define APPLICATION_ID "1819767651"
#define FORMAT_VERSION "1"
#define TABLE                                                                                      \
    "CREATE TABLE record(kind INTEGER NOT NULL, identity BLOB NOT NULL, version INTEGER NOT NULL," \
    " value BLOB NOT NULL, PRIMARY KEY(kind, identity)) WITHOUT ROWID"

/* 1: ours; 2: nothing in it yet; 0: somebody else's, or a later format. */
#define LOOK                                                                                       \
    "SELECT CASE WHEN a.application_id = " APPLICATION_ID " AND v.user_version = " FORMAT_VERSION  \
    " AND count(s.name) = 1 AND sum(s.sql = '" TABLE "') = 1 THEN 1"                               \
    " WHEN a.application_id = 0 AND v.user_version = 0 AND count(s.name) = 0 THEN 2 ELSE 0 END"    \
    " FROM pragma_application_id a, pragma_user_version v LEFT JOIN sqlite_master s"

enum { FOREIGN, OURS, EMPTY };

#define RETRY_MS 10U

lwsec_status lwsec_database_failed(int result, lwsec_reason *reason)
{
    lwsec_why why = LWSEC_WHY_STATE_IO;

    switch (result & 0xff) { /* the primary code of an extended one */
    case SQLITE_CORRUPT: why = LWSEC_WHY_STATE_TORN; break;
    case SQLITE_NOTADB: why = LWSEC_WHY_STATE_FOREIGN; break;
    case SQLITE_FULL: why = LWSEC_WHY_STATE_FULL; break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: why = LWSEC_WHY_STATE_LOCKED; break;
    default: break;
    }
    return lwsec_refuse(LWSEC_STATE, why, 0, reason);
}

/* Made without opening it: to close a file in a process takes away all of SQLite's locks on it. */
lwsec_status lwsec_format_make_file(const char *path, lwsec_reason *reason)
{
    struct stat about;

    if (mknod(path, S_IFREG | S_IRUSR | S_IWUSR, 0) != 0 && errno != EEXIST) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason);
    }
    if (lstat(path, &about) != 0 || !S_ISREG(about.st_mode)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason);
    }
    return LWSEC_OK;
}

/* Runs a statement; `word` is the first column of its first row, if that is asked for. */
static int run(sqlite3 *connection, const char *text, char word[16])
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(connection, text, -1, &statement, NULL);

    if (result == SQLITE_OK) {
        result = sqlite3_step(statement);
    }
    if (result == SQLITE_ROW && word != NULL) {
        const unsigned char *found = sqlite3_column_text(statement, 0);
        (void)sqlite3_snprintf(16, word, "%s", found);
    }
    const int last = sqlite3_finalize(statement);
    return result == SQLITE_ROW || result == SQLITE_DONE ? SQLITE_OK : (last != 0 ? last : result);
}

static lwsec_status look(sqlite3 *connection, int *found, lwsec_reason *reason)
{
    char word[16] = "0";
    const int result = run(connection, LOOK, word);

    if (result == SQLITE_ERROR) { /* as for a schema that this SQLite cannot read */
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    if (result != SQLITE_OK) {
        return lwsec_database_failed(result, reason);
    }
    *found = word[0] - '0';
    if (*found == FOREIGN) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    return LWSEC_OK;
}

/* SQLite does not wait by itself when two openings switch to WAL at once. */
static lwsec_status use_wal(sqlite3 *connection, uint32_t busy_ms, lwsec_reason *reason)
{
    char word[16] = "";
    int result = run(connection, "PRAGMA journal_mode=WAL", word);

    for (uint32_t waited = 0; (result & 0xff) == SQLITE_BUSY && waited < busy_ms;
         waited += RETRY_MS) {
        (void)sqlite3_sleep(RETRY_MS);
        result = run(connection, "PRAGMA journal_mode=WAL", word);
    }
    if (result == SQLITE_OK && strcmp(word, "wal") != 0) {
        result = SQLITE_IOERR;
    }
    if (result == SQLITE_OK) {
        result = run(connection, "PRAGMA synchronous=FULL", NULL);
    }
    return result == SQLITE_OK ? LWSEC_OK : lwsec_database_failed(result, reason);
}

/*
 * Writes the format, also where it stands already: the commit syncs the log, so that what another
 * process left in it unsynced when it was killed is durable before we read it.
 */
static lwsec_status write_format(sqlite3 *connection, lwsec_reason *reason)
{
    int found = FOREIGN;
    int result = run(connection, "BEGIN IMMEDIATE", NULL);

    if (result != SQLITE_OK) {
        return lwsec_database_failed(result, reason);
    }
    const lwsec_status status = look(connection, &found, reason);
    if (status == LWSEC_OK && found == EMPTY) {
        result = run(connection, TABLE, NULL);
    }
    if (status == LWSEC_OK && result == SQLITE_OK) {
        result = run(connection, "PRAGMA application_id=" APPLICATION_ID, NULL);
    }
    if (status == LWSEC_OK && result == SQLITE_OK) {
        result = run(connection, "PRAGMA user_version=" FORMAT_VERSION, NULL);
    }
    if (status == LWSEC_OK && result == SQLITE_OK) {
        result = run(connection, "COMMIT", NULL);
    }
    if (sqlite3_get_autocommit(connection) == 0) {
        (void)run(connection, "ROLLBACK", NULL);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    return result == SQLITE_OK ? LWSEC_OK : lwsec_database_failed(result, reason);
}

/* The names of the file and of its log. SQLite syncs them, too, but does not say if that failed. */
static lwsec_status sync_folder(const char *path, lwsec_reason *reason)
{
    char folder[LWSEC_DATABASE_PATH_MAX + 1];
    const char *slash = strrchr(path, '/');
    size_t size = slash != NULL ? (size_t)(slash - path) : 0;

    memcpy(folder, path, size);
    if (size == 0) {
        folder[size++] = slash != NULL ? '/' : '.';
    }
    folder[size] = '\0';
    const int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = file >= 0 && fsync(file) == 0;
    if (file >= 0) {
        (void)close(file);
    }
    return synced ? LWSEC_OK : lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason);
}

lwsec_status lwsec_format_prepare(sqlite3 *connection, const char *path, uint32_t busy_ms,
                                  lwsec_reason *reason)
{
    int found = FOREIGN;

    lwsec_status status = look(connection, &found, reason);
    if (status == LWSEC_OK) {
        status = use_wal(connection, busy_ms, reason);
    }
    if (status == LWSEC_OK) {
        status = write_format(connection, reason);
    }
    return status == LWSEC_OK ? sync_folder(path, reason) : status;
}
