/* State in a directory: one file a record, atomic and durable. */
#ifndef LWSEC_STATE_DIRECTORY_H
#define LWSEC_STATE_DIRECTORY_H

#include <lwsec/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of memory that an open directory takes, aligned as for uint64_t. */
#define LWSEC_STATE_DIRECTORY_SIZE 4608U
LWSEC_API size_t lwsec_state_directory_size(void);

/*
 * Opens the directory `path` (made if absent, mode 0700, its parent must exist) in the caller's
 * memory.
 *
 * Each write goes to a new file, is synced, renamed over the old one, and the directory is synced:
 * after a power cut at any moment a record is the old one or the new one, whole. Each file carries
 * its name, version, length and a checksum; what does not match is refused by every call, also by
 * lwsec_state_erase, and left for a person to look at. A file is named after its record: kind,
 * dash, identity, in hex. Links are not followed, also not as the last part of `path`.
 *
 * When the directory cannot be synced after a change, nobody knows what the medium holds: every
 * later call answers LWSEC_STATE with STATE_IO until the directory is closed and opened again.
 *
 * The directory is locked while it is open: LWSEC_STATE with STATE_LOCKED when somebody else has
 * it, in this process or in another. After a fork the child's calls answer LWSEC_FORKED; it may
 * close its copy, which leaves the lock to the parent, and may open the directory anew once the
 * parent has closed it. When the parent dies without closing, the lock stays until such children
 * have closed, exec'd or ended too.
 *
 * Not rollback protected: whoever can write the directory can put back an older copy of all of it,
 * and that is not noticed. Secret kinds are refused: wrap it with <lwsec/state_sealed.h>.
 *
 * LWSEC_BUFFER: `size` is too small. LWSEC_USAGE: an empty path, or one over 200 bytes, or memory
 * that is not aligned. LWSEC_STATE with STATE_IO: it cannot be made, opened, written or synced.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_state_directory_open(void *memory, size_t size,
                                                                   const char *path,
                                                                   lwsec_state **state,
                                                                   lwsec_reason *reason);

/* Releases the lock and zeroes the pointer. */
LWSEC_API void lwsec_state_directory_close(lwsec_state **state);

#ifdef __cplusplus
}
#endif
#endif
