/* Account files of the program: any text is read or refused, and what was read can be checked.
 * Lines that name files are left out: they would be opened. */
#include "cli/account_file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX 4096U

static uint64_t memory[LWSEC_ACCOUNTS_SIZE(2048) / 8];

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static unsigned lines_of(const char *text)
{
    unsigned lines = 1;

    for (size_t i = 0; text[i] != '\0'; i++) {
        lines += text[i] == '\n';
    }
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const lwsec_accounts_config config = {.size = sizeof config, .flags = LWSEC_ACCOUNTS_LAX};
    lwsec_accounts *accounts = NULL;
    unsigned line = 0;

    if (size > TEXT_MAX || memchr(data, '\0', size) != NULL) {
        return 0;
    }
    char *text = malloc(size + 1);
    require(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    const unsigned lines = lines_of(text);
    if (strstr(text, "file:") == NULL) {
        require(lwsec_accounts_init(memory, sizeof memory, &config, &accounts) == LWSEC_OK);
        const char *wrong = cli_account_parse("accounts", text, accounts, &line);
        require(line >= 1 && line <= lines);
        require(wrong != NULL || line == lines);
        (void)lwsec_accounts_check(accounts, NULL, 0);
        lwsec_accounts_close(&accounts);
    }
    free(text);
    return 0;
}
