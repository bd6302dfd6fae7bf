/* What the commands of `lwsec key` share: the store, the name, and what a key is for. */
#ifndef CLI_KEY_H
#define CLI_KEY_H

#include <lwsec/key.h>

#include "arguments.h"
#include "key_store.h"

#include <string.h>

typedef struct cli_key {
    /* as given */
    const char *uri;
    const char *name;
    const char *type;
    const char *as;
    const char *engine_name;
    cli_bytes passphrase;
    bool json;

    cli_key_store keys; /* as opened */
} cli_key;

#define CLI_KEY_OPTIONS 5

/* Writes the options that every command has: --store, --passphrase, --engine, --json. */
void cli_key_options(cli_key *key, cli_option options[CLI_KEY_OPTIONS]);

/* A command with an option table of its own beside those. */
typedef struct cli_key_command {
    const char *name; /* "key list" */
    const char *about;
    const cli_option *options;
    cli_key *key;
    int (*run)(void *given);
    void *given;
    bool make; /* a store that is not there */
} cli_key_command;

/* Reads the command line, opens the store, runs the command, and closes everything. */
int cli_key_run(const cli_key_command *command, int argc, char **argv);

static inline lwsec_bytes cli_key_name(const cli_key *key)
{
    return lwsec_bytes_of(key->name, strlen(key->name));
}

/* What --type and --as say. CLI_DONE, or what to exit with, its line printed. `size` is that of the
 * key's bytes, 0: any up to 255. */
int cli_key_purpose(const cli_key *key, lwsec_key_attributes *attributes, size_t *size);

/* Reference, and for a pair its public key. */
int cli_key_print(const cli_key *key, lwsec_key handle);

/* For a command that has nothing to say: its reference in JSON, nothing as text. */
int cli_key_print_name(const cli_key *key);

/* The key of --name. */
int cli_key_find(cli_key *key, lwsec_key *handle);

#endif
