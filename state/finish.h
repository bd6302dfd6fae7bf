/* Waiting for a slow state, where the same call could not be made once more later on. */
#ifndef LWSEC_STATE_FINISH_H
#define LWSEC_STATE_FINISH_H

#include <lwsec/state.h>

#include "core/reason.h"

/* Finishes what a call that answered `status` has begun, so that it can be made again at once with
 * the same values. Whether to make it. */
static inline bool lwsec_state_finish(lwsec_state *state, lwsec_status status)
{
    while (status == LWSEC_PENDING) {
        status = lwsec_state_poll(state);
        if (status == LWSEC_OK) {
            return true;
        }
    }
    return false;
}

/* What is still pending although the state was polled cannot be finished any more. */
static inline lwsec_status lwsec_state_finished(lwsec_status status, lwsec_reason *reason)
{
    return status == LWSEC_PENDING ? lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason)
                                   : status;
}

#endif
