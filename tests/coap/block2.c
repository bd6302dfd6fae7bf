/* Representations in answers: the sender and the receiver of Block2. RFC 7959. */
#include "tests/coap/block_kit.h"

#define BODY_MAX 5000U

static lwsec_block2_receive transfer;
static lwsec_block2_taken taken;
static lwsec_reason reason;
static uint8_t body_room[BODY_MAX];

static lwsec_block2_receive_config reassembling(void)
{
    return (lwsec_block2_receive_config){.size = sizeof(lwsec_block2_receive_config),
                                         .body = lwsec_buffer_of(body_room, sizeof body_room)};
}

static lwsec_block2_receive_config one_by_one(void)
{
    return (lwsec_block2_receive_config){.size = sizeof(lwsec_block2_receive_config),
                                         .body_max = BODY_MAX};
}

static void start(const lwsec_block2_receive_config *config)
{
    memset(body_room, 0, sizeof body_room);
    assert_status(lwsec_block2_receive_start(&transfer, config, &reason), LWSEC_OK);
}

/* ---- The sender ---- */

static lwsec_coap_message request_for(const lwsec_coap_option *block)
{
    return kit_message(LWSEC_COAP_GET, block, block != NULL, lwsec_bytes_of(NULL, 0));
}

/* The answer of a server to a request; fails the test if there is none. */
static lwsec_coap_message serve(const lwsec_block_source *source, uint8_t szx,
                                const lwsec_coap_message *request)
{
    lwsec_block_part part;
    uint8_t code = 1;

    assert_status(lwsec_block2_serve(source, szx, request, &part, &code, &reason), LWSEC_OK);
    assert_int_equal(code, 0);
    return kit_with_part(LWSEC_COAP_CONTENT, NULL, 0, &part);
}

static void what_fits_goes_whole_unless_blocks_are_asked_for(void **state)
{
    const lwsec_block_source source = kit_source(kit_body(64, 0), "e");
    const lwsec_coap_option asked = kit_block(LWSEC_COAP_BLOCK2, 0, false, 6);
    lwsec_coap_message request = request_for(NULL);
    lwsec_coap_message answer = serve(&source, 2, &request);

    (void)state;
    assert_int_equal(kit_count(&answer, LWSEC_COAP_BLOCK2), 0);
    assert_int_equal(kit_count(&answer, LWSEC_COAP_ETAG), 1);
    assert_bytes(answer.payload, kit_body(64, 0));
    request = request_for(&asked);
    answer = serve(&source, 2, &request);
    assert_false(kit_block_of(&answer, LWSEC_COAP_BLOCK2).more);
    assert_int_equal(kit_block_of(&answer, LWSEC_COAP_BLOCK2).szx, 2);
}

static void the_first_block_tells_the_size_of_all(void **state)
{
    const lwsec_block_source source = kit_source(kit_body(65, 0), "e");
    const lwsec_coap_message request = request_for(NULL);
    const lwsec_coap_message answer = serve(&source, 2, &request);

    (void)state;
    assert_true(kit_block_of(&answer, LWSEC_COAP_BLOCK2).more);
    assert_int_equal(kit_uint_of(&answer, LWSEC_COAP_SIZE2), 65);
    assert_int_equal(answer.payload.size, 64);
}

/* A client that asks for block 2 of 64 gets the block of 16 that begins there. */
static void a_late_request_for_another_size_is_answered_in_its_place(void **state)
{
    const lwsec_block_source source = kit_source(kit_body(300, 0), "e");
    const lwsec_coap_option larger = kit_block(LWSEC_COAP_BLOCK2, 2, false, 2);
    const lwsec_coap_option smaller = kit_block(LWSEC_COAP_BLOCK2, 9, false, 0);
    lwsec_coap_message request = request_for(&larger);
    lwsec_coap_message answer = serve(&source, 0, &request);
    lwsec_block block = kit_block_of(&answer, LWSEC_COAP_BLOCK2);

    (void)state;
    assert_int_equal(block.number, 8);
    assert_int_equal(block.szx, 0);
    assert_bytes(answer.payload, lwsec_bytes_of(&kit_body(300, 0).data[128], 16));
    request = request_for(&smaller);
    answer = serve(&source, 6, &request);
    block = kit_block_of(&answer, LWSEC_COAP_BLOCK2);
    assert_int_equal(block.number, 9);
    assert_int_equal(block.szx, 0);
    assert_bytes(answer.payload, lwsec_bytes_of(&kit_body(300, 0).data[144], 16));
}

static void assert_not_served(const lwsec_coap_option *block, uint8_t its_code)
{
    const lwsec_block_source source = kit_source(kit_body(64, 0), "e");
    const lwsec_coap_message request = request_for(block);
    lwsec_block_part part;
    uint8_t code = 0;

    assert_status(lwsec_block2_serve(&source, 6, &request, &part, &code, &reason), LWSEC_REJECT);
    assert_int_equal(code, its_code);
    assert_int_equal(part.count, 0);
    assert_int_equal(part.payload.size, 0);
}

static void blocks_past_the_end_and_malformed_options_are_refused(void **state)
{
    const lwsec_coap_option rows[] = {
        kit_block(LWSEC_COAP_BLOCK2, 4, false, 0),
        kit_block(LWSEC_COAP_BLOCK2, 1, false, 2),
        kit_block(LWSEC_COAP_BLOCK2, LWSEC_BLOCK_NUMBER_MAX, false, 6),
        {LWSEC_COAP_BLOCK2, lwsec_test_hex("07")}};
    const lwsec_coap_option too_long = {LWSEC_COAP_BLOCK2, lwsec_test_hex("00000006")};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_not_served(&rows[i], LWSEC_COAP_BAD_REQUEST);
    }
    assert_not_served(&too_long, LWSEC_COAP_BAD_OPTION);
}

static lwsec_status fail_to_read(void *context, uint32_t offset, uint8_t *data, size_t size)
{
    (void)context;
    (void)offset;
    memset(data, 'x', size);
    return LWSEC_STATE;
}

static void a_body_that_cannot_be_read_is_not_served(void **state)
{
    uint8_t room[64];
    lwsec_block_source source = {.body = {NULL, 100}, .read = fail_to_read};
    const lwsec_coap_message request = request_for(NULL);
    lwsec_block_part part;
    uint8_t code;

    (void)state;
    source.room = lwsec_buffer_of(room, sizeof room);
    assert_status(lwsec_block2_serve(&source, 2, &request, &part, &code, &reason), LWSEC_STATE);
    assert_int_equal(part.payload.size, 0);
    assert_status(lwsec_block2_serve(&source, 3, &request, &part, &code, &reason), LWSEC_USAGE);
}

/* ---- Whole representations ---- */

/* Fetches all of it; the number of requests. In `got`, what was handed over block by block. */
static unsigned fetch(const lwsec_block_source *source, uint8_t server_szx, uint8_t *got)
{
    unsigned requests = 0;
    uint32_t offset = 0;

    do {
        lwsec_block_part part;
        lwsec_block2_receive_next(&transfer, &part);
        const lwsec_coap_message request = kit_with_part(LWSEC_COAP_GET, NULL, 0, &part);
        const lwsec_coap_message answer = serve(source, server_szx, &request);
        assert_status(lwsec_block2_receive_answer(&transfer, &answer, &taken, &reason), LWSEC_OK);
        assert_int_equal(taken.offset, offset);
        if (taken.block.size > 0) {
            memcpy(&got[offset], taken.block.data, taken.block.size);
        }
        offset += (uint32_t)taken.block.size;
        requests++;
    } while (taken.step == LWSEC_BLOCK_NEXT);
    assert_int_equal(offset, source->body.size);
    return requests;
}

static void representations_of_all_sizes_arrive_in_both_modes(void **state)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 31, 32, 33, 1023, 1024, 1025, 2048, BODY_MAX};
    static uint8_t got[BODY_MAX];

    (void)state;
    for (uint8_t szx = 0; szx <= LWSEC_BLOCK_SZX_MAX; szx++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            const lwsec_block_source source = kit_source(kit_body(sizes[i], 0), "etag");
            for (unsigned server_asks = 0; server_asks < 2; server_asks++) {
                const size_t block = lwsec_block_size(szx);
                lwsec_block2_receive_config config = reassembling();
                config.szx = server_asks != 0 ? 0 : (uint8_t)(szx + 1U);
                start(&config);
                const size_t blocks = sizes[i] == 0 ? 1 : (sizes[i] + block - 1) / block;
                assert_int_equal(fetch(&source, server_asks != 0 ? szx : 6, got), blocks);
                assert_bytes(taken.body, source.body);
                config = one_by_one();
                config.szx = (uint8_t)(szx + 1U);
                start(&config);
                assert_int_equal(fetch(&source, 6, got), blocks);
                assert_bytes(lwsec_bytes_of(got, sizes[i]), source.body);
            }
        }
    }
}

/* ---- What a server, or somebody between, may answer ---- */

static lwsec_status answer_with(uint32_t number, bool more, uint8_t szx, const char *etag,
                                lwsec_bytes payload)
{
    const lwsec_coap_option options[] = {kit_block(LWSEC_COAP_BLOCK2, number, more, szx),
                                         kit_text(LWSEC_COAP_ETAG, etag)};
    const lwsec_coap_message answer =
        kit_message(LWSEC_COAP_CONTENT, options, etag[0] != '\0' ? 2 : 1, payload);

    return lwsec_block2_receive_answer(&transfer, &answer, &taken, &reason);
}

/* Block `number` of a body of 16 bytes a block, 5 in all. */
static lwsec_status answer_16(uint8_t which, uint32_t number, const char *etag)
{
    return answer_with(number, number < 4, 0, etag,
                       lwsec_bytes_of(&kit_body(80, which).data[number * 16U], 16));
}

static void assert_unchanged(lwsec_status status, lwsec_why why)
{
    assert_status(status, LWSEC_REJECT);
    assert_int_equal(reason.why, why);
    assert_int_equal(taken.block.size, 0);
    assert_int_equal(taken.body.size, 0);
}

static void start_16(lwsec_block2_receive_config config)
{
    config.szx = 1;
    start(&config);
    assert_status(answer_16(0, 0, "a"), LWSEC_OK);
    assert_status(answer_16(0, 1, "a"), LWSEC_OK);
}

static void other_blocks_are_refused_and_the_right_one_is_taken(void **state)
{
    (void)state;
    for (unsigned mode = 0; mode < 2; mode++) {
        start_16(mode == 0 ? reassembling() : one_by_one());
        assert_unchanged(answer_16(0, 0, "a"), LWSEC_WHY_COAP_BLOCK_ORDER);
        assert_unchanged(answer_16(0, 1, "a"), LWSEC_WHY_COAP_BLOCK_ORDER);
        assert_unchanged(answer_16(0, 3, "a"), LWSEC_WHY_COAP_BLOCK_ORDER);
        assert_unchanged(answer_16(0, 4, "a"), LWSEC_WHY_COAP_BLOCK_ORDER);
        for (uint32_t i = 2; i < 5; i++) {
            assert_status(answer_16(0, i, "a"), LWSEC_OK);
        }
        assert_int_equal(taken.step, LWSEC_BLOCK_DONE);
        if (mode == 0) {
            assert_bytes(taken.body, kit_body(80, 0));
        }
        assert_status(answer_16(0, 4, "a"), LWSEC_USAGE);
    }
    LWSEC_COVERS("R-5.1-13");
}

static void payloads_and_sizes_that_do_not_fit_are_refused(void **state)
{
    const lwsec_bytes body = kit_body(80, 0);

    (void)state;
    start_16(reassembling());
    assert_unchanged(answer_with(2, true, 0, "a", lwsec_bytes_of(body.data, 15)),
                     LWSEC_WHY_COAP_BLOCK);
    assert_unchanged(answer_with(2, true, 0, "a", lwsec_bytes_of(body.data, 17)),
                     LWSEC_WHY_COAP_BLOCK);
    assert_unchanged(answer_with(2, false, 0, "a", lwsec_bytes_of(body.data, 17)),
                     LWSEC_WHY_COAP_BLOCK);
    assert_unchanged(answer_with(1, true, 1, "a", lwsec_bytes_of(body.data, 32)),
                     LWSEC_WHY_COAP_BLOCK); /* larger than asked for, at the right place */
    assert_unchanged(answer_with(2, true, 0, "123456789", lwsec_bytes_of(&body.data[32], 16)),
                     LWSEC_WHY_COAP_BLOCK);
    assert_status(answer_16(0, 2, "a"), LWSEC_OK);
}

static void a_change_of_etag_ends_the_transfer(void **state)
{
    static const char *const others[] = {"b", "", "aa"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        start_16(one_by_one());
        assert_unchanged(answer_16(1, 2, others[i]), LWSEC_WHY_COAP_BLOCK_CHANGED);
        assert_status(answer_16(0, 2, "a"), LWSEC_USAGE);
    }
    /* One that begins without an ETag goes on without. */
    start(&(lwsec_block2_receive_config){.size = sizeof(lwsec_block2_receive_config),
                                         .body_max = BODY_MAX});
    assert_status(answer_16(0, 0, ""), LWSEC_OK);
    assert_unchanged(answer_16(0, 1, "a"), LWSEC_WHY_COAP_BLOCK_CHANGED);
    LWSEC_COVERS("R-5.6-01");
}

static void a_changed_representation_is_fetched_anew_where_allowed(void **state)
{
    lwsec_block2_receive_config config = reassembling();
    lwsec_block_part part;

    (void)state;
    config.restarts = 1;
    start_16(config);
    assert_status(answer_16(1, 2, "b"), LWSEC_OK);
    assert_int_equal(taken.step, LWSEC_BLOCK_NEXT);
    assert_int_equal(taken.block.size, 0);
    lwsec_block2_receive_next(&transfer, &part);
    const lwsec_coap_message request = kit_with_part(LWSEC_COAP_GET, NULL, 0, &part);
    assert_int_equal(kit_block_of(&request, LWSEC_COAP_BLOCK2).number, 0);
    for (uint32_t i = 0; i < 4; i++) {
        assert_status(answer_16(1, i, "b"), LWSEC_OK);
    }
    assert_unchanged(answer_16(0, 4, "c"), LWSEC_WHY_COAP_BLOCK_CHANGED); /* once is enough */
    start_16(config);
    assert_status(answer_16(1, 2, "b"), LWSEC_OK);
    for (uint32_t i = 0; i < 5; i++) {
        assert_status(answer_16(1, i, "b"), LWSEC_OK);
    }
    assert_bytes(taken.body, kit_body(80, 1));
}

static void an_error_between_blocks_ends_the_transfer(void **state)
{
    const lwsec_coap_message error = kit_message(LWSEC_COAP_CODE(4, 8), NULL, 0, kit_body(10, 0));

    (void)state;
    start_16(one_by_one());
    assert_unchanged(lwsec_block2_receive_answer(&transfer, &error, &taken, &reason),
                     LWSEC_WHY_COAP_BLOCK_CHANGED);
}

static void a_representation_over_its_bound_is_refused(void **state)
{
    const lwsec_bytes body = kit_body(BODY_MAX + 200, 0);
    const lwsec_coap_option options[] = {kit_block(LWSEC_COAP_BLOCK2, 0, true, 6),
                                         kit_uint(LWSEC_COAP_SIZE2, BODY_MAX + 1)};

    (void)state;
    for (unsigned mode = 0; mode < 2; mode++) {
        const lwsec_block2_receive_config config = mode == 0 ? reassembling() : one_by_one();
        start(&config);
        for (uint32_t i = 0; i < 4; i++) {
            assert_status(answer_with(i, true, 6, "a", lwsec_bytes_of(&body.data[i * 1024U], 1024)),
                          LWSEC_OK);
        }
        assert_unchanged(answer_with(4, true, 6, "a", lwsec_bytes_of(&body.data[4096], 1024)),
                         LWSEC_WHY_COAP_BODY);
        const lwsec_coap_message announced =
            kit_message(LWSEC_COAP_CONTENT, options, 2, lwsec_bytes_of(body.data, 1024));
        start(&config);
        assert_unchanged(lwsec_block2_receive_answer(&transfer, &announced, &taken, &reason),
                         LWSEC_WHY_COAP_BODY);
    }
}

static void without_a_bound_only_whole_answers_are_taken(void **state)
{
    const lwsec_block2_receive_config config = {.size = sizeof config};
    const lwsec_coap_message whole = kit_message(LWSEC_COAP_CONTENT, NULL, 0, kit_body(1000, 0));

    (void)state;
    start(&config);
    assert_unchanged(answer_16(0, 0, "a"), LWSEC_WHY_COAP_BODY);
    start(&config);
    assert_status(lwsec_block2_receive_answer(&transfer, &whole, &taken, &reason), LWSEC_OK);
    assert_int_equal(taken.step, LWSEC_BLOCK_DONE);
    assert_bytes(taken.body, kit_body(1000, 0));
}

/* A number has 20 bits. A server that goes on in the smallest blocks, from so far that they come to
 * the last one, has no other to be asked for. */
static void what_has_no_number_is_not_asked_for(void **state)
{
    const uint32_t large = (LWSEC_BLOCK_NUMBER_MAX + 1U) / 64U - 1U;
    const lwsec_bytes body = kit_body(1024, 0);
    lwsec_block2_receive_config config = one_by_one();

    (void)state;
    config.body_max = INT32_MAX;
    config.szx = LWSEC_BLOCK_SZX_MAX + 1U;
    for (unsigned more = 0; more < 2; more++) {
        start(&config);
        for (uint32_t i = 0; i < large; i++) {
            assert_status(answer_with(i, true, LWSEC_BLOCK_SZX_MAX, "a", body), LWSEC_OK);
        }
        for (uint32_t i = large * 64U; i < LWSEC_BLOCK_NUMBER_MAX; i++) {
            assert_status(answer_with(i, true, 0, "a", lwsec_bytes_of(body.data, 16)), LWSEC_OK);
        }
        const lwsec_status status =
            answer_with(LWSEC_BLOCK_NUMBER_MAX, more != 0, 0, "a", lwsec_bytes_of(body.data, 16));
        if (more != 0) {
            assert_unchanged(status, LWSEC_WHY_COAP_BODY);
        } else {
            assert_status(status, LWSEC_OK);
            assert_int_equal(taken.step, LWSEC_BLOCK_DONE);
        }
    }
}

static void configurations_that_make_no_sense_are_refused(void **state)
{
    lwsec_request_tag tag = {NULL, 0, 0, 0};
    lwsec_block2_receive_config config = one_by_one();

    (void)state;
    config.restarts = 1; /* blocks were handed over already */
    assert_status(lwsec_block2_receive_start(&transfer, &config, &reason), LWSEC_USAGE);
    config = reassembling();
    config.restarts = 1;
    config.tag = &tag; /* a POST is not made twice */
    assert_status(lwsec_block2_receive_start(&transfer, &config, &reason), LWSEC_USAGE);
    config = reassembling();
    config.szx = 8;
    assert_status(lwsec_block2_receive_start(&transfer, &config, &reason), LWSEC_USAGE);
    config.szx = 0;
    config.size = 0;
    assert_status(lwsec_block2_receive_start(&transfer, &config, &reason), LWSEC_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_goes_whole_unless_blocks_are_asked_for),
        cmocka_unit_test(the_first_block_tells_the_size_of_all),
        cmocka_unit_test(a_late_request_for_another_size_is_answered_in_its_place),
        cmocka_unit_test(blocks_past_the_end_and_malformed_options_are_refused),
        cmocka_unit_test(a_body_that_cannot_be_read_is_not_served),
        cmocka_unit_test(representations_of_all_sizes_arrive_in_both_modes),
        cmocka_unit_test(other_blocks_are_refused_and_the_right_one_is_taken),
        cmocka_unit_test(payloads_and_sizes_that_do_not_fit_are_refused),
        cmocka_unit_test(a_change_of_etag_ends_the_transfer),
        cmocka_unit_test(a_changed_representation_is_fetched_anew_where_allowed),
        cmocka_unit_test(an_error_between_blocks_ends_the_transfer),
        cmocka_unit_test(a_representation_over_its_bound_is_refused),
        cmocka_unit_test(without_a_bound_only_whole_answers_are_taken),
        cmocka_unit_test(what_has_no_number_is_not_asked_for),
        cmocka_unit_test(configurations_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
