/* Scripts of events for the retry engine, each with the decisions that have to come of it. */
#include "tests/support/test.h"

#include "cli/retry_script.h"

#include <dirent.h>

#define TEXT_MAX 8192
#define PATH_ROOM 1024

/* ---- Accounts: lines `#! server SSID NAME=VALUE...`, which are comments to the program ---- */

static bool set_resource(lwsec_retry_server *server, const char *name, uint32_t value)
{
    const struct {
        const char *name;
        uint32_t has;
        uint32_t *number;
        bool *flag;
    } resources[] = {
        {"priority", LWSEC_RETRY_HAS_PRIORITY, &server->priority, NULL},
        {"initial-delay", LWSEC_RETRY_HAS_INITIAL_DELAY, &server->initial_delay, NULL},
        {"failure-block", LWSEC_RETRY_HAS_FAILURE_BLOCK, NULL, &server->failure_block},
        {"bootstrap", LWSEC_RETRY_HAS_BOOTSTRAP, NULL, &server->bootstrap_on_failure},
        {"count", LWSEC_RETRY_HAS_COUNT, &server->retry_count, NULL},
        {"timer", LWSEC_RETRY_HAS_TIMER, &server->retry_timer, NULL},
        {"sequence-delay", LWSEC_RETRY_HAS_SEQUENCE_DELAY, &server->sequence_delay, NULL},
        {"sequences", LWSEC_RETRY_HAS_SEQUENCE_COUNT, &server->sequence_retry_count, NULL},
    };

    for (size_t i = 0; i < sizeof resources / sizeof resources[0]; i++) {
        if (strcmp(resources[i].name, name) == 0) {
            server->present |= resources[i].has;
            if (resources[i].flag != NULL) {
                *resources[i].flag = value != 0;
            } else {
                *resources[i].number = value;
            }
            return true;
        }
    }
    return false;
}

static bool set_bootstrap(lwsec_retry_bootstrap_server *server, const char *name, uint32_t value)
{
    if (strcmp(name, "hold-off") == 0) {
        server->hold_off = value;
    } else if (strcmp(name, "timer") == 0) {
        server->retry_timer = value;
    } else if (strcmp(name, "longest") == 0) {
        server->longest_wait = value;
    } else {
        return false;
    }
    return true;
}

static void read_settings(const char *line, lwsec_retry_accounts *accounts,
                          lwsec_retry_server *server)
{
    char name[24];
    unsigned value;
    int used;

    while (sscanf(line, " %23[a-z-]=%u%n", name, &value, &used) == 2) {
        assert_true(server != NULL ? set_resource(server, name, value)
                                   : set_bootstrap(&accounts->bootstrap, name, value));
        line += used;
    }
    assert_int_equal(strspn(line, " \n"), strlen(line));
}

static void read_account(const char *line, lwsec_retry_accounts *accounts, bool *servers_given)
{
    unsigned id;
    int used = 0;

    if (strncmp(line, "#! no-bootstrap", 15) == 0) {
        accounts->has_bootstrap = false;
    } else if (strncmp(line, "#! no-server", 12) == 0) {
        accounts->count = 0;
        *servers_given = true;
    } else if (strncmp(line, "#! bootstrap", 12) == 0) {
        read_settings(&line[12], accounts, NULL);
    } else {
        assert_int_equal(sscanf(line, "#! server %u%n", &id, &used), 1);
        accounts->count = *servers_given ? accounts->count : 0;
        *servers_given = true;
        lwsec_retry_server *server = &accounts->servers[accounts->count++];
        *server = (lwsec_retry_server){.size = sizeof *server, .id = (uint16_t)id};
        read_settings(&line[used], accounts, server);
    }
}

static void read_accounts(const char *script, lwsec_retry_accounts *accounts)
{
    bool servers_given = false;

    *accounts = (lwsec_retry_accounts){.count = 1, .has_bootstrap = true};
    accounts->servers[0] = (lwsec_retry_server){.size = sizeof accounts->servers[0], .id = 1};
    accounts->bootstrap.size = sizeof accounts->bootstrap;
    for (const char *line = script; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n' ? 1 : 0;
        if (strncmp(line, "#!", 2) == 0) {
            char text[256];
            const size_t size = strcspn(line, "\n");
            assert_true(size < sizeof text);
            memcpy(text, line, size);
            text[size] = '\0';
            read_account(text, accounts, &servers_given);
        }
    }
}

/* ---- Scripts ---- */

typedef struct output {
    char text[TEXT_MAX];
    size_t size;
} output;

static void collect(void *argument, const retry_line *line)
{
    output *out = argument;
    char text[RETRY_TEXT_MAX];

    retry_line_text(line, text);
    assert_true(out->size + strlen(text) + 2 < sizeof out->text);
    out->size +=
        (size_t)snprintf(&out->text[out->size], sizeof out->text - out->size, "%s\n", text);
}

static void read_file(const char *name, const char *ending, char text[TEXT_MAX])
{
    char path[PATH_ROOM];

    (void)snprintf(path, sizeof path, "%s/%s%s", RETRY_SCRIPTS, name, ending);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        print_error("%s cannot be read\n", path);
        fail();
        return;
    }
    const size_t size = fread(text, 1, TEXT_MAX - 1, file);
    (void)fclose(file);
    assert_true(size > 0 && size < TEXT_MAX - 1);
    text[size] = '\0';
}

static bool run_script(const char *name)
{
    static char script[TEXT_MAX];
    static char expected[TEXT_MAX];
    static output out;
    lwsec_retry_accounts accounts;
    unsigned line;

    read_file(name, ".script", script);
    read_file(name, ".expected", expected);
    read_accounts(script, &accounts);
    out = (output){.size = 0};
    const char *wrong = retry_script_run(script, &accounts, collect, &out, &line);
    if (wrong != NULL) {
        print_error("%s: line %u: %s\n", name, line, wrong);
        return false;
    }
    if (strcmp(out.text, expected) != 0) {
        print_error("%s:\n%s-- instead of\n%s", name, out.text, expected);
        return false;
    }
    return true;
}

static void every_script_gives_its_decisions(void **state)
{
    DIR *folder = opendir(RETRY_SCRIPTS);
    const struct dirent *entry;
    unsigned scripts = 0;
    unsigned failures = 0;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        char name[128];
        const char *dot = strrchr(entry->d_name, '.');
        if (dot != NULL && strcmp(dot, ".script") == 0) {
            assert_true(strlen(entry->d_name) < sizeof name);
            (void)snprintf(name, sizeof name, "%.*s", (int)(dot - entry->d_name), entry->d_name);
            scripts++;
            failures += run_script(name) ? 0 : 1;
        }
    }
    (void)closedir(folder);
    assert_int_equal(failures, 0);
    assert_true(scripts >= 30);
    LWSEC_COVERS("R-5.2.10-04");
    LWSEC_COVERS("R-5.2.10-05");
    LWSEC_COVERS("R-5.2.10-06");
    LWSEC_COVERS("R-5.2.10-07");
    LWSEC_COVERS("R-5.2.10-08");
    LWSEC_COVERS("R-5.2.10-09");
    LWSEC_COVERS("R-5.2.10-10");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_script_gives_its_decisions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
