/* Every back end, opened in one way, for tests of what they all do. */
#ifndef LWSEC_TESTS_STATE_BACK_ENDS_H
#define LWSEC_TESTS_STATE_BACK_ENDS_H

#include <lwsec/state.h>
#include <lwsec/state_directory.h>
#include <lwsec/state_memory.h>
#include <lwsec/state_sealed.h>

#include "tests/state/polling.h"
#include "tests/state/toy_store.h"

typedef enum back_end_medium {
    IN_MEMORY,
    IN_DIRECTORY,
    IN_SQLITE,
    IN_SQLITE_BATCHES /* with a poll where it is pending */
} back_end_medium;

typedef struct back_end {
    const char *name;
    back_end_medium medium;
    bool sealed; /* behind the sealing wrapper */
} back_end;

extern const back_end back_ends[];
extern const size_t back_end_count;

#define BACK_END_RECORDS 6U
#define BACK_END_CALLS 8U

/* One opened back end. */
typedef struct opened {
    lwsec_state *state;   /* what the test uses */
    lwsec_state *another; /* a second wrapper over the same, where that is possible; else `state` */
    size_t value_max;
    const char *path; /* of a folder, where there is one */
    back_end_medium medium;
    lwsec_state *inner;
    lwsec_state *sealed[2];
    polling_state polling[2];
    uint64_t memory[LWSEC_STATE_MEMORY_SIZE(BACK_END_RECORDS, LWSEC_RECORD_MAX) / 8];
    uint64_t directory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    uint64_t sqlite[8192];
    uint64_t wrapper[2][LWSEC_STATE_SEALED_SIZE / 8];
} opened;

/* `key` seals, with a nonce of 12 and a tag of 16 bytes, where the back end is a sealed one. */
void back_end_open(opened *one, const back_end *which, lwsec_key key);
void back_end_release(opened *one); /* closes the states and leaves the folder */
void back_end_close(opened *one);

/* A record of this kind whose identity is all `filler`. */
lwsec_record record_of(uint32_t kind, uint8_t filler);

#endif
