/* An endpoint on mbedTLS: one configuration for all of its sessions. */
#include "crypto/use.h"
#include "dtls/mbedtls/engine.h"

#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/version.h>

#include <string.h>

#define POINT 65U

/* mbedTLS has its own kind of list, ended by a zero. */
static void set_suites(const lwsec_dtls_config *config, int suites[LWSEC_DTLS_SUITES + 1])
{
    uint16_t numbers[LWSEC_DTLS_SUITES];
    const size_t count = lwsec_dtls_suites(config, numbers);

    for (size_t i = 0; i < count; i++) {
        suites[i] = numbers[i];
    }
    suites[count] = 0;
}

/* ---- Cookies ---- */

static lwsec_dtls *session_of(const unsigned char *info, size_t size)
{
    lwsec_dtls_mbedtls_identity identity = {NULL};

    if (size == sizeof identity) {
        memcpy(&identity, info, sizeof identity);
    }
    return identity.session;
}

static int make_cookie(void *context, unsigned char **at, unsigned char *end,
                       const unsigned char *info, size_t size)
{
    const lwsec_dtls *session = session_of(info, size);

    (void)context;
    if (session == NULL || (size_t)(end - *at) < LWSEC_DTLS_COOKIE) {
        return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
    }
    lwsec_dtls_cookie_make(session, *at);
    *at += LWSEC_DTLS_COOKIE;
    return 0;
}

static int check_cookie(void *context, const unsigned char *cookie, size_t cookie_size,
                        const unsigned char *info, size_t size)
{
    lwsec_dtls *session = session_of(info, size);

    (void)context;
    if (session == NULL || !lwsec_dtls_cookie_check(session, lwsec_bytes_of(cookie, cookie_size))) {
        return -1;
    }
    lwsec_dtls_mbedtls_of(session)->proved = true;
    return 0;
}

/* ---- */

/* DTLS 1.2. R-5.2.3-02: the one signature that everybody has to have. */
#if MBEDTLS_VERSION_MAJOR == 2
static mbedtls_ecp_group_id group_of(uint16_t group)
{
    switch (group) {
    case LWSEC_DTLS_SECP256R1: return MBEDTLS_ECP_DP_SECP256R1;
    case 24: return MBEDTLS_ECP_DP_SECP384R1;
    case 25: return MBEDTLS_ECP_DP_SECP521R1;
    default: return MBEDTLS_ECP_DP_CURVE25519;
    }
}

static void set_version(lwsec_dtls_mbedtls_endpoint *self, const uint16_t *groups, size_t count)
{
    static const int hashes[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_NONE};
    mbedtls_ssl_config *config = &self->config;

    for (size_t i = 0; i < count; i++) {
        self->groups[i] = group_of(groups[i]);
    }
    self->groups[count] = MBEDTLS_ECP_DP_NONE;
    mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_max_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_curves(config, self->groups);
    mbedtls_ssl_conf_sig_hashes(config, hashes);
}
#else
static void set_version(lwsec_dtls_mbedtls_endpoint *self, const uint16_t *groups, size_t count)
{
    static const uint16_t signatures[] = {MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, 0};
    mbedtls_ssl_config *config = &self->config;

    memcpy(self->groups, groups, count * sizeof groups[0]);
    self->groups[count] = 0;
    mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_groups(config, self->groups);
    mbedtls_ssl_conf_sig_algs(config, signatures);
}
#endif

static void set_policy(lwsec_dtls_endpoint *endpoint, lwsec_dtls_mbedtls_endpoint *self)
{
    mbedtls_ssl_config *config = &self->config;
    uint16_t groups[LWSEC_DTLS_GROUPS];

    mbedtls_ssl_conf_rng(config, mbedtls_ctr_drbg_random, &self->random);
    set_version(self, groups, lwsec_dtls_groups(&endpoint->config, groups));
    set_suites(&endpoint->config, self->suites);
    mbedtls_ssl_conf_ciphersuites(config, self->suites);
    mbedtls_ssl_conf_extended_master_secret(config, MBEDTLS_SSL_EXTENDED_MS_ENABLED);
    mbedtls_ssl_conf_encrypt_then_mac(config, MBEDTLS_SSL_ETM_ENABLED);
    mbedtls_ssl_conf_renegotiation(config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
    mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(config, &self->no_anchor, NULL);
    mbedtls_ssl_conf_cert_profile(config, lwsec_mbedtls_profile());
    mbedtls_ssl_conf_handshake_timeout(config, endpoint->config.first_timeout,
                                       LWSEC_DTLS_TIMEOUT_MAX);
    if (endpoint->config.role == LWSEC_DTLS_SERVER) {
        mbedtls_ssl_conf_dtls_cookies(config, make_cookie, check_cookie, NULL);
        mbedtls_ssl_conf_cert_req_ca_list(config, MBEDTLS_SSL_CERT_REQ_CA_LIST_DISABLED);
        mbedtls_ssl_conf_sni(config, lwsec_dtls_mbedtls_choose, endpoint);
        if (lwsec_dtls_has_psk(&endpoint->config)) {
            mbedtls_ssl_conf_psk_cb(config, lwsec_dtls_mbedtls_psk, endpoint);
        }
    } else if ((endpoint->config.flags & (uint32_t)LWSEC_DTLS_ALLOW_RESUME) == 0) {
        mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
    }
    lwsec_dtls_mbedtls_conf_resume(endpoint, config);
}

static lwsec_status set_own_psk(lwsec_dtls_endpoint *endpoint, mbedtls_ssl_config *config)
{
    const lwsec_bytes identity = endpoint->config.identity;
    uint8_t bytes[LWSEC_DTLS_PSK_MAX];
    lwsec_buffer secret = lwsec_buffer_of(bytes, sizeof bytes);

    lwsec_status status = lwsec_dtls_own_psk(endpoint, &secret);
    if (status == LWSEC_OK &&
        mbedtls_ssl_conf_psk(config, secret.data, secret.size, identity.data, identity.size) != 0) {
        status = LWSEC_ENGINE;
    }
    lwsec_wipe(bytes, sizeof bytes);
    return status;
}

/* The certificate's key is the handle's: its point ends the SubjectPublicKeyInfo of P-256. */
static bool is_own(const mbedtls_x509_crt *certificate, lwsec_key key)
{
    const mbedtls_x509_buf raw = certificate->pk_raw;
    uint8_t point[POINT];

    return raw.len > POINT &&
           lwsec_key_at_once(key, lwsec_key_public(key, point, sizeof point)) == LWSEC_OK &&
           lwsec_equal_secret(lwsec_bytes_of(point, POINT),
                              lwsec_bytes_of(raw.p + raw.len - POINT, POINT));
}

static bool parse(mbedtls_x509_crt *into, const lwsec_bytes *chain, size_t count, lwsec_key key)
{
    for (size_t i = 0; i < count; i++) {
        if (mbedtls_x509_crt_parse_der(into, chain[i].data, chain[i].size) != 0) {
            return false;
        }
    }
    return is_own(into, key);
}

static lwsec_status set_own(lwsec_dtls_endpoint *endpoint, lwsec_dtls_mbedtls_endpoint *self)
{
    const lwsec_dtls_config *config = &endpoint->config;

    if (!parse(&self->chain, config->chain, config->chain_count, config->key)) {
        return LWSEC_USAGE;
    }
    for (size_t i = 0; i < config->more_count; i++) {
        const lwsec_dtls_certificate *from = &config->more[i];
        if (!parse(&self->more[i].chain, from->chain, from->chain_count, from->key)) {
            return LWSEC_USAGE;
        }
        self->more[i].key = from->key;
        lwsec_dtls_mbedtls_key(&self->more[i].pk, &self->more[i].key);
    }
    lwsec_dtls_mbedtls_key(&self->key, &endpoint->config.key);
    return mbedtls_ssl_conf_own_cert(&self->config, &self->chain, &self->key) == 0 ? LWSEC_OK
                                                                                   : LWSEC_ENGINE;
}

static lwsec_status make(lwsec_dtls_endpoint *endpoint, lwsec_dtls_mbedtls_endpoint *self)
{
    const bool client = endpoint->config.role == LWSEC_DTLS_CLIENT;
    lwsec_status status = LWSEC_OK;

    if (mbedtls_ctr_drbg_seed(&self->random, mbedtls_entropy_func, &self->entropy, NULL, 0) != 0 ||
        mbedtls_ctr_drbg_random(&self->random, (unsigned char *)endpoint->cookie_keys,
                                sizeof endpoint->cookie_keys) != 0 ||
        mbedtls_ssl_config_defaults(
            &self->config, client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
            MBEDTLS_SSL_TRANSPORT_DATAGRAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0 ||
        !lwsec_dtls_mbedtls_conf_cid(&endpoint->config, &self->config)) {
        return LWSEC_ENGINE;
    }
    set_policy(endpoint, self);
    if (client && lwsec_dtls_has_psk(&endpoint->config)) {
        status = set_own_psk(endpoint, &self->config);
    }
    if (status == LWSEC_OK && endpoint->config.chain_count > 0) {
        status = set_own(endpoint, self);
    }
    return status;
}

lwsec_status lwsec_dtls_mbedtls_endpoint_open(lwsec_dtls_endpoint *endpoint)
{
    lwsec_dtls_mbedtls_endpoint *self = lwsec_dtls_mbedtls_endpoint_of(endpoint);

    mbedtls_entropy_init(&self->entropy);
    mbedtls_ctr_drbg_init(&self->random);
    mbedtls_ssl_config_init(&self->config);
    mbedtls_x509_crt_init(&self->chain);
    mbedtls_x509_crt_init(&self->no_anchor);
    for (size_t i = 0; i < LWSEC_DTLS_MORE_MAX; i++) {
        mbedtls_x509_crt_init(&self->more[i].chain);
    }
    const lwsec_status status = make(endpoint, self);
    if (status != LWSEC_OK) {
        lwsec_dtls_mbedtls_endpoint_close(endpoint);
    }
    return status;
}

void lwsec_dtls_mbedtls_endpoint_close(lwsec_dtls_endpoint *endpoint)
{
    lwsec_dtls_mbedtls_endpoint *self = lwsec_dtls_mbedtls_endpoint_of(endpoint);

    mbedtls_ssl_config_free(&self->config);
    mbedtls_x509_crt_free(&self->chain);
    mbedtls_x509_crt_free(&self->no_anchor);
    for (size_t i = 0; i < LWSEC_DTLS_MORE_MAX; i++) {
        mbedtls_x509_crt_free(&self->more[i].chain);
    }
    mbedtls_ctr_drbg_free(&self->random);
    mbedtls_entropy_free(&self->entropy);
}
