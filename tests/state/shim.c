/* The notes of what was done to a folder, and what a power cut makes of them. */
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/state/shim.h"
#include "tests/state/temporary.h"

#define EVENTS_MAX 512U
#define INODES_MAX 256U
#define CONTENT_MAX 8192U
#define PENDING_MAX 8U
#define NAMES_MAX 64U

typedef enum event_kind {
    MADE,
    PARENT_SYNCED,
    CREATED,
    WRITTEN,
    SYNCED,
    RENAMED,
    REMOVED,
    FOLDER_SYNCED
} event_kind;

typedef struct event {
    event_kind kind;
    size_t inode;
    char name[48]; /* the name that is there afterwards, or that is gone */
    char from[48];
    size_t size; /* of the file after a write */
} event;

static event events[EVENTS_MAX];
static size_t event_count;
static uint8_t contents[INODES_MAX][CONTENT_MAX];
static size_t inode_count;
static size_t inode_of_file[1024]; /* by descriptor; 0 is none, so inodes count from 1 */

static bool noting;
static bool paused;
static size_t calls;
static size_t fail_first, fail_count;
static int fail_error;
static size_t write_limit;
static bool interrupting, interrupt_next;

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

void shim_start(void)
{
    event_count = 0;
    inode_count = 0;
    memset(inode_of_file, 0, sizeof inode_of_file);
    noting = true;
    paused = false;
    calls = 0;
    fail_count = 0;
    write_limit = 0;
    interrupting = false;
}

void shim_pause(void)
{
    paused = true;
}

void shim_go_on(void)
{
    paused = false;
}

size_t shim_events(void)
{
    return event_count;
}

size_t shim_calls(void)
{
    return calls;
}

void shim_fail(size_t first, size_t count, int error)
{
    calls = 0;
    fail_first = first;
    fail_count = count;
    fail_error = error;
}

void shim_write_at_most(size_t bytes)
{
    write_limit = bytes;
}

void shim_interrupt(bool on)
{
    interrupting = on;
    interrupt_next = true;
}

static bool fails(void)
{
    if (paused) {
        return false;
    }
    const size_t call = calls++;
    if (call < fail_first || call - fail_first >= fail_count) {
        return false;
    }
    errno = fail_error;
    return true;
}

static bool interrupted(void)
{
    if (paused || !interrupting) {
        return false;
    }
    interrupt_next = !interrupt_next;
    if (!interrupt_next) {
        errno = EINTR;
        return true;
    }
    return false;
}

static event *note(event_kind kind, size_t inode, const char *name)
{
    static event unnoted;

    if (paused || !noting) {
        return &unnoted;
    }
    assert_true(event_count < EVENTS_MAX);
    event *noted = &events[event_count++];
    memset(noted, 0, sizeof *noted);
    noted->kind = kind;
    noted->inode = inode;
    (void)snprintf(noted->name, sizeof noted->name, "%s", name);
    return noted;
}

/* Where a name leads to after all events so far; 0: nowhere. */
static size_t inode_named(const char *name)
{
    size_t inode = 0;

    for (size_t i = 0; i < event_count; i++) {
        const event *past = &events[i];
        if ((past->kind == CREATED || past->kind == RENAMED) && strcmp(past->name, name) == 0) {
            inode = past->inode;
        }
        if ((past->kind == REMOVED && strcmp(past->name, name) == 0) ||
            (past->kind == RENAMED && strcmp(past->from, name) == 0)) {
            inode = 0;
        }
    }
    return inode;
}

int __wrap_mkdir(const char *path, mode_t mode)
{
    if (fails()) {
        return -1;
    }
    const int result = __real_mkdir(path, mode);
    if (result == 0) {
        (void)note(MADE, 0, "");
    }
    return result;
}

int __wrap_openat(int folder, const char *name, int flags, ...)
{
    va_list arguments;
    struct stat about;

    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (fails()) {
        return -1;
    }
    const bool existed = fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0;
    const int file = __real_openat(folder, name, flags, mode);
    if (file >= 0 && !paused && noting && strcmp(name, "..") != 0) {
        assert_true((size_t)file < sizeof inode_of_file / sizeof inode_of_file[0]);
        if (!existed) {
            assert_true(++inode_count < INODES_MAX);
            (void)note(CREATED, inode_count, name);
            memset(contents[inode_count], 0, CONTENT_MAX);
        }
        inode_of_file[file] = inode_named(name);
    }
    return file;
}

static size_t size_of_inode(size_t inode)
{
    size_t size = 0;

    for (size_t i = 0; i < event_count; i++) {
        if (events[i].kind == WRITTEN && events[i].inode == inode) {
            size = events[i].size;
        }
    }
    return size;
}

ssize_t __wrap_write(int file, const void *bytes, size_t size)
{
    struct stat about;

    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || paused) {
        return __real_write(file, bytes, size); /* the test's own output */
    }
    if (interrupted() || fails()) {
        return -1;
    }
    const size_t allowed = write_limit > 0 && write_limit < size ? write_limit : size;
    const ssize_t written = __real_write(file, bytes, allowed);
    if (written > 0 && noting) {
        const size_t inode = inode_of_file[file];
        const size_t before = size_of_inode(inode);
        assert_true(inode != 0 && before + (size_t)written <= CONTENT_MAX);
        memcpy(&contents[inode][before], bytes, (size_t)written);
        note(WRITTEN, inode, "")->size = before + (size_t)written;
    }
    return written;
}

int __wrap_fsync(int file)
{
    struct stat about;

    if (paused) {
        return 0;
    }
    if (interrupted() || fails()) {
        return -1;
    }
    assert_int_equal(fstat(file, &about), 0);
    if (!S_ISDIR(about.st_mode)) {
        (void)note(SYNCED, inode_of_file[file], "");
    } else if (faccessat(file, "lock", F_OK, 0) == 0) {
        (void)note(FOLDER_SYNCED, 0, "");
    } else { /* before there is a lock, the folder itself is not synced */
        (void)note(PARENT_SYNCED, 0, "");
    }
    return __real_fsync(file);
}

int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    if (fails()) {
        return -1;
    }
    const size_t inode = inode_named(from);
    const int result = __real_renameat(from_folder, from, to_folder, to);
    if (result == 0) {
        event *noted = note(RENAMED, inode, to);
        (void)snprintf(noted->from, sizeof noted->from, "%s", from);
    }
    return result;
}

int __wrap_unlinkat(int folder, const char *name, int flags)
{
    if (fails()) {
        return -1;
    }
    const int result = __real_unlinkat(folder, name, flags);
    if (result == 0) {
        (void)note(REMOVED, 0, name);
    }
    return result;
}

/* ---- What a power cut leaves ---- */

typedef struct entry {
    const char *name;
    size_t inode; /* 0: no such name */
} entry;

typedef struct medium {
    bool made; /* the folder is sure to be there */
    entry durable[NAMES_MAX];
    size_t names;
    const event *pending[PENDING_MAX]; /* changes of the folder since it was synced */
    size_t pending_count;
} medium;

static void set_entry(medium *after, const char *name, size_t inode)
{
    size_t i = 0;

    while (i < after->names && strcmp(after->durable[i].name, name) != 0) {
        i++;
    }
    if (i == after->names) {
        assert_true(after->names++ < NAMES_MAX);
        after->durable[i].name = name;
    }
    after->durable[i].inode = inode;
}

static void apply(medium *after, const event *change)
{
    if (change->kind == RENAMED) {
        set_entry(after, change->from, 0);
    }
    set_entry(after, change->name, change->kind == REMOVED ? 0 : change->inode);
}

static void replay(medium *after, size_t count)
{
    memset(after, 0, sizeof *after);
    for (size_t i = 0; i < count; i++) {
        const event *past = &events[i];
        switch (past->kind) {
        case PARENT_SYNCED: after->made = true; break;
        case CREATED:
        case RENAMED:
        case REMOVED:
            assert_true(after->pending_count < PENDING_MAX);
            after->pending[after->pending_count++] = past;
            break;
        case FOLDER_SYNCED:
            for (size_t j = 0; j < after->pending_count; j++) {
                apply(after, after->pending[j]);
            }
            after->pending_count = 0;
            break;
        case MADE:
        case WRITTEN:
        case SYNCED: break;
        }
    }
}

/* The four fates of what was written and not synced. */
enum { MISSING, HALF, ZEROS, WHOLE, FATES };

static void leave_file(const char *path, const entry *found, size_t count, unsigned fate)
{
    static uint8_t bytes[CONTENT_MAX];
    size_t written = 0;
    size_t synced = 0;

    for (size_t i = 0; i < count; i++) {
        if (events[i].inode == found->inode && events[i].kind == WRITTEN) {
            written = events[i].size;
        }
        if (events[i].inode == found->inode && events[i].kind == SYNCED) {
            synced = written;
        }
    }
    memcpy(bytes, contents[found->inode], written);
    size_t size = written;
    if (fate == MISSING) {
        size = synced;
    } else if (fate == HALF) {
        size = synced + (written - synced) / 2;
    } else if (fate == ZEROS) {
        memset(&bytes[synced], 0, written - synced);
    }
    file_write(path, found->name, lwsec_bytes_of(bytes, size));
}

bool shim_after_power_cut(size_t count, unsigned variant, const char *path)
{
    medium after;
    const unsigned fate = variant % FATES;
    unsigned kept = variant / FATES; /* one bit for each pending change */

    replay(&after, count);
    if (kept >> after.pending_count > 1) {
        return false;
    }
    if (kept >> after.pending_count == 1) { /* last: the folder itself is lost */
        return !after.made && fate == 0;
    }
    for (size_t i = 0; i < after.pending_count; i++, kept >>= 1) {
        if ((kept & 1U) != 0) {
            apply(&after, after.pending[i]);
        }
    }
    assert_int_equal(__real_mkdir(path, 0700), 0);
    for (size_t i = 0; i < after.names; i++) {
        if (after.durable[i].inode != 0) {
            leave_file(path, &after.durable[i], count, fate);
        }
    }
    return true;
}
