/* Byte strings in and out, and the two operations that secrets need. */
#ifndef LWSEC_BYTES_H
#define LWSEC_BYTES_H

#include <lwsec/status.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Bytes that somebody else owns and that the call reads only.
 *
 * `data` may be NULL when `size` is 0. Where a field can be absent as well as empty, NULL data
 * means absent and non-NULL data with size 0 means present and empty.
 */
typedef struct lwsec_bytes {
    const uint8_t *data;
    size_t size;
} lwsec_bytes;

/*
 * Room that the caller owns and the call fills.
 *
 * The call writes `data[0 .. size)` and sets `size` on LWSEC_OK, and sets `size` to 0 on any other
 * answer. Bytes beyond `size` may have been used as scratch and hold no secret afterwards.
 */
typedef struct lwsec_buffer {
    uint8_t *data;
    size_t capacity;
    size_t size;
} lwsec_buffer;

/* Bytes from a pointer and a length. */
static inline lwsec_bytes lwsec_bytes_of(const void *data, size_t size)
{
    lwsec_bytes bytes = {(const uint8_t *)data, size};
    return bytes;
}

/* An empty buffer over the caller's memory. */
static inline lwsec_buffer lwsec_buffer_of(void *data, size_t capacity)
{
    lwsec_buffer buffer = {(uint8_t *)data, capacity, 0};
    return buffer;
}

/* What a buffer holds, as bytes. */
static inline lwsec_bytes lwsec_buffer_bytes(const lwsec_buffer *buffer)
{
    lwsec_bytes bytes = {buffer->data, buffer->size};
    return bytes;
}

/* Overwrites `size` bytes with zeros in a way that no compiler removes. */
LWSEC_API void lwsec_wipe(void *memory, size_t size);

/*
 * Whether two secrets are equal, in a time that depends on their size alone.
 * Sizes are not secret: different sizes answer false at once.
 */
LWSEC_API bool lwsec_equal_secret(lwsec_bytes one, lwsec_bytes other);

#ifdef __cplusplus
}
#endif
#endif
