/* Handshakes of bare OpenSSL, with what lwsec asks of it. */
#include "bench/dtls/dtls.h"
#include "bench/engine.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/ssl.h>

#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 20
#define FLIGHT 8192

typedef struct sides {
    bool psk;
    SSL_CTX *client, *server;
} sides;

typedef struct pair {
    SSL *client, *server;
} pair;

static void need(bool good, const char *what)
{
    must(good ? LWSEC_OK : LWSEC_ENGINE, what);
}

/* ---- Contexts ---- */

static unsigned client_psk(SSL *ssl, const char *hint, char *identity, unsigned identity_room,
                           unsigned char *out, unsigned room)
{
    (void)ssl;
    (void)hint;
    need(sizeof BENCH_IDENTITY <= identity_room && sizeof BENCH_PSK <= room, "room");
    memcpy(identity, BENCH_IDENTITY, sizeof BENCH_IDENTITY);
    memcpy(out, BENCH_PSK, sizeof BENCH_PSK - 1);
    return sizeof BENCH_PSK - 1;
}

static unsigned server_psk(SSL *ssl, const char *identity, unsigned char *out, unsigned room)
{
    (void)ssl;
    (void)identity;
    need(sizeof BENCH_PSK <= room, "room");
    memcpy(out, BENCH_PSK, sizeof BENCH_PSK - 1);
    return sizeof BENCH_PSK - 1;
}

static int make_cookie(SSL *ssl, unsigned char *cookie, unsigned *size)
{
    (void)ssl;
    memset(cookie, 'c', 16);
    *size = 16;
    return 1;
}

static int check_cookie(SSL *ssl, const unsigned char *cookie, unsigned size)
{
    (void)ssl;
    return size == 16 && cookie[0] == 'c';
}

static X509 *certificate(lwsec_bytes der)
{
    const unsigned char *at = der.data;
    X509 *parsed = d2i_X509(NULL, &at, (long)der.size);

    need(parsed != NULL, "certificate");
    return parsed;
}

static EVP_PKEY *private_key(lwsec_bytes scalar, X509 *own)
{
    unsigned char *point = NULL;
    const size_t size = EVP_PKEY_get1_encoded_public_key(X509_get0_pubkey(own), &point);
    BIGNUM *number = BN_bin2bn(scalar.data, (int)scalar.size, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;

    need(OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
             OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, size) == 1 &&
             OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1,
         "key");
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    need(EVP_PKEY_fromdata_init(context) == 1 &&
             EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, params) == 1,
         "key");
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    BN_free(number);
    OPENSSL_free(point);
    return key;
}

static void set_x509(SSL_CTX *context, lwsec_bytes der, lwsec_bytes scalar)
{
    X509 *own = certificate(der), *above = certificate(credentials.intermediate),
         *root = certificate(credentials.root);
    EVP_PKEY *key = private_key(scalar, own);

    need(SSL_CTX_use_certificate(context, own) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1 &&
             SSL_CTX_add1_chain_cert(context, above) == 1 &&
             X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root) == 1,
         "certificates");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    X509_free(own);
    X509_free(above);
    X509_free(root);
    EVP_PKEY_free(key);
}

/* Level 0, as from 3.2 on OpenSSL does CCM_8 at no other; the keys are the same at each. */
static SSL_CTX *open_side(bool client, bool psk)
{
    SSL_CTX *context = SSL_CTX_new(DTLS_method());
    const char *suite = psk ? "PSK-AES128-CCM8:@SECLEVEL=0" : "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0";

    need(context != NULL && SSL_CTX_set_cipher_list(context, suite) == 1 &&
             SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 &&
             SSL_CTX_set1_groups_list(context, "P-256") == 1 &&
             SSL_CTX_set1_sigalgs_list(context, "ECDSA+SHA256") == 1,
         "context");
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                           SSL_OP_NO_QUERY_MTU | SSL_OP_COOKIE_EXCHANGE);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_cookie_generate_cb(context, make_cookie);
    SSL_CTX_set_cookie_verify_cb(context, check_cookie);
    SSL_CTX_set_psk_client_callback(context, client_psk);
    SSL_CTX_set_psk_server_callback(context, server_psk);
    if (!psk) {
        set_x509(context, client ? credentials.client : credentials.server,
                 client ? credentials.client_scalar : credentials.server_scalar);
    }
    return context;
}

void *bare_openssl_open(const dtls_way *way, bool psk)
{
    sides *all = bench_memory(sizeof *all);

    (void)way;
    all->psk = psk;
    all->client = open_side(true, psk);
    all->server = open_side(false, psk);
    return all;
}

void bare_openssl_close(void *opened)
{
    sides *all = opened;

    SSL_CTX_free(all->client);
    SSL_CTX_free(all->server);
    free(all);
}

/* ---- Sessions ---- */

static SSL *open_session(SSL_CTX *context)
{
    SSL *ssl = SSL_new(context);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

    need(ssl != NULL && in != NULL && out != NULL, "session");
    (void)BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl, in, out);
    need(SSL_set_mtu(ssl, LWSEC_DTLS_MTU_DEFAULT) != 0, "MTU");
    return ssl;
}

/* A flight of few datagrams is short enough to be one. */
static void carry(SSL *from, SSL *to)
{
    char flight[FLIGHT];
    const int size = BIO_read(SSL_get_wbio(from), flight, sizeof flight);

    need(size <= 0 || BIO_write(SSL_get_rbio(to), flight, size) == size, "carry");
}

static bool listen_on(SSL *server)
{
    BIO_ADDR *address = BIO_ADDR_new();
    const bool bound = DTLSv1_listen(server, address) == 1;

    BIO_ADDR_free(address);
    return bound;
}

void *bare_openssl_shake(void *opened)
{
    sides *all = opened;
    pair *both = bench_memory(sizeof *both);
    bool bound = false;
    int done = 0;

    both->server = open_session(all->server);
    both->client = open_session(all->client);
    SSL_set_accept_state(both->server);
    SSL_set_connect_state(both->client);
    if (!all->psk) {
        need(SSL_set1_host(both->client, BENCH_SERVER_NAME) == 1 &&
                 SSL_set_tlsext_host_name(both->client, BENCH_SERVER_NAME) == 1,
             "name");
    }
    for (int i = 0; i < ROUNDS_MAX && done < 2; i++) {
        done = SSL_do_handshake(both->client) == 1;
        carry(both->client, both->server);
        bound = bound || listen_on(both->server);
        done += bound && SSL_do_handshake(both->server) == 1;
        carry(both->server, both->client);
    }
    need(done == 2, "handshake");
    return both;
}

void bare_openssl_end_client(void *made)
{
    pair *both = made;

    SSL_free(both->client);
    both->client = NULL;
}

void bare_openssl_end(void *made)
{
    pair *both = made;

    bare_openssl_end_client(both);
    SSL_free(both->server);
    free(both);
}
