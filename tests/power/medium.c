/* The model of a folder, the calls that change it, and what a power cut makes of it. */
#include "tests/power/medium.h"

#include "tests/power/failure.h"
#include "tests/power/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 256U
#define PATH_SIZE 256U

/* Of the peer's open files, by descriptor; 0 is none, so is what was not opened by openat. */
static uint32_t inode_of_file[FILES_MAX];
static bool is_parent[FILES_MAX];

int __real_mkdir(const char *path, mode_t mode);
int __real_openat(int folder, const char *name, int flags, ...);
ssize_t __real_write(int file, const void *bytes, size_t size);
int __real_fsync(int file);
int __real_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __real_unlinkat(int folder, const char *name, int flags);

int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_openat(int folder, const char *name, int flags, ...);
ssize_t __wrap_write(int file, const void *bytes, size_t size);
int __wrap_fsync(int file);
int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __wrap_unlinkat(int folder, const char *name, int flags);

/* ---- The model ---- */

static void set_entry(medium *own, const char *name, uint32_t inode)
{
    entry *place = NULL;

    for (size_t i = 0; i < MEDIUM_NAMES; i++) {
        entry *one = &own->durable[i];
        if (one->inode != 0 && strcmp(one->name, name) == 0) {
            one->inode = inode;
            return;
        }
        if (one->inode == 0 && place == NULL) {
            place = one;
        }
    }
    if (inode == 0) {
        return;
    }
    if (place == NULL) {
        wrong("more than %u files", MEDIUM_NAMES);
    }
    (void)snprintf(place->name, sizeof place->name, "%s", name);
    place->inode = inode;
}

static void apply(medium *own, const change *done)
{
    if (done->kind == CHANGE_RENAME) {
        set_entry(own, done->from, 0);
    }
    set_entry(own, done->name, done->kind == CHANGE_REMOVE ? 0 : done->inode);
}

/* Where a name leads to after all changes; 0: nowhere. */
static uint32_t inode_named(const medium *own, const char *name)
{
    uint32_t inode = 0;

    for (size_t i = 0; i < MEDIUM_NAMES; i++) {
        if (own->durable[i].inode != 0 && strcmp(own->durable[i].name, name) == 0) {
            inode = own->durable[i].inode;
        }
    }
    for (size_t i = 0; i < own->pending_count; i++) {
        const change *one = &own->pending[i];
        if (one->kind == CHANGE_RENAME && strcmp(one->from, name) == 0) {
            inode = 0;
        }
        if (strcmp(one->name, name) == 0) {
            inode = one->kind == CHANGE_REMOVE ? 0 : one->inode;
        }
    }
    return inode;
}

static bool is_used(const medium *own, uint32_t inode)
{
    for (size_t i = 0; i < MEDIUM_NAMES; i++) {
        if (own->durable[i].inode == inode) {
            return true;
        }
    }
    for (size_t i = 0; i < own->pending_count; i++) {
        if (own->pending[i].inode == inode) {
            return true;
        }
    }
    return false;
}

static uint32_t new_inode(medium *own)
{
    for (uint32_t inode = 1; inode < MEDIUM_INODES; inode++) {
        if (!is_used(own, inode)) {
            memset(&own->inodes[inode], 0, sizeof own->inodes[inode]);
            return inode;
        }
    }
    wrong("more than %u files", MEDIUM_INODES);
}

static void push(medium *own, const change *done)
{
    if (own->pending_count == MEDIUM_CHANGES) { /* a file system does not wait for ever */
        apply(own, &own->pending[0]);
        memmove(&own->pending[0], &own->pending[1], sizeof own->pending - sizeof own->pending[0]);
        own->pending_count--;
    }
    own->pending[own->pending_count] = *done;
    atomic_signal_fence(memory_order_seq_cst); /* a kill comes between any two instructions */
    own->pending_count++;
}

/* ---- Calls of the peer ---- */

/* From here until `done` nobody but the folder knows whether it happened. */
static void doing(medium *own, change_kind kind, uint32_t inode, const char *name, const char *from)
{
    own->doing.inode = inode;
    (void)snprintf(own->doing.name, sizeof own->doing.name, "%s", name);
    (void)snprintf(own->doing.from, sizeof own->doing.from, "%s", from);
    own->doing_count = own->pending_count;
    atomic_signal_fence(memory_order_seq_cst);
    own->doing.kind = kind;
}

static void done(medium *own, bool happened)
{
    if (happened) {
        push(own, &own->doing);
    }
    own->doing.kind = CHANGE_NONE;
}

static medium *own_medium(void)
{
    return box_own() != NULL ? &box_own()->medium : NULL;
}

int __wrap_mkdir(const char *path, mode_t mode)
{
    return __real_mkdir(path, mode);
}

static int create(medium *own, int folder, const char *name, int flags, mode_t mode)
{
    box_step(STEP_CREATE);
    doing(own, CHANGE_CREATE, new_inode(own), name, "");
    const int file = __real_openat(folder, name, flags, mode);
    done(own, file >= 0);
    return file;
}

int __wrap_openat(int folder, const char *name, int flags, ...)
{
    medium *own = own_medium();
    struct stat about;
    va_list arguments;

    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (own == NULL) {
        return __real_openat(folder, name, flags, mode);
    }
    const bool makes =
        (flags & O_CREAT) != 0 && fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0;
    const int file =
        makes ? create(own, folder, name, flags, mode) : __real_openat(folder, name, flags, mode);
    if (file >= 0 && (size_t)file < FILES_MAX) {
        is_parent[file] = strcmp(name, "..") == 0;
        inode_of_file[file] = is_parent[file] ? 0 : inode_named(own, name);
    }
    return file;
}

ssize_t __wrap_write(int file, const void *bytes, size_t size)
{
    medium *own = own_medium();

    if (own == NULL || file < 0 || (size_t)file >= FILES_MAX || inode_of_file[file] == 0) {
        return __real_write(file, bytes, size);
    }
    medium_file *written = &own->inodes[inode_of_file[file]];
    if (written->size + size > MEDIUM_CONTENT) {
        wrong("a file of over %u bytes", MEDIUM_CONTENT);
    }
    box_step(STEP_WRITE);
    const bool half = box_ends_at(STEP_HALF_WRITTEN);
    memcpy(&written->bytes[written->size], bytes, size);
    doing(own, CHANGE_WRITE, inode_of_file[file], "", "");
    const ssize_t count = __real_write(file, bytes, half ? size / 2 : size);
    written->size += count > 0 ? (uint32_t)count : 0;
    own->doing.kind = CHANGE_NONE;
    if (half) {
        box_end();
    }
    return count;
}

static void sync_folder(medium *own)
{
    box_step(STEP_FOLDER_SYNC);
    for (size_t i = 0; i < own->pending_count; i++) {
        apply(own, &own->pending[i]);
    }
    own->pending_count = 0;
    box_step(STEP_FOLDER_SYNCED);
}

int __wrap_fsync(int file)
{
    medium *own = own_medium();

    if (own == NULL || file < 0 || (size_t)file >= FILES_MAX) {
        return __real_fsync(file);
    }
    if (is_parent[file]) {
        box_step(STEP_FOLDER_SYNC);
        own->made = true;
    } else if (inode_of_file[file] != 0) {
        box_step(STEP_SYNC);
        own->inodes[inode_of_file[file]].synced = own->inodes[inode_of_file[file]].size;
    } else {
        sync_folder(own);
    }
    return 0;
}

int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    medium *own = own_medium();

    if (own == NULL) {
        return __real_renameat(from_folder, from, to_folder, to);
    }
    box_step(STEP_RENAME);
    doing(own, CHANGE_RENAME, inode_named(own, from), to, from);
    const int result = __real_renameat(from_folder, from, to_folder, to);
    done(own, result == 0);
    return result;
}

int __wrap_unlinkat(int folder, const char *name, int flags)
{
    medium *own = own_medium();

    if (own == NULL) {
        return __real_unlinkat(folder, name, flags);
    }
    doing(own, CHANGE_REMOVE, 0, name, "");
    const int result = __real_unlinkat(folder, name, flags);
    done(own, result == 0);
    return result;
}

/* ---- After the peer's death ---- */

static void path_of(const medium *own, const char *name, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s", own->path, name);
}

static bool exists(const medium *own, const char *name)
{
    char path[PATH_SIZE];
    struct stat about;

    path_of(own, name, path);
    return lstat(path, &about) == 0;
}

static void remove_files(const medium *own)
{
    char path[PATH_SIZE * 2];
    DIR *folder = opendir(own->path);

    if (folder == NULL) {
        return;
    }
    for (struct dirent *one = readdir(folder); one != NULL; one = readdir(folder)) {
        if (one->d_name[0] != '.') {
            (void)snprintf(path, sizeof path, "%s/%s", own->path, one->d_name);
            (void)unlink(path);
        }
    }
    (void)closedir(folder);
    (void)rmdir(own->path);
}

void medium_begin(medium *own, const char *path)
{
    memset(own, 0, sizeof *own);
    (void)snprintf(own->path, sizeof own->path, "%s", path);
}

void medium_erase(medium *own)
{
    char path[sizeof own->path];

    remove_files(own);
    memcpy(path, own->path, sizeof path);
    medium_begin(own, path);
}

/* The size that a file has which was being written: it has one name, if any. */
static void settle_write(medium *own)
{
    char path[PATH_SIZE];
    struct stat about;

    for (size_t i = 0; i < own->pending_count; i++) {
        path_of(own, own->pending[i].name, path);
        if (own->pending[i].inode == own->doing.inode && stat(path, &about) == 0) {
            own->inodes[own->doing.inode].size = (uint32_t)about.st_size;
        }
    }
}

static bool happened(const medium *own)
{
    switch (own->doing.kind) {
    case CHANGE_CREATE: return exists(own, own->doing.name);
    case CHANGE_RENAME: return !exists(own, own->doing.from);
    case CHANGE_REMOVE: return !exists(own, own->doing.name);
    case CHANGE_NONE:
    case CHANGE_WRITE: break;
    }
    return false;
}

void medium_settle(medium *own)
{
    if (own->doing.kind == CHANGE_WRITE) {
        settle_write(own);
    } else if (own->pending_count == own->doing_count && happened(own)) {
        push(own, &own->doing);
    }
    own->doing.kind = CHANGE_NONE;
}

/* ---- A power cut ---- */

enum { FATE_MISSING, FATE_HALF, FATE_ZEROS, FATE_GARBAGE, FATE_WHOLE, FATES };

static void tear(medium_file *file, medium_damage *damage)
{
    const uint32_t unsynced = file->size - file->synced;
    const uint32_t fate = random_below(FATES);

    if (unsynced > 0) {
        if (fate == FATE_MISSING) {
            file->size = file->synced;
        } else if (fate == FATE_HALF) {
            file->size = file->synced + random_below(unsynced);
        } else if (fate == FATE_ZEROS) {
            memset(&file->bytes[file->synced], 0, unsynced);
        } else if (fate == FATE_GARBAGE) { /* the last bytes, as of a block that was cut */
            const uint32_t whole = random_below(unsynced);
            random_fill(&file->bytes[file->synced + whole], unsynced - whole);
        }
        damage->torn += fate != FATE_WHOLE;
    }
    file->synced = file->size;
}

static void leave_file(const medium *own, const entry *one)
{
    char path[PATH_SIZE];

    path_of(own, one->name, path);
    FILE *file = fopen(path, "wb");
    if (file == NULL ||
        fwrite(own->inodes[one->inode].bytes, 1, own->inodes[one->inode].size, file) !=
            own->inodes[one->inode].size ||
        fclose(file) != 0) {
        wrong("%s cannot be written: %s", path, strerror(errno));
    }
}

/* Each change that was not synced is there or not, whatever became of those before it. */
static void keep_some(medium *own, medium_damage *damage)
{
    bool one_is_lost = false;

    for (size_t i = 0; i < own->pending_count; i++) {
        if (random_once_in(2)) {
            apply(own, &own->pending[i]);
            damage->kept++;
            damage->reorder += one_is_lost;
        } else {
            damage->lost++;
            one_is_lost = true;
        }
    }
    own->pending_count = 0;
}

void medium_cut(medium *own, medium_damage *damage)
{
    if (!own->made && random_once_in(2)) {
        damage->folders++;
        medium_erase(own);
        return;
    }
    keep_some(own, damage);
    remove_files(own);
    if (__real_mkdir(own->path, 0700) != 0) {
        wrong("%s cannot be made: %s", own->path, strerror(errno));
    }
    for (size_t i = 0; i < MEDIUM_NAMES; i++) {
        if (own->durable[i].inode != 0) {
            tear(&own->inodes[own->durable[i].inode], damage);
            leave_file(own, &own->durable[i]);
        }
    }
    own->made = true; /* as found: what was seen after a reboot was on the medium */
}
