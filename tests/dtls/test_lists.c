/* Suites, groups and signatures of a handshake, and what the lists of an account make of them. */
#include "tests/dtls/kit.h"

#define PSK_CCM_8 0xC0A8
#define PSK_CBC 0x00AE
#define ECDSA_CCM_8 0xC0AE
#define ECDSA_CBC 0xC023

static lwsec_dtls_numbers numbers(const uint16_t *list, size_t count)
{
    return (lwsec_dtls_numbers){list, count};
}

/* ---- What a ClientHello has ---- */

static size_t number_at(lwsec_bytes hello, size_t at)
{
    assert_true(at + 2 <= hello.size);
    return (size_t)hello.data[at] << 8 | hello.data[at + 1];
}

/* Headers 13 + 12, version 2, random 32, session and cookie empty: 1 + 1. */
#define SUITES (13U + 12U + 2U + 32U + 1U + 1U)

/* The value of an extension; NULL data: it is not there. */
static lwsec_bytes extension(lwsec_bytes hello, size_t type)
{
    size_t at = SUITES + 2 + number_at(hello, SUITES);

    at += 1U + hello.data[at] + 2; /* compression methods, size of all extensions */
    while (at + 4 <= hello.size) {
        const size_t size = number_at(hello, at + 2);
        if (number_at(hello, at) == type) {
            return lwsec_bytes_of(&hello.data[at + 4], size);
        }
        at += 4 + size;
    }
    return lwsec_bytes_of(NULL, 0);
}

/* Suites of ours, in their order; signalling values are left out. */
static size_t suites_of(lwsec_bytes hello, uint16_t out[8])
{
    const size_t end = SUITES + 2 + number_at(hello, SUITES);
    size_t count = 0;

    for (size_t at = SUITES + 2; at < end; at += 2) {
        const size_t suite = number_at(hello, at);
        if (suite != 0x00FF && suite != 0x5600) {
            assert_true(count < 8);
            out[count++] = (uint16_t)suite;
        }
    }
    return count;
}

static lwsec_bytes hello_of(kit *pair, uint8_t room[KIT_MTU])
{
    lwsec_buffer datagram = lwsec_buffer_of(room, KIT_MTU);

    kit_open(pair);
    assert_status(lwsec_dtls_take(pair->client.session, &datagram), LWSEC_OK);
    return lwsec_buffer_bytes(&datagram);
}

static void check_offered(const char *mode, lwsec_dtls_numbers list, uint32_t flags,
                          const uint16_t *expected, size_t count)
{
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        uint8_t room[KIT_MTU];
        uint16_t got[8];
        kit pair;
        kit_init(&pair, kit_engine_at(i), kit_engine_at(i), mode);
        pair.client.config.suites = list;
        pair.client.config.flags = flags;
        assert_int_equal(suites_of(hello_of(&pair, room), got), count);
        assert_memory_equal(got, expected, count * sizeof got[0]);
        kit_close(&pair);
    }
}

static void test_a_client_offers_what_its_account_lists(void **state)
{
    static const uint16_t all[] = {0xC02B, ECDSA_CBC, PSK_CBC, ECDSA_CCM_8, PSK_CCM_8, PSK_CCM_8};
    static const uint16_t psk[] = {PSK_CBC, PSK_CCM_8}, ecdsa[] = {ECDSA_CBC, ECDSA_CCM_8};
    const uint16_t psk_ccm = PSK_CCM_8, psk_cbc = PSK_CBC, ecdsa_ccm = ECDSA_CCM_8;

    (void)state;
    check_offered("psk", numbers(NULL, 0), 0, &psk_ccm, 1);
    check_offered("x509", numbers(NULL, 0), 0, &ecdsa_ccm, 1);
    check_offered("psk", numbers(all, 6), 0, &psk_ccm, 1); /* CBC unless asked */
    check_offered("psk", numbers(all, 6), LWSEC_DTLS_ALLOW_CBC, psk, 2);
    check_offered("x509", numbers(all, 6), LWSEC_DTLS_ALLOW_CBC, ecdsa, 2);
    check_offered("psk", numbers(&psk_cbc, 1), LWSEC_DTLS_ALLOW_CBC, &psk_cbc, 1);
    LWSEC_COVERS("R-5.2.9.1-03");
    LWSEC_COVERS("R-5.2.9.2-03");
    LWSEC_COVERS("R-5.2.9.3-07");
    LWSEC_COVERS("R-5.2.9.3-10");
    LWSEC_COVERS("R-5.2.9.3-11");
}

/* ---- Servers ---- */

/* T-39: a client that has CBC_SHA256 alone finds it at every server, and a better one that. */
static void serves_cbc(const kit_engine *client, const kit_engine *server)
{
    static const uint16_t both[2][2] = {{PSK_CBC, PSK_CCM_8}, {ECDSA_CBC, ECDSA_CCM_8}};
    static const char *const modes[] = {"psk", "x509"};

    for (unsigned i = 0; i < 2; i++) {
        for (size_t count = 1; count <= 2; count++) {
            kit pair;
            kit_init(&pair, client, server, modes[i]);
            pair.client.config.flags = LWSEC_DTLS_ALLOW_CBC;
            pair.client.config.suites = numbers(both[i], count);
            kit_open(&pair);
            kit_run(&pair);
            kit_check_works(&pair);
            assert_int_equal(lwsec_dtls_suite(pair.server.session), both[i][count - 1]);
            assert_int_equal(lwsec_dtls_suite(pair.client.session), both[i][count - 1]);
            kit_close(&pair);
        }
    }
}

static void test_servers_take_cbc_after_ccm_8(void **state)
{
    (void)state;
    kit_each(serves_cbc);
    LWSEC_COVERS("R-5.2.9.1-02");
    LWSEC_COVERS("R-5.2.9.1-05");
    LWSEC_COVERS("R-5.2.9.2-02");
    LWSEC_COVERS("R-5.2.9.2-05");
    LWSEC_COVERS("R-5.2.9.3-06");
    LWSEC_COVERS("R-5.2.9.3-09");
    LWSEC_COVERS("R-5.2.2-02");
}

/* A raw public key has the same suites. */
static void serves_raw_keys(const kit_engine *client, const kit_engine *server)
{
    static const uint16_t suite[] = {ECDSA_CBC};
    kit pair;

    if (((lwsec_dtls_capabilities(client->get()) & lwsec_dtls_capabilities(server->get())) &
         LWSEC_DTLS_RPK) == 0) {
        return;
    }
    kit_init(&pair, client, server, "rpk");
    pair.client.config.flags = LWSEC_DTLS_ALLOW_CBC;
    pair.client.config.suites = numbers(suite, 1);
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    assert_int_equal(lwsec_dtls_suite(pair.server.session), ECDSA_CBC);
    kit_close(&pair);
}

static void test_raw_keys_with_cbc(void **state)
{
    (void)state;
    kit_each(serves_raw_keys);
    LWSEC_COVERS("R-5.2.9.2-02");
}

static void narrows_server(const kit_engine *client, const kit_engine *server)
{
    static const uint16_t suite[] = {PSK_CBC};
    kit pair;

    kit_init(&pair, client, server, "psk");
    pair.server.config.suites = numbers(suite, 1);
    kit_open(&pair);
    kit_run(&pair);
    assert_false(pair.client.done);
    assert_int_equal(pair.client.alert.number, 40);
    kit_close(&pair);
}

static void test_a_list_narrows_a_server(void **state)
{
    (void)state;
    kit_each(narrows_server);
}

/* ---- Groups and signatures ---- */

/* ECDSA with SHA-256; mbedTLS 2.28 cannot leave out RSA with it, which none of the suites has. */
static void check_signatures(lwsec_bytes list)
{
    assert_true(list.size == 4 || list.size == 6);
    assert_int_equal(number_at(list, 0), list.size - 2);
    assert_int_equal(number_at(list, 2), 0x0403);
    if (list.size == 6) {
        assert_int_equal(number_at(list, 4), 0x0401);
    }
}

static void test_groups_and_signatures_of_a_client(void **state)
{
    static const uint16_t asked[] = {21, 29, 0xFFFF, 24, 23, 24};
    static const uint8_t expected[] = {0, 6, 0, 29, 0, 24, 0, 23}, plain[] = {0, 2, 0, 23};
    static const uint16_t signatures[] = {0x0503, 0x0403};

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        for (unsigned listed = 0; listed < 2; listed++) {
            uint8_t room[KIT_MTU];
            kit pair;
            kit_init(&pair, kit_engine_at(i), kit_engine_at(i), "x509");
            if (listed == 1) {
                pair.client.config.groups = numbers(asked, 6);
                pair.client.config.signatures = numbers(signatures, 2);
            }
            const lwsec_bytes hello = hello_of(&pair, room);
            assert_bytes(extension(hello, 10), listed == 1
                                                   ? lwsec_bytes_of(expected, sizeof expected)
                                                   : lwsec_bytes_of(plain, sizeof plain));
            check_signatures(extension(hello, 13));
            assert_non_null(extension(hello, 23).data); /* extended master secret */
            kit_close(&pair);
        }
    }
    LWSEC_COVERS("R-5.2.3-02");
    LWSEC_COVERS("R-5.2.3-03");
}

/* Both prefer another group than the one that everybody has. */
static void agrees_on_group(const kit_engine *client, const kit_engine *server)
{
    static const uint16_t others[] = {24, 25, 29};

    for (size_t i = 0; i < 3; i++) {
        const uint16_t list[] = {others[i], 23};
        kit pair;
        kit_init(&pair, client, server, "x509");
        pair.client.config.groups = pair.server.config.groups = numbers(list, 2);
        kit_open(&pair);
        kit_run(&pair);
        kit_check_works(&pair);
        kit_close(&pair);
        kit_init(&pair, client, server,
                 "x509"); /* and finds the one, where the other has no list */
        pair.client.config.groups = numbers(list, 2);
        kit_open(&pair);
        kit_run(&pair);
        kit_check_works(&pair);
        kit_close(&pair);
    }
}

static void test_groups_are_agreed_on(void **state)
{
    (void)state;
    kit_each(agrees_on_group);
    LWSEC_COVERS("R-5.2.3-01");
    LWSEC_COVERS("R-5.2.9.3-03");
}

/* ---- The extended master secret ---- */

static void needs_extended(const kit_engine *client, const kit_engine *server)
{
    kit pair;

    for (unsigned of_server = 0; of_server < 2; of_server++) {
        lwsec_reason reason;
        kit_init(&pair, client, server, "psk");
        kit_side *side = of_server == 1 ? &pair.server : &pair.client;
        side->config.flags = LWSEC_DTLS_NEED_EXTENDED_MASTER;
        if ((lwsec_dtls_capabilities(side->kind->get()) & LWSEC_DTLS_EXTENDED_MASTER) == 0) {
            assert_status(kit_endpoint(side, &reason), LWSEC_UNSUPPORTED);
        } else {
            kit_open(&pair);
            kit_run(&pair);
            kit_check_works(&pair); /* both of ours have it */
        }
        kit_close(&pair);
    }
}

static void test_the_extended_master_secret_may_be_needed(void **state)
{
    (void)state;
    kit_each(needs_extended);
    LWSEC_COVERS("R-5.2.1-03");
}

/* ---- Refusals ---- */

static void test_lists_that_leave_nothing(void **state)
{
    static const uint16_t weak[] = {19, 21}, strange[] = {0xC02B, 0}, cbc[] = {PSK_CBC, ECDSA_CBC};
    static const uint16_t without_p256[] = {29}, signature[] = {0x0401, 0x0503};

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        for (unsigned wrong = 0; wrong < 6; wrong++) {
            lwsec_reason reason;
            kit pair;
            kit_init(&pair, kit_engine_at(i), kit_engine_at(i), wrong == 5 ? "psk" : "x509");
            lwsec_dtls_config *config = &pair.client.config;
            switch (wrong) {
            case 0: config->groups = numbers(weak, 2); break;
            case 1: config->groups = numbers(without_p256, 1); break;
            case 2: config->signatures = numbers(signature, 2); break;
            case 3: config->suites = numbers(strange, 2); break;
            default: config->suites = numbers(cbc, 2); break; /* without leave to offer them */
            }
            assert_status(kit_endpoint(&pair.client, &reason), LWSEC_UNSUPPORTED);
            assert_int_equal(reason.why, LWSEC_WHY_DTLS_SUITE);
            kit_close(&pair);
        }
    }
    LWSEC_COVERS("R-5.2.3-03");
    LWSEC_COVERS("R-5.2.9.3-04");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_client_offers_what_its_account_lists),
        cmocka_unit_test(test_servers_take_cbc_after_ccm_8),
        cmocka_unit_test(test_raw_keys_with_cbc),
        cmocka_unit_test(test_a_list_narrows_a_server),
        cmocka_unit_test(test_groups_and_signatures_of_a_client),
        cmocka_unit_test(test_groups_are_agreed_on),
        cmocka_unit_test(test_the_extended_master_secret_may_be_needed),
        cmocka_unit_test(test_lists_that_leave_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
