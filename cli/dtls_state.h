/* Where a DTLS client keeps what it resumes a session with: sealed records in a directory. */
#ifndef CLI_DTLS_STATE_H
#define CLI_DTLS_STATE_H

#include <lwsec/key.h>
#include <lwsec/state.h>

typedef struct cli_dtls_state {
    void *directory_memory;
    lwsec_state *directory;
    void *sealed_memory;
    lwsec_state *sealed;
    lwsec_key key;
} cli_dtls_state;

/*
 * Opens the directory. Its records are sealed by the key in its file "seal.key", which is made
 * where there is none, for its owner alone. CLI_DONE, or what to exit with, its line printed.
 */
int cli_dtls_state_open(cli_dtls_state *self, lwsec_store *store, const char *path);

void cli_dtls_state_close(cli_dtls_state *self);

#endif
