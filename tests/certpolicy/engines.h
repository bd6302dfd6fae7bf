/* The engines of this build that judge certificates. */
#ifndef LWSEC_TESTS_CERTPOLICY_ENGINES_H
#define LWSEC_TESTS_CERTPOLICY_ENGINES_H

#include <lwsec/cert.h>

typedef struct test_engine {
    const char *name;
    const lwsec_cert_engine *(*get)(void);
} test_engine;

/* Entry number `index`, or NULL past the end. */
const test_engine *test_engine_at(size_t index);

#endif
