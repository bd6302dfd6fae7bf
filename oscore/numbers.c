/* Reserving numbers and seals before they are used. */
#include "oscore/numbers.h"

#include "core/reader.h"
#include "core/reason.h"
#include "core/writer.h"
#include "crypto/slot.h"

#include <string.h>

#define RECORD_FORMAT 1U
#define RECORD_SIZE 17U /* format, first free number, seals, failed opens */

/* Another context of the same secret may win the record a few times, not for ever. */
#define ATTEMPTS_MAX 32

typedef struct reservation {
    uint64_t ssn_end;
    uint32_t seals;
    uint32_t failed_opens;
} reservation;

static lwsec_record record_of(const lwsec_oscore *context)
{
    lwsec_record record = {LWSEC_RECORD_OSCORE, {0}};
    memcpy(record.identity, context->sender_record, sizeof record.identity);
    return record;
}

static uint32_t seals_so_far(const lwsec_oscore *context)
{
    const lwsec_slot *slot = lwsec_slot_of(context->sender);
    return slot != NULL ? atomic_load(&slot->seals) : UINT32_MAX;
}

static uint32_t failures_so_far(const lwsec_oscore *context)
{
    const lwsec_slot *slot = lwsec_slot_of(context->recipient);
    return slot != NULL ? atomic_load_explicit(&slot->failed_opens, memory_order_relaxed)
                        : UINT32_MAX;
}

static lwsec_status parse(lwsec_bytes value, reservation *found, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(value);

    if (lwsec_reader_u8(&reader) != RECORD_FORMAT) {
        lwsec_reader_fail(&reader, LWSEC_WHY_STATE_FOREIGN);
    }
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

/* Goes on behind what the record says was reserved: by an earlier life, or by another context. What
 * is left of an own block is given up. */
static lwsec_status adopt(lwsec_oscore *context, const reservation *found, lwsec_reason *reason)
{
    lwsec_oscore_numbers *numbers = &context->numbers;

    if (found->ssn_end > numbers->next_ssn) {
        numbers->next_ssn = found->ssn_end;
    }
    numbers->ssn_end = numbers->next_ssn;
    numbers->seals_left = 0;
    numbers->failed_saved = found->failed_opens;
    lwsec_status status = lwsec_key_raise_uses(context->sender, found->seals, 0);
    if (status == LWSEC_OK) {
        status = lwsec_key_raise_uses(context->recipient, 0, found->failed_opens);
    }
    return status == LWSEC_OK ? status : lwsec_refuse(status, LWSEC_WHY_KEY_GONE, 0, reason);
}

lwsec_status lwsec_oscore_numbers_load(lwsec_oscore *context, lwsec_reason *reason)
{
    const lwsec_record record = record_of(context);
    uint8_t room[RECORD_SIZE + 1];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    uint64_t version = 0;
    reservation found;

    lwsec_status status = lwsec_state_load(context->state, &record, &value, &version, reason);
    if (status == LWSEC_BUFFER) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    status = parse(lwsec_buffer_bytes(&value), &found, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    context->numbers.version = version;
    return adopt(context, &found, reason);
}

static uint32_t saturated_sum(uint32_t one, uint32_t other)
{
    return one > UINT32_MAX - other ? UINT32_MAX : one + other;
}

/* What to reserve next: a block from here on, and never less than the record has already. */
static reservation plan(const lwsec_oscore *context)
{
    const lwsec_oscore_numbers *numbers = &context->numbers;
    reservation next = {numbers->next_ssn + numbers->block,
                        saturated_sum(seals_so_far(context), numbers->block),
                        failures_so_far(context)};

    if (next.ssn_end > LWSEC_OSCORE_SSN_MAX + 1) {
        next.ssn_end = LWSEC_OSCORE_SSN_MAX + 1;
    }
    if (next.ssn_end < numbers->ssn_end) {
        next.ssn_end = numbers->ssn_end;
    }
    return next;
}

static lwsec_status store(lwsec_oscore *context, const reservation *next, lwsec_reason *reason)
{
    const lwsec_record record = record_of(context);
    uint8_t room[RECORD_SIZE];
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);

    lwsec_writer_u8(&writer, RECORD_FORMAT);
    lwsec_writer_uint(&writer, next->ssn_end, 8);
    lwsec_writer_uint(&writer, next->seals, 4);
    lwsec_writer_uint(&writer, next->failed_opens, 4);
    return lwsec_state_store_if(context->state, &record, lwsec_bytes_of(room, writer.size),
                                &context->numbers.version, reason);
}

lwsec_status lwsec_oscore_numbers_reserve(lwsec_oscore *context, lwsec_reason *reason)
{
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        const reservation next = plan(context);
        lwsec_status status = store(context, &next, reason);
        if (status == LWSEC_OK) {
            context->numbers.ssn_end = next.ssn_end;
            context->numbers.seals_left = context->numbers.block;
            context->numbers.failed_saved = next.failed_opens;
            return LWSEC_OK;
        }
        if (status == LWSEC_CONFLICT) {
            status = lwsec_oscore_numbers_load(context, reason);
        }
        if (status != LWSEC_OK) {
            return status == LWSEC_ABSENT ? lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason)
                                          : status;
        }
    }
    return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_IO, 0, reason);
}

lwsec_status lwsec_oscore_numbers_take(lwsec_oscore *context, uint64_t *number,
                                       lwsec_reason *reason)
{
    lwsec_oscore_numbers *numbers = &context->numbers;

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
static bool failures_to_save(const lwsec_oscore *context)
{
    const uint32_t limit = context->aead->open_limit;
    const uint32_t failures = failures_so_far(context);
    const uint32_t new_failures = failures - context->numbers.failed_saved;

    return new_failures > limit >> 10 || (failures >= limit && new_failures > 0);
}

lwsec_status lwsec_oscore_numbers_save_failures(lwsec_oscore *context, lwsec_reason *reason)
{
    /* A key without a record cannot send: its count lives as long as the context. */
    if (context->numbers.version == 0 || !failures_to_save(context)) {
        return LWSEC_OK;
    }
    return lwsec_oscore_numbers_reserve(context, reason);
}
