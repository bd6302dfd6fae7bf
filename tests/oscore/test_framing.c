/* Whole messages: headers, tokens, sizes, both framings, and the memory that they stand in. */
#include "tests/oscore/pair.h"

static uint8_t long_bytes[1 << 17];

/* Request and response with this token and payload, over the framing of the pair. */
static void assert_exchange(pair *both, lwsec_bytes token, lwsec_bytes payload)
{
    static packet request, at_server, response, at_client;
    static uint8_t plain_request[PACKET_MAX];
    static uint8_t plain_response[PACKET_MAX];
    const lwsec_coap_framing framing = both->client.config.framing;
    const lwsec_coap_option path = text_option(LWSEC_COAP_URI_PATH, "tv1");
    lwsec_coap_message head = {.type = LWSEC_COAP_NON,
                               .code = LWSEC_COAP_POST,
                               .message_id = 0xabcd,
                               .token = token,
                               .payload = payload};
    lwsec_buffer out = lwsec_buffer_of(plain_request, sizeof plain_request);

    assert_status(lwsec_coap_encode(framing, &head, &path, 1, &out, NULL), LWSEC_OK);
    assert_status(protect(&both->client, lwsec_buffer_bytes(&out), &request), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(&request), &at_server), LWSEC_OK);
    assert_bytes(bytes_of(&at_server), lwsec_buffer_bytes(&out));

    head.code = LWSEC_COAP_CONTENT;
    out = lwsec_buffer_of(plain_response, sizeof plain_response);
    assert_status(lwsec_coap_encode(framing, &head, NULL, 0, &out, NULL), LWSEC_OK);
    assert_status(respond(&both->server, &at_server, lwsec_buffer_bytes(&out), &response),
                  LWSEC_OK);
    assert_status(receive(&both->client, &request, bytes_of(&response), &at_client), LWSEC_OK);
    assert_bytes(bytes_of(&at_client), lwsec_buffer_bytes(&out));
}

static const size_t token_sizes[] = {0, 1, 4, 8, 12, 13, 14, 268, 269, 270, 5000, 65804};
static const size_t payload_sizes[] = {0, 1, 2, 12, 13, 255, 256, 1024, 60000};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_all_sizes(pair *both)
{
    for (size_t i = 0; i < sizeof long_bytes; i++) {
        long_bytes[i] = (uint8_t)(i * 31 + (i >> 8));
    }
    for (size_t t = 0; t < COUNT(token_sizes); t++) {
        for (size_t p = 0; p < COUNT(payload_sizes); p++) {
            assert_exchange(both, lwsec_bytes_of(long_bytes, token_sizes[t]),
                            lwsec_bytes_of(long_bytes + 7, payload_sizes[p]));
        }
    }
    for (size_t size = 0; size < 320; size++) {
        assert_exchange(both, lwsec_bytes_of(long_bytes, 3), lwsec_bytes_of(long_bytes, size));
    }
}

static void tokens_and_payloads_of_every_size_arrive_over_udp(void **state)
{
    pair *both = *state;

    pair_open(both);
    assert_all_sizes(both);
}

static void tokens_and_payloads_of_every_size_arrive_over_tcp(void **state)
{
    pair *both = *state;

    both->client.config.framing = both->server.config.framing = LWSEC_COAP_TCP;
    pair_open(both);
    assert_all_sizes(both);
}

static void options_outside_are_merged_over_tcp(void **state)
{
    const lwsec_coap_option options[] = {text_option(LWSEC_COAP_URI_HOST, "localhost"),
                                         {LWSEC_COAP_OBSERVE, {NULL, 0}},
                                         text_option(LWSEC_COAP_URI_PORT, "pp"),
                                         text_option(LWSEC_COAP_URI_PATH, "tv1"),
                                         text_option(LWSEC_COAP_HOP_LIMIT, "h"),
                                         text_option(LWSEC_COAP_PROXY_SCHEME, "coap")};
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    both->client.config.framing = both->server.config.framing = LWSEC_COAP_TCP;
    pair_open(both);
    for (size_t size = 0; size < 320; size++) {
        const lwsec_bytes plain =
            message(LWSEC_COAP_TCP, LWSEC_COAP_GET, options, 6, lwsec_bytes_of(long_bytes, size));
        assert_status(protect(&both->client, plain, sent), LWSEC_OK);
        assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
        assert_bytes(bytes_of(received), plain);
    }
}

static void signalling_messages_are_neither_protected_nor_taken(void **state)
{
    pair *both = *state;
    packet *out = packet_new();

    both->client.config.framing = both->server.config.framing = LWSEC_COAP_TCP;
    pair_open(both);
    const lwsec_bytes csm = lwsec_test_hex("00e1");
    assert_status(protect(&both->client, csm, out), LWSEC_REJECT);
    assert_int_equal(out->reason.why, LWSEC_WHY_COAP_CODE);
    assert_status(unprotect(&both->server, csm, out), LWSEC_REJECT);
}

static void a_message_of_the_other_framing_is_refused(void **state)
{
    pair *both = *state;
    packet *out = packet_new();

    pair_open(both);
    assert_status(
        protect(&both->client,
                message(LWSEC_COAP_TCP, LWSEC_COAP_GET, NULL, 0, lwsec_bytes_of(long_bytes, 100)),
                out),
        LWSEC_REJECT);
}

static void type_and_message_id_are_carried_over(void **state)
{
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();

    pair_open(both);
    for (unsigned type = 0; type < 4; type++) {
        uint8_t plain[] = {(uint8_t)(0x41U | type << 4), 0x02, (uint8_t)(type * 77), 0x99, 0x42};
        assert_status(protect(&both->client, lwsec_bytes_of(plain, sizeof plain), sent), LWSEC_OK);
        assert_int_equal(sent->data[0], plain[0]);
        assert_memory_equal(&sent->data[2], &plain[2], 3);
        assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
        assert_bytes(bytes_of(received), lwsec_bytes_of(plain, sizeof plain));
    }
}

/* What a proxy between two transports makes of a message: another head and token around the same
 * options and payload. */
static lwsec_bytes translated(lwsec_coap_framing from, lwsec_bytes wire, lwsec_coap_framing to,
                              const char *token, uint8_t out[PACKET_MAX])
{
    lwsec_buffer room = lwsec_buffer_of(out, PACKET_MAX);
    lwsec_coap_option options[8];
    lwsec_coap_message seen;
    size_t count = 0;

    assert_status(lwsec_coap_decode(from, wire, &seen, NULL), LWSEC_OK);
    lwsec_coap_walk walk = lwsec_coap_options(&seen);
    while (count < COUNT(options) && lwsec_coap_options_next(&walk, &options[count])) {
        count++;
    }
    seen.type = LWSEC_COAP_CON;
    seen.message_id = 0x7777;
    seen.token = lwsec_bytes_of(token, strlen(token));
    assert_status(lwsec_coap_encode(to, &seen, options, count, &room, NULL), LWSEC_OK);
    return lwsec_buffer_bytes(&room);
}

static void a_proxy_may_change_transport_and_token(void **state)
{
    static uint8_t room[2][PACKET_MAX];
    const lwsec_coap_option path = text_option(LWSEC_COAP_URI_PATH, "tv1");
    pair *both = *state;
    packet *request = packet_new();
    packet *at_server = packet_new();
    packet *response = packet_new();
    packet *at_client = packet_new();
    lwsec_coap_message seen;

    both->server.config.framing = LWSEC_COAP_TCP;
    pair_open(both);
    assert_status(protect(&both->client, udp_message(LWSEC_COAP_PUT, &path, 1, "on"), request),
                  LWSEC_OK);
    const lwsec_bytes forwarded =
        translated(LWSEC_COAP_UDP, bytes_of(request), LWSEC_COAP_TCP, "hop", room[0]);
    assert_status(unprotect(&both->server, forwarded, at_server), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_TCP, bytes_of(at_server), &seen, NULL), LWSEC_OK);
    assert_int_equal(seen.code, LWSEC_COAP_PUT);
    assert_bytes(seen.token, lwsec_bytes_of("hop", 3));
    assert_bytes(seen.payload, lwsec_bytes_of("on", 2));
    assert_status(
        respond(&both->server, at_server,
                message(LWSEC_COAP_TCP, LWSEC_COAP_CONTENT, NULL, 0, lwsec_bytes_of("done", 4)),
                response),
        LWSEC_OK);
    const lwsec_bytes back =
        translated(LWSEC_COAP_TCP, bytes_of(response), LWSEC_COAP_UDP, "own", room[1]);
    assert_status(receive(&both->client, request, back, at_client), LWSEC_OK);
    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, bytes_of(at_client), &seen, NULL), LWSEC_OK);
    assert_int_equal(seen.code, LWSEC_COAP_CONTENT);
    assert_bytes(seen.payload, lwsec_bytes_of("done", 4));
    LWSEC_COVERS("R-5.5.1-03");
    LWSEC_COVERS("R-5.5.1-06");
    LWSEC_COVERS("R-5.1-14");
}

/* ---- Sizes of the output ---- */

static void protecting_into_too_little_room_uses_no_number(void **state)
{
    static uint8_t room[1024];
    pair *both = *state;
    lwsec_oscore_request request;
    lwsec_reason reason;
    size_t refused = 0;

    pair_open(both);
    const lwsec_bytes get = plain_get();
    for (size_t capacity = 0;; capacity++) {
        lwsec_buffer out = lwsec_buffer_of(room, capacity);
        memset(room, 0xa5, sizeof room);
        out.size = 1;
        const lwsec_status status =
            lwsec_oscore_protect_request(both->client.context, get, &request, &out, &reason);
        if (status == LWSEC_OK) {
            assert_true(out.size <= capacity);
            break;
        }
        assert_status(status, LWSEC_BUFFER);
        assert_int_equal(reason.why, LWSEC_WHY_OUTPUT_FULL);
        assert_int_equal(out.size, 0);
        for (size_t i = 0; i < sizeof room; i++) {
            assert_int_equal(room[i], 0xa5);
        }
        assert_int_equal(wear_of(&both->client).next_ssn, 0);
        assert_int_equal(wear_of(&both->client).seals, 0);
        refused++;
    }
    assert_true(refused <=
                get.size + LWSEC_OSCORE_OVERHEAD); /* what the header promises is enough */
}

static void a_response_into_too_little_room_uses_nothing(void **state)
{
    static uint8_t room[1024];
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    lwsec_reason reason;
    lwsec_status status = LWSEC_BUFFER;

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    for (size_t capacity = 0; status == LWSEC_BUFFER; capacity++) {
        lwsec_buffer out = lwsec_buffer_of(room, capacity);
        status = lwsec_oscore_protect_response(both->server.context, &received->request,
                                               plain_content(), false, &out, &reason);
        if (status == LWSEC_OK) {
            assert_false(has_piv(lwsec_buffer_bytes(&out))); /* the nonce was still free */
        } else {
            assert_int_equal(out.size, 0);
            assert_int_equal(wear_of(&both->server).seals, 0);
        }
    }
    assert_status(status, LWSEC_OK);
}

static void unprotecting_into_too_little_room_takes_no_number(void **state)
{
    static uint8_t room[1024];
    pair *both = *state;
    packet *sent = packet_new();
    lwsec_oscore_request request;
    lwsec_reason reason;
    lwsec_status status = LWSEC_BUFFER;
    size_t refused = 0;

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    for (size_t capacity = 0; status == LWSEC_BUFFER; capacity++) {
        lwsec_buffer out = lwsec_buffer_of(room, capacity);
        memset(room, 0xa5, sizeof room);
        status = lwsec_oscore_unprotect_request(both->server.context, bytes_of(sent), &request,
                                                &out, &reason);
        if (status != LWSEC_OK) {
            assert_int_equal(out.size, 0);
            for (size_t i = 0; i < sizeof room; i++) {
                assert_int_equal(room[i], 0xa5);
            }
            refused++;
        }
    }
    assert_status(status, LWSEC_OK);
    assert_true(refused <= sent->out.size + 8);
    assert_int_equal(wear_of(&both->server).failed_opens, 0);
}

static void the_promised_room_is_enough_for_the_longest_overhead(void **state)
{
    static const uint8_t id[] = {1, 2, 3, 4, 5, 6, 7};
    static const uint8_t id_context[255] = {9};
    static uint8_t room[1 << 12];
    const lwsec_coap_option options[] = {
        text_option(LWSEC_COAP_IF_MATCH, "1"),   text_option(LWSEC_COAP_URI_HOST, "2"),
        text_option(LWSEC_COAP_ETAG, "3"),       text_option(LWSEC_COAP_OBSERVE, "abc"),
        text_option(LWSEC_COAP_URI_PORT, "4"),   text_option(LWSEC_COAP_LOCATION_PATH, "5"),
        text_option(LWSEC_COAP_URI_PATH, "6"),   text_option(LWSEC_COAP_HOP_LIMIT, "7"),
        text_option(LWSEC_COAP_ACCEPT, "8"),     text_option(LWSEC_COAP_PROXY_SCHEME, "9"),
        text_option(LWSEC_COAP_SIZE1, "0"),      text_option(LWSEC_COAP_ECHO, "a"),
        text_option(LWSEC_COAP_REQUEST_TAG, "b")};
    pair *both = *state;

    both->client.config.aead = LWSEC_ALG_AES_CCM_16_128_256;
    both->client.config.framing = LWSEC_COAP_TCP;
    both->client.config.sender_id = lwsec_bytes_of(id, 7);
    both->client.config.id_context = lwsec_bytes_of(id_context, 255);
    both->client.config.start_ssn = LWSEC_OSCORE_SSN_MAX - 2000;
    endpoint_open(&both->client);
    for (size_t size = 0; size < 600; size++) {
        lwsec_oscore_request request;
        const lwsec_bytes plain =
            message(LWSEC_COAP_TCP, LWSEC_COAP_GET, options, 13, lwsec_bytes_of(long_bytes, size));
        lwsec_buffer out = lwsec_buffer_of(room, plain.size + LWSEC_OSCORE_OVERHEAD + 255);
        assert_status(
            lwsec_oscore_protect_request(both->client.context, plain, &request, &out, NULL),
            LWSEC_OK);
    }
}

/* ---- Input and output that share memory ---- */

static void input_and_output_that_overlap_are_refused(void **state)
{
    static uint8_t shared[4096];
    pair *both = *state;
    packet *sent = packet_new();
    lwsec_oscore_request request;
    lwsec_reason reason;

    pair_open(both);
    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    const lwsec_bytes wires[] = {plain_get(), bytes_of(sent)};
    for (size_t i = 0; i < 2; i++) {
        const size_t size = wires[i].size;
        uint8_t *input = &shared[2000];
        memcpy(input, wires[i].data, size);
        const size_t at[] = {2000, 2000 - 299, 2000 + size - 1, 1900};
        for (size_t k = 0; k < 4; k++) {
            lwsec_buffer out = lwsec_buffer_of(&shared[at[k]], 300);
            const lwsec_bytes wire = lwsec_bytes_of(input, size);
            out.size = 1;
            const lwsec_status status =
                i == 0 ? lwsec_oscore_protect_request(both->client.context, wire, &request, &out,
                                                      &reason)
                       : lwsec_oscore_unprotect_request(both->server.context, wire, &request, &out,
                                                        &reason);
            assert_status(status, LWSEC_USAGE);
            assert_int_equal(reason.why, LWSEC_WHY_OVERLAP);
            assert_int_equal(out.size, 0);
            assert_memory_equal(input, wires[i].data, size);
        }
    }
    assert_int_equal(wear_of(&both->client).next_ssn, 1);
}

static void input_and_output_that_only_touch_are_taken(void **state)
{
    static uint8_t shared[4096];
    pair *both = *state;
    lwsec_oscore_request request;
    const lwsec_bytes get = plain_get();
    const lwsec_bytes input = lwsec_bytes_of(&shared[2000], get.size);

    pair_open(both);
    memcpy(&shared[2000], get.data, get.size);
    lwsec_buffer below = lwsec_buffer_of(&shared[1700], 300);
    lwsec_buffer above = lwsec_buffer_of(&shared[2000 + get.size], 300);
    assert_status(lwsec_oscore_protect_request(both->client.context, input, &request, &below, NULL),
                  LWSEC_OK);
    assert_status(lwsec_oscore_protect_request(both->client.context, input, &request, &above, NULL),
                  LWSEC_OK);
    assert_bytes(input, get);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pair_test(tokens_and_payloads_of_every_size_arrive_over_udp),
        pair_test(tokens_and_payloads_of_every_size_arrive_over_tcp),
        pair_test(options_outside_are_merged_over_tcp),
        pair_test(signalling_messages_are_neither_protected_nor_taken),
        pair_test(a_message_of_the_other_framing_is_refused),
        pair_test(type_and_message_id_are_carried_over),
        pair_test(a_proxy_may_change_transport_and_token),
        pair_test(protecting_into_too_little_room_uses_no_number),
        pair_test(a_response_into_too_little_room_uses_nothing),
        pair_test(unprotecting_into_too_little_room_takes_no_number),
        pair_test(the_promised_room_is_enough_for_the_longest_overhead),
        pair_test(input_and_output_that_overlap_are_refused),
        pair_test(input_and_output_that_only_touch_are_taken),
    };
    return cmocka_run_group_tests_name("oscore-framing", tests, NULL, NULL);
}
