/* A link over Appendix B.2: the stack sends a request and gets its response, and hears of no more.
 */
#include "tests/oscore/pair.h"

#include <lwsec/oscore_link.h>

#define ROOM 2048U

static struct {
    uint64_t client_memory[LWSEC_OSCORE_REDERIVE_SIZE(LWSEC_OSCORE_WINDOW_DEFAULT, 8) / 8];
    uint64_t place[2][LWSEC_OSCORE_AGREED_SIZE(LWSEC_OSCORE_WINDOW_DEFAULT) / 8];
    lwsec_oscore_rederive *client;
    lwsec_oscore_rederive_server server;
    lwsec_oscore_rederive_peer peer;
    lwsec_oscore *agreed;
    lwsec_oscore_link_config config;
    lwsec_oscore_link *link;
    void *link_memory;
} all;

/* A message on one side or the other. */
typedef struct text {
    lwsec_buffer out;
    uint8_t data[ROOM];
} text;

static text sent, answer, plain, reply;

static lwsec_bytes bytes(const text *one)
{
    return lwsec_buffer_bytes(&one->out);
}

static void empty(text *one)
{
    one->out = lwsec_buffer_of(one->data, sizeof one->data);
}

static int set_up(void **state)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};
    const int result = pair_set_up(state);
    pair *both = *state;

    memset(&all, 0, sizeof all);
    both->client.config.flags = 0;
    both->server.config.flags = 0;
    all.server = (lwsec_oscore_rederive_server){.size = sizeof all.server, .now = 1000};
    assert_status(lwsec_key_generate(both->store, &attributes, 32, &all.server.key), LWSEC_OK);
    all.peer = (lwsec_oscore_rederive_peer){.size = sizeof all.peer,
                                            .inputs = &both->server.config,
                                            .memory = all.place[0],
                                            .memory_size = sizeof all.place[0]};
    assert_status(lwsec_oscore_rederive_init(all.client_memory, sizeof all.client_memory,
                                             &both->client.config, &all.client, NULL),
                  LWSEC_OK);
    all.config = (lwsec_oscore_link_config){.size = sizeof all.config, .rederive = all.client};
    all.link_memory = malloc(lwsec_oscore_link_size(&all.config));
    assert_non_null(all.link_memory);
    assert_status(lwsec_oscore_link_init(all.link_memory, lwsec_oscore_link_size(&all.config),
                                         &all.config, &all.link, NULL),
                  LWSEC_OK);
    return result;
}

static int tear_down(void **state)
{
    lwsec_oscore_link_close(&all.link);
    free(all.link_memory);
    lwsec_oscore_rederive_close(&all.client);
    lwsec_oscore_close(&all.agreed);
    return pair_tear_down(state);
}

static lwsec_status arrive(lwsec_bytes wire, lwsec_oscore_link_event *event)
{
    empty(&plain);
    empty(&reply);
    return lwsec_oscore_link_receive(all.link, wire, 100, event, &plain.out, &reply.out, NULL);
}

/* What the server makes of a datagram: the response 1 of Appendix B.2, or its own response. */
static lwsec_status serve(lwsec_bytes wire)
{
    static text request_plain;
    lwsec_oscore_request request;
    lwsec_oscore *agreed = NULL;

    empty(&answer);
    empty(&request_plain);
    lwsec_status status = LWSEC_REJECT;
    if (all.agreed != NULL) {
        status =
            lwsec_oscore_unprotect_request(all.agreed, wire, &request, &request_plain.out, NULL);
    }
    if (status != LWSEC_OK) {
        status = lwsec_oscore_rederive_request(&all.server, &all.peer, wire, 9, &agreed, &request,
                                               &request_plain.out, NULL);
    }
    if (agreed != NULL) {
        lwsec_oscore_close(&all.agreed);
        all.agreed = agreed;
        all.peer.memory = all.place[all.peer.memory == all.place[0]];
    }
    if (status == LWSEC_CHALLENGE) {
        answer = request_plain;
        answer.out.data = answer.data;
    } else if (status == LWSEC_OK) {
        lwsec_coap_message decoded;
        uint8_t room[64];
        lwsec_buffer content = lwsec_buffer_of(room, sizeof room);
        assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes(&request_plain), &decoded, NULL),
                      LWSEC_OK);
        const lwsec_coap_message response = {.type = LWSEC_COAP_ACK,
                                             .code = LWSEC_COAP_CONTENT,
                                             .message_id = decoded.message_id,
                                             .token = decoded.token,
                                             .payload = lwsec_bytes_of("hi", 2)};
        assert_status(lwsec_coap_encode(LWSEC_COAP_UDP, &response, NULL, 0, &content, NULL),
                      LWSEC_OK);
        assert_status(lwsec_oscore_protect_response(all.agreed, &request,
                                                    lwsec_buffer_bytes(&content), false,
                                                    &answer.out, NULL),
                      LWSEC_OK);
    }
    return status;
}

static void the_stack_hears_the_response_alone(void **state)
{
    lwsec_oscore_link_event event;
    lwsec_coap_message decoded;

    (void)state;
    empty(&sent);
    assert_status(lwsec_oscore_link_send(all.link, plain_get(), 100, &sent.out, NULL), LWSEC_OK);
    assert_status(serve(bytes(&sent)), LWSEC_CHALLENGE);
    assert_status(arrive(bytes(&answer), &event), LWSEC_OK);
    assert_int_equal(event, LWSEC_OSCORE_LINK_NOTHING);
    assert_int_equal(plain.out.size, 0);
    assert_true(reply.out.size > 0);
    sent = reply;
    sent.out.data = sent.data;
    assert_status(serve(bytes(&sent)), LWSEC_OK);
    assert_status(arrive(bytes(&answer), &event), LWSEC_OK);
    assert_int_equal(event, LWSEC_OSCORE_LINK_MESSAGE);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes(&plain), &decoded, NULL), LWSEC_OK);
    assert_int_equal(decoded.code, LWSEC_COAP_CONTENT);
    assert_int_equal(decoded.message_id, 0x5d1f); /* as the stack knows it */
    assert_bytes(decoded.payload, lwsec_bytes_of("hi", 2));
    assert_false(lwsec_oscore_rederive_running(all.client));
    LWSEC_COVERS("R-5.5.3-10");
}

/* The stack's retransmission of its request is the request that goes now, not the first one. */
static void a_retransmission_is_the_request_that_goes_now(void **state)
{
    static text again;
    lwsec_oscore_link_event event;

    (void)state;
    empty(&sent);
    assert_status(lwsec_oscore_link_send(all.link, plain_get(), 100, &sent.out, NULL), LWSEC_OK);
    assert_status(serve(bytes(&sent)), LWSEC_CHALLENGE);
    assert_status(arrive(bytes(&answer), &event), LWSEC_OK);
    empty(&again);
    assert_status(lwsec_oscore_link_send(all.link, plain_get(), 2000, &again.out, NULL), LWSEC_OK);
    assert_bytes(bytes(&again), bytes(&reply));
}

static void a_forged_response_1_changes_nothing(void **state)
{
    lwsec_oscore_link_event event;

    (void)state;
    empty(&sent);
    assert_status(lwsec_oscore_link_send(all.link, plain_get(), 100, &sent.out, NULL), LWSEC_OK);
    assert_status(serve(bytes(&sent)), LWSEC_CHALLENGE);
    answer.data[answer.out.size - 1] ^= 1;
    assert_status(arrive(bytes(&answer), &event), LWSEC_REJECT);
    assert_int_equal(reply.out.size, 0);
    answer.data[answer.out.size - 1] ^= 1;
    assert_status(arrive(bytes(&answer), &event), LWSEC_OK);
    assert_true(reply.out.size > 0);
}

/* Two requests at once, before there is a context: response 1 to the first ends the context of the
 * second, which nobody has delivered. The stack's retransmission goes by the new one. */
static void a_second_request_at_the_start_goes_by_the_new_context(void **state)
{
    static text first;
    lwsec_oscore_link_event event;
    const lwsec_bytes other = lwsec_bytes_of("\x41\x01\x00\x02z", 5);

    (void)state;
    empty(&first);
    assert_status(lwsec_oscore_link_send(all.link, plain_get(), 100, &first.out, NULL), LWSEC_OK);
    empty(&sent);
    assert_status(lwsec_oscore_link_send(all.link, other, 100, &sent.out, NULL), LWSEC_OK);
    assert_status(serve(bytes(&first)), LWSEC_CHALLENGE);
    assert_status(arrive(bytes(&answer), &event), LWSEC_OK);
    first = reply;
    first.out.data = first.data;
    assert_status(serve(bytes(&first)), LWSEC_OK);
    assert_status(arrive(bytes(&answer), &event), LWSEC_OK);
    assert_int_equal(event, LWSEC_OSCORE_LINK_MESSAGE);
    empty(&sent);
    assert_status(lwsec_oscore_link_send(all.link, other, 3000, &sent.out, NULL), LWSEC_OK);
    assert_status(serve(bytes(&sent)), LWSEC_OK);
    assert_status(arrive(bytes(&answer), &event), LWSEC_OK);
    assert_int_equal(event, LWSEC_OSCORE_LINK_MESSAGE);
    assert_int_equal(plain.data[3], 2); /* as the stack knows it */
}

/* ---- What the contexts before have begun ---- */

static lwsec_bytes message_of(uint8_t type, uint8_t code, uint8_t id, bool observe)
{
    static uint8_t room[8][64];
    static unsigned used;
    const lwsec_coap_option option = {LWSEC_COAP_OBSERVE, {NULL, 0}};
    const lwsec_coap_message head = {
        .type = type, .code = code, .message_id = id, .token = lwsec_bytes_of(room[used % 8], 1)};
    lwsec_buffer out = lwsec_buffer_of(&room[used % 8][1], 63);

    room[used % 8][0] = id;
    assert_status(lwsec_coap_encode(LWSEC_COAP_UDP, &head, &option, observe, &out, NULL), LWSEC_OK);
    used++;
    return lwsec_buffer_bytes(&out);
}

/* The client begins, with a request that has this Message ID, and ends with a new context. */
static void agree(uint8_t id)
{
    lwsec_oscore_link_event event;

    assert_status(lwsec_oscore_rederive_start(all.client, NULL), LWSEC_OK);
    empty(&sent);
    assert_status(lwsec_oscore_link_send(all.link,
                                         message_of(LWSEC_COAP_CON, LWSEC_COAP_GET, id, false), 100,
                                         &sent.out, NULL),
                  LWSEC_OK);
    assert_status(serve(bytes(&sent)), LWSEC_CHALLENGE);
    assert_status(arrive(bytes(&answer), &event), LWSEC_OK);
    sent = reply;
    sent.out.data = sent.data;
    assert_status(serve(bytes(&sent)), LWSEC_OK);
    assert_status(arrive(bytes(&answer), &event), LWSEC_OK);
    assert_int_equal(event, LWSEC_OSCORE_LINK_MESSAGE);
    assert_false(lwsec_oscore_rederive_running(all.client));
}

/* Each with another Message ID. */
static lwsec_status notify(uint8_t id, lwsec_reason *reason)
{
    static uint8_t count;
    uint8_t room[64];
    const lwsec_bytes content = message_of(LWSEC_COAP_NON, LWSEC_COAP_CONTENT, id, true);

    memcpy(room, content.data, content.size);
    room[2] = 0x70;
    room[3] = count++;
    empty(&answer);
    return lwsec_oscore_link_send(all.link, lwsec_bytes_of(room, content.size), 100, &answer.out,
                                  reason);
}

/* The server registers, and is notified once. */
static void observe(uint8_t id)
{
    lwsec_oscore_link_event event;
    lwsec_oscore_request request;

    empty(&sent);
    assert_status(lwsec_oscore_protect_request(all.agreed,
                                               message_of(LWSEC_COAP_NON, LWSEC_COAP_GET, id, true),
                                               &request, &sent.out, NULL),
                  LWSEC_OK);
    assert_status(arrive(bytes(&sent), &event), LWSEC_OK);
    assert_int_equal(event, LWSEC_OSCORE_LINK_MESSAGE);
    assert_status(notify(id, NULL), LWSEC_OK);
    empty(&plain);
    assert_status(
        lwsec_oscore_unprotect_response(all.agreed, &request, bytes(&answer), &plain.out, NULL),
        LWSEC_OK);
}

/* A registration ends with its context: it neither holds its place nor is it a fault of the
 * stack's. */
static void a_registration_ends_with_its_context(void **state)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    (void)state;
    lwsec_oscore_link_close(&all.link);
    all.config.exchanges = 2;
    assert_status(lwsec_oscore_link_init(all.link_memory, lwsec_oscore_link_size(&all.config),
                                         &all.config, &all.link, NULL),
                  LWSEC_OK);
    agree(1);
    observe(2);
    agree(3);
    assert_status(notify(2, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_OSCORE_REQUEST_USED);
    observe(4);
    agree(5);
    observe(6);
}

/* Numbers begin anew with each context: a request with Message ID and number of one that came by
 * the context before is no duplicate of it. */
static void a_request_by_another_context_is_no_duplicate(void **state)
{
    (void)state;
    agree(1);
    observe(2);
    agree(3);
    observe(2);
}

/* A notification of a registration that has ended so is told to be nobody's, and is no fault. */
static void a_late_notification_is_reset(void **state)
{
    static text late;
    lwsec_oscore_link_event event;
    lwsec_oscore_request request;

    (void)state;
    agree(1);
    empty(&sent);
    empty(&plain);
    assert_status(lwsec_oscore_link_send(all.link,
                                         message_of(LWSEC_COAP_NON, LWSEC_COAP_GET, 2, true), 100,
                                         &sent.out, NULL),
                  LWSEC_OK);
    assert_status(
        lwsec_oscore_unprotect_request(all.agreed, bytes(&sent), &request, &plain.out, NULL),
        LWSEC_OK);
    empty(&late);
    assert_status(lwsec_oscore_protect_response(
                      all.agreed, &request, message_of(LWSEC_COAP_NON, LWSEC_COAP_CONTENT, 2, true),
                      false, &late.out, NULL),
                  LWSEC_OK);
    agree(3);
    assert_status(arrive(bytes(&late), &event), LWSEC_REJECT);
    assert_int_equal(reply.data[0] >> 4 & 3, LWSEC_COAP_RST);
}

static void it_needs_one_of_both(void **state)
{
    pair *both = *state;
    lwsec_oscore_link *none = NULL;

    all.config.context = (lwsec_oscore *)both;
    assert_status(lwsec_oscore_link_init(all.link_memory, lwsec_oscore_link_size(&all.config),
                                         &all.config, &none, NULL),
                  LWSEC_USAGE);
    assert_null(none);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown((name), set_up, tear_down)
    const struct CMUnitTest tests[] = {
        test(the_stack_hears_the_response_alone),
        test(a_retransmission_is_the_request_that_goes_now),
        test(a_forged_response_1_changes_nothing),
        test(a_second_request_at_the_start_goes_by_the_new_context),
        test(a_registration_ends_with_its_context),
        test(a_request_by_another_context_is_no_duplicate),
        test(a_late_notification_is_reset),
        test(it_needs_one_of_both),
    };
    return cmocka_run_group_tests_name("oscore-link-rederive", tests, NULL, NULL);
}
