/* URIs: taken apart as RFC 7252 section 6.4 says, put together again, and all that is refused. */
#include "tests/support/test.h"

#include <lwsec/coap_uri.h>

#define OPTIONS 40U

static lwsec_bytes text_of(const char *text)
{
    return lwsec_bytes_of(text, strlen(text));
}

static lwsec_coap_uri decode(const char *text)
{
    lwsec_coap_uri uri;
    lwsec_reason reason;
    const lwsec_status status = lwsec_coap_uri_decode(text_of(text), &uri, &reason);

    if (status != LWSEC_OK) {
        print_error("refused: %s\n", text);
    }
    assert_status(status, LWSEC_OK);
    assert_int_equal(reason.why, LWSEC_WHY_NONE);
    return uri;
}

/* "number:value" of each option, with a space between. */
static void assert_options(const char *text, const char *expected)
{
    const lwsec_coap_uri uri = decode(text);
    lwsec_coap_option options[OPTIONS];
    uint8_t values[LWSEC_COAP_URI_MAX];
    lwsec_buffer room = lwsec_buffer_of(values, strlen(text) + 2);
    char got[2048] = "";
    size_t used = 0;
    size_t count;

    assert_status(lwsec_coap_uri_options(&uri, options, OPTIONS, &count, &room), LWSEC_OK);
    for (size_t i = 0; i < count; i++) {
        const lwsec_bytes value = options[i].value;
        used += (size_t)snprintf(&got[used], sizeof got - used, "%s%u:", i > 0 ? " " : "",
                                 (unsigned)options[i].number);
        for (size_t j = 0; j < value.size; j++) {
            const uint8_t byte = value.data[j];
            used += (size_t)snprintf(&got[used], sizeof got - used,
                                     byte > 0x20 && byte < 0x7f ? "%c" : "<%02x>", byte);
        }
    }
    assert_string_equal(got, expected);
}

static void assert_origin(const char *text, const char *expected)
{
    const lwsec_coap_uri uri = decode(text);
    uint8_t data[LWSEC_COAP_URI_MAX];
    lwsec_buffer out = lwsec_buffer_of(data, sizeof data);

    assert_status(lwsec_coap_uri_origin(&uri, &out), LWSEC_OK);
    assert_bytes(lwsec_buffer_bytes(&out), text_of(expected));
    out = lwsec_buffer_of(data, strlen(expected) - 1);
    assert_status(lwsec_coap_uri_origin(&uri, &out), LWSEC_BUFFER);
    assert_int_equal(out.size, 0);
}

static void a_uri_becomes_options(void **state)
{
    (void)state;
    assert_options("coap://example.com/resource?q=1", "3:example.com 11:resource 15:q=1 39:coap");
    assert_options("coap://example.com", "3:example.com 39:coap");
    assert_options("coap://example.com/", "3:example.com 39:coap");
    assert_options("coap://h//", "3:h 11: 11: 39:coap");
    assert_options("coap://h/a/", "3:h 11:a 11: 39:coap");
    assert_options("coap://h/a//b", "3:h 11:a 11: 11:b 39:coap");
    assert_options("coap://h?", "3:h 15: 39:coap");
    assert_options("coap://h/?a&&b=c&", "3:h 15:a 15: 15:b=c 15: 39:coap");
    assert_options("coap://h/a:@b?/?:@", "3:h 11:a:@b 15:/?:@ 39:coap");
    assert_options("coap://h:61616/x", "3:h 7:<f0><b0> 11:x 39:coap");
    assert_options("COAP+TCP://H:1/X", "3:h 7:<01> 11:X 39:coap+tcp");
}

static void percent_encoding_is_decoded_after_the_split(void **state)
{
    (void)state;
    assert_options("coap://h/a%2Fb%3f?c%26d%3D%25", "3:h 11:a/b? 15:c&d=% 39:coap");
    assert_options("coap://%45xample%2eCOM/%e2%98%ba", "3:example.com 11:<e2><98><ba> 39:coap");
    assert_options("coap://h/%00", "3:h 11:<00> 39:coap");
    assert_options("coap://h/.a/..b/...", "3:h 11:.a 11:..b 11:... 39:coap");
}

static void the_origin_has_neither_path_nor_query(void **state)
{
    (void)state;
    assert_origin("coap://example.com/resource?q=1", "coap://example.com");
    assert_origin("CoAP://EXAMPLE.com:5683/", "coap://example.com");
    assert_origin("coap://h:/", "coap://h");
    assert_origin("coap://h:5684/", "coap://h:5684");
    assert_origin("coaps://h:5684", "coaps://h");
    assert_origin("coaps+tcp://h:5683", "coaps+tcp://h:5683");
    assert_origin("coap+ws://h:80", "coap+ws://h");
    assert_origin("https://server.url:00443/orders", "https://server.url");
    assert_origin("http://h:65535", "http://h:65535");
    assert_origin("coap://h:10", "coap://h:10");
    assert_origin("coap://a%7eb%2fc%4F", "coap://a~b%2Fco");
    assert_origin("coap://[2001:DB8::1]:61616/x", "coap://[2001:db8::1]:61616");
    assert_origin("coap://192.0.2.1/x", "coap://192.0.2.1");
}

static void addresses_in_brackets(void **state)
{
    static const char *const good[] = {"::",
                                       "::1",
                                       "1::",
                                       "1:2:3:4:5:6:7:8",
                                       "1::8",
                                       "1:2::7:8",
                                       "::ffff:192.0.2.1",
                                       "1:2:3:4:5:6:192.0.2.1",
                                       "1:2:3:4:5:6:7::"};
    static const char *const bad[] = {"",
                                      ":",
                                      "1",
                                      "1:",
                                      ":1",
                                      ":1::2",
                                      ":::",
                                      "1::2::3",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "12345::",
                                      "g::",
                                      "::1%25eth0",
                                      "::192.0.2",
                                      "::192.0.2.256",
                                      "::192.0.2.01",
                                      "192.0.2.1::",
                                      "v1.x",
                                      "::1.2.3.4:5",
                                      "1:2:3:4:5:6:7:1.2.3.4",
                                      "::1.2.3.4.5",
                                      "1:2:3:4:5:6:7:8::",
                                      "1::2:3:4:5:6:7:8"};
    char text[64];
    lwsec_coap_uri uri;
    lwsec_reason reason;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        (void)snprintf(text, sizeof text, "coap://[%s]/", good[i]);
        (void)decode(text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(text, sizeof text, "coap://[%s]/", bad[i]);
        if (lwsec_coap_uri_decode(text_of(text), &uri, &reason) != LWSEC_REJECT) {
            print_error("accepted: %s\n", text);
            fail();
        }
        assert_int_equal(reason.why, LWSEC_WHY_COAP_URI);
    }
}

static void what_is_malformed_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "coap",
                                      "coap:",
                                      "coap:/",
                                      "coap:h",
                                      "coap://",
                                      "coap:///x",
                                      "coap://:5683/x",
                                      "//h/x",
                                      "/x",
                                      "x",
                                      "ftp://h",
                                      "coap2://h",
                                      "coa://h",
                                      " coap://h",
                                      "coap://h ",
                                      "coap://h\x7f",
                                      "coap://user@h/",
                                      "coap://user:pw@h/",
                                      "coap://h/#",
                                      "coap://h#f",
                                      "coap://h?q#f",
                                      "coap://h:0",
                                      "coap://h:65536",
                                      "coap://h:99999999999",
                                      "coap://h:+1",
                                      "coap://h:1a",
                                      "coap://h:1:2",
                                      "coap://h:-1",
                                      "coap://[::1",
                                      "coap://::1]",
                                      "coap://[::1]x",
                                      "coap://[::1]]",
                                      "coap://a[b]",
                                      "coap://h/%",
                                      "coap://h/%4",
                                      "coap://h/%4g",
                                      "coap://h/%g4",
                                      "coap://%",
                                      "coap://%4/1",
                                      "coap://h?%",
                                      "coap://h/a b",
                                      "coap://h/\xc3\xa4",
                                      "coap://\xc3\xa4/",
                                      "coap://h/\"",
                                      "coap://h/<",
                                      "coap://h/[",
                                      "coap://h?[",
                                      "coap://h/\\",
                                      "coap://h/^",
                                      "coap://h/|",
                                      "coap://h/`",
                                      "coap://h/{",
                                      "coap://h/.",
                                      "coap://h/..",
                                      "coap://h/a/../b",
                                      "coap://h/./a",
                                      "coap://h/%2e",
                                      "coap://h/%2E.",
                                      "coap://h/.%2e/"};
    lwsec_coap_uri uri;
    lwsec_reason reason;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (lwsec_coap_uri_decode(text_of(bad[i]), &uri, &reason) != LWSEC_REJECT) {
            print_error("accepted: %s\n", bad[i]);
            fail();
        }
        assert_int_equal(reason.why, LWSEC_WHY_COAP_URI);
        assert_true(reason.offset <= strlen(bad[i]));
    }
    assert_status(lwsec_coap_uri_decode(lwsec_bytes_of("coap://h/\0", 10), &uri, &reason),
                  LWSEC_REJECT);
}

/* `count` times a character behind a start. */
static lwsec_status decode_long(const char *start, const char *unit, size_t count,
                                lwsec_reason *reason)
{
    char text[2000];
    lwsec_coap_uri uri;
    size_t used = strlen(start);

    memcpy(text, start, used);
    for (size_t i = 0; i < count; i++, used += strlen(unit)) {
        memcpy(&text[used], unit, strlen(unit));
    }
    return lwsec_coap_uri_decode(lwsec_bytes_of(text, used), &uri, reason);
}

static void parts_have_limits(void **state)
{
    static const char *const starts[] = {"coap://", "coap://h/", "coap://h?", "coap://h/a/",
                                         "coap://h?a&"};
    lwsec_reason reason;

    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        assert_status(decode_long(starts[i], "a", 255, &reason), LWSEC_OK);
        assert_status(decode_long(starts[i], "%61", 255, &reason), LWSEC_OK);
        assert_status(decode_long(starts[i], "a", 256, &reason), LWSEC_REJECT);
        assert_int_equal(reason.why, LWSEC_WHY_TOO_LONG);
        assert_status(decode_long(starts[i], "%61", 256, &reason), LWSEC_REJECT);
        assert_int_equal(reason.why, LWSEC_WHY_TOO_LONG);
    }
    assert_status(decode_long("coap://ab/", "a/", 512, &reason), LWSEC_OK);
    assert_status(decode_long("coap://abc/", "a/", 512, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_TOO_LONG);
}

static void options_need_room(void **state)
{
    const lwsec_coap_uri uri = decode("coap://h:1/ab?c");
    lwsec_coap_option options[5];
    uint8_t values[9];
    size_t count;

    (void)state;
    for (size_t capacity = 0; capacity <= 5; capacity++) {
        for (size_t size = 0; size <= sizeof values; size++) {
            lwsec_buffer room = lwsec_buffer_of(values, size);
            const bool enough = capacity == 5 && size == sizeof values;
            assert_status(lwsec_coap_uri_options(&uri, options, capacity, &count, &room),
                          enough ? LWSEC_OK : LWSEC_BUFFER);
            assert_int_equal(count, enough ? 5 : 0);
            assert_int_equal(room.size, enough ? size : 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_uri_becomes_options),
        cmocka_unit_test(percent_encoding_is_decoded_after_the_split),
        cmocka_unit_test(the_origin_has_neither_path_nor_query),
        cmocka_unit_test(addresses_in_brackets),
        cmocka_unit_test(what_is_malformed_is_refused),
        cmocka_unit_test(parts_have_limits),
        cmocka_unit_test(options_need_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
