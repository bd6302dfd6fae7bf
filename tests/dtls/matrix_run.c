/* A handshake for each mode and case of tests/matrix-expected.tsv. */
#include "tests/dtls/matrix.h"

#define BARE "no-client-credential"

static const char *const modes[] = {"psk",    "rpk",    "x509-0", "x509-1",
                                    "x509-2", "x509-3", "mode-4", NULL};
static const char *const faults_of_psk[] = {"success", "wrong-key", "unknown-identity", BARE, NULL};
static const char *const faults_of_x509[] = {"success",
                                             "wrong-key",
                                             "wrong-name",
                                             "expired",
                                             "unknown-ca",
                                             "empty-store",
                                             "revoked",
                                             "not-revoked",
                                             BARE,
                                             "client-wrong-name",
                                             "client-expired",
                                             "client-unknown-ca",
                                             "client-revoked",
                                             "client-not-revoked",
                                             "stapled-revoked",
                                             "stapled-good",
                                             NULL};

const char *matrix_mode(size_t index)
{
    return modes[index];
}

static bool is(const char *one, const char *other)
{
    return strcmp(one, other) == 0;
}

const char *matrix_fault(const char *mode, size_t index)
{
    return is(mode, "psk") || is(mode, "rpk") ? faults_of_psk[index] : faults_of_x509[index];
}

/* A handshake that is to be. */
typedef struct matrix_plan {
    const char *mode, *fault;
    kit pair;
    lwsec_bytes list; /* of revoked certificates */
} matrix_plan;

/* ---- PSK ---- */

/* Instead of its certificates the server has a PSK. */
static void has_psk_alone(kit_side *server)
{
    kit other;

    kit_init(&other, server->kind, server->kind, "psk");
    server->config.psk = other.server.config.psk;
    server->psk = other.server.psk;
    server->psk_identity = other.server.psk_identity;
    server->psk_identity_size = other.server.psk_identity_size;
    server->config.chain_count = 0;
    server->config.check = NULL;
    kit_close(&other);
}

static void set_psk(matrix_plan *plan, const kit_engine *client, const kit_engine *server)
{
    kit_init(&plan->pair, client, server, is(plan->fault, BARE) ? "x509" : "psk");
    if (is(plan->fault, "wrong-key")) {
        plan->pair.server.psk = lwsec_bytes_of("0123456789abcdeX", 16);
    } else if (is(plan->fault, "unknown-identity")) {
        plan->pair.server.psk_identity = "somebody-1";
    } else if (is(plan->fault, BARE)) {
        has_psk_alone(&plan->pair.server);
    }
}

/* ---- Raw public keys ---- */

static void set_raw_keys(matrix_plan *plan, const kit_engine *client, const kit_engine *server)
{
    kit_init(&plan->pair, client, server, "rpk");
    if (is(plan->fault, "wrong-key")) {
        plan->pair.client.config.server_key = kit_raw_key("client");
    } else if (is(plan->fault, "unknown-identity")) {
        plan->pair.server.raw_key = kit_raw_key("server");
    }
}

/* ---- X.509 ---- */

static void trust(kit_side *side, const char *name)
{
    side->trust[0] = kit_certificate(name);
    side->check.trust = side->trust;
    side->check.trust_count = 1;
}

static void set_list(matrix_plan *plan, kit_side *side, const char *name)
{
    plan->list = kit_certificate(name);
    side->check.crls = &plan->list;
    side->check.crl_count = 1;
}

/* Server Public Key for a server with this certificate. */
static const char *association(lwsec_cert_usage usage, const char *server)
{
    return usage == LWSEC_CERT_CA_CONSTRAINT  ? "inter"
           : usage == LWSEC_CERT_TRUST_ANCHOR ? "root"
                                              : server;
}

static lwsec_cert_usage usage_of(const char *mode)
{
    return is(mode, "mode-4") ? LWSEC_CERT_TRUST_ANCHOR
                              : (lwsec_cert_usage)(mode[strlen(mode) - 1] - '0');
}

static void set_reference(kit_side *side, lwsec_cert_reference_kind kind, const char *name)
{
    side->check.reference.kind = kind;
    side->check.reference.name = lwsec_bytes_of(name, strlen(name));
}

/* The argument is the side, so each response has a callback of its own. */
static lwsec_status staple_revoked(void *argument, lwsec_bytes certificate, lwsec_bytes *response)
{
    (void)argument;
    (void)certificate;
    *response = kit_certificate("ocsp-revoked");
    return LWSEC_OK;
}

static lwsec_status staple_good(void *argument, lwsec_bytes certificate, lwsec_bytes *response)
{
    (void)argument;
    (void)certificate;
    *response = kit_certificate("ocsp-good");
    return LWSEC_OK;
}

static void set_staple(kit_side *client, kit_side *server, lwsec_dtls_staple staple)
{
    server->config.staple = staple;
    client->config.flags |= LWSEC_DTLS_ASK_STATUS;
    client->check.policy |= LWSEC_CERT_NEED_STATUS;
}

static void set_server(matrix_plan *plan)
{
    kit_side *client = &plan->pair.client, *server = &plan->pair.server;
    const lwsec_cert_usage usage = usage_of(plan->mode);
    const char *name = is(plan->fault, "expired")      ? "server-expired"
                       : is(plan->fault, "unknown-ca") ? "server-unknown"
                                                       : "server";
    const char *key = association(usage, name);

    kit_identity(server, name, "inter");
    if (is(plan->fault, "wrong-key")) {
        const bool anchor = usage == LWSEC_CERT_CA_CONSTRAINT || usage == LWSEC_CERT_TRUST_ANCHOR;
        key = anchor ? "other-root" : "server-expired";
    }
    client->check.usage = usage;
    client->check.association = kit_certificate(key);
    trust(client, "root");
    if (is(plan->fault, "empty-store")) {
        client->check.trust_count = 0;
    }
    if (is(plan->fault, "wrong-name")) {
        set_reference(client, LWSEC_CERT_REFERENCE_DNS, "wrong.example");
    }
    if (is(plan->fault, "revoked") || is(plan->fault, "not-revoked")) {
        set_list(plan, client, is(plan->fault, "revoked") ? "crl-inter" : "crl-inter-empty");
    }
    if (is(plan->fault, "stapled-revoked") || is(plan->fault, "stapled-good")) {
        const bool good = is(plan->fault, "stapled-good");
        set_staple(client, server, good ? staple_good : staple_revoked);
    }
}

/* What the client has: from the factory, or enrolled. */
static void set_client(matrix_plan *plan)
{
    kit_side *client = &plan->pair.client, *server = &plan->pair.server;
    const bool enrolled = is(plan->mode, "mode-4");
    const char *name = enrolled ? "enrolled" : "client";

    if (is(plan->fault, "client-expired")) {
        name = enrolled ? "enrolled-expired" : "client-expired";
    } else if (is(plan->fault, "client-unknown-ca")) {
        name = enrolled ? "client" : "client-unknown";
    }
    kit_identity(client, name, is(name, "client") ? "inter" : NULL);
    if (is(name, "client-expired")) {
        kit_identity(client, name, "inter");
    }
    trust(server, enrolled ? "operator-root" : "root");
    set_reference(server, LWSEC_CERT_REFERENCE_ENDPOINT,
                  is(plan->fault, "client-wrong-name") ? "endpoint-2" : "endpoint-1");
    if (is(plan->fault, "client-revoked")) {
        set_list(plan, server, enrolled ? "crl-operator" : "crl-inter");
    } else if (is(plan->fault, "client-not-revoked")) {
        set_list(plan, server, enrolled ? "crl-operator-empty" : "crl-inter-empty");
    }
}

static void set_x509(matrix_plan *plan, const kit_engine *client, const kit_engine *server)
{
    kit_init(&plan->pair, client, server, "x509");
    set_server(plan);
    set_client(plan);
}

/* ---- What came of it ---- */

static void say(char out[32], const char *word)
{
    (void)snprintf(out, 32, "%s", word);
}

static void tell(const kit_side *side, char out[32])
{
    assert_in_range(side->alerts, 0, 1);
    assert_false(side->alert.authenticated);
    if (!lwsec_dtls_is_bound(side->session)) {
        say(out, "listens");
    } else if (side->done) {
        say(out, side->closed ? "done and closed" : "done");
    } else if (!side->closed) {
        say(out, "waits");
    } else if (side->alerts == 0) {
        say(out, "none");
    } else {
        (void)snprintf(out, 32, "%s:%u", side->alert.sent ? "sent" : "received",
                       side->alert.number);
    }
}

static void shake_hands(kit *pair, matrix_result *result)
{
    kit_open(pair);
    kit_run(pair);
    tell(&pair->client, result->at_client);
    tell(&pair->server, result->at_server);
    if (is(result->at_client, "done") && is(result->at_server, "done")) {
        kit_check_works(pair);
    }
}

static void feed(kit_side *server, lwsec_bytes datagram)
{
    lwsec_reason reason;

    if (datagram.size > 0) {
        assert_status(lwsec_dtls_feed(server->session, datagram, lwsec_bytes_of("bare:1", 6),
                                      kit_now, &reason),
                      LWSEC_OK);
    }
    kit_collect(server);
}

/* The client of the pair is not used: another one comes to the server. */
static void shake_hands_bare(kit *pair, bool raw_keys, matrix_result *result)
{
    uint8_t sent[KIT_MTU], answer[KIT_MTU];
    lwsec_buffer out = lwsec_buffer_of(sent, sizeof sent), in = lwsec_buffer_of(answer, KIT_MTU);
    bare *client = bare_open(pair->client.kind->name, raw_keys);

    kit_open(pair);
    bare_feed(client, lwsec_bytes_of(NULL, 0), &out);
    for (unsigned turn = 0; turn < 16 && !pair->server.closed; turn++) {
        feed(&pair->server, lwsec_buffer_bytes(&out));
        out.size = 0;
        while (lwsec_dtls_take(pair->server.session, &in) == LWSEC_OK) {
            bare_feed(client, lwsec_buffer_bytes(&in), &out);
        }
    }
    tell(&pair->server, result->at_server);
    say(result->at_client, "none");
    if (bare_alert(client) >= 0) {
        (void)snprintf(result->at_client, 32, "received:%d", bare_alert(client));
    }
    bare_close(client);
}

/* Whether an engine takes the configuration; alone, as the other one's may not open. */
static bool opens(kit_side *side, char out[32])
{
    lwsec_reason reason;
    const lwsec_status status = kit_endpoint(side, &reason);

    if (status == LWSEC_OK) {
        lwsec_dtls_endpoint_close(&side->endpoint);
    }
    say(out, status == LWSEC_OK            ? "able"
             : status == LWSEC_UNSUPPORTED ? "UNSUPPORTED"
                                           : lwsec_status_name(status));
    return status == LWSEC_OK;
}

matrix_result matrix_run(const char *mode, const char *fault, const kit_engine *client,
                         const kit_engine *server)
{
    matrix_plan plan = {.mode = mode, .fault = fault};
    matrix_result result;

    if (is(mode, "psk")) {
        set_psk(&plan, client, server);
    } else if (is(mode, "rpk")) {
        set_raw_keys(&plan, client, server);
    } else {
        set_x509(&plan, client, server);
    }
    const bool client_opens = opens(&plan.pair.client, result.at_client);
    const bool server_opens = opens(&plan.pair.server, result.at_server);
    if (client_opens && server_opens) {
        if (is(fault, BARE) && !is(mode, "psk")) {
            shake_hands_bare(&plan.pair, is(mode, "rpk"), &result);
        } else {
            shake_hands(&plan.pair, &result);
        }
    }
    kit_close(&plan.pair);
    return result;
}
