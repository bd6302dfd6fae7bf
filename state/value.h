/* What the back ends do alike with the value of a record. */
#ifndef LWSEC_STATE_VALUE_H
#define LWSEC_STATE_VALUE_H

#include <lwsec/state.h>

/* Exported for the back ends in their own libraries, not for applications. */

/* Copies a value to the caller. LWSEC_BUFFER: it does not fit. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_value_give(lwsec_bytes value, lwsec_buffer *out,
                                                         lwsec_reason *reason);

/* Whether memory can hold one of our structs: there, and aligned as for uint64_t. */
LWSEC_API bool lwsec_memory_fits(const void *memory);

/* Two records of the same name. */
LWSEC_API bool lwsec_record_same(const lwsec_record *one, const lwsec_record *other);

/* The value of a counter: a big-endian number. */
#define LWSEC_COUNTER_SIZE 8U

/*
 * Writes the value of a counter at `to`. `old` is its present value, NULL data if the record is
 * absent. LWSEC_CONFLICT: it is at `to` or higher. LWSEC_STATE: `old` is not a counter.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_counter_advance(lwsec_bytes old, uint64_t to,
                                                              uint8_t value[LWSEC_COUNTER_SIZE],
                                                              lwsec_reason *reason);

#endif
