/* The one bounds-checked reader that every parser uses. */
#ifndef LWSEC_CORE_READER_H
#define LWSEC_CORE_READER_H

#include <lwsec/bytes.h>

#include <stdbool.h>

/*
 * A place in an input. The first error sticks: every later read gives zeros, and `finish` reports
 * it. A parser writes its outputs only after `finish` answered LWSEC_OK.
 */
typedef struct lwsec_reader {
    const uint8_t *data;
    size_t size;     /* of the whole input */
    size_t position; /* next byte; at most size */
    lwsec_why why;   /* the first error, or NONE */
} lwsec_reader;

static inline lwsec_reader lwsec_reader_of(lwsec_bytes input)
{
    lwsec_reader reader = {input.data, input.size, 0, LWSEC_WHY_NONE};
    return reader;
}

static inline size_t lwsec_reader_left(const lwsec_reader *reader)
{
    return reader->size - reader->position;
}

static inline bool lwsec_reader_failed(const lwsec_reader *reader)
{
    return reader->why != LWSEC_WHY_NONE;
}

/* Marks the input as bad at the present position. The first mark stays. */
static inline void lwsec_reader_fail(lwsec_reader *reader, lwsec_why why)
{
    if (!lwsec_reader_failed(reader)) {
        reader->why = why;
    }
}

/* The next `size` bytes; {NULL, 0} after an error. Every read goes through here: the one place with
 * bounds arithmetic. */
static inline lwsec_bytes lwsec_reader_take(lwsec_reader *reader, size_t size)
{
    lwsec_bytes bytes = {NULL, 0};

    if (lwsec_reader_failed(reader)) {
        return bytes;
    }
    if (size > reader->size - reader->position) {
        reader->why = LWSEC_WHY_TRUNCATED;
        return bytes;
    }
    if (size > 0) {
        bytes.data = &reader->data[reader->position];
        bytes.size = size;
    }
    reader->position += size;
    return bytes;
}

static inline uint8_t lwsec_reader_u8(lwsec_reader *reader)
{
    lwsec_bytes bytes = lwsec_reader_take(reader, 1);
    return bytes.size == 1 ? bytes.data[0] : (uint8_t)0;
}

/* A big-endian number of `size` bytes, 0 to 8. */
static inline uint64_t lwsec_reader_uint(lwsec_reader *reader, size_t size)
{
    lwsec_bytes bytes = lwsec_reader_take(reader, size);
    uint64_t number = 0;

    for (size_t i = 0; i < bytes.size; i++) {
        number = number << 8 | bytes.data[i];
    }
    return number;
}

/* The next byte without going past it; 0 at the end and after an error. */
static inline uint8_t lwsec_reader_peek(const lwsec_reader *reader)
{
    if (lwsec_reader_failed(reader) || lwsec_reader_left(reader) == 0) {
        return 0;
    }
    return reader->data[reader->position];
}

/* All that is left. */
static inline lwsec_bytes lwsec_reader_rest(lwsec_reader *reader)
{
    return lwsec_reader_take(reader, lwsec_reader_left(reader));
}

/* What was read since the position was `begin`; {NULL, 0} after an error. */
static inline lwsec_bytes lwsec_reader_since(const lwsec_reader *reader, size_t begin)
{
    lwsec_bytes bytes = {NULL, 0};

    if (!lwsec_reader_failed(reader) && begin < reader->position) {
        bytes.data = &reader->data[begin];
        bytes.size = reader->position - begin;
    }
    return bytes;
}

/* Of a file: false when what is there contradicts its magic and the format behind it. A start that
 * is cut short does not. */
static inline bool lwsec_reader_starts(lwsec_reader *reader, lwsec_bytes magic, uint8_t format)
{
    for (size_t i = 0; i < magic.size; i++) {
        if (lwsec_reader_u8(reader) != magic.data[i]) {
            return lwsec_reader_failed(reader);
        }
    }
    return lwsec_reader_u8(reader) == format || lwsec_reader_failed(reader);
}

/* A reader over the next `size` bytes, which the parent passes. It cannot outgrow its parent. */
lwsec_reader lwsec_reader_child(lwsec_reader *parent, size_t size);

/* LWSEC_OK when no read failed and nothing is left; otherwise LWSEC_REJECT, and the reason. */
LWSEC_MUST_CHECK lwsec_status lwsec_reader_finish(lwsec_reader *reader, lwsec_reason *reason);

/* Takes an error of a child, or bytes that it left, into its parent. */
void lwsec_reader_finish_child(lwsec_reader *parent, lwsec_reader *child);

#endif
