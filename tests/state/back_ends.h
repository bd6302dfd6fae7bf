/* Every back end, opened in one way, for tests of what they all do. */
#ifndef LWSEC_TESTS_STATE_BACK_ENDS_H
#define LWSEC_TESTS_STATE_BACK_ENDS_H

#include <lwsec/state.h>
#include <lwsec/state_directory.h>
#include <lwsec/state_memory.h>
#include <lwsec/state_sealed.h>

#include "tests/state/toy_store.h"

typedef struct back_end {
    const char *name;
    bool directory; /* on a medium, or in memory */
    bool sealed;    /* behind the sealing wrapper */
} back_end;

extern const back_end back_ends[4];

#define BACK_END_RECORDS 6U

/* One opened back end. */
typedef struct opened {
    lwsec_state *state;   /* what the test uses */
    lwsec_state *another; /* a second wrapper over the same, where that is possible; else `state` */
    size_t value_max;
    const char *path; /* of a directory */
    lwsec_state *inner;
    uint64_t memory[LWSEC_STATE_MEMORY_SIZE(BACK_END_RECORDS, LWSEC_RECORD_MAX) / 8];
    uint64_t directory[LWSEC_STATE_DIRECTORY_SIZE / 8];
    uint64_t wrapper[2][LWSEC_STATE_SEALED_SIZE / 8];
} opened;

/* `key` seals, with a nonce of 12 and a tag of 16 bytes, where the back end is a sealed one. */
void back_end_open(opened *one, const back_end *which, lwsec_key key);
void back_end_release(opened *one); /* closes the states and leaves the folder */
void back_end_close(opened *one);

/* A record of this kind whose identity is all `filler`. */
lwsec_record record_of(uint32_t kind, uint8_t filler);

#endif
