/* The life of a peer as seen from outside: started, told what to do, killed, started again. */
#ifndef LWSEC_TESTS_POWER_HOST_H
#define LWSEC_TESTS_POWER_HOST_H

#include "tests/power/peer.h"

#include <sys/types.h>

typedef struct host {
    unsigned number; /* 0 or 1 */
    setting how;
    box *own;
    pid_t pid; /* 0: it is dead */
    int socket;
    bool opened;      /* a life of it has come as far as to have a context */
    bool claims;      /* in the next life the key is said to be fresh, which is wrong */
    bool lost;        /* its state was lost: nobody may say that its key is fresh */
    uint64_t booted;  /* when its clock began */
    bool at_random;   /* the next call is cut at a random instant */
    unsigned so_long; /* calls until a step that it never comes to is given up */
} host;

/* A new peer with nothing at `path`. It has to be started. */
void host_begin(host *one, unsigned number, const setting *how, const char *path);

/* Starts it, again and again where it is cut while it opens. It must open. */
void host_start(host *one);

/* Chooses where the peer will be cut. It may be dead at once. */
void host_arm(host *one);
void host_disarm(host *one);

/* Tells it to do something. False: it died without an answer. It may have answered and be dead too.
 */
bool host_call(host *one, order *what, answer *said);

/* Ends it: by a kill, by a power cut, in order. */
void host_kill(host *one);
void host_cut_power(host *one);
void host_close(host *one);

/* A dead peer's files after what killed it: as they were, or after a power cut. */
void host_bury(host *one);

#endif
