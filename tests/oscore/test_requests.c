/* A response belongs to one request, and a request object to one context. */
#include "tests/oscore/pair.h"

#include "tests/oscore/forge.h"

static const uint8_t hello[] = {0x48, 0x65, 0x6c, 0x6c, 0x6f};

/* A request on its way, as both ends know it. */
typedef struct call {
    packet *sent;
    packet *at_server;
} call;

static call call_new(pair *both)
{
    const call made = {packet_new(), packet_new()};

    assert_status(protect(&both->client, plain_get(), made.sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(made.sent), made.at_server), LWSEC_OK);
    return made;
}

static void assert_receive_refused(pair *both, packet *request, lwsec_bytes wire,
                                   lwsec_status status, lwsec_why why)
{
    static packet received;

    assert_status(receive(&both->client, request, wire, &received), status);
    assert_int_equal(received.reason.why, why);
}

/* ---- Which response belongs to which request ---- */

static void a_response_to_another_request_is_refused(void **state)
{
    pair *both = *state;
    packet *response = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const call a = call_new(both);
    const call b = call_new(both);
    assert_status(respond(&both->server, a.at_server, plain_content(), response), LWSEC_OK);
    assert_receive_refused(both, b.sent, bytes_of(response), LWSEC_REJECT, LWSEC_WHY_OSCORE_TAG);
    /* Both still wait for their own. */
    assert_status(receive(&both->client, a.sent, bytes_of(response), received), LWSEC_OK);
    assert_status(respond(&both->server, b.at_server, plain_content(), response), LWSEC_OK);
    assert_status(receive(&both->client, b.sent, bytes_of(response), received), LWSEC_OK);
    LWSEC_COVERS("R-5.1-11");
}

static void a_numbered_response_to_another_request_is_refused(void **state)
{
    pair *both = *state;
    packet *response = packet_new();

    pair_open(both);
    const call a = call_new(both);
    const call b = call_new(both);
    assert_status(respond_with_number(&both->server, a.at_server, plain_content(), response),
                  LWSEC_OK);
    assert_receive_refused(both, b.sent, bytes_of(response), LWSEC_REJECT, LWSEC_WHY_OSCORE_TAG);
}

static void two_requests_may_be_answered_in_either_order(void **state)
{
    pair *both = *state;
    packet *first = packet_new();
    packet *second = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const call a = call_new(both);
    const call b = call_new(both);
    assert_status(respond(&both->server, b.at_server, plain_content(), second), LWSEC_OK);
    assert_status(respond(&both->server, a.at_server, plain_content(), first), LWSEC_OK);
    assert_false(has_piv(bytes_of(first)));
    assert_false(has_piv(bytes_of(second)));
    /* The same plaintext under two nonces: a shared nonce would show as equal bytes. */
    assert_int_equal(first->out.size, second->out.size);
    assert_memory_not_equal(first->data, second->data, first->out.size);
    assert_status(receive(&both->client, a.sent, bytes_of(first), received), LWSEC_OK);
    assert_status(receive(&both->client, b.sent, bytes_of(second), received), LWSEC_OK);
}

static void a_response_is_accepted_once(void **state)
{
    pair *both = *state;
    packet *response = packet_new();
    packet *another = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const call a = call_new(both);
    assert_status(respond(&both->server, a.at_server, plain_content(), response), LWSEC_OK);
    assert_status(respond(&both->server, a.at_server, plain_content(), another), LWSEC_OK);
    assert_status(receive(&both->client, a.sent, bytes_of(response), received), LWSEC_OK);
    assert_receive_refused(both, a.sent, bytes_of(response), LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY);
    assert_receive_refused(both, a.sent, bytes_of(another), LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY);
}

static void a_numbered_response_is_accepted_once(void **state)
{
    pair *both = *state;
    packet *response = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const call a = call_new(both);
    assert_status(respond_with_number(&both->server, a.at_server, plain_content(), response),
                  LWSEC_OK);
    assert_status(receive(&both->client, a.sent, bytes_of(response), received), LWSEC_OK);
    assert_receive_refused(both, a.sent, bytes_of(response), LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY);
}

static void a_refused_response_leaves_the_request_waiting(void **state)
{
    pair *both = *state;
    packet *response = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const call a = call_new(both);
    assert_status(respond(&both->server, a.at_server, plain_content(), response), LWSEC_OK);
    for (size_t at = 8; at < response->out.size; at++) {
        response->data[at] ^= 0x01;
        assert_status(receive(&both->client, a.sent, bytes_of(response), received), LWSEC_REJECT);
        response->data[at] ^= 0x01;
    }
    assert_status(receive(&both->client, a.sent, bytes_of(response), received), LWSEC_OK);
}

/* ---- A second response ---- */

static void a_second_response_has_a_number_of_its_own(void **state)
{
    pair *both = *state;
    packet *response = packet_new();

    pair_open(both);
    const call a = call_new(both);
    assert_status(respond(&both->server, a.at_server, plain_content(), response), LWSEC_OK);
    assert_false(has_piv(bytes_of(response)));
    assert_status(respond(&both->server, a.at_server, plain_content(), response), LWSEC_OK);
    assert_int_equal(piv_of(bytes_of(response)), 0);
    assert_status(respond(&both->server, a.at_server, plain_content(), response), LWSEC_OK);
    assert_int_equal(piv_of(bytes_of(response)), 1);
}

/* Only the first response may be without a number. */
static void a_numbered_response_uses_up_the_nonce_of_the_request(void **state)
{
    pair *both = *state;
    packet *response = packet_new();

    pair_open(both);
    const call a = call_new(both);
    for (unsigned i = 0; i < 3; i++) {
        assert_status(
            i == 0 ? respond_with_number(&both->server, a.at_server, plain_content(), response)
                   : respond(&both->server, a.at_server, plain_content(), response),
            LWSEC_OK);
        assert_int_equal(piv_of(bytes_of(response)), i);
    }
}

/* ---- What is sent ---- */

static bool shows(lwsec_bytes wire, const char *text)
{
    for (size_t at = 0; at + strlen(text) <= wire.size; at++) {
        if (memcmp(&wire.data[at], text, strlen(text)) == 0) {
            return true;
        }
    }
    return false;
}

static void path_query_and_payload_are_not_seen_on_the_wire(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *response = packet_new();
    const lwsec_coap_option options[] = {text_option(LWSEC_COAP_URI_PATH, "registration"),
                                         text_option(LWSEC_COAP_URI_QUERY, "ep=meter")};
    const lwsec_coap_option location = text_option(LWSEC_COAP_LOCATION_PATH, "seventeen");

    pair_open(both);
    assert_status(protect(&both->client,
                          udp_message(LWSEC_COAP_POST, options, 2, "objects and instances"), sent),
                  LWSEC_OK);
    assert_false(shows(bytes_of(sent), "registration"));
    assert_false(shows(bytes_of(sent), "ep=meter"));
    assert_false(shows(bytes_of(sent), "objects"));
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_true(shows(bytes_of(received), "objects and instances"));
    assert_status(respond(&both->server, received,
                          udp_message(LWSEC_COAP_CREATED, &location, 1, "welcome"), response),
                  LWSEC_OK);
    assert_false(shows(bytes_of(response), "seventeen"));
    assert_false(shows(bytes_of(response), "welcome"));
    /* Client and server are roles of a request: both kinds of LwM2M peer take either. */
    LWSEC_COVERS("R-5.1-06");
    LWSEC_COVERS("R-5.1-07");
    LWSEC_COVERS("R-5.1-08");
    LWSEC_COVERS("R-5.1-09");
}

/* ---- Plain messages where a protected one counts ---- */

/* No byte of the payload comes out, whatever the caller looks at. */
static void assert_nowhere(const packet *one, const uint8_t *needle, size_t size)
{
    for (size_t at = 0; at + size <= one->out.capacity; at++) {
        assert_int_not_equal(memcmp(&one->data[at], needle, size), 0);
    }
}

static void a_plain_response_is_refused_with_nothing_in_the_output(void **state)
{
    pair *both = *state;
    packet *received = packet_new();

    pair_open(both);
    const call a = call_new(both);
    assert_status(receive(&both->client, a.sent, plain_content(), received), LWSEC_REJECT);
    assert_int_equal(received->reason.why, LWSEC_WHY_OSCORE_UNPROTECTED);
    assert_nowhere(received, hello, sizeof hello);
    assert_false(lwsec_oscore_plain_error(LWSEC_COAP_CONTENT));
}

static void a_plain_error_is_refused_and_told_to_be_possible(void **state)
{
    pair *both = *state;
    packet *response = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const call a = call_new(both);
    assert_status(receive(&both->client, a.sent,
                          udp_message(LWSEC_COAP_UNAUTHORIZED, NULL, 0, "Hello"), received),
                  LWSEC_REJECT);
    assert_int_equal(received->reason.why, LWSEC_WHY_OSCORE_UNPROTECTED);
    assert_nowhere(received, hello, sizeof hello);
    assert_true(lwsec_oscore_plain_error(LWSEC_COAP_UNAUTHORIZED));
    /* It ended nothing: the real response is still awaited. */
    assert_status(respond(&both->server, a.at_server, plain_content(), response), LWSEC_OK);
    assert_status(receive(&both->client, a.sent, bytes_of(response), received), LWSEC_OK);
}

static void only_the_errors_of_the_rfc_may_be_plain(void **state)
{
    static const uint8_t possible[] = {0x80, 0x81, 0x82, 0x84, 0x8d, 0xa2, 0xa3, 0xa4, 0xa5};

    (void)state;
    for (unsigned code = 0; code < 256; code++) {
        const bool expected = memchr(possible, (int)code, sizeof possible) != NULL;
        assert_int_equal(lwsec_oscore_plain_error((uint8_t)code), expected);
    }
}

static void the_error_to_send_is_that_of_the_rfc(void **state)
{
    lwsec_reason reason = {LWSEC_WHY_OSCORE_REPLAY, 0};

    (void)state;
    assert_int_equal(lwsec_oscore_error_code(LWSEC_REPLAY, &reason), LWSEC_COAP_UNAUTHORIZED);
    reason.why = LWSEC_WHY_OSCORE_OTHER_KID;
    assert_int_equal(lwsec_oscore_error_code(LWSEC_REJECT, &reason), LWSEC_COAP_UNAUTHORIZED);
    reason.why = LWSEC_WHY_OSCORE_TAG;
    assert_int_equal(lwsec_oscore_error_code(LWSEC_REJECT, &reason), LWSEC_COAP_BAD_REQUEST);
    reason.why = LWSEC_WHY_OSCORE_RESERVED;
    assert_int_equal(lwsec_oscore_error_code(LWSEC_REJECT, &reason), LWSEC_COAP_BAD_OPTION);
    reason.why = LWSEC_WHY_COAP_VERSION;
    assert_int_equal(lwsec_oscore_error_code(LWSEC_REJECT, &reason), 0);
    reason.why = LWSEC_WHY_NONE;
    assert_int_equal(lwsec_oscore_error_code(LWSEC_OK, &reason), 0);
    assert_int_equal(lwsec_oscore_error_code(LWSEC_STATE, &reason), 0);
    assert_int_equal(lwsec_oscore_error_code((lwsec_status)99, &reason), 0);
}

/* ---- Request objects ---- */

static void a_request_object_of_zeros_is_refused(void **state)
{
    pair *both = *state;
    packet *none = packet_new();
    packet *out = packet_new();

    pair_open(both);
    const call a = call_new(both);
    assert_status(respond(&both->server, none, plain_content(), out), LWSEC_USAGE);
    assert_int_equal(out->reason.why, LWSEC_WHY_OSCORE_REQUEST_USED);
    assert_status(challenge(&both->server, none, bytes_of(a.sent), out), LWSEC_USAGE);
    assert_receive_refused(both, none, plain_content(), LWSEC_USAGE, LWSEC_WHY_OSCORE_REQUEST_USED);
}

static void a_request_object_of_another_context_is_refused(void **state)
{
    static endpoint other;
    pair *both = *state;
    packet *out = packet_new();

    pair_open(both);
    const call a = call_new(both);
    endpoint_twin(&other, &both->server);
    assert_status(respond(&other, a.at_server, plain_content(), out), LWSEC_USAGE);
    assert_int_equal(out->reason.why, LWSEC_WHY_OSCORE_REQUEST_USED);
    lwsec_oscore_close(&other.context);
    endpoint_twin(&other, &both->client);
    assert_status(receive(&other, a.sent, plain_content(), out), LWSEC_USAGE);
    lwsec_oscore_close(&other.context);
}

static void a_request_object_of_an_earlier_life_of_the_context_is_refused(void **state)
{
    pair *both = *state;
    packet *out = packet_new();

    pair_open(both);
    const call a = call_new(both);
    endpoint_reboot(&both->server); /* in the same memory */
    assert_status(respond(&both->server, a.at_server, plain_content(), out), LWSEC_USAGE);
    assert_int_equal(out->reason.why, LWSEC_WHY_OSCORE_REQUEST_USED);
}

static void a_request_object_does_not_change_its_role(void **state)
{
    pair *both = *state;
    packet *out = packet_new();

    pair_open(both);
    const call a = call_new(both);
    assert_status(respond(&both->client, a.sent, plain_content(), out), LWSEC_USAGE);
    assert_status(receive(&both->server, a.at_server, plain_content(), out), LWSEC_USAGE);
    assert_status(challenge(&both->server, a.at_server, bytes_of(a.sent), out), LWSEC_USAGE);
}

static void a_request_object_may_be_moved(void **state)
{
    pair *both = *state;
    packet *response = packet_new();
    packet *received = packet_new();
    packet *moved = packet_new();

    pair_open(both);
    const call a = call_new(both);
    moved->request = a.at_server->request;
    assert_status(respond(&both->server, moved, plain_content(), response), LWSEC_OK);
    moved->request = a.sent->request;
    assert_status(receive(&both->client, moved, bytes_of(response), received), LWSEC_OK);
}

/* ---- Requests ---- */

static void a_replayed_request_is_refused(void **state)
{
    pair *both = *state;
    packet *received = packet_new();

    pair_open(both);
    const call a = call_new(both);
    const call b = call_new(both);
    for (unsigned i = 0; i < 3; i++) {
        assert_status(unprotect(&both->server, bytes_of(a.sent), received), LWSEC_REPLAY);
        assert_int_equal(received->reason.why, LWSEC_WHY_OSCORE_REPLAY);
        assert_status(unprotect(&both->server, bytes_of(b.sent), received), LWSEC_REPLAY);
    }
    LWSEC_COVERS("R-5.1-10");
}

static void replays_are_refused_whatever_the_flags(void **state)
{
    static const uint32_t flags[] = {
        0,
        LWSEC_KEY_FRESH,
        LWSEC_KEY_FRESH | LWSEC_OSCORE_NO_FIRST_ECHO,
        LWSEC_KEY_FRESH | LWSEC_OSCORE_NO_FIRST_ECHO | LWSEC_OSCORE_OMIT_KID_CONTEXT,
        LWSEC_KEY_FRESH | LWSEC_OSCORE_NO_FIRST_ECHO | LWSEC_OSCORE_SHARED_WINDOW,
    };

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        assert_int_equal(pair_tear_down(state), 0);
        assert_int_equal(pair_set_up(state), 0);
        pair *both = *state;
        packet *sent = packet_new();
        packet *received = packet_new();
        unsigned delivered = 0;
        both->server.config.flags = flags[i];
        pair_open(both);
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
        for (unsigned n = 0; n < 5; n++) {
            delivered += unprotect(&both->server, bytes_of(sent), received) == LWSEC_OK;
        }
        assert_true(delivered <= 1);
    }
}

/* Trap 2: a window that sees one byte of the Partial IV lets replays pass from number 256 on. */
static void replays_are_refused_past_the_first_byte_of_the_number(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    for (unsigned number = 0; number < 600; number++) {
        assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
        assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
        assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REPLAY);
    }
}

static void requests_are_accepted_out_of_order_within_the_window(void **state)
{
    pair *both = *state;
    packet *received = packet_new();
    const lwsec_bytes inner = lwsec_test_hex("01b3747631");
    static const uint64_t order[] = {40, 9, 39, 10, 41};

    pair_open(both);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        assert_status(
            unprotect(&both->server, forge_request(&both->client, order[i], inner, NULL), received),
            LWSEC_OK);
    }
    assert_status(unprotect(&both->server, forge_request(&both->client, 8, inner, NULL), received),
                  LWSEC_REPLAY);
    assert_status(unprotect(&both->server, forge_request(&both->client, 9, inner, NULL), received),
                  LWSEC_REPLAY);
}

static void a_forged_high_number_does_not_lock_out_genuine_requests(void **state)
{
    pair *both = *state;
    packet *received = packet_new();
    packet *sent = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK); /* number 1 */
    assert_status(
        unprotect(&both->server, forge_blind(300, lwsec_bytes_of(NULL, 0), 0x11), received),
        LWSEC_REJECT);
    assert_int_equal(received->reason.why, LWSEC_WHY_OSCORE_TAG);
    assert_status(unprotect(&both->server,
                            forge_blind(LWSEC_OSCORE_SSN_MAX, lwsec_bytes_of(NULL, 0), 0x11),
                            received),
                  LWSEC_REJECT);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
}

static void both_ends_may_send_requests_at_once(void **state)
{
    pair *both = *state;
    packet *ours = packet_new();
    packet *theirs = packet_new();
    packet *at_server = packet_new();
    packet *at_client = packet_new();
    packet *response = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), ours), LWSEC_OK);
    assert_status(protect(&both->server, plain_get(), theirs), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(ours), at_server), LWSEC_OK);
    assert_status(unprotect(&both->client, bytes_of(theirs), at_client), LWSEC_OK);
    assert_status(respond(&both->client, at_client, plain_content(), response), LWSEC_OK);
    assert_status(receive(&both->server, theirs, bytes_of(response), received), LWSEC_OK);
    assert_status(respond(&both->server, at_server, plain_content(), response), LWSEC_OK);
    assert_status(receive(&both->client, ours, bytes_of(response), received), LWSEC_OK);
    LWSEC_COVERS("R-5.5.6-01");
}

static void a_message_is_not_taken_from_its_own_sender(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->client, bytes_of(sent), received), LWSEC_REJECT);
    assert_int_equal(received->reason.why, LWSEC_WHY_OSCORE_OTHER_KID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(a_response_to_another_request_is_refused),
        pair_test(a_numbered_response_to_another_request_is_refused),
        pair_test(two_requests_may_be_answered_in_either_order),
        pair_test(a_response_is_accepted_once),
        pair_test(a_numbered_response_is_accepted_once),
        pair_test(a_refused_response_leaves_the_request_waiting),
        pair_test(a_second_response_has_a_number_of_its_own),
        pair_test(a_numbered_response_uses_up_the_nonce_of_the_request),
        pair_test(a_plain_response_is_refused_with_nothing_in_the_output),
        pair_test(a_plain_error_is_refused_and_told_to_be_possible),
        cmocka_unit_test(only_the_errors_of_the_rfc_may_be_plain),
        cmocka_unit_test(the_error_to_send_is_that_of_the_rfc),
        pair_test(a_request_object_of_zeros_is_refused),
        pair_test(a_request_object_of_another_context_is_refused),
        pair_test(a_request_object_of_an_earlier_life_of_the_context_is_refused),
        pair_test(a_request_object_does_not_change_its_role),
        pair_test(a_request_object_may_be_moved),
        pair_test(a_replayed_request_is_refused),
        pair_test(replays_are_refused_whatever_the_flags),
        pair_test(path_query_and_payload_are_not_seen_on_the_wire),
        pair_test(replays_are_refused_past_the_first_byte_of_the_number),
        pair_test(requests_are_accepted_out_of_order_within_the_window),
        pair_test(a_forged_high_number_does_not_lock_out_genuine_requests),
        pair_test(both_ends_may_send_requests_at_once),
        pair_test(a_message_is_not_taken_from_its_own_sender),
    };
    return cmocka_run_group_tests_name("oscore-requests", tests, NULL, NULL);
}
