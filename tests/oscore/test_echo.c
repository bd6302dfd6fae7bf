/* Contexts with Echo values that end with time, and with rules that ask for them: RFC 9175. */
#include "tests/oscore/pair.h"

#include <lwsec/coap_freshness.h>

static lwsec_freshness freshness;

/* A server whose context asks by the rules of LwM2M, and whose first window is not known. */
static void open_with_rules(pair *both)
{
    const lwsec_key_attributes attributes = {
        sizeof attributes, LWSEC_ALG_HMAC_256, LWSEC_USE_MAC, {NULL, 0}};

    freshness = (lwsec_freshness){.size = sizeof freshness, .now = 5000};
    assert_status(lwsec_key_generate(both->store, &attributes, 32, &freshness.key), LWSEC_OK);
    freshness.rules = lwsec_lwm2m_server_freshness(&freshness.rule_count);
    both->server.config.freshness = &freshness;
    both->server.config.flags = LWSEC_KEY_FRESH;
    pair_open(both);
}

static lwsec_bytes request_to(const char *path, lwsec_bytes echo)
{
    const lwsec_coap_option options[] = {text_option(LWSEC_COAP_URI_PATH, path),
                                         {LWSEC_COAP_ECHO, echo}};
    return udp_message(LWSEC_COAP_POST, options, echo.size > 0 ? 2 : 1, "");
}

static const lwsec_bytes no_echo = {NULL, 0};

/* Sends it and tells what the server answers. */
static lwsec_status send(pair *both, lwsec_bytes plain, packet *sent, packet *received)
{
    assert_status(protect(&both->client, plain, sent), LWSEC_OK);
    return unprotect(&both->server, bytes_of(sent), received);
}

/* The Echo value of the challenge. */
static void challenge_of(pair *both, packet *sent, packet *received, uint8_t echo[LWSEC_ECHO_SIZE])
{
    static packet answer, plain;
    lwsec_coap_message decoded;
    lwsec_coap_option option;

    assert_status(challenge(&both->server, received, bytes_of(sent), &answer), LWSEC_OK);
    assert_status(receive(&both->client, sent, bytes_of(&answer), &plain), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(&plain), &decoded, NULL), LWSEC_OK);
    assert_int_equal(decoded.code, LWSEC_COAP_UNAUTHORIZED);
    assert_true(lwsec_coap_option_find(&decoded, LWSEC_COAP_ECHO, &option));
    assert_int_equal(option.value.size, LWSEC_ECHO_SIZE);
    memcpy(echo, option.value.data, LWSEC_ECHO_SIZE);
}

static void an_echo_ends_with_time(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    uint8_t echo[LWSEC_ECHO_SIZE];

    open_with_rules(both);
    assert_status(send(both, request_to("dp", no_echo), sent, received), LWSEC_CHALLENGE);
    challenge_of(both, sent, received, echo);
    freshness.now += LWSEC_ECHO_LIFETIME_DEFAULT + 1;
    const lwsec_bytes late = lwsec_bytes_of(echo, sizeof echo);
    assert_status(send(both, request_to("dp", late), sent, received), LWSEC_CHALLENGE);
    challenge_of(both, sent, received, echo);
    freshness.now += LWSEC_ECHO_LIFETIME_DEFAULT;
    assert_status(send(both, request_to("dp", late), sent, received), LWSEC_OK);
    LWSEC_COVERS("R-5.7-06");
}

/* A context that is known to be current still asks where a rule says so. */
static void a_rule_asks_at_any_time(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    uint8_t echo[LWSEC_ECHO_SIZE];

    open_with_rules(both);
    endpoint_trust(&both->server);
    assert_status(send(both, request_to("dp", no_echo), sent, received), LWSEC_OK);
    assert_status(send(both, request_to("rd", no_echo), sent, received), LWSEC_CHALLENGE);
    challenge_of(both, sent, received, echo);
    const lwsec_bytes value = lwsec_bytes_of(echo, sizeof echo);
    assert_status(send(both, request_to("rd", value), sent, received), LWSEC_OK);
    assert_status(send(both, request_to("rd", no_echo), sent, received), LWSEC_CHALLENGE);
    LWSEC_COVERS("R-5.5.3-13");
}

/* PUT /3/0/13 as a server sends it, or /3/0/14. */
static lwsec_bytes write_to(const char *resource, lwsec_bytes echo)
{
    const lwsec_coap_option options[] = {text_option(LWSEC_COAP_URI_PATH, "3"),
                                         text_option(LWSEC_COAP_URI_PATH, "0"),
                                         text_option(LWSEC_COAP_URI_PATH, resource),
                                         {LWSEC_COAP_ECHO, echo}};

    return udp_message(LWSEC_COAP_PUT, options, echo.size > 0 ? 4 : 3, "1893456000");
}

/* The end that gets requests here is a client of LwM2M: it does not set its clock by an old one. */
static void a_write_to_the_clock_has_to_be_fresh(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    uint8_t echo[LWSEC_ECHO_SIZE];

    open_with_rules(both);
    freshness.rules = lwsec_lwm2m_client_freshness(&freshness.rule_count);
    endpoint_trust(&both->server);
    assert_status(send(both, write_to("14", no_echo), sent, received), LWSEC_OK);
    assert_status(send(both, write_to("13", no_echo), sent, received), LWSEC_CHALLENGE);
    challenge_of(both, sent, received, echo);
    const lwsec_bytes value = lwsec_bytes_of(echo, sizeof echo);
    assert_status(send(both, write_to("13", value), sent, received), LWSEC_OK);
    freshness.now += LWSEC_ECHO_LIFETIME_DEFAULT + 1;
    assert_status(send(both, write_to("13", value), sent, received), LWSEC_CHALLENGE);
    LWSEC_COVERS("R-5.1-12");
    LWSEC_COVERS("R-5.2.9.5-04");
    LWSEC_COVERS("R-5.5.3-13");
}

static void a_challenged_number_is_used(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    open_with_rules(both);
    endpoint_trust(&both->server);
    assert_status(send(both, request_to("rd", no_echo), sent, received), LWSEC_CHALLENGE);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REPLAY);
}

/* Who replays one captured request gets one challenge: each costs a number and a seal. */
static void a_replayed_request_is_challenged_once(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    endpoint_reboot(&both->server);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_CHALLENGE);
    for (unsigned i = 0; i < 100; i++) {
        assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_REPLAY);
    }
}

/* A replay that is challenged before it takes nothing from the peer that is there now. */
static void a_replay_first_keeps_nobody_out(void **state)
{
    pair *both = *state;
    packet *old = packet_new();
    packet *sent = packet_new();
    packet *received = packet_new();
    uint8_t echo[LWSEC_ECHO_SIZE];

    open_with_rules(both);
    assert_status(protect(&both->client, plain_get(), old), LWSEC_OK);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(old), received), LWSEC_CHALLENGE);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_CHALLENGE);
    challenge_of(both, sent, received, echo);
    const lwsec_bytes value = lwsec_bytes_of(echo, sizeof echo);
    assert_status(send(both, request_to("dp", value), sent, received), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(old), received), LWSEC_REPLAY);
}

static void an_echo_of_an_earlier_life_does_not_fit(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    uint8_t echo[LWSEC_ECHO_SIZE];

    open_with_rules(both);
    assert_status(send(both, request_to("dp", no_echo), sent, received), LWSEC_CHALLENGE);
    challenge_of(both, sent, received, echo);
    const lwsec_bytes value = lwsec_bytes_of(echo, sizeof echo);
    assert_status(send(both, request_to("dp", value), sent, received), LWSEC_OK);
    endpoint_reboot(&both->server); /* within the time for which the value counts */
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_CHALLENGE);
}

static void without_its_key_nothing_is_delivered(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    static const uint8_t value[LWSEC_ECHO_SIZE];

    open_with_rules(both);
    assert_status(lwsec_key_destroy(&freshness.key), LWSEC_OK);
    assert_status(send(both, request_to("dp", lwsec_bytes_of(value, sizeof value)), sent, received),
                  LWSEC_USAGE);
    assert_int_equal(received->reason.why, LWSEC_WHY_KEY_USAGE);
    assert_status(send(both, request_to("dp", no_echo), sent, received), LWSEC_CHALLENGE);
    packet *answer = packet_new();
    assert_status(challenge(&both->server, received, bytes_of(sent), answer), LWSEC_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(an_echo_ends_with_time),
        pair_test(a_rule_asks_at_any_time),
        pair_test(a_write_to_the_clock_has_to_be_fresh),
        pair_test(a_challenged_number_is_used),
        pair_test(a_replayed_request_is_challenged_once),
        pair_test(a_replay_first_keeps_nobody_out),
        pair_test(an_echo_of_an_earlier_life_does_not_fit),
        pair_test(without_its_key_nothing_is_delivered),
    };
    return cmocka_run_group_tests_name("oscore-echo", tests, NULL, NULL);
}
