/* In which order Servers are registered: resources 13, 14 and 15 of the Server object. */
#include "certpolicy/retry.h"

static bool is_ordered(const lwsec_retry_peer *peer)
{
    return (peer->server.present & LWSEC_RETRY_HAS_PRIORITY) != 0;
}

static bool goes_before(const lwsec_retry_peer *one, const lwsec_retry_peer *other)
{
    if (is_ordered(one) != is_ordered(other)) {
        return is_ordered(one);
    }
    if (is_ordered(one) && one->server.priority != other->server.priority) {
        return one->server.priority < other->server.priority;
    }
    return one->server.id < other->server.id;
}

void lwsec_retry_sort(lwsec_retry *retry)
{
    for (size_t i = 1; i < retry->count; i++) {
        const lwsec_retry_peer peer = retry->peers[i];
        size_t at = i;
        for (; at > 0 && goes_before(&peer, &retry->peers[at - 1]); at--) {
            retry->peers[at] = retry->peers[at - 1];
        }
        retry->peers[at] = peer;
    }
}

static void begin(lwsec_retry *retry, lwsec_retry_peer *peer)
{
    const bool was_registered = (peer->flags & LWSEC_RETRY_ONCE) != 0;
    const uint64_t delay = was_registered ? 0 : lwsec_retry_seconds(peer->server.initial_delay);
    const uint64_t turn = lwsec_retry_after(retry->last.monotonic, delay);

    lwsec_retry_begin_round(peer, turn > peer->deadline ? turn : peer->deadline);
    retry->dirty = true;
}

/* Each of the order begins when the one before it is registered, or has failed without blocking;
 * its delay counts from then. The others begin by themselves. */
void lwsec_retry_release(lwsec_retry *retry)
{
    bool turn = true;

    if (!retry->started) {
        return;
    }
    for (size_t i = 0; i < retry->count; i++) {
        lwsec_retry_peer *peer = &retry->peers[i];
        if (peer->phase == LWSEC_RETRY_IDLE && (turn || !is_ordered(peer))) {
            begin(retry, peer);
        }
        if (is_ordered(peer)) {
            turn = turn && (peer->flags & LWSEC_RETRY_PASSED) != 0;
        }
    }
}
