/* The version of a sealed file in a state: an older copy is noticed. */
#ifndef LWSEC_CRYPTO_SEALED_FILE_COUNTER_H
#define LWSEC_CRYPTO_SEALED_FILE_COUNTER_H

#include <lwsec/state.h>

/* All calls: `state` may be NULL, then nothing is counted. They wait for a state that is slow. */

/* The file was found with this version: LWSEC_STATE with KEY_OLD where the state knows of a newer
 * one, or of none and `adopt` is false. A newer one than the state knows was written by somebody
 * who could not count it any more; now it is counted. */
LWSEC_MUST_CHECK lwsec_status lwsec_sealed_counter_check(lwsec_state *state,
                                                         const lwsec_record *record,
                                                         uint64_t version, bool adopt,
                                                         lwsec_reason *reason);

/* This version is there. */
LWSEC_MUST_CHECK lwsec_status lwsec_sealed_counter_advance(lwsec_state *state,
                                                           const lwsec_record *record,
                                                           uint64_t version, lwsec_reason *reason);

#endif
