/* Very many AEAD keys in little memory, with the primitives of OpenSSL: for servers. */
#ifndef LWSEC_COMPACT_OPENSSL_H
#define LWSEC_COMPACT_OPENSSL_H

#include <lwsec/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A store that keeps the raw bytes of each key, and what a cipher makes of them (several hundred
 * bytes) for few keys only: those that are used again and again. A million peers that speak in any
 * order are faster like this, as a key is expanded sooner than its expansion comes from memory.
 *
 * Keys: those of the AEADs of <lwsec/algorithm.h>, up to the size that the store was opened for;
 * LWSEC_UNSUPPORTED for all others. It is meant as the target of derived keys
 * (`lwsec_oscore_config.store`); the secrets that they come from live in another store.
 */

/* How many expanded keys are kept where the caller says nothing. */
#define LWSEC_COMPACT_CACHED_DEFAULT 4096U

/*
 * Bytes of memory for `slots` keys of at most `key_size` bytes (16 to 32) and `cached` expanded
 * ones, aligned as for uint64_t. What OpenSSL allocates for the expanded ones comes on top: less
 * than 2 kB each.
 */
#define LWSEC_COMPACT_OPENSSL_SIZE(slots, key_size, cached)                                        \
    (4096U + ((size_t)(cached) + 3U) / 4U * 64U + (size_t)(slots) * ((size_t)(key_size) + 17U))
LWSEC_API size_t lwsec_compact_openssl_size(uint32_t slots, size_t key_size, uint32_t cached);

/*
 * Opens a store in the caller's `memory` of `size` bytes, which it occupies until it is closed.
 * `cached` 0: the default. OpenSSL allocates here and when a key is imported or generated, and not
 * when one seals or opens, unless more than eight threads do so at the same moment.
 *
 * A key comes among the expanded ones when it is used twice while no other key of the same few is
 * missed: so those that are used once do not drive out those that are used often. Threads take no
 * lock that another one waits for.
 *
 * LWSEC_BUFFER: `size` is less than lwsec_compact_openssl_size says; it says SIZE_MAX for more than
 * 2^30 slots. LWSEC_USAGE: `slots` is 0, `key_size` is out of range, or the memory is not aligned.
 * LWSEC_ENGINE: OpenSSL cannot start or has no random source.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_compact_openssl_open(void *memory, size_t size,
                                                                   uint32_t slots, size_t key_size,
                                                                   uint32_t cached,
                                                                   lwsec_store **store);

/* Destroys all keys, wipes the memory and zeroes the pointer. Nothing may use the store meanwhile.
 */
LWSEC_API void lwsec_compact_openssl_close(lwsec_store **store);

#ifdef __cplusplus
}
#endif
#endif
