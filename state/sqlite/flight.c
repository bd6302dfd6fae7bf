/* The calls in flight. */
#include "state/sqlite/flight.h"

#include "state/value.h"

#include <string.h>

static uint8_t *room_of(const lwsec_flight *flight, const lwsec_call *call)
{
    return flight->values + (size_t)(call - flight->calls) * LWSEC_RECORD_MAX;
}

lwsec_bytes lwsec_flight_value(const lwsec_flight *flight, const lwsec_call *call)
{
    return lwsec_bytes_of(room_of(flight, call), call->size);
}

static bool is_for(const lwsec_call *call, const lwsec_record *record)
{
    return call->operation != LWSEC_CHANGE_NONE && lwsec_record_same(&call->record, record);
}

/* Another value is another call; what is taken is no part of the call. */
static bool is_same(const lwsec_flight *flight, const lwsec_call *call, const lwsec_change *change)
{
    return call->operation == change->operation && call->number == change->number &&
           call->window == change->window && is_for(call, &change->record) &&
           (call->operation != LWSEC_CHANGE_STORE ||
            lwsec_equal_secret(lwsec_flight_value(flight, call), change->value));
}

lwsec_call *lwsec_flight_find(lwsec_flight *flight, const lwsec_change *change)
{
    uint32_t left = flight->used;

    for (uint32_t i = 0; left > 0; i++) {
        lwsec_call *call = &flight->calls[i];
        left -= call->operation != LWSEC_CHANGE_NONE;
        if (is_same(flight, call, change)) {
            return call;
        }
    }
    return NULL;
}

bool lwsec_flight_waits(const lwsec_flight *flight, const lwsec_record *record)
{
    uint32_t left = flight->waiting;

    for (uint32_t i = 0; left > 0; i++) {
        const lwsec_call *call = &flight->calls[i];
        if (call->operation != LWSEC_CHANGE_NONE && call->answer == LWSEC_PENDING) {
            left--;
            if (is_for(call, record)) {
                return true;
            }
        }
    }
    return false;
}

bool lwsec_flight_has_place(lwsec_flight *flight)
{
    lwsec_call *oldest = NULL;

    if (flight->used < flight->places) {
        return true;
    }
    for (uint32_t i = 0; i < flight->places; i++) {
        lwsec_call *call = &flight->calls[i];
        if (call->answer != LWSEC_PENDING && (oldest == NULL || call->landed < oldest->landed)) {
            oldest = call;
        }
    }
    if (oldest == NULL) {
        return false;
    }
    if (oldest->landed == flight->landings) {
        flight->landings++;
        return false;
    }
    lwsec_flight_release(flight, oldest);
    return true;
}

void lwsec_flight_note(lwsec_flight *flight, const lwsec_change *change, lwsec_bytes value)
{
    lwsec_call *call = flight->calls;

    while (call->operation != LWSEC_CHANGE_NONE) {
        call++;
    }
    call->operation = change->operation;
    call->record = change->record;
    call->number = change->number;
    call->window = change->window;
    call->answer = LWSEC_PENDING;
    call->why = LWSEC_WHY_NONE;
    call->size = (uint32_t)value.size;
    if (value.size > 0) {
        memcpy(room_of(flight, call), value.data, value.size);
    }
    flight->used++;
    flight->waiting++;
}

void lwsec_flight_release(lwsec_flight *flight, lwsec_call *call)
{
    lwsec_wipe(room_of(flight, call), call->size);
    flight->waiting -= call->answer == LWSEC_PENDING;
    flight->used--;
    lwsec_wipe(call, sizeof *call);
}

void lwsec_flight_forget(lwsec_flight *flight, const lwsec_record *record)
{
    for (uint32_t i = 0; i < flight->places; i++) {
        if (is_for(&flight->calls[i], record)) {
            lwsec_flight_release(flight, &flight->calls[i]);
        }
    }
}

void lwsec_flight_land(lwsec_flight *flight, lwsec_status answer, lwsec_why why)
{
    flight->landings++;
    for (uint32_t i = 0; flight->waiting > 0; i++) {
        lwsec_call *call = &flight->calls[i];
        if (call->operation != LWSEC_CHANGE_NONE && call->answer == LWSEC_PENDING) {
            call->answer = answer;
            call->why = why;
            call->landed = flight->landings;
            flight->waiting--;
        }
    }
}
