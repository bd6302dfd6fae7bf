/* OCSP stapling: what a client makes of a response, and of none. */
#include "tests/dtls/kit.h"

static bool can(const kit_engine *engine)
{
    return (lwsec_dtls_capabilities(engine->get()) & LWSEC_DTLS_STATUS) != 0;
}

/* The argument of the callbacks is the side; what it staples stands here. */
static const char *stapled;
static unsigned asked;

static lwsec_status give_staple(void *argument, lwsec_bytes certificate, lwsec_bytes *response)
{
    (void)argument;
    asked++;
    assert_bytes(certificate, kit_certificate("server"));
    if (stapled == NULL) {
        return LWSEC_ABSENT;
    }
    *response = kit_certificate(stapled);
    return LWSEC_OK;
}

/* A client that asks; `needs`: it takes nobody of whom nothing is known. */
static void begin(kit *pair, const kit_engine *client, const kit_engine *server, bool needs)
{
    kit_init(pair, client, server, "x509");
    pair->client.config.flags |= LWSEC_DTLS_ASK_STATUS;
    pair->client.check.policy |= needs ? LWSEC_CERT_NEED_STATUS : 0;
    pair->server.config.staple = can(server) ? give_staple : NULL;
    asked = 0;
}

static void takes_good(const kit_engine *client, const kit_engine *server)
{
    kit pair;

    if (!can(client) || !can(server)) {
        return;
    }
    stapled = "ocsp-good";
    begin(&pair, client, server, true);
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    assert_int_equal(asked, 1);
    kit_close(&pair);
    begin(&pair, client, server, false); /* who does not ask is told nothing */
    pair.client.config.flags = 0;
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    assert_int_equal(asked, 0);
    kit_close(&pair);
}

static void test_a_good_response(void **state)
{
    (void)state;
    kit_each(takes_good);
    LWSEC_COVERS("R-5.2.9.6-01");
    LWSEC_COVERS("R-5.2.9.6-03");
}

static void check_refused(kit *pair, lwsec_why why, uint8_t alert)
{
    kit_open(pair);
    kit_run(pair);
    assert_false(pair->client.done);
    assert_false(pair->server.done);
    assert_int_equal(pair->client.why, why);
    assert_int_equal(pair->client.alert.number, alert);
    assert_true(pair->client.alert.sent);
    assert_int_equal(pair->server.why, LWSEC_WHY_DTLS_ALERT);
    assert_int_equal(pair->server.alert.number, alert);
    kit_close(pair);
}

/* Whether or not a status is needed: what was said counts. */
static void refuses_bad(const kit_engine *client, const kit_engine *server)
{
    static const struct {
        const char *response;
        lwsec_why why;
    } rows[] = {{"ocsp-revoked", LWSEC_WHY_CERT_REVOKED},
                {"ocsp-forged", LWSEC_WHY_CERT_OCSP},
                {"ocsp-of-another", LWSEC_WHY_CERT_OCSP},
                {"server", LWSEC_WHY_CERT_OCSP}};

    if (!can(client) || !can(server)) {
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned needs = 0; needs < 2; needs++) {
            kit pair;
            stapled = rows[i].response;
            begin(&pair, client, server, needs == 1);
            check_refused(&pair, rows[i].why, 113);
        }
    }
}

static void test_a_bad_response_is_alert_113(void **state)
{
    (void)state;
    kit_each(refuses_bad);
    LWSEC_COVERS("R-5.2.9.6-01");
    LWSEC_COVERS("R-5.2.9.6-03");
}

/* A server that has none, or an engine that cannot. */
static void takes_none(const kit_engine *client, const kit_engine *server)
{
    kit pair;

    if (!can(client)) {
        return;
    }
    stapled = NULL;
    begin(&pair, client, server, false);
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    kit_close(&pair);
    begin(&pair, client, server, true);
    check_refused(&pair, LWSEC_WHY_CERT_STATUS, 113);
}

static void test_no_response_is_taken_unless_one_is_needed(void **state)
{
    (void)state;
    kit_each(takes_none);
}

/* All else is judged before, and has its own alert; lists count as they do without. */
static void judges_all_else(const kit_engine *client, const kit_engine *server)
{
    lwsec_bytes list = kit_certificate("crl-inter");
    kit pair;

    if (!can(client)) {
        return;
    }
    stapled = "ocsp-good";
    begin(&pair, client, server, false);
    pair.client.check.reference.name = lwsec_bytes_of("wrong.example", 13);
    check_refused(&pair, LWSEC_WHY_CERT_REFERENCE, 42);
    begin(&pair, client, server, false);
    pair.client.check.association = kit_certificate("other-root");
    check_refused(&pair, LWSEC_WHY_CERT_ANCHOR, 48);
    begin(&pair, client, server, false);
    pair.client.check.crls = &list;
    pair.client.check.crl_count = 1;
    check_refused(&pair, LWSEC_WHY_CERT_REVOKED, 113);
}

static void test_all_else_is_judged_as_before(void **state)
{
    (void)state;
    kit_each(judges_all_else);
    LWSEC_COVERS("R-5.2.9.3-25");
}

static void test_who_cannot_ask_or_tell_is_refused(void **state)
{
    lwsec_reason reason;
    kit pair;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        const kit_engine *engine = kit_engine_at(i);
        kit_init(&pair, engine, engine, "x509");
        pair.client.config.flags = LWSEC_DTLS_ASK_STATUS;
        pair.server.config.staple = give_staple;
        assert_status(kit_endpoint(&pair.client, &reason),
                      can(engine) ? LWSEC_OK : LWSEC_UNSUPPORTED);
        assert_status(kit_endpoint(&pair.server, &reason),
                      can(engine) ? LWSEC_OK : LWSEC_UNSUPPORTED);
        kit_close(&pair);
        kit_init(&pair, engine, engine, "x509"); /* each in the other's role */
        pair.server.config.flags = LWSEC_DTLS_ASK_STATUS;
        pair.client.config.staple = give_staple;
        assert_status(kit_endpoint(&pair.client, &reason), LWSEC_USAGE);
        assert_status(kit_endpoint(&pair.server, &reason), LWSEC_USAGE);
        kit_close(&pair);
        kit_init(&pair, engine, engine, "x509"); /* a short handshake has no response */
        pair.client.config.flags = LWSEC_DTLS_ASK_STATUS | LWSEC_DTLS_ALLOW_RESUME;
        assert_status(kit_endpoint(&pair.client, &reason), LWSEC_USAGE);
        kit_close(&pair);
        kit_init(&pair, engine, engine, "psk"); /* about no certificate */
        pair.client.config.flags = LWSEC_DTLS_ASK_STATUS;
        pair.server.config.staple = give_staple;
        assert_status(kit_endpoint(&pair.client, &reason), LWSEC_USAGE);
        assert_status(kit_endpoint(&pair.server, &reason), LWSEC_USAGE);
        kit_close(&pair);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_response),
        cmocka_unit_test(test_a_bad_response_is_alert_113),
        cmocka_unit_test(test_no_response_is_taken_unless_one_is_needed),
        cmocka_unit_test(test_all_else_is_judged_as_before),
        cmocka_unit_test(test_who_cannot_ask_or_tell_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
