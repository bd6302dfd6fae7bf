/* The calls in flight: made in the open transaction, or durable and not yet fetched. */
#ifndef LWSEC_STATE_SQLITE_FLIGHT_H
#define LWSEC_STATE_SQLITE_FLIGHT_H

#include "state/sqlite/change.h"

typedef struct lwsec_call {
    lwsec_record record;
    uint32_t window;
    uint64_t number;
    lwsec_operation operation; /* LWSEC_CHANGE_NONE: a free place */
    lwsec_status answer;       /* LWSEC_PENDING: waits for the commit */
    lwsec_why why;
    uint32_t size;   /* of its value, stored or taken */
    uint64_t landed; /* when it was answered */
} lwsec_call;

typedef struct lwsec_flight {
    lwsec_call *calls;
    uint8_t *values; /* LWSEC_RECORD_MAX bytes a place */
    uint32_t places;
    uint32_t used;
    uint32_t waiting;
    uint64_t landings; /* a clock: the times that answers came, or that there was no place */
} lwsec_flight;

/* The value of a call. */
lwsec_bytes lwsec_flight_value(const lwsec_flight *flight, const lwsec_call *call);

/* The same call as this one; NULL if it is not in flight. */
lwsec_call *lwsec_flight_find(lwsec_flight *flight, const lwsec_change *change);

/* Whether any call for this record waits for the commit. */
bool lwsec_flight_waits(const lwsec_flight *flight, const lwsec_record *record);

/* Whether there is a free place. Where none is, the oldest answer that nobody fetched gives its
 * place up, unless it came with the last landing. */
bool lwsec_flight_has_place(lwsec_flight *flight);

/* Notes a call that waits; there is a free place. `value`: what it stored or took. */
void lwsec_flight_note(lwsec_flight *flight, const lwsec_change *change, lwsec_bytes value);

/* Frees the place of a call. */
void lwsec_flight_release(lwsec_flight *flight, lwsec_call *call);

/* Frees the places of all calls for this record. */
void lwsec_flight_forget(lwsec_flight *flight, const lwsec_record *record);

/* Gives every call that waits its answer. */
void lwsec_flight_land(lwsec_flight *flight, lwsec_status answer, lwsec_why why);

#endif
