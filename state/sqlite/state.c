/* State in an SQLite file: the operations, one by one or gathered until the poll. */
#include <lwsec/state_sqlite.h>

#include "core/epoch.h"
#include "core/lock.h"
#include "core/reason.h"
#include "state/sqlite/flight.h"
#include "state/value.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>

/* How often a poll lets other threads go first, so that their calls come into its commit. */
#define YIELDS 64U

typedef struct sqlite_state {
    lwsec_state head;
    lwsec_lock lock;
    atomic_uint entering; /* threads that wait for the lock to make a call */
    lwsec_database database;
    lwsec_flight flight;
    size_t size; /* of everything, to wipe it */
    uint8_t room[LWSEC_RECORD_MAX];
    lwsec_call calls[]; /* and the room for their values */
} sqlite_state;

_Static_assert(_Alignof(sqlite_state) <= _Alignof(uint64_t), "the promised alignment is enough");

size_t lwsec_state_sqlite_size(uint32_t calls)
{
    const size_t place = sizeof(lwsec_call) + LWSEC_RECORD_MAX;

    return calls > LWSEC_STATE_SQLITE_CALLS_MAX ? SIZE_MAX : sizeof(sqlite_state) + calls * place;
}

static sqlite_state *enter(lwsec_state *state)
{
    sqlite_state *sqlite = (sqlite_state *)state;

    (void)atomic_fetch_add(&sqlite->entering, 1);
    lwsec_lock_take(&sqlite->lock);
    (void)atomic_fetch_sub(&sqlite->entering, 1);
    return sqlite;
}

static lwsec_status leave(sqlite_state *sqlite, lwsec_status status)
{
    lwsec_lock_release(&sqlite->lock);
    return status;
}

static lwsec_status change_now(sqlite_state *sqlite, const lwsec_change *change,
                               lwsec_buffer *taken, lwsec_reason *reason)
{
    lwsec_outcome outcome;

    lwsec_status status = lwsec_database_begin(&sqlite->database, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_change_make(&sqlite->database, change, sqlite->room, &outcome, reason);
    if (status != LWSEC_OK) {
        lwsec_database_rollback(&sqlite->database);
        return status;
    }
    status = lwsec_database_commit(&sqlite->database, reason);
    if (status == LWSEC_OK && taken != NULL) {
        return lwsec_value_give(outcome.taken, taken, reason);
    }
    return status;
}

/* Gives a call the answer that it came back for. */
static lwsec_status fetch(sqlite_state *sqlite, lwsec_call *call, lwsec_buffer *taken,
                          lwsec_reason *reason)
{
    lwsec_status status = lwsec_refuse(call->answer, call->why, 0, reason);

    if (status == LWSEC_OK && taken != NULL) {
        status = lwsec_value_give(lwsec_flight_value(&sqlite->flight, call), taken, reason);
    }
    if (status != LWSEC_BUFFER && status != LWSEC_PENDING) {
        lwsec_flight_release(&sqlite->flight, call);
    }
    return status;
}

/* A call that refused changed nothing. But where SQLite gave up the whole transaction, or nobody
 * waits for it, it ends. */
static lwsec_status refused(sqlite_state *sqlite, lwsec_status status, const lwsec_reason *reason)
{
    if (sqlite->database.doubtful || !lwsec_database_is_open(&sqlite->database)) {
        lwsec_flight_land(&sqlite->flight, LWSEC_STATE, reason->why);
    }
    if (sqlite->flight.waiting == 0) {
        lwsec_database_rollback(&sqlite->database);
    }
    return status;
}

/* Makes a change in the open transaction. */
static lwsec_status gather(sqlite_state *sqlite, const lwsec_change *change, lwsec_reason *reason)
{
    lwsec_outcome outcome;
    lwsec_status status = LWSEC_OK;

    if (!lwsec_flight_has_place(&sqlite->flight)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FULL, 0, reason);
    }
    if (!lwsec_database_is_open(&sqlite->database)) {
        status = lwsec_database_begin(&sqlite->database, reason);
    }
    if (status == LWSEC_OK) {
        status = lwsec_change_make(&sqlite->database, change, sqlite->room, &outcome, reason);
    }
    if (status != LWSEC_OK) {
        return refused(sqlite, status, reason);
    }
    if (outcome.turned) {
        lwsec_flight_forget(&sqlite->flight, &change->record);
    }
    lwsec_flight_note(&sqlite->flight, change,
                      change->operation == LWSEC_CHANGE_TAKE ? outcome.taken : change->value);
    return LWSEC_PENDING;
}

static lwsec_status change_record(lwsec_state *state, const lwsec_change *change,
                                  lwsec_buffer *taken, lwsec_reason *reason)
{
    sqlite_state *sqlite = enter(state);

    if (sqlite->flight.places == 0) {
        return leave(sqlite, change_now(sqlite, change, taken, reason));
    }
    lwsec_call *call = lwsec_flight_find(&sqlite->flight, change);
    if (call != NULL) {
        return leave(sqlite, fetch(sqlite, call, taken, reason));
    }
    if (lwsec_flight_waits(&sqlite->flight, &change->record)) {
        return leave(sqlite, LWSEC_PENDING);
    }
    return leave(sqlite, gather(sqlite, change, reason));
}

static lwsec_status sqlite_load(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                                uint64_t *version, lwsec_reason *reason)
{
    sqlite_state *sqlite = enter(state);
    lwsec_row row;

    /* What is not durable yet is not read. */
    if (lwsec_flight_waits(&sqlite->flight, record)) {
        return leave(sqlite, LWSEC_PENDING);
    }
    const lwsec_status status =
        lwsec_database_read(&sqlite->database, record, sqlite->room, &row, reason);
    if (status != LWSEC_OK) {
        return leave(sqlite, status);
    }
    if (row.version == 0) {
        return leave(sqlite, LWSEC_ABSENT);
    }
    *version = row.version;
    return leave(sqlite, lwsec_value_give(row.value, value, reason));
}

static lwsec_status sqlite_store_if(lwsec_state *state, const lwsec_record *record,
                                    lwsec_bytes value, uint64_t *version, lwsec_reason *reason)
{
    const lwsec_change change = {
        .operation = LWSEC_CHANGE_STORE, .record = *record, .number = *version, .value = value};
    const lwsec_status status = change_record(state, &change, NULL, reason);

    if (status == LWSEC_OK) {
        *version = change.number + 1;
    }
    return status;
}

static lwsec_status sqlite_take(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                                lwsec_reason *reason)
{
    const lwsec_change change = {
        .operation = LWSEC_CHANGE_TAKE, .record = *record, .capacity = value->capacity};

    return change_record(state, &change, value, reason);
}

static lwsec_status sqlite_advance(lwsec_state *state, const lwsec_record *record, uint64_t to,
                                   lwsec_reason *reason)
{
    const lwsec_change change = {
        .operation = LWSEC_CHANGE_ADVANCE, .record = *record, .number = to};

    return change_record(state, &change, NULL, reason);
}

static lwsec_status sqlite_window_accept(lwsec_state *state, const lwsec_record *record,
                                         uint64_t number, uint32_t window, lwsec_reason *reason)
{
    const lwsec_change change = {
        .operation = LWSEC_CHANGE_WINDOW, .record = *record, .number = number, .window = window};

    return change_record(state, &change, NULL, reason);
}

static lwsec_status sqlite_erase(lwsec_state *state, const lwsec_record *record,
                                 lwsec_reason *reason)
{
    const lwsec_change change = {.operation = LWSEC_CHANGE_ERASE, .record = *record};

    return change_record(state, &change, NULL, reason);
}

/* Threads that already wait to make a call make it first: one sync for all of them. */
static sqlite_state *enter_last(lwsec_state *state)
{
    sqlite_state *sqlite = (sqlite_state *)state;

    for (unsigned i = 0; i < YIELDS && atomic_load(&sqlite->entering) > 0; i++) {
        (void)sched_yield();
    }
    lwsec_lock_take(&sqlite->lock);
    return sqlite;
}

static lwsec_status sqlite_poll(lwsec_state *state)
{
    sqlite_state *sqlite = enter_last(state);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    if (sqlite->flight.waiting > 0) {
        const lwsec_status status = lwsec_database_commit(&sqlite->database, &reason);
        lwsec_flight_land(&sqlite->flight, status, reason.why);
    }
    return leave(sqlite, LWSEC_OK);
}

static const lwsec_state_ops sqlite_ops = {
    .abi = LWSEC_STATE_ABI,
    .size = sizeof(lwsec_state_ops),
    .name = "sqlite",
    .rollback_protected = false,
    .seals = false,
    .load = sqlite_load,
    .store_if = sqlite_store_if,
    .take = sqlite_take,
    .advance = sqlite_advance,
    .window_accept = sqlite_window_accept,
    .erase = sqlite_erase,
    .poll = sqlite_poll,
};

/* ":memory:" and "file:..." are no paths to SQLite. */
static bool path_fits(const char *path)
{
    return path != NULL && path[0] != '\0' && path[0] != ':' && strncmp(path, "file:", 5) != 0 &&
           memchr(path, '\0', LWSEC_DATABASE_PATH_MAX + 1) != NULL;
}

static bool config_fits(const lwsec_state_sqlite_config *config)
{
    return config->size == sizeof *config && path_fits(config->path) &&
           config->busy_ms <= LWSEC_STATE_SQLITE_BUSY_MS_MAX &&
           config->calls <= LWSEC_STATE_SQLITE_CALLS_MAX;
}

static lwsec_status open_in(sqlite_state *made, const lwsec_state_sqlite_config *config,
                            lwsec_reason *reason)
{
    const uint32_t busy_ms = config->busy_ms != 0 ? config->busy_ms : LWSEC_STATE_SQLITE_BUSY_MS;

    lwsec_status status = lwsec_state_init(&made->head, &sqlite_ops);
    if (status == LWSEC_OK) {
        status = lwsec_lock_init(&made->lock);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_database_open(&made->database, config->path, busy_ms, reason);
    if (status != LWSEC_OK) {
        lwsec_lock_destroy(&made->lock);
    }
    return status;
}

lwsec_status lwsec_state_sqlite_open(void *memory, size_t size,
                                     const lwsec_state_sqlite_config *config, lwsec_state **state,
                                     lwsec_reason *reason)
{
    (void)lwsec_accept(reason);
    if (state == NULL || !lwsec_memory_fits(memory) || config == NULL) {
        return LWSEC_USAGE;
    }
    if (!config_fits(config)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    const size_t needed = lwsec_state_sqlite_size(config->calls);
    if (size < needed) {
        return LWSEC_BUFFER;
    }
    if (sqlite3_threadsafe() == 0) {
        return LWSEC_UNSUPPORTED;
    }
    sqlite_state *made = memory;
    memset(made, 0, needed);
    made->size = needed;
    made->flight.calls = made->calls;
    made->flight.values = (uint8_t *)&made->calls[config->calls];
    made->flight.places = config->calls;
    const lwsec_status status = open_in(made, config, reason);
    if (status == LWSEC_OK) {
        *state = &made->head;
    }
    return status;
}

void lwsec_state_sqlite_close(lwsec_state **state)
{
    if (state == NULL || *state == NULL) {
        return;
    }
    sqlite_state *sqlite = (sqlite_state *)*state;
    /* In a forked child SQLite would work on the parent's file, and a lock may be held for ever. */
    if (sqlite->head.epoch == lwsec_epoch()) {
        lwsec_database_close(&sqlite->database);
        lwsec_lock_destroy(&sqlite->lock);
    }
    lwsec_wipe(sqlite, sqlite->size);
    *state = NULL;
}
