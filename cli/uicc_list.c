/* lwsec uicc list */
#include "uicc.h"

#include "output.h"

#include <stdlib.h>
#include <string.h>

#define READERS_SIZE 4096U

static void as_text(const json_t *object)
{
    json_t *name;
    size_t i;

    json_array_foreach(json_object_get(object, "readers"), i, name)
    {
        (void)puts(json_string_value(name));
    }
}

static int print_readers(bool json)
{
    char *names = cli_allocate(READERS_SIZE + 1);
    lwsec_buffer list = lwsec_buffer_of(names, READERS_SIZE);
    json_t *readers = json_array();
    int answer;

    if (lwsec_pcsc_list(&list) == LWSEC_OK) {
        for (size_t at = 0; at < list.size; at += strlen(&names[at]) + 1) {
            (void)json_array_append_new(readers, json_string(&names[at]));
        }
        answer = cli_print(json_pack("{s:o}", "readers", readers), json, as_text);
    } else {
        json_decref(readers);
        answer = cli_error(NULL, CLI_UICC_SILENT);
    }
    free(names);
    return answer;
}

int cli_uicc_list(int argc, char **argv)
{
    bool json = false;
    const cli_option options[] = {
        {"json", CLI_KIND_FLAG, false, &json, NULL, "print one JSON object", 0},
        {.name = NULL},
    };
    const cli_usage usage = {
        "uicc list", "Prints the names of the readers, one a line.", {options, NULL}};
    const int answer = cli_arguments(&usage, argc, argv);

    return answer == CLI_DONE ? print_readers(json) : cli_exit(answer);
}
