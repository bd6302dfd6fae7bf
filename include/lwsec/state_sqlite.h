/* State in an SQLite file: one store for very many records, durable one by one or in batches. */
#ifndef LWSEC_STATE_SQLITE_H
#define LWSEC_STATE_SQLITE_H

#include <lwsec/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How long a call waits for another process or opening, unless told otherwise. */
#define LWSEC_STATE_SQLITE_BUSY_MS 2000U
#define LWSEC_STATE_SQLITE_BUSY_MS_MAX 60000U

/* The most calls that may be in flight. */
#define LWSEC_STATE_SQLITE_CALLS_MAX 65536U

/*
 * How a file is opened. Zeroed but for `size`: each call is durable before it answers.
 *
 * With `calls` above 0 the state gathers changes. store_if, take, advance, window_accept and erase
 * check what they would do, do it in an open transaction, and answer LWSEC_PENDING.
 * lwsec_state_poll makes all of them durable in one step. Then the same call (the same operation,
 * record, numbers and value) answers what it did, once. When the step failed, each of these calls
 * answers LWSEC_STATE: nothing was done or, with STATE_IO, perhaps all of them.
 *
 * - A call that refuses says so at once. All that is answered rests on durable records: a call for
 *   a record with a change in flight answers LWSEC_PENDING and is not in flight itself.
 * - `calls` is the number of places. When all are taken: LWSEC_STATE with STATE_FULL, nothing was
 *   done: poll, and fetch the answers first. A place is free again when its answer was fetched.
 *   Answers that nobody fetches give their places up, the oldest first, once there was no place
 *   after they had come; who fetches so late is answered as if it had never called: LWSEC_CONFLICT
 *   or LWSEC_ABSENT.
 * - Who does not make the very same call again but begins anew, as lwsec_oscore_init does, finds
 *   what its first call did: a new context is taken for one that has a record.
 * - Two threads that make the same call at once share a place: one of them gets its answer, the
 *   other one goes again, as if it had come later.
 * - An open transaction keeps others from writing the file: poll soon. What was not polled when the
 *   state is closed, or the process ends, was not done.
 * - poll answers LWSEC_OK when the step failed, too: nothing is pending any more.
 */
typedef struct lwsec_state_sqlite_config {
    size_t size;      /* sizeof(lwsec_state_sqlite_config) */
    const char *path; /* of the file, at most 200 bytes; its folder must exist */
    uint32_t busy_ms; /* 0: LWSEC_STATE_SQLITE_BUSY_MS */
    uint32_t calls;   /* 0: no batches. Else the calls in flight, each in 4 KiB and a little */
} lwsec_state_sqlite_config;

/* Bytes of memory for our part, aligned as for uint64_t; SIZE_MAX if `calls` is too many. SQLite
 * allocates memory of its own besides, at any call. */
LWSEC_API size_t lwsec_state_sqlite_size(uint32_t calls);

/*
 * Opens the file, made with mode 0600 if absent. The mode of a file that is there stays.
 *
 * It is in WAL mode with synchronous=FULL: LWSEC_OK comes after the log was synced. Beside it stand
 * PATH-wal and PATH-shm; the three belong together. It must not lie on a network file system. No
 * part of the path may be a link, nor may it begin with "file:" or ":".
 *
 * Several threads, openings and processes may use one file. Who waits longer than `busy_ms` gets
 * LWSEC_STATE with STATE_LOCKED, and nothing was done. Calls wait in SQLite, as they do for a sync.
 * When the medium fails in a change (STATE_IO), every later call answers so until the file is
 * closed and opened again.
 *
 * After a fork the child's calls answer LWSEC_FORKED. It may close its copy: that leaves the file
 * to the parent, and SQLite's memory in the child. SQLite cannot open a file in a child whose
 * parent had it open; exec first.
 *
 * SQLite notices damage of the structure of its pages when it meets it. Records have no checksum of
 * their own: bytes that a medium changed may be read as another value, or a record be missed. A
 * directory (<lwsec/state_directory.h>) has checksums; <lwsec/state_sealed.h> notices changed
 * values. Not rollback protected. Secret kinds are refused: wrap it with <lwsec/state_sealed.h>.
 *
 * LWSEC_BUFFER: `size` is too small. LWSEC_USAGE: a path or number out of range (reason CONFIG), or
 * memory that is not aligned. LWSEC_UNSUPPORTED: an SQLite without threads. LWSEC_STATE with
 * STATE_FOREIGN: another program's file, or one of a later format, which stays as it is; with
 * STATE_TORN: it is damaged; with STATE_IO: it cannot be made, opened, written or synced.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status
lwsec_state_sqlite_open(void *memory, size_t size, const lwsec_state_sqlite_config *config,
                        lwsec_state **state, lwsec_reason *reason);

/* Closes the file, wipes our memory and zeroes the pointer. No other thread may be in a call. */
LWSEC_API void lwsec_state_sqlite_close(lwsec_state **state);

#ifdef __cplusplus
}
#endif
#endif
