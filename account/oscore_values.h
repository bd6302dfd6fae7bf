/* Object 21 out of accounts. */
#ifndef LWSEC_ACCOUNT_OSCORE_VALUES_H
#define LWSEC_ACCOUNT_OSCORE_VALUES_H

#include "account/image.h"

#include <lwsec/oscore_object.h>

/* Fills an object with the values of an instance; a secret that is a key by now is none. `flags`:
 * LWSEC_OSCORE_OBJECT_WEAK_SECRET or 0. Gives a bit for each resource whose value does not fit. */
uint32_t lwsec_oscore_values(const lwsec_accounts *accounts, uint16_t instance, uint32_t flags,
                             lwsec_oscore_object *object);

#endif
