/* The cases of x509-limbo (C2SP/x509-limbo, limbo.json) as checks of lwsec. */
#ifndef LWSEC_TESTS_CERTPOLICY_LIMBO_H
#define LWSEC_TESTS_CERTPOLICY_LIMBO_H

#include "tests/support/test.h"

#include <lwsec/cert.h>

#define LIMBO_CERTIFICATES_MAX 128
#define LIMBO_TRUST_MAX 8

/* One case. */
typedef struct limbo_case {
    const char *id;
    bool expected; /* accepted */
    bool core;     /* of the subset that LwM2M asks for, see expectations.txt */
    lwsec_bytes chain[LIMBO_CERTIFICATES_MAX];
    lwsec_bytes trust[LIMBO_TRUST_MAX];
    lwsec_bytes crls[LIMBO_TRUST_MAX];
    lwsec_cert_check check; /* PKIX; points into this case */
} limbo_case;

typedef void (*limbo_use)(const limbo_case *one, void *argument);

/* Calls `use` for each case of a kind, "SERVER" or "CLIENT"; how many there were. Names of clients
 * are mail addresses, which lwsec does not compare. Skips the test, and says so, if the file is not
 * there: it is not part of lwsec. */
size_t limbo_each(const char *kind, limbo_use use, void *argument);

/*
 * What is expected to differ: lines "ID | ENGINE | WHAT | REASON", ENGINE "both" or a name, in a
 * file of this folder. NULL, or the line's WHAT.
 */
typedef struct limbo_deviations limbo_deviations;
limbo_deviations *limbo_deviations_read(const char *file);
const char *limbo_deviation(limbo_deviations *all, const char *id, const char *engine);

/* Fails the test if a line about this engine was never asked for. */
void limbo_deviations_end(limbo_deviations *all, const char *engine);

#endif
