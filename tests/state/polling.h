/* A state that polls and asks again where the one below answers LWSEC_PENDING. */
#ifndef LWSEC_TESTS_STATE_POLLING_H
#define LWSEC_TESTS_STATE_POLLING_H

#include <lwsec/state.h>

typedef struct polling_state {
    lwsec_state head;
    lwsec_state_ops ops;
    lwsec_state *inner;
} polling_state;

lwsec_state *polling_open(polling_state *polling, lwsec_state *inner);

#endif
