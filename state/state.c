/* What every call on a state passes before it reaches a back end. */
#include <lwsec/state.h>

#include "core/epoch.h"
#include "core/reason.h"

#define WINDOW_MAX 1024U

lwsec_status lwsec_state_init(lwsec_state *state, const lwsec_state_ops *ops)
{
    if (state == NULL || ops == NULL || ops->abi != LWSEC_STATE_ABI || ops->size < sizeof *ops) {
        return LWSEC_USAGE;
    }
    if (ops->load == NULL || ops->store_if == NULL || ops->take == NULL || ops->advance == NULL ||
        ops->window_accept == NULL || ops->erase == NULL) {
        return LWSEC_USAGE;
    }
    state->ops = ops;
    state->epoch = lwsec_epoch();
    return LWSEC_OK;
}

/* A back end always has somewhere to write its reason. */
static lwsec_reason *reason_or(lwsec_reason *asked, lwsec_reason *unread)
{
    lwsec_reason *reason = asked != NULL ? asked : unread;

    (void)lwsec_accept(reason);
    return reason;
}

static bool is_secret(const lwsec_record *record)
{
    return (record->kind & (uint32_t)LWSEC_RECORD_SECRET) != 0;
}

static lwsec_status check(const lwsec_state *state, const lwsec_record *record,
                          lwsec_reason *reason)
{
    if (state == NULL || record == NULL) {
        return LWSEC_USAGE;
    }
    /* Before anything else is looked at: a lock of the parent may be held for ever in the child. */
    if (state->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    if (is_secret(record) && !state->ops->seals) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_SEALING, 0, reason);
    }
    return LWSEC_OK;
}

/* Counters and windows are kept as they are everywhere, so they cannot be of a secret kind. */
static lwsec_status check_counter(const lwsec_state *state, const lwsec_record *record,
                                  lwsec_reason *reason)
{
    const lwsec_status status = check(state, record, reason);

    if (status == LWSEC_OK && is_secret(record)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_STATE_SEALING, 0, reason);
    }
    return status;
}

static bool has_room(const lwsec_buffer *value)
{
    return value != NULL && (value->data != NULL || value->capacity == 0);
}

lwsec_status lwsec_state_load(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                              uint64_t *version, lwsec_reason *reason)
{
    lwsec_reason unread;
    lwsec_reason *why = reason_or(reason, &unread);
    uint64_t found = 0;

    if (!has_room(value) || version == NULL) {
        return LWSEC_USAGE;
    }
    value->size = 0;
    lwsec_status status = check(state, record, why);
    if (status != LWSEC_OK) {
        return status;
    }
    status = state->ops->load(state, record, value, &found, why);
    if (status == LWSEC_OK) {
        *version = found;
        return LWSEC_OK;
    }
    value->size = 0;
    if (status == LWSEC_ABSENT) {
        *version = 0;
    }
    return status;
}

lwsec_status lwsec_state_store_if(lwsec_state *state, const lwsec_record *record, lwsec_bytes value,
                                  uint64_t *version, lwsec_reason *reason)
{
    lwsec_reason unread;
    lwsec_reason *why = reason_or(reason, &unread);
    const lwsec_status status = check(state, record, why);

    if (status != LWSEC_OK) {
        return status;
    }
    if (version == NULL || (value.data == NULL && value.size > 0)) {
        return LWSEC_USAGE;
    }
    if (value.size > LWSEC_RECORD_MAX) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_TOO_LONG, LWSEC_RECORD_MAX, why);
    }
    return state->ops->store_if(state, record, value, version, why);
}

lwsec_status lwsec_state_take(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                              lwsec_reason *reason)
{
    lwsec_reason unread;
    lwsec_reason *why = reason_or(reason, &unread);

    if (!has_room(value)) {
        return LWSEC_USAGE;
    }
    value->size = 0;
    lwsec_status status = check(state, record, why);
    if (status != LWSEC_OK) {
        return status;
    }
    status = state->ops->take(state, record, value, why);
    if (status != LWSEC_OK) {
        value->size = 0;
    }
    return status;
}

lwsec_status lwsec_state_advance(lwsec_state *state, const lwsec_record *record, uint64_t to,
                                 lwsec_reason *reason)
{
    lwsec_reason unread;
    lwsec_reason *why = reason_or(reason, &unread);
    const lwsec_status status = check_counter(state, record, why);

    return status == LWSEC_OK ? state->ops->advance(state, record, to, why) : status;
}

lwsec_status lwsec_state_window_accept(lwsec_state *state, const lwsec_record *record,
                                       uint64_t number, uint32_t window, lwsec_reason *reason)
{
    lwsec_reason unread;
    lwsec_reason *why = reason_or(reason, &unread);
    const lwsec_status status = check_counter(state, record, why);

    if (status != LWSEC_OK) {
        return status;
    }
    if (window < 1 || window > WINDOW_MAX || number == UINT64_MAX) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_OSCORE_WINDOW, 0, why);
    }
    return state->ops->window_accept(state, record, number, window, why);
}

lwsec_status lwsec_state_erase(lwsec_state *state, const lwsec_record *record, lwsec_reason *reason)
{
    lwsec_reason unread;
    lwsec_reason *why = reason_or(reason, &unread);
    const lwsec_status status = check(state, record, why);

    return status == LWSEC_OK ? state->ops->erase(state, record, why) : status;
}

lwsec_status lwsec_state_poll(lwsec_state *state)
{
    if (state == NULL) {
        return LWSEC_USAGE;
    }
    if (state->epoch != lwsec_epoch()) {
        return LWSEC_FORKED;
    }
    return state->ops->poll != NULL ? state->ops->poll(state) : LWSEC_OK;
}

bool lwsec_state_rollback_protected(const lwsec_state *state)
{
    return state != NULL && state->ops->rollback_protected;
}
