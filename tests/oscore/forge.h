/* Messages that a peer who has the keys and breaks the rules could send. */
#ifndef LWSEC_TESTS_OSCORE_FORGE_H
#define LWSEC_TESTS_OSCORE_FORGE_H

#include "tests/oscore/pair.h"

/*
 * A request of this context with the number `number`, sealed correctly around `inner` (code,
 * options, marker, payload as they are given). `outer` stands between the token and the marker, and
 * has to hold the OSCORE option; NULL: the right one and nothing else. Lives until the 8th one
 * after it.
 */
lwsec_bytes forge_request(const endpoint *client, uint64_t number, lwsec_bytes inner,
                          const char *outer);

/* A response to the request `request_number` of the peer, likewise; `number` NULL: without Partial
 * IV. */
lwsec_bytes forge_response(const endpoint *server, uint64_t request_number, const uint64_t *number,
                           lwsec_bytes inner);

/* A request without any key: ciphertext and tag are made up. */
lwsec_bytes forge_blind(uint64_t number, lwsec_bytes kid, uint8_t filler);

#endif
