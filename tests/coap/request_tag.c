/* Request-Tags of a client: when one is set, and when its value comes back. RFC 9175 section 3. */
#include "tests/coap/block_kit.h"

static lwsec_request_tags tags;

static int set_up(void **state)
{
    (void)state;
    lwsec_request_tags_init(&tags, 0);
    return 0;
}

static lwsec_request_tag begin(const char *path)
{
    const lwsec_coap_option option = kit_text(LWSEC_COAP_URI_PATH, path);

    return lwsec_request_tag_begin(&tags, LWSEC_COAP_PUT, &option, 1);
}

static void the_first_operation_has_none_and_later_ones_fresh_values(void **state)
{
    lwsec_request_tag held[4];

    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        held[i] = begin("fw");
        assert_int_equal(held[i].value, i);
    }
    assert_int_equal(begin("other").value, 0);
    LWSEC_COVERS("R-5.6-01");
    LWSEC_COVERS("R-6.x-adj-01");
}

static void a_value_comes_back_when_all_its_messages_were_answered(void **state)
{
    lwsec_request_tag first = begin("fw");

    (void)state;
    lwsec_request_tag_sent(&first);
    lwsec_request_tag_sent(&first);
    lwsec_request_tag_answered(&first);
    lwsec_request_tag_end(&first);
    lwsec_request_tag second = begin("fw"); /* one message may still be on its way */
    assert_int_equal(second.value, 1);
    lwsec_request_tag_end(&second);
    second = begin("fw"); /* the second never sent one */
    assert_int_equal(second.value, 1);
    lwsec_request_tag_end(&second);
    lwsec_request_tag_answered(&first); /* the late answer */
    assert_int_equal(begin("fw").value, 0);
    LWSEC_COVERS("R-5.6-01");
}

static void an_operation_that_runs_keeps_its_value(void **state)
{
    const lwsec_request_tag first = begin("fw");

    (void)state;
    lwsec_request_tag_sent(&first);
    lwsec_request_tag_answered(&first);
    assert_int_equal(begin("fw").value, 1);
}

static void new_keys_void_what_was_sent(void **state)
{
    lwsec_request_tag old = begin("fw");

    (void)state;
    lwsec_request_tag_sent(&old);
    lwsec_request_tag_end(&old);
    lwsec_request_tags_rekeyed(&tags);
    lwsec_request_tag fresh = begin("fw");
    assert_int_equal(fresh.value, 0);
    lwsec_request_tag_sent(&fresh);
    lwsec_request_tag_answered(&old); /* does not count for the new one */
    lwsec_request_tag_end(&old);
    lwsec_request_tag_end(&fresh);
    assert_int_equal(begin("fw").value, 1);
}

/* Its next block goes under the new keys, and so does what has its value. */
static void an_operation_that_goes_on_under_new_keys_keeps_its_value(void **state)
{
    lwsec_request_tag old = begin("fw");

    (void)state;
    lwsec_request_tag_sent(&old);
    lwsec_request_tags_rekeyed(&tags);
    lwsec_request_tag other = begin("fw");
    assert_int_equal(other.value, 1);
    lwsec_request_tag_end(&other);
    lwsec_request_tag_sent(&old);
    lwsec_request_tag_end(&old);
    other = begin("fw"); /* the message under the new keys may be on its way */
    assert_int_equal(other.value, 1);
    lwsec_request_tag_end(&other);
    lwsec_request_tag_answered(&old); /* and the one under the old keys is void */
    assert_int_equal(begin("fw").value, 0);
}

/* A value that was given up, as there was no room to remember it, may be in use all the same. */
static void new_keys_do_not_bring_back_what_was_forgotten(void **state)
{
    const lwsec_request_tag oldest = begin("fw");

    (void)state;
    for (unsigned i = 0; i < LWSEC_REQUEST_TAGS; i++) {
        lwsec_request_tag other = begin("other");
        lwsec_request_tag_sent(&other);
        lwsec_request_tag_end(&other);
    }
    lwsec_request_tags_rekeyed(&tags);
    assert_true(begin("fw").value > oldest.value);
}

/* However many operations stay open, no value is ever used by two of them. */
static void forgotten_operations_keep_their_values(void **state)
{
    bool seen[100] = {false};

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        lwsec_request_tag tag = begin("fw");
        assert_true(tag.value < 100);
        assert_false(seen[tag.value]);
        seen[tag.value] = true;
        lwsec_request_tag_sent(&tag);
        lwsec_request_tag_end(&tag);
    }
    assert_true(begin("other").value > 0); /* it may have been forgotten too */
    LWSEC_COVERS("R-5.6-01");
}

static void none_is_set_where_none_is_needed(void **state)
{
    (void)state;
    lwsec_request_tags_init(&tags, LWSEC_REQUEST_TAGS_UNNEEDED);
    for (unsigned i = 0; i < 3; i++) {
        lwsec_request_tag tag = begin("fw");
        assert_int_equal(tag.value, 0);
        lwsec_request_tag_sent(&tag);
        lwsec_request_tag_end(&tag);
    }
    LWSEC_COVERS("R-5.6-01");
}

static void code_path_and_query_make_the_resource(void **state)
{
    const lwsec_coap_option options[] = {kit_text(LWSEC_COAP_URI_PATH, "ab"),
                                         kit_text(LWSEC_COAP_URI_QUERY, "c")};
    const lwsec_coap_option others[] = {kit_text(LWSEC_COAP_URI_PATH, "a"),
                                        kit_text(LWSEC_COAP_URI_PATH, "b"),
                                        kit_text(LWSEC_COAP_URI_QUERY, "c")};

    (void)state;
    assert_int_equal(lwsec_request_tag_begin(&tags, LWSEC_COAP_PUT, options, 2).value, 0);
    assert_int_equal(lwsec_request_tag_begin(&tags, LWSEC_COAP_PUT, options, 2).value, 1);
    assert_int_equal(lwsec_request_tag_begin(&tags, LWSEC_COAP_POST, options, 2).value, 0);
    assert_int_equal(lwsec_request_tag_begin(&tags, LWSEC_COAP_PUT, options, 1).value, 0);
    assert_int_equal(lwsec_request_tag_begin(&tags, LWSEC_COAP_PUT, others, 3).value, 0);
}

/* ---- In messages ---- */

static const lwsec_coap_option *tag_in(const lwsec_block_part *part)
{
    for (size_t i = 0; i < part->count; i++) {
        if (part->options[i].number == LWSEC_COAP_REQUEST_TAG) {
            return &part->options[i];
        }
    }
    return NULL;
}

static void assert_tag(uint32_t value, const char *hex)
{
    const lwsec_block_source source = kit_source(kit_body(100, 0), "");
    lwsec_request_tag tag = {NULL, 0, 0, value};
    lwsec_block1_send transfer;
    lwsec_block_part part;

    assert_status(lwsec_block1_send_start(&transfer, &source, 0, &tag, NULL), LWSEC_OK);
    assert_status(lwsec_block1_send_next(&transfer, &part, NULL), LWSEC_OK);
    if (hex == NULL) {
        assert_null(tag_in(&part));
    } else {
        assert_non_null(tag_in(&part));
        assert_bytes(tag_in(&part)->value, lwsec_test_hex(hex));
    }
}

static void values_are_absent_then_empty_then_short(void **state)
{
    (void)state;
    assert_tag(0, NULL);
    assert_tag(1, "");
    assert_tag(2, "01");
    assert_tag(256, "ff");
    assert_tag(257, "0100");
}

/* A body that is given up in the middle: its last message may be kept and sent later. */
static void a_body_after_one_that_was_given_up_has_a_tag(void **state)
{
    const lwsec_block_source source = kit_source(kit_body(100, 0), "");
    const lwsec_coap_option block = kit_block(LWSEC_COAP_BLOCK1, 0, true, 0);
    const lwsec_coap_message answer =
        kit_message(LWSEC_COAP_CONTINUE, &block, 1, lwsec_bytes_of(NULL, 0));
    lwsec_request_tag tag = begin("fw");
    lwsec_block1_send transfer;
    lwsec_block_part part;
    lwsec_block_step step;

    (void)state;
    assert_status(lwsec_block1_send_start(&transfer, &source, 0, &tag, NULL), LWSEC_OK);
    assert_status(lwsec_block1_send_next(&transfer, &part, NULL), LWSEC_OK);
    assert_status(lwsec_block1_send_answer(&transfer, &answer, &step, NULL), LWSEC_OK);
    assert_status(lwsec_block1_send_next(&transfer, &part, NULL), LWSEC_OK);
    lwsec_request_tag_end(&tag);

    tag = begin("fw");
    assert_int_equal(tag.value, 1);
    assert_status(lwsec_block1_send_start(&transfer, &source, 0, &tag, NULL), LWSEC_OK);
    assert_status(lwsec_block1_send_next(&transfer, &part, NULL), LWSEC_OK);
    assert_non_null(tag_in(&part));
    LWSEC_COVERS("R-5.6-01");
}

/* The requests for the later blocks of a FETCH's answer carry the tag of the FETCH. */
static void all_requests_of_a_fetch_carry_its_tag(void **state)
{
    const lwsec_coap_option block = kit_block(LWSEC_COAP_BLOCK2, 0, true, 0);
    const lwsec_coap_message answer = kit_message(LWSEC_COAP_CONTENT, &block, 1, kit_body(16, 0));
    lwsec_request_tag first = begin("fw");
    lwsec_request_tag tag = begin("fw");
    const lwsec_block2_receive_config config = {
        .size = sizeof config, .body_max = 100, .szx = 1, .tag = &tag};
    lwsec_block2_receive transfer;
    lwsec_block2_taken taken;
    lwsec_block_part part;

    (void)state;
    assert_status(lwsec_block2_receive_start(&transfer, &config, NULL), LWSEC_OK);
    lwsec_block2_receive_next(&transfer, &part);
    assert_null(tag_in(&part)); /* the sender of the body adds it */
    assert_status(lwsec_block2_receive_answer(&transfer, &answer, &taken, NULL), LWSEC_OK);
    lwsec_block2_receive_next(&transfer, &part);
    assert_non_null(tag_in(&part));
    lwsec_request_tag_end(&tag); /* its last request is not answered */
    lwsec_request_tag_end(&first);
    assert_int_equal(begin("fw").value, 0);
    assert_int_equal(begin("fw").value, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_first_operation_has_none_and_later_ones_fresh_values, set_up),
        cmocka_unit_test_setup(a_value_comes_back_when_all_its_messages_were_answered, set_up),
        cmocka_unit_test_setup(an_operation_that_runs_keeps_its_value, set_up),
        cmocka_unit_test_setup(new_keys_void_what_was_sent, set_up),
        cmocka_unit_test_setup(an_operation_that_goes_on_under_new_keys_keeps_its_value, set_up),
        cmocka_unit_test_setup(new_keys_do_not_bring_back_what_was_forgotten, set_up),
        cmocka_unit_test_setup(forgotten_operations_keep_their_values, set_up),
        cmocka_unit_test_setup(none_is_set_where_none_is_needed, set_up),
        cmocka_unit_test_setup(code_path_and_query_make_the_resource, set_up),
        cmocka_unit_test(values_are_absent_then_empty_then_short),
        cmocka_unit_test_setup(a_body_after_one_that_was_given_up_has_a_tag, set_up),
        cmocka_unit_test_setup(all_requests_of_a_fetch_carry_its_tag, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
