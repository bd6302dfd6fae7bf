/* Every key store that this build has. */
#include "tests/support/stores.h"

#if defined(LWSEC_TEST_OPENSSL)
#include <lwsec/compact_openssl.h>
#include <lwsec/memory_openssl.h>
#endif
#if defined(LWSEC_TEST_MBEDTLS)
#include <lwsec/memory_mbedtls.h>
#endif
#if defined(LWSEC_TEST_SODIUM)
#include <lwsec/memory_sodium.h>

#include <sodium.h>
#endif

#if defined(LWSEC_TEST_SODIUM)
static const int32_t of_sodium[] = {
    LWSEC_ALG_CHACHA20_POLY1305, LWSEC_ALG_A256GCM, LWSEC_ALG_HMAC_256,
    LWSEC_ALG_HMAC_512,          LWSEC_ALG_HKDF,    0};
#endif

#if defined(LWSEC_TEST_OPENSSL)
/* Four expanded keys: those of a test drive each other out. */
#define COMPACT_CACHED 4U

static const int32_t aeads[] = {LWSEC_ALG_AES_CCM_16_64_128,
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
                                LWSEC_ALG_CHACHA20_POLY1305,
                                0};

static lwsec_status open_compact(void *memory, size_t size, uint32_t slots, lwsec_store **store)
{
    return lwsec_compact_openssl_open(memory, size, slots, 32, COMPACT_CACHED, store);
}

static size_t size_compact(uint32_t slots)
{
    return lwsec_compact_openssl_size(slots, 32, COMPACT_CACHED);
}
#endif

static const lwsec_test_store stores[] = {
#if defined(LWSEC_TEST_OPENSSL)
    {"memory-openssl", lwsec_memory_openssl_open, lwsec_memory_openssl_close,
     lwsec_memory_openssl_size, LWSEC_MEMORY_OPENSSL_SIZE(3), lwsec_test_all_algorithms, 0, false,
     false, false, NULL, 0},
#endif
#if defined(LWSEC_TEST_MBEDTLS)
    {"memory-mbedtls", lwsec_memory_mbedtls_open, lwsec_memory_mbedtls_close,
     lwsec_memory_mbedtls_size, LWSEC_MEMORY_MBEDTLS_SIZE(3), lwsec_test_all_algorithms, 0, false,
     false, false, NULL, 0},
#endif
#if defined(LWSEC_TEST_SODIUM)
    {"memory-sodium", lwsec_memory_sodium_open, lwsec_memory_sodium_close, lwsec_memory_sodium_size,
     LWSEC_MEMORY_SODIUM_SIZE(3), of_sodium, 0, false, false, false, NULL, 0},
#endif
#if defined(LWSEC_TEST_OPENSSL)
    {"compact-openssl", open_compact, lwsec_compact_openssl_close, size_compact,
     LWSEC_COMPACT_OPENSSL_SIZE(3, 32, COMPACT_CACHED), aeads, 0, false, false, false, NULL, 0},
#endif
};

const lwsec_test_store *lwsec_test_store_at(size_t index)
{
    return index < sizeof stores / sizeof stores[0] ? &stores[index] : NULL;
}

/* libsodium has AES only where the processor has it. */
static bool machine_has(const lwsec_test_store *kind, int32_t algorithm)
{
#if defined(LWSEC_TEST_SODIUM)
    if (kind->algorithms == of_sodium && algorithm == LWSEC_ALG_A256GCM) {
        return sodium_init() >= 0 && crypto_aead_aes256gcm_is_available() == 1;
    }
#endif
    (void)kind;
    (void)algorithm;
    return true;
}

bool lwsec_test_store_has(const lwsec_test_store *kind, int32_t algorithm)
{
    return lwsec_test_lists(kind->algorithms, algorithm) && machine_has(kind, algorithm);
}
