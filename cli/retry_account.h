/* Where the retry command takes its servers from. */
#ifndef CLI_RETRY_ACCOUNT_H
#define CLI_RETRY_ACCOUNT_H

#include "command.h"
#include "retry_script.h"

/* The accounts in a FILE of `--account`; NULL: one Server, 1, whose object has no resource that
 * says how to retry, and a Bootstrap-Server. CLI_DONE, or what to exit with, the line printed. */
int cli_retry_accounts(const char *file, lwsec_retry_accounts *accounts);

#endif
