/* Contexts of Appendix B.2 and the record of the one that was agreed. */
#include "oscore/rederive.h"

#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"
#include "oscore/numbers.h"
#include "state/finish.h"
#include "state/shared_window.h"

#include <string.h>

#define RECORD_FORMAT 1U
#define RECORD_MAX (1U + 16U + 16U + LWSEC_OSCORE_AGREED_ID_MAX)

/* Another process of this peer may agree at the same time, a few times and not for ever. */
#define ATTEMPTS_MAX 8

bool lwsec_oscore_join(lwsec_oscore_joined *joined, lwsec_bytes first, lwsec_bytes second)
{
    lwsec_writer writer = lwsec_writer_of(joined->data, sizeof joined->data);

    lwsec_writer_bytes(&writer, first);
    lwsec_writer_bytes(&writer, second);
    joined->size = writer.size;
    return !writer.full;
}

/* ---- Contexts ---- */

static lwsec_oscore_config with_id_context(const lwsec_oscore_config *inputs,
                                           lwsec_bytes id_context)
{
    lwsec_oscore_config config = *inputs;

    config.id_context = id_context;
    config.start_ssn = 0;
    return config;
}

lwsec_status lwsec_oscore_step_make(lwsec_oscore_step *step, const lwsec_oscore_config *inputs,
                                    lwsec_bytes id_context, lwsec_oscore **context,
                                    lwsec_reason *reason)
{
    lwsec_oscore_config config = with_id_context(inputs, id_context);

    config.window = LWSEC_OSCORE_WINDOW_DEFAULT;
    config.freshness = NULL;
    config.state = NULL;
    config.flags &= ~(uint32_t)LWSEC_OSCORE_SHARED_WINDOW;
    return lwsec_oscore_make(step->memory, sizeof step->memory, &config, LWSEC_OSCORE_AGREED,
                             context, reason);
}

lwsec_status lwsec_oscore_agree(void *memory, size_t size, const lwsec_oscore_config *inputs,
                                lwsec_bytes id_context, lwsec_oscore **context,
                                lwsec_reason *reason)
{
    lwsec_oscore_config config = with_id_context(inputs, id_context);

    config.state = NULL;
    const lwsec_status status =
        lwsec_oscore_make(memory, size, &config, LWSEC_OSCORE_AGREED, context, reason);
    if (status == LWSEC_OK) {
        (*context)->send_kid_context = true;
        (*context)->wrap_kid_context = true;
    }
    return status;
}

/* ---- The record of what was agreed ---- */

typedef struct agreed {
    uint8_t numbers[16]; /* identities of the records that belong to it */
    uint8_t window[16];  /* zeros: it has none of its own */
    lwsec_oscore_joined id_context;
} agreed;

static lwsec_status find_record(const lwsec_oscore_config *inputs, lwsec_record *record,
                                lwsec_reason *reason)
{
    record->kind = LWSEC_RECORD_AGREED;
    return lwsec_oscore_identify(inputs, record->identity, reason);
}

static lwsec_status parse(lwsec_bytes value, agreed *found, lwsec_reason *reason)
{
    static const lwsec_bytes none;
    lwsec_reader reader = lwsec_reader_of(value);

    if (lwsec_reader_u8(&reader) != RECORD_FORMAT) {
        lwsec_reader_fail(&reader, LWSEC_WHY_STATE_FOREIGN);
    }
    const lwsec_bytes numbers = lwsec_reader_take(&reader, sizeof found->numbers);
    const lwsec_bytes window = lwsec_reader_take(&reader, sizeof found->window);
    const lwsec_bytes id_context = lwsec_reader_rest(&reader);
    if (lwsec_reader_failed(&reader) || !lwsec_oscore_join(&found->id_context, id_context, none)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    memcpy(found->numbers, numbers.data, numbers.size);
    memcpy(found->window, window.data, window.size);
    return LWSEC_OK;
}

static lwsec_status load(lwsec_state *state, const lwsec_record *record, agreed *found,
                         uint64_t *version, lwsec_reason *reason)
{
    uint8_t room[RECORD_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    const lwsec_status status = lwsec_state_load(state, record, &value, version, reason);

    if (status == LWSEC_BUFFER) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    return status == LWSEC_OK ? parse(lwsec_buffer_bytes(&value), found, reason) : status;
}

static lwsec_status store(const lwsec_oscore *context, const lwsec_record *record,
                          uint64_t *version, lwsec_reason *reason)
{
    static const uint8_t no_window[16];
    uint8_t room[RECORD_MAX];
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);

    lwsec_writer_u8(&writer, RECORD_FORMAT);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(context->sender_record, 16));
    lwsec_writer_bytes(
        &writer,
        lwsec_bytes_of(context->shared_identity ? lwsec_oscore_shared_identity(context) : no_window,
                       16));
    lwsec_writer_bytes(&writer, lwsec_oscore_id_context(context));
    return lwsec_state_store_if(context->state, record, lwsec_bytes_of(room, writer.size), version,
                                reason);
}

/* Removes a record, or finds it removed: false if it may still be there. */
static bool removed(lwsec_state *state, uint32_t kind, const uint8_t identity[16])
{
    lwsec_record record = {kind, {0}};
    lwsec_status status;

    memcpy(record.identity, identity, sizeof record.identity);
    do {
        status = lwsec_state_erase(state, &record, NULL);
    } while (lwsec_state_finish(state, status));
    return status == LWSEC_OK || status == LWSEC_ABSENT;
}

/* The keys of an ID Context that holds randomness of ours never come again: their records may go.
 * What cannot be removed stays and does no harm. That of the numbers goes first: contexts of other
 * processes that share the window take nothing without it. */
static void forget(lwsec_state *state, const agreed *before)
{
    if (removed(state, LWSEC_RECORD_OSCORE, before->numbers)) {
        (void)removed(state, LWSEC_RECORD_WINDOW, before->window);
    }
}

/* What is there, and what takes its place; a slow state is waited for. */
static lwsec_status replace(const lwsec_oscore *context, const lwsec_record *record, agreed *before,
                            bool *there, lwsec_reason *reason)
{
    uint64_t version = 0;
    lwsec_status status;

    do {
        status = load(context->state, record, before, &version, reason);
    } while (lwsec_state_finish(context->state, status));
    *there = status == LWSEC_OK;
    if (!*there && status != LWSEC_ABSENT) {
        return lwsec_state_finished(status, reason);
    }
    do {
        status = store(context, record, &version, reason);
    } while (lwsec_state_finish(context->state, status));
    return lwsec_state_finished(status, reason);
}

static lwsec_status note(const lwsec_oscore *context, const lwsec_oscore_config *inputs,
                         lwsec_reason *reason)
{
    lwsec_record record;
    agreed before;
    bool there;

    lwsec_status status = find_record(inputs, &record, reason);
    for (int attempt = 0; status == LWSEC_OK && attempt < ATTEMPTS_MAX; attempt++) {
        status = replace(context, &record, &before, &there, reason);
        if (status == LWSEC_OK && there &&
            !lwsec_equal_secret(lwsec_bytes_of(before.numbers, sizeof before.numbers),
                                lwsec_bytes_of(context->sender_record, 16))) {
            forget(context->state, &before);
        }
        if (status != LWSEC_CONFLICT) {
            return status;
        }
        status = LWSEC_OK;
    }
    return status == LWSEC_OK ? lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason) : status;
}

/* The window that was kept here becomes the one that contexts share: what it has accepted is its
 * lower limit. One that is there already has seen this ID Context before. */
static lwsec_status share_window(lwsec_oscore *context, lwsec_reason *reason)
{
    lwsec_record record = {LWSEC_RECORD_WINDOW, {0}};
    uint8_t room[LWSEC_SHARED_WINDOW_VALUE_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;

    context->shared_window = true;
    if (context->window.next == 0) {
        return LWSEC_OK;
    }
    memcpy(record.identity, lwsec_oscore_shared_identity(context), sizeof record.identity);
    lwsec_status status =
        lwsec_shared_window_restart(context->window.next - 1, context->window.size, &value);
    if (status != LWSEC_OK) {
        return status;
    }
    do {
        status = lwsec_state_store_if(context->state, &record, lwsec_buffer_bytes(&value), &version,
                                      reason);
    } while (lwsec_state_finish(context->state, status));
    return status == LWSEC_CONFLICT ? lwsec_refuse(LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY, 0, reason)
                                    : lwsec_state_finished(status, reason);
}

/* A record of its numbers. */
static lwsec_status begin_numbers(lwsec_oscore *context, lwsec_reason *reason)
{
    lwsec_status status;

    do {
        status = lwsec_oscore_numbers_reserve(context, reason);
    } while (lwsec_state_finish(context->state, status));
    return lwsec_state_finished(status, reason);
}

lwsec_status lwsec_oscore_settle(lwsec_oscore *context, const lwsec_oscore_config *inputs,
                                 lwsec_reason *reason)
{
    lwsec_status status = LWSEC_OK;

    context->wrap_kid_context = false;
    context->send_kid_context = (inputs->flags & LWSEC_OSCORE_OMIT_KID_CONTEXT) == 0;
    if (inputs->state == NULL) {
        return LWSEC_OK;
    }
    context->state = inputs->state;
    context->numbers.version = 0;
    if ((inputs->flags & LWSEC_OSCORE_SHARED_WINDOW) != 0) {
        status = share_window(context, reason);
    }
    if (status == LWSEC_OK) {
        status = begin_numbers(context, reason);
    }
    return status == LWSEC_OK ? note(context, inputs, reason) : status;
}

lwsec_status lwsec_oscore_rederive_resume(void *memory, size_t size,
                                          const lwsec_oscore_config *inputs, lwsec_oscore **context,
                                          lwsec_reason *reason)
{
    lwsec_record record;
    agreed found;
    uint64_t version;

    *context = NULL;
    if (inputs->state == NULL) {
        return lwsec_refuse(LWSEC_ABSENT, LWSEC_WHY_OSCORE_NO_RECORD, 0, reason);
    }
    lwsec_status status = find_record(inputs, &record, reason);
    if (status == LWSEC_OK) {
        status = load(inputs->state, &record, &found, &version, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    lwsec_oscore_config config =
        with_id_context(inputs, lwsec_bytes_of(found.id_context.data, found.id_context.size));
    config.flags &= ~LWSEC_KEY_FRESH;
    return lwsec_oscore_init(memory, size, &config, context, reason);
}
