/* Tickets (RFC 5077) of a server that is not ours, on bare OpenSSL: it remembers nothing itself. */
#include "tests/dtls/kit.h"

#include <lwsec/state_memory.h>

#include <openssl/ssl.h>

static const uint8_t name[LWSEC_DTLS_NAME] = "ticket two";

/* ---- The server ---- */

typedef struct server {
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out;
} server;

static unsigned give_psk(SSL *ssl, const char *identity, unsigned char *out, unsigned room)
{
    (void)ssl;
    if (strcmp(identity, "endpoint-1") != 0 || room < 16) {
        return 0;
    }
    memcpy(out, "0123456789abcdef", 16);
    return 16;
}

static void server_open(server *self)
{
    self->context = SSL_CTX_new(DTLS_server_method());
    assert_non_null(self->context);
    assert_int_equal(SSL_CTX_set_cipher_list(self->context, "PSK-AES128-CCM8:@SECLEVEL=0"), 1);
    (void)SSL_CTX_set_session_cache_mode(self->context, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_options(self->context, SSL_OP_NO_QUERY_MTU);
    SSL_CTX_set_psk_server_callback(self->context, give_psk);
    self->ssl = NULL;
}

static void server_begin(server *self)
{
    SSL_free(self->ssl);
    self->ssl = SSL_new(self->context);
    self->in = BIO_new(BIO_s_mem());
    self->out = BIO_new(BIO_s_mem());
    (void)BIO_set_mem_eof_return(self->in, -1);
    SSL_set_bio(self->ssl, self->in, self->out);
    (void)SSL_set_mtu(self->ssl, 1200);
    SSL_set_accept_state(self->ssl);
}

static void server_close(server *self)
{
    SSL_free(self->ssl);
    SSL_CTX_free(self->context);
}

/* ---- Both ---- */

static void shake(kit_side *client, server *self)
{
    uint8_t room[KIT_MTU];
    lwsec_buffer datagram = lwsec_buffer_of(room, sizeof room);
    lwsec_reason reason;

    for (unsigned turn = 0; turn < 10; turn++) {
        while (lwsec_dtls_take(client->session, &datagram) == LWSEC_OK) {
            assert_int_equal(BIO_write(self->in, room, (int)datagram.size), datagram.size);
            (void)SSL_do_handshake(self->ssl);
        }
        const int size = BIO_read(self->out, room, sizeof room);
        if (size > 0) {
            assert_status(lwsec_dtls_feed(client->session, lwsec_bytes_of(room, (size_t)size),
                                          lwsec_bytes_of("server:5684", 11), kit_now, &reason),
                          LWSEC_OK);
            kit_collect(client);
        }
    }
    assert_true(client->done);
    assert_int_equal(SSL_is_init_finished(self->ssl), 1);
    assert_status(lwsec_dtls_write(client->session, lwsec_bytes_of("ping", 4), kit_now, &reason),
                  LWSEC_OK);
    assert_status(lwsec_dtls_take(client->session, &datagram), LWSEC_OK);
    assert_int_equal(BIO_write(self->in, room, (int)datagram.size), datagram.size);
    assert_int_equal(SSL_read(self->ssl, room, sizeof room), 4);
}

static void again(kit_side *client, server *self, lwsec_state *state)
{
    lwsec_reason reason;
    const size_t size = lwsec_dtls_size(client->endpoint);

    lwsec_dtls_close(&client->session);
    client->done = client->resumed = false;
    free(client->session_memory);
    client->session_memory = malloc(size);
    server_begin(self);
    assert_status(lwsec_dtls_open_again(client->endpoint, client->session_memory, size,
                                        lwsec_bytes_of("server:5684", 11), kit_now, state, name,
                                        &client->session, &reason),
                  LWSEC_OK);
    shake(client, self);
}

static void check_resumed(const kit_side *client, const server *self, bool resumed)
{
    assert_int_equal(client->resumed, resumed);
    assert_int_equal(SSL_session_reused(self->ssl), resumed);
}

static void takes_a_ticket(const kit_engine *engine, bool allowed)
{
    const size_t size = lwsec_state_memory_size(1, LWSEC_RECORD_MAX);
    void *memory = malloc(size);
    lwsec_state *state;
    lwsec_reason reason;
    server self, other;
    kit pair;

    assert_status(lwsec_state_memory_open(memory, size, 1, LWSEC_RECORD_MAX, &state), LWSEC_OK);
    kit_init(&pair, engine, engine, "psk");
    pair.client.config.flags = allowed ? LWSEC_DTLS_ALLOW_RESUME : 0;
    assert_status(kit_endpoint(&pair.client, &reason), LWSEC_OK);
    server_open(&self);
    again(&pair.client, &self, state);
    check_resumed(&pair.client, &self, false);
    assert_status(lwsec_dtls_store_ticket(pair.client.session, state, name, &reason),
                  allowed ? LWSEC_OK : LWSEC_USAGE);
    for (unsigned turn = 0; turn < 2; turn++) {
        again(&pair.client, &self, state);
        check_resumed(&pair.client, &self, allowed);
    }
    if (allowed) { /* what came with the short handshake is good as well */
        assert_status(lwsec_dtls_store_ticket(pair.client.session, state, name, &reason), LWSEC_OK);
        again(&pair.client, &self, state);
        check_resumed(&pair.client, &self, true);
    }
    /* A server that cannot read it. */
    server_open(&other);
    again(&pair.client, &other, state);
    check_resumed(&pair.client, &other, false);
    server_close(&other);
    server_close(&self);
    kit_close(&pair);
    lwsec_state_memory_close(&state);
    free(memory);
}

static void test_a_ticket_is_stored_and_offered(void **state)
{
    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        takes_a_ticket(kit_engine_at(i), true);
    }
}

static void test_no_ticket_is_asked_for_unless_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        takes_a_ticket(kit_engine_at(i), false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_ticket_is_stored_and_offered),
        cmocka_unit_test(test_no_ticket_is_asked_for_unless_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
