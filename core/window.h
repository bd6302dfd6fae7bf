/* The replay window of one context: peek before opening, commit after. RFC 8613
 * sections 3.2.2, 7.4. */
#ifndef LWSEC_CORE_WINDOW_H
#define LWSEC_CORE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The `size` numbers below `next` are in the window; `bits` is a ring with one bit a number, at the
 * number modulo 64 * words, where `words` is a power of two. Everything below the window counts as
 * seen.
 */
typedef struct lwsec_window {
    uint64_t next; /* one more than the highest number that was accepted; 0: none yet. So the number
                    * UINT64_MAX cannot be accepted: callers refuse it */
    uint16_t size; /* 1 to 1024 */
    uint16_t words;
    uint64_t *bits;
} lwsec_window;

/* How many words the ring of a window of `size` numbers has. */
static inline uint16_t lwsec_window_words(uint32_t size)
{
    uint16_t words = 1;

    while (words * 64U < size) {
        words = (uint16_t)(words * 2U);
    }
    return words;
}

/* A window of `size` numbers, none of them accepted, over zeroed words. */
static inline lwsec_window lwsec_window_of(uint32_t size, uint64_t *bits)
{
    lwsec_window window = {0, (uint16_t)size, lwsec_window_words(size), bits};
    return window;
}

static inline uint64_t lwsec_window_bit(uint64_t number)
{
    return UINT64_C(1) << (number % 64);
}

static inline uint64_t *lwsec_window_word(const lwsec_window *window, uint64_t number)
{
    return &window->bits[number / 64 & (window->words - 1U)];
}

/* Whether the number may still be accepted. Changes nothing. */
static inline bool lwsec_window_peek(const lwsec_window *window, uint64_t number)
{
    if (number >= window->next) {
        return true;
    }
    if (window->next - number > window->size) {
        return false;
    }
    return (*lwsec_window_word(window, number) & lwsec_window_bit(number)) == 0;
}

/* Marks a number that peek allowed as seen. */
static inline void lwsec_window_commit(lwsec_window *window, uint64_t number)
{
    if (number >= window->next) {
        const uint64_t gap = number - window->next;
        if (gap >= (uint64_t)window->words * 64) {
            for (uint16_t i = 0; i < window->words; i++) {
                window->bits[i] = 0;
            }
        } else {
            /* The numbers that were skipped come into the window unseen. */
            for (uint64_t skipped = window->next; skipped < number; skipped++) {
                *lwsec_window_word(window, skipped) &= ~lwsec_window_bit(skipped);
            }
        }
        window->next = number + 1;
    }
    *lwsec_window_word(window, number) |= lwsec_window_bit(number);
}

/* Makes `number` the lower limit: it and all below it count as seen (Appendix B.1.2). */
static inline void lwsec_window_restart(lwsec_window *window, uint64_t number)
{
    for (uint16_t i = 0; i < window->words; i++) {
        window->bits[i] = UINT64_MAX;
    }
    window->next = number + 1;
}

#endif
