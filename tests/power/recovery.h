/* After each restart requests go through again, in both directions. */
#ifndef LWSEC_TESTS_POWER_RECOVERY_H
#define LWSEC_TESTS_POWER_RECOVERY_H

#include "tests/power/pair.h"

/* No cuts from now on. Every side must get a request through within a few tries. */
void recovery_prove(pair *both);

#endif
