/* Account files: one resource a line, as in `/0/0/2 = 0`. */
#include "account_file.h"

#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX ((size_t)1 << 18)
#define PATH_LENGTH_MAX 1024

/* One line under the reader, which is cut into pieces. */
typedef struct words {
    const char *file; /* path of the account file */
    char *name;       /* "/0/0/2" */
    char *value;
} words;

/* ---- Words ---- */

static bool is_space(char character)
{
    return character == ' ' || character == '\t' || character == '\r';
}

static char *trim(char *text)
{
    char *end = &text[strlen(text)];

    while (end > text && is_space(end[-1])) {
        *--end = '\0';
    }
    while (is_space(*text)) {
        text++;
    }
    return text;
}

/* Cuts a comment off that stands behind a value. */
static void cut_comment(char *value)
{
    bool quoted = false;

    for (size_t i = 0; value[i] != '\0'; i++) {
        if (quoted && value[i] == '\\' && value[i + 1] != '\0') {
            i++;
        } else if (value[i] == '"') {
            quoted = !quoted;
        } else if (value[i] == '#' && !quoted && (i == 0 || is_space(value[i - 1]))) {
            value[i] = '\0';
            return;
        }
    }
}

static const char *after(const char *value, const char *prefix)
{
    const size_t length = strlen(prefix);

    return strncmp(value, prefix, length) == 0 ? &value[length] : NULL;
}

/* ---- Paths ---- */

static bool read_id(const char **text, char before, uint16_t *id)
{
    char *end = NULL;

    if (**text != before || (*text)[1] < '0' || (*text)[1] > '9') {
        return false;
    }
    const unsigned long number = strtoul(&(*text)[1], &end, 10);
    if (number > UINT16_MAX) {
        return false;
    }
    *id = (uint16_t)number;
    *text = end;
    return true;
}

static const char *read_path(const char *text, lwsec_path *path)
{
    path->resource_instance = LWSEC_PATH_NONE;
    if (!read_id(&text, '/', &path->object) || !read_id(&text, '/', &path->instance) ||
        !read_id(&text, '/', &path->resource)) {
        return "not a path of a resource, as in /0/0/2";
    }
    if (*text != '\0' && (!read_id(&text, '/', &path->resource_instance) || *text != '\0')) {
        return "not a path of a resource, as in /0/0/2";
    }
    return NULL;
}

/* ---- Values ---- */

static const char *read_number(const char *text, lwsec_value *value)
{
    const bool negative = text[0] == '-';
    const char *digits = negative ? &text[1] : text;
    char *end = NULL;

    if (digits[0] < '0' || digits[0] > '9') {
        return "the value of this resource is a number";
    }
    errno = 0;
    const unsigned long long number = strtoull(digits, &end, 0);
    if (*end != '\0' || errno != 0 || (negative && value->type == LWSEC_VALUE_UNSIGNED) ||
        (value->type != LWSEC_VALUE_UNSIGNED && number > INT64_MAX)) {
        return "not a number that this resource can have";
    }
    value->unsigned_integer = number;
    if (value->type != LWSEC_VALUE_UNSIGNED) {
        value->integer = negative ? -(int64_t)number : (int64_t)number;
    }
    return NULL;
}

static const char *read_boolean(const char *text, lwsec_value *value)
{
    if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0) {
        value->integer = 1;
        return NULL;
    }
    return strcmp(text, "false") == 0 || strcmp(text, "0") == 0
               ? NULL
               : "the value of this resource is true or false";
}

/* 21:0 or /21/0, in quotation marks or without. */
static const char *read_link(const char *text, lwsec_value *value)
{
    char link[24];
    const char *at = link;
    const size_t length = strlen(text);
    const size_t quote = length >= 2 && text[0] == '"' && text[length - 1] == '"' ? 1 : 0;
    const int size = snprintf(link, sizeof link, "%s%.*s", text[quote] == '/' ? "" : "/",
                              (int)(length - 2 * quote), &text[quote]);

    if (size < 0 || (size_t)size >= sizeof link || !read_id(&at, '/', &value->link_object) ||
        (!read_id(&at, ':', &value->link_instance) && !read_id(&at, '/', &value->link_instance)) ||
        *at != '\0') {
        return "the value of this resource is a link, as in 21:0";
    }
    return NULL;
}

static const char *read_text(char *text, cli_bytes *bytes)
{
    const size_t length = strlen(text);
    size_t size = 0;
    size_t i = 1;

    bytes->data = cli_allocate(length + 1);
    for (; i < length && text[i] != '"'; i++) {
        if (text[i] == '\\' && (text[i + 1] == '"' || text[i + 1] == '\\')) {
            i++;
        }
        bytes->data[size++] = (uint8_t)text[i];
    }
    bytes->size = size;
    return i + 1 == length ? NULL : "a text ends with a quotation mark, and nothing behind it";
}

/* As the path says, or else beside the account file. */
static FILE *open_beside(const char *account, const char *path)
{
    char beside[PATH_LENGTH_MAX];
    const char *slash = strrchr(account, '/');
    FILE *file = fopen(path, "rb");

    if (file == NULL && slash != NULL && path[0] != '/' &&
        (size_t)snprintf(beside, sizeof beside, "%.*s/%s", (int)(slash - account), account, path) <
            sizeof beside) {
        file = fopen(beside, "rb");
    }
    return file;
}

static const char *read_file(const char *account, const char *path, cli_bytes *bytes)
{
    FILE *file = open_beside(account, path);

    if (file == NULL) {
        return "the file cannot be opened";
    }
    const char *wrong = cli_file_read(file, bytes);
    (void)fclose(file);
    return wrong;
}

static const char *read_bytes(const words *at, cli_bytes *bytes)
{
    if (at->value[0] == '"') {
        return read_text(at->value, bytes);
    }
    if (after(at->value, "hex:") != NULL) {
        const char *digits = after(at->value, "hex:");
        return cli_hex_read(digits, strlen(digits), bytes);
    }
    if (after(at->value, "file:") != NULL) {
        return read_file(at->file, after(at->value, "file:"), bytes);
    }
    if (after(at->value, "env:") != NULL) {
        const char *value = getenv(after(at->value, "env:"));
        return value != NULL ? cli_hex_read(value, strlen(value), bytes)
                             : "the environment variable is not set";
    }
    return "the value of this resource is \"text\", hex:, file: or env:";
}

static const char *read_value(const words *at, const lwsec_resource *resource, lwsec_value *value,
                              cli_bytes *bytes)
{
    const char *wrong = NULL;

    value->type = (lwsec_value_type)resource->type;
    if (resource->secret && after(at->value, "key:") != NULL) {
        value->type = LWSEC_VALUE_KEY;
        value->bytes = lwsec_bytes_of(&at->value[4], strlen(at->value) - 4);
        return NULL;
    }
    switch (value->type) {
    case LWSEC_VALUE_INTEGER:
    case LWSEC_VALUE_UNSIGNED:
    case LWSEC_VALUE_TIME: return read_number(at->value, value);
    case LWSEC_VALUE_BOOLEAN: return read_boolean(at->value, value);
    case LWSEC_VALUE_LINK: return read_link(at->value, value);
    case LWSEC_VALUE_NONE: return "this resource has no value";
    default:
        wrong = read_bytes(at, bytes);
        value->bytes = cli_view(bytes);
        return wrong;
    }
}

/* ---- Lines ---- */

static const char *set(lwsec_accounts *accounts, lwsec_path path, const lwsec_value *value)
{
    lwsec_reason reason = {LWSEC_WHY_NONE, 0};
    const lwsec_status status = lwsec_accounts_set(accounts, path, value, &reason);

    return status == LWSEC_OK ? NULL : lwsec_why_text(reason.why);
}

static const char *take(const words *at, lwsec_accounts *accounts)
{
    cli_bytes bytes = {NULL, 0};
    lwsec_value value = {.type = LWSEC_VALUE_NONE};
    lwsec_value before;
    lwsec_path path = {0, 0, 0, 0};

    const char *wrong = read_path(at->name, &path);
    if (wrong != NULL) {
        return wrong;
    }
    const lwsec_resource *resource = lwsec_resource_find(path.object, 0, path.resource);
    if (resource == NULL) {
        return "no such resource in objects 0, 1, 2, 21 or 23";
    }
    if (lwsec_accounts_get(accounts, path, &before) == LWSEC_OK) {
        return "the resource is set twice";
    }
    wrong = read_value(at, resource, &value, &bytes);
    if (wrong == NULL) {
        wrong = set(accounts, path, &value);
    }
    cli_bytes_free(&bytes);
    return wrong;
}

static const char *take_line(const char *file, char *text, lwsec_accounts *accounts)
{
    words at = {file, trim(text), NULL};

    if (at.name[0] == '\0' || at.name[0] == '#') {
        return NULL;
    }
    char *equals = strchr(at.name, '=');
    if (equals == NULL) {
        return "not a line of the form PATH = VALUE";
    }
    *equals = '\0';
    at.name = trim(at.name);
    cut_comment(&equals[1]);
    at.value = trim(&equals[1]);
    return take(&at, accounts);
}

const char *cli_account_parse(const char *file, char *text, lwsec_accounts *accounts,
                              unsigned *line)
{
    *line = 0;
    for (char *next = text; next != NULL;) {
        char *here = next;
        next = strchr(here, '\n');
        if (next != NULL) {
            *next++ = '\0';
        }
        ++*line;
        const char *wrong = take_line(file, here, accounts);
        if (wrong != NULL) {
            return wrong;
        }
    }
    return NULL;
}

static const char *read_all(const char *path, cli_bytes *content)
{
    if (strcmp(path, "-") == 0) {
        return cli_file_read(stdin, content);
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return "the file cannot be opened";
    }
    const char *wrong = cli_file_read(file, content);
    (void)fclose(file);
    return wrong;
}

/* The content has room for one more character. */
static int parse(const char *path, cli_bytes *content, cli_account *account)
{
    char what[32];
    unsigned line = 0;

    if (memchr(content->data, '\0', content->size) != NULL) {
        return cli_error("account file", "it holds a zero byte");
    }
    content->data[content->size] = '\0';
    const char *wrong = cli_account_parse(path, (char *)content->data, account->accounts, &line);
    (void)snprintf(what, sizeof what, "line %u", line);
    return wrong == NULL ? CLI_DONE : cli_error(what, wrong);
}

int cli_account_open(uint32_t flags, cli_account *account)
{
    const size_t size = lwsec_accounts_size(VALUES_MAX);
    const lwsec_accounts_config config = {.size = sizeof config,
                                          .flags = flags | (uint32_t)LWSEC_ACCOUNTS_LAX};
    const lwsec_reason none = {LWSEC_WHY_NONE, 0};

    account->accounts = NULL;
    account->memory = cli_allocate(size);
    const lwsec_status status =
        lwsec_accounts_init(account->memory, size, &config, &account->accounts);
    return status == LWSEC_OK ? CLI_DONE : cli_fail(status, &none);
}

int cli_account_fill(const char *path, cli_account *account)
{
    cli_bytes content = {NULL, 0};
    const char *wrong = read_all(path, &content);

    if (wrong != NULL) {
        return cli_error("account file", wrong);
    }
    const int answer = parse(path, &content, account);
    cli_bytes_free(&content);
    return answer;
}

int cli_account_read(const char *path, uint32_t flags, cli_account *account)
{
    int answer = cli_account_open(flags, account);

    if (answer == CLI_DONE) {
        answer = cli_account_fill(path, account);
    }
    if (answer != CLI_DONE) {
        cli_account_close(account);
    }
    return answer;
}

bool cli_account_has_servers(const lwsec_accounts *accounts)
{
    size_t position = 0;
    lwsec_path path;
    lwsec_value value;

    while (lwsec_accounts_next(accounts, &position, &path, &value)) {
        if (path.object == LWSEC_OBJECT_SERVER) {
            return true;
        }
    }
    return false;
}

void cli_account_close(cli_account *account)
{
    lwsec_accounts_close(&account->accounts);
    free(account->memory);
    account->memory = NULL;
}

/* ---- The argument ---- */

int cli_account_argument(int *argc, char **argv, const char *valued, const char **path)
{
    int kept = 0;
    bool helps = false;

    *path = NULL;
    for (int i = 0; i < *argc; i++) {
        const bool option = argv[i][0] == '-' && argv[i][1] != '\0';
        helps = helps || strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
        if (!option && *path == NULL) {
            *path = argv[i];
            continue;
        }
        const bool takes = option && valued != NULL && strcmp(argv[i], valued) == 0;
        argv[kept++] = argv[i];
        if (takes && i + 1 < *argc) {
            argv[kept++] = argv[++i];
        }
    }
    *argc = kept;
    return *path != NULL || helps ? CLI_DONE : cli_error("FILE", "is missing");
}
