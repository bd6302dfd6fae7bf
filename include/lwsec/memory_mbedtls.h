/* Keys in this process's memory, with the primitives of mbedTLS. */
#ifndef LWSEC_MEMORY_MBEDTLS_H
#define LWSEC_MEMORY_MBEDTLS_H

#include <lwsec/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of memory that a store for `slots` keys takes, aligned as for uint64_t. */
#define LWSEC_MEMORY_MBEDTLS_SIZE(slots) (128U + (size_t)(slots)*384U)
LWSEC_API size_t lwsec_memory_mbedtls_size(uint32_t slots);

/*
 * Opens a store for at most `slots` keys in the caller's `memory` of `size` bytes, which it
 * occupies until it is closed. mbedTLS itself allocates when a key is created, and not when one
 * seals, opens, encrypts or makes a MAC. It does for HKDF and P-256, and where several threads use
 * one key at the same moment. Threads may share a store where mbedTLS was built with
 * MBEDTLS_THREADING_C.
 *
 * Algorithms: every one of <lwsec/algorithm.h>.
 *
 * LWSEC_BUFFER: `size` is less than lwsec_memory_mbedtls_size(slots). LWSEC_USAGE: `slots` is 0 or
 * the memory is not aligned. LWSEC_ENGINE: mbedTLS cannot start or has no random source.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_memory_mbedtls_open(void *memory, size_t size,
                                                                  uint32_t slots,
                                                                  lwsec_store **store);

/* Destroys all keys, wipes the memory and zeroes the pointer. Nothing may use the store meanwhile.
 */
LWSEC_API void lwsec_memory_mbedtls_close(lwsec_store **store);

#ifdef __cplusplus
}
#endif
#endif
