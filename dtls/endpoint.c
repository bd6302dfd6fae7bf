/* Endpoints: a configuration is checked, completed, and given to the engine. */
#include "dtls/engine.h"

#include <lwsec/raw_key.h>

#include "core/epoch.h"
#include "core/reason.h"

#include <string.h>

#define FLAGS                                                                                      \
    (uint32_t)(LWSEC_DTLS_ALLOW_CBC | LWSEC_DTLS_ANY_NAME | LWSEC_DTLS_NEED_EXTENDED_MASTER |      \
               LWSEC_DTLS_ASK_STATUS | LWSEC_DTLS_ALLOW_SLEEP | LWSEC_DTLS_ALLOW_RESUME)

uint32_t lwsec_dtls_capabilities(const lwsec_dtls_engine *engine)
{
    return engine->capabilities;
}

const char *lwsec_dtls_engine_name(const lwsec_dtls_engine *engine)
{
    return engine->name;
}

size_t lwsec_dtls_endpoint_size(const lwsec_dtls_engine *engine)
{
    return sizeof(lwsec_dtls_endpoint) + engine->endpoint_size;
}

static uint32_t or_default(uint32_t value, uint32_t other)
{
    return value != 0 ? value : other;
}

static void complete(lwsec_dtls_config *config)
{
    config->mtu = or_default(config->mtu, LWSEC_DTLS_MTU_DEFAULT);
    if (config->queue == 0) {
        const uint64_t two = 2 * (uint64_t)config->mtu;
        config->queue = two > LWSEC_DTLS_QUEUE_DEFAULT ? (uint32_t)(two < UINT32_MAX ? two : 0)
                                                       : LWSEC_DTLS_QUEUE_DEFAULT;
    }
    config->first_timeout = or_default(config->first_timeout, LWSEC_DTLS_TIMEOUT_DEFAULT);
    config->handshake_max = or_default(config->handshake_max, LWSEC_DTLS_HANDSHAKE_MAX);
}

static bool sizes_fit(const lwsec_dtls_config *config)
{
    return config->mtu >= LWSEC_DTLS_MTU_MIN && config->mtu <= LWSEC_DTLS_MTU_MAX &&
           config->queue >= 2 * config->mtu && config->queue <= UINT16_MAX &&
           (uintptr_t)config->queue_memory % sizeof(uint64_t) == 0 &&
           config->first_timeout <= LWSEC_DTLS_TIMEOUT_MAX;
}

/* R-5.2.9.1-08 */
static bool psk_fits(const lwsec_dtls_config *config)
{
    const bool named =
        config->identity.size >= 1 && config->identity.size <= LWSEC_DTLS_IDENTITY_MAX;

    return config->role == LWSEC_DTLS_CLIENT ? named : config->identity.size == 0;
}

static bool key_fits(lwsec_key own)
{
    lwsec_key_description key = {.size = sizeof key};

    return lwsec_key_describe(own, &key) == LWSEC_OK && key.algorithm == LWSEC_ALG_ES256 &&
           (key.usage & LWSEC_USE_SIGN) != 0;
}

/* Of a server that has a first one. */
static bool more_fits(const lwsec_dtls_config *config)
{
    if (config->more_count > 0 && (config->role != LWSEC_DTLS_SERVER || config->chain_count == 0 ||
                                   config->more_count > LWSEC_DTLS_MORE_MAX)) {
        return false;
    }
    for (size_t i = 0; i < config->more_count; i++) {
        const lwsec_dtls_certificate *one = &config->more[i];
        if (one->chain_count == 0 || one->chain_count > LWSEC_CERT_PATH_MAX ||
            !key_fits(one->key)) {
            return false;
        }
    }
    return true;
}

/* Status is asked for by a client, and told by a server, about certificates. */
static bool status_fits(const lwsec_dtls_config *config)
{
    const bool client = config->role == LWSEC_DTLS_CLIENT, x509 = config->chain_count > 0;

    /* A short handshake has no response. */
    const bool resumes = (config->flags & (uint32_t)LWSEC_DTLS_ALLOW_RESUME) != 0;

    return (!lwsec_dtls_asks_status(config) || (client && x509 && !resumes)) &&
           (config->staple == NULL || (!client && x509));
}

static bool x509_fits(const lwsec_dtls_config *config)
{
    const lwsec_cert_role peer =
        config->role == LWSEC_DTLS_CLIENT ? LWSEC_CERT_OF_SERVER : LWSEC_CERT_OF_CLIENT;

    return config->chain_count <= LWSEC_CERT_PATH_MAX && config->check != NULL &&
           config->check->size == sizeof *config->check && config->check->role == peer &&
           key_fits(config->key);
}

/* R-5.2.9.2-11: the server's key is a key, and one that may be used. R-5.2.9.2-14: the own one. */
static bool raw_key_fits(const lwsec_dtls_config *config)
{
    const bool client = config->role == LWSEC_DTLS_CLIENT;

    return (config->raw_key == NULL) == client && (config->server_key.size > 0) == client &&
           (!client || lwsec_raw_key_verify(config->server_key, &config->server_key, 1, NULL,
                                            NULL) == LWSEC_OK) &&
           key_fits(config->key);
}

static bool holds_zero(lwsec_bytes text)
{
    return text.size > 0 && memchr(text.data, 0, text.size) != NULL;
}

static bool cid_fits(const lwsec_dtls_config *config)
{
    const bool sized = config->cid_size >= 1 && config->cid_size <= LWSEC_DTLS_CID_MAX;

    return config->cid <= LWSEC_DTLS_CID_REQUIRED &&
           (config->role == LWSEC_DTLS_SERVER && config->cid != LWSEC_DTLS_CID_OFF
                ? sized
                : config->cid_size == 0);
}

/* Whether an account's lists leave something. */
static bool lists_leave(const lwsec_dtls_config *config)
{
    uint16_t suites[LWSEC_DTLS_SUITES], groups[LWSEC_DTLS_GROUPS];

    return lwsec_dtls_suites(config, suites) > 0 &&
           (!lwsec_dtls_has_ecdsa(config) ||
            (lwsec_dtls_groups(config, groups) > 0 && lwsec_dtls_signs(config)));
}

/* What this engine cannot do, though it is asked for. */
static bool is_beyond(const lwsec_dtls_engine *engine, const lwsec_dtls_config *config)
{
    const uint32_t can = engine->capabilities;

    return ((can & LWSEC_DTLS_IDENTITY_NUL) == 0 && holds_zero(config->identity)) ||
           ((can & LWSEC_DTLS_RPK) == 0 && lwsec_dtls_has_raw_key(config)) ||
           ((can & LWSEC_DTLS_EXTENDED_MASTER) == 0 &&
            (config->flags & (uint32_t)LWSEC_DTLS_NEED_EXTENDED_MASTER) != 0) ||
           ((can & LWSEC_DTLS_STATUS) == 0 &&
            (lwsec_dtls_asks_status(config) || config->staple != NULL)) ||
           ((can & LWSEC_DTLS_CID) == 0 && config->cid == LWSEC_DTLS_CID_REQUIRED);
}

static bool fits(const lwsec_dtls_config *config)
{
    const bool client = config->role == LWSEC_DTLS_CLIENT;
    const bool psk = lwsec_dtls_has_psk(config), x509 = config->chain_count > 0;
    const bool raw = lwsec_dtls_has_raw_key(config);
    const int kinds = psk + x509 + raw;

    if ((!client && config->role != LWSEC_DTLS_SERVER) || (config->flags & ~FLAGS) != 0 ||
        kinds == 0 || (config->psk != NULL && config->psk_key != NULL) || (client && kinds > 1) ||
        (!client && config->server_name.size > 0)) {
        return false;
    }
    return sizes_fit(config) && cid_fits(config) && lwsec_dtls_cache_fits(config) &&
           (psk ? psk_fits(config) : config->identity.size == 0) && (!x509 || x509_fits(config)) &&
           more_fits(config) && status_fits(config) && (!raw || raw_key_fits(config));
}

/* An engine that has own certificates or a raw public key answers LWSEC_USAGE about these alone. */
static lwsec_why why_not(const lwsec_dtls_config *config, lwsec_status status)
{
    return status == LWSEC_USAGE && lwsec_dtls_has_ecdsa(config) ? LWSEC_WHY_DTLS_OWN_KEY
                                                                 : LWSEC_WHY_CONFIG;
}

lwsec_status lwsec_dtls_endpoint_open(const lwsec_dtls_engine *engine,
                                      const lwsec_dtls_config *config, void *memory, size_t size,
                                      lwsec_dtls_endpoint **endpoint, lwsec_reason *reason)
{
    lwsec_dtls_endpoint *self = memory;
    lwsec_dtls_config whole;

    if (config->size != sizeof *config || memory == NULL ||
        (uintptr_t)memory % sizeof(uint64_t) != 0) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    whole = *config;
    complete(&whole);
    if (!fits(&whole)) {
        return lwsec_refuse(LWSEC_USAGE, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (is_beyond(engine, &whole)) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_CONFIG, 0, reason);
    }
    if (!lists_leave(&whole)) {
        return lwsec_refuse(LWSEC_UNSUPPORTED, LWSEC_WHY_DTLS_SUITE, 0, reason);
    }
    if (size < lwsec_dtls_endpoint_size(engine)) {
        return lwsec_refuse(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL, 0, reason);
    }
    memset(memory, 0, lwsec_dtls_endpoint_size(engine));
    self->engine = engine;
    self->config = whole;
    self->epoch = lwsec_epoch();
    lwsec_status status = lwsec_dtls_cache_open(self);
    if (status == LWSEC_OK) {
        status = engine->endpoint_open(self);
    }
    if (status != LWSEC_OK) {
        lwsec_dtls_cache_close(self);
        lwsec_wipe(memory, lwsec_dtls_endpoint_size(engine));
        return lwsec_refuse(status, why_not(&whole, status), 0, reason);
    }
    *endpoint = self;
    return lwsec_accept(reason);
}

void lwsec_dtls_endpoint_close(lwsec_dtls_endpoint **endpoint)
{
    if (endpoint == NULL || *endpoint == NULL) {
        return;
    }
    const lwsec_dtls_engine *engine = (*endpoint)->engine;

    engine->endpoint_close(*endpoint);
    lwsec_dtls_cache_close(*endpoint);
    lwsec_wipe(*endpoint, lwsec_dtls_endpoint_size(engine));
    *endpoint = NULL;
}
