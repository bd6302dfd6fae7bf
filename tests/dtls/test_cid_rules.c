/* The rules of RFC 9146 section 6 with an engine made up for them: its records carry a number, and
 * say whether they are authentic. So they are tested where no engine has Connection IDs. */
#include "tests/dtls/kit.h"

#include "dtls/demux.h"

/* ---- The engine: type, 10 bytes, CID, authentic or not, number, text ---- */

#define CID_SIZE 2U
#define HEADER (11U + CID_SIZE)

static const uint8_t own_cid[CID_SIZE] = {7, 9};

typedef struct made_up {
    uint64_t newest;
    size_t size;
    uint8_t text[64];
} made_up;

static made_up *of(const lwsec_dtls *session)
{
    return (made_up *)(uintptr_t)session->room;
}

static lwsec_status endpoint_open(lwsec_dtls_endpoint *endpoint)
{
    (void)endpoint;
    return LWSEC_OK;
}

static void endpoint_close(lwsec_dtls_endpoint *endpoint)
{
    (void)endpoint;
}

static lwsec_status open_session(lwsec_dtls *session)
{
    (void)session;
    return LWSEC_OK;
}

static void close_session(lwsec_dtls *session)
{
    (void)session;
}

/* Any datagram is a handshake; then a record. */
static lwsec_dtls_outcome drive(lwsec_dtls *session)
{
    made_up *self = of(session);
    const lwsec_bytes input = session->input;

    session->input = lwsec_bytes_of(NULL, 0);
    if (session->state == LWSEC_DTLS_LISTENING) {
        session->state = LWSEC_DTLS_SHAKING;
        session->authenticated = true;
        return LWSEC_DTLS_DONE;
    }
    if (input.size < HEADER + 2 || input.data[HEADER] == 0) {
        return LWSEC_DTLS_WAITS;
    }
    if (input.data[HEADER + 1] > self->newest) {
        self->newest = input.data[HEADER + 1];
    }
    self->size = input.size - HEADER - 2;
    memcpy(self->text, &input.data[HEADER + 2], self->size);
    return LWSEC_DTLS_WAITS;
}

static uint64_t deadline(const lwsec_dtls *session)
{
    (void)session;
    return UINT64_MAX;
}

static size_t pending(const lwsec_dtls *session)
{
    return of(session)->size;
}

static bool read_text(lwsec_dtls *session, uint8_t *out, size_t size)
{
    memcpy(out, of(session)->text, size);
    of(session)->size = 0;
    return true;
}

static uint16_t suite(const lwsec_dtls *session)
{
    (void)session;
    return 0xC0A8;
}

static bool set_cid(lwsec_dtls *session)
{
    return session->cid_size == CID_SIZE;
}

static bool has_cid(const lwsec_dtls *session, size_t *peer_size)
{
    *peer_size = 0;
    return session->cid_size > 0;
}

static uint64_t newest(const lwsec_dtls *session)
{
    return of(session)->newest;
}

static const lwsec_dtls_engine engine = {
    .name = "made up",
    .capabilities = LWSEC_DTLS_PSK | LWSEC_DTLS_CID,
    .psk_max = LWSEC_DTLS_PSK_MAX,
    .session_size = sizeof(made_up),
    .endpoint_open = endpoint_open,
    .endpoint_close = endpoint_close,
    .open = open_session,
    .close = close_session,
    .drive = drive,
    .deadline = deadline,
    .pending = pending,
    .read = read_text,
    .suite = suite,
    .set_cid = set_cid,
    .has_cid = has_cid,
    .newest = newest,
};

static const lwsec_dtls_engine *get(void)
{
    return &engine;
}

/* ---- A server on it ---- */

typedef struct fixture {
    kit_engine kind;
    kit pair;
} fixture;

static lwsec_status feed(kit_side *side, const char *address, lwsec_bytes datagram)
{
    lwsec_reason reason;

    side->got_size = 0;
    const lwsec_status status = lwsec_dtls_feed(
        side->session, datagram, lwsec_bytes_of(address, strlen(address)), kit_now, &reason);
    if (status == LWSEC_OK) {
        kit_collect(side);
    }
    return status;
}

/* A record with text "t". */
static lwsec_bytes record(uint8_t room[64], uint8_t cid, bool authentic, uint8_t number)
{
    memset(room, 0, 64);
    room[0] = 25;
    memcpy(&room[11], own_cid, CID_SIZE);
    room[12] = (uint8_t)(room[12] ^ cid);
    room[HEADER] = authentic;
    room[HEADER + 1] = number;
    room[HEADER + 2] = 't';
    return lwsec_bytes_of(room, HEADER + 3);
}

static void set_up(fixture *self, bool with_cid)
{
    lwsec_reason reason;

    self->kind = *kit_engine_at(0);
    self->kind.get = get;
    kit_init(&self->pair, &self->kind, &self->kind, "psk");
    kit_side *server = &self->pair.server;
    server->config.cid = LWSEC_DTLS_CID_REQUIRED;
    server->config.cid_size = CID_SIZE;
    kit_open(&self->pair);
    if (with_cid) {
        assert_status(
            lwsec_dtls_set_cid(server->session, lwsec_bytes_of(own_cid, CID_SIZE), &reason),
            LWSEC_OK);
    }
    assert_status(feed(server, "client:1", lwsec_bytes_of("hello", 5)), LWSEC_OK);
    assert_true(server->done);
}

static void check(const kit_side *side, const char *address, size_t moves)
{
    uint8_t room[LWSEC_DTLS_ADDRESS_MAX];
    lwsec_buffer known = lwsec_buffer_of(room, sizeof room);

    assert_status(lwsec_dtls_address(side->session, &known), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&known), lwsec_bytes_of(address, strlen(address)));
    assert_int_equal(side->moves, moves);
}

static void test_authentic_and_newer_moves(void **state)
{
    uint8_t room[64];
    fixture self;

    (void)state;
    set_up(&self, true);
    kit_side *server = &self.pair.server;
    assert_status(feed(server, "client:1", record(room, 0, true, 5)), LWSEC_OK);
    check(server, "client:1", 0);
    assert_status(feed(server, "client:2", record(room, 0, true, 6)), LWSEC_OK);
    assert_int_equal(server->got_size, 1);
    check(server, "client:2", 1);
    assert_status(feed(server, "client:1", record(room, 0, true, 7)), LWSEC_OK);
    check(server, "client:1", 2);
    kit_close(&self.pair);
    LWSEC_COVERS("R-5.2.8-01");
}

static void test_forged_does_not_move(void **state)
{
    uint8_t room[64];
    fixture self;

    (void)state;
    set_up(&self, true);
    kit_side *server = &self.pair.server;
    assert_status(feed(server, "evil:1", record(room, 0, false, 200)), LWSEC_OK);
    assert_int_equal(server->got_size, 0);
    check(server, "client:1", 0);
    /* Nor does the next one, from where it always came, move it there. */
    assert_status(feed(server, "client:1", record(room, 0, true, 5)), LWSEC_OK);
    check(server, "client:1", 0);
    kit_close(&self.pair);
}

static void test_old_is_delivered_and_does_not_move(void **state)
{
    uint8_t room[64];
    fixture self;

    (void)state;
    set_up(&self, true);
    kit_side *server = &self.pair.server;
    assert_status(feed(server, "client:1", record(room, 0, true, 5)), LWSEC_OK);
    assert_status(feed(server, "evil:1", record(room, 0, true, 5)), LWSEC_OK);
    check(server, "client:1", 0);
    assert_status(feed(server, "evil:1", record(room, 0, true, 4)), LWSEC_OK);
    assert_int_equal(server->got_size, 1);
    check(server, "client:1", 0);
    kit_close(&self.pair);
}

static void test_another_cid_is_not_looked_at(void **state)
{
    uint8_t room[64];
    fixture self;

    (void)state;
    set_up(&self, true);
    kit_side *server = &self.pair.server;
    assert_status(feed(server, "client:2", record(room, 1, true, 9)), LWSEC_REJECT);
    const lwsec_bytes plain = record(room, 0, true, 9);
    room[0] = 23;
    assert_status(feed(server, "client:2", plain), LWSEC_REJECT);
    room[0] = 25;
    assert_status(feed(server, "client:2", lwsec_bytes_of(room, 12)), LWSEC_REJECT);
    check(server, "client:1", 0);
    kit_close(&self.pair);
}

static void test_without_a_cid_nobody_moves(void **state)
{
    uint8_t room[64];
    fixture self;

    (void)state;
    set_up(&self, false);
    assert_status(feed(&self.pair.server, "client:2", record(room, 0, true, 9)), LWSEC_REJECT);
    check(&self.pair.server, "client:1", 0);
    kit_close(&self.pair);
}

/* What the demultiplexers of an endpoint give: after another, or beside it on the same socket. */
static void open_demux(const kit *pair, void *memory, size_t size, lwsec_dtls_demux **demux)
{
    const lwsec_dtls_demux_config config = {
        .size = sizeof config, .endpoint = pair->server.endpoint, .sessions = 4, .handshakes = 1};
    lwsec_reason reason;

    assert_true(size >= lwsec_dtls_demux_size(&config));
    assert_status(lwsec_dtls_demux_open(&config, memory, size, kit_now, demux, &reason), LWSEC_OK);
}

static const lwsec_dtls *listening(const lwsec_dtls_demux *demux)
{
    return demux->places[demux->listens].session;
}

#define ROOM 100000U

/* A ClientHello as far as a demultiplexer reads it. */
static const uint8_t hello[13 + 12 + 2 + 32 + 2] = {22, [13] = 1};

static void test_demultiplexers_of_an_endpoint_give_others(void **state)
{
    lwsec_dtls_demux *demux[2];
    uint64_t *memory = calloc(2, ROOM);
    size_t same = 0;
    fixture self;

    (void)state;
    set_up(&self, true);
    for (size_t i = 0; i < 2; i++) {
        open_demux(&self.pair, (uint8_t *)memory + i * ROOM, ROOM, &demux[i]);
    }
    for (unsigned turn = 0; turn < 4; turn++) { /* one of four may be the same by chance */
        same += memcmp(listening(demux[0])->cid, listening(demux[1])->cid, CID_SIZE) == 0;
        for (size_t i = 0; i < 2; i++) {
            lwsec_reason reason;
            assert_status(lwsec_dtls_demux_feed(demux[i], lwsec_bytes_of(hello, sizeof hello),
                                                lwsec_bytes_of("client:9", 8), kit_now, &reason),
                          LWSEC_OK);
        }
    }
    assert_true(same < 2);
    for (size_t i = 0; i < 2; i++) {
        lwsec_dtls_demux_close(&demux[i]);
    }
    free(memory);
    kit_close(&self.pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_authentic_and_newer_moves),
        cmocka_unit_test(test_forged_does_not_move),
        cmocka_unit_test(test_old_is_delivered_and_does_not_move),
        cmocka_unit_test(test_another_cid_is_not_looked_at),
        cmocka_unit_test(test_without_a_cid_nobody_moves),
        cmocka_unit_test(test_demultiplexers_of_an_endpoint_give_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
