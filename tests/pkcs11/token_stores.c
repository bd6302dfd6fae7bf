/* SoftHSM2 in the place of this build's key stores: tests of protocols run with their keys in it.
 */
#include "tests/support/stores.h"

#include "tests/support/test.h"

#include "tests/pkcs11/token.h"

/* What SoftHSM2 does, itself or composed. */
static const int32_t algorithms[] = {LWSEC_ALG_AES_CCM_16_64_128,
                                     LWSEC_ALG_AES_CCM_16_64_256,
                                     LWSEC_ALG_AES_CCM_64_64_128,
                                     LWSEC_ALG_AES_CCM_64_64_256,
                                     LWSEC_ALG_AES_CCM_16_128_128,
                                     LWSEC_ALG_AES_CCM_16_128_256,
                                     LWSEC_ALG_AES_CCM_64_128_128,
                                     LWSEC_ALG_AES_CCM_64_128_256,
                                     LWSEC_ALG_A128GCM,
                                     LWSEC_ALG_A192GCM,
                                     LWSEC_ALG_A256GCM,
                                     LWSEC_ALG_HMAC_256,
                                     LWSEC_ALG_HMAC_384,
                                     LWSEC_ALG_HMAC_512,
                                     LWSEC_ALG_AES_CMAC,
                                     LWSEC_ALG_HKDF,
                                     LWSEC_ALG_AES_CBC,
                                     LWSEC_ALG_TDES_CBC,
                                     LWSEC_ALG_ES256,
                                     LWSEC_ALG_ECDH_P256,
                                     LWSEC_ALG_PSK,
                                     0};

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
                                         .algorithms = algorithms,
                                         .keeps = true};

const lwsec_test_store *lwsec_test_store_at(size_t index)
{
    return index == 0 ? &softhsm : NULL;
}

bool lwsec_test_store_has(const lwsec_test_store *kind, int32_t algorithm)
{
    for (size_t i = 0; kind->algorithms[i] != 0; i++) {
        if (kind->algorithms[i] == algorithm) {
            return true;
        }
    }
    return false;
}
