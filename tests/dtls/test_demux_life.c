/* A demultiplexer over time: a server that starts again, and whatever comes at any time. */
#include "tests/dtls/demux_world.h"

#include <lwsec/state_memory.h>

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
        world_say(&self->clients[i]);
        assert_status(lwsec_dtls_take(self->clients[i].session, &datagram), LWSEC_OK);
        assert_status(lwsec_dtls_demux_feed(self->demux, lwsec_buffer_bytes(&datagram),
                                            world_address_of(&self->clients[i]), kit_now, &reason),
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
    world_may_sleep = true;
    world_open(&self, engine, SLEEPERS, SLEEPERS, 4, with_cid);
    world_may_sleep = false;
    world_begin_all(&self);
    world_check_all_answered(&self);
    save_all(&self, state);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 0);
    restart(&self);
    /* The first client did not wait: without a CID, what was saved of it is of no use any more. */
    world_begin(&self, 0);
    self.count = 1;
    world_pump(&self);
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
            world_set_address(&self.clients[i], i, 3000);
        }
    }
    if (with_cid) { /* the place of the last one is taken */
        self.count--;
        world_set_address(&self.clients[0], 0, 1000);
    }
    world_check_all_answered(&self);
    assert_int_equal(self.moved, with_cid ? SLEEPERS - 2 : 0);
    self.count = SLEEPERS;
    world_close(&self);
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
            if (world_can_cid(engine)) {
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
        (void)world_give(self, lwsec_buffer_bytes(&datagram), world_address_of(from), &why);
    }
}

static void act(world *self)
{
    client *one = &self->clients[any((uint32_t)self->count)];
    lwsec_reason reason;

    switch (any(8)) {
    case 0: world_begin(self, (size_t)(one - self->clients)); break;
    case 1:
        if (one->done &&
            lwsec_dtls_write(one->session, lwsec_bytes_of("x", 1), kit_now, &reason) != LWSEC_OK) {
            lwsec_dtls_close(&one->session);
            one->done = false;
        }
        break;
    case 2:
        kit_now += any(3000);
        world_step_all(self);
        break;
    case 3:
        if (one->session != NULL) {
            const lwsec_status status = lwsec_dtls_shut(one->session, kit_now);
            one->done = one->done && status != LWSEC_OK;
        }
        break;
    default: send_somehow(self, one); break;
    }
    world_collect(one);
}

static void stays_whole(const kit_engine *engine)
{
    world self;

    world_open(&self, engine, 24, 8, 3, world_can_cid(engine));
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
        world_step_all(&self);
    }
    self.mute = false;
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 0);
    assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 0);
    for (size_t i = 8; i < self.count; i++) {
        lwsec_dtls_close(&self.clients[i].session);
    }
    const size_t count = self.count;
    self.count = 8;
    world_begin_all(&self);
    world_check_all_answered(&self);
    self.count = count;
    world_close(&self);
}

static void test_whatever_comes_it_stays_within_its_bounds(void **state)
{
    (void)state;
    world_each_engine(stays_whole);
}

/* The longest time is one that never comes, and not one that is past. */
static void waits(const kit_engine *engine)
{
    world self;

    world_idle = UINT64_MAX;
    world_open(&self, engine, 1, 1, 1, false);
    world_idle = 60000;
    world_begin_all(&self);
    kit_now += 1000;
    world_step_all(&self);
    world_check_all_answered(&self);
    world_close(&self);
}

static void test_the_longest_idle_time(void **state)
{
    (void)state;
    world_each_engine(waits);
}

/* A session that the caller ends between two datagrams is told as over, and its place is free: also
 * where no session is ever idle. */
static void ends_between(const kit_engine *engine)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_dtls *session;
    lwsec_reason reason;
    world self;

    world_idle = 0;
    world_open(&self, engine, 2, 1, 1, false);
    world_idle = 60000;
    world_begin(&self, 0);
    world_pump(&self);
    world_say(&self.clients[0]);
    assert_status(lwsec_dtls_take(self.clients[0].session, &datagram), LWSEC_OK);
    assert_status(lwsec_dtls_demux_feed(self.demux, lwsec_buffer_bytes(&datagram),
                                        world_address_of(&self.clients[0]), kit_now, &reason),
                  LWSEC_OK);
    assert_status(lwsec_dtls_demux_next(self.demux, &session), LWSEC_OK);
    world_drain(&self);
    assert_status(lwsec_dtls_shut(session, kit_now), LWSEC_OK);
    for (unsigned i = 0; i < 4 && !self.clients[1].done; i++) {
        world_begin(&self, 1);
        world_pump(&self);
    }
    assert_true(self.clients[1].done);
    assert_int_equal(self.closed, 1);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 1);
    world_close(&self);
}

static void test_what_the_caller_ends_makes_room(void **state)
{
    (void)state;
    world_each_engine(ends_between);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_longest_idle_time),
        cmocka_unit_test(test_what_the_caller_ends_makes_room),
        cmocka_unit_test(test_a_server_goes_on_with_what_it_has_saved),
        cmocka_unit_test(test_whatever_comes_it_stays_within_its_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
