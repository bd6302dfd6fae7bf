/* Stands between the library and the system, for the calls that change a medium: writes down what
 * was done, lets calls fail, and makes out of the notes what a power cut may leave.
 *
 * The test program is linked with --wrap for mkdir, openat, write, fsync, renameat and unlinkat.
 */
#ifndef LWSEC_TESTS_STATE_SHIM_H
#define LWSEC_TESTS_STATE_SHIM_H

#include <stdbool.h>
#include <stddef.h>

/* Forgets everything, and from now on notes what happens in the folder that is opened next. */
void shim_start(void);
/* Neither notes nor fails. fsync does nothing, for speed. */
void shim_pause(void);
void shim_go_on(void);

/* Events noted so far; calls seen so far. */
size_t shim_events(void);
size_t shim_calls(void);

/* From the call number `first` (0 is the next one) on, `count` calls fail with `error`. */
void shim_fail(size_t first, size_t count, int error);

/* At most so many bytes are written by one call; 0: no limit. */
void shim_write_at_most(size_t bytes);
/* Every second call of write and fsync is interrupted. */
void shim_interrupt(bool on);

/*
 * What may be left when the power fails after the first `events` events: variant 0 and up, until it
 * answers false. `path` is a folder that does not exist; it is made, or not, as it would be found.
 *
 * What was not synced is lost, each change of the folder on its own; unsynced contents are missing,
 * cut in half, zeros, or whole.
 */
bool shim_after_power_cut(size_t events, unsigned variant, const char *path);

#endif
