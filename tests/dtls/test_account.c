/* From an account, provisioned and loaded, to a handshake: every usage, and every refusal. */
#include "tests/dtls/kit.h"

#include <lwsec/account_dtls.h>
#include <lwsec/account_store.h>
#include <lwsec/state_memory.h>

#define SLOTS 8U

/* A client's program: its accounts in force, their keys in a store of the engine. */
typedef struct program {
    const kit_engine *kind;
    lwsec_store *store;
    void *store_memory;
    lwsec_state *records;
    lwsec_provisioning *provisioning;
    lwsec_accounts *accounts;
    uint64_t record_memory[LWSEC_STATE_MEMORY_SIZE(16, 1024) / 8];
    uint64_t memory[LWSEC_PROVISIONING_SIZE / 8];
    uint64_t account_memory[LWSEC_ACCOUNTS_SIZE(8192) / 8];
    lwsec_session_description session;
    lwsec_account_dtls_input input;
    lwsec_account_dtls made;
    uint8_t room[4096];
    lwsec_bytes trust[1];
} program;

static program box;

/* ---- Values ---- */

static lwsec_bytes text(const char *of)
{
    return lwsec_bytes_of(of, strlen(of));
}

static void set(uint16_t resource, lwsec_value value)
{
    lwsec_path path = lwsec_path_of(LWSEC_OBJECT_SECURITY, 0, resource);
    lwsec_reason reason;

    if (resource == LWSEC_SECURITY_SUITES || resource == LWSEC_SECURITY_GROUPS ||
        resource == LWSEC_SECURITY_SIGNATURES) {
        lwsec_value other;
        path.resource_instance = 0;
        while (lwsec_accounts_get(box.accounts, path, &other) == LWSEC_OK) {
            path.resource_instance++;
        }
    }
    value.type = (lwsec_value_type)lwsec_resource_find(path.object, 0, resource)->type;
    assert_status(lwsec_accounts_set(box.accounts, path, &value, &reason), LWSEC_OK);
}

static void set_bytes(uint16_t resource, lwsec_bytes bytes)
{
    set(resource, (lwsec_value){.bytes = bytes});
}

static void set_number(uint16_t resource, int64_t number)
{
    set(resource, (lwsec_value){.integer = number, .unsigned_integer = (uint64_t)number});
}

/* Flags as of a device whose Server object somebody else keeps. */
static void begin(const kit_engine *kind)
{
    const lwsec_accounts_config accounts = {.size = sizeof accounts,
                                            .flags = (uint32_t)LWSEC_ACCOUNTS_WEAK_SECRETS |
                                                     (uint32_t)LWSEC_ACCOUNTS_NO_SERVERS};
    lwsec_provisioning_config config = {.size = sizeof config, .flags = LWSEC_PROVISIONING_SEALED};

    memset(&box, 0, sizeof box);
    box.kind = kind;
    box.store_memory = malloc(kind->store_size(SLOTS));
    assert_status(kind->store_open(box.store_memory, kind->store_size(SLOTS), SLOTS, &box.store),
                  LWSEC_OK);
    assert_status(lwsec_state_memory_open(box.record_memory, sizeof box.record_memory, 16, 1024,
                                          &box.records),
                  LWSEC_OK);
    config.state = box.records;
    config.store = box.store;
    assert_status(
        lwsec_provisioning_open(box.memory, sizeof box.memory, &config, &box.provisioning),
        LWSEC_OK);
    assert_status(lwsec_accounts_init(box.account_memory, sizeof box.account_memory, &accounts,
                                      &box.accounts),
                  LWSEC_OK);
    assert_status(lwsec_provisioning_begin(box.provisioning, box.accounts, 0, NULL), LWSEC_OK);
    set_bytes(LWSEC_SECURITY_URI, text("coaps://server.example"));
    set_number(LWSEC_SECURITY_BOOTSTRAP, 0);
    set_number(LWSEC_SECURITY_SSID, 101);
}

static void begin_psk(const kit_engine *kind)
{
    begin(kind);
    set_number(LWSEC_SECURITY_MODE, LWSEC_MODE_PSK);
    set_bytes(LWSEC_SECURITY_IDENTITY, text("endpoint-1"));
    set_bytes(LWSEC_SECURITY_SECRET, text("0123456789abcdef"));
}

/* RFC 5958 around a scalar of P-256. */
static lwsec_bytes private_key(lwsec_bytes scalar)
{
    static const char head[] = "\x30\x41\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"
                               "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x04\x27\x30\x25\x02\x01"
                               "\x01\x04\x20";
    static uint8_t der[sizeof head - 1 + 32];

    memcpy(der, head, sizeof head - 1);
    memcpy(&der[sizeof head - 1], scalar.data, 32);
    return lwsec_bytes_of(der, sizeof der);
}

/* Certificates one behind the other. */
static lwsec_bytes chain_of(lwsec_bytes one, lwsec_bytes other, size_t times)
{
    static uint8_t der[16384];
    size_t size = one.size;

    memcpy(der, one.data, one.size);
    for (size_t i = 0; i < times; i++) {
        assert_true(size + other.size <= sizeof der);
        memcpy(&der[size], other.data, other.size);
        size += other.size;
    }
    return lwsec_bytes_of(der, size);
}

static void begin_certificate(const kit_engine *kind, int64_t usage, const char *association)
{
    begin(kind);
    set_number(LWSEC_SECURITY_MODE, LWSEC_MODE_CERTIFICATE);
    set_bytes(LWSEC_SECURITY_IDENTITY,
              chain_of(kit_certificate("client"), kit_certificate("inter"), 1));
    set_bytes(LWSEC_SECURITY_SECRET, private_key(kit_scalar("client")));
    set_bytes(LWSEC_SECURITY_SERVER_KEY, kit_certificate(association));
    set_number(LWSEC_SECURITY_USAGE, usage);
}

/* ---- In force ---- */

static lwsec_status give_psk(void *argument, lwsec_bytes identity, lwsec_buffer *secret)
{
    assert_ptr_equal(argument, &box);
    assert_bytes(identity, text("endpoint-1"));
    memcpy(secret->data, "0123456789abcdef", 16);
    secret->size = 16;
    return LWSEC_OK;
}

static void load(void)
{
    lwsec_finding found[4];
    size_t count = 0;
    lwsec_reason reason;

    const lwsec_status status =
        lwsec_provisioning_commit(box.provisioning, box.accounts, found, 4, &count, &reason);
    for (size_t i = 0; status != LWSEC_OK && i < count && i < 4; i++) {
        print_error("%s /0/0/%u %s\n", found[i].requirement, found[i].resource, found[i].text);
    }
    assert_status(status, LWSEC_OK);
    assert_status(lwsec_provisioning_load(box.provisioning, box.accounts, &reason), LWSEC_OK);
    box.session.size = sizeof box.session;
    assert_status(lwsec_accounts_session(box.accounts, 0, &box.session, &reason), LWSEC_OK);
    box.input = (lwsec_account_dtls_input){.size = sizeof box.input,
                                           .session = &box.session,
                                           .argument = &box,
                                           .psk = give_psk,
                                           .time = {LWSEC_CERT_CLOCK_TRUSTED, KIT_TIME},
                                           .policy = LWSEC_CERT_POLICY_LWM2M,
                                           .room = lwsec_buffer_of(box.room, sizeof box.room)};
}

static lwsec_status make(lwsec_reason *reason)
{
    return lwsec_account_dtls_make(box.kind->get(), &box.input, &box.made, reason);
}

static void makes(lwsec_status status, lwsec_why why)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    assert_status(make(&reason), status);
    assert_int_equal(reason.why, why);
    if (status != LWSEC_OK) {
        assert_int_equal(box.made.config.size, 0); /* nothing that could be used by mistake */
    }
}

static void end(void)
{
    lwsec_accounts_close(&box.accounts);
    lwsec_provisioning_close(&box.provisioning);
    lwsec_state_memory_close(&box.records);
    box.kind->store_close(&box.store);
    free(box.store_memory);
}

/* A client of the account against the kit's server. */
static void open_pair(kit *pair, const kit_engine *server, const char *mode)
{
    kit_init(pair, box.kind, server, mode);
    makes(LWSEC_OK, LWSEC_WHY_NONE);
    if (pair->client.config.key.store != NULL) {
        assert_status(lwsec_key_destroy(&pair->client.config.key), LWSEC_OK);
    }
    pair->client.config = box.made.config;
}

/* ---- Pre-shared keys ---- */

static void shakes_hands_by_psk(const kit_engine *client, const kit_engine *server)
{
    const bool handles = (lwsec_dtls_capabilities(client->get()) & LWSEC_DTLS_PSK_HANDLE) != 0;

    for (int64_t bootstrap = 0; bootstrap < 2; bootstrap++) {
        kit pair;
        begin_psk(client);
        set_number(LWSEC_SECURITY_BOOTSTRAP, bootstrap);
        load();
        assert_int_equal(box.session.bootstrap, bootstrap);
        open_pair(&pair, server, "psk");
        assert_int_equal(box.made.config.psk_key != NULL, handles);
        assert_int_equal(box.made.config.psk == NULL, handles);
        kit_open(&pair);
        kit_run(&pair);
        kit_check_works(&pair);
        kit_close(&pair);
        end();
    }
}

static void test_an_account_with_a_psk_opens_a_session(void **state)
{
    (void)state;
    kit_each(shakes_hands_by_psk);
    LWSEC_COVERS("R-5.2.1-06");
    LWSEC_COVERS("R-5.2.9.1-07");
    LWSEC_COVERS("R-5.2.9.1-09");
    LWSEC_COVERS("R-5.2.4-05");
}

static void test_a_psk_is_a_handle_or_its_bytes_are_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        const uint32_t can = lwsec_dtls_capabilities(kit_engine_at(i)->get());
        begin_psk(kit_engine_at(i));
        load();
        box.input.psk = NULL;
        if ((can & LWSEC_DTLS_PSK_HANDLE) != 0) {
            makes(LWSEC_OK, LWSEC_WHY_NONE);
        } else {
            makes(LWSEC_UNSUPPORTED, LWSEC_WHY_DTLS_PSK_BYTES);
        }
        box.session.identity = lwsec_bytes_of("ab\0cd", 5);
        box.input.psk = give_psk;
        if ((can & LWSEC_DTLS_IDENTITY_NUL) != 0) {
            makes(LWSEC_OK, LWSEC_WHY_NONE);
        } else {
            makes(LWSEC_UNSUPPORTED, LWSEC_WHY_DTLS_IDENTITY_ZERO);
        }
        end();
    }
    LWSEC_COVERS("R-5.2.9.1-09");
}

/* ---- Certificates ---- */

/* What the server shows is "server" below "inter" below "root", for server.example. */
static const struct {
    int64_t usage;
    const char *association;
    bool trusts; /* root */
    lwsec_why why;
} usages[] = {
    {0, "root", true, LWSEC_WHY_NONE},
    {0, "inter", true, LWSEC_WHY_NONE},
    {0, "other-root", true, LWSEC_WHY_CERT_ASSOCIATION},
    {1, "server", true, LWSEC_WHY_NONE},
    {1, "client", true, LWSEC_WHY_CERT_ASSOCIATION},
    {2, "root", false, LWSEC_WHY_NONE},
    {2, "inter", false, LWSEC_WHY_NONE},
    {2, "other-root", true, LWSEC_WHY_CERT_ANCHOR},
    {3, "server", false, LWSEC_WHY_NONE},
    {3, "root", true, LWSEC_WHY_CERT_ASSOCIATION},
};

static void judges_by_usage(const kit_engine *client, const kit_engine *server)
{
    for (size_t i = 0; i < sizeof usages / sizeof usages[0]; i++) {
        kit pair;
        begin_certificate(client, usages[i].usage, usages[i].association);
        load();
        box.trust[0] = kit_certificate("root");
        box.input.trust = box.trust;
        box.input.trust_count = usages[i].trusts ? 1 : 0;
        open_pair(&pair, server, "x509");
        kit_open(&pair);
        kit_run(&pair);
        if (usages[i].why == LWSEC_WHY_NONE) {
            kit_check_works(&pair);
        } else {
            assert_false(pair.client.done);
            assert_false(pair.server.done);
            assert_int_equal(pair.client.why, usages[i].why);
            assert_true(pair.client.alert.sent);
            assert_int_equal(pair.client.got_size, 0);
        }
        kit_close(&pair);
        end();
    }
}

static void test_the_usage_of_an_account_judges_the_server(void **state)
{
    (void)state;
    kit_each(judges_by_usage);
    LWSEC_COVERS("R-5.2.9.7-01");
    LWSEC_COVERS("R-5.2.4-05");
    LWSEC_COVERS("R-5.2.9.3-14");
    LWSEC_COVERS("R-5.2.9.3-18");
}

/* The SNI resource is sent, and is what the certificate has to name: not the host of the URI. */
static void names_by_sni(const kit_engine *client, const kit_engine *server)
{
    static const struct {
        const char *uri;
        const char *sni;
        bool good;
    } names[] = {
        {"coaps://server.example", NULL, true},
        {"coaps://other.example", NULL, false},
        {"coaps://192.0.2.1:7000", NULL, false},
        {"coaps://192.0.2.1:7000", "server.example", true},
        {"coaps://other.example", "server.example", true},
        {"coaps://server.example", "other.example", false},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        kit pair;
        begin_certificate(client, 2, "root");
        set_bytes(LWSEC_SECURITY_URI, text(names[i].uri));
        if (names[i].sni != NULL) {
            set_bytes(LWSEC_SECURITY_SNI, text(names[i].sni));
        }
        load();
        open_pair(&pair, server, "x509");
        const lwsec_bytes sent = pair.client.config.server_name;
        if (names[i].sni != NULL) {
            assert_bytes(sent, text(names[i].sni));
        } else if (names[i].uri[8] == '1') {
            assert_int_equal(sent.size, 0); /* RFC 6066: no address */
        } else {
            assert_bytes(sent, text(&names[i].uri[8]));
        }
        pair.server.config.flags |= LWSEC_DTLS_ANY_NAME; /* the client is to find out */
        kit_open(&pair);
        kit_run(&pair);
        if (names[i].good) {
            kit_check_works(&pair);
        } else {
            assert_false(pair.client.done);
            assert_int_equal(pair.client.why, LWSEC_WHY_CERT_REFERENCE);
            assert_true(pair.client.alert.sent);
            assert_int_equal(pair.client.alert.number, 42);
            assert_int_equal(lwsec_alert_judge(&pair.client.alert), LWSEC_ALERT_ENDS);
        }
        kit_close(&pair);
        end();
    }
}

static void test_sni_is_sent_and_is_the_reference(void **state)
{
    (void)state;
    kit_each(names_by_sni);
    LWSEC_COVERS("R-5.2.9.4-02");
    LWSEC_COVERS("R-5.2.9.4-03");
    LWSEC_COVERS("R-5.2.9.4-05");
    LWSEC_COVERS("R-5.2.9.3-28");
    LWSEC_COVERS("R-5.2.9.3-29");
}

static void test_a_constraint_needs_a_trust_store(void **state)
{
    (void)state;
    for (int64_t usage = 0; usage < 4; usage++) {
        begin_certificate(kit_engine_at(0), usage, usage == 3 ? "server" : "root");
        load();
        if (usage < 2) {
            makes(LWSEC_REJECT, LWSEC_WHY_CERT_ANCHOR);
        } else {
            makes(LWSEC_OK, LWSEC_WHY_NONE);
        }
        end();
    }
    LWSEC_COVERS("R-5.2.9.7-01");
}

/* ---- What own certificates may be ---- */

static void put_pem(char *out, lwsec_bytes der)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *at = out + strlen(out);

    at += snprintf(at, 29, "-----BEGIN CERTIFICATE-----\n");
    for (size_t i = 0; i < der.size; i += 3) {
        uint32_t bits = (uint32_t)der.data[i] << 16;
        bits |= i + 1 < der.size ? (uint32_t)der.data[i + 1] << 8 : 0;
        bits |= i + 2 < der.size ? (uint32_t)der.data[i + 2] : 0;
        *at++ = digits[bits >> 18];
        *at++ = digits[bits >> 12 & 63];
        *at++ = i + 1 < der.size ? digits[bits >> 6 & 63] : '=';
        *at++ = i + 2 < der.size ? digits[bits & 63] : '=';
        if (i % 48 == 45) {
            *at++ = '\n';
        }
    }
    (void)snprintf(at, 28, "\n-----END CERTIFICATE-----\n");
}

static void shakes_hands_by_pem(const kit_engine *client, const kit_engine *server)
{
    char own[4096] = "", anchor[2048] = "";
    kit pair;

    put_pem(own, kit_certificate("client"));
    put_pem(own, kit_certificate("inter"));
    put_pem(anchor, kit_certificate("root"));
    begin_certificate(client, 2, "root");
    set_bytes(LWSEC_SECURITY_IDENTITY, text(own));
    set_bytes(LWSEC_SECURITY_SERVER_KEY, text(anchor));
    load();
    open_pair(&pair, server, "x509");
    assert_int_equal(box.made.config.chain_count, 2);
    assert_bytes(box.made.config.chain[1], kit_certificate("inter"));
    assert_bytes(box.made.check.association, kit_certificate("root"));
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    kit_close(&pair);
    box.input.room.capacity = 64;
    makes(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL);
    box.input.room = (lwsec_buffer){NULL, 0, 0};
    makes(LWSEC_BUFFER, LWSEC_WHY_OUTPUT_FULL);
    box.input.room = lwsec_buffer_of(box.room, sizeof box.room);
    own[strlen(own) - 10] = '!';
    box.session.identity = text(own);
    makes(LWSEC_REJECT, LWSEC_WHY_CERT_MALFORMED);
    put_pem(anchor, kit_certificate("inter"));
    box.session.identity = kit_certificate("client");
    box.session.server_key = text(anchor);
    makes(LWSEC_REJECT, LWSEC_WHY_CERT_LIMIT);
    end();
}

static void test_certificates_in_pem(void **state)
{
    (void)state;
    kit_each(shakes_hands_by_pem);
    LWSEC_COVERS("R-5.2.9.3-15");
    LWSEC_COVERS("R-5.2.9.3-20");
}

static void test_own_certificates_that_are_none(void **state)
{
    const lwsec_bytes inter = kit_certificate("inter");

    (void)state;
    begin_certificate(kit_engine_at(0), 2, "root");
    load();
    const lwsec_bytes whole = chain_of(kit_certificate("client"), inter, LWSEC_CERT_PATH_MAX - 1);
    box.session.identity = whole;
    makes(LWSEC_OK, LWSEC_WHY_NONE);
    assert_int_equal(box.made.config.chain_count, LWSEC_CERT_PATH_MAX);
    box.session.identity.size--;
    makes(LWSEC_REJECT, LWSEC_WHY_CERT_MALFORMED);
    box.session.identity = chain_of(kit_certificate("client"), inter, LWSEC_CERT_PATH_MAX);
    makes(LWSEC_REJECT, LWSEC_WHY_CERT_LIMIT);
    box.session.identity = text("no certificate");
    makes(LWSEC_REJECT, LWSEC_WHY_CERT_MALFORMED);
    end();
    LWSEC_COVERS("R-5.2.9.3-14");
}

/* ---- Suites and groups ---- */

static void lists(const uint16_t *suites, size_t count, uint16_t group, uint32_t flags,
                  lwsec_why why)
{
    for (size_t i = 0; i < count; i++) {
        box.session.suites[i] = suites[i];
    }
    box.session.suite_count = count;
    box.session.groups[0] = group;
    box.session.group_count = group != 0 ? 1 : 0;
    makes(why == LWSEC_WHY_NONE ? LWSEC_OK : LWSEC_UNSUPPORTED, why);
    assert_int_equal(box.made.config.flags, flags);
}

static void test_suites_narrow_what_is_offered(void **state)
{
    static const uint16_t psk[] = {0x00a9, 0xc0a8, 0x00ae}, x509[] = {0xc0ac, 0xc0ae, 0xc023};

    (void)state;
    begin_psk(kit_engine_at(0));
    load();
    lists(psk, 0, 0, 0, LWSEC_WHY_NONE);
    lists(psk, 2, 0, 0, LWSEC_WHY_NONE);
    lists(psk, 3, 0, LWSEC_DTLS_ALLOW_CBC, LWSEC_WHY_NONE);
    lists(&psk[2], 1, 0, 0, LWSEC_WHY_DTLS_SUITE);
    lists(psk, 1, 0, 0, LWSEC_WHY_DTLS_SUITE);
    lists(x509, 3, 0, 0, LWSEC_WHY_DTLS_SUITE);
    lists(psk, 2, 24, 0, LWSEC_WHY_NONE); /* it has no groups */
    end();
    begin_certificate(kit_engine_at(0), 2, "root");
    load();
    lists(x509, 2, 23, 0, LWSEC_WHY_NONE);
    lists(x509, 3, 0, LWSEC_DTLS_ALLOW_CBC, LWSEC_WHY_NONE);
    lists(&x509[2], 1, 0, 0, LWSEC_WHY_DTLS_SUITE);
    lists(psk, 3, 0, 0, LWSEC_WHY_DTLS_SUITE);
    lists(x509, 2, 24, 0, LWSEC_WHY_DTLS_SUITE);
    end();
    LWSEC_COVERS("R-5.2.9.1-03");
    LWSEC_COVERS("R-5.2.9.3-07");
}

static void asks(uint32_t extensions, uint32_t needs, uint32_t flags, lwsec_dtls_cid_mode cid)
{
    const bool has = (lwsec_dtls_capabilities(box.kind->get()) & needs) == needs;

    box.session.extensions = extensions;
    makes(has ? LWSEC_OK : LWSEC_UNSUPPORTED, has ? LWSEC_WHY_NONE : LWSEC_WHY_DTLS_EXTENSION);
    if (has) {
        assert_int_equal(box.made.config.flags, flags);
        assert_int_equal(box.made.config.cid, cid);
    }
}

/* What an account asks for is done, or refused; other bits are not for this library. */
static void test_extensions_are_used_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; kit_engine_at(i) != NULL; i++) {
        begin_psk(kit_engine_at(i));
        load();
        asks(0, 0, 0, LWSEC_DTLS_CID_OFF);
        asks(LWSEC_EXTENSION_CONNECTION_ID, LWSEC_DTLS_CID, 0, LWSEC_DTLS_CID_OFFERED);
        asks(LWSEC_EXTENSION_STATUS_REQUEST, 0, 0, LWSEC_DTLS_CID_OFF); /* of no certificate */
        end();
        begin_certificate(kit_engine_at(i), 2, "root");
        load();
        asks(0xefff & ~LWSEC_EXTENSION_STATUS_REQUEST, 0, 0, LWSEC_DTLS_CID_OFF);
        asks(LWSEC_EXTENSION_STATUS_REQUEST, LWSEC_DTLS_STATUS, LWSEC_DTLS_ASK_STATUS,
             LWSEC_DTLS_CID_OFF);
        asks(LWSEC_EXTENSION_CONNECTION_ID, LWSEC_DTLS_CID, 0, LWSEC_DTLS_CID_OFFERED);
        end();
    }
}

static void signs(uint16_t signature, lwsec_why why)
{
    box.session.signatures[0] = signature;
    box.session.signature_count = 1;
    makes(why == LWSEC_WHY_NONE ? LWSEC_OK : LWSEC_UNSUPPORTED, why);
}

static void test_signature_algorithms_have_ours(void **state)
{
    (void)state;
    begin_certificate(kit_engine_at(0), 2, "root");
    load();
    signs(0x0403, LWSEC_WHY_NONE);
    signs(0x0804, LWSEC_WHY_DTLS_SUITE);
    end();
}

/* Resources 20 and 24 of the Security object. */
static void test_lists_and_extensions_of_the_object(void **state)
{
    (void)state;
    begin_certificate(kit_engine_at(0), 2, "root");
    set_number(LWSEC_SECURITY_EXTENSIONS, 0x1005);
    set_number(LWSEC_SECURITY_SIGNATURES, 0x0403);
    set_number(LWSEC_SECURITY_SIGNATURES, 0x0804);
    load();
    assert_int_equal(box.session.extensions, 0x1005);
    assert_int_equal(box.session.signature_count, 2);
    assert_int_equal(box.session.signatures[1], 0x0804);
    end();
}

/* What an account lists is what a ClientHello has, and the server's choice is among it. */
static void agrees_on_listed(const kit_engine *client, const kit_engine *server)
{
    kit pair;

    begin_psk(client);
    set_number(LWSEC_SECURITY_SUITES, 0xc0a8);
    set_number(LWSEC_SECURITY_SUITES, 0x00ae);
    load();
    open_pair(&pair, server, "psk");
    kit_open(&pair);
    kit_run(&pair);
    kit_check_works(&pair);
    assert_int_equal(lwsec_dtls_suite(pair.client.session), 0xc0a8);
    kit_close(&pair);
    end();
}

static void test_listed_suites_are_agreed_on(void **state)
{
    (void)state;
    kit_each(agrees_on_listed);
    LWSEC_COVERS("R-5.2.9.1-04");
}

/* ---- Raw public keys ---- */

static void makes_raw_keys(const kit_engine *client, const kit_engine *server)
{
    const uint32_t both =
        lwsec_dtls_capabilities(client->get()) & lwsec_dtls_capabilities(server->get());

    begin(client);
    set_number(LWSEC_SECURITY_MODE, LWSEC_MODE_RPK);
    set_bytes(LWSEC_SECURITY_IDENTITY, kit_raw_key("client"));
    set_bytes(LWSEC_SECURITY_SECRET, private_key(kit_scalar("client")));
    set_bytes(LWSEC_SECURITY_SERVER_KEY, kit_raw_key("server"));
    load();
    if ((lwsec_dtls_capabilities(client->get()) & LWSEC_DTLS_RPK) == 0) {
        makes(LWSEC_UNSUPPORTED, LWSEC_WHY_DTLS_MODE);
    } else if ((both & LWSEC_DTLS_RPK) != 0) {
        kit pair;
        open_pair(&pair, server, "rpk");
        kit_open(&pair);
        kit_run(&pair);
        kit_check_works(&pair);
        kit_close(&pair);
    }
    end();
}

static void test_raw_keys_of_an_account(void **state)
{
    (void)state;
    kit_each(makes_raw_keys);
    LWSEC_COVERS("R-5.2.9.2-08");
    LWSEC_COVERS("R-5.2.9.2-09");
    LWSEC_COVERS("R-5.2.9.2-10");
    LWSEC_COVERS("R-5.2.9.2-11");
}

/* ---- Refusals ---- */

static void test_what_has_no_session(void **state)
{
    (void)state;
    begin_psk(kit_engine_at(0));
    load();
    box.session.datagrams = false;
    makes(LWSEC_UNSUPPORTED, LWSEC_WHY_DTLS_MODE);
    box.session.datagrams = true;
    box.session.mode = LWSEC_MODE_NOSEC;
    makes(LWSEC_UNSUPPORTED, LWSEC_WHY_DTLS_MODE);
    box.session.mode = LWSEC_MODE_EST;
    box.session.identity = lwsec_bytes_of(NULL, 0);
    makes(LWSEC_ABSENT, LWSEC_WHY_NONE);
    box.session.size = 1;
    makes(LWSEC_USAGE, LWSEC_WHY_CONFIG);
    box.session.size = sizeof box.session;
    box.input.size--;
    makes(LWSEC_USAGE, LWSEC_WHY_CONFIG);
    end();
    begin_certificate(kit_engine_at(0), 2, "root");
    load();
    box.session.mode = LWSEC_MODE_EST; /* once it has enrolled */
    makes(LWSEC_OK, LWSEC_WHY_NONE);
    box.session.sni = lwsec_bytes_of(NULL, 0);
    box.session.host = text("not a host");
    makes(LWSEC_REJECT, LWSEC_WHY_CERT_REFERENCE);
    end();
    LWSEC_COVERS("R-5.2.4-20");
}

static void test_private_keys_of_servers(void **state)
{
    const kit_engine *kind = kit_engine_at(0);
    uint8_t der[80];
    lwsec_key key = {NULL, 0, 0};
    lwsec_reason reason;

    (void)state;
    begin(kind);
    const lwsec_bytes good = private_key(kit_scalar("server"));
    memcpy(der, good.data, good.size);
    assert_status(lwsec_private_key_import(box.store, good, &key, &reason), LWSEC_OK);
    assert_status(lwsec_key_destroy(&key), LWSEC_OK);
    assert_status(
        lwsec_private_key_import(box.store, lwsec_bytes_of(der, good.size - 1), &key, &reason),
        LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_CERT_KEY);
    der[25] = 0x06; /* another curve */
    assert_status(
        lwsec_private_key_import(box.store, lwsec_bytes_of(der, good.size), &key, &reason),
        LWSEC_REJECT);
    memcpy(der, good.data, good.size);
    memset(&der[good.size - 32], 0, 32); /* zero is no scalar */
    assert_status(
        lwsec_private_key_import(box.store, lwsec_bytes_of(der, good.size), &key, &reason),
        LWSEC_REJECT);
    lwsec_provisioning_abort(box.provisioning, box.accounts);
    end();
}

/* ---- Nothing before authentication ---- */

/* Both sides try to send, and to read, at each step of a handshake that the other side fails. */
static void exchanges_nothing(const kit_engine *client, const kit_engine *server)
{
    for (unsigned of_client = 0; of_client < 2; of_client++) {
        kit pair;
        lwsec_reason reason;
        begin_certificate(client, 2, of_client == 1 ? "root" : "other-root");
        load();
        open_pair(&pair, server, "x509");
        if (of_client == 1) {
            pair.server.trust[0] = kit_certificate("other-root");
        }
        kit_open(&pair);
        for (size_t i = 0; i < 20; i++) {
            assert_status(lwsec_dtls_write(pair.client.session, text("secret"), kit_now, &reason),
                          LWSEC_REJECT);
            assert_status(lwsec_dtls_write(pair.server.session, text("secret"), kit_now, &reason),
                          LWSEC_REJECT);
            kit_exchange(&pair);
        }
        assert_true(pair.client.closed);
        assert_true(pair.server.closed);
        assert_false(pair.client.done);
        assert_false(pair.server.done);
        assert_int_equal(pair.client.got_size + pair.server.got_size, 0);
        kit_close(&pair);
        end();
    }
}

static void test_nothing_is_exchanged_before_both_are_authenticated(void **state)
{
    (void)state;
    kit_each(exchanges_nothing);
    LWSEC_COVERS("R-5.1-02");
    LWSEC_COVERS("R-5.1-03");
    LWSEC_COVERS("R-5.1-04");
    LWSEC_COVERS("R-5.1-05");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_account_with_a_psk_opens_a_session),
        cmocka_unit_test(test_a_psk_is_a_handle_or_its_bytes_are_asked_for),
        cmocka_unit_test(test_the_usage_of_an_account_judges_the_server),
        cmocka_unit_test(test_sni_is_sent_and_is_the_reference),
        cmocka_unit_test(test_a_constraint_needs_a_trust_store),
        cmocka_unit_test(test_certificates_in_pem),
        cmocka_unit_test(test_own_certificates_that_are_none),
        cmocka_unit_test(test_suites_narrow_what_is_offered),
        cmocka_unit_test(test_extensions_are_used_or_refused),
        cmocka_unit_test(test_signature_algorithms_have_ours),
        cmocka_unit_test(test_lists_and_extensions_of_the_object),
        cmocka_unit_test(test_listed_suites_are_agreed_on),
        cmocka_unit_test(test_raw_keys_of_an_account),
        cmocka_unit_test(test_what_has_no_session),
        cmocka_unit_test(test_private_keys_of_servers),
        cmocka_unit_test(test_nothing_is_exchanged_before_both_are_authenticated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
