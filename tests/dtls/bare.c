/* Clients that are not ours, on the bare engines: ours does not open without a credential. */
#include "tests/dtls/matrix.h"

#if defined(LWSEC_TEST_OPENSSL)
#include <openssl/ssl.h>
#endif
#if defined(LWSEC_TEST_MBEDTLS)
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>
#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(field) field
#endif
#endif

struct bare {
    bool openssl, raw_keys;
    int alert;
    lwsec_bytes input;
    lwsec_buffer *output;
#if defined(LWSEC_TEST_OPENSSL)
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out;
#endif
#if defined(LWSEC_TEST_MBEDTLS)
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_ssl_config config;
    mbedtls_ssl_context mbedtls;
#endif
};

static void add(lwsec_buffer *out, const void *data, size_t size)
{
    assert_true(size <= out->capacity - out->size);
    memcpy(&out->data[out->size], data, size);
    out->size += size;
}

#if defined(LWSEC_TEST_OPENSSL)
static void notice(const SSL *ssl, int where, int value)
{
    bare *client = SSL_get_app_data(ssl);

    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && value >> 8 == SSL3_AL_FATAL) {
        client->alert = value & 0xff;
    }
}

static void offer_raw_keys(SSL *ssl)
{
#if defined(TLSEXT_cert_type_rpk)
    const unsigned char type[] = {TLSEXT_cert_type_rpk};

    assert_int_equal(SSL_set1_server_cert_type(ssl, type, sizeof type), 1);
    assert_int_equal(SSL_set1_client_cert_type(ssl, type, sizeof type), 1);
#else
    (void)ssl;
    fail_msg("this OpenSSL has no raw public keys");
#endif
}

/* A BIO in memory has no datagrams: each is put in alone, and read whole. */
static void openssl_open(bare *client)
{
    client->context = SSL_CTX_new(DTLS_client_method());
    assert_non_null(client->context);
    assert_int_equal(
        SSL_CTX_set_cipher_list(client->context, "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"), 1);
    (void)SSL_CTX_set_options(client->context, SSL_OP_NO_QUERY_MTU);
    SSL_CTX_set_info_callback(client->context, notice);
    client->ssl = SSL_new(client->context);
    client->in = BIO_new(BIO_s_mem());
    client->out = BIO_new(BIO_s_mem());
    (void)BIO_set_mem_eof_return(client->in, -1);
    SSL_set_bio(client->ssl, client->in, client->out);
    SSL_set_app_data(client->ssl, client);
    (void)SSL_set_mtu(client->ssl, 1200);
    if (client->raw_keys) {
        offer_raw_keys(client->ssl);
    }
    SSL_set_connect_state(client->ssl);
}

static void openssl_feed(bare *client)
{
    char room[KIT_MTU];
    int size;

    if (client->input.size > 0) {
        assert_int_equal(BIO_write(client->in, client->input.data, (int)client->input.size),
                         (int)client->input.size);
    }
    (void)SSL_do_handshake(client->ssl);
    while ((size = BIO_read(client->out, room, sizeof room)) > 0) {
        add(client->output, room, (size_t)size);
    }
}
#endif

#if defined(LWSEC_TEST_MBEDTLS)
static int put(void *context, const unsigned char *data, size_t size)
{
    bare *client = context;

    add(client->output, data, size);
    return (int)size;
}

static int get(void *context, unsigned char *out, size_t capacity)
{
    bare *client = context;
    const size_t size = client->input.size < capacity ? client->input.size : capacity;

    if (size == 0) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    memcpy(out, client->input.data, size);
    client->input.size = 0;
    return (int)size;
}

/* Nothing is lost here, so that no timer runs out. */
static void set_timer(void *context, uint32_t between, uint32_t last)
{
    (void)context;
    (void)between;
    (void)last;
}

static int get_timer(void *context)
{
    (void)context;
    return 0;
}

static void mbedtls_open(bare *client)
{
    static const int suites[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, 0};

    mbedtls_entropy_init(&client->entropy);
    mbedtls_ctr_drbg_init(&client->random);
    mbedtls_ssl_config_init(&client->config);
    mbedtls_ssl_init(&client->mbedtls);
    assert_int_equal(
        mbedtls_ctr_drbg_seed(&client->random, mbedtls_entropy_func, &client->entropy, NULL, 0), 0);
    assert_int_equal(mbedtls_ssl_config_defaults(&client->config, MBEDTLS_SSL_IS_CLIENT,
                                                 MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                                 MBEDTLS_SSL_PRESET_DEFAULT),
                     0);
    mbedtls_ssl_conf_rng(&client->config, mbedtls_ctr_drbg_random, &client->random);
    mbedtls_ssl_conf_ciphersuites(&client->config, suites);
    mbedtls_ssl_conf_authmode(&client->config, MBEDTLS_SSL_VERIFY_NONE);
    assert_int_equal(mbedtls_ssl_setup(&client->mbedtls, &client->config), 0);
    assert_int_equal(mbedtls_ssl_set_hostname(&client->mbedtls, NULL), 0);
    mbedtls_ssl_set_bio(&client->mbedtls, client, put, get, NULL);
    mbedtls_ssl_set_timer_cb(&client->mbedtls, client, set_timer, get_timer);
}

static void mbedtls_feed(bare *client)
{
    if (mbedtls_ssl_handshake(&client->mbedtls) == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
        client->alert = client->mbedtls.MBEDTLS_PRIVATE(in_msg)[1];
    }
}
#endif

bare *bare_open(const char *engine, bool raw_keys)
{
    bare *client = calloc(1, sizeof *client);

    assert_non_null(client);
    client->alert = -1;
    client->openssl = strcmp(engine, "openssl") == 0;
    client->raw_keys = raw_keys;
#if defined(LWSEC_TEST_OPENSSL)
    if (client->openssl) {
        openssl_open(client);
    }
#endif
#if defined(LWSEC_TEST_MBEDTLS)
    if (!client->openssl) {
        mbedtls_open(client);
    }
#endif
    return client;
}

void bare_feed(bare *client, lwsec_bytes datagram, lwsec_buffer *out)
{
    client->input = datagram;
    client->output = out;
    if (client->alert >= 0) {
        return; /* it is over */
    }
#if defined(LWSEC_TEST_OPENSSL)
    if (client->openssl) {
        openssl_feed(client);
    }
#endif
#if defined(LWSEC_TEST_MBEDTLS)
    if (!client->openssl) {
        mbedtls_feed(client);
    }
#endif
}

int bare_alert(const bare *client)
{
    return client->alert;
}

void bare_close(bare *client)
{
#if defined(LWSEC_TEST_OPENSSL)
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
#endif
#if defined(LWSEC_TEST_MBEDTLS)
    mbedtls_ssl_free(&client->mbedtls);
    mbedtls_ssl_config_free(&client->config);
    mbedtls_ctr_drbg_free(&client->random);
    mbedtls_entropy_free(&client->entropy);
#endif
    free(client);
}
