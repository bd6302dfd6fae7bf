/* A locked folder whose files are replaced and removed durably, whole or not at all. */
#ifndef LWSEC_CORE_FOLDER_H
#define LWSEC_CORE_FOLDER_H

#include <lwsec/bytes.h>

typedef struct lwsec_folder {
    int folder;
    int lock;
    bool doubtful; /* a change is visible that may not be durable: nothing is answered any more */
} lwsec_folder;

/* Exported for the back ends in their own libraries, not for applications. */

/* Opens and locks; `make`: makes it if it is absent. LWSEC_ABSENT: it is, and must not be made.
 * LWSEC_STATE with STATE_LOCKED or STATE_IO. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_folder_open(lwsec_folder *folder, const char *path,
                                                          bool make, lwsec_reason *reason);

/* `owner` is false in a forked child, which has the parent's lock in its hands and must not open
 * it. */
LWSEC_API void lwsec_folder_close(lwsec_folder *folder, bool owner);

/* Reads a file, as far as it fits. LWSEC_ABSENT. LWSEC_STATE with STATE_FOREIGN (not a plain file)
 * or STATE_IO. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_folder_read(const lwsec_folder *folder,
                                                          const char *name, lwsec_buffer *content,
                                                          lwsec_reason *reason);

/* Makes `content` the file of this name. LWSEC_STATE with STATE_IO. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_folder_replace(lwsec_folder *folder, const char *name,
                                                             lwsec_bytes content,
                                                             lwsec_reason *reason);

/* Removes a file that is there. LWSEC_STATE with STATE_IO. */
LWSEC_MUST_CHECK lwsec_status lwsec_folder_remove(lwsec_folder *folder, const char *name,
                                                  lwsec_reason *reason);

#endif
