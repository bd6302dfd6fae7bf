/* DTLS endpoints of servers: whom an account file lets in. */
#include "dtls.h"

#include <lwsec/raw_key.h>

#include <stdlib.h>
#include <string.h>

/* Sessions that clients may resume; they are forgotten when the server ends. */
#define REMEMBERED ((size_t)64)

/* What a server's file is read into. */
typedef struct reading {
    cli_dtls *to;
    size_t used; /* of `room` */
    lwsec_key own;
    lwsec_bytes chain; /* own certificates, as the file has them */
} reading;

/* ---- Pre-shared keys ---- */

static const cli_dtls_peer *find(const cli_dtls *self, lwsec_bytes identity)
{
    for (size_t i = 0; i < self->peer_count; i++) {
        const cli_dtls_peer *peer = &self->peers[i];
        if (peer->identity.size == identity.size &&
            memcmp(peer->identity.data, identity.data, identity.size) == 0) {
            return peer;
        }
    }
    return NULL;
}

lwsec_status cli_dtls_give_psk(void *self, lwsec_bytes identity, lwsec_buffer *secret)
{
    const cli_dtls_peer *peer = find(self, identity);

    if (peer == NULL || peer->psk.size > secret->capacity) {
        return LWSEC_ABSENT;
    }
    memcpy(secret->data, peer->psk.data, peer->psk.size);
    secret->size = peer->psk.size;
    return LWSEC_OK;
}

lwsec_status cli_dtls_give_key(void *self, lwsec_bytes identity, lwsec_key *key)
{
    const cli_dtls_peer *peer = find(self, identity);

    if (peer == NULL) {
        return LWSEC_ABSENT;
    }
    *key = peer->key;
    return LWSEC_OK;
}

int cli_dtls_add_peer(cli_dtls *self, lwsec_bytes identity, cli_bytes *psk)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_PSK, LWSEC_USE_PSK, {NULL, 0}};
    cli_dtls_peer *table = cli_allocate((self->peer_count + 1) * sizeof *table);
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};

    if (self->peer_count > 0) {
        memcpy(table, self->peers, self->peer_count * sizeof *table);
    }
    free(self->peers);
    self->peers = table;
    cli_dtls_peer *made = &table[self->peer_count++];
    made->identity = identity;
    made->psk = *psk;
    *psk = (cli_bytes){NULL, 0};
    if (made->psk.size > LWSEC_DTLS_PSK_MAX || identity.size > LWSEC_DTLS_IDENTITY_MAX ||
        identity.size == 0) {
        return cli_refuse("an identity has 1 to 128 bytes, a pre-shared key up to 64");
    }
    const lwsec_status status =
        lwsec_key_import(self->store, &attributes, cli_view(&made->psk), &made->key);
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &none);
}

/* ---- A server's file ---- */

static lwsec_value value_of(const reading *of, uint16_t instance, uint16_t resource)
{
    lwsec_value value = {.type = LWSEC_VALUE_NONE};

    if (lwsec_accounts_get(of->to->file.accounts,
                           lwsec_path_of(LWSEC_OBJECT_SECURITY, instance, resource),
                           &value) != LWSEC_OK) {
        value = (lwsec_value){.type = LWSEC_VALUE_NONE};
    }
    return value;
}

static int complain(uint16_t instance, const char *text)
{
    char what[32];

    (void)snprintf(what, sizeof what, "account file: /0/%u", instance);
    return cli_error(what, text);
}

static int take_client(const reading *of, uint16_t instance)
{
    const lwsec_bytes identity = value_of(of, instance, LWSEC_SECURITY_IDENTITY).bytes;
    const lwsec_value secret = value_of(of, instance, LWSEC_SECURITY_SECRET);
    cli_bytes psk = {NULL, secret.bytes.size};

    if (identity.size == 0 || secret.bytes.size == 0 || secret.type == LWSEC_VALUE_KEY) {
        return complain(instance, "a client needs identity (3) and key (5)");
    }
    if (find(of->to, identity) != NULL) {
        return complain(instance, "this identity is there already");
    }
    psk.data = cli_allocate(psk.size);
    memcpy(psk.data, secret.bytes.data, psk.size);
    return cli_dtls_add_peer(of->to, identity, &psk);
}

/* One thing out of PEM, or as it is. */
static bool decode(reading *of, lwsec_bytes value, const char *label, lwsec_bytes *der)
{
    lwsec_buffer out = lwsec_buffer_of(&of->to->room.data[of->used], of->to->room.size - of->used);
    size_t position = 0;
    const lwsec_status status = lwsec_pem_next(value, label, &position, &out, NULL);

    *der = status == LWSEC_OK ? lwsec_buffer_bytes(&out) : value;
    of->used += out.size;
    return status == LWSEC_OK || status == LWSEC_ABSENT;
}

/* The one pair of a server: for its certificates, or as a raw public key. */
static int take_own(reading *of, uint16_t instance, lwsec_bytes shown, lwsec_bytes secret)
{
    lwsec_bytes der;
    lwsec_reason reason;

    if (of->own.store != NULL) {
        return complain(instance, "a server has one key of its own, and there is one already");
    }
    if (shown.size == 0 || !decode(of, secret, "PRIVATE KEY", &der) ||
        lwsec_private_key_import(of->to->store, der, &of->own, &reason) != LWSEC_OK) {
        return complain(instance,
                        "a server needs what it shows (3), and the key of that (5) on P-256, "
                        "PKCS #8");
    }
    return CLI_DONE;
}

static int take_certificates(reading *of, uint16_t instance)
{
    const lwsec_bytes chain = value_of(of, instance, LWSEC_SECURITY_IDENTITY).bytes;
    const lwsec_bytes secret = value_of(of, instance, LWSEC_SECURITY_SECRET).bytes;
    const lwsec_bytes anchor = value_of(of, instance, LWSEC_SECURITY_SERVER_KEY).bytes;
    const lwsec_value usage = value_of(of, instance, LWSEC_SECURITY_USAGE);
    int answer = CLI_DONE;

    if (usage.type != LWSEC_VALUE_NONE && usage.unsigned_integer != LWSEC_CERT_TRUST_ANCHOR) {
        return complain(instance, "of clients, resource 4 is a trust anchor: usage 2");
    }
    if (chain.size > 0 || secret.size > 0) {
        answer = take_own(of, instance, chain, secret);
        of->chain = chain;
    }
    if (answer == CLI_DONE && anchor.size > 0 &&
        !decode(of, anchor, "CERTIFICATE", &of->to->anchors[of->to->anchor_count++])) {
        return complain(instance, "the trust anchor (4) is malformed");
    }
    return answer;
}

/* R-5.2.9.2-15: the keys of clients are stored, and compared. */
static int take_raw_keys(reading *of, uint16_t instance)
{
    const lwsec_bytes shown = value_of(of, instance, LWSEC_SECURITY_IDENTITY).bytes;
    const lwsec_bytes secret = value_of(of, instance, LWSEC_SECURITY_SECRET).bytes;
    const lwsec_bytes client = value_of(of, instance, LWSEC_SECURITY_SERVER_KEY).bytes;
    int answer = CLI_DONE;

    if (shown.size > 0 || secret.size > 0) {
        answer = take_own(of, instance, shown, secret);
    }
    if (answer == CLI_DONE && client.size > 0 &&
        !decode(of, client, "PUBLIC KEY", &of->to->raw_keys[of->to->raw_key_count++])) {
        return complain(instance, "the client's raw public key (4) is malformed");
    }
    return answer;
}

static lwsec_status know_raw_key(void *argument, lwsec_bytes key)
{
    const cli_dtls *self = argument;
    lwsec_reason reason;

    return lwsec_raw_key_verify(key, self->raw_keys, self->raw_key_count, NULL, &reason);
}

static int take_instance(reading *of, uint16_t instance)
{
    const lwsec_value mode = value_of(of, instance, LWSEC_SECURITY_MODE);

    if (mode.type == LWSEC_VALUE_NONE) {
        return complain(instance, "the mode (2) is missing");
    }
    switch (mode.integer) {
    case LWSEC_MODE_PSK: return take_client(of, instance);
    case LWSEC_MODE_CERTIFICATE: return take_certificates(of, instance);
    case LWSEC_MODE_RPK: return take_raw_keys(of, instance);
    default: return cli_refuse("a server lets in by mode 0, 1 and 2");
    }
}

static int take_all(reading *of)
{
    size_t position = 0, size = 0, instances = 0;
    uint32_t last = LWSEC_PATH_NONE;
    int answer = CLI_DONE;
    lwsec_path path;
    lwsec_value value;

    while (lwsec_accounts_next(of->to->file.accounts, &position, &path, &value)) {
        size += value.bytes.size;
        instances++;
    }
    of->to->room.data = cli_allocate(size + 1);
    of->to->room.size = size + 1;
    of->to->anchors = cli_allocate((instances + 1) * sizeof *of->to->anchors);
    of->to->raw_keys = cli_allocate((instances + 1) * sizeof *of->to->raw_keys);
    position = 0;
    while (answer == CLI_DONE &&
           lwsec_accounts_next(of->to->file.accounts, &position, &path, &value)) {
        if (path.object == LWSEC_OBJECT_SECURITY && path.instance != last) {
            last = path.instance;
            answer = take_instance(of, path.instance);
        }
    }
    return answer;
}

/* ---- The endpoint ---- */

/* Splits the own certificates as those of a client. */
static int split(const reading *of, cli_bytes *room)
{
    cli_dtls *self = of->to;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    room->size = of->chain.size + 1;
    room->data = cli_allocate(room->size);
    self->session = (lwsec_session_description){.size = sizeof self->session,
                                                .mode = LWSEC_MODE_CERTIFICATE,
                                                .datagrams = true,
                                                .identity = of->chain,
                                                .key = of->own,
                                                .usage = LWSEC_CERT_TRUST_ANCHOR,
                                                .server_key = of->chain,
                                                .matching = LWSEC_CERT_SHA256,
                                                .host = lwsec_bytes_of("server", 6)};
    const lwsec_account_dtls_input input = {.size = sizeof input,
                                            .session = &self->session,
                                            .room = lwsec_buffer_of(room->data, room->size)};
    const lwsec_status status =
        lwsec_account_dtls_make(self->engine->dtls(), &input, &self->made, &reason);
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &reason);
}

/* R-5.2.4-08: by pre-shared key, raw public key, certificate, or all of them, on one port.
 * R-5.1-03, R-5.1-05: nobody without.
 */
static int configure(const reading *of)
{
    cli_dtls *self = of->to;
    const bool handles =
        (lwsec_dtls_capabilities(self->engine->dtls()) & LWSEC_DTLS_PSK_HANDLE) != 0;
    lwsec_dtls_config config = {.size = sizeof config, .role = LWSEC_DTLS_SERVER, .argument = self};

    if (self->peer_count > 0) {
        config.psk = handles ? NULL : cli_dtls_give_psk;
        config.psk_key = handles ? cli_dtls_give_key : NULL;
    }
    config.key = of->own;
    if (self->raw_key_count > 0) {
        config.raw_key = know_raw_key;
    }
    if (of->chain.size > 0) {
        if (self->anchor_count == 0) {
            return cli_refuse("no trust anchor (4) for the certificates of clients");
        }
        self->check = (lwsec_cert_check){.size = sizeof self->check,
                                         .trust = self->anchors,
                                         .trust_count = self->anchor_count,
                                         .usage = LWSEC_CERT_PKIX,
                                         .role = LWSEC_CERT_OF_CLIENT,
                                         .reference = {.kind = LWSEC_CERT_REFERENCE_NONE},
                                         .policy = LWSEC_CERT_POLICY_LWM2M};
        config.chain = self->made.chain;
        config.chain_count = self->made.config.chain_count;
        config.check = &self->check;
        config.clock = cli_dtls_time;
    }
    config.flags = LWSEC_DTLS_ALLOW_RESUME;
    config.resume_size = REMEMBERED * LWSEC_DTLS_RESUME_X509;
    config.resume = self->remembered = cli_allocate(config.resume_size);
    return cli_dtls_open_endpoint(self, &config);
}

static int open_file(cli_dtls *self, cli_bytes *room)
{
    reading of = {.to = self};
    int answer = cli_account_read(self->account, 0, &self->file);

    if (answer == CLI_DONE) {
        answer = take_all(&of);
    }
    if (answer == CLI_DONE && of.chain.size > 0) {
        answer = split(&of, room);
    }
    return answer == CLI_DONE ? configure(&of) : answer;
}

static int open_psk(cli_dtls *self)
{
    const reading of = {.to = self};
    const int answer = cli_dtls_add_peer(
        self, lwsec_bytes_of(self->psk_identity, strlen(self->psk_identity)), &self->psk);

    return answer == CLI_DONE ? configure(&of) : answer;
}

int cli_dtls_open_server(cli_dtls *self)
{
    const int answer = cli_dtls_open_store(self);

    if (answer != CLI_DONE) {
        return answer;
    }
    return self->account != NULL ? open_file(self, &self->own) : open_psk(self);
}
