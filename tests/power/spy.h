/* Stands between the library and its store: each seal is noted before it is done. */
#ifndef LWSEC_TESTS_POWER_SPY_H
#define LWSEC_TESTS_POWER_SPY_H

#include <lwsec/store.h>

void spy_on(lwsec_store *store);

#endif
