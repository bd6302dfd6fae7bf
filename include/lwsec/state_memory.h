/* State in memory: for tests, one-shot programs, and devices that keep their RAM while asleep. */
#ifndef LWSEC_STATE_MEMORY_H
#define LWSEC_STATE_MEMORY_H

#include <lwsec/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes for `records` records of at most `value_size` bytes each, aligned as for uint64_t. */
#define LWSEC_STATE_MEMORY_SIZE(records, value_size)                                               \
    (192U + (size_t)(records) * (48U + (((size_t)(value_size) + 7U) & ~(size_t)7U)))
LWSEC_API size_t lwsec_state_memory_size(uint32_t records, uint32_t value_size);

/*
 * Opens a state in the caller's memory. "Durable" means here: as long as the memory. After a loss
 * of power every key is a key without a record: see LWSEC_KEY_FRESH.
 *
 * It never reaches a medium, so it takes secret kinds as they are. A value longer than `value_size`
 * is refused with LWSEC_STATE (STATE_FULL), as is a record too many. A shared replay window takes
 * 16 bytes and a power of two of 8, window / 8 at least.
 *
 * LWSEC_BUFFER: `size` is too small. LWSEC_USAGE: zero records, a value size over LWSEC_RECORD_MAX,
 * or memory that is not aligned.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_state_memory_open(void *memory, size_t size,
                                                                uint32_t records,
                                                                uint32_t value_size,
                                                                lwsec_state **state);

/* Wipes everything and zeroes the pointer. */
LWSEC_API void lwsec_state_memory_close(lwsec_state **state);

#ifdef __cplusplus
}
#endif
#endif
