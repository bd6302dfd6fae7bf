/* Which options go inside, which stay outside, and how they come together again. RFC 8613
 * section 4.1. */
#include "tests/oscore/pair.h"

#include "tests/oscore/forge.h"

/* Sends a request and gives what the server made of it. */
static lwsec_bytes deliver(pair *both, lwsec_bytes plain, packet *sent, packet *received)
{
    assert_status(protect(&both->client, plain, sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    return bytes_of(received);
}

static void assert_arrives_unchanged(pair *both, lwsec_bytes plain)
{
    static packet sent, received;

    assert_bytes(deliver(both, plain, &sent, &received), plain);
}

static void assert_not_protected(pair *both, lwsec_bytes plain, lwsec_why why)
{
    static packet out;
    const uint64_t next = wear_of(&both->client).next_ssn;

    assert_status(protect(&both->client, plain, &out), LWSEC_REJECT);
    assert_int_equal(out.reason.why, why);
    assert_int_equal(wear_of(&both->client).next_ssn, next);
}

/* ---- Class E and class U ---- */

static void only_options_of_class_u_and_observe_stay_outside(void **state)
{
    static const uint32_t class_u[] = {LWSEC_COAP_URI_HOST, LWSEC_COAP_URI_PORT,
                                       LWSEC_COAP_HOP_LIMIT, LWSEC_COAP_EDHOC,
                                       LWSEC_COAP_PROXY_SCHEME};
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    for (uint32_t number = 1; number < 400; number++) {
        const lwsec_coap_option option = text_option(number, "ab");
        bool outside_too = number == LWSEC_COAP_OBSERVE;
        if (number == LWSEC_COAP_OSCORE || number == LWSEC_COAP_PROXY_URI) {
            continue;
        }
        for (size_t i = 0; i < sizeof class_u / sizeof class_u[0]; i++) {
            outside_too = outside_too || number == class_u[i];
        }
        const lwsec_bytes plain = udp_message(LWSEC_COAP_POST, &option, 1, "payload");
        assert_bytes(deliver(both, plain, sent, received), plain);
        assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(sent), number), outside_too);
    }
}

static void all_options_outside_are_discarded_but_class_u(void **state)
{
    pair *both = *state;
    packet *received = packet_new();

    pair_open(both);
    const lwsec_bytes wire = forge_request(&both->client, 5, lwsec_test_hex("02b3747631"),
                                           "11aa"   /* 1: If-Match */
                                           "2168"   /* 3: Uri-Host "h" */
                                           "11bb"   /* 4: ETag */
                                           "20"     /* 6: Observe */
                                           "12162d" /* 7: Uri-Port 5677 */
                                           "220905" /* 9: OSCORE */
                                           "2178"   /* 11: Uri-Path "x" */
                                           "112a"   /* 12: Content-Format */
                                           "3179"   /* 15: Uri-Query "y" */
                                           "1108"   /* 16: Hop-Limit 8 */
                                           "7106"); /* 23: Block2 */
    assert_status(unprotect(&both->server, wire, received), LWSEC_OK);
    const uint8_t port[] = {0x16, 0x2d};
    const uint8_t hops[] = {0x08};
    const lwsec_coap_option expected[] = {text_option(LWSEC_COAP_URI_HOST, "h"),
                                          {LWSEC_COAP_URI_PORT, lwsec_bytes_of(port, 2)},
                                          text_option(LWSEC_COAP_URI_PATH, "tv1"),
                                          {LWSEC_COAP_HOP_LIMIT, lwsec_bytes_of(hops, 1)}};
    assert_bytes(bytes_of(received), udp_message(LWSEC_COAP_POST, expected, 4, ""));
}

/* The application has to see that the request is for a proxy. */
static void a_proxy_uri_outside_is_kept(void **state)
{
    pair *both = *state;
    packet *received = packet_new();

    pair_open(both);
    const lwsec_bytes wire = forge_request(&both->client, 5, lwsec_test_hex("01b3747631"),
                                           "920905"         /* 9: OSCORE */
                                           "d40d636f6170"); /* 35: Proxy-Uri "coap" */
    assert_status(unprotect(&both->server, wire, received), LWSEC_OK);
    const lwsec_coap_option expected[] = {text_option(LWSEC_COAP_URI_PATH, "tv1"),
                                          text_option(LWSEC_COAP_PROXY_URI, "coap")};
    assert_bytes(bytes_of(received), udp_message(LWSEC_COAP_GET, expected, 2, ""));
}

static void options_outside_and_inside_are_merged_in_order(void **state)
{
    const lwsec_coap_option options[] = {
        text_option(LWSEC_COAP_IF_MATCH, "m"),
        text_option(LWSEC_COAP_URI_HOST, "localhost"),
        text_option(LWSEC_COAP_ETAG, "e"),
        text_option(LWSEC_COAP_URI_PORT, "pp"),
        text_option(LWSEC_COAP_LOCATION_PATH, "l"),
        text_option(LWSEC_COAP_URI_PATH, "tv1"),
        text_option(LWSEC_COAP_URI_QUERY, "q"),
        text_option(LWSEC_COAP_HOP_LIMIT, "h"),
        text_option(LWSEC_COAP_ACCEPT, "a"),
        text_option(LWSEC_COAP_PROXY_SCHEME, "coap"),
        text_option(LWSEC_COAP_SIZE1, "s"),
        text_option(LWSEC_COAP_NO_RESPONSE, "n"),
        text_option(2049, "x"),
    };
    const size_t count = sizeof options / sizeof options[0];
    pair *both = *state;

    pair_open(both);
    /* Every subset: each order of what is inside and what is outside. */
    for (uint32_t subset = 0; subset < 1U << count; subset++) {
        lwsec_coap_option chosen[13];
        size_t chosen_count = 0;
        for (size_t i = 0; i < count; i++) {
            if ((subset >> i & 1U) != 0) {
                chosen[chosen_count++] = options[i];
            }
        }
        assert_arrives_unchanged(both, udp_message(LWSEC_COAP_POST, chosen, chosen_count,
                                                   subset % 3 == 0 ? "" : "payload"));
    }
}

static void option_258_is_not_taken_for_option_2(void **state)
{
    static const uint8_t value[] = {0x1a};
    const lwsec_coap_option option = {LWSEC_COAP_NO_RESPONSE, lwsec_bytes_of(value, 1)};
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    const lwsec_bytes got =
        deliver(both, udp_message(LWSEC_COAP_POST, &option, 1, ""), sent, received);
    assert_int_equal(count_options(LWSEC_COAP_UDP, got, LWSEC_COAP_NO_RESPONSE), 1);
    assert_int_equal(count_options(LWSEC_COAP_UDP, got, 2), 0);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(sent), LWSEC_COAP_NO_RESPONSE), 0);
}

static void options_with_numbers_at_every_boundary_arrive(void **state)
{
    static const uint32_t numbers[] = {1,   2,   12,  13,  14,  255,   256,   257,   258,  268,
                                       269, 270, 524, 525, 537, 65535, 65536, 65803, 65804};
    pair *both = *state;

    pair_open(both);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const lwsec_coap_option alone = text_option(numbers[i], "v");
        assert_arrives_unchanged(both, udp_message(LWSEC_COAP_POST, &alone, 1, ""));
        const lwsec_coap_option behind_a_host[] = {text_option(LWSEC_COAP_URI_HOST, "h"), alone};
        if (numbers[i] > LWSEC_COAP_URI_HOST) {
            assert_arrives_unchanged(both, udp_message(LWSEC_COAP_POST, behind_a_host, 2, "p"));
        }
    }
}

static void option_values_of_every_length_form_arrive(void **state)
{
    static const uint8_t value[65804] = {7};
    static const size_t sizes[] = {0, 1, 12, 13, 14, 268, 269, 270, 1024, 60000};
    pair *both = *state;

    pair_open(both);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (uint32_t number = LWSEC_COAP_URI_HOST; number <= LWSEC_COAP_ETAG; number++) {
            const lwsec_coap_option option = {number, lwsec_bytes_of(value, sizes[i])};
            assert_arrives_unchanged(both, udp_message(LWSEC_COAP_POST, &option, 1, "p"));
        }
    }
}

static void more_than_sixty_options_arrive(void **state)
{
    static lwsec_coap_option options[500];
    pair *both = *state;

    pair_open(both);
    for (uint32_t i = 0; i < 500; i++) {
        options[i] = text_option(100 + i / 3, "abc");
    }
    for (size_t count = 59; count <= 500; count += 21) {
        assert_arrives_unchanged(both, udp_message(LWSEC_COAP_POST, options, count, "p"));
    }
    options[0] = text_option(LWSEC_COAP_URI_HOST, "h");
    assert_arrives_unchanged(both, udp_message(LWSEC_COAP_POST, options, 500, ""));
}

/* ---- What is not protected ---- */

static void a_message_that_is_protected_already_is_refused(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_not_protected(both, bytes_of(sent), LWSEC_WHY_OSCORE_NESTED);
    const lwsec_coap_option empty = {LWSEC_COAP_OSCORE, {NULL, 0}};
    assert_not_protected(both, udp_message(LWSEC_COAP_GET, &empty, 1, ""), LWSEC_WHY_OSCORE_NESTED);
}

static void an_empty_message_is_not_protected(void **state)
{
    pair *both = *state;

    pair_open(both);
    assert_not_protected(both, lwsec_test_hex("60005d1f"), LWSEC_WHY_COAP_CODE); /* ACK */
    assert_not_protected(both, lwsec_test_hex("70005d1f"), LWSEC_WHY_COAP_CODE); /* RST */
    assert_not_protected(both, lwsec_test_hex("40005d1f"), LWSEC_WHY_COAP_CODE); /* ping */
}

static void a_response_is_not_protected_as_a_request_nor_the_other_way_round(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *out = packet_new();

    pair_open(both);
    assert_not_protected(both, plain_content(), LWSEC_WHY_COAP_CODE);
    (void)deliver(both, plain_get(), sent, received);
    assert_status(respond(&both->server, received, plain_get(), out), LWSEC_REJECT);
    assert_int_equal(out->reason.why, LWSEC_WHY_COAP_CODE);
    assert_status(respond(&both->server, received, lwsec_test_hex("60005d1f"), out), LWSEC_REJECT);
    /* And the nonce of the request is still free. */
    assert_status(respond(&both->server, received, plain_content(), out), LWSEC_OK);
    assert_false(has_piv(bytes_of(out)));
}

static void a_malformed_message_is_not_protected(void **state)
{
    pair *both = *state;
    const lwsec_bytes get = plain_get();

    pair_open(both);
    for (size_t size = 0; size < get.size; size++) {
        static packet out;
        if (size == 8 || size == 18) {
            continue; /* whole messages: without options, with the first only */
        }
        assert_status(protect(&both->client, lwsec_bytes_of(get.data, size), &out), LWSEC_REJECT);
    }
    assert_int_equal(wear_of(&both->client).next_ssn, 0);
}

/* ---- Codes ---- */

static void every_request_code_arrives_and_none_shows_outside(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    for (uint8_t code = 1; code < 32; code++) {
        const lwsec_bytes plain = udp_message(code, NULL, 0, "p");
        assert_bytes(deliver(both, plain, sent, received), plain);
        assert_int_equal(sent->data[1], LWSEC_COAP_POST);
    }
}

static void every_response_code_arrives_and_none_shows_outside(void **state)
{
    pair *both = *state;
    packet *response = packet_new();
    packet *at_client = packet_new();
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    for (unsigned code = 0x40; code < 0xc0; code++) {
        if (code >> 5 == 3) {
            continue;
        }
        const lwsec_bytes plain = udp_message((uint8_t)code, NULL, 0, "p");
        (void)deliver(both, plain_get(), sent, received);
        assert_status(respond(&both->server, received, plain, response), LWSEC_OK);
        assert_int_equal(response->data[1], LWSEC_COAP_CHANGED);
        assert_status(receive(&both->client, sent, bytes_of(response), at_client), LWSEC_OK);
        assert_bytes(bytes_of(at_client), plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(only_options_of_class_u_and_observe_stay_outside),
        pair_test(all_options_outside_are_discarded_but_class_u),
        pair_test(a_proxy_uri_outside_is_kept),
        pair_test(options_outside_and_inside_are_merged_in_order),
        pair_test(option_258_is_not_taken_for_option_2),
        pair_test(options_with_numbers_at_every_boundary_arrive),
        pair_test(option_values_of_every_length_form_arrive),
        pair_test(more_than_sixty_options_arrive),
        pair_test(a_message_that_is_protected_already_is_refused),
        pair_test(an_empty_message_is_not_protected),
        pair_test(a_response_is_not_protected_as_a_request_nor_the_other_way_round),
        pair_test(a_malformed_message_is_not_protected),
        pair_test(every_request_code_arrives_and_none_shows_outside),
        pair_test(every_response_code_arrives_and_none_shows_outside),
    };
    return cmocka_run_group_tests_name("oscore-options", tests, NULL, NULL);
}
