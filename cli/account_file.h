/* Account files: one resource a line, as in `/0/0/2 = 0`. */
#ifndef CLI_ACCOUNT_FILE_H
#define CLI_ACCOUNT_FILE_H

#include <lwsec/account.h>

#include "bytes.h"

/* Accounts and the memory that they lie in. */
typedef struct cli_account {
    void *memory;
    lwsec_accounts *accounts;
} cli_account;

/*
 * Reads a file (`-`: standard input) into accounts with these flags (LWSEC_ACCOUNTS_...), the
 * newest version of each object. Values out of their range are kept. CLI_DONE, or CLI_USAGE with
 * its line printed, which holds the number of the line and nothing of a value.
 *
 * A line is empty, a comment (#), or PATH = VALUE with a VALUE of: a number, true or false, "text"
 * (with \" and \\), hex:DIGITS, file:PATH (as it is, or beside the account file), env:NAME (hex),
 * key:URI (a secret that a store has), or OBJECT:INSTANCE. Behind it a comment may stand.
 */
int cli_account_read(const char *path, uint32_t flags, cli_account *account);

/* The same in two steps: empty accounts, and then what a file holds. */
int cli_account_open(uint32_t flags, cli_account *account);
int cli_account_fill(const char *path, cli_account *account);

/* Whether there is any Server object: a file without is about Security instances alone. */
bool cli_account_has_servers(const lwsec_accounts *accounts);

/*
 * The same for a text that is in memory, ended by a zero and overwritten by the call; `file` is the
 * path that file:PATH may be beside. NULL, or what is wrong with line `*line`.
 */
const char *cli_account_parse(const char *file, char *text, lwsec_accounts *accounts,
                              unsigned *line);

/* Wipes and frees. */
void cli_account_close(cli_account *account);

/*
 * Takes the one argument out of argv that is neither an option nor the value of the option `valued`
 * (NULL: none). CLI_DONE, or CLI_USAGE with its line printed. With --help it may be missing.
 */
int cli_account_argument(int *argc, char **argv, const char *valued, const char **path);

#endif
