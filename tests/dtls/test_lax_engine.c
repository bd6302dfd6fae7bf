/* An engine that says that a handshake is done, whoever the peer is: sessions do not rely on it. */
#include "tests/dtls/kit.h"

#include "dtls/engine.h"

typedef struct lax {
    bool shut;
} lax;

static bool asks;    /* whether the next sessions have their peers judged */
static bool shortly; /* whether their handshakes are short ones */

static lax *of(const lwsec_dtls *session)
{
    return (lax *)(uintptr_t)session->room;
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

static lwsec_dtls_outcome drive(lwsec_dtls *session)
{
    if (session->state == LWSEC_DTLS_OPEN) {
        return LWSEC_DTLS_WAITS;
    }
    session->state = LWSEC_DTLS_SHAKING;
    session->authenticated = asks;
    return LWSEC_DTLS_DONE;
}

static uint64_t deadline(const lwsec_dtls *session)
{
    (void)session;
    return UINT64_MAX;
}

static size_t pending(const lwsec_dtls *session)
{
    (void)session;
    return 0;
}

static void shut(lwsec_dtls *session)
{
    of(session)->shut = true;
}

static bool is_resumed(const lwsec_dtls *session)
{
    (void)session;
    return shortly;
}

static const lwsec_dtls_engine engine = {
    .name = "lax",
    .capabilities = LWSEC_DTLS_PSK | LWSEC_DTLS_X509 | LWSEC_DTLS_RPK,
    .psk_max = LWSEC_DTLS_PSK_MAX,
    .session_size = sizeof(uint64_t), /* holds a `lax`, and is a multiple of 8 */
    .endpoint_open = endpoint_open,
    .endpoint_close = endpoint_close,
    .open = open_session,
    .close = close_session,
    .drive = drive,
    .deadline = deadline,
    .pending = pending,
    .shut = shut,
    .is_resumed = is_resumed,
};

static const lwsec_dtls_engine *get(void)
{
    return &engine;
}

/* Whether a client, or a server that has heard something, takes its peer. */
static bool takes(const char *mode, bool client)
{
    kit_engine kind = *kit_engine_at(0);
    lwsec_reason reason;
    kit pair;

    kind.get = get;
    kit_init(&pair, &kind, &kind, mode);
    kit_open(&pair);
    kit_side *side = client ? &pair.client : &pair.server;
    if (!client) {
        assert_status(lwsec_dtls_feed(side->session, lwsec_bytes_of("hello", 5),
                                      lwsec_bytes_of("client", 6), kit_now, &reason),
                      LWSEC_OK);
    }
    kit_collect(side);
    const bool done = side->done;
    assert_int_equal(side->closed, !done);
    assert_int_equal(of(side->session)->shut, !done);
    assert_int_equal(side->why, done     ? LWSEC_WHY_NONE
                                : client ? LWSEC_WHY_DTLS_HANDSHAKE
                                         : LWSEC_WHY_DTLS_IDENTITY);
    kit_close(&pair);
    return done;
}

static void test_nobody_is_taken_who_was_not_judged(void **state)
{
    (void)state;
    for (unsigned client = 0; client < 2; client++) {
        asks = false;
        assert_false(takes("x509", client == 1));
        assert_false(takes("rpk", client == 1));
        asks = true;
        assert_true(takes("x509", client == 1));
        assert_true(takes("rpk", client == 1));
    }
}

/* A client's peer has proved that it knows the key, and the engine asks nobody. */
static void test_a_psk_is_proved_by_the_handshake(void **state)
{
    (void)state;
    asks = false;
    assert_true(takes("psk", true));
    assert_false(takes("psk", false));
}

/* The certificates were judged before the session was offered. */
static void test_a_short_handshake_has_no_certificates(void **state)
{
    (void)state;
    asks = false;
    shortly = true;
    assert_true(takes("x509", true));
    shortly = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_is_taken_who_was_not_judged),
        cmocka_unit_test(test_a_psk_is_proved_by_the_handshake),
        cmocka_unit_test(test_a_short_handshake_has_no_certificates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
