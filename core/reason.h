/* How a refusal is written down. */
#ifndef LWSEC_CORE_REASON_H
#define LWSEC_CORE_REASON_H

#include <lwsec/status.h>

/* Notes why, if anybody asked, and gives the status back: `return lwsec_refuse(...)`. */
static inline lwsec_status lwsec_refuse(lwsec_status status, lwsec_why why, size_t offset,
                                        lwsec_reason *reason)
{
    if (reason != NULL) {
        reason->why = why;
        reason->offset = (uint32_t)offset;
    }
    return status;
}

/* The answer of a call that succeeded. */
static inline lwsec_status lwsec_accept(lwsec_reason *reason)
{
    return lwsec_refuse(LWSEC_OK, LWSEC_WHY_NONE, 0, reason);
}

#endif
