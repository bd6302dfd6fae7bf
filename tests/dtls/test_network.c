/* Handshakes over a network that loses, doubles, delays and so reorders datagrams. */
#include "tests/dtls/kit.h"

#define RUNS 1000
#define FIRST_SEED UINT64_C(0x5eed)

/* What a run is made of follows from its seed. */
typedef struct network_run {
    uint64_t seed;
    const kit_engine *client, *server;
    const char *mode;
    unsigned loss, doubling, delay; /* per cent */
    uint32_t mtu;                   /* 0: the default; small, a flight is many datagrams */
} network_run;

/* The one that runs; printed when it has not come to its end. */
static network_run now_running;
static bool runs;

/* splitmix64, the next number below `end`. */
static unsigned pick(uint64_t *state, unsigned end)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return (unsigned)((mixed ^ mixed >> 31) % end);
}

/* An engine for this mode, by chance; NULL: there is none. */
static const kit_engine *pick_engine(uint64_t *state, uint32_t capability)
{
    const kit_engine *able[2];
    size_t count = 0;

    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        if ((lwsec_dtls_capabilities(kit_engine_at(i)->get()) & capability) != 0) {
            able[count++] = kit_engine_at(i);
        }
    }
    return count > 0 ? able[pick(state, (unsigned)count)] : NULL;
}

/* The modes take turns, so that each has as many; raw public keys where an engine has them. */
static network_run make_run(uint64_t seed)
{
    static const char *const modes[] = {"psk", "x509", "rpk"};
    static const uint32_t capabilities[] = {LWSEC_DTLS_PSK, LWSEC_DTLS_X509, LWSEC_DTLS_RPK};
    uint64_t state = seed;
    size_t mode = seed % 3;

    if (pick_engine(&state, capabilities[mode]) == NULL) {
        mode = seed / 3 % 2;
    }
    network_run run = {.seed = seed, .mode = modes[mode]};
    run.client = pick_engine(&state, capabilities[mode]);
    run.server = pick_engine(&state, capabilities[mode]);
    run.loss = pick(&state, 31);
    run.doubling = pick(&state, 31);
    run.delay = pick(&state, 31);
    run.mtu = pick(&state, 2) == 0 ? 0 : 400;
    return run;
}

static int tell_seed(void **state)
{
    (void)state;
    if (runs) {
        print_error("LWSEC_TEST_SEED=%llu: %s, %s to %s, loss %u, doubling %u, delay %u, mtu %u\n",
                    (unsigned long long)now_running.seed, now_running.mode,
                    now_running.client->name, now_running.server->name, now_running.loss,
                    now_running.doubling, now_running.delay, now_running.mtu);
    }
    return 0;
}

/* Done, or over with a reason, or a server that never had a client; and in time. */
static void check_ended(const kit_side *side, uint64_t latest)
{
    assert_true(side->done || side->closed || !lwsec_dtls_is_bound(side->session));
    assert_true(side->ended <= latest);
    if (!side->done && side->closed) {
        assert_int_not_equal(side->why, LWSEC_WHY_NONE);
    }
}

/* Whether both are done. */
static bool shakes_hands(const network_run *run)
{
    kit pair;

    kit_init(&pair, run->client, run->server, run->mode);
    pair.client.config.mtu = pair.server.config.mtu = run->mtu;
    pair.seed = run->seed * UINT64_C(0x9e3779b97f4a7c15);
    pair.loss = run->loss;
    pair.doubling = run->doubling;
    pair.delay = run->delay;
    kit_open(&pair);
    const uint64_t begin = kit_now;
    kit_run(&pair);
    /* The server's limit counts from the client's first proof, which may come late. */
    check_ended(&pair.client, begin + LWSEC_DTLS_HANDSHAKE_MAX);
    check_ended(&pair.server, begin + 2 * LWSEC_DTLS_HANDSHAKE_MAX + 2000);
    const bool done = pair.client.done && pair.server.done;
    if (done) {
        kit_check_works(&pair);
    }
    kit_close(&pair);
    return done;
}

/* R-5.2.10-11: what is broken or comes again is dropped, and the handshake goes on. */
static void test_every_handshake_ends(void **state)
{
    const char *only = getenv("LWSEC_TEST_SEED");
    const uint64_t first = only != NULL ? strtoull(only, NULL, 10) : FIRST_SEED;
    const unsigned count = only != NULL ? 1 : RUNS;
    unsigned done = 0;

    (void)state;
    for (unsigned i = 0; i < count; i++) {
        now_running = make_run(first + i);
        runs = true;
        done += shakes_hands(&now_running) ? 1 : 0;
        runs = false;
    }
    print_message("%u of %u handshakes are done, the others are over with a reason\n", done, count);
    assert_true(done >= count * 98 / 100);
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
        cmocka_unit_test_teardown(test_every_handshake_ends, tell_seed),
        cmocka_unit_test(test_silence_ends_by_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
