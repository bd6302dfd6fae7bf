/* The bytes of a record file. */
#ifndef LWSEC_STATE_RECORD_FILE_H
#define LWSEC_STATE_RECORD_FILE_H

#include <lwsec/state.h>

/*
 * magic "LWSR" (4), format 1 (1), kind (4), identity (16), version (8), length of the value (2),
 * the value, CRC-32 of all that stands before it (4). Numbers are big-endian.
 */
typedef struct lwsec_record_file {
    lwsec_record record;
    uint64_t version; /* 1 and up */
    lwsec_bytes
        value; /* at most LWSEC_RECORD_MAX, in the file that was parsed; empty: data not NULL */
} lwsec_record_file;

#define LWSEC_RECORD_FILE_SIZE(value_size) (39U + (size_t)(value_size))
#define LWSEC_RECORD_FILE_MAX LWSEC_RECORD_FILE_SIZE(LWSEC_RECORD_MAX)

/*
 * LWSEC_STATE with STATE_FOREIGN: not a record of ours, or of a format that this library does not
 * know. STATE_TORN: one of ours that is cut short, goes on after its end, or fails its checksum.
 */
LWSEC_MUST_CHECK lwsec_status lwsec_record_file_parse(lwsec_bytes file, lwsec_record_file *parsed,
                                                      lwsec_reason *reason);

/* The bytes written, 0 if they do not fit. `out` may not overlap the value. */
size_t lwsec_record_file_write(const lwsec_record_file *file, uint8_t *out, size_t capacity);

#endif
