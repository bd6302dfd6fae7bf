/* A server with several certificates: the name that the client sends (SNI) says which. */
#include "tests/dtls/kit.h"

#define NAMED 3U

/* More certificates, and what holds them. */
typedef struct shop {
    lwsec_bytes chains[NAMED - 1][2];
    lwsec_dtls_certificate more[NAMED - 1];
} shop;

static const char *const certificates[NAMED] = {"server", "server-second", "server-third"};
static const char *const names[NAMED] = {"server.example", "second.example", "third.example"};

/* The first one is what the kit gives: the server's own. */
static void fill(shop *goods, kit_side *server)
{
    lwsec_key first = server->config.key;

    for (size_t i = 1; i < NAMED; i++) {
        lwsec_dtls_certificate *one = &goods->more[i - 1];
        server->config.key = (lwsec_key){NULL, 0, 0};
        kit_key(server, certificates[i]);
        goods->chains[i - 1][0] = kit_certificate(certificates[i]);
        goods->chains[i - 1][1] = kit_certificate("inter");
        *one = (lwsec_dtls_certificate){goods->chains[i - 1], 2, server->config.key};
    }
    server->config.key = first;
    server->config.more = goods->more;
    server->config.more_count = NAMED - 1;
}

static void ask(kit_side *client, const char *name)
{
    client->config.server_name = lwsec_bytes_of(name, name != NULL ? strlen(name) : 0);
    if (name != NULL) {
        client->check.reference.name = client->config.server_name;
    }
}

static void check_shown(kit *pair, const char *certificate)
{
    uint8_t room[2048];
    lwsec_buffer peer = lwsec_buffer_of(room, sizeof room);
    lwsec_dtls_credential credential;

    kit_open(pair);
    kit_run(pair);
    kit_check_works(pair);
    assert_status(lwsec_dtls_peer(pair->client.session, &credential, &peer), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&peer), kit_certificate(certificate));
}

static void shows_what_is_named(const kit_engine *client, const kit_engine *server)
{
    for (size_t i = 0; i < NAMED; i++) {
        shop goods;
        kit pair;
        kit_init(&pair, client, server, "x509");
        fill(&goods, &pair.server);
        ask(&pair.client, names[i]);
        check_shown(&pair, certificates[i]);
        kit_close(&pair);
    }
}

static void test_a_server_shows_the_certificate_that_is_named(void **state)
{
    (void)state;
    kit_each(shows_what_is_named);
    LWSEC_COVERS("R-5.2.9.4-04");
    LWSEC_COVERS("R-5.2.9.3-29");
}

/* Without SNI the first one; whom the client means, it compares in any case. */
static void shows_the_first(const kit_engine *client, const kit_engine *server)
{
    shop goods;
    kit pair;

    kit_init(&pair, client, server, "x509");
    fill(&goods, &pair.server);
    ask(&pair.client, NULL);
    check_shown(&pair, "server");
    kit_close(&pair);
    kit_init(&pair, client, server, "x509");
    fill(&goods, &pair.server);
    ask(&pair.client, "second.example");
    pair.client.config.server_name.size = 0;
    kit_open(&pair);
    kit_run(&pair);
    assert_false(pair.client.done);
    assert_int_equal(pair.client.why, LWSEC_WHY_CERT_REFERENCE);
    assert_int_equal(pair.server.alert.number, 42);
    kit_close(&pair);
}

static void test_without_a_name_it_is_the_first(void **state)
{
    (void)state;
    kit_each(shows_the_first);
    LWSEC_COVERS("R-5.2.9.4-05");
}

/* Unknown, and no name at all for a host: alert 112, with one certificate as well. */
static void refuses_unknown(const kit_engine *client, const kit_engine *server)
{
    static const char *const unknown[] = {"other.example", "192.0.2.1", "x.server.example"};

    for (unsigned i = 0; i < 6; i++) {
        shop goods;
        kit pair;
        kit_init(&pair, client, server, "x509");
        fill(&goods, &pair.server);
        pair.server.config.more_count = i < 3 ? NAMED - 1 : 0;
        ask(&pair.client, unknown[i % 3]);
        kit_open(&pair);
        kit_run(&pair);
        assert_false(pair.client.done);
        assert_false(pair.server.done);
        assert_int_equal(pair.client.why, LWSEC_WHY_DTLS_ALERT);
        assert_int_equal(pair.client.alert.number, 112);
        if (lwsec_dtls_is_bound(pair.server.session)) {
            assert_int_equal(pair.server.why, LWSEC_WHY_CERT_REFERENCE);
            assert_int_equal(pair.server.alert.number, 112);
            assert_true(pair.server.alert.sent);
        } /* mbedTLS finds out before it asks for a cookie, and goes on listening */
        kit_close(&pair);
    }
}

static void test_an_unknown_name_is_alert_112(void **state)
{
    (void)state;
    kit_each(refuses_unknown);
    LWSEC_COVERS("R-5.2.9.4-04");
}

static void takes_any(const kit_engine *client, const kit_engine *server)
{
    shop goods;
    kit pair;

    kit_init(&pair, client, server, "x509");
    fill(&goods, &pair.server);
    pair.server.config.flags |= LWSEC_DTLS_ANY_NAME;
    ask(&pair.client, "other.example");
    pair.client.check.reference.name = lwsec_bytes_of("server.example", 14);
    check_shown(&pair, "server");
    kit_close(&pair);
    kit_init(&pair, client, server, "psk"); /* a name says nothing to a server with PSKs alone */
    pair.client.config.server_name = lwsec_bytes_of("other.example", 13);
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    kit_close(&pair);
}

static void test_a_server_may_take_any_name(void **state)
{
    (void)state;
    kit_each(takes_any);
}

/* The choice does not change who may come: each certificate of a client is judged as before. */
static void judges_as_before(const kit_engine *client, const kit_engine *server)
{
    static const char *const bad[] = {"client-expired", "client-unknown"};
    static const lwsec_why whys[] = {LWSEC_WHY_CERT_TIME, LWSEC_WHY_CERT_ANCHOR};
    static const uint8_t alerts[] = {45, 48};

    for (size_t i = 0; i < 2; i++) {
        shop goods;
        kit pair;
        kit_init(&pair, client, server, "x509");
        fill(&goods, &pair.server);
        ask(&pair.client, "second.example");
        kit_identity(&pair.client, bad[i], "inter");
        kit_open(&pair);
        kit_run(&pair);
        assert_false(pair.server.done);
        assert_int_equal(pair.server.why, whys[i]);
        assert_int_equal(pair.client.alert.number, alerts[i]);
        kit_close(&pair);
    }
}

static void test_the_choice_does_not_change_who_may_come(void **state)
{
    (void)state;
    kit_each(judges_as_before);
    LWSEC_COVERS("R-5.1-03");
    LWSEC_COVERS("R-5.1-05");
}

static void test_what_is_no_choice_is_refused(void **state)
{
    lwsec_reason reason;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        for (unsigned wrong = 0; wrong < 5; wrong++) {
            shop goods;
            kit pair;
            kit_init(&pair, kit_engine_at(i), kit_engine_at(i), "x509");
            fill(&goods, &pair.server);
            kit_side *side = wrong == 0 ? &pair.client : &pair.server;
            switch (wrong) {
            case 0:
                side->config.more = goods.more;
                side->config.more_count = 1;
                break;
            case 1: side->config.more_count = LWSEC_DTLS_MORE_MAX + 1; break;
            case 2: goods.more[1].chain_count = 0; break;
            case 3: goods.more[1].key = (lwsec_key){NULL, 0, 0}; break;
            default: goods.more[1].key = goods.more[0].key; break; /* of another certificate */
            }
            assert_status(kit_endpoint(side, &reason), LWSEC_USAGE);
            assert_int_equal(reason.why, wrong < 4 ? LWSEC_WHY_CONFIG : LWSEC_WHY_DTLS_OWN_KEY);
            kit_close(&pair);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_server_shows_the_certificate_that_is_named),
        cmocka_unit_test(test_without_a_name_it_is_the_first),
        cmocka_unit_test(test_an_unknown_name_is_alert_112),
        cmocka_unit_test(test_a_server_may_take_any_name),
        cmocka_unit_test(test_the_choice_does_not_change_who_may_come),
        cmocka_unit_test(test_what_is_no_choice_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
