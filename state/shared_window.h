/* The replay window that a record keeps for several contexts. */
#ifndef LWSEC_STATE_SHARED_WINDOW_H
#define LWSEC_STATE_SHARED_WINDOW_H

#include <lwsec/state.h>

#define LWSEC_SHARED_WINDOW_MAX 1024U

/*
 * The numbers highest - size + 1 to highest. Number n has bit n modulo size, so that nothing is
 * shifted when the window moves: the bits of numbers that leave it are cleared for those that
 * enter.
 */
typedef struct lwsec_shared_window {
    bool used;     /* false: nothing was accepted yet, and `highest` says nothing */
    uint32_t size; /* 1 to LWSEC_SHARED_WINDOW_MAX */
    uint64_t highest;
    uint64_t bits[LWSEC_SHARED_WINDOW_MAX / 64];
} lwsec_shared_window;

/* A window of `size` numbers in which nothing was accepted. */
lwsec_shared_window lwsec_shared_window_of(uint32_t size);

/* Whether `number` would be accepted. Changes nothing. */
bool lwsec_shared_window_fresh(const lwsec_shared_window *window, uint64_t number);

/* Marks a number that is fresh as accepted. */
void lwsec_shared_window_mark(lwsec_shared_window *window, uint64_t number);

/* The longest value of a window's record. */
#define LWSEC_SHARED_WINDOW_VALUE_MAX (16U + LWSEC_SHARED_WINDOW_MAX / 8U)

/*
 * Writes the value of a window's record after `number` was accepted. `old` is its present value,
 * NULL data if the record is absent. LWSEC_CONFLICT: the number is not fresh. LWSEC_USAGE: the
 * record has another window size. LWSEC_STATE: `old` is not a window.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_shared_window_accept(lwsec_bytes old, uint64_t number,
                                                         uint32_t size, lwsec_buffer *value,
                                                         lwsec_reason *reason);

/*
 * Writes the value of a window's record in which `number` and all below it were accepted: for a
 * peer that has just proven that `number` is fresh. `value` has room for
 * LWSEC_SHARED_WINDOW_VALUE_MAX.
 */
void lwsec_shared_window_restart(uint64_t number, uint32_t size, lwsec_buffer *value);

#endif
