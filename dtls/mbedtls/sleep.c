/* A live session of mbedTLS as bytes, and back. */
#include "dtls/mbedtls/engine.h"

#if LWSEC_DTLS_MBEDTLS_SLEEP

#include <mbedtls/ssl_ciphersuites.h>

/* CBC would need the IV of the next record: mbedTLS saves AEAD suites alone. It resets the context
 * once it has written it; what it refuses stays as it is. */
lwsec_status lwsec_dtls_mbedtls_save(lwsec_dtls *session, lwsec_buffer *out)
{
    mbedtls_ssl_context *ssl = &lwsec_dtls_mbedtls_of(session)->ssl;
    const char *name = mbedtls_ssl_get_ciphersuite(ssl);
    const int suite = mbedtls_ssl_get_ciphersuite_id(name);

    out->size = 0;
    if (suite != MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8 &&
        suite != MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8) {
        return LWSEC_UNSUPPORTED;
    }
    const int answer = mbedtls_ssl_context_save(ssl, out->data, out->capacity, &out->size);
    if (answer == 0) {
        return LWSEC_OK;
    }
    out->size = 0;
    return answer == MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL ? LWSEC_BUFFER : LWSEC_REJECT;
}

bool lwsec_dtls_mbedtls_load(lwsec_dtls *session, lwsec_bytes saved)
{
    return mbedtls_ssl_context_load(&lwsec_dtls_mbedtls_of(session)->ssl, saved.data, saved.size) ==
           0;
}

#endif
