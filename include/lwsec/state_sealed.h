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
 * Opens a wrapper over `inner` in the caller's memory. Values are sealed under `key` (an AEAD key
 * with LWSEC_USE_SEAL and LWSEC_USE_OPEN, nonce of 12 bytes or more) with a random nonce, bound to
 * the record's kind, identity and version: a sealed value put under another name or another version
 * does not open (LWSEC_STATE, STATE_SEALING), and stays where it is. What is stored holds 12 or 13
 * bytes of nonce, 1 of format, 8 of version and the tag more than the value; the longest value is
 * so much shorter than LWSEC_RECORD_MAX.
 *
 * Counters (`advance`) and windows (`window_accept`) are not secret and go to `inner` as they are;
 * so do all calls for records of the kinds LWSEC_RECORD_SMS and LWSEC_RECORD_WINDOW.
 *
 * Whoever can write the medium can still put back a whole older record, version and all: rollback,
 * of one record or of the whole store, is noticed only where `inner` notices it.
 *
 * Over a state that answers LWSEC_PENDING, store_if and take of sealed records poll it themselves
 * until it has answered: they are not gathered in batches. All other calls answer LWSEC_PENDING.
 *
 * LWSEC_STATE also tells that the key failed: with the reason KEY_GONE, KEY_LIMIT or KEY_STORE.
 * Keys of stores that answer LWSEC_PENDING are too slow for sealing (KEY_STORE).
 *
 * Destroying `key` makes everything that was sealed unreadable. LWSEC_USAGE: not such a key, or
 * memory that is not aligned. LWSEC_BUFFER: `size` is too small. LWSEC_FORKED: `inner` was opened
 * by another process.
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
