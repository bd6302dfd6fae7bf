/* Reading CBOR: the one deterministic encoding of each value, and nothing else (trap 16). */
#include "tests/support/test.h"

#include "core/cbor.h"

typedef enum kind { INT, BYTES, TEXT, ARRAY, MAP } kind;

/* Reads one item of a kind; the reader stands behind it, or has failed. */
static void read_item(lwsec_reader *reader, kind what)
{
    switch (what) {
    case INT: (void)lwsec_cbor_read_int(reader); break;
    case BYTES: (void)lwsec_cbor_read_bytes(reader); break;
    case TEXT: (void)lwsec_cbor_read_text(reader); break;
    case ARRAY: (void)lwsec_cbor_read_array(reader); break;
    case MAP: (void)lwsec_cbor_read_map(reader); break;
    }
}

/* The item is refused for this reason, and not a byte past its end is read: it stands in memory of
 * exactly its size. */
static void assert_item_refused(kind what, const char *hex, lwsec_why why)
{
    const lwsec_bytes bytes = lwsec_test_hex(hex);
    uint8_t *exact = malloc(bytes.size > 0 ? bytes.size : 1);

    assert_non_null(exact);
    memcpy(exact, bytes.data, bytes.size);
    lwsec_reader reader = lwsec_reader_of(lwsec_bytes_of(exact, bytes.size));
    read_item(&reader, what);
    assert_status(lwsec_reader_finish(&reader, NULL), LWSEC_REJECT);
    assert_string_equal(lwsec_why_text(reader.why), lwsec_why_text(why));
    free(exact);
}

static void assert_int_read(const char *hex, int64_t number)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex(hex));

    assert_true(lwsec_cbor_read_int(&reader) == number);
    assert_status(lwsec_reader_finish(&reader, NULL), LWSEC_OK);
}

static void test_ints_of_every_length(void **state)
{
    (void)state;
    assert_int_read("00", 0);
    assert_int_read("17", 23);
    assert_int_read("1818", 24);
    assert_int_read("18ff", 255);
    assert_int_read("190100", 256);
    assert_int_read("19ffff", 65535);
    assert_int_read("1a00010000", 65536);
    assert_int_read("1affffffff", UINT32_MAX);
    assert_int_read("1b0000000100000000", INT64_C(0x100000000));
    assert_int_read("1b7fffffffffffffff", INT64_MAX);
    assert_int_read("20", -1);
    assert_int_read("37", -24);
    assert_int_read("3818", -25);
    assert_int_read("390100", -257);
    assert_int_read("3a00010000", -65537);
    assert_int_read("3b7fffffffffffffff", INT64_MIN);
}

static void test_an_int_that_fits_a_shorter_form_is_refused(void **state)
{
    static const char *const forms[] = {
        "1800",
        "1817",
        "190000",
        "190017",
        "1900ff",
        "1a00000000",
        "1a0000ffff",
        "1b0000000000000000",
        "1b00000000ffffffff",
        "3800",
        "3817",
        "3900ff",
        "3a0000ffff",
        "3b00000000ffffffff",
    };

    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        assert_item_refused(INT, forms[i], LWSEC_WHY_NOT_CANONICAL);
    }
}

static void test_an_int_past_63_bits_is_refused(void **state)
{
    (void)state;
    assert_item_refused(INT, "1b8000000000000000", LWSEC_WHY_TOO_LONG);
    assert_item_refused(INT, "1bffffffffffffffff", LWSEC_WHY_TOO_LONG);
    assert_item_refused(INT, "3b8000000000000000", LWSEC_WHY_TOO_LONG);
    assert_item_refused(INT, "3bffffffffffffffff", LWSEC_WHY_TOO_LONG);
}

static void test_a_length_that_fits_a_shorter_form_is_refused(void **state)
{
    static const char *const ones[] = {"01", "0001", "00000001", "0000000000000001"};
    static const unsigned majors[] = {2, 3, 4, 5};
    static const kind kinds[] = {BYTES, TEXT, ARRAY, MAP};

    (void)state;
    for (unsigned form = 0; form < 4; form++) {
        for (size_t i = 0; i < 4; i++) {
            char hex[64];
            (void)snprintf(hex, sizeof hex, "%02x%s0000", majors[i] << 5 | (24U + form),
                           ones[form]);
            assert_item_refused(kinds[i], hex, LWSEC_WHY_NOT_CANONICAL);
        }
    }
}

static void test_indefinite_lengths_are_refused(void **state)
{
    (void)state;
    assert_item_refused(BYTES, "5f4101ff", LWSEC_WHY_NOT_CANONICAL);
    assert_item_refused(TEXT, "7f6161ff", LWSEC_WHY_NOT_CANONICAL);
    assert_item_refused(ARRAY, "9f01ff", LWSEC_WHY_NOT_CANONICAL);
    assert_item_refused(MAP, "bf0102ff", LWSEC_WHY_NOT_CANONICAL);
    assert_item_refused(INT, "1f", LWSEC_WHY_NOT_CANONICAL);
}

static void test_reserved_length_forms_are_refused(void **state)
{
    (void)state;
    assert_item_refused(INT, "1c00000000000000000000000000000000", LWSEC_WHY_NOT_CANONICAL);
    assert_item_refused(INT, "1d", LWSEC_WHY_NOT_CANONICAL);
    assert_item_refused(INT, "3e", LWSEC_WHY_NOT_CANONICAL);
    assert_item_refused(BYTES, "5c", LWSEC_WHY_NOT_CANONICAL);
    assert_item_refused(TEXT, "7d", LWSEC_WHY_NOT_CANONICAL);
    assert_item_refused(ARRAY, "9e", LWSEC_WHY_NOT_CANONICAL);
    assert_item_refused(MAP, "bc", LWSEC_WHY_NOT_CANONICAL);
}

static void test_an_item_of_another_type_is_refused(void **state)
{
    /* An int, a negative, bytes, text, array, map, tag, false, null, a float, a break. */
    static const char *const items[] = {"01",   "21", "4101", "6161",   "8101", "a10102",
                                        "c101", "f4", "f6",   "f93c00", "ff"};
    /* Which of the items a kind reads. */
    static const unsigned own[] = {1U << 0 | 1U << 1, 1U << 2, 1U << 3, 1U << 4, 1U << 5};

    (void)state;
    for (unsigned what = INT; what <= MAP; what++) {
        for (unsigned i = 0; i < sizeof items / sizeof items[0]; i++) {
            if ((own[what] >> i & 1U) == 0) {
                assert_item_refused((kind)what, items[i], LWSEC_WHY_WRONG_TYPE);
            }
        }
    }
}

static void test_items_cut_short_are_refused(void **state)
{
    static const kind kinds[] = {INT, BYTES, TEXT, ARRAY, MAP};
    static const unsigned majors[] = {0, 2, 3, 4, 5};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        static const char *const tails[] = {"", "00", "000000", "00000000000000"};
        assert_item_refused(kinds[i], "", LWSEC_WHY_TRUNCATED);
        for (unsigned form = 0; form < 4; form++) {
            char hex[32];
            (void)snprintf(hex, sizeof hex, "%02x%s", majors[i] << 5 | (24U + form), tails[form]);
            assert_item_refused(kinds[i], hex, LWSEC_WHY_TRUNCATED);
        }
    }
}

static void test_strings(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("43010203656c77736563"));

    (void)state;
    assert_bytes(lwsec_cbor_read_bytes(&reader), lwsec_test_hex("010203"));
    assert_bytes(lwsec_cbor_read_text(&reader), lwsec_bytes_of("lwsec", 5));
    assert_status(lwsec_reader_finish(&reader, NULL), LWSEC_OK);
}

static void test_an_empty_string_is_present(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("4060"));

    (void)state;
    const lwsec_bytes bytes = lwsec_cbor_read_bytes(&reader);
    const lwsec_bytes text = lwsec_cbor_read_text(&reader);
    assert_non_null(bytes.data);
    assert_int_equal(bytes.size, 0);
    assert_non_null(text.data);
    assert_int_equal(text.size, 0);
    assert_status(lwsec_reader_finish(&reader, NULL), LWSEC_OK);
}

static void test_a_string_longer_than_the_input_is_refused(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("4201"));

    (void)state;
    const lwsec_bytes bytes = lwsec_cbor_read_bytes(&reader);
    assert_null(bytes.data);
    assert_int_equal(bytes.size, 0);
    assert_item_refused(BYTES, "4201", LWSEC_WHY_TRUNCATED);
    assert_item_refused(BYTES, "57", LWSEC_WHY_TRUNCATED);
    assert_item_refused(TEXT, "78ff61", LWSEC_WHY_TRUNCATED);
    assert_item_refused(BYTES, "5affffffff00", LWSEC_WHY_TRUNCATED);
    assert_item_refused(BYTES, "5bffffffffffffffff00", LWSEC_WHY_TRUNCATED);
}

static void test_counts(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("820102a10304"));

    (void)state;
    assert_int_equal(lwsec_cbor_read_array(&reader), 2);
    assert_int_equal(lwsec_cbor_read_int(&reader), 1);
    assert_int_equal(lwsec_cbor_read_int(&reader), 2);
    assert_int_equal(lwsec_cbor_read_map(&reader), 1);
    assert_int_equal(lwsec_cbor_read_int(&reader), 3);
    assert_int_equal(lwsec_cbor_read_int(&reader), 4);
    assert_status(lwsec_reader_finish(&reader, NULL), LWSEC_OK);
}

static void test_a_count_that_the_input_cannot_hold_is_refused(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("9bffffffffffffffff"));

    (void)state;
    assert_int_equal(lwsec_cbor_read_array(&reader), 0); /* no caller loops on it */
    assert_item_refused(ARRAY, "820f", LWSEC_WHY_TRUNCATED);
    assert_item_refused(ARRAY, "9affffffff00", LWSEC_WHY_TRUNCATED);
    assert_item_refused(ARRAY, "9bffffffffffffffff00", LWSEC_WHY_TRUNCATED);
    assert_item_refused(MAP, "a101", LWSEC_WHY_TRUNCATED);
    assert_item_refused(MAP, "a2010203", LWSEC_WHY_TRUNCATED);
    assert_item_refused(MAP, "bb800000000000000000", LWSEC_WHY_TRUNCATED);
    assert_item_refused(MAP, "bbffffffffffffffff00", LWSEC_WHY_TRUNCATED);
}

static void test_null_is_read_only_where_it_stands(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("f601"));

    (void)state;
    assert_true(lwsec_cbor_read_null(&reader));
    assert_false(lwsec_cbor_read_null(&reader));
    assert_int_equal(lwsec_reader_left(&reader), 1); /* nothing read */
    assert_int_equal(lwsec_cbor_read_int(&reader), 1);
    assert_false(lwsec_cbor_read_null(&reader));
    assert_status(lwsec_reader_finish(&reader, NULL), LWSEC_OK);
}

static void test_null_in_its_long_form_is_not_null(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("f816"));

    (void)state;
    assert_false(lwsec_cbor_read_null(&reader));
}

static void test_after_an_error_nothing_is_read(void **state)
{
    lwsec_reader reader = lwsec_reader_of(lwsec_test_hex("6161f6820102"));

    (void)state;
    assert_int_equal(lwsec_cbor_read_int(&reader), 0);
    assert_null(lwsec_cbor_read_text(&reader).data);
    assert_null(lwsec_cbor_read_bytes(&reader).data);
    assert_false(lwsec_cbor_read_null(&reader));
    assert_int_equal(lwsec_cbor_read_array(&reader), 0);
    assert_int_equal(lwsec_cbor_read_map(&reader), 0);
    assert_int_equal(reader.why, LWSEC_WHY_WRONG_TYPE);
}

static void test_bytes_after_the_item_are_refused(void **state)
{
    (void)state;
    assert_item_refused(INT, "0000", LWSEC_WHY_TRAILING_BYTES);
    assert_item_refused(BYTES, "410100", LWSEC_WHY_TRAILING_BYTES);
    assert_item_refused(TEXT, "616100", LWSEC_WHY_TRAILING_BYTES);
    assert_item_refused(ARRAY, "8000", LWSEC_WHY_TRAILING_BYTES);
    assert_item_refused(MAP, "a000", LWSEC_WHY_TRAILING_BYTES);
}

/* CBOR inside a byte string, as COSE has it. */
static lwsec_reader open_bytes(lwsec_reader *parent)
{
    return lwsec_reader_of(lwsec_cbor_read_bytes(parent));
}

static void test_an_item_inside_of_a_byte_string_ends_with_it(void **state)
{
    lwsec_reader whole = lwsec_reader_of(lwsec_test_hex("44438101410102"));
    lwsec_reader outer = open_bytes(&whole);
    lwsec_reader inner = open_bytes(&outer);

    (void)state;
    assert_int_equal(lwsec_cbor_read_array(&inner), 1);
    assert_int_equal(lwsec_cbor_read_int(&inner), 1);
    assert_int_equal(lwsec_reader_left(&inner), 1); /* 41, a string whose byte is not its own */
    assert_null(lwsec_cbor_read_bytes(&inner).data);
    lwsec_reader_finish_child(&outer, &inner);
    lwsec_reader_finish_child(&whole, &outer);
    assert_int_equal(lwsec_reader_finish(&whole, NULL), LWSEC_REJECT);
    assert_int_equal(whole.why, LWSEC_WHY_TRUNCATED);
}

static void test_what_an_item_leaves_of_its_byte_string_is_refused(void **state)
{
    lwsec_reader whole = lwsec_reader_of(lwsec_test_hex("420102"));
    lwsec_reader child = open_bytes(&whole);

    (void)state;
    assert_int_equal(lwsec_cbor_read_int(&child), 1);
    lwsec_reader_finish_child(&whole, &child);
    assert_int_equal(lwsec_reader_finish(&whole, NULL), LWSEC_REJECT);
    assert_int_equal(whole.why, LWSEC_WHY_TRAILING_BYTES);
}

static void test_a_count_inside_of_a_child_is_held_against_the_child(void **state)
{
    lwsec_reader whole = lwsec_reader_of(lwsec_test_hex("8400000000"));
    lwsec_reader child = lwsec_reader_child(&whole, 3);

    (void)state;
    assert_int_equal(lwsec_cbor_read_array(&child), 0);
    assert_int_equal(child.why, LWSEC_WHY_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ints_of_every_length),
        cmocka_unit_test(test_an_int_that_fits_a_shorter_form_is_refused),
        cmocka_unit_test(test_an_int_past_63_bits_is_refused),
        cmocka_unit_test(test_a_length_that_fits_a_shorter_form_is_refused),
        cmocka_unit_test(test_indefinite_lengths_are_refused),
        cmocka_unit_test(test_reserved_length_forms_are_refused),
        cmocka_unit_test(test_an_item_of_another_type_is_refused),
        cmocka_unit_test(test_items_cut_short_are_refused),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_an_empty_string_is_present),
        cmocka_unit_test(test_a_string_longer_than_the_input_is_refused),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_a_count_that_the_input_cannot_hold_is_refused),
        cmocka_unit_test(test_null_is_read_only_where_it_stands),
        cmocka_unit_test(test_null_in_its_long_form_is_not_null),
        cmocka_unit_test(test_after_an_error_nothing_is_read),
        cmocka_unit_test(test_bytes_after_the_item_are_refused),
        cmocka_unit_test(test_an_item_inside_of_a_byte_string_ends_with_it),
        cmocka_unit_test(test_what_an_item_leaves_of_its_byte_string_is_refused),
        cmocka_unit_test(test_a_count_inside_of_a_child_is_held_against_the_child),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
