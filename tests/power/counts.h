/* What was done and seen: the table that the proof ends with. */
#ifndef LWSEC_TESTS_POWER_COUNTS_H
#define LWSEC_TESTS_POWER_COUNTS_H

#include "tests/power/medium.h"

typedef struct counts {
    unsigned pairs;
    unsigned begun;     /* exchanges */
    unsigned completed; /* their response was delivered */
    unsigned killed;    /* restarts after a kill; the files stay as they are */
    unsigned power;     /* restarts after a power cut; the files are what was durable, and worse */
    unsigned closed;    /* restarts in order */
    unsigned cuts[STEPS];
    medium_damage damage;
    unsigned lost, doubled, replayed, forged, strayed; /* datagrams */
    unsigned seals, nonces;
    unsigned requests, responses; /* delivered */
    unsigned challenges;
    unsigned replays, rejects, need_rekeys, limits; /* refusals */
    unsigned recoveries;
    unsigned most_tries; /* requests that the slowest recovery took */
    unsigned deletions, floods, losses;
    unsigned rekeys, agreed; /* Appendix B.2: begun, and contexts that came of it */
} counts;

extern counts counted;

void counts_print(void);

/* Fails if something that a long run is made of has never happened: then it proves nothing. */
void counts_check(void);

#endif
