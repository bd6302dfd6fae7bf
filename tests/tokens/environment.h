/* The token that tests/tokens/with-token.sh has made, out of the environment. */
#ifndef LWSEC_TESTS_TOKENS_ENVIRONMENT_H
#define LWSEC_TESTS_TOKENS_ENVIRONMENT_H

#include <lwsec/pkcs11.h>

/* The configuration of a store on it. */
lwsec_pkcs11_config token_config(void);

/* Opens such a store in the caller's memory (lwsec_pkcs11_size, lwsec_pkcs11_close). */
lwsec_status token_open_in(void *memory, size_t size, uint32_t slots, lwsec_store **store);

/* Opens such a store in memory of its own, and closes it. */
lwsec_status token_open(uint32_t slots, lwsec_store **store);
void token_close(lwsec_store **store);

#endif
