/* Outer block-wise: fragments of protected messages, true and injected. RFC 8613
 * section 4.1.3.4.2. */
#include "tests/oscore/pair.h"

#include <lwsec/oscore_outer.h>

#define MAX_UNFRAGMENTED 1500U
#define KEY_MAX 64U

static uint64_t memory[LWSEC_BLOCK1_RECEIVER_SIZE(2, MAX_UNFRAGMENTED, KEY_MAX) / 8];
static lwsec_block1_receiver *fragments;
static uint8_t room[4096];
static lwsec_oscore_outer_taken taken;
static lwsec_reason reason;
static const char text[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef!";

static int set_up(void **state)
{
    const lwsec_block1_receiver_config config = {.size = sizeof config,
                                                 .transfers = 2,
                                                 .body_max = MAX_UNFRAGMENTED,
                                                 .key_max = KEY_MAX,
                                                 .per_peer = 2};
    const int answer = pair_set_up(state);

    pair_open(*state);
    assert_status(lwsec_block1_receiver_init(memory, sizeof memory, &config, &fragments, &reason),
                  LWSEC_OK);
    return answer;
}

#define outer_test(test) cmocka_unit_test_setup_teardown((test), set_up, pair_tear_down)

/* A protected POST of `size` bytes. */
static packet *protected_post(pair *both, size_t size)
{
    static uint8_t payload[8000];
    const lwsec_coap_option path = text_option(LWSEC_COAP_URI_PATH, "fw");
    packet *sent = packet_new();

    memset(payload, 'x', size);
    assert_status(
        protect(&both->client,
                message(LWSEC_COAP_UDP, LWSEC_COAP_POST, &path, 1, lwsec_bytes_of(payload, size)),
                sent),
        LWSEC_OK);
    return sent;
}

/* The message with one more option outside, as anybody can add it. */
static lwsec_bytes inject(lwsec_bytes wire, uint32_t number, const char *hex)
{
    static uint8_t rooms[2][4096];
    static unsigned next;
    lwsec_coap_option options[8];
    lwsec_coap_message outer;
    lwsec_buffer out = lwsec_buffer_of(rooms[next++ % 2], sizeof rooms[0]);
    size_t count = 0;
    bool placed = false;

    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, wire, &outer, NULL), LWSEC_OK);
    lwsec_coap_walk walk = lwsec_coap_options(&outer);
    lwsec_coap_option option;
    while (lwsec_coap_options_next(&walk, &option)) {
        if (!placed && option.number > number) {
            options[count++] = (lwsec_coap_option){number, lwsec_test_hex(hex)};
            placed = true;
        }
        options[count++] = option;
    }
    if (!placed) {
        options[count++] = (lwsec_coap_option){number, lwsec_test_hex(hex)};
    }
    assert_status(lwsec_coap_encode(LWSEC_COAP_UDP, &outer, options, count, &out, NULL), LWSEC_OK);
    return lwsec_buffer_bytes(&out);
}

static lwsec_status take(lwsec_block1_receiver *where, lwsec_bytes wire)
{
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    return lwsec_oscore_outer_request(where, lwsec_bytes_of("p", 1), wire, 0, &taken, &out,
                                      &reason);
}

static lwsec_coap_message decoded(lwsec_bytes wire)
{
    lwsec_coap_message message;

    assert_status(lwsec_coap_decode(LWSEC_COAP_UDP, wire, &message, NULL), LWSEC_OK);
    return message;
}

/* The answer of whoever took a fragment of a request. */
static lwsec_coap_message fragment_answer(void)
{
    return decoded(message(LWSEC_COAP_UDP, taken.answer.code, taken.answer.part.options,
                           taken.answer.part.count, lwsec_bytes_of(NULL, 0)));
}

/* ---- Injected options ---- */

static const struct {
    uint32_t number;
    const char *value;
} injected[] = {
    {LWSEC_COAP_BLOCK1, "0e"},      {LWSEC_COAP_BLOCK1, "06"},      {LWSEC_COAP_BLOCK1, "1e"},
    {LWSEC_COAP_BLOCK1, "07"},      {LWSEC_COAP_BLOCK2, "0e"},      {LWSEC_COAP_BLOCK2, "16"},
    {LWSEC_COAP_SIZE1, "00ffffff"}, {LWSEC_COAP_SIZE2, "01"},       {LWSEC_COAP_Q_BLOCK1, "0e"},
    {LWSEC_COAP_Q_BLOCK2, "0e"},    {LWSEC_COAP_REQUEST_TAG, "aa"},
};

/* Trap 11: what stands outside never gets inside, nor does it stop the message. */
static void injected_options_are_dropped_from_requests(void **state)
{
    pair *both = *state;
    packet *received = packet_new();

    for (size_t i = 0; i < sizeof injected / sizeof injected[0]; i++) {
        static packet sent;
        const lwsec_coap_option path = text_option(LWSEC_COAP_URI_PATH, "fw");
        const lwsec_bytes plain = udp_message(LWSEC_COAP_POST, &path, 1, text);
        assert_status(protect(&both->client, plain, &sent), LWSEC_OK);
        const lwsec_bytes wire = inject(bytes_of(&sent), injected[i].number, injected[i].value);
        assert_int_equal(count_options(LWSEC_COAP_UDP, wire, injected[i].number), 1);
        assert_status(take(NULL, wire), LWSEC_OK);
        assert_true(taken.whole);
        assert_ptr_equal(taken.message.data, wire.data);
        assert_status(unprotect(&both->server, taken.message, received), LWSEC_OK);
        assert_bytes(bytes_of(received), plain);
    }
}

static void injected_options_are_dropped_from_responses(void **state)
{
    pair *both = *state;
    static packet sent, received, answer, opened;

    for (size_t i = 0; i < sizeof injected / sizeof injected[0]; i++) {
        assert_status(protect(&both->client, plain_get(), &sent), LWSEC_OK);
        assert_status(unprotect(&both->server, bytes_of(&sent), &received), LWSEC_OK);
        assert_status(respond(&both->server, &received, plain_content(), &answer), LWSEC_OK);
        const lwsec_bytes wire = inject(bytes_of(&answer), injected[i].number, injected[i].value);
        assert_status(receive(&both->client, &sent, wire, &opened), LWSEC_OK);
        assert_bytes(bytes_of(&opened), plain_content());
    }
}

/* An inner Block1 stands, whatever the outer one says. */
static void an_injected_block_does_not_touch_the_inner_one(void **state)
{
    static const uint8_t inner_block[] = {0x2e};
    const lwsec_coap_option options[] = {text_option(LWSEC_COAP_URI_PATH, "fw"),
                                         {LWSEC_COAP_BLOCK1, lwsec_bytes_of(inner_block, 1)}};
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    const lwsec_bytes plain = udp_message(LWSEC_COAP_POST, options, 2, text);

    assert_status(protect(&both->client, plain, sent), LWSEC_OK);
    assert_int_equal(count_options(LWSEC_COAP_UDP, bytes_of(sent), LWSEC_COAP_BLOCK1), 0);
    assert_status(
        unprotect(&both->server, inject(bytes_of(sent), LWSEC_COAP_BLOCK1, "06"), received),
        LWSEC_OK);
    assert_bytes(bytes_of(received), plain);
}

/* With fragments on, one that is injected into a whole message is the only fragment of it. */
static void a_single_fragment_is_the_whole_message(void **state)
{
    pair *both = *state;
    packet *sent = protected_post(both, 100);
    packet *received = packet_new();

    assert_status(take(fragments, inject(bytes_of(sent), LWSEC_COAP_BLOCK1, "06")), LWSEC_OK);
    assert_true(taken.whole);
    assert_bytes(taken.message, bytes_of(sent));
    assert_status(unprotect(&both->server, taken.message, received), LWSEC_OK);
}

/* ---- Requests in fragments ---- */

/* Cuts a request and gives its fragments to the server; the number of them. */
static unsigned send_in_fragments(lwsec_bytes wire, uint8_t szx)
{
    lwsec_block1_send transfer;
    lwsec_block_step step = LWSEC_BLOCK_NEXT;
    unsigned count = 0;

    assert_status(lwsec_oscore_outer_send_start(&transfer, wire, MAX_UNFRAGMENTED, szx, &reason),
                  LWSEC_OK);
    while (!taken.whole || count == 0) {
        uint8_t fragment[2048];
        lwsec_buffer out = lwsec_buffer_of(fragment, sizeof fragment);
        assert_status(
            lwsec_oscore_outer_send_next(&transfer, wire, (uint16_t)(100U + count), &out, &reason),
            LWSEC_OK);
        assert_status(take(fragments, lwsec_buffer_bytes(&out)), LWSEC_OK);
        count++;
        if (!taken.whole) {
            const lwsec_coap_message answer = fragment_answer();
            assert_int_equal(answer.code, LWSEC_COAP_CONTINUE);
            assert_status(lwsec_block1_send_answer(&transfer, &answer, &step, &reason), LWSEC_OK);
            assert_int_equal(step, LWSEC_BLOCK_NEXT);
        }
    }
    return count;
}

static void a_request_in_fragments_is_opened_when_whole(void **state)
{
    pair *both = *state;
    packet *sent = protected_post(both, 1400);
    packet *received = packet_new();

    assert_int_equal(send_in_fragments(bytes_of(sent), 4), 6);
    assert_status(unprotect(&both->server, taken.message, received), LWSEC_OK);
    assert_int_equal(decoded(bytes_of(received)).payload.size, 1400);
}

static void a_sender_over_the_bound_has_to_use_inner_blocks(void **state)
{
    pair *both = *state;
    packet *sent = protected_post(both, MAX_UNFRAGMENTED);
    lwsec_block1_send transfer;

    assert_status(
        lwsec_oscore_outer_send_start(&transfer, bytes_of(sent), MAX_UNFRAGMENTED, 6, &reason),
        LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_OSCORE_UNFRAGMENTED);
    assert_status(
        lwsec_oscore_outer_send_start(&transfer, plain_get(), MAX_UNFRAGMENTED, 6, &reason),
        LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_OSCORE_UNPROTECTED);
}

static lwsec_bytes fragment_of(lwsec_bytes wire, uint32_t number, bool more, size_t size)
{
    static uint8_t fragment[2048];
    const lwsec_block block = {number, 6, more};
    uint8_t value[4];
    lwsec_coap_option options[2];
    lwsec_coap_message head = decoded(wire);
    lwsec_buffer out = lwsec_buffer_of(fragment, sizeof fragment);

    assert_true(lwsec_coap_option_find(&head, LWSEC_COAP_OSCORE, &options[0]));
    options[1] = (lwsec_coap_option){LWSEC_COAP_BLOCK1, lwsec_block_value(&block, value)};
    head.payload.size = size;
    assert_status(lwsec_coap_encode(LWSEC_COAP_UDP, &head, options, 2, &out, NULL), LWSEC_OK);
    return lwsec_buffer_bytes(&out);
}

/* Trap 11: fragments without an end take no more than what was set apart for them. */
static void fragments_over_the_bound_are_discarded(void **state)
{
    pair *both = *state;
    packet *sent = protected_post(both, 2000);

    assert_status(take(fragments, fragment_of(bytes_of(sent), 0, true, 1024)), LWSEC_OK);
    assert_status(take(fragments, fragment_of(bytes_of(sent), 1, true, 1024)), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_OSCORE_UNFRAGMENTED);
    assert_int_equal(taken.answer.code, LWSEC_COAP_CODE(4, 13));
    assert_false(taken.whole);
    assert_status(take(fragments, fragment_of(bytes_of(sent), 1, false, 100)), LWSEC_REJECT);
    assert_int_equal(taken.answer.code, LWSEC_COAP_CODE(4, 8)); /* nothing was kept */
    assert_status(take(fragments, fragment_of(bytes_of(sent), 4000, true, 1024)), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_OSCORE_UNFRAGMENTED);
}

static void fragments_of_two_messages_never_meet(void **state)
{
    pair *both = *state;
    packet *one = protected_post(both, 1400);
    packet *other = protected_post(both, 1400);

    assert_status(take(fragments, fragment_of(bytes_of(one), 0, true, 1024)), LWSEC_OK);
    assert_status(take(fragments, fragment_of(bytes_of(other), 1, false, 100)), LWSEC_REJECT);
    assert_int_equal(taken.answer.code, LWSEC_COAP_CODE(4, 8));
}

/* Nothing of a plain message is collected: it is refused as it is. */
static void plain_messages_take_no_memory(void **state)
{
    const lwsec_bytes wire = inject(plain_get(), LWSEC_COAP_BLOCK1, "0e");
    pair *both = *state;
    packet *received = packet_new();

    assert_status(take(fragments, wire), LWSEC_OK);
    assert_true(taken.whole);
    assert_status(unprotect(&both->server, taken.message, received), LWSEC_REJECT);
    assert_int_equal(received->reason.why, LWSEC_WHY_OSCORE_UNPROTECTED);
    assert_status(take(fragments, lwsec_test_hex("40")), LWSEC_REJECT);
    assert_int_equal(taken.answer.code, 0);
}

static void a_changed_fragment_is_not_authentic(void **state)
{
    pair *both = *state;
    packet *sent = protected_post(both, 1400);
    packet *received = packet_new();

    (void)send_in_fragments(bytes_of(sent), 4);
    room[taken.message.size - 300] ^= 1U;
    assert_status(unprotect(&both->server, taken.message, received), LWSEC_REJECT);
    assert_int_equal(received->reason.why, LWSEC_WHY_OSCORE_TAG);
}

/* ---- Responses in fragments ---- */

static void a_response_in_fragments_is_opened_when_whole(void **state)
{
    static uint8_t body[MAX_UNFRAGMENTED];
    static uint8_t payload[1400];
    const lwsec_block2_receive_config config = {.size = sizeof config,
                                                .body = lwsec_buffer_of(body, sizeof body)};
    pair *both = *state;
    packet *sent = packet_new();
    packet *received = packet_new();
    packet *answer = packet_new();
    lwsec_block2_receive collected;
    uint8_t datagrams[2][2048];
    lwsec_buffer request = lwsec_buffer_of(datagrams[0], sizeof datagrams[0]);
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);
    unsigned count = 0;

    assert_status(protect(&both->client, plain_get(), sent), LWSEC_OK);
    assert_status(unprotect(&both->server, bytes_of(sent), received), LWSEC_OK);
    assert_status(respond(&both->server, received,
                          message(LWSEC_COAP_UDP, LWSEC_COAP_CONTENT, NULL, 0,
                                  lwsec_bytes_of(payload, sizeof payload)),
                          answer),
                  LWSEC_OK);
    assert_status(lwsec_block2_receive_start(&collected, &config, &reason), LWSEC_OK);
    lwsec_bytes asked = bytes_of(sent);
    do {
        lwsec_buffer fragment = lwsec_buffer_of(datagrams[1], sizeof datagrams[1]);
        assert_status(lwsec_oscore_outer_serve(bytes_of(answer), asked, MAX_UNFRAGMENTED, 5, 7,
                                               &fragment, &reason),
                      LWSEC_OK);
        assert_true(fragment.size < 600);
        assert_status(lwsec_oscore_outer_response(&collected, lwsec_buffer_bytes(&fragment), &taken,
                                                  &out, &reason),
                      LWSEC_OK);
        count++;
        if (!taken.whole) {
            assert_status(lwsec_oscore_outer_ask(&collected, bytes_of(sent),
                                                 (uint16_t)(200U + count), &request, &reason),
                          LWSEC_OK);
            asked = lwsec_buffer_bytes(&request);
            assert_int_equal(decoded(asked).payload.size, 0);
            assert_bytes(outside(asked).kid, outside(bytes_of(sent)).kid);
        }
    } while (!taken.whole);
    assert_int_equal(count, 3);
    assert_status(receive(&both->client, sent, taken.message, received), LWSEC_OK);
    assert_int_equal(decoded(bytes_of(received)).payload.size, sizeof payload);
    assert_status(lwsec_oscore_outer_serve(bytes_of(answer), asked, 1000, 5, 7, &request, &reason),
                  LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_OSCORE_UNFRAGMENTED);
}

static void a_response_over_the_bound_is_discarded(void **state)
{
    static uint8_t body[1000];
    const lwsec_block2_receive_config config = {.size = sizeof config,
                                                .body = lwsec_buffer_of(body, sizeof body)};
    pair *both = *state;
    packet *sent = protected_post(both, 1000); /* 1013 bytes of ciphertext */
    lwsec_block2_receive collected;
    lwsec_buffer out = lwsec_buffer_of(room, sizeof room);

    assert_status(lwsec_block2_receive_start(&collected, &config, &reason), LWSEC_OK);
    assert_status(lwsec_oscore_outer_response(&collected,
                                              inject(bytes_of(sent), LWSEC_COAP_BLOCK2, "06"),
                                              &taken, &out, &reason),
                  LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_OSCORE_UNFRAGMENTED);
    assert_false(taken.whole);
    /* Anybody may have ended it so: what comes then is refused, and is no fault of the caller. */
    for (unsigned i = 0; i < 2; i++) {
        assert_status(lwsec_oscore_outer_response(&collected,
                                                  inject(bytes_of(sent), LWSEC_COAP_BLOCK2, "06"),
                                                  &taken, &out, &reason),
                      LWSEC_REJECT);
        assert_int_equal(reason.why, LWSEC_WHY_COAP_BLOCK_ORDER);
        assert_false(taken.whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        outer_test(injected_options_are_dropped_from_requests),
        outer_test(injected_options_are_dropped_from_responses),
        outer_test(an_injected_block_does_not_touch_the_inner_one),
        outer_test(a_single_fragment_is_the_whole_message),
        outer_test(a_request_in_fragments_is_opened_when_whole),
        outer_test(a_sender_over_the_bound_has_to_use_inner_blocks),
        outer_test(fragments_over_the_bound_are_discarded),
        outer_test(fragments_of_two_messages_never_meet),
        outer_test(plain_messages_take_no_memory),
        outer_test(a_changed_fragment_is_not_authentic),
        outer_test(a_response_in_fragments_is_opened_when_whole),
        outer_test(a_response_over_the_bound_is_discarded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
