/* Where a DTLS client keeps what it resumes a session with: sealed records in a directory. */
#include "dtls_state.h"

#include <lwsec/state_directory.h>
#include <lwsec/state_sealed.h>

#include "bytes.h"
#include "command.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define KEY_SIZE 32U
#define PATH_MAX_LENGTH 1024

static bool read_key(const char *path, uint8_t key[KEY_SIZE])
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t more;

    if (file < 0) {
        return false;
    }
    const bool good = read(file, key, KEY_SIZE) == (ssize_t)KEY_SIZE && read(file, &more, 1) == 0;
    (void)close(file);
    return good;
}

/* Made once: a file that is there stays. */
static bool make_key(lwsec_store *store, const char *path)
{
    uint8_t key[KEY_SIZE];

    if (lwsec_random(store, key, sizeof key) != LWSEC_OK) {
        return false;
    }
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    const bool made =
        file >= 0 && write(file, key, sizeof key) == (ssize_t)sizeof key && fsync(file) == 0;
    lwsec_wipe(key, sizeof key);
    if (file >= 0) {
        (void)close(file);
    }
    return made;
}

static lwsec_status import_key(cli_dtls_state *self, lwsec_store *store, const char *path)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_CHACHA20_POLY1305, LWSEC_USE_SEAL | LWSEC_USE_OPEN, {NULL, 0}};
    uint8_t key[KEY_SIZE];

    if (!read_key(path, key) && (!make_key(store, path) || !read_key(path, key))) {
        return LWSEC_STATE;
    }
    const lwsec_status status =
        lwsec_key_import(store, &attributes, lwsec_bytes_of(key, sizeof key), &self->key);
    lwsec_wipe(key, sizeof key);
    return status;
}

int cli_dtls_state_open(cli_dtls_state *self, lwsec_store *store, const char *path)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    char file[PATH_MAX_LENGTH];

    self->directory_memory = cli_allocate(lwsec_state_directory_size());
    lwsec_status status = lwsec_state_directory_open(
        self->directory_memory, lwsec_state_directory_size(), path, &self->directory, &reason);
    if (status != LWSEC_OK) {
        return cli_error("--state", lwsec_why_text(reason.why));
    }
    if ((size_t)snprintf(file, sizeof file, "%s/seal.key", path) >= sizeof file) {
        return cli_error("--state", "the path is too long");
    }
    status = import_key(self, store, file);
    if (status == LWSEC_OK) {
        self->sealed_memory = cli_allocate(lwsec_state_sealed_size());
        status = lwsec_state_sealed_open(self->sealed_memory, lwsec_state_sealed_size(),
                                         self->directory, self->key, &self->sealed);
    }
    return status == LWSEC_OK ? CLI_DONE
                              : cli_error("--state", "seal.key cannot be made, read or used");
}

void cli_dtls_state_close(cli_dtls_state *self)
{
    if (self->sealed != NULL) {
        lwsec_state_sealed_close(&self->sealed);
    }
    if (self->directory != NULL) {
        lwsec_state_directory_close(&self->directory);
    }
    free(self->sealed_memory);
    free(self->directory_memory);
}
