/* Many sessions over one socket: who gets which datagram, and who has to make room. */
#include "tests/dtls/demux_world.h"

#define MANY 1000U

/* ---- Many ---- */

static void serves_many(const kit_engine *engine)
{
    world self;

    world_open(&self, engine, MANY, MANY, 8, false);
    world_begin_all(&self);
    assert_int_equal(self.done, MANY);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), MANY);
    assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 0);
    world_check_all_answered(&self);
    assert_int_equal(self.closed, 0);
    world_close(&self);
}

static void test_a_thousand_sessions_each_get_their_own(void **state)
{
    (void)state;
    world_each_engine(serves_many);
    world_share = true;
    world_each_engine(serves_many);
    world_share = false;
}

static void follows_many(const kit_engine *engine)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_why why;
    world self;

    world_open(&self, engine, MANY, MANY, 8, true);
    world_begin_all(&self);
    assert_int_equal(self.done, MANY);
    world_check_all_answered(&self);
    /* Forged: nobody moves. */
    for (size_t i = 0; i < MANY; i += 100) {
        world_say(&self.clients[i]);
        assert_status(lwsec_dtls_take(self.clients[i].session, &datagram), LWSEC_OK);
        room[datagram.size - 1] ^= 1;
        assert_status(
            world_give(&self, lwsec_buffer_bytes(&datagram), lwsec_bytes_of("evil", 4), &why),
            LWSEC_OK);
        room[datagram.size - 1] ^= 1;
        room[11] ^= 1; /* a CID that nobody has */
        assert_status(
            world_give(&self, lwsec_buffer_bytes(&datagram), lwsec_bytes_of("evil", 4), &why),
            LWSEC_REJECT);
        assert_int_equal(why, LWSEC_WHY_DTLS_ADDRESS);
    }
    assert_int_equal(self.moved, 0);
    /* All move, each to where another one was. */
    for (size_t i = 0; i < MANY; i++) {
        world_set_address(&self.clients[i], i, 2000);
    }
    world_check_all_answered(&self);
    assert_int_equal(self.moved, MANY);
    world_check_all_answered(&self);
    assert_int_equal(self.moved, MANY);
    assert_int_equal(self.closed, 0);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), MANY);
    world_close(&self);
}

static void test_a_thousand_sessions_move(void **state)
{
    size_t runs = 0;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        if (world_can_cid(kit_engine_at(i))) {
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

    world_open(&self, engine, 1, 2, 1, false);
    world_begin(&self, 0);
    assert_status(lwsec_dtls_take(self.clients[0].session, &datagram), LWSEC_OK);
    self.mute = true;
    for (uint32_t i = 0; i < 5000; i++) {
        const uint8_t address[] = {0xff, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
        assert_status(world_give(&self, lwsec_buffer_bytes(&datagram),
                                 lwsec_bytes_of(address, sizeof address), &why),
                      LWSEC_OK);
        assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 0);
    }
    assert_int_equal(lwsec_dtls_demux_deadline(self.demux), UINT64_MAX);
    self.mute = false;
    world_begin_all(&self);
    world_check_all_answered(&self);
    world_close(&self);
}

static void test_a_flood_of_hellos_takes_no_place(void **state)
{
    (void)state;
    world_each_engine(withstands_flood);
}

/* Clients 0 to 3 prove their addresses and stop there; two places are for such. */
static void bounds_handshakes(const kit_engine *engine)
{
    uint8_t rooms[4][KIT_MTU];
    lwsec_why why;
    world self;

    world_open(&self, engine, 5, 8, 2, false);
    for (size_t i = 0; i < 4; i++) {
        const lwsec_bytes hello = world_prove(&self, i, rooms[i]);
        self.mute = true;
        assert_status(world_give(&self, hello, world_address_of(&self.clients[i]), &why), LWSEC_OK);
        self.mute = false;
        assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), i < 2 ? i + 1 : 2);
        kit_now++;
    }
    /* They keep nobody out. */
    world_begin(&self, 4);
    while (!self.clients[4].done) {
        assert_true(world_send_one(&self, &self.clients[4]));
        world_collect(&self.clients[4]);
    }
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 1);
    /* Of the four, the first ones had to go: what they send is nobody's. */
    static const uint8_t key_exchange[] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 16};
    const lwsec_bytes more = lwsec_bytes_of(key_exchange, sizeof key_exchange);
    assert_status(world_give(&self, more, world_address_of(&self.clients[0]), &why), LWSEC_REJECT);
    assert_status(world_give(&self, more, world_address_of(&self.clients[2]), &why), LWSEC_REJECT);
    assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 1);
    /* And the last one goes by its limit. */
    for (unsigned i = 0; i < 100 && lwsec_dtls_demux_shaking_count(self.demux) > 0; i++) {
        kit_now = lwsec_dtls_demux_deadline(self.demux);
        world_step_all(&self);
    }
    assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 0);
    world_close(&self);
}

static void test_handshakes_are_bounded_and_the_oldest_makes_room(void **state)
{
    (void)state;
    world_each_engine(bounds_handshakes);
}

static void repeats(const kit_engine *engine)
{
    uint8_t room[KIT_MTU];
    lwsec_why why;
    world self;

    world_open(&self, engine, 1, 2, 2, false);
    const lwsec_bytes hello = world_prove(&self, 0, room);
    self.mute = true;
    for (unsigned i = 0; i < 3; i++) { /* one handshake, however often it comes */
        self.mute = i < 2;
        assert_status(world_give(&self, hello, world_address_of(&self.clients[0]), &why), LWSEC_OK);
        assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 1);
    }
    for (unsigned i = 0; i < 40 && !self.clients[0].done; i++) { /* what was lost comes again */
        lwsec_reason reason;
        world_pump(&self);
        kit_now += 500;
        assert_status(lwsec_dtls_step(self.clients[0].session, kit_now, &reason), LWSEC_OK);
        world_step_all(&self);
    }
    assert_true(self.clients[0].done);
    world_check_all_answered(&self);
    /* Also when it is over. */
    assert_status(world_give(&self, hello, world_address_of(&self.clients[0]), &why), LWSEC_OK);
    assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 0);
    world_check_all_answered(&self);
    assert_int_equal(self.closed, 0);
    world_close(&self);
}

static void test_a_repeated_hello_begins_nothing(void **state)
{
    (void)state;
    world_each_engine(repeats);
}

/* ---- A client that begins anew ---- */

static void begins_anew(const kit_engine *engine)
{
    uint8_t room[KIT_MTU], forgotten[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(forgotten, sizeof forgotten);
    lwsec_why why;
    world self;

    world_open(&self, engine, 2, 2, 2, false);
    world_begin_all(&self);
    world_check_all_answered(&self);
    client old = self.clients[0];
    world_say(&old);
    self.clients[0].session = NULL;
    self.clients[0].memory = malloc(lwsec_dtls_size(self.pair.client.endpoint));
    const lwsec_bytes hello = world_prove(&self, 0, room);
    assert_status(world_give(&self, hello, world_address_of(&old), &why), LWSEC_OK);
    assert_int_equal(lwsec_dtls_demux_shaking_count(self.demux), 1);
    /* Whoever that is: the old one goes on. */
    assert_int_equal(self.closed, 0);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 2);
    assert_status(lwsec_dtls_take(old.session, &datagram), LWSEC_OK);
    lwsec_dtls *fresh = self.clients[0].session;
    self.clients[0].session = old.session; /* to hear the answer */
    self.clients[0].answers = 0;
    assert_status(world_give(&self, lwsec_buffer_bytes(&datagram), world_address_of(&old), &why),
                  LWSEC_OK);
    world_collect(&self.clients[0]);
    assert_int_equal(self.clients[0].answers, 1);
    self.clients[0].session = fresh;
    /* Until the new one is authenticated. What the server said was lost: it comes again. */
    for (unsigned i = 0; i < 40 && !self.clients[0].done; i++) {
        lwsec_reason reason;
        world_pump(&self);
        kit_now += 500;
        assert_status(lwsec_dtls_step(fresh, kit_now, &reason), LWSEC_OK);
        world_step_all(&self);
    }
    assert_true(self.clients[0].done);
    assert_int_equal(self.closed, 1);
    assert_int_equal(self.why, LWSEC_WHY_DTLS_REPLACED);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 2);
    world_check_all_answered(&self);
    lwsec_dtls_close(&old.session);
    free(old.memory);
    world_close(&self);
}

static void test_the_old_session_stays_until_the_new_one_is_authenticated(void **state)
{
    (void)state;
    world_each_engine(begins_anew);
}

/* ---- Full, and idle ---- */

static void fills_up(const kit_engine *engine)
{
    world self;

    world_open(&self, engine, 3, 2, 2, false);
    world_begin(&self, 0);
    world_begin(&self, 1);
    world_pump(&self);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 2);
    /* Those who are authenticated are not pushed out. */
    world_begin(&self, 2);
    world_pump(&self);
    assert_false(self.clients[2].done);
    assert_int_equal(self.last, LWSEC_LIMIT);
    assert_int_equal(self.closed, 0);
    /* One of them says something, the other one does not. */
    kit_now += 59000;
    world_step_all(&self);
    world_say(&self.clients[1]);
    world_pump(&self);
    kit_now += 2000;
    world_step_all(&self);
    assert_int_equal(self.closed, 1);
    assert_int_equal(self.why, LWSEC_WHY_DTLS_IDLE);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 1);
    world_begin(&self, 2);
    world_pump(&self);
    assert_true(self.clients[2].done);
    self.clients[1].answers = 0;
    world_say(&self.clients[1]);
    world_pump(&self);
    assert_int_equal(self.clients[1].answers, 1);
    world_close(&self);
}

static void test_the_idle_make_room_and_nobody_else(void **state)
{
    (void)state;
    world_each_engine(fills_up);
}

/* Forged records keep no session alive, and end none. */
static void forged(const kit_engine *engine)
{
    uint8_t noise[64];
    lwsec_why why;
    world self;

    world_open(&self, engine, 1, 1, 1, false);
    world_begin_all(&self);
    world_check_all_answered(&self);
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
            (void)world_give(&self, lwsec_bytes_of(noise, 13U + turn % 51),
                             world_address_of(&self.clients[0]), &why);
            assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 1);
        }
    }
    assert_status(
        world_give(&self, lwsec_bytes_of(noise, sizeof noise), lwsec_bytes_of("else", 4), &why),
        LWSEC_REJECT);
    kit_now += 1000;
    world_step_all(&self);
    assert_int_equal(self.closed, 1);
    assert_int_equal(self.why, LWSEC_WHY_DTLS_IDLE);
    world_close(&self);
}

static void test_forged_records_neither_end_nor_keep_a_session(void **state)
{
    (void)state;
    world_each_engine(forged);
}

static void drops(const kit_engine *engine)
{
    lwsec_dtls *session;
    lwsec_why why;
    world self;

    world_open(&self, engine, 1, 1, 1, false);
    world_begin_all(&self);
    world_say(&self.clients[0]);
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;
    assert_status(lwsec_dtls_take(self.clients[0].session, &datagram), LWSEC_OK);
    assert_status(lwsec_dtls_demux_feed(self.demux, lwsec_buffer_bytes(&datagram),
                                        world_address_of(&self.clients[0]), kit_now, &reason),
                  LWSEC_OK);
    assert_status(lwsec_dtls_demux_next(self.demux, &session), LWSEC_OK);
    lwsec_dtls_demux_drop(self.demux, &session);
    assert_null(session);
    assert_int_equal(lwsec_dtls_demux_open_count(self.demux), 0);
    assert_status(
        world_give(&self, lwsec_buffer_bytes(&datagram), world_address_of(&self.clients[0]), &why),
        LWSEC_REJECT);
    world_begin_all(&self);
    world_check_all_answered(&self);
    world_close(&self);
}

static void test_the_caller_may_drop_a_session(void **state)
{
    (void)state;
    world_each_engine(drops);
}

/* ---- Configurations ---- */

static void test_what_does_not_fit_is_refused(void **state)
{
    lwsec_reason reason;
    lwsec_dtls_demux *demux;
    uint64_t memory[8];
    world self;

    (void)state;
    world_open(&self, kit_engine_at(0), 1, 1, 1, false);
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
    world_close(&self);
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
        cmocka_unit_test(test_what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
