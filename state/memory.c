/* State in the caller's memory: a table of cells. */
#include <lwsec/state_memory.h>

#include "core/epoch.h"
#include "core/lock.h"
#include "core/reason.h"
#include "state/shared_window.h"
#include "state/value.h"

#include <string.h>

/* The head of a cell; room for the longest value follows it. */
typedef struct cell {
    uint64_t version; /* 0: free */
    lwsec_record record;
    uint32_t size;
    uint8_t value[];
} cell;

typedef struct memory_state {
    lwsec_state head;
    lwsec_lock lock;
    uint32_t records;
    uint32_t value_size;
    size_t cell_size;
    size_t size; /* of everything, to wipe it */
    uint64_t cells[];
} memory_state;

#define CELLS(records, value_size)                                                                 \
    (LWSEC_STATE_MEMORY_SIZE(records, value_size) - LWSEC_STATE_MEMORY_SIZE(0, 0))
_Static_assert(sizeof(memory_state) <= LWSEC_STATE_MEMORY_SIZE(0, 0), "the head fits its reserve");
_Static_assert(offsetof(cell, value) <= CELLS(1, 0), "a cell fits its reserve");
_Static_assert(_Alignof(memory_state) <= _Alignof(uint64_t), "the promised alignment is enough");
_Static_assert(_Alignof(cell) <= _Alignof(uint64_t), "and for cells");

static size_t cell_size_of(uint32_t value_size)
{
    return CELLS(1, value_size);
}

size_t lwsec_state_memory_size(uint32_t records, uint32_t value_size)
{
    const size_t head = LWSEC_STATE_MEMORY_SIZE(0, 0);

    /* What does not fit an address space cannot be had: no memory is large enough for it. */
    if (records > (SIZE_MAX - head) / cell_size_of(value_size)) {
        return SIZE_MAX;
    }
    return head + records * cell_size_of(value_size);
}

static memory_state *enter(lwsec_state *state)
{
    memory_state *memory = (memory_state *)state;

    lwsec_lock_take(&memory->lock);
    return memory;
}

static lwsec_status leave(memory_state *memory, lwsec_status status)
{
    lwsec_lock_release(&memory->lock);
    return status;
}

static cell *cell_at(memory_state *memory, uint32_t index)
{
    return (cell *)(void *)((uint8_t *)memory->cells + index * memory->cell_size);
}

static cell *find(memory_state *memory, const lwsec_record *record)
{
    for (uint32_t i = 0; i < memory->records; i++) {
        cell *found = cell_at(memory, i);
        if (found->version != 0 && lwsec_record_same(&found->record, record)) {
            return found;
        }
    }
    return NULL;
}

static cell *find_free(memory_state *memory)
{
    for (uint32_t i = 0; i < memory->records; i++) {
        cell *found = cell_at(memory, i);
        if (found->version == 0) {
            return found;
        }
    }
    return NULL;
}

static lwsec_bytes value_of(const cell *found)
{
    return found != NULL ? lwsec_bytes_of(found->value, found->size) : lwsec_bytes_of(NULL, 0);
}

static void release(memory_state *memory, cell *found)
{
    lwsec_wipe(found, memory->cell_size);
}

/* Writes over `found`, or into a free cell if that is NULL. */
static lwsec_status put(memory_state *memory, cell *found, const lwsec_record *record,
                        lwsec_bytes value, lwsec_reason *reason)
{
    cell *target = found != NULL ? found : find_free(memory);

    if (target == NULL || value.size > memory->value_size || target->version == UINT64_MAX) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FULL, 0, reason);
    }
    lwsec_wipe(target->value, target->size);
    target->record = *record;
    target->version++;
    target->size = (uint32_t)value.size;
    if (value.size > 0) {
        memcpy(target->value, value.data, value.size);
    }
    return LWSEC_OK;
}

static lwsec_status memory_load(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                                uint64_t *version, lwsec_reason *reason)
{
    memory_state *memory = enter(state);
    const cell *found = find(memory, record);

    if (found == NULL) {
        return leave(memory, LWSEC_ABSENT);
    }
    *version = found->version;
    return leave(memory, lwsec_value_give(value_of(found), value, reason));
}

static lwsec_status memory_store_if(lwsec_state *state, const lwsec_record *record,
                                    lwsec_bytes value, uint64_t *version, lwsec_reason *reason)
{
    memory_state *memory = enter(state);
    cell *found = find(memory, record);
    const uint64_t now = found != NULL ? found->version : 0;

    if (now != *version) {
        return leave(memory, LWSEC_CONFLICT);
    }
    const lwsec_status status = put(memory, found, record, value, reason);
    if (status == LWSEC_OK) {
        *version = now + 1;
    }
    return leave(memory, status);
}

static lwsec_status memory_take(lwsec_state *state, const lwsec_record *record, lwsec_buffer *value,
                                lwsec_reason *reason)
{
    memory_state *memory = enter(state);
    cell *found = find(memory, record);

    if (found == NULL) {
        return leave(memory, LWSEC_ABSENT);
    }
    const lwsec_status status = lwsec_value_give(value_of(found), value, reason);
    if (status == LWSEC_OK) {
        release(memory, found);
    }
    return leave(memory, status);
}

static lwsec_status memory_advance(lwsec_state *state, const lwsec_record *record, uint64_t to,
                                   lwsec_reason *reason)
{
    uint8_t next[LWSEC_COUNTER_SIZE];
    memory_state *memory = enter(state);
    cell *found = find(memory, record);

    const lwsec_status status = lwsec_counter_advance(value_of(found), to, next, reason);
    if (status != LWSEC_OK) {
        return leave(memory, status);
    }
    return leave(memory, put(memory, found, record, lwsec_bytes_of(next, sizeof next), reason));
}

static lwsec_status memory_window_accept(lwsec_state *state, const lwsec_record *record,
                                         uint64_t number, uint32_t window, lwsec_reason *reason)
{
    uint8_t room[LWSEC_SHARED_WINDOW_VALUE_MAX];
    lwsec_buffer next = lwsec_buffer_of(room, sizeof room);
    memory_state *memory = enter(state);
    cell *found = find(memory, record);

    const lwsec_status status =
        lwsec_shared_window_accept(value_of(found), number, window, &next, reason);
    if (status != LWSEC_OK) {
        return leave(memory, status);
    }
    return leave(memory, put(memory, found, record, lwsec_buffer_bytes(&next), reason));
}

static lwsec_status memory_erase(lwsec_state *state, const lwsec_record *record,
                                 lwsec_reason *reason)
{
    memory_state *memory = enter(state);
    cell *found = find(memory, record);

    (void)reason; /* nothing can go wrong */
    if (found == NULL) {
        return leave(memory, LWSEC_ABSENT);
    }
    release(memory, found);
    return leave(memory, LWSEC_OK);
}

/* `seals`: nothing reaches a medium, so secret kinds are as safe here as the keys beside them. */
static const lwsec_state_ops memory_ops = {
    .abi = LWSEC_STATE_ABI,
    .size = sizeof(lwsec_state_ops),
    .name = "memory",
    .rollback_protected = false,
    .seals = true,
    .load = memory_load,
    .store_if = memory_store_if,
    .take = memory_take,
    .advance = memory_advance,
    .window_accept = memory_window_accept,
    .erase = memory_erase,
};

lwsec_status lwsec_state_memory_open(void *memory, size_t size, uint32_t records,
                                     uint32_t value_size, lwsec_state **state)
{
    if (state == NULL || !lwsec_memory_fits(memory) || records == 0 ||
        value_size > LWSEC_RECORD_MAX) {
        return LWSEC_USAGE;
    }
    const size_t needed = lwsec_state_memory_size(records, value_size);
    if (size < needed || needed == SIZE_MAX) {
        return LWSEC_BUFFER;
    }
    memory_state *made = memory;
    memset(made, 0, needed);
    made->records = records;
    made->value_size = value_size;
    made->cell_size = cell_size_of(value_size);
    made->size = needed;
    lwsec_status status = lwsec_lock_init(&made->lock);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_state_init(&made->head, &memory_ops);
    if (status == LWSEC_OK) {
        *state = &made->head;
    }
    return status;
}

void lwsec_state_memory_close(lwsec_state **state)
{
    if (state == NULL || *state == NULL) {
        return;
    }
    memory_state *memory = (memory_state *)*state;
    /* A child's copy of the lock may be held by a thread that exists in the parent only. */
    if (memory->head.epoch == lwsec_epoch()) {
        lwsec_lock_destroy(&memory->lock);
    }
    lwsec_wipe(memory, memory->size);
    *state = NULL;
}
