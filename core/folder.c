/* Durable files: write aside, sync, rename, sync the folder. */
#if !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE
#endif

#include "core/folder.h"

#include "core/reason.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME "lock"
#define NEW_NAME "new" /* the file that is being written; there is one writer */

#define OPEN_SAFELY (O_NOFOLLOW | O_CLOEXEC)

static lwsec_status io_error(lwsec_reason *reason)
{
    return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason);
}

static bool sync_file(int file)
{
    int result;

    do {
        result = fsync(file);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

static bool write_all(int file, lwsec_bytes content)
{
    size_t done = 0;

    while (done < content.size) {
        const ssize_t written = write(file, &content.data[done], content.size - done);
        if (written > 0) {
            done += (size_t)written;
        } else if (written == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

static bool read_all(int file, lwsec_buffer *content)
{
    while (content->size < content->capacity) {
        const ssize_t got =
            read(file, &content->data[content->size], content->capacity - content->size);
        if (got > 0) {
            content->size += (size_t)got;
        } else if (got == 0) {
            return true;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

static bool discard_new(const lwsec_folder *folder)
{
    return unlinkat(folder->folder, NEW_NAME, 0) == 0 || errno == ENOENT;
}

/* The folder's own entry must outlive a power cut as well: with it all counters would be lost. */
static bool sync_parent(const lwsec_folder *folder, bool made)
{
    const int parent = openat(folder->folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (parent < 0) {
        return !made && errno == EACCES; /* made by somebody who may, and who saw to it */
    }
    const bool synced = sync_file(parent);
    (void)close(parent);
    return synced;
}

/* The lock file is made after the parent was synced: where it exists, that was done. */
static bool open_lock(lwsec_folder *folder, bool made)
{
    folder->lock = openat(folder->folder, LOCK_NAME, O_RDWR | OPEN_SAFELY);
    if (folder->lock < 0 && errno == ENOENT && sync_parent(folder, made)) {
        folder->lock = openat(folder->folder, LOCK_NAME, O_RDWR | O_CREAT | OPEN_SAFELY, 0600);
    }
    return folder->lock >= 0;
}

static lwsec_status lock_folder(lwsec_folder *folder, bool made, lwsec_reason *reason)
{
    if (!open_lock(folder, made)) {
        return io_error(reason);
    }
    if (flock(folder->lock, LOCK_EX | LOCK_NB) != 0) {
        const lwsec_why why = errno == EWOULDBLOCK ? LWSEC_WHY_STATE_LOCKED : LWSEC_WHY_STATE_IO;
        return lwsec_refuse(LWSEC_STATE, why, 0, reason);
    }
    return LWSEC_OK;
}

static void close_files(lwsec_folder *folder)
{
    if (folder->lock >= 0) {
        (void)close(folder->lock);
        folder->lock = -1;
    }
    if (folder->folder >= 0) {
        (void)close(folder->folder);
        folder->folder = -1;
    }
}

lwsec_status lwsec_folder_open(lwsec_folder *folder, const char *path, bool make,
                               lwsec_reason *reason)
{
    /* If it failed, opening tells whether that matters. */
    const bool made = make && mkdir(path, 0700) == 0;

    folder->doubtful = false;
    folder->lock = -1;
    folder->folder = open(path, O_RDONLY | O_DIRECTORY | OPEN_SAFELY);
    if (folder->folder < 0) {
        return !make && errno == ENOENT ? LWSEC_ABSENT : io_error(reason);
    }
    lwsec_status status = lock_folder(folder, made, reason);
    /* Whoever was here before may have been killed between a rename and its sync: what is about to
     * be read as durable is made so first. */
    if (status == LWSEC_OK && (!discard_new(folder) || !sync_file(folder->folder))) {
        status = io_error(reason);
    }
    if (status != LWSEC_OK) {
        close_files(folder);
    }
    return status;
}

void lwsec_folder_close(lwsec_folder *folder, bool owner)
{
    /* A lock belongs to the opening, which a forked child shares. Closing in a child leaves it to
     * the parent; closing in the parent releases it even while a child lives. */
    if (owner) {
        (void)flock(folder->lock, LOCK_UN);
    }
    close_files(folder);
}

static lwsec_status read_plain_file(int file, lwsec_buffer *content, lwsec_reason *reason)
{
    struct stat about;

    if (fstat(file, &about) != 0) {
        return io_error(reason);
    }
    if (!S_ISREG(about.st_mode)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    return read_all(file, content) ? LWSEC_OK : io_error(reason);
}

lwsec_status lwsec_folder_read(const lwsec_folder *folder, const char *name, lwsec_buffer *content,
                               lwsec_reason *reason)
{
    if (folder->doubtful) {
        return io_error(reason);
    }
    content->size = 0;
    /* O_NONBLOCK: opening a pipe would wait for its other end. */
    const int file = openat(folder->folder, name, O_RDONLY | O_NONBLOCK | OPEN_SAFELY);
    if (file < 0 && errno == ENOENT) {
        return LWSEC_ABSENT;
    }
    if (file < 0 && errno == ELOOP) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    if (file < 0) {
        return io_error(reason);
    }
    const lwsec_status status = read_plain_file(file, content, reason);
    (void)close(file);
    return status;
}

static bool write_new(const lwsec_folder *folder, lwsec_bytes content)
{
    const int file =
        openat(folder->folder, NEW_NAME, O_WRONLY | O_CREAT | O_EXCL | OPEN_SAFELY, 0600);

    if (file < 0) {
        return false;
    }
    const bool written = write_all(file, content) && sync_file(file);
    (void)close(file);
    return written;
}

/* A failed sync may never be reported again: from here on nobody knows what the medium holds. */
static lwsec_status sync_change(lwsec_folder *folder, lwsec_reason *reason)
{
    if (!sync_file(folder->folder)) {
        folder->doubtful = true;
        return io_error(reason);
    }
    return LWSEC_OK;
}

lwsec_status lwsec_folder_replace(lwsec_folder *folder, const char *name, lwsec_bytes content,
                                  lwsec_reason *reason)
{
    if (folder->doubtful || !discard_new(folder)) {
        return io_error(reason);
    }
    if (!write_new(folder, content) ||
        renameat(folder->folder, NEW_NAME, folder->folder, name) != 0) {
        (void)discard_new(folder);
        return io_error(reason);
    }
    return sync_change(folder, reason);
}

lwsec_status lwsec_folder_remove(lwsec_folder *folder, const char *name, lwsec_reason *reason)
{
    if (folder->doubtful || unlinkat(folder->folder, name, 0) != 0) {
        return io_error(reason);
    }
    return sync_change(folder, reason);
}
