/* Many sessions over one socket: who gets which datagram, and who has to make room. */
#include "tests/dtls/kit.h"

#include <lwsec/dtls_demux.h>
#include <lwsec/state_memory.h>

#define MANY 1000U
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

static bool can_cid(const kit_engine *engine)
{
    return (lwsec_dtls_capabilities(engine->get()) & LWSEC_DTLS_CID) != 0;
}

static void set_address(client *one, size_t number, unsigned port)
{
    one->address[0] = (uint8_t)(number >> 8);
    one->address[1] = (uint8_t)number;
    one->address[2] = (uint8_t)(port >> 8);
    one->address[3] = (uint8_t)port;
}

static lwsec_bytes address_of(const client *one)
{
    return lwsec_bytes_of(one->address, ADDRESS);
}

static bool may_sleep; /* the sessions of the next world */
static bool share;     /* one queue for all of its sessions */

static void open_world(world *self, const kit_engine *engine, size_t count, uint32_t sessions,
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
    if (may_sleep) {
        self->pair.server.config.flags = LWSEC_DTLS_ALLOW_SLEEP;
    }
    self->pair.client.config.mtu = self->pair.server.config.mtu = 512;
    self->pair.client.config.queue = self->pair.server.config.queue = 1024;
    if (share) {
        self->queue = calloc(1, LWSEC_DTLS_QUEUE_SIZE(1024));
        self->pair.server.config.queue_memory = self->queue;
    }
    assert_status(kit_endpoint(&self->pair.client, &reason), LWSEC_OK);
    assert_status(kit_endpoint(&self->pair.server, &reason), LWSEC_OK);
    self->config = (lwsec_dtls_demux_config){.size = sizeof self->config,
                                             .endpoint = self->pair.server.endpoint,
                                             .sessions = sessions,
                                             .handshakes = handshakes,
                                             .idle = 60000};
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
        set_address(&self->clients[i], i, 1000);
    }
}

static void close_world(world *self)
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

static void begin(world *self, size_t number)
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

static void drain(world *self)
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

static lwsec_status give(world *self, lwsec_bytes datagram, lwsec_bytes address, lwsec_why *why)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status =
        lwsec_dtls_demux_feed(self->demux, datagram, address, kit_now, &reason);

    *why = reason.why;
    drain(self);
    return status;
}

/* One datagram of a client; false: it has none. */
static bool send_one(world *self, client *one)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_why why;

    if (one->session == NULL || lwsec_dtls_take(one->session, &datagram) != LWSEC_OK) {
        return false;
    }
    self->last = give(self, lwsec_buffer_bytes(&datagram), address_of(one), &why);
    return true;
}

static void collect(client *one)
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

static void pump(world *self)
{
    bool moved = true;

    while (moved) {
        moved = false;
        for (size_t i = 0; i < self->count; i++) {
            while (send_one(self, &self->clients[i])) {
                moved = true;
            }
            collect(&self->clients[i]);
        }
    }
}

static void say(client *one)
{
    lwsec_reason reason;

    assert_status(lwsec_dtls_write(one->session, lwsec_bytes_of("hello", 5), kit_now, &reason),
                  LWSEC_OK);
}

static void check_all_answered(world *self)
{
    for (size_t i = 0; i < self->count; i++) {
        self->clients[i].answers = 0;
        say(&self->clients[i]);
    }
    pump(self);
    for (size_t i = 0; i < self->count; i++) {
        assert_int_equal(self->clients[i].answers, 1);
    }
}

static void begin_all(world *self)
{
    for (size_t i = 0; i < self->count; i++) {
        begin(self, i);
    }
    pump(self);
}

static void step_all(world *self)
{
    lwsec_reason reason;

    while (lwsec_dtls_demux_deadline(self->demux) <= kit_now) {
        assert_status(lwsec_dtls_demux_step(self->demux, kit_now, &reason), LWSEC_OK);
        drain(self);
    }
}

/* The ClientHello with the cookie of a client that then does nothing more. */
static lwsec_bytes prove(world *self, size_t number, uint8_t room[KIT_MTU])
{
    client *one = &self->clients[number];
    lwsec_buffer datagram = lwsec_buffer_of(room, KIT_MTU);

    begin(self, number);
    assert_true(send_one(self, one));
    assert_status(lwsec_dtls_take(one->session, &datagram), LWSEC_OK);
    return lwsec_buffer_bytes(&datagram);
}

static void each_engine(void (*test)(const kit_engine *engine))
{
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        test(kit_engine_at(i));
    }
}

/* ---- Many ---- */

static void serves_many(const kit_engine *engine)
{
    world self;

    open_world(&self, engine, MANY, MANY, 8, false);
    begin_all(&self);
    assert_int_equal(self.done, MANY);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), MANY);
    assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 0);
    check_all_answered(&self);
    assert_int_equal(self.closed, 0);
    close_world(&self);
}

static void test_a_thousand_sessions_each_get_their_own(void **state)
{
    (void)state;
    each_engine(serves_many);
    share = true;
    each_engine(serves_many);
    share = false;
}

static void follows_many(const kit_engine *engine)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_why why;
    world self;

    open_world(&self, engine, MANY, MANY, 8, true);
    begin_all(&self);
    assert_int_equal(self.done, MANY);
    check_all_answered(&self);
    /* Forged: nobody moves. */
    for (size_t i = 0; i < MANY; i += 100) {
        say(&self.clients[i]);
        assert_status(lwsec_dtls_take(self.clients[i].session, &datagram), LWSEC_OK);
        room[datagram.size - 1] ^= 1;
        assert_status(give(&self, lwsec_buffer_bytes(&datagram), lwsec_bytes_of("evil", 4), &why),
                      LWSEC_OK);
        room[datagram.size - 1] ^= 1;
        room[11] ^= 1; /* a CID that nobody has */
        assert_status(give(&self, lwsec_buffer_bytes(&datagram), lwsec_bytes_of("evil", 4), &why),
                      LWSEC_REJECT);
        assert_int_equal(why, LWSEC_WHY_DTLS_ADDRESS);
    }
    assert_int_equal(self.moved, 0);
    /* All move, each to where another one was. */
    for (size_t i = 0; i < MANY; i++) {
        set_address(&self.clients[i], i, 2000);
    }
    check_all_answered(&self);
    assert_int_equal(self.moved, MANY);
    check_all_answered(&self);
    assert_int_equal(self.moved, MANY);
    assert_int_equal(self.closed, 0);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), MANY);
    close_world(&self);
}

static void test_a_thousand_sessions_move(void **state)
{
    size_t runs = 0;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        if (can_cid(kit_engine_at(i))) {
            follows_many(kit_engine_at(i));
            runs++;
        }
    }
    if (runs == 0) {
        skip();
    }
    LWSEC_COVERS("R-5.2.8-01");
}

/* ---- Before a client is authenticated ---- */

static void withstands_flood(const kit_engine *engine)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_why why;
    world self;

    open_world(&self, engine, 1, 2, 1, false);
    begin(&self, 0);
    assert_status(lwsec_dtls_take(self.clients[0].session, &datagram), LWSEC_OK);
    self.mute = true;
    for (uint32_t i = 0; i < 5000; i++) {
        const uint8_t address[] = {0xff, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
        assert_status(give(&self, lwsec_buffer_bytes(&datagram),
                           lwsec_bytes_of(address, sizeof address), &why),
                      LWSEC_OK);
        assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 0);
    }
    assert_int_equal(lwsec_dtls_demux_deadline(self.demux), UINT64_MAX);
    self.mute = false;
    begin_all(&self);
    check_all_answered(&self);
    close_world(&self);
}

static void test_a_flood_of_hellos_takes_no_place(void **state)
{
    (void)state;
    each_engine(withstands_flood);
}

/* Clients 0 to 3 prove their addresses and stop there; two places are for such. */
static void bounds_handshakes(const kit_engine *engine)
{
    uint8_t rooms[4][KIT_MTU];
    lwsec_why why;
    world self;

    open_world(&self, engine, 5, 8, 2, false);
    for (size_t i = 0; i < 4; i++) {
        const lwsec_bytes hello = prove(&self, i, rooms[i]);
        self.mute = true;
        assert_status(give(&self, hello, address_of(&self.clients[i]), &why), LWSEC_OK);
        self.mute = false;
        assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), i < 2 ? i + 1 : 2);
        kit_now++;
    }
    /* They keep nobody out. */
    begin(&self, 4);
    while (!self.clients[4].done) {
        assert_true(send_one(&self, &self.clients[4]));
        collect(&self.clients[4]);
    }
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 1);
    /* Of the four, the first ones had to go: what they send is nobody's. */
    static const uint8_t key_exchange[] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 16};
    const lwsec_bytes more = lwsec_bytes_of(key_exchange, sizeof key_exchange);
    assert_status(give(&self, more, address_of(&self.clients[0]), &why), LWSEC_REJECT);
    assert_status(give(&self, more, address_of(&self.clients[2]), &why), LWSEC_REJECT);
    assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 1);
    /* And the last one goes by its limit. */
    for (unsigned i = 0; i < 100 && lwsec_dtls_demux_shaking_count(self.demux) > 0; i++) {
        kit_now = lwsec_dtls_demux_deadline(self.demux);
        step_all(&self);
    }
    assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 0);
    close_world(&self);
}

static void test_handshakes_are_bounded_and_the_oldest_makes_room(void **state)
{
    (void)state;
    each_engine(bounds_handshakes);
}

static void repeats(const kit_engine *engine)
{
    uint8_t room[KIT_MTU];
    lwsec_why why;
    world self;

    open_world(&self, engine, 1, 2, 2, false);
    const lwsec_bytes hello = prove(&self, 0, room);
    self.mute = true;
    for (unsigned i = 0; i < 3; i++) { /* one handshake, however often it comes */
        self.mute = i < 2;
        assert_status(give(&self, hello, address_of(&self.clients[0]), &why), LWSEC_OK);
        assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 1);
    }
    for (unsigned i = 0; i < 40 && !self.clients[0].done; i++) { /* what was lost comes again */
        lwsec_reason reason;
        pump(&self);
        kit_now += 500;
        assert_status(lwsec_dtls_step(self.clients[0].session, kit_now, &reason), LWSEC_OK);
        step_all(&self);
    }
    assert_true(self.clients[0].done);
    check_all_answered(&self);
    /* Also when it is over. */
    assert_status(give(&self, hello, address_of(&self.clients[0]), &why), LWSEC_OK);
    assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 0);
    check_all_answered(&self);
    assert_int_equal(self.closed, 0);
    close_world(&self);
}

static void test_a_repeated_hello_begins_nothing(void **state)
{
    (void)state;
    each_engine(repeats);
}

/* ---- A client that begins anew ---- */

static void begins_anew(const kit_engine *engine)
{
    uint8_t room[KIT_MTU], forgotten[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(forgotten, sizeof forgotten);
    lwsec_why why;
    world self;

    open_world(&self, engine, 2, 2, 2, false);
    begin_all(&self);
    check_all_answered(&self);
    client old = self.clients[0];
    say(&old);
    self.clients[0].session = NULL;
    self.clients[0].memory = malloc(lwsec_dtls_size(self.pair.client.endpoint));
    const lwsec_bytes hello = prove(&self, 0, room);
    assert_status(give(&self, hello, address_of(&old), &why), LWSEC_OK);
    assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 1);
    /* Whoever that is: the old one goes on. */
    assert_int_equal(self.closed, 0);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 2);
    assert_status(lwsec_dtls_take(old.session, &datagram), LWSEC_OK);
    lwsec_dtls *fresh = self.clients[0].session;
    self.clients[0].session = old.session; /* to hear the answer */
    self.clients[0].answers = 0;
    assert_status(give(&self, lwsec_buffer_bytes(&datagram), address_of(&old), &why), LWSEC_OK);
    collect(&self.clients[0]);
    assert_int_equal(self.clients[0].answers, 1);
    self.clients[0].session = fresh;
    /* Until the new one is authenticated. What the server said was lost: it comes again. */
    for (unsigned i = 0; i < 40 && !self.clients[0].done; i++) {
        lwsec_reason reason;
        pump(&self);
        kit_now += 500;
        assert_status(lwsec_dtls_step(fresh, kit_now, &reason), LWSEC_OK);
        step_all(&self);
    }
    assert_true(self.clients[0].done);
    assert_int_equal(self.closed, 1);
    assert_int_equal(self.why, LWSEC_WHY_DTLS_REPLACED);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 2);
    check_all_answered(&self);
    lwsec_dtls_close(&old.session);
    free(old.memory);
    close_world(&self);
}

static void test_the_old_session_stays_until_the_new_one_is_authenticated(void **state)
{
    (void)state;
    each_engine(begins_anew);
}

/* ---- Full, and idle ---- */

static void fills_up(const kit_engine *engine)
{
    world self;

    open_world(&self, engine, 3, 2, 2, false);
    begin(&self, 0);
    begin(&self, 1);
    pump(&self);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 2);
    /* Those who are authenticated are not pushed out. */
    begin(&self, 2);
    pump(&self);
    assert_false(self.clients[2].done);
    assert_int_equal(self.last, LWSEC_LIMIT);
    assert_int_equal(self.closed, 0);
    /* One of them says something, the other one does not. */
    kit_now += 59000;
    step_all(&self);
    say(&self.clients[1]);
    pump(&self);
    kit_now += 2000;
    step_all(&self);
    assert_int_equal(self.closed, 1);
    assert_int_equal(self.why, LWSEC_WHY_DTLS_IDLE);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 1);
    begin(&self, 2);
    pump(&self);
    assert_true(self.clients[2].done);
    self.clients[1].answers = 0;
    say(&self.clients[1]);
    pump(&self);
    assert_int_equal(self.clients[1].answers, 1);
    close_world(&self);
}

static void test_the_idle_make_room_and_nobody_else(void **state)
{
    (void)state;
    each_engine(fills_up);
}

/* Forged records keep no session alive, and end none. */
static void forged(const kit_engine *engine)
{
    uint8_t noise[64];
    lwsec_why why;
    world self;

    open_world(&self, engine, 1, 1, 1, false);
    begin_all(&self);
    check_all_answered(&self);
    for (size_t i = 0; i < sizeof noise; i++) {
        noise[i] = (uint8_t)(i * 37);
    }
    static const uint8_t heads[][5] = {{23, 0xfe, 0xfd, 0, 1}, {21, 0xfe, 0xfd, 0, 1},
                                       {22, 0xfe, 0xfd, 0, 0}, {20, 0xfe, 0xfd, 0, 0},
                                       {25, 0xfe, 0xfd, 0, 1}, {21, 0xfe, 0xfd, 0, 0}};
    for (unsigned turn = 0; turn < 59; turn++) {
        kit_now += 1000;
        for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
            memcpy(noise, heads[i], sizeof heads[i]);
            noise[11] = 0;
            noise[12] = (uint8_t)(turn % 51);
            (void)give(&self, lwsec_bytes_of(noise, 13U + turn % 51), address_of(&self.clients[0]),
                       &why);
            assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 1);
        }
    }
    assert_status(give(&self, lwsec_bytes_of(noise, sizeof noise), lwsec_bytes_of("else", 4), &why),
                  LWSEC_REJECT);
    kit_now += 1000;
    step_all(&self);
    assert_int_equal(self.closed, 1);
    assert_int_equal(self.why, LWSEC_WHY_DTLS_IDLE);
    close_world(&self);
}

static void test_forged_records_neither_end_nor_keep_a_session(void **state)
{
    (void)state;
    each_engine(forged);
}

static void drops(const kit_engine *engine)
{
    lwsec_dtls *session;
    lwsec_why why;
    world self;

    open_world(&self, engine, 1, 1, 1, false);
    begin_all(&self);
    say(&self.clients[0]);
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;
    assert_status(lwsec_dtls_take(self.clients[0].session, &datagram), LWSEC_OK);
    assert_status(lwsec_dtls_demux_feed(self.demux, lwsec_buffer_bytes(&datagram),
                                        address_of(&self.clients[0]), kit_now, &reason),
                  LWSEC_OK);
    assert_status(lwsec_dtls_demux_next(self.demux, &session), LWSEC_OK);
    lwsec_dtls_demux_drop(self.demux, &session);
    assert_null(session);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 0);
    assert_status(give(&self, lwsec_buffer_bytes(&datagram), address_of(&self.clients[0]), &why),
                  LWSEC_REJECT);
    begin_all(&self);
    check_all_answered(&self);
    close_world(&self);
}

static void test_the_caller_may_drop_a_session(void **state)
{
    (void)state;
    each_engine(drops);
}

/* ---- A server that starts again ---- */

#define SLEEPERS 20U

static void name_of(uint8_t name[LWSEC_DTLS_NAME], size_t number)
{
    memset(name, 0, LWSEC_DTLS_NAME);
    name[0] = (uint8_t)number;
}

/* Each session is saved as it is given out. */
static void save_all(world *self, lwsec_state *state)
{
    uint8_t room[KIT_MTU], name[LWSEC_DTLS_NAME];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;
    lwsec_dtls *session;

    for (size_t i = 0; i < self->count; i++) {
        say(&self->clients[i]);
        assert_status(lwsec_dtls_take(self->clients[i].session, &datagram), LWSEC_OK);
        assert_status(lwsec_dtls_demux_feed(self->demux, lwsec_buffer_bytes(&datagram),
                                            address_of(&self->clients[i]), kit_now, &reason),
                      LWSEC_OK);
        assert_status(lwsec_dtls_demux_next(self->demux, &session), LWSEC_OK);
        assert_status(lwsec_dtls_read(session, &datagram), LWSEC_OK);
        name_of(name, i);
        assert_status(lwsec_dtls_save(session, state, name, &reason), LWSEC_OK);
        assert_status(lwsec_dtls_demux_next(self->demux, &session), LWSEC_ABSENT);
    }
}

/* As if the process had ended: another endpoint, another demultiplexer. */
static void restart(world *self)
{
    const size_t size = lwsec_dtls_demux_size(&self->config);
    lwsec_reason reason;

    lwsec_dtls_demux_close(&self->demux);
    lwsec_dtls_endpoint_close(&self->pair.server.endpoint);
    assert_status(kit_endpoint(&self->pair.server, &reason), LWSEC_OK);
    self->config.endpoint = self->pair.server.endpoint;
    assert_status(
        lwsec_dtls_demux_open(&self->config, self->memory, size, kit_now, &self->demux, &reason),
        LWSEC_OK);
}

static void starts_again(const kit_engine *engine, bool with_cid)
{
    const size_t size = lwsec_state_memory_size(SLEEPERS, LWSEC_RECORD_MAX);
    void *memory = malloc(size);
    uint8_t name[LWSEC_DTLS_NAME];
    lwsec_reason reason;
    lwsec_dtls *session;
    lwsec_state *state;
    world self;

    assert_status(lwsec_state_memory_open(memory, size, SLEEPERS, LWSEC_RECORD_MAX, &state),
                  LWSEC_OK);
    may_sleep = true;
    open_world(&self, engine, SLEEPERS, SLEEPERS, 4, with_cid);
    may_sleep = false;
    begin_all(&self);
    check_all_answered(&self);
    save_all(&self, state);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 0);
    restart(&self);
    /* The first client did not wait: without a CID, what was saved of it is of no use any more. */
    begin(&self, 0);
    self.count = 1;
    pump(&self);
    self.count = SLEEPERS;
    for (size_t i = 0; i < SLEEPERS; i++) {
        name_of(name, i);
        session = NULL;
        const bool late = i == 0 && !with_cid, full = i == SLEEPERS - 1 && with_cid;
        assert_status(lwsec_dtls_demux_load(self.demux, state, name, kit_now, &session, &reason),
                      late   ? LWSEC_CONFLICT
                      : full ? LWSEC_LIMIT
                             : LWSEC_OK);
        assert_int_equal(session == NULL, late || full);
        if (!full) { /* and once alone */
            assert_status(
                lwsec_dtls_demux_load(self.demux, state, name, kit_now, &session, &reason),
                i == SLEEPERS - 1 || (with_cid && i == SLEEPERS - 2) ? LWSEC_LIMIT : LWSEC_ABSENT);
        }
        if (with_cid) {
            set_address(&self.clients[i], i, 3000);
        }
    }
    if (with_cid) { /* the place of the last one is taken */
        self.count--;
        set_address(&self.clients[0], 0, 1000);
    }
    check_all_answered(&self);
    assert_int_equal(self.moved, with_cid ? SLEEPERS - 2 : 0);
    self.count = SLEEPERS;
    close_world(&self);
    lwsec_state_memory_close(&state);
    free(memory);
}

static void test_a_server_goes_on_with_what_it_has_saved(void **state)
{
    size_t runs = 0;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        const kit_engine *engine = kit_engine_at(i);
        if ((lwsec_dtls_capabilities(engine->get()) & LWSEC_DTLS_SLEEP) != 0) {
            starts_again(engine, false);
            runs++;
            if (can_cid(engine)) {
                starts_again(engine, true);
            }
        }
    }
    if (runs == 0) {
        skip();
    }
}

/* ---- Anything at any time ---- */

static uint64_t seed;

static uint32_t any(uint32_t below)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)(seed * UINT64_C(2685821657736338717) >> 32) % below;
}

/* What a client sends may be lost, changed, doubled, or come from where another one is. */
static void send_somehow(world *self, client *one)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_why why;

    if (one->session == NULL || lwsec_dtls_take(one->session, &datagram) != LWSEC_OK ||
        any(10) == 0) {
        return;
    }
    if (any(10) == 0) {
        room[any((uint32_t)datagram.size)] ^= (uint8_t)(1U << any(8));
    }
    const client *from = any(10) == 0 ? &self->clients[any((uint32_t)self->count)] : one;
    for (uint32_t i = any(10) == 0 ? 2 : 1; i > 0; i--) {
        (void)give(self, lwsec_buffer_bytes(&datagram), address_of(from), &why);
    }
}

static void act(world *self)
{
    client *one = &self->clients[any((uint32_t)self->count)];
    lwsec_reason reason;

    switch (any(8)) {
    case 0: begin(self, (size_t)(one - self->clients)); break;
    case 1:
        if (one->done &&
            lwsec_dtls_write(one->session, lwsec_bytes_of("x", 1), kit_now, &reason) != LWSEC_OK) {
            lwsec_dtls_close(&one->session);
            one->done = false;
        }
        break;
    case 2:
        kit_now += any(3000);
        step_all(self);
        break;
    case 3:
        if (one->session != NULL) {
            const lwsec_status status = lwsec_dtls_shut(one->session, kit_now);
            one->done = one->done && status != LWSEC_OK;
        }
        break;
    default: send_somehow(self, one); break;
    }
    collect(one);
}

static void stays_whole(const kit_engine *engine)
{
    world self;

    open_world(&self, engine, 24, 8, 3, can_cid(engine));
    seed = 20261124;
    for (unsigned i = 0; i < 20000; i++) {
        act(&self);
        assert_true(lwsec_dtls_demux_open_count(self.demux) <= 8);
        assert_true(lwsec_dtls_demux_shaking_count(self.demux) <= 3);
    }
    assert_true(self.done > 100);
    assert_true(self.closed > 100);
    /* Left alone, all end; and it works as on the first day. */
    self.mute = true;
    for (unsigned i = 0; i < 1000 && lwsec_dtls_demux_deadline(self.demux) != UINT64_MAX; i++) {
        kit_now = lwsec_dtls_demux_deadline(self.demux);
        step_all(&self);
    }
    self.mute = false;
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 0);
    assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 0);
    for (size_t i = 8; i < self.count; i++) {
        lwsec_dtls_close(&self.clients[i].session);
    }
    const size_t count = self.count;
    self.count = 8;
    begin_all(&self);
    check_all_answered(&self);
    self.count = count;
    close_world(&self);
}

static void test_whatever_comes_it_stays_within_its_bounds(void **state)
{
    (void)state;
    each_engine(stays_whole);
}

/* ---- Configurations ---- */

static void test_what_does_not_fit_is_refused(void **state)
{
    lwsec_reason reason;
    lwsec_dtls_demux *demux;
    uint64_t memory[8];
    world self;

    (void)state;
    open_world(&self, kit_engine_at(0), 1, 1, 1, false);
    for (unsigned wrong = 0; wrong < 6; wrong++) {
        lwsec_dtls_demux_config config = self.config;
        switch (wrong) {
        case 0: config.size = 1; break;
        case 1: config.endpoint = self.pair.client.endpoint; break;
        case 2: config.endpoint = NULL; break;
        case 3: config.sessions = 0; break;
        case 4: config.handshakes = 0; break;
        default: config.sessions = UINT32_MAX; break;
        }
        assert_int_equal(lwsec_dtls_demux_size(&config), 0);
        assert_status(
            lwsec_dtls_demux_open(&config, memory, sizeof memory, kit_now, &demux, &reason),
            LWSEC_USAGE);
        assert_int_equal(reason.why, LWSEC_WHY_CONFIG);
    }
    assert_status(
        lwsec_dtls_demux_open(&self.config, memory, sizeof memory, kit_now, &demux, &reason),
        LWSEC_BUFFER);
    close_world(&self);
    /* One byte names 256 sessions, and no more than 32 are easily told apart. */
    kit_init(&self.pair, kit_engine_at(0), kit_engine_at(0), "psk");
    self.pair.server.config.cid = LWSEC_DTLS_CID_OFFERED;
    self.pair.server.config.cid_size = 1;
    assert_status(kit_endpoint(&self.pair.server, &reason), LWSEC_OK);
    self.config.endpoint = self.pair.server.endpoint;
    self.config.sessions = 30;
    assert_true(lwsec_dtls_demux_size(&self.config) > 0);
    self.config.sessions = 31;
    assert_int_equal(lwsec_dtls_demux_size(&self.config), 0);
    kit_close(&self.pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thousand_sessions_each_get_their_own),
        cmocka_unit_test(test_a_thousand_sessions_move),
        cmocka_unit_test(test_a_flood_of_hellos_takes_no_place),
        cmocka_unit_test(test_handshakes_are_bounded_and_the_oldest_makes_room),
        cmocka_unit_test(test_a_repeated_hello_begins_nothing),
        cmocka_unit_test(test_the_old_session_stays_until_the_new_one_is_authenticated),
        cmocka_unit_test(test_the_idle_make_room_and_nobody_else),
        cmocka_unit_test(test_forged_records_neither_end_nor_keep_a_session),
        cmocka_unit_test(test_the_caller_may_drop_a_session),
        cmocka_unit_test(test_a_server_goes_on_with_what_it_has_saved),
        cmocka_unit_test(test_whatever_comes_it_stays_within_its_bounds),
        cmocka_unit_test(test_what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
