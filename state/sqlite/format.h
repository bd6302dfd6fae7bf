/* What makes an SQLite file one of ours. */
#ifndef LWSEC_STATE_SQLITE_FORMAT_H
#define LWSEC_STATE_SQLITE_FORMAT_H

#include "state/sqlite/database.h"

/* What an answer of SQLite means: TORN, FOREIGN, FULL, LOCKED, or else IO. */
lwsec_status lwsec_database_failed(int result, lwsec_reason *reason);

/* Makes the file if it is absent, only for its owner, without following a link. */
LWSEC_MUST_CHECK lwsec_status lwsec_format_make_file(const char *path, lwsec_reason *reason);

/* Refuses what is foreign, then makes the file durable as one of ours: mode, format, table. */
LWSEC_MUST_CHECK lwsec_status lwsec_format_prepare(sqlite3 *connection, const char *path,
                                                   uint32_t busy_ms, lwsec_reason *reason);

#endif
