/* Connection IDs: what is agreed on, and a client that moves to another address. */
#include "tests/dtls/kit.h"

#include "core/reader.h"

static const uint8_t own_cid[] = {0xc1, 0xd0, 0, 1, 2, 3, 4, 5};

static bool can(const kit_engine *engine)
{
    return (lwsec_dtls_capabilities(engine->get()) & LWSEC_DTLS_CID) != 0;
}

/* Each pair of engines that both have CIDs; the test is skipped where there is none. */
static void each_with_cid(void (*test)(const kit_engine *client, const kit_engine *server))
{
    size_t pairs = 0;

    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        for (size_t j = 0; kit_engine_at(j) != NULL; j++) {
            if (can(kit_engine_at(i)) && can(kit_engine_at(j))) {
                test(kit_engine_at(i), kit_engine_at(j));
                pairs++;
            }
        }
    }
    if (pairs == 0) {
        skip();
    }
}

static void init(kit *pair, const kit_engine *client, const kit_engine *server, const char *mode)
{
    kit_init(pair, client, server, mode);
    pair->client.config.cid = LWSEC_DTLS_CID_OFFERED;
    pair->server.config.cid = LWSEC_DTLS_CID_OFFERED;
    pair->server.config.cid_size = sizeof own_cid;
}

static void open_with_cid(kit *pair)
{
    lwsec_reason reason;

    kit_open(pair);
    assert_status(
        lwsec_dtls_set_cid(pair->server.session, lwsec_bytes_of(own_cid, sizeof own_cid), &reason),
        LWSEC_OK);
}

static lwsec_bytes record(kit_side *from, const char *text, uint8_t room[KIT_MTU])
{
    lwsec_buffer datagram = lwsec_buffer_of(room, KIT_MTU);
    lwsec_reason reason;

    assert_status(
        lwsec_dtls_write(from->session, lwsec_bytes_of(text, strlen(text)), kit_now, &reason),
        LWSEC_OK);
    assert_status(lwsec_dtls_take(from->session, &datagram), LWSEC_OK);
    return lwsec_buffer_bytes(&datagram);
}

static void feed(kit_side *to, lwsec_bytes datagram, const char *address, lwsec_status expected)
{
    lwsec_reason reason;

    to->got_size = 0;
    assert_status(lwsec_dtls_feed(to->session, datagram, lwsec_bytes_of(address, strlen(address)),
                                  kit_now, &reason),
                  expected);
    if (expected == LWSEC_REJECT) {
        assert_int_equal(reason.why, LWSEC_WHY_DTLS_ADDRESS);
    }
    kit_collect(to);
}

static void check_got(const kit_side *side, const char *text)
{
    assert_bytes(lwsec_bytes_of(side->got, side->got_size), lwsec_bytes_of(text, strlen(text)));
}

/* Where the server sends to, and how often it was told that this changed. */
static void check_address(const kit_side *side, const char *address, size_t moves)
{
    uint8_t room[LWSEC_DTLS_ADDRESS_MAX];
    lwsec_buffer known = lwsec_buffer_of(room, sizeof room);

    assert_status(lwsec_dtls_address(side->session, &known), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&known), lwsec_bytes_of(address, strlen(address)));
    assert_int_equal(side->moves, moves);
}

/* ---- Configurations ---- */

static void test_required_of_an_engine_without_is_refused(void **state)
{
    lwsec_reason reason;
    kit pair;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        init(&pair, kit_engine_at(i), kit_engine_at(i), "psk");
        pair.client.config.cid = LWSEC_DTLS_CID_REQUIRED;
        pair.server.config.cid = LWSEC_DTLS_CID_REQUIRED;
        const lwsec_status expected = can(kit_engine_at(i)) ? LWSEC_OK : LWSEC_UNSUPPORTED;
        assert_status(kit_endpoint(&pair.client, &reason), expected);
        assert_status(kit_endpoint(&pair.server, &reason), expected);
        kit_close(&pair);
    }
}

static void test_sizes_that_do_not_fit_are_refused(void **state)
{
    lwsec_reason reason;
    kit pair;

    (void)state;
    for (unsigned wrong = 0; wrong < 5; wrong++) {
        init(&pair, kit_engine_at(0), kit_engine_at(0), "psk");
        kit_side *side = wrong < 2 ? &pair.client : &pair.server;
        switch (wrong) {
        case 0: side->config.cid_size = 1; break;
        case 1: side->config.cid = (lwsec_dtls_cid_mode)3; break;
        case 2: side->config.cid_size = 0; break;
        case 3: side->config.cid_size = LWSEC_DTLS_CID_MAX + 1; break;
        default: side->config.cid = LWSEC_DTLS_CID_OFF; break;
        }
        assert_status(kit_endpoint(side, &reason), LWSEC_USAGE);
        assert_int_equal(reason.why, LWSEC_WHY_CONFIG);
        kit_close(&pair);
    }
}

static void test_a_cid_is_set_while_a_server_listens(void **state)
{
    lwsec_reason reason;
    kit pair;

    (void)state;
    init(&pair, kit_engine_at(0), kit_engine_at(0), "psk");
    kit_open(&pair);
    const lwsec_bytes cid = lwsec_bytes_of(own_cid, sizeof own_cid);
    assert_status(lwsec_dtls_set_cid(pair.client.session, cid, &reason), LWSEC_USAGE);
    assert_status(
        lwsec_dtls_set_cid(pair.server.session, lwsec_bytes_of(own_cid, cid.size - 1), &reason),
        LWSEC_USAGE);
    assert_status(lwsec_dtls_set_cid(pair.server.session, cid, &reason), LWSEC_OK);
    kit_run(&pair);
    kit_check_works(&pair);
    assert_status(lwsec_dtls_set_cid(pair.server.session, cid, &reason), LWSEC_USAGE);
    kit_close(&pair);
}

/* ---- On the wire ---- */

#define BEFORE_SESSION_ID (13U + 12U + 2U + 32U) /* headers, version, random */

/* The extension of a ClientHello, which is whole; NULL data: there is none. */
static lwsec_bytes extension(lwsec_bytes hello, uint64_t number)
{
    lwsec_reader reader = lwsec_reader_of(hello);

    (void)lwsec_reader_take(&reader, BEFORE_SESSION_ID);
    (void)lwsec_reader_take(&reader, lwsec_reader_u8(&reader));              /* session ID */
    (void)lwsec_reader_take(&reader, lwsec_reader_u8(&reader));              /* cookie */
    (void)lwsec_reader_take(&reader, (size_t)lwsec_reader_uint(&reader, 2)); /* suites */
    (void)lwsec_reader_take(&reader, lwsec_reader_u8(&reader));              /* compression */
    const uint64_t left = lwsec_reader_uint(&reader, 2);
    assert_int_equal(left, lwsec_reader_left(&reader));
    while (lwsec_reader_left(&reader) > 0) {
        const uint64_t one = lwsec_reader_uint(&reader, 2);
        const size_t size = (size_t)lwsec_reader_uint(&reader, 2);
        const lwsec_bytes value = lwsec_reader_take(&reader, size);
        assert_false(lwsec_reader_failed(&reader));
        if (one == number) {
            return value;
        }
    }
    return lwsec_bytes_of(NULL, 0);
}

/* 54, with a CID of no bytes; 254 was the draft's, whose records are not authenticated alike. */
static void test_the_extension_is_that_of_the_rfc(void **state)
{
    static const uint8_t no_bytes[] = {0};

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        for (unsigned offered = 0; offered < 2; offered++) {
            uint8_t room[KIT_MTU];
            lwsec_buffer hello = lwsec_buffer_of(room, sizeof room);
            kit pair;

            init(&pair, kit_engine_at(i), kit_engine_at(i), "psk");
            pair.client.config.cid = offered == 1 ? LWSEC_DTLS_CID_OFFERED : LWSEC_DTLS_CID_OFF;
            kit_open(&pair);
            assert_status(lwsec_dtls_take(pair.client.session, &hello), LWSEC_OK);
            assert_null(extension(lwsec_buffer_bytes(&hello), 254).data);
            const lwsec_bytes found = extension(lwsec_buffer_bytes(&hello), 54);
            if (offered == 1 && can(kit_engine_at(i))) {
                assert_bytes(found, lwsec_bytes_of(no_bytes, sizeof no_bytes));
            } else {
                assert_null(found.data);
            }
            kit_close(&pair);
        }
    }
}

/* ---- Negotiation ---- */

/* Whoever does not have it, or does not offer it: a session without. */
static void goes_without(const kit_engine *client, const kit_engine *server)
{
    for (unsigned who = 0; who < 3; who++) {
        kit pair;

        init(&pair, client, server, "psk");
        if (who == 0) {
            pair.client.config.cid = LWSEC_DTLS_CID_OFF;
        } else if (who == 1) {
            pair.server.config.cid = LWSEC_DTLS_CID_OFF;
            pair.server.config.cid_size = 0;
        }
        kit_open(&pair); /* who == 2: the server's session has none to give */
        kit_run(&pair);
        kit_check_works(&pair);
        assert_false(lwsec_dtls_has_cid(pair.client.session));
        assert_false(lwsec_dtls_has_cid(pair.server.session));
        uint8_t room[KIT_MTU];
        const lwsec_bytes data = record(&pair.client, "x", room);
        assert_int_equal(data.data[0], 23);
        feed(&pair.server, data, "client:2000", LWSEC_REJECT);
        check_address(&pair.server, "client:1000", 0);
        kit_close(&pair);
    }
}

static void test_offered_and_not_taken_goes_without(void **state)
{
    (void)state;
    kit_each(goes_without);
}

static void insists(const kit_engine *client, const kit_engine *server)
{
    for (unsigned who = 0; who < 2; who++) {
        kit pair;

        init(&pair, client, server, "psk");
        kit_side *strict = who == 0 ? &pair.client : &pair.server;
        kit_side *other = who == 0 ? &pair.server : &pair.client;
        strict->config.cid = LWSEC_DTLS_CID_REQUIRED;
        other->config.cid = LWSEC_DTLS_CID_OFF;
        other->config.cid_size = 0;
        kit_open(&pair);
        kit_run(&pair);
        assert_true(strict->closed);
        assert_false(strict->done);
        assert_int_equal(strict->why, LWSEC_WHY_DTLS_CID);
        assert_true(strict->alert.sent);
        assert_int_equal(strict->alert.number, 40);
        kit_close(&pair);
    }
}

static void test_required_and_not_taken_fails(void **state)
{
    (void)state;
    each_with_cid(insists);
}

/* ---- Another address ---- */

static void moves(const kit_engine *client, const kit_engine *server)
{
    static const char *const modes[] = {"psk", "x509"};

    for (size_t i = 0; i < 2; i++) {
        uint8_t room[KIT_MTU];
        lwsec_bytes cid;
        kit pair;

        init(&pair, client, server, modes[i]);
        pair.client.config.cid = LWSEC_DTLS_CID_REQUIRED;
        open_with_cid(&pair);
        kit_run(&pair);
        kit_check_works(&pair);
        assert_true(lwsec_dtls_has_cid(pair.client.session));
        assert_true(lwsec_dtls_has_cid(pair.server.session));
        check_address(&pair.server, "client:1000", 0);
        const lwsec_bytes data = record(&pair.client, "from elsewhere", room);
        assert_status(lwsec_dtls_cid_of(data, sizeof own_cid, &cid), LWSEC_OK);
        assert_bytes(cid, lwsec_bytes_of(own_cid, sizeof own_cid));
        feed(&pair.server, data, "client:2000", LWSEC_OK);
        check_got(&pair.server, "from elsewhere");
        check_address(&pair.server, "client:2000", 1);
        /* And the answer needs no CID. */
        const lwsec_bytes answer = record(&pair.server, "heard", room);
        assert_status(lwsec_dtls_cid_of(answer, sizeof own_cid, &cid), LWSEC_ABSENT);
        feed(&pair.client, answer, "server:5684", LWSEC_OK);
        check_got(&pair.client, "heard");
        kit_close(&pair);
    }
}

static void test_a_client_that_moves_goes_on(void **state)
{
    (void)state;
    each_with_cid(moves);
    LWSEC_COVERS("R-5.2.8-01");
}

static void stays(const kit_engine *client, const kit_engine *server)
{
    uint8_t room[KIT_MTU], late[KIT_MTU], plain[KIT_MTU];
    kit pair;

    init(&pair, client, server, "psk");
    open_with_cid(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    const lwsec_bytes held_back = record(&pair.client, "late", late);
    const lwsec_bytes data = record(&pair.client, "newest", room);
    /* Forged in each of its bytes. */
    for (size_t i = 0; i < data.size; i++) {
        room[i] ^= 1;
        lwsec_reason reason;
        const lwsec_status status = lwsec_dtls_feed(pair.server.session, data,
                                                    lwsec_bytes_of("evil:1", 6), kit_now, &reason);
        assert_true(status == LWSEC_OK || status == LWSEC_REJECT);
        kit_collect(&pair.server);
        check_address(&pair.server, "client:1000", 0);
        room[i] ^= 1;
    }
    assert_int_equal(pair.server.alerts, 0);
    feed(&pair.server, data, "client:1000", LWSEC_OK);
    check_got(&pair.server, "newest");
    /* The same once more, and one that is authentic but older. */
    feed(&pair.server, data, "evil:2", LWSEC_OK);
    check_got(&pair.server, "");
    check_address(&pair.server, "client:1000", 0);
    feed(&pair.server, held_back, "evil:3", LWSEC_OK);
    check_got(&pair.server, "late");
    check_address(&pair.server, "client:1000", 0);
    /* Records without the CID are not looked at, alone or in front of one with it. */
    static const uint8_t alert[] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 48};
    memcpy(plain, alert, sizeof alert);
    const lwsec_bytes next = record(&pair.client, "next", room);
    memcpy(&plain[sizeof alert], next.data, next.size);
    feed(&pair.server, lwsec_bytes_of(plain, sizeof alert), "evil:4", LWSEC_REJECT);
    feed(&pair.server, lwsec_bytes_of(plain, sizeof alert + next.size), "evil:5", LWSEC_REJECT);
    check_address(&pair.server, "client:1000", 0);
    kit_check_works(&pair);
    kit_close(&pair);
}

static void test_forged_repeated_and_old_records_do_not_move_the_peer(void **state)
{
    (void)state;
    each_with_cid(stays);
}

/* The first record of a datagram is old, the second is new: it moves when that is read. */
static void moves_late(const kit_engine *client, const kit_engine *server)
{
    uint8_t old[KIT_MTU], middle[KIT_MTU], both[2 * KIT_MTU];
    kit pair;

    init(&pair, client, server, "psk");
    open_with_cid(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    const lwsec_bytes first = record(&pair.client, "old ", old);
    feed(&pair.server, record(&pair.client, "middle", middle), "client:1000", LWSEC_OK);
    const lwsec_bytes last = record(&pair.client, "new", middle);
    memcpy(both, first.data, first.size);
    memcpy(&both[first.size], last.data, last.size);
    feed(&pair.server, lwsec_bytes_of(both, first.size + last.size), "client:2000", LWSEC_OK);
    check_got(&pair.server, "old new");
    kit_collect(&pair.server); /* the event that came with the second */
    check_address(&pair.server, "client:2000", 1);
    kit_close(&pair);
}

static void test_each_record_of_a_datagram_counts(void **state)
{
    (void)state;
    each_with_cid(moves_late);
}

/* A ClientHello with a good cookie does not end a session, wherever it stands in a datagram: in
 * front of it are records that are passed over, one of them with a CID of nobody. */
static void outlives_hello(const kit_engine *client, const kit_engine *server)
{
    static const uint8_t passed[] = {23, 0xfe, 0xfd, 0,    0,    0,    0, 0, 0, 0, 0,
                                     0,  1,    0,    25,   0xfe, 0xfd, 0, 0, 0, 0, 0,
                                     0,  0,    0,    0xff, 0xff, 0,    0, 0, 0, 0, 0, /* the CID */
                                     0,  1,    0};
    uint8_t room[KIT_MTU], all[KIT_MTU + sizeof passed];
    lwsec_buffer hello = lwsec_buffer_of(room, sizeof room);
    kit pair;

    init(&pair, client, server, "psk");
    open_with_cid(&pair);
    for (unsigned i = 0; i < 2; i++) {
        assert_false(lwsec_dtls_is_bound(pair.server.session));
        hello.size = 0;
        assert_status(lwsec_dtls_take(pair.client.session, &hello), LWSEC_OK);
        feed(&pair.server, lwsec_buffer_bytes(&hello), "client:1000", LWSEC_OK);
        if (i == 0) {
            lwsec_buffer verify = lwsec_buffer_of(all, sizeof all);
            assert_status(lwsec_dtls_take(pair.server.session, &verify), LWSEC_OK);
            feed(&pair.client, lwsec_buffer_bytes(&verify), "server:5684", LWSEC_OK);
        }
    }
    assert_true(lwsec_dtls_is_bound(pair.server.session));
    kit_run(&pair);
    kit_check_works(&pair);
    memcpy(all, passed, sizeof passed);
    memcpy(&all[sizeof passed], hello.data, hello.size);
    for (size_t skipped = 0; skipped <= sizeof passed; skipped += 14) {
        feed(&pair.server, lwsec_bytes_of(&all[skipped], sizeof passed - skipped + hello.size),
             "client:1000", LWSEC_OK);
        assert_false(pair.server.closed);
    }
    kit_check_works(&pair);
    kit_close(&pair);
}

static void test_a_hello_behind_records_ends_nothing(void **state)
{
    (void)state;
    each_with_cid(outlives_hello);
}

static void fills(const kit_engine *client, const kit_engine *server)
{
    uint8_t text[KIT_MTU] = {0}, room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;
    kit pair;

    init(&pair, client, server, "psk");
    pair.client.config.mtu = 512;
    open_with_cid(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    const size_t most = lwsec_dtls_plaintext_max(pair.client.session);
    for (size_t size = most - 20; size <= most; size++) {
        assert_status(
            lwsec_dtls_write(pair.client.session, lwsec_bytes_of(text, size), kit_now, &reason),
            LWSEC_OK);
        assert_status(lwsec_dtls_take(pair.client.session, &datagram), LWSEC_OK);
        assert_true(datagram.size <= 512);
        assert_status(lwsec_dtls_take(pair.client.session, &datagram), LWSEC_ABSENT);
    }
    kit_close(&pair);
}

static void test_the_cid_counts_for_the_mtu(void **state)
{
    (void)state;
    each_with_cid(fills);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_required_of_an_engine_without_is_refused),
        cmocka_unit_test(test_sizes_that_do_not_fit_are_refused),
        cmocka_unit_test(test_a_cid_is_set_while_a_server_listens),
        cmocka_unit_test(test_the_extension_is_that_of_the_rfc),
        cmocka_unit_test(test_offered_and_not_taken_goes_without),
        cmocka_unit_test(test_required_and_not_taken_fails),
        cmocka_unit_test(test_a_client_that_moves_goes_on),
        cmocka_unit_test(test_forged_repeated_and_old_records_do_not_move_the_peer),
        cmocka_unit_test(test_each_record_of_a_datagram_counts),
        cmocka_unit_test(test_a_hello_behind_records_ends_nothing),
        cmocka_unit_test(test_the_cid_counts_for_the_mtu),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
