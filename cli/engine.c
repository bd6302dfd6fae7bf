/* The cryptographic engines that the program is linked with. */
#include "engine.h"

#include <stdio.h>
#include <string.h>

#ifdef CLI_OPENSSL
#include <lwsec/cert_openssl.h>
#include <lwsec/dtls_openssl.h>
#include <lwsec/memory_openssl.h>
#include <openssl/crypto.h>

static void openssl_version(char *text, size_t size)
{
    (void)snprintf(text, size, "%s", OpenSSL_version(OPENSSL_VERSION_STRING));
}
#endif

#ifdef CLI_MBEDTLS
#include <lwsec/cert_mbedtls.h>
#include <lwsec/dtls_mbedtls.h>
#include <lwsec/memory_mbedtls.h>
#include <mbedtls/version.h>

static void mbedtls_version(char *text, size_t size)
{
    char number[9] = "";

    mbedtls_version_get_string(number);
    (void)snprintf(text, size, "%s", number);
}
#endif

static const cli_engine engines[] = {
#ifdef CLI_OPENSSL
    {"openssl", lwsec_memory_openssl_size, lwsec_memory_openssl_open, lwsec_memory_openssl_close,
     openssl_version, lwsec_cert_openssl, lwsec_dtls_openssl},
#endif
#ifdef CLI_MBEDTLS
    {"mbedtls", lwsec_memory_mbedtls_size, lwsec_memory_mbedtls_open, lwsec_memory_mbedtls_close,
     mbedtls_version, lwsec_cert_mbedtls, lwsec_dtls_mbedtls},
#endif
};

const cli_engine *cli_engine_at(size_t index)
{
    return index < sizeof engines / sizeof engines[0] ? &engines[index] : NULL;
}

const cli_engine *cli_engine_find(const char *name)
{
    const cli_engine *engine;

    for (size_t i = 0; (engine = cli_engine_at(i)) != NULL; i++) {
        if (strcmp(engine->name, name) == 0) {
            return engine;
        }
    }
    return NULL;
}
