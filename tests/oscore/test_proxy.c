/* Requests for a forward proxy: what it may see of them (RFC 8613 section 4.1.3.3). */
#include "tests/oscore/pair.h"

/* Protects a GET with these options and gives it decoded; `sent` keeps it. */
static lwsec_coap_message protected(pair *both, const lwsec_coap_option *options, size_t count,
                                    packet *sent)
{
    lwsec_coap_message outer;

    assert_status(
        protect(&both->client, udp_message(LWSEC_COAP_GET, options, count, "payload"), sent),
        LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(sent), &outer, NULL), LWSEC_OK);
    return outer;
}

static void assert_option(const lwsec_coap_message *message, uint32_t number, const char *value)
{
    lwsec_coap_option option;

    assert_true(lwsec_coap_option_find(message, number, &option));
    assert_bytes(option.value, lwsec_bytes_of(value, strlen(value)));
}

/* What the server sees is what the proxy gave it with the options inside. */
static lwsec_coap_message delivered(pair *both, const packet *sent, packet *received)
{
    lwsec_coap_message plain;

    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(received), &plain, NULL), LWSEC_OK);
    return plain;
}

static void the_proxy_sees_the_server_and_not_the_resource(void **state)
{
    const lwsec_coap_option option =
        text_option(LWSEC_COAP_PROXY_URI, "coap://EXAMPLE.com:5683/resource?q=1");
    pair *both = *state;
    packet *sent = packet_new();

    pair_open(both);
    const lwsec_coap_message outer = protected(both, &option, 1, sent);
    assert_option(&outer, LWSEC_COAP_PROXY_URI, "coap://example.com");
    assert_int_equal(outer.code, LWSEC_COAP_POST);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(sent), LWSEC_COAP_URI_PATH), 0);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(sent), LWSEC_COAP_URI_QUERY), 0);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(sent), LWSEC_COAP_OSCORE), 1);
    const lwsec_coap_message plain = delivered(both, sent, packet_new());
    assert_option(&plain, LWSEC_COAP_URI_PATH, "resource");
    assert_option(&plain, LWSEC_COAP_URI_QUERY, "q=1");
    assert_option(&plain, LWSEC_COAP_PROXY_URI, "coap://example.com");
    assert_int_equal(plain.code, LWSEC_COAP_GET);
    assert_int_equal(plain.payload.size, 7);
    LWSEC_COVERS("R-5.5.1-05");
    LWSEC_COVERS("R-5.1-14");
}

/* Parts and other options come in ascending order, wherever the others stand. */
static void other_options_stay_where_they_belong(void **state)
{
    static const uint32_t others[] = {1,  4,  6,  8,  12, 13,  14,  16,  17,
                                      23, 34, 36, 40, 60, 252, 258, 292, 2053};
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const bool before = others[i] < LWSEC_COAP_PROXY_URI;
        lwsec_coap_option options[2];
        options[before ? 0 : 1] = text_option(others[i], others[i] == 6 ? "" : "o");
        options[before ? 1 : 0] = text_option(LWSEC_COAP_PROXY_URI, "coap://h/a/b?c&d");
        const lwsec_coap_message outer = protected(both, options, 2, sent);
        assert_option(&outer, LWSEC_COAP_PROXY_URI, "coap://h");
        const lwsec_coap_message plain = delivered(both, sent, received);
        assert_option(&plain, others[i], others[i] == 6 ? "" : "o");
        assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(received), 11), 2);
        assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(received), 15), 2);
        assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(received), others[i]), 1);
    }
}

static void proxy_scheme_and_host_stay_outside(void **state)
{
    const lwsec_coap_option options[] = {text_option(LWSEC_COAP_URI_HOST, "h"),
                                         text_option(LWSEC_COAP_URI_PATH, "a"),
                                         text_option(LWSEC_COAP_PROXY_SCHEME, "coap")};
    pair *both = *state;
    packet *sent = packet_new();

    pair_open(both);
    const lwsec_coap_message outer = protected(both, options, 3, sent);
    assert_option(&outer, LWSEC_COAP_URI_HOST, "h");
    assert_option(&outer, LWSEC_COAP_PROXY_SCHEME, "coap");
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(sent), LWSEC_COAP_URI_PATH), 0);
}

static void assert_refused(pair *both, lwsec_bytes plain, lwsec_why why)
{
    packet *sent = packet_new();
    const uint64_t before = wear_of(&both->client).next_ssn;

    assert_status(protect(&both->client, plain, sent), LWSEC_REJECT);
    assert_int_equal(sent->reason.why, why);
    assert_int_equal(wear_of(&both->client).next_ssn, before);
}

static void proxy_uri_beside_what_it_replaces_is_refused(void **state)
{
    static const uint32_t replaced[] = {LWSEC_COAP_URI_HOST, LWSEC_COAP_URI_PORT,
                                        LWSEC_COAP_URI_PATH, LWSEC_COAP_URI_QUERY,
                                        LWSEC_COAP_PROXY_SCHEME};
    pair *both = *state;

    pair_open(both);
    for (size_t i = 0; i < sizeof replaced / sizeof replaced[0]; i++) {
        const bool before = replaced[i] < LWSEC_COAP_PROXY_URI;
        lwsec_coap_option options[2];
        options[before ? 0 : 1] = text_option(replaced[i], "x");
        options[before ? 1 : 0] = text_option(LWSEC_COAP_PROXY_URI, "coap://h/");
        assert_refused(both, udp_message(LWSEC_COAP_GET, options, 2, ""),
                       LWSEC_WHY_OSCORE_PROXY_URI);
    }
}

static void proxy_uri_that_cannot_be_split_is_refused(void **state)
{
    const lwsec_coap_option bad = text_option(LWSEC_COAP_PROXY_URI, "coap://user@h/");
    const lwsec_coap_option fragment = text_option(LWSEC_COAP_PROXY_URI, "coap://h/#f");
    const lwsec_coap_option empty = text_option(LWSEC_COAP_PROXY_URI, "");
    const lwsec_coap_option twice[] = {text_option(LWSEC_COAP_PROXY_URI, "coap://h/"),
                                       text_option(LWSEC_COAP_PROXY_URI, "coap://i/")};
    pair *both = *state;

    pair_open(both);
    assert_refused(both, udp_message(LWSEC_COAP_GET, &bad, 1, ""), LWSEC_WHY_COAP_URI);
    assert_refused(both, udp_message(LWSEC_COAP_GET, &fragment, 1, ""), LWSEC_WHY_COAP_URI);
    assert_refused(both, udp_message(LWSEC_COAP_GET, &empty, 1, ""), LWSEC_WHY_COAP_URI);
    assert_refused(both, udp_message(LWSEC_COAP_GET, twice, 2, ""), LWSEC_WHY_COAP_OPTION_TWICE);
}

static void a_response_has_no_proxy_uri(void **state)
{
    const lwsec_coap_option option = text_option(LWSEC_COAP_PROXY_URI, "coap://h/");
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *out = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(
        respond(&both->server, received, udp_message(LWSEC_COAP_CONTENT, &option, 1, ""), out),
        LWSEC_REJECT);
    assert_int_equal(out->reason.why, LWSEC_WHY_OSCORE_PROXY_URI);
}

/* The longest growth fits into the room that the header tells, and less takes no number. */
static void room_is_asked_for_before_a_number_is_taken(void **state)
{
    char text[1024] = "coap://h";
    size_t size = strlen(text);
    pair *both = *state;
    packet *sent = packet_new();
    lwsec_reason reason;

    pair_open(both);
    for (size_t i = 0; i < 70; i++) {
        const char separator = i < 35 ? '/' : i == 35 ? '?' : '&';
        size += (size_t)snprintf(&text[size], sizeof text - size, "%cabcdefghijklm", separator);
    }
    const lwsec_coap_option option = text_option(LWSEC_COAP_PROXY_URI, text);
    const lwsec_bytes plain = udp_message(LWSEC_COAP_GET, &option, 1, "payload");
    const size_t enough = plain.size + LWSEC_OSCORE_OVERHEAD + size / 14 + 8;
    const uint64_t before = wear_of(&both->client).next_ssn;
    bool fits = false;
    for (size_t room = plain.size; !fits; room++) {
        assert_true(room <= enough);
        sent->out = lwsec_buffer_of(sent->data, room);
        const lwsec_status status = lwsec_oscore_protect_request(
            both->client.context, plain, &sent->request, &sent->out, &reason);
        fits = status == LWSEC_OK;
        assert_true(fits || status == LWSEC_BUFFER);
        assert_int_equal(wear_of(&both->client).next_ssn, before + (fits ? 1 : 0));
    }
    packet *received = packet_new();
    (void)delivered(both, sent, received);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(received), 11), 35);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(received), 15), 35);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(the_proxy_sees_the_server_and_not_the_resource),
        pair_test(other_options_stay_where_they_belong),
        pair_test(proxy_scheme_and_host_stay_outside),
        pair_test(proxy_uri_beside_what_it_replaces_is_refused),
        pair_test(proxy_uri_that_cannot_be_split_is_refused),
        pair_test(a_response_has_no_proxy_uri),
        pair_test(room_is_asked_for_before_a_number_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
