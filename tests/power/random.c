/* SplitMix64: short, and good enough to choose what goes wrong. */
#include "tests/power/random.h"

static uint64_t position;

void random_seed(uint64_t seed)
{
    position = seed;
}

uint64_t random_mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
    return value ^ value >> 31;
}

uint64_t random_next(void)
{
    position += 0x9e3779b97f4a7c15ULL;
    return random_mix(position);
}

uint32_t random_below(uint32_t end)
{
    return (uint32_t)((random_next() >> 32) * end >> 32);
}

bool random_once_in(uint32_t count)
{
    return random_below(count) == 0;
}

void random_fill(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)random_next();
    }
}
