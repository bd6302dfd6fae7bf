/* Unprotected errors: made by a server that refuses, understood by a client. */
#include "tests/oscore/pair.h"

static const lwsec_reason not_found = {LWSEC_WHY_OSCORE_OTHER_KID, 0};

static void assert_text(lwsec_status status, lwsec_why why, const char *expected)
{
    const lwsec_reason reason = {why, 0};
    const char *text = lwsec_oscore_error_text(status, &reason);

    if (expected == NULL) {
        assert_null(text);
    } else {
        assert_non_null(text);
        assert_string_equal(text, expected);
    }
}

static void texts_are_those_of_the_rfc(void **state)
{
    (void)state;
    assert_text(LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY, "Replay detected");
    assert_text(LWSEC_REJECT, LWSEC_WHY_OSCORE_OTHER_KID, "Security context not found");
    assert_text(LWSEC_REJECT, LWSEC_WHY_OSCORE_OTHER_CONTEXT, "Security context not found");
    assert_text(LWSEC_REJECT, LWSEC_WHY_OSCORE_OPTION, "Failed to decode COSE");
    assert_text(LWSEC_REJECT, LWSEC_WHY_OSCORE_PIV, "Failed to decode COSE");
    assert_text(LWSEC_REJECT, LWSEC_WHY_OSCORE_TAG, "Decryption failed");
    assert_text(LWSEC_REJECT, LWSEC_WHY_OSCORE_INNER, NULL);
    assert_text(LWSEC_REJECT, LWSEC_WHY_OSCORE_UNPROTECTED, NULL);
    assert_text(LWSEC_REJECT, LWSEC_WHY_COAP_VERSION, NULL);
    assert_text(LWSEC_OK, LWSEC_WHY_NONE, NULL);
    assert_text(LWSEC_STATE, LWSEC_WHY_STATE_IO, NULL);
    assert_null(lwsec_oscore_error_text(LWSEC_REJECT, NULL));
    assert_non_null(lwsec_oscore_error_text(LWSEC_REPLAY, NULL));
}

static void assert_error(lwsec_coap_framing framing, const char *request, uint32_t flags,
                         const char *expected)
{
    uint8_t data[128];
    const lwsec_bytes wanted = lwsec_test_hex(expected);
    lwsec_buffer out = lwsec_buffer_of(data, wanted.size);

    assert_status(lwsec_oscore_error_message(framing, lwsec_test_hex(request), LWSEC_REJECT,
                                             &not_found, 0xbeef, flags, &out),
                  LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), wanted);
    for (size_t size = 0; size < wanted.size; size++) {
        out = lwsec_buffer_of(data, size);
        assert_status(lwsec_oscore_error_message(framing, lwsec_test_hex(request), LWSEC_REJECT,
                                                 &not_found, 0xbeef, flags, &out),
                      LWSEC_BUFFER);
        assert_int_equal(out.size, 0);
    }
}

/* d001: Max-Age (14), empty. */
static void an_error_answers_the_request_and_is_not_cached(void **state)
{
    (void)state;
    assert_error(LWSEC_COAP_UDP, "42021234aabb90ff00", 0, "62811234aabbd001");
    assert_error(LWSEC_COAP_UDP, "52021234aabb90ff00", 0, "5281beefaabbd001");
    assert_error(LWSEC_COAP_UDP, "40021234", 0, "60811234d001");
    assert_error(LWSEC_COAP_TCP, "3202aabb90ff00", 0, "2281aabbd001");
    assert_error(LWSEC_COAP_UDP, "40021234", LWSEC_OSCORE_ERROR_DIAGNOSTIC,
                 "60811234d001ff536563757269747920636f6e74657874206e6f7420666f756e64");
}

static void assert_silent(const char *request, lwsec_status status, lwsec_why why)
{
    const lwsec_reason reason = {why, 0};
    uint8_t data[128];
    lwsec_buffer out = lwsec_buffer_of(data, sizeof data);

    assert_status(lwsec_oscore_error_message(LWSEC_COAP_UDP, lwsec_test_hex(request), status,
                                             &reason, 1, 0, &out),
                  LWSEC_ABSENT);
    assert_int_equal(out.size, 0);
}

static void what_is_no_refused_request_is_not_answered(void **state)
{
    uint8_t data[128];
    lwsec_buffer out = lwsec_buffer_of(data, sizeof data);

    (void)state;
    assert_silent("40021234", LWSEC_OK, LWSEC_WHY_NONE);
    assert_silent("40021234", LWSEC_STATE, LWSEC_WHY_STATE_IO);
    assert_silent("40021234", LWSEC_REJECT, LWSEC_WHY_COAP_MARKER);
    assert_silent("40001234", LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY); /* a ping */
    assert_silent("60021234", LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY); /* an acknowledgement */
    assert_silent("70021234", LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY);
    assert_silent("40441234", LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY); /* a response */
    assert_silent("400212", LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY);
    assert_silent("", LWSEC_REPLAY, LWSEC_WHY_OSCORE_REPLAY);
    assert_status(lwsec_oscore_error_message(LWSEC_COAP_UDP, lwsec_test_hex("40021234"),
                                             LWSEC_REPLAY, NULL, 1, 2, &out),
                  LWSEC_USAGE);
    assert_status(lwsec_oscore_error_message((lwsec_coap_framing)7, lwsec_test_hex("40021234"),
                                             LWSEC_REPLAY, NULL, 1, 0, &out),
                  LWSEC_USAGE);
}

static void assert_advice(uint8_t code, const char *options, lwsec_oscore_advice expected,
                          uint32_t wait)
{
    const lwsec_coap_message response = {.code = code, .options = lwsec_test_hex(options)};
    uint32_t seconds = 99;

    assert_int_equal(lwsec_oscore_plain_advice(&response, &seconds), expected);
    assert_int_equal(seconds, wait);
}

static void a_client_learns_what_an_error_may_mean(void **state)
{
    (void)state;
    assert_advice(LWSEC_COAP_CODE(4, 0), "", LWSEC_OSCORE_ADVICE_CHECK_KEYS, 0);
    assert_advice(LWSEC_COAP_CODE(4, 1), "d1010a", LWSEC_OSCORE_ADVICE_REKEY, 0);
    assert_advice(LWSEC_COAP_CODE(4, 2), "", LWSEC_OSCORE_ADVICE_GIVE_UP, 0);
    assert_advice(LWSEC_COAP_CODE(4, 4), "", LWSEC_OSCORE_ADVICE_GIVE_UP, 0);
    assert_advice(LWSEC_COAP_CODE(4, 13), "", LWSEC_OSCORE_ADVICE_GIVE_UP, 0);
    assert_advice(LWSEC_COAP_CODE(5, 5), "", LWSEC_OSCORE_ADVICE_GIVE_UP, 0);
    assert_advice(LWSEC_COAP_CODE(5, 2), "", LWSEC_OSCORE_ADVICE_OTHER_WAY, 0);
    assert_advice(LWSEC_COAP_CODE(5, 4), "", LWSEC_OSCORE_ADVICE_OTHER_WAY, 0);
    assert_advice(LWSEC_COAP_CODE(5, 3), "", LWSEC_OSCORE_ADVICE_RETRY_LATER, 60);
    assert_advice(LWSEC_COAP_CODE(5, 3), "d1010a", LWSEC_OSCORE_ADVICE_RETRY_LATER, 10);
    assert_advice(LWSEC_COAP_CODE(5, 3), "d001", LWSEC_OSCORE_ADVICE_RETRY_LATER, 0);
    assert_advice(LWSEC_COAP_CODE(5, 3), "d5010000000001", LWSEC_OSCORE_ADVICE_RETRY_LATER, 60);
}

static void all_other_answers_are_ignored(void **state)
{
    (void)state;
    for (unsigned code = 0; code <= 0xff; code++) {
        const lwsec_coap_message response = {.code = (uint8_t)code};
        uint32_t seconds;
        assert_int_equal(lwsec_oscore_plain_advice(&response, &seconds) ==
                             LWSEC_OSCORE_ADVICE_IGNORE,
                         !lwsec_oscore_plain_error((uint8_t)code));
    }
    assert_advice(LWSEC_COAP_CONTENT, "", LWSEC_OSCORE_ADVICE_IGNORE, 0);
    assert_advice(LWSEC_COAP_EMPTY, "", LWSEC_OSCORE_ADVICE_IGNORE, 0);
    assert_advice(LWSEC_COAP_CODE(5, 0), "d1010a", LWSEC_OSCORE_ADVICE_IGNORE, 0);
}

/* A proxy's error, as a whole: refused by the context, and the request goes on waiting. */
static void an_error_of_a_proxy_leaves_the_request_waiting(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *answer = packet_new();
    packet *out = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(
        receive(&both->client, sent, udp_message(LWSEC_COAP_CODE(5, 4), NULL, 0, "no way"), out),
        LWSEC_REJECT);
    assert_int_equal(out->reason.why, LWSEC_WHY_OSCORE_UNPROTECTED);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(respond(&both->server, received, plain_content(), answer), LWSEC_OK);
    assert_status(receive(&both->client, sent, bytes_of(answer), out), LWSEC_OK);
}

/* Trap 13, and RFC 8613 section 4.1.3.6: inside, and what stands outside is not seen. */
static void no_response_is_inside_only(void **state)
{
    const lwsec_coap_option option = text_option(LWSEC_COAP_NO_RESPONSE, "\x1a");
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    lwsec_coap_message plain;

    pair_open(both);
    assert_status(protect(&both->client, udp_message(LWSEC_COAP_POST, &option, 1, ""), sent),
                  LWSEC_OK);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(sent), LWSEC_COAP_NO_RESPONSE), 0);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(received), &plain, NULL), LWSEC_OK);
    assert_true(lwsec_coap_no_response(&plain, LWSEC_COAP_CHANGED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_those_of_the_rfc),
        cmocka_unit_test(an_error_answers_the_request_and_is_not_cached),
        cmocka_unit_test(what_is_no_refused_request_is_not_answered),
        cmocka_unit_test(a_client_learns_what_an_error_may_mean),
        cmocka_unit_test(all_other_answers_are_ignored),
        pair_test(an_error_of_a_proxy_leaves_the_request_waiting),
        pair_test(no_response_is_inside_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
