/* The record of a retry engine, as it is stored. */
#include "certpolicy/retry_record.h"

#include "core/reason.h"
#include "core/siphash.h"
#include "core/writer.h"

/* No secret: it finds damage, not an attacker, who may write into the device's state anyway. */
uint64_t lwsec_retry_record_check(lwsec_bytes body)
{
    static const lwsec_siphash_key key = {{0x6c77736563207265U, 0x747279207265636fU}};

    return lwsec_siphash(&key, body);
}

static uint64_t left_at(const lwsec_retry_peer *peer, uint64_t now)
{
    const bool waits = peer->phase == LWSEC_RETRY_WAITING || peer->phase == LWSEC_RETRY_IDLE;

    return waits && peer->deadline > now ? peer->deadline - now : 0;
}

static void write_peer(lwsec_writer *writer, const lwsec_retry_peer *peer, uint64_t now)
{
    lwsec_writer_u8(writer, peer->phase);
    lwsec_writer_u8(writer, peer->flags);
    lwsec_writer_u8(writer, peer->alert);
    lwsec_writer_u8(writer, peer->same);
    lwsec_writer_uint(writer, peer->attempt, 4);
    lwsec_writer_uint(writer, peer->sequence, 4);
    lwsec_writer_uint(writer, left_at(peer, now), 8);
    lwsec_writer_uint(writer, peer->begun < now ? now - peer->begun : 0, 8);
    lwsec_writer_u8(writer, peer->attempted ? 1 : 0);
}

static size_t write_record(const lwsec_retry *retry, uint8_t room[LWSEC_RETRY_RECORD_MAX])
{
    const uint64_t now = retry->stored.monotonic;
    lwsec_writer writer = lwsec_writer_of(room, LWSEC_RETRY_RECORD_MAX);

    lwsec_writer_u8(&writer, LWSEC_RETRY_RECORD_FORMAT);
    lwsec_writer_u8(&writer, (uint8_t)((retry->started ? LWSEC_RETRY_RECORD_STARTED : 0) |
                                       (retry->wanted ? LWSEC_RETRY_RECORD_WANTED : 0)));
    lwsec_writer_u8(&writer, (uint8_t)retry->stored.trust);
    lwsec_writer_uint(&writer, retry->stored.wall, 8);
    write_peer(&writer, &retry->bootstrap, now);
    lwsec_writer_u8(&writer, (uint8_t)retry->count);
    for (size_t i = 0; i < retry->count; i++) {
        lwsec_writer_uint(&writer, retry->peers[i].server.id, 2);
        write_peer(&writer, &retry->peers[i], now);
    }
    lwsec_writer_uint(&writer, lwsec_retry_record_check(lwsec_bytes_of(room, writer.size)),
                      LWSEC_RETRY_RECORD_CHECK);
    return writer.size;
}

/* Which version stands, after a store that failed. */
static lwsec_status look_again(lwsec_retry *retry, lwsec_reason *reason)
{
    uint8_t room[LWSEC_RETRY_RECORD_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);

    const lwsec_status status =
        lwsec_state_load(retry->state, &retry->record, &value, &retry->version, reason);
    if (status != LWSEC_OK && status != LWSEC_ABSENT) {
        return status;
    }
    retry->in_doubt = false;
    return LWSEC_OK;
}

static lwsec_status store(lwsec_retry *retry, lwsec_reason *reason)
{
    uint8_t room[LWSEC_RETRY_RECORD_MAX];

    /* What is pending is stored again as it was. */
    if (!retry->pending) {
        retry->stored = retry->last;
    }
    const size_t size = write_record(retry, room);
    const lwsec_status status = lwsec_state_store_if(
        retry->state, &retry->record, lwsec_bytes_of(room, size), &retry->version, reason);
    retry->pending = status == LWSEC_PENDING;
    retry->in_doubt = status != LWSEC_OK && status != LWSEC_PENDING;
    return status;
}

lwsec_status lwsec_retry_store(lwsec_retry *retry, lwsec_reason *reason)
{
    lwsec_status status = LWSEC_OK;

    if (retry->dirty && retry->state != NULL) {
        status = retry->in_doubt ? look_again(retry, reason) : LWSEC_OK;
        if (status == LWSEC_OK) {
            status = store(retry, reason);
        }
    }
    if (status != LWSEC_OK) {
        return status;
    }
    retry->dirty = false;
    return lwsec_accept(reason);
}

bool lwsec_retry_keeps_waiting(const lwsec_retry *retry, uint64_t *checkpoint)
{
    *checkpoint = lwsec_retry_after(retry->stored.monotonic, LWSEC_RETRY_CHECKPOINT);
    if (retry->state == NULL) {
        return false;
    }
    bool keeps = left_at(&retry->bootstrap, *checkpoint) > 0;
    for (size_t i = 0; i < retry->count; i++) {
        keeps = keeps || left_at(&retry->peers[i], *checkpoint) > 0;
    }
    return keeps;
}
