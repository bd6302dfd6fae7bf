/* A server's registry and many peers of it, for tests. */
#ifndef LWSEC_TESTS_OSCORE_PEERS_H
#define LWSEC_TESTS_OSCORE_PEERS_H

#include "tests/oscore/pair.h"

#include <lwsec/oscore_registry.h>

#define PEERS_MAX 64U
#define PEER_SLOTS (4U * PEERS_MAX)

/* One peer: its secret follows from its number. kid and kid context may be changed before use. */
typedef struct peer {
    uint8_t number;
    lwsec_bytes kid;
    lwsec_bytes id_context; /* NULL data: none */
    uint32_t flags;         /* of both ends */
} peer;

typedef struct peers {
    lwsec_store *store;
    lwsec_state *state;        /* the server's */
    lwsec_state *client_state; /* all peers' */
    lwsec_oscore_registry_config config;
    lwsec_oscore_registry *registry;
    void *memory;
} peers;

/* Set-up without an open registry: the configuration may be changed before peers_open. */
int peers_set_up(void **state);
int peers_tear_down(void **state);
void peers_open(peers *all);
#define peers_test(test) cmocka_unit_test_setup_teardown((test), peers_set_up, peers_tear_down)

/* A peer whose kid is its number in two bytes, without ID Context. */
peer peer_of(uint8_t number);

/* The server's configuration for it. Its secret is destroyed by peer_config_done. */
lwsec_oscore_config peer_config(const peers *all, const peer *one);
void peer_config_done(lwsec_oscore_config *config);

/* Adds it with an address ("": none). */
lwsec_status peer_add(peers *all, const peer *one, const char *address, uint32_t now);

/* A fresh request of the peer: each call begins with a new context of it. */
lwsec_bytes peer_request(const peers *all, const peer *one, packet *sent);

/* Opens a request in the registry. On LWSEC_OK the context is given back. */
lwsec_status peers_receive(peers *all, lwsec_bytes wire, const char *address, uint32_t now,
                           packet *received);

/* A packet that lives until the 8th one after it. */
packet *peers_packet(void);

#endif
