/* What was synced of the files of SQLite, and what a power cut leaves of them. */
#include "tests/support/test.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/state/power.h"
#include "tests/state/temporary.h"

#define FILES 3U
#define CONTENT_MAX (8U * 1024U * 1024U)

static const char *const names[FILES] = {"records", "records-wal", "records-journal"};

typedef struct notes {
    size_t size[FILES]; /* of the contents that were synced last */
    bool named[FILES];  /* the folder was synced with this name in it */
    bool reached;       /* a sync that fails or kills */
    uint8_t content[FILES][CONTENT_MAX];
} notes;

static notes *noted;
static int fail_from = -1;
static int kill_at = -1;
static bool is_paused;
static bool is_full;
static bool folders_fail;
static unsigned syncs;

/* Seen by the shared libraries, too. */
LWSEC_API int fsync(int file);
LWSEC_API int fdatasync(int file);
LWSEC_API ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t offset);

void power_start(void)
{
    if (noted == NULL) {
        noted =
            mmap(NULL, sizeof *noted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        assert_ptr_not_equal(noted, MAP_FAILED);
    }
    memset(noted, 0, sizeof *noted);
    power_fail_from(-1);
    power_kill_at(-1);
    power_fill(false);
    power_fail_folders(false);
    power_pause(false);
}

void power_fail_from(int n)
{
    fail_from = n;
    noted->reached = false;
}

void power_kill_at(int n)
{
    kill_at = n;
    noted->reached = false;
}

void power_fill(bool full)
{
    is_full = full;
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t offset)
{
    if (is_full) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_pwrite64, file, bytes, size, offset);
}

void power_pause(bool paused)
{
    is_paused = paused;
}

void power_fail_folders(bool fail)
{
    folders_fail = fail;
}

unsigned power_syncs(void)
{
    return syncs;
}

bool power_was_reached(void)
{
    return noted->reached;
}

static void note_folder(int folder)
{
    for (size_t i = 0; i < FILES; i++) {
        noted->named[i] = faccessat(folder, names[i], F_OK, 0) == 0;
    }
}

static void note_file(int file)
{
    char link[32];
    char path[512];
    struct stat about;

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t size = readlink(link, path, sizeof path - 1);
    assert_true(size > 0);
    path[size] = '\0';
    const char *name = strrchr(path, '/') + 1;
    assert_int_equal(fstat(file, &about), 0);
    for (size_t i = 0; i < FILES; i++) {
        if (strcmp(name, names[i]) == 0) {
            assert_true((size_t)about.st_size <= CONTENT_MAX);
            assert_int_equal(pread(file, noted->content[i], CONTENT_MAX, 0), about.st_size);
            noted->size[i] = (size_t)about.st_size;
        }
    }
}

static int sync_one(int file)
{
    struct stat about;

    if (noted == NULL || is_paused) {
        return 0;
    }
    if (kill_at == 0 || fail_from == 0) {
        noted->reached = true;
    }
    if (kill_at >= 0 && kill_at-- == 0) {
        _exit(9);
    }
    if (fail_from == 0) {
        errno = EIO;
        return -1;
    }
    fail_from -= fail_from > 0;
    assert_int_equal(fstat(file, &about), 0);
    if (S_ISDIR(about.st_mode) && folders_fail) {
        errno = EIO;
        return -1;
    }
    if (S_ISDIR(about.st_mode)) {
        note_folder(file);
    } else {
        syncs++;
        note_file(file);
    }
    return 0;
}

int fsync(int file)
{
    return sync_one(file);
}

int fdatasync(int file)
{
    return sync_one(file);
}

const char *power_cut(void)
{
    const char *left = temporary_folder();

    for (size_t i = 0; i < FILES; i++) {
        if (noted->named[i]) {
            file_write(left, names[i], lwsec_bytes_of(noted->content[i], noted->size[i]));
        }
    }
    return left;
}
