/* How a memory store lays itself out in the caller's memory: its head, the core's slots, its keys.
 */
#ifndef LWSEC_CRYPTO_MEMORY_LAYOUT_H
#define LWSEC_CRYPTO_MEMORY_LAYOUT_H

#include <lwsec/store.h>

/* The head's size, rounded up so that what follows it is aligned. */
static inline size_t lwsec_memory_head(size_t head)
{
    const size_t step = _Alignof(uint64_t);
    return (head + step - 1) / step * step;
}

/* Bytes for all of it, as the macro of the public header says: `head` and then `each` for every
 * key. Where the sum does not fit a size_t: SIZE_MAX, which no caller has. */
static inline size_t lwsec_memory_size(size_t head, size_t each, uint32_t slots)
{
    return slots > (SIZE_MAX - head) / each ? SIZE_MAX : head + slots * each;
}

/* Whether the memory can take a store of `needed` bytes. */
static inline lwsec_status lwsec_memory_check(const void *memory, size_t size, size_t needed,
                                              uint32_t slots)
{
    if (memory == NULL || slots == 0 || (uintptr_t)memory % _Alignof(uint64_t) != 0) {
        return LWSEC_USAGE;
    }
    return size < needed ? LWSEC_BUFFER : LWSEC_OK;
}

/* The core's slots follow the head. */
static inline lwsec_key_slot *lwsec_memory_slots(void *memory, size_t head)
{
    return (lwsec_key_slot *)(void *)((uint8_t *)memory + lwsec_memory_head(head));
}

/* The store's own keys follow the core's slots. */
static inline void *lwsec_memory_keys(void *memory, size_t head, uint32_t slots)
{
    return &lwsec_memory_slots(memory, head)[slots];
}

#endif
