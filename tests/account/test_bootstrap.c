/* A whole bootstrap under OSCORE, from the account of the Bootstrap-Server to a Register. */
#include "tests/account/kit.h"

#include <lwsec/account_session.h>
#include <lwsec/account_store.h>
#include <lwsec/lwm2m_tlv.h>
#include <lwsec/oscore_link.h>
#include <lwsec/state_memory.h>

#include "tests/support/stores.h"

#define MESSAGE_MAX 512U
#define ROOM LWSEC_OSCORE_LINK_ROOM(MESSAGE_MAX, 0)

/* One end of one association. */
typedef struct end {
    uint64_t context_memory[LWSEC_OSCORE_SIZE(32, 0) / 8];
    uint64_t link_memory[4096];
    lwsec_oscore *context;
    lwsec_oscore_link *link;
} end;

typedef struct world {
    lwsec_store *store;
    uint64_t records[2][LWSEC_STATE_MEMORY_SIZE(12, 1024) / 8];
    lwsec_state *device; /* of the device, and of its servers */
    lwsec_state *servers;
    uint64_t memory[LWSEC_PROVISIONING_SIZE / 8];
    lwsec_provisioning *provisioning;
    end client;
    end server;
    uint8_t rooms[64][ROOM];
    size_t rooms_used;
} world;

static world w;
static const lwsec_test_store *kind;

static int set_up(void **state)
{
    (void)state;
    memset(&w, 0, sizeof w);
    for (size_t i = 0; kind == NULL || !lwsec_test_store_has(kind, LWSEC_ALG_AES_CCM_16_64_128);
         i++) {
        kind = lwsec_test_store_at(i);
        assert_non_null(kind);
    }
    w.store = lwsec_test_store_open(kind, 32);
    assert_status(lwsec_state_memory_open(w.records[0], sizeof w.records[0], 12, 1024, &w.device),
                  LWSEC_OK);
    assert_status(lwsec_state_memory_open(w.records[1], sizeof w.records[1], 12, 1024, &w.servers),
                  LWSEC_OK);
    const lwsec_provisioning_config config = {.size = sizeof config,
                                              .state = w.device,
                                              .store = w.store,
                                              .flags = LWSEC_PROVISIONING_SEALED};
    assert_status(lwsec_provisioning_open(w.memory, sizeof w.memory, &config, &w.provisioning),
                  LWSEC_OK);
    return 0;
}

static void end_close(end *one)
{
    lwsec_oscore_link_close(&one->link);
    lwsec_oscore_close(&one->context);
}

static int tear_down(void **state)
{
    (void)state;
    end_close(&w.client);
    end_close(&w.server);
    lwsec_provisioning_close(&w.provisioning);
    lwsec_state_memory_close(&w.device);
    lwsec_state_memory_close(&w.servers);
    lwsec_test_store_close(kind, w.store);
    return 0;
}

/* ---- Accounts ---- */

/* /0/n and /21/n under OSCORE alone, with the secret number 100 + n. */
static void fill_oscore_account(lwsec_accounts *stage, uint16_t n)
{
    char path[32];

    kit_psk_account(stage, n);
    kit_oscore(stage, n, n);
    for (unsigned resource = 3; resource <= 5; resource += 2) {
        (void)snprintf(path, sizeof path, "/0/%u/%u", n, resource);
        kit_delete(stage, path);
    }
    (void)snprintf(path, sizeof path, "/0/%u/2", n);
    kit_number(stage, path, LWSEC_MODE_NOSEC);
    (void)snprintf(path, sizeof path, "/0/%u/0", n);
    kit_text(stage, path, "coap://server.example");
}

static void fill_bootstrap_account(lwsec_accounts *stage)
{
    fill_oscore_account(stage, 0);
    kit_number(stage, "/0/0/1", 1);
    kit_delete(stage, "/1/0/65535");
}

static lwsec_status commit(lwsec_accounts *stage, size_t *count)
{
    return lwsec_provisioning_commit(w.provisioning, stage, NULL, 0, count, NULL);
}

static lwsec_accounts *begin(void)
{
    lwsec_accounts *stage = kit_open(0, 0);

    assert_status(lwsec_provisioning_begin(w.provisioning, stage, 0, NULL), LWSEC_OK);
    return stage;
}

static lwsec_accounts *in_force(void)
{
    lwsec_accounts *accounts = kit_open(1, 0);

    assert_status(lwsec_provisioning_load(w.provisioning, accounts, NULL), LWSEC_OK);
    return accounts;
}

static void provision_factory(void)
{
    lwsec_accounts *stage = begin();
    size_t count = 9;

    fill_bootstrap_account(stage);
    assert_status(commit(stage, &count), LWSEC_OK);
    assert_int_equal(count, 0);
}

/* ---- Ends ---- */

static void end_open(end *one, lwsec_oscore_config *config)
{
    lwsec_oscore_link_config link = {.size = sizeof link, .message_max = MESSAGE_MAX};

    config->flags = LWSEC_KEY_FRESH;
    assert_status(lwsec_oscore_init(one->context_memory, sizeof one->context_memory, config,
                                    &one->context, NULL),
                  LWSEC_OK);
    link.context = one->context;
    assert_in_range(lwsec_oscore_link_size(&link), 1, sizeof one->link_memory);
    assert_status(
        lwsec_oscore_link_init(one->link_memory, sizeof one->link_memory, &link, &one->link, NULL),
        LWSEC_OK);
}

/* The client's end, out of its accounts. */
static void client_open(const lwsec_accounts *accounts, uint16_t instance)
{
    lwsec_oscore_object object;
    lwsec_oscore_config config = {0};

    assert_status(lwsec_accounts_oscore(accounts, instance, &object, &config, NULL), LWSEC_OK);
    config.state = w.device;
    end_open(&w.client, &config);
}

/* The end of a server that knows the secret. */
static void server_open(uint8_t secret)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, {NULL, 0}};
    lwsec_oscore_config config = {.size = sizeof config,
                                  .state = w.servers,
                                  .sender_id = lwsec_bytes_of("\x02", 1),
                                  .recipient_id = lwsec_bytes_of("\x01", 1)};

    assert_status(lwsec_key_import(w.store, &attributes, kit_secret(secret, 16), &config.secret),
                  LWSEC_OK);
    end_open(&w.server, &config);
    assert_status(lwsec_key_destroy(&config.secret), LWSEC_OK);
}

/* ---- Messages ---- */

static lwsec_buffer room(void)
{
    assert_true(w.rooms_used < sizeof w.rooms / sizeof w.rooms[0]);
    return lwsec_buffer_of(w.rooms[w.rooms_used++], ROOM);
}

/* A confirmable request to "one" or "one/other", or a response: its token is its number. */
static lwsec_bytes message(uint8_t code, uint8_t number, const char *one, const char *other,
                           lwsec_bytes payload)
{
    const lwsec_coap_message head = {.type = LWSEC_COAP_CON,
                                     .code = code,
                                     .message_id = number,
                                     .token = lwsec_bytes_of(&number, 1),
                                     .payload = payload};
    const lwsec_coap_option options[] = {
        {LWSEC_COAP_URI_PATH, lwsec_bytes_of(one, strlen(one))},
        {LWSEC_COAP_URI_PATH, lwsec_bytes_of(other, strlen(other))}};
    lwsec_buffer out = room();

    assert_status(lwsec_coap_encode(LWSEC_COAP_UDP, &head, options,
                                    (size_t)(one[0] != '\0') + (size_t)(other[0] != '\0'), &out,
                                    NULL),
                  LWSEC_OK);
    return lwsec_buffer_bytes(&out);
}

static lwsec_bytes send(end *from, lwsec_bytes plain)
{
    lwsec_buffer out = room();

    assert_status(lwsec_oscore_link_send(from->link, plain, 1000, &out, NULL), LWSEC_OK);
    return lwsec_buffer_bytes(&out);
}

/* What arrives for the stack; `reply` is what the link itself answers. */
static lwsec_status receive(end *at, lwsec_bytes wire, lwsec_bytes *plain, lwsec_bytes *reply)
{
    lwsec_oscore_link_event event;
    lwsec_buffer to_stack = room();
    lwsec_buffer to_peer = room();

    const lwsec_status status =
        lwsec_oscore_link_receive(at->link, wire, 1000, &event, &to_stack, &to_peer, NULL);
    *plain = lwsec_buffer_bytes(&to_stack);
    *reply = lwsec_buffer_bytes(&to_peer);
    return status;
}

/* A request arrives. The first one that an end gets is challenged, and made again with an Echo. */
static lwsec_coap_message asks(end *from, end *to, lwsec_bytes request, bool first)
{
    lwsec_coap_message seen = {.code = 0};
    lwsec_bytes plain;
    lwsec_bytes reply;

    lwsec_status status = receive(to, send(from, request), &plain, &reply);
    if (first) {
        assert_status(status, LWSEC_CHALLENGE);
        assert_int_equal(plain.size, 0);
        assert_status(receive(from, reply, &plain, &reply), LWSEC_OK);
        assert_int_equal(plain.size, 0);
        status = receive(to, reply, &plain, &reply);
    }
    assert_status(status, LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, plain, &seen, NULL), LWSEC_OK);
    return seen;
}

/* A Bootstrap-Request or Register, and its response. */
static void first_request(const char *path)
{
    const lwsec_bytes links = lwsec_bytes_of("</0>", 4);
    lwsec_bytes plain;
    lwsec_bytes reply;

    lwsec_coap_message seen =
        asks(&w.client, &w.server, message(LWSEC_COAP_POST, 1, path, "", links), true);
    assert_int_equal(seen.code, LWSEC_COAP_POST);
    assert_bytes(seen.payload, links);
    const lwsec_bytes answer = message(LWSEC_COAP_CODE(2, 4), 1, "", "", lwsec_bytes_of(NULL, 0));
    assert_status(receive(&w.client, send(&w.server, answer), &plain, &reply), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, plain, &seen, NULL), LWSEC_OK);
    assert_int_equal(seen.code, LWSEC_COAP_CODE(2, 4));
}

/* A Bootstrap-Write by the server, which the client's stack puts into the stage. */
static void bootstrap_write(lwsec_accounts *stage, uint16_t object, const char *name, bool first)
{
    lwsec_accounts *values = kit_open(2, 0);
    uint8_t tlv[256];
    lwsec_buffer payload = lwsec_buffer_of(tlv, sizeof tlv);

    fill_oscore_account(values, 1);
    assert_status(lwsec_accounts_write_tlv(values, object, 1, LWSEC_TLV_SECRETS, &payload),
                  LWSEC_OK);
    const lwsec_bytes request =
        message(LWSEC_COAP_PUT, (uint8_t)(2 + object), name, "1", lwsec_buffer_bytes(&payload));
    const lwsec_coap_message seen = asks(&w.server, &w.client, request, first);
    assert_int_equal(seen.code, LWSEC_COAP_PUT);
    assert_status(lwsec_accounts_read_tlv(stage, object, 1, seen.payload, NULL), LWSEC_OK);
}

static void bootstrap(void)
{
    lwsec_accounts *stage;
    size_t count = 9;

    client_open(in_force(), 0);
    server_open(100);
    first_request("bs");
    stage = begin();
    bootstrap_write(stage, LWSEC_OBJECT_SECURITY, "0", true);
    bootstrap_write(stage, LWSEC_OBJECT_SERVER, "1", false);
    bootstrap_write(stage, LWSEC_OBJECT_OSCORE, "21", false);
    const lwsec_status status = commit(stage, &count);
    assert_status(status, LWSEC_OK);
    assert_int_equal(count, 0);
    assert_int_equal(lwsec_provisioning_code(status), LWSEC_COAP_CODE(2, 4));
    end_close(&w.client);
    end_close(&w.server);
}

/* ---- Tests ---- */

static void a_client_bootstraps_with_the_strong_key_of_its_account(void **state)
{
    (void)state;
    provision_factory();
    bootstrap();
    client_open(in_force(), 1);
    server_open(101);
    first_request("rd");
    LWSEC_COVERS("R-5.5.1-01");
    LWSEC_COVERS("R-5.5.1-02");
    LWSEC_COVERS("R-5.5.1-04");
    LWSEC_COVERS("R-5.5.3-04");
    LWSEC_COVERS("R-5.5.3-07");
    LWSEC_COVERS("R-5.5.3-12");
    LWSEC_COVERS("R-5.5.7-01");
}

/* Who has another secret, or none, opens nothing. */
static void both_ends_need_the_same_secret(void **state)
{
    const lwsec_bytes request = message(LWSEC_COAP_POST, 1, "bs", "", lwsec_bytes_of(NULL, 0));
    lwsec_bytes plain;
    lwsec_bytes reply;

    (void)state;
    provision_factory();
    client_open(in_force(), 0);
    server_open(101);
    assert_status(receive(&w.server, send(&w.client, request), &plain, &reply), LWSEC_REJECT);
    assert_int_equal(plain.size, 0);
    assert_status(receive(&w.server, request, &plain, &reply), LWSEC_REJECT); /* in plain */
    assert_int_equal(plain.size, 0);
    LWSEC_COVERS("R-5.5.1-04");
    LWSEC_COVERS("R-5.5.7-01");
}

/* New input for ends that have a context: both derive another one, and the old one opens nothing.
 */
static void new_input_makes_new_contexts(void **state)
{
    const lwsec_bytes request = message(LWSEC_COAP_POST, 9, "rd", "", lwsec_bytes_of(NULL, 0));
    lwsec_accounts *before = kit_open(3, 0);
    lwsec_accounts *stage;
    size_t count = 9;
    lwsec_bytes plain;
    lwsec_bytes reply;

    (void)state;
    provision_factory();
    bootstrap();
    client_open(in_force(), 1);
    server_open(101);
    first_request("rd");
    const lwsec_bytes old = send(&w.client, request);
    assert_status(lwsec_provisioning_begin(w.provisioning, before, 0, NULL), LWSEC_OK);
    stage = begin();
    kit_bytes(stage, "/21/1/0", kit_secret(150, 16));
    assert_int_equal(lwsec_accounts_change(before, stage, 1, LWSEC_CHANGE_CLOSES),
                     LWSEC_CHANGE_CLOSE);
    assert_status(commit(stage, &count), LWSEC_OK);
    end_close(&w.client);
    end_close(&w.server);
    client_open(in_force(), 1);
    server_open(150);
    assert_status(receive(&w.server, old, &plain, &reply), LWSEC_REJECT);
    first_request("rd");
    LWSEC_COVERS("R-5.5.3-11");
    LWSEC_COVERS("R-5.2.4-10");
}

#define WORLD_TEST(test) cmocka_unit_test_setup_teardown((test), set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_client_bootstraps_with_the_strong_key_of_its_account),
        WORLD_TEST(both_ends_need_the_same_secret),
        WORLD_TEST(new_input_makes_new_contexts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
