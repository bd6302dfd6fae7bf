/* Random choices that a printed seed repeats. */
#ifndef LWSEC_TESTS_POWER_RANDOM_H
#define LWSEC_TESTS_POWER_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begins the row of choices anew. */
void random_seed(uint64_t seed);

uint64_t random_next(void);

/* 0 to `end` - 1. */
uint32_t random_below(uint32_t end);

/* True once in `count` times. */
bool random_once_in(uint32_t count);

void random_fill(uint8_t *bytes, size_t size);

/* The bits of `value`, mixed: the same for the same value. */
uint64_t random_mix(uint64_t value);

#endif
