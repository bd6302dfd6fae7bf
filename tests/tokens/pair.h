/* A key pair that somebody has put into the token of the environment, with its public half. */
#ifndef LWSEC_TESTS_TOKENS_PAIR_H
#define LWSEC_TESTS_TOKENS_PAIR_H

#include <lwsec/key.h>

/* The key of `name` in a store on that token: put there first if it is not there yet. Fails the
 * test otherwise. The point has 65 bytes. */
lwsec_key token_pair(lwsec_store *store, const char *name, lwsec_bytes scalar, lwsec_bytes point);

#endif
