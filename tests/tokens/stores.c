/* The token of the environment as the one store that there is: for tests that run over every store.
 */
#include "tests/support/stores.h"
#include "tests/tokens/environment.h"

static const lwsec_test_store token = {"pkcs11",
                                       token_open_in,
                                       lwsec_pkcs11_close,
                                       lwsec_pkcs11_size,
                                       LWSEC_PKCS11_SIZE(3),
                                       lwsec_test_token_algorithms,
                                       0,
                                       false,
                                       false,
                                       true,
                                       NULL,
                                       0};

const lwsec_test_store *lwsec_test_store_at(size_t index)
{
    return index == 0 ? &token : NULL;
}

bool lwsec_test_store_has(const lwsec_test_store *kind, int32_t algorithm)
{
    return lwsec_test_lists(kind->algorithms, algorithm);
}
