/* Handshakes with pre-shared keys, between each two engines. */
#include "tests/dtls/kit.h"

#include "dtls/engine.h"

static void shakes_hands(const kit_engine *client, const kit_engine *server)
{
    lwsec_dtls_credential credential;
    uint8_t room[128];
    lwsec_buffer identity = lwsec_buffer_of(room, sizeof room);
    kit pair;

    kit_init(&pair, client, server, "psk");
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    assert_int_equal(lwsec_dtls_suite(pair.client.session), 0xC0A8);
    assert_int_equal(lwsec_dtls_suite(pair.server.session), 0xC0A8);
    assert_status(lwsec_dtls_peer(pair.server.session, &credential, &identity), LWSEC_OK);
    assert_int_equal(credential, LWSEC_DTLS_BY_PSK);
    assert_bytes(lwsec_buffer_bytes(&identity), lwsec_bytes_of("endpoint-1", 10));
    kit_close(&pair);
}

static void test_psk_on_every_pair_of_engines(void **state)
{
    (void)state;
    kit_each(shakes_hands);
    LWSEC_COVERS("R-5.2.1-01");
    LWSEC_COVERS("R-5.2.9.1-01");
    LWSEC_COVERS("R-5.2.9.1-04");
    LWSEC_COVERS("R-5.2.7-01");
}

/* ---- Handles ---- */

static lwsec_key handle;

static lwsec_status give_handle(void *argument, lwsec_bytes identity, lwsec_key *key)
{
    (void)argument;
    if (identity.size != 10 || memcmp(identity.data, "endpoint-1", 10) != 0) {
        return LWSEC_ABSENT;
    }
    *key = handle;
    return LWSEC_OK;
}

static void use_handle(kit_side *side, lwsec_bytes psk)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_PSK, LWSEC_USE_PSK, {NULL, 0}};

    assert_status(lwsec_key_import(side->store, &attributes, psk, &handle), LWSEC_OK);
    side->config.psk = NULL;
    side->config.psk_key = give_handle;
}

/* One side has the bytes, the other a handle: they agree only if the store derives the right secret
 * out of its own PSK. */
static void agrees_by_handle(const kit_engine *client, const kit_engine *server)
{
    for (unsigned of_client = 0; of_client < 2; of_client++) {
        for (unsigned wrong = 0; wrong < 2; wrong++) {
            kit pair;
            lwsec_reason reason;
            kit_init(&pair, client, server, "psk");
            kit_side *side = of_client == 1 ? &pair.client : &pair.server;
            const bool can =
                (lwsec_dtls_capabilities(side->kind->get()) & LWSEC_DTLS_PSK_HANDLE) != 0;
            use_handle(side,
                       lwsec_bytes_of(wrong == 1 ? "0123456789abcdeX" : "0123456789abcdef", 16));
            if (of_client == 1 && !can) {
                assert_status(kit_endpoint(side, &reason), LWSEC_UNSUPPORTED);
            } else {
                kit_open(&pair);
                kit_run(&pair);
                assert_int_equal(pair.server.done, can && wrong == 0);
                assert_int_equal(pair.client.done, can && wrong == 0);
                if (can && wrong == 0) {
                    kit_check_works(&pair);
                }
            }
            kit_close(&pair);
        }
    }
}

static void test_a_psk_that_stays_in_its_store(void **state)
{
    (void)state;
    kit_each(agrees_by_handle);
    LWSEC_COVERS("R-5.2.9.1-09");
}

/* ---- Failures ---- */

/* R-5.2.9.1-08, R-5.2.9.1-11: as far as the engine goes, and refused beyond. */
static void carries_long(const kit_engine *client, const kit_engine *server)
{
    uint8_t key[64], room[128];
    char identity[128];
    lwsec_buffer got = lwsec_buffer_of(room, sizeof room);
    lwsec_dtls_credential credential;
    kit pair;

    memset(key, 0x5a, sizeof key);
    memset(identity, 0xc3, sizeof identity);
    for (size_t size = 64; size >= 32; size -= 32) {
        lwsec_reason reason;
        kit_init(&pair, client, server, "psk");
        pair.client.psk = pair.server.psk = lwsec_bytes_of(key, size);
        pair.client.psk_identity = pair.server.psk_identity = identity;
        pair.client.psk_identity_size = pair.server.psk_identity_size = sizeof identity;
        pair.client.config.identity = lwsec_bytes_of(identity, sizeof identity);
        const lwsec_status status = kit_endpoint(&pair.client, &reason);
        assert_true(status == LWSEC_OK || status == LWSEC_UNSUPPORTED);
        if (strcmp(client->name, "openssl") == 0 || size == 32) {
            assert_int_equal(status, LWSEC_OK);
        }
        if (status == LWSEC_OK) {
            lwsec_dtls_endpoint_close(&pair.client.endpoint);
            kit_open(&pair);
            kit_run(&pair);
            if (pair.server.done) {
                kit_check_works(&pair);
                assert_status(lwsec_dtls_peer(pair.server.session, &credential, &got), LWSEC_OK);
                assert_bytes(lwsec_buffer_bytes(&got), lwsec_bytes_of(identity, sizeof identity));
            } else { /* a server that cannot take so long a key says that there is none */
                assert_int_equal(size, 64);
                assert_string_equal(server->name, "mbedtls");
                assert_int_equal(pair.server.why, LWSEC_WHY_DTLS_IDENTITY);
            }
        }
        kit_close(&pair);
    }
}

/* A key that is given as bytes is bytes, also one that looks like the place of a handle: whoever
 * writes accounts could say where the handle lies. */
static void takes_bytes_for_bytes(const kit_engine *client, const kit_engine *server)
{
    uint8_t psk[LWSEC_DTLS_PLACEHOLDER_SIZE + sizeof(lwsec_key)];
    kit pair;

    memset(psk, 0, sizeof psk);
    memcpy(psk, LWSEC_DTLS_PLACEHOLDER, LWSEC_DTLS_PLACEHOLDER_SIZE);
    kit_init(&pair, client, server, "psk");
    pair.client.psk = pair.server.psk = lwsec_bytes_of(psk, sizeof psk);
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    kit_close(&pair);
}

static void test_a_key_like_a_placeholder(void **state)
{
    (void)state;
    kit_each(takes_bytes_for_bytes);
}

static void test_long_identities_and_keys(void **state)
{
    (void)state;
    kit_each(carries_long);
    LWSEC_COVERS("R-5.2.9.1-08");
    LWSEC_COVERS("R-5.2.9.1-11");
}

static void refuses_unknown_identity(const kit_engine *client, const kit_engine *server)
{
    kit pair;

    kit_init(&pair, client, server, "psk");
    pair.server.psk_identity = "somebody-1";
    kit_open(&pair);
    kit_run(&pair);
    assert_false(pair.client.done);
    assert_false(pair.server.done);
    assert_int_equal(pair.server.why, LWSEC_WHY_DTLS_IDENTITY);
    assert_int_equal(pair.server.alerts, 1);
    assert_int_equal(pair.server.alert.number, 115);
    assert_true(pair.server.alert.sent);
    assert_int_equal(pair.client.why, LWSEC_WHY_DTLS_ALERT);
    assert_int_equal(pair.client.alert.number, 115);
    assert_false(pair.client.alert.sent);
    /* In the clear: anybody may have sent it, so the sequence of attempts goes on. */
    assert_false(pair.client.alert.authenticated);
    assert_int_equal(lwsec_alert_judge(&pair.client.alert), LWSEC_ALERT_DOUBTFUL);
    kit_close(&pair);
}

static void test_an_unknown_identity_is_alert_115(void **state)
{
    (void)state;
    kit_each(refuses_unknown_identity);
    LWSEC_COVERS("R-5.2.10-06");
}

/* mbedTLS tells a wrong key by alert 20, OpenSSL by nothing: the limit ends it then. */
static void refuses_wrong_key(const kit_engine *client, const kit_engine *server)
{
    const bool silent = strcmp(server->name, "openssl") == 0;
    kit pair;

    kit_init(&pair, client, server, "psk");
    pair.server.psk = lwsec_bytes_of("0123456789abcdeX", 16);
    kit_open(&pair);
    const uint64_t begin = kit_now;
    kit_run(&pair);
    assert_false(pair.client.done);
    assert_false(pair.server.done);
    assert_true(pair.client.closed);
    assert_true(pair.server.closed);
    assert_true(kit_now - begin <= LWSEC_DTLS_HANDSHAKE_MAX + 5000);
    if (silent) {
        assert_int_equal(pair.client.alerts, 0);
        assert_int_equal(pair.client.why, LWSEC_WHY_DTLS_TIMEOUT);
        assert_int_equal(pair.server.why, LWSEC_WHY_DTLS_TIMEOUT);
    } else {
        assert_int_equal(pair.client.alert.number, 20);
        assert_int_equal(pair.client.why, LWSEC_WHY_DTLS_ALERT);
        assert_true(pair.server.alert.sent);
    }
    kit_close(&pair);
}

static void test_a_wrong_key_ends_with_or_without_an_alert(void **state)
{
    (void)state;
    kit_each(refuses_wrong_key);
    LWSEC_COVERS("R-5.2.10-11");
}

static void test_an_identity_with_a_zero_byte(void **state)
{
    lwsec_reason reason;
    kit pair;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        const lwsec_dtls_engine *engine = kit_engine_at(i)->get();
        const bool can = (lwsec_dtls_capabilities(engine) & LWSEC_DTLS_IDENTITY_NUL) != 0;
        kit_init(&pair, kit_engine_at(i), kit_engine_at(i), "psk");
        pair.client.psk_identity = pair.server.psk_identity = "ab\0cd";
        pair.client.psk_identity_size = pair.server.psk_identity_size = 5;
        pair.client.config.identity = lwsec_bytes_of("ab\0cd", 5);
        if (can) {
            kit_open(&pair);
            kit_run(&pair);
            kit_check_works(&pair);
        } else {
            assert_status(kit_endpoint(&pair.client, &reason), LWSEC_UNSUPPORTED);
        }
        kit_close(&pair);
    }
    LWSEC_COVERS("R-5.2.9.1-08");
}

/* The suites of a server without the client's only suite: no silent downgrade of the role's rule.
 */
static void test_a_client_offers_cbc_only_when_asked(void **state)
{
    uint8_t hello[KIT_MTU];
    kit pair;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        for (uint32_t flags = 0; flags <= LWSEC_DTLS_ALLOW_CBC; flags++) {
            lwsec_buffer datagram = lwsec_buffer_of(hello, sizeof hello);
            size_t ccm = 0, cbc = 0;
            kit_init(&pair, kit_engine_at(i), kit_engine_at(i), "psk");
            pair.client.config.flags = flags;
            kit_open(&pair);
            assert_status(lwsec_dtls_take(pair.client.session, &datagram), LWSEC_OK);
            /* Headers 13 + 12, version 2, random 32, session and cookie empty: 1 + 1. */
            const size_t list = 13 + 12 + 2 + 32 + 1 + 1;
            const size_t size = (size_t)hello[list] << 8 | hello[list + 1];
            for (size_t at = list + 2; at < list + 2 + size; at += 2) {
                ccm += hello[at] == 0xC0 && hello[at + 1] == 0xA8;
                cbc += hello[at] == 0x00 && hello[at + 1] == 0xAE;
            }
            assert_int_equal(ccm, 1);
            assert_int_equal(cbc, flags);
            kit_close(&pair);
        }
    }
    LWSEC_COVERS("R-5.2.9.1-03");
    LWSEC_COVERS("R-5.2.9.1-04");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_psk_on_every_pair_of_engines),
        cmocka_unit_test(test_a_psk_that_stays_in_its_store),
        cmocka_unit_test(test_a_key_like_a_placeholder),
        cmocka_unit_test(test_long_identities_and_keys),
        cmocka_unit_test(test_an_unknown_identity_is_alert_115),
        cmocka_unit_test(test_a_wrong_key_ends_with_or_without_an_alert),
        cmocka_unit_test(test_an_identity_with_a_zero_byte),
        cmocka_unit_test(test_a_client_offers_cbc_only_when_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
