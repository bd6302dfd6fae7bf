/* A client and a server for the tests of oscore/. */
#include "tests/oscore/pair.h"

#include "tests/support/stores.h"

#define SLOTS 64U
#define CANARY 0xa5U
#define CANARY_SIZE 16U
#define PACKETS 8U

static pair both;
static const lwsec_test_store *chosen;
static packet packets[PACKETS];
static size_t packets_used;

lwsec_key import_secret(lwsec_store *store, lwsec_bytes secret)
{
    return lwsec_test_key(store, LWSEC_ALG_HKDF, LWSEC_USE_EXTRACT, secret);
}

static void prepare(endpoint *one, lwsec_key secret, lwsec_bytes sender_id,
                    lwsec_bytes recipient_id)
{
    static const uint8_t salt[] = {0x9e, 0x7c, 0xa9, 0x22, 0x23, 0x78, 0x63, 0x40};

    memset(one, 0, sizeof *one);
    assert_status(lwsec_state_memory_open(one->state_memory, sizeof one->state_memory,
                                          STATE_RECORDS, STATE_VALUE_MAX, &one->state),
                  LWSEC_OK);
    one->config = (lwsec_oscore_config){
        .size = sizeof one->config,
        .secret = secret,
        .state = one->state,
        .salt = lwsec_bytes_of(salt, sizeof salt),
        .sender_id = sender_id,
        .recipient_id = recipient_id,
        .flags = LWSEC_KEY_FRESH | LWSEC_OSCORE_NO_FIRST_ECHO,
    };
}

void pair_choose_store(const lwsec_test_store *kind)
{
    chosen = kind;
}

const lwsec_test_store *pair_store(void)
{
    for (size_t i = 0; chosen == NULL; i++) {
        const lwsec_test_store *kind = lwsec_test_store_at(i);
        assert_non_null(kind);
        if (lwsec_test_store_has(kind, LWSEC_ALG_AES_CCM_16_64_128)) {
            chosen = kind;
        }
    }
    return chosen;
}

int pair_set_up(void **state)
{
    static const uint8_t secret_bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    static const uint8_t server_id[] = {1};
    const lwsec_bytes client_id = lwsec_bytes_of(NULL, 0);

    both.store = lwsec_test_store_open(pair_store(), SLOTS);
    const lwsec_key secret =
        import_secret(both.store, lwsec_bytes_of(secret_bytes, sizeof secret_bytes));
    prepare(&both.client, secret, client_id, lwsec_bytes_of(server_id, 1));
    prepare(&both.server, secret, lwsec_bytes_of(server_id, 1), client_id);
    packets_used = 0;
    *state = &both;
    return 0;
}

static void finish(endpoint *one)
{
    lwsec_oscore_close(&one->context);
    lwsec_state_memory_close(&one->state);
}

int pair_tear_down(void **state)
{
    (void)state;
    finish(&both.client);
    finish(&both.server);
    lwsec_test_store_close(pair_store(), both.store);
    return 0;
}

void endpoint_open(endpoint *one)
{
    lwsec_reason reason = {LWSEC_WHY_TRUNCATED, 7};

    assert_null(one->context);
    assert_status(
        lwsec_oscore_init(one->memory, sizeof one->memory, &one->config, &one->context, &reason),
        LWSEC_OK);
    assert_non_null(one->context);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
}

void endpoint_trust(endpoint *one)
{
    one->context->synchronised = true;
}

void endpoint_reboot(endpoint *one)
{
    lwsec_oscore_close(&one->context);
    endpoint_open(one);
}

void endpoint_twin(endpoint *twin, const endpoint *one)
{
    memset(twin, 0, sizeof *twin);
    twin->config = one->config;
    endpoint_open(twin);
}

void pair_open(pair *two)
{
    endpoint_open(&two->client);
    endpoint_open(&two->server);
}

packet *packet_new(void)
{
    assert_true(packets_used < PACKETS);
    packet *fresh = &packets[packets_used++];
    memset(&fresh->request, 0, sizeof fresh->request);
    return fresh;
}

/* ---- The calls, with what holds for all of them ---- */

static void begin(packet *one, lwsec_bytes input)
{
    const size_t capacity = input.size + LWSEC_OSCORE_OVERHEAD + LWSEC_OSCORE_ID_CONTEXT_MAX;

    assert_true(capacity + CANARY_SIZE <= sizeof one->data);
    memset(one->data, CANARY, capacity + CANARY_SIZE);
    one->out = lwsec_buffer_of(one->data, capacity);
    one->out.size = 1; /* a refusal has to set it */
    one->reason = (lwsec_reason){LWSEC_WHY_NONE, 0};
}

static lwsec_status check(const packet *one, lwsec_status status)
{
    for (size_t i = 0; i < CANARY_SIZE; i++) {
        assert_int_equal(one->data[one->out.capacity + i], CANARY);
    }
    if (status == LWSEC_OK) {
        assert_true(one->out.size > 1 && one->out.size <= one->out.capacity);
        assert_int_equal(one->reason.why, LWSEC_WHY_NONE);
    } else {
        assert_int_equal(one->out.size, 0);
    }
    return status;
}

lwsec_status protect(endpoint *client, lwsec_bytes plain, packet *sent)
{
    begin(sent, plain);
    return check(sent, lwsec_oscore_protect_request(client->context, plain, &sent->request,
                                                    &sent->out, &sent->reason));
}

lwsec_status unprotect(endpoint *server, lwsec_bytes wire, packet *received)
{
    begin(received, wire);
    return check(received, lwsec_oscore_unprotect_request(server->context, wire, &received->request,
                                                          &received->out, &received->reason));
}

static lwsec_status protect_response(endpoint *server, packet *received, lwsec_bytes plain,
                                     bool own_piv, packet *sent)
{
    begin(sent, plain);
    return check(sent, lwsec_oscore_protect_response(server->context, &received->request, plain,
                                                     own_piv, &sent->out, &sent->reason));
}

lwsec_status respond(endpoint *server, packet *received, lwsec_bytes plain, packet *sent)
{
    return protect_response(server, received, plain, false, sent);
}

lwsec_status respond_with_number(endpoint *server, packet *received, lwsec_bytes plain,
                                 packet *sent)
{
    return protect_response(server, received, plain, true, sent);
}

lwsec_status receive(endpoint *client, packet *request, lwsec_bytes wire, packet *received)
{
    begin(received, wire);
    return check(received, lwsec_oscore_unprotect_response(client->context, &request->request, wire,
                                                           &received->out, &received->reason));
}

lwsec_status challenge(endpoint *server, packet *received, lwsec_bytes wire, packet *sent)
{
    begin(sent, wire);
    return check(sent, lwsec_oscore_challenge(server->context, &received->request, wire, 0x7777,
                                              &sent->out, &sent->reason));
}

/* ---- Messages ---- */

lwsec_bytes plain_get(void)
{
    static const uint8_t get[] = {0x44, 0x01, 0x5d, 0x1f, 0x00, 0x00, 0x39, 0x74, 0x39, 0x6c, 0x6f,
                                  0x63, 0x61, 0x6c, 0x68, 0x6f, 0x73, 0x74, 0x83, 0x74, 0x76, 0x31};
    return lwsec_bytes_of(get, sizeof get);
}

lwsec_bytes plain_content(void)
{
    static const uint8_t content[] = {0x64, 0x45, 0x5d, 0x1f, 0x00, 0x00, 0x39,
                                      0x74, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f,
                                      0x20, 0x57, 0x6f, 0x72, 0x6c, 0x64, 0x21};
    return lwsec_bytes_of(content, sizeof content);
}

lwsec_bytes message(lwsec_coap_framing framing, uint8_t code, const lwsec_coap_option *options,
                    size_t count, lwsec_bytes payload)
{
    static uint8_t rooms[8][PACKET_MAX];
    static unsigned next;
    static const uint8_t token[] = {0x00, 0x00, 0x39, 0x74};
    const lwsec_coap_message head = {.type = LWSEC_COAP_CON,
                                     .code = code,
                                     .message_id = 0x5d1f,
                                     .token = lwsec_bytes_of(token, sizeof token),
                                     .payload = payload};
    lwsec_buffer out = lwsec_buffer_of(rooms[next++ % 8], PACKET_MAX);

    assert_status(lwsec_coap_encode(framing, &head, options, count, &out, NULL), LWSEC_OK);
    return lwsec_buffer_bytes(&out);
}

lwsec_bytes udp_message(uint8_t code, const lwsec_coap_option *options, size_t count,
                        const char *payload)
{
    return message(LWSEC_COAP_UDP, code, options, count, lwsec_bytes_of(payload, strlen(payload)));
}

lwsec_coap_option text_option(uint32_t number, const char *text)
{
    return (lwsec_coap_option){number, lwsec_bytes_of(text, strlen(text))};
}

void exchange(pair *two)
{
    static packet request, at_server, response, at_client;

    assert_status(protect(&two->client, plain_get(), &request), LWSEC_OK);
    assert_status(unprotect(&two->server, bytes_of(&request), &at_server), LWSEC_OK);
    assert_bytes(bytes_of(&at_server), plain_get());
    assert_status(respond(&two->server, &at_server, plain_content(), &response), LWSEC_OK);
    assert_status(receive(&two->client, &request, bytes_of(&response), &at_client), LWSEC_OK);
    assert_bytes(bytes_of(&at_client), plain_content());
}

/* ---- Looking at messages ---- */

lwsec_oscore_option outside(lwsec_bytes wire)
{
    lwsec_oscore_option option = {0};

    assert_status(lwsec_oscore_peek(LWSEC_COAP_UDP, wire, &option, NULL), LWSEC_OK);
    assert_true(option.present);
    return option;
}

bool has_piv(lwsec_bytes wire)
{
    return outside(wire).partial_iv.data != NULL;
}

uint64_t piv_of(lwsec_bytes wire)
{
    const lwsec_bytes piv = outside(wire).partial_iv;
    uint64_t number = 0;

    assert_non_null(piv.data);
    for (size_t i = 0; i < piv.size; i++) {
        number = number << 8 | piv.data[i];
    }
    return number;
}

size_t count_options(lwsec_coap_framing framing, lwsec_bytes wire, uint32_t number)
{
    lwsec_coap_message decoded;
    lwsec_coap_option option;
    size_t count = 0;

    assert_status(lwsec_coap_decode(framing, wire, &decoded, NULL), LWSEC_OK);
    lwsec_coap_walk walk = lwsec_coap_options(&decoded);
    while (lwsec_coap_options_next(&walk, &option)) {
        count += option.number == number;
    }
    return count;
}

lwsec_oscore_wear wear_of(endpoint *one)
{
    lwsec_oscore_wear wear = {.size = sizeof wear};

    assert_status(lwsec_oscore_get_wear(one->context, &wear), LWSEC_OK);
    return wear;
}
