/* lwsec account unbootstrap */
#include "account_file.h"
#include "arguments.h"
#include "output.h"

#include <lwsec/unbootstrap.h>

#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 4096U

typedef struct removal {
    const char *instance; /* "/0/N" */
    bool json;
} removal;

static void write_path(lwsec_path path, char text[32])
{
    const uint16_t ids[] = {path.object, path.instance, path.resource, path.resource_instance};
    int size = 0;

    for (size_t i = 0; i < 4 && ids[i] != LWSEC_PATH_NONE; i++) {
        size += snprintf(&text[size], 32 - (size_t)size, "/%u", ids[i]);
    }
}

static json_t *describe(const lwsec_plan_step *step)
{
    char path[32] = "";
    char text[80];

    write_path(step->path, path);
    switch (step->action) {
    case LWSEC_PLAN_DELETE: (void)snprintf(text, sizeof text, "delete %s", path); break;
    case LWSEC_PLAN_OWNER:
        (void)snprintf(text, sizeof text, "change %s to %u", path, step->ssid);
        break;
    default:
        (void)snprintf(text, sizeof text, "delete observations of server %u", step->ssid);
        break;
    }
    return json_string(text);
}

static void print_lines(const json_t *object)
{
    const json_t *list = json_object_get(object, "plan");

    for (size_t i = 0; i < json_array_size(list); i++) {
        (void)puts(json_string_value(json_array_get(list, i)));
    }
}

static int print_plan(const lwsec_plan_step *steps, size_t count, bool as_json)
{
    json_t *object = json_object();
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(list, describe(&steps[i]));
    }
    (void)json_object_set_new(object, "plan", list);
    return cli_print(object, as_json, print_lines);
}

static bool read_instance(const char *text, uint16_t *instance)
{
    char *end = NULL;

    if (strncmp(text, "/0/", 3) != 0 || text[3] < '0' || text[3] > '9') {
        return false;
    }
    const unsigned long number = strtoul(&text[3], &end, 10);
    *instance = (uint16_t)number;
    return *end == '\0' && number < LWSEC_PATH_NONE;
}

static int run(const char *path, const removal *given)
{
    cli_account account;
    uint16_t instance = 0;

    if (!read_instance(given->instance, &instance)) {
        return cli_error("--delete", "not a Security instance, as in /0/1");
    }
    int answer = cli_account_read(path, 0, &account);
    if (answer != CLI_DONE) {
        return answer;
    }
    lwsec_plan_step *steps = cli_allocate(STEPS_MAX * sizeof *steps);
    const size_t count = lwsec_unbootstrap_plan(account.accounts, instance, steps, STEPS_MAX);
    if (count == 0 || count > STEPS_MAX) {
        answer = cli_error("--delete", count == 0 ? "there is no such Security instance"
                                                  : "the plan has too many steps");
    } else {
        answer = print_plan(steps, count, given->json);
    }
    free(steps);
    cli_account_close(&account);
    return answer;
}

int cli_account_unbootstrap(int argc, char **argv)
{
    removal given = {.json = false};
    const cli_option options[] = {
        {"delete", CLI_KIND_TEXT, true, &given.instance, "/0/N", "the Security instance to delete",
         0},
        {"json", CLI_KIND_FLAG, false, &given.json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "account unbootstrap FILE",
        "Prints what has to be deleted and changed when a Security instance is deleted (Transport\n"
        "5.2.5), in this order. FILE, or standard input for -, has one resource a line, as in\n"
        "/0/0/2 = 0.",
        {options, NULL}};
    const char *path = NULL;

    int answer = cli_account_argument(&argc, argv, "--delete", &path);
    if (answer == CLI_DONE) {
        answer = cli_arguments(&usage, argc, argv);
    }
    return answer == CLI_DONE ? run(path, &given) : cli_exit(answer);
}
