/* A slow key store, served by threads, so that an event loop need not wait. In liblwsec-worker. */
#ifndef LWSEC_WORKER_H
#define LWSEC_WORKER_H

#include <lwsec/key.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LWSEC_WORKER_THREADS_MAX 16U

/*
 * Bytes of memory that a store takes, aligned as for uint64_t: `slots` handles at once, `jobs`
 * operations pending at once, each with `room` bytes.
 */
#define LWSEC_WORKER_SIZE(slots, jobs, room)                                                       \
    (2048U + (size_t)(slots)*64U + (size_t)(jobs) * (256U + ((size_t)(room) + 7U) / 8U * 8U))
LWSEC_API size_t lwsec_worker_size(uint32_t slots, uint32_t jobs, size_t room);

typedef struct lwsec_worker_config {
    size_t size; /* sizeof(lwsec_worker_config) */

    /* The store that takes long. It stays open as long as this one, must have a slot for each
     * handle, and is called by several threads at once, as every store may be. */
    lwsec_store *inner;

    uint32_t threads; /* 1 to LWSEC_WORKER_THREADS_MAX: so many operations run at once */
    uint32_t jobs;    /* at least 1: so many are pending at once, those that run and those done
                         but not polled too */
    /* Bytes of all inputs of an operation and its output together, at least 256: of a seal, nonce,
     * additional data, and the text twice and its tag. */
    size_t room;

    /* Called when an operation is done, by the thread that did it, which holds no lock: to write to
     * an eventfd or a pipe that the loop waits for, and for nothing else. It must not call lwsec.
     * NULL: who polls asks for himself. */
    void (*ready)(void *context);
    void *context;
} lwsec_worker_config;

/*
 * Opens a store over `inner` in the caller's `memory`, and starts its threads, in which all signals
 * are blocked.
 *
 * Sealing, opening, MACs, ciphers, signatures and TLS master secrets of its keys answer
 * LWSEC_PENDING at once, and are done by a thread: lwsec_key_poll gives the answer. Inputs are
 * copied when the operation begins, and the output when it is polled: no thread ever touches
 * what is the caller's. So lwsec_key_cancel does not wait. What comes out of an operation that was
 * cancelled is wiped. The rule of <lwsec/key.h>, that arguments stay where they are, holds for the
 * output alone.
 *
 * LWSEC_LIMIT: `jobs` operations are pending, or one of this key. LWSEC_BUFFER: it needs more than
 * `room`.
 *
 * All else is done in the caller's thread and takes as long as it takes: what makes a key or tells
 * of one (import, generate, find, release, destroy, extract, derive, agree, the public key), random
 * bytes, verification. Those belong to the preparation. Releasing and destroying also wait for what
 * a thread is in the middle of with this key.
 *
 * Keys have the tier that they have in `inner`, and the same names. Both stores count the uses of a
 * key, each for itself: use a key through one of them.
 *
 * LWSEC_USAGE: a field of the configuration, memory that is not aligned. LWSEC_BUFFER: `size` is
 * too small. LWSEC_FORKED: `inner` belongs to another process. LWSEC_ENGINE: a thread cannot be
 * started.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_worker_open(void *memory, size_t size, uint32_t slots,
                                                          const lwsec_worker_config *config,
                                                          lwsec_store **store);

/*
 * A key whose operation is done and was not polled, in the order in which they were begun; tells of
 * each once. For a loop that was woken by `ready`. LWSEC_ABSENT: there is none (any more).
 * LWSEC_FORKED.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_worker_next_ready(lwsec_store *store, lwsec_key *key);

/*
 * Waits for what the threads are in the middle of, ends them, lets go of all handles, wipes the
 * memory and zeroes the pointer. What was pending has no answer. `inner` stays open. Nothing may
 * use the store meanwhile, and `ready` must not call it. In a forked child there are no threads to
 * wait for.
 */
LWSEC_API void lwsec_worker_close(lwsec_store **store);

#ifdef __cplusplus
}
#endif
#endif
