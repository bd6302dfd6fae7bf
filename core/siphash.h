/* SipHash-2-4: a short keyed hash for tables that an attacker fills (Aumasson, Bernstein 2012). */
#ifndef LWSEC_CORE_SIPHASH_H
#define LWSEC_CORE_SIPHASH_H

#include <lwsec/bytes.h>

typedef struct lwsec_siphash_key {
    uint64_t half[2]; /* the 16 bytes of the key as two little-endian numbers */
} lwsec_siphash_key;

/* Exported for the key stores in their own libraries, not for applications. */
LWSEC_API uint64_t lwsec_siphash(const lwsec_siphash_key *key, lwsec_bytes message);

#endif
