/* The table of algorithms. */
#include "crypto/slot.h"

/* Limits of use: RFC 9053 section 4.2 and draft-ietf-core-oscore-key-limits. A short tag forgives
 * fewer failed opens. */
#define Q_LIMIT (1U << 20)
#define V_LIMIT_SHORT_TAG (1U << 14)
#define V_LIMIT (1U << 20)

#define AEAD(id, key, nonce, tag, v, name)                                                         \
    {                                                                                              \
        (id), LWSEC_KIND_AEAD, (key), (key), (nonce), (tag), Q_LIMIT, (v), (name)                  \
    }

const lwsec_algorithm lwsec_algorithms[] = {
    AEAD(LWSEC_ALG_AES_CCM_16_64_128, 16, 13, 8, V_LIMIT_SHORT_TAG, "AES-CCM-16-64-128"),
    AEAD(LWSEC_ALG_AES_CCM_16_64_256, 32, 13, 8, V_LIMIT_SHORT_TAG, "AES-CCM-16-64-256"),
    AEAD(LWSEC_ALG_AES_CCM_64_64_128, 16, 7, 8, V_LIMIT_SHORT_TAG, "AES-CCM-64-64-128"),
    AEAD(LWSEC_ALG_AES_CCM_64_64_256, 32, 7, 8, V_LIMIT_SHORT_TAG, "AES-CCM-64-64-256"),
    AEAD(LWSEC_ALG_AES_CCM_16_128_128, 16, 13, 16, V_LIMIT, "AES-CCM-16-128-128"),
    AEAD(LWSEC_ALG_AES_CCM_16_128_256, 32, 13, 16, V_LIMIT, "AES-CCM-16-128-256"),
    AEAD(LWSEC_ALG_AES_CCM_64_128_128, 16, 7, 16, V_LIMIT, "AES-CCM-64-128-128"),
    AEAD(LWSEC_ALG_AES_CCM_64_128_256, 32, 7, 16, V_LIMIT, "AES-CCM-64-128-256"),
    AEAD(LWSEC_ALG_A128GCM, 16, 12, 16, V_LIMIT, "A128GCM"),
    AEAD(LWSEC_ALG_A192GCM, 24, 12, 16, V_LIMIT, "A192GCM"),
    AEAD(LWSEC_ALG_A256GCM, 32, 12, 16, V_LIMIT, "A256GCM"),
    AEAD(LWSEC_ALG_CHACHA20_POLY1305, 32, 12, 16, V_LIMIT, "ChaCha20/Poly1305"),
    {LWSEC_ALG_HMAC_256, LWSEC_KIND_MAC, 1, 255, 0, 32, 0, 0, "HMAC 256/256"},
    {LWSEC_ALG_HMAC_384, LWSEC_KIND_MAC, 1, 255, 0, 48, 0, 0, "HMAC 384/384"},
    {LWSEC_ALG_HMAC_512, LWSEC_KIND_MAC, 1, 255, 0, 64, 0, 0, "HMAC 512/512"},
    {LWSEC_ALG_AES_CMAC, LWSEC_KIND_MAC, 16, 32, 0, 16, 0, 0, "AES-CMAC"},
    {LWSEC_ALG_HKDF, LWSEC_KIND_KDF, 1, 255, 0, 0, 0, 0, "HKDF"},
    {LWSEC_ALG_AES_CBC, LWSEC_KIND_CIPHER, 16, 32, 16, 0, 0, 0, "AES-CBC"},
    {LWSEC_ALG_TDES_CBC, LWSEC_KIND_CIPHER, 16, 24, 8, 0, 0, 0, "3DES-CBC"},
    {LWSEC_ALG_ES256, LWSEC_KIND_SIGNATURE, 32, 32, 0, 64, 0, 0, "ES256"},
    {LWSEC_ALG_ECDH_P256, LWSEC_KIND_AGREEMENT, 32, 32, 0, 32, 0, 0, "ECDH-P256"},
    {LWSEC_ALG_PSK, LWSEC_KIND_PSK, 1, 64, 0, 0, 0, 0, "PSK"},
};

#define ALGORITHM_COUNT (sizeof lwsec_algorithms / sizeof lwsec_algorithms[0])

const lwsec_algorithm *lwsec_algorithm_at(size_t index)
{
    return index < ALGORITHM_COUNT ? &lwsec_algorithms[index] : NULL;
}

const lwsec_algorithm *lwsec_algorithm_find(int32_t id)
{
    for (size_t i = 0; i < ALGORITHM_COUNT; i++) {
        if (lwsec_algorithms[i].id == id) {
            return &lwsec_algorithms[i];
        }
    }
    return NULL;
}
