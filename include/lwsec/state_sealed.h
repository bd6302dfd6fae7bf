/* A wrapper that encrypts every record before it reaches another state. */
#ifndef LWSEC_STATE_SEALED_H
#define LWSEC_STATE_SEALED_H

#include <lwsec/key.h>
#include <lwsec/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of memory that a wrapper takes, aligned as for uint64_t. */
#define LWSEC_STATE_SEALED_SIZE 4352U
LWSEC_API size_t lwsec_state_sealed_size(void);

/*
 * Opens a wrapper over `inner` in the caller's memory. Values of every kind are sealed under `key`
 * (an AEAD key with LWSEC_USE_SEAL and LWSEC_USE_OPEN, nonce of 12 bytes or more) with a random nonce, bound to the record's kind and
 * identity and to its version: a sealed value put under another name, or back after a newer one was
 * written, does not open (LWSEC_STATE, STATE_SEALING). What is stored holds 12 or 13 bytes of nonce, 1
 * of format, 8 of version and the tag more than the value.
 *
 * Counters (`advance`) and windows (`window_accept`) are not secret and go to `inner` as they are.
 * Rollback of the whole store is noticed only where `inner` notices it.
 *
 * Destroying `key` makes everything that was sealed unreadable. LWSEC_USAGE: not such a key.
 * LWSEC_BUFFER: `size` is too small.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_state_sealed_open(void *memory, size_t size,
                                                                lwsec_state *inner, lwsec_key key,
                                                                lwsec_state **state);

/* Wipes the wrapper and zeroes the pointer. `inner` and the key stay open. */
LWSEC_API void lwsec_state_sealed_close(lwsec_state **state);

#ifdef __cplusplus
}
#endif
#endif
