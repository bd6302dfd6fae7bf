/* What was synced of the files "records*" in one folder, and what a power cut leaves of them.
 *
 * The program that is linked with power.c has its own fsync, fdatasync and pwrite64, also for the
 * libraries that it uses.
 */
#ifndef LWSEC_TESTS_STATE_POWER_H
#define LWSEC_TESTS_STATE_POWER_H

#include <stdbool.h>

/* Forgets everything. The notes are shared with forked children. */
void power_start(void);

/* Syncs from the n-th on (0: the next one) fail with EIO, or end the process; -1: none. */
void power_fail_from(int n);
void power_kill_at(int n);
/* Syncs of folders alone fail; SQLite does not say so. */
void power_fail_folders(bool fail);
bool power_was_reached(void);

/* Syncs of files so far. */
unsigned power_syncs(void);

/* Whether the medium is full: SQLite cannot write. */
void power_fill(bool full);

/* Notes nothing, while another folder is looked at. */
void power_pause(bool paused);

/* A new folder with what is sure to be there after a power cut now: the contents as they were last
 * synced, of the files whose names were synced with their folder. */
const char *power_cut(void);

#endif
