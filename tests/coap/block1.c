/* Bodies in requests: the sender and the receiver of Block1. RFC 7959, RFC 9175 section 3. */
#include "tests/coap/block_kit.h"

#define BODY_MAX 5000U
#define KEY_MAX 64U
#define TRANSFERS 2U
#define LIFETIME 247000U

static uint64_t memory[LWSEC_BLOCK1_RECEIVER_SIZE(TRANSFERS, BODY_MAX, KEY_MAX) / 8];
static lwsec_block1_receiver *receiver;
static lwsec_block1_taken taken;
static lwsec_reason reason;

static void open_receiver(uint8_t szx, uint32_t per_peer)
{
    const lwsec_block1_receiver_config config = {.size = sizeof config,
                                                 .transfers = TRANSFERS,
                                                 .body_max = BODY_MAX,
                                                 .key_max = KEY_MAX,
                                                 .szx = (uint8_t)(szx + 1U),
                                                 .per_peer = per_peer};

    assert_true(lwsec_block1_receiver_size(&config) <= sizeof memory);
    assert_status(lwsec_block1_receiver_init(memory, sizeof memory, &config, &receiver, &reason),
                  LWSEC_OK);
}

static int set_up(void **state)
{
    (void)state;
    open_receiver(6, TRANSFERS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lwsec_block1_receiver_close(&receiver);
    return 0;
}

#define receiver_test(test) cmocka_unit_test_setup_teardown((test), set_up, tear_down)

/* ---- One request at a time ---- */

typedef struct sent {
    const char *peer;
    const char *path;
    const char *tag; /* NULL: none */
    uint8_t code;    /* 0: PUT */
    uint64_t now;
    uint32_t size1; /* 0: none */
} sent;

static const sent plain = {.peer = "peer", .path = "fw"};

static lwsec_status take(const sent *how, uint32_t number, bool more, uint8_t szx,
                         lwsec_bytes payload)
{
    lwsec_coap_option options[4] = {kit_text(LWSEC_COAP_URI_PATH, how->path),
                                    kit_block(LWSEC_COAP_BLOCK1, number, more, szx)};
    size_t count = 2;

    if (how->tag != NULL) {
        options[count++] = kit_text(LWSEC_COAP_REQUEST_TAG, how->tag);
    }
    if (how->size1 != 0) {
        options[count++] = kit_uint(LWSEC_COAP_SIZE1, how->size1);
    }
    const lwsec_coap_message request =
        kit_message(how->code != 0 ? how->code : LWSEC_COAP_PUT, options, count, payload);
    return lwsec_block1_receive(receiver, lwsec_bytes_of(how->peer, strlen(how->peer)), &request,
                                how->now, &taken, &reason);
}

/* Block `number` of a body, 16 bytes a block. */
static lwsec_status take_16(const sent *how, lwsec_bytes body, uint32_t number)
{
    const size_t offset = number * 16U;
    const size_t left = body.size - offset;
    const bool more = left > 16;

    return take(how, number, more, 0, lwsec_bytes_of(&body.data[offset], more ? 16 : left));
}

static void assert_continues(const sent *how, lwsec_bytes body, uint32_t number)
{
    assert_status(take_16(how, body, number), LWSEC_OK);
    assert_false(taken.whole);
    assert_int_equal(taken.code, LWSEC_COAP_CONTINUE);
    assert_int_equal(taken.body.size, 0);
}

static void assert_delivers(const sent *how, lwsec_bytes body, uint32_t number)
{
    assert_status(take_16(how, body, number), LWSEC_OK);
    assert_true(taken.whole);
    assert_bytes(taken.body, body);
}

static void assert_incomplete(const sent *how, lwsec_bytes body, uint32_t number)
{
    assert_status(take_16(how, body, number), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_COAP_BLOCK_ORDER);
    assert_false(taken.whole);
    assert_int_equal(taken.code, LWSEC_COAP_CODE(4, 8));
    assert_int_equal(taken.body.size, 0);
}

/* ---- Whole bodies, from the sender to the receiver ---- */

static lwsec_coap_message answer_of(uint8_t final_code)
{
    return kit_with_part(taken.whole ? final_code : taken.code, NULL, 0, &taken.part);
}

/* Sends a body; the number of requests that it took. */
static unsigned send_body(lwsec_bytes body, uint8_t szx)
{
    const lwsec_block_source source = kit_source(body, "");
    const lwsec_coap_option path = kit_text(LWSEC_COAP_URI_PATH, "fw");
    lwsec_block1_send transfer;
    lwsec_block_step step = LWSEC_BLOCK_NEXT;
    unsigned requests = 0;

    assert_status(lwsec_block1_send_start(&transfer, &source, szx, NULL, &reason), LWSEC_OK);
    while (step == LWSEC_BLOCK_NEXT) {
        lwsec_block_part part;
        assert_status(lwsec_block1_send_next(&transfer, &part, &reason), LWSEC_OK);
        assert_status(lwsec_block1_send_next(&transfer, &part, &reason), LWSEC_USAGE);
        requests++;
        const lwsec_coap_message request = kit_with_part(LWSEC_COAP_PUT, &path, 1, &part);
        assert_int_equal(kit_count(&request, LWSEC_COAP_SIZE1),
                         body.size > lwsec_block_size(szx) && requests == 1);
        assert_status(
            lwsec_block1_receive(receiver, lwsec_bytes_of("peer", 4), &request, 0, &taken, &reason),
            LWSEC_OK);
        const lwsec_coap_message answer = answer_of(LWSEC_COAP_CHANGED);
        assert_status(lwsec_block1_send_answer(&transfer, &answer, &step, &reason), LWSEC_OK);
        assert_true((step == LWSEC_BLOCK_DONE) == taken.whole);
    }
    assert_bytes(taken.body, body);
    lwsec_block_part part;
    assert_status(lwsec_block1_send_next(&transfer, &part, &reason), LWSEC_USAGE);
    return requests;
}

static void bodies_of_all_sizes_arrive_in_blocks_of_all_sizes(void **state)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 31, 32, 33, 1023, 1024, 1025, 2048, BODY_MAX};

    (void)state;
    for (uint8_t szx = 0; szx <= LWSEC_BLOCK_SZX_MAX; szx++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            const size_t block = lwsec_block_size(szx);
            const size_t blocks = sizes[i] == 0 ? 1 : (sizes[i] + block - 1) / block;
            assert_int_equal(send_body(kit_body(sizes[i], 0), szx), blocks);
        }
    }
}

static void a_smaller_size_of_the_server_is_followed(void **state)
{
    (void)state;
    open_receiver(2, TRANSFERS); /* it asks for 64 */
    /* 1024 first, 976 left in blocks of 64. */
    assert_int_equal(send_body(kit_body(2000, 0), 6), 1 + 16);
}

static void a_request_without_block1_is_whole(void **state)
{
    const lwsec_coap_message request = kit_message(LWSEC_COAP_PUT, NULL, 0, kit_body(700, 0));

    (void)state;
    assert_status(
        lwsec_block1_receive(receiver, lwsec_bytes_of("p", 1), &request, 0, &taken, &reason),
        LWSEC_OK);
    assert_true(taken.whole);
    assert_bytes(taken.body, kit_body(700, 0));
    assert_int_equal(taken.part.count, 0);
}

/* ---- Order ---- */

static void a_gap_is_never_delivered(void **state)
{
    const lwsec_bytes body = kit_body(64, 0);

    (void)state;
    assert_incomplete(&plain, body, 1); /* nothing is there */
    assert_incomplete(&plain, body, 3);
    assert_continues(&plain, body, 0);
    assert_incomplete(&plain, body, 2);
    assert_incomplete(&plain, body, 3); /* the last one */
    assert_continues(&plain, body, 1);  /* what was there is there still */
    assert_continues(&plain, body, 2);
    assert_delivers(&plain, body, 3);
    assert_incomplete(&plain, body, 3); /* it is gone with its delivery */
}

static void the_last_block_again_is_answered_and_added_once(void **state)
{
    const lwsec_bytes body = kit_body(64, 0);

    (void)state;
    assert_continues(&plain, body, 0);
    assert_continues(&plain, body, 1);
    assert_continues(&plain, body, 1);
    assert_continues(&plain, body, 2);
    assert_continues(&plain, body, 2);
    assert_incomplete(&plain, body, 1); /* older than the last one */
    assert_delivers(&plain, body, 3);
}

static void the_last_block_with_other_bytes_changes_nothing(void **state)
{
    const lwsec_bytes body = kit_body(64, 0);

    (void)state;
    assert_continues(&plain, body, 0);
    assert_continues(&plain, body, 1);
    assert_incomplete(&plain, kit_body(64, 1), 1);
    assert_continues(&plain, body, 2);
    assert_delivers(&plain, body, 3);
}

static void a_first_block_begins_anew(void **state)
{
    (void)state;
    assert_continues(&plain, kit_body(64, 0), 0);
    assert_continues(&plain, kit_body(64, 0), 1);
    for (uint32_t i = 0; i < 3; i++) {
        assert_continues(&plain, kit_body(64, 1), i);
    }
    assert_delivers(&plain, kit_body(64, 1), 3);
}

static void a_payload_has_the_size_of_its_block(void **state)
{
    const lwsec_bytes body = kit_body(64, 0);

    (void)state;
    assert_continues(&plain, body, 0);
    assert_status(take(&plain, 1, true, 0, lwsec_bytes_of(&body.data[16], 15)), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_COAP_BLOCK);
    assert_int_equal(taken.code, LWSEC_COAP_BAD_REQUEST);
    assert_status(take(&plain, 0, false, 0, lwsec_bytes_of(body.data, 17)), LWSEC_REJECT);
    assert_int_equal(taken.code, LWSEC_COAP_BAD_REQUEST);
}

static void malformed_options_are_answered_as_the_rfcs_say(void **state)
{
    static const struct {
        const char *value;
        uint8_t code;
    } rows[] = {{"07", LWSEC_COAP_BAD_REQUEST}, {"00000006", LWSEC_COAP_BAD_OPTION}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const lwsec_coap_option option = {LWSEC_COAP_BLOCK1, lwsec_test_hex(rows[i].value)};
        const lwsec_coap_message request = kit_message(LWSEC_COAP_PUT, &option, 1, kit_body(9, 0));
        assert_status(
            lwsec_block1_receive(receiver, lwsec_bytes_of("p", 1), &request, 0, &taken, &reason),
            LWSEC_REJECT);
        assert_int_equal(taken.code, rows[i].code);
        assert_false(taken.whole);
    }
}

/* ---- Bounds ---- */

static void assert_too_large(void)
{
    const lwsec_coap_message answer = answer_of(0);

    assert_int_equal(reason.why, LWSEC_WHY_COAP_BODY);
    assert_int_equal(answer.code, LWSEC_COAP_CODE(4, 13));
    assert_int_equal(kit_uint_of(&answer, LWSEC_COAP_SIZE1), BODY_MAX);
    assert_false(taken.whole);
}

static void a_body_over_its_bound_is_refused_at_the_block_that_exceeds_it(void **state)
{
    const lwsec_bytes body = kit_body(BODY_MAX + 100, 0);

    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        assert_status(take(&plain, i, true, 6, lwsec_bytes_of(&body.data[i * 1024U], 1024)),
                      LWSEC_OK);
    }
    assert_status(take(&plain, 4, true, 6, lwsec_bytes_of(&body.data[4096], 1024)), LWSEC_REJECT);
    assert_too_large();
    assert_status(take(&plain, 4, false, 6, lwsec_bytes_of(&body.data[4096], 16)), LWSEC_REJECT);
    assert_int_equal(taken.code, LWSEC_COAP_CODE(4, 8)); /* forgotten */
    /* The largest number of the largest block: no sum may wrap. */
    assert_status(take(&plain, LWSEC_BLOCK_NUMBER_MAX, true, 6, lwsec_bytes_of(body.data, 1024)),
                  LWSEC_REJECT);
    assert_too_large();
}

static void an_announced_size_over_the_bound_is_refused_at_once(void **state)
{
    sent how = plain;

    (void)state;
    how.size1 = BODY_MAX + 1;
    assert_status(take_16(&how, kit_body(64, 0), 0), LWSEC_REJECT);
    assert_too_large();
    how.size1 = BODY_MAX;
    assert_continues(&how, kit_body(64, 0), 0);
    assert_continues(&plain, kit_body(64, 0), 1); /* Size1 is no part of the key */
}

/* ---- Keys ---- */

/* R-5.6-01: what differs in any of these is another body. */
static void blocks_of_different_operations_never_come_together(void **state)
{
    static const sent others[] = {
        {.peer = "other", .path = "fw", .tag = "t"},
        {.peer = "peer", .path = "fx", .tag = "t"},
        {.peer = "peer", .path = "fw", .tag = "u"},
        {.peer = "peer", .path = "fw", .tag = "t0"},
        {.peer = "peer", .path = "fw", .tag = ""},
        {.peer = "peer", .path = "fw", .tag = NULL},
        {.peer = "peer", .path = "fw", .tag = "t", .code = LWSEC_COAP_POST}};
    const sent first = {.peer = "peer", .path = "fw", .tag = "t"};
    const lwsec_bytes body = kit_body(48, 0);

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        open_receiver(6, TRANSFERS);
        assert_continues(&first, body, 0);
        assert_incomplete(&others[i], kit_body(48, 1), 1);
        assert_continues(&others[i], kit_body(48, 1), 0);
        assert_continues(&first, body, 1);
        assert_continues(&others[i], kit_body(48, 1), 1);
        assert_delivers(&others[i], kit_body(48, 1), 2);
        assert_delivers(&first, body, 2);
    }
    LWSEC_COVERS("R-5.6-01");
}

static void an_absent_request_tag_is_not_an_empty_one(void **state)
{
    const sent empty = {.peer = "peer", .path = "fw", .tag = ""};
    const lwsec_bytes body = kit_body(48, 0);

    (void)state;
    assert_continues(&plain, body, 0);
    assert_incomplete(&empty, body, 1);
    assert_continues(&plain, body, 1);
    LWSEC_COVERS("R-5.6-01");
}

static lwsec_status take_list(const char *one, const char *other, uint32_t number)
{
    const lwsec_coap_option options[] = {kit_block(LWSEC_COAP_BLOCK1, number, true, 0),
                                         kit_text(LWSEC_COAP_REQUEST_TAG, one),
                                         kit_text(LWSEC_COAP_REQUEST_TAG, other)};
    const lwsec_coap_message request = kit_message(LWSEC_COAP_PUT, options, 3, kit_body(16, 0));

    return lwsec_block1_receive(receiver, lwsec_bytes_of("p", 1), &request, 0, &taken, &reason);
}

static void request_tags_are_a_list(void **state)
{
    (void)state;
    assert_status(take_list("a", "b", 0), LWSEC_OK);
    assert_status(take_list("b", "a", 1), LWSEC_REJECT);
    assert_status(take_list("ab", "", 1), LWSEC_REJECT);
    assert_status(take_list("", "ab", 1), LWSEC_REJECT);
    assert_status(take_list("a", "b", 1), LWSEC_OK);
    LWSEC_COVERS("R-5.6-01");
}

static void echo_and_sizes_do_not_part_a_body(void **state)
{
    const lwsec_coap_option options[] = {
        kit_text(LWSEC_COAP_URI_PATH, "fw"), kit_block(LWSEC_COAP_BLOCK1, 1, true, 0),
        kit_text(LWSEC_COAP_ECHO, "echo"), kit_block(LWSEC_COAP_BLOCK2, 0, false, 3)};
    const lwsec_bytes body = kit_body(64, 0);
    const lwsec_coap_message request =
        kit_message(LWSEC_COAP_PUT, options, 4, lwsec_bytes_of(&body.data[16], 16));

    (void)state;
    assert_continues(&plain, body, 0);
    assert_status(
        lwsec_block1_receive(receiver, lwsec_bytes_of("peer", 4), &request, 0, &taken, &reason),
        LWSEC_OK);
    assert_int_equal(taken.code, LWSEC_COAP_CONTINUE);
}

static void a_key_that_is_too_long_is_refused(void **state)
{
    static const char path[KEY_MAX + 1] =
        "0123456789012345678901234567890123456789012345678901234567890123";
    const sent how = {.peer = "peer", .path = path};

    (void)state;
    assert_status(take_16(&how, kit_body(48, 0), 0), LWSEC_LIMIT);
    assert_int_equal(taken.code, LWSEC_COAP_CODE(5, 3));
    assert_incomplete(&how, kit_body(48, 0), 1);
}

/* ---- Places and time ---- */

static void a_peer_cannot_take_the_place_of_another(void **state)
{
    const sent a1 = {.peer = "a", .path = "1"};
    const sent a2 = {.peer = "a", .path = "2", .now = 1};
    const sent a3 = {.peer = "a", .path = "3", .now = 2};
    const sent b = {.peer = "b", .path = "1", .now = 3};
    const lwsec_bytes body = kit_body(48, 0);

    (void)state;
    assert_continues(&a1, body, 0);
    assert_continues(&a2, body, 0);
    assert_status(take_16(&b, body, 0), LWSEC_LIMIT);
    assert_int_equal(taken.code, LWSEC_COAP_CODE(5, 3));
    assert_continues(&a3, body, 0); /* instead of its own oldest */
    assert_incomplete(&a1, body, 1);
    assert_continues(&a2, body, 1);
    assert_delivers(&a2, body, 2);
    assert_continues(&b, body, 0); /* a place is free */
}

/* Unless it may, a peer has one body, and leaves the other places to others. */
static void a_peer_cannot_take_all_places(void **state)
{
    const sent a1 = {.peer = "a", .path = "1"};
    const sent a2 = {.peer = "a", .path = "2", .now = 1};
    const sent b = {.peer = "b", .path = "1", .now = 2};
    const sent c = {.peer = "c", .path = "1", .now = 3};
    const lwsec_bytes body = kit_body(48, 0);

    (void)state;
    open_receiver(6, 0);
    assert_continues(&a1, body, 0);
    assert_continues(&a2, body, 0);
    assert_incomplete(&a1, body, 1);
    assert_continues(&b, body, 0);
    assert_status(take_16(&c, body, 0), LWSEC_LIMIT);
    assert_continues(&a2, body, 1);
    assert_delivers(&a2, body, 2);
    assert_continues(&b, body, 1);
    assert_delivers(&b, body, 2);
}

static void a_body_is_forgotten_when_nothing_comes(void **state)
{
    sent how = plain;
    sent other = {.peer = "other", .path = "1"};
    const lwsec_bytes body = kit_body(64, 0);

    (void)state;
    assert_continues(&how, body, 0);
    how.now = LIFETIME;
    assert_continues(&how, body, 1);
    how.now += LIFETIME; /* counted from the last block */
    assert_continues(&how, body, 2);
    how.now += LIFETIME + 1;
    assert_incomplete(&how, body, 3);
    /* All places are free again. */
    other.now = how.now;
    assert_continues(&other, body, 0);
    other.path = "2";
    assert_continues(&other, body, 0);
}

static void what_is_forgotten_is_wiped(void **state)
{
    static const char secret[] = "sixteen secrets.";
    const sent other = {.peer = "peer", .path = "x", .now = LIFETIME + 1};

    (void)state;
    assert_status(take(&plain, 0, true, 0, lwsec_bytes_of(secret, 16)), LWSEC_OK);
    assert_continues(&other, kit_body(48, 0), 0);
    for (size_t i = 0; i + 16 < sizeof memory; i++) {
        assert_memory_not_equal((const uint8_t *)memory + i, secret, 16);
    }
}

static void a_receiver_needs_its_memory(void **state)
{
    lwsec_block1_receiver_config config = {.size = sizeof config, .body_max = BODY_MAX};
    lwsec_block1_receiver *made = NULL;

    (void)state;
    assert_status(lwsec_block1_receiver_init(memory, lwsec_block1_receiver_size(&config) - 1,
                                             &config, &made, &reason),
                  LWSEC_BUFFER);
    assert_null(made);
    config.szx = 8;
    assert_status(lwsec_block1_receiver_init(memory, sizeof memory, &config, &made, &reason),
                  LWSEC_USAGE);
    config.szx = 0;
    config.size--;
    assert_status(lwsec_block1_receiver_init(memory, sizeof memory, &config, &made, &reason),
                  LWSEC_USAGE);
}

/* ---- What a server may answer to a sender ---- */

static lwsec_block1_send transfer;
static lwsec_block_part part;

static void start(size_t size, uint8_t szx)
{
    const lwsec_block_source source = kit_source(kit_body(size, 0), "");

    assert_status(lwsec_block1_send_start(&transfer, &source, szx, NULL, &reason), LWSEC_OK);
    assert_status(lwsec_block1_send_next(&transfer, &part, &reason), LWSEC_OK);
}

static lwsec_status answer_with(uint8_t code, const lwsec_coap_option *block,
                                lwsec_block_step *step)
{
    const lwsec_coap_message answer =
        kit_message(code, block, block != NULL, lwsec_bytes_of(NULL, 0));

    return lwsec_block1_send_answer(&transfer, &answer, step, &reason);
}

static void answers_that_do_not_fit_end_the_transfer(void **state)
{
    const struct {
        lwsec_coap_option block;
        uint8_t code;
        bool without;
    } rows[] = {
        {kit_block(LWSEC_COAP_BLOCK1, 1, true, 2), LWSEC_COAP_CONTINUE, false},  /* not ours */
        {kit_block(LWSEC_COAP_BLOCK1, 0, true, 3), LWSEC_COAP_CONTINUE, false},  /* larger */
        {kit_block(LWSEC_COAP_BLOCK1, 0, true, 2), LWSEC_COAP_CONTINUE, true},   /* no option */
        {kit_block(LWSEC_COAP_BLOCK1, 0, false, 2), LWSEC_COAP_CHANGED, true},   /* too early */
        {{LWSEC_COAP_BLOCK1, lwsec_test_hex("07")}, LWSEC_COAP_CONTINUE, false}, /* reserved */
    };
    lwsec_block_step step;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start(200, 2);
        assert_status(answer_with(rows[i].code, rows[i].without ? NULL : &rows[i].block, &step),
                      LWSEC_REJECT);
        assert_status(answer_with(rows[i].code, &rows[i].block, &step), LWSEC_USAGE);
    }
}

static void the_last_block_is_not_continued(void **state)
{
    const lwsec_coap_option block = kit_block(LWSEC_COAP_BLOCK1, 0, true, 2);
    lwsec_block_step step;

    (void)state;
    start(10, 2);
    assert_status(answer_with(LWSEC_COAP_CONTINUE, &block, &step), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_COAP_CODE);
}

static void too_large_with_a_smaller_size_is_tried_with_it(void **state)
{
    const lwsec_coap_option smaller = kit_block(LWSEC_COAP_BLOCK1, 0, false, 1);
    lwsec_block_step step;

    (void)state;
    start(200, 2);
    assert_status(answer_with(LWSEC_COAP_CODE(4, 13), &smaller, &step), LWSEC_OK);
    assert_int_equal(step, LWSEC_BLOCK_NEXT);
    assert_status(lwsec_block1_send_next(&transfer, &part, &reason), LWSEC_OK);
    assert_bytes(part.payload, kit_body(32, 0));
    /* The same size again is no hint any more. */
    assert_status(answer_with(LWSEC_COAP_CODE(4, 13), &smaller, &step), LWSEC_OK);
    assert_int_equal(step, LWSEC_BLOCK_DONE);
}

/* A body of one block has no Block option; one that is cut after all has. */
static void a_single_block_is_cut_when_the_server_asks(void **state)
{
    const lwsec_coap_option smaller = kit_block(LWSEC_COAP_BLOCK1, 0, false, 1);
    lwsec_block_step step;

    (void)state;
    start(60, 2);
    assert_int_equal(part.count, 0);
    assert_status(answer_with(LWSEC_COAP_CODE(4, 13), &smaller, &step), LWSEC_OK);
    assert_int_equal(step, LWSEC_BLOCK_NEXT);
    assert_status(lwsec_block1_send_next(&transfer, &part, &reason), LWSEC_OK);
    assert_int_equal(part.count, 2);
    assert_int_equal(part.payload.size, 32);
}

static void incomplete_is_begun_anew_once(void **state)
{
    const lwsec_coap_option block = kit_block(LWSEC_COAP_BLOCK1, 0, true, 2);
    lwsec_block_step step;

    (void)state;
    start(200, 2);
    for (unsigned round = 0; round < 2; round++) {
        assert_status(answer_with(LWSEC_COAP_CONTINUE, &block, &step), LWSEC_OK);
        assert_status(lwsec_block1_send_next(&transfer, &part, &reason), LWSEC_OK);
        assert_status(answer_with(LWSEC_COAP_CODE(4, 8), NULL, &step), LWSEC_OK);
        assert_int_equal(step, round == 0 ? LWSEC_BLOCK_NEXT : LWSEC_BLOCK_DONE);
        if (round == 0) {
            assert_status(lwsec_block1_send_next(&transfer, &part, &reason), LWSEC_OK);
            assert_bytes(part.payload, kit_body(64, 0));
        }
    }
}

static lwsec_status read_part(void *context, uint32_t offset, uint8_t *data, size_t size)
{
    const lwsec_bytes body = kit_body(200, 0);
    unsigned *reads = context;

    assert_true(offset + size <= 200);
    memcpy(data, &body.data[offset], size);
    return ++*reads < 3 ? LWSEC_OK : LWSEC_STATE;
}

static void a_body_is_read_block_by_block(void **state)
{
    const lwsec_coap_option block = kit_block(LWSEC_COAP_BLOCK1, 0, true, 2);
    uint8_t room[64];
    unsigned reads = 0;
    lwsec_block_source source = {.body = {NULL, 200}, .read = read_part, .context = &reads};
    lwsec_block_step step;

    (void)state;
    source.room = lwsec_buffer_of(room, sizeof room);
    assert_status(lwsec_block1_send_start(&transfer, &source, 3, NULL, &reason), LWSEC_USAGE);
    assert_status(lwsec_block1_send_start(&transfer, &source, 2, NULL, &reason), LWSEC_OK);
    assert_status(lwsec_block1_send_next(&transfer, &part, &reason), LWSEC_OK);
    assert_bytes(part.payload, kit_body(64, 0));
    assert_status(answer_with(LWSEC_COAP_CONTINUE, &block, &step), LWSEC_OK);
    assert_status(lwsec_block1_send_next(&transfer, &part, &reason), LWSEC_OK);
    assert_bytes(part.payload, lwsec_bytes_of(&kit_body(200, 0).data[64], 64));
    const lwsec_coap_option second = kit_block(LWSEC_COAP_BLOCK1, 1, true, 2);
    assert_status(answer_with(LWSEC_COAP_CONTINUE, &second, &step), LWSEC_OK);
    assert_status(lwsec_block1_send_next(&transfer, &part, &reason), LWSEC_STATE);
    assert_int_equal(part.payload.size, 0);
}

static void a_body_needs_a_number_for_each_block(void **state)
{
    lwsec_block_source source = {.body = {NULL, (size_t)16 << 20}};

    (void)state;
    assert_status(lwsec_block1_send_start(&transfer, &source, 0, NULL, &reason), LWSEC_OK);
    source.body.size++;
    assert_status(lwsec_block1_send_start(&transfer, &source, 0, NULL, &reason), LWSEC_REJECT);
    assert_int_equal(reason.why, LWSEC_WHY_COAP_BODY);
    assert_status(lwsec_block1_send_start(&transfer, &source, 7, NULL, &reason), LWSEC_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        receiver_test(bodies_of_all_sizes_arrive_in_blocks_of_all_sizes),
        receiver_test(a_smaller_size_of_the_server_is_followed),
        receiver_test(a_request_without_block1_is_whole),
        receiver_test(a_gap_is_never_delivered),
        receiver_test(the_last_block_again_is_answered_and_added_once),
        receiver_test(the_last_block_with_other_bytes_changes_nothing),
        receiver_test(a_first_block_begins_anew),
        receiver_test(a_payload_has_the_size_of_its_block),
        receiver_test(malformed_options_are_answered_as_the_rfcs_say),
        receiver_test(a_body_over_its_bound_is_refused_at_the_block_that_exceeds_it),
        receiver_test(an_announced_size_over_the_bound_is_refused_at_once),
        receiver_test(blocks_of_different_operations_never_come_together),
        receiver_test(an_absent_request_tag_is_not_an_empty_one),
        receiver_test(request_tags_are_a_list),
        receiver_test(echo_and_sizes_do_not_part_a_body),
        receiver_test(a_key_that_is_too_long_is_refused),
        receiver_test(a_peer_cannot_take_the_place_of_another),
        receiver_test(a_peer_cannot_take_all_places),
        receiver_test(a_body_is_forgotten_when_nothing_comes),
        receiver_test(what_is_forgotten_is_wiped),
        cmocka_unit_test(a_receiver_needs_its_memory),
        cmocka_unit_test(answers_that_do_not_fit_end_the_transfer),
        cmocka_unit_test(the_last_block_is_not_continued),
        cmocka_unit_test(too_large_with_a_smaller_size_is_tried_with_it),
        cmocka_unit_test(a_single_block_is_cut_when_the_server_asks),
        cmocka_unit_test(incomplete_is_begun_anew_once),
        cmocka_unit_test(a_body_is_read_block_by_block),
        cmocka_unit_test(a_body_needs_a_number_for_each_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
