/* OSCORE over HTTP: the header field, and messages there and back. RFC 8613 section 11. */
#include "tests/oscore/pair.h"

#include <lwsec/oscore_http.h>

static lwsec_bytes text_of(const char *text)
{
    return lwsec_bytes_of(text, strlen(text));
}

static void assert_value(const char *hex, const char *text)
{
    uint8_t data[LWSEC_OSCORE_HTTP_VALUE_MAX];
    lwsec_buffer out = lwsec_buffer_of(data, strlen(text));
    lwsec_reason reason;

    assert_status(lwsec_oscore_http_value_encode(lwsec_test_hex(hex), &out), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), text_of(text));
    out = lwsec_buffer_of(data, strlen(text) - 1);
    assert_status(lwsec_oscore_http_value_encode(lwsec_test_hex(hex), &out), LWSEC_BUFFER);
    assert_int_equal(out.size, 0);
    out = lwsec_buffer_of(data, sizeof data);
    assert_status(lwsec_oscore_http_value_decode(text_of(text), &out, &reason), LWSEC_OK);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
    assert_bytes(lwsec_buffer_bytes(&out), lwsec_test_hex(hex));
}

static void values_are_base64url_without_padding(void **state)
{
    (void)state;
    assert_value("0925", "CSU"); /* section 11.5 */
    assert_value("", "AA");
    assert_value("0914", "CRQ");
    assert_value("0000", "AAA"); /* no option, but no empty one either */
    assert_value("01", "AQ");
    assert_value("fbefbe", "----");
    assert_value("ffffff", "____");
    assert_value("fb", "-w");
    assert_value("ff", "_w");
    assert_value("00108310518720928b30d38f41149351559761969b71d79f8218a39259a7a29aabb2dbaf"
                 "c31cb3d35db7e39ebbf3dfbf",
                 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}

static void an_option_of_one_zero_byte_has_no_value(void **state)
{
    uint8_t data[LWSEC_OSCORE_HTTP_VALUE_MAX];
    static const uint8_t zeros[LWSEC_OSCORE_HTTP_OPTION_MAX + 1];
    lwsec_buffer out = lwsec_buffer_of(data, sizeof data);

    (void)state;
    assert_status(lwsec_oscore_http_value_encode(lwsec_bytes_of(zeros, 1), &out), LWSEC_USAGE);
    assert_status(lwsec_oscore_http_value_encode(lwsec_bytes_of(zeros, sizeof zeros), &out),
                  LWSEC_USAGE);
    assert_status(lwsec_oscore_http_value_encode(lwsec_bytes_of(zeros, sizeof zeros - 1), &out),
                  LWSEC_OK);
    assert_int_equal(out.size, sizeof data);
}

static void assert_value_refused(lwsec_bytes text, lwsec_why why, uint32_t offset)
{
    uint8_t data[LWSEC_OSCORE_HTTP_OPTION_MAX];
    lwsec_buffer out = lwsec_buffer_of(data, sizeof data);
    lwsec_reason reason;

    assert_status(lwsec_oscore_http_value_decode(text, &out, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, why);
    assert_int_equal(reason.offset, offset);
    assert_int_equal(out.size, 0);
}

static void a_value_has_one_form(void **state)
{
    static const char *const bad[] = {"CSU=",  "CS U", "CSU ", " CSU", "CS+U", "CS/U", "CSU,AA",
                                      "CSU\r", "C.U",  "C@U",  "C[U",  "C`U",  "C{U",  "C\xc3\xa4"};
    static const uint32_t at[] = {3, 2, 3, 0, 2, 2, 3, 3, 1, 1, 1, 1, 1, 1};
    char longest[LWSEC_OSCORE_HTTP_VALUE_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_value_refused(text_of(bad[i]), LWSEC_WHY_HTTP, at[i]);
    }
    assert_value_refused(text_of(""), LWSEC_WHY_HTTP, 0);
    assert_value_refused(text_of("A"), LWSEC_WHY_HTTP, 0);
    assert_value_refused(text_of("AAAAA"), LWSEC_WHY_HTTP, 5);
    assert_value_refused(lwsec_bytes_of("CSU\0", 4), LWSEC_WHY_HTTP, 3);
    memset(longest, 'A', sizeof longest);
    assert_value_refused(lwsec_bytes_of(longest, sizeof longest), LWSEC_WHY_TOO_LONG,
                         LWSEC_OSCORE_HTTP_VALUE_MAX);
}

static void unused_bits_are_zero(void **state)
{
    (void)state;
    assert_value_refused(text_of("AB"), LWSEC_WHY_NOT_CANONICAL, 2);
    assert_value_refused(text_of("AP"), LWSEC_WHY_NOT_CANONICAL, 2);
    assert_value_refused(text_of("AI"), LWSEC_WHY_NOT_CANONICAL, 2);
    assert_value_refused(text_of("CSV"), LWSEC_WHY_NOT_CANONICAL, 3);
    assert_value_refused(text_of("CSW"), LWSEC_WHY_NOT_CANONICAL, 3);
}

/* CoAP to HTTP and to CoAP again, with another token: what opens is the same. */
static packet *over_http(const packet *sent, packet *back, const lwsec_coap_message *head)
{
    uint8_t room[LWSEC_OSCORE_HTTP_VALUE_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    lwsec_oscore_http http;

    assert_status(lwsec_oscore_http_from_coap(LWSEC_COAP_UDP, bytes_of(sent), &value, &http, NULL),
                  LWSEC_OK);
    assert_bytes(http.content_type, text_of("application/oscore"));
    back->out = lwsec_buffer_of(back->data, sizeof back->data);
    assert_status(lwsec_oscore_http_to_coap(LWSEC_COAP_UDP, &http, head, &back->out, NULL),
                  LWSEC_OK);
    return back;
}

static void an_exchange_goes_over_http(void **state)
{
    const lwsec_coap_message first = {
        .type = LWSEC_COAP_NON, .message_id = 7, .token = lwsec_test_hex("aa")};
    const lwsec_coap_message second = {
        .type = LWSEC_COAP_ACK, .message_id = 9, .token = lwsec_test_hex("bbbb")};
    pair *both = *state;
    packet *sent = packet_new();
    packet *back = packet_new();
    packet *received = packet_new();
    packet *answer = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(over_http(sent, back, &first)), received),
                  LWSEC_OK);
    assert_status(respond(&both->server, received, plain_content(), answer), LWSEC_OK);
    packet *returned = packet_new();
    packet *out = packet_new();
    assert_status(receive(&both->client, sent, bytes_of(over_http(answer, returned, &second)), out),
                  LWSEC_OK);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(returned), LWSEC_COAP_OSCORE), 1);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(returned), LWSEC_COAP_CONTENT_FORMAT),
                     0);
}

static void assert_not_for_http(const char *hex, lwsec_why why)
{
    uint8_t room[LWSEC_OSCORE_HTTP_VALUE_MAX];
    lwsec_buffer value = lwsec_buffer_of(room, sizeof room);
    lwsec_oscore_http http;
    lwsec_reason reason;

    assert_status(
        lwsec_oscore_http_from_coap(LWSEC_COAP_UDP, lwsec_test_hex(hex), &value, &http, &reason),
        LWSEC_REJECT);
    assert_int_equal(reason.why, why);
    assert_int_equal(value.size, 0);
}

static void what_is_no_protected_message_does_not_go_over_http(void **state)
{
    uint8_t room[3];
    lwsec_buffer value = lwsec_buffer_of(room, 2);
    lwsec_oscore_http http;

    (void)state;
    assert_not_for_http("40021234920925", LWSEC_WHY_OSCORE_NO_PAYLOAD);
    assert_not_for_http("40021234ff00", LWSEC_WHY_OSCORE_UNPROTECTED);
    assert_not_for_http("4002123492092500ff00", LWSEC_WHY_COAP_OPTION_TWICE);
    assert_not_for_http("400212349100ff00", LWSEC_WHY_OSCORE_OPTION);
    assert_not_for_http("40051234920925ff00", LWSEC_WHY_COAP_CODE); /* FETCH: with Observe */
    assert_not_for_http("6045123490ff00", LWSEC_WHY_COAP_CODE);
    assert_not_for_http("40011234920925ff00", LWSEC_WHY_COAP_CODE);
    assert_not_for_http("4002123492092500ff", LWSEC_WHY_COAP_MARKER);
    assert_status(lwsec_oscore_http_from_coap(LWSEC_COAP_UDP, lwsec_test_hex("40021234920925ff00"),
                                              &value, &http, NULL),
                  LWSEC_BUFFER);
}

static lwsec_status from_http(const char *method, uint16_t status, const char *type,
                              const char *value, const char *body)
{
    const lwsec_oscore_http http = {.method =
                                        method != NULL ? text_of(method) : lwsec_bytes_of(NULL, 0),
                                    .status = status,
                                    .content_type = text_of(type),
                                    .value = text_of(value),
                                    .body = text_of(body)};
    const lwsec_coap_message head = {.type = LWSEC_COAP_CON};
    uint8_t data[64];
    lwsec_buffer out = lwsec_buffer_of(data, sizeof data);
    lwsec_reason reason;
    const lwsec_status answer =
        lwsec_oscore_http_to_coap(LWSEC_COAP_UDP, &http, &head, &out, &reason);

    assert_int_equal(answer == LWSEC_OK, out.size > 0);
    assert_int_equal(answer == LWSEC_OK, reason.why == LWSEC_WHY_NONE);
    return answer;
}

static void only_post_and_200_carry_oscore(void **state)
{
    const char *type = LWSEC_OSCORE_HTTP_MEDIA_TYPE;

    (void)state;
    assert_status(from_http("POST", 0, type, "CSU", "body"), LWSEC_OK);
    assert_status(from_http(NULL, 200, type, "AA", "body"), LWSEC_OK);
    assert_status(from_http("POST", 0, "Application/OSCORE", "CSU", "body"), LWSEC_OK);
    assert_status(from_http("post", 0, type, "CSU", "body"), LWSEC_REJECT);
    assert_status(from_http("GET", 0, type, "CSU", "body"), LWSEC_REJECT);
    assert_status(from_http("", 200, type, "CSU", "body"), LWSEC_REJECT);
    assert_status(from_http(NULL, 204, type, "AA", "body"), LWSEC_REJECT);
    assert_status(from_http(NULL, 0, type, "AA", "body"), LWSEC_REJECT);
    assert_status(from_http(NULL, 200, "", "AA", "body"), LWSEC_REJECT);
    assert_status(from_http(NULL, 200, "application/oscore; a=b", "AA", "body"), LWSEC_REJECT);
    assert_status(from_http(NULL, 200, "application/oscorf", "AA", "body"), LWSEC_REJECT);
    assert_status(from_http(NULL, 200, type, "AA", ""), LWSEC_REJECT);
    assert_status(from_http(NULL, 200, type, "AA=", "body"), LWSEC_REJECT);
    assert_status(from_http(NULL, 200, type, "", "body"), LWSEC_REJECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_base64url_without_padding),
        cmocka_unit_test(an_option_of_one_zero_byte_has_no_value),
        cmocka_unit_test(a_value_has_one_form),
        cmocka_unit_test(unused_bits_are_zero),
        pair_test(an_exchange_goes_over_http),
        cmocka_unit_test(what_is_no_protected_message_does_not_go_over_http),
        cmocka_unit_test(only_post_and_200_carry_oscore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
