/* A link proves freshness for a stack that knows no Echo, and asks for it. RFC 9175. */
#include "tests/oscore/faulty_state.h"
#include "tests/oscore/links.h"

static lwsec_bytes request_of(const links *two, uint8_t type, uint16_t id, const char *token)
{
    return coap(two, type, LWSEC_COAP_POST, id, token,
                (body){.path = "rd", .query = "ep=meter", .payload = "</1/0>"});
}

static lwsec_bytes response_of(const links *two, uint8_t type, uint16_t id, const char *token)
{
    return coap(two, type, LWSEC_COAP_CREATED, id, token, (body){.payload = "yes"});
}

static lwsec_bytes empty(const links *two, uint8_t type, uint16_t id)
{
    return coap(two, type, LWSEC_COAP_EMPTY, id, "", (body){0});
}

/* The request is challenged: the challenge, as the server sends it. */
static lwsec_bytes challenged(links *two, lwsec_bytes wire)
{
    const arrival got = arrives(two, two->server, wire);

    assert_status(got.status, LWSEC_CHALLENGE);
    assert_int_equal(got.why, LWSEC_WHY_OSCORE_NOT_FRESH);
    assert_true(got.reply.size > 0);
    return got.reply;
}

/* The client takes a challenge without a word to its stack: the request, made again. */
static lwsec_bytes made_again(links *two, lwsec_bytes challenge)
{
    const arrival got = arrives(two, two->client, challenge);

    assert_status(got.status, LWSEC_OK);
    assert_int_equal(got.event, LWSEC_OSCORE_LINK_NOTHING);
    assert_true(got.reply.size > 0);
    return got.reply;
}

/* The server's stack gets the request with an Echo option, and all that the client's stack had put
 * into it. Trap 9. */
static void assert_arrives_with_echo(links *two, lwsec_bytes wire, lwsec_bytes request)
{
    const arrival got = arrives(two, two->server, wire);
    lwsec_coap_message plain;
    lwsec_coap_option echo;
    char value[LWSEC_ECHO_MAX + 1] = {0};

    assert_status(got.status, LWSEC_OK);
    assert_int_equal(got.event, LWSEC_OSCORE_LINK_MESSAGE);
    assert_status(lwsec_coap_decode(two->framing, got.plain, &plain, NULL), LWSEC_OK);
    assert_true(lwsec_coap_option_find(&plain, LWSEC_COAP_ECHO, &echo));
    assert_in_range(echo.value.size, 1, LWSEC_ECHO_MAX);
    memcpy(value, echo.value.data, echo.value.size);

    lwsec_coap_message sent;
    lwsec_coap_option options[] = {text_option(LWSEC_COAP_URI_PATH, "rd"),
                                   text_option(LWSEC_COAP_URI_QUERY, "ep=meter"),
                                   {LWSEC_COAP_ECHO, echo.value}};
    uint8_t room[256];
    lwsec_buffer expected = lwsec_buffer_of(room, sizeof room);
    assert_status(lwsec_coap_decode(two->framing, request, &sent, NULL), LWSEC_OK);
    sent.message_id = plain.message_id;
    assert_status(lwsec_coap_encode(two->framing, &sent, options, 3, &expected, NULL), LWSEC_OK);
    assert_bytes(got.plain, lwsec_buffer_bytes(&expected));
}

static void the_stack_hears_nothing_of_a_challenge(void **state)
{
    links *two = *state;

    links_open_challenging(two);
    const lwsec_bytes request = request_of(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes first = sends(two, two->client, request);
    const lwsec_bytes second = made_again(two, challenged(two, first));
    assert_int_not_equal(id_of(second), 7);
    assert_int_not_equal(piv_of(second), piv_of(first));
    assert_arrives_with_echo(two, second, request);
    /* Its timer sends the first message again: what goes out is what counts now. */
    assert_bytes(sends(two, two->client, request), second);
    const lwsec_bytes answer =
        sends(two, two->server, response_of(two, LWSEC_COAP_ACK, id_of(second), "tk"));
    assert_delivers(two, two->client, answer, response_of(two, LWSEC_COAP_ACK, 7, "tk"));
    LWSEC_COVERS("R-5.5.3-12");
    LWSEC_COVERS("R-5.7-03");
    LWSEC_COVERS("R-5.7-06");
}

static void a_request_without_confirmation_is_made_again_too(void **state)
{
    links *two = *state;

    links_open_challenging(two);
    const lwsec_bytes request = request_of(two, LWSEC_COAP_NON, 7, "tk");
    const lwsec_bytes second = made_again(two, challenged(two, sends(two, two->client, request)));
    assert_arrives_with_echo(two, second, request);
    const lwsec_bytes response = response_of(two, LWSEC_COAP_NON, 31, "tk");
    assert_delivers(two, two->client, sends(two, two->server, response), response);
    assert_int_equal(lwsec_oscore_link_deadline(two->client), LWSEC_OSCORE_LINK_NEVER);
}

static void over_tcp_a_request_is_made_again_too(void **state)
{
    links *two = *state;

    two->framing = LWSEC_COAP_TCP;
    links_open_challenging(two);
    const lwsec_bytes request = request_of(two, 0, 0, "tk");
    const lwsec_bytes second = made_again(two, challenged(two, sends(two, two->client, request)));
    assert_arrives_with_echo(two, second, request);
    const lwsec_bytes response = response_of(two, 0, 0, "tk");
    assert_delivers(two, two->client, sends(two, two->server, response), response);
    assert_int_equal(lwsec_oscore_link_deadline(two->client), LWSEC_OSCORE_LINK_NEVER);
}

/* Trap 9: two challenges at once do not get in each other's way. */
static void two_requests_in_parallel_are_each_made_again(void **state)
{
    links *two = *state;

    links_open_challenging(two);
    const lwsec_bytes a = request_of(two, LWSEC_COAP_CON, 7, "ta");
    const lwsec_bytes b = request_of(two, LWSEC_COAP_CON, 8, "tb");
    const lwsec_bytes a_asked = challenged(two, sends(two, two->client, a));
    const lwsec_bytes b_asked = challenged(two, sends(two, two->client, b));
    const lwsec_bytes b_again = made_again(two, b_asked);
    const lwsec_bytes a_again = made_again(two, a_asked);
    assert_int_not_equal(id_of(a_again), id_of(b_again));
    assert_arrives_with_echo(two, b_again, b); /* the older: the first proof sets the window */
    assert_arrives_with_echo(two, a_again, a);
    assert_delivers(two, two->client,
                    sends(two, two->server, response_of(two, LWSEC_COAP_ACK, id_of(b_again), "tb")),
                    response_of(two, LWSEC_COAP_ACK, 8, "tb"));
    assert_delivers(two, two->client,
                    sends(two, two->server, response_of(two, LWSEC_COAP_ACK, id_of(a_again), "ta")),
                    response_of(two, LWSEC_COAP_ACK, 7, "ta"));
}

static void a_duplicate_gets_the_same_challenge(void **state)
{
    links *two = *state;
    static const uint8_t types[] = {LWSEC_COAP_CON, LWSEC_COAP_NON};

    links_open_challenging(two);
    for (uint16_t i = 0; i < 2; i++) {
        const lwsec_bytes wire =
            sends(two, two->client, request_of(two, types[i], (uint16_t)(7 + i), "tk"));
        const lwsec_bytes asked = challenged(two, wire);
        const uint64_t number = next_number(two, &two->both->server);
        const arrival again = arrives(two, two->server, wire);
        assert_status(again.status, LWSEC_OK);
        assert_int_equal(again.event, LWSEC_OSCORE_LINK_NOTHING);
        assert_bytes(again.reply, asked);
        assert_int_equal(next_number(two, &two->both->server), number);
    }
}

static void a_challenge_that_comes_twice_is_answered_once(void **state)
{
    links *two = *state;

    links_open_challenging(two);
    const lwsec_bytes asked =
        challenged(two, sends(two, two->client, request_of(two, LWSEC_COAP_CON, 7, "tk")));
    made_again(two, asked);
    const uint64_t number = next_number(two, &two->both->client);
    const arrival again = arrives(two, two->client, asked);
    assert_status(again.status, LWSEC_REJECT);
    assert_int_equal(again.reply.size, 0);
    assert_int_equal(next_number(two, &two->both->client), number);
    assert_int_equal(wear_of(&two->both->client).failed_opens, 0);
}

/* A server that asks for ever: after one try the stack gets the 4.01. */
static void a_request_is_made_again_once(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = request_of(two, LWSEC_COAP_CON, 7, "tk");
    assert_delivers(two, two->server, sends(two, two->client, request), request);
    const lwsec_bytes second = made_again(
        two,
        sends(two, two->server,
              coap(two, LWSEC_COAP_ACK, LWSEC_COAP_UNAUTHORIZED, 7, "tk", (body){.echo = "one"})));
    assert_status(arrives(two, two->server, second).status, LWSEC_OK);
    const lwsec_bytes refusal = sends(two, two->server,
                                      coap(two, LWSEC_COAP_ACK, LWSEC_COAP_UNAUTHORIZED,
                                           id_of(second), "tk", (body){.echo = "two"}));
    assert_delivers(
        two, two->client, refusal,
        coap(two, LWSEC_COAP_ACK, LWSEC_COAP_UNAUTHORIZED, 7, "tk", (body){.echo = "two"}));
}

static void a_refusal_without_echo_goes_to_the_stack(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = request_of(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes refusal =
        coap(two, LWSEC_COAP_ACK, LWSEC_COAP_UNAUTHORIZED, 7, "tk", (body){0});
    assert_delivers(two, two->server, sends(two, two->client, request), request);
    assert_delivers(two, two->client, sends(two, two->server, refusal), refusal);
}

/* The stack was told that its request arrived and does not send it again: the link does. */
static void after_an_empty_ack_the_link_retransmits_by_itself(void **state)
{
    links *two = *state;
    uint8_t room[1024];
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    unsigned count = 0;

    links_open(two);
    const lwsec_bytes request = request_of(two, LWSEC_COAP_CON, 7, "tk");
    assert_delivers(two, two->server, sends(two, two->client, request), request);
    const lwsec_bytes ack = empty(two, LWSEC_COAP_ACK, 7);
    assert_delivers(two, two->client, sends(two, two->server, ack), ack);
    const lwsec_bytes asked =
        sends(two, two->server,
              coap(two, LWSEC_COAP_CON, LWSEC_COAP_UNAUTHORIZED, 500, "tk", (body){.echo = "one"}));
    const arrival got = arrives(two, two->client, asked);
    assert_int_equal(got.event, LWSEC_OSCORE_LINK_NOTHING);
    assert_bytes(got.reply, empty(two, LWSEC_COAP_ACK, 500)); /* the challenge asked for it */
    const arrival twice = arrives(two, two->client, asked);
    assert_status(twice.status, LWSEC_REPLAY);
    assert_bytes(twice.reply, got.reply);
    assert_int_equal(wear_of(&two->both->client).failed_opens, 0);

    const uint64_t number = next_number(two, &two->both->client);
    lwsec_bytes again = {NULL, 0};
    while (lwsec_oscore_link_deadline(two->client) != LWSEC_OSCORE_LINK_NEVER && count < 10) {
        two->now = lwsec_oscore_link_deadline(two->client);
        assert_status(lwsec_oscore_link_step(two->client, two->now, &out), LWSEC_OK);
        assert_true(out.size > 0);
        again = with_id(lwsec_buffer_bytes(&out), id_of(lwsec_buffer_bytes(&out)));
        count++;
    }
    assert_int_equal(count, 5); /* once, and MAX_RETRANSMIT times */
    assert_int_equal(next_number(two, &two->both->client), number);
    assert_status(lwsec_oscore_link_step(two->client, two->now, &out), LWSEC_OK);
    assert_int_equal(out.size, 0);
    assert_arrives_with_echo(two, again, request);
}

static void an_ack_for_the_second_request_stops_it_and_is_mapped_back(void **state)
{
    links *two = *state;

    links_open_challenging(two);
    const lwsec_bytes request = request_of(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes second = made_again(two, challenged(two, sends(two, two->client, request)));
    assert_arrives_with_echo(two, second, request);
    /* An ACK under the first Message ID that comes late says nothing about the second request. */
    const arrival late = arrives(two, two->client, empty(two, LWSEC_COAP_ACK, 7));
    assert_status(late.status, LWSEC_OK);
    assert_int_equal(late.event, LWSEC_OSCORE_LINK_NOTHING);
    const lwsec_bytes ack = sends(two, two->server, empty(two, LWSEC_COAP_ACK, id_of(second)));
    assert_delivers(two, two->client, ack, empty(two, LWSEC_COAP_ACK, 7));
    const lwsec_bytes response = response_of(two, LWSEC_COAP_CON, 600, "tk");
    assert_delivers(two, two->client, sends(two, two->server, response), response);
    assert_int_equal(lwsec_oscore_link_deadline(two->client), LWSEC_OSCORE_LINK_NEVER);
}

/* The Message ID of the second request is taken: the stack may come to use it itself. */
static void a_message_id_of_the_link_is_not_used_twice(void **state)
{
    links *two = *state;

    links_open_challenging(two);
    const lwsec_bytes second = made_again(
        two, challenged(two, sends(two, two->client, request_of(two, LWSEC_COAP_CON, 7, "tk"))));
    const lwsec_bytes request = request_of(two, LWSEC_COAP_CON, id_of(second), "to");
    assert_int_not_equal(id_of(sends(two, two->client, request)), id_of(second));
}

/* ---- A network that loses, doubles and mixes up ---- */

#define IN_FLIGHT 8U

typedef struct network {
    lwsec_bytes up[IN_FLIGHT];
    lwsec_bytes down[IN_FLIGHT];
    unsigned seed;
} network;

static unsigned chance(network *net, unsigned of)
{
    net->seed = net->seed * 1103515245U + 12345U;
    return (net->seed >> 16) % of;
}

static void put(network *net, lwsec_bytes *way, lwsec_bytes message)
{
    const unsigned copies = chance(net, 4); /* none is lost, two or three are doubled */

    for (unsigned i = 0; i < copies && message.size > 0; i++) {
        way[chance(net, IN_FLIGHT)] = message;
    }
}

static lwsec_bytes take(network *net, lwsec_bytes *way)
{
    const unsigned at = chance(net, IN_FLIGHT);
    const lwsec_bytes message = way[at];

    way[at] = lwsec_bytes_of(NULL, 0);
    return message;
}

/* What a stack like Wakaama does with a request: it sends it until it is answered. The server's
 * stack must get it once, the client's must get the answer once. */
static void exchange_over(links *two, network *net, uint16_t id, const char *token)
{
    const lwsec_bytes request = request_of(two, LWSEC_COAP_CON, id, token);
    unsigned served = 0;
    unsigned answered = 0;

    for (unsigned turn = 0; turn < 60 && answered == 0; turn++) {
        if (turn % 6 == 0) {
            put(net, net->up, sends(two, two->client, request));
        }
        const lwsec_bytes up = take(net, net->up);
        if (up.size > 0) {
            const arrival got = arrives(two, two->server, up);
            put(net, net->down, got.reply);
            if (got.event == LWSEC_OSCORE_LINK_MESSAGE) {
                served++;
                put(net, net->down,
                    sends(two, two->server,
                          response_of(two, LWSEC_COAP_ACK, id_of(got.plain), token)));
            }
        }
        const lwsec_bytes down = take(net, net->down);
        if (down.size > 0) {
            const arrival got = arrives(two, two->client, down);
            put(net, net->up, got.reply);
            if (got.event == LWSEC_OSCORE_LINK_MESSAGE) {
                answered++;
                assert_bytes(got.plain, response_of(two, LWSEC_COAP_ACK, id, token));
            }
        }
        two->now += 300;
    }
    assert_int_equal(answered, 1);
    assert_int_equal(served, 1);
}

static void over_a_bad_network_each_request_is_served_once(void **state)
{
    links *two = *state;
    network net = {.seed = 20261124};

    links_open_challenging(two);
    exchange_over(two, &net, 1, "one");
    exchange_over(two, &net, 2, "two");
    exchange_over(two, &net, 3, "three");
    assert_int_equal(wear_of(&two->both->client).failed_opens, 0);
    assert_int_equal(wear_of(&two->both->server).failed_opens, 0);
    /* Each request took one number, the challenged one two; the challenge one of the server. */
    assert_int_equal(next_number(two, &two->both->client), 4);
    assert_int_equal(next_number(two, &two->both->server), 1);
}

/* ---- Over a slow state ---- */

/* Each of the two messages that the link makes by itself needs a number that is not in reserve. */
static void a_slow_state_loses_neither_challenge_nor_proof(void **state)
{
    static faulty_state of_server, of_client;
    links *two = *state;
    endpoint *server = &two->both->server;
    endpoint *client = &two->both->client;

    faulty_state_open(&of_server, server->state);
    faulty_state_open(&of_client, client->state);
    server->config.state = &of_server.head;
    client->config.state = &of_client.head;
    server->config.reserve = server->config.reserve_max = 1;
    client->config.reserve = client->config.reserve_max = 1;
    links_open_challenging(two);
    const lwsec_bytes notice = request_of(two, LWSEC_COAP_NON, 1, "n");
    (void)sends(two, two->server, notice); /* the last number in reserve */
    const lwsec_bytes request = request_of(two, LWSEC_COAP_CON, 7, "tk");
    const lwsec_bytes wire = sends(two, two->client, request);
    faulty_state_fail(&of_server, 1, LWSEC_PENDING);
    const lwsec_bytes challenge = challenged(two, wire);
    faulty_state_fail(&of_client, 1, LWSEC_PENDING);
    assert_arrives_with_echo(two, made_again(two, challenge), request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        links_test(the_stack_hears_nothing_of_a_challenge),
        links_test(a_request_without_confirmation_is_made_again_too),
        links_test(over_tcp_a_request_is_made_again_too),
        links_test(two_requests_in_parallel_are_each_made_again),
        links_test(a_duplicate_gets_the_same_challenge),
        links_test(a_challenge_that_comes_twice_is_answered_once),
        links_test(a_request_is_made_again_once),
        links_test(a_refusal_without_echo_goes_to_the_stack),
        links_test(after_an_empty_ack_the_link_retransmits_by_itself),
        links_test(an_ack_for_the_second_request_stops_it_and_is_mapped_back),
        links_test(a_message_id_of_the_link_is_not_used_twice),
        links_test(over_a_bad_network_each_request_is_served_once),
        links_test(a_slow_state_loses_neither_challenge_nor_proof),
    };
    return cmocka_run_group_tests_name("oscore-link-echo", tests, NULL, NULL);
}
