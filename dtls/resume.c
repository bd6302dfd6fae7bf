/* A client's ticket: stored, and offered again if nothing but the time has changed. */
#include "dtls/engine.h"

#include "core/epoch.h"
#include "core/reason.h"

#include <string.h>

/* The longest record: what a sealing wrapper adds has to find room as well. */
#define TICKET_MAX (LWSEC_RECORD_MAX - 64U)

static lwsec_record record_of(const uint8_t name[LWSEC_DTLS_NAME])
{
    lwsec_record record = {.kind = LWSEC_RECORD_TICKET};

    memcpy(record.identity, name, LWSEC_DTLS_NAME);
    return record;
}

static lwsec_status check_ready(const lwsec_dtls *session, lwsec_reason *reason)
{
    const lwsec_dtls_config *config = &session->endpoint->config;

    if (session->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    if (session->state != LWSEC_DTLS_OPEN) {
        const bool over = session->state == LWSEC_DTLS_OVER;
        return lwsec_refuse(LWSEC_REJECT, over ? LWSEC_WHY_DTLS_CLOSED : LWSEC_WHY_DTLS_HANDSHAKE,
                            0, reason);
    }
    if (config->role != LWSEC_DTLS_CLIENT ||
        (config->flags & (uint32_t)LWSEC_DTLS_ALLOW_RESUME) == 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (!lwsec_dtls_is_kept(session)) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    return LWSEC_OK;
}

static lwsec_status write_ticket(lwsec_dtls *session, lwsec_buffer *out, lwsec_reason *reason)
{
    lwsec_writer writer = lwsec_writer_of(out->data, out->capacity);
    lwsec_status status = lwsec_dtls_write_head(session, &writer);

    if (status != LWSEC_OK) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_DTLS_CHANGED, 0, reason);
    }
    lwsec_buffer rest = lwsec_buffer_of(&out->data[writer.size], out->capacity - writer.size);
    status = session->endpoint->engine->ticket(session, &rest);
    if (status != LWSEC_OK) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_TOO_LONG, 0, reason);
    }
    out->size = writer.size + rest.size;
    return LWSEC_OK;
}

/* The version of what the new one replaces. */
static lwsec_status version_of(lwsec_state *state, const lwsec_record *record, uint64_t *version,
                               lwsec_reason *reason)
{
    uint8_t bytes[LWSEC_RECORD_MAX];
    lwsec_buffer old = lwsec_buffer_of(bytes, sizeof bytes);
    const lwsec_status status = lwsec_state_load(state, record, &old, version, reason);

    lwsec_wipe(bytes, sizeof bytes);
    return status == LWSEC_ABSENT ? LWSEC_OK : status;
}

lwsec_status lwsec_dtls_store_ticket(lwsec_dtls *session, lwsec_state *state,
                                     const uint8_t name[LWSEC_DTLS_NAME], lwsec_reason *reason)
{
    const lwsec_record record = record_of(name);
    uint8_t bytes[TICKET_MAX];
    lwsec_buffer ticket = lwsec_buffer_of(bytes, sizeof bytes);
    uint64_t version = 0;

    lwsec_status status = check_ready(session, reason);
    if (status == LWSEC_OK) {
        status = version_of(state, &record, &version, reason);
    }
    if (status == LWSEC_OK) {
        status = write_ticket(session, &ticket, reason);
    }
    if (status == LWSEC_OK) {
        status =
            lwsec_state_store_if(state, &record, lwsec_buffer_bytes(&ticket), &version, reason);
    }
    lwsec_wipe(bytes, sizeof bytes);
    return status;
}

/* What does not fit is not offered, and the handshake is a whole one. */
void lwsec_dtls_offer(lwsec_dtls *session, lwsec_bytes ticket)
{
    const lwsec_dtls_engine *engine = session->endpoint->engine;
    lwsec_reader reader = lwsec_reader_of(ticket);

    if (ticket.size == 0 ||
        (session->endpoint->config.flags & (uint32_t)LWSEC_DTLS_ALLOW_RESUME) == 0) {
        return;
    }
    if (lwsec_dtls_read_head(session, &reader, NULL) != LWSEC_OK ||
        !engine->offer(session, lwsec_reader_rest(&reader))) {
        session->kept_size = 0;
        lwsec_dtls_set_own_identity(session);
    }
}

/* NOLINTNEXTLINE(readability-function-size): those of lwsec_dtls_open, and where the ticket is */
lwsec_status lwsec_dtls_open_again(const lwsec_dtls_endpoint *endpoint, void *memory, size_t size,
                                   lwsec_bytes address, uint64_t now, lwsec_state *state,
                                   const uint8_t name[LWSEC_DTLS_NAME], lwsec_dtls **session,
                                   lwsec_reason *reason)
{
    const lwsec_record record = record_of(name);
    uint8_t bytes[LWSEC_RECORD_MAX];
    lwsec_buffer ticket = lwsec_buffer_of(bytes, sizeof bytes);
    uint64_t version;

    lwsec_status status = lwsec_state_load(state, &record, &ticket, &version, reason);
    if (status == LWSEC_OK || status == LWSEC_ABSENT) {
        status = lwsec_dtls_open_with(endpoint, memory, size, address, now,
                                      lwsec_buffer_bytes(&ticket), session, reason);
    }
    lwsec_wipe(bytes, sizeof bytes);
    return status;
}
