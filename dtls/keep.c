/* What outlives a session, or goes on in another one: the peer's certificates, and a fingerprint of
 * all that the association rests on. */
#include "dtls/engine.h"

#include <lwsec/store.h>

#include "certpolicy/engine.h"
#include "core/reason.h"
#include "crypto/use.h"

#include <string.h>

bool lwsec_dtls_keeps(const lwsec_dtls_endpoint *endpoint)
{
    return lwsec_dtls_has_ecdsa(&endpoint->config) &&
           (endpoint->config.flags &
            (uint32_t)(LWSEC_DTLS_ALLOW_SLEEP | LWSEC_DTLS_ALLOW_RESUME)) != 0;
}

void lwsec_dtls_keep(lwsec_dtls *session, const lwsec_bytes *chain, size_t count)
{
    if (session->kept == NULL) {
        return;
    }
    lwsec_writer writer = lwsec_writer_of(session->kept, LWSEC_DTLS_KEPT);
    for (size_t i = 0; i < count; i++) {
        lwsec_writer_uint(&writer, chain[i].size, 2);
        lwsec_writer_bytes(&writer, chain[i]);
    }
    session->kept_size = writer.full ? 0 : writer.size;
}

bool lwsec_dtls_is_kept(const lwsec_dtls *session)
{
    return session->identity_size > 0 || session->kept_size > 0;
}

void lwsec_dtls_keep_key(lwsec_dtls *session, lwsec_bytes key)
{
    if (session->kept == NULL) {
        return;
    }
    lwsec_writer writer = lwsec_writer_of(session->kept, LWSEC_DTLS_KEPT);
    lwsec_writer_uint(&writer, 0, 2); /* no certificate is of that size */
    lwsec_writer_bytes(&writer, key);
    session->kept_size = writer.full ? 0 : writer.size;
}

static lwsec_status judge_kept_key(const lwsec_dtls_config *config, lwsec_bytes key,
                                   lwsec_reason *reason)
{
    const lwsec_why why = lwsec_dtls_has_raw_key(config) ? lwsec_dtls_verify_key(config, key)
                                                         : LWSEC_WHY_DTLS_CHANGED;

    return why == LWSEC_WHY_NONE ? LWSEC_OK : lwsec_refuse(LWSEC_REJECT, why, 0, reason);
}

lwsec_status lwsec_dtls_judge_kept(lwsec_dtls *session, lwsec_reason *reason)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(session->kept, session->kept_size));
    lwsec_bytes chain[LWSEC_CERT_CHAIN_MAX];
    size_t count = 0;

    if (session->kept_size > 2 && session->kept[0] == 0 && session->kept[1] == 0) {
        return judge_kept_key(&session->endpoint->config,
                              lwsec_bytes_of(&session->kept[2], session->kept_size - 2), reason);
    }
    while (lwsec_reader_left(&reader) > 0 && count < LWSEC_CERT_CHAIN_MAX) {
        const size_t size = (size_t)lwsec_reader_uint(&reader, 2);
        chain[count++] = lwsec_reader_take(&reader, size);
    }
    if (lwsec_reader_finish(&reader, NULL) != LWSEC_OK || count == 0) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    return lwsec_dtls_verify(session->endpoint, session->endpoint->engine->certificates(), chain,
                             count, reason);
}

/* ---- The fingerprint: a chain of digests, one link for each value ---- */

typedef struct links {
    const lwsec_cert_engine *engine;
    uint8_t digest[LWSEC_CERT_DIGEST_MAX];
    bool failed;
} links;

#define SHA256_BITS 256U
#define SHA256_SIZE 32U

static void add(links *self, lwsec_bytes value)
{
    uint8_t pair[2 * SHA256_SIZE], digest[LWSEC_CERT_DIGEST_MAX];

    self->failed = self->failed || !self->engine->digest(SHA256_BITS, value, digest);
    if (!self->failed) {
        memcpy(pair, self->digest, SHA256_SIZE);
        memcpy(&pair[SHA256_SIZE], digest, SHA256_SIZE);
        self->failed =
            !self->engine->digest(SHA256_BITS, lwsec_bytes_of(pair, sizeof pair), self->digest);
    }
    lwsec_wipe(digest, sizeof digest);
    lwsec_wipe(pair, sizeof pair);
}

static void add_number(links *self, uint64_t number)
{
    uint8_t bytes[8];
    lwsec_writer writer = lwsec_writer_of(bytes, sizeof bytes);

    lwsec_writer_uint(&writer, number, sizeof bytes);
    add(self, lwsec_bytes_of(bytes, sizeof bytes));
}

static void add_list(links *self, const lwsec_bytes *list, size_t count)
{
    add_number(self, count);
    for (size_t i = 0; i < count; i++) {
        add(self, list[i]);
    }
}

/* Of a handle, what its store derives from a seed that no handshake has: 64 or 32 bytes there. */
static lwsec_status add_handle(links *self, lwsec_bytes placeholder)
{
    static const char seed[] = "lwsec fingerprint";
    uint8_t master[48];
    lwsec_key key;

    memcpy(&key, placeholder.data + LWSEC_DTLS_PLACEHOLDER_SIZE, sizeof key);
    const lwsec_status status =
        lwsec_key_at_once(key, lwsec_key_tls12_psk_master(key, LWSEC_ALG_HMAC_256,
                                                          lwsec_bytes_of(seed, sizeof seed - 1),
                                                          master, sizeof master));
    add(self, lwsec_bytes_of(master, sizeof master));
    lwsec_wipe(master, sizeof master);
    return status;
}

static lwsec_status add_psk(links *self, const lwsec_dtls_endpoint *endpoint, lwsec_bytes identity)
{
    uint8_t bytes[LWSEC_DTLS_PSK_MAX];
    lwsec_buffer secret = lwsec_buffer_of(bytes, sizeof bytes);

    lwsec_status status = lwsec_dtls_psk_of(endpoint, identity, &secret);
    add(self, identity);
    if (status == LWSEC_OK && endpoint->config.psk_key != NULL) {
        status = add_handle(self, lwsec_buffer_bytes(&secret));
    } else if (status == LWSEC_OK) {
        add(self, lwsec_buffer_bytes(&secret));
    }
    lwsec_wipe(bytes, sizeof bytes);
    return status;
}

/* All that the own end may show; a raw public key alone where there is no certificate. */
static void add_own(links *self, const lwsec_dtls_config *config)
{
    uint8_t point[65] = {0};

    add_list(self, config->chain, config->chain_count);
    add_number(self, config->more_count);
    for (size_t i = 0; i < config->more_count; i++) {
        add(self, config->more[i].chain[0]);
    }
    self->failed |= lwsec_key_at_once(config->key, lwsec_key_public(config->key, point,
                                                                    sizeof point)) != LWSEC_OK;
    add(self, lwsec_bytes_of(point, sizeof point));
}

static void add_check(links *self, const lwsec_cert_check *check)
{
    add_number(self, check->usage);
    add_number(self, check->matching);
    add_number(self, check->policy);
    add_number(self, check->intermediates);
    add(self, check->association);
    add_list(self, check->trust, check->trust_count);
    add_number(self, check->reference.kind);
    add(self, check->reference.name);
    add(self, lwsec_bytes_of(check->reference.address, check->reference.address_size));
}

lwsec_status lwsec_dtls_fingerprint(const lwsec_dtls_endpoint *endpoint, lwsec_bytes identity,
                                    uint8_t out[LWSEC_DTLS_FINGERPRINT])
{
    const lwsec_dtls_config *config = &endpoint->config;
    links self = {.engine = endpoint->engine->certificates()};
    uint16_t list[LWSEC_DTLS_SUITES];
    lwsec_status status = LWSEC_OK;

    add_number(&self, config->role);
    const size_t suites = lwsec_dtls_suites(config, list);
    add_number(&self, suites);
    for (size_t i = 0; i < suites; i++) {
        add_number(&self, list[i]);
    }
    add_number(&self, config->cid);
    add_number(&self, config->cid_size);
    add(&self, config->server_name);
    add(&self, config->identity);
    if (identity.size > 0) {
        status = lwsec_dtls_has_psk(config) ? add_psk(&self, endpoint, identity) : LWSEC_ABSENT;
    } else {
        add_own(&self, config);
        add(&self, config->server_key);
        if (config->chain_count > 0) {
            add_check(&self, config->check);
        }
    }
    memcpy(out, self.digest, LWSEC_DTLS_FINGERPRINT);
    lwsec_wipe(&self, sizeof self);
    return status == LWSEC_OK && self.failed ? LWSEC_ENGINE : status;
}

/* ---- The head of all that is kept ---- */

/* The first byte. */
#define FORMAT 1U

lwsec_bytes lwsec_dtls_psk_identity(const lwsec_dtls *session)
{
    return lwsec_bytes_of(session->identity, session->identity_size);
}

lwsec_status lwsec_dtls_write_head(const lwsec_dtls *session, lwsec_writer *writer)
{
    const lwsec_bytes identity = lwsec_dtls_psk_identity(session);
    uint8_t print[LWSEC_DTLS_FINGERPRINT];
    const lwsec_status status = lwsec_dtls_fingerprint(session->endpoint, identity, print);

    lwsec_writer_u8(writer, FORMAT);
    lwsec_writer_bytes(writer, lwsec_bytes_of(print, sizeof print));
    lwsec_writer_u8(writer, (uint8_t)identity.size);
    lwsec_writer_bytes(writer, identity);
    lwsec_writer_uint(writer, session->kept_size, 2);
    lwsec_writer_bytes(writer, lwsec_bytes_of(session->kept, session->kept_size));
    return status;
}

/* Nothing but the time may be another one, and the peer's certificates hold at that time too. */
static lwsec_status check_same(lwsec_dtls *session, lwsec_bytes print, lwsec_reason *reason)
{
    uint8_t now[LWSEC_DTLS_FINGERPRINT];
    const lwsec_status status =
        lwsec_dtls_fingerprint(session->endpoint, lwsec_dtls_psk_identity(session), now);

    if (status != LWSEC_OK || !lwsec_dtls_is_kept(session) ||
        !lwsec_equal_secret(print, lwsec_bytes_of(now, sizeof now))) {
        return lwsec_refuse(LWSEC_REJECT, LWSEC_WHY_DTLS_CHANGED, 0, reason);
    }
    return session->kept_size > 0 ? lwsec_dtls_judge_kept(session, reason) : LWSEC_OK;
}

lwsec_status lwsec_dtls_read_head(lwsec_dtls *session, lwsec_reader *reader, lwsec_reason *reason)
{
    const uint8_t format = lwsec_reader_u8(reader);
    const lwsec_bytes print = lwsec_reader_take(reader, LWSEC_DTLS_FINGERPRINT);
    const lwsec_bytes identity = lwsec_reader_take(reader, lwsec_reader_u8(reader));
    const lwsec_bytes kept = lwsec_reader_take(reader, (size_t)lwsec_reader_uint(reader, 2));
    const size_t room = session->kept != NULL ? LWSEC_DTLS_KEPT : 0;

    if (lwsec_reader_failed(reader) || format != FORMAT ||
        identity.size > LWSEC_DTLS_IDENTITY_MAX || kept.size > room) {
        return lwsec_refuse(LWSEC_STATE, LWSEC_WHY_STATE_FOREIGN, 0, reason);
    }
    session->identity_size = identity.size;
    session->kept_size = kept.size;
    if (identity.size > 0) {
        memcpy(session->identity, identity.data, identity.size);
    }
    if (kept.size > 0) {
        memcpy(session->kept, kept.data, kept.size);
    }
    return check_same(session, print, reason);
}
