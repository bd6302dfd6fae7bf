/* Requests and responses that are cut, changed, or not for this context: nothing is delivered. */
#include "tests/oscore/pair.h"

#include "tests/oscore/forge.h"

/* A copy in memory of exactly its size, so that a sanitizer sees one byte too far. */
static lwsec_bytes exact_copy(lwsec_bytes bytes, uint8_t **copy)
{
    *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    assert_non_null(*copy);
    if (bytes.size > 0) {
        memcpy(*copy, bytes.data, bytes.size);
    }
    return lwsec_bytes_of(*copy, bytes.size);
}

/* The window and the counts of a context, to see that a refusal changed nothing. */
static void assert_still_takes(pair *both, packet *genuine)
{
    packet *received = packet_new();

    assert_status(unprotect(&both->server, bytes_of(genuine), received), LWSEC_OK);
    assert_bytes(bytes_of(received), plain_get());
}

static void a_request_that_is_cut_anywhere_is_refused(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    for (size_t size = 0; size < sent->out.size; size++) {
        uint8_t *copy;
        const lwsec_bytes cut = exact_copy(lwsec_bytes_of(sent->data, size), &copy);
        assert_status(unprotect(&both->server, cut, received), LWSEC_REJECT);
        free(copy);
    }
    assert_still_takes(both, sent);
}

static void a_response_that_is_cut_anywhere_is_refused(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();
    packet *response = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), at_server), LWSEC_OK);
    assert_status(respond(&both->server, at_server, plain_content(), response), LWSEC_OK);
    for (size_t size = 0; size < response->out.size; size++) {
        uint8_t *copy;
        const lwsec_bytes cut = exact_copy(lwsec_bytes_of(response->data, size), &copy);
        assert_status(receive(&both->client, sent, cut, received), LWSEC_REJECT);
        free(copy);
    }
    assert_status(receive(&both->client, sent, bytes_of(response), received), LWSEC_OK);
    assert_bytes(bytes_of(received), plain_content());
}

/* Equal in what OSCORE protects: code, options, payload. */
static void assert_same_inside(lwsec_bytes got, lwsec_bytes expected)
{
    lwsec_coap_message one;
    lwsec_coap_message other;

    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, got, &one, NULL), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, expected, &other, NULL), LWSEC_OK);
    assert_int_equal(one.code, other.code);
    assert_bytes(one.payload, other.payload);
    /* Uri-Host stands outside and is not protected (class U): only what is inside has to be the
     * same. */
    lwsec_coap_walk walk = lwsec_coap_options(&one);
    lwsec_coap_walk expected_walk = lwsec_coap_options(&other);
    lwsec_coap_option option;
    lwsec_coap_option expected_option;
    while (lwsec_coap_options_next(&expected_walk, &expected_option)) {
        if (expected_option.number != LWSEC_COAP_URI_PATH) {
            continue;
        }
        do {
            assert_true(lwsec_coap_options_next(&walk, &option));
        } while (option.number != LWSEC_COAP_URI_PATH);
        assert_bytes(option.value, expected_option.value);
    }
}

/* Where the OSCORE option begins, in a request of plain_get(): nothing from here on may change. */
#define PROTECTED_FROM 18U

static void a_request_with_any_byte_changed_is_refused_or_means_the_same(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    unsigned delivered = 0;

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    for (size_t at = 0; at < sent->out.size; at++) {
        for (unsigned change = 1; change < 256; change++) {
            sent->data[at] ^= (uint8_t)change;
            const lwsec_status status = unprotect(&both->server, bytes_of(sent), received);
            sent->data[at] ^= (uint8_t)change;
            if (status == LWSEC_OK) {
                assert_true(at < PROTECTED_FROM);
                assert_same_inside(bytes_of(received), plain_get());
                delivered++;
                lwsec_oscore_close(&both->server.context); /* for a window that has not seen it */
                lwsec_state_memory_close(&both->server.state);
                assert_status(lwsec_state_memory_open(
                                  both->server.state_memory, sizeof both->server.state_memory,
                                  STATE_RECORDS, STATE_VALUE_MAX, &both->server.state),
                              LWSEC_OK);
                endpoint_open(&both->server);
            } else {
                assert_true(status == LWSEC_REJECT);
            }
        }
    }
    assert_true(delivered > 4 * 200); /* token and Message ID at least are not protected */
    assert_still_takes(both, sent);
}

static void a_response_with_any_byte_changed_is_refused_or_means_the_same(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *at_server = packet_new();
    packet *response = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), at_server), LWSEC_OK);
    assert_status(respond_with_number(&both->server, at_server, plain_content(), response),
                  LWSEC_OK);
    const lwsec_oscore_request waiting = sent->request;
    for (size_t at = 0; at < response->out.size; at++) {
        for (unsigned change = 1; change < 256; change++) {
            response->data[at] ^= (uint8_t)change;
            const lwsec_status status = receive(&both->client, sent, bytes_of(response), received);
            response->data[at] ^= (uint8_t)change;
            if (status == LWSEC_OK) {
                /* Byte 9 holds the flags of the option: a response may name its kid or not. */
                assert_true(at < 8 || at == 9);
                assert_same_inside(bytes_of(received), plain_content());
                sent->request = waiting;
            }
        }
    }
    assert_status(receive(&both->client, sent, bytes_of(response), received), LWSEC_OK);
    LWSEC_COVERS("R-5.1-10");
}

/* ---- Not for this context ---- */

static void assert_refused(pair *both, lwsec_bytes wire, lwsec_why why)
{
    static packet received;

    assert_status(unprotect(&both->server, wire, &received), LWSEC_REJECT);
    assert_int_equal(received.reason.why, why);
}

/* A correct ciphertext under this OSCORE option. */
static void assert_option_refused(pair *both, const char *option, lwsec_why why)
{
    const lwsec_bytes inner = lwsec_test_hex("01b3747631");
    packet *sent = packet_new();

    assert_refused(both, forge_request(&both->client, 20, inner, option), why);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_still_takes(both, sent);
}

#define OPTION_TEST(name, option, why)                                                             \
    static void name(void **state)                                                                 \
    {                                                                                              \
        pair *both = *state;                                                                       \
        pair_open(both);                                                                           \
        assert_option_refused(both, (option), (why));                                              \
    }

OPTION_TEST(a_partial_iv_of_six_bytes_is_refused, "970e000000000014", LWSEC_WHY_OSCORE_RESERVED)
OPTION_TEST(a_partial_iv_of_seven_bytes_is_refused, "980f00000000000014", LWSEC_WHY_OSCORE_RESERVED)
OPTION_TEST(a_partial_iv_with_a_leading_zero_is_refused, "930a0014", LWSEC_WHY_OSCORE_PIV)
OPTION_TEST(flag_bit_0_is_refused, "928914", LWSEC_WHY_OSCORE_RESERVED)
OPTION_TEST(flag_bit_1_is_refused, "924914", LWSEC_WHY_OSCORE_RESERVED)
OPTION_TEST(flag_bit_2_is_refused, "922914", LWSEC_WHY_OSCORE_RESERVED)
OPTION_TEST(an_option_value_of_one_zero_byte_is_refused, "9100", LWSEC_WHY_OSCORE_RESERVED)
OPTION_TEST(a_request_without_kid_is_refused, "920114", LWSEC_WHY_OSCORE_NO_KID)
OPTION_TEST(a_request_without_partial_iv_is_refused, "9108", LWSEC_WHY_OSCORE_PIV)
OPTION_TEST(a_request_with_an_empty_option_is_refused, "90", LWSEC_WHY_OSCORE_PIV)
OPTION_TEST(bytes_behind_the_last_field_are_refused, "93011400", LWSEC_WHY_OSCORE_OPTION)
OPTION_TEST(a_request_with_another_kid_is_refused, "93091402", LWSEC_WHY_OSCORE_OTHER_KID)
OPTION_TEST(a_request_with_our_own_id_as_kid_is_refused, "93091401", LWSEC_WHY_OSCORE_OTHER_KID)
OPTION_TEST(a_kid_context_past_the_end_of_the_option_is_refused, "93191405",
            LWSEC_WHY_OSCORE_OPTION)
OPTION_TEST(a_kid_context_where_there_is_no_id_context_is_refused, "9419140137",
            LWSEC_WHY_OSCORE_OTHER_CONTEXT)
OPTION_TEST(an_empty_kid_context_where_there_is_no_id_context_is_refused, "93191400",
            LWSEC_WHY_OSCORE_OTHER_CONTEXT)
OPTION_TEST(two_oscore_options_are_refused, "920914020914", LWSEC_WHY_COAP_OPTION_TWICE)
OPTION_TEST(another_number_than_the_sealed_one_is_refused, "920915", LWSEC_WHY_OSCORE_TAG)

static void another_kid_context_is_refused(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    static const uint8_t one[] = {0x37, 0xcb};
    static const uint8_t other[] = {0x37, 0xcc};

    both->client.config.id_context = lwsec_bytes_of(one, 2);
    both->server.config.id_context = lwsec_bytes_of(one, 2);
    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_int_equal(sent->data[22 - 5 + 4], 2); /* the length of the kid context */
    sent->data[22] ^= 1;
    assert_bytes(outside(bytes_of(sent)).kid_context, lwsec_bytes_of((uint8_t[]){0x36, 0xcb}, 2));
    assert_refused(both, bytes_of(sent), LWSEC_WHY_OSCORE_OTHER_CONTEXT);
    sent->data[22] ^= 1;
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    lwsec_oscore_close(&both->server.context);
    both->server.config.id_context = lwsec_bytes_of(other, 2);
    endpoint_open(&both->server);
    assert_refused(both, bytes_of(sent), LWSEC_WHY_OSCORE_OTHER_CONTEXT);
}

static void a_server_with_an_id_context_takes_requests_that_leave_it_out(void **state)
{
    pair *both = *state;
    static const uint8_t id_context[] = {0x37, 0xcb};

    both->client.config.id_context = lwsec_bytes_of(id_context, 2);
    both->server.config.id_context = lwsec_bytes_of(id_context, 2);
    both->client.config.flags |= LWSEC_OSCORE_OMIT_KID_CONTEXT;
    pair_open(both);
    exchange(both);
}

static void a_message_of_another_secret_is_refused(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    both->client.config.secret =
        import_secret(both->store, lwsec_test_hex("0102030405060708090a0b0c0d0e0f11"));
    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_refused(both, bytes_of(sent), LWSEC_WHY_OSCORE_TAG);
}

static void a_ciphertext_no_longer_than_its_tag_is_refused(void **state)
{
    pair *both = *state;

    pair_open(both);
    assert_refused(both, lwsec_test_hex("44025d1f00003974920914"), LWSEC_WHY_OSCORE_NO_PAYLOAD);
    assert_refused(both, lwsec_test_hex("44025d1f00003974920914ff01"), LWSEC_WHY_OSCORE_NO_PAYLOAD);
    assert_refused(both, lwsec_test_hex("44025d1f00003974920914ff0102030405060708"),
                   LWSEC_WHY_OSCORE_NO_PAYLOAD);
    assert_refused(both, lwsec_test_hex("44025d1f00003974920914ff010203040506070809"),
                   LWSEC_WHY_OSCORE_TAG);
}

static void a_forged_message_of_64_kilobytes_is_refused(void **state)
{
    static uint8_t wire[1 << 16];
    static const uint8_t head[] = {0x44, 0x02, 0x5d, 0x1f, 0,    0,
                                   0x39, 0x74, 0x92, 0x09, 0x14, 0xff};
    pair *both = *state;

    memset(wire, 0x11, sizeof wire);
    memcpy(wire, head, sizeof head);
    pair_open(both);
    assert_refused(both, lwsec_bytes_of(wire, sizeof wire), LWSEC_WHY_OSCORE_TAG);
}

static void responses_and_empty_messages_are_no_requests(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();

    pair_open(both);
    assert_refused(both, lwsec_test_hex("60005d1f"), LWSEC_WHY_COAP_CODE);
    assert_refused(both, lwsec_test_hex("70005d1f"), LWSEC_WHY_COAP_CODE);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    sent->data[1] = LWSEC_COAP_CHANGED;
    assert_refused(both, bytes_of(sent), LWSEC_WHY_COAP_CODE);
}

static void a_plain_request_is_refused_as_unprotected(void **state)
{
    pair *both = *state;

    pair_open(both);
    assert_refused(both, plain_get(), LWSEC_WHY_OSCORE_UNPROTECTED);
}

/* ---- Authentic, and malformed inside ---- */

static void assert_inner_refused(pair *both, uint64_t number, const char *inner, lwsec_why why)
{
    assert_refused(both, forge_request(&both->client, number, lwsec_test_hex(inner), NULL), why);
}

static void an_authentic_request_that_is_malformed_inside_is_refused(void **state)
{
    pair *both = *state;
    packet *received = packet_new();

    pair_open(both);
    assert_inner_refused(both, 1, "01b374", LWSEC_WHY_OSCORE_INNER); /* value cut off */
    assert_inner_refused(both, 2, "01d0", LWSEC_WHY_OSCORE_INNER);   /* extended delta cut off */
    assert_inner_refused(both, 3, "01f0", LWSEC_WHY_OSCORE_INNER);   /* reserved delta */
    assert_inner_refused(both, 4, "010f", LWSEC_WHY_OSCORE_INNER);   /* reserved length */
    assert_inner_refused(both, 5, "01ff", LWSEC_WHY_OSCORE_INNER);   /* marker, no payload */
    assert_inner_refused(both, 6, "01e0ffffe0ffff", LWSEC_WHY_OSCORE_INNER); /* number too high */
    assert_inner_refused(both, 7, "01920914", LWSEC_WHY_OSCORE_INNER);       /* OSCORE inside */
    assert_inner_refused(both, 8, "45b3747631", LWSEC_WHY_OSCORE_INNER);     /* a response inside */
    assert_inner_refused(both, 9, "00", LWSEC_WHY_OSCORE_INNER);             /* Empty inside */
    assert_inner_refused(both, 10, "e1", LWSEC_WHY_OSCORE_INNER);            /* signalling inside */
    /* None of them took its number: the one that is well-formed is still accepted. */
    assert_status(unprotect(&both->server,
                            forge_request(&both->client, 7, lwsec_test_hex("01b3747631"), NULL),
                            received),
                  LWSEC_OK);
}

static void an_authentic_response_that_is_malformed_inside_is_refused(void **state)
{
    static const char *const inner[] = {"45b374", "45ff", "45920914", "01b3747631", "00", "e1"};
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
        assert_status(receive(&both->client, sent,
                              forge_response(&both->server, 0, NULL, lwsec_test_hex(inner[i])),
                              received),
                      LWSEC_REJECT);
    }
    assert_status(receive(&both->client, sent,
                          forge_response(&both->server, 0, NULL, lwsec_test_hex("45ff21")),
                          received),
                  LWSEC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(a_request_that_is_cut_anywhere_is_refused),
        pair_test(a_response_that_is_cut_anywhere_is_refused),
        pair_test(a_request_with_any_byte_changed_is_refused_or_means_the_same),
        pair_test(a_response_with_any_byte_changed_is_refused_or_means_the_same),
        pair_test(a_partial_iv_of_six_bytes_is_refused),
        pair_test(a_partial_iv_of_seven_bytes_is_refused),
        pair_test(a_partial_iv_with_a_leading_zero_is_refused),
        pair_test(flag_bit_0_is_refused),
        pair_test(flag_bit_1_is_refused),
        pair_test(flag_bit_2_is_refused),
        pair_test(an_option_value_of_one_zero_byte_is_refused),
        pair_test(a_request_without_kid_is_refused),
        pair_test(a_request_without_partial_iv_is_refused),
        pair_test(a_request_with_an_empty_option_is_refused),
        pair_test(bytes_behind_the_last_field_are_refused),
        pair_test(a_request_with_another_kid_is_refused),
        pair_test(a_request_with_our_own_id_as_kid_is_refused),
        pair_test(a_kid_context_past_the_end_of_the_option_is_refused),
        pair_test(a_kid_context_where_there_is_no_id_context_is_refused),
        pair_test(an_empty_kid_context_where_there_is_no_id_context_is_refused),
        pair_test(two_oscore_options_are_refused),
        pair_test(another_number_than_the_sealed_one_is_refused),
        pair_test(another_kid_context_is_refused),
        pair_test(a_server_with_an_id_context_takes_requests_that_leave_it_out),
        pair_test(a_message_of_another_secret_is_refused),
        pair_test(a_ciphertext_no_longer_than_its_tag_is_refused),
        pair_test(a_forged_message_of_64_kilobytes_is_refused),
        pair_test(responses_and_empty_messages_are_no_requests),
        pair_test(a_plain_request_is_refused_as_unprotected),
        pair_test(an_authentic_request_that_is_malformed_inside_is_refused),
        pair_test(an_authentic_response_that_is_malformed_inside_is_refused),
    };
    return cmocka_run_group_tests_name("oscore-malformed", tests, NULL, NULL);
}
