/* Connection IDs: who has which, and the peer that comes from another address (RFC 9146). */
#include "dtls/engine.h"

#include "core/epoch.h"
#include "core/reason.h"

#include <string.h>

/* tls12_cid, and what stands before the CID: type, version, epoch and number. */
#define RECORD_WITH_CID 25U
#define BEFORE_CID 11U

/* The type of the plaintext, which moves inside, and padding up to a multiple of 16. */
#define INNER_MAX 16U

lwsec_status lwsec_dtls_set_cid(lwsec_dtls *session, lwsec_bytes cid, lwsec_reason *reason)
{
    const lwsec_dtls_endpoint *endpoint = session->endpoint;

    if (session->epoch != lwsec_epoch()) {
        return lwsec_refuse(LWSEC_FORKED, LWSEC_WHY_FORKED, 0, reason);
    }
    if (session->state != LWSEC_DTLS_LISTENING || endpoint->config.cid == LWSEC_DTLS_CID_OFF ||
        cid.size != endpoint->config.cid_size) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (endpoint->engine->set_cid == NULL) { /* offered, and not to be had */
        return lwsec_accept(reason);
    }
    memcpy(session->cid, cid.data, cid.size);
    session->cid_size = cid.size;
    if (!endpoint->engine->set_cid(session)) {
        return lwsec_refuse(LWSEC_ENGINE, LWSEC_WHY_DTLS_CID, 0, reason);
    }
    return lwsec_accept(reason);
}

static bool agreed(const lwsec_dtls *session, size_t *peer_size)
{
    const lwsec_dtls_engine *engine = session->endpoint->engine;

    *peer_size = 0;
    return session->state == LWSEC_DTLS_OPEN && engine->has_cid != NULL &&
           engine->has_cid(session, peer_size);
}

bool lwsec_dtls_has_cid(const lwsec_dtls *session)
{
    size_t size;

    return agreed(session, &size);
}

size_t lwsec_dtls_cid_overhead(const lwsec_dtls *session)
{
    size_t size;

    return agreed(session, &size) && size > 0 ? size + INNER_MAX : 0;
}

lwsec_status lwsec_dtls_cid_of(lwsec_bytes datagram, size_t size, lwsec_bytes *cid)
{
    if (size == 0 || datagram.size < BEFORE_CID + size || datagram.data[0] != RECORD_WITH_CID) {
        *cid = lwsec_bytes_of(NULL, 0);
        return LWSEC_ABSENT;
    }
    *cid = lwsec_bytes_of(&datagram.data[BEFORE_CID], size);
    return LWSEC_OK;
}

/* ---- The peer's address ---- */

bool lwsec_dtls_comes_by_cid(const lwsec_dtls *session, lwsec_bytes datagram)
{
    lwsec_bytes cid;

    return lwsec_dtls_has_cid(session) &&
           lwsec_dtls_cid_of(datagram, session->cid_size, &cid) == LWSEC_OK &&
           lwsec_equal_secret(cid, lwsec_bytes_of(session->cid, session->cid_size));
}

uint64_t lwsec_dtls_newest(const lwsec_dtls *session)
{
    const lwsec_dtls_engine *engine = session->endpoint->engine;

    return session->from_size > 0 && engine->newest != NULL ? engine->newest(session) : 0;
}

/* R-5.2.8-01, RFC 9146 section 6: authentic, and newer than the newest. A record that was held
 * back, or sent twice, does not call the peer back to where it was. */
void lwsec_dtls_follow(lwsec_dtls *session, uint64_t newest)
{
    if (session->from_size == 0 || lwsec_dtls_newest(session) <= newest) {
        return;
    }
    memcpy(session->address, session->from, session->from_size);
    session->address_size = session->from_size;
    session->from_size = 0;
    session->tell |= LWSEC_DTLS_TELL_ADDRESS;
}

lwsec_status lwsec_dtls_address(const lwsec_dtls *session, lwsec_buffer *address)
{
    address->size = 0;
    if (session->address_size == 0) {
        return LWSEC_ABSENT;
    }
    if (session->address_size > address->capacity) {
        return LWSEC_BUFFER;
    }
    memcpy(address->data, session->address, session->address_size);
    address->size = session->address_size;
    return LWSEC_OK;
}
