/* Resumption: a short handshake, and that it is no way around the policy. */
#include "tests/dtls/kit.h"

#if defined(LWSEC_TEST_MBEDTLS)
#include "dtls/mbedtls/engine.h"
#endif

#include <lwsec/state_memory.h>

static const uint8_t name[LWSEC_DTLS_NAME] = "ticket one";

/* Room for `places` sessions of a server, and what stands in front of them. */
#define ROOM(places) ((places)*LWSEC_DTLS_RESUME_X509 + 256U)

typedef struct fixture {
    kit pair;
    void *memory; /* of the server */
    void *state_memory;
    lwsec_state *state;
} fixture;

static void init(fixture *self, const kit_engine *client, const kit_engine *server,
                 const char *mode)
{
    const size_t size = lwsec_state_memory_size(2, LWSEC_RECORD_MAX);

    kit_init(&self->pair, client, server, mode);
    self->memory = malloc(ROOM(3));
    self->state_memory = malloc(size);
    assert_status(
        lwsec_state_memory_open(self->state_memory, size, 2, LWSEC_RECORD_MAX, &self->state),
        LWSEC_OK);
    self->pair.client.config.flags |= LWSEC_DTLS_ALLOW_RESUME;
    self->pair.server.config.flags |= LWSEC_DTLS_ALLOW_RESUME;
    self->pair.server.config.resume = self->memory;
    self->pair.server.config.resume_size = ROOM(3);
}

static void finish(fixture *self)
{
    kit_close(&self->pair);
    lwsec_state_memory_close(&self->state);
    free(self->state_memory);
    free(self->memory);
}

static void store(fixture *self)
{
    lwsec_reason reason;

    assert_status(lwsec_dtls_store_ticket(self->pair.client.session, self->state, name, &reason),
                  LWSEC_OK);
}

static void first(fixture *self)
{
    kit_open(&self->pair);
    kit_run(&self->pair);
    kit_check_works(&self->pair);
    assert_false(self->pair.client.resumed);
    assert_false(self->pair.server.resumed);
    store(self);
}

static void forget(kit_side *side)
{
    lwsec_dtls_close(&side->session);
    side->done = side->closed = side->resumed = false;
    side->alerts = 0;
    side->got_size = 0;
    side->why = LWSEC_WHY_NONE;
}

/* Another session on both sides, by what was stored. */
static void again(fixture *self)
{
    kit_side *client = &self->pair.client, *server = &self->pair.server;
    lwsec_reason reason;

    forget(client);
    forget(server);
    assert_status(lwsec_dtls_open(server->endpoint, server->session_memory,
                                  lwsec_dtls_size(server->endpoint), lwsec_bytes_of(NULL, 0),
                                  kit_now, &server->session, &reason),
                  LWSEC_OK);
    assert_status(lwsec_dtls_open_again(client->endpoint, client->session_memory,
                                        lwsec_dtls_size(client->endpoint),
                                        lwsec_bytes_of("server:5684", 11), kit_now, self->state,
                                        name, &client->session, &reason),
                  LWSEC_OK);
    kit_run(&self->pair);
}

static void check_resumed(fixture *self, bool resumed)
{
    kit_check_works(&self->pair);
    assert_int_equal(self->pair.client.resumed, resumed);
    assert_int_equal(self->pair.server.resumed, resumed);
}

static void reopen(kit_side *side)
{
    lwsec_reason reason;

    lwsec_dtls_close(&side->session);
    lwsec_dtls_endpoint_close(&side->endpoint);
    assert_status(kit_endpoint(side, &reason), LWSEC_OK);
}

/* ---- It works ---- */

static const char *const modes[] = {"psk", "x509", "rpk"};

static const lwsec_dtls_credential credentials[] = {LWSEC_DTLS_BY_PSK, LWSEC_DTLS_BY_CERTIFICATE,
                                                    LWSEC_DTLS_BY_RAW_KEY};

static bool has_raw_keys(const kit_engine *client, const kit_engine *server)
{
    return (lwsec_dtls_capabilities(client->get()) & lwsec_dtls_capabilities(server->get()) &
            LWSEC_DTLS_RPK) != 0;
}

static void resumes(const kit_engine *client, const kit_engine *server)
{
    for (size_t i = 0; i < (has_raw_keys(client, server) ? 3U : 2U); i++) {
        uint8_t one[1024], two[1024];
        lwsec_buffer before = lwsec_buffer_of(one, sizeof one);
        lwsec_buffer after = lwsec_buffer_of(two, sizeof two);
        lwsec_dtls_credential credential;
        fixture self;

        init(&self, client, server, modes[i]);
        first(&self);
        assert_status(lwsec_dtls_peer(self.pair.server.session, &credential, &before), LWSEC_OK);
        const size_t whole = self.pair.datagrams;
        for (unsigned turn = 0; turn < 3; turn++) {
            again(&self);
            check_resumed(&self, true);
            /* The server knows whose session it is. */
            assert_status(lwsec_dtls_peer(self.pair.server.session, &credential, &after), LWSEC_OK);
            assert_bytes(lwsec_buffer_bytes(&after), lwsec_buffer_bytes(&before));
            assert_int_equal(credential, credentials[i]);
            assert_status(lwsec_dtls_peer(self.pair.client.session, &credential, &after), LWSEC_OK);
            store(&self);
        }
        assert_true(whole > 0);
        finish(&self);
    }
}

static void test_a_session_is_resumed(void **state)
{
    (void)state;
    kit_each(resumes);
}

static void is_off(const kit_engine *client, const kit_engine *server)
{
    for (unsigned who = 0; who < 2; who++) {
        lwsec_reason reason;
        fixture self;

        init(&self, client, server, "psk");
        first(&self);
        if (who == 0) {
            self.pair.client.config.flags = 0;
            reopen(&self.pair.client);
        } else {
            self.pair.server.config.flags = 0;
            self.pair.server.config.resume = NULL;
            self.pair.server.config.resume_size = 0;
            reopen(&self.pair.server);
        }
        again(&self);
        check_resumed(&self, false);
        if (who == 0) {
            assert_status(
                lwsec_dtls_store_ticket(self.pair.client.session, self.state, name, &reason),
                LWSEC_USAGE);
        }
        assert_status(lwsec_dtls_store_ticket(self.pair.server.session, self.state, name, &reason),
                      LWSEC_USAGE);
        finish(&self);
    }
}

static void test_it_is_off_unless_both_allow_it(void **state)
{
    (void)state;
    kit_each(is_off);
}

static void without_a_ticket(const kit_engine *client, const kit_engine *server)
{
    lwsec_record record = {.kind = LWSEC_RECORD_TICKET};
    fixture self;

    init(&self, client, server, "psk");
    first(&self);
    memcpy(record.identity, name, sizeof name);
    assert_status(lwsec_state_erase(self.state, &record, NULL), LWSEC_OK);
    again(&self);
    check_resumed(&self, false);
    finish(&self);
}

static void test_without_a_ticket_the_handshake_is_whole(void **state)
{
    (void)state;
    kit_each(without_a_ticket);
}

static void with_a_broken_ticket(const kit_engine *client, const kit_engine *server)
{
    lwsec_record record = {.kind = LWSEC_RECORD_TICKET};
    uint8_t bytes[LWSEC_RECORD_MAX];
    lwsec_buffer ticket = lwsec_buffer_of(bytes, sizeof bytes);
    uint64_t version;
    fixture self;

    init(&self, client, server, "psk");
    first(&self);
    memcpy(record.identity, name, sizeof name);
    assert_status(lwsec_state_load(self.state, &record, &ticket, &version, NULL), LWSEC_OK);
    for (size_t cut = 0; cut < ticket.size; cut += 7) {
        assert_status(
            lwsec_state_store_if(self.state, &record, lwsec_bytes_of(bytes, cut), &version, NULL),
            LWSEC_OK);
        again(&self);
        check_resumed(&self, false);
    }
    finish(&self);
}

static void test_a_broken_ticket_is_not_offered(void **state)
{
    (void)state;
    kit_each(with_a_broken_ticket);
}

/* ---- A client's policy ---- */

/* What is changed on the client, and how the handshake then ends: by itself it would go well. */
static const struct {
    const char *what;
    lwsec_why why;
} changes[] = {
    {"usage", LWSEC_WHY_NONE},
    {"pin", LWSEC_WHY_CERT_ASSOCIATION},
    {"name", LWSEC_WHY_CERT_REFERENCE},
    {"time", LWSEC_WHY_CERT_TIME},
};

static void change_client(kit_side *side, const char *what)
{
    if (strcmp(what, "usage") == 0) {
        side->check.usage = LWSEC_CERT_PKIX;
        side->check.association = lwsec_bytes_of(NULL, 0);
        side->check.trust = side->trust;
        side->trust[0] = kit_certificate("root");
        side->check.trust_count = 1;
    } else if (strcmp(what, "pin") == 0) {
        side->check.usage = LWSEC_CERT_DOMAIN_ISSUED;
        side->check.association = kit_certificate("client");
    } else if (strcmp(what, "name") == 0) {
        side->check.reference.name = lwsec_bytes_of("other.example", 13);
    } else {
        side->check.time.seconds += INT64_C(100) * 366 * 86400;
    }
}

static void client_changes(const kit_engine *client, const kit_engine *server)
{
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        fixture self;

        init(&self, client, server, "x509");
        first(&self);
        change_client(&self.pair.client, changes[i].what);
        reopen(&self.pair.client);
        again(&self);
        if (changes[i].why == LWSEC_WHY_NONE) {
            check_resumed(&self, false);
        } else {
            assert_false(self.pair.client.done);
            assert_true(self.pair.client.closed);
            assert_int_equal(self.pair.client.why, changes[i].why);
        }
        finish(&self);
    }
}

static void test_a_changed_policy_of_the_client_is_not_passed_by(void **state)
{
    (void)state;
    kit_each(client_changes);
}

static void client_key_changes(const kit_engine *client, const kit_engine *server)
{
    fixture self;

    init(&self, client, server, "psk");
    first(&self);
    self.pair.client.psk = lwsec_bytes_of("another-key-....", 16);
    reopen(&self.pair.client);
    again(&self);
    assert_false(self.pair.client.done);
    assert_false(self.pair.server.done);
    finish(&self);
}

static void test_a_changed_psk_of_the_client_is_not_passed_by(void **state)
{
    (void)state;
    kit_each(client_key_changes);
}

/* Both have another PSK identity: what is told of the peer is not that of the ticket. */
static void identity_changes(const kit_engine *client, const kit_engine *server)
{
    uint8_t room[64];
    lwsec_buffer identity = lwsec_buffer_of(room, sizeof room);
    lwsec_dtls_credential credential;
    fixture self;

    init(&self, client, server, "psk");
    first(&self);
    self.pair.client.psk_identity = self.pair.server.psk_identity = "endpoint-2";
    self.pair.client.config.identity = lwsec_bytes_of("endpoint-2", 10);
    reopen(&self.pair.client);
    again(&self);
    check_resumed(&self, false);
    assert_status(lwsec_dtls_peer(self.pair.client.session, &credential, &identity), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&identity), lwsec_bytes_of("endpoint-2", 10));
    finish(&self);
}

static void test_another_identity_takes_nothing_from_the_ticket(void **state)
{
    (void)state;
    kit_each(identity_changes);
}

/* ---- A server's ---- */

#if defined(LWSEC_TEST_MBEDTLS)
/* A client whose engine lets us send an alert. */
static void alert_forgets(const kit_engine *client, const kit_engine *server)
{
    fixture self;

    if (strcmp(client->name, "mbedtls") != 0) {
        return;
    }
    init(&self, client, server, "psk");
    first(&self);
    again(&self);
    check_resumed(&self, true);
    assert_int_equal(mbedtls_ssl_send_alert_message(
                         &lwsec_dtls_mbedtls_of(self.pair.client.session)->ssl,
                         MBEDTLS_SSL_ALERT_LEVEL_FATAL, MBEDTLS_SSL_ALERT_MSG_BAD_RECORD_MAC),
                     0);
    kit_exchange(&self.pair);
    assert_true(self.pair.server.closed);
    assert_int_equal(self.pair.server.why, LWSEC_WHY_DTLS_ALERT);
    again(&self);
    check_resumed(&self, false);
    finish(&self);
}

static void test_a_session_that_ended_by_an_alert_is_forgotten(void **state)
{
    (void)state;
    kit_each(alert_forgets);
}
#endif

static void server_forgets_psk(const kit_engine *client, const kit_engine *server)
{
    for (unsigned what = 0; what < 2; what++) {
        fixture self;

        init(&self, client, server, "psk");
        first(&self);
        if (what == 0) {
            self.pair.server.psk_identity = NULL;
        } else {
            self.pair.server.psk = lwsec_bytes_of("another-key-....", 16);
        }
        again(&self);
        assert_false(self.pair.server.done);
        assert_false(self.pair.client.done);
        finish(&self);
    }
}

static void test_a_psk_that_is_gone_or_new_ends_its_sessions(void **state)
{
    (void)state;
    kit_each(server_forgets_psk);
}

static lwsec_key handle;

static lwsec_status give_handle(void *argument, lwsec_bytes identity, lwsec_key *key)
{
    (void)argument;
    (void)identity;
    *key = handle;
    return LWSEC_OK;
}

static lwsec_key import_psk(const kit_side *side, const char *psk)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_PSK, LWSEC_USE_PSK, {NULL, 0}};
    lwsec_key key;

    assert_status(
        lwsec_key_import(side->store, &attributes, lwsec_bytes_of(psk, strlen(psk)), &key),
        LWSEC_OK);
    return key;
}

/* A PSK that stays in its store: what counts is the key, not its handle. */
static void server_changes_handle(const kit_engine *client, const kit_engine *server)
{
    fixture self;

    if ((lwsec_dtls_capabilities(server->get()) & LWSEC_DTLS_PSK_HANDLE) == 0) {
        return;
    }
    init(&self, client, server, "psk");
    self.pair.server.config.psk = NULL;
    self.pair.server.config.psk_key = give_handle;
    handle = import_psk(&self.pair.server, "0123456789abcdef");
    first(&self);
    assert_status(lwsec_key_destroy(&handle), LWSEC_OK);
    handle = import_psk(&self.pair.server, "0123456789abcdef");
    again(&self);
    check_resumed(&self, true);
    assert_status(lwsec_key_destroy(&handle), LWSEC_OK);
    handle = import_psk(&self.pair.server, "fedcba9876543210");
    again(&self);
    assert_false(self.pair.server.done);
    finish(&self);
}

static void test_another_key_behind_a_handle_ends_its_sessions(void **state)
{
    (void)state;
    kit_each(server_changes_handle);
}

static lwsec_cert_time late(void *argument)
{
    const kit_side *side = argument;
    lwsec_cert_time time = side->check.time;

    if (side->late) {
        time.seconds += INT64_C(100) * 366 * 86400;
    }
    return time;
}

static void server_judges_again(const kit_engine *client, const kit_engine *server)
{
    fixture self;

    init(&self, client, server, "x509");
    self.pair.server.config.clock = late;
    first(&self);
    again(&self);
    check_resumed(&self, true);
    self.pair.server.late = true;
    again(&self);
    assert_false(self.pair.server.done);
    assert_true(self.pair.server.closed);
    assert_int_equal(self.pair.server.why, LWSEC_WHY_CERT_TIME);
    finish(&self);
}

static void test_a_certificate_that_has_expired_resumes_nothing(void **state)
{
    (void)state;
    kit_each(server_judges_again);
}

/* A raw public key that is not stored any more, and another one of the server. */
static void keys_change(const kit_engine *client, const kit_engine *server)
{
    for (unsigned who = 0; who < 2 && has_raw_keys(client, server); who++) {
        fixture self;

        init(&self, client, server, "rpk");
        first(&self);
        again(&self);
        check_resumed(&self, true);
        if (who == 0) {
            self.pair.server.raw_key = kit_raw_key("server");
        } else {
            self.pair.client.config.server_key = kit_raw_key("client");
            reopen(&self.pair.client);
        }
        again(&self);
        assert_false(who == 0 ? self.pair.server.done : self.pair.client.done);
        finish(&self);
    }
}

static void test_a_raw_key_that_is_not_known_resumes_nothing(void **state)
{
    size_t pairs = 0;

    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        pairs += has_raw_keys(kit_engine_at(i), kit_engine_at(i));
    }
    if (pairs == 0) {
        skip();
    }
    kit_each(keys_change);
}

static void server_ages(const kit_engine *client, const kit_engine *server)
{
    fixture self;

    init(&self, client, server, "psk");
    first(&self);
    kit_now += LWSEC_DTLS_RESUME_MAX - 1000;
    again(&self);
    check_resumed(&self, true);
    kit_now += 1000;
    again(&self);
    check_resumed(&self, false);
    finish(&self);
}

static void test_a_server_forgets_after_its_time(void **state)
{
    (void)state;
    kit_each(server_ages);
}

/* There is room for three: of four sessions the last ones are remembered. */
static void server_is_bounded(const kit_engine *client, const kit_engine *server)
{
    fixture self;

    init(&self, client, server, "psk");
    self.pair.server.config.resume_size = 3 * LWSEC_DTLS_RESUME_PSK + 128;
    first(&self);
    lwsec_record record = {.kind = LWSEC_RECORD_TICKET};
    memcpy(record.identity, name, sizeof name);
    uint8_t bytes[LWSEC_RECORD_MAX];
    lwsec_buffer oldest = lwsec_buffer_of(bytes, sizeof bytes);
    uint64_t version = 0;
    assert_status(lwsec_state_load(self.state, &record, &oldest, &version, NULL), LWSEC_OK);
    for (unsigned i = 0; i < 3; i++) {
        kit_now++;
        assert_status(lwsec_state_erase(self.state, &record, NULL), LWSEC_OK);
        again(&self);
        check_resumed(&self, false);
        store(&self);
    }
    again(&self);
    check_resumed(&self, true);
    /* The first one is not there any more, and nobody is the worse for it. */
    assert_status(lwsec_state_erase(self.state, &record, NULL), LWSEC_OK);
    version = 0;
    assert_status(
        lwsec_state_store_if(self.state, &record, lwsec_buffer_bytes(&oldest), &version, NULL),
        LWSEC_OK);
    again(&self);
    check_resumed(&self, false);
    finish(&self);
}

static void test_a_server_remembers_as_many_as_it_has_room_for(void **state)
{
    (void)state;
    kit_each(server_is_bounded);
}

static void test_memory_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    for (unsigned wrong = 0; wrong < 4; wrong++) {
        lwsec_reason reason;
        fixture self;

        init(&self, kit_engine_at(0), kit_engine_at(0), "psk");
        kit_side *side = wrong == 3 ? &self.pair.client : &self.pair.server;
        switch (wrong) {
        case 0: side->config.resume = NULL; break;
        case 1: side->config.resume_size = LWSEC_DTLS_RESUME_PSK / 2; break;
        case 2: side->config.flags = 0; break;
        default: side->config.resume = self.memory; break;
        }
        assert_status(kit_endpoint(side, &reason), LWSEC_USAGE);
        assert_int_equal(reason.why, LWSEC_WHY_CONFIG);
        finish(&self);
    }
}

/* ---- Peers that nobody could judge again ---- */

/* More certificates than are kept: what comes behind the path is not looked at, but counts. */
static void client_sends_too_much(const kit_engine *client, const kit_engine *server)
{
    lwsec_bytes chain[8];
    size_t size = 0;
    fixture self;

    init(&self, client, server, "x509");
    for (size_t i = 0; i < 8; i++) {
        chain[i] = kit_certificate(i == 0 ? "client" : i == 1 ? "inter" : "server");
        size += 2 + chain[i].size;
    }
    assert_true(size > LWSEC_DTLS_KEPT);
    self.pair.client.config.chain = chain;
    self.pair.client.config.chain_count = 8;
    first(&self);
    again(&self);
    check_resumed(&self, false);
    finish(&self);
}

static void test_certificates_that_are_not_kept_are_not_passed_by(void **state)
{
    (void)state;
    kit_each(client_sends_too_much);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_is_resumed),
        cmocka_unit_test(test_it_is_off_unless_both_allow_it),
        cmocka_unit_test(test_without_a_ticket_the_handshake_is_whole),
        cmocka_unit_test(test_a_broken_ticket_is_not_offered),
        cmocka_unit_test(test_a_changed_policy_of_the_client_is_not_passed_by),
        cmocka_unit_test(test_a_changed_psk_of_the_client_is_not_passed_by),
        cmocka_unit_test(test_another_identity_takes_nothing_from_the_ticket),
#if defined(LWSEC_TEST_MBEDTLS)
        cmocka_unit_test(test_a_session_that_ended_by_an_alert_is_forgotten),
#endif
        cmocka_unit_test(test_a_psk_that_is_gone_or_new_ends_its_sessions),
        cmocka_unit_test(test_another_key_behind_a_handle_ends_its_sessions),
        cmocka_unit_test(test_a_certificate_that_has_expired_resumes_nothing),
        cmocka_unit_test(test_a_raw_key_that_is_not_known_resumes_nothing),
        cmocka_unit_test(test_a_server_forgets_after_its_time),
        cmocka_unit_test(test_a_server_remembers_as_many_as_it_has_room_for),
        cmocka_unit_test(test_memory_that_does_not_fit_is_refused),
        cmocka_unit_test(test_certificates_that_are_not_kept_are_not_passed_by),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
