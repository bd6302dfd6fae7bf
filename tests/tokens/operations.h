/* Every operation of a store on a token, each with a key that the token keeps, to be run again and
 * again while something goes wrong. */
#ifndef LWSEC_TESTS_TOKENS_OPERATIONS_H
#define LWSEC_TESTS_TOKENS_OPERATIONS_H

#include "tests/tokens/kit.h"

#define OUT_SIZE 128U

/* The keys of the operations, and something sealed. */
typedef struct operation_keys {
    lwsec_key ccm;
    lwsec_key gcm;
    lwsec_key hmac;
    lwsec_key cmac;
    lwsec_key cipher;
    lwsec_key tdes;
    lwsec_key secret;
    lwsec_key prk;
    lwsec_key signer;
    lwsec_key agreer;
    lwsec_key psk;
    uint8_t sealed[OUT_SIZE]; /* by ccm */
    uint8_t sealed_gcm[OUT_SIZE];
} operation_keys;

typedef struct operation {
    const char *name;
    /* Writes up to OUT_SIZE bytes to `out`, which is 0xa5 before; makes nothing that stays. */
    lwsec_status (*run)(const kit *self, operation_keys *keys, uint8_t *out);
    bool repeats;   /* gives the same bytes each time */
    bool temporary; /* makes a key that lives in a session */
    bool lists;     /* looks at attributes */
} operation;

/* Operation `index`; the name is NULL past the end. */
operation operation_at(size_t index);

/* Makes the keys in an open store. */
void make_operation_keys(const kit *self, operation_keys *keys);

#endif
