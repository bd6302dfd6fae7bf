/* Keys in this process's memory, with the primitives of libsodium. */
#ifndef LWSEC_MEMORY_SODIUM_H
#define LWSEC_MEMORY_SODIUM_H

#include <lwsec/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of memory that a store for `slots` keys takes, aligned as for uint64_t. */
#define LWSEC_MEMORY_SODIUM_SIZE(slots) (128U + (size_t)(slots)*320U)
LWSEC_API size_t lwsec_memory_sodium_size(uint32_t slots);

/*
 * Opens a store for at most `slots` keys in the caller's `memory` of `size` bytes, which it
 * occupies until it is closed. libsodium itself allocates nothing.
 *
 * Algorithms: ChaCha20-Poly1305, AES-256-GCM where the processor has AES, HMAC-SHA-256 and -512,
 * HKDF over these two. What libsodium lacks answers LWSEC_UNSUPPORTED.
 *
 * LWSEC_BUFFER: `size` is less than lwsec_memory_sodium_size(slots). LWSEC_USAGE: `slots` is 0 or
 * the memory is not aligned. LWSEC_ENGINE: libsodium cannot start or has no random source.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_memory_sodium_open(void *memory, size_t size,
                                                                 uint32_t slots,
                                                                 lwsec_store **store);

/* Destroys all keys, wipes the memory and zeroes the pointer. Nothing may use the store meanwhile.
 */
LWSEC_API void lwsec_memory_sodium_close(lwsec_store **store);

#ifdef __cplusplus
}
#endif
#endif
