/* A demultiplexer with clients around it, and a network that loses nothing by itself. */
#ifndef LWSEC_TESTS_DTLS_DEMUX_WORLD_H
#define LWSEC_TESTS_DTLS_DEMUX_WORLD_H

#include "tests/dtls/kit.h"

#include <lwsec/dtls_demux.h>

#define ADDRESS 4U

/* A client: number and port are its address. */
typedef struct client {
    lwsec_dtls *session;
    void *memory;
    uint8_t address[ADDRESS];
    bool done;
    size_t answers;
} client;

typedef struct world {
    kit pair; /* for its endpoints alone */
    lwsec_dtls_demux_config config;
    lwsec_dtls_demux *demux;
    void *memory;
    void *queue;
    client *clients;
    size_t count;
    /* What the server was told. */
    size_t done, moved, closed;
    lwsec_why why;     /* of the last that ended */
    uint32_t ended;    /* its number */
    bool mute;         /* what the server says is lost */
    lwsec_status last; /* of the last datagram */
} world;

/* Of the next world: its sessions may sleep; their idle time; one queue for all of them. */
extern bool world_may_sleep;
extern uint64_t world_idle;
extern bool world_share;

bool world_can_cid(const kit_engine *engine);
void world_each_engine(void (*test)(const kit_engine *engine));

void world_open(world *self, const kit_engine *engine, size_t count, uint32_t sessions,
                uint32_t handshakes, bool with_cid);
void world_close(world *self);

void world_set_address(client *one, size_t number, unsigned port);
lwsec_bytes world_address_of(const client *one);

/* A client begins anew; all do, up to the end of their handshakes. */
void world_begin(world *self, size_t number);
void world_begin_all(world *self);

/* A datagram for the server, who then does all that there is to do, and sends plaintext back. */
lwsec_status world_give(world *self, lwsec_bytes datagram, lwsec_bytes address, lwsec_why *why);
void world_drain(world *self);
void world_step_all(world *self);

/* One datagram of a client; false: it has none. What came back to it. Both, until nothing moves. */
bool world_send_one(world *self, client *one);
void world_collect(client *one);
void world_pump(world *self);

/* A client writes; each gets its own back. */
void world_say(client *one);
void world_check_all_answered(world *self);

/* The ClientHello with the cookie of a client that then does nothing more. */
lwsec_bytes world_prove(world *self, size_t number, uint8_t room[KIT_MTU]);

#endif
