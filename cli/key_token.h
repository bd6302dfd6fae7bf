/* Key stores in PKCS#11 tokens, by URI (RFC 7512). */
#ifndef CLI_KEY_TOKEN_H
#define CLI_KEY_TOKEN_H

#include "key_store.h"

/* As cli_key_store_open: `pkcs11:token=LABEL?module-path=FILE&pin-source=file:FILE`. */
int cli_key_token_open(cli_key_store *keys, const cli_key_opening *opening);

/* Puts the public half of a private key beside it, after it was imported: the token does not
 * compute it. */
lwsec_status cli_key_token_complete(const cli_key_store *keys, lwsec_key key, lwsec_bytes scalar);

/* The object that the URI names. */
lwsec_bytes cli_key_token_object(const cli_key_store *keys);

/* As cli_key_reference. */
char *cli_key_token_reference(const char *uri, lwsec_bytes name);

#endif
