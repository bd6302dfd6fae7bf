/* A link carries requests and responses of a stack that knows nothing of OSCORE. */
#include "tests/oscore/links.h"

static lwsec_bytes register_request(const links *two, uint8_t type, uint16_t id, const char *token)
{
    return coap(two, type, LWSEC_COAP_POST, id, token,
                (body){.path = "rd", .query = "ep=meter", .payload = "</1/0>"});
}

static lwsec_bytes created(const links *two, uint8_t type, uint16_t id, const char *token)
{
    return coap(two, type, LWSEC_COAP_CREATED, id, token, (body){.payload = "yes"});
}

static lwsec_bytes empty(const links *two, uint8_t type, uint16_t id)
{
    return coap(two, type, LWSEC_COAP_EMPTY, id, "", (body){0});
}

/* ---- Exchanges ---- */

static void a_request_and_its_response_arrive_as_they_were(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes response = created(two, LWSEC_COAP_ACK, 7, "tk");
    const lwsec_bytes wire = sends(two, two->client, request);
    assert_true(count_options(LWSEC_COAP_UDP, wire, LWSEC_COAP_OSCORE) == 1);
    assert_delivers(two, two->server, wire, request);
    assert_delivers(two, two->client, sends(two, two->server, response), response);
    LWSEC_COVERS("R-5.1-11");
}

static void both_ends_ask_at_once_under_one_token(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes up = register_request(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes down =
        coap(two, LWSEC_COAP_CON, LWSEC_COAP_GET, 7, "tk", (body){.path = "3"});
    const lwsec_bytes up_wire = sends(two, two->client, up);
    const lwsec_bytes down_wire = sends(two, two->server, down);
    assert_delivers(two, two->server, up_wire, up);
    assert_delivers(two, two->client, down_wire, down);
    const lwsec_bytes to_up = created(two, LWSEC_COAP_ACK, 7, "tk");
    const lwsec_bytes to_down =
        coap(two, LWSEC_COAP_ACK, LWSEC_COAP_CONTENT, 7, "tk", (body){.payload = "here"});
    assert_delivers(two, two->server, sends(two, two->client, to_down), to_down);
    assert_delivers(two, two->client, sends(two, two->server, to_up), to_up);
}

/* Trap 1: each response has the nonce of its own request. */
static void requests_in_parallel_get_their_own_responses(void **state)
{
    links *two = *state;
    static const char *const tokens[] = {"a", "b", "c"};
    lwsec_bytes answers[3];

    links_open(two);
    for (uint16_t i = 0; i < 3; i++) {
        const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, i, tokens[i]);
        assert_delivers(two, two->server, sends(two, two->client, request), request);
    }
    for (uint16_t i = 3; i-- > 0;) {
        answers[i] = sends(two, two->server, created(two, LWSEC_COAP_ACK, i, tokens[i]));
        assert_false(has_piv(answers[i]));
    }
    assert_memory_not_equal(&answers[0].data[6], &answers[1].data[6], answers[0].size - 6);
    for (uint16_t i = 0; i < 3; i++) {
        assert_delivers(two, two->client, answers[i], created(two, LWSEC_COAP_ACK, i, tokens[i]));
    }
}

static void a_separate_response_arrives_after_an_empty_ack(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes ack = empty(two, LWSEC_COAP_ACK, 7);
    const lwsec_bytes response = created(two, LWSEC_COAP_CON, 900, "tk");
    const lwsec_bytes ack_back = empty(two, LWSEC_COAP_ACK, 900);

    assert_delivers(two, two->server, sends(two, two->client, request), request);
    const lwsec_bytes ack_wire = sends(two, two->server, ack);
    assert_bytes(ack_wire, ack); /* trap 12: never encrypted */
    assert_delivers(two, two->client, ack_wire, ack);
    const lwsec_bytes wire = sends(two, two->server, response);
    assert_delivers(two, two->client, wire, response);
    assert_delivers(two, two->server, sends(two, two->client, ack_back), ack_back);
    /* The ACK of a separate response was lost: the stack has it already, the link acknowledges. */
    const arrival again = arrives(two, two->client, wire);
    assert_status(again.status, LWSEC_REPLAY);
    assert_bytes(again.reply, ack_back);
}

/* Trap 12: whoever forges an empty message ends nothing. */
static void forged_empty_messages_leave_the_exchange_open(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes response = created(two, LWSEC_COAP_NON, 8, "tk");
    const lwsec_bytes wire = sends(two, two->client, request);

    assert_delivers(two, two->client, empty(two, LWSEC_COAP_ACK, 7), empty(two, LWSEC_COAP_ACK, 7));
    assert_delivers(two, two->client, empty(two, LWSEC_COAP_RST, 7), empty(two, LWSEC_COAP_RST, 7));
    assert_bytes(sends(two, two->client, request), wire);
    assert_delivers(two, two->server, wire, request);
    assert_delivers(two, two->client, sends(two, two->server, response), response);
}

/* ---- Retransmissions and duplicates ---- */

static void a_retransmission_is_the_same_bytes_and_takes_no_number(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes first = sends(two, two->client, request);
    const uint64_t number = next_number(two, &two->both->client);
    for (unsigned i = 0; i < 4; i++) {
        two->now += 30000;
        assert_bytes(sends(two, two->client, request), first);
    }
    assert_int_equal(next_number(two, &two->both->client), number);
}

static void a_message_id_belongs_to_its_message_for_a_lifetime(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes non = register_request(two, LWSEC_COAP_NON, 8, "tn");
    const lwsec_bytes first = sends(two, two->client, request);
    const lwsec_bytes second = sends(two, two->client, non);

    two->now += 144999;
    assert_bytes(sends(two, two->client, non), second);
    two->now += 1;
    assert_int_equal(piv_of(sends(two, two->client, non)), 2);
    two->now += 101999;
    assert_bytes(sends(two, two->client, request), first);
    two->now += 1;
    assert_int_equal(piv_of(sends(two, two->client, request)), 3);
}

/* A stack that uses a Message ID for another message at once: the peer must not take it for the
 * old one. */
static void another_message_with_a_message_id_in_use_gets_another(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes first = register_request(two, LWSEC_COAP_CON, 7, "ta");
    const lwsec_bytes second = register_request(two, LWSEC_COAP_CON, 7, "tb");
    assert_delivers(two, two->server, sends(two, two->client, first), first);
    const lwsec_bytes wire = sends(two, two->client, second);
    assert_int_not_equal(id_of(wire), 7);
    assert_delivers(two, two->server, wire, with_id(second, id_of(wire)));
    const lwsec_bytes answer =
        sends(two, two->server, created(two, LWSEC_COAP_ACK, id_of(wire), "tb"));
    assert_delivers(two, two->client, answer, created(two, LWSEC_COAP_ACK, 7, "tb"));
}

static void a_duplicate_gets_the_same_answer_and_is_not_delivered(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes wire = sends(two, two->client, request);
    assert_delivers(two, two->server, wire, request);

    arrival again = arrives(two, two->server, wire); /* the stack has not answered yet */
    assert_status(again.status, LWSEC_OK);
    assert_int_equal(again.event, LWSEC_OSCORE_LINK_NOTHING);
    assert_int_equal(again.reply.size, 0);

    const lwsec_bytes response = created(two, LWSEC_COAP_ACK, 7, "tk");
    const lwsec_bytes answer = sends(two, two->server, response);
    const uint64_t number = next_number(two, &two->both->server);
    for (unsigned i = 0; i < 3; i++) {
        again = arrives(two, two->server, wire);
        assert_status(again.status, LWSEC_OK);
        assert_int_equal(again.event, LWSEC_OSCORE_LINK_NOTHING);
        assert_bytes(again.reply, answer);
    }
    assert_bytes(sends(two, two->server, response), answer);
    assert_int_equal(next_number(two, &two->both->server), number);
    LWSEC_COVERS("R-5.1-10");
}

/* A peer that has restarted counts Message IDs and tokens from the same start: its new request gets
 * an answer of its own, although the stack answers as it did before. */
static void the_same_answer_to_another_request_is_another_message(void **state)
{
    links *two = *state;
    packet *first = packet_new();
    packet *second = packet_new();
    packet *received = packet_new();

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes response = created(two, LWSEC_COAP_ACK, 7, "tk");
    assert_status(protect(&two->both->client, request, first), LWSEC_OK);
    assert_delivers(two, two->server, bytes_of(first), request);
    const lwsec_bytes answer = sends(two, two->server, response);
    assert_status(protect(&two->both->client, request, second), LWSEC_OK);
    assert_delivers(two, two->server, bytes_of(second), request);
    const lwsec_bytes other = sends(two, two->server, response);
    assert_status(receive(&two->both->client, second, other, received), LWSEC_OK);
    assert_bytes(bytes_of(received), response);
    /* Duplicates of each get their own. */
    assert_bytes(arrives(two, two->server, bytes_of(second)).reply, other);
    assert_bytes(arrives(two, two->server, bytes_of(first)).reply, answer);
    assert_bytes(sends(two, two->server, response), other);
}

static void a_duplicate_after_an_empty_ack_is_acknowledged_again(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes wire = sends(two, two->client, request);
    assert_delivers(two, two->server, wire, request);
    const lwsec_bytes ack = sends(two, two->server, empty(two, LWSEC_COAP_ACK, 7));
    assert_bytes(arrives(two, two->server, wire).reply, ack);
}

/* Another Message ID is another message: then the number tells that it is old. */
static void a_replay_under_another_message_id_is_refused(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes wire = sends(two, two->client, request);
    assert_delivers(two, two->server, wire, request);
    assert_refuses(two, two->server, with_id(wire, 8), LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY);
    two->now += 247000;
    assert_refuses(two, two->server, wire, LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY);
}

static void a_request_is_answered_once(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    assert_not_sent(two, two->server, created(two, LWSEC_COAP_ACK, 7, "tk"), LWSEC_REJECT,
                    LWSEC_WHY_OSCORE_REQUEST_USED);
    assert_delivers(two, two->server, sends(two, two->client, request), request);
    assert_not_sent(two, two->server, created(two, LWSEC_COAP_ACK, 8, "tk"), LWSEC_REJECT,
                    LWSEC_WHY_OSCORE_REQUEST_USED);
    sends(two, two->server, created(two, LWSEC_COAP_ACK, 7, "tk"));
    assert_not_sent(two, two->server, created(two, LWSEC_COAP_NON, 9, "tk"), LWSEC_REJECT,
                    LWSEC_WHY_OSCORE_REQUEST_USED);
}

/* Two messages that the stack sent under one Message ID are both known again. */
static void each_of_two_messages_with_one_message_id_is_retransmitted(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes first = register_request(two, LWSEC_COAP_CON, 7, "ta");
    const lwsec_bytes second = register_request(two, LWSEC_COAP_CON, 7, "tb");
    const lwsec_bytes first_wire = sends(two, two->client, first);
    const lwsec_bytes second_wire = sends(two, two->client, second);
    assert_bytes(sends(two, two->client, first), first_wire);
    assert_bytes(sends(two, two->client, second), second_wire);
}

static void codes_that_do_not_fit_the_type_are_refused(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes in_ack = register_request(two, LWSEC_COAP_ACK, 7, "tk");
    assert_not_sent(two, two->client, in_ack, LWSEC_REJECT, LWSEC_WHY_COAP_CODE);
    const lwsec_bytes wire = sends(two, two->client, request);
    const lwsec_bytes changed = with_id(wire, 7);
    ((uint8_t *)(uintptr_t)changed.data)[0] |= LWSEC_COAP_ACK << 4;
    assert_refuses(two, two->server, changed, LWSEC_REJECT, LWSEC_WHY_COAP_CODE);
    assert_delivers(two, two->server, wire, request);
    assert_not_sent(two, two->server, created(two, LWSEC_COAP_RST, 7, "tk"), LWSEC_REJECT,
                    LWSEC_WHY_COAP_CODE);
}

/* ---- Plain messages ---- */

static void a_plain_request_does_not_reach_the_stack(void **state)
{
    links *two = *state;

    links_open(two);
    assert_refuses(two, two->server, register_request(two, LWSEC_COAP_CON, 7, "tk"), LWSEC_REJECT,
                   LWSEC_WHY_OSCORE_UNPROTECTED);
    LWSEC_COVERS("R-5.1-07");
}

/* Trap 7. */
static void a_plain_response_does_not_reach_the_stack(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    assert_delivers(two, two->server, sends(two, two->client, request), request);
    assert_refuses(two, two->client, created(two, LWSEC_COAP_ACK, 7, "tk"), LWSEC_REJECT,
                   LWSEC_WHY_OSCORE_UNPROTECTED);
    const lwsec_bytes response = created(two, LWSEC_COAP_ACK, 7, "tk");
    assert_delivers(two, two->client, sends(two, two->server, response), response);
}

static void a_plain_error_shows_no_payload_and_ends_nothing(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    assert_delivers(two, two->server, sends(two, two->client, request), request);
    const arrival got = arrives(two, two->client,
                                coap(two, LWSEC_COAP_ACK, LWSEC_COAP_UNAUTHORIZED, 7, "tk",
                                     (body){.echo = "forged", .payload = "believe me"}));
    assert_status(got.status, LWSEC_OK);
    assert_int_equal(got.event, LWSEC_OSCORE_LINK_PLAIN_ERROR);
    assert_bytes(got.plain, coap(two, LWSEC_COAP_ACK, LWSEC_COAP_UNAUTHORIZED, 7, "tk", (body){0}));
    assert_int_equal(got.reply.size, 0);
    const lwsec_bytes response = created(two, LWSEC_COAP_ACK, 7, "tk");
    assert_delivers(two, two->client, sends(two, two->server, response), response);
}

static void a_response_that_nobody_waits_for_is_reset(void **state)
{
    links *two = *state;

    links_open(two);
    const arrival got = arrives(two, two->client, created(two, LWSEC_COAP_CON, 77, "tk"));
    assert_status(got.status, LWSEC_REJECT);
    assert_int_equal(got.why, LWSEC_WHY_OSCORE_REQUEST_USED);
    assert_bytes(got.reply, empty(two, LWSEC_COAP_RST, 77));
    assert_int_equal(arrives(two, two->client, created(two, LWSEC_COAP_ACK, 7, "tk")).reply.size,
                     0);
}

static void a_changed_message_is_refused(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes wire = sends(two, two->client, request);
    const lwsec_bytes copy = with_id(wire, 7);
    ((uint8_t *)(uintptr_t)copy.data)[wire.size - 1] ^= 1;
    assert_refuses(two, two->server, copy, LWSEC_REJECT, LWSEC_WHY_OSCORE_TAG);
    assert_delivers(two, two->server, wire, request);
}

/* ---- Room ---- */

static void a_full_link_refuses_before_a_number_is_used(void **state)
{
    links *two = *state;
    static const char *const tokens[] = {"a", "b", "c", "d"};

    links_open(two);
    for (uint16_t i = 0; i < 4; i++) {
        sends(two, two->client, register_request(two, LWSEC_COAP_CON, i, tokens[i]));
    }
    assert_not_sent(two, two->client, register_request(two, LWSEC_COAP_CON, 9, "e"), LWSEC_LIMIT,
                    LWSEC_WHY_LINK_FULL);
    /* One that has had its time makes room. */
    two->now += 247000;
    sends(two, two->client, register_request(two, LWSEC_COAP_CON, 9, "e"));
}

static void a_request_that_finds_no_room_may_come_again(void **state)
{
    links *two = *state;
    static const char *const tokens[] = {"a", "b", "c", "d"};

    links_open(two);
    const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes wire = sends(two, two->client, request);
    for (uint16_t i = 0; i < 4; i++) {
        sends(two, two->server, register_request(two, LWSEC_COAP_CON, i, tokens[i]));
    }
    assert_refuses(two, two->server, wire, LWSEC_LIMIT, LWSEC_WHY_LINK_FULL);
    lwsec_oscore_link_forget(two->server, true, lwsec_bytes_of("a", 1));
    assert_delivers(two, two->server, wire, request);
}

/* A client that works for hours with four slots. */
static void answered_requests_make_room(void **state)
{
    links *two = *state;

    links_open(two);
    for (uint16_t i = 0; i < 25; i++) {
        const lwsec_bytes request = register_request(two, LWSEC_COAP_CON, i, "tk");
        const lwsec_bytes response = created(two, LWSEC_COAP_ACK, i, "tk");
        assert_delivers(two, two->server, sends(two, two->client, request), request);
        assert_delivers(two, two->client, sends(two, two->server, response), response);
    }
}

static void messages_and_tokens_over_the_limit_are_refused(void **state)
{
    links *two = *state;
    static char payload[600];

    links_open(two);
    memset(payload, 'x', sizeof payload - 1);
    assert_not_sent(two, two->client,
                    coap(two, LWSEC_COAP_CON, LWSEC_COAP_POST, 1, "t", (body){.payload = payload}),
                    LWSEC_REJECT, LWSEC_WHY_TOO_LONG);
    assert_not_sent(two, two->client, register_request(two, LWSEC_COAP_CON, 1, "nine byte"),
                    LWSEC_REJECT, LWSEC_WHY_TOO_LONG);
}

/* ---- TCP ---- */

static void over_tcp_the_token_is_all(void **state)
{
    links *two = *state;

    two->framing = LWSEC_COAP_TCP;
    links_open(two);
    for (unsigned i = 0; i < 10; i++) {
        const lwsec_bytes a = register_request(two, 0, 0, "a");
        const lwsec_bytes b = register_request(two, 0, 0, "b");
        const lwsec_bytes to_a = created(two, 0, 0, "a");
        const lwsec_bytes to_b = created(two, 0, 0, "b");
        assert_delivers(two, two->server, sends(two, two->client, a), a);
        assert_delivers(two, two->server, sends(two, two->client, b), b);
        assert_delivers(two, two->client, sends(two, two->server, to_b), to_b);
        assert_delivers(two, two->client, sends(two, two->server, to_a), to_a);
    }
}

/* ---- Making a link ---- */

static void assert_not_made(const lwsec_oscore_link_config *config)
{
    static uint64_t memory[4096];
    lwsec_oscore_link *link = NULL;
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    assert_status(lwsec_oscore_link_init(memory, sizeof memory, config, &link, &reason),
                  LWSEC_USAGE);
    assert_int_equal(reason.why, LWSEC_WHY_CONFIG);
    assert_null(link);
}

static void fields_out_of_their_range_are_refused(void **state)
{
    links *two = *state;

    links_open(two);
    lwsec_oscore_link_config good = two->config;
    good.context = two->both->client.context;
    lwsec_oscore_link_config bad[] = {good, good, good, good, good, good, good, good};
    bad[0].size--;
    bad[1].exchanges = LWSEC_OSCORE_LINK_EXCHANGES_MAX + 1;
    bad[2].message_max = LWSEC_OSCORE_LINK_MESSAGE_MAX + 1;
    bad[3].token_max = good.message_max + 1;
    bad[4].id_context = LWSEC_OSCORE_ID_CONTEXT_MAX + 1;
    bad[5].echo_retries = 3;
    bad[6].flags = 1;
    bad[7].context = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_not_made(&bad[i]);
        assert_true(i == 7 || lwsec_oscore_link_size(&bad[i]) == 0);
    }
}

static void memory_and_buffers_that_are_too_small_are_refused(void **state)
{
    links *two = *state;
    static uint64_t memory[2048];
    uint8_t room[64];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    lwsec_oscore_link *link = NULL;

    links_open(two);
    lwsec_oscore_link_config config = two->config;
    config.context = two->both->client.context;
    assert_status(
        lwsec_oscore_link_init(memory, lwsec_oscore_link_size(&config) - 1, &config, &link, NULL),
        LWSEC_BUFFER);
    const uint64_t number = next_number(two, &two->both->client);
    assert_status(lwsec_oscore_link_send(two->client,
                                         register_request(two, LWSEC_COAP_CON, 7, "tk"), two->now,
                                         &out, NULL),
                  LWSEC_BUFFER);
    assert_int_equal(next_number(two, &two->both->client), number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        links_test(a_request_and_its_response_arrive_as_they_were),
        links_test(both_ends_ask_at_once_under_one_token),
        links_test(requests_in_parallel_get_their_own_responses),
        links_test(a_separate_response_arrives_after_an_empty_ack),
        links_test(forged_empty_messages_leave_the_exchange_open),
        links_test(a_retransmission_is_the_same_bytes_and_takes_no_number),
        links_test(a_message_id_belongs_to_its_message_for_a_lifetime),
        links_test(another_message_with_a_message_id_in_use_gets_another),
        links_test(a_duplicate_gets_the_same_answer_and_is_not_delivered),
        links_test(the_same_answer_to_another_request_is_another_message),
        links_test(a_duplicate_after_an_empty_ack_is_acknowledged_again),
        links_test(a_replay_under_another_message_id_is_refused),
        links_test(a_request_is_answered_once),
        links_test(each_of_two_messages_with_one_message_id_is_retransmitted),
        links_test(codes_that_do_not_fit_the_type_are_refused),
        links_test(a_plain_request_does_not_reach_the_stack),
        links_test(a_plain_response_does_not_reach_the_stack),
        links_test(a_plain_error_shows_no_payload_and_ends_nothing),
        links_test(a_response_that_nobody_waits_for_is_reset),
        links_test(a_changed_message_is_refused),
        links_test(a_full_link_refuses_before_a_number_is_used),
        links_test(a_request_that_finds_no_room_may_come_again),
        links_test(answered_requests_make_room),
        links_test(messages_and_tokens_over_the_limit_are_refused),
        links_test(over_tcp_the_token_is_all),
        links_test(fields_out_of_their_range_are_refused),
        links_test(memory_and_buffers_that_are_too_small_are_refused),
    };
    return cmocka_run_group_tests_name("oscore-link", tests, NULL, NULL);
}
