/* What key stores are expected to have, by algorithm: written down once for all lists of stores. */
#include "tests/support/stores.h"

#define LWSEC_TEST_OF_TOKENS                                                                       \
    LWSEC_ALG_AES_CCM_16_64_128, LWSEC_ALG_AES_CCM_16_64_256, LWSEC_ALG_AES_CCM_64_64_128,         \
        LWSEC_ALG_AES_CCM_64_64_256, LWSEC_ALG_AES_CCM_16_128_128, LWSEC_ALG_AES_CCM_16_128_256,   \
        LWSEC_ALG_AES_CCM_64_128_128, LWSEC_ALG_AES_CCM_64_128_256, LWSEC_ALG_A128GCM,             \
        LWSEC_ALG_A192GCM, LWSEC_ALG_A256GCM, LWSEC_ALG_HMAC_256, LWSEC_ALG_HMAC_384,              \
        LWSEC_ALG_HMAC_512, LWSEC_ALG_AES_CMAC, LWSEC_ALG_HKDF, LWSEC_ALG_AES_CBC,                 \
        LWSEC_ALG_TDES_CBC, LWSEC_ALG_ES256, LWSEC_ALG_ECDH_P256, LWSEC_ALG_PSK

const int32_t lwsec_test_all_algorithms[] = {LWSEC_ALG_CHACHA20_POLY1305, LWSEC_TEST_OF_TOKENS, 0};

const int32_t lwsec_test_token_algorithms[] = {LWSEC_TEST_OF_TOKENS, 0};

bool lwsec_test_lists(const int32_t *algorithms, int32_t algorithm)
{
    for (size_t i = 0; algorithms[i] != 0; i++) {
        if (algorithms[i] == algorithm) {
            return true;
        }
    }
    return false;
}
