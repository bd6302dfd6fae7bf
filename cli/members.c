/* Members of a result. */
#include "members.h"

void cli_add_text(json_t *object, const char *name, const char *text)
{
    (void)json_object_set_new(object, name, json_string(text));
}

void cli_add_number(json_t *object, const char *name, uint64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    cli_add_text(object, name, text);
}

void cli_add_hex(json_t *object, const char *name, lwsec_bytes bytes)
{
    (void)json_object_set_new(object, name, cli_json_hex(bytes));
}

void cli_add_octet(json_t *object, const char *name, uint8_t octet, const char *words)
{
    char text[64];

    (void)snprintf(text, sizeof text, words != NULL ? "%02x %s" : "%02x", octet, words);
    cli_add_text(object, name, text);
}
