/* Reading of options, the same way for every command. */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "bytes.h"
#include "command.h"

typedef enum cli_kind {
    CLI_KIND_FLAG,   /* bool */
    CLI_KIND_TEXT,   /* const char * */
    CLI_KIND_FILE,   /* const char *, a path; `-` is standard input, which the command reads */
    CLI_KIND_LIST,   /* cli_list */
    CLI_KIND_NUMBER, /* cli_number, decimal */
    CLI_KIND_HEX,    /* cli_bytes */
    CLI_KIND_PARTS, /* cli_parts, hex: one value or more behind the option, which may be repeated */
    CLI_KIND_SECRET,    /* cli_bytes */
    CLI_KIND_KEY,       /* cli_secret: a secret, or the reference of a key that has it */
    CLI_KIND_PASSPHRASE /* cli_bytes: text, never on the command line itself */
} cli_kind;

/* A secret as bytes, or in a store of keys. */
typedef struct cli_secret {
    cli_bytes bytes;
    const char *reference; /* a URI without `key:`, or NULL */
} cli_secret;

static inline bool cli_secret_is_given(const cli_secret *secret)
{
    return secret->bytes.data != NULL || secret->reference != NULL;
}

#define CLI_LIST_MAX 32

/* The values of an option that may be repeated. */
typedef struct cli_list {
    const char *items[CLI_LIST_MAX];
    size_t count;
} cli_list;

#define CLI_PARTS_MAX 255

/* Byte strings in the order in which they were given. */
typedef struct cli_parts {
    cli_bytes items[CLI_PARTS_MAX];
    size_t count;
} cli_parts;

typedef struct cli_number {
    uint64_t value;
    bool given;
} cli_number;

/* One option, `--name VALUE` or `--name=VALUE`, `--name VALUE...` where it takes parts. A table
 * ends with a name of NULL. */
typedef struct cli_option {
    const char *name;
    cli_kind kind;
    bool required;
    void *target;
    const char *value; /* as the help shows it, "HEX" */
    const char *help;
    uint64_t max; /* of a number */
} cli_option;

typedef struct cli_usage {
    const char *command; /* "oscore protect" */
    const char *about;
    const cli_option *tables[3]; /* those behind the first one may be NULL */
} cli_usage;

/* Answers beside the exit codes: the help was asked for and is printed. */
enum { CLI_HELPED = -1 };

/*
 * Fills the targets. CLI_DONE, CLI_HELPED, or CLI_USAGE with its line printed. No line ever holds a
 * value that was given, as that may be a secret in the wrong place.
 */
int cli_arguments(const cli_usage *usage, int argc, char **argv);

/* Wipes and frees what the options hold. */
void cli_arguments_free(const cli_usage *usage);

/* What to exit with after an answer of cli_arguments that is not CLI_DONE. */
static inline int cli_exit(int answer)
{
    return answer == CLI_HELPED ? CLI_DONE : answer;
}

#endif
