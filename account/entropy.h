/* How much a secret can be worth at the most. */
#ifndef LWSEC_ACCOUNT_ENTROPY_H
#define LWSEC_ACCOUNT_ENTROPY_H

#include <lwsec/bytes.h>

/* An upper bound for the bits of entropy of a secret, judged by its length, its alphabet, and
 * whether its bytes go up or down by one step. What is low is weak; what is high may be weak all
 * the same. */
size_t lwsec_entropy_bound(lwsec_bytes secret);

#endif
