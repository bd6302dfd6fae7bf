/* The writer: it never leaves its output, and once full it stays full. */
#include "tests/support/test.h"

#include "core/writer.h"

static void test_bytes_go_in_order(void **state)
{
    uint8_t room[8];
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);

    (void)state;
    lwsec_writer_u8(&writer, 1);
    lwsec_writer_bytes(&writer, lwsec_test_hex("0203"));
    lwsec_writer_uint(&writer, 0xff040506, 3); /* the low bytes */
    lwsec_writer_bytes(&writer, lwsec_bytes_of(NULL, 0));
    lwsec_writer_uint(&writer, 0x0708, 2);
    assert_false(writer.full);
    assert_bytes(lwsec_bytes_of(room, writer.size), lwsec_test_hex("0102030405060708"));
}

static void test_numbers_of_every_size(void **state)
{
    const lwsec_bytes whole = lwsec_test_hex("f1f2f3f4f5f6f7f8");

    (void)state;
    for (size_t size = 0; size <= 8; size++) {
        uint8_t room[8];
        lwsec_writer writer = lwsec_writer_of(room, size);
        lwsec_writer_uint(&writer, UINT64_C(0xf1f2f3f4f5f6f7f8), size);
        assert_false(writer.full);
        assert_bytes(lwsec_bytes_of(room, writer.size),
                     lwsec_bytes_of(&whole.data[8 - size], size));
    }
}

static void test_a_full_output_is_not_written_past(void **state)
{
    uint8_t room[4] = {0xaa, 0xaa, 0xaa, 0xaa};
    lwsec_writer writer = lwsec_writer_of(room, 3);

    (void)state;
    lwsec_writer_u8(&writer, 1);
    lwsec_writer_bytes(&writer, lwsec_test_hex("020304"));
    assert_true(writer.full);
    assert_int_equal(writer.size, 1);
    assert_bytes(lwsec_bytes_of(room, 4), lwsec_test_hex("01aaaaaa"));
}

static void test_a_full_writer_stays_full(void **state)
{
    uint8_t room[4] = {0xaa, 0xaa, 0xaa, 0xaa};
    lwsec_writer writer = lwsec_writer_of(room, 3);

    (void)state;
    lwsec_writer_uint(&writer, 1, 4);
    assert_true(writer.full);
    lwsec_writer_u8(&writer, 1); /* would fit */
    lwsec_writer_bytes(&writer, lwsec_test_hex("02"));
    assert_null(lwsec_writer_room(&writer, 1));
    assert_true(writer.full);
    assert_int_equal(writer.size, 0);
    assert_bytes(lwsec_bytes_of(room, 4), lwsec_test_hex("aaaaaaaa"));
}

static void test_a_size_that_wraps_around_does_not_fit(void **state)
{
    uint8_t room[4];
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);

    (void)state;
    lwsec_writer_u8(&writer, 1);
    assert_null(lwsec_writer_room(&writer, SIZE_MAX));
    assert_true(writer.full);
}

static void test_no_memory_takes_nothing(void **state)
{
    lwsec_writer writer = lwsec_writer_of(NULL, 0);

    (void)state;
    lwsec_writer_bytes(&writer, lwsec_bytes_of(NULL, 0));
    assert_false(writer.full);
    lwsec_writer_u8(&writer, 1);
    assert_true(writer.full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_go_in_order),
        cmocka_unit_test(test_numbers_of_every_size),
        cmocka_unit_test(test_a_full_output_is_not_written_past),
        cmocka_unit_test(test_a_full_writer_stays_full),
        cmocka_unit_test(test_a_size_that_wraps_around_does_not_fit),
        cmocka_unit_test(test_no_memory_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
