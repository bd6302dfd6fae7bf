/* Observe: a registration, its notifications, and their order. RFC 8613 sections 4.1.3.5 and 7.4.1.
 */
#include "tests/oscore/pair.h"

#include "tests/oscore/forge.h"

/* A registration that the server has accepted. */
typedef struct observation {
    packet *sent;
    packet *at_server;
} observation;

static lwsec_bytes observe_request(uint8_t value)
{
    static uint8_t values[2];
    const lwsec_coap_option options[] = {
        {LWSEC_COAP_OBSERVE, lwsec_bytes_of(&values[value], value == 0 ? 0 : 1)},
        text_option(LWSEC_COAP_URI_PATH, "tv1")};

    values[1] = 1;
    return udp_message(LWSEC_COAP_GET, options, 2, "");
}

static lwsec_bytes notification(const char *payload)
{
    static const uint8_t value[] = {0x33, 0x44};
    const lwsec_coap_option observe = {LWSEC_COAP_OBSERVE, lwsec_bytes_of(value, 2)};

    return udp_message(LWSEC_COAP_CONTENT, &observe, 1, payload);
}

static observation observe(pair *both)
{
    const observation made = {packet_new(), packet_new()};

    assert_status(protect(&both->client, observe_request(0), made.sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(made.sent), made.at_server), LWSEC_OK);
    assert_bytes(bytes_of(made.at_server), observe_request(0));
    return made;
}

static void assert_payload(const packet *received, const char *payload)
{
    lwsec_coap_message decoded;

    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(received), &decoded, NULL), LWSEC_OK);
    assert_bytes(decoded.payload, lwsec_bytes_of(payload, strlen(payload)));
}

static uint32_t observe_value(const packet *received)
{
    lwsec_coap_message decoded;
    lwsec_coap_option option;
    uint32_t value;

    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(received), &decoded, NULL), LWSEC_OK);
    assert_true(lwsec_coap_option_find(&decoded, LWSEC_COAP_OBSERVE, &option));
    assert_true(lwsec_coap_option_uint(option.value, &value));
    return value;
}

static void assert_replay(pair *both, packet *request, const packet *wire)
{
    static packet received;

    assert_status(receive(&both->client, request, bytes_of(wire), &received), LWSEC_REPLAY);
    assert_int_equal(received.reason.why, LWSEC_WHY_OSCORE_REPLAY);
}

/* ---- What is sent ---- */

static void observe_stands_inside_and_outside_of_a_registration(void **state)
{
    pair *both = *state;

    pair_open(both);
    const observation seen = observe(both);
    assert_int_equal(seen.sent->data[1], LWSEC_COAP_FETCH);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(seen.sent), LWSEC_COAP_OBSERVE), 1);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(seen.sent), LWSEC_COAP_URI_PATH), 0);
}

static void every_notification_has_a_number_of_its_own(void **state)
{
    pair *both = *state;
    packet *wire = packet_new();

    pair_open(both);
    const observation seen = observe(both);
    for (uint64_t number = 0; number < 5; number++) {
        assert_status(respond(&both->server, seen.at_server, notification("x"), wire), LWSEC_OK);
        assert_int_equal(piv_of(bytes_of(wire)), number);
        assert_int_equal(wire->data[1], LWSEC_COAP_CONTENT);
    }
}

static void an_observe_option_of_four_bytes_is_refused(void **state)
{
    static const uint8_t value[4] = {1, 2, 3, 4};
    const lwsec_coap_option option = {LWSEC_COAP_OBSERVE, lwsec_bytes_of(value, 4)};
    pair *both = *state;
    packet *out = packet_new();

    pair_open(both);
    const observation seen = observe(both);
    const uint64_t next = wear_of(&both->client).next_ssn;
    assert_status(protect(&both->client, udp_message(LWSEC_COAP_GET, &option, 1, ""), out),
                  LWSEC_REJECT);
    assert_status(respond(&both->server, seen.at_server,
                          udp_message(LWSEC_COAP_CONTENT, &option, 1, ""), out),
                  LWSEC_REJECT);
    assert_int_equal(wear_of(&both->client).next_ssn, next);
    assert_int_equal(wear_of(&both->server).next_ssn, 0);
}

static void two_observe_options_are_refused(void **state)
{
    const lwsec_coap_option options[] = {{LWSEC_COAP_OBSERVE, {NULL, 0}},
                                         {LWSEC_COAP_OBSERVE, {NULL, 0}}};
    pair *both = *state;
    packet *out = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, udp_message(LWSEC_COAP_GET, options, 2, ""), out),
                  LWSEC_REJECT);
    assert_int_equal(out->reason.why, LWSEC_WHY_COAP_OPTION_TWICE);
}

/* ---- What is received ---- */

static void notifications_are_accepted_in_ascending_order(void **state)
{
    pair *both = *state;
    packet *wire = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const observation seen = observe(both);
    for (uint32_t number = 0; number < 300; number++) {
        assert_status(respond(&both->server, seen.at_server, notification("23 C"), wire), LWSEC_OK);
        assert_status(receive(&both->client, seen.sent, bytes_of(wire), received), LWSEC_OK);
        assert_payload(received, "23 C");
        assert_int_equal(observe_value(received), number);
        assert_replay(both, seen.sent, wire);
    }
}

static void the_order_is_the_end_of_the_partial_iv(void **state)
{
    pair *both = *state;
    packet *wire = packet_new();
    packet *received = packet_new();

    both->server.config.start_ssn = UINT64_C(0x0102fffffe);
    pair_open(both);
    endpoint_trust(&both->server);
    const observation seen = observe(both);
    assert_status(respond(&both->server, seen.at_server, notification("a"), wire), LWSEC_OK);
    assert_status(receive(&both->client, seen.sent, bytes_of(wire), received), LWSEC_OK);
    assert_int_equal(observe_value(received), 0xfffffe);
    assert_status(respond(&both->server, seen.at_server, notification("a"), wire), LWSEC_OK);
    assert_status(respond(&both->server, seen.at_server, notification("b"), wire), LWSEC_OK);
    assert_status(receive(&both->client, seen.sent, bytes_of(wire), received), LWSEC_OK);
    assert_int_equal(observe_value(received), 0);
    assert_payload(received, "b");
}

static void an_older_notification_is_a_replay(void **state)
{
    pair *both = *state;
    packet *old = packet_new();
    packet *new = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const observation seen = observe(both);
    assert_status(respond(&both->server, seen.at_server, notification("old"), old), LWSEC_OK);
    assert_status(respond(&both->server, seen.at_server, notification("new"), new), LWSEC_OK);
    assert_status(receive(&both->client, seen.sent, bytes_of(new), received), LWSEC_OK);
    assert_replay(both, seen.sent, old);
    assert_replay(both, seen.sent, new);
}

static void a_forged_notification_does_not_lock_out_genuine_ones(void **state)
{
    pair *both = *state;
    packet *wire = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const observation seen = observe(both);
    assert_status(respond(&both->server, seen.at_server, notification("x"), wire), LWSEC_OK);
    /* The OSCORE option "92 01 00" gets number 200. */
    uint8_t *piv = &wire->data[8 + 3 + 2];
    assert_int_equal(piv[-2], 0x32);
    *piv = 200;
    assert_int_equal(piv_of(bytes_of(wire)), 200);
    assert_status(receive(&both->client, seen.sent, bytes_of(wire), received), LWSEC_REJECT);
    *piv = 0;
    assert_status(receive(&both->client, seen.sent, bytes_of(wire), received), LWSEC_OK);
}

static void a_first_notification_without_number_is_accepted_once(void **state)
{
    pair *both = *state;
    packet *wire = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const observation seen = observe(both);
    const lwsec_bytes inner = lwsec_test_hex("4560ff61"); /* empty Observe, payload "a" */
    const lwsec_bytes first = forge_response(&both->server, 0, NULL, inner);
    assert_status(receive(&both->client, seen.sent, first, received), LWSEC_OK);
    assert_payload(received, "a");
    assert_status(receive(&both->client, seen.sent, first, received), LWSEC_REPLAY);
    assert_status(respond(&both->server, seen.at_server, notification("b"), wire), LWSEC_OK);
    assert_status(receive(&both->client, seen.sent, bytes_of(wire), received), LWSEC_OK);
    assert_status(receive(&both->client, seen.sent, first, received), LWSEC_REPLAY);
}

/* It is the oldest, whenever it comes. */
static void a_notification_without_number_behind_numbered_ones_is_a_replay(void **state)
{
    pair *both = *state;
    packet *wire = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const observation seen = observe(both);
    assert_status(respond(&both->server, seen.at_server, notification("b"), wire), LWSEC_OK);
    assert_status(receive(&both->client, seen.sent, bytes_of(wire), received), LWSEC_OK);
    const lwsec_bytes first = forge_response(&both->server, 0, NULL, lwsec_test_hex("4560ff61"));
    assert_status(receive(&both->client, seen.sent, first, received), LWSEC_REPLAY);
    assert_int_equal(received->reason.why, LWSEC_WHY_OSCORE_REPLAY);
}

static void a_notification_that_nobody_asked_for_is_refused(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();
    packet *wire = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), at_server), LWSEC_OK);
    assert_status(respond(&both->server, at_server, notification("x"), wire), LWSEC_OK);
    assert_status(receive(&both->client, sent, bytes_of(wire), received), LWSEC_REJECT);
    assert_int_equal(received->reason.why, LWSEC_WHY_OSCORE_OBSERVE);
    /* The real answer still counts. */
    assert_status(respond(&both->server, at_server, plain_content(), wire), LWSEC_OK);
    assert_status(receive(&both->client, sent, bytes_of(wire), received), LWSEC_OK);
}

static void a_deregistration_gets_one_response(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();
    packet *wire = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, observe_request(1), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), at_server), LWSEC_OK);
    assert_status(respond(&both->server, at_server, notification("x"), wire), LWSEC_OK);
    assert_status(receive(&both->client, sent, bytes_of(wire), received), LWSEC_REJECT);
    assert_status(respond(&both->server, at_server, plain_content(), wire), LWSEC_OK);
    assert_status(receive(&both->client, sent, bytes_of(wire), received), LWSEC_OK);
}

static void a_response_without_observe_ends_the_observation(void **state)
{
    pair *both = *state;
    packet *wire = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const observation seen = observe(both);
    assert_status(respond(&both->server, seen.at_server, notification("x"), wire), LWSEC_OK);
    assert_status(receive(&both->client, seen.sent, bytes_of(wire), received), LWSEC_OK);
    assert_status(respond_with_number(&both->server, seen.at_server, plain_content(), wire),
                  LWSEC_OK);
    assert_status(receive(&both->client, seen.sent, bytes_of(wire), received), LWSEC_OK);
    assert_status(respond(&both->server, seen.at_server, notification("y"), wire), LWSEC_OK);
    assert_replay(both, seen.sent, wire);
}

/* ---- A long registration among other traffic ---- */

static void a_registration_keeps_its_number_while_other_requests_run(void **state)
{
    pair *both = *state;
    packet *wire = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const observation seen = observe(both);
    for (unsigned i = 0; i < 70; i++) { /* past the window of 32, and past a reserved block */
        exchange(both);
        assert_status(respond(&both->server, seen.at_server, notification("x"), wire), LWSEC_OK);
        assert_status(receive(&both->client, seen.sent, bytes_of(wire), received), LWSEC_OK);
    }
}

static void two_observations_have_an_order_each(void **state)
{
    pair *both = *state;
    packet *first = packet_new();
    packet *second = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const observation a = observe(both);
    const observation b = observe(both);
    assert_status(respond(&both->server, a.at_server, notification("a"), first), LWSEC_OK);
    assert_status(respond(&both->server, b.at_server, notification("b"), second), LWSEC_OK);
    assert_status(receive(&both->client, b.sent, bytes_of(second), received), LWSEC_OK);
    assert_status(receive(&both->client, a.sent, bytes_of(second), received), LWSEC_REJECT);
    assert_status(receive(&both->client, a.sent, bytes_of(first), received), LWSEC_OK);
    assert_payload(received, "a");
}

static void an_outer_observe_alone_registers_nothing(void **state)
{
    pair *both = *state;
    packet *received = packet_new();
    const lwsec_bytes inner = lwsec_test_hex("01b3747631");

    pair_open(both);
    /* Somebody on the way adds Observe outside: it is not protected, so it does not count. */
    assert_status(
        unprotect(&both->server, forge_request(&both->client, 5, inner, "60320905"), received),
        LWSEC_OK);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(received), LWSEC_COAP_OBSERVE), 0);
}

/* ---- A peer that breaks the rules ---- */

/* Observe options inside, `count` of them, then Content-Format 42 and the payload "a". */
static lwsec_bytes many_observes(unsigned count)
{
    static const uint8_t end[] = {0x61, 0x2a, 0xff, 'a'};
    static uint8_t inner[256];

    memset(inner, 0, sizeof inner);
    inner[0] = LWSEC_COAP_CONTENT;
    inner[1] = 0x60;
    memcpy(&inner[1 + count], end, sizeof end);
    return lwsec_bytes_of(inner, 1 + count + sizeof end);
}

/* Each could grow by three bytes, and there is room for one. */
static void more_than_one_observe_option_in_a_notification_is_no_harm(void **state)
{
    pair *both = *state;
    packet *received = packet_new();
    lwsec_coap_message decoded;
    lwsec_coap_option format;

    pair_open(both);
    const observation seen = observe(both);
    for (unsigned count = 1; count < 200; count++) {
        const uint64_t number = 0x10000 + count;
        assert_status(receive(&both->client, seen.sent,
                              forge_response(&both->server, 0, &number, many_observes(count)),
                              received),
                      LWSEC_OK);
        assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(received), &decoded, NULL),
                      LWSEC_OK);
        assert_true(lwsec_coap_option_find(&decoded, LWSEC_COAP_CONTENT_FORMAT, &format));
        assert_bytes(format.value, lwsec_bytes_of("\x2a", 1));
        assert_payload(received, "a");
        assert_int_equal(observe_value(received), number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(observe_stands_inside_and_outside_of_a_registration),
        pair_test(every_notification_has_a_number_of_its_own),
        pair_test(an_observe_option_of_four_bytes_is_refused),
        pair_test(two_observe_options_are_refused),
        pair_test(notifications_are_accepted_in_ascending_order),
        pair_test(the_order_is_the_end_of_the_partial_iv),
        pair_test(an_older_notification_is_a_replay),
        pair_test(a_forged_notification_does_not_lock_out_genuine_ones),
        pair_test(a_first_notification_without_number_is_accepted_once),
        pair_test(a_notification_without_number_behind_numbered_ones_is_a_replay),
        pair_test(a_notification_that_nobody_asked_for_is_refused),
        pair_test(a_deregistration_gets_one_response),
        pair_test(a_response_without_observe_ends_the_observation),
        pair_test(a_registration_keeps_its_number_while_other_requests_run),
        pair_test(two_observations_have_an_order_each),
        pair_test(an_outer_observe_alone_registers_nothing),
        pair_test(more_than_one_observe_option_in_a_notification_is_no_harm),
    };
    return cmocka_run_group_tests_name("oscore-observe", tests, NULL, NULL);
}
