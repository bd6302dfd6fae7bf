/* Datagrams between two peers: lost, doubled, late, out of order, replayed, forged. */
#ifndef LWSEC_TESTS_POWER_NETWORK_H
#define LWSEC_TESTS_POWER_NETWORK_H

#include "tests/power/peer.h"

typedef struct datagram {
    unsigned to; /* the peer, 0 or 1 */
    bool response;
    bool forged;
    uint64_t about; /* the request that it is, or answers */
    size_t size;
    uint8_t bytes[WIRE_MAX];
} datagram;

/* Forgets all that is on its way or was seen. */
void network_clear(void);

/* Sends it: it may be lost or doubled. */
void network_send(const datagram *sent);

/* One that is on its way; false when there is none. */
bool network_take(datagram *taken);

/* One that was sent at any time before; false when there is none. */
bool network_replay(datagram *replayed);

/* Makes a forged one: a changed one of those seen, or one made up. `kid` and `next` are what an
 * attacker can know: the Sender ID, and about where the numbers are. */
bool network_forge(datagram *forged, lwsec_bytes kid, uint64_t next);

/* A made up request with the number `piv`. */
void network_made_up(datagram *forged, lwsec_bytes kid, uint64_t piv);

#endif
