/* A state over a real one that fails where a test says: for faults that no real state shows on
 * demand. */
#ifndef LWSEC_TESTS_OSCORE_FAULTY_STATE_H
#define LWSEC_TESTS_OSCORE_FAULTY_STATE_H

#include <lwsec/state.h>

typedef struct faulty_state {
    lwsec_state head;
    lwsec_state *inner;
    unsigned calls;      /* so far */
    unsigned stores;     /* of these, successful writes */
    unsigned fail_from;  /* the first call that fails, counted from 1; 0: none */
    unsigned fail_count; /* how many fail from there on */
    lwsec_status answer; /* what they answer: LWSEC_STATE, LWSEC_PENDING, ... */
} faulty_state;

void faulty_state_open(faulty_state *state, lwsec_state *inner);

/* The next `count` calls answer `answer` and do nothing. */
void faulty_state_fail(faulty_state *state, unsigned count, lwsec_status answer);

#endif
