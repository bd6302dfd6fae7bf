/* The replay window that a record keeps for several contexts. */
#ifndef LWSEC_STATE_SHARED_WINDOW_H
#define LWSEC_STATE_SHARED_WINDOW_H

#include <lwsec/state.h>

#define LWSEC_SHARED_WINDOW_MAX 1024U

/* The longest value of a window's record. */
#define LWSEC_SHARED_WINDOW_VALUE_MAX (16U + LWSEC_SHARED_WINDOW_MAX / 8U)

/*
 * Writes the value of a window's record after `number` was accepted. `old` is its present value,
 * NULL data if the record is absent. LWSEC_CONFLICT: the number is not fresh. LWSEC_USAGE: the
 * record has another window size. LWSEC_STATE: `old` is not a window.
 * Exported for the back ends in their own libraries, not for applications.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_shared_window_accept(lwsec_bytes old, uint64_t number,
                                                                   uint32_t size,
                                                                   lwsec_buffer *value,
                                                                   lwsec_reason *reason);

/*
 * Writes the value of a window's record in which `number` and all below it were accepted: for a
 * peer that has just proven that `number` is fresh. `value` has room for
 * LWSEC_SHARED_WINDOW_VALUE_MAX.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_shared_window_restart(uint64_t number, uint32_t size,
                                                          lwsec_buffer *value);

#endif
