/* The Echo challenge: RFC 8613 Appendix B.1.2. A context that cannot know whether a request is old
 * asks. */
#include "tests/oscore/pair.h"

#include "tests/oscore/forge.h"

/* A server that challenges, and a client that can answer. */
static void open_challenging(pair *both)
{
    both->server.config.flags = LWSEC_KEY_FRESH;
    pair_open(both);
}

/* The Echo value in the challenge that answers `request`, as the client reads it. */
static lwsec_bytes echo_of(pair *both, packet *request, packet *at_server)
{
    static packet answer, at_client;
    lwsec_coap_message decoded;
    lwsec_coap_option echo;

    assert_status(challenge(&both->server, at_server, bytes_of(request), &answer), LWSEC_OK);
    assert_status(receive(&both->client, request, bytes_of(&answer), &at_client), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(&at_client), &decoded, NULL),
                  LWSEC_OK);
    assert_int_equal(decoded.code, LWSEC_COAP_UNAUTHORIZED);
    assert_true(lwsec_coap_option_find(&decoded, LWSEC_COAP_ECHO, &echo));
    assert_int_equal(echo.value.size, sizeof(uint64_t));
    return echo.value;
}

static lwsec_bytes with_echo(lwsec_bytes echo)
{
    const lwsec_coap_option options[] = {text_option(LWSEC_COAP_URI_PATH, "rd"),
                                         text_option(LWSEC_COAP_URI_QUERY, "ep=thing"),
                                         {LWSEC_COAP_ECHO, echo}};
    return udp_message(LWSEC_COAP_POST, options, 3, "</1/0>");
}

/* Sends a request and sees it challenged. */
static void assert_challenged(pair *both, lwsec_bytes plain, packet *sent, packet *at_server)
{
    assert_status(protect(&both->client, plain, sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), at_server), LWSEC_CHALLENGE);
    assert_int_equal(at_server->reason.why, LWSEC_WHY_OSCORE_NOT_FRESH);
}

static void assert_accepted(pair *both, lwsec_bytes plain)
{
    static packet sent, received;

    assert_status(protect(&both->client, plain, &sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(&sent), &received), LWSEC_OK);
    assert_bytes(bytes_of(&received), plain);
}

static void the_first_request_is_challenged_and_accepted_with_its_echo(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();

    open_challenging(both);
    assert_challenged(both, plain_get(), sent, at_server);
    const lwsec_bytes echo = echo_of(both, sent, at_server);
    assert_accepted(both, with_echo(echo));
    assert_accepted(both, plain_get()); /* no further Echo is needed */
    LWSEC_COVERS("R-5.5.3-12");
    LWSEC_COVERS("R-6.x-adj-02");
    LWSEC_COVERS("R-6.x-adj-05");
}

static void a_challenged_request_shows_nothing_to_the_application(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    open_challenging(both);
    assert_status(
        protect(&both->client, udp_message(LWSEC_COAP_POST, NULL, 0, "secret text"), sent),
        LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_CHALLENGE);
    for (size_t at = 0; at + 6 <= received->out.capacity; at++) {
        assert_int_not_equal(memcmp(&received->data[at], "secret", 6), 0);
    }
}

static void a_challenged_request_gets_no_other_response(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *out = packet_new();

    open_challenging(both);
    assert_challenged(both, plain_get(), sent, received);
    assert_status(respond(&both->server, received, plain_content(), out), LWSEC_USAGE);
    assert_status(respond_with_number(&both->server, received, plain_content(), out), LWSEC_USAGE);
}

static void a_challenge_has_a_number_of_its_own(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *out = packet_new();

    open_challenging(both);
    for (uint64_t number = 0; number < 3; number++) {
        assert_challenged(both, plain_get(), sent, received);
        assert_status(challenge(&both->server, received, bytes_of(sent), out), LWSEC_OK);
        assert_int_equal(piv_of(bytes_of(out)), number);
    }
    /* Also when the same request is challenged again. */
    assert_status(challenge(&both->server, received, bytes_of(sent), out), LWSEC_OK);
    assert_int_equal(piv_of(bytes_of(out)), 3);
}

static void a_challenge_answers_the_message_that_came(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *out = packet_new();
    lwsec_coap_message decoded;

    open_challenging(both);
    assert_challenged(both, plain_get(), sent, received);
    assert_status(challenge(&both->server, received, bytes_of(sent), out), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(out), &decoded, NULL), LWSEC_OK);
    assert_int_equal(decoded.type, LWSEC_COAP_ACK);
    assert_int_equal(decoded.message_id, 0x5d1f);
    assert_bytes(decoded.token, lwsec_test_hex("00003974"));
    assert_int_equal(decoded.code, LWSEC_COAP_CHANGED);

    sent->data[0] = (uint8_t)(sent->data[0] | LWSEC_COAP_NON << 4);
    assert_status(challenge(&both->server, received, bytes_of(sent), out), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(out), &decoded, NULL), LWSEC_OK);
    assert_int_equal(decoded.type, LWSEC_COAP_NON);
    assert_int_equal(decoded.message_id, 0x7777);
}

static void a_challenge_keeps_a_long_token(void **state)
{
    static uint8_t plain[400];
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *out = packet_new();
    lwsec_coap_message decoded;
    const lwsec_coap_message head = {
        .code = LWSEC_COAP_POST, .token = lwsec_bytes_of(plain + 100, 300), .message_id = 9};
    static uint8_t room[600];
    lwsec_buffer wire = lwsec_buffer_of(room, sizeof room);

    open_challenging(both);
    memset(plain, 0x42, sizeof plain);
    assert_status(lwsec_coap_encode(LWSEC_COAP_UDP, &head, NULL, 0, &wire, NULL), LWSEC_OK);
    assert_challenged(both, lwsec_buffer_bytes(&wire), sent, received);
    assert_status(challenge(&both->server, received, bytes_of(sent), out), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(out), &decoded, NULL), LWSEC_OK);
    assert_bytes(decoded.token, head.token);
}

/* ---- Wrong answers ---- */

static void a_wrong_echo_is_challenged_again_and_blocks_nothing(void **state)
{
    static const uint8_t wrong[40] = {1, 2, 3, 4, 5, 6, 7, 8};
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();
    uint8_t nearly[sizeof(uint64_t) + 1] = {0};

    open_challenging(both);
    assert_challenged(both, plain_get(), sent, at_server);
    const lwsec_bytes echo = echo_of(both, sent, at_server);
    for (size_t size = 0; size <= sizeof wrong; size++) {
        assert_challenged(both, with_echo(lwsec_bytes_of(wrong, size)), sent, at_server);
    }
    memcpy(nearly, echo.data, echo.size);
    assert_challenged(both, with_echo(lwsec_bytes_of(nearly, sizeof nearly)), sent, at_server);
    assert_challenged(both, with_echo(lwsec_bytes_of(nearly, echo.size - 1)), sent, at_server);
    for (size_t i = 0; i < echo.size; i++) {
        nearly[i] ^= 0x80;
        assert_challenged(both, with_echo(lwsec_bytes_of(nearly, echo.size)), sent, at_server);
        nearly[i] ^= 0x80;
    }
    assert_accepted(both, with_echo(lwsec_bytes_of(nearly, echo.size)));
}

static void an_echo_outside_proves_nothing(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();
    char outer[64];

    open_challenging(both);
    assert_challenged(both, plain_get(), sent, at_server);
    const lwsec_bytes echo = echo_of(both, sent, at_server);
    int size = snprintf(outer, sizeof outer, "920914d8e6"); /* OSCORE; Echo: delta 243, 8 bytes */
    for (size_t i = 0; i < echo.size; i++) {
        size += snprintf(&outer[size], sizeof outer - (size_t)size, "%02x", echo.data[i]);
    }
    assert_status(unprotect(&both->server,
                            forge_request(&both->client, 20, lwsec_test_hex("01b3747631"), outer),
                            at_server),
                  LWSEC_CHALLENGE);
}

static void a_forged_request_is_not_challenged(void **state)
{
    pair *both = *state;
    packet *received = packet_new();

    open_challenging(both);
    assert_status(unprotect(&both->server, forge_blind(0, lwsec_bytes_of(NULL, 0), 0x22), received),
                  LWSEC_REJECT);
}

static void the_echo_of_one_life_does_not_fit_the_next(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();
    packet *received = packet_new();

    open_challenging(both);
    assert_challenged(both, plain_get(), sent, at_server);
    const lwsec_bytes echo = echo_of(both, sent, at_server);
    assert_status(protect(&both->client, with_echo(echo), sent), LWSEC_OK);
    endpoint_reboot(&both->server);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_CHALLENGE);
}

static void two_contexts_have_different_echos(void **state)
{
    pair *both = *state;

    open_challenging(both);
    assert_memory_not_equal(lwsec_oscore_life(both->client.context).data,
                            lwsec_oscore_life(both->server.context).data, sizeof(uint64_t));
}

/* ---- In parallel ---- */

static void two_challenged_requests_are_both_usable(void **state)
{
    pair *both = *state;
    packet *first = packet_new();
    packet *second = packet_new();
    packet *first_at_server = packet_new();
    packet *second_at_server = packet_new();
    uint8_t first_echo[sizeof(uint64_t)];

    open_challenging(both);
    assert_challenged(both, plain_get(), first, first_at_server);
    assert_challenged(both, plain_get(), second, second_at_server);
    memcpy(first_echo, echo_of(both, first, first_at_server).data, sizeof first_echo);
    const lwsec_bytes second_echo = echo_of(both, second, second_at_server);
    assert_accepted(both, with_echo(lwsec_bytes_of(first_echo, sizeof first_echo)));
    assert_accepted(both, with_echo(second_echo));
}

static void the_first_echo_still_fits_after_more_challenges(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();
    uint8_t echo[sizeof(uint64_t)];

    open_challenging(both);
    assert_challenged(both, plain_get(), sent, at_server);
    memcpy(echo, echo_of(both, sent, at_server).data, sizeof echo);
    for (unsigned i = 0; i < 5; i++) {
        assert_challenged(both, plain_get(), sent, at_server);
        (void)echo_of(both, sent, at_server);
    }
    assert_accepted(both, with_echo(lwsec_bytes_of(echo, sizeof echo)));
}

static void the_window_restarts_at_the_proven_request(void **state)
{
    pair *both = *state;
    packet *old[3] = {packet_new(), packet_new(), packet_new()};
    packet *sent = packet_new();
    packet *at_server = packet_new();
    packet *received = packet_new();

    open_challenging(both);
    for (unsigned i = 0; i < 3; i++) {
        assert_status(protect(&both->client, plain_get(), old[i]), LWSEC_OK);
    }
    assert_challenged(both, plain_get(), sent, at_server);
    const lwsec_bytes echo = echo_of(both, sent, at_server);
    assert_status(protect(&both->client, with_echo(echo), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REPLAY);
    for (unsigned i = 0; i < 3; i++) {
        assert_status(unprotect(&both->server, bytes_of(old[i]), received), LWSEC_REPLAY);
    }
    assert_accepted(both, plain_get());
}

/* ---- When it is asked for ---- */

static void without_flags_the_first_request_is_challenged(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();

    both->server.config.flags = 0;
    pair_open(both);
    assert_challenged(both, plain_get(), sent, at_server);
}

static void the_flag_against_the_first_echo_counts_for_fresh_keys_only(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();

    both->server.config.flags = LWSEC_OSCORE_NO_FIRST_ECHO; /* and not LWSEC_KEY_FRESH */
    pair_open(both);
    assert_challenged(both, plain_get(), sent, at_server);
}

static void after_a_reboot_requests_are_challenged_whatever_the_flags(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    endpoint_reboot(&both->server);
    /* The very request that was executed before the reboot: it must not be executed again. */
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_CHALLENGE);
    assert_challenged(both, plain_get(), sent, at_server);
    const lwsec_bytes echo = echo_of(both, sent, at_server);
    assert_accepted(both, with_echo(echo));
}

static void a_server_that_may_not_send_still_does_not_deliver(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();
    packet *out = packet_new();

    both->server.config.flags = 0;
    pair_open(both);
    assert_challenged(both, plain_get(), sent, at_server);
    assert_status(challenge(&both->server, at_server, bytes_of(sent), out), LWSEC_NEED_REKEY);
    assert_int_equal(out->reason.why, LWSEC_WHY_OSCORE_NO_RECORD);
}

static void responses_are_not_challenged(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();
    packet *response = packet_new();
    packet *received = packet_new();

    both->client.config.flags = LWSEC_KEY_FRESH; /* it has not received any request */
    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), at_server), LWSEC_OK);
    assert_status(respond(&both->server, at_server, plain_content(), response), LWSEC_OK);
    assert_status(receive(&both->client, sent, bytes_of(response), received), LWSEC_OK);
}

/* ---- A window in the state ---- */

static void a_shared_window_needs_no_challenge_after_a_reboot(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    both->server.config.flags |= LWSEC_OSCORE_SHARED_WINDOW;
    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    endpoint_reboot(&both->server);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REPLAY);
    assert_accepted(both, plain_get());
}

/* One life that keeps its window for itself would not see what the shared one has accepted. */
static void a_window_does_not_become_shared_nor_private_later(void **state)
{
    pair *both = *state;
    endpoint *one = &both->server;
    lwsec_reason reason;

    endpoint_open(one);
    for (unsigned i = 0; i < 2; i++) {
        lwsec_oscore_close(&one->context);
        one->config.flags ^= LWSEC_OSCORE_SHARED_WINDOW;
        assert_status(lwsec_oscore_init(one->memory, sizeof one->memory, &one->config,
                                        &one->context, &reason),
                      LWSEC_USAGE);
        assert_int_equal(reason.why, LWSEC_WHY_OSCORE_WINDOW);
        one->config.flags ^= LWSEC_OSCORE_SHARED_WINDOW;
        endpoint_open(one);
        if (i == 0) { /* once more, from a shared one */
            lwsec_oscore_close(&one->context);
            one->config.flags |= LWSEC_OSCORE_SHARED_WINDOW;
            one->config.salt = lwsec_bytes_of("other", 5);
            endpoint_open(one);
        }
    }
}

static void a_shared_window_that_was_lost_starts_at_the_proven_request(void **state)
{
    static endpoint twin;
    pair *both = *state;
    packet *old = packet_new();
    packet *sent = packet_new();
    packet *at_server = packet_new();
    packet *received = packet_new();
    lwsec_record window = {LWSEC_RECORD_WINDOW, {0}};

    both->server.config.flags |= LWSEC_OSCORE_SHARED_WINDOW;
    pair_open(both);
    assert_status(protect(&both->client, plain_get(), old), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(old), received), LWSEC_OK);
    memcpy(window.identity, lwsec_oscore_shared_identity(both->server.context),
           sizeof window.identity);
    assert_status(lwsec_state_erase(both->server.state, &window, NULL), LWSEC_OK);
    endpoint_reboot(&both->server);
    assert_challenged(both, plain_get(), sent, at_server);
    const lwsec_bytes echo = echo_of(both, sent, at_server);
    assert_accepted(both, with_echo(echo));
    /* Who joins now finds a window, so it does not challenge: the old request is in there. */
    endpoint_twin(&twin, &both->server);
    assert_status(unprotect(&twin, bytes_of(old), received), LWSEC_REPLAY);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&twin, bytes_of(sent), received), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REPLAY);
    lwsec_oscore_close(&twin.context);
}

static void a_key_from_elsewhere_challenges_whatever_the_flags(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();

    both->server.config.start_ssn = 1000; /* its past is not in this window */
    pair_open(both);
    assert_challenged(both, plain_get(), sent, at_server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(the_first_request_is_challenged_and_accepted_with_its_echo),
        pair_test(a_challenged_request_shows_nothing_to_the_application),
        pair_test(a_challenged_request_gets_no_other_response),
        pair_test(a_challenge_has_a_number_of_its_own),
        pair_test(a_challenge_answers_the_message_that_came),
        pair_test(a_challenge_keeps_a_long_token),
        pair_test(a_wrong_echo_is_challenged_again_and_blocks_nothing),
        pair_test(an_echo_outside_proves_nothing),
        pair_test(a_forged_request_is_not_challenged),
        pair_test(the_echo_of_one_life_does_not_fit_the_next),
        pair_test(two_contexts_have_different_echos),
        pair_test(two_challenged_requests_are_both_usable),
        pair_test(the_first_echo_still_fits_after_more_challenges),
        pair_test(the_window_restarts_at_the_proven_request),
        pair_test(without_flags_the_first_request_is_challenged),
        pair_test(the_flag_against_the_first_echo_counts_for_fresh_keys_only),
        pair_test(after_a_reboot_requests_are_challenged_whatever_the_flags),
        pair_test(a_server_that_may_not_send_still_does_not_deliver),
        pair_test(responses_are_not_challenged),
        pair_test(a_shared_window_needs_no_challenge_after_a_reboot),
        pair_test(a_window_does_not_become_shared_nor_private_later),
        pair_test(a_shared_window_that_was_lost_starts_at_the_proven_request),
        pair_test(a_key_from_elsewhere_challenges_whatever_the_flags),
    };
    return cmocka_run_group_tests_name("oscore-freshness", tests, NULL, NULL);
}
