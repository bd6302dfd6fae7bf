/* An endpoint on OpenSSL: a library context of its own, and an SSL_CTX for all of its sessions. */
#include "dtls/openssl/engine.h"

#include <openssl/rand.h>

#include <string.h>

/* Of a handshake's messages, as mbedTLS takes them. For each of up to ten that come too early,
 * OpenSSL keeps room for what their first fragment says, 100 kB if nobody limits it. */
#define MESSAGE_MAX 16384

static const char *suite_name(uint16_t suite)
{
    switch (suite) {
    case LWSEC_DTLS_PSK_CCM_8: return "PSK-AES128-CCM8";
    case LWSEC_DTLS_PSK_CBC: return "PSK-AES128-CBC-SHA256";
    case LWSEC_DTLS_ECDSA_CCM_8: return "ECDHE-ECDSA-AES128-CCM8";
    default: return "ECDHE-ECDSA-AES128-SHA256";
    }
}

static const char *group_name(uint16_t group)
{
    switch (group) {
    case LWSEC_DTLS_SECP256R1: return "P-256";
    case 24: return "P-384";
    case 25: return "P-521";
    default: return "X25519";
    }
}

/* The names of numbers, with colons between them, as OpenSSL reads lists. */
static void join(const uint16_t *numbers, size_t count, const char *(*name)(uint16_t), char *out,
                 size_t room)
{
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const size_t used = strlen(out);
        (void)BIO_snprintf(&out[used], room - used, "%s%s", i > 0 ? ":" : "", name(numbers[i]));
    }
}

static bool set_suites(const lwsec_dtls_config *config, SSL_CTX *context)
{
    uint16_t suites[LWSEC_DTLS_SUITES], groups[LWSEC_DTLS_GROUPS];
    char list[128];

    join(suites, lwsec_dtls_suites(config, suites), suite_name, list, sizeof list);
    if (SSL_CTX_set_cipher_list(context, list) != 1) {
        return false;
    }
    const size_t count = lwsec_dtls_groups(config, groups);
    join(groups, count, group_name, list, sizeof list);
    return count == 0 || SSL_CTX_set1_groups_list(context, list) == 1;
}

/* R-5.2.3-02: the one signature that everybody has to have. */
static bool set_policy(const lwsec_dtls_config *config, SSL_CTX *context)
{
    const uint64_t options = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                             SSL_OP_NO_QUERY_MTU | SSL_OP_CIPHER_SERVER_PREFERENCE |
                             SSL_OP_COOKIE_EXCHANGE;

    (void)SSL_CTX_set_options(context, options);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_max_cert_list(context, MESSAGE_MAX);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 &&
           set_suites(config, context) && SSL_CTX_set1_sigalgs_list(context, "ECDSA+SHA256") == 1;
}

X509 *lwsec_dtls_openssl_parse(const lwsec_dtls_openssl_endpoint *self, lwsec_bytes der)
{
    const unsigned char *end = der.data;
    X509 *certificate = X509_new_ex(self->library, LWSEC_DTLS_QUERY);

    if (certificate != NULL &&
        (d2i_X509(&certificate, &end, (long)der.size) == NULL || end != der.data + der.size)) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

static bool set_own(const lwsec_dtls_config *config, const lwsec_dtls_openssl_endpoint *self)
{
    const bool x509 = config->chain_count > 0;
    X509 *own = x509 ? lwsec_dtls_openssl_parse(self, config->chain[0]) : NULL;
    EVP_PKEY *key = lwsec_dtls_signer_key(self->library, config->key);
    bool good = key != NULL &&
                (!x509 || (own != NULL && SSL_CTX_use_certificate(self->context, own) == 1)) &&
                SSL_CTX_use_PrivateKey(self->context, key) == 1 &&
                (!x509 || SSL_CTX_check_private_key(self->context) == 1) &&
                lwsec_dtls_openssl_use_raw_keys(config, self->context);

    X509_free(own);
    EVP_PKEY_free(key);
    for (size_t i = 1; good && i < config->chain_count; i++) {
        X509 *next = lwsec_dtls_openssl_parse(self, config->chain[i]);
        good = next != NULL && SSL_CTX_add1_chain_cert(self->context, next) == 1;
        X509_free(next);
    }
    return good;
}

/* A client's key is looked at now, so that what cannot work is refused here. */
static lwsec_status check_psk(const lwsec_dtls_endpoint *endpoint)
{
    uint8_t bytes[LWSEC_DTLS_PSK_MAX];
    lwsec_buffer secret = lwsec_buffer_of(bytes, sizeof bytes);

    if (!lwsec_dtls_has_psk(&endpoint->config) || endpoint->config.role == LWSEC_DTLS_SERVER) {
        return LWSEC_OK;
    }
    const lwsec_status status = lwsec_dtls_own_psk(endpoint, &secret);
    lwsec_wipe(bytes, sizeof bytes);
    return status;
}

void lwsec_dtls_openssl_endpoint_close(lwsec_dtls_endpoint *endpoint)
{
    lwsec_dtls_openssl_endpoint *self = lwsec_dtls_openssl_endpoint_of(endpoint);

    lwsec_dtls_openssl_anchors_close(&self->anchors);
    lwsec_dtls_openssl_more_free(self);
    SSL_CTX_free(self->context);
    BIO_meth_free(self->method);
    if (self->signer != NULL) {
        (void)OSSL_PROVIDER_unload(self->signer);
    }
    if (self->provider != NULL) {
        (void)OSSL_PROVIDER_unload(self->provider);
    }
    OSSL_LIB_CTX_free(self->library);
}

static lwsec_status make(lwsec_dtls_endpoint *endpoint, lwsec_dtls_openssl_endpoint *self)
{
    if (endpoint->config.mtu < LWSEC_DTLS_OPENSSL_MTU && endpoint->config.chain_count > 0) {
        return LWSEC_UNSUPPORTED; /* it cannot cut certificates so small */
    }
    self->library = OSSL_LIB_CTX_new();
    if (self->library == NULL ||
        OSSL_PROVIDER_add_builtin(self->library, "lwsec", lwsec_dtls_signer_init) != 1) {
        return LWSEC_ENGINE;
    }
    self->provider = OSSL_PROVIDER_load(self->library, "default");
    self->signer = OSSL_PROVIDER_load(self->library, "lwsec");
    self->method = lwsec_dtls_openssl_method();
    self->context = SSL_CTX_new_ex(
        self->library, endpoint->config.psk_key != NULL ? LWSEC_DTLS_QUERY_PRF : LWSEC_DTLS_QUERY,
        DTLS_method());
    if (self->provider == NULL || self->signer == NULL || self->method == NULL ||
        self->context == NULL ||
        RAND_priv_bytes_ex(self->library, (unsigned char *)endpoint->cookie_keys,
                           sizeof endpoint->cookie_keys, 0) != 1) {
        return LWSEC_ENGINE;
    }
    lwsec_dtls_openssl_callbacks(endpoint, self->context);
    if (!set_policy(&endpoint->config, self->context)) {
        return LWSEC_ENGINE;
    }
    if (endpoint->config.check != NULL &&
        !lwsec_dtls_openssl_anchors_open(self, endpoint->config.check)) {
        return LWSEC_ENGINE;
    }
    lwsec_dtls_openssl_conf_resume(endpoint, self->context);
    if (lwsec_dtls_has_ecdsa(&endpoint->config) && !set_own(&endpoint->config, self)) {
        return LWSEC_USAGE;
    }
    const lwsec_status status = lwsec_dtls_openssl_more(&endpoint->config, self);
    return status == LWSEC_OK ? check_psk(endpoint) : status;
}

lwsec_status lwsec_dtls_openssl_endpoint_open(lwsec_dtls_endpoint *endpoint)
{
    lwsec_dtls_errors errors;

    lwsec_dtls_errors_save(&errors);
    const lwsec_status status = make(endpoint, lwsec_dtls_openssl_endpoint_of(endpoint));
    if (status != LWSEC_OK) {
        lwsec_dtls_openssl_endpoint_close(endpoint);
    }
    lwsec_dtls_errors_restore(&errors);
    return status;
}
