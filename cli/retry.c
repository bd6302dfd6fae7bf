/* lwsec retry */
#include "arguments.h"
#include "output.h"
#include "retry_account.h"

#include <stdlib.h>
#include <string.h>

static json_t *describe(const retry_line *line)
{
    const lwsec_retry_decision *decision = &line->decision;
    char text[RETRY_TEXT_MAX];

    retry_line_text(line, text);
    json_t *object = json_pack(
        "{s:I, s:i, s:s, s:I, s:I, s:s}", "time", (json_int_t)line->seconds, "server",
        (int)decision->server, "decision", retry_action_name(decision->action), "attempt",
        (json_int_t)decision->attempt, "sequence", (json_int_t)decision->sequence, "text", text);
    if (decision->wait > 0 && decision->wait != LWSEC_RETRY_NO_DEADLINE) {
        (void)json_object_set_new(object, "wait",
                                  json_integer((json_int_t)(decision->wait / 1000U)));
    }
    if (decision->has_alert) {
        (void)json_object_set_new(object, "alert", json_integer(decision->alert));
    }
    return object;
}

static void collect(void *argument, const retry_line *line)
{
    (void)json_array_append_new(argument, describe(line));
}

static void as_text(const json_t *object)
{
    json_t *line;
    size_t i;

    json_array_foreach(json_object_get(object, "decisions"), i, line)
    {
        (void)puts(json_string_value(json_object_get(line, "text")));
    }
}

static int run(const char *script, const lwsec_retry_accounts *accounts, bool json)
{
    json_t *decisions = json_array();
    unsigned number;

    const char *wrong = retry_script_run(script, accounts, collect, decisions, &number);
    if (wrong != NULL) {
        char where[40];
        (void)snprintf(where, sizeof where, "--script: line %u", number);
        json_decref(decisions);
        return number > 0 ? cli_error(where, wrong) : cli_error("--account", wrong);
    }
    return cli_print(json_pack("{s:o}", "decisions", decisions), json, as_text);
}

/* The text of a file, or of standard input, as a string. */
static const char *read_script(const char *path, cli_bytes *bytes)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    cli_bytes content = {NULL, 0};

    if (file == NULL) {
        return "cannot be read";
    }
    const char *wrong = cli_file_read(file, &content);
    if (file != stdin) {
        (void)fclose(file);
    }
    if (wrong == NULL && content.size > 0 && memchr(content.data, 0, content.size) != NULL) {
        wrong = "is no text";
    }
    if (wrong == NULL) {
        bytes->size = content.size + 1;
        bytes->data = cli_allocate(bytes->size);
        memcpy(bytes->data, content.data, content.size);
    }
    cli_bytes_free(&content);
    return wrong;
}

int cli_retry(int argc, char **argv)
{
    const char *path = NULL;
    const char *account = NULL;
    bool json = false;
    const cli_option options[] = {
        {"script", CLI_KIND_FILE, true, &path, "FILE", "events, one a line: at SECONDS EVENT", 0},
        {"account", CLI_KIND_FILE, false, &account, "FILE", "the servers and their resources", 0},
        {"json", CLI_KIND_FLAG, false, &json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "retry",
        "Runs the registration retry engine (LwM2M Core 6.2.1) over a script of events with\n"
        "virtual time, and prints each decision: T=SECONDS server=SSID DECISION. Server 0 is\n"
        "the Bootstrap-Server. Events: start, registered, bootstrapped, timeout, lost, renewed,\n"
        "moved, bootstrap, reset, end, alert N [sent | authenticated], response C.DD, clock\n"
        "trusted | doubted | unset; server=SSID behind one says whose it is. An attempt that no\n"
        "event ends fails after 600 seconds. Without an account there are Server 1 with default\n"
        "resources and a Bootstrap-Server.",
        {options, NULL}};
    lwsec_retry_accounts accounts;
    cli_bytes script = {NULL, 0};

    int answer = cli_arguments(&usage, argc, argv);
    if (answer != CLI_DONE) {
        return cli_exit(answer);
    }
    answer = cli_retry_accounts(account, &accounts);
    if (answer == CLI_DONE) {
        const char *wrong = read_script(path, &script);
        answer = wrong != NULL ? cli_error("--script", wrong)
                               : run((const char *)script.data, &accounts, json);
    }
    cli_bytes_free(&script);
    cli_arguments_free(&usage);
    return answer;
}
