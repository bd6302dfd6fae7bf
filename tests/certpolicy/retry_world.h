/* A device for the retry engine to live in: true time, clocks that lie, resets, damaged records. */
#ifndef LWSEC_TESTS_CERTPOLICY_RETRY_WORLD_H
#define LWSEC_TESTS_CERTPOLICY_RETRY_WORLD_H

#include <lwsec/retry.h>
#include <lwsec/state_memory.h>

#define WORLD_SERVERS 4U
#define WORLD_RECORD 1024U

typedef struct world {
    uint64_t random; /* state of the generator */
    lwsec_retry_server servers[WORLD_SERVERS];
    lwsec_retry_bootstrap_server bootstrap;
    lwsec_retry_config config;
    uint64_t now;  /* true time, milliseconds */
    uint64_t base; /* the monotonic clock is so much behind it */
    uint64_t lie;  /* seconds that a clock which is not trusted is ahead */
    lwsec_retry_trust trust;
    lwsec_retry *retry;
    lwsec_state *state;
    uint64_t memory[LWSEC_RETRY_SIZE(WORLD_SERVERS) / 8];
    uint64_t state_memory[LWSEC_STATE_MEMORY_SIZE(2, WORLD_RECORD) / 8];
} world;

/* A number below `bound`. */
uint32_t world_random(world *device, uint32_t bound);

/* A device with accounts that the seed chooses, and a fresh engine. */
void world_open(world *device, uint64_t seed);
void world_close(world *device);

lwsec_retry_time world_time(const world *device);

/* Switches the device off and on; `damage` changes one byte of the record in between. */
void world_reset(world *device, uint64_t off, bool damage);

#endif
