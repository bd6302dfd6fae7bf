/* Reading and raising the counter of a sealed file. */
#include "crypto/sealed_file/counter.h"

#include "core/reader.h"
#include "core/reason.h"

/* Whether the call has to be made again. */
static bool again(lwsec_state *state, lwsec_status *status)
{
    if (*status != LWSEC_PENDING) {
        return false;
    }
    do {
        *status = lwsec_state_poll(state);
    } while (*status == LWSEC_PENDING);
    return *status == LWSEC_OK;
}

lwsec_status lwsec_sealed_counter_advance(lwsec_state *state, const lwsec_record *record,
                                          uint64_t version, lwsec_reason *reason)
{
    lwsec_status status = LWSEC_OK;

    if (state == NULL) {
        return LWSEC_OK;
    }
    do {
        status = lwsec_state_advance(state, record, version, reason);
    } while (again(state, &status));
    return status == LWSEC_CONFLICT ? lwsec_refuse(LWSEC_STATE, LWSEC_WHY_KEY_OLD, 0, reason)
                                    : status;
}

/* LWSEC_ABSENT: the state has no such counter. */
static lwsec_status load(lwsec_state *state, const lwsec_record *record, uint64_t *counted,
                         lwsec_reason *reason)
{
    uint8_t room[8];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    lwsec_status status;

    do {
        status = lwsec_state_load(state, record, &value, &version, reason);
    } while (again(state, &status));
    if (status == LWSEC_BUFFER || (status == LWSEC_OK && value.size != sizeof room)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    lwsec_reader reader = lwsec_reader_of(lwsec_buffer_bytes(&value));
    *counted = lwsec_reader_uint(&reader, 8);
    return status;
}

lwsec_status lwsec_sealed_counter_check(lwsec_state *state, const lwsec_record *record,
                                        uint64_t version, bool adopt, lwsec_reason *reason)
{
    uint64_t counted = 0;

    if (state == NULL) {
        return LWSEC_OK;
    }
    const lwsec_status status = load(state, record, &counted, reason);
    if (status == LWSEC_OK && counted == version) {
        return LWSEC_OK;
    }
    if ((status == LWSEC_OK && counted < version) || (status == LWSEC_ABSENT && adopt)) {
        return lwsec_sealed_counter_advance(state, record, version, reason);
    }
    return status == LWSEC_OK || status == LWSEC_ABSENT
               ? lwsec_refuse(LWSEC_STATE, LWSEC_WHY_KEY_OLD, 0, reason)
               : status;
}
