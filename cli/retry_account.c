/* Where the retry command takes its servers from. */
#include "retry_account.h"

#include "account_file.h"

static int read_file(const char *file, lwsec_retry_accounts *accounts)
{
    cli_account account;

    const int answer = cli_account_read(file, LWSEC_ACCOUNTS_LAX, &account);
    if (answer != CLI_DONE) {
        return answer;
    }
    const lwsec_status status = lwsec_accounts_retry(account.accounts, accounts);
    cli_account_close(&account);
    return status == LWSEC_OK ? CLI_DONE : cli_error("--account", "too many servers");
}

int cli_retry_accounts(const char *file, lwsec_retry_accounts *accounts)
{
    if (file != NULL) {
        return read_file(file, accounts);
    }
    *accounts = (lwsec_retry_accounts){.count = 1, .has_bootstrap = true};
    accounts->servers[0].size = sizeof accounts->servers[0];
    accounts->servers[0].id = 1;
    accounts->bootstrap.size = sizeof accounts->bootstrap;
    return CLI_DONE;
}
