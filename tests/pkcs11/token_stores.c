/* SoftHSM2 in the place of this build's key stores: tests of protocols run with their keys in it.
 */
#include "tests/support/stores.h"

#include "tests/support/test.h"

#include "tests/pkcs11/token.h"

/* The first opening makes the token, the end of the program removes it. */
static lwsec_status open_token(void *memory, size_t size, uint32_t slots, lwsec_store **store)
{
    static bool made;

    if (!made) {
        made = true;
        token_make("protocols");
        assert_int_equal(atexit(token_remove_all), 0);
    }
    const lwsec_pkcs11_config config = token_config("protocols");
    return lwsec_pkcs11_open(memory, size, slots, &config, store, NULL);
}

static const lwsec_test_store softhsm = {.name = "pkcs11-softhsm",
                                         .open = open_token,
                                         .close = lwsec_pkcs11_close,
                                         .size = lwsec_pkcs11_size,
                                         .macro_size_of_3 = LWSEC_PKCS11_SIZE(3),
                                         .algorithms = lwsec_test_token_algorithms,
                                         .keeps = true};

const lwsec_test_store *lwsec_test_store_at(size_t index)
{
    return index == 0 ? &softhsm : NULL;
}

bool lwsec_test_store_has(const lwsec_test_store *kind, int32_t algorithm)
{
    return lwsec_test_lists(kind->algorithms, algorithm);
}
