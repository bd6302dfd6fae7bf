/* Reserving numbers and seals before they are used. */
#include "oscore/numbers.h"

#include "core/epoch.h"
#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"
#include "crypto/slot.h"
#include "state/finish.h"

#include <string.h>

#define RECORD_FORMAT 1U
#define RECORD_SIZE 19U /* format, shared window, first free number, seals, failed opens */

/* Seals that one write reserves: as many as numbers, within these. What a restart leaves of them
 * counts as used, and they are fewer than numbers: 2^20 at most. */
#define SEAL_BLOCK_MIN 64U
#define SEAL_BLOCK_MAX 1024U

/* Another context of the same secret may win the record a few times, not for ever. */
#define ATTEMPTS_MAX 32

/* What a record holds. */
typedef struct content {
    uint16_t shared_window; /* the size of the window that its contexts share; 0: they do not */
    uint64_t ssn_end;
    uint32_t seals;
    uint32_t failed_opens;
} content;

static lwsec_record record_of(const lwsec_oscore *context)
{
    lwsec_record record = {LWSEC_RECORD_OSCORE, {0}};
    memcpy(record.identity, context->sender_record, sizeof record.identity);
    return record;
}

static uint16_t shared_window_of(const lwsec_oscore *context)
{
    return context->shared_window ? context->window.size : 0;
}

/* Failed opens with this context's key, and those that the record told of. A key that is gone, as
 * its store was closed first, adds none: the record is for lives to come. */
static uint32_t failures_so_far(const lwsec_oscore *context)
{
    const lwsec_slot *slot = lwsec_slot_of(context->recipient);
    return slot != NULL ? atomic_load_explicit(&slot->failed_opens, memory_order_relaxed)
                        : context->numbers.failed_saved;
}

static uint32_t saturated_sum(uint32_t one, uint32_t other)
{
    return one > UINT32_MAX - other ? UINT32_MAX : one + other;
}

static lwsec_status parse(lwsec_bytes value, content *found, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(value);

    if (lwsec_reader_u8(&reader) != RECORD_FORMAT) {
        lwsec_reader_fail(&reader, LWSEC_WHY_STATE_FOREIGN);
    }
    found->shared_window = (uint16_t)lwsec_reader_uint(&reader, 2);
    found->ssn_end = lwsec_reader_uint(&reader, 8);
    found->seals = (uint32_t)lwsec_reader_uint(&reader, 4);
    found->failed_opens = (uint32_t)lwsec_reader_uint(&reader, 4);
    if (found->ssn_end > LWSEC_OSCORE_SSN_MAX + 1) {
        lwsec_reader_fail(&reader, LWSEC_WHY_STATE_FOREIGN);
    }
    if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, reader.position, reason);
    }
    return LWSEC_OK;
}

/* Takes what others have stored into account: their seals and failed opens are counted with ours.
 */
static lwsec_status merge(lwsec_oscore *context, const content *found, lwsec_reason *reason)
{
    lwsec_oscore_numbers *numbers = &context->numbers;
    const uint32_t own_failures = failures_so_far(context) - numbers->failed_saved;

    /* One life that keeps its window for itself would not see what the shared one has accepted. */
    if (found->shared_window != shared_window_of(context)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_OSCORE_WINDOW, 0, reason);
    }
    numbers->record_end = found->ssn_end;
    numbers->record_seals = found->seals;
    numbers->failed_saved = found->failed_opens;
    lwsec_status status = lwsec_key_raise_uses(context->recipient, 0,
                                               saturated_sum(found->failed_opens, own_failures));
    if (status == LWSEC_OK && found->seals > numbers->seals_left) {
        status = lwsec_key_raise_uses(context->sender, found->seals - numbers->seals_left, 0);
    }
    return status == LWSEC_OK ? status : lwsec_refuse(status, LWSEC_WHY_KEY_GONE, 0, reason);
}

static lwsec_status read_record(const lwsec_oscore *context, lwsec_buffer *value, uint64_t *version,
                                lwsec_reason *reason)
{
    const lwsec_record record = record_of(context);
    const lwsec_status status = lwsec_state_load(context->state, &record, value, version, reason);

    return status == LWSEC_BUFFER ? lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason)
                                  : status;
}

static lwsec_status load(lwsec_oscore *context, lwsec_reason *reason)
{
    uint8_t room[RECORD_SIZE + 1];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    content found;

    if (context->state == NULL) {
        return LWSEC_ABSENT;
    }
    lwsec_status status = read_record(context, &value, &version, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = parse(lwsec_buffer_bytes(&value), &found, reason);
    if (status == LWSEC_OK) {
        status = merge(context, &found, reason);
    }
    if (status == LWSEC_OK) {
        context->numbers.version = version;
    }
    return status;
}

static lwsec_status store(lwsec_oscore *context, const content *next, lwsec_reason *reason)
{
    const lwsec_record record = record_of(context);
    uint8_t room[RECORD_SIZE];
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);

    if (context->state == NULL) {
        context->numbers.version = 1; /* what ends with the context needs no other memory */
        return LWSEC_OK;
    }
    lwsec_writer_u8(&writer, RECORD_FORMAT);
    lwsec_writer_uint(&writer, next->shared_window, 2);
    lwsec_writer_uint(&writer, next->ssn_end, 8);
    lwsec_writer_uint(&writer, next->seals, 4);
    lwsec_writer_uint(&writer, next->failed_opens, 4);
    return lwsec_state_store_if(context->state, &record, lwsec_bytes_of(room, writer.size),
                                &context->numbers.version, reason);
}

typedef content (*planner)(lwsec_oscore *context);

/* Stores what `plan` makes of the record as it is, again and again while others change it. */
static lwsec_status update(lwsec_oscore *context, planner plan, content *stored,
                           lwsec_reason *reason)
{
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        *stored = plan(context);
        lwsec_status status = store(context, stored, reason);
        if (status == LWSEC_CONFLICT) {
            status = load(context, reason);
        } else if (status == LWSEC_OK) {
            context->numbers.record_end = stored->ssn_end;
            context->numbers.record_seals = stored->seals;
            context->numbers.failed_saved = stored->failed_opens;
            return LWSEC_OK;
        }
        if (status != LWSEC_OK) {
            return status == LWSEC_ABSENT ? lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason)
                                          : status;
        }
    }
    return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason);
}

static uint32_t next_seal_block(const lwsec_oscore_numbers *numbers)
{
    if (numbers->block < SEAL_BLOCK_MIN) {
        return SEAL_BLOCK_MIN;
    }
    return numbers->block < SEAL_BLOCK_MAX ? numbers->block : SEAL_BLOCK_MAX;
}

/* A block of numbers and seals from here on. Where another context has reserved numbers since, the
 * rest of our own block is given up: ours go on behind theirs. */
static content plan_block(lwsec_oscore *context)
{
    lwsec_oscore_numbers *numbers = &context->numbers;

    if (numbers->record_end > numbers->ssn_end) {
        numbers->next_ssn = numbers->record_end;
        numbers->ssn_end = numbers->record_end;
    }
    uint64_t end = numbers->next_ssn + numbers->block;
    end = end > LWSEC_OSCORE_SSN_MAX + 1 ? LWSEC_OSCORE_SSN_MAX + 1 : end;
    const content next = {
        .shared_window = shared_window_of(context),
        .ssn_end = end > numbers->ssn_end ? end : numbers->ssn_end,
        .seals =
            saturated_sum(numbers->record_seals - numbers->seals_left, next_seal_block(numbers)),
        .failed_opens = failures_so_far(context),
    };
    return next;
}

static content plan_failures(lwsec_oscore *context)
{
    const content next = {
        .shared_window = shared_window_of(context),
        .ssn_end = context->numbers.record_end,
        .seals = context->numbers.record_seals,
        .failed_opens = failures_so_far(context),
    };
    return next;
}

lwsec_status lwsec_oscore_numbers_begin(lwsec_oscore *context, lwsec_reason *reason)
{
    lwsec_oscore_numbers *numbers = &context->numbers;
    const lwsec_status status = load(context, reason);

    if (numbers->record_end > numbers->next_ssn) {
        numbers->next_ssn = numbers->record_end;
    }
    numbers->ssn_end = numbers->next_ssn;
    return status;
}

lwsec_status lwsec_oscore_numbers_reserve(lwsec_oscore *context, lwsec_reason *reason)
{
    lwsec_oscore_numbers *numbers = &context->numbers;
    content stored;
    const lwsec_status status = update(context, plan_block, &stored, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    numbers->ssn_end = stored.ssn_end;
    numbers->seal_block = next_seal_block(numbers);
    numbers->seals_left = numbers->seal_block;
    /* Who has used a block will use more: the next one is as large as all before it. */
    numbers->block =
        numbers->block < numbers->block_max / 2 ? 2 * numbers->block : numbers->block_max;
    return LWSEC_OK;
}

bool lwsec_oscore_numbers_short(const lwsec_oscore *context)
{
    const lwsec_oscore_numbers *numbers = &context->numbers;
    const bool more_numbers = numbers->ssn_end <= LWSEC_OSCORE_SSN_MAX;

    return numbers->seals_left <= numbers->seal_block / 2 ||
           (more_numbers && numbers->ssn_end - numbers->next_ssn <= numbers->block / 4);
}

lwsec_status lwsec_oscore_numbers_take(lwsec_oscore *context, uint64_t *number,
                                       lwsec_reason *reason)
{
    lwsec_oscore_numbers *numbers = &context->numbers;

    if (context->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    if (numbers->version == 0) {
        return lwsec_refuse(LWSEC_NEED_REKEY, LWSEC_WHY_OSCORE_NO_RECORD, 0, reason);
    }
    if (number != NULL && numbers->next_ssn > LWSEC_OSCORE_SSN_MAX) {
        return lwsec_refuse(LWSEC_NEED_REKEY, LWSEC_WHY_OSCORE_SSN, 0, reason);
    }
    if (numbers->seals_left == 0 || (number != NULL && numbers->next_ssn >= numbers->ssn_end)) {
        const lwsec_status status = lwsec_oscore_numbers_reserve(context, reason);
        if (status != LWSEC_OK) {
            return status;
        }
        if (number != NULL && numbers->next_ssn >= numbers->ssn_end) {
            return lwsec_refuse(LWSEC_NEED_REKEY, LWSEC_WHY_OSCORE_SSN, 0, reason);
        }
    }
    numbers->seals_left--;
    if (number != NULL) {
        *number = numbers->next_ssn++;
    }
    return LWSEC_OK;
}

/* A thousandth of the limit may be forgotten by a power cut: storing each failure would let a
 * forger wear the medium out. That the limit is reached is never forgotten. */
static bool failures_to_save(const lwsec_oscore *context, bool all)
{
    const uint32_t limit = context->aead->open_limit;
    const uint32_t failures = failures_so_far(context);
    const uint32_t new_failures = failures - context->numbers.failed_saved;

    const bool reached = failures >= limit && context->numbers.failed_saved < limit;

    return new_failures > limit >> 10 || (new_failures > 0 && (all || reached));
}

lwsec_status lwsec_oscore_numbers_save_failures(lwsec_oscore *context, bool all,
                                                lwsec_reason *reason)
{
    content stored;

    /* A key without a record cannot send: its count lives as long as the context. */
    if (context->numbers.version == 0 || !failures_to_save(context, all)) {
        return LWSEC_OK;
    }
    return update(context, plan_failures, &stored, reason);
}

lwsec_status lwsec_oscore_numbers_confirm(const lwsec_oscore *context, lwsec_reason *reason)
{
    uint8_t room[RECORD_SIZE + 1];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version;
    lwsec_status status;

    if (context->numbers.version == 0) {
        return LWSEC_OK;
    }
    do {
        status = read_record(context, &value, &version, reason);
    } while (lwsec_state_finish(context->state, status));
    return status == LWSEC_ABSENT
               ? lwsec_refuse(LWSEC_NEED_REKEY, LWSEC_WHY_OSCORE_NO_RECORD, 0, reason)
               : lwsec_state_finished(status, reason);
}
