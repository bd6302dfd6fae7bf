/* The token of the environment as the one store that there is: for tests that run over every store.
 */
#include "tests/support/stores.h"
#include "tests/tokens/environment.h"

/* Of SoftHSM2 and NSS. */
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

static const lwsec_test_store token = {"pkcs11",
                                       token_open_in,
                                       lwsec_pkcs11_close,
                                       lwsec_pkcs11_size,
                                       LWSEC_PKCS11_SIZE(3),
                                       algorithms,
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
    for (size_t i = 0; kind->algorithms[i] != 0; i++) {
        if (kind->algorithms[i] == algorithm) {
            return true;
        }
    }
    return false;
}
