/* Registrations over a link: bound for their life, and over when they end. RFC 7641, RFC 8613. */
#include "tests/oscore/links.h"

static lwsec_bytes observe(const links *two, uint16_t id, const char *value)
{
    return coap(two, LWSEC_COAP_CON, LWSEC_COAP_GET, id, "ob",
                (body){.path = "3", .observe = value});
}

static lwsec_bytes content(const links *two, uint8_t type, uint16_t id, const char *number,
                           const char *payload)
{
    return coap(two, type, LWSEC_COAP_CONTENT, id, "ob",
                (body){.observe = number, .payload = payload});
}

static lwsec_bytes empty(const links *two, uint8_t type, uint16_t id)
{
    return coap(two, type, LWSEC_COAP_EMPTY, id, "", (body){0});
}

/* The Observe option of what comes is made of the Partial IV: the payload tells which it is. */
static void assert_shows(links *two, lwsec_bytes wire, const char *payload)
{
    const arrival got = arrives(two, two->client, wire);
    lwsec_coap_message plain;

    assert_status(got.status, LWSEC_OK);
    assert_int_equal(got.event, LWSEC_OSCORE_LINK_MESSAGE);
    assert_status(lwsec_coap_decode(two->framing, got.plain, &plain, NULL), LWSEC_OK);
    assert_bytes(plain.payload, lwsec_bytes_of(payload, strlen(payload)));
}

static void registers(links *two, uint16_t id, const char *payload)
{
    const lwsec_bytes request = observe(two, id, "");

    assert_delivers(two, two->server, sends(two, two->client, request), request);
    assert_shows(two, sends(two, two->server, content(two, LWSEC_COAP_ACK, id, "\1", payload)),
                 payload);
}

static void other_exchange(links *two, uint16_t id)
{
    const lwsec_bytes request =
        coap(two, LWSEC_COAP_CON, LWSEC_COAP_GET, id, "other", (body){.path = "4"});
    const lwsec_bytes response =
        coap(two, LWSEC_COAP_ACK, LWSEC_COAP_CONTENT, id, "other", (body){.payload = "x"});

    assert_delivers(two, two->server, sends(two, two->client, request), request);
    assert_delivers(two, two->client, sends(two, two->server, response), response);
}

/* Trap 10: the registration's number stays in the AAD whatever else runs, and for days. */
static void notifications_are_bound_to_their_registration_while_others_run(void **state)
{
    links *two = *state;

    links_open(two);
    registers(two, 7, "0");
    for (uint16_t i = 0; i < 20; i++) {
        const char payload[] = {(char)('a' + i), '\0'};
        other_exchange(two, (uint16_t)(100 + i));
        assert_shows(two,
                     sends(two, two->server,
                           content(two, LWSEC_COAP_NON, (uint16_t)(200 + i), "\2", payload)),
                     payload);
        two->now += 86400000;
    }
    LWSEC_COVERS("R-5.1-11");
}

static void a_notification_is_retransmitted_as_it_was(void **state)
{
    links *two = *state;

    links_open(two);
    registers(two, 7, "0");
    const lwsec_bytes first = content(two, LWSEC_COAP_CON, 50, "\2", "first");
    const lwsec_bytes second = content(two, LWSEC_COAP_CON, 51, "\3", "second");
    const lwsec_bytes first_wire = sends(two, two->server, first);
    const lwsec_bytes second_wire = sends(two, two->server, second);
    const uint64_t number = next_number(two, &two->both->server);

    assert_true(piv_of(second_wire) > piv_of(first_wire));
    assert_bytes(sends(two, two->server, first), first_wire);
    assert_bytes(sends(two, two->server, second), second_wire);
    assert_int_equal(next_number(two, &two->both->server), number);
    assert_shows(two, second_wire, "second");
    /* The older one came later: it is not for the stack, and is acknowledged. */
    const arrival late = arrives(two, two->client, first_wire);
    assert_status(late.status, LWSEC_REPLAY);
    assert_bytes(late.reply, empty(two, LWSEC_COAP_ACK, 50));
}

static void a_duplicate_of_the_registration_gets_its_first_answer(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = observe(two, 7, "");
    const lwsec_bytes wire = sends(two, two->client, request);
    assert_delivers(two, two->server, wire, request);
    const lwsec_bytes first = sends(two, two->server, content(two, LWSEC_COAP_ACK, 7, "\1", "0"));
    sends(two, two->server, content(two, LWSEC_COAP_NON, 50, "\2", "1"));
    assert_bytes(arrives(two, two->server, wire).reply, first);
}

/* Trap 10: a notification that was in the queue when the cancellation came. */
static void after_a_cancellation_no_notification_goes_out(void **state)
{
    links *two = *state;

    links_open(two);
    registers(two, 7, "0");
    const lwsec_bytes cancel = observe(two, 8, "\1");
    assert_delivers(two, two->server, sends(two, two->client, cancel), cancel);
    assert_not_sent(two, two->server, content(two, LWSEC_COAP_NON, 50, "\2", "late"), LWSEC_REJECT,
                    LWSEC_WHY_OSCORE_REQUEST_USED);
    const lwsec_bytes last = content(two, LWSEC_COAP_ACK, 8, NULL, "last");
    assert_shows(two, sends(two, two->server, last), "last");
    assert_not_sent(two, two->server, content(two, LWSEC_COAP_NON, 51, "\2", "late"), LWSEC_REJECT,
                    LWSEC_WHY_OSCORE_REQUEST_USED);
}

static void a_notification_on_its_way_arrives_beside_the_cancellation(void **state)
{
    links *two = *state;

    links_open(two);
    registers(two, 7, "0");
    const lwsec_bytes early = sends(two, two->server, content(two, LWSEC_COAP_NON, 50, "\2", "1"));
    const lwsec_bytes cancel = observe(two, 8, "\1");
    const lwsec_bytes cancel_wire = sends(two, two->client, cancel);
    assert_shows(two, early, "1");
    assert_delivers(two, two->server, cancel_wire, cancel);
    const lwsec_bytes end = sends(two, two->server, content(two, LWSEC_COAP_ACK, 8, NULL, "last"));
    assert_shows(two, end, "last");
    /* The registration is gone at the client too. */
    assert_int_not_equal(arrives(two, two->client, early).event, LWSEC_OSCORE_LINK_MESSAGE);
}

static void an_error_or_no_observe_ends_the_registration(void **state)
{
    links *two = *state;

    links_open(two);
    for (uint16_t i = 0; i < 2; i++) {
        const uint8_t code = i == 0 ? LWSEC_COAP_NOT_FOUND : LWSEC_COAP_CONTENT;
        registers(two, (uint16_t)(7 + i), "0");
        const lwsec_bytes end =
            coap(two, LWSEC_COAP_NON, code, (uint16_t)(50 + i), "ob", (body){.payload = "gone"});
        assert_shows(two, sends(two, two->server, end), "gone");
        assert_not_sent(two, two->server,
                        content(two, LWSEC_COAP_NON, (uint16_t)(60 + i), "\2", "late"),
                        LWSEC_REJECT, LWSEC_WHY_OSCORE_REQUEST_USED);
    }
}

static void a_registration_that_is_not_accepted_has_one_answer(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request = observe(two, 7, "");
    assert_delivers(two, two->server, sends(two, two->client, request), request);
    assert_shows(two, sends(two, two->server, content(two, LWSEC_COAP_ACK, 7, NULL, "0")), "0");
    assert_not_sent(two, two->server, content(two, LWSEC_COAP_NON, 50, "\2", "late"), LWSEC_REJECT,
                    LWSEC_WHY_OSCORE_REQUEST_USED);
}

static void a_notification_without_registration_is_refused(void **state)
{
    links *two = *state;

    links_open(two);
    const lwsec_bytes request =
        coap(two, LWSEC_COAP_CON, LWSEC_COAP_GET, 7, "ob", (body){.path = "3"});
    assert_delivers(two, two->server, sends(two, two->client, request), request);
    assert_not_sent(two, two->server, content(two, LWSEC_COAP_ACK, 7, "\1", "0"), LWSEC_REJECT,
                    LWSEC_WHY_OSCORE_REQUEST_USED);
}

/* RFC 7641 section 3.3.1: the same token once more. Notifications of before still count until the
 * renewal is answered. */
static void a_renewed_registration_takes_the_place_of_the_old_one(void **state)
{
    links *two = *state;

    links_open(two);
    registers(two, 7, "0");
    const lwsec_bytes renewal = observe(two, 8, "");
    const lwsec_bytes wire = sends(two, two->client, renewal);
    assert_shows(two, sends(two, two->server, content(two, LWSEC_COAP_NON, 50, "\2", "old")),
                 "old");
    assert_delivers(two, two->server, wire, renewal);
    assert_shows(two, sends(two, two->server, content(two, LWSEC_COAP_ACK, 8, "\3", "new")), "new");
    for (uint16_t i = 0; i < 3; i++) {
        assert_shows(
            two,
            sends(two, two->server, content(two, LWSEC_COAP_NON, (uint16_t)(60 + i), "\4", "more")),
            "more");
    }
    /* One slot of the four is taken, at both ends. */
    registers(two, 9, "again");
    other_exchange(two, 100);
}

/* Trap 12: RST passes on, as a hint for the stack, and ends nothing by itself. */
static void a_reset_of_a_notification_is_a_hint_to_the_stack(void **state)
{
    links *two = *state;

    links_open(two);
    registers(two, 7, "0");
    sends(two, two->server, content(two, LWSEC_COAP_NON, 50, "\2", "1"));
    const lwsec_bytes reset = empty(two, LWSEC_COAP_RST, 50);
    assert_delivers(two, two->server, reset, reset);
    assert_shows(two, sends(two, two->server, content(two, LWSEC_COAP_NON, 51, "\3", "2")), "2");
}

/* A stack that drops registrations after a RST, without a word to the link: they make room. */
static void reset_registrations_make_room(void **state)
{
    links *two = *state;
    static const char *const tokens[] = {"a", "b", "c", "d", "e", "f"};

    links_open(two);
    for (uint16_t i = 0; i < 6; i++) {
        const lwsec_bytes request = coap(two, LWSEC_COAP_CON, LWSEC_COAP_GET, i, tokens[i],
                                         (body){.path = "3", .observe = ""});
        assert_delivers(two, two->server, sends(two, two->client, request), request);
        const lwsec_bytes first =
            sends(two, two->server,
                  coap(two, LWSEC_COAP_NON, LWSEC_COAP_CONTENT, (uint16_t)(50 + i), tokens[i],
                       (body){.observe = "\1", .payload = "0"}));
        assert_int_equal(arrives(two, two->client, first).event, LWSEC_OSCORE_LINK_MESSAGE);
        const lwsec_bytes reset = empty(two, LWSEC_COAP_RST, (uint16_t)(50 + i));
        assert_delivers(two, two->server, sends(two, two->client, reset), reset);
    }
}

static void live_registrations_do_not_make_room(void **state)
{
    links *two = *state;
    static const char *const tokens[] = {"a", "b", "c", "d"};

    links_open(two);
    for (uint16_t i = 0; i < 4; i++) {
        const lwsec_bytes request = coap(two, LWSEC_COAP_CON, LWSEC_COAP_GET, i, tokens[i],
                                         (body){.path = "3", .observe = ""});
        assert_delivers(two, two->server, sends(two, two->client, request), request);
        const lwsec_bytes first = sends(two, two->server,
                                        coap(two, LWSEC_COAP_ACK, LWSEC_COAP_CONTENT, i, tokens[i],
                                             (body){.observe = "\1", .payload = "0"}));
        assert_int_equal(arrives(two, two->client, first).event, LWSEC_OSCORE_LINK_MESSAGE);
    }
    two->now += 86400000;
    assert_not_sent(two, two->client, observe(two, 9, ""), LWSEC_LIMIT, LWSEC_WHY_LINK_FULL);
    lwsec_oscore_link_forget(two->client, true, lwsec_bytes_of("b", 1));
    sends(two, two->client, observe(two, 9, ""));
}

static void a_forgotten_registration_is_over(void **state)
{
    links *two = *state;

    links_open(two);
    registers(two, 7, "0");
    lwsec_oscore_link_forget(two->server, false, lwsec_bytes_of("ob", 2));
    assert_not_sent(two, two->server, content(two, LWSEC_COAP_NON, 50, "\2", "late"), LWSEC_REJECT,
                    LWSEC_WHY_OSCORE_REQUEST_USED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        links_test(notifications_are_bound_to_their_registration_while_others_run),
        links_test(a_notification_is_retransmitted_as_it_was),
        links_test(a_duplicate_of_the_registration_gets_its_first_answer),
        links_test(after_a_cancellation_no_notification_goes_out),
        links_test(a_notification_on_its_way_arrives_beside_the_cancellation),
        links_test(an_error_or_no_observe_ends_the_registration),
        links_test(a_registration_that_is_not_accepted_has_one_answer),
        links_test(a_notification_without_registration_is_refused),
        links_test(a_renewed_registration_takes_the_place_of_the_old_one),
        links_test(a_reset_of_a_notification_is_a_hint_to_the_stack),
        links_test(reset_registrations_make_room),
        links_test(live_registrations_do_not_make_room),
        links_test(a_forgotten_registration_is_over),
    };
    return cmocka_run_group_tests_name("oscore-link-observe", tests, NULL, NULL);
}
