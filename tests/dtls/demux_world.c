/* A demultiplexer with clients around it, and a network that loses nothing by itself. */
#include "tests/dtls/demux_world.h"

bool world_can_cid(const kit_engine *engine)
{
    return (lwsec_dtls_capabilities(engine->get()) & LWSEC_DTLS_CID) != 0;
}

void world_set_address(client *one, size_t number, unsigned port)
{
    one->address[0] = (uint8_t)(number >> 8);
    one->address[1] = (uint8_t)number;
    one->address[2] = (uint8_t)(port >> 8);
    one->address[3] = (uint8_t)port;
}

lwsec_bytes world_address_of(const client *one)
{
    return lwsec_bytes_of(one->address, ADDRESS);
}

bool world_may_sleep;
uint64_t world_idle = 60000;
bool world_share;

void world_open(world *self, const kit_engine *engine, size_t count, uint32_t sessions,
                uint32_t handshakes, bool with_cid)
{
    lwsec_reason reason;

    memset(self, 0, sizeof *self);
    kit_init(&self->pair, engine, engine, "psk");
    if (with_cid) {
        self->pair.client.config.cid = LWSEC_DTLS_CID_REQUIRED;
        self->pair.server.config.cid = LWSEC_DTLS_CID_REQUIRED;
        self->pair.server.config.cid_size = 8;
    }
    if (world_may_sleep) {
        self->pair.server.config.flags = LWSEC_DTLS_ALLOW_SLEEP;
    }
    self->pair.client.config.mtu = self->pair.server.config.mtu = 512;
    self->pair.client.config.queue = self->pair.server.config.queue = 1024;
    if (world_share) {
        self->queue = calloc(1, LWSEC_DTLS_QUEUE_SIZE(1024));
        self->pair.server.config.queue_memory = self->queue;
    }
    assert_status(kit_endpoint(&self->pair.client, &reason), LWSEC_OK);
    assert_status(kit_endpoint(&self->pair.server, &reason), LWSEC_OK);
    self->config = (lwsec_dtls_demux_config){.size = sizeof self->config,
                                             .endpoint = self->pair.server.endpoint,
                                             .sessions = sessions,
                                             .handshakes = handshakes,
                                             .idle = world_idle};
    const size_t size = lwsec_dtls_demux_size(&self->config);
    assert_true(size > 0);
    self->memory = malloc(size);
    assert_status(
        lwsec_dtls_demux_open(&self->config, self->memory, size, kit_now, &self->demux, &reason),
        LWSEC_OK);
    self->clients = calloc(count, sizeof *self->clients);
    self->count = count;
    for (size_t i = 0; i < count; i++) {
        self->clients[i].memory = malloc(lwsec_dtls_size(self->pair.client.endpoint));
        world_set_address(&self->clients[i], i, 1000);
    }
}

void world_close(world *self)
{
    lwsec_dtls_demux_close(&self->demux);
    assert_null(self->demux);
    free(self->memory);
    for (size_t i = 0; i < self->count; i++) {
        lwsec_dtls_close(&self->clients[i].session);
        free(self->clients[i].memory);
    }
    free(self->clients);
    kit_close(&self->pair);
    free(self->queue);
}

void world_begin(world *self, size_t number)
{
    client *one = &self->clients[number];
    lwsec_reason reason;

    lwsec_dtls_close(&one->session);
    one->done = false;
    assert_status(lwsec_dtls_open(self->pair.client.endpoint, one->memory,
                                  lwsec_dtls_size(self->pair.client.endpoint),
                                  lwsec_bytes_of("server", 6), kit_now, &one->session, &reason),
                  LWSEC_OK);
}

/* ---- The server's loop ---- */

static void deliver(world *self, const lwsec_buffer *datagram, const lwsec_buffer *address)
{
    const size_t number = (size_t)address->data[0] << 8 | address->data[1];
    lwsec_reason reason;

    if (self->mute || number >= self->count || self->clients[number].session == NULL ||
        memcmp(self->clients[number].address, address->data, ADDRESS) != 0) {
        return;
    }
    const lwsec_status status =
        lwsec_dtls_feed(self->clients[number].session, lwsec_buffer_bytes(datagram),
                        lwsec_bytes_of("server", 6), kit_now, &reason);
    assert_true(status == LWSEC_OK || status == LWSEC_REJECT);
}

static void answer(lwsec_dtls *session)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer text = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;

    while (lwsec_dtls_read(session, &text) == LWSEC_OK) {
        assert_status(lwsec_dtls_write(session, lwsec_buffer_bytes(&text), kit_now, &reason),
                      LWSEC_OK);
    }
}

static void hear_events(world *self, lwsec_dtls *session)
{
    lwsec_dtls_event event = {.size = sizeof event};

    while (lwsec_dtls_next_event(session, &event) == LWSEC_OK) {
        self->done += event.kind == LWSEC_DTLS_EVENT_DONE;
        self->moved += event.kind == LWSEC_DTLS_EVENT_ADDRESS;
        if (event.kind == LWSEC_DTLS_EVENT_CLOSED) {
            self->closed++;
            self->why = event.why;
            self->ended = lwsec_dtls_demux_index(self->demux, session);
        }
    }
}

void world_drain(world *self)
{
    uint8_t room[KIT_MTU], known[LWSEC_DTLS_ADDRESS_MAX];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_buffer address = lwsec_buffer_of(known, sizeof known);
    lwsec_dtls *session;

    while (lwsec_dtls_demux_next(self->demux, &session) == LWSEC_OK) {
        answer(session);
        hear_events(self, session);
        while (lwsec_dtls_take(session, &datagram) == LWSEC_OK) {
            assert_status(lwsec_dtls_address(session, &address), LWSEC_OK);
            deliver(self, &datagram, &address);
        }
    }
}

lwsec_status world_give(world *self, lwsec_bytes datagram, lwsec_bytes address, lwsec_why *why)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status =
        lwsec_dtls_demux_feed(self->demux, datagram, address, kit_now, &reason);

    *why = reason.why;
    world_drain(self);
    return status;
}

/* One datagram of a client; false: it has none. */
bool world_send_one(world *self, client *one)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_why why;

    if (one->session == NULL || lwsec_dtls_take(one->session, &datagram) != LWSEC_OK) {
        return false;
    }
    self->last = world_give(self, lwsec_buffer_bytes(&datagram), world_address_of(one), &why);
    return true;
}

void world_collect(client *one)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer text = lwsec_buffer_of(room, sizeof room);
    lwsec_dtls_event event = {.size = sizeof event};

    while (one->session != NULL && lwsec_dtls_next_event(one->session, &event) == LWSEC_OK) {
        one->done |= event.kind == LWSEC_DTLS_EVENT_DONE;
    }
    while (one->session != NULL && lwsec_dtls_read(one->session, &text) == LWSEC_OK) {
        one->answers++;
    }
}

void world_pump(world *self)
{
    bool moved = true;

    while (moved) {
        moved = false;
        for (size_t i = 0; i < self->count; i++) {
            while (world_send_one(self, &self->clients[i])) {
                moved = true;
            }
            world_collect(&self->clients[i]);
        }
    }
}

void world_say(client *one)
{
    lwsec_reason reason;

    assert_status(lwsec_dtls_write(one->session, lwsec_bytes_of("hello", 5), kit_now, &reason),
                  LWSEC_OK);
}

void world_check_all_answered(world *self)
{
    for (size_t i = 0; i < self->count; i++) {
        self->clients[i].answers = 0;
        world_say(&self->clients[i]);
    }
    world_pump(self);
    for (size_t i = 0; i < self->count; i++) {
        assert_int_equal(self->clients[i].answers, 1);
    }
}

void world_begin_all(world *self)
{
    for (size_t i = 0; i < self->count; i++) {
        world_begin(self, i);
    }
    world_pump(self);
}

void world_step_all(world *self)
{
    lwsec_reason reason;

    while (lwsec_dtls_demux_deadline(self->demux) <= kit_now) {
        assert_status(lwsec_dtls_demux_step(self->demux, kit_now, &reason), LWSEC_OK);
        world_drain(self);
    }
}

/* The ClientHello with the cookie of a client that then does nothing more. */
lwsec_bytes world_prove(world *self, size_t number, uint8_t room[KIT_MTU])
{
    client *one = &self->clients[number];
    lwsec_buffer datagram = lwsec_buffer_of(room, KIT_MTU);

    world_begin(self, number);
    assert_true(world_send_one(self, one));
    assert_status(lwsec_dtls_take(one->session, &datagram), LWSEC_OK);
    return lwsec_buffer_bytes(&datagram);
}

void world_each_engine(void (*test)(const kit_engine *engine))
{
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        test(kit_engine_at(i));
    }
}
