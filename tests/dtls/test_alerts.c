/* Alerts that are sent and received, in the clear and encrypted, and those that somebody forges. */
#include "tests/dtls/kit.h"

#if defined(LWSEC_TEST_MBEDTLS)
#include "dtls/mbedtls/engine.h"
#endif

enum { WARNING = 1, FATAL = 2 };

/* A record in the clear with this alert. Its number is one that nothing else has. */
static lwsec_bytes forge(uint8_t out[15], uint8_t number, uint8_t level, uint8_t alert)
{
    const uint8_t record[15] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 1, number, 0, 2, level, alert};

    memcpy(out, record, sizeof record);
    return lwsec_bytes_of(out, sizeof record);
}

static void feed(kit *pair, kit_side *side, lwsec_bytes datagram)
{
    const char *from = side == &pair->client ? "server:5684" : "client:1000";
    lwsec_reason reason;

    assert_status(lwsec_dtls_feed(side->session, datagram, lwsec_bytes_of(from, strlen(from)),
                                  kit_now, &reason),
                  LWSEC_OK);
    kit_collect(side);
}

/* To where the client has sent its hello, or the server is bound by the second one. */
static kit_side *begin(kit *pair, const kit_engine *client, const kit_engine *server,
                       bool at_server)
{
    kit_init(pair, client, server, "x509");
    kit_open(pair);
    for (unsigned i = 0; at_server && !lwsec_dtls_is_bound(pair->server.session); i++) {
        assert_in_range(i, 0, 3);
        kit_exchange(pair);
    }
    return at_server ? &pair->server : &pair->client;
}

/* ---- In the clear ---- */

/* It ends a handshake, as an honest one would; but nobody vouches for it. */
static void ends_handshake(const kit_engine *client, const kit_engine *server)
{
    uint8_t room[15];
    kit pair;

    for (unsigned at_server = 0; at_server < 2; at_server++) {
        kit_side *side = begin(&pair, client, server, at_server == 1);
        feed(&pair, side, forge(room, 1, FATAL, 48));
        assert_true(side->closed);
        assert_int_equal(side->why, LWSEC_WHY_DTLS_ALERT);
        assert_int_equal(side->alerts, 1);
        assert_int_equal(side->alert.number, 48);
        assert_false(side->alert.sent);
        assert_false(side->alert.authenticated);
        assert_int_equal(lwsec_alert_judge(&side->alert), LWSEC_ALERT_DOUBTFUL);
        kit_close(&pair);
    }
}

static void test_an_alert_in_a_handshake_is_doubtful(void **state)
{
    (void)state;
    kit_each(ends_handshake);
    LWSEC_COVERS("R-5.2.10-06");
}

static void changes_nothing(const kit_engine *client, const kit_engine *server)
{
    static const uint8_t alerts[][2] = {{FATAL, 48}, {FATAL, 20}, {WARNING, 90}, {WARNING, 0}};
    uint8_t room[15];
    kit pair;

    kit_init(&pair, client, server, "psk");
    kit_open(&pair);
    for (size_t i = 0; i < 4; i++) { /* a server that listens */
        feed(&pair, &pair.server, forge(room, (uint8_t)i, alerts[i][0], alerts[i][1]));
        assert_false(lwsec_dtls_is_bound(pair.server.session));
    }
    kit_run(&pair);
    kit_check_works(&pair);
    for (size_t i = 0; i < 8; i++) { /* and both after the handshake; an epoch that is theirs */
        lwsec_bytes record = forge(room, (uint8_t)(8 + i), alerts[i % 4][0], alerts[i % 4][1]);
        room[4] = i >= 4;
        feed(&pair, &pair.server, record);
        feed(&pair, &pair.client, record);
    }
    kit_check_works(&pair);
    assert_int_equal(pair.client.alerts, 0);
    assert_int_equal(pair.server.alerts, 0);
    kit_close(&pair);
}

static void test_a_forged_alert_does_not_end_a_session(void **state)
{
    (void)state;
    kit_each(changes_nothing);
    LWSEC_COVERS("R-5.2.10-11");
}

/* RFC 5246 section 7.2.1: user_canceled is a warning, and close_notify follows. */
static void is_canceled(const kit_engine *client, const kit_engine *server)
{
    uint8_t first[30], second[15];
    kit pair;

    for (unsigned i = 0; i < 4; i++) {
        kit_side *side = begin(&pair, client, server, i % 2 == 1);
        lwsec_bytes cancel = forge(first, 1, WARNING, 90);
        const lwsec_bytes close = forge(second, 2, WARNING, 0);
        if (i < 2) { /* in a datagram of its own, or both in one */
            feed(&pair, side, cancel);
            if (!side->closed) { /* OpenSSL 3.0 does not wait for the second one */
                assert_int_equal(side->alerts, 0);
                feed(&pair, side, close);
            }
        } else {
            memcpy(&first[15], close.data, close.size);
            feed(&pair, side, lwsec_bytes_of(first, sizeof first));
        }
        assert_true(side->closed);
        assert_int_equal(side->why, LWSEC_WHY_DTLS_ALERT);
        assert_int_equal(side->alerts, 1);
        assert_int_equal(side->alert.number, 90);
        assert_false(side->alert.sent);
        assert_false(side->alert.authenticated);
        assert_int_equal(lwsec_alert_judge(&side->alert), LWSEC_ALERT_COUNTS);
        kit_close(&pair);
    }
}

static void test_a_handshake_that_the_peer_cancels(void **state)
{
    (void)state;
    kit_each(is_canceled);
    LWSEC_COVERS("R-5.2.10-05");
}

/* A handshake that is not done does not end as agreed. */
static void is_broken_off(const kit_engine *client, const kit_engine *server)
{
    uint8_t room[15];
    kit pair;

    for (unsigned at_server = 0; at_server < 2; at_server++) {
        kit_side *side = begin(&pair, client, server, at_server == 1);
        feed(&pair, side, forge(room, 1, WARNING, 0));
        assert_true(side->closed);
        assert_int_equal(side->why, LWSEC_WHY_DTLS_HANDSHAKE);
        assert_int_equal(side->alerts, 0);
        kit_close(&pair);
    }
}

static void test_close_notify_in_a_handshake_is_a_failure(void **state)
{
    (void)state;
    kit_each(is_broken_off);
    LWSEC_COVERS("R-5.2.10-05");
}

/* ---- Encrypted ---- */

#if defined(LWSEC_TEST_MBEDTLS)
static bool is_mbedtls(const kit_side *side)
{
    return strcmp(side->kind->name, "mbedtls") == 0;
}

/* mbedTLS has a call for alerts; OpenSSL has none. */
static void send_alert(kit *pair, kit_side *side, uint8_t level, uint8_t alert)
{
    assert_int_equal(
        mbedtls_ssl_send_alert_message(&lwsec_dtls_mbedtls_of(side->session)->ssl, level, alert),
        0);
    kit_exchange(pair);
}

static void hears_encrypted(const kit_engine *client, const kit_engine *server)
{
    kit pair;

    for (unsigned of_server = 0; of_server < 2; of_server++) {
        kit_init(&pair, client, server, "psk");
        kit_open(&pair);
        kit_run(&pair);
        kit_check_works(&pair);
        kit_side *from = of_server == 1 ? &pair.server : &pair.client;
        kit_side *to = of_server == 1 ? &pair.client : &pair.server;
        if (is_mbedtls(from)) {
            send_alert(&pair, from, FATAL, 49);
            assert_true(to->closed);
            assert_int_equal(to->why, LWSEC_WHY_DTLS_ALERT);
            assert_int_equal(to->alerts, 1);
            assert_int_equal(to->alert.number, 49);
            assert_false(to->alert.sent);
            assert_true(to->alert.authenticated);
            assert_int_equal(lwsec_alert_judge(&to->alert), LWSEC_ALERT_ENDS);
        }
        kit_close(&pair);
    }
}

static void test_an_encrypted_alert_is_believed(void **state)
{
    (void)state;
    kit_each(hears_encrypted);
    LWSEC_COVERS("R-5.2.10-04");
}

/* OpenSSL has enough after five warnings in a row, and says so by alert 10; 3.0 after one, which it
 * reads five times. */
static void tells_encrypted(const kit_engine *client, const kit_engine *server)
{
    kit pair;

    kit_init(&pair, client, server, "psk");
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    kit_side *from = is_mbedtls(&pair.client) ? &pair.client : &pair.server;
    kit_side *to = is_mbedtls(&pair.client) ? &pair.server : &pair.client;
    if (is_mbedtls(from) && !is_mbedtls(to)) {
        for (unsigned i = 0; i < 5 && !to->closed; i++) {
            send_alert(&pair, from, WARNING, 110);
        }
        kit_exchange(&pair);
        assert_true(to->closed);
        assert_int_equal(to->why, LWSEC_WHY_DTLS_HANDSHAKE);
        assert_int_equal(to->alerts, 1);
        assert_int_equal(to->alert.number, 10);
        assert_true(to->alert.sent);
        assert_true(from->closed);
        assert_int_equal(from->why, LWSEC_WHY_DTLS_ALERT);
        assert_int_equal(from->alert.number, 10);
        assert_true(from->alert.authenticated);
    }
    kit_close(&pair);
}

static void test_an_alert_that_is_sent_encrypted_is_told(void **state)
{
    (void)state;
    kit_each(tells_encrypted);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_alert_in_a_handshake_is_doubtful),
        cmocka_unit_test(test_a_forged_alert_does_not_end_a_session),
        cmocka_unit_test(test_a_handshake_that_the_peer_cancels),
        cmocka_unit_test(test_close_notify_in_a_handshake_is_a_failure),
#if defined(LWSEC_TEST_MBEDTLS)
        cmocka_unit_test(test_an_encrypted_alert_is_believed),
        cmocka_unit_test(test_an_alert_that_is_sent_encrypted_is_told),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
