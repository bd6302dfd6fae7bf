/* Wiping and comparing secrets. */
#include "tests/support/test.h"

static void test_wiping_writes_zeros_over_all_of_it_and_nothing_else(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 64; size++) {
        uint8_t memory[66];
        memset(memory, 0xa5, sizeof memory);
        lwsec_wipe(&memory[1], size);
        assert_int_equal(memory[0], 0xa5);
        for (size_t i = 1; i <= size; i++) {
            assert_int_equal(memory[i], 0);
        }
        assert_int_equal(memory[size + 1], 0xa5);
    }
}

static void test_wiping_nothing_needs_no_memory(void **state)
{
    (void)state;
    lwsec_wipe(NULL, 0);
}

static void test_equal_secrets_are_equal(void **state)
{
    (void)state;
    assert_true(lwsec_equal_secret(lwsec_test_hex("00ff10"), lwsec_test_hex("00ff10")));
    assert_true(lwsec_equal_secret(lwsec_bytes_of(NULL, 0), lwsec_bytes_of("", 0)));
}

static void test_each_single_bit_makes_a_difference(void **state)
{
    uint8_t one[33];
    uint8_t other[33];

    (void)state;
    for (size_t bit = 0; bit < 8 * sizeof one; bit++) {
        memset(one, 0x5a, sizeof one);
        memset(other, 0x5a, sizeof other);
        other[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_false(lwsec_equal_secret(lwsec_bytes_of(one, sizeof one),
                                        lwsec_bytes_of(other, sizeof other)));
    }
}

static void test_two_differences_do_not_cancel_out(void **state)
{
    (void)state;
    assert_false(lwsec_equal_secret(lwsec_test_hex("0101"), lwsec_test_hex("0000")));
    assert_false(lwsec_equal_secret(lwsec_test_hex("0102"), lwsec_test_hex("0201")));
    assert_false(lwsec_equal_secret(lwsec_test_hex("8080"), lwsec_test_hex("0000")));
}

static void test_secrets_of_other_sizes_differ(void **state)
{
    (void)state;
    assert_false(lwsec_equal_secret(lwsec_test_hex("0000"), lwsec_test_hex("00")));
    assert_false(lwsec_equal_secret(lwsec_test_hex("00"), lwsec_test_hex("0000")));
    assert_false(lwsec_equal_secret(lwsec_bytes_of(NULL, 0), lwsec_test_hex("00")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wiping_writes_zeros_over_all_of_it_and_nothing_else),
        cmocka_unit_test(test_wiping_nothing_needs_no_memory),
        cmocka_unit_test(test_equal_secrets_are_equal),
        cmocka_unit_test(test_each_single_bit_makes_a_difference),
        cmocka_unit_test(test_two_differences_do_not_cancel_out),
        cmocka_unit_test(test_secrets_of_other_sizes_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
