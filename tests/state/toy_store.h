/* A key store with a toy cipher, for tests of what stands on top of one. It protects nothing. */
#ifndef LWSEC_TESTS_STATE_TOY_STORE_H
#define LWSEC_TESTS_STATE_TOY_STORE_H

#include <lwsec/store.h>

#include <stdatomic.h>

typedef struct toy_store {
    lwsec_store head;
    lwsec_key_slot slots[4];
    uint8_t keys[4][32];
    uint8_t tag_sizes[4];
    atomic_uint random;       /* state of its generator */
    lwsec_status seal_answer; /* what the next operations answer, to play a fault */
    lwsec_status random_answer;
} toy_store;

/* Makes the store ready. Fails the test if it cannot. */
void toy_store_open(toy_store *store);

/* A key of this algorithm and usage, out of 16 or 32 bytes of `filler`. */
lwsec_key toy_key(lwsec_store *store, int32_t algorithm, uint32_t usage, uint8_t filler);

#endif
