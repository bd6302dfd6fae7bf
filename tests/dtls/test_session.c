/* What a session does with datagrams that are not from its peer, and what it leaves as it was. */
#include "tests/dtls/kit.h"

#include <sys/wait.h>
#include <unistd.h>

#if defined(LWSEC_TEST_OPENSSL)
#include <openssl/err.h>
#include <openssl/provider.h>
#endif

/* unknown_ca, fatal, in the clear. */
static const uint8_t alert[] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 48};

static void feed(kit_side *side, lwsec_bytes datagram, const char *address, lwsec_status expected)
{
    lwsec_reason reason;

    assert_status(lwsec_dtls_feed(side->session, datagram, lwsec_bytes_of(address, strlen(address)),
                                  kit_now, &reason),
                  expected);
}

static lwsec_bytes take(kit_side *side, uint8_t room[KIT_MTU])
{
    lwsec_buffer datagram = lwsec_buffer_of(room, KIT_MTU);

    assert_status(lwsec_dtls_take(side->session, &datagram), LWSEC_OK);
    return lwsec_buffer_bytes(&datagram);
}

static void take_none(kit_side *side)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);

    assert_status(lwsec_dtls_take(side->session, &datagram), LWSEC_ABSENT);
}

/* ---- Cookies ---- */

/* Up to the ClientHello with the cookie, which is in `hello`. */
static lwsec_bytes get_cookie(kit *pair, uint8_t hello[KIT_MTU])
{
    uint8_t first[KIT_MTU], verify[KIT_MTU];
    const lwsec_bytes client_hello = take(&pair->client, first);

    feed(&pair->server, client_hello, "client:1000", LWSEC_OK);
    const lwsec_bytes request = take(&pair->server, verify);
    assert_true(request.size < client_hello.size); /* no amplifier */
    assert_int_equal(request.data[13], 3);         /* HelloVerifyRequest */
    assert_false(lwsec_dtls_is_bound(pair->server.session));
    assert_int_equal(lwsec_dtls_deadline(pair->server.session), UINT64_MAX);
    feed(&pair->client, request, "server:5684", LWSEC_OK);
    return take(&pair->client, hello);
}

static void listens(const kit_engine *client, const kit_engine *server)
{
    uint8_t hello[KIT_MTU], room[KIT_MTU];
    char address[24];
    kit pair;

    kit_init(&pair, client, server, "psk");
    kit_open(&pair);
    const lwsec_bytes proved = get_cookie(&pair, hello);
    /* The cookie is good from its own address alone, and nobody else keeps the server busy. */
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(address, sizeof address, "other:%u", i);
        feed(&pair.server, proved, address, LWSEC_OK);
        assert_false(lwsec_dtls_is_bound(pair.server.session));
        assert_int_equal(take(&pair.server, room).data[13], 3);
        take_none(&pair.server);
    }
    feed(&pair.server, proved, "client:1000", LWSEC_OK);
    assert_true(lwsec_dtls_is_bound(pair.server.session));
    kit_run(&pair);
    kit_check_works(&pair);
    /* Repeated, alone or behind another record, it does not end what it began. */
    feed(&pair.server, proved, "client:1000", LWSEC_OK);
    memcpy(room, alert, sizeof alert);
    memcpy(&room[sizeof alert], proved.data, proved.size);
    feed(&pair.server, lwsec_bytes_of(room, sizeof alert + proved.size), "client:1000", LWSEC_OK);
    kit_collect(&pair.server);
    kit_exchange(&pair);
    kit_check_works(&pair);
    kit_close(&pair);
}

static void test_a_server_listens_without_state(void **state)
{
    (void)state;
    kit_each(listens);
    LWSEC_COVERS("R-5.2.1-01");
}

static void cookie_ages(const kit_engine *client, const kit_engine *server)
{
    uint8_t hello[KIT_MTU];
    kit pair;

    kit_init(&pair, client, server, "psk");
    kit_open(&pair);
    const lwsec_bytes proved = get_cookie(&pair, hello);
    kit_now += 120001;
    feed(&pair.server, proved, "client:1000", LWSEC_OK);
    assert_false(lwsec_dtls_is_bound(pair.server.session));
    kit_close(&pair);
}

static void test_an_old_cookie_is_worth_nothing(void **state)
{
    (void)state;
    kit_each(cookie_ages);
}

/* ---- Record numbers ---- */

/* Of the first record of a datagram: epoch and number. */
static uint64_t number_of(lwsec_bytes datagram)
{
    uint64_t number = 0;

    for (size_t i = 3; i < 11; i++) {
        number = number << 8 | datagram.data[i];
    }
    return number;
}

/* The client's first hello is sent again, as if its answer had been lost. */
static void numbers_grow(const kit_engine *client, const kit_engine *server)
{
    uint8_t room[KIT_MTU];
    lwsec_reason reason;
    uint64_t last = 0;
    kit pair;

    kit_init(&pair, client, server, "psk");
    kit_open(&pair);
    for (unsigned i = 0; i < 3; i++) {
        feed(&pair.server, take(&pair.client, room), "client:1000", LWSEC_OK);
        const lwsec_bytes request = take(&pair.server, room);
        assert_int_equal(number_of(request), i); /* as the hello: RFC 6347 section 4.2.1 */
        last = number_of(request);
        if (i == 2) {
            feed(&pair.client, request, "server:5684", LWSEC_OK);
            break;
        }
        kit_now = lwsec_dtls_deadline(pair.client.session);
        assert_status(lwsec_dtls_step(pair.client.session, kit_now, &reason), LWSEC_OK);
    }
    feed(&pair.server, take(&pair.client, room), "client:1000", LWSEC_OK);
    assert_true(lwsec_dtls_is_bound(pair.server.session));
    lwsec_buffer flight = lwsec_buffer_of(room, sizeof room);
    while (lwsec_dtls_take(pair.server.session, &flight) == LWSEC_OK) {
        assert_true(number_of(lwsec_buffer_bytes(&flight)) > last);
        last = number_of(lwsec_buffer_bytes(&flight));
        feed(&pair.client, lwsec_buffer_bytes(&flight), "server:5684", LWSEC_OK);
    }
    const uint64_t begin = kit_now;
    kit_run(&pair);
    kit_check_works(&pair);
    assert_true(kit_now == begin); /* nobody waited for what was taken for a repetition */
    kit_close(&pair);
}

static void test_a_server_repeats_no_record_number(void **state)
{
    (void)state;
    kit_each(numbers_grow);
    LWSEC_COVERS("R-5.2.1-01");
}

/* ---- Foreign datagrams ---- */

static void withstands(const kit_engine *client, const kit_engine *server)
{
    uint8_t noise[64], sent[KIT_MTU];
    lwsec_reason reason;
    kit pair;

    kit_init(&pair, client, server, "psk");
    kit_open(&pair);
    for (size_t i = 0; i < 200; i++) {
        for (size_t j = 0; j < sizeof noise; j++) {
            noise[j] = (uint8_t)(i * 31 + j * j * 7);
        }
        feed(&pair.server, lwsec_bytes_of(noise, i % sizeof noise), "client:1000", LWSEC_OK);
        assert_false(lwsec_dtls_is_bound(pair.server.session));
    }
    kit_run(&pair);
    kit_check_works(&pair);
    /* Noise, a forged alert, a record that was changed, a record that comes twice. */
    for (size_t i = 0; i < sizeof noise; i++) {
        feed(&pair.server, lwsec_bytes_of(noise, i), "client:1000", LWSEC_OK);
    }
    feed(&pair.server, lwsec_bytes_of(alert, sizeof alert), "client:1000", LWSEC_OK);
    feed(&pair.client, lwsec_bytes_of(alert, sizeof alert), "server:5684", LWSEC_OK);
    pair.server.got_size = 0;
    assert_status(
        lwsec_dtls_write(pair.client.session, lwsec_bytes_of("once", 4), kit_now, &reason),
        LWSEC_OK);
    const lwsec_bytes record = take(&pair.client, sent);
    for (size_t i = 0; i < record.size; i++) {
        sent[i] ^= 1;
        feed(&pair.server, record, "client:1000", LWSEC_OK);
        sent[i] ^= 1;
    }
    feed(&pair.server, record, "stranger:1", LWSEC_REJECT);
    kit_collect(&pair.server);
    assert_int_equal(pair.server.got_size, 0);
    for (size_t i = 0; i < 3; i++) {
        feed(&pair.server, record, "client:1000", LWSEC_OK);
        kit_collect(&pair.server);
    }
    assert_bytes(lwsec_bytes_of(pair.server.got, pair.server.got_size), lwsec_bytes_of("once", 4));
    kit_check_works(&pair);
    assert_int_equal(pair.server.alerts, 0);
    assert_int_equal(pair.client.alerts, 0);
    kit_close(&pair);
}

static void test_foreign_and_repeated_datagrams_change_nothing(void **state)
{
    (void)state;
    kit_each(withstands);
    LWSEC_COVERS("R-5.2.10-11");
}

/* Who has proved an address, and no more, has a server keep room for messages that are to come: of
 * 100 kB each it is far more than a session takes. OpenSSL refuses them by their length, mbedTLS
 * takes no notice. */
static void keeps_no_room(const kit_engine *client, const kit_engine *server)
{
    static const uint8_t parts[][26] = {
        /* the next one but one: 20000 bytes, 100000 bytes */
        {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 13, 11, 0, 0x4e, 32, 0, 3, 0, 0, 5, 0, 0, 1, 7},
        {22, 0xfe, 0xfd, 0,   0, 0, 0, 0, 0, 0, 9, 0, 13,
         11, 1,    0x86, 160, 0, 3, 0, 0, 5, 0, 0, 1, 7}};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        uint8_t hello[KIT_MTU];
        kit pair;

        kit_init(&pair, client, server, "psk");
        kit_open(&pair);
        feed(&pair.server, get_cookie(&pair, hello), "client:1000", LWSEC_OK);
        assert_true(lwsec_dtls_is_bound(pair.server.session));
        feed(&pair.server, lwsec_bytes_of(parts[i], sizeof parts[i]), "client:1000", LWSEC_OK);
        kit_collect(&pair.server);
        assert_int_equal(pair.server.closed, strcmp(server->name, "openssl") == 0);
        kit_close(&pair);
    }
}

static void test_no_room_for_messages_longer_than_any(void **state)
{
    (void)state;
    kit_each(keeps_no_room);
}

/* ---- Plaintext ---- */

static void fills_the_mtu(const kit_engine *client, const kit_engine *server)
{
    uint8_t text[KIT_MTU] = {0}, room[KIT_MTU];
    lwsec_reason reason;
    kit pair;

    kit_init(&pair, client, server, "x509");
    pair.client.config.mtu = pair.server.config.mtu = 512;
    pair.server.config.queue = 2048;
    kit_open(&pair);
    kit_run(&pair); /* every datagram is within the MTU: see kit.c */
    kit_check_works(&pair);
    const size_t most = lwsec_dtls_plaintext_max(pair.client.session);
    assert_status(
        lwsec_dtls_write(pair.client.session, lwsec_bytes_of(text, most + 1), kit_now, &reason),
        LWSEC_BUFFER);
    assert_int_equal(reason.why, LWSEC_WHY_TOO_LONG);
    assert_status(
        lwsec_dtls_write(pair.client.session, lwsec_bytes_of(text, most), kit_now, &reason),
        LWSEC_OK);
    assert_int_equal(take(&pair.client, room).size, 512);
    for (size_t i = 0; i < 3; i++) {
        assert_status(
            lwsec_dtls_write(pair.server.session, lwsec_bytes_of(text, most), kit_now, &reason),
            LWSEC_OK);
    }
    assert_status(
        lwsec_dtls_write(pair.server.session, lwsec_bytes_of(text, most), kit_now, &reason),
        LWSEC_BUFFER);
    assert_int_equal(reason.why, LWSEC_WHY_OUTPUT_FULL);
    kit_close(&pair);
}

static void test_plaintext_up_to_the_mtu_and_no_further(void **state)
{
    (void)state;
    kit_each(fills_the_mtu);
}

static void reads_all(const kit_engine *client, const kit_engine *server)
{
    uint8_t first[KIT_MTU], second[KIT_MTU], small[2];
    lwsec_buffer little = lwsec_buffer_of(small, sizeof small);
    lwsec_reason reason;
    kit pair;

    kit_init(&pair, client, server, "psk");
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    pair.server.got_size = 0;
    assert_status(
        lwsec_dtls_write(pair.client.session, lwsec_bytes_of("one ", 4), kit_now, &reason),
        LWSEC_OK);
    assert_status(lwsec_dtls_write(pair.client.session, lwsec_bytes_of("two", 3), kit_now, &reason),
                  LWSEC_OK);
    const lwsec_bytes one = take(&pair.client, first);
    const lwsec_bytes two = take(&pair.client, second);
    memcpy(&first[one.size], two.data, two.size);
    feed(&pair.server, lwsec_bytes_of(first, one.size + two.size), "client:1000", LWSEC_OK);
    assert_status(lwsec_dtls_read(pair.server.session, &little), LWSEC_BUFFER);
    kit_collect(&pair.server);
    assert_bytes(lwsec_bytes_of(pair.server.got, pair.server.got_size),
                 lwsec_bytes_of("one two", 7));
    /* What nobody reads is gone, and the session goes on. */
    assert_status(
        lwsec_dtls_write(pair.client.session, lwsec_bytes_of("lost", 4), kit_now, &reason),
        LWSEC_OK);
    feed(&pair.server, take(&pair.client, first), "client:1000", LWSEC_OK);
    pair.server.got_size = 0;
    kit_check_works(&pair);
    kit_close(&pair);
}

static void test_two_records_of_one_datagram_are_read(void **state)
{
    (void)state;
    kit_each(reads_all);
}

/* ---- The end ---- */

static void ends(const kit_engine *client, const kit_engine *server)
{
    lwsec_reason reason;
    kit pair;

    kit_init(&pair, client, server, "psk");
    kit_open(&pair);
    assert_status(lwsec_dtls_write(pair.client.session, lwsec_bytes_of("x", 1), kit_now, &reason),
                  LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_DTLS_HANDSHAKE);
    kit_run(&pair);
    kit_check_works(&pair);
    assert_status(lwsec_dtls_shut(pair.client.session, kit_now), LWSEC_OK);
    kit_exchange(&pair);
    assert_true(pair.client.closed);
    assert_true(pair.server.closed);
    assert_int_equal(pair.client.why, LWSEC_WHY_NONE);
    assert_int_equal(pair.server.why, LWSEC_WHY_NONE);
    assert_int_equal(pair.client.alerts, 0);
    assert_int_equal(pair.server.alerts, 0);
    assert_status(lwsec_dtls_write(pair.client.session, lwsec_bytes_of("x", 1), kit_now, &reason),
                  LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_DTLS_CLOSED);
    kit_close(&pair);
}

static void test_close_notify_is_no_alert(void **state)
{
    (void)state;
    kit_each(ends);
}

/* ---- The process ---- */

#if defined(LWSEC_TEST_OPENSSL)
static void keeps_errors(const kit_engine *client, const kit_engine *server)
{
    const char *data = NULL;
    int flags = 0;
    kit pair;

    ERR_clear_error();
    ERR_raise_data(ERR_LIB_USER, 7, "of the host");
    kit_init(&pair, client, server, "x509");
    kit_identity(&pair.client, "client-unknown", "inter"); /* it fails, and says so inside */
    kit_open(&pair);
    kit_run(&pair);
    assert_true(pair.server.closed);
    kit_close(&pair);
    const unsigned long code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags);
    assert_int_equal(ERR_GET_LIB(code), ERR_LIB_USER);
    assert_int_equal(ERR_GET_REASON(code), 7);
    assert_string_equal(data, "of the host");
    assert_int_equal(ERR_get_error(), 0);
    assert_int_equal(OSSL_PROVIDER_available(NULL, "lwsec"), 0);
}

static void test_the_host_keeps_its_errors_and_providers(void **state)
{
    (void)state;
    kit_each(keeps_errors);
}
#endif

static void test_a_child_does_not_go_on_with_the_parents_keys(void **state)
{
    lwsec_reason reason;
    kit pair;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        kit_init(&pair, kit_engine_at(i), kit_engine_at(i), "psk");
        kit_open(&pair);
        kit_run(&pair);
        const pid_t child = fork();
        if (child == 0) {
            _exit(lwsec_dtls_write(pair.client.session, lwsec_bytes_of("x", 1), kit_now, &reason) ==
                          LWSEC_FORKED
                      ? 0
                      : 1);
        }
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        kit_check_works(&pair);
        kit_close(&pair);
    }
}

/* ---- Configurations ---- */

static void test_what_does_not_fit_is_refused(void **state)
{
    lwsec_reason reason;
    kit pair;

    (void)state;
    for (unsigned wrong = 0; wrong < 10; wrong++) {
        kit_init(&pair, kit_engine_at(0), kit_engine_at(0), wrong < 7 ? "psk" : "x509");
        lwsec_dtls_config *config = &pair.client.config;
        switch (wrong) {
        case 0: config->size = 1; break;
        case 1: config->role = (lwsec_dtls_role)3; break;
        case 2: config->flags = 1U << 31; break;
        case 3: config->psk = NULL; break;
        case 4: config->identity.size = 0; break;
        case 5: config->mtu = LWSEC_DTLS_MTU_MIN - 1; break;
        case 6: config->queue = 1; break;
        case 7: config->check = NULL; break;
        case 8: pair.client.check.role = LWSEC_CERT_OF_CLIENT; break;
        default: assert_status(lwsec_key_destroy(&config->key), LWSEC_OK); break;
        }
        assert_status(kit_endpoint(&pair.client, &reason), LWSEC_USAGE);
        assert_int_equal(reason.why, LWSEC_WHY_CONFIG);
        kit_close(&pair);
    }
}

static void test_nothing_is_claimed_that_is_not_there(void **state)
{
    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        const uint32_t can = lwsec_dtls_capabilities(kit_engine_at(i)->get());
        assert_true((can & LWSEC_DTLS_PSK) != 0 && (can & LWSEC_DTLS_X509) != 0);
        assert_int_equal(can & LWSEC_DTLS_ASYNC_SIGN, 0);
        assert_string_equal(lwsec_dtls_engine_name(kit_engine_at(i)->get()),
                            kit_engine_at(i)->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_server_listens_without_state),
        cmocka_unit_test(test_an_old_cookie_is_worth_nothing),
        cmocka_unit_test(test_a_server_repeats_no_record_number),
        cmocka_unit_test(test_foreign_and_repeated_datagrams_change_nothing),
        cmocka_unit_test(test_no_room_for_messages_longer_than_any),
        cmocka_unit_test(test_plaintext_up_to_the_mtu_and_no_further),
        cmocka_unit_test(test_two_records_of_one_datagram_are_read),
        cmocka_unit_test(test_close_notify_is_no_alert),
#if defined(LWSEC_TEST_OPENSSL)
        cmocka_unit_test(test_the_host_keeps_its_errors_and_providers),
#endif
        cmocka_unit_test(test_a_child_does_not_go_on_with_the_parents_keys),
        cmocka_unit_test(test_what_does_not_fit_is_refused),
        cmocka_unit_test(test_nothing_is_claimed_that_is_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
