/* The one bounds-checked writer that every encoder uses. */
#ifndef LWSEC_CORE_WRITER_H
#define LWSEC_CORE_WRITER_H

#include <lwsec/bytes.h>

#include <stdbool.h>
#include <string.h>

/* A place in an output. What does not fit is not written, and the writer stays full from then on.
 */
typedef struct lwsec_writer {
    uint8_t *data;
    size_t capacity;
    size_t size; /* bytes written */
    bool full;
} lwsec_writer;

static inline lwsec_writer lwsec_writer_of(uint8_t *data, size_t capacity)
{
    lwsec_writer writer = {data, capacity, 0, false};
    return writer;
}

/* Room for `size` bytes, more than none, which count as written; NULL if they do not fit. The one
 * place with bounds arithmetic. */
static inline uint8_t *lwsec_writer_room(lwsec_writer *writer, size_t size)
{
    if (writer->full || size > writer->capacity - writer->size) {
        writer->full = true;
        return NULL;
    }
    uint8_t *room = &writer->data[writer->size];
    writer->size += size;
    return room;
}

static inline void lwsec_writer_u8(lwsec_writer *writer, uint8_t byte)
{
    uint8_t *room = lwsec_writer_room(writer, 1);
    if (room != NULL) {
        room[0] = byte;
    }
}

/* The bytes may lie in the output further on, as when options are merged in place. */
static inline void lwsec_writer_bytes(lwsec_writer *writer, lwsec_bytes bytes)
{
    if (bytes.size > 0) {
        uint8_t *room = lwsec_writer_room(writer, bytes.size);
        if (room != NULL) {
            memmove(room, bytes.data, bytes.size);
        }
    }
}

/* The low `size` bytes of a number, big-endian; size 1 to 8. */
static inline void lwsec_writer_uint(lwsec_writer *writer, uint64_t number, size_t size)
{
    uint8_t *room = lwsec_writer_room(writer, size);
    if (room != NULL) {
        for (size_t i = 0; i < size; i++) {
            room[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
        }
    }
}

#endif
