/* Tells one process from its forked children without a system call. */
#ifndef LWSEC_CORE_EPOCH_H
#define LWSEC_CORE_EPOCH_H

#include <lwsec/status.h>

/*
 * A number that is the same in all calls of one process and differs in a forked child. Never 0.
 * Stores, states and contexts note it when they are made: whoever finds another one later is a
 * child with a copy of the parent's counters, and must not use them.
 *
 * Exported for the key stores in their own libraries, not for applications.
 */
LWSEC_API uint32_t lwsec_epoch(void);

#endif
