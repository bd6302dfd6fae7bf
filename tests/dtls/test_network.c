/* Handshakes over a network that loses, doubles, delays and so reorders datagrams. */
#include "tests/dtls/kit.h"

#define RUNS 200

static const char *const modes[] = {"psk", "x509"};

static size_t engine_count(void)
{
    size_t count = 0;

    while (kit_engine_at(count) != NULL) {
        count++;
    }
    return count;
}

/* Done, or over with a reason, or a server that never had a client. */
static void check_ended(const kit_side *side, unsigned run)
{
    const bool ended = side->done || (side->closed && side->why != LWSEC_WHY_NONE) ||
                       !lwsec_dtls_is_bound(side->session);

    if (!ended) {
        print_error("run %u: %s neither done nor over\n", run, side->kind->name);
    }
    assert_true(ended);
}

static void test_every_handshake_ends(void **state)
{
    const unsigned kinds = (unsigned)engine_count();
    unsigned done = 0;

    (void)state;
    for (unsigned run = 0; run < RUNS; run++) {
        const kit_engine *client = kit_engine_at(run % kinds);
        const kit_engine *server = kit_engine_at(run / kinds % kinds);
        kit pair;
        kit_init(&pair, client, server, modes[run / (kinds * kinds) % 2]);
        pair.seed = 0x9e3779b97f4a7c15U * (run + 1);
        pair.loss = run % 31; /* up to 30 % */
        pair.doubling = run / 7 % 31;
        pair.delay = run / 11 % 31;
        kit_open(&pair);
        const uint64_t begin = kit_now;
        kit_run(&pair);
        /* Each side has its limit; the server's begins with the client's first proof. */
        assert_true(kit_now - begin <= 2 * LWSEC_DTLS_HANDSHAKE_MAX);
        check_ended(&pair.client, run);
        check_ended(&pair.server, run);
        if (pair.client.done && pair.server.done) {
            kit_check_works(&pair);
            done++;
        }
        kit_close(&pair);
    }
    assert_true(done >= RUNS * 9 / 10);
    LWSEC_COVERS("R-5.2.10-11");
}

/* A peer that never answers: timeouts double from the first one on, and end at the limit. */
static void waits_alone(const kit_engine *client, const kit_engine *server)
{
    kit pair;

    kit_init(&pair, client, server, "psk");
    pair.client.config.first_timeout = LWSEC_DTLS_TIMEOUT_RFC7925;
    pair.loss = 100;
    kit_open(&pair);
    const uint64_t begin = kit_now;
    assert_int_equal(lwsec_dtls_deadline(pair.client.session), begin + 9000);
    kit_run(&pair);
    assert_true(pair.client.closed);
    assert_int_equal(pair.client.why, LWSEC_WHY_DTLS_TIMEOUT);
    assert_true(kit_now - begin <= LWSEC_DTLS_HANDSHAKE_MAX);
    /* At 0, 9, 27 and 63 s at least; mbedTLS gives up before the limit. */
    assert_in_range(pair.datagrams, 4, 6);
    assert_false(lwsec_dtls_is_bound(pair.server.session));
    kit_close(&pair);
}

static void test_silence_ends_by_the_limit(void **state)
{
    (void)state;
    kit_each(waits_alone);
    LWSEC_COVERS("R-5.2.1-03");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_handshake_ends),
        cmocka_unit_test(test_silence_ends_by_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
