/* Two peers of SMS with the same keys, and what goes right and wrong between them. */
#ifndef LWSEC_TESTS_POWER_SMS_PAIR_H
#define LWSEC_TESTS_POWER_SMS_PAIR_H

#include "tests/power/host.h"
#include "tests/power/network.h"

typedef struct sms_pair {
    host peers[2];
    datagram last[2]; /* what each has sent last; a size of 0: nothing in this life or another */
    bool halves;      /* each sends counters of one half */
} sms_pair;

/* A pair with new keys, below the folder `where`, and both peers started. */
void sms_pair_begin(sms_pair *both, const char *where);
void sms_pair_end(sms_pair *both);

/* One random event. */
void sms_traffic_step(sms_pair *both);

/* No cuts from now on: a new packet must be taken, in both directions. */
void sms_prove(sms_pair *both);

/* The state of one of them is lost: it neither sends nor receives. The pair ends after this. */
void sms_lose_state(sms_pair *both);

#endif
