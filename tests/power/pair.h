/* Two peers that both send requests to each other. */
#ifndef LWSEC_TESTS_POWER_PAIR_H
#define LWSEC_TESTS_POWER_PAIR_H

#include "tests/power/host.h"
#include "tests/power/network.h"

/* Of the slots for requests of its own, the one that random traffic leaves alone. */
#define PAIR_SPARE_SLOT (ASKED_MAX - 1)

/* A request that waits for its response. */
typedef struct asking {
    bool used;
    bool observe;
    unsigned tries;
    unsigned notified;
    uint64_t id;
    uint8_t echo[ECHO_MAX]; /* to be brought back */
    size_t echo_size;
    datagram sent;
} asking;

/* A request that was delivered and can be answered. */
typedef struct holding {
    bool used;
    bool observe;
    unsigned answers;
    uint64_t id;
} holding;

typedef struct side {
    host peer;
    asking asked[ASKED_MAX];
    holding held[HELD_MAX];
    uint64_t next; /* one more than the highest number of a request that it was given */
    uint64_t sent; /* one more than the highest number of a request that it has sent */
    bool unproven; /* it was restarted since requests went through in both directions */
} side;

typedef struct pair {
    side sides[2];
    bool keyed;      /* they agree on contexts by Appendix B.2 */
    unsigned client; /* who begins it */
} pair;

/* A pair with a new secret, below the folder `where`, and both peers started. */
void pair_begin(pair *both, bool keyed, const char *where);
void pair_end(pair *both);

bool pair_is_dead(const pair *both, unsigned number);

/* All that goes with a restart: what the peer kept in memory is gone. Starts it where it is dead.
 */
void pair_revive(pair *both, unsigned number);

/* Ends the peer by a kill or a power cut, where it is not dead yet, and starts it again. */
void pair_restart(pair *both, unsigned number);

#endif
