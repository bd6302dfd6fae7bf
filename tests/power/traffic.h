/* What goes right and wrong between two peers, at random. */
#ifndef LWSEC_TESTS_POWER_TRAFFIC_H
#define LWSEC_TESTS_POWER_TRAFFIC_H

#include "tests/power/pair.h"

/* One random event. */
void traffic_step(pair *both);

/* A datagram that was sent before arrives again. */
void traffic_replay(pair *both);

#endif
