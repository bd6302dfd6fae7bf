/* SipHash-2-4 gives what its authors publish. */
#include "tests/support/test.h"

#include "core/siphash.h"

static void test_the_authors_vectors(void **state)
{
    /* Key 00 .. 0f, message 00 .. n - 1: from the appendix of the paper and the reference code. */
    static const struct {
        size_t size;
        uint64_t hash;
    } vectors[] = {
        {0, 0x726fdb47dd0e0e31ULL},  {1, 0x74f839c593dc67fdULL}, {2, 0x0d6c8009d9a94f5aULL},
        {7, 0xab0200f58b01d137ULL},  {8, 0x93f5f5799a932462ULL}, {15, 0xa129ca6149be45e5ULL},
        {63, 0x958a324ceb064572ULL},
    };
    const lwsec_siphash_key key = {{0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL}};
    uint8_t message[64];

    (void)state;
    for (size_t i = 0; i < sizeof message; i++) {
        message[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        assert_true(lwsec_siphash(&key, lwsec_bytes_of(message, vectors[i].size)) ==
                    vectors[i].hash);
    }
    assert_true(lwsec_siphash(&key, lwsec_bytes_of(NULL, 0)) == vectors[0].hash);
}

static void test_another_key_gives_another_hash(void **state)
{
    const lwsec_siphash_key one = {{1, 2}};
    const lwsec_siphash_key other = {{1, 3}};

    (void)state;
    assert_true(lwsec_siphash(&one, lwsec_bytes_of("kid", 3)) !=
                lwsec_siphash(&other, lwsec_bytes_of("kid", 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_authors_vectors),
        cmocka_unit_test(test_another_key_gives_another_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
