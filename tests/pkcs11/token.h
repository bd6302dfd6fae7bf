/* A SoftHSM2 token of a test's own: in a folder of its own, made by the test, gone afterwards. */
#ifndef LWSEC_TESTS_PKCS11_TOKEN_H
#define LWSEC_TESTS_PKCS11_TOKEN_H

#include <lwsec/pkcs11.h>

#define TOKEN_PIN "1234-user"
#define TOKEN_SO_PIN "so-pin-5678"

/* The module's file: LWSEC_TEST_SOFTHSM of the build. */
const char *token_module(void);

/* Makes a folder and a token with this label in it, and sets SOFTHSM2_CONF. As long as no store is
 * open, further tokens may be made. */
void token_make(const char *label);
/* Removes all of it. */
void token_remove_all(void);

/* A configuration for the token with this label, whose PIN callback gives TOKEN_PIN. */
lwsec_pkcs11_config token_config(const char *label);

/* What the callback gives, and how often it was asked. */
typedef struct token_pin {
    const char *pin; /* NULL: it declines */
    unsigned asked;
} token_pin;
lwsec_status token_give_pin(void *context, const lwsec_pkcs11_token *token, lwsec_buffer *pin);

/* Opens a store for `slots` keys in memory of its own. Fails the test otherwise. */
lwsec_store *token_open(const lwsec_pkcs11_config *config, uint32_t slots);
void token_close(lwsec_store *store);

#endif
