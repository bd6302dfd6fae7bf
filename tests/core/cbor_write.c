/* Writing CBOR: the shortest form of each number and length, which reads back as the same. */
#include "tests/support/test.h"

#include "core/cbor.h"

static uint8_t room[1 << 17];

static lwsec_bytes written(const lwsec_writer *writer)
{
    assert_false(writer->full);
    return lwsec_bytes_of(room, writer->size);
}

static void test_ints_take_their_shortest_form(void **state)
{
    static const struct {
        int64_t number;
        const char *hex;
    } cases[] = {
        {0, "00"},
        {23, "17"},
        {24, "1818"},
        {255, "18ff"},
        {256, "190100"},
        {65535, "19ffff"},
        {65536, "1a00010000"},
        {UINT32_MAX, "1affffffff"},
        {INT64_C(0x100000000), "1b0000000100000000"},
        {INT64_MAX, "1b7fffffffffffffff"},
        {-1, "20"},
        {-24, "37"},
        {-25, "3818"},
        {-256, "38ff"},
        {-257, "390100"},
        {-65537, "3a00010000"},
        {INT64_MIN, "3b7fffffffffffffff"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lwsec_writer writer = lwsec_writer_of(room, sizeof room);
        lwsec_cbor_write_int(&writer, cases[i].number);
        assert_bytes(written(&writer), lwsec_test_hex(cases[i].hex));
        lwsec_reader reader = lwsec_reader_of(written(&writer));
        assert_true(lwsec_cbor_read_int(&reader) == cases[i].number);
        assert_status(lwsec_reader_finish(&reader, NULL), LWSEC_OK);
    }
}

static void test_strings_of_every_length_form_come_back(void **state)
{
    static const uint8_t filler[65536];
    static const struct {
        size_t size;
        const char *head;
    } cases[] = {
        {0, "40"},       {23, "57"},        {24, "5818"},          {255, "58ff"},
        {256, "590100"}, {65535, "59ffff"}, {65536, "5a00010000"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const lwsec_bytes head = lwsec_test_hex(cases[i].head);
        lwsec_writer writer = lwsec_writer_of(room, sizeof room);
        lwsec_cbor_write_bytes(&writer, lwsec_bytes_of(filler, cases[i].size));
        assert_int_equal(writer.size, head.size + cases[i].size);
        assert_bytes(lwsec_bytes_of(room, head.size), head);
        lwsec_reader reader = lwsec_reader_of(written(&writer));
        assert_bytes(lwsec_cbor_read_bytes(&reader), lwsec_bytes_of(filler, cases[i].size));
        assert_status(lwsec_reader_finish(&reader, NULL), LWSEC_OK);
    }
}

static void test_an_absent_string_is_written_as_an_empty_one(void **state)
{
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);

    (void)state;
    lwsec_cbor_write_bytes(&writer, lwsec_bytes_of(NULL, 0));
    lwsec_cbor_write_text(&writer, "");
    assert_bytes(written(&writer), lwsec_test_hex("4060"));
}

/* The info structure of RFC 8613 section 3.2.1 for the first key of appendix C.1.1. */
static void test_a_structure_as_oscore_writes_it(void **state)
{
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);

    (void)state;
    lwsec_cbor_write_array(&writer, 5);
    lwsec_cbor_write_bytes(&writer, lwsec_bytes_of(NULL, 0));
    lwsec_cbor_write_null(&writer);
    lwsec_cbor_write_int(&writer, 10);
    lwsec_cbor_write_text(&writer, "Key");
    lwsec_cbor_write_int(&writer, 16);
    assert_bytes(written(&writer), lwsec_test_hex("8540f60a634b657910"));
}

static void test_counts_take_their_shortest_form(void **state)
{
    lwsec_writer writer = lwsec_writer_of(room, sizeof room);

    (void)state;
    lwsec_cbor_write_array(&writer, 0);
    lwsec_cbor_write_map(&writer, 0);
    lwsec_cbor_write_array(&writer, 23);
    lwsec_cbor_write_map(&writer, 24);
    lwsec_cbor_write_array(&writer, 256);
    assert_bytes(written(&writer), lwsec_test_hex("80a097b818990100"));
}

static void test_an_item_that_does_not_fit_fills_the_writer(void **state)
{
    (void)state;
    for (size_t capacity = 0; capacity < 9; capacity++) {
        lwsec_writer writer = lwsec_writer_of(room, capacity);
        lwsec_cbor_write_int(&writer, INT64_MAX);
        assert_true(writer.full);
        writer = lwsec_writer_of(room, capacity);
        lwsec_cbor_write_text(&writer, "12345678");
        assert_true(writer.full);
    }
    lwsec_writer none = lwsec_writer_of(room, 0);
    lwsec_cbor_write_null(&none);
    assert_true(none.full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ints_take_their_shortest_form),
        cmocka_unit_test(test_strings_of_every_length_form_come_back),
        cmocka_unit_test(test_an_absent_string_is_written_as_an_empty_one),
        cmocka_unit_test(test_a_structure_as_oscore_writes_it),
        cmocka_unit_test(test_counts_take_their_shortest_form),
        cmocka_unit_test(test_an_item_that_does_not_fit_fills_the_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
