/* Folders and files for one test. */
#include "tests/state/temporary.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 512U

const char *temporary_folder(void)
{
    static char paths[8][32];
    static unsigned next;
    char *path = paths[next++ % 8U];

    (void)snprintf(path, sizeof paths[0], "state-XXXXXX");
    assert_non_null(mkdtemp(path));
    return path;
}

static void join(char *path, const char *folder, const char *name)
{
    const int size = snprintf(path, PATH_SIZE, "%s/%s", folder, name);
    assert_true(size > 0 && (unsigned)size < PATH_SIZE);
}

void temporary_remove(const char *path)
{
    char file[PATH_SIZE];
    (void)chmod(path, 0700);
    DIR *folder = opendir(path);

    if (folder == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            join(file, path, entry->d_name);
            if (unlink(file) != 0) {
                temporary_remove(file);
            }
        }
    }
    (void)closedir(folder);
    (void)rmdir(path);
}

lwsec_bytes file_read(const char *folder, const char *name)
{
    char path[PATH_SIZE];
    static uint8_t *kept[4096];
    static size_t count;

    join(path, folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    uint8_t *content = malloc(8192);
    assert_non_null(content);
    assert_true(count < sizeof kept / sizeof kept[0]);
    kept[count++] = content; /* reachable, so that no leak is reported */
    const size_t size = fread(content, 1, 8192, file);
    (void)fclose(file);
    return lwsec_bytes_of(content, size);
}

void file_write(const char *folder, const char *name, lwsec_bytes content)
{
    char path[PATH_SIZE];

    join(path, folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    if (content.size > 0) {
        assert_int_equal(fwrite(content.data, 1, content.size, file), content.size);
    }
    assert_int_equal(fclose(file), 0);
}

bool file_exists(const char *folder, const char *name)
{
    char path[PATH_SIZE];
    struct stat about;

    join(path, folder, name);
    return lstat(path, &about) == 0;
}
