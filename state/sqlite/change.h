/* A change of one record, as a value, and what it does to the file. */
#ifndef LWSEC_STATE_SQLITE_CHANGE_H
#define LWSEC_STATE_SQLITE_CHANGE_H

#include "state/sqlite/database.h"

typedef enum lwsec_operation {
    LWSEC_CHANGE_NONE,
    LWSEC_CHANGE_STORE,
    LWSEC_CHANGE_TAKE,
    LWSEC_CHANGE_ADVANCE,
    LWSEC_CHANGE_WINDOW,
    LWSEC_CHANGE_ERASE
} lwsec_operation;

typedef struct lwsec_change {
    lwsec_operation operation;
    lwsec_record record;
    uint64_t number;   /* the version that is expected, the counter's next, the window's number */
    uint32_t window;   /* the size of a window */
    lwsec_bytes value; /* to store */
    size_t capacity;   /* of the buffer for a value to take */
} lwsec_change;

/* What a change that was done leaves to say. */
typedef struct lwsec_outcome {
    lwsec_bytes taken; /* in the `room` that was given */
    bool turned;       /* the record is a new one, or gone: what was said of the old one is past */
} lwsec_outcome;

/* Makes the change in the open transaction, or says why not and leaves the record as it is. `room`:
 * LWSEC_RECORD_MAX bytes. */
LWSEC_MUST_CHECK lwsec_status lwsec_change_make(lwsec_database *database,
                                                const lwsec_change *change, uint8_t *room,
                                                lwsec_outcome *outcome, lwsec_reason *reason);

#endif
