/* DTLS over short messages (RFC 7925 Appendix A): datagrams of 140 octets that get lost, are slow.
 */
#include "tests/dtls/kit.h"

#define RUNS 60

/* Short messages are slow: the first timeout of constrained networks, and 10 minutes in all. */
static void slow_down(kit_side *side)
{
    side->config.mtu = LWSEC_DTLS_MTU_SMS;
    side->config.first_timeout = LWSEC_DTLS_TIMEOUT_RFC7925;
    side->config.handshake_max = 600000;
}

static void open_both(kit *pair, const kit_engine *client, const kit_engine *server,
                      const char *mode)
{
    kit_init(pair, client, server, mode);
    slow_down(&pair->client);
    slow_down(&pair->server);
}

/* kit.c sees to it that no datagram is larger than the limit. */
static void fits_short_messages(const kit_engine *client, const kit_engine *server)
{
    uint8_t text[LWSEC_DTLS_MTU_SMS];
    lwsec_reason reason;
    kit pair;

    open_both(&pair, client, server, "psk");
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    /* ClientHello twice, ClientKeyExchange to Finished; HelloVerifyRequest, ServerHello and
     * ServerHelloDone, Finished; then what kit_check_works sends. */
    assert_in_range(pair.datagrams, 6, 12);
    const size_t most = lwsec_dtls_plaintext_max(pair.client.session);
    assert_in_range(most, 100, LWSEC_DTLS_MTU_SMS - 29);
    memset(text, 'x', sizeof text);
    pair.server.got_size = 0;
    assert_status(
        lwsec_dtls_write(pair.client.session, lwsec_bytes_of(text, most + 1), kit_now, &reason),
        LWSEC_BUFFER);
    assert_int_equal(reason.why, LWSEC_WHY_TOO_LONG);
    assert_status(
        lwsec_dtls_write(pair.client.session, lwsec_bytes_of(text, most), kit_now, &reason),
        LWSEC_OK);
    kit_run(&pair);
    assert_int_equal(pair.server.got_size, most);
    kit_close(&pair);
}

static void test_a_psk_handshake_fits_short_messages(void **state)
{
    (void)state;
    kit_each(fits_short_messages);
    LWSEC_COVERS("R-5.2.1-03");
}

static void survives_loss(const kit_engine *client, const kit_engine *server)
{
    unsigned done = 0;

    for (unsigned run = 0; run < RUNS; run++) {
        kit pair;
        open_both(&pair, client, server, "psk");
        pair.seed = 0x9e3779b97f4a7c15U * (run + 1);
        pair.loss = run % 31;
        pair.doubling = run % 7;
        pair.delay = run % 23;
        kit_open(&pair);
        const uint64_t begin = kit_now;
        kit_run(&pair);
        assert_true(kit_now - begin <= 2 * UINT64_C(600000));
        assert_true(pair.client.done || pair.client.closed);
        if (pair.client.done && pair.server.done) {
            pair.loss = pair.doubling = pair.delay = 0;
            kit_check_works(&pair);
            done++;
        }
        kit_close(&pair);
    }
    if (done < RUNS * 9 / 10) {
        print_error("%s to %s: %u of %u\n", client->name, server->name, done, RUNS);
    }
    assert_true(done >= RUNS * 9 / 10);
}

static void test_lost_and_late_messages(void **state)
{
    (void)state;
    kit_each(survives_loss);
    LWSEC_COVERS("R-5.2.10-11");
}

/* OpenSSL does not fragment so small, mbedTLS 2.28 no ClientHello, and a server of mbedTLS 3.6
 * takes none in fragments: each ends with a reason. */
static void test_what_does_not_fit(void **state)
{
    static const char name[] =
        "a-name-that-takes-half-of-a-short-message-by-itself.and-more-of-it.server.example";
    char identity[LWSEC_DTLS_IDENTITY_MAX];
    lwsec_reason reason;
    kit pair;

    (void)state;
    memset(identity, 'i', sizeof identity);
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        const kit_engine *kind = kit_engine_at(i);
        const bool cuts = strcmp(kind->name, "openssl") != 0;
        for (unsigned named = 0; named < 2; named++) { /* a ClientHello with SNI is too long */
            open_both(&pair, kind, kind, "x509");
            pair.client.config.server_name = lwsec_bytes_of(name, named == 1 ? strlen(name) : 0);
            if (cuts) {
                kit_open(&pair);
                kit_run(&pair);
                assert_int_equal(pair.client.done, named == 0);
                assert_int_equal(pair.client.closed, named == 1);
                assert_int_equal(pair.client.why != LWSEC_WHY_NONE, named == 1);
            } else {
                assert_status(kit_endpoint(&pair.client, &reason), LWSEC_UNSUPPORTED);
                assert_status(kit_endpoint(&pair.server, &reason), LWSEC_UNSUPPORTED);
            }
            kit_close(&pair);
        }
        open_both(&pair, kind, kind, "psk");
        pair.client.psk_identity = pair.server.psk_identity = identity;
        pair.client.psk_identity_size = pair.server.psk_identity_size = sizeof identity;
        pair.client.config.identity = lwsec_bytes_of(identity, sizeof identity);
        kit_open(&pair);
        kit_run(&pair);
        if (cuts) {
            kit_check_works(&pair);
        } else {
            assert_false(pair.client.done);
            assert_true(pair.client.closed);
            assert_int_equal(pair.client.why, LWSEC_WHY_TOO_LONG);
        }
        kit_close(&pair);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_psk_handshake_fits_short_messages),
        cmocka_unit_test(test_lost_and_late_messages),
        cmocka_unit_test(test_what_does_not_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
