/* Random bytes of mbedTLS: a CTR-DRBG for each store, seeded by the machine. */
#include "crypto/mbedtls/store.h"

#include <mbedtls/version.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/platform.h>

/* Threads may draw at once: with MBEDTLS_THREADING_C the generator has a lock of its own. */
struct lwsec_mbedtls_random {
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context generator;
};

/* R-5.2.4-16, R-5.2.9.1-12: CTR_DRBG of NIST SP 800-90A. */
lwsec_mbedtls_random *lwsec_mbedtls_random_start(void)
{
    static const unsigned char purpose[] = "lwsec memory-mbedtls";
    lwsec_mbedtls_random *random = mbedtls_calloc(1, sizeof *random);

    if (random == NULL) {
        return NULL;
    }
    mbedtls_entropy_init(&random->entropy);
    mbedtls_ctr_drbg_init(&random->generator);
    if (mbedtls_ctr_drbg_seed(&random->generator, mbedtls_entropy_func, &random->entropy, purpose,
                              sizeof purpose) != 0) {
        lwsec_mbedtls_random_stop(random);
        return NULL;
    }
    return random;
}

void lwsec_mbedtls_random_stop(lwsec_mbedtls_random *random)
{
    if (random != NULL) {
        mbedtls_ctr_drbg_free(&random->generator);
        mbedtls_entropy_free(&random->entropy);
        mbedtls_free(random);
    }
}

int lwsec_mbedtls_random_fill(void *random, unsigned char *out, size_t size)
{
    lwsec_mbedtls_random *self = random;
    int error = 0;

    for (size_t at = 0; error == 0 && at < size;) {
        const size_t left = size - at;
        const size_t part =
            left < MBEDTLS_CTR_DRBG_MAX_REQUEST ? left : (size_t)MBEDTLS_CTR_DRBG_MAX_REQUEST;
        error = mbedtls_ctr_drbg_random(&self->generator, &out[at], part);
        at += part;
    }
    return error;
}
