/* Objects and their versions. */
#ifndef LWSEC_ACCOUNT_RESOURCES_H
#define LWSEC_ACCOUNT_RESOURCES_H

#include <lwsec/account.h>
#include <lwsec/oscore_object.h>

/* The newest version of an object; 0 for one that makes no accounts. */
uint16_t lwsec_object_newest(uint16_t object);
bool lwsec_object_has_version(uint16_t object, uint16_t version);

#endif
