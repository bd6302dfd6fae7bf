/* A store on the fake token, for tests of what goes wrong. */
#ifndef LWSEC_TESTS_TOKENS_KIT_H
#define LWSEC_TESTS_TOKENS_KIT_H

#include "tests/support/test.h"
#include "tests/tokens/fake/control.h"

#include <lwsec/pkcs11.h>

#define KIT_SLOTS 32U

typedef struct kit {
    const fake_control *token;
    lwsec_store *store;
    lwsec_reason reason; /* of the last opening */
    const char *pin;     /* what the callback gives; NULL: it has none */
    unsigned asked;      /* how often it was asked */
    uint32_t flags;
} kit;

/* The token as it is in a new process, and PIN "1234". No store is open. */
void kit_begin(kit *self);

/* Opens the store; the PIN callback's context is `self`, which must stay where it is. */
lwsec_status kit_open(kit *self);
void kit_close(kit *self);

/* A fault at the `nth` call of `function`, once. NULL: of any function. */
void kit_fault(const kit *self, fake_kind kind, const char *function, unsigned nth, CK_RV rv);

/* Imports a key that the token keeps under `name`. */
lwsec_key kit_keep(const kit *self, const char *name, int32_t algorithm, uint32_t usage,
                   size_t size);

#endif
