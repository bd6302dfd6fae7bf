/* The reader: it never leaves its input, and its first error stays. */
#include "tests/support/test.h"

#include "core/reader.h"

static void assert_finish(lwsec_reader *reader, lwsec_why why, size_t offset)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};

    assert_status(lwsec_reader_finish(reader, &reason), LWSEC_REJECT);
    assert_string_equal(lwsec_why_text(reason.why), lwsec_why_text(why));
    assert_int_equal(reason.offset, offset);
}

static void test_bytes_come_in_order(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("0102030405060708090a"));

    (void)state;
    assert_int_equal(lwsec_reader_left(&reader), 10);
    assert_int_equal(lwsec_reader_u8(&reader), 1);
    assert_bytes(lwsec_reader_take(&reader, 2), lwsec_test_hex("0203"));
    assert_int_equal(lwsec_reader_uint(&reader, 3), 0x040506);
    assert_int_equal(lwsec_reader_peek(&reader), 7);
    assert_int_equal(lwsec_reader_left(&reader), 4);
    assert_bytes(lwsec_reader_rest(&reader), lwsec_test_hex("0708090a"));
    assert_int_equal(lwsec_reader_left(&reader), 0);
    assert_status(lwsec_reader_finish(&reader, NULL), LWSEC_OK);
}

static void test_numbers_of_every_size(void **state)
{
    const lwsec_bytes input = lwsec_test_hex("f1f2f3f4f5f6f7f8");

    (void)state;
    for (size_t size = 0; size <= 8; size++) {
        lwsec_reader reader = lwsec_reader_of(input);
        const uint64_t whole = UINT64_C(0xf1f2f3f4f5f6f7f8);
        const uint64_t expected = size == 0 ? 0 : whole >> (8 * (8 - size));
        assert_true(lwsec_reader_uint(&reader, size) == expected);
        assert_int_equal(lwsec_reader_left(&reader), 8 - size);
    }
}

static void test_an_empty_input_has_nothing_to_read(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(NULL, 0));

    (void)state;
    assert_int_equal(lwsec_reader_left(&reader), 0);
    assert_int_equal(lwsec_reader_peek(&reader), 0);
    assert_false(lwsec_reader_failed(&reader));
    assert_int_equal(lwsec_reader_take(&reader, 0).size, 0);
    assert_int_equal(lwsec_reader_rest(&reader).size, 0);
    assert_status(lwsec_reader_finish(&reader, NULL), LWSEC_OK);
    assert_int_equal(lwsec_reader_u8(&reader), 0);
    assert_finish(&reader, LWSEC_WHY_TRUNCATED, 0);
}

static void test_taking_one_byte_too_many_takes_nothing(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("010203"));

    (void)state;
    (void)lwsec_reader_u8(&reader);
    const lwsec_bytes bytes = lwsec_reader_take(&reader, 3);
    assert_null(bytes.data);
    assert_int_equal(bytes.size, 0);
    assert_true(lwsec_reader_failed(&reader));
    assert_finish(&reader, LWSEC_WHY_TRUNCATED, 1);
}

static void test_a_size_that_wraps_around_is_refused(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("010203"));

    (void)state;
    (void)lwsec_reader_u8(&reader);
    assert_null(lwsec_reader_take(&reader, SIZE_MAX).data);
    assert_finish(&reader, LWSEC_WHY_TRUNCATED, 1);
}

static void test_a_number_cut_short_is_zero(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("ffff"));

    (void)state;
    assert_int_equal(lwsec_reader_uint(&reader, 3), 0);
    assert_finish(&reader, LWSEC_WHY_TRUNCATED, 0);
}

static void test_after_an_error_every_read_gives_zeros(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("ffffffff"));

    (void)state;
    lwsec_reader_fail(&reader, LWSEC_WHY_NOT_CANONICAL);
    assert_int_equal(lwsec_reader_u8(&reader), 0);
    assert_int_equal(lwsec_reader_uint(&reader, 2), 0);
    assert_int_equal(lwsec_reader_peek(&reader), 0);
    assert_null(lwsec_reader_take(&reader, 1).data);
    assert_null(lwsec_reader_rest(&reader).data);
    assert_finish(&reader, LWSEC_WHY_NOT_CANONICAL, 0);
}

static void test_the_first_error_stays(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("01"));

    (void)state;
    (void)lwsec_reader_take(&reader, 2);
    lwsec_reader_fail(&reader, LWSEC_WHY_WRONG_TYPE);
    assert_finish(&reader, LWSEC_WHY_TRUNCATED, 0);
}

static void test_trailing_bytes_are_refused(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("0102"));

    (void)state;
    (void)lwsec_reader_u8(&reader);
    assert_finish(&reader, LWSEC_WHY_TRAILING_BYTES, 1);
    /* Finishing is an end: reading on does not make it good. */
    (void)lwsec_reader_u8(&reader);
    assert_finish(&reader, LWSEC_WHY_TRAILING_BYTES, 1);
}

static void test_a_child_ends_where_it_was_told(void **state)
{
    lwsec_reader parent = lwsec_reader_of(lwsec_test_hex("01020304"));
    lwsec_reader child = lwsec_reader_child(&parent, 2);

    (void)state;
    assert_int_equal(lwsec_reader_left(&child), 2);
    assert_int_equal(lwsec_reader_left(&parent), 2);
    assert_bytes(lwsec_reader_rest(&child), lwsec_test_hex("0102"));
    assert_int_equal(lwsec_reader_u8(&child), 0);
    assert_true(lwsec_reader_failed(&child));
    assert_int_equal(lwsec_reader_u8(&parent), 3); /* the parent goes on behind the child */
    assert_false(lwsec_reader_failed(&parent));
}

static void test_a_child_cannot_outgrow_its_parent(void **state)
{
    lwsec_reader parent = lwsec_reader_of(lwsec_test_hex("0102"));
    lwsec_reader child = lwsec_reader_child(&parent, 3);

    (void)state;
    assert_int_equal(lwsec_reader_left(&child), 0);
    assert_finish(&child, LWSEC_WHY_TRUNCATED, 0);
    assert_finish(&parent, LWSEC_WHY_TRUNCATED, 0);
}

static void test_a_grandchild_cannot_outgrow_the_child(void **state)
{
    lwsec_reader parent = lwsec_reader_of(lwsec_test_hex("0102030405"));
    lwsec_reader child = lwsec_reader_child(&parent, 3);
    lwsec_reader grandchild = lwsec_reader_child(&child, 4);

    (void)state;
    assert_true(lwsec_reader_failed(&grandchild));
    lwsec_reader_finish_child(&child, &grandchild);
    lwsec_reader_finish_child(&parent, &child);
    assert_finish(&parent, LWSEC_WHY_TRUNCATED, 3);
}

static void test_a_child_of_a_failed_reader_has_failed(void **state)
{
    lwsec_reader parent = lwsec_reader_of(lwsec_test_hex("0102"));

    (void)state;
    lwsec_reader_fail(&parent, LWSEC_WHY_WRONG_TYPE);
    lwsec_reader child = lwsec_reader_child(&parent, 0);
    assert_finish(&child, LWSEC_WHY_WRONG_TYPE, 0);
}

static void test_what_a_child_leaves_is_an_error_of_its_parent(void **state)
{
    lwsec_reader parent = lwsec_reader_of(lwsec_test_hex("0102"));
    lwsec_reader child = lwsec_reader_child(&parent, 2);

    (void)state;
    (void)lwsec_reader_u8(&child);
    lwsec_reader_finish_child(&parent, &child);
    assert_finish(&parent, LWSEC_WHY_TRAILING_BYTES, 2);
}

static void test_a_child_that_ended_well_leaves_its_parent_alone(void **state)
{
    lwsec_reader parent = lwsec_reader_of(lwsec_test_hex("0102"));
    lwsec_reader child = lwsec_reader_child(&parent, 2);

    (void)state;
    (void)lwsec_reader_rest(&child);
    lwsec_reader_finish_child(&parent, &child);
    assert_status(lwsec_reader_finish(&parent, NULL), LWSEC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_come_in_order),
        cmocka_unit_test(test_numbers_of_every_size),
        cmocka_unit_test(test_an_empty_input_has_nothing_to_read),
        cmocka_unit_test(test_taking_one_byte_too_many_takes_nothing),
        cmocka_unit_test(test_a_size_that_wraps_around_is_refused),
        cmocka_unit_test(test_a_number_cut_short_is_zero),
        cmocka_unit_test(test_after_an_error_every_read_gives_zeros),
        cmocka_unit_test(test_the_first_error_stays),
        cmocka_unit_test(test_trailing_bytes_are_refused),
        cmocka_unit_test(test_a_child_ends_where_it_was_told),
        cmocka_unit_test(test_a_child_cannot_outgrow_its_parent),
        cmocka_unit_test(test_a_grandchild_cannot_outgrow_the_child),
        cmocka_unit_test(test_a_child_of_a_failed_reader_has_failed),
        cmocka_unit_test(test_what_a_child_leaves_is_an_error_of_its_parent),
        cmocka_unit_test(test_a_child_that_ended_well_leaves_its_parent_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
