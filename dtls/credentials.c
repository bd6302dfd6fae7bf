/* What sessions do for their engine: cookies, pre-shared keys, certificates of the peer. */
#include "dtls/engine.h"

#include <lwsec/cert_server.h>
#include <lwsec/raw_key.h>
#include <lwsec/store.h>

#include "core/reason.h"
#include "core/writer.h"

#include <string.h>

/* A cookie is good in the minute that it was made in, and in the next. */
#define COOKIE_PERIOD 60000U

static void cookie_of(const lwsec_dtls *session, uint64_t period, uint8_t out[LWSEC_DTLS_COOKIE])
{
    uint8_t text[LWSEC_DTLS_ADDRESS_MAX + 8];
    lwsec_writer writer = lwsec_writer_of(text, sizeof text);
    lwsec_writer cookie = lwsec_writer_of(out, LWSEC_DTLS_COOKIE);

    lwsec_writer_uint(&writer, period, 8);
    lwsec_writer_bytes(&writer, lwsec_bytes_of(session->address, session->address_size));
    for (size_t i = 0; i < 2; i++) {
        lwsec_writer_uint(
            &cookie,
            lwsec_siphash(&session->endpoint->cookie_keys[i], lwsec_bytes_of(text, writer.size)),
            8);
    }
}

void lwsec_dtls_cookie_make(const lwsec_dtls *session, uint8_t out[LWSEC_DTLS_COOKIE])
{
    cookie_of(session, session->now / COOKIE_PERIOD, out);
}

bool lwsec_dtls_cookie_check(const lwsec_dtls *session, lwsec_bytes cookie)
{
    const uint64_t period = session->now / COOKIE_PERIOD;
    uint8_t right[LWSEC_DTLS_COOKIE];

    for (uint64_t ago = 0; ago < 2 && ago <= period; ago++) {
        cookie_of(session, period - ago, right);
        if (lwsec_equal_secret(cookie, lwsec_bytes_of(right, sizeof right))) {
            return true;
        }
    }
    return false;
}

/* A placeholder: see engine.h. The handle is of use in this process alone. */
static lwsec_status ask_handle(const lwsec_dtls_endpoint *endpoint, lwsec_bytes identity,
                               lwsec_buffer *secret)
{
    lwsec_key key = {NULL, 0, 0};
    lwsec_key_description description = {.size = sizeof description};
    lwsec_writer writer = lwsec_writer_of(secret->data, secret->capacity);

    lwsec_status status = endpoint->config.psk_key(endpoint->config.argument, identity, &key);
    if (status == LWSEC_OK) {
        status = lwsec_key_describe(key, &description);
    }
    if (status != LWSEC_OK) {
        return status;
    }
    if ((description.usage & LWSEC_USE_PSK) == 0) {
        return LWSEC_USAGE;
    }
    /* Without the one, the core composes it of the other. */
    const bool able = key.store->ops->tls12_psk_master != NULL || key.store->ops->mac != NULL;
    if ((endpoint->engine->capabilities & LWSEC_DTLS_PSK_HANDLE) == 0 || !able) {
        return LWSEC_UNSUPPORTED;
    }
    lwsec_writer_bytes(&writer,
                       lwsec_bytes_of(LWSEC_DTLS_PLACEHOLDER, LWSEC_DTLS_PLACEHOLDER_SIZE));
    lwsec_writer_bytes(&writer, lwsec_bytes_of(&key, sizeof key));
    secret->size = writer.size;
    return writer.full ? LWSEC_BUFFER : LWSEC_OK;
}

/* The same path for both roles: room of our own, a size that the engine can take. */
lwsec_status lwsec_dtls_psk_of(const lwsec_dtls_endpoint *endpoint, lwsec_bytes identity,
                               lwsec_buffer *secret)
{
    if (endpoint->config.psk_key != NULL) {
        return ask_handle(endpoint, identity, secret);
    }
    const lwsec_status status = endpoint->config.psk(endpoint->config.argument, identity, secret);

    if (status != LWSEC_OK) {
        return status;
    }
    if (secret->size == 0 || secret->size > secret->capacity) {
        return LWSEC_USAGE;
    }
    return secret->size <= endpoint->engine->psk_max ? LWSEC_OK : LWSEC_UNSUPPORTED;
}

/* R-5.2.9.1-11 */
lwsec_status lwsec_dtls_own_psk(const lwsec_dtls_endpoint *endpoint, lwsec_buffer *secret)
{
    return lwsec_dtls_psk_of(endpoint, endpoint->config.identity, secret);
}

bool lwsec_dtls_find_psk(lwsec_dtls *session, lwsec_bytes identity, lwsec_buffer *secret)
{
    if (!lwsec_dtls_has_psk(&session->endpoint->config) || identity.size == 0 ||
        identity.size > LWSEC_DTLS_IDENTITY_MAX ||
        lwsec_dtls_psk_of(session->endpoint, identity, secret) != LWSEC_OK) {
        session->why = LWSEC_WHY_DTLS_IDENTITY;
        return false;
    }
    session->authenticated = true;
    memcpy(session->identity, identity.data, identity.size);
    session->identity_size = identity.size;
    return true;
}

/* Who is judged, and what status is known of him. */
typedef struct shown {
    const lwsec_bytes *chain;
    size_t count;
    bool early; /* a response is to come, and nothing is said of the status before */
    lwsec_bytes response;
} shown;

static lwsec_status verify(const lwsec_dtls_config *config, const lwsec_cert_engine *engine,
                           const shown *by, lwsec_reason *reason)
{
    lwsec_cert_check check;

    /* R-5.2.9.2-13: set up for raw public keys alone, nothing else will do. */
    if (config->chain_count == 0) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_CERT_ASSOCIATION, 0, reason);
    }
    check = *config->check;
    check.chain = by->chain;
    check.chain_count = by->count;
    if (config->clock != NULL) {
        check.time = config->clock(config->argument);
    }
    if (by->early) {
        check.crl_count = 0;
        check.policy &= ~(uint32_t)(LWSEC_CERT_NEED_STATUS | LWSEC_CERT_NEED_WHOLE_STATUS);
    } else if (by->response.size > 0) {
        check.ocsp = by->response;
    }
    return lwsec_cert_verify(engine, &check, reason);
}

lwsec_status lwsec_dtls_verify(const lwsec_dtls_endpoint *endpoint, const lwsec_cert_engine *engine,
                               const lwsec_bytes *chain, size_t count, lwsec_reason *reason)
{
    const shown by = {.chain = chain, .count = count};

    return verify(&endpoint->config, engine, &by, reason);
}

static uint8_t judge(lwsec_dtls *session, const lwsec_cert_engine *engine, const shown *by)
{
    lwsec_reason reason;

    if (verify(&session->endpoint->config, engine, by, &reason) == LWSEC_OK) {
        session->authenticated = !by->early;
        lwsec_dtls_keep(session, by->chain, by->count);
        return 0;
    }
    session->why = reason.why;
    return lwsec_cert_alert(reason.why);
}

uint8_t lwsec_dtls_judge(lwsec_dtls *session, const lwsec_cert_engine *engine,
                         const lwsec_bytes *chain, size_t count)
{
    const shown by = {.chain = chain,
                      .count = count,
                      .early = lwsec_dtls_asks_status(&session->endpoint->config)};

    return judge(session, engine, &by);
}

/* R-5.2.9.6-01, R-5.2.9.6-03 */
uint8_t lwsec_dtls_judge_status(lwsec_dtls *session, const lwsec_cert_engine *engine,
                                const lwsec_bytes *chain, size_t count, lwsec_bytes response)
{
    const shown by = {.chain = chain, .count = count, .response = response};

    return judge(session, engine, &by);
}

/* R-5.2.9.4-04, R-5.2.9.3-29: the certificate that has the name. Where there is none at all, a name
 * says nothing. */
bool lwsec_dtls_pick(lwsec_dtls *session, lwsec_bytes server_name, size_t *which)
{
    const lwsec_dtls_config *config = &session->endpoint->config;
    lwsec_bytes all[1 + LWSEC_DTLS_MORE_MAX];

    *which = 0;
    if (config->chain_count == 0) {
        return true;
    }
    all[0] = config->chain[0];
    for (size_t i = 0; i < config->more_count; i++) {
        all[1 + i] = config->more[i].chain[0];
    }
    if (lwsec_cert_pick(all, 1 + config->more_count, server_name, LWSEC_CERT_POLICY_LWM2M, which,
                        NULL) == LWSEC_OK ||
        (config->flags & (uint32_t)LWSEC_DTLS_ANY_NAME) != 0) {
        return true;
    }
    session->why = LWSEC_WHY_CERT_REFERENCE;
    return false;
}

/* R-5.2.9.2-13, R-5.2.9.2-16: the one key of the server, or what the server has stored. */
lwsec_why lwsec_dtls_verify_key(const lwsec_dtls_config *config, lwsec_bytes key)
{
    const bool client = config->role == LWSEC_DTLS_CLIENT;
    const lwsec_bytes stored = client ? config->server_key : key;
    lwsec_reason reason;

    if (lwsec_raw_key_verify(key, &stored, 1, NULL, &reason) != LWSEC_OK) {
        return reason.why;
    }
    const bool known =
        client || (config->raw_key != NULL && config->raw_key(config->argument, key) == LWSEC_OK);
    return known ? LWSEC_WHY_NONE : LWSEC_WHY_CERT_ASSOCIATION;
}

uint8_t lwsec_dtls_judge_key(lwsec_dtls *session, lwsec_bytes key)
{
    const lwsec_why why = lwsec_dtls_verify_key(&session->endpoint->config, key);

    if (why == LWSEC_WHY_NONE) {
        session->authenticated = true;
        lwsec_dtls_keep_key(session, key);
        return 0;
    }
    session->why = why;
    return lwsec_cert_alert(why);
}
