/* The engines of this build that judge certificates. */
#include "tests/certpolicy/engines.h"

#if defined(LWSEC_TEST_OPENSSL)
#include <lwsec/cert_openssl.h>
#endif
#if defined(LWSEC_TEST_MBEDTLS)
#include <lwsec/cert_mbedtls.h>
#endif

static const test_engine engines[] = {
#if defined(LWSEC_TEST_OPENSSL)
    {"openssl", lwsec_cert_openssl},
#endif
#if defined(LWSEC_TEST_MBEDTLS)
    {"mbedtls", lwsec_cert_mbedtls},
#endif
};

const test_engine *test_engine_at(size_t index)
{
    return index < sizeof engines / sizeof engines[0] ? &engines[index] : NULL;
}
