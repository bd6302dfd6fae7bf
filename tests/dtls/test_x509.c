/* Handshakes with certificates, between each two engines, and what each failure says. */
#include "tests/dtls/kit.h"

#include <string.h>

static void shakes_hands(const kit_engine *client, const kit_engine *server)
{
    static uint8_t room[2048];
    lwsec_buffer identity = lwsec_buffer_of(room, sizeof room);
    lwsec_dtls_credential credential;
    lwsec_bytes name;
    kit pair;

    kit_init(&pair, client, server, "x509");
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    assert_int_equal(lwsec_dtls_suite(pair.client.session), 0xC0AE);
    assert_int_equal(lwsec_dtls_suite(pair.server.session), 0xC0AE);
    assert_status(lwsec_dtls_peer(pair.server.session, &credential, &identity), LWSEC_OK);
    assert_int_equal(credential, LWSEC_DTLS_BY_CERTIFICATE);
    assert_bytes(lwsec_buffer_bytes(&identity), kit_certificate("client"));
    assert_status(lwsec_cert_common_name(lwsec_buffer_bytes(&identity), &name), LWSEC_OK);
    assert_bytes(name, lwsec_bytes_of("endpoint-1", 10));
    assert_status(lwsec_dtls_peer(pair.client.session, &credential, &identity), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&identity), kit_certificate("server"));
    kit_close(&pair);
}

static void test_certificates_on_every_pair_of_engines(void **state)
{
    (void)state;
    kit_each(shakes_hands);
    LWSEC_COVERS("R-5.2.9.3-01");
    LWSEC_COVERS("R-5.2.9.3-03");
    LWSEC_COVERS("R-5.2.9.3-05");
    LWSEC_COVERS("R-5.2.9.3-08");
    LWSEC_COVERS("R-5.2.3-01");
    LWSEC_COVERS("R-5.2.3-02");
}

/* What an engine found on its own way through the chain is not believed where it found nothing
 * good. */
static void refuses_a_broken_signature(const kit_engine *client, const kit_engine *server)
{
    for (unsigned of_client = 0; of_client < 2; of_client++) {
        uint8_t broken[1024];
        kit pair;

        kit_init(&pair, client, server, "x509");
        kit_side *liar = of_client ? &pair.client : &pair.server;
        kit_side *judge = of_client ? &pair.server : &pair.client;
        assert_true(liar->chain[0].size <= sizeof broken);
        memcpy(broken, liar->chain[0].data, liar->chain[0].size);
        broken[liar->chain[0].size - 1] ^= 1; /* the last octet of the signature's s */
        liar->chain[0].data = broken;
        kit_open(&pair);
        kit_run(&pair);
        assert_false(judge->done);
        assert_int_equal(judge->why, LWSEC_WHY_CERT_SIGNATURE);
        kit_close(&pair);
    }
}

static void test_a_broken_signature_is_refused(void **state)
{
    (void)state;
    kit_each(refuses_a_broken_signature);
}

/* One way in which a client does not like the server, and the alert that says so. */
typedef struct refusal {
    const char *what;
    lwsec_why why;
    uint8_t alert;
    lwsec_cert_usage usage;
    const char *server;      /* its certificate */
    const char *association; /* Server Public Key */
    const char *trust;       /* NULL: an empty store */
    const char *reference;
} refusal;

static const refusal refusals[] = {
    {"wrong name", LWSEC_WHY_CERT_REFERENCE, 42, LWSEC_CERT_TRUST_ANCHOR, "server", "root", NULL,
     "wrong.example"},
    {"no name", LWSEC_WHY_CERT_REFERENCE, 42, LWSEC_CERT_TRUST_ANCHOR, "server", "root", NULL,
     NULL},
    {"expired", LWSEC_WHY_CERT_TIME, 45, LWSEC_CERT_TRUST_ANCHOR, "server-expired", "root", NULL,
     "server.example"},
    {"unknown CA", LWSEC_WHY_CERT_ANCHOR, 48, LWSEC_CERT_TRUST_ANCHOR, "server-unknown", "root",
     NULL, "server.example"},
    {"usage 0, empty store", LWSEC_WHY_CERT_ANCHOR, 48, LWSEC_CERT_CA_CONSTRAINT, "server", "root",
     NULL, "server.example"},
    {"usage 1, empty store", LWSEC_WHY_CERT_ANCHOR, 48, LWSEC_CERT_SERVICE_CONSTRAINT, "server",
     "server", NULL, "server.example"},
    {"usage 1, another leaf", LWSEC_WHY_CERT_ASSOCIATION, 42, LWSEC_CERT_SERVICE_CONSTRAINT,
     "server", "server-expired", "root", "server.example"},
    {"usage 3, another leaf", LWSEC_WHY_CERT_ASSOCIATION, 42, LWSEC_CERT_DOMAIN_ISSUED, "server",
     "root", "root", "server.example"},
};

static void set_check(kit_side *side, const refusal *row)
{
    side->check.usage = row->usage;
    side->check.association = kit_certificate(row->association);
    side->check.trust_count = 0;
    if (row->trust != NULL) {
        side->trust[0] = kit_certificate(row->trust);
        side->check.trust = side->trust;
        side->check.trust_count = 1;
    }
    side->check.reference.kind = LWSEC_CERT_REFERENCE_ABSENT;
    if (row->reference != NULL) {
        side->check.reference.kind = LWSEC_CERT_REFERENCE_DNS;
        side->check.reference.name = lwsec_bytes_of(row->reference, strlen(row->reference));
    }
}

static void client_refuses(const kit_engine *client, const kit_engine *server)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        kit pair;
        kit_init(&pair, client, server, "x509");
        kit_identity(&pair.server, refusals[i].server, "inter");
        set_check(&pair.client, &refusals[i]);
        kit_open(&pair);
        kit_run(&pair);
        if (pair.client.why != refusals[i].why || pair.server.alert.number != refusals[i].alert) {
            print_error("%s to %s, %s: %s, alert %u\n", client->name, server->name,
                        refusals[i].what, lwsec_why_text(pair.client.why),
                        pair.server.alert.number);
        }
        assert_false(pair.client.done);
        assert_false(pair.server.done);
        assert_int_equal(pair.client.why, refusals[i].why);
        assert_int_equal(pair.client.alerts, 1);
        assert_int_equal(pair.client.alert.number, refusals[i].alert);
        assert_true(pair.client.alert.sent);
        assert_int_equal(pair.server.why, LWSEC_WHY_DTLS_ALERT);
        assert_int_equal(pair.server.alerts, 1);
        assert_int_equal(pair.server.alert.number, refusals[i].alert);
        assert_false(pair.server.alert.sent);
        assert_false(pair.server.alert.authenticated);
        kit_close(&pair);
    }
}

static void test_a_client_refuses_a_server_by_the_right_alert(void **state)
{
    (void)state;
    kit_each(client_refuses);
    LWSEC_COVERS("R-5.2.9.3-23");
    LWSEC_COVERS("R-5.2.9.3-25");
    LWSEC_COVERS("R-5.2.9.4-05");
    LWSEC_COVERS("R-5.2.9.7-03");
    LWSEC_COVERS("R-5.2.9.7-07");
}

/* What each usage needs, and nothing more. */
static const refusal uses[] = {
    {"usage 0", LWSEC_WHY_NONE, 0, LWSEC_CERT_CA_CONSTRAINT, "server", "inter", "root",
     "server.example"},
    {"usage 1", LWSEC_WHY_NONE, 0, LWSEC_CERT_SERVICE_CONSTRAINT, "server", "server", "root",
     "server.example"},
    {"usage 2", LWSEC_WHY_NONE, 0, LWSEC_CERT_TRUST_ANCHOR, "server", "inter", NULL,
     "server.example"},
    {"usage 3, any name", LWSEC_WHY_NONE, 0, LWSEC_CERT_DOMAIN_ISSUED, "server", "server", NULL,
     NULL},
    {"usage 3, expired", LWSEC_WHY_NONE, 0, LWSEC_CERT_DOMAIN_ISSUED, "server-expired",
     "server-expired", NULL, "wrong.example"},
};

static void accepts_usages(const kit_engine *client, const kit_engine *server)
{
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        kit pair;
        kit_init(&pair, client, server, "x509");
        kit_identity(&pair.server, uses[i].server, "inter");
        set_check(&pair.client, &uses[i]);
        if (uses[i].usage == LWSEC_CERT_DOMAIN_ISSUED) {
            pair.client.config.server_name = lwsec_bytes_of(NULL, 0);
        }
        kit_open(&pair);
        kit_run(&pair);
        kit_check_works(&pair);
        kit_close(&pair);
    }
}

static void test_every_usage_on_every_pair_of_engines(void **state)
{
    (void)state;
    kit_each(accepts_usages);
    LWSEC_COVERS("R-5.2.9.7-01");
    LWSEC_COVERS("R-5.2.9.7-12");
}

typedef struct client_row {
    const char *certificate;
    lwsec_why why;
    uint8_t alert;
} client_row;

static void server_refuses(const kit_engine *client, const kit_engine *server)
{
    static const client_row rows[] = {{"client-expired", LWSEC_WHY_CERT_TIME, 45},
                                      {"client-unknown", LWSEC_WHY_CERT_ANCHOR, 48},
                                      {"server", LWSEC_WHY_CERT_KEY_USAGE, 43}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        kit pair;
        kit_init(&pair, client, server, "x509");
        kit_identity(&pair.client, rows[i].certificate, "inter");
        kit_open(&pair);
        kit_run(&pair);
        assert_false(pair.server.done);
        assert_false(pair.client.done);
        assert_int_equal(pair.server.why, rows[i].why);
        assert_int_equal(pair.client.why, LWSEC_WHY_DTLS_ALERT);
        assert_int_equal(pair.client.alert.number, rows[i].alert);
        kit_close(&pair);
    }
}

static void test_a_server_refuses_a_client_by_the_right_alert(void **state)
{
    (void)state;
    kit_each(server_refuses);
    LWSEC_COVERS("R-5.2.6-02");
}

static void test_a_key_of_another_certificate_is_refused(void **state)
{
    lwsec_reason reason;
    kit pair;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        kit_init(&pair, kit_engine_at(i), kit_engine_at(i), "x509");
        pair.client.chain[0] = kit_certificate("server");
        assert_status(kit_endpoint(&pair.client, &reason), LWSEC_USAGE);
        assert_int_equal(reason.why, LWSEC_WHY_DTLS_OWN_KEY);
        kit_close(&pair);
    }
    LWSEC_COVERS("R-5.2.9.3-13");
}

/* A client with a PSK at a server that has none: nothing in common. */
static void finds_no_suite(const kit_engine *client, const kit_engine *server)
{
    kit pair, other;

    kit_init(&pair, client, server, "psk");
    kit_init(&other, client, server, "x509");
    pair.server.config.psk = NULL;
    pair.server.config.chain = other.server.chain;
    pair.server.config.chain_count = 2;
    pair.server.config.key = other.server.config.key;
    pair.server.config.check = &other.server.check;
    kit_open(&pair);
    kit_run(&pair);
    assert_false(pair.client.done);
    assert_false(pair.server.done);
    assert_int_equal(pair.client.why, LWSEC_WHY_DTLS_ALERT);
    assert_int_equal(pair.client.alert.number, 40);
    /* mbedTLS finds out before it asks for a cookie, and goes on listening. */
    assert_int_equal(pair.server.alert.sent, lwsec_dtls_is_bound(pair.server.session));
    assert_int_equal(pair.server.closed, lwsec_dtls_is_bound(pair.server.session));
    kit_close(&pair);
    kit_close(&other);
}

static void test_no_suite_in_common_is_alert_40(void **state)
{
    (void)state;
    kit_each(finds_no_suite);
    LWSEC_COVERS("R-5.2.2-01");
}

/* A server with both kinds takes both kinds of clients. */
static void serves_both(const kit_engine *client, const kit_engine *server)
{
    static const char *const modes[] = {"psk", "x509"};

    for (size_t i = 0; i < 2; i++) {
        kit pair, other;
        kit_init(&pair, client, server, modes[i]);
        kit_init(&other, client, server, modes[1 - i]);
        kit_side *psk = i == 0 ? &pair.server : &other.server;
        kit_side *x509 = i == 0 ? &other.server : &pair.server;
        pair.server.psk_identity = psk->psk_identity;
        pair.server.psk_identity_size = psk->psk_identity_size;
        pair.server.psk = psk->psk;
        pair.server.config.psk = psk->config.psk;
        pair.server.config.chain = x509->chain;
        pair.server.config.chain_count = 2;
        pair.server.config.key = x509->config.key;
        pair.server.config.check = &x509->check;
        kit_open(&pair);
        kit_run(&pair);
        kit_check_works(&pair);
        assert_int_equal(lwsec_dtls_suite(pair.server.session), i == 0 ? 0xC0A8 : 0xC0AE);
        kit_close(&pair);
        kit_close(&other);
    }
}

static void test_one_server_for_both_credentials(void **state)
{
    (void)state;
    kit_each(serves_both);
    LWSEC_COVERS("R-5.2.9-01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificates_on_every_pair_of_engines),
        cmocka_unit_test(test_a_broken_signature_is_refused),
        cmocka_unit_test(test_a_client_refuses_a_server_by_the_right_alert),
        cmocka_unit_test(test_every_usage_on_every_pair_of_engines),
        cmocka_unit_test(test_a_server_refuses_a_client_by_the_right_alert),
        cmocka_unit_test(test_no_suite_in_common_is_alert_40),
        cmocka_unit_test(test_one_server_for_both_credentials),
        cmocka_unit_test(test_a_key_of_another_certificate_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
