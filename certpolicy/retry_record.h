/* The bytes of a retry engine's record. */
#ifndef LWSEC_CERTPOLICY_RETRY_RECORD_H
#define LWSEC_CERTPOLICY_RETRY_RECORD_H

#include "certpolicy/retry.h"

/*
 * format 1 (1), flags (1), trust (1), wall clock (8); of bootstrapping: phase, flags, alert, same
 * (1 each), attempt, sequence (4 each), milliseconds that are left to wait (8), milliseconds since
 * the last attempt began (8), whether there was one (1); number of Servers (1); for each its Short
 * Server ID (2), and as of bootstrapping; SipHash of all before it (8). Numbers are big-endian.
 */

#define LWSEC_RETRY_RECORD_FORMAT 1U
#define LWSEC_RETRY_RECORD_CHECK 8U
#define LWSEC_RETRY_RECORD_PEER 29U
#define LWSEC_RETRY_RECORD_MAX                                                                     \
    (11U + LWSEC_RETRY_RECORD_PEER + 1U +                                                          \
     LWSEC_RETRY_SERVERS_MAX * (2U + LWSEC_RETRY_RECORD_PEER) + LWSEC_RETRY_RECORD_CHECK)

/* The flags of a record. */
#define LWSEC_RETRY_RECORD_STARTED 0x01U
#define LWSEC_RETRY_RECORD_WANTED 0x02U

/* What stands at the end of a record, over all before it. */
uint64_t lwsec_retry_record_check(lwsec_bytes body);

#endif
