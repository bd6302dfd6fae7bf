/* Reading of options, the same way for every command. */
#include "arguments.h"

#include "output.h"
#include "secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TABLES (sizeof((cli_usage *)0)->tables / sizeof(cli_option *))

/* ---- Help ---- */

static bool has_kind(const cli_usage *usage, cli_kind kind)
{
    for (size_t t = 0; t < TABLES && usage->tables[t] != NULL; t++) {
        for (const cli_option *option = usage->tables[t]; option->name != NULL; option++) {
            if (option->kind == kind) {
                return true;
            }
        }
    }
    return false;
}

/* What may stand for the values of the options. */
static void help_values(const cli_usage *usage)
{
    const bool key = has_kind(usage, CLI_KIND_KEY);
    const bool secret = key || has_kind(usage, CLI_KIND_SECRET);

    if (secret) {
        (void)puts("\nS is hex, file:PATH (its bytes as they are, so no hex), env:NAME (hex in an "
                   "environment\nvariable), or -.");
    }
    if (key) {
        (void)puts("A key that stays in its store: key:file:DIR#NAME, or "
                   "key:pkcs11:token=LABEL;object=NAME\n?module-path=FILE&pin-source=FILE.");
    }
    if (has_kind(usage, CLI_KIND_PASSPHRASE)) {
        (void)puts("\nP is file:PATH (the last line end does not count) or env:NAME (text in an "
                   "environment\nvariable).");
    }
    if (secret || has_kind(usage, CLI_KIND_HEX) || has_kind(usage, CLI_KIND_PARTS) ||
        has_kind(usage, CLI_KIND_FILE)) {
        (void)puts("\nOne value of a call may be -, standard input.");
    }
}

static int help(const cli_usage *usage)
{
    (void)printf("usage: lwsec %s [OPTIONS]\n\n%s\n\n", usage->command, usage->about);
    for (size_t t = 0; t < TABLES && usage->tables[t] != NULL; t++) {
        for (const cli_option *option = usage->tables[t]; option->name != NULL; option++) {
            char left[40];
            (void)snprintf(left, sizeof left, "--%s%s%s", option->name,
                           option->value != NULL ? " " : "",
                           option->value != NULL ? option->value : "");
            (void)printf("  %-26s %s%s\n", left, option->help, option->required ? " (needed)" : "");
        }
    }
    (void)printf("  %-26s %s\n", "--help", "this text");
    help_values(usage);
    return cli_flush() == CLI_DONE ? CLI_HELPED : CLI_USAGE;
}

/* ---- Values ---- */

static const char *read_number(const char *text, uint64_t max, cli_number *number)
{
    char *end = NULL;

    if (text[0] < '0' || text[0] > '9') {
        return "not a number";
    }
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    if (*end != '\0') {
        return "not a number";
    }
    if (errno != 0 || value > max) {
        return "the number is too large";
    }
    number->value = value;
    number->given = true;
    return NULL;
}

static const char *read_hex(const char *value, cli_bytes *bytes)
{
    cli_bytes text = {NULL, 0};

    if (strcmp(value, "-") != 0) {
        return cli_hex_read(value, strlen(value), bytes);
    }
    const char *wrong = cli_file_read(stdin, &text);
    if (wrong == NULL) {
        wrong = cli_hex_read((const char *)text.data, text.size, bytes);
    }
    cli_bytes_free(&text);
    return wrong;
}

static const char *read_item(const char *value, cli_list *list)
{
    if (list->count == CLI_LIST_MAX) {
        return "given too often";
    }
    list->items[list->count++] = value;
    return NULL;
}

static const char *read_part(const char *text, size_t length, cli_parts *parts)
{
    if (parts->count == CLI_PARTS_MAX) {
        return "given too often";
    }
    const char *wrong = cli_hex_read(text, length, &parts->items[parts->count]);
    parts->count += wrong == NULL ? 1 : 0;
    return wrong;
}

/* Standard input has one part a line. */
static const char *read_lines(cli_parts *parts)
{
    cli_bytes text = {NULL, 0};
    const char *wrong = cli_file_read(stdin, &text);

    for (size_t at = 0, end = 0; wrong == NULL && at < text.size; at = end + 1) {
        for (end = at; end < text.size && text.data[end] != '\n';) {
            end++;
        }
        if (end > at) {
            wrong = read_part((const char *)&text.data[at], end - at, parts);
        }
    }
    cli_bytes_free(&text);
    return wrong;
}

static const char *read_parts(const char *value, cli_parts *parts)
{
    return strcmp(value, "-") == 0 ? read_lines(parts) : read_part(value, strlen(value), parts);
}

static bool is_set(const cli_option *option)
{
    switch (option->kind) {
    case CLI_KIND_FLAG: return *(const bool *)option->target;
    case CLI_KIND_TEXT:
    case CLI_KIND_FILE: return *(const char *const *)option->target != NULL;
    case CLI_KIND_NUMBER: return ((const cli_number *)option->target)->given;
    case CLI_KIND_HEX:
    case CLI_KIND_PASSPHRASE:
    case CLI_KIND_SECRET: return ((const cli_bytes *)option->target)->data != NULL;
    case CLI_KIND_KEY: {
        const cli_secret *secret = option->target;
        return secret->bytes.data != NULL || secret->reference != NULL;
    }
    case CLI_KIND_LIST:
    case CLI_KIND_PARTS: break; /* may be repeated */
    }
    return false;
}

static const char *set(const cli_option *option, char *value)
{
    switch (option->kind) {
    case CLI_KIND_FLAG: *(bool *)option->target = true; return NULL;
    case CLI_KIND_TEXT:
    case CLI_KIND_FILE: *(const char **)option->target = value; return NULL;
    case CLI_KIND_LIST: return read_item(value, option->target);
    case CLI_KIND_NUMBER: return read_number(value, option->max, option->target);
    case CLI_KIND_HEX: return read_hex(value, option->target);
    case CLI_KIND_PARTS: return read_parts(value, option->target);
    case CLI_KIND_SECRET: return cli_secret_read(value, option->target);
    case CLI_KIND_KEY: return cli_key_read(value, option->target);
    case CLI_KIND_PASSPHRASE: return cli_passphrase_read(value, option->target);
    }
    return "not an option";
}

/* ---- The walk over the arguments ---- */

static const cli_option *find(const cli_usage *usage, const char *name, size_t length)
{
    for (size_t t = 0; t < TABLES && usage->tables[t] != NULL; t++) {
        for (const cli_option *option = usage->tables[t]; option->name != NULL; option++) {
            if (strlen(option->name) == length && memcmp(option->name, name, length) == 0) {
                return option;
            }
        }
    }
    return NULL;
}

static int fail(const cli_option *option, const char *wrong)
{
    char name[40];

    (void)snprintf(name, sizeof name, "--%s", option->name);
    return cli_error(name, wrong);
}

/* Two options that read standard input would share one text. */
static bool reads_input(const cli_option *option, const char *value)
{
    return (option->kind == CLI_KIND_FILE || option->kind == CLI_KIND_HEX ||
            option->kind == CLI_KIND_PARTS || option->kind == CLI_KIND_SECRET ||
            option->kind == CLI_KIND_KEY) &&
           strcmp(value, "-") == 0;
}

static int take_value(const cli_option *option, char *value, bool *input_used)
{
    if (value != NULL && reads_input(option, value)) {
        if (*input_used) {
            return fail(option, "standard input is read already");
        }
        *input_used = true;
    }
    const char *wrong = set(option, value);
    return wrong == NULL ? CLI_DONE : fail(option, wrong);
}

/* Tells where the word stands, which may be a secret and is not shown. */
static int fail_unknown(const char *what, const char *before)
{
    char text[96];

    (void)snprintf(text, sizeof text, "%s%s%s; see --help", what,
                   before != NULL ? " behind --" : "", before != NULL ? before : "");
    return cli_error(NULL, text);
}

/* Takes the option at argv[*at]; moves *at to the last argument that belongs to it, and *before to
 * the name of the option. */
static int take(const cli_usage *usage, int argc, char **argv, int *at, const char **before,
                bool *input_used)
{
    char *word = argv[*at];

    if (strncmp(word, "--", 2) != 0) {
        return fail_unknown("an argument that is no option", *before);
    }
    word = &word[2];
    char *equals = strchr(word, '=');
    const size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const cli_option *option = find(usage, word, length);
    if (option == NULL) {
        return fail_unknown("unknown option", *before);
    }
    *before = option->name;
    if (is_set(option)) {
        return fail(option, "given twice");
    }
    char *value = equals != NULL ? &equals[1] : NULL;
    if (option->kind == CLI_KIND_FLAG) {
        if (value != NULL) {
            return fail(option, "takes no value");
        }
    } else if (value == NULL) {
        if (*at + 1 >= argc) {
            return fail(option, "needs a value");
        }
        value = argv[++*at];
    }
    int answer = take_value(option, value, input_used);
    while (answer == CLI_DONE && option->kind == CLI_KIND_PARTS && *at + 1 < argc &&
           strncmp(argv[*at + 1], "--", 2) != 0) {
        answer = take_value(option, argv[++*at], input_used);
    }
    return answer;
}

static int check_required(const cli_usage *usage)
{
    for (size_t t = 0; t < TABLES && usage->tables[t] != NULL; t++) {
        for (const cli_option *option = usage->tables[t]; option->name != NULL; option++) {
            if (option->required && !is_set(option)) {
                return fail(option, "is missing");
            }
        }
    }
    return CLI_DONE;
}

int cli_arguments(const cli_usage *usage, int argc, char **argv)
{
    const char *before = NULL;
    bool input_used = false;
    int answer = CLI_DONE;

    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return help(usage);
        }
    }
    for (int i = 0; i < argc && answer == CLI_DONE; i++) {
        answer = take(usage, argc, argv, &i, &before, &input_used);
    }
    if (answer == CLI_DONE) {
        answer = check_required(usage);
    }
    if (answer != CLI_DONE) {
        cli_arguments_free(usage);
    }
    return answer;
}

static void free_parts(cli_parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        cli_bytes_free(&parts->items[i]);
    }
    parts->count = 0;
}

void cli_arguments_free(const cli_usage *usage)
{
    for (size_t t = 0; t < TABLES && usage->tables[t] != NULL; t++) {
        for (const cli_option *option = usage->tables[t]; option->name != NULL; option++) {
            if (option->kind == CLI_KIND_HEX || option->kind == CLI_KIND_SECRET ||
                option->kind == CLI_KIND_PASSPHRASE) {
                cli_bytes_free(option->target);
            } else if (option->kind == CLI_KIND_KEY) {
                cli_bytes_free(&((cli_secret *)option->target)->bytes);
            } else if (option->kind == CLI_KIND_PARTS) {
                free_parts(option->target);
            }
        }
    }
}
