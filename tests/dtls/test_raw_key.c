/* Handshakes with raw public keys (RFC 7250), where an engine has them, and what is refused. */
#include "tests/dtls/kit.h"

#include <lwsec/endpoint_name.h>

static bool has_raw_keys(const kit_engine *engine)
{
    return (lwsec_dtls_capabilities(engine->get()) & LWSEC_DTLS_RPK) != 0;
}

static lwsec_bytes peer_of(const kit_side *side, lwsec_dtls_credential expected, uint8_t room[2048])
{
    lwsec_buffer identity = lwsec_buffer_of(room, 2048);
    lwsec_dtls_credential credential;

    assert_status(lwsec_dtls_peer(side->session, &credential, &identity), LWSEC_OK);
    assert_int_equal(credential, expected);
    return lwsec_buffer_bytes(&identity);
}

/* ---- What works ---- */

static void shakes_hands(const kit_engine *client, const kit_engine *server)
{
    uint8_t room[2048], small[16];
    lwsec_buffer little = lwsec_buffer_of(small, sizeof small);
    lwsec_dtls_credential credential;
    kit pair;

    if (!has_raw_keys(client) || !has_raw_keys(server)) {
        return;
    }
    kit_init(&pair, client, server, "rpk");
    kit_open(&pair);
    assert_status(lwsec_dtls_peer(pair.server.session, &credential, &little), LWSEC_ABSENT);
    kit_run(&pair);
    kit_check_works(&pair);
    assert_int_equal(lwsec_dtls_suite(pair.client.session), 0xC0AE);
    assert_bytes(peer_of(&pair.client, LWSEC_DTLS_BY_RAW_KEY, room), kit_raw_key("server"));
    assert_status(lwsec_dtls_peer(pair.server.session, &credential, &little), LWSEC_BUFFER);
    const lwsec_bytes key = peer_of(&pair.server, LWSEC_DTLS_BY_RAW_KEY, room);
    assert_bytes(key, kit_raw_key("client"));
    /* A raw public key says no name: whose it is, a look-up says. */
    const lwsec_endpoint_names_entry entry = {
        .endpoint_name = lwsec_bytes_of("endpoint-1", 10),
        .identity = {.kind = LWSEC_IDENTITY_RPK, .value = kit_raw_key("client")}};
    lwsec_endpoint_names names = {&entry, 1};
    const lwsec_identity identity = {.kind = LWSEC_IDENTITY_RPK, .value = key};
    assert_int_equal(lwsec_endpoint_name_check(lwsec_bytes_of("endpoint-1", 10), &identity,
                                               lwsec_endpoint_names_lookup, &names),
                     0);
    assert_int_not_equal(lwsec_endpoint_name_check(lwsec_bytes_of("endpoint-2", 10), &identity,
                                                   lwsec_endpoint_names_lookup, &names),
                         0);
    kit_close(&pair);
}

static void test_raw_keys_of_both_sides(void **state)
{
    (void)state;
    kit_each(shakes_hands);
    LWSEC_COVERS("R-5.2.9.2-01");
    LWSEC_COVERS("R-5.2.9.2-04");
    LWSEC_COVERS("R-5.2.9.2-06");
    LWSEC_COVERS("R-5.2.9.2-07");
    LWSEC_COVERS("R-5.2.9.2-14");
    LWSEC_COVERS("R-5.2.7-02");
}

/* A server may take raw public keys, certificates and PSKs at the same time: R-5.2.4-08. */
static void serves_all(const kit_engine *client, const kit_engine *server)
{
    static const char *const modes[] = {"rpk", "x509", "psk"};
    static const lwsec_dtls_credential credentials[] = {
        LWSEC_DTLS_BY_RAW_KEY, LWSEC_DTLS_BY_CERTIFICATE, LWSEC_DTLS_BY_PSK};
    uint8_t room[2048];

    for (size_t i = 0; i < 3; i++) {
        kit pair, x509, psk;
        if (!has_raw_keys(server) || (i == 0 && !has_raw_keys(client))) {
            continue;
        }
        kit_init(&pair, client, server, modes[i]);
        kit_init(&x509, client, server, "x509");
        kit_init(&psk, client, server, "psk");
        lwsec_dtls_config *config = &pair.server.config;
        config->chain = x509.server.chain;
        config->chain_count = 2;
        config->check = &x509.server.check;
        config->key = x509.server.config.key;
        pair.server.psk_identity = psk.server.psk_identity;
        pair.server.psk_identity_size = psk.server.psk_identity_size;
        pair.server.psk = psk.server.psk;
        config->psk = psk.server.config.psk;
        kit rpk;
        kit_init(&rpk, client, server, "rpk");
        pair.server.raw_key = rpk.server.raw_key;
        config->raw_key = rpk.server.config.raw_key;
        kit_open(&pair);
        kit_run(&pair);
        kit_check_works(&pair);
        (void)peer_of(&pair.server, credentials[i], room);
        kit_close(&pair);
        kit_close(&x509);
        kit_close(&psk);
        kit_close(&rpk);
    }
}

static void test_one_server_for_all_credentials(void **state)
{
    (void)state;
    kit_each(serves_all);
    LWSEC_COVERS("R-5.2.4-08");
    LWSEC_COVERS("R-5.2.9-01");
}

/* ---- What is refused ---- */

static void check_refused(kit *pair, kit_side *by, const kit_side *other, uint8_t alert)
{
    kit_open(pair);
    kit_run(pair);
    assert_false(pair->client.done);
    assert_false(pair->server.done);
    assert_int_equal(by->why, LWSEC_WHY_CERT_ASSOCIATION);
    assert_int_equal(by->alert.number, alert);
    assert_true(by->alert.sent);
    assert_int_equal(other->why, LWSEC_WHY_DTLS_ALERT);
    assert_int_equal(other->alert.number, alert);
    kit_close(pair);
}

static void refuses_other_keys(const kit_engine *client, const kit_engine *server)
{
    kit pair;

    if (!has_raw_keys(client) || !has_raw_keys(server)) {
        return;
    }
    kit_init(&pair, client, server, "rpk");
    pair.client.config.server_key = kit_raw_key("client");
    check_refused(&pair, &pair.client, &pair.server, 42);
    kit_init(&pair, client, server, "rpk");
    kit_key(&pair.client, "client-expired");
    check_refused(&pair, &pair.server, &pair.client, 42);
}

static void test_another_key_is_alert_42(void **state)
{
    (void)state;
    kit_each(refuses_other_keys);
    LWSEC_COVERS("R-5.2.9.2-13");
    LWSEC_COVERS("R-5.2.9.2-15");
    LWSEC_COVERS("R-5.2.9.2-16");
    LWSEC_COVERS("R-5.1-02");
    LWSEC_COVERS("R-5.1-03");
}

/* A certificate of the very key that is expected, by a peer that knows no raw public keys. */
static void takes_no_certificate(const kit_engine *client, const kit_engine *server)
{
    kit raw, x509;

    kit_init(&raw, client, server, "rpk");
    kit_init(&x509, client, server, "x509");
    if (has_raw_keys(client)) {
        const lwsec_dtls_config mine = raw.client.config;
        x509.client.config.chain_count = 0;
        x509.client.config.check = NULL;
        x509.client.config.server_name.size = 0;
        x509.client.config.server_key = mine.server_key;
        kit_open(&x509);
        kit_run(&x509);
        assert_false(x509.client.done);
        assert_false(x509.server.done);
        assert_int_equal(x509.client.why, LWSEC_WHY_CERT_ASSOCIATION);
        assert_int_equal(x509.client.alert.number, 42);
        assert_true(x509.client.alert.sent);
    }
    kit_close(&x509);
    kit_close(&raw);
    kit_init(&raw, client, server, "rpk");
    kit_init(&x509, client, server, "x509");
    if (has_raw_keys(server)) {
        x509.server.config.chain_count = 0;
        x509.server.config.check = NULL;
        x509.server.raw_key = raw.server.raw_key;
        x509.server.config.raw_key = raw.server.config.raw_key;
        kit_open(&x509);
        kit_run(&x509);
        assert_false(x509.client.done);
        assert_false(x509.server.done);
        assert_int_equal(x509.client.why, LWSEC_WHY_DTLS_ALERT);
        assert_int_equal(x509.client.alert.number, 40); /* nothing in common */
    }
    kit_close(&x509);
    kit_close(&raw);
}

static void test_a_certificate_is_no_raw_key(void **state)
{
    (void)state;
    kit_each(takes_no_certificate);
    LWSEC_COVERS("R-5.2.9.2-13");
}

static void test_an_engine_without_raw_keys_says_so(void **state)
{
    lwsec_reason reason;
    kit pair;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        const lwsec_status expected = has_raw_keys(kit_engine_at(i)) ? LWSEC_OK : LWSEC_UNSUPPORTED;
        kit_init(&pair, kit_engine_at(i), kit_engine_at(i), "rpk");
        assert_status(kit_endpoint(&pair.client, &reason), expected);
        assert_status(kit_endpoint(&pair.server, &reason), expected);
        kit_close(&pair);
    }
}

static void test_what_is_no_configuration_is_refused(void **state)
{
    static const uint8_t noise[] = {0x30, 0x03, 0x02, 0x01, 0x01};
    lwsec_reason reason;

    (void)state;
    for (unsigned wrong = 0; wrong < 7; wrong++) {
        kit pair;
        kit_init(&pair, kit_engine_at(0), kit_engine_at(0), "rpk");
        lwsec_dtls_config *config = &pair.client.config;
        kit_side *side = wrong < 5 ? &pair.client : &pair.server;
        switch (wrong) {
        case 0: config->server_key = lwsec_bytes_of(NULL, 0); break; /* nobody is expected */
        case 1: config->server_key = lwsec_bytes_of(noise, sizeof noise); break;
        case 2: config->server_key = kit_certificate("server"); break;
        case 3: config->raw_key = pair.server.config.raw_key; break;
        case 4: config->key = (lwsec_key){NULL, 0, 0}; break;
        case 5: pair.server.config.server_key = kit_raw_key("client"); break;
        default: pair.server.config.key = (lwsec_key){NULL, 0, 0}; break;
        }
        assert_status(kit_endpoint(side, &reason), LWSEC_USAGE);
        assert_int_equal(reason.why, LWSEC_WHY_CONFIG);
        kit_close(&pair);
    }
    LWSEC_COVERS("R-5.2.9.2-11");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_raw_keys_of_both_sides),
        cmocka_unit_test(test_one_server_for_all_credentials),
        cmocka_unit_test(test_another_key_is_alert_42),
        cmocka_unit_test(test_a_certificate_is_no_raw_key),
        cmocka_unit_test(test_an_engine_without_raw_keys_says_so),
        cmocka_unit_test(test_what_is_no_configuration_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
