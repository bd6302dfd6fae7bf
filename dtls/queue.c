/* Datagrams that wait to be taken: in a room of the session, or in one that sessions share. */
#include "dtls/engine.h"

#include <string.h>

/* Before each datagram stands its size. */
#define PREFIX 2U

size_t lwsec_dtls_queue_used(const lwsec_dtls *session)
{
    return session->queue->owner == session ? session->queue->used : 0;
}

size_t lwsec_dtls_queue_left(const lwsec_dtls *session)
{
    const size_t left = session->endpoint->config.queue - lwsec_dtls_queue_used(session);

    return left > PREFIX ? left - PREFIX : 0;
}

void lwsec_dtls_emit(lwsec_dtls *session, lwsec_bytes datagram)
{
    lwsec_dtls_queue *queue = session->queue;

    if (datagram.size == 0 || datagram.size > UINT16_MAX ||
        datagram.size > lwsec_dtls_queue_left(session)) {
        return;
    }
    if (queue->owner != session) { /* what another session has left there is lost */
        queue->owner = session;
        queue->used = 0;
    }
    uint8_t *place = &queue->data[queue->used];
    place[0] = (uint8_t)(datagram.size >> 8);
    place[1] = (uint8_t)datagram.size;
    memcpy(&place[PREFIX], datagram.data, datagram.size);
    queue->used += PREFIX + datagram.size;
}

lwsec_status lwsec_dtls_take(lwsec_dtls *session, lwsec_buffer *datagram)
{
    lwsec_dtls_queue *queue = session->queue;

    datagram->size = 0;
    if (lwsec_dtls_queue_used(session) == 0) {
        return LWSEC_ABSENT;
    }
    const size_t size = (size_t)queue->data[0] << 8 | queue->data[1];
    if (size > datagram->capacity) {
        return LWSEC_BUFFER;
    }
    memcpy(datagram->data, &queue->data[PREFIX], size);
    datagram->size = size;
    queue->used -= PREFIX + size;
    memmove(queue->data, &queue->data[PREFIX + size], queue->used);
    return LWSEC_OK;
}

void lwsec_dtls_queue_leave(lwsec_dtls *session)
{
    if (session->queue->owner == session) {
        session->queue->owner = NULL;
        session->queue->used = 0;
    }
}
