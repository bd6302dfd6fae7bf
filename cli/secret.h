/* Secrets as they are given on the command line. */
#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include "arguments.h"

/*
 * HEX, `-` (hex on standard input), `file:PATH` (the bytes of the file as they are, a final line
 * end among them), or `env:NAME` (hex in the environment variable). NULL, or what is wrong: a text
 * that never holds any of the value. What held the secret is wiped: `value` itself, and the
 * variable.
 */
const char *cli_secret_read(char *value, cli_bytes *secret);

/* The same, or `key:URI`: the reference of a key in a store. */
const char *cli_key_read(char *value, cli_secret *secret);

/* `file:PATH` (the bytes of the file without a final line end) or `env:NAME` (text). */
const char *cli_passphrase_read(char *value, cli_bytes *passphrase);

#endif
