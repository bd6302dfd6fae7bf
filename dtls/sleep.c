/* A live session becomes a record, and the record a session: never both, and never twice. */
#include "dtls/engine.h"

#include "core/epoch.h"
#include "core/reason.h"

#include <string.h>

/* The longest record: what a sealing wrapper adds has to find room as well. */
#define SAVED_MAX (LWSEC_RECORD_MAX - 64U)

static lwsec_record record_of(const uint8_t name[LWSEC_DTLS_NAME])
{
    lwsec_record record = {.kind = LWSEC_RECORD_ASSOCIATION};

    memcpy(record.identity, name, LWSEC_DTLS_NAME);
    return record;
}

/* ---- Save ---- */

static lwsec_status check_at_rest(const lwsec_dtls *session, lwsec_reason *reason)
{
    const lwsec_dtls_engine *engine = session->endpoint->engine;

    if (session->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    if (session->state != LWSEC_DTLS_OPEN) {
        const bool over = session->state == LWSEC_DTLS_OVER;
        return lwsec_refuse(LWSEC_REJECT, over ? LWSEC_WHY_DTLS_CLOSED : LWSEC_WHY_DTLS_HANDSHAKE,
                            0, reason);
    }
    if ((session->endpoint->config.flags & (uint32_t)LWSEC_DTLS_ALLOW_SLEEP) == 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (engine->save == NULL) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_DTLS_BUSY, 0, reason);
    }
    if (lwsec_dtls_queue_used(session) > 0 || engine->pending(session) > 0) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_DTLS_BUSY, 0, reason);
    }
    if (!lwsec_dtls_is_kept(session)) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    return LWSEC_OK;
}

static void write_short(lwsec_writer *writer, lwsec_bytes bytes)
{
    lwsec_writer_u8(writer, (uint8_t)bytes.size);
    lwsec_writer_bytes(writer, bytes);
}

static lwsec_status save_into(lwsec_dtls *session, lwsec_writer *writer, lwsec_reason *reason)
{
    lwsec_status status = lwsec_dtls_write_head(session, writer);

    write_short(writer, lwsec_bytes_of(session->address, session->address_size));
    write_short(writer, lwsec_bytes_of(session->cid, session->cid_size));
    if (status != LWSEC_OK) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_DTLS_CHANGED, 0, reason);
    }
    lwsec_buffer rest =
        lwsec_buffer_of(&writer->data[writer->size], writer->capacity - writer->size);
    status = session->endpoint->engine->save(session, &rest);
    if (status == LWSEC_OK) {
        writer->size += rest.size;
        return LWSEC_OK;
    }
    if (status == LWSEC_BUFFER) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    return lwsec_refuse(status, LWSEC_WHY_DTLS_BUSY, 0, reason);
}

/* In this order: an older record goes while the session is still whole; then the session ends here;
 * then its record is stored. Whatever stops it in between, it is at one place or at none. */
lwsec_status lwsec_dtls_save(lwsec_dtls *session, lwsec_state *state,
                             const uint8_t name[LWSEC_DTLS_NAME], lwsec_reason *reason)
{
    const lwsec_record record = record_of(name);
    uint8_t bytes[SAVED_MAX];
    lwsec_writer writer = lwsec_writer_of(bytes, sizeof bytes);
    uint64_t version = 0;

    lwsec_status status = check_at_rest(session, reason);
    if (status != LWSEC_OK) {
        return status;
    }
    status = lwsec_state_erase(state, &record, reason);
    if (status != LWSEC_OK && status != LWSEC_ABSENT) {
        return status;
    }
    status = save_into(session, &writer, reason);
    if (status == LWSEC_OK) {
        session->state = LWSEC_DTLS_OVER;
        status = lwsec_state_store_if(state, &record, lwsec_bytes_of(bytes, writer.size), &version,
                                      reason);
    }
    lwsec_wipe(bytes, sizeof bytes);
    return status;
}

/* ---- Load ---- */

static bool read_short(lwsec_reader *reader, uint8_t *out, size_t capacity, size_t *size)
{
    const lwsec_bytes bytes = lwsec_reader_take(reader, lwsec_reader_u8(reader));

    if (lwsec_reader_failed(reader) || bytes.size > capacity) {
        return false;
    }
    if (bytes.size > 0) {
        memcpy(out, bytes.data, bytes.size);
    }
    *size = bytes.size;
    return true;
}

static bool read_addresses(lwsec_dtls *session, lwsec_reader *reader)
{
    return read_short(reader, session->address, sizeof session->address, &session->address_size) &&
           read_short(reader, session->cid, sizeof session->cid, &session->cid_size) &&
           session->address_size > 0;
}

static lwsec_status wake(lwsec_dtls *session, lwsec_bytes saved, lwsec_reason *reason)
{
    const lwsec_dtls_engine *engine = session->endpoint->engine;
    lwsec_reader reader = lwsec_reader_of(saved);
    const lwsec_status status = lwsec_dtls_read_head(session, &reader, reason);

    if (status != LWSEC_OK) {
        return status;
    }
    if (!read_addresses(session, &reader)) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    if (engine->open(session) != LWSEC_OK) {
        return lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_DTLS_HANDSHAKE, 0, reason);
    }
    if (!engine->load(session, lwsec_reader_rest(&reader))) {
        engine->close(session);
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    session->state = LWSEC_DTLS_OPEN;
    return LWSEC_OK;
}

lwsec_status lwsec_dtls_load(const lwsec_dtls_endpoint *endpoint, void *memory, size_t size,
                             lwsec_state *state, const uint8_t name[LWSEC_DTLS_NAME], uint64_t now,
                             lwsec_dtls **session, lwsec_reason *reason)
{
    const lwsec_record record = record_of(name);
    uint8_t bytes[LWSEC_RECORD_MAX];
    lwsec_buffer saved = lwsec_buffer_of(bytes, sizeof bytes);

    if (endpoint->engine->load == NULL) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_DTLS_BUSY, 0, reason);
    }
    lwsec_status status = lwsec_dtls_prepare(endpoint, memory, size, now, reason);
    if (status == LWSEC_OK) {
        status = lwsec_state_take(state, &record, &saved, reason);
    }
    if (status == LWSEC_OK) {
        status = wake(memory, lwsec_buffer_bytes(&saved), reason);
        if (status == LWSEC_OK) {
            *session = memory;
            (void)lwsec_accept(reason);
        } else {
            lwsec_dtls_queue_leave(memory);
            lwsec_wipe(memory, lwsec_dtls_size(endpoint));
        }
    }
    lwsec_wipe(bytes, sizeof bytes);
    return status;
}
