/* The answer to a challenge is the same request: nothing lost, nothing added but Echo. */
#include "tests/coap/wire.h"

#include <lwsec/coap_echo.h>

#define ROOM 2048U

static uint8_t rooms[6][ROOM];

/* A message with these options; token and payload as given, in hex. */
static lwsec_bytes make(lwsec_coap_framing framing, unsigned room, uint8_t type, uint8_t code,
                        lwsec_bytes token, const lwsec_coap_option *options, size_t count,
                        const char *payload)
{
    const lwsec_coap_message head = {.type = type,
                                     .code = code,
                                     .message_id = 0x1234,
                                     .token = token,
                                     .payload = lwsec_bytes_of(payload, strlen(payload))};
    lwsec_buffer out = lwsec_buffer_of(rooms[room], ROOM);

    assert_status(lwsec_coap_encode(framing, &head, options, count, &out, NULL), LWSEC_OK);
    return lwsec_buffer_bytes(&out);
}

static lwsec_bytes text(const char *value)
{
    return lwsec_bytes_of(value, strlen(value));
}

static lwsec_bytes challenge(lwsec_coap_framing framing, uint8_t code, lwsec_bytes echo)
{
    const lwsec_coap_option option = {LWSEC_COAP_ECHO, echo};
    return make(framing, 0, LWSEC_COAP_ACK, code, text("tk"), &option, 1, "");
}

/* Register: options below and above Echo, a query, a payload. */
static const char *const query = "ep=meter";

static lwsec_bytes request_of(lwsec_coap_framing framing, uint8_t type, lwsec_bytes token,
                              const char *old_echo, const char *new_echo, uint16_t message_id)
{
    const char *echo = new_echo != NULL ? new_echo : old_echo;
    lwsec_coap_option options[6] = {{LWSEC_COAP_URI_PATH, text("rd")},
                                    {LWSEC_COAP_URI_QUERY, text(query)},
                                    {LWSEC_COAP_URI_QUERY, text("lt=60")}};
    size_t count = 3;

    if (echo != NULL) {
        options[count++] = (lwsec_coap_option){LWSEC_COAP_ECHO, text(echo)};
    }
    options[count++] = (lwsec_coap_option){LWSEC_COAP_NO_RESPONSE, text("")};
    options[count++] = (lwsec_coap_option){LWSEC_COAP_REQUEST_TAG, text("t")};
    lwsec_bytes made = make(framing, new_echo != NULL ? 1 : 2, type, LWSEC_COAP_POST, token,
                            options, count, "</1/0>");
    if (framing == LWSEC_COAP_UDP) {
        uint8_t *head = rooms[new_echo != NULL ? 1 : 2];
        head[2] = (uint8_t)(message_id >> 8);
        head[3] = (uint8_t)message_id;
    }
    return made;
}

static void assert_made_again(lwsec_coap_framing framing, uint8_t type, lwsec_bytes token,
                              const char *old_echo)
{
    lwsec_buffer out = lwsec_buffer_of(rooms[3], ROOM);
    const lwsec_bytes request = request_of(framing, type, token, old_echo, NULL, 0x1234);
    const lwsec_bytes expected = request_of(framing, type, token, NULL, "fresh", 0xbeef);
    lwsec_reason reason = {LWSEC_WHY_TRUNCATED, 1};

    assert_status(lwsec_coap_echo_retry(framing, request,
                                        challenge(framing, LWSEC_COAP_UNAUTHORIZED, text("fresh")),
                                        0xbeef, &out, &reason),
                  LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), expected);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
}

static void all_but_echo_and_message_id_stays(void **state)
{
    static const uint8_t long_token[300] = {1, 2, 3};
    const lwsec_bytes tokens[] = {text(""), text("tk"), lwsec_bytes_of(long_token, 13),
                                  lwsec_bytes_of(long_token, sizeof long_token)};
    (void)state;
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        for (unsigned with_old = 0; with_old < 2; with_old++) {
            const char *old_echo = with_old != 0 ? "an older, longer value" : NULL;
            assert_made_again(LWSEC_COAP_UDP, LWSEC_COAP_CON, tokens[i], old_echo);
            assert_made_again(LWSEC_COAP_UDP, LWSEC_COAP_NON, tokens[i], old_echo);
            assert_made_again(LWSEC_COAP_TCP, LWSEC_COAP_CON, tokens[i], old_echo);
        }
    }
    LWSEC_COVERS("R-5.7-03");
}

static void echo_is_added_where_no_option_is_and_at_the_end(void **state)
{
    const lwsec_bytes plain =
        make(LWSEC_COAP_UDP, 2, LWSEC_COAP_CON, LWSEC_COAP_GET, text("t"), NULL, 0, "");
    lwsec_buffer out = lwsec_buffer_of(rooms[3], ROOM);

    (void)state;
    assert_status(lwsec_coap_echo_retry(LWSEC_COAP_UDP, plain,
                                        challenge(LWSEC_COAP_UDP, 0x81, text("e")), 7, &out, NULL),
                  LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex("41010007"
                                                          "74"
                                                          "d1ef65"));
}

static void assert_refused_for(uint8_t code, lwsec_bytes echo, lwsec_status status, lwsec_why why)
{
    const lwsec_bytes request =
        request_of(LWSEC_COAP_UDP, LWSEC_COAP_CON, text("t"), NULL, NULL, 1);
    lwsec_buffer out = lwsec_buffer_of(rooms[3], ROOM);
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    out.size = 1;
    assert_status(lwsec_coap_echo_retry(LWSEC_COAP_UDP, request,
                                        challenge(LWSEC_COAP_UDP, code, echo), 7, &out, &reason),
                  status);
    assert_int_equal(reason.why, why);
    assert_int_equal(out.size, 0);
}

static void values_of_no_byte_or_more_than_forty_are_refused(void **state)
{
    static const uint8_t value[41] = {9};
    lwsec_buffer out = lwsec_buffer_of(rooms[3], ROOM);

    (void)state;
    assert_refused_for(0x81, lwsec_bytes_of(value, 0), LWSEC_REJECT, LWSEC_WHY_COAP_OPTION_LENGTH);
    assert_refused_for(0x81, lwsec_bytes_of(value, 41), LWSEC_REJECT, LWSEC_WHY_COAP_OPTION_LENGTH);
    assert_status(lwsec_coap_echo_retry(
                      LWSEC_COAP_UDP,
                      request_of(LWSEC_COAP_UDP, LWSEC_COAP_CON, text("t"), NULL, NULL, 1),
                      challenge(LWSEC_COAP_UDP, 0x81, lwsec_bytes_of(value, 40)), 7, &out, NULL),
                  LWSEC_OK);
    LWSEC_COVERS("R-5.7-06");
}

static void other_responses_are_no_challenge(void **state)
{
    const lwsec_bytes request =
        request_of(LWSEC_COAP_UDP, LWSEC_COAP_CON, text("t"), NULL, NULL, 1);
    const lwsec_bytes without =
        make(LWSEC_COAP_UDP, 0, LWSEC_COAP_ACK, 0x81, text("t"), NULL, 0, "");
    lwsec_buffer out = lwsec_buffer_of(rooms[3], ROOM);

    (void)state;
    assert_status(lwsec_coap_echo_retry(LWSEC_COAP_UDP, request, without, 7, &out, NULL),
                  LWSEC_ABSENT);
    assert_refused_for(LWSEC_COAP_CONTENT, text("e"), LWSEC_ABSENT, LWSEC_WHY_NONE);
    assert_refused_for(LWSEC_COAP_NOT_FOUND, text("e"), LWSEC_ABSENT, LWSEC_WHY_NONE);
}

static void only_requests_are_made_again(void **state)
{
    const lwsec_bytes response =
        make(LWSEC_COAP_UDP, 2, LWSEC_COAP_ACK, 0x45, text("t"), NULL, 0, "x");
    const lwsec_bytes empty = lwsec_test_hex("40000001");
    lwsec_buffer out = lwsec_buffer_of(rooms[3], ROOM);
    const lwsec_bytes asks = challenge(LWSEC_COAP_UDP, 0x81, text("e"));

    (void)state;
    assert_status(lwsec_coap_echo_retry(LWSEC_COAP_UDP, response, asks, 7, &out, NULL),
                  LWSEC_REJECT);
    assert_status(lwsec_coap_echo_retry(LWSEC_COAP_UDP, empty, asks, 7, &out, NULL), LWSEC_REJECT);
    assert_status(
        lwsec_coap_echo_retry(LWSEC_COAP_UDP, lwsec_test_hex("41010001"), asks, 7, &out, NULL),
        LWSEC_REJECT);
    assert_status(lwsec_coap_echo_retry(LWSEC_COAP_UDP, asks, asks, 7, &out, NULL), LWSEC_REJECT);
}

/* Whatever room is too little is refused, and nothing is written past it. */
static void too_little_room_is_refused(void **state)
{
    const lwsec_bytes request =
        request_of(LWSEC_COAP_TCP, LWSEC_COAP_CON, text("t"), NULL, NULL, 1);
    const lwsec_bytes asks = challenge(LWSEC_COAP_TCP, 0x81, text("fresh"));
    const size_t enough = request.size + LWSEC_ECHO_RETRY_OVERHEAD;

    (void)state;
    for (size_t room = 0; room <= enough; room++) {
        lwsec_buffer out = lwsec_buffer_of(rooms[3], room);
        memset(rooms[3], 0xa5, ROOM);
        const lwsec_status status =
            lwsec_coap_echo_retry(LWSEC_COAP_TCP, request, asks, 7, &out, NULL);
        assert_true(status == LWSEC_BUFFER || room > request.size);
        assert_int_equal(rooms[3][room], 0xa5);
        for (size_t at = out.size; at < room; at++) {
            assert_true(rooms[3][at] == 0xa5 || rooms[3][at] == 0); /* nothing of the request */
        }
        if (room == enough) {
            assert_status(status, LWSEC_OK);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_but_echo_and_message_id_stays),
        cmocka_unit_test(echo_is_added_where_no_option_is_and_at_the_end),
        cmocka_unit_test(values_of_no_byte_or_more_than_forty_are_refused),
        cmocka_unit_test(other_responses_are_no_challenge),
        cmocka_unit_test(only_requests_are_made_again),
        cmocka_unit_test(too_little_room_is_refused),
    };
    return cmocka_run_group_tests_name("coap-echo-retry", tests, NULL, NULL);
}
