/* Key stores that keep keys, by URI: the one place where a command opens one. */
#ifndef CLI_KEY_STORE_H
#define CLI_KEY_STORE_H

#include <lwsec/key.h>

#include "bytes.h"
#include "engine.h"

typedef struct cli_key_store {
    lwsec_store *store; /* NULL: not open */

    const cli_engine
        *engine; /* of the inner store of a sealed file; for what a token does not do */
    lwsec_store *inner;
    void *inner_memory;
    void *memory;
    void (*close)(lwsec_store **store);
    void *token; /* what a token's URI says */
} cli_key_store;

/* How a store is opened. */
typedef struct cli_key_opening {
    const char *option; /* that the URI was given with, for the line of an error */
    const char *uri;    /* `file:DIR` or `pkcs11:...` */
    lwsec_bytes passphrase;
    const cli_engine *engine;
    bool make; /* a store that is not there */
} cli_key_opening;

/* The most handles of a store at once. */
#define CLI_KEY_SLOTS 24U

/* CLI_DONE, or what to exit with, its line printed; so also below. No line holds the URI. */
int cli_key_store_open(cli_key_store *keys, const cli_key_opening *opening);

/* Finds the key that a reference names: `file:DIR#NAME`, or a token's URI with an object. `opening`
 * has the reference as its URI, and the store is opened. */
int cli_key_store_find(cli_key_store *keys, const cli_key_opening *opening, lwsec_key *key);

/* Prints the reference of a key of the store as text, with "key:" before it. Free it. */
char *cli_key_reference(const char *uri, lwsec_bytes name);

/* After the import of a private key of P-256: sees to it that the store can tell its public half.
 */
lwsec_status cli_key_store_complete(const cli_key_store *keys, lwsec_key key, lwsec_bytes scalar);

/* Closes what is open. */
void cli_key_store_close(cli_key_store *keys);

/* Whether a name can stand in a reference: printable ASCII without space and '#'. */
bool cli_key_name_fits(lwsec_bytes name);

#endif
