/* Handshakes of bare mbedTLS, with what lwsec asks of it. */
#include "bench/dtls/dtls.h"
#include "bench/engine.h"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/version.h>

#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 20
#define FLIGHT 8192U

typedef struct side {
    mbedtls_ssl_config config;
    mbedtls_x509_crt chain, root;
    mbedtls_pk_context key;
} side;

typedef struct sides {
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_ssl_cookie_ctx cookies;
    side client, server;
    bool psk;
} sides;

/* What has been sent to the one who reads; datagrams in a row, each behind its size. */
typedef struct wire {
    size_t used;
    uint8_t data[FLIGHT];
} wire;

typedef struct session {
    mbedtls_ssl_context ssl;
    const wire *in;
    wire *out;
    size_t at;
} session;

typedef struct pair {
    session *client, *server;
} pair;

static wire to_client, to_server;

static void need(int answer, const char *what)
{
    must(answer == 0 ? LWSEC_OK : LWSEC_ENGINE, what);
}

/* ---- Configurations ---- */

static int server_psk(void *argument, mbedtls_ssl_context *ssl, const unsigned char *identity,
                      size_t size)
{
    (void)argument;
    (void)identity;
    (void)size;
    return mbedtls_ssl_set_hs_psk(ssl, (const unsigned char *)BENCH_PSK, sizeof BENCH_PSK - 1);
}

static void set_policy(sides *all, mbedtls_ssl_config *config)
{
    static const int psk[] = {MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8, 0};
    static const int x509[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, 0};
#if MBEDTLS_VERSION_MAJOR == 2
    static const mbedtls_ecp_group_id groups[] = {MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_NONE};
    static const int hashes[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_NONE};

    mbedtls_ssl_conf_curves(config, groups);
    mbedtls_ssl_conf_sig_hashes(config, hashes);
    mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
#else
    static const uint16_t groups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, 0};
    static const uint16_t signatures[] = {MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, 0};

    mbedtls_ssl_conf_groups(config, groups);
    mbedtls_ssl_conf_sig_algs(config, signatures);
    mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
#endif
    mbedtls_ssl_conf_rng(config, mbedtls_ctr_drbg_random, &all->random);
    mbedtls_ssl_conf_ciphersuites(config, all->psk ? psk : x509);
    mbedtls_ssl_conf_renegotiation(config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
    mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
}

static void set_x509(side *one, lwsec_bytes own, lwsec_bytes scalar)
{
    need(mbedtls_x509_crt_parse_der(&one->chain, own.data, own.size) |
             mbedtls_x509_crt_parse_der(&one->chain, credentials.intermediate.data,
                                        credentials.intermediate.size) |
             mbedtls_x509_crt_parse_der(&one->root, credentials.root.data, credentials.root.size),
         "certificates");
    need(mbedtls_pk_setup(&one->key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) |
             mbedtls_ecp_read_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(one->key), scalar.data,
                                  scalar.size),
         "key");
    mbedtls_ssl_conf_ca_chain(&one->config, &one->root, NULL);
    need(mbedtls_ssl_conf_own_cert(&one->config, &one->chain, &one->key), "own certificate");
}

static void open_side(sides *all, side *one, bool client)
{
    mbedtls_ssl_config_init(&one->config);
    mbedtls_x509_crt_init(&one->chain);
    mbedtls_x509_crt_init(&one->root);
    mbedtls_pk_init(&one->key);
    need(mbedtls_ssl_config_defaults(&one->config,
                                     client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
                                     MBEDTLS_SSL_TRANSPORT_DATAGRAM, MBEDTLS_SSL_PRESET_DEFAULT),
         "configuration");
    set_policy(all, &one->config);
    if (!client) {
        mbedtls_ssl_conf_dtls_cookies(&one->config, mbedtls_ssl_cookie_write,
                                      mbedtls_ssl_cookie_check, &all->cookies);
        mbedtls_ssl_conf_cert_req_ca_list(&one->config, MBEDTLS_SSL_CERT_REQ_CA_LIST_DISABLED);
        mbedtls_ssl_conf_psk_cb(&one->config, server_psk, NULL);
    } else if (all->psk) {
        need(mbedtls_ssl_conf_psk(&one->config, (const unsigned char *)BENCH_PSK,
                                  sizeof BENCH_PSK - 1, (const unsigned char *)BENCH_IDENTITY,
                                  sizeof BENCH_IDENTITY - 1),
             "PSK");
    }
    if (!all->psk) {
        set_x509(one, client ? credentials.client : credentials.server,
                 client ? credentials.client_scalar : credentials.server_scalar);
    }
}

void *bare_mbedtls_open(const dtls_way *way, bool psk)
{
    sides *all = bench_memory(sizeof *all);

    (void)way;
    all->psk = psk;
    mbedtls_entropy_init(&all->entropy);
    mbedtls_ctr_drbg_init(&all->random);
    mbedtls_ssl_cookie_init(&all->cookies);
    need(mbedtls_ctr_drbg_seed(&all->random, mbedtls_entropy_func, &all->entropy, NULL, 0) |
             mbedtls_ssl_cookie_setup(&all->cookies, mbedtls_ctr_drbg_random, &all->random),
         "random numbers");
    open_side(all, &all->client, true);
    open_side(all, &all->server, false);
    return all;
}

static void close_side(side *one)
{
    mbedtls_ssl_config_free(&one->config);
    mbedtls_x509_crt_free(&one->chain);
    mbedtls_x509_crt_free(&one->root);
    mbedtls_pk_free(&one->key);
}

void bare_mbedtls_close(void *opened)
{
    sides *all = opened;

    close_side(&all->client);
    close_side(&all->server);
    mbedtls_ssl_cookie_free(&all->cookies);
    mbedtls_ctr_drbg_free(&all->random);
    mbedtls_entropy_free(&all->entropy);
    free(all);
}

/* ---- Sessions ---- */

static int put(void *context, const unsigned char *data, size_t size)
{
    wire *out = ((session *)context)->out;

    must(out->used + 2 + size <= sizeof out->data ? LWSEC_OK : LWSEC_BUFFER, "room");
    out->data[out->used] = (uint8_t)(size >> 8);
    out->data[out->used + 1] = (uint8_t)size;
    memcpy(&out->data[out->used + 2], data, size);
    out->used += 2 + size;
    return (int)size;
}

static int get(void *context, unsigned char *out, size_t capacity)
{
    session *self = context;

    if (self->at == self->in->used) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    const uint8_t *datagram = &self->in->data[self->at];
    const size_t size = (size_t)datagram[0] << 8 | datagram[1];
    must(size <= capacity ? LWSEC_OK : LWSEC_BUFFER, "room");
    memcpy(out, &datagram[2], size);
    self->at += 2 + size;
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

static session *open_session(const side *one, const wire *in, wire *out)
{
    session *self = bench_memory(sizeof *self);

    self->in = in;
    self->out = out;
    mbedtls_ssl_init(&self->ssl);
    need(mbedtls_ssl_setup(&self->ssl, &one->config), "session");
    mbedtls_ssl_set_mtu(&self->ssl, LWSEC_DTLS_MTU_DEFAULT);
    mbedtls_ssl_set_bio(&self->ssl, self, put, get, NULL);
    mbedtls_ssl_set_timer_cb(&self->ssl, self, set_timer, get_timer);
    return self;
}

static bool shake(session *self)
{
    const int answer = mbedtls_ssl_handshake(&self->ssl);

    if (answer == MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED) {
        need(mbedtls_ssl_session_reset(&self->ssl) |
                 mbedtls_ssl_set_client_transport_id(&self->ssl, (const unsigned char *)"c", 1),
             "cookie");
        return false;
    }
    need(answer == MBEDTLS_ERR_SSL_WANT_READ ? 0 : answer, "handshake");
    self->at = 0;
    return answer == 0;
}

void *bare_mbedtls_shake(void *opened)
{
    sides *all = opened;
    pair *both = bench_memory(sizeof *both);
    int done = 0;

    to_client.used = to_server.used = 0;
    both->server = open_session(&all->server, &to_server, &to_client);
    both->client = open_session(&all->client, &to_client, &to_server);
    need(mbedtls_ssl_set_client_transport_id(&both->server->ssl, (const unsigned char *)"c", 1),
         "address");
    if (!all->psk) {
        need(mbedtls_ssl_set_hostname(&both->client->ssl, BENCH_SERVER_NAME), "name");
    }
    for (int i = 0; i < ROUNDS_MAX && done < 2; i++) {
        to_server.used = 0;
        done = shake(both->client);
        both->client->at = to_client.used = 0;
        done += shake(both->server);
        both->server->at = 0;
    }
    must(done == 2 ? LWSEC_OK : LWSEC_ENGINE, "handshake");
    return both;
}

static void end_session(session **self)
{
    if (*self != NULL) {
        mbedtls_ssl_free(&(*self)->ssl);
        free(*self);
        *self = NULL;
    }
}

void bare_mbedtls_end_client(void *made)
{
    end_session(&((pair *)made)->client);
}

void bare_mbedtls_end(void *made)
{
    pair *both = made;

    end_session(&both->client);
    end_session(&both->server);
    free(both);
}
