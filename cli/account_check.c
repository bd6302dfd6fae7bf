/* lwsec account check */
#include "account_file.h"
#include "arguments.h"
#include "output.h"

#include <stdlib.h>

#define FINDINGS_MAX 1024U

typedef struct check {
    bool nosec;
    bool hex;
    bool json;
} check;

static json_t *describe(const lwsec_finding *finding)
{
    char path[32];

    (void)snprintf(path, sizeof path, "/%u/%u/%u", finding->object, finding->instance,
                   finding->resource);
    return json_pack("{s:s, s:s, s:s, s:s}", "requirement", finding->requirement, "path", path,
                     "severity", finding->fatal ? "MUST" : "SHOULD", "text", finding->text);
}

static const char *member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void print_lines(const json_t *object)
{
    const json_t *list = json_object_get(object, "findings");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *finding = json_array_get(list, i);
        (void)printf("%s %s %s: %s\n", member(finding, "requirement"), member(finding, "path"),
                     member(finding, "severity"), member(finding, "text"));
    }
}

static int report(const lwsec_finding *findings, size_t count, bool as_json)
{
    const lwsec_reason reason = {LWSEC_WHY_ACCOUNT, 0};
    json_t *object = json_object();
    json_t *list = json_array();
    bool fatal = false;

    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(list, describe(&findings[i]));
        fatal = fatal || findings[i].fatal;
    }
    (void)json_object_set_new(object, "findings", list);
    const int answer = cli_print(object, as_json, print_lines);
    return answer == CLI_DONE && fatal ? cli_fail(LWSEC_REJECT, &reason) : answer;
}

/* Keys of tests and examples are told, and refused only by a provisioning that is strict. */
static uint32_t flags_of(const check *given, const lwsec_accounts *accounts)
{
    return (uint32_t)LWSEC_ACCOUNTS_LAX | (uint32_t)LWSEC_ACCOUNTS_WEAK_SECRETS |
           (given->nosec ? (uint32_t)LWSEC_ACCOUNTS_NOSEC : 0U) |
           (given->hex ? (uint32_t)LWSEC_ACCOUNTS_HEX : 0U) |
           (cli_account_has_servers(accounts) ? 0U : (uint32_t)LWSEC_ACCOUNTS_NO_SERVERS);
}

static int print_findings(const lwsec_accounts *accounts, bool as_json)
{
    lwsec_finding *findings = cli_allocate(FINDINGS_MAX * sizeof *findings);
    const size_t count = lwsec_accounts_check(accounts, findings, FINDINGS_MAX);
    const int answer = report(findings, count < FINDINGS_MAX ? count : FINDINGS_MAX, as_json);

    free(findings);
    return answer;
}

static int run(const char *path, const check *given)
{
    cli_account account;
    const lwsec_reason reason = {LWSEC_WHY_CONFIG, 0};

    int answer = cli_account_read(path, 0, &account);
    if (answer != CLI_DONE) {
        return answer;
    }
    const lwsec_status status =
        lwsec_accounts_set_flags(account.accounts, flags_of(given, account.accounts));
    answer = status == LWSEC_OK ? print_findings(account.accounts, given->json)
                                : cli_fail(status, &reason);
    cli_account_close(&account);
    return answer;
}

int cli_account_check(int argc, char **argv)
{
    check given = {.json = false};
    const cli_option options[] = {
        {"nosec", CLI_KIND_FLAG, false, &given.nosec, NULL,
         "something else secures the link: NoSec is allowed (5.3)", 0},
        {"hex-strings", CLI_KIND_FLAG, false, &given.hex, NULL,
         "the key of Object 23 holds hexadecimal digits", 0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "account check FILE",
        "Checks accounts: one line for a finding, with the requirement, the path, MUST or SHOULD,\n"
        "and what is wrong. FILE, or standard input for -, has one resource a line, as in\n"
        "/0/0/2 = 0.",
        {options, NULL}};
    const char *path = NULL;

    int answer = cli_account_argument(&argc, argv, NULL, &path);
    if (answer == CLI_DONE) {
        answer = cli_arguments(&usage, argc, argv);
    }
    return answer == CLI_DONE ? run(path, &given) : cli_exit(answer);
}
