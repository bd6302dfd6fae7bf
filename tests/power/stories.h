/* What happens to whole accounts: deleted, provisioned again, flooded, lost. */
#ifndef LWSEC_TESTS_POWER_STORIES_H
#define LWSEC_TESTS_POWER_STORIES_H

#include "tests/power/pair.h"

/* Some of them, chosen by `number`, with a pair that works. It may be worn out afterwards. */
void stories_tell(pair *both, unsigned number);

#endif
