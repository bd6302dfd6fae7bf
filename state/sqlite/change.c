/* What a change of one record does to the file. */
#include "state/sqlite/change.h"

#include "core/reason.h"
#include "state/shared_window.h"
#include "state/value.h"

static lwsec_status store(lwsec_database *database, const lwsec_change *change,
                          const lwsec_row *row, lwsec_reason *reason)
{
    if (row->version != change->number) {
        return LWSEC_CONFLICT;
    }
    return lwsec_database_write(database, &change->record, row->version + 1, change->value, reason);
}

static lwsec_status take(lwsec_database *database, const lwsec_change *change, const lwsec_row *row,
                         lwsec_reason *reason)
{
    if (row->version == 0) {
        return LWSEC_ABSENT;
    }
    if (row->value.size > change->capacity) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    return lwsec_database_remove(database, &change->record, reason);
}

static lwsec_status advance(lwsec_database *database, const lwsec_change *change,
                            const lwsec_row *row, lwsec_reason *reason)
{
    uint8_t next[LWSEC_COUNTER_SIZE];
    const lwsec_status status = lwsec_counter_advance(row->value, change->number, next, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    return lwsec_database_write(database, &change->record, row->version + 1,
                                lwsec_bytes_of(next, sizeof next), reason);
}

static lwsec_status accept_number(lwsec_database *database, const lwsec_change *change,
                                  const lwsec_row *row, lwsec_reason *reason)
{
    uint8_t next[LWSEC_SHARED_WINDOW_VALUE_MAX];
    lwsec_buffer value = lwsec_buffer_of(next, sizeof next);
    const lwsec_status status =
        lwsec_shared_window_accept(row->value, change->number, change->window, &value, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    return lwsec_database_write(database, &change->record, row->version + 1,
                                lwsec_buffer_bytes(&value), reason);
}

static lwsec_status erase(lwsec_database *database, const lwsec_change *change,
                          const lwsec_row *row, lwsec_reason *reason)
{
    return row->version == 0 ? LWSEC_ABSENT
                             : lwsec_database_remove(database, &change->record, reason);
}

lwsec_status lwsec_change_make(lwsec_database *database, const lwsec_change *change, uint8_t *room,
                               lwsec_outcome *outcome, lwsec_reason *reason)
{
    const bool removes =
        change->operation == LWSEC_CHANGE_TAKE || change->operation == LWSEC_CHANGE_ERASE;
    lwsec_row row;

    const lwsec_status status = lwsec_database_read(database, &change->record, room, &row, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    outcome->taken = row.value;
    outcome->turned = removes || row.version == 0;
    switch (change->operation) {
    case LWSEC_CHANGE_STORE: return store(database, change, &row, reason);
    case LWSEC_CHANGE_TAKE: return take(database, change, &row, reason);
    case LWSEC_CHANGE_ADVANCE: return advance(database, change, &row, reason);
    case LWSEC_CHANGE_WINDOW: return accept_number(database, change, &row, reason);
    case LWSEC_CHANGE_ERASE: return erase(database, change, &row, reason);
    case LWSEC_CHANGE_NONE: break;
    }
    return LWSEC_USAGE;
}
